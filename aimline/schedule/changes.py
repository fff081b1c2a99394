"""Say what a closure or a make-up day during the year moves, and what it may not move. Pure: dates in, dates out.

What is over stays, an open window keeps its opening; a day that is lost inside an open window is given back at its
end. Writing a new version is ``freeze``. Source: schedule.md 3.4.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from aimline.schedule.calendars import DISTRICT, Calendar, Scope
from aimline.schedule.school_days import Days
from schemas.years import Closure, YearFile

Span = tuple[date, date]

OPENING_KEPT = "opening_kept"
"""The code of a finding: rules now give an opening that is over, so the old one holds."""


@dataclass(frozen=True, order=True)
class Closed:
    """One closed day of the file: which, why, since when it is known, and its id in the record of a version."""

    on: date
    id: str
    kind: str
    declared_on: date | None = None


def lost_days(
    calendar: Calendar, span: Span, known: Collection[str] = (), scope: Scope = DISTRICT
) -> tuple[Closed, ...]:
    """Return the days that closures take out of a span, in order: school days if nobody had closed them.

    Args:
        calendar: The calendar with the closures in it.
        span: First and last day of a window.
        known: Ids of closures that a version has taken in already.
        scope: Whose calendar.
    """
    opened = _without_closures(calendar).days(scope)
    closed = [
        Closed(day, f"closure.{day}", each.kind, each.declared_on)
        for each in calendar.year.closures
        if each.schools is None or scope.school_id in each.schools
        for day, _ in each.placed_days()
    ]
    shut = calendar.days(scope)
    found = {each for each in closed if span[0] <= each.on <= span[1] and each.on in opened and each.on not in shut}
    return tuple(sorted(each for each in found if each.id not in known))


def _without_closures(calendar: Calendar) -> Calendar:
    return Calendar(calendar.year.model_copy(update={"closures": ()}))


def extended(closes: date, n_lost: int, n_most: int, days: Days) -> date:
    """Return the last day of an open window that lost some of its days.

    Args:
        closes: Its last day so far.
        n_lost: How many days it lost since.
        n_most: By how many days it may still be extended: ``extend_if.max`` less what it was given already.
        days: The school days as they are now.
    """
    n_days = min(n_lost, n_most)
    return days.add(days.prev_on_or_before(closes), n_days) if n_days > 0 else closes


@dataclass(frozen=True)
class Settled:
    """The dates that hold after a change, and the code of what has to be told about them."""

    opens_on: date
    closes_on: date
    told: str | None = None


def settled(old: Span, new: Span, as_of: date, *, is_open: bool) -> Settled:
    """Return the dates of a window that hold when its rules give new ones.

    Args:
        old: First and last day that held so far.
        new: First and last day that its rules give now.
        as_of: The day of the change; nothing before it moves.
        is_open: Whether the window is open, or over.
    """
    if is_open or old[0] < as_of:
        return Settled(*old)
    if new[0] < as_of:
        return Settled(*old, OPENING_KEPT)
    return Settled(*new)


def if_closed(year: YearFile, days: Iterable[date], as_of: date) -> YearFile:
    """Return a year in which some days are closed too, as if somebody had said so on a day; closed days stay as is.

    Args:
        year: The year as declared.
        days: The days to close.
        as_of: When they are declared.
    """
    school = Calendar(year).days()
    added = [Closure(date=day, kind="snow", declared_on=as_of) for day in sorted(set(days)) if day in school]
    kinds = {day: kind for day, kind in year.day_kinds.items() if day not in {each.date for each in added}}
    return year.model_copy(update={"closures": (*year.closures, *added), "day_kinds": kinds})
