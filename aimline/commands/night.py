"""The steps of a night that no verb has of its own."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from aimline.commands._dated import DONE, Told, frozen_of, told_by
from aimline.ledger.nights import still_blocked
from aimline.schedule import over_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from aimline.context import Context
    from aimline.journal import Event
    from aimline.schedule import Agenda, Course, FrozenPlan, Nudge, Transition
    from aimline.schedule.windows import Action, Refusal

BLOCKED = "window_blocked"
"""The event of a night in which a window could not go on, with the guard, its message and the owner's role."""

_TOLD_OF = frozenset({"remind", "escalate"})
_DONE_BY_NIGHT = frozenset(
    {"score", "review_packet", "review_reflect", "review_close", "cycle_step", "publish", "check_arrival", "rollover"}
)

_worked_out: "dict[tuple[object, ...], Agenda]" = {}


@dataclass(frozen=True)
class Tonight:
    """What is dated, as a night sees it."""

    context: "Context"

    @cached_property
    def agenda(self) -> "Agenda":
        """Return the plans of all years with everything that is dated; worked out once a day for the same plans."""
        from aimline.schedule import agenda_for, resolve_dates

        declared = self.context.deployment
        frozen = frozen_of(self.context.store, declared, self.as_of)
        versions = tuple(each[-1].version if each else 0 for each in frozen.values())
        heirs = tuple(sorted(self.told.heirs.items()))
        place = (declared.digest, self._judged_on(frozen), str(self.context.store.root), versions, heirs)
        if place not in _worked_out:
            _worked_out.clear()
            dates = resolve_dates(declared)
            _worked_out[place] = agenda_for(declared, dates, frozen, self.as_of, heirs=self.told.heirs)
        return _worked_out[place]

    def _judged_on(self, frozen: "Mapping[int, tuple[FrozenPlan, ...]]") -> date | None:
        """Return the day of the run where a proposal depends on it: of a year that is not frozen and not over."""
        years = self.context.deployment.years
        is_open = any(not frozen[each] and years[each].school_year.last_day >= self.as_of for each in frozen)
        return self.as_of if is_open else None

    @cached_property
    def told(self) -> Told:
        """Return what the journal tells of dates."""
        return told_by(self.context.journal, self.as_of)

    @property
    def as_of(self) -> date:
        """Return the day of the night."""
        return self.context.clock.as_of

    @property
    def since(self) -> date:
        """Return the day of the last finished night: what was due until then is done."""
        return self.told.last_night or self.as_of - timedelta(days=1)


def move_windows(context: "Context", *, arrivals_are_in: bool = True) -> "tuple[Transition, ...]":
    """Move the windows whose day has come as far as their guards let them, and say so in the journal.

    A closure inside an open window first makes a new version of its plan. What blocks a window is told every night,
    once what came tonight is in: a list that comes in the same night blocks nothing, and a delivery of the last day on
    which late answers are accepted comes before the seal.

    Args:
        context: The run.
        arrivals_are_in: Whether tonight's deliveries were collected; before that nothing is blocked and none is sealed.

    Returns:
        The steps that were due and not made before, by their day.
    """
    from aimline.schedule import window_events

    _take_in_closures(context)
    night = Tonight(context)
    actions = _judged(night, arrivals_are_in=arrivals_are_in)
    steps = tuple(each.transition for each in actions if each.transition)
    events = window_events(steps, night.as_of, context.run_id)
    events += [_blocked(night, course, refusal) for course, refusal in _refusals(night, actions)]
    context.journal.append(events, at=context.clock.instant())
    return steps


def _take_in_closures(context: "Context") -> None:
    """Give open windows back the days that closures took, where their year says so."""
    from aimline.commands._freezing import extend

    for school_year, year in context.deployment.years.items():
        if any(window.extend_if for window in year.windows):
            extend(context, school_year)


def _judged(night: Tonight, *, arrivals_are_in: bool) -> "tuple[Action, ...]":
    """Return what follows for all windows tonight; those that were over before anybody looked pass as planned."""
    from aimline.commands._windows import Gathered
    from aimline.schedule.guards import Guards, waiting_for_arrivals
    from aimline.schedule.windows import Course, WindowEvent, run, told_early, was_over

    agenda, told = night.agenda, night.told
    gathered = Gathered(night.context, agenda.people, agenda.arrivals, told.acknowledged, told.heirs)
    guards = Guards(gathered.of, agenda.school)
    past = over_before(agenda.courses, told.first_day or night.as_of)

    def judge(course: Course, event: WindowEvent, as_of: date) -> WindowEvent:
        if course.key in past:
            return was_over(event)
        judged = guards.judge(course, event, as_of)
        return judged if arrivals_are_in else waiting_for_arrivals(judged)

    actions = run(agenda.courses, told.states, night.as_of, judge)
    return actions if arrivals_are_in else told_early(actions)


def _refusals(night: Tonight, actions: "Iterable[Action]") -> "Iterator[tuple[Course, Refusal]]":
    courses = {course.key: course for course in night.agenda.courses}
    for each in actions:
        if each.what == "alert" and each.refusal and each.key:
            yield courses[each.key], each.refusal


def _blocked(night: Tonight, course: "Course", refusal: "Refusal") -> "Event":
    """Return the event of a night in which a window is blocked."""
    from aimline.journal import Event

    payload = {
        "window_id": course.window_id,
        "school_year": course.school_year,
        "guard": refusal.guard,
        "owner_role": refusal.owner,
        "message": refusal.message,
    }
    key = f"{BLOCKED}|{course.window_id}|{course.school_year}|{refusal.guard}|{night.as_of}"
    return Event(BLOCKED, course.window_id, night.as_of, key, payload, night.context.run_id)


def tell_missing_year(context: "Context") -> None:
    """Say in the journal that a school year has begun without a file: last year's shape goes on until there is one."""
    from aimline.journal import Event
    from aimline.schedule.rollover import missing_year

    as_of = context.clock.as_of
    label = missing_year(context.deployment.years, as_of)
    if label:
        key = f"calendar_missing|{label}|{as_of}"  # told every night
        event = Event("calendar_missing", label, as_of, key, {"school_year": label}, context.run_id)
        context.journal.append([event], at=context.clock.instant())


def to_tell(context: "Context") -> "Mapping[str, tuple[Nudge, ...]]":
    """Return what each person is to be told tonight; nobody on a day without work.

    What fell on a day without a run is told in the next one. What was told is never told again.
    """
    from aimline.schedule import nudges_in

    night = Tonight(context)
    agenda, told = night.agenda, night.told
    if night.as_of not in agenda.working:
        return {}
    since = min(night.since, agenda.working.add(night.as_of, -1))
    found: dict[str, list[Nudge]] = {}
    for nudge in nudges_in(agenda, told.states, told.done, (since, night.as_of)):
        owners = (agenda.people.owner(role, night.as_of) for role in nudge.roles)
        for person in dict.fromkeys(owner.person for owner in owners if owner.person):
            found.setdefault(person, []).append(nudge)
    return {person: tuple(nudges) for person, nudges in sorted(found.items())}


def blocked_for(context: "Context") -> dict[str, tuple[str, ...]]:
    """Return what each person must know of windows that are blocked tonight: guard, owner and remedy in words."""
    night = Tonight(context)
    if night.as_of not in night.agenda.working:
        return {}
    events = [each for each in context.journal.events(BLOCKED, "window_transition") if each.as_of == night.as_of]
    found: dict[str, list[str]] = {}
    for event in still_blocked(events):
        role = event.payload["owner_role"]
        owner = night.agenda.people.owner(role, night.as_of) if role else None
        if owner and owner.person:
            found.setdefault(owner.person, []).append(event.payload["message"])
    return {person: tuple(dict.fromkeys(messages)) for person, messages in found.items()}


def record_told(context: "Context") -> None:
    """Write down that people were told what was to be told tonight."""
    night = Tonight(context)
    if night.as_of in night.agenda.working:
        since = min(night.since, night.agenda.working.add(night.as_of, -1))
        _record(night, since, _TOLD_OF)


def record_done(context: "Context") -> None:
    """Write down what the night that ends has done of what was due; steps of windows were written down already."""
    night = Tonight(context)
    _record(night, night.since, _DONE_BY_NIGHT)


def _record(night: Tonight, since: date, actions: frozenset[str]) -> None:
    from aimline.journal import Event
    from aimline.schedule import due

    items = due(night.agenda, night.told.states, night.told.done, since, night.as_of)
    run_id = night.context.run_id
    events = [
        Event(DONE, item.id, night.as_of, f"{DONE}|{item.key}", {"key": item.key, "due_on": item.due_on}, run_id)
        for item in items
        if item.action in actions
    ]
    night.context.journal.append(events, at=night.context.clock.instant())
