"""Turn rules into dates: when windows open and close, when reviews freeze, meet, decide and close.

A rule counts from something of its own year that has a date. What a rule cannot give is a finding at its place in the
file, never an exception; a reference that names nothing is told by ``aimline/_year_checks.py`` and passed over here.
Whether dates make sense together is ``check``. Source: schedule.md 5, reviews.md 3.1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aimline._declared_files import Loaded
from aimline._yaml import TreePath
from aimline.errors import DeclaredFactError, Finding
from aimline.schedule.calendars import school_days, working_days, year_days
from aimline.schedule.school_days import Days
from schemas.years import RULE_FORMS, Review, Rule, Window, YearFile

Dates = dict[tuple[int, str], dict[str, date]]

LATE_ACCEPT_DAYS = 5
"""School days after a window in which answers still count, where the window says nothing else."""

FREEZE_AFTER, MEET_AFTER, DECIDE_AFTER, CLOSE_AFTER = -5, 3, 3, 10
"""School days between the dates of a review that does not give all of them."""


@dataclass(frozen=True)
class Place:
    """Where a rule is written, so that what is wrong with it can be told there."""

    loaded: Loaded[Any]
    path: TreePath


@dataclass(frozen=True)
class Lists:
    """What rules count in, over all years."""

    school: Days
    working: Days

    def shift(self, day: date, n: int) -> date:
        """Return the day n school days away; where the school days known end, working days go on."""
        try:
            return self.school.add(day, n)
        except DeclaredFactError:
            return self.working.add(day, n)


def lists_of(years: Sequence[YearFile]) -> Lists:
    """Return the lists of days of some years."""
    return Lists(school_days(years), working_days(years))


def resolvers(years: Sequence[Loaded[YearFile]]) -> list["Resolver"]:
    """Return what resolves each year, in their order; a file that cannot be read is passed over."""
    shapes = [each.shape for each in years if each.shape]
    if not shapes:
        return []
    lists = lists_of(shapes)
    return [Resolver(each, each.shape, lists) for each in years if each.shape]


class Resolver:
    """The dates of one year, each worked out once.

    Attributes:
        year: The year file.
        findings: What is wrong with its rules, as far as they have been asked for.
    """

    def __init__(self, loaded: Loaded[YearFile], year: YearFile, lists: Lists) -> None:
        """Take one year and the days of all years."""
        self.loaded, self.year, self.lists = loaded, year, lists
        self.own_days = year_days(year)
        self.findings: list[Finding] = []
        self._known: dict[str, date | None] = {}
        self._asked: list[str] = []

    def window(self, number: int) -> dict[str, date]:
        """Return the dates of a window: ``opens_on``, ``closes_on``, ``late_until_on``."""
        window = self.year.windows[number]
        opens, closes = self.reference(f"{window.id}.opens"), self.reference(f"{window.id}.closes")
        late = None
        if closes:
            n = window.late_accept.school_days if window.late_accept else LATE_ACCEPT_DAYS
            late = self.lists.shift(closes, n)
        return _given({"opens_on": opens, "closes_on": closes, "late_until_on": late})

    def review(self, number: int) -> dict[str, date]:
        """Return the dates of a review: ``packet_on``, ``meets_on``, ``decide_by``, ``close_by``."""
        review = self.year.reviews[number]
        meets = self.reference(f"{review.id}.on")
        if meets is None:
            return _given({"packet_on": review.packet_on})
        place = Place(self.loaded, ("reviews", number))
        packet = review.packet_on or self._tried(lambda: self.lists.school.add(meets, FREEZE_AFTER), place)
        decide = review.decide_by or self.lists.shift(meets, DECIDE_AFTER)
        close = review.close_by or self.lists.shift(decide, CLOSE_AFTER)
        return _given({"packet_on": packet, "meets_on": meets, "decide_by": decide, "close_by": close})

    def reference(self, name: str) -> date | None:
        """Return the date of a named thing of this year, such as ``sel_survey_fall.closes``; None when it has none."""
        if name in self._asked:
            self._tell_circle(name)
            return None
        if name not in self._known:
            self._asked.append(name)
            self._known[name] = self._look_up(name)
            self._asked.pop()
        return self._known[name]

    def rule(self, rule: Rule, place: Place) -> date | None:
        """Return the date a rule gives; what stands in its way becomes a finding at its place."""
        form = next(form for form in RULE_FORMS if getattr(rule, form) is not None)
        ways: dict[str, Callable[[Rule], date | None]] = {
            "on": lambda each: each.on,
            "nth_school_day": self._nth,
            "school_days": self._shifted,
            "working_days": self._shifted,
            "calendar_days": self._shifted,
            "term_start": lambda each: self._term(each.term_start or "")[0],
            "term_end": lambda each: self._term(each.term_end or "")[1],
            "event": lambda each: self.reference(each.event or ""),
        }
        return self._tried(lambda: ways[form](rule), place)

    def _tried(self, work: Callable[[], date | None], place: Place) -> date | None:
        try:
            return work()
        except DeclaredFactError as error:
            finding = place.loaded.finding(place.path, error.message, error.remedy, code="calendar_horizon")
            self.findings.append(finding)
            return None

    def _look_up(self, name: str) -> date | None:
        """Find what a reference names."""
        owner, _, moment = name.rpartition(".")
        own = self.year.school_year
        fixed = {"year.first_day": own.first_day, "year.last_day": own.last_day}
        fixed |= {f"budget.{step.id}": step.on for step in self.year.budget}
        fixed |= {f"board.{day}": day for day in (self.year.board_meetings.dates if self.year.board_meetings else ())}
        if name in fixed:
            return fixed[name]
        if owner.startswith("term.") and moment == "end":
            return self._term(owner.removeprefix("term."))[1]
        for number, window in enumerate(self.year.windows):
            if window.id == owner:
                return self._moment(number, window, moment)
        for number, review in enumerate(self.year.reviews):
            if review.id == owner and moment == "on":
                return self._meeting(number, review)
        return None

    def _moment(self, number: int, window: Window, moment: str) -> date | None:
        place = Place(self.loaded, ("windows", number, moment))
        if moment == "opens":
            return self.rule(window.opens, place)
        if moment != "closes":
            return None
        if window.closes:
            return self.rule(window.closes, place)
        opens, length = self.reference(f"{window.id}.opens"), window.length
        if opens is None or length is None:
            return None
        place = Place(self.loaded, ("windows", number, "length"))
        return self._tried(lambda: self.lists.school.span(opens, length.school_days), place)

    def _meeting(self, number: int, review: Review) -> date | None:
        place = Place(self.loaded, ("reviews", number, "on"))
        if review.meets_on:
            return review.meets_on
        if review.on:
            return self.rule(review.on, place)
        return self.lists.shift(review.packet_on, MEET_AFTER) if review.packet_on else None

    def _nth(self, rule: Rule) -> date | None:
        n = rule.nth_school_day or 0
        if rule.of in {None, "year"}:
            return self.own_days.nth(n)
        first, last = self._term(rule.of or "")
        return self.own_days.between(first, last).nth(n) if first and last else None

    def _shifted(self, rule: Rule) -> date | None:
        """Count from a reference, in the days the rule names."""
        start = self.reference(rule.from_ or "")
        if start is None:
            return None
        if rule.school_days is not None:
            return self.lists.school.add(start, rule.school_days)
        if rule.working_days is not None:
            return self.lists.working.add(start, rule.working_days)
        return self._rolled(start + timedelta(days=rule.calendar_days or 0), rule)

    def _rolled(self, day: date, rule: Rule) -> date:
        backward = (rule.calendar_days or 0) < 0
        how = rule.roll or ("previous_school_day" if backward else "next_school_day")
        if how == "none":
            if day not in self.lists.school:
                raise DeclaredFactError(f"{day} is no school day.", remedy="Let it roll, or change the number.")
            return day
        return (
            self.lists.school.prev_on_or_before(day)
            if how == "previous_school_day"
            else self.lists.school.next_on_or_after(day)
        )

    def _term(self, name: str) -> tuple[date, date] | tuple[None, None]:
        """Return first and last day of a term; the next one starts the school day after a term ends."""
        kind, _, number = name.rpartition(".")
        ends = self.year.terms.get(kind, ())
        if not number.isdecimal() or not 1 <= int(number) <= len(ends):
            return None, None
        place = int(number) - 1
        begins = ends[place - 1] + timedelta(days=1) if place else self.year.school_year.first_day
        return self.own_days.next_on_or_after(begins), ends[place]

    def _tell_circle(self, name: str) -> None:
        circle = " → ".join([*self._asked[self._asked.index(name) :], name])
        path: TreePath = ()
        owner, _, moment = name.rpartition(".")
        for number, window in enumerate(self.year.windows):
            if window.id == owner:
                path = ("windows", number, moment)
        for number, review in enumerate(self.year.reviews):
            if review.id == owner:
                path = ("reviews", number, moment)
        message = f"these wait for each other: {circle}."
        self.findings.append(self.loaded.finding(path, message, "Give one of them a date.", code="rule_cycle"))


def _given(dates: dict[str, date | None]) -> dict[str, date]:
    return {name: day for name, day in dates.items() if day is not None}


def resolve(years: Sequence[Loaded[YearFile]]) -> tuple[Dates, list[Finding]]:
    """Return the dates of all windows and reviews by (school year, id), and what is wrong with their rules.

    What cannot be resolved is left out of the dates.
    """
    dates: Dates = {}
    findings: list[Finding] = []
    for each in resolvers(years):
        school_year = each.year.school_year.id
        dates |= {(school_year, window.id): each.window(number) for number, window in enumerate(each.year.windows)}
        dates |= {(school_year, review.id): each.review(number) for number, review in enumerate(each.year.reviews)}
        findings += each.findings
    return dates, findings


def rule_text(rule: Rule) -> str:
    """Write a rule as people quote it: ``nth_school_day(40)``, ``school_days(-10, sel_survey_fall.opens)``."""
    form = next(form for form in RULE_FORMS if getattr(rule, form) is not None)
    if form == "on":
        return "fixed"
    named = [getattr(rule, form), *(each for each in (rule.of, rule.from_) if each)]
    return f"{form}({', '.join(str(each) for each in named)})"
