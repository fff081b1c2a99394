"""Remember what the journal knows of earlier deliveries: what came, what became of it, what people decided."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from aimline.arrival import Decisions, accepted_key
from aimline.journal import Event, Journal

Place = tuple[str, str, str]
"""Source, digest of the bytes, what the name means: what makes a delivery one and the same."""

KINDS = (
    "received",
    "batch_accepted",
    "batch_held",
    "accept_recorded",
    "offer_unsettled",
    "window_transition",
    "cursor_saved",
)
"""The events that tell of deliveries."""


def place_of(source_id: str, sha256: str, facts: Mapping[str, str]) -> Place:
    """Return what makes a delivery one and the same."""
    return (source_id, sha256, json.dumps(dict(facts), sort_keys=True))


@dataclass
class History:
    """What the journal knows of earlier deliveries.

    Attributes:
        offers: Keys of offers that were received.
        names: Delivery -> the name it came under first.
        came: Source and name -> digests of what came under the name.
        batches: Delivery -> name of a table of it -> the newest account of it.
        accepted: Source -> accounts of its accepted tables, oldest first.
        looks: ``source:name`` -> what the last look at an unfinished file showed.
        schools: Keys of the accepted lists of schools.
        newest: Entity, source, slot -> key of the newest accepted rows.
        met: Expectations (source, day) that something met.
        began_on: The day the first delivery came.
        decisions: Source -> what people decided of it.
        order: What happened -> its place among all that happened: when a delivery came first and was accepted first,
            when a window was closed and sealed.
        cursors: Source -> what the last pull of it left: ``cursor``, ``landed`` by part, ``number``.
        newest_at: When the newest event was written.
        ended: ``closed`` or ``sealed`` -> window (``id.year``) -> the day of it.
    """

    offers: set[str] = field(default_factory=set)
    names: dict[Place, str] = field(default_factory=dict)
    came: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    batches: dict[Place, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    accepted: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    looks: dict[str, str] = field(default_factory=dict)
    schools: list[str] = field(default_factory=list)
    newest: dict[tuple[str, str, str], str] = field(default_factory=dict)
    met: set[tuple[str, date]] = field(default_factory=set)
    began_on: date | None = None
    decisions: dict[str, Decisions] = field(default_factory=dict)
    cursors: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    order: dict[tuple[str, Any], int] = field(default_factory=dict)
    newest_at: datetime | None = None
    ended: dict[str, dict[str, date]] = field(default_factory=lambda: {"closed": {}, "sealed": {}})

    def hear(self, event: Event) -> None:
        """Take one event in."""
        told = event.payload
        if event.at is not None:
            self.newest_at = max(event.at, self.newest_at or event.at)
        if event.kind == "window_transition":
            self._hear_window(event)
        elif event.kind == "offer_unsettled":
            self.looks[f"{told['source_id']}:{told['name']}"] = told["seen"]
        elif event.kind == "accept_recorded":
            self.decisions.setdefault(told["source_id"], Decisions()).hear(told)
        elif event.kind == "cursor_saved":
            self.cursors[told["source_id"]] = told
        elif event.kind == "received":
            self._hear_received(event)
        elif "reading" in told:  # what is declared or frozen has not come from a source
            self._hear_batch(event)

    def _hear_received(self, event: Event) -> None:
        told = event.payload
        self._hear_met(told)
        self.began_on = self.began_on or event.as_of
        self.offers.add(event.idempotency_key)
        place = place_of(told["source_id"], told["sha256"], told["facts"])
        self._note("came", place)
        self.names.setdefault(place, told["name"])
        self.came.setdefault((told["source_id"], told["name"]), set()).add(told["sha256"])

    def _hear_batch(self, event: Event) -> None:
        told = event.payload
        self._hear_met(told)
        place = place_of(told["source_id"], told["sha256"], told["facts"])
        before = self.batches.setdefault(place, {}).get(told["name"])
        self.batches[place][told["name"]] = told
        if event.kind == "batch_accepted":
            self._forget(before)
            self._note("accepted", place)
            self.accepted.setdefault(told["source_id"], []).append(told)
            key = accepted_key(told["entity"], told["batch_id"])
            self.newest |= {(told["entity"], told["source_id"], slot): key for slot in told["slots"]}
            if told["entity"] == "schools" and told["n_rows"]:
                self.schools.append(accepted_key("schools", told["batch_id"]))

    def _forget(self, before: Mapping[str, Any] | None) -> None:
        """Let go of the rows that a delivery gave when it was read before: read again, it may fill other slots."""
        key = accepted_key(before["entity"], before["batch_id"]) if before else ""
        for slot in before["slots"] if before else ():
            place = (before["entity"], before["source_id"], slot) if before else ("", "", "")
            if self.newest.get(place) == key:
                del self.newest[place]

    def _hear_window(self, event: Event) -> None:
        """Take in that a window was closed or sealed; one that was over before anybody looked was neither."""
        told = event.payload
        slot, step = f"{event.subject_id}.{told['school_year']}", told["to_state"]
        if step in self.ended and not told.get("was_over"):
            self._note(step, slot)
            self.ended[step].setdefault(slot, date.fromisoformat(told["on"]))

    def _note(self, what: str, subject: Any) -> None:
        self.order.setdefault((what, subject), len(self.order))

    def stood(self, place: Place) -> tuple[frozenset[str], dict[str, date]]:
        """Return the windows that were closed when a delivery came, and those that were sealed without it."""
        last, ended = len(self.order), self.ended
        came, accepted = self.order.get(("came", place), last), self.order.get(("accepted", place), last)
        closed = frozenset(slot for slot in ended["closed"] if self.order["closed", slot] < came)
        return closed, {slot: on for slot, on in ended["sealed"].items() if self.order["sealed", slot] < accepted}

    def _hear_met(self, told: Mapping[str, Any]) -> None:
        if told.get("expected_on"):
            self.met.add((told["source_id"], date.fromisoformat(told["expected_on"])))


def history_of(journal: Journal) -> History:
    """Return what a journal knows of deliveries."""
    history = History()
    for event in journal.events(*KINDS):
        history.hear(event)
    return history
