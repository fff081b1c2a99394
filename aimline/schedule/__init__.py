"""Turn declared dates and rules into what is due on a day. Reading files, numbers and pages have no place here.

Pure: everything is worked out from the declared facts and a day; what happened comes in as events and goes out as
events that the caller appends. Source: schedule.md.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aimline._declared_files import Loaded
from aimline._row_parts import Row
from aimline.errors import DeclaredFactError
from aimline.schedule import obligations
from aimline.schedule.agenda import agenda_of, courses_of, over_before, people_of
from aimline.schedule.arrivals import Arrival, expected_arrivals, late_arrivals
from aimline.schedule.calendars import calendar_rows
from aimline.schedule.check import schedule_findings
from aimline.schedule.due import ACTIONS, Agenda, DueItem, acknowledged, due, nudges_in
from aimline.schedule.items import FrozenPlan, Item
from aimline.schedule.people import Nudge
from aimline.schedule.planner import obligation_dates
from aimline.schedule.rules import Dates, resolve
from aimline.schedule.windows import Course, Transition, WindowState, states_of, transitions, window_events
from schemas.sources import SourcesFile
from schemas.years import YearFile

if TYPE_CHECKING:
    from aimline.settings import Deployment

__all__ = [
    "ACTIONS",
    "Agenda",
    "Arrival",
    "Course",
    "Dates",
    "DueItem",
    "FrozenPlan",
    "Item",
    "Nudge",
    "Transition",
    "WindowState",
    "acknowledged",
    "agenda_for",
    "arrivals_of",
    "calendar_rows",
    "due",
    "due_on",
    "late_arrivals",
    "nudges_in",
    "obligation_rows",
    "over_before",
    "people_of",
    "resolve_dates",
    "schedule_findings",
    "states_of",
    "transitions",
    "window_events",
    "year_files",
]


def resolve_dates(deployment: "Deployment") -> Dates:
    """Return the dates of all windows and reviews by (school year, id), as ``settings.declared_rows`` takes them.

    Raises:
        DeclaredFactError: A calendar or a rule is wrong; all findings, with file, line and column.
    """
    years = year_files(deployment)
    wrong = [each for each in schedule_findings(years, _sources(deployment)) if each.severity == "error"]
    if wrong:
        raise DeclaredFactError(wrong)
    return resolve(years, obligation_dates)[0]


def arrivals_of(deployment: "Deployment") -> tuple[Arrival, ...]:
    """Return every expected delivery of all years, by day; rules that give none are told by ``resolve_dates``."""
    return expected_arrivals(year_files(deployment), _sources(deployment))[0]


def obligation_rows(deployment: "Deployment", dates: Dates) -> list[Row]:
    """Return the rows of entity ``declared_obligations`` of all years, by due date."""
    return obligations.obligation_rows(deployment, dates, arrivals_of(deployment))


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


def agenda_for(
    deployment: "Deployment", dates: Dates, frozen: Mapping[int, Sequence[FrozenPlan]], as_of: date
) -> Agenda:
    """Return everything that is dated: of each year its newest frozen version, else its proposal.

    Args:
        deployment: The declared facts.
        dates: Dates of windows and reviews.
        frozen: School year → its frozen versions up to a day, the newest last.
        as_of: The day of the run.
    """
    arrivals = arrivals_of(deployment)
    rows = obligations.obligation_rows(deployment, dates, arrivals)
    plans: list[FrozenPlan] = []
    courses: list[Course] = []
    for school_year in sorted(deployment.years):
        history = frozen.get(school_year, ())
        plan = history[-1] if history else _proposal(deployment, school_year, rows, as_of)
        plans.append(plan)
        courses += courses_of(plan, dates, history)
    return agenda_of(deployment, plans, courses, arrivals)


def _proposal(deployment: "Deployment", school_year: int, rows: Sequence[Row], as_of: date) -> FrozenPlan:
    """Return the plan that the rules of a year give."""
    items = [
        Item(
            id=row["obligation_id"].removeprefix(f"{school_year}_"),
            kind=row["kind"],
            school_year=school_year,
            title={"en": row["label_en"] or row["obligation_id"]},
            opens_on=row["opens_on"],
            closes_on=row["closes_on"],
            due_on=row["due_on"],
            owner=row["owner_role"],
            rule=row["rule"],
            window_id=row["window_id"],
        )
        for row in rows
        if row["school_year"] == school_year and row["kind"] != "arrival"
    ]
    return FrozenPlan(deployment.name, school_year, 0, as_of, None, tuple(items))


def year_files(deployment: "Deployment") -> tuple[Loaded[YearFile], ...]:
    """Return the year files of a deployment with the places of everything in them."""
    return tuple(
        Loaded(deployment.trees[deployment.year_file(school_year)], year)
        for school_year, year in sorted(deployment.years.items())
    )


def _sources(deployment: "Deployment") -> Loaded[SourcesFile]:
    return Loaded(deployment.trees["sources.yml"], deployment.sources)
