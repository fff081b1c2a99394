"""Refuse records: by a cell, by the contract, by what other deliveries and the calendar say. Fills table ``bad``.

``bad`` holds (row_no, code, column_name); a record in it is not accepted, whatever else of it is right. A cell is
refused once, under the first code that holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aimline.arrival.cell_texts import BOUNDED
from aimline.arrival.cell_types import Cell
from aimline.arrival.contract_sql import CompiledContract
from aimline.arrival.tallies import Few
from aimline.warehouse import Connection, quote_ident, quote_literal
from schemas.fields import ENTITIES, WITHDRAWN

WITH_SCHOOL_DAYS = frozenset({"attendance_events", "attendance_submissions", "attendance_counts"})
"""Entities whose rows are about a day of school."""

WITHOUT_LIST = frozenset({"attendance_counts", "reference_figures", "schools", "calendar_days"})
"""Entities that need no list of schools: published figures of a school that has closed since stay its figures."""

_FEW_SUBMITTED = ((0.9, "closed_or_not_reported"), (0.1, "submission_low"))

Failure = tuple[str, Sequence[str], str]
"""Code, columns, SQL condition that is true for a row that fails."""


def begin(connection: Connection, bad: Mapping[int, str]) -> None:
    """Begin the list of refused records with those refused whatever they say: number -> code; they are ``unread``."""
    connection.execute("create or replace temp table bad (row_no bigint, code varchar, column_name varchar)")
    if bad:
        connection.execute(
            "insert into bad select row_no, code, '' from (select unnest(cast($1 as bigint[])) as row_no, "
            "unnest(cast($2 as varchar[])) as code) where row_no not in (select row_no from ignored)",
            [list(bad), list(bad.values())],
        )
    connection.execute("create or replace temp table unread as select row_no from bad")


def refuse_cells(connection: Connection, cells: Sequence[Cell], key: Sequence[str], few: Few) -> None:
    """Refuse records with a cell that is missing, of another shape, or without a value of its type.

    Of a row that is taken back only its key must be right.
    """
    flag = next((cell for cell in cells if cell.name == WITHDRAWN), None)
    back = None if flag is None else f"coalesce(({flag.typed}), false)"
    told = {cell.name for cell in cells if few.holds(cell.places)}
    every: list[Failure] = []
    shared: list[Failure] = []
    for cell in cells:
        spared = "" if back is None or cell.name in {*key, WITHDRAWN} else f" and not {back}"
        own: list[Failure] = [(code, (cell.name,), f"({fails}){spared}") for code, fails in cell.failures()]
        every += own
        shared += own if {cell.name, *((WITHDRAWN,) if spared else ())} <= told else []
    texts = ", ".join(f"{cell.text} as {cell.own}" for cell in cells if cell.name in told)
    found = _failing(connection, f"(select {texts} from few)", shared)
    found += _failing(connection, "cells", [each for each in every if each not in shared])
    _list_failing(connection, "cells", [each for each in every if each in found])  # the first that holds counts


def refuse_rows(connection: Connection, contract: CompiledContract, of_few: frozenset[str]) -> list[str]:
    """Refuse typed rows by the contract, then by what other deliveries say, then by the calendar: in one scan.

    Args:
        connection: Holds ``final``.
        contract: What rows of the entity must be.
        of_few: Columns of which ``few_final`` has every combination: what is asked of them alone is asked there.

    Returns:
        What is worth noting about how days were judged.
    """
    days, notes = _days(connection, contract.entity)
    every = [*_by_contract(contract), *_orphans(connection, contract.entity), *days]
    shared = [each for each in every if of_few.issuperset(each[1])]
    found = _failing(connection, "few_final", shared)
    found += _failing(connection, "final", [each for each in every if each not in shared])
    _list_failing(connection, "final", [each for each in every if each in found])
    return notes


def _by_contract(contract: CompiledContract) -> Iterator[Failure]:
    """Yield how a row breaks its entity's contract; of one that is taken back, its key alone must be right."""
    for check in contract.checks:
        spared = "" if set(check.columns) <= set(contract.key) else " and not is_withdrawn"
        yield check.code, check.columns, f"({check.fails}){spared}"


@dataclass(frozen=True)
class Alone:
    """Whether a bad unpivoted cell is refused alone, its record staying, and whether a negative number is a mask."""

    is_alone: bool
    has_negative_masks: bool = False


def refuse_values(connection: Connection, column: str, code: str, how: Alone) -> None:
    """Refuse unpivoted cells that have no value of their type: the cell alone, or the record it stands in.

    Cells that are refused alone are moved from ``final`` to ``bad_cells``.
    """
    connection.execute(
        "create or replace temp table bad_cells (row_no bigint, pos integer, code varchar, item varchar)"
    )
    fails = f"told is not null and {quote_ident(column)} is null"
    if not how.is_alone:
        _refuse(connection, "final", [(code, (column,), fails)])
        return
    fails = f"({fails} and value_state = 'published')"
    if how.has_negative_masks:
        fails += f" or ({quote_ident(column)} < 0 and told not like '%.%')"
    named = f"case when regexp_matches(told, {quote_literal(BOUNDED)}) then 'bounded_text' else 'mask_unknown' end"
    connection.execute(f"insert into bad_cells select row_no, pos, {named}, measure_code from final where {fails}")
    if connection.rows("select 1 from bad_cells limit 1"):
        connection.execute(f"delete from final where {fails}")


def _orphans(connection: Connection, entity: str) -> Iterator[Failure]:
    """Yield how a row is of a school that no list has; without any list nobody can tell."""
    if entity in WITHOUT_LIST or not connection.rows("select 1 from known_schools limit 1"):
        return
    stray = "not in (select school_id from known_schools)"
    names = {column.name for column in ENTITIES[entity]}
    if "school_id" in names:
        yield "orphan_reference", ("school_id",), f"school_id is not null and school_id {stray}"
    if {"unit_type", "unit_id"} <= names:
        yield "orphan_reference", ("unit_id",), f"unit_type = 'school' and unit_id {stray}"


def has_twins(connection: Connection, key: Sequence[str]) -> bool:
    """Say whether rows of ``final`` may share a key, good or not; a digest of the key takes a third of its time."""
    digest = f"hash({', '.join(map(quote_ident, key))})"
    told = connection.rows(f"select count(*) as n, count(distinct {digest}) as n_keys from final")[0]
    return bool(told["n"] != told["n_keys"])


def refuse_conflicts(connection: Connection, contract: CompiledContract) -> None:
    """Refuse every record that shares its key with another that is good so far."""
    key = ", ".join(map(quote_ident, contract.key))
    good = "select * from final where row_no not in (select row_no from bad)"
    twice = f"select {key} from ({good}) group by all having count(*) > 1"
    if not connection.rows(f"select 1 from ({twice}) limit 1"):
        return
    same = " and ".join(
        f"good.{quote_ident(name)} is not distinct from twice.{quote_ident(name)}" for name in contract.key
    )
    connection.execute(
        f"insert into bad select distinct row_no, 'key_conflict', {quote_literal(contract.key[0])} "
        f"from ({good}) as good semi join ({twice}) as twice on {same}"
    )


def _days(connection: Connection, entity: str) -> tuple[list[Failure], list[str]]:
    """Return how a row is dated on a day without school, and what is worth noting about how days were judged.

    Where no calendar is declared, a day of published figures counts when at least half of the usual number of schools
    is in it; single students say nothing about a day.
    """
    if entity not in WITH_SCHOOL_DAYS:
        return [], []
    off = "select on_date from calendar where not is_instructional"
    is_presumed = False
    if entity == "attendance_counts":
        connection.execute(
            "create or replace temp table presumed as with days as (select on_date, count(distinct school_id) as n "
            "from final where on_date not in (select on_date from calendar) group by on_date) "
            "select on_date, 2 * n < (select median(n) from days) as is_off from days"
        )
        off += " union all select on_date from presumed where is_off"
        is_presumed = bool(connection.rows("select 1 from presumed limit 1"))
    fails: Failure = ("not_a_school_day", ("on_date",), f"on_date in ({off})")
    return [fails], ["calendar_presumed"] if is_presumed else []


def submission_notes(connection: Connection, entity: str) -> list[str]:
    """Return what is worth noting about days on which many schools did not submit."""
    if entity != "attendance_counts":
        return []
    shares = connection.rows(
        "select avg((status = 'not_submitted')::int) as share from final where row_no not in (select row_no from bad) "
        "group by on_date"
    )
    found = [next((code for least, code in _FEW_SUBMITTED if row["share"] > least), "") for row in shares]
    return [code for _, code in _FEW_SUBMITTED if code in found]


def _refuse(connection: Connection, table: str, failures: Sequence[Failure]) -> None:
    """Refuse the rows of a table that fail: count in one scan, list only what there is."""
    _list_failing(connection, table, _failing(connection, table, failures))


def _failing(connection: Connection, table: str, failures: Sequence[Failure]) -> list[Failure]:
    """Return the failures that some row of a table has."""
    if not failures:
        return []
    counts = ", ".join(f"count(*) filter (where {fails}) as f{n}" for n, (_, _, fails) in enumerate(failures))
    found = connection.rows(f"select {counts} from {table}")[0]
    return [failure for number, failure in enumerate(failures) if found[f"f{number}"]]


def _list_failing(connection: Connection, table: str, failures: Sequence[Failure]) -> None:
    """Add the rows of ``cells`` or ``final`` that fail to those refused, each cell once."""
    for code, columns, fails in failures:
        listed = ", ".join(map(quote_literal, columns))
        connection.execute(
            f"insert into bad select distinct row_no, {quote_literal(code)}, {quote_literal(columns[0])} from {table} "
            f"where ({fails}) and row_no not in (select row_no from bad where column_name in ({listed}))"
        )
