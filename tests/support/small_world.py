"""A tiny district in a state root of its own: accepted rows and journal events from plain Python, then a build.

Nothing arrives here: rows are written as the door would have left them, so a test of SQL says only what it is about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline import transform
from aimline._measure_rows import ATTENDANCE_KINDS, _policy, default_profile, profile_row
from aimline._row_parts import ratio
from aimline.clock import Clock, clock_for
from aimline.journal import Event, Journal, open_journal
from aimline.storage import LocalStore, open_store
from aimline.warehouse import MEMORY, connect, quote_ident, quote_literal
from schemas.declared import DECLARED
from schemas.district import Signals
from schemas.fields import ENTITIES, ENVELOPE, duckdb_columns
from schemas.profiles import Profile

Row = Mapping[str, Any]
DISTRICT = "tiny"
ZONE = "America/Chicago"
GATES = {"school_day_gate": "98/100", "district_day_gate": "9/10", "period_gate": "19/20", "measured_share": "9/10"}
FEDERAL = Profile(profile_id="us-edfacts-195", use="shipped")


def weekdays(first: date, count: int) -> list[date]:
    """Return the first weekdays from a day on."""
    days = (first + timedelta(days=n) for n in range(2 * count + 7))
    return [day for day in days if day.weekday() < 5][:count]


def _year_of(day: date) -> int:
    return day.year + (day.month >= 7)


def _slot(entity: str, row: Row) -> str:
    """Return what a row's delivery replaces, as Riverbend's sources declare it."""
    if "on_date" in row and entity not in {"walkthroughs", "activities", "calendar_days"}:
        return row["on_date"].isoformat()
    if entity == "calendar_days":
        return str(_year_of(row["on_date"]))
    return str(row["school_year"]) if "school_year" in row else "all"


@dataclass
class World:
    """One district: land rows, build, look.

    Attributes:
        root: Its state root.
        journal: Its record, open until ``close``.
        today: The day deliveries come and builds know of, unless they say otherwise.
    """

    root: Path
    today: date = date(2026, 9, 1)
    store: LocalStore = field(init=False)
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        """Open store and journal."""
        self.store = open_store(self.root)
        self.journal = open_journal(self.store)

    def close(self) -> None:
        """Let go of the journal."""
        self.journal.close()

    def clock(self, on: date | None = None) -> Clock:
        """Return the clock of a night."""
        return clock_for(ZONE, time(4, 30), on or self.today)

    def land(self, entity: str, rows: Iterable[Row], *, source_id: str = "", load_mode: str = "full") -> str:
        """Accept one delivery of today; the slots of a full one are those its rows name.

        Returns:
            The batch id.
        """
        source_id = source_id or ("declared" if entity in DECLARED else entity)
        return self._accept((entity, source_id, load_mode), list(rows))

    def empty(self, entity: str, slots: Sequence[str], *, source_id: str = "") -> str:
        """Accept a full delivery that holds nothing, which empties its slots."""
        return self._accept((entity, source_id or entity, "full"), [], slots)

    def _accept(self, names: tuple[str, str, str], rows: list[Row], slots: Sequence[str] = ()) -> str:
        entity, source_id, load_mode = names
        received = datetime.combine(self.today, time(4, 30), UTC) + timedelta(minutes=len(self.journal.events()))
        content = repr((entity, source_id, received.isoformat(), [sorted(row.items()) for row in rows], slots))
        batch_id = sha256(content.encode()).hexdigest()[:16]
        filled = [_filled(entity, row, number) for number, row in enumerate(rows, 1)]
        named = sorted({row["slot"] for row in filled} | set(slots)) if load_mode == "full" else []
        shared = {"district_id": DISTRICT, "source_id": source_id, "batch_id": batch_id}
        shared |= {"received_at": received.replace(tzinfo=None)}
        path = self.store.path(f"accepted/{entity}/batch={batch_id}/part-0.parquet")
        _write(path, _columns(entity), [shared | row for row in filled])
        payload = {"batch_id": batch_id, "source_id": source_id, "entity": entity, "load_mode": load_mode}
        payload |= {"slots": named, "received_at": received.isoformat(), "n_accepted": len(rows)}
        payload |= {"n_received": len(rows), "n_quarantined": 0, "n_ignored": 0, "quarantined": {}, "ignored": {}}
        payload |= {"name": f"{entity}.csv", "sha256": batch_id, "notes": [], "expected_on": None}
        self.tell("batch_accepted", batch_id, payload, at=received)
        return batch_id

    def tell(self, kind: str, subject_id: str, payload: Row, *, at: datetime | None = None) -> None:
        """Write an event of today to the journal."""
        key = sha256(repr((kind, subject_id, sorted(payload.items()))).encode()).hexdigest()
        event = Event(kind, subject_id, self.today, f"{kind}|{key}", dict(payload))
        self.journal.append([event], at=at or self.clock().instant())

    def declare(
        self,
        *,
        mode: str = "negative",
        profiles: Sequence[Profile] = (FEDERAL,),
        groups: Iterable[Row] = (),
        weights: Mapping[str, str] | None = None,
        **district: Any,
    ) -> None:
        """Land how attendance is read: settings of the district, weights of days, definitions, groups."""
        gates = {name: part for gate in GATES for name, part in ratio(gate, Fraction(GATES[gate])).items()}
        row = {"district_id": DISTRICT, "label_en": "Tiny", "n_min": 10, "time_zone": ZONE, "attendance_mode": mode}
        row |= {"is_exit_day_member": False, "overlap": "primary_then_latest", "no_show": "keep"} | gates
        row |= _policy(Signals()) | district
        self.land("declared_district", [row])
        kinds = dict.fromkeys(ATTENDANCE_KINDS, "1") | {"half": "1/2"} | dict(weights or {})
        self.land("declared_day_weights", [{"day_kind": k, **ratio("weight", Fraction(w))} for k, w in kinds.items()])
        self.land("declared_profiles", [default_profile(), *(profile_row(each) for each in profiles)])
        self.land("declared_groups", groups)

    def calendar(self, days: Sequence[date], *, kinds: Mapping[date, str] | None = None, **scope: Any) -> None:
        """Land school days; ``kinds`` says which are not regular (``no_school`` is no school day)."""
        found = [(day, (kinds or {}).get(day, "regular")) for day in days]
        told = [{"on_date": day, "day_kind": kind, "is_instructional": kind != "no_school"} for day, kind in found]
        self.land("calendar_days", [{"calendar_id": "district", **scope, **row} for row in told])

    def build(self, on: date | None = None, *, full: bool = False) -> transform.BuildReport:
        """Build as of a day."""
        request = transform.BuildRequest(DISTRICT, self.store, self.journal, self.clock(on), full=full)
        return transform.build(request)

    def rows(self, sql: str, key: str = transform.WAREHOUSE) -> list[dict[str, Any]]:
        """Ask the warehouse."""
        with connect(self.store.path(key), role="build", read_only=True) as connection:
            return connection.rows(sql)


def _columns(entity: str) -> dict[str, str]:
    if entity in DECLARED:
        return DECLARED[entity] | {field.name: field.type for field in ENVELOPE}
    return duckdb_columns(entity)


def _filled(entity: str, row: Row, number: int) -> dict[str, Any]:
    """Give a row what the door would have given it: declared defaults, its number, its slot."""
    own: dict[str, Any] = {}
    if entity in ENTITIES:
        own = {column.name: column.default for column in ENTITIES[entity]}
    unknown = set(row) - set(_columns(entity))
    if unknown:
        raise KeyError(f"{entity} has no column {sorted(unknown)}")
    placed = {"row_no": number, "is_deleted": False, "slot": row.get("slot") or _slot(entity, row)}
    return own | dict(row) | placed


def _write(path: Path, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Write rows as one Parquet file."""
    path.parent.mkdir(parents=True)
    cast = ", ".join(
        f"cast(unnest(cast(${n} as varchar[])) as {kind}) as {quote_ident(name)}"
        for n, (name, kind) in enumerate(columns.items(), 1)
    )
    cells = [[_text(row.get(name)) for row in rows] for name in columns]
    with connect(MEMORY, role="memory") as connection:
        connection.execute(f"create table made as select {cast}", cells)
        connection.execute(f"copy made to {quote_literal(str(path))} (format parquet)")


def _text(cell: Any) -> str | None:
    return None if cell is None else str(cell)
