"""Turn declared dates and rules into what is due on a day. Reading files, numbers and pages have no place here.

Pure: everything is worked out from the declared facts and a day; what happened comes in as events and goes out as
events that the caller appends. Source: schedule.md.
"""

from typing import TYPE_CHECKING

from aimline._declared_files import Loaded
from aimline.errors import DeclaredFactError
from aimline.schedule.calendars import calendar_rows
from aimline.schedule.rules import Dates, resolve
from schemas.years import YearFile

if TYPE_CHECKING:
    from aimline.settings import Deployment

__all__ = ["Dates", "calendar_rows", "resolve_dates"]


def resolve_dates(deployment: "Deployment") -> Dates:
    """Return the dates of all windows and reviews by (school year, id), as ``settings.declared_rows`` takes them.

    Raises:
        DeclaredFactError: A rule gives no date; all findings, with file, line and column.
    """
    dates, findings = resolve(year_files(deployment))
    if findings:
        raise DeclaredFactError(findings)
    return dates


def year_files(deployment: "Deployment") -> tuple[Loaded[YearFile], ...]:
    """Return the year files of a deployment with the places of everything in them."""
    return tuple(
        Loaded(deployment.trees[deployment.year_file(school_year)], year)
        for school_year, year in sorted(deployment.years.items())
    )
