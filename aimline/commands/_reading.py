"""Read what is kept and tell the journal: what one run of collection shares, whatever kind its sources are.

Part of ``_collecting``, which has the order, and of ``_pulling``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aimline.arrival import Bench, Delivery, Landed, expectation_met, landed, meaning
from aimline.commands._connected import Before, chain_of, take
from aimline.commands._history import History, place_of
from aimline.commands._offers import Eyes
from aimline.context import Context
from aimline.journal import Event

if TYPE_CHECKING:
    from aimline.schedule import Arrival
    from schemas.sources import Source


@dataclass(frozen=True)
class Run:
    """One run: its tools, sources as declared and decided, what is known, what is expected of each source."""

    context: Context
    bench: Bench
    eyes: Eyes
    sources: "tuple[Source, ...]"
    history: History
    expected: Mapping[str, Sequence["Arrival"]]
    watch: Callable[[str], None]


@dataclass(frozen=True)
class Told:
    """What an account holds beside what was read: the expectation that is met, and what is worth noting."""

    expected_on: str | None = None
    notes: tuple[str, ...] = ()


def delivery_of(source: "Source", name: str, kept: Landed, facts: Mapping[str, str]) -> Delivery:
    """Return a delivery whose bytes are kept."""
    return Delivery(source, name, kept.sha256, kept.path, kept.landed_at, facts, kept.landed_at)


def tell(run: Run, events: Sequence[Event]) -> None:
    """Tell the journal, in one transaction, and remember it."""
    run.context.journal.append(events, at=run.context.clock.instant())
    for event in events:
        run.history.hear(event)


def judged(run: Run, events: list[Event], delivery: Delivery, told: Told) -> list[Mapping[str, Any]]:
    """Read a delivery; add what became of it to the events, and return it."""
    context = run.context
    batches: list[Mapping[str, Any]] = []
    closed, sealed = run.history.stood(place_of(delivery.source.source_id, delivery.sha256, meaning_of(delivery)))
    delivery = replace(delivery, closed=closed, sealed=sealed)
    for outcome, part in take(run.bench, delivery, _before(run, delivery)):
        noted = replace(outcome, notes=(*outcome.notes, *told.notes))
        payload = noted.payload(part) | {"expected_on": told.expected_on, "facts": meaning_of(delivery)}
        kind = "batch_held" if outcome.reason else "batch_accepted"
        key = f"{kind}:{outcome.batch_id}"
        events.append(Event(kind, outcome.batch_id, context.clock.as_of, key, payload, context.run_id))
        batches.append(payload)
    return batches


def meaning_of(delivery: Delivery) -> dict[str, str]:
    """Return what a delivery says by its name."""
    return meaning(delivery.source, delivery.facts, delivery.landed_at or delivery.received_at)


def _before(run: Run, delivery: Delivery) -> Before:
    """Return what came before a delivery."""
    place = place_of(delivery.source.source_id, delivery.sha256, meaning_of(delivery))
    return Before(_earlier(run, delivery), lambda: chain_of(run.history, place, partial(landed, run.context.store)))


def _earlier(run: Run, delivery: Delivery) -> list[Mapping[str, Any]]:
    """Return the accounts of other deliveries of the source that came before this one and were accepted."""
    at = (delivery.landed_at or delivery.received_at).isoformat()
    known = run.history.accepted.get(delivery.source.source_id, ())
    return [told for told in known if told["sha256"] != delivery.sha256 and told["landed_at"] <= at]


def expectation_of(run: Run, source: "Source", facts: Mapping[str, str], at: datetime) -> str | None:
    """Return the day of the expectation a delivery meets, as text."""
    named = facts.get("date")
    came_on = at.astimezone(ZoneInfo(run.context.clock.zone)).date()
    named_on = date.fromisoformat(named) if named else None
    expected, days = run.expected.get(source.source_id, ()), run.bench.school_days
    met = expectation_met(expected, named_on=named_on, came_on=came_on, school_days=days)
    return met.expected_on.isoformat() if met else None
