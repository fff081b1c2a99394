"""Refuse a release that would show a small group. The last step before publishing, with no default-allow branch.

It reads the finished tables and the true counts, and works out by itself what a reader could compute with one
subtraction or one addition. It shares no code with the protection: neither ``pattern`` nor the tables the pattern was
made from. What it cannot judge it refuses. Messages name tables, measures and relations, never a value or a cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from aimline.disclosure.earlier import CELL, LAYER, layer_sql, with_earlier
from aimline.disclosure.layers import Readers
from aimline.disclosure.policy import Policy
from aimline.disclosure.release_audit import ReleaseAudit, audit_figures
from aimline.errors import DisclosureError
from schemas.policy import Readership, held_by
from schemas.published import (
    FIGURE_KEY,
    GAP_TEXT,
    POPULATIONS,
    TABLES,
    CountedAs,
    Table,
    figure_bits_sql,
    read_bits_sql,
)

FROZEN = "rpt_review_figures"
"""Figures of an earlier release, which passed this gate then; here only their gaps are checked again."""

_SHOWN_AT_MOST = 5
_REMEDY = "Nothing was published; the last release stays. Mend the measure or the relation that is named, build again."


class Reader(Protocol):
    """What the gate needs of a connection."""

    def execute(self, sql: str, parameters: Any = None) -> object:
        """Run a statement with what is bound to it."""

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a statement."""


@dataclass(frozen=True)
class Evidence:
    """What a release is judged on.

    Attributes:
        connection: Reads the snapshot's tables by their bare names, and the truth.
        truth: Qualified name of the standard measure rows, with the true counts.
        policy: Who counts as small.
        counted: What each measure counts.
        tables: Contracts of the published tables.
        audiences: How each audience is told figures, as declared.
        is_laid_out: Whoever held figures back laid out what is shown already.
        people: Qualified name of the people behind the figures, one row a layer, unit and person; None is nobody.
        marks: Qualified name of the digests of these people: layer, n_rows and mark; rows of a layer add up.
    """

    connection: Reader
    truth: str
    policy: Policy
    counted: Mapping[str, CountedAs] = field(default_factory=lambda: POPULATIONS)
    tables: Mapping[str, Table] = field(default_factory=lambda: TABLES)
    audiences: Sequence[Readership] = ()
    is_laid_out: bool = False
    people: str | None = None
    marks: str | None = None

    @property
    def figure_tables(self) -> list[Table]:
        """Return the tables that hold figures of today."""
        return [table for table in self.tables.values() if table.has_figures and table.name != FROZEN]


def release_gate(evidence: Evidence) -> None:
    """Let a snapshot pass, or refuse it.

    Raises:
        DisclosureError: A table breaks its contract, a hidden figure carries a number, one figure is shown here and
            hidden there, a shown group is small or has no count, or a hidden one can be computed.
    """
    _refuse(_contract_breaches(evidence))
    if not evidence.is_laid_out:
        lay_out(evidence)
    for check in (_gap_breaches, _telling_breaches, _fate_breaches, _path_breaches, _count_breaches, _sum_breaches):
        _refuse(check(evidence))


def audit_release(evidence: Evidence) -> ReleaseAudit:
    """Audit a snapshot that passed the gate: what every reader can derive of every population of people.

    Nothing is refused here; whoever asks must refuse what stays open.
    """
    policy = evidence.policy
    told = {each.audience_id: _held(each, evidence.audiences) for each in evidence.audiences}
    readers = Readers.of(
        [
            row | told.get(row["audience_id"], {})
            for row in evidence.connection.rows(
                "select audience_id, reader_unit_id, unit_id, unit_type from rpt_units order by all"
            )
        ],
        is_insider=policy.is_insider,
        coalition=policy.coalition,
    )
    rows = evidence.connection.rows(f"""
        select
            population_id, {layer_sql("truth")} as layer, cell_id, {", ".join(CELL)}, value, value_unit,
            numerator, denominator, n_people, fate = 'hidden' as is_hidden
        from gate_truth as truth
        where kind = 'persons' and fate <> 'unprinted'
    """)
    audited = audit_figures(rows, policy.thresholds, readers)
    return with_earlier(audited, evidence.connection, policy.thresholds, readers) if evidence.is_laid_out else audited


def _refuse(breaches: list[str]) -> None:
    if breaches:
        more = len(breaches) - _SHOWN_AT_MOST
        listed = "; ".join(breaches[:_SHOWN_AT_MOST]) + (f"; and {more} more" if more > 0 else "")
        raise DisclosureError(f"The release was refused: {listed}.", remedy=_REMEDY)


def _contract_breaches(evidence: Evidence) -> list[str]:
    """Find tables and columns that are not as their contract says, and keys that are null or repeated."""
    held: dict[str, list[tuple[str, str]]] = {}
    query = (
        "select table_name, column_name, lower(data_type) as kind from information_schema.columns "
        "where table_catalog = current_database() and table_schema = 'main' order by table_name, ordinal_position"
    )
    for row in evidence.connection.rows(query):
        held.setdefault(row["table_name"], []).append((row["column_name"], row["kind"]))
    breaches = [f"{name} is not a published table" for name in sorted(set(held) - set(evidence.tables))]
    for name, table in sorted(evidence.tables.items()):
        if held.get(name) != [(column.name, column.type) for column in table.columns]:
            breaches.append(f"{name} does not have the columns of its contract")
    return breaches or [
        f"{name}: {count} rows repeat or lack their key"
        for name, table in sorted(evidence.tables.items())
        if (count := _n_bad_keys(evidence, table))
    ]


def _n_bad_keys(evidence: Evidence, table: Table) -> int:
    key = ("audience_id", "reader_unit_id", *table.key)
    # DuckDB counts a distinct row only when no part of it is null, so one number holds both faults.
    whole = " and ".join(f"{column} is not null" for column in key)
    query = f"select count(*) - count(distinct ({', '.join(key)})) filter (where {whole}) as n from {table.name}"
    return int(evidence.connection.rows(query)[0]["n"])


def _gap_breaches(evidence: Evidence) -> list[str]:
    """Find hidden figures that carry a number or a status, and shown ones that pretend to be hidden."""
    breaches = []
    for table in evidence.tables.values():
        if not table.has_figures:
            continue
        filled = " or ".join(f"{column} is not null" for column in table.figure_columns)
        worded = f"value_text is distinct from '{GAP_TEXT}' or shown_as is distinct from 'suppressed'"
        query = (
            f"select count(*) as n from {table.name} where is_suppressed is null or (is_suppressed and ({filled} "
            f"or {worded} or coalesce(status, 'cannot tell') <> 'cannot tell')) or (not is_suppressed and "
            f"(value_text is null or value_text = '{GAP_TEXT}' or shown_as = 'suppressed'))"
        )
        if count := evidence.connection.rows(query)[0]["n"]:
            breaches.append(f"{table.name}: {count} figures are neither whole nor a gap")
    return breaches


def _held(audience: Readership, audiences: Sequence[Readership]) -> dict[str, Any]:
    """Return whose pages an audience holds besides, and whether its readers know their units."""
    included = held_by(audiences, audience.audience_id) - {audience.audience_id}
    return {"includes": ",".join(sorted(included)), "knows": audience.knows}


def _telling_breaches(evidence: Evidence) -> list[str]:
    """Find figures that say more than their audience is told: a count where bands are, a percent where words are."""
    told = [
        (each.audience_id, "n_text like 'n = %' or (value_unit = 'students' and value is not null)", "exact counts")
        for each in evidence.audiences
        if each.counts == "band"
    ] + [
        (each.audience_id, "value_unit = 'share' and value is not null", "exact shares")
        for each in evidence.audiences
        if each.shares == "words"
    ]
    unprotected = [each.audience_id for each in evidence.audiences if not each.protected]
    told += [(audience, "true", "figures, and is not protected") for audience in unprotected]
    people = sorted(name for name, each in evidence.counted.items() if each.kind == "persons")
    among = ", ".join(f"'{name}'" for name in people) or "''"
    breaches = []
    for table in evidence.figure_tables:
        for audience, condition, words in told:
            query = (
                f"select count(*) as n from {table.name} where audience_id = '{audience}' and measure_id in ({among}) "
                f"and ({condition})"
            )
            if evidence.connection.rows(query)[0]["n"]:
                breaches.append(f"{table.name}: audience '{audience}' has {words}")
    return breaches


def _fate_breaches(evidence: Evidence) -> list[str]:
    """Find cells that one table or reader shows and another hides, and figures without a true row behind them."""
    fates = (
        "select count(*) as n from (select cell_id from gate_shown where bits not in (from gate_held) "
        "group by cell_id, kind "
        "having count(distinct is_suppressed) > 1)"
    )
    untraced = (
        "select count(*) as n from gate_shown as shown where not exists (select 1 from gate_truth as truth "
        "where truth.bits = shown.bits and truth.cell_id = shown.cell_id)"
    )
    told = {fates: "cells are shown in one place and hidden in another", untraced: "figures have no row behind them"}
    return [f"{count} {words}" for query, words in told.items() if (count := evidence.connection.rows(query)[0]["n"])]


def _path_breaches(evidence: Evidence) -> list[str]:
    """Find aim lines of hidden figures: a path may be drawn from last year's figure and tell it."""
    query = """
        select count(*) as n
        from rpt_trajectories as path
        where exists (
            select 1 from gate_shown as shown
            where
                shown.is_suppressed and shown.indicator_id = path.indicator_id and shown.unit_type = path.unit_type
                and shown.unit_id = path.unit_id and shown.group_set_id = path.group_set_id
                and shown.group_id = path.group_id
        )
    """
    count = evidence.connection.rows(query)[0]["n"]
    return [f"rpt_trajectories: {count} points belong to hidden figures"] if count else []


def _count_breaches(evidence: Evidence) -> list[str]:
    """Find shown figures about a small group, about an unknown number of people, or of a measure nobody declared."""
    query = """
        select
            measure_id,
            count(*) filter (where kind is null) as n_undeclared,
            count(*) filter (where kind <> 'records' and n is null and value is not null) as n_uncounted,
            count(*) filter (where n between 1 and minimum - 1) as n_small
        from gate_truth
        where fate = 'shown'
        group by measure_id
        order by measure_id
    """
    told = {"n_undeclared": "that nobody declared", "n_uncounted": "without a count", "n_small": "about a small group"}
    return [
        f"measure {row['measure_id']}: {row[name]} figures {words} are shown"
        for row in evidence.connection.rows(query)
        for name, words in told.items()
        if row[name]
    ]


def _sum_breaches(evidence: Evidence) -> list[str]:
    """Find totals that give a hidden part away, and parts that give a hidden total away, to the last consequence.

    One pattern serves many figures, so a large group that is hidden for the sake of one may be known from its sums in
    another. That alone tells of nobody: it counts as shown then, and all sums are looked at again. Rooms have small
    numbers throughout, and nothing else is audited (``audit_release``), so there every gap must hold.
    """
    evidence.connection.execute(f"create or replace temp table gate_cells as {_cells_sql()}")
    evidence.connection.execute(f"create or replace temp table gate_pairs as {_PAIRS}")
    while True:
        evidence.connection.execute(f"create or replace temp table gate_sums as {_SUMS}")
        told = evidence.connection.rows(
            "select relation, measure_id, count(*) as n from gate_sums where is_breach group by all order by all"
        )
        learned = "(select learned from gate_sums where learned is not null)"
        if told or not evidence.connection.rows(f"select 1 as one from {learned} limit 1"):
            return [
                f"measure {row['measure_id']}, relation {row['relation']}: {row['n']} hidden figures could be computed"
                for row in told
            ]
        evidence.connection.execute(f"update gate_cells set is_known = true where cell_no in {learned}")


def _cells_sql() -> str:
    """Write the query for what a sum asks of each true row; cells and layers are numbered, and joined by number."""
    layer = ", ".join(LAYER)
    return f"""
        select
            row_number() over () as cell_no, layers.layer_no, {", ".join(CELL)}, truth.measure_id, truth.kind,
            truth.minimum, truth.n, truth.fate, truth.is_known
        from gate_truth as truth
        inner join (
            select {layer}, row_number() over () as layer_no from (select distinct {layer} from gate_truth)
        ) as layers
            on {" and ".join(f"layers.{name} = truth.{name}" for name in LAYER)}
    """


_PAIRS = """
    select 'school' as relation, total.cell_no as total_no, part.cell_no as part_no
    from gate_cells as total
    inner join gate_cells as part using (layer_no, group_set_id, group_id)
    where total.unit_type = 'district' and part.unit_type = 'school'
    union all
    select part.group_set_id as relation, total.cell_no as total_no, part.cell_no as part_no
    from gate_cells as total
    inner join gate_cells as part using (layer_no, unit_type, unit_id)
    where total.group_set_id = 'all' and part.group_set_id <> 'all'
"""
"""Every total with each of its parts: the district with its schools, all of a unit with each group of a set."""

_SUMS = """
    with sums as (
        select
            pairs.relation,
            pairs.total_no,
            count(*) filter (where not part.is_known and part.n > 0) as n_unseen,
            any_value(part.cell_no) filter (where not part.is_known and part.n > 0) as unseen_no,
            count(*) filter (where part.fate = 'hidden' and not part.is_known and part.n > 0) as n_hidden,
            count(*) filter (
                where part.fate = 'hidden' and part.n > 0 and (part.n < part.minimum or part.kind <> 'persons')
            ) as n_small,
            count(*) filter (where part.fate = 'unprinted' and part.n between 1 and part.minimum - 1) as n_lurking,
            coalesce(sum(part.n) filter (where not part.is_known), 0) as unseen,
            case when bool_and(part.n is not null) then sum(part.n) end as whole
        from gate_pairs as pairs
        inner join gate_cells as part on part.cell_no = pairs.part_no
        group by pairs.relation, pairs.total_no
    ),
    judged as (
        select
            sums.relation,
            total.measure_id,
            case when whole is null then 0 else greatest(total.n - whole, 0) end as rest,
            total.is_known
            and n_hidden + n_lurking + (rest between 1 and total.minimum - 1)::integer > 0
            and (
                unseen + rest < total.minimum
                or (n_unseen + (rest > 0)::integer = 1 and n_small + n_lurking > 0)
            ) as gives_part,
            not total.is_known and total.n > 0 and n_unseen + (rest > 0)::integer = 0 as gives_total,
            case
                when total.is_known and n_unseen = 1 and rest = 0 then unseen_no
                when gives_total then total.cell_no
            end as learned,
            gives_part or (
                gives_total and total.fate = 'hidden' and (total.n < total.minimum or total.kind <> 'persons')
            ) as is_breach
        from sums
        inner join gate_cells as total on total.cell_no = sums.total_no
    )
    select relation, measure_id, is_breach, learned from judged
"""
"""The query for every sum: whether it gives a small group away, and which large one it tells."""


def lay_out(evidence: Evidence) -> None:
    """Put what is shown and what is true side by side in two scratch tables of the connection."""
    parts = " union ".join(
        f"select distinct figure_id, cell_id, measure_id, indicator_id, school_year, period_kind, "
        f"period_ends_on, {', '.join(CELL)}, is_suppressed from {table.name}"
        for table in evidence.figure_tables
    )
    minimum = ", ".join(
        f"('{measure}', '{counted.kind}', {evidence.policy.minimum(counted.kind)})"
        for measure, counted in sorted(evidence.counted.items())
    )
    kinds = f"select * from (values {minimum}) as kinds (measure_id, kind, minimum)"
    run = evidence.connection.execute
    run("create temp table if not exists gate_held (bits ubigint)")
    run(
        "create or replace temp table gate_shown as "
        f"select shown.*, kinds.kind, {read_bits_sql('shown.figure_id')} as bits from ({parts}) as shown "
        f"left join ({kinds}) as kinds using (measure_id)"
    )
    run(f"""
        create or replace temp table gate_truth as
        with measured as (
            select
                {figure_bits_sql("row")} as bits,
                concat_ws('|', row.population_id, {", ".join(f"row.{name}" for name in CELL)}) as cell_id,
                {", ".join(f"row.{name}" for name in FIGURE_KEY)}, row.population_id,
                kinds.kind, kinds.minimum, row.value, row.value_unit, row.n_people,
                cast(row.numerator as double) as numerator, cast(row.denominator as double) as denominator,
                case kinds.kind when 'rooms' then row.n_observations when 'persons' then row.n_people end as n
            from {evidence.truth} as row
            left join ({kinds}) as kinds using (measure_id)
            where (row.measure_id, row.school_year, row.period_kind) in (
                select (measure_id, school_year, period_kind) from gate_shown
            )
        )
        select
            measured.*,
            case when fates.is_hidden is null then 'unprinted' when fates.is_hidden then 'hidden' else 'shown' end
                as fate,
            fates.ends_on,
            fates.is_hidden is not distinct from false as is_known
        from measured
        left join (
            select bits, bool_or(is_suppressed) as is_hidden, max(period_ends_on) as ends_on
            from gate_shown group by bits
        ) as fates
            using (bits)
    """)
