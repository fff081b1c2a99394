"""Turn table ``raw`` into the rows of an entity.

Works in one database of its own, table by table: ``raw`` -> ``ignored`` (records that are no rows) -> ``cells`` (text
of the declared columns) -> ``final`` (typed rows, one a record or one an unpivoted cell). Which records are refused is
decided in ``refusals``; a record is taken whole or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aimline.arrival import refusals
from aimline.arrival.cell_texts import (
    cleaned,
    has_negative_masks,
    unmasked,
)
from aimline.arrival.cell_types import Cell, Layout
from aimline.arrival.cells import cells_of, is_numbered
from aimline.arrival.codes import CodeList, compared
from aimline.arrival.contract_sql import CompiledContract
from aimline.arrival.people import Naming, name_people
from aimline.arrival.tallies import Few, recount, tally
from aimline.arrival.typed_rows import make_final, value_column
from aimline.arrival.windows import OUTSIDE, Judging
from aimline.arrival.years import spring_of
from aimline.warehouse import Connection, quote_ident, quote_literal
from schemas.fields import ENTITIES, KEYS

if TYPE_CHECKING:
    from schemas.source_tables import IgnoreRow, RowTest
    from schemas.sources import Source

_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"


@dataclass(frozen=True)
class Wide:
    """The unpivoted headings of a source.

    Attributes:
        names: What each becomes.
        places: The columns of ``raw`` they stand in.
        told: Column of the entity -> what each heading says of it, where headings are read by a pattern.
    """

    names: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_PLACES = {"group": "group_label", "yy": "school_year", "part": "measure_code"}


def wide_of(source: "Source", headings: Sequence[str], place: Mapping[str, int], items: Mapping[str, str]) -> Wide:
    """Return what is unpivoted in a table.

    Args:
        source: The declared source.
        headings: The headings of the table.
        place: Declared heading -> its column.
        items: Heading -> item of the instrument.
    """
    unpivot = source.unpivot
    if unpivot is None or unpivot.pattern is None:
        named = (unpivot.headings if unpivot else {}) | dict(items)
        return Wide(tuple(named.values()), tuple(place[heading] for heading in named))
    found = {number: unpivot.pattern.fullmatch(heading.strip()) for number, heading in enumerate(headings)}
    hits = {number: match for number, match in found.items() if match}
    columns = {column.name for column in ENTITIES[source.entity]} - {column.name for column in source.columns}
    told: dict[str, tuple[str, ...]] = {}
    for token in unpivot.pattern.groupindex:
        if (name := _PLACES.get(token, token)) in columns:
            told[name] = tuple(_token(name, match[token], source) for match in hits.values())
    return Wide(tuple(headings[number].strip() for number in hits), tuple(hits), told)


def _token(name: str, text: str, source: "Source") -> str:
    """Return what a place of a heading says of a column; of two digits of a year, the year of its spring."""
    if name != "school_year":
        return text
    label = source.school_year.label if source.school_year else "spanning"
    year = spring_of(text, label if label == "fall" else "spring")
    return str(year) if year else text


@dataclass(frozen=True)
class Shaping:
    """What it takes to make rows of one member.

    Attributes:
        connection: The database.
        layout: What reading depends on.
        contract: The contract of the entity.
        wide: What is unpivoted.
        n_columns: The columns of ``raw``.
        judging: The windows it may be of.
        is_large: Whether cells are read anew by each look at them, because keeping them would be dearer.
    """

    connection: Connection
    layout: Layout
    contract: CompiledContract
    wide: Wide
    n_columns: int
    judging: Judging | None = None
    is_large: bool = False

    @property
    def source(self) -> "Source":
        """Return the declared source."""
        return self.layout.source


@dataclass(frozen=True)
class Made:
    """What making rows found: how they were made, codes worth noting, lists of codes, columns that hold few texts."""

    shaping: Shaping
    notes: tuple[str, ...]
    lists: tuple[CodeList, ...]
    few: Few


def make_rows(shaping: Shaping, bad: Mapping[int, str], naming: Naming | None) -> Made:
    """Make ``ignored``, ``cells``, ``bad``, ``bad_cells`` and ``final`` of what is in ``raw``.

    Args:
        shaping: What it takes.
        bad: Number of a record -> code, of those refused whatever their cells say.
        naming: What ids of people become pseudonyms with; None where there are none, or they came as pseudonyms.
    """
    connection, entity = shaping.connection, shaping.source.entity
    _make_ignored(shaping)
    shaping, lists = _with_restyled_codes(shaping)
    cells = cells_of(shaping.layout)
    refusals.begin(connection, bad)
    _make_cells(shaping, cells)
    _ignore_previews(shaping, cells)
    _ignore_outside(shaping, cells)
    few = tally(connection, shaping.n_columns)
    of_few = make_final(shaping, cells, name_people(connection, cells, naming) if naming else {}, few)
    may_conflict = _ignore_duplicates(shaping, few)
    refusals.refuse_cells(connection, cells, KEYS[entity], few)
    if shaping.source.unpivot:
        value = value_column(shaping)
        code = "code_unknown" if value in shaping.source.codes else "mask_unknown"
        is_masked = has_negative_masks(shaping.source.format)
        alone = entity == "reference_figures"
        refusals.refuse_values(connection, value, code, refusals.Alone(alone, is_masked and alone))
    notes = refusals.refuse_rows(connection, shaping.contract, of_few)
    if may_conflict:
        refusals.refuse_conflicts(connection, shaping.contract)
    notes += refusals.submission_notes(connection, entity)
    notes += ["code_restyled"] if any(each.restyled for each in lists) else []
    return Made(shaping, tuple(notes), lists, few)


def _with_restyled_codes(shaping: Shaping) -> tuple[Shaping, tuple[CodeList, ...]]:
    """Compare the codes of every column that declares some, and take restyled ones for what they are."""
    source, lists, codes = shaping.source, [], dict(shaping.source.codes)
    for column, declared in source.codes.items():
        counts = _counts(shaping, column)
        found = compared(column, list(declared), counts)
        lists.append(found)
        codes[column] = {**declared, **{raw: declared[known] for raw, known in found.restyled.items()}}
    if not any(each.restyled for each in lists):
        return shaping, tuple(lists)
    layout = replace(shaping.layout, source=source.model_copy(update={"codes": codes}))
    return replace(shaping, layout=layout), tuple(lists)


def _counts(shaping: Shaping, column: str) -> dict[str, int]:
    """Return the texts of a column that has codes, with how many records have each."""
    unpivot, form = shaping.source.unpivot, shaping.source.format
    kept = "from raw where row_no not in (select row_no from ignored)"
    if unpivot and unpivot.value == column:
        cells = ", ".join(unmasked(cleaned(place, form), form) for place in shaping.wide.places)
        told = f"(select row_no, unnest([{cells}]) as told {kept})"
        counted = "count(distinct row_no)"
    else:
        cell = next((cell for cell in cells_of(shaping.layout) if cell.name == column), None)
        if cell is None or cell.places is None:
            return {}
        listed = "".join(f"c{place}, " for place in cell.places)
        told = f"(select {cell.text} as told, n from (select {listed}count(*) as n {kept} group by all))"
        counted = "sum(n)::bigint"
    query = f"select told, {counted} as n from {told} where told is not null group by told order by told"
    return {row["told"]: row["n"] for row in shaping.connection.rows(query)}


def _make_ignored(shaping: Shaping) -> None:
    """Name the records that are no rows; the first rule that holds counts."""
    rules = shaping.source.ignore_rows
    cases = [f"when {_rule(rule, shaping)} then {quote_literal(rule.name)}" for rule in rules]
    cases.append(f"when {_is_blank(shaping.n_columns)} then 'blank_row'")
    told = f"select row_no, case {' '.join(cases)} end as rule from raw"
    if shaping.is_large:  # of many records hardly one is named, and to ask for each which rule it is costs twice
        any_holds = dict.fromkeys([*(_rule(rule, shaping) for rule in rules), _is_blank(shaping.n_columns)])
        told += f" where {' or '.join(any_holds)}"
    shaping.connection.execute(f"create or replace temp table ignored as select * from ({told}) where rule is not null")


def _is_blank(n_columns: int) -> str:
    return "(" + " and ".join(f"trim(coalesce(c{number}, '')) = ''" for number in range(n_columns)) + ")"


def _rule(rule: "IgnoreRow", shaping: Shaping) -> str:
    if rule.builtin:
        return _is_blank(shaping.n_columns)
    form = shaping.source.format
    tests = (_test(cleaned(shaping.layout.place[heading], form), test) for heading, test in rule.when.items())
    return "(" + " and ".join(tests) + ")"


def _test(text: str, test: "RowTest") -> str:
    if test.equals is not None:
        return f"coalesce({text} = {quote_literal(test.equals)}, false)"
    if test.matches is not None:
        return f"coalesce(regexp_matches({text}, {quote_literal(test.matches)}), false)"
    return f"{text} is null"


def _make_cells(shaping: Shaping, cells: Sequence[Cell]) -> None:
    form = shaping.source.format
    texts = [f"{cell.text} as {cell.own}" for cell in cells]
    texts += [f"{cleaned(place, form)} as v{number}" for number, place in enumerate(shaping.wide.places)]
    kept = (
        f"select row_no, {', '.join(texts)} from raw "
        f"where row_no not in (select row_no from ignored) and row_no not in (select row_no from unread)"
    )
    if not shaping.is_large:
        shaping.connection.execute(f"create or replace temp table kept_cells as {kept}")
        kept = "from kept_cells"
    shaping.connection.execute(f"create or replace temp view cells as {kept}")


def _ignore_previews(shaping: Shaping, cells: Sequence[Cell]) -> None:
    """Ignore trial responses by the makers of a survey."""
    for cell in cells:
        if cell.name == "is_preview":
            _ignore(shaping, "preview", f"select row_no from cells where {cell.typed}")


def _ignore_outside(shaping: Shaping, cells: Sequence[Cell]) -> None:
    """Ignore responses that were sent outside their window."""
    if shaping.judging and (rows := shaping.judging.outside(cells, int(shaping.layout.facts.get("school_year", "0")))):
        _ignore(shaping, OUTSIDE, rows)


def _ignore_duplicates(shaping: Shaping, few: Few) -> bool:
    """Ignore records that say in every declared column what one above them says; return whether keys come twice.

    Records that say the same have the same key, so that where no key comes twice nothing else is asked. A record that
    has only its number for a name is one where nobody says whose it is: two strangers may agree.
    """
    connection, key = shaping.connection, KEYS[shaping.source.entity]
    numbered = {column.name for column in shaping.source.columns if is_numbered(column)}
    has_twins = refusals.has_twins(connection, key)
    if not numbered.intersection(key) and not has_twins:
        return False
    columns = [row["column_name"] for row in connection.rows("describe cells")][1:]
    is_named = "respondent_key" in columns
    names = [quote_ident(name) for name in columns if not (is_named and name in numbered)]
    listed = ", ".join(names)
    if not connection.rows(f"select 1 from cells group by {listed} having count(*) > 1 limit 1"):
        return has_twins
    same = " and ".join(f"cells.{name} is not distinct from twice.{name}" for name in names)
    twice = f"select min(row_no) as first_no, {listed} from cells group by {listed} having count(*) > 1"
    later = f"select cells.row_no from cells inner join ({twice}) as twice on {same} where cells.row_no > first_no"
    _ignore(shaping, "exact_duplicate", later)
    connection.execute("delete from final where row_no in (select row_no from ignored)")
    recount(connection, few)
    return has_twins


def _ignore(shaping: Shaping, rule: str, rows: str) -> None:
    """Add records to those ignored; a rule before may have named one."""
    run, known = shaping.connection.execute, "row_no not in (select row_no from ignored)"
    run(f"insert into ignored select row_no, {quote_literal(rule)} from ({rows}) where {known}")
    if not shaping.is_large:
        run("delete from kept_cells where row_no in (select row_no from ignored)")
