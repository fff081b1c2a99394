"""Write the typed rows of a table: ``cells`` -> ``final``, one row a record or one an unpivoted cell.

What holds few texts is read once for each of them. Part of ``rows``, which says in what order tables are made.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aimline.arrival.cell_texts import by_code, chosen, exact, published, state, unmasked, with_point
from aimline.arrival.cell_types import Cell
from aimline.arrival.pseudonyms import CONSENSUS
from aimline.arrival.tallies import FEW, Few
from aimline.warehouse import Connection, quote_ident, quote_literal
from schemas.fields import ENTITIES, TEXT, WITHDRAWN

if TYPE_CHECKING:
    from aimline.arrival.rows import Shaping

_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"


def make_final(shaping: "Shaping", cells: Sequence[Cell], names: Mapping[str, str], few: Few) -> frozenset[str]:
    """Write the typed rows in order of the file; ``names`` has the SQL of columns that are pseudonyms.

    Returns:
        The columns that hold few values, each combination of which is in table ``few_final`` as in ``final``.
    """
    shared = [cell for cell in cells if few.holds(cell.places) and cell.name not in names]
    typed = (
        {cell.name: cell.typed for cell in cells} | {cell.name: f"{FEW}.{cell.own}" for cell in shared} | dict(names)
    )
    if {"is_consensus", "rater_key"} <= typed.keys():
        label = quote_literal(CONSENSUS)
        typed["rater_key"] = f"case when {typed['is_consensus']} then {label} else {typed['rater_key']} end"
    listed = "".join(f", {value} as {quote_ident(name)}" for name, value in typed.items())
    come_from = _with_few(shaping.connection, cells, shared, few) if shared else ("cells", "")
    named = " positional join named" if names else ""
    rows = f"select cells.row_no{listed} from {come_from[0]}{named}{come_from[1]}"
    made = _made(shaping)
    finished = _finished(shaping, typed, made)
    flag = f"{withdrawn(typed)} as is_withdrawn"
    shaping.connection.execute(
        f"create or replace temp table final as select row_no, pos, told, {', '.join(finished.values())}, {flag} "
        f"from {_told(shaping, rows)}"
    )
    of_many = {*made, *typed}.difference(cell.name for cell in shared)
    of_few = [name for name in finished if name not in of_many] if shared and WITHDRAWN not in of_many else []
    if of_few:
        values = ", ".join([*(finished[name] for name in of_few), flag])
        shaping.connection.execute(f"create or replace temp table few_final as select {values} from {FEW}")
    return frozenset(of_few)


def _with_few(connection: Connection, cells: Sequence[Cell], shared: Sequence[Cell], few: Few) -> tuple[str, str]:
    """Read the cells that hold few texts once for each of their texts; write where the others and these come from."""
    places = [f"c{place}" for place in sorted(few.places)]
    texts = ", ".join([*places, *(f"{cell.text} as {cell.own}" for cell in shared)])
    values = ", ".join([*places, *(f"{cell.typed} as {cell.own}" for cell in shared)])
    connection.execute(f"create or replace temp table {FEW} as select {values} from (select {texts} from few)")
    others = ", ".join(["row_no", *places, *(f"{cell.text} as {cell.own}" for cell in cells if cell not in shared)])
    same = " and ".join(f"cells.{place} is not distinct from {FEW}.{place}" for place in places)
    return f"(select {others} from raw{_kept(connection)}) as cells", f" left join {FEW} on {same}"


def _kept(connection: Connection) -> str:
    """Write which records of ``raw`` are read as rows, where any is not."""
    told = connection.rows("select (select count(*) from ignored) + (select count(*) from unread) as n")[0]
    without = "row_no not in (select row_no from ignored) and row_no not in (select row_no from unread)"
    return f" where {without}" if told["n"] else ""


def withdrawn(typed: Mapping[str, str]) -> str:
    """Write whether a typed row is one the sender takes back; where a source has no such column none is."""
    return f"coalesce({quote_ident(WITHDRAWN)}, false)" if WITHDRAWN in typed else "false"


def _told(shaping: "Shaping", rows: str) -> str:
    """Write where typed rows come from: one a record, or one an unpivoted cell with what it told.

    Cells are spread in a narrow table of their own, which is joined with the typed rows: spreading all columns at once
    takes five times as long.
    """
    if shaping.source.unpivot is None:
        return f"(select *, 0 as pos, null::varchar as told from ({rows}))"
    connection, wide = shaping.connection, shaping.wide
    connection.execute(f"create or replace temp table typed as {rows}")
    values = ", ".join(f"v{number}" for number in range(len(wide.places)))
    lists = {"item": wide.names} | {f"of_{name}": texts for name, texts in wide.told.items()}
    spread = ", ".join(
        [
            f"unnest(range({len(wide.names)})) as pos",
            *(f"unnest([{', '.join(map(quote_literal, texts))}]) as {name}" for name, texts in lists.items()),
            f"unnest([{values}]) as said",
        ]
    )
    kept = "" if _keeps_empty(shaping) else "where told is not null"
    if several := shaping.source.unpivot.multi:  # of a question with several choices, what was not ticked is no answer
        kept = f"where said is not null or item not in ({', '.join(map(quote_literal, several))})"
    connection.execute(
        f"create or replace temp table spread as select *, {unmasked('said', shaping.source.format)} as told "
        f"from (select row_no, {spread} from cells) {kept}"
    )
    return "spread inner join typed using (row_no)"


def _keeps_empty(shaping: "Shaping") -> bool:
    """Say whether an empty unpivoted cell makes a row: an item left out does, an attribute nobody gave does not."""
    unpivot, entity = shaping.source.unpivot, shaping.source.entity
    if unpivot is None or entity == "responses":
        return True
    return next(column.is_nullable for column in ENTITIES[entity] if column.name == unpivot.value)


def _made(shaping: "Shaping") -> dict[str, str]:
    """Return the columns that the unpivoted cells fill: from ``told`` (text) and ``said`` (mask or text)."""
    unpivot, form = shaping.source.unpivot, shaping.source.format
    if unpivot is None:
        return {}
    made = {name: f"of_{name}" for name in shaping.wide.told}
    if unpivot.name not in made:
        made[unpivot.name] = "item"
    made[unpivot.value] = _value(shaping, unpivot.value)
    if shaping.source.entity == "reference_figures":
        made |= published("said", form)
    for column in shaping.source.columns:
        if column.when and column.when.heading == unpivot.value:
            made[column.name] = chosen(f"coalesce({state('said', form)}, 'missing')", column.when.values)
    if shaping.source.entity == "responses":
        left_out = state("said", form)
        made["answer_state"] = (
            f"case when told is not null then 'answered' when {left_out} in ('not_applicable', 'skipped') "
            f"then {left_out} else {quote_literal(unpivot.empty)} end"
        )
        value = made[unpivot.value]
        made[unpivot.value] = f"case when told is null then '' else {value} end"
    return made


def value_column(shaping: "Shaping") -> str:
    """Return the column that unpivoted cells fill; empty where nothing is unpivoted."""
    return shaping.source.unpivot.value if shaping.source.unpivot else ""


def _value(shaping: "Shaping", name: str) -> str:
    kind = next(column.field.type for column in ENTITIES[shaping.source.entity] if column.name == name)
    if codes := shaping.source.codes.get(name):
        return by_code("told", codes)
    if kind == TEXT:
        return "told"
    form = shaping.source.format
    told = with_point("told", form)
    scale = next((column.scale for column in shaping.source.columns if column.name == name), None)
    is_number = f"regexp_full_match({told}, {quote_literal(_NUMBER)})"
    scaled = f"{told} as decimal(18, 9)) * {exact(scale)}" if scale is not None else f"{told} as {kind})"
    return f"case when {is_number} then try_cast({scaled} end"


_EMPTY_SAYS_NONE = {("responses", "item_id"), ("responses", "option_value")}


def _finished(shaping: "Shaping", typed: Mapping[str, str], made: Mapping[str, str]) -> dict[str, str]:
    """Return every column of the entity in order: made from unpivoted cells, read, its default, or null."""
    found = {}
    for column in ENTITIES[shaping.source.entity]:
        name = quote_ident(column.name)
        default = "null" if column.default is None else quote_literal(column.default)
        value = made.get(column.name) or (name if column.name in typed else default)
        if column.name not in made and (shaping.source.entity, column.name) in _EMPTY_SAYS_NONE:
            value = f"coalesce({value}, '')"  # of an unpivoted cell null says that no list has its code
        found[column.name] = f"cast({value} as {column.field.type}) as {name}"
    return found
