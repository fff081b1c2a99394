"""Say what kind of day each date is, for the district, a school, a grade: the calendar as the year files declare it.

The first that speaks decides: outside the year, ``day_kinds``, overrides (school and grade before school before grade),
closures, the pattern of the week. Counting days is ``school_days``; whether the calendar makes sense is ``check``.
Source: schedule.md 3.1, 3.2.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from aimline.schedule.school_days import Days, every_day
from schemas._base import WEEKDAYS
from schemas.years import Closure, Override, YearFile

if TYPE_CHECKING:
    from aimline.settings import Deployment

CALENDAR_ID = "district"
"""The one calendar the year files declare."""

OUTSIDE, WEEKEND = "outside", "weekend"

_ROW_KINDS = {"early_release": "early_release", "late_start": "early_release", "half": "half"}
_ROW_KINDS |= {"off_site": "off_site", "make_up": "make_up"}
_FRIDAY = 4
_AFTERWARDS = timedelta(days=366)


@dataclass(frozen=True)
class Scope:
    """Whose calendar it is: one school, one grade, one grade of a school; the district's when neither is given."""

    school_id: str | None = None
    grade: str | None = None


DISTRICT = Scope()


def day_kinds(year: YearFile, scope: Scope = DISTRICT) -> dict[date, str]:
    """Return the kind of every date on which a scope, or the district, has its year.

    Args:
        year: The year file.
        scope: Whose calendar.
    """
    spoken = _spoken(year, scope)
    bounds = _bounds(year, scope)
    closed = {day: each.kind for each in year.closures if _is_for(each, scope) for day in _closed_days(each)}
    found: dict[date, str] = {}
    for day in every_day(*_widest(year)):
        if not bounds[0] <= day <= bounds[1]:
            found[day] = OUTSIDE
            continue
        pattern = "regular" if WEEKDAYS[day.weekday()] in year.school_year.week else WEEKEND
        found[day] = year.day_kinds.get(day) or spoken.get(day) or closed.get(day) or pattern
    return found


def _widest(year: YearFile) -> tuple[date, date]:
    """Return the first and last day of any scope."""
    own = year.school_year
    first = [each.first_day for each in year.overrides if each.first_day]
    last = [each.last_day for each in year.overrides if each.last_day]
    return min([own.first_day, *first]), max([own.last_day, *last])


def _by_strength(year: YearFile, scope: Scope) -> list[Override]:
    """Return the overrides that hold for a scope, the weakest first."""
    return sorted((each for each in year.overrides if _holds(each, scope)), key=strength)


def strength(override: Override) -> int:
    """Return how exactly an override names its scope: school and grade 3, school 2, grade 1, neither 0."""
    return 2 * (override.schools is not None) + (override.grades is not None)


def _holds(override: Override, scope: Scope) -> bool:
    is_school = override.schools is None or scope.school_id in override.schools
    return is_school and (override.grades is None or scope.grade in override.grades)


def _spoken(year: YearFile, scope: Scope) -> dict[date, str]:
    """Return what overrides say of single days; the strongest speaks last."""
    spoken: dict[date, str] = {}
    for each in _by_strength(year, scope):
        spoken |= dict.fromkeys(each.closed, "other_closure") | dict.fromkeys(each.open, "regular")
    return spoken


def _bounds(year: YearFile, scope: Scope) -> tuple[date, date]:
    first, last = year.school_year.first_day, year.school_year.last_day
    for each in _by_strength(year, scope):
        first, last = each.first_day or first, each.last_day or last
    return first, last


def _is_for(closure: Closure, scope: Scope) -> bool:
    return closure.schools is None or scope.school_id in closure.schools


def _closed_days(closure: Closure) -> tuple[date, ...]:
    return every_day(closure.first_on, closure.last_on)


def year_days(year: YearFile, scope: Scope = DISTRICT) -> Days:
    """Return the school days of one year."""
    counted = set(year.counts_as_instructional)
    return Days(tuple(day for day, kind in day_kinds(year, scope).items() if kind in counted))


def school_days(years: Iterable[YearFile], scope: Scope = DISTRICT) -> Days:
    """Return the school days of a scope over all years."""
    return Days(tuple(sorted({day for year in years for day in year_days(year, scope).days})))


def working_days(years: Sequence[YearFile]) -> Days:
    """Return Monday to Friday without office closures, from the first known year to a year after the last.

    Office closures of a year that is not declared are not known: its weekdays all count.
    """
    closed = {day for year in years for day in year.office_closures}
    first = min(_fiscal_start(year) for year in years)
    last = max(year.school_year.last_day for year in years) + _AFTERWARDS
    kept = (day for day in every_day(first, last) if day.weekday() <= _FRIDAY and day not in closed)
    return Days(tuple(kept), "working day")


def _fiscal_start(year: YearFile) -> date:
    declared = year.fiscal_year.starts if year.fiscal_year else year.school_year.first_day
    return min(declared, year.school_year.first_day)


def calendar_rows(deployment: "Deployment") -> list[dict[str, Any]]:
    """Return the rows of entity ``calendar_days``: the district's days, and what differs for a school or a grade.

    The most exact row of a date holds: school and grade, then school, then grade, then the district. Rows of a grade
    name several grades, joined by commas, when they share the day.

    Args:
        deployment: The declared facts.
    """
    return [row for _, year in sorted(deployment.years.items()) for row in _year_rows(year)]


def _year_rows(year: YearFile) -> Iterator[dict[str, Any]]:
    named = [each.schools or () for each in year.overrides] + [each.schools or () for each in year.closures]
    schools = sorted({school_id for each in named for school_id in each})
    grades = [grade for override in year.overrides for grade in override.grades or ()]
    grades = sorted(set(grades), key=grades.index)
    plain = day_kinds(year)
    yield from (_row(year, day, kind) for day, kind in plain.items())
    by_grade = {grade: day_kinds(year, Scope(None, grade)) for grade in grades}
    yield from _differing(year, plain, by_grade)
    for school_id in schools:
        own = day_kinds(year, Scope(school_id))
        yield from (_row(year, day, kind, Scope(school_id)) for day, kind in own.items() if kind != plain[day])
        both = {grade: day_kinds(year, Scope(school_id, grade)) for grade in grades}
        yield from _differing_in_school(year, school_id, (plain, own), (by_grade, both))


def _differing(
    year: YearFile, plain: Mapping[date, str], by_grade: Mapping[str, Mapping[date, str]]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of grades that differ from the district's."""
    for day, kind in plain.items():
        others: dict[str, list[str]] = {}
        for grade, kinds in by_grade.items():
            if kinds[day] != kind:
                others.setdefault(kinds[day], []).append(grade)
        for other, grades in others.items():
            yield _row(year, day, other, Scope(None, ",".join(grades)))


def _differing_in_school(
    year: YearFile,
    school_id: str,
    wholes: tuple[Mapping[date, str], Mapping[date, str]],
    by_grade: tuple[Mapping[str, Mapping[date, str]], Mapping[str, Mapping[date, str]]],
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a school's grades that the rows of the school, the grade and the district do not give."""
    plain, own = wholes
    for grade, kinds in by_grade[1].items():
        for day, kind in kinds.items():
            given = own[day] if own[day] != plain[day] else by_grade[0][grade][day]
            if kind != given:
                yield _row(year, day, kind, Scope(school_id, grade))


def _row(year: YearFile, day: date, kind: str, scope: Scope = DISTRICT) -> dict[str, Any]:
    is_instructional = kind in year.counts_as_instructional
    return {
        "calendar_id": CALENDAR_ID,
        "on_date": day,
        "school_id": scope.school_id,
        "grades": scope.grade,
        "day_kind": _ROW_KINDS.get(kind, "regular") if is_instructional else "no_school",
        "is_instructional": is_instructional,
        "cycle_day": None,
    }
