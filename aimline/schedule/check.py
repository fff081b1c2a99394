"""Judge a calendar and the dates its rules give: findings with their place, never exceptions.

Counting days is ``school_days``, resolving rules ``rules``. Source: schedule.md 3.5, reviews.md 2, 3.1.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from aimline._declared_files import Loaded
from aimline.errors import Finding
from aimline.schedule.arrivals import expected_arrivals
from aimline.schedule.calendars import day_kinds, strength, year_days
from aimline.schedule.rules import Dates, resolve
from aimline.schedule.school_days import Days, every_day
from schemas._base import WEEKDAYS
from schemas.sources import SourcesFile
from schemas.years import Closure, Window, YearFile

if TYPE_CHECKING:
    from aimline._yaml import TreePath

Findings = Iterator[Finding]
Year = Loaded[YearFile]


def schedule_findings(years: Sequence[Year], sources: Loaded[SourcesFile]) -> list[Finding]:
    """Return everything wrong with calendars, rules and the dates they give, sorted.

    Args:
        years: The year files; what of them cannot be read is passed over.
        sources: The sources, whose expected deliveries count from the years.
    """
    dates, found = resolve(years)
    found += expected_arrivals(years, sources)[1]
    for loaded in years:
        if loaded.shape:
            found += _calendar_findings(loaded, loaded.shape)
            found += _window_findings(loaded, loaded.shape, dates)
            found += _review_findings(loaded, loaded.shape, dates)
    found += _overlapping_years(years)
    return sorted(set(found))


def _calendar_findings(loaded: Year, year: YearFile) -> Findings:
    days = year_days(year)
    if not days.days:
        message = "no day of the year is a school day."
        yield loaded.finding(("school_year",), message, "Correct its week, or its closures.", code="no_school_days")
        return
    yield from _closure_findings(loaded, year)
    yield from _twice_closed(loaded, year)
    yield from _outside(loaded, year)
    yield from _override_findings(loaded, year)
    yield from _term_findings(loaded, year, days)
    yield from _count_findings(loaded, year, days)
    yield from _evening_findings(loaded, year)


def _closure_findings(loaded: Year, year: YearFile) -> Findings:
    """A closure of days without school says nothing: a date is wrong, or the week is."""
    opened = {day for override in year.overrides for day in override.open} | set(year.day_kinds)
    for number, closure in enumerate(year.closures):
        days = every_day(closure.first_on, closure.last_on)
        if all(WEEKDAYS[day.weekday()] not in year.school_year.week and day not in opened for day in days):
            message = f"{closure.first_on} is a {closure.first_on:%A}, without school in any week."
            remedy = "Correct the date, or remove the closure."
            yield loaded.finding(("closures", number), message, remedy, code="closure_on_weekend")


def _twice_closed(loaded: Year, year: YearFile) -> Findings:
    for (one, first), (other, second) in combinations(enumerate(year.closures), 2):
        overlap = min(first.last_on, second.last_on) >= max(first.first_on, second.first_on)
        if overlap and _share_schools(first, second):
            line = loaded.finding(("closures", one), "").line
            message = f"{max(first.first_on, second.first_on)} is closed already, in line {line}."
            yield loaded.finding(("closures", other), message, "Keep one of them.", code="duplicate_closure")


def _share_schools(one: Closure, other: Closure) -> bool:
    return one.schools is None or other.schools is None or bool(set(one.schools) & set(other.schools))


def _outside(loaded: Year, year: YearFile) -> Findings:
    """What is said of days before the first or after the last says nothing."""
    own = year.school_year
    spoken: list[tuple[TreePath, date]] = []
    for number, closure in enumerate(year.closures):
        ends = dict.fromkeys((closure.first_on, closure.last_on))
        spoken += [(("closures", number), day) for day in ends]
    spoken += [(("day_kinds", day.isoformat()), day) for day in year.day_kinds]
    for number, override in enumerate(year.overrides):
        for key in ("closed", "open"):
            spoken += [(("overrides", number, key, place), day) for place, day in enumerate(getattr(override, key))]
    for path, day in spoken:
        if not own.first_day <= day <= own.last_day:
            message = f"{day} is outside the school year, {own.first_day} to {own.last_day}."
            yield loaded.finding(path, message, "Correct the date, or remove it.", code="date_outside_year")


def _override_findings(loaded: Year, year: YearFile) -> Findings:
    """Two overrides of one strength may not both speak of a day of the same school and grade."""
    for (one, first), (other, second) in combinations(enumerate(year.overrides), 2):
        alike = strength(first) == strength(second)
        schools = first.schools is None or second.schools is None or set(first.schools) & set(second.schools)
        grades = first.grades is None or second.grades is None or set(first.grades) & set(second.grades)
        both = {*first.closed, *first.open} & {*second.closed, *second.open}
        if alike and schools and grades and both:
            line = loaded.finding(("overrides", one), "").line
            message = f"{min(both)} is spoken of in line {line} already, for the same schools and grades."
            yield loaded.finding(("overrides", other), message, "Keep one of them.", code="duplicate_override")


def _term_findings(loaded: Year, year: YearFile, days: Days) -> Findings:
    kinds = day_kinds(year)
    for kind, ends in year.terms.items():
        for number, end in enumerate(ends):
            path: TreePath = ("terms", kind, number)
            if end not in days:
                what = kinds.get(end, "outside the year").replace("_", " ")
                message = f"{end}, a {end:%A}, is no school day ({what})."
                remedy = "End the term on a school day."
                yield loaded.finding(path, message, remedy, code="term_end_not_school_day")
            if number and end <= ends[number - 1]:
                message = f"{end} is not after {ends[number - 1]}, where the term before ends."
                yield loaded.finding(path, message, "Put the ends in order.", code="term_order")


def _count_findings(loaded: Year, year: YearFile, days: Days) -> Findings:
    """Published totals must come out of the calendar."""
    if year.expect is None or not loaded.is_whole(("closures",)):
        return
    kinds = day_kinds(year)
    off_site = sum(kinds[day] == "off_site" for day in days.days)
    computed = {"on_site_days": len(days) - off_site, "off_site_days": off_site, "instructional_days": len(days)}
    for name, n_days in computed.items():
        declared = getattr(year.expect, name)
        if declared is not None and declared != n_days:
            message = f"{declared} declared, {n_days} computed."
            remedy = "Correct the number, or the closures."
            yield loaded.finding(("expect", name), message, remedy, code="count_mismatch")


def _evening_findings(loaded: Year, year: YearFile) -> Findings:
    for (_, first), (other, second) in combinations(enumerate(year.budget), 2):
        if first.on == second.on:
            message = f"'{second.id}' is on {second.on}, as '{first.id}' is."
            remedy = "Fine if one evening holds both."
            yield loaded.finding(("budget", other, "on"), message, remedy, severity="warning", code="same_evening")


def _overlapping_years(years: Sequence[Year]) -> Findings:
    known = sorted((each for each in years if each.shape), key=_first_day)
    for before, after in pairwise(known):
        if before.shape and after.shape and after.shape.school_year.first_day <= before.shape.school_year.last_day:
            message = f"it begins before {before.shape.school_year.label} ends on {before.shape.school_year.last_day}."
            yield after.finding(("school_year", "first_day"), message, "Correct one of them.", code="years_overlap")


def _first_day(loaded: Year) -> date:
    return loaded.shape.school_year.first_day if loaded.shape else date.max


def _window_findings(loaded: Year, year: YearFile, dates: Dates) -> Findings:
    kinds = day_kinds(year)
    own = year.school_year
    for number, window in enumerate(year.windows):
        days = dates.get((own.id, window.id), {})
        if "opens_on" not in days or "closes_on" not in days:
            continue
        opens, closes = days["opens_on"], days["closes_on"]
        if closes < opens:
            message = f"'{window.id}' closes on {closes}, before it opens on {opens}."
            yield loaded.finding(("windows", number), message, "Correct one of the rules.", code="window_order")
        if kinds.get(opens) not in year.counts_as_instructional:
            what = kinds.get(opens, "outside the year").replace("_", " ")
            path: TreePath = ("windows", number, "opens")
            message = f"'{window.id}' opens on {opens}, no school day ({what})."
            remedy = "Nobody answers before the next school day."
            yield loaded.finding(path, message, remedy, severity="warning", code="window_opens_closed")
    yield from _overlap_findings(loaded, year, dates)


def _overlap_findings(loaded: Year, year: YearFile, dates: Dates) -> Findings:
    """Two windows that ask the same people at the same time tire them."""
    own = year.school_year.id
    known = [(number, each) for number, each in enumerate(year.windows) if "closes_on" in dates.get((own, each.id), {})]
    for (_, first), (other, second) in combinations(known, 2):
        one, two = dates[own, first.id], dates[own, second.id]
        begins, ends = max(one["opens_on"], two["opens_on"]), min(one["closes_on"], two["closes_on"])
        if begins <= ends and _share_people(first, second):
            message = f"'{second.id}' asks the same people as '{first.id}' from {begins} to {ends}."
            remedy = "Move one of them, or ask other grades."
            yield loaded.finding(("windows", other), message, remedy, severity="warning", code="window_overlap")


def _share_people(one: Window, other: Window) -> bool:
    for respondent in set(one.respondents) & set(other.respondents):
        first, second = one.respondents[respondent], other.respondents[respondent]
        grades = first.grades is None or second.grades is None or set(first.grades) & set(second.grades)
        schools = first.schools is None or second.schools is None or set(first.schools) & set(second.schools)
        if grades and schools:
            return True
    return False


def _review_findings(loaded: Year, year: YearFile, dates: Dates) -> Findings:
    for number, review in enumerate(year.reviews):
        days = dates.get((year.school_year.id, review.id), {})
        yield from _order_findings(loaded, number, days)
        yield from _feed_findings(loaded, year, number, days.get("decide_by"))


def _order_findings(loaded: Year, number: int, days: dict[str, date]) -> Findings:
    """The packet comes first, then the meeting, then decisions, then the close."""
    steps = (
        ("packet_on", "meets_on", True, "Give people the packet first."),
        ("meets_on", "decide_by", False, "Correct one of them."),
        ("decide_by", "close_by", False, "Correct one of them."),
    )
    for before, after, is_strict, remedy in steps:
        if before not in days or after not in days:
            continue
        if days[after] < days[before] or (is_strict and days[after] == days[before]):
            message = f"{after} {days[after]} is {'not after' if is_strict else 'before'} {before} {days[before]}."
            yield loaded.finding(("reviews", number), message, remedy, code="review_order")


def _feed_findings(loaded: Year, year: YearFile, number: int, decide_by: date | None) -> Findings:
    """A review that decides after the budget step it feeds feeds nothing."""
    feeds = year.reviews[number].feeds
    step_on = next((step.on for step in year.budget if f"budget.{step.id}" == feeds), None)
    if step_on and decide_by and decide_by > step_on:
        message = f"it decides by {decide_by}, after {feeds} on {step_on}."
        yield loaded.finding(("reviews", number, "feeds"), message, "Meet earlier.", code="too_late_to_feed")
