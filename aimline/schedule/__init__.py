"""Turn declared dates and rules into what is due on a day. Reading files, numbers and pages have no place here.

Pure: everything is worked out from the declared facts and a day; what happened comes in as events and goes out as
events that the caller appends. Source: schedule.md.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from aimline._declared_files import Loaded
from aimline._row_parts import Row
from aimline.errors import DeclaredFactError
from aimline.schedule import obligations
from aimline.schedule.arrivals import Arrival, expected_arrivals, late_arrivals
from aimline.schedule.calendars import calendar_rows, school_days
from aimline.schedule.check import schedule_findings
from aimline.schedule.due import ACTIONS, DueItem, Plan, due
from aimline.schedule.rules import Dates, resolve
from aimline.schedule.windows import Transition, states_of, transitions, window_events
from schemas.sources import SourcesFile
from schemas.years import YearFile

if TYPE_CHECKING:
    from aimline.settings import Deployment

__all__ = [
    "ACTIONS",
    "Arrival",
    "Dates",
    "DueItem",
    "Transition",
    "arrivals_of",
    "calendar_rows",
    "due_on",
    "late_arrivals",
    "obligation_rows",
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
    return resolve(years)[0]


def arrivals_of(deployment: "Deployment") -> tuple[Arrival, ...]:
    """Return every expected delivery of all years, by day; rules that give none are told by ``resolve_dates``."""
    return expected_arrivals(year_files(deployment), _sources(deployment))[0]


def obligation_rows(deployment: "Deployment", dates: Dates) -> list[Row]:
    """Return the rows of entity ``declared_obligations`` of all years, by due date."""
    return obligations.obligation_rows(deployment, dates, arrivals_of(deployment))


def due_on(deployment: "Deployment", dates: Dates, as_of: date, since: date | None = None) -> tuple[DueItem, ...]:
    """Return what is due in (since, as_of].

    Args:
        deployment: The declared facts.
        dates: Dates of windows and reviews.
        as_of: The day of the run.
        since: The day of the last finished run; the day before when None.
    """
    plan = Plan(
        dates=dates,
        obligations=tuple(obligation_rows(deployment, dates)),
        sources=tuple((each.source_id, each.owner.role) for each in deployment.sources.sources),
        school_days=school_days(deployment.years.values()),
    )
    return due(plan, since or as_of - timedelta(days=1), as_of)


def year_files(deployment: "Deployment") -> tuple[Loaded[YearFile], ...]:
    """Return the year files of a deployment with the places of everything in them."""
    return tuple(
        Loaded(deployment.trees[deployment.year_file(school_year)], year)
        for school_year, year in sorted(deployment.years.items())
    )


def _sources(deployment: "Deployment") -> Loaded[SourcesFile]:
    return Loaded(deployment.trees["sources.yml"], deployment.sources)
