"""Say what ``years/<year>.yml`` holds: school days, board and budget dates, collection windows, reviews.

Only the shape belongs here; counting school days and turning rules into dates is ``aimline/schedule``. All dates are
inclusive. A rule is a date, or says how to find one.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas._base import (
    Clock,
    Day,
    Fact,
    Grades,
    Id,
    Int,
    Label,
    Named,
    Schools,
    Share,
    Text,
    Zone,
    mistake,
)

DayKind = Literal[
    "regular",
    "early_release",
    "late_start",
    "half",
    "off_site",
    "make_up",
    "make_up_candidate",
    "holiday",
    "break",
    "pd_day",
    "conference",
    "snow",
    "other_closure",
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Respondent = Literal["student", "staff", "family", "partner"]
Roll = Literal["previous_school_day", "next_school_day", "none"]

INSTRUCTIONAL: tuple[DayKind, ...] = ("regular", "early_release", "late_start", "half", "off_site", "make_up")
RULE_FORMS = ("on", "nth_school_day", "school_days", "working_days", "calendar_days", "term_start", "term_end", "event")


class SchoolYear(Fact):
    """The year itself: the integer of its spring, its label, its first and last day, its days of the week."""

    id: Int
    label: Text
    first_day: Day
    last_day: Day
    week: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")

    @model_validator(mode="after")
    def _named_by_its_spring(self) -> "SchoolYear":
        if self.label != f"{self.id - 1}-{self.id % 100:02d}":
            raise mistake(
                f"label '{self.label}' and id {self.id} are different years.",
                f"{self.id} is {self.id - 1}-{self.id % 100:02d}.",
            )
        if self.first_day >= self.last_day:
            raise mistake("the last day is not after the first.", "Correct one of them.")
        return self


class FiscalYear(Fact):
    """When the money year begins."""

    starts: Day


class Closure(Fact):
    """One closed day or span: ``date``, or ``from`` and ``to``."""

    date: Day | None = None
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    kind: DayKind
    schools: Schools = None

    @model_validator(mode="after")
    def _one_day_or_a_span(self) -> "Closure":
        if (self.date is None) == (self.from_ is None) or (self.from_ is None) != (self.to is None):
            raise mistake("a closure has either 'date' or 'from' and 'to'.", "Give one of them.")
        if self.from_ and self.to and self.to < self.from_:
            raise mistake(f"it ends on {self.to}, before it begins.", "Exchange the dates.")
        return self

    @property
    def first_on(self) -> Day:
        """Return the first closed day."""
        return self.date or self.from_  # type: ignore[return-value]  # the validator gives one of them

    @property
    def last_on(self) -> Day:
        """Return the last closed day."""
        return self.date or self.to  # type: ignore[return-value]


class Override(Fact):
    """What differs for some schools or grades."""

    schools: Schools = None
    grades: Grades | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    closed: tuple[Day, ...] = ()
    open: tuple[Day, ...] = ()


class Expect(Fact):
    """Published totals that the calendar must give."""

    on_site_days: Int | None = None
    off_site_days: Int | None = None
    instructional_days: Int | None = None


class BoardMeetings(Fact):
    """The dates on which the board meets."""

    dates: tuple[Day, ...]
    at: Clock | None = None


class BudgetStep(Fact):
    """One named step of the budget."""

    id: Id
    on: Day
    at: Clock | None = None


def _as_rule(value: object) -> object:
    return {"on": value} if isinstance(value, str) else value


class Rule(Fact):
    """A date or how to find it; exactly one form. ``from`` names what it counts from."""

    on: Day | None = None
    nth_school_day: Int | None = None
    of: Text | None = None
    school_days: Int | None = None
    working_days: Int | None = None
    calendar_days: Int | None = None
    from_: Text | None = Field(default=None, alias="from")
    roll: Roll | None = None
    term_start: Text | None = None
    term_end: Text | None = None
    event: Text | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "Rule":
        forms = [form for form in RULE_FORMS if getattr(self, form) is not None]
        if len(forms) != 1:
            raise mistake(
                f"a rule has exactly one form, this has {len(forms)}.", f"Write one of {', '.join(RULE_FORMS)}."
            )
        counts = forms[0] in {"school_days", "working_days", "calendar_days"}
        if counts != (self.from_ is not None):
            raise mistake("'from' goes with a number of days, and only with it.", "Say what the days are counted from.")
        if counts and getattr(self, forms[0]) == 0 and forms[0] != "calendar_days":
            raise mistake("0 days from a date is the date itself.", "Use the date.")
        return self


DateRule = Annotated[Rule, BeforeValidator(_as_rule, json_schema_input_type=Day | Rule)]


class Length(Fact):
    """How long something is open."""

    school_days: Int = Field(ge=1)


class Asked(Fact):
    """Whom a window asks, of one class."""

    grades: Grades | None = None
    schools: Schools = None


def _as_asked(value: object) -> object:
    return {name: {} if each == "all" else each for name, each in value.items()} if isinstance(value, dict) else value


_AllOrAsked = BeforeValidator(_as_asked, json_schema_input_type=dict[Respondent, Literal["all"] | Asked])


class Window(Fact):
    """One collection window: what is gathered, from whom, between which days."""

    id: Id
    kind: Literal["survey", "walkthrough", "rubric", "activity"] = "survey"
    label: Label
    instrument: Text | None = None
    wave: Int | None = None
    respondents: Annotated[dict[Respondent, Asked], _AllOrAsked] = Field(default_factory=dict)
    opens: DateRule
    closes: DateRule | None = None
    length: Length | None = None
    late_accept: Length | None = None
    threshold: Share | None = None
    sources: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _closes_once(self) -> "Window":
        if (self.closes is None) == (self.length is None):
            raise mistake("a window has either 'closes' or 'length'.", "Give one of them.")
        return self


class Review(Fact):
    """One review: when its evidence is frozen, when people meet and decide, what it needs."""

    id: Id
    kind: Literal["mid_year", "end_of_year", "quarterly", "custom"] = "custom"
    label: Label
    feeds: Text | None = None
    on: DateRule | None = None
    packet_on: Day | None = None
    meets_on: Day | None = None
    decide_by: Day | None = None
    close_by: Day | None = None
    needs: tuple[Id, ...] = ()
    scope: Literal["district"] = "district"
    chair: Text
    scribe: Text
    goals: Named = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> "Review":
        if self.on is None and self.packet_on is None:
            raise mistake("a review needs 'on' or 'packet_on'.", "Give the day it meets, or the day its packet is due.")
        if self.packet_on and self.meets_on and self.meets_on <= self.packet_on:
            raise mistake(
                f"meets_on {self.meets_on} is before packet_on {self.packet_on}.", "Give people the packet first."
            )
        if self.meets_on and self.decide_by and self.decide_by < self.meets_on:
            raise mistake(f"decide_by {self.decide_by} is before meets_on {self.meets_on}.", "Correct one of them.")
        return self


class YearFile(Fact):
    """A school year as it is declared."""

    version: Literal[1] = 1
    school_year: SchoolYear
    time_zone: Zone
    fiscal_year: FiscalYear | None = None
    closures: tuple[Closure, ...] = ()
    office_closures: tuple[Day, ...] = ()
    day_kinds: dict[Day, DayKind] = Field(default_factory=dict)
    counts_as_instructional: tuple[DayKind, ...] = INSTRUCTIONAL
    overrides: tuple[Override, ...] = ()
    terms: dict[Id, tuple[Day, ...]] = Field(default_factory=dict)
    expect: Expect | None = None
    board_meetings: BoardMeetings | None = None
    budget: tuple[BudgetStep, ...] = ()
    windows: tuple[Window, ...] = ()
    reviews: tuple[Review, ...] = ()

    def review_id(self, review: Review) -> str:
        """Return the full id of a review, which begins with its year."""
        return f"{self.school_year.id}_{review.id}"
