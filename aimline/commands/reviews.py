"""The review step of a night, and the verb ``decide``: evidence is frozen, decisions are recorded on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from aimline._review_units import schools_of, split_id, units_of
from aimline.commands._deciding import decide
from aimline.commands._schools import CHANGED, changed
from aimline.ledger.decisions import At, record_declared
from aimline.ledger.releases import current
from aimline.ledger.reviews import (
    Item,
    Night,
    Planned,
    due_for_freezing,
    freeze_evidence,
    frozen_reviews,
    packet_events,
)

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.schedule import Dates
    from schemas.plan import PlanFile
    from schemas.years import Review, YearFile

__all__ = ["ReviewReport", "decide", "freeze_reviews", "packets_built", "planned_reviews", "record_decisions"]

ARRIVED, PARTLY, MISSING = "arrived", "partly", "missing"

_SEALS = {"mid_year": "mid_year", "end_of_year": "final"}
"""Kinds of reviews that seal official figures, and what the snapshot is called."""


@dataclass(frozen=True)
class ReviewReport:
    """What the review step did.

    Attributes:
        frozen: Reviews whose packet is to go out tonight: frozen now, or frozen before a run that did not end.
        waiting: Reviews that are due and have no release of tonight to be frozen on.
    """

    frozen: tuple[str, ...]
    waiting: tuple[str, ...]


def record_decisions(context: "Context") -> tuple[str, ...]:
    """Record the decisions that people wrote into the deployment's files; before the build, which shows them.

    Returns:
        The ids that were new or have new words.
    """
    at = At(context.clock.as_of, context.clock.instant(), context.run_id)
    held = context.deployment.decisions.values()
    return tuple(record_declared(context.store, context.journal, held, at))


def freeze_reviews(context: "Context", only: str | None = None) -> ReviewReport:
    """Freeze the evidence of every review that is due, on the release of tonight.

    Without one the review stays due, and the next night tries again.

    Args:
        context: The run.
        only: One review, by its id or its short id; all that are due when None.

    Raises:
        UsageError: There is no such review.
    """
    from aimline.schedule import resolve_dates

    dates = resolve_dates(context.deployment)
    night = _night(context)
    known = frozen_reviews(context.journal)
    planned = planned_reviews(context, dates)
    due = due_for_freezing(_asked(context, planned, only) if only else planned, known, night.as_of)
    release = current(context.store)
    if release is None or release.as_of != night.as_of:
        return ReviewReport((), tuple(each.review_id for each in due))
    needed: dict[tuple[int, str], list[Item]] = {}
    for review in due:
        place = (review.school_year, split_id(review.review_id)[0])
        if place not in needed:  # of a review that each school holds, all need the same
            needed[place] = list(_items(context, dates, review))
    wanted = [(review, needed[review.school_year, split_id(review.review_id)[0]]) for review in due]
    for review, frozen in freeze_evidence(night, release, wanted) if due else ():
        _seal(context, review, frozen.completeness)
    told = {event.subject_id for event in context.journal.events("review_packet_built")}
    tonight = {name for name, each in known.items() if each.as_of == night.as_of} | {each.review_id for each in due}
    return ReviewReport(tuple(sorted(tonight - told)), ())


def _seal(context: "Context", planned: Planned, completeness: float) -> None:
    """Keep the figures as official ones where a review of the year was frozen with all its evidence in."""
    from aimline.ledger.restate import seal

    year = context.deployment.years[planned.school_year]
    kind = _declared(year, planned).kind
    if completeness == 1 and kind in _SEALS and planned.school_id is None:
        seal(context.store, context.journal, f"{_SEALS[kind]}_{planned.school_year}", context.clock.instant())


def _asked(context: "Context", planned: Sequence[Planned], name: str) -> list[Planned]:
    """Return the reviews of a name: the full id, or the short one in whichever year has it."""
    from aimline._declared_files import did_you_mean
    from aimline.errors import UsageError

    names = {each.review_id: {each.review_id, *_short_names(each)} for each in planned}
    found = [each for each in planned if name in names[each.review_id]]
    if not found:
        known = sorted({each.review_id for each in planned})
        remedy = did_you_mean(name, known) or f"Reviews: {', '.join(known)}."
        raise UsageError(f"no review '{name[:60]}' in {context.deployment.name}.", remedy=remedy)
    return found


def _short_names(planned: Planned) -> set[str]:
    """Return by which short names a review is asked for: that of all schools names the review of each."""
    short_id = planned.review_id.partition("_")[2]
    return {short_id, split_id(short_id)[0], split_id(planned.review_id)[0]}


def packets_built(context: "Context", release_id: str) -> tuple[str, ...]:
    """Say in the journal which release holds the packets of the reviews that were frozen tonight.

    Returns:
        The reviews whose packet had not been told of.
    """
    night = _night(context)
    tonight = [name for name, each in frozen_reviews(context.journal).items() if each.as_of == night.as_of]
    new = context.journal.append(packet_events(night, sorted(tonight), release_id), at=night.at)
    return tuple(event.subject_id for event in new)


def _night(context: "Context") -> Night:
    clock = context.clock
    district_id = context.deployment.district.district_id
    return Night(context.store, context.journal, district_id, clock.as_of, clock.instant(), context.run_id)


def planned_reviews(context: "Context", dates: "Dates") -> list[Planned]:
    """Return all reviews that have a packet, with what it shows; one that each school holds once for each."""
    from aimline.schedule import heirs_of

    heirs = heirs_of(changed(context.journal.events(CHANGED, until=context.clock.as_of)))
    schools = [each for each in schools_of(context.deployment.district) if each not in heirs]
    found = []
    for school_year, year in context.deployment.years.items():
        plan = context.deployment.plans.get(school_year)
        for review in year.reviews:
            shown = (_indicator_ids(review, plan), _survey_windows(review, year))
            for unit in units_of(review, schools):
                days = dates.get((school_year, unit.id), {})
                if "packet_on" in days and "close_by" in days:
                    span = (days["packet_on"], days["close_by"])
                    found.append(Planned(f"{school_year}_{unit.id}", school_year, *span, *shown, unit.school_id))
    return found


def _declared(year: "YearFile", planned: Planned) -> "Review":
    """Return the review as declared that a planned one is, or is one school's part of."""
    short_id, _ = split_id(planned.review_id.partition("_")[2])
    return next(each for each in year.reviews if each.id == short_id)


def _indicator_ids(review: "Review", plan: "PlanFile | None") -> tuple[str, ...]:
    """Return the indicators of a review's goals and of their strategies, in the order of the plan."""
    goals = [goal for goal in (plan.goals if plan else ()) if review.goals is None or goal.goal_id in review.goals]
    named = [link.indicator_id for goal in goals for link in goal.indicators]
    named += [link.indicator_id for goal in goals for each in goal.strategies for link in each.implementation]
    return tuple(dict.fromkeys(named))


def _survey_windows(review: "Review", year: "YearFile") -> dict[str, str]:
    needed = [window for window in year.windows if window.id in review.needs and window.kind == "survey"]
    return {window.id: f"{window.label['en']}: response rate" for window in needed}


def _items(context: "Context", dates: "Dates", planned: Planned) -> Iterator[Item]:
    """Yield what a review needs with how much of it is in."""
    from aimline.schedule import states_of

    year = context.deployment.years[planned.school_year]
    review = _declared(year, planned)
    states = states_of(context.journal.events("window_transition", until=context.clock.as_of))
    received = _received(context)
    windows = {window.id: window for window in year.windows}
    for name in review.needs:
        if name in windows:
            stands = states.get((planned.school_year, name))
            state = stands.stands if stands else "planned"
            days = dates.get((planned.school_year, name), {})
            came = [at.date() for each in windows[name].sources for at in received.get(each, ())]
            has_come = any(day >= days.get("opens_on", date.max) for day in came)
            share = _window_share(state, days, context.clock.as_of) if has_come else Fraction(0)
            yield Item(name, "window", state, share, _owner(context, windows[name].sources))
        else:
            share = _source_share(context, name, planned.school_year, received)
            state = ARRIVED if share == 1 else PARTLY if share else MISSING
            yield Item(name, "source", state, share, _owner(context, (name,)))


def _window_share(state: str, days: Mapping[str, date], as_of: date) -> Fraction:
    """Return how much of a window is over: all of it once it is closed, while it is open the days that have passed."""
    if state in {"closed", "sealed"}:
        return Fraction(1)
    if state not in {"open", "extended"} or "closes_on" not in days:
        return Fraction(0)
    n_days = (days["closes_on"] - days["opens_on"]).days + 1
    return min(Fraction((as_of - days["opens_on"]).days, n_days), Fraction(1))


def _received(context: "Context") -> dict[str, list[datetime]]:
    """Return when each source was received as of the night: accepted, or the same bytes as something accepted."""
    found: dict[str, list[datetime]] = {}
    for event in context.journal.events("batch_accepted", "received", until=context.clock.as_of):
        if event.kind == "batch_accepted":
            found.setdefault(event.payload["source_id"], []).append(
                datetime.fromisoformat(event.payload["received_at"])
            )
        elif event.payload["outcome"] == "duplicate_file" and event.at and event.payload["source_id"] in found:
            found[event.payload["source_id"]].append(event.at)
    return found


def _source_share(
    context: "Context", source_id: str, school_year: int, received: Mapping[str, Sequence[datetime]]
) -> Fraction:
    """Return the share of a year's deliveries up to now that came; with none expected, whether anything did."""
    from aimline.schedule import arrivals_of, late_arrivals

    now = context.clock.instant()
    expected = [
        each
        for each in arrivals_of(context.deployment)
        if (each.source_id, each.school_year) == (source_id, school_year) and each.late_at <= now
    ]
    if not received.get(source_id):
        return Fraction(0)
    if not expected:
        return Fraction(1)
    late = late_arrivals(expected, {source_id: received[source_id]}, now)
    if expected[-1] not in late:
        return Fraction(1)
    return 1 - Fraction(len(late), len(expected))


def _owner(context: "Context", source_ids: Sequence[str]) -> str | None:
    known = {each.source_id: each.owner.role for each in context.deployment.sources.sources}
    return next((known[name] for name in source_ids if name in known), None)
