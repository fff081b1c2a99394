"""Read kept deliveries, for the first time or again: when a change of what is declared may have made them right.

Part of ``_collecting``, which has the order, and of the verbs ``accept`` and ``replay``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aimline.arrival import Bench, Delivery, in_force, landed
from aimline.arrival.windows import OUTSIDE
from aimline.commands._declaring import facts_of, land_facts
from aimline.commands._history import History, Place, history_of
from aimline.commands._offers import Eyes
from aimline.commands._reading import Run, Told, delivery_of, judged, tell
from aimline.commands._windows import windows_of
from aimline.context import Context
from aimline.journal import Event
from aimline.sources import name_pattern
from schemas.fields import PSEUDONYMS
from schemas.sources import PULLED

if TYPE_CHECKING:
    from schemas.sources import Source

DECLARABLE = frozenset({"code_unknown", "mask_unknown", "id_pattern", "date_impossible", "value_out_of_range"})
"""Codes a change of the declaration can mend: such a delivery is read again when its declaration has changed."""

BY_REFERENCE = frozenset({"orphan_reference", "not_a_school_day"})
"""Codes another list of schools or another calendar can mend."""


def begin(context: Context, watch: Callable[[str], None], only: Sequence[str] = ()) -> tuple[Run, tuple[str, ...]]:
    """Land declared facts and gather what the run works with."""
    deployment, clock = context.deployment, context.clock
    facts = facts_of(context)
    bench = Bench(deployment, context.store, facts.school_days, windows=windows_of(context))
    declared_ones = deployment.sources.sources
    if any(each.kind in PULLED or any(c.name in PSEUDONYMS for c in each.columns) for each in declared_ones):
        _ = bench.pseudonyms  # without a key for pseudonyms nothing at all is taken in
    declared = land_facts(context)
    history = history_of(context.journal)
    bench.lists_of_schools, bench.decisions, bench.newest = history.schools, history.decisions, history.newest
    sources = tuple(
        in_force(source, history.decisions.get(source.source_id), clock.as_of)
        for source in deployment.sources.sources
        if not only or source.source_id in only
    )
    eyes = Eyes(context, sources, history.looks)
    return Run(context, bench, eyes, sources, history, facts.expected, watch), declared


def read_kept(run: Run, events: list[Event], delivery: Delivery | None, told: Told) -> list[Mapping[str, Any]]:
    """Read a delivery and tell the journal, in one transaction, that it came and what became of it."""
    batches = judged(run, events, delivery, told) if delivery is not None else []
    tell(run, events)
    return batches


def to_read_again(run: Run, source: "Source") -> list[Place]:
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


def read_place(run: Run, source: "Source", place: Place, at: datetime | None = None) -> list[Mapping[str, Any]]:
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
    return read_kept(run, [], replace(delivery, received_at=at or kept.landed_at), Told(before.get("expected_on")))


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
        run, _ = begin(context, lambda _name: None)
        sources = {source.source_id: source for source in run.sources}
        batches: list[Mapping[str, Any]] = []
        try:
            for place in choose(run.history):
                if place[0] in sources and _is_news(run, sources[place[0]], place):
                    own = at if not _has_later(run, place) else None
                    batches += read_place(run, sources[place[0]], place, own)
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
