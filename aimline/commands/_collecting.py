"""Collect: land what is declared, then whatever waits at each source; tell what is late. One step of the night.

Reading a delivery is ``aimline/arrival``, finding one ``aimline/sources``; here is the order, and what the journal
hears. A source that fails does not stop the others.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aimline.arrival import (
    Bench,
    DeclaredRequest,
    Delivery,
    Landed,
    Landing,
    expectation_met,
    in_force,
    land,
    land_declared,
    landed,
    late_now,
    meaning,
    take_in,
)
from aimline.commands._declaring import facts_of
from aimline.commands._history import History, Place, history_of, place_of
from aimline.context import Context
from aimline.errors import SourceError, SourceTransientError
from aimline.journal import Event
from aimline.sources import Offer, name_pattern, open_source
from schemas.fields import PSEUDONYMS

if TYPE_CHECKING:
    from aimline.schedule import Arrival
    from schemas.sources import Source

DECLARABLE = frozenset({"code_unknown", "mask_unknown", "id_pattern", "date_impossible", "value_out_of_range"})
"""Codes a change of the declaration can mend: such a delivery is read again when its declaration has changed."""

BY_REFERENCE = frozenset({"orphan_reference", "not_a_school_day"})
"""Codes another list of schools or another calendar can mend."""


@dataclass(frozen=True)
class SourceReport:
    """What became of one source in one run.

    Attributes:
        source_id: The source.
        state: ``unchanged`` (nothing new), ``accepted``, ``held`` (something held or refused), ``failed`` (not read).
        batches: Payloads of the journal's batch events, in order.
        n_duplicates: Offers whose bytes came before.
        message: Why it failed.
        remedy: What to do about it.
        is_transient: Whether a later try may work.
    """

    source_id: str
    state: str
    batches: tuple[Mapping[str, Any], ...] = ()
    n_duplicates: int = 0
    message: str = ""
    remedy: str = ""
    is_transient: bool = False


@dataclass(frozen=True)
class CollectReport:
    """What one run of collection did: declared entities that changed, each source, what is newly late."""

    as_of: date
    declared: tuple[str, ...]
    sources: tuple[SourceReport, ...]
    late: tuple[Mapping[str, Any], ...]

    @property
    def failed(self) -> tuple[SourceReport, ...]:
        """Return the sources that could not be read."""
        return tuple(each for each in self.sources if each.state == "failed")

    @property
    def held(self) -> tuple[Mapping[str, Any], ...]:
        """Return the batches that are held."""
        return tuple(batch for each in self.sources for batch in each.batches if batch.get("reason"))

    @property
    def is_unchanged(self) -> bool:
        """Say whether nothing came, nothing changed and nothing became late."""
        return not (self.declared or self.late) and all(each.state == "unchanged" for each in self.sources)

    def raise_transient(self) -> None:
        """Raise when a source failed in a way that time may mend, so that the flow tries the step again.

        Raises:
            SourceTransientError: Naming the sources; what others brought is kept.
        """
        waiting = [each for each in self.failed if each.is_transient]
        if waiting:
            told = "; ".join(f"{each.source_id}: {each.message}" for each in waiting)
            raise SourceTransientError(told, remedy="It is tried again; then its owner is told.")


@dataclass(frozen=True)
class _Run:
    """One run: context, bench, sources as declared and decided, what is known, what is expected of each source."""

    context: Context
    bench: Bench
    sources: "tuple[Source, ...]"
    history: History
    expected: Mapping[str, Sequence["Arrival"]]
    watch: Callable[[str], None]


def collect(context: Context, *, watch: Callable[[str], None] = lambda _name: None) -> CollectReport:
    """Collect everything that waits, as of the day of the run.

    Args:
        context: The run.
        watch: Told the name of each delivery before it is read.

    Raises:
        BusyError: Another live process collects for this district.
        UsageError: Something about people came and there is no key for pseudonyms.
    """
    district_id, at = context.deployment.district.district_id, context.clock.instant()
    with context.journal.claim(f"collect:{district_id}", owner=context.run_id, at=at):
        run, declared = _begin(context, watch)
        try:
            reports = {source.source_id: _collect_source(run, source) for source in _in_order(run)}
            _tell_failed(context, reports.values())
            late = _tell_late(run)
        finally:
            run.bench.close()
    listed = tuple(reports[source.source_id] for source in context.deployment.sources.sources)
    return CollectReport(context.clock.as_of, declared, listed, late)


def _in_order(run: _Run) -> "list[Source]":
    """Return the sources, lists of schools first: the rows of others are judged by them."""
    return sorted(run.sources, key=lambda source: source.entity != "schools")


def _begin(context: Context, watch: Callable[[str], None]) -> tuple[_Run, tuple[str, ...]]:
    """Land declared facts and gather what the run works with."""
    deployment, clock = context.deployment, context.clock
    facts = facts_of(deployment)
    bench = Bench(deployment, context.store, facts.school_days)
    if any(column.name in PSEUDONYMS for source in deployment.sources.sources for column in source.columns):
        _ = bench.pseudonyms  # without a key for pseudonyms nothing at all is taken in
    told = (deployment.district.district_id, facts.rows, clock.as_of, clock.instant(), context.run_id)
    declared = land_declared(DeclaredRequest(context.store, context.journal, *told))
    history = history_of(context.journal)
    bench.lists_of_schools, bench.decisions = history.schools, history.decisions
    sources = tuple(
        in_force(source, history.decisions.get(source.source_id), clock.as_of) for source in deployment.sources.sources
    )
    return _Run(context, bench, sources, history, facts.expected, watch), declared


def _collect_source(run: _Run, source: "Source") -> SourceReport:
    """Take in everything new at one source, and what was refused and may be right by now."""
    batches: list[Mapping[str, Any]] = []
    n_duplicates = 0
    try:
        for offer, fetch in _new_offers(run, source):
            found = _receive(run, source, offer, fetch)
            n_duplicates += not found
            batches += found
        for place in _to_read_again(run, source):
            batches += _read_again(run, source, place)
    except SourceError as error:
        is_transient = isinstance(error, SourceTransientError)
        told = (tuple(batches), n_duplicates, error.message, error.remedy, is_transient)
        return SourceReport(source.source_id, "failed", *told)
    state = "held" if any(each.get("reason") for each in batches) else "accepted" if batches else "unchanged"
    return SourceReport(source.source_id, state, tuple(batches), n_duplicates)


def _new_offers(run: _Run, source: "Source") -> Iterator[tuple[Offer, Callable[[Path], None]]]:
    """Yield the offers nobody has seen, by the date in their name, and how to fetch each."""
    context = run.context
    place = open_source(source.transport, state=context.store.root, deployment=context.deployment.folder)
    known = run.history.offers
    new = [offer for offer in place.discover() if _offer_key(source, offer) not in known]
    for offer in sorted(new, key=lambda offer: (offer.facts.get("date", ""), offer.name)):
        run.watch(offer.name)
        yield offer, lambda to, offer=offer: place.fetch(offer, to)  # type: ignore[misc] # mypy knows no default here


def _offer_key(source: "Source", offer: Offer) -> str:
    return f"received:{source.source_id}:{offer.name}:{offer.version}"


def _receive(run: _Run, source: "Source", offer: Offer, fetch: Callable[[Path], None]) -> list[Mapping[str, Any]]:
    """Fetch, keep and read one offer; bytes that came before are counted and not read again."""
    context, clock = run.context, run.context.clock
    temp = run.bench.work / "fetched"
    fetch(temp)
    facts = meaning(source, offer.facts, clock.instant())
    told = (source.source_id, offer.name, facts, clock.instant(), clock.as_of, context.run_id)
    kept = land(context.store, temp, Landing(*told))
    expectation = _expectation(run, source, offer.facts, clock.instant())
    is_known = bool(run.history.batches.get(place_of(source.source_id, kept.sha256, facts)))
    payload = {
        "source_id": source.source_id,
        "name": offer.name,
        "sha256": kept.sha256,
        "facts": facts,
        "n_bytes": kept.n_bytes,
        "outcome": "duplicate_file" if is_known else "landed",
        "expected_on": expectation,
    }
    received = Event("received", kept.sha256, clock.as_of, _offer_key(source, offer), payload, context.run_id)
    delivery = None if is_known else _delivery(source, offer.name, kept, offer.facts)
    return _read(run, [received], delivery, expectation)


def _delivery(source: "Source", name: str, kept: Landed, facts: Mapping[str, str]) -> Delivery:
    return Delivery(source, name, kept.sha256, kept.path, kept.landed_at, facts)


def _read(
    run: _Run, events: list[Event], delivery: Delivery | None, expectation: str | None
) -> list[Mapping[str, Any]]:
    """Read a delivery and tell the journal, in one transaction, that it came and what became of it."""
    context = run.context
    batches: list[Mapping[str, Any]] = []
    if delivery is not None:
        earlier = run.history.accepted.get(delivery.source.source_id, [])
        for outcome in take_in(run.bench, delivery, earlier=earlier):
            payload = outcome.payload(delivery) | {"expected_on": expectation}
            kind = "batch_held" if outcome.reason else "batch_accepted"
            key = f"{kind}:{outcome.batch_id}"
            events.append(Event(kind, outcome.batch_id, context.clock.as_of, key, payload, context.run_id))
            batches.append(payload)
    context.journal.append(events, at=context.clock.instant())
    for event in events:
        run.history.hear(event)
    return batches


def _expectation(run: _Run, source: "Source", facts: Mapping[str, str], at: datetime) -> str | None:
    """Return the day of the expectation a delivery meets, as text."""
    named = facts.get("date")
    came_on = at.astimezone(ZoneInfo(run.context.clock.zone)).date()
    named_on = date.fromisoformat(named) if named else None
    expected, days = run.expected.get(source.source_id, ()), run.bench.school_days
    met = expectation_met(expected, named_on=named_on, came_on=came_on, school_days=days)
    return met.expected_on.isoformat() if met else None


def _to_read_again(run: _Run, source: "Source") -> list[Place]:
    """Return the kept deliveries whose refused rows a change since then may have made right."""
    found = []
    for place, members in run.history.batches.items():
        if place[0] == source.source_id and any(_may_be_right(run, source, told) for told in members.values()):
            found.append(place)
    return found


def _may_be_right(run: _Run, source: "Source", told: Mapping[str, Any]) -> bool:
    codes = set(told["quarantined"])
    if not (told.get("reason") or codes & (DECLARABLE | BY_REFERENCE)):
        return False
    if told["reading"] != run.bench.reading(source):
        return bool(told.get("reason") or codes & DECLARABLE)
    return told["references"] != run.bench.references and bool(codes & BY_REFERENCE)


def _read_again(run: _Run, source: "Source", place: Place) -> list[Mapping[str, Any]]:
    """Read kept bytes again; they keep the time they came first, so that newer deliveries stay in force."""
    name = run.history.names[place]
    patterns = (name_pattern(text).facts(name) for text in source.transport.match)
    facts = next((facts for facts in patterns if facts is not None), None)
    if facts is None:
        return []
    kept = landed(run.context.store, source.source_id, place[1], json.loads(place[2]))
    before = next(iter(run.history.batches[place].values()))
    return _read(run, [], _delivery(source, name, kept, facts), before.get("expected_on"))


def _tell_failed(context: Context, reports: Iterable[SourceReport]) -> None:
    """Append an event for every source that only a person can mend, for its owner to see."""
    owners = {source.source_id: source.owner.role for source in context.deployment.sources.sources}
    events = []
    for each in reports:
        if each.state == "failed" and not each.is_transient:
            owner = {"owner_role": owners[each.source_id]}
            payload = {"source_id": each.source_id, "message": each.message, "remedy": each.remedy, **owner}
            key = f"source_failed:{each.source_id}:{context.clock.as_of}:{each.message}"
            events.append(Event("source_failed", each.source_id, context.clock.as_of, key, payload, context.run_id))
    context.journal.append(events, at=context.clock.instant())


def _tell_late(run: _Run) -> tuple[Mapping[str, Any], ...]:
    """Append an event for every expectation that has newly been let down; return them."""
    context, clock = run.context, run.context.clock
    began = datetime.combine(run.history.began_on or clock.as_of, time(), ZoneInfo(clock.zone)).astimezone(UTC)
    owners = {source.source_id: source.owner.role for source in context.deployment.sources.sources}
    every = [arrival for arrivals in run.expected.values() for arrival in arrivals]
    events = []
    for arrival in late_now(every, run.history.met, since=began, now=clock.instant()):
        payload = {
            "source_id": arrival.source_id,
            "expected_on": arrival.expected_on.isoformat(),
            "due_at": arrival.due_at.isoformat(),
            "owner_role": owners.get(arrival.source_id),
        }
        key = f"arrival_late:{arrival.source_id}:{arrival.expected_on}"
        events.append(Event("arrival_late", arrival.source_id, clock.as_of, key, payload, context.run_id))
    return tuple(event.payload for event in context.journal.append(events, at=clock.instant()))
