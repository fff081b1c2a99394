"""Turn rules into dates: when windows open and close, when reviews freeze, meet, decide and close.

A rule counts from something of its own year that has a date. What a rule cannot give is a finding at its place in the
file, never an exception; a reference that names nothing is told by ``aimline/_year_checks.py`` and passed over here.
The dates of what a plan adds to windows and reviews come from whoever plans, by way of ``Obligations``. Whether dates
make sense together is ``check``. Source: schedule.md 5, reviews.md 3.1.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aimline._declared_files import Loaded
from aimline._review_units import units_of
from aimline._yaml import TreePath
from aimline.errors import CalendarHorizon, DeclaredFactError, Finding
from aimline.schedule.calendars import Calendars, Scope, working_days
from aimline.schedule.school_days import Lists
from schemas._base import WEEKDAYS, is_day
from schemas.rules import COUNTED, Rule
from schemas.years import Review, Window, YearFile

Dates = dict[tuple[int, str], dict[str, date]]
Span = tuple[date, date]
Obligations = Callable[["Resolver", str], Span | None]
"""Gives first and last day of a step that a plan adds, such as ``mid_year.reflection``; None where it knows none."""

LATE_ACCEPT_DAYS = 5
"""School days after a window in which answers still count, where the window says nothing else."""

FREEZE_AFTER, MEET_AFTER, DECIDE_AFTER, CLOSE_AFTER = -5, 3, 3, 10
"""School days between the dates of a review that does not give all of them."""

_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True)
class Place:
    """Where a rule is written, so that what is wrong with it can be told there."""

    loaded: Loaded[Any]
    path: TreePath


def lists_of(years: Sequence[YearFile], calendars: Calendars | None = None) -> Lists:
    """Return the lists of days of some years."""
    return Lists((calendars or Calendars(years)).school_days(), working_days(years))


def resolvers(years: Sequence[Loaded[YearFile]], obligations: Obligations | None = None) -> list["Resolver"]:
    """Return what resolves each year, in their order; a file that cannot be read is passed over.

    Args:
        years: The year files.
        obligations: Gives the dates of steps that a plan adds.
    """
    shapes = [each.shape for each in years if each.shape]
    if not shapes:
        return []
    calendars = Calendars(shapes)
    lists = lists_of(shapes, calendars)
    return [Resolver(each, lists, calendars, obligations) for each in years if each.shape]


class Resolver:
    """The dates of one year, each worked out once.

    Attributes:
        year: The year file.
        lists: The days of all years.
        calendars: The days of every school and grade.
        own_days: The school days of this year.
        findings: What is wrong with its rules, as far as they have been asked for.
    """

    def __init__(
        self, loaded: Loaded[YearFile], lists: Lists, calendars: Calendars, obligations: Obligations | None = None
    ) -> None:
        """Take one year that could be read, the days of all years, and who knows the dates of a plan's steps."""
        if loaded.shape is None:
            raise ValueError(f"{loaded.tree.file} cannot be read")
        self.loaded, self.year, self.lists, self.calendars = loaded, loaded.shape, lists, calendars
        self.own_days = calendars.by_year[self.year.school_year.id].days()
        self.findings: list[Finding] = []
        self._obligations = obligations
        self._windows = {window.id: number for number, window in enumerate(self.year.windows)}
        self._reviews = {review.id: number for number, review in enumerate(self.year.reviews)}
        self._known: dict[str, date | None] = {}
        self._asked: list[str] = []

    def window(self, number: int) -> dict[str, date]:
        """Return the dates of a window: ``opens_on``, ``closes_on``, ``late_until_on``."""
        window = self.year.windows[number]
        opens, closes = self.reference(f"{window.id}.opens"), self.reference(f"{window.id}.closes")
        late = self.late_until(window, closes) if closes else None
        return _given({"opens_on": opens, "closes_on": closes, "late_until_on": late})

    def late_until(self, window: Window, closes: date) -> date | None:
        """Return the last day on which answers are still taken of a window that closes on a day."""
        lead = self.year.lead_times.get("late_accept")
        if window.late_accept or lead is None or lead.unit == "school_days":
            n = window.late_accept.school_days if window.late_accept else lead.n if lead else LATE_ACCEPT_DAYS
            return self.lists.shift(closes, n)
        place = Place(self.loaded, ("lead_times", "late_accept"))
        return self._tried(lambda: self.lists.of(lead.unit).add(closes, lead.n) if lead.n else closes, place)

    def review(self, number: int, school_id: str | None = None) -> dict[str, date]:
        """Return the dates of a review: ``packet_on``, ``meets_on``, ``decide_by``, ``close_by``.

        Args:
            number: Its place in the file.
            school_id: The school whose own school days are counted; the district's when None.
        """
        review = self.year.reviews[number]
        lists = self.lists_for(school_id)
        meets = self.reference(f"{review.id}.on")
        if meets is None:
            return _given({"packet_on": review.packet_on})
        place = Place(self.loaded, ("reviews", number))
        reflection = self._reflection(review)
        packet = review.packet_on or (reflection and reflection[0])
        packet = packet or self._tried(lambda: lists.school.add(meets, FREEZE_AFTER), place)
        decide = review.decide_by or (reflection and reflection[1]) or lists.shift(meets, DECIDE_AFTER)
        close = review.close_by or lists.shift(decide, CLOSE_AFTER)
        return _given({"packet_on": packet, "meets_on": meets, "decide_by": decide, "close_by": close})

    def lists_for(self, school_id: str | None) -> Lists:
        """Return the lists of days with the school days of one school; the district's when None."""
        if school_id is None:
            return self.lists
        return Lists(self.calendars.school_days(Scope(school_id)), self.lists.working)

    def reference(self, name: str) -> date | None:
        """Return the date of a named thing of this year, such as ``sel_survey_fall.closes``; None when it has none."""
        if name in self._asked:
            self._tell_circle(name)
            return None
        if name not in self._known:
            self._asked.append(name)
            self._known[name] = self.year.pins.get(name) or self._look_up(name)
            self._asked.pop()
        return self._known[name]

    def rule(self, rule: Rule, place: Place) -> date | None:
        """Return the date a rule gives; what stands in its way becomes a finding at its place."""
        ways: dict[str, Callable[[Rule, Place], date | None]] = {
            "on": lambda each, _: each.on,
            "nth_school_day": self._nth,
            **dict.fromkeys(COUNTED, self._shifted),
            "term_start": lambda each, _: self._term(each.term_start or "")[0],
            "term_end": lambda each, _: self._term(each.term_end or "")[1],
            "first_board_meeting_after": self._meeting_after,
            "last_board_meeting_before": self._meeting_before,
            "event": lambda each, _: self.reference(each.event or ""),
            "weekday": self._weekday,
            "earliest_of": self._chosen,
            "latest_of": self._chosen,
        }
        return self._tried(lambda: ways[rule.form](rule, place), place)

    def _tried(self, work: Callable[[], date | None], place: Place) -> date | None:
        try:
            return work()
        except DeclaredFactError as error:
            self.findings.append(place.loaded.finding(place.path, error.message, error.remedy, code=error.code))
            return None

    def _look_up(self, name: str) -> date | None:
        """Find what a reference names; a window alone is its last day, a review alone its meeting."""
        owner, _, moment = name.rpartition(".")
        if name in self._windows or name in self._reviews:
            return self.reference(f"{name}.{'closes' if name in self._windows else 'on'}")
        if owner in self._windows and moment in {"opens", "closes", "sealed"}:
            return self._moment(self._windows[owner], moment)
        if owner in self._reviews and moment == "on":
            return self._meeting(self._reviews[owner])
        fixed = self._fixed(name)
        planned = self._obligations(self, name) if self._obligations and not fixed else None
        return planned[1] if planned else fixed

    def _fixed(self, name: str) -> date | None:
        """Return the date of what is written in the file: ends of the year and of terms, meetings, budget steps."""
        own, board = self.year.school_year, self.year.board_meetings
        days = {"year.first_day": own.first_day, "year.last_day": own.last_day}
        days |= {f"budget.{step.id}": step.on for step in self.year.budget}
        days |= {f"board.{day}": day for day in (board.dates if board else ())}
        if is_day(name):
            return date.fromisoformat(name)
        if name.startswith("term.") and name.endswith(".end"):
            return self._term(name.removeprefix("term.").removesuffix(".end"))[1]
        return days.get(name)

    def _moment(self, number: int, moment: str) -> date | None:
        """Return when a window opens, closes or is sealed."""
        window, place = self.year.windows[number], Place(self.loaded, ("windows", number, moment))
        if moment == "opens":
            return self.rule(window.opens, place)
        if moment == "sealed":
            closes = self.reference(f"{window.id}.closes")
            late = self.late_until(window, closes) if closes else None
            return late + _DAY if late else None
        if window.closes:
            return self.rule(window.closes, place)
        opens, length = self.reference(f"{window.id}.opens"), window.length
        if opens is None or length is None:
            return None
        place = Place(self.loaded, ("windows", number, "length"))
        return self._tried(lambda: self.lists.school.span(opens, length.school_days), place)

    def _meeting(self, number: int) -> date | None:
        review, place = self.year.reviews[number], Place(self.loaded, ("reviews", number, "on"))
        if review.meets_on:
            return review.meets_on
        if review.on:
            return self.rule(review.on, place)
        reflection = self._reflection(review)
        packet = review.packet_on or (reflection[0] if reflection else None)
        return self.lists.shift(packet, MEET_AFTER) if packet else None

    def _reflection(self, review: Review) -> Span | None:
        """Return the days on which a review that only feeds a budget step looks at its evidence."""
        if review.on or review.meets_on or review.packet_on or not self._obligations:
            return None
        return self._obligations(self, f"{review.id}.reflection")

    def _nth(self, rule: Rule, _place: Place) -> date | None:
        n = rule.nth_school_day or 0
        if rule.of in {None, "year"}:
            return self.own_days.nth(n)
        first, last = self._term(rule.of or "")
        return self.own_days.between(first, last).nth(n) if first and last else None

    def _shifted(self, rule: Rule, _place: Place) -> date | None:
        """Count from a reference, in the days the rule names."""
        start = self.reference(rule.from_ or "")
        if start is None:
            return None
        if rule.school_days is not None:
            return self.lists.school.add(start, rule.school_days)
        if rule.working_days is not None:
            return self.lists.working.add(start, rule.working_days)
        n = rule.calendar_days or 0
        return self.lists.roll(start + timedelta(days=n), rule.roll or _onward(n))

    def _weekday(self, rule: Rule, _place: Place) -> date:
        """Return a weekday of a month, such as the third Monday of October, in the money year that holds it."""
        month, nth = rule.month or 1, rule.nth or 1
        starts = self.year.starts_on
        year = starts.year + (month < starts.month)
        first = date(year, month, 1)
        last_number = monthrange(year, month)[1]
        ahead = (WEEKDAYS.index(rule.weekday or "mon") - first.weekday()) % _WEEK
        numbers = range(1 + ahead, last_number + 1, _WEEK)
        if abs(nth) > len(numbers):
            raise DeclaredFactError(
                f"{first:%B %Y} has no such weekday {nth}: it has {len(numbers)}.", remedy="Take an earlier one."
            )
        day = first.replace(day=numbers[nth - 1 if nth > 0 else nth])
        return self.lists.roll(day, rule.roll or _onward(nth))

    def _meeting_after(self, rule: Rule, _place: Place) -> date | None:
        after = self.reference(rule.first_board_meeting_after or "")
        later = [day for day in self._meetings() if after and day > after]
        return self._one(min(later, default=None), f"after {after}") if after else None

    def _meeting_before(self, rule: Rule, _place: Place) -> date | None:
        before = self.reference(rule.last_board_meeting_before or "")
        earlier = [day for day in self._meetings() if before and day < before]
        return self._one(max(earlier, default=None), f"before {before}") if before else None

    def _meetings(self) -> tuple[date, ...]:
        return self.year.board_meetings.dates if self.year.board_meetings else ()

    def _one(self, day: date | None, when: str) -> date:
        if day is None:
            raise CalendarHorizon(f"no board meeting {when} is declared.", remedy="Add it to board_meetings.dates.")
        return day

    def _chosen(self, rule: Rule, place: Place) -> date | None:
        """Return the earliest or latest of several dates; one that cannot be found leaves the choice open."""
        key = rule.form
        places = (Place(place.loaded, (*place.path, key, number)) for number in range(len(rule.choices)))
        days = [self.rule(each, inner) for each, inner in zip(rule.choices, places, strict=True)]
        known = [day for day in days if day is not None]
        if len(known) < len(days):
            return None
        return min(known) if key == "earliest_of" else max(known)

    def _term(self, name: str) -> tuple[date, date] | tuple[None, None]:
        """Return first and last day of a term; the next one starts the school day after a term ends."""
        kind, _, number = name.rpartition(".")
        ends = self.year.terms.get(kind, ())
        if not number.isdecimal() or not 1 <= int(number) <= len(ends):
            return None, None
        place = int(number) - 1
        begins = ends[place - 1] + _DAY if place else self.year.school_year.first_day
        return self.own_days.next_on_or_after(begins), ends[place]

    def _tell_circle(self, name: str) -> None:
        circle = " → ".join([*self._asked[self._asked.index(name) :], name])
        path: TreePath = ()
        owner, _, moment = name.rpartition(".")
        if owner in self._windows:
            path = ("windows", self._windows[owner], moment)
        elif owner in self._reviews:
            path = ("reviews", self._reviews[owner], moment)
        message = f"these wait for each other: {circle}."
        self.findings.append(self.loaded.finding(path, message, "Give one of them a date.", code="rule_cycle"))


def _onward(n: int) -> str:
    """Return how a count rolls where it does not say: on in its own direction."""
    return "previous_school_day" if n < 0 else "next_school_day"


def _given(dates: dict[str, date | None]) -> dict[str, date]:
    return {name: day for name, day in dates.items() if day is not None}


def resolve(
    years: Sequence[Loaded[YearFile]], obligations: Obligations | None = None, schools: Sequence[str] = ()
) -> tuple[Dates, list[Finding]]:
    """Return the dates of all windows and reviews by (school year, id), and what is wrong with their rules.

    A review that each school holds also has the dates of every school, by its short id.

    What cannot be resolved is left out of the dates.

    Args:
        years: The year files.
        obligations: Gives the dates of steps that a plan adds.
        schools: The schools of the district.
    """
    dates: Dates = {}
    findings: list[Finding] = []
    for each in resolvers(years, obligations):
        school_year = each.year.school_year.id
        dates |= {(school_year, window.id): each.window(number) for number, window in enumerate(each.year.windows)}
        for number, review in enumerate(each.year.reviews):
            dates[school_year, review.id] = each.review(number)
            own = (unit for unit in units_of(review, schools) if unit.school_id)
            dates |= {(school_year, unit.id): each.review(number, unit.school_id) for unit in own}
        findings += each.findings
    return dates, findings


def rule_text(rule: Rule) -> str:
    """Write a rule as people quote it: ``nth_school_day(40)``, ``school_days(-10, sel_survey_fall.opens)``."""
    if rule.form == "on":
        return "fixed"
    if rule.choices:
        return f"{rule.form}({', '.join(_choice_text(each) for each in rule.choices)})"
    named = [getattr(rule, rule.form), rule.of, rule.from_, rule.nth, rule.month, rule.roll]
    return f"{rule.form}({', '.join(str(each) for each in named if each is not None)})"


def _choice_text(rule: Rule) -> str:
    return str(rule.on or rule.event or rule_text(rule))
