"""Put together what is dated: the plans of all years with their windows, deliveries, sources, days and people.

Dates come from the newest frozen version of a year, else from its proposal. Source: schedule.md 6, 8, 9.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from aimline.schedule.arrivals import Arrival
from aimline.schedule.calendars import school_days, working_days
from aimline.schedule.due import Agenda
from aimline.schedule.items import FrozenPlan, Item
from aimline.schedule.people import People
from aimline.schedule.rules import Dates
from aimline.schedule.windows import Course, Extension, Key

if TYPE_CHECKING:
    from aimline.settings import Deployment


def agenda_of(
    deployment: "Deployment", plans: Sequence[FrozenPlan], courses: Sequence[Course], arrivals: Sequence[Arrival]
) -> Agenda:
    """Return everything that is dated in a deployment.

    Args:
        deployment: The declared facts.
        plans: The plan of each year.
        courses: The windows of those plans.
        arrivals: Expected deliveries.
    """
    years = [*deployment.years.values()]
    return Agenda(
        plans=tuple(plans),
        courses=tuple(courses),
        arrivals=tuple(arrivals),
        sources=tuple((each.source_id, each.owner.role) for each in deployment.sources.sources),
        school=school_days(years),
        working=working_days(years),
        people=people_of(deployment),
        reminders={
            school_year: {str(kind): days for kind, days in year.reminders.items()}
            for school_year, year in deployment.years.items()
        },
    )


def people_of(deployment: "Deployment") -> People:
    """Return the roles of a district and everybody who holds one, by the plans of all years."""
    return People(deployment.district.roles, [each for plan in deployment.plans.values() for each in plan.people])


def courses_of(plan: FrozenPlan, dates: Dates, history: Sequence[FrozenPlan] = ()) -> Iterator[Course]:
    """Yield the windows of a plan with the days of their steps.

    Args:
        plan: The version in force, or the proposal.
        dates: The days that rules give, for what a plan does not say.
        history: The frozen versions up to this one: a window that an earlier one had was called off.
    """
    for item in plan.items:
        if item.kind == "window":
            yield _course(plan, item, dates.get((plan.school_year, item.id), {}), history)
    yield from _called_off(plan, dates, history)


def _course(plan: FrozenPlan, item: Item, days: Mapping[str, date], history: Sequence[FrozenPlan]) -> Course:
    items = {each.id: each for each in plan.items if each.window_id == item.id or each.id.startswith(f"{item.id}.")}
    opens_on = item.opens_on or item.due_on or plan.as_of
    closes_on = item.closes_on or opens_on
    parts = {part: items.get(f"{item.id}.{part}") for part in ("notice", "opt_out", "roster_freeze", "late_accept")}
    due = {part: each.due_on for part, each in parts.items() if each is not None}
    return Course(
        school_year=plan.school_year,
        window_id=item.id,
        version=item.frozen_version or plan.version,
        opens_on=opens_on,
        closes_on=closes_on,
        late_until_on=due.get("late_accept") or days.get("late_until_on") or closes_on,
        freeze_on=min(due.get("roster_freeze") or opens_on, opens_on),
        notice_on=due.get("notice"),
        opt_out_on=due.get("opt_out"),
        owner=item.owner,
        extensions=tuple(_extensions(item, history)),
    )


def _extensions(item: Item, history: Sequence[FrozenPlan]) -> Iterator[Extension]:
    """Yield the versions that moved the last day of a window that was open, and no other day of it."""
    before: Item | None = None
    for plan in sorted(history, key=lambda each: each.version):
        now = next((each for each in plan.items if each.id == item.id), None)
        if now and before and now.closes_on and before.closes_on and now.opens_on == before.opens_on:
            is_open = now.opens_on is not None and now.opens_on <= plan.as_of <= before.closes_on
            if is_open and now.closes_on > before.closes_on:
                yield Extension(plan.as_of, plan.version, now.closes_on)
        before = now


def _called_off(plan: FrozenPlan, dates: Dates, history: Sequence[FrozenPlan]) -> Iterator[Course]:
    """Yield the windows that an earlier version had and the one after it has not."""
    seen: dict[str, tuple[FrozenPlan, Item]] = {}
    for version in sorted(history, key=lambda each: each.version):
        seen |= {item.id: (version, item) for item in version.items if item.kind == "window"}
    here = {item.id for item in plan.items}
    for name, (last, item) in seen.items():
        if name not in here:
            gone = next(each for each in (*history, plan) if each.version > last.version)
            course = _course(last, item, dates.get((plan.school_year, name), {}), ())
            yield _cancelled(course, gone)


def _cancelled(course: Course, gone: FrozenPlan) -> Course:
    cause = next((each.cause for each in gone.changes if each.id == course.window_id), "removed from the year")
    return replace(course, cancelled_on=gone.as_of, reason=cause)


def over_before(courses: Sequence[Course], first: date) -> frozenset[Key]:
    """Return the windows that were over before anybody looked: what they needed was not written down here."""
    return frozenset(course.key for course in courses if course.late_until_on < first)
