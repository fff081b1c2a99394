"""Write what became of a member: accepted rows, and refused records with their reasons. Equal content, equal bytes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aimline.arrival.bench import Bench
from aimline.arrival.delivery import Delivery
from aimline.storage import encrypt
from aimline.warehouse import Connection, quote_ident, quote_literal, valued
from schemas.fields import ENTITIES, ENVELOPE

if TYPE_CHECKING:
    from aimline.arrival.outcome import Outcome
    from schemas.sources import Source

_YEAR_OF = {
    "attendance_events": "on_date",
    "attendance_submissions": "on_date",
    "attendance_counts": "on_date",
    "calendar_days": "on_date",
    "student_attributes": "valid_from",
    "schools": "valid_from",
    "rooms": "valid_from",
    "activities": "on_date",
    "walkthroughs": "on_date",
    "pd_attendance": "on_date",
    "rubric_ratings": "rated_on",
}
"""The date that says which school year a row belongs to, where it has no school year and the delivery's must not."""

PARQUET = "(format parquet, compression zstd, compression_level 1, row_group_size 122880)"
_PLACE = re.compile(r"\{(\w+)\}")


def used_facts(source: "Source", facts: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of a delivery's name on which its rows and slots depend: equal bytes with other ones differ."""
    columns = {column.name for column in ENTITIES[source.entity]}
    names = {column.fact for column in source.columns if column.fact}
    names |= {name for column in source.columns for name in _PLACE.findall(column.value or "")}
    slot = set(_PLACE.findall(source.load.slot)) - columns
    names |= slot - {"school_year"} if source.entity in _YEAR_OF else slot
    return {name: facts[name] for name in sorted(names) if name in facts}


def accepted_key(entity: str, batch_id: str) -> str:
    """Return the key of a batch's rows in the state root."""
    return f"accepted/{entity}/batch={batch_id}/part-0.parquet"


def refused_key(entity: str, batch_id: str) -> str:
    """Return the key of a batch's refused records in the state root."""
    return f"quarantine/{entity}/batch={batch_id}/rows.parquet"


def write_accepted(bench: Bench, delivery: Delivery, outcome: "Outcome", facts: Mapping[str, str]) -> "Outcome":
    """Write the good rows of ``final``; return the outcome with their number."""
    source, connection = delivery.source, bench.connection
    slot = replaced_slot(source, facts)
    at = delivery.received_at.replace(tzinfo=None).isoformat(sep=" ")
    envelope = (
        quote_literal(bench.deployment.district.district_id),
        quote_literal(source.source_id),
        quote_literal(outcome.batch_id),
        f"timestamp '{at}'",
        "row_no",
        "is_withdrawn",
        slot,
    )
    listed = ", ".join(quote_ident(column.name) for column in ENTITIES[source.entity])
    named = ", ".join(
        f"cast({value} as {field.type}) as {quote_ident(field.name)}"
        for value, field in zip(envelope, ENVELOPE, strict=True)
    )
    target = bench.work / "accepted"
    order = "" if _is_in_order(connection) else " order by row_no, pos"
    body = f"select {listed}, {named} {_GOOD}{order}"
    n_rows = connection.rows(f"copy ({body}) to {quote_literal(str(target))} {PARQUET}")[0]["Count"]
    bench.store.put_if_absent(accepted_key(source.entity, outcome.batch_id), target)
    return replace(outcome, n_rows=n_rows)


def _is_in_order(connection: Connection) -> bool:
    """Say whether ``final`` has the order of its file already: to sort it anew would double the time of writing."""
    before = "select row_no, pos, lag((row_no, pos)) over () as before from final"
    return not connection.rows(f"select 1 from ({before}) where (row_no, pos) < before limit 1")


@dataclass(frozen=True)
class Slots:
    """The good rows of each slot, by which deliveries are compared, and all that a delivery speaks for."""

    sizes: Mapping[str, int]
    covered: tuple[str, ...]


def slots_of(connection: Connection, source: "Source", facts: Mapping[str, str]) -> Slots:
    """Return how the good rows of a delivery lie in slots; a wide record counts once."""
    columns = {column.name for column in ENTITIES[source.entity]}
    slot = slot_sql(source.entity, source.load.slot, columns, facts)
    is_wide = source.unpivot is not None and connection.rows("select 1 from final where pos > 0 limit 1")
    n = "count(distinct row_no)" if is_wide else "count(*)"
    rows = connection.rows(f"select {slot} as slot, {n} as n {_GOOD} group by 1 order by 1")
    sizes = {row["slot"]: row["n"] for row in rows}
    covered = tuple(sizes) if source.load.coverage is None else covered_slots(connection, source, facts)
    if not covered and not _PLACE.search(source.load.slot):
        covered = (source.load.slot,)  # nothing at all replaces all there was
    return Slots(sizes, covered)


_GOOD = "from final where row_no not in (select row_no from bad)"


_SCHOOL = "/{school_id}"


def _covered(source: "Source") -> tuple[str, bool]:
    """Return the template of what a row's delivery replaces, schools aside, and whether schools belong to it."""
    coverage = source.load.coverage
    if coverage is None:
        return source.load.slot, False
    days = [f"{{{name}}}" for name in coverage.dates if f"{{{name}}}" not in source.load.slot]
    columns = {column.name for column in ENTITIES[source.entity]}
    has_school = coverage.schools == "file" and "school_id" in columns and "{school_id}" not in source.load.slot
    return "/".join([source.load.slot, *days]), has_school


def replaced_slot(source: "Source", facts: Mapping[str, str]) -> str:
    """Write what of earlier deliveries a row's delivery replaces: the row's slot, or what the source says it covers."""
    template, has_school = _covered(source)
    columns = {column.name for column in ENTITIES[source.entity]}
    return slot_sql(source.entity, template + (_SCHOOL if has_school else ""), columns, facts)


def covered_slots(connection: Connection, source: "Source", facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return everything a delivery speaks for: each of its days with each of its schools, rows or none."""
    template, has_school = _covered(source)
    columns = {column.name for column in ENTITIES[source.entity]}
    own = slot_sql(source.entity, template, columns, facts)
    days = [row["slot"] for row in connection.rows(f"select distinct {own} as slot {_GOOD} order by 1")]
    if not has_school:
        return tuple(days)
    schools = connection.rows(f"select distinct school_id {_GOOD} and school_id is not null order by 1")
    return tuple(sorted(f"{day}/{row['school_id']}" for day in days for row in schools))


def profile_key(entity: str, batch_id: str) -> str:
    """Return the key of the description of a batch's columns in the state root."""
    return f"accepted/{entity}/batch={batch_id}/profile.json"


def write_profile(bench: Bench, entity: str, batch_id: str, profile: Mapping[str, Any]) -> None:
    """Keep the description of the columns, with which the next delivery is compared."""
    text = json.dumps(profile, sort_keys=True, ensure_ascii=False).encode() + b"\n"
    bench.store.put_if_absent(profile_key(entity, batch_id), text)


def slot_sql(entity: str, template: str, columns: set[str], facts: Mapping[str, str]) -> str:
    """Write the slot of a row: places of the template are columns, the row's school year, or facts of the delivery."""
    parts, end = [], 0
    for place in _PLACE.finditer(template):
        parts += [quote_literal(template[end : place.start()]), _place(entity, place[1], columns, facts)]
        end = place.end()
    parts.append(quote_literal(template[end:]))
    return "(" + " || ".join(part for part in parts if part != "''") + ")" if parts != ["''"] else "''"


def _place(entity: str, name: str, columns: set[str], facts: Mapping[str, str]) -> str:
    if name in columns:
        return f"cast({quote_ident(name)} as varchar)"
    if name == "school_year" and entity in _YEAR_OF:
        day = quote_ident(_YEAR_OF[entity])
        return f"cast(year({day}) + (month({day}) >= 7)::int as varchar)"
    return quote_literal(facts.get(name, ""))


def write_refused(bench: Bench, entity: str, batch_id: str, ragged: Mapping[int, Sequence[str]]) -> None:
    """Write the refused records: number, codes, columns, and the record itself under the quarantine key."""
    records = _sealed(bench, batch_id, ragged)
    sealed = valued([records, (each.hex() for each in records.values())], {"row_no": "bigint", "told": "varchar"})
    target = bench.work / "refused"
    body = (
        f"select {quote_literal(batch_id)} as batch_id, row_no, codes, columns, unhex(told) as row_enc "
        f"from ({_REASONS}) left join ({sealed}) using (row_no) order by row_no"
    )
    bench.connection.execute(f"copy ({body}) to {quote_literal(str(target))} {PARQUET}")
    bench.store.put_if_absent(refused_key(entity, batch_id), target)


_COUNTED = "select row_no, count(*) as n, min(code) as code, min(column_name) as name from bad group by row_no"
_REASONS = (  # most records have one reason; to order those of each costs more than all the rest of writing
    f"select row_no, [code] as codes, [name] as columns from ({_COUNTED}) where n = 1 union all "
    "select row_no, list(code order by rowid), list(column_name order by rowid) from bad "
    f"where row_no in (select row_no from ({_COUNTED}) where n > 1) group by row_no"
)


def _sealed(bench: Bench, batch_id: str, ragged: Mapping[int, Sequence[str]]) -> dict[int, bytes]:
    """Return the refused records as they came, each sealed for its place; none without a key."""
    if bench.quarantine_key is None:
        return {}
    found = bench.connection.rows("select * from raw where row_no in (select row_no from bad)")
    sealed = {}
    for row in found:
        number = row.pop("row_no")
        cells: Any = ragged.get(number, list(row.values()))
        context = f"{batch_id}:{number}".encode()
        sealed[number] = encrypt(bench.quarantine_key, json.dumps(cells, ensure_ascii=False).encode(), context)
    return sealed
