"""Turn declared dates and rules into what is due on a day. Reading files, numbers and pages have no place here.

Pure: everything is worked out from the declared facts and a day; what happened comes in as events and goes out as
events that the caller appends. Source: schedule.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

from aimline._declared_files import Loaded
from aimline._review_units import schools_of
from aimline._row_parts import Row
from aimline.errors import DeclaredFactError, Finding
from aimline.schedule import obligations
from aimline.schedule.agenda import agenda_of, courses_of, over_before, people_of
from aimline.schedule.arrivals import Arrival, expected_arrivals, late_arrivals
from aimline.schedule.calendars import calendar_rows
from aimline.schedule.check import TOLD, asks_school, schedule_findings
from aimline.schedule.conflicts import Conflict
from aimline.schedule.due import ACTIONS, Agenda, DueItem, acknowledged, due, nudges_in
from aimline.schedule.freeze import (
    FROZEN,
    Freezing,
    affected,
    causes_since,
    changes_between,
    current,
    drift,
    history,
    inputs_key,
    message,
    next_version,
    numbered,
    plan_bytes,
    version_key,
)
from aimline.schedule.graph import Anchor
from aimline.schedule.items import Change, FrozenPlan, Item
from aimline.schedule.ownership import owner_findings
from aimline.schedule.people import Nudge, orphans
from aimline.schedule.planner import obligation_dates
from aimline.schedule.proposal import ENGINE, Asked, Made, by_a_person, items_of, listed, make_plan, proposal
from aimline.schedule.rules import Dates, resolve
from aimline.schedule.school_changes import Heirs, SchoolChange, handed_on, heirs_of, of_heirs
from aimline.schedule.windows import Course, Transition, WindowState, states_of, transitions, window_events
from schemas.sources import SourcesFile
from schemas.years import YearFile

if TYPE_CHECKING:
    from aimline.settings import Deployment

__all__ = [
    "ACTIONS",
    "ENGINE",
    "FROZEN",
    "Agenda",
    "Anchor",
    "Arrival",
    "Asked",
    "Change",
    "Conflict",
    "Course",
    "Dates",
    "DueItem",
    "Freezing",
    "FrozenPlan",
    "Item",
    "Made",
    "Nudge",
    "SchoolChange",
    "Transition",
    "WindowState",
    "acknowledged",
    "affected",
    "agenda_for",
    "arrivals_of",
    "asks_school",
    "by_a_person",
    "calendar_rows",
    "causes_since",
    "changes_between",
    "current",
    "drift",
    "due",
    "due_on",
    "handed_on",
    "heirs_of",
    "history",
    "inputs_key",
    "items_of",
    "late_arrivals",
    "listed",
    "make_plan",
    "message",
    "next_version",
    "nudges_in",
    "numbered",
    "obligation_rows",
    "of_heirs",
    "orphans",
    "other_items",
    "over_before",
    "owner_findings",
    "people_of",
    "plan_bytes",
    "proposal",
    "resolve_dates",
    "schedule_errors",
    "schedule_findings",
    "states_of",
    "transitions",
    "version_key",
    "window_events",
    "year_files",
]


_Worked = TypeVar("_Worked")


def _once(work: Callable[["Deployment"], _Worked]) -> Callable[["Deployment"], _Worked]:
    """Work something out once a process for the same files: every step of every night asks anew."""
    known: dict[str, _Worked] = {}

    @wraps(work)
    def recall(deployment: "Deployment") -> _Worked:
        if deployment.digest not in known:
            worked = work(deployment)
            known.clear()
            known[deployment.digest] = worked
        return known[deployment.digest]

    return recall


@_once
def resolve_dates(deployment: "Deployment") -> Dates:
    """Return the dates of all windows and reviews by (school year, id), as ``settings.declared_rows`` takes them.

    Raises:
        DeclaredFactError: A rule gives no date; all findings, with file, line and column.
    """
    wrong = schedule_errors(deployment)
    if any(each.code not in TOLD for each in wrong):
        raise DeclaredFactError(wrong)
    return resolve(year_files(deployment), obligation_dates, schools_of(deployment.district))[0]


@_once
def schedule_errors(deployment: "Deployment") -> list[Finding]:
    """Return the errors of all calendars and rules, sorted; with those alone that are ``TOLD`` dates can be given."""
    found = schedule_findings(year_files(deployment), _sources(deployment))
    return [each for each in found if each.severity == "error"]


@_once
def arrivals_of(deployment: "Deployment") -> tuple[Arrival, ...]:
    """Return every expected delivery of all years, by day; rules that give none are told by ``resolve_dates``."""
    return expected_arrivals(year_files(deployment), _sources(deployment))[0]


def obligation_rows(deployment: "Deployment", dates: Dates, frozen: Sequence[FrozenPlan] = ()) -> list[Row]:
    """Return the rows of entity ``declared_obligations`` of all years, by due date.

    Args:
        deployment: The declared facts.
        dates: Dates of windows and reviews.
        frozen: The version in force of each year that has one; others have their proposal.
    """
    plans = {plan.school_year: plan for plan in frozen}
    for school_year, year in deployment.years.items():
        if school_year not in plans:
            plans[school_year] = proposal(deployment, school_year, year.starts_on)
    return obligations.obligation_rows(deployment, dates, arrivals_of(deployment), plans)


def due_on(deployment: "Deployment", dates: Dates, as_of: date, since: date | None = None) -> tuple[DueItem, ...]:
    """Return what is due in (since, as_of] by the proposals of all years, whatever was done.

    Args:
        deployment: The declared facts.
        dates: Dates of windows and reviews.
        as_of: The day of the run.
        since: The day of the last finished run; the day before when None.
    """
    agenda = agenda_for(deployment, dates, {}, as_of)
    return due(agenda, {}, frozenset(), since or as_of - timedelta(days=1), as_of)


def agenda_for(  # noqa: PLR0913 - the first four name what is looked at
    deployment: "Deployment",
    dates: Dates,
    frozen: Mapping[int, Sequence[FrozenPlan]],
    as_of: date,
    *,
    heirs: Heirs | None = None,
) -> Agenda:
    """Return everything that is dated: of each year its newest frozen version, else its proposal.

    Args:
        deployment: The declared facts.
        dates: Dates of windows and reviews.
        frozen: School year → its frozen versions up to a day, the newest last.
        as_of: The day of the run.
        heirs: Schools that are no more, with who took them over.
    """
    arrivals = arrivals_of(deployment)
    others = other_items(deployment, with_arrivals=False)
    plans: list[FrozenPlan] = []
    courses: list[Course] = []
    for school_year in sorted(deployment.years):
        history = frozen.get(school_year, ())
        plan = history[-1] if history else proposal(deployment, school_year, as_of, heirs)
        plan = replace(plan, items=(*plan.items, *(each for each in others if each.school_year == school_year)))
        plan = handed_on(plan, heirs or {})
        plans.append(plan)
        courses += courses_of(plan, dates, history)
    return agenda_of(deployment, plans, courses, arrivals)


def other_items(deployment: "Deployment", *, with_arrivals: bool) -> tuple[Item, ...]:
    """Return what has a date and is no part of a plan, of all years: plan steps, decisions; deliveries if asked for."""
    rows = obligations.other_rows(deployment, arrivals_of(deployment) if with_arrivals else ())
    return tuple(
        Item(
            id=row["obligation_id"].removeprefix(f"{row['school_year']}_"),
            kind=row["kind"],
            school_year=row["school_year"],
            title={"en": row["label_en"] or row["obligation_id"]},
            opens_on=row.get("opens_on"),
            closes_on=row.get("closes_on"),
            due_on=row["due_on"],
            owner=row["owner_role"],
            rule=row["rule"],
            window_id=row.get("window_id"),
        )
        for row in rows
    )


def year_files(deployment: "Deployment") -> tuple[Loaded[YearFile], ...]:
    """Return the year files of a deployment with the places of everything in them."""
    return tuple(
        Loaded(deployment.trees[deployment.year_file(school_year)], year)
        for school_year, year in sorted(deployment.years.items())
    )


def _sources(deployment: "Deployment") -> Loaded[SourcesFile]:
    return Loaded(deployment.trees["sources.yml"], deployment.sources)
