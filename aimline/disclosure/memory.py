"""Hold figures whose people changed by a few since they were printed: two releases of one figure tell the difference.

A figure of a closed period is printed again only where in every group of its layer nobody joined or left, or as many
as no small group has, since each earlier release that printed it; where a group that was hidden would stand there now,
not either, nor where both releases tell a small group by sums. The whole layer is held: parts and total of one release
add up. Where nobody knows the people (sources that give counts, answers without names), net numbers are compared. What
earlier releases printed comes as rows; where it is kept is not known here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from aimline.disclosure.earlier import LAYER, layer_sql, told_together
from aimline.disclosure.gate import Evidence, lay_out
from aimline.disclosure.layers import Readers
from aimline.disclosure.people import Behind, lay_out_people
from aimline.warehouse import quote_literal
from schemas.published import FIGURE, GAP_TEXT, Table, read_bits_sql

Row = Mapping[str, Any]
HELD_WORDS = "updated figures appear when enough records have changed"
_BEFORE = "before"
_TOLD = (
    *("shown_as", "value", "value_text", "value_low", "value_high", "n_text", "interval_low", "interval_high"),
    *("expected", "target", "gap_to_expected", "change", "change_from", "change_low", "change_high", "status"),
    *("certainty", "reliability", "comparability", "comparability_reason", "is_suppressed", "quality_state"),
    *("hold_reason", "data_through_on"),
)
"""The columns of the figure block that say something of its value."""

_SHOWN_ONLY = ("rpt_alerts", "rpt_chart_points")
"""Tables in which a hidden figure has no row: that one is there would tell something of it."""

_MOVED = """
    select 1 as moved from gate_truth as now inner join gate_memory as old on old.figure_bits = now.bits
    where now.n_people is distinct from old.n or (old.status = 'suppressed' and now.fate = 'shown')
    limit 1
"""
"""Whether anything known moved at all: on most nights nothing did, and no sum need be looked at."""

_KEPT = {
    "figure_bits": "ubigint",
    "n": "bigint",
    "x": "double",
    "of_whom": "double",
    "value": "double",
    "status": "text",
}


@dataclass(frozen=True)
class Memory:
    """What earlier releases printed.

    Attributes:
        rows: Of each figure the newest row: figure_bits, n, x, of_whom, value, status (visible, suppressed,
            never_printed).
        as_of: The day of the release that is judged.
        how: Keep the figure last printed, or hide it.
        before: The snapshot of the release that readers see now.
        behind: The people behind what was printed; None where nobody kept them.
    """

    rows: Sequence[Row]
    as_of: date
    how: Literal["hold", "suppress"] = "hold"
    before: Path | None = None
    behind: Behind | None = None


def hold(evidence: Evidence, memory: Memory) -> int:
    """Hold what changed by a few in the snapshot of a connection; return how many figures over units and groups.

    The evidence is laid out afterwards, with the numbers that are printed.
    """
    lay_out(evidence)
    run = evidence.connection.execute
    _load(evidence, memory.rows)
    is_moved = lay_out_people(evidence, memory.behind, memory.as_of)
    if not is_moved and not evidence.connection.rows(_MOVED):
        return 0
    run(f"insert into gate_held_layers {_held_sql(evidence.policy.n_min)}")
    for layer in _told_together(evidence) if is_moved else ():
        run(f"insert into gate_held_layers values ({quote_literal(layer)})")
    n_held = int(evidence.connection.rows("select count(*) as n from gate_held_layers")[0]["n"])
    if not n_held:
        return 0
    held = f"{layer_sql('gate_truth')} in (from gate_held_layers)"
    run(f"insert into gate_held select bits from gate_truth where kind = 'persons' and {held}")
    is_kept = memory.how == "hold" and memory.before is not None and _fetch(evidence, memory.before)
    for table in evidence.figure_tables:
        for statement in _kept(table) if is_kept else _hidden(table):
            run(statement)
    lay_out(evidence)
    run(_PATHS)
    if is_kept:
        run(
            "update gate_truth set n = old.n, n_people = old.n, numerator = old.x, denominator = old.of_whom, "
            "value = old.value from gate_memory as old where old.figure_bits = gate_truth.bits and bits in "
            "(from gate_held)"
        )
        run(  # a group that came since is nobody in what stays as it was printed
            "update gate_truth set n = 0, n_people = 0, numerator = 0, denominator = 0, value = null "
            "where bits in (from gate_held) and bits not in (select figure_bits from gate_memory)"
        )
    return n_held


def _told_together(evidence: Evidence) -> list[str]:
    """Return the layers, of those that are not held yet, whose two releases tell a small group to whoever has all."""
    units = frozenset(row["unit_id"] for row in evidence.connection.rows("select distinct unit_id from gate_truth"))
    everybody = Readers({"everybody": units}, {})
    told = told_together(evidence.connection, evidence.policy.thresholds, everybody)
    return list(dict.fromkeys(layer for layer, _ in told))


def printed(evidence: Evidence) -> list[dict[str, Any]]:
    """Return what a judged release prints of closed periods that the memory does not hold so already."""
    return evidence.connection.rows(f"""
        with now as (
            select
                bits as figure_bits, population_id, cell_id, n_people as n, numerator as x, denominator as of_whom,
                value, coalesce(moves.n_joined, 0) as n_joined, coalesce(moves.n_left, 0) as n_left,
                case fate when 'shown' then 'visible' when 'hidden' then 'suppressed' else 'never_printed' end
                    as status
            from gate_truth as truth semi join gate_closed using ({", ".join(LAYER)})
            left join (from gate_moves where is_newest) as moves
                on
                    moves.layer = {layer_sql("truth")} and moves.unit_type = truth.unit_type
                    and moves.unit_id = truth.unit_id and moves.group_set_id = truth.group_set_id
                    and moves.group_id = truth.group_id
            where bits not in (from gate_held)
        )
        select now.* from now left join gate_memory as old using (figure_bits)
        where
            old.status is null
            or row(now.n, now.x, now.of_whom, now.value, now.status)
            is distinct from row(old.n, old.x, old.of_whom, old.value, old.status)
        order by figure_bits
    """)


def _load(evidence: Evidence, rows: Sequence[Row]) -> None:
    # One text in the query: DuckDB takes long over lists, and imports all of pandas for the first value bound.
    told = quote_literal(json.dumps([{name: row[name] for name in _KEPT} for row in rows]))
    shape = json.dumps([_KEPT])
    evidence.connection.execute(
        f"create or replace temp table gate_memory as select unnest(from_json({told}, '{shape}'), recursive := true)"
    )


def _held_sql(n_min: int) -> str:
    """Write the query for the layers whose people, or net numbers where nobody knows the people, moved by a few."""
    few = f"between 1 and {n_min - 1}"
    return f"""
        with cells as (
            select
                now.*, {layer_sql("now")} as layer, old.status, compared.layer is not null as is_by_person,
                coalesce(moves.n_most, 0) as n_most,
                coalesce(now.n_people, 0) - coalesce(old.n, 0) as moved,
                count(old.status) over (partition by {layer_sql("now")}) as n_known
            from (from gate_truth semi join gate_closed using ({", ".join(LAYER)})) as now
            left join gate_memory as old on old.figure_bits = now.bits
            left join gate_compared as compared on compared.layer = {layer_sql("now")}
            left join (
                select layer, unit_type, unit_id, group_set_id, group_id, min(greatest(n_joined, n_left)) as n_most
                from gate_moves group by all
            ) as moves
                on
                    moves.layer = {layer_sql("now")} and moves.unit_type = now.unit_type
                    and moves.unit_id = now.unit_id and moves.group_set_id = now.group_set_id
                    and moves.group_id = now.group_id
        ),
        sets as (
            select layer, unit_id, group_set_id, sum(moved) as moved, any_value(n_known) as n_known
            from cells where not is_by_person group by all
        ),
        rests as (
            select part.*, whole.moved - part.moved as rest
            from sets as part inner join sets as whole using (layer, unit_id)
            where whole.group_set_id = 'all' and part.group_set_id <> 'all'
        )
        select layer from cells
        where
            n_known > 0
            and (
                (not is_by_person and abs(moved) {few})
                or (
                    status = 'suppressed' and fate = 'shown'
                    and if(is_by_person, n_most, abs(moved)) < {n_min}
                )
            )
        union
        select layer from rests where n_known > 0 and abs(rest) {few}
        union
        select layer from gate_moves where n_joined {few} or n_left {few}
    """


def _fetch(evidence: Evidence, before: Path) -> bool:
    """Fetch the held figures as they were printed last; say whether the earlier release can tell."""
    connection = evidence.connection
    connection.execute(f"attach {quote_literal(str(before))} as {_BEFORE} (read_only)")
    names = {each.name for each in FIGURE}
    found: dict[str, set[str]] = {}
    query = f"select table_name, column_name from information_schema.columns where table_catalog = '{_BEFORE}'"
    for row in connection.rows(query):
        found.setdefault(row["table_name"], set()).add(row["column_name"])
    told = [each.name for each in evidence.figure_tables if names <= found.get(each.name, set())]
    if len(told) < len(evidence.figure_tables):
        return False
    columns = ", ".join(("audience_id", "reader_unit_id", "figure_id", *_TOLD))
    parts = " union all ".join(f"select {columns} from {_BEFORE}.main.{name}" for name in told)
    connection.execute(
        f"create or replace temp table gate_before as select distinct on (audience_id, reader_unit_id, figure_id) * "
        f"from ({parts}) where {read_bits_sql('figure_id')} in (from gate_held)"
    )
    return True


def _kept(table: Table) -> list[str]:
    """Write the statements that put the figures last printed in their places; what nobody printed has none."""
    own = f"{read_bits_sql(f'{table.name}.figure_id')} in (from gate_held)"
    same = " and ".join(f"{table.name}.{name} = old.{name}" for name in ("audience_id", "reader_unit_id", "figure_id"))
    told = ", ".join(f"{name} = old.{name}" for name in _TOLD)
    known = {each.name for each in FIGURE}
    extra = ", ".join(f"{name} = null" for name in table.figure_columns if name not in known)
    return [
        f"delete from {table.name} where {own} and not exists (select 1 from gate_before as old where {same})",
        f"update {table.name} set {told} from gate_before as old where {same}",
        *([f"update {table.name} set {extra} where {own}"] if extra else []),
        f"update {table.name} set hold_reason = '{HELD_WORDS}' where {own} and not is_suppressed",
        *([f"delete from {table.name} where {own} and is_suppressed"] if table.name in _SHOWN_ONLY else []),
    ]


def _hidden(table: Table) -> list[str]:
    """Write the statements that hide held figures."""
    own = f"{read_bits_sql('figure_id')} in (from gate_held)"
    if table.name in _SHOWN_ONLY:
        return [f"delete from {table.name} where {own}"]
    empty = ", ".join(f"{name} = null" for name in table.figure_columns)
    words = f"value_text = '{GAP_TEXT}', shown_as = 'suppressed', is_suppressed = true"
    status = "status = if(status is null, null, 'cannot tell')"
    return [f"update {table.name} set {empty}, {words}, {status} where {own}"]


_PATHS = """
    delete from rpt_trajectories as path where exists (
        select 1 from gate_shown as shown
        where
            shown.bits in (from gate_held) and shown.indicator_id = path.indicator_id
            and shown.unit_type = path.unit_type and shown.unit_id = path.unit_id
            and shown.group_set_id = path.group_set_id and shown.group_id = path.group_id and shown.is_suppressed
    )
"""
"""Leaves out the aim lines of figures that are hidden now: a path may tell the figure it begins at."""
