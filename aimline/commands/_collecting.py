"""Collect: land what is declared, then whatever waits at each source; tell what is late. One step of the night.

Reading a delivery is ``aimline/arrival``, finding one ``aimline/sources``; here is the order, and what the journal
hears. A source that fails does not stop the others.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aimline.arrival import (
    Bench,
    DeclaredRequest,
    Delivery,
    Landing,
    in_force,
    land,
    land_declared,
    landed,
    late_now,
    meaning,
)
from aimline.arrival.windows import OUTSIDE
from aimline.commands._collect_report import CollectReport, SourceReport
from aimline.commands._declaring import facts_of
from aimline.commands._history import History, Place, history_of, place_of
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
from aimline.commands._reading import Run, Told, delivery_of, expectation_of, judged, tell
from aimline.commands._windows import windows_of
from aimline.context import Context
from aimline.errors import SourceError, SourceTransientError
from aimline.journal import Event
from aimline.sources import Looked, Offer, PutsAway, name_pattern
from schemas.faults import FAULTS
from schemas.fields import PSEUDONYMS
from schemas.sources import PULLED

if TYPE_CHECKING:
    from aimline.sources import Source as Place_
    from schemas.sources import Source

DECLARABLE = frozenset({"code_unknown", "mask_unknown", "id_pattern", "date_impossible", "value_out_of_range"})
"""Codes a change of the declaration can mend: such a delivery is read again when its declaration has changed."""

REPLACED = "etag_changed_between_list_and_get"
"""The code of an object that was replaced after it was listed."""

BY_REFERENCE = frozenset({"orphan_reference", "not_a_school_day"})
"""Codes another list of schools or another calendar can mend."""


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
        run, declared = _begin(context, watch, only)
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


def _begin(context: Context, watch: Callable[[str], None], only: Sequence[str] = ()) -> tuple[Run, tuple[str, ...]]:
    """Land declared facts and gather what the run works with."""
    deployment, clock = context.deployment, context.clock
    facts = facts_of(context)
    bench = Bench(deployment, context.store, facts.school_days, windows=windows_of(context))
    declared_ones = deployment.sources.sources
    if any(each.kind in PULLED or any(c.name in PSEUDONYMS for c in each.columns) for each in declared_ones):
        _ = bench.pseudonyms  # without a key for pseudonyms nothing at all is taken in
    told = (deployment.district.district_id, facts.rows, clock.as_of, clock.instant(), context.run_id)
    declared = land_declared(DeclaredRequest(context.store, context.journal, *told))
    history = history_of(context.journal)
    bench.lists_of_schools, bench.decisions, bench.newest = history.schools, history.decisions, history.newest
    sources = tuple(
        in_force(source, history.decisions.get(source.source_id), clock.as_of)
        for source in deployment.sources.sources
        if not only or source.source_id in only
    )
    eyes = Eyes(context, sources, history.looks)
    return Run(context, bench, eyes, sources, history, facts.expected, watch), declared


def _collect_source(run: Run, source: "Source", looked: Mapping[str, Mapping[str, str]]) -> SourceReport:
    """Take in everything new at one source, and what was refused and may be right by now."""
    batches: list[Mapping[str, Any]] = []
    n_duplicates = 0
    alarms: tuple[Mapping[str, Any], ...] = ()
    try:
        if source.kind in PULLED:
            batches += receive_pulled(run, source)
            for kept in newest_places(run, _to_read_again(run, source)):
                batches += _read_again(run, source, kept)
            return _report(run, source, (batches, n_duplicates))
        with closing(run.eyes.place(source)) as place:
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
        for kept in _to_read_again(run, source):
            batches += _read_again(run, source, kept)
    except SourceError as error:
        is_transient = isinstance(error, SourceTransientError)
        told = (tuple(batches), n_duplicates, error.message, _remedy(error), is_transient)
        due = _next_due(run, source)
        return SourceReport(source.source_id, "failed", *told, alarms=alarms, next_due=due, code=error.code)
    return _report(run, source, (batches, n_duplicates), alarms)


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
    facts = meaning(source, offer.facts, clock.instant())
    told = (source.source_id, offer.name, facts, clock.instant(), clock.as_of, context.run_id)
    kept = land(context.store, temp, Landing(*told))
    expectation = expectation_of(run, source, offer.facts, clock.instant())
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
    batches = _read(run, [received], delivery, Told(expectation, notes))
    if source.transport.after != "leave" and isinstance(place, PutsAway):
        place.put_away(offer, source.transport.after.removeprefix("move:"))
    return batches


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


def _read(run: Run, events: list[Event], delivery: Delivery | None, told: Told) -> list[Mapping[str, Any]]:
    """Read a delivery and tell the journal, in one transaction, that it came and what became of it."""
    batches = judged(run, events, delivery, told) if delivery is not None else []
    tell(run, events)
    return batches


def _to_read_again(run: Run, source: "Source") -> list[Place]:
    """Return the kept deliveries whose refused rows a change since then may have made right."""
    found = []
    for place, members in run.history.batches.items():
        if place[0] == source.source_id and any(_may_be_right(run, source, told) for told in members.values()):
            found.append(place)
    return found


def _may_be_right(run: Run, source: "Source", told: Mapping[str, Any]) -> bool:
    codes = set(told["quarantined"])
    if not (told.get("reason") or codes & (DECLARABLE | BY_REFERENCE) or OUTSIDE in told["ignored"]):
        return False
    if told["reading"] != run.bench.reading(source):
        return bool(told.get("reason") or codes & DECLARABLE or OUTSIDE in told["ignored"])
    has_own_list = "schools" in source.entities  # then no other list says which schools there are
    return told["references"] != run.bench.references and bool(codes & BY_REFERENCE) and not has_own_list


def _read_again(run: Run, source: "Source", place: Place, at: datetime | None = None) -> list[Mapping[str, Any]]:
    """Read kept bytes again; without an instant of their own they keep the time they came first.

    So newer deliveries stay in force.
    """
    name = run.history.names[place]
    patterns = (name_pattern(text).facts(name) for text in source.transport.match)
    facts = {} if source.kind in PULLED else next((facts for facts in patterns if facts is not None), None)
    if facts is None:
        return []
    kept = landed(run.context.store, source.source_id, place[1], json.loads(place[2]))
    before = next(iter(run.history.batches[place].values()))
    delivery = delivery_of(source, name, kept, facts)
    return _read(run, [], replace(delivery, received_at=at or kept.landed_at), Told(before.get("expected_on")))


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


def read_again(context: Context, choose: "Callable[[History], Sequence[Place]]") -> list[Mapping[str, Any]]:
    """Read chosen deliveries again with what is declared and decided today, oldest first.

    Rows that come in by it are received at the instant of the run, unless a delivery that came later was accepted
    already: then they keep their own time, and the later one stays in force.

    Args:
        context: The run.
        choose: Which deliveries, of all that are known.

    Raises:
        BusyError: Another live process collects for this district.
    """
    district_id, at = context.deployment.district.district_id, context.clock.instant()
    with context.journal.claim(f"collect:{district_id}", owner=context.run_id, at=at):
        run, _ = _begin(context, _unwatched)
        sources = {source.source_id: source for source in run.sources}
        batches: list[Mapping[str, Any]] = []
        try:
            for place in choose(run.history):
                if place[0] in sources and _is_news(run, sources[place[0]], place):
                    own = at if not _has_later(run, place) else None
                    batches += _read_again(run, sources[place[0]], place, own)
        finally:
            run.bench.close()
    return batches


def _is_news(run: Run, source: "Source", place: Place) -> bool:
    """Say whether reading a delivery again may give anything else than it gave."""
    bench, waived = run.bench, run.history.decisions.get(source.source_id)
    has_own_list = "schools" in (source.entity, *source.entities)  # its rows are judged by no other list
    tables = run.history.batches[place]
    for name, told in tables.items():
        if name == run.history.names[place] and len(tables) > 1:
            continue  # it was held as a whole before its tables were read
        is_same = told["reading"] == bench.reading(source)
        is_same = is_same and (has_own_list or told["references"] == bench.references)
        now = sorted(waived.waived.get(place[1], ())) if waived else []
        if not is_same or told.get("waived", []) != now:
            return True
    return False


def _has_later(run: Run, place: Place) -> bool:
    """Say whether a delivery of the source that came after this one was accepted; one of another window is no other."""
    members = run.history.batches[place].values()
    own, windows = (
        min(told["landed_at"] for told in members),
        {each for told in members for each in told.get("windows", ())},
    )
    later = [told for told in run.history.accepted.get(place[0], ()) if told["landed_at"] > own]
    later = [told for told in later if told["sha256"] != place[1]]
    return any(not windows or not told.get("windows") or windows & {*told["windows"]} for told in later)


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
