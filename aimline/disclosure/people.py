"""Compare the people behind the figures of two releases: who joined a group since, and who left it.

One student who leaves and one who joins leave every count as it was, and yet both releases together tell of them. So
each release keeps who was behind the figures of closed periods, by pseudonym, and a later one is laid beside all of
them. What is done about it is decided in ``memory``; what a reader could work out is judged in ``earlier``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.disclosure.earlier import CELL, LAYER, layer_sql
from aimline.disclosure.gate import Evidence
from aimline.errors import DisclosureError
from aimline.warehouse import quote_literal, valued

REST = "~"
"""The group of those whose own group no page prints."""

_ROWS = {"layer": "varchar", "mark": "varchar", "kept_in": "varchar"}


@dataclass(frozen=True)
class Behind:
    """Who was behind the figures of earlier releases.

    Attributes:
        rows: In the order they were written: layer, mark (a digest of its people), kept_in (the file that holds the
            people of this mark).
        folder: Where those files are.
    """

    rows: Sequence[Mapping[str, Any]]
    folder: Path

    def file(self, name: str) -> Path:
        """Return the path of a file."""
        return self.folder / f"{name}.parquet"


def closed_sql(as_of: date) -> str:
    """Write the query for the layers of periods that are over; a year so far is another figure every day."""
    return (
        f"select distinct {', '.join(LAYER)} from gate_truth where kind = 'persons' and fate <> 'unprinted' "
        f"and period_kind <> 'year_to_date' and ends_on < date '{as_of.isoformat()}'"
    )


def lay_out_people(evidence: Evidence, behind: Behind | None, as_of: date) -> bool:
    """Put who joined and who left since each earlier release into ``gate_moves``; say whether anybody did.

    Reads ``gate_truth``. Layers that are compared by their people stand in ``gate_compared``; where a source gives
    counts alone, or people answer without names, nobody can be compared.

    Raises:
        DisclosureError: The file of an earlier release's people is gone.
    """
    run = evidence.connection.execute
    named = f"select {layer_sql('each')} as layer, * from ({closed_sql(as_of)}) as each"
    run(f"create or replace temp table gate_closed as {named}")
    run("create or replace temp table gate_held_layers (layer varchar)")
    run(f"""
        create or replace temp table gate_marks as
        select closed.layer, cast(sum(marks.n_rows) as bigint) || ' ' || sum(marks.mark) as mark
        from {evidence.marks or _NO_MARKS} as marks inner join gate_closed as closed using ({", ".join(LAYER)})
        group by closed.layer
    """)
    known = behind.rows if behind else ()
    values = valued(([row[name] for row in known] for name in _ROWS), _ROWS)
    run(f"create or replace temp table gate_behind as select row_number() over () as place, * from ({values})")
    run(_COMPARED)
    run(_VERSIONS)
    run(_NO_MOVES)
    kept = evidence.connection.rows("select distinct kept_in from gate_versions order by kept_in")
    if not kept or behind is None:
        return False
    lost = [row["kept_in"] for row in kept if not behind.file(row["kept_in"]).is_file()]
    if lost:
        raise DisclosureError(
            f"Nobody knows any more who was behind figures of {lost[0].rpartition('-')[0]}. Nothing was published.",
            remedy=f"Put {behind.folder.name}/{lost[0]}.parquet of the state root back from a copy.",
        )
    files = ", ".join(quote_literal(str(behind.file(row["kept_in"]))) for row in kept)
    run(_now_sql(_people_of(evidence, "select layer from gate_versions")))
    run(_then_sql(files))
    for side in ("now", "then"):
        run(_grouped_sql(side))
    run(_MOVES)
    return True


def keep_people(evidence: Evidence, folder: Path, release_id: str) -> list[dict[str, Any]]:
    """Write the people behind what a judged release prints anew, where no earlier file has them; call what it prints.

    Args:
        evidence: As ``lay_out_people`` and ``hold`` left it.
        folder: Where a file is written, if anybody is new; named after the release and what is in it.
        release_id: The release.

    Returns:
        Rows with layer, mark and kept_in, as ``Behind`` has them.
    """
    rows = evidence.connection.rows(_NEW)
    new = sorted({row["mark"] for row in rows if row["kept_in"] is None})
    if not new:
        return rows
    name = f"{release_id}-{sha256(chr(10).join(new).encode()).hexdigest()[:10]}"
    people = _people_of(evidence, f"select layer from ({_NEW}) where kept_in is null")
    evidence.connection.execute(f"""
        copy (
            with new as (select min(layer) as layer, mark from ({_NEW}) where kept_in is null group by mark)
            select new.mark, people.unit_type, people.unit_id, people.student_no, people.groups
            from {people} as people
            inner join gate_closed as closed using ({", ".join(LAYER)})
            inner join new on closed.layer = new.layer
            order by all
        ) to {quote_literal(str(folder / f"{name}.parquet"))} (format parquet, compression zstd)
    """)
    return [row | {"kept_in": row["kept_in"] or name} for row in rows]


def _people_of(evidence: Evidence, layers: str) -> str:
    """Write the people of the periods of some layers: of a view over all of them, asking for few costs little."""
    periods = evidence.connection.rows(f"select distinct period_id from gate_closed where layer in ({layers})")
    named = ", ".join(sorted(quote_literal(row["period_id"]) for row in periods)) or "null"
    return f"(select * from {evidence.people or _NOBODY} where period_id in ({named}))"


_NO_LAYER = ", ".join(f"cast(null as {'integer' if name == 'school_year' else 'varchar'}) as {name}" for name in LAYER)
_NOBODY = f"(select {_NO_LAYER}, '' as unit_type, '' as unit_id, 0::ubigint as student_no, '' as groups where false)"
_NO_MARKS = f"(select {_NO_LAYER}, 0 as n_rows, 0::hugeint as mark where false)"

_COMPARED = """
    create or replace temp table gate_compared as
    select
        closed.layer, coalesce(marks.mark, '') as mark,
        arg_max(behind.mark, behind.place) as newest,
        coalesce(marks.mark, '') <> arg_max(behind.mark, behind.place) as is_changed
    from gate_closed as closed
    inner join gate_behind as behind on closed.layer = behind.layer
    left join gate_marks as marks on closed.layer = marks.layer
    group by closed.layer, marks.mark
"""

_VERSIONS = """
    create or replace temp table gate_versions as
    select
        behind.layer, behind.mark, max(behind.place) as place, any_value(behind.kept_in) as kept_in,
        behind.mark = any_value(compared.newest) as is_newest
    from gate_behind as behind
    inner join gate_compared as compared on behind.layer = compared.layer
    where compared.is_changed and behind.mark <> compared.mark
    group by behind.layer, behind.mark
"""
"""Every earlier state of the people of a layer that has others now."""


_NO_MOVES = """
    create or replace temp table gate_moves (
        layer varchar, mark varchar, is_newest boolean, unit_type varchar, unit_id varchar, group_set_id varchar,
        group_id varchar, n_joined bigint, n_left bigint
    )
"""


def _now_sql(people: str) -> str:
    return f"""
        create or replace temp table gate_now as
        select closed.layer, people.unit_type, people.unit_id, people.student_no, people.groups
        from {people} as people
        inner join gate_closed as closed using ({", ".join(LAYER)})
        where closed.layer in (select layer from gate_versions)
    """


def _then_sql(files: str) -> str:
    return f"""
        create or replace temp table gate_then as
        select versions.layer, versions.mark, people.unit_type, people.unit_id, people.student_no, people.groups
        from read_parquet([{files}], filename = true) as people
        inner join gate_versions as versions
            on people.mark = versions.mark and ends_with(people.filename, versions.kept_in || '.parquet')
    """


def _grouped_sql(side: str) -> str:
    """Write the table of people by printed group: those of no printed group of a set are its rest."""
    mark = "people.mark, " if side == "then" else ""
    using = f"layer, {'mark, ' if side == 'then' else ''}unit_type, unit_id"
    return f"""
        create or replace temp table gate_{side}_cells as
        with printed as (
            select distinct {layer_sql("truth")} as layer, unit_type, unit_id, group_set_id, group_id
            from gate_truth as truth
            where fate <> 'unprinted' and layer in (select layer from gate_versions)
        ),
        sets as (select distinct layer, unit_type, unit_id, group_set_id from printed),
        parts as (
            select
                * exclude (groups, part), split_part(part, '=', 1) as group_set_id, split_part(part, '=', 2) as group_id
            from (
                select *, unnest(list_prepend('all=all', string_split(groups, ','))) as part from gate_{side}
            )
        )
        select
            people.layer, {mark}people.unit_type, people.unit_id, people.student_no, sets.group_set_id,
            coalesce(printed.group_id, '{REST}') as group_id
        from gate_{side} as people
        inner join sets using (layer, unit_type, unit_id)
        left join parts using ({using}, student_no, group_set_id)
        left join printed
            on
                printed.layer = people.layer and printed.unit_type = people.unit_type
                and printed.unit_id = people.unit_id and printed.group_set_id = sets.group_set_id
                and printed.group_id = parts.group_id
    """


_CELL = ", ".join(CELL)

_MOVES = f"""
    insert into gate_moves
    with now as (
        select versions.mark, now.* from gate_now_cells as now inner join gate_versions as versions using (layer)
    )
    select
        layer, mark, versions.is_newest, {_CELL},
        count(*) filter (before.student_no is null) as n_joined,
        count(*) filter (now.student_no is null) as n_left
    from now
    full join gate_then_cells as before using (layer, mark, {_CELL}, student_no)
    inner join gate_versions as versions using (layer, mark)
    group by layer, mark, versions.is_newest, {_CELL}
"""

_NEW = """
    select
        marks.layer, marks.mark,
        (select any_value(behind.kept_in) from gate_behind as behind where behind.mark = marks.mark) as kept_in
    from gate_marks as marks
    left join gate_compared as compared on marks.layer = compared.layer
    where
        (compared.layer is null or compared.is_changed)
        and marks.layer not in (select layer from gate_held_layers)
    order by marks.layer
"""
