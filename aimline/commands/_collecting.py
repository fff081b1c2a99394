"""Collect: land what is declared, then whatever waits at each source; tell what is late. One step of the night.

Reading a delivery is ``aimline/arrival``, finding one ``aimline/sources``; here is the order, and what the journal
hears. A source that fails does not stop the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aimline.arrival import (
    Landing,
    land,
    late_now,
    meaning,
)
from aimline.commands._collect_report import CollectReport, SourceReport
from aimline.commands._history import history_of, place_of
from aimline.commands._offers import (
    Eyes,
    alarm,
    alarm_event,
    first_looks,
    offer_key,
    strangers,
    unsettled_event,
    whole_offers,
)
from aimline.commands._pulling import newest_places, receive_pulled
from aimline.commands._reading import Run, Told, delivery_of, expectation_of
from aimline.commands._rereading import begin, read_kept, read_place, to_read_again
from aimline.context import Context
from aimline.errors import SourceError, SourceTransientError
from aimline.journal import Event
from aimline.sources import Looked, Offer, PutsAway
from schemas.faults import FAULTS
from schemas.sources import PULLED

if TYPE_CHECKING:
    from aimline.sources import Source as Place_
    from schemas.sources import Source

_FULL = frozenset({ENOSPC, EDQUOT})
REPLACED = "etag_changed_between_list_and_get"
"""The code of an object that was replaced after it was listed."""


def _unwatched(_name: str) -> None:
    """Let nobody watch."""


def collect(context: Context, *, only: Sequence[str] = (), watch: Callable[[str], None] = _unwatched) -> CollectReport:
    """Collect everything that waits, as of the day of the run.

    Args:
        context: The run.
        only: Sources to collect; all when none is named.
        watch: Told the name of each delivery before it is read.

    Raises:
        BusyError: Another live process collects for this district.
        UsageError: Something about people came and there is no key for pseudonyms.
    """
    district_id, at = context.deployment.district.district_id, context.clock.instant()
    with context.journal.claim(f"collect:{district_id}", owner=context.run_id, at=at):
        run, declared = begin(context, watch, only)
        try:
            looked = first_looks(run.eyes, run.history.offers)
            reports = {each.source_id: _collect_source(run, each, looked) for each in _in_order(run)}
            reports = _with_alarms(run, reports)
            _tell_failed(context, reports.values())
            late = _tell_late(run, reports)
        finally:
            run.bench.close()
    listed = tuple(reports[source.source_id] for source in run.sources)
    return CollectReport(context.clock.as_of, declared, listed, late)


def _in_order(run: Run) -> "list[Source]":
    """Return the sources, lists of schools first: the rows of others are judged by them."""
    return sorted(run.sources, key=lambda source: "schools" not in (source.entity, *source.entities))


def _collect_source(run: Run, source: "Source", looked: Mapping[str, Mapping[str, str]]) -> SourceReport:
    """Take in everything new at one source, and what was refused and may be right by now."""
    batches: list[Mapping[str, Any]] = []
    n_duplicates = 0
    alarms: tuple[Mapping[str, Any], ...] = ()
    try:
        if source.kind in PULLED:
            batches += receive_pulled(run, source)
            for kept in newest_places(run, to_read_again(run, source)):
                batches += read_place(run, source, kept)
            return _report(run, source, (batches, n_duplicates))
        with _on_disk(), closing(run.eyes.place(source)) as place:
            found_there = whole_offers(place, source, looked.get(source.source_id, {}))
            alarms = _unfinished(run, source, place, found_there)
            for offer in _new_offers(run, source, found_there.whole):
                try:
                    found = _receive(run, source, offer, place)
                except SourceTransientError as error:
                    if error.code != "half_written":
                        raise
                    alarms = (*alarms, alarm("half_written", source.source_id, offer.name, error.message))
                    continue
                n_duplicates += not found
                batches += found
        for kept in to_read_again(run, source):
            batches += read_place(run, source, kept)
    except SourceError as error:
        is_transient = isinstance(error, SourceTransientError)
        told = (tuple(batches), n_duplicates, error.message, _remedy(error), is_transient)
        due = _next_due(run, source)
        return SourceReport(source.source_id, "failed", *told, alarms=alarms, next_due=due, code=error.code)
    return _report(run, source, (batches, n_duplicates), alarms)


@contextmanager
def _on_disk() -> Iterator[None]:
    """Tell a full disk as a fault that time may mend: what was not told to the journal is seen by nobody.

    Raises:
        SourceTransientError: The disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise SourceTransientError(f"{FAULTS['disk_full'].meaning}.", code="disk_full") from None


def _report(
    run: Run,
    source: "Source",
    told: tuple[Sequence[Mapping[str, Any]], int],
    alarms: Iterable[Mapping[str, Any]] = (),
) -> SourceReport:
    """Say what became of a source that was read: its batches, and how many deliveries came before."""
    batches, n_duplicates = told
    state = "held" if any(each.get("reason") for each in batches) else "accepted" if batches else "unchanged"
    due = _next_due(run, source)
    return SourceReport(source.source_id, state, tuple(batches), n_duplicates, alarms=tuple(alarms), next_due=due)


def _remedy(error: SourceError) -> str:
    """Return what to do about a source that failed: as told, else as the catalogue has it."""
    return error.remedy or (FAULTS[error.code].remedy if error.code else "")


def _next_due(run: Run, source: "Source") -> datetime | None:
    """Return when the next delivery of a source is due that nothing has met."""
    now, met = run.context.clock.instant(), run.history.met
    due = [
        each.due_at
        for each in run.expected.get(source.source_id, ())
        if each.due_at > now and (source.source_id, each.expected_on) not in met
    ]
    return min(due, default=None)


def _unfinished(run: Run, source: "Source", place: "Place_", found: Looked) -> tuple[Mapping[str, Any], ...]:
    """Tell of files that are not whole, and remember how they looked."""
    unsettled = {name for code, name in found.troubles if code == "half_written"}
    known = run.history.offers
    waiting = [each for each in place.discover() if each.name in unsettled and offer_key(source, each) not in known]
    run.context.journal.append(
        [unsettled_event(run.context, source, each) for each in waiting], at=run.context.clock.instant()
    )
    told = {each.name for each in waiting}
    troubles = [(code, name) for code, name in found.troubles if code != "half_written" or name in told]
    return tuple(alarm(code, source.source_id, name) for code, name in troubles)


def _with_alarms(run: Run, reports: Mapping[str, SourceReport]) -> dict[str, SourceReport]:
    """Return the reports with the files that look like one of the sources, and tell the journal of every alarm."""
    told = dict(reports)
    for each in strangers(run.eyes, run.bench):
        report = told[each["source_id"]]
        told[each["source_id"]] = replace(report, alarms=(*report.alarms, each))
    events = [alarm_event(run.context, each) for report in told.values() for each in report.alarms]
    run.context.journal.append(events, at=run.context.clock.instant())
    return told


def _new_offers(run: Run, source: "Source", offers: Iterable[Offer]) -> Iterator[Offer]:
    """Yield the offers nobody has seen, by the date in their name."""
    new = [offer for offer in offers if offer_key(source, offer) not in run.history.offers]
    for offer in sorted(new, key=lambda offer: (offer.facts.get("date", ""), offer.name)):
        run.watch(offer.name)
        yield offer


def _receive(run: Run, source: "Source", offer: Offer, place: "Place_") -> list[Mapping[str, Any]]:
    """Fetch, keep and read one offer; bytes that came before are counted and not read again."""
    context, clock = run.context, run.context.clock
    temp = run.bench.work / "fetched"
    offer, notes = _fetched(place, offer, temp)
    at, went_back = _now(run)
    notes += went_back
    facts = meaning(source, offer.facts, at)
    kept = land(context.store, temp, Landing(source.source_id, offer.name, facts, at, clock.as_of, context.run_id))
    expectation = expectation_of(run, source, offer.facts, at)
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
    received = Event("received", kept.sha256, clock.as_of, offer_key(source, offer), payload, context.run_id)
    others = run.history.came.get((source.source_id, offer.name), set()) - {kept.sha256}
    delivery = None if is_known else delivery_of(source, offer.name, kept, offer.facts)
    notes += ("overwritten_same_name",) if others else ()
    batches = read_kept(run, [received], delivery, Told(expectation, notes))
    if source.transport.after != "leave" and isinstance(place, PutsAway):
        place.put_away(offer, source.transport.after.removeprefix("move:"))
    return batches


def _now(run: Run) -> tuple[datetime, tuple[str, ...]]:
    """Return when a delivery came: never before the newest event, wherever the machine's clock has gone."""
    at, newest = run.context.clock.instant(), run.history.newest_at
    if run.context.clock.is_live and newest is not None and at < newest:
        return newest, ("clock_back",)
    return at, ()


def _fetched(place: "Place_", offer: Offer, to: Path) -> tuple[Offer, tuple[str, ...]]:
    """Fetch an offer; where the store has other bytes by now, those are a new offer and are fetched in its place.

    Returns:
        The offer that was fetched, and what is worth noting.
    """
    try:
        place.fetch(offer, to)
    except SourceTransientError as error:
        now = next((each for each in place.discover() if each.name == offer.name), None)
        if error.code != REPLACED or now is None:
            raise
        place.fetch(now, to)
        return now, (REPLACED,)
    return offer, ()


def _tell_failed(context: Context, reports: Iterable[SourceReport]) -> None:
    """Append an event for every source that only a person can mend, for its owner to see."""
    owners = {source.source_id: source.owner.role for source in context.deployment.sources.sources}
    events = []
    for each in reports:
        if each.state == "failed" and not each.is_transient:
            owner = {"owner_role": owners[each.source_id]}
            payload = {"source_id": each.source_id, "message": each.message, "remedy": each.remedy, **owner}
            payload |= {"code": each.code} if each.code else {}
            key = f"source_failed:{each.source_id}:{context.clock.as_of}:{each.message}"
            events.append(Event("source_failed", each.source_id, context.clock.as_of, key, payload, context.run_id))
    context.journal.append(events, at=context.clock.instant())


def _tell_late(run: Run, reports: Mapping[str, SourceReport]) -> tuple[Mapping[str, Any], ...]:
    """Append an event for every expectation that has newly been let down; return them."""
    context, clock = run.context, run.context.clock
    began = datetime.combine(run.history.began_on or clock.as_of, time(), ZoneInfo(clock.zone)).astimezone(UTC)
    owners = {source.source_id: source.owner.role for source in context.deployment.sources.sources}
    collected = {source.source_id for source in run.sources}
    every = [each for name, arrivals in run.expected.items() if name in collected for each in arrivals]
    events = []
    for arrival in late_now(every, run.history.met, since=began, now=clock.instant()):
        payload = {
            "source_id": arrival.source_id,
            "expected_on": arrival.expected_on.isoformat(),
            "due_at": arrival.due_at.isoformat(),
            "owner_role": owners.get(arrival.source_id),
            "looks_like": _nearest(reports.get(arrival.source_id)),
        }
        key = f"arrival_late:{arrival.source_id}:{arrival.expected_on}"
        events.append(Event("arrival_late", arrival.source_id, clock.as_of, key, payload, context.run_id))
    return tuple(event.payload for event in context.journal.append(events, at=clock.instant()))


def _nearest(report: SourceReport | None) -> str | None:
    """Return what tells of a file that looks like the one that is late."""
    alarms = report.alarms if report else ()
    return next((each["detail"] for each in alarms if each["code"] == "file_renamed"), None)


def waiting(context: Context, only: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return source -> names of what waits there and nobody has received; nothing is read or written.

    Raises:
        SourceError: A place cannot be looked at.
    """
    history = history_of(context.journal)
    sources = [each for each in context.deployment.sources.sources if not only or each.source_id in only]
    eyes = Eyes(context, sources, history.looks)
    found = {}
    for source in sources:
        if source.kind in PULLED:  # what waits there nobody knows without asking
            continue
        with closing(eyes.place(source)) as place:
            waiting_there = [each.name for each in place.discover() if offer_key(source, each) not in history.offers]
        found[source.source_id] = waiting_there
    return found
