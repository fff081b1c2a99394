"""Say from the journal what a build of a day may see: which deliveries count, whose rows fill a slot, what happened."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from aimline.journal import Event, Journal
from schemas.declared import DECLARED
from schemas.fields import ENTITIES, ENVELOPE, duckdb_columns
from schemas.published import FROZEN, TABLES

EVENTS_BEFORE = frozenset(
    {"batch_accepted", "batch_held", "received", "arrival_late", "window_transition", "decision_recorded"}
    | {"review_frozen", "figures_restated"}
)
"""What happens before a build of the same night; every other event is seen by the next night's build."""

EVENTS_OF_A_YEAR = frozenset({"coarsening_chosen"})
"""What holds for a school year as a whole, whenever it was decided: an earlier day of it is told no other way."""

SEALED_FIGURES = "sealed_figures"


@dataclass(frozen=True)
class Batch:
    """One accepted delivery, as the journal tells of it; ``accepted_no`` orders deliveries of one instant.

    ``bytes_of`` names the bytes and the table of them: read again, they let go of the slots they no longer fill.
    """

    batch_id: str
    source_id: str
    entity: str
    load_mode: str
    slots: tuple[str, ...]
    received_at: datetime
    accepted_no: int
    bytes_of: str

    @property
    def key(self) -> str:
        """Return the key of its rows in the state root."""
        return f"accepted/{self.entity}/batch={self.batch_id}/part-0.parquet"


@dataclass(frozen=True)
class Visible:
    """All that a build of one day may see.

    Attributes:
        batches: Accepted deliveries in the order they were received.
        events: Events of the journal, by their place in it.
        alert_events: Events of alerts told on earlier days.
        owners: (entity, source, slot) -> the delivery whose rows fill the slot.
        unseen: Deliveries that do not count here, and that the build before may have seen.
    """

    batches: tuple[Batch, ...]
    events: tuple[Event, ...]
    alert_events: tuple[Mapping[str, Any], ...]
    owners: Mapping[tuple[str, str, str], str]
    unseen: tuple[Batch, ...] = ()

    @property
    def news_on(self) -> date | None:
        """Return the day on which the newest delivery was accepted: the data reach no further."""
        return max((event.as_of for event in self.events if event.kind == "batch_accepted"), default=None)

    @property
    def sealed(self) -> tuple[Event, ...]:
        """Return the snapshots of official figures."""
        return tuple(event for event in self.events if event.kind == "snapshot_sealed")

    def fingerprints(self) -> dict[str, str]:
        """Return, for every table that can change between builds, a digest of what it would hold."""
        held: dict[str, list[str]] = {entity: [] for entity in entity_columns()}
        for (entity, source_id, slot), batch_id in self.owners.items():
            held[entity].append(f"{source_id}|{slot}|{batch_id}")
        for batch in self.batches:
            if batch.load_mode != "full":
                held[batch.entity].append(f"{batch.source_id}||{batch.batch_id}")
        found = {entity: _digest(sorted(rows)) for entity, rows in held.items()}
        found["batches"] = _digest(batch.batch_id for batch in self.batches)
        found[SEALED_FIGURES] = _digest(str(event.payload["sha256"]) for event in self.sealed)
        found["ledger_events"] = _digest(str(event.seq) for event in self.events)
        found["alert_events"] = _digest(str(row["event_id"]) for row in self.alert_events)
        return found


def see(journal: Journal, as_of: date, before: datetime) -> Visible:
    """Return what a build of a day may see: deliveries received before an instant, events as of the day."""
    events = [event for event in journal.events() if _is_seen(event, as_of, before)]
    batches = sorted(
        (_batch(event) for event in events if event.kind == "batch_accepted"),
        key=lambda batch: (batch.received_at, batch.accepted_no),
    )
    newest = {batch.bytes_of: batch.batch_id for batch in sorted(batches, key=lambda batch: batch.accepted_no)}
    again = {batch.batch_id for batch in batches if newest[batch.bytes_of] != batch.batch_id}
    owners = {
        (batch.entity, batch.source_id, slot): batch.batch_id
        for batch in batches
        if batch.load_mode == "full"
        for slot in batch.slots
    }
    owners = {place: owner for place, owner in owners.items() if owner not in again}
    told = [row for row in journal.alert_events() if row["as_of"] < as_of.isoformat()]
    return Visible(tuple(batches), tuple(events), tuple(told), owners)


def _is_seen(event: Event, as_of: date, before: datetime) -> bool:
    if event.kind in EVENTS_OF_A_YEAR:
        return True
    if event.as_of > as_of:
        return False
    if event.kind == "batch_accepted":
        return _received_at(event) < before
    return event.kind != "build_finished" and (event.kind in EVENTS_BEFORE or event.as_of < as_of)


def _received_at(event: Event) -> datetime:
    return datetime.fromisoformat(event.payload["received_at"])


def _batch(event: Event) -> Batch:
    told = event.payload
    names = (told["batch_id"], told["source_id"], told["entity"], told["load_mode"])
    came = [told[name] for name in ("source_id", "entity", "sha256", "facts", "name")] if "reading" in told else []
    bytes_of = json.dumps(came or [told["batch_id"]], sort_keys=True)
    return Batch(*names, tuple(told["slots"]), _received_at(event), event.seq, bytes_of)


def entity_columns() -> dict[str, dict[str, str]]:
    """Return every entity that can be landed with its columns and their DuckDB types, envelope last."""
    envelope = {field.name: field.type for field in ENVELOPE}
    arriving = {entity: duckdb_columns(entity) for entity in ENTITIES}
    frozen = {FROZEN: {column.name: column.type.upper() for column in TABLES["rpt_review_figures"].columns}}
    return arriving | {entity: columns | envelope for entity, columns in (DECLARED | frozen).items()}


def _digest(rows: Iterable[str]) -> str:
    return sha256("\n".join(rows).encode()).hexdigest()[:16]
