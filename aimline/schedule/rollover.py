"""Draft a school year from the one before, and say in which state a year is. Reading and writing files is the caller's.

A draft has last year's shape: every date is moved to the same weekday of the same ISO week and waits in ``confirm``
for a person. What happened in one year only (snow, pins, published totals) stays behind. Source: schedule.md 12.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aimline.schedule.calendar_checks import copied_text
from schemas.years import YearFile

STATES = ("draft", "proposed", "frozen", "active", "closing", "sealed")
"""The states of a year, in their order."""

_OF_ONE_YEAR = ("confirm", "expect", "pins")
_MAKE_UP, _CANDIDATE = "make_up", "make_up_candidate"


def moved(day: date) -> date:
    """Return the same weekday of the same ISO week a year later; a 53rd week that is not there is the last one."""
    year, week, weekday = day.isocalendar()
    last_week = date(year + 1, 12, 28).isocalendar().week
    return date.fromisocalendar(year + 1, min(week, last_week), weekday)


def draft_year(held: dict[str, Any], school_year: int) -> None:
    """Change the content of a year file into that of the next year, in place.

    Args:
        held: The mapping of the file; its days are dates.
        school_year: The next year: 2028 is 2027-28.
    """
    for key in _OF_ONE_YEAR:
        held.pop(key, None)
    closures, kinds = held.get("closures") or [], held.get("day_kinds") or {}
    for number in reversed(range(len(closures))):
        if "declared_on" in closures[number]:
            del closures[number]
    for day, kind in kinds.items():
        kinds[day] = _CANDIDATE if kind == _MAKE_UP else kind
    days: list[date] = []
    for key, value in held.items():
        if key != "fiscal_year":
            held[key] = _shifted(value, days)
    held["school_year"] |= {"id": school_year, "label": f"{school_year - 1}-{school_year % 100:02d}"}
    if held.get("fiscal_year"):  # a money year begins on a day of a month, whatever its weekday
        starts = held["fiscal_year"]["starts"]
        held["fiscal_year"]["starts"] = starts.replace(year=starts.year + 1)
    held["confirm"] = sorted(set(days))


def _shifted(value: Any, days: list[date]) -> Any:
    """Return a value with every day in it moved, and note where the days went; a list names no day twice."""
    if isinstance(value, date):
        day = moved(value)
        days.append(day)
        return day
    if isinstance(value, Mapping):
        for key in [*value]:
            inner = _shifted(value[key], days)
            if isinstance(key, date):
                del value[key]  # type: ignore[attr-defined]  # the reader's mappings can be changed
            value[_shifted(key, days)] = inner  # type: ignore[index]
        return value
    if isinstance(value, list):
        for number, each in enumerate(value):
            value[number] = _shifted(each, days)
        doubled = [number for number, each in enumerate(value) if isinstance(each, date) and each in value[:number]]
        for number in reversed(doubled):
            del value[number]
    return _reference(value)


def _reference(value: Any) -> Any:
    """Move the day of a reference such as ``board.2027-02-09``."""
    if isinstance(value, str) and value.startswith("board."):
        return f"board.{moved(date.fromisoformat(value.removeprefix('board.')))}"
    return value


@dataclass(frozen=True)
class Standing:
    """What decides in which state a year is.

    Attributes:
        is_valid: Whether nothing is wrong with its file.
        n_versions: How many frozen versions of its plan there are.
        ends_before: Last day of the year before; None where that is not declared.
        is_sealed: Whether its final attendance is in, its last review held and each decision recorded.
    """

    year: YearFile
    is_valid: bool = True
    n_versions: int = 0
    ends_before: date | None = None
    is_sealed: bool = False


def state_of(standing: Standing, as_of: date) -> str:
    """Return the state of a year on a day.

    Args:
        standing: What is known of the year.
        as_of: The day.
    """
    if standing.is_sealed:
        return "sealed"
    if not standing.is_valid:
        return "draft"
    if standing.year.confirm or not standing.n_versions:
        return "proposed"
    if as_of > standing.year.school_year.last_day:
        return "closing"
    is_before = standing.ends_before is not None and as_of <= standing.ends_before
    return "frozen" if as_of < standing.year.starts_on or is_before else "active"


def banner(year: YearFile) -> str | None:
    """Return what stands above every output of a year with dates that nobody confirmed; None where there are none."""
    return copied_text(year) if year.confirm else None


def missing_year(years: Mapping[int, YearFile], as_of: date) -> str | None:
    """Return the label of the year that has begun without a file; None where the calendar goes on.

    Args:
        years: The declared years.
        as_of: The day of the run.
    """
    newest = years[max(years)]
    starts = newest.starts_on
    if (as_of.year, as_of.month, as_of.day) < (starts.year + 1, starts.month, starts.day):
        return None
    return f"{newest.school_year.id}-{(newest.school_year.id + 1) % 100:02d}"
