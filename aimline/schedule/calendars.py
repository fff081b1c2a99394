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

    def __str__(self) -> str:
        """Write whose calendar it is, for messages."""
        named = (f"school {self.school_id}" if self.school_id else "", f"grade {self.grade}" if self.grade else "")
        return " ".join(each for each in named if each) or "the district"


DISTRICT = Scope()
Signature = tuple[tuple[int, ...], tuple[int, ...]]
"""What overrides and closures of single schools say of a scope, by the first line that says it: scopes with the same
share a calendar."""


class Calendar:
    """The days of one year for every scope; scopes for which the same is declared share their lists.

    Attributes:
        year: The year file.
    """

    def __init__(self, year: YearFile) -> None:
        """Take one year, and note which of its lines name which school and grade."""
        self.year = year
        self._kinds: dict[Signature, dict[date, str]] = {}
        self._days: dict[Signature, Days] = {}
        self._equal: dict[tuple[date, ...], Days] = {}
        self._shared: list[tuple[Days, list[Scope]]] | None = None
        self._wide: list[int] = []
        self._of_school: dict[str, list[int]] = {}
        self._closed_for: dict[str, list[int]] = {}
        self._dates = every_day(*_widest(year))
        self._alike: list[int] = []
        said: dict[tuple[object, ...], int] = {}
        for number, override in enumerate(year.overrides):
            self._alike.append(said.setdefault(_said(override), number))
            for school_id in override.schools or ():
                self._of_school.setdefault(school_id, []).append(number)
            if override.schools is None:
                self._wide.append(number)
        for number, closure in enumerate(year.closures):
            for school_id in closure.schools or ():
                self._closed_for.setdefault(school_id, []).append(number)

    def kinds(self, scope: Scope = DISTRICT) -> Mapping[date, str]:
        """Return the kind of every date on which a scope, or the district, has its year."""
        signature = self.signature(scope)
        if signature not in self._kinds:
            self._kinds[signature] = self._worked_out(*signature)
        return self._kinds[signature]

    def days(self, scope: Scope = DISTRICT) -> Days:
        """Return the school days of a scope; equal lists are one list."""
        signature = self.signature(scope)
        if signature not in self._days:
            counted = set(self.year.counts_as_instructional)
            kinds = self._kinds.get(signature) or self._worked_out(*signature)  # not kept: lists are a tenth of it
            listed = tuple(day for day, kind in kinds.items() if kind in counted)
            self._days[signature] = self._equal.setdefault(listed, Days(listed))
        return self._days[signature]

    def scopes(self) -> Iterator[Scope]:
        """Yield the district, then every school, grade and grade of a school that something is declared for."""
        schools = sorted({*self._of_school, *self._closed_for})
        grades = self.grades()
        yield DISTRICT
        yield from (Scope(None, grade) for grade in grades)
        for school_id in schools:
            yield Scope(school_id)
            yield from (Scope(school_id, grade) for grade in grades)

    def shared(self) -> list[tuple[Days, list[Scope]]]:
        """Return the different lists of school days, each with the scopes of ``scopes`` that have it."""
        if self._shared is None:
            found: dict[int, tuple[Days, list[Scope]]] = {}
            for scope in self.scopes():
                days = self.days(scope)
                found.setdefault(id(days), (days, []))[1].append(scope)
            self._shared = list(found.values())
        return self._shared

    def grades(self) -> list[str]:
        """Return the grades that an override names, in the order they are named."""
        return list(dict.fromkeys(grade for override in self.year.overrides for grade in override.grades or ()))

    def signature(self, scope: Scope) -> Signature:
        """Return which lines of the file hold for a scope beyond those for everybody, the weakest first."""
        numbers = [*self._wide, *self._of_school.get(scope.school_id or "", ())]
        overrides = [(number, self.year.overrides[number]) for number in numbers]
        held = [(strength(each), number) for number, each in overrides if each.grades is None or _has(each, scope)]
        closures = tuple(self._closed_for.get(scope.school_id or "", ()))
        return tuple(self._alike[number] for _, number in sorted(held)), closures

    def _worked_out(self, overrides: tuple[int, ...], closures: tuple[int, ...]) -> dict[date, str]:
        """Return the kind of every date where these overrides, the weakest first, and these closures hold."""
        own = self.year.school_year
        holding = [self.year.overrides[number] for number in overrides]
        first, last, week = own.first_day, own.last_day, own.week
        spoken: dict[date, str] = {}
        for each in holding:
            first, last, week = each.first_day or first, each.last_day or last, each.week or week
            spoken |= dict.fromkeys(each.closed, "other_closure") | dict.fromkeys(each.open, "regular")
        closed = {day: each.kind for each in self._holding(closures) for day, _ in each.placed_days()}
        stated: dict[date, str] = {**closed, **spoken, **self.year.day_kinds}
        found: dict[date, str] = {}
        for day in self._dates:
            if not first <= day <= last:
                found[day] = OUTSIDE
            else:
                found[day] = stated.get(day) or ("regular" if WEEKDAYS[day.weekday()] in week else WEEKEND)
        return found

    def _holding(self, closures: tuple[int, ...]) -> Iterator[Closure]:
        yield from (each for each in self.year.closures if each.schools is None)
        yield from (self.year.closures[number] for number in closures)


def _widest(year: YearFile) -> tuple[date, date]:
    """Return the first and last day of any scope."""
    own = year.school_year
    first = [each.first_day for each in year.overrides if each.first_day]
    last = [each.last_day for each in year.overrides if each.last_day]
    return min([own.first_day, *first]), max([own.last_day, *last])


def strength(override: Override) -> int:
    """Return how exactly an override names its scope: school and grade 3, school 2, grade 1, neither 0."""
    return 2 * (override.schools is not None) + (override.grades is not None)


def _said(override: Override) -> tuple[object, ...]:
    """Return what an override says, whoever it is said of."""
    return override.first_day, override.last_day, override.closed, override.open, override.week


def _has(override: Override, scope: Scope) -> bool:
    return override.grades is not None and scope.grade in override.grades


def day_kinds(year: YearFile, scope: Scope = DISTRICT) -> Mapping[date, str]:
    """Return the kind of every date on which a scope, or the district, has its year.

    Args:
        year: The year file.
        scope: Whose calendar.
    """
    return Calendar(year).kinds(scope)


def year_days(year: YearFile, scope: Scope = DISTRICT) -> Days:
    """Return the school days of one year."""
    return Calendar(year).days(scope)


class Calendars:
    """The days of all years for every scope; equal lists are one list.

    Attributes:
        by_year: The calendar of each school year, in their order.
    """

    def __init__(self, years: Iterable[YearFile]) -> None:
        """Take the years, in any order."""
        ordered = sorted(years, key=lambda year: year.school_year.first_day)
        self.by_year = {year.school_year.id: Calendar(year) for year in ordered}
        self._over_years: dict[tuple[int, ...], Days] = {}

    def school_days(self, scope: Scope = DISTRICT) -> Days:
        """Return the school days of a scope over all years."""
        parts = [each.days(scope) for each in self.by_year.values()]
        key = tuple(id(each) for each in parts)  # the calendars keep their lists, so an id is never used again
        if key not in self._over_years:
            self._over_years[key] = Days(tuple(sorted({day for each in parts for day in each.days})))
        return self._over_years[key]

    def own_span(self, span: tuple[date, date], scope: Scope) -> tuple[date, date]:
        """Return first and last day of a window of own days for a scope: from its first school day on, all its days.

        Args:
            span: First and last day of the window for the district.
            scope: A school, a grade, a grade of a school.
        """
        days, n_days = self.school_days(scope), self.school_days().count(*span)
        return days.next_on_or_after(span[0]), days.span(span[0], max(1, n_days))


def school_days(years: Iterable[YearFile], scope: Scope = DISTRICT) -> Days:
    """Return the school days of a scope over all years."""
    return Calendars(years).school_days(scope)


def working_days(years: Sequence[YearFile]) -> Days:
    """Return Monday to Friday without office closures, from the first known year to a year after the last.

    Office closures of a year that is not declared are not known: its weekdays all count.
    """
    closed = {day for year in years for day in year.office_closures}
    first = min(year.starts_on for year in years)
    last = max(year.school_year.last_day for year in years) + _AFTERWARDS
    kept = (day for day in every_day(first, last) if day.weekday() <= _FRIDAY and day not in closed)
    return Days(tuple(kept), "working day")


def calendar_rows(deployment: "Deployment") -> list[dict[str, Any]]:
    """Return the rows of entity ``calendar_days``: the district's days, and what differs for a school or a grade.

    The most exact row of a date holds: school and grade, then school, then grade, then the district. Rows of a grade
    name several grades, joined by commas, when they share the day.

    Args:
        deployment: The declared facts.
    """
    return [row for _, year in sorted(deployment.years.items()) for row in _year_rows(year)]


def _year_rows(year: YearFile) -> Iterator[dict[str, Any]]:
    calendar = Calendar(year)
    schools = list(dict.fromkeys(each.school_id for each in calendar.scopes() if each.school_id))
    grades = calendar.grades()
    plain = calendar.kinds()
    yield from (_row(year, day, kind) for day, kind in plain.items())
    by_grade = {grade: calendar.kinds(Scope(None, grade)) for grade in grades}
    yield from _differing(year, plain, by_grade)
    for school_id in schools:
        own = calendar.kinds(Scope(school_id))
        yield from (_row(year, day, kind, Scope(school_id)) for day, kind in own.items() if kind != plain[day])
        both = {grade: calendar.kinds(Scope(school_id, grade)) for grade in grades}
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
