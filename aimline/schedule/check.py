"""Judge the dates that rules give, and with them every calendar: findings with their place, never exceptions.

Counting days is ``school_days``, resolving rules ``rules``, the calendar by itself ``calendar_checks``. Source:
schedule.md 3.2, 3.5, reviews.md 2, 3.1.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from aimline._declared_files import Loaded
from aimline.errors import Finding
from aimline.schedule.arrivals import arrival_findings
from aimline.schedule.calendar_checks import calendar_findings
from aimline.schedule.calendars import Calendar, Scope
from aimline.schedule.planner import obligation_dates
from aimline.schedule.rules import Dates, resolve
from schemas._base import RESPONDENTS
from schemas.sources import SourcesFile
from schemas.years import Asked, Respondent, Window, YearFile

if TYPE_CHECKING:
    from aimline._yaml import TreePath

Findings = Iterator[Finding]
Year = Loaded[YearFile]

TOLD = frozenset(
    {"closure_on_weekend", "date_outside_year", "term_end_not_school_day", "duplicate_closure", "count_mismatch"}
)
"""Errors of a calendar that leave every day with one kind: nothing is frozen then, but a snow day stops no night."""

_SHOWN = 5
"""How many schools and grades a finding names one by one."""


def schedule_findings(years: Sequence[Year], sources: Loaded[SourcesFile]) -> list[Finding]:
    """Return everything wrong with calendars, rules and the dates they give, sorted.

    Args:
        years: The year files; what of them cannot be read is passed over.
        sources: The sources, whose expected deliveries count from the years.
    """
    dates, found = resolve(years, obligation_dates)
    found += arrival_findings(years, sources)
    for loaded in years:
        if loaded.shape:
            calendar = Calendar(loaded.shape)
            found += calendar_findings(loaded, loaded.shape, calendar)
            found += _window_findings(loaded, calendar, dates)
            found += _review_findings(loaded, loaded.shape, dates)
    found += _overlapping_years(years)
    return sorted(set(found))


def _overlapping_years(years: Sequence[Year]) -> Findings:
    known = sorted((each for each in years if each.shape), key=_first_day)
    for before, after in pairwise(known):
        if before.shape and after.shape and after.shape.school_year.first_day <= before.shape.school_year.last_day:
            message = f"it begins before {before.shape.school_year.label} ends on {before.shape.school_year.last_day}."
            yield after.finding(("school_year", "first_day"), message, "Correct one of them.", code="years_overlap")


def _first_day(loaded: Year) -> date:
    return loaded.shape.school_year.first_day if loaded.shape else date.max


def _window_findings(loaded: Year, calendar: Calendar, dates: Dates) -> Findings:
    year, kinds = calendar.year, calendar.kinds()
    for number, window in enumerate(year.windows):
        days = dates.get((year.school_year.id, window.id), {})
        if "opens_on" not in days or "closes_on" not in days:
            continue
        opens, closes = days["opens_on"], days["closes_on"]
        if closes < opens:
            message = f"'{window.id}' closes on {closes}, before it opens on {opens}."
            yield loaded.finding(
                ("windows", number), message, "Correct one of the rules.", code="window_order", on_date=closes
            )
        if kinds.get(opens) not in year.counts_as_instructional:
            what = kinds.get(opens, "outside the year").replace("_", " ")
            path: TreePath = ("windows", number, "opens")
            message = f"'{window.id}' opens on {opens}, no school day ({what})."
            remedy = "Nobody answers before the next school day."
            yield loaded.finding(path, message, remedy, severity="warning", code="window_opens_closed", on_date=opens)
        if window.resolve == "district_dates":
            yield from _thin_findings(loaded, calendar, number, (opens, closes))
    yield from _overlap_findings(loaded, year, dates)


def _thin_findings(loaded: Year, calendar: Calendar, number: int, span: tuple[date, date]) -> Findings:
    """Tell of schools and grades that have too few of a window's school days, once for all with the same days."""
    window = calendar.year.windows[number]
    n_all = calendar.days().count(*span)
    thin: dict[int, list[str]] = {}
    for days, scopes in calendar.shared():
        n_own = days.count(*span)
        if n_own < n_all * window.min_scope_share:
            thin.setdefault(n_own, []).extend(str(scope) for scope in scopes if _asks_scope(window, scope))
    for n_own, names in thin.items():
        if not names:
            continue
        named = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        verb = "has" if len(names) == 1 else "have"
        message = f"{named} {verb} {n_own} of the {n_all} school days of '{window.id}'."
        remedy = "Move the window, or write resolve: own_days."
        yield loaded.finding(
            ("windows", number), message, remedy, severity="warning", code="window_thin_for_scope", on_date=span[0]
        )


def asks_school(window: Window, school_id: str) -> bool:
    """Say whether a window concerns a school: it asks somebody there, or asks nobody and so looks at all of them."""
    return _asks_scope(window, Scope(school_id))


def _asks_scope(window: Window, scope: Scope) -> bool:
    """Say whether a window asks anybody of a school or a grade; a grade is one of students and their families."""
    asked = whom(window)
    if not asked:
        return True
    return any(
        (scope.school_id is None or each.schools is None or scope.school_id in each.schools)
        and (scope.grade is None or each.grades is None or scope.grade in each.grades)
        for each in asked.values()
    )


def whom(window: Window) -> dict[Respondent, Asked]:
    """Return whom a window asks; a survey that names nobody may ask everybody, other kinds then ask nobody."""
    if window.respondents or window.kind != "survey":
        return window.respondents
    return dict.fromkeys(RESPONDENTS, Asked())  # type: ignore[arg-type]  # the words are those of Respondent


def _overlap_findings(loaded: Year, year: YearFile, dates: Dates) -> Findings:
    """Two windows that ask the same people at the same time tire them."""
    own = year.school_year.id
    dated = {each.id for each in year.windows if {"opens_on", "closes_on"} <= set(dates.get((own, each.id), {}))}
    known = [(number, each) for number, each in enumerate(year.windows) if each.id in dated]
    for (_, first), (other, second) in combinations(known, 2):
        one, two = dates[own, first.id], dates[own, second.id]
        begins, ends = max(one["opens_on"], two["opens_on"]), min(one["closes_on"], two["closes_on"])
        if begins <= ends and share_people(first, second):
            message = f"'{second.id}' asks the same people as '{first.id}' from {begins} to {ends}."
            remedy = "Move one of them, or ask other grades."
            yield loaded.finding(
                ("windows", other), message, remedy, severity="warning", code="window_overlap", on_date=begins
            )


def share_people(one: Window, other: Window) -> bool:
    """Say whether two windows ask anybody of the same class, grade and school."""
    first, second = whom(one), whom(other)
    for respondent in set(first) & set(second):
        mine, theirs = first[respondent], second[respondent]
        grades = mine.grades is None or theirs.grades is None or set(mine.grades) & set(theirs.grades)
        schools = mine.schools is None or theirs.schools is None or set(mine.schools) & set(theirs.schools)
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
