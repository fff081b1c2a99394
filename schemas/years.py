"""Say what ``years/<year>.yml`` holds: school days, board and budget dates, collection windows, reviews.

Only the shape belongs here; counting school days and turning rules into dates is ``aimline/schedule``. All dates are
inclusive. A rule is a date, or says how to find one.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated, Any, Literal

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
from schemas.item_kinds import ItemKind
from schemas.rules import DateRule, Late, Lead, Length, Weekday

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
Respondent = Literal["student", "staff", "family", "partner"]

INSTRUCTIONAL: tuple[DayKind, ...] = ("regular", "early_release", "late_start", "half", "off_site", "make_up")
MODES = ("identified", "confidential", "anonymous")
"""How responses are kept, each stricter than the one before."""

CONSENTS = ("none", "notice", "opt_out", "active")
"""What a window needs of families before it opens, each more than the one before."""

WINDOW_STEPS = (
    "notice",
    "opt_out",
    "roster_freeze",
    "setup",
    "late_accept",
    "scoring_qa",
    "report_district",
    "report_schools",
    "report_staff",
)
"""What a plan adds to a window, as the last part of an item's id."""

_WORD = re.compile(r"[^\W\d_]{2}")

EACH_SCHOOL = "each_school"
"""Scope of a review that every school holds for itself."""

REVIEW_STEPS = ("reflection", "cabinet_preread", "staff_item", "packet", "decisions", "close")
"""What a plan adds to a review."""

DaysBefore = Annotated[Int, Field(ge=0, le=250)]

LeadKind = Literal[
    "packet",
    "staff_item",
    "cabinet_preread",
    "reflection",
    "scoring_qa",
    "late_accept",
    "window",
    "setup",
    "roster_freeze",
    "opt_out",
    "notice",
    "annual_notice",
    "roster_stable",
    "report_district",
    "report_schools",
    "report_staff",
]


def _all_grades(value: object) -> object:
    return None if value == "all" else value


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
    """Closed days: one ``date``, a span ``from`` and ``to``, or a list of ``dates``.

    ``declared_on`` is the day it was added to a year under way; ``set`` names a pattern the dates repeat.
    """

    date: Day | None = None
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    dates: tuple[Day, ...] | None = Field(default=None, min_length=1)
    kind: DayKind
    declared_on: Day | None = None
    schools: Schools = None
    set: Id | None = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "Closure":
        given = [each is not None for each in (self.date, self.from_, self.dates)]
        if sum(given) != 1 or (self.from_ is None) != (self.to is None):
            raise mistake("a closure has either 'date', or 'from' and 'to', or 'dates'.", "Give one of them.")
        if self.from_ and self.to and self.to < self.from_:
            raise mistake(f"it ends on {self.to}, before it begins.", "Exchange the dates.")
        return self

    def placed_days(self) -> Iterator[tuple[Day, tuple[str | int, ...]]]:
        """Yield every closed day with where it stands in the closure."""
        if self.dates is not None:
            yield from ((day, ("dates", number)) for number, day in enumerate(self.dates))
        elif self.from_ and self.to:
            for number in range((self.to - self.from_).days + 1):
                yield self.from_ + timedelta(days=number), ()
        elif self.date:
            yield self.date, ()


class Override(Fact):
    """What differs for some schools or grades; without either it is for everybody."""

    schools: Schools = None
    grades: Annotated[Grades | None, BeforeValidator(_all_grades)] = None
    first_day: Day | None = None
    last_day: Day | None = None
    closed: tuple[Day, ...] = ()
    open: tuple[Day, ...] = ()
    week: tuple[Weekday, ...] | None = None


class Expect(Fact):
    """Published totals that the calendar must give."""

    on_site_days: Int | None = None
    off_site_days: Int | None = None
    instructional_days: Int | None = None


class BoardMeetings(Fact):
    """The dates on which the board meets; the rule proposes dates and is only compared with them."""

    proposal: Text | None = None
    dates: tuple[Day, ...] = ()
    at: Clock | None = None


class BudgetStep(Fact):
    """One named step of the budget."""

    id: Id
    on: Day
    at: Clock | None = None


class Asked(Fact):
    """Whom a window asks, of one class."""

    grades: Grades | None = None
    schools: Schools = None


def _as_asked(value: object) -> object:
    return {name: {} if each == "all" else each for name, each in value.items()} if isinstance(value, dict) else value


_AllOrAsked = BeforeValidator(_as_asked, json_schema_input_type=dict[Respondent, Literal["all"] | Asked])


class ExtendIf(Fact):
    """When an open window is given more days: one for each day that is closed inside it, up to ``max``."""

    closed_days_inside: Literal["each"] = "each"
    max: Int = Field(default=5, ge=0)


class Sample(Fact):
    """How much of the field a window visits."""

    rooms_per_school: Int = Field(ge=1)


class Window(Fact):
    """One collection window: what is gathered, from whom, between which days."""

    id: Id
    kind: Literal["survey", "walkthrough", "rubric", "activity"] = "survey"
    label: Label = Field(default_factory=dict)
    instrument: Text | None = None
    wave: Int | None = None
    respondents: Annotated[dict[Respondent, Asked], _AllOrAsked] = Field(default_factory=dict)
    opens: DateRule
    closes: DateRule | None = None
    length: Length | None = None
    extend_if: ExtendIf | None = None
    late_accept: Late | None = None
    notice: Literal["from_instrument", "notice", "opt_out", "active"] = "from_instrument"
    mode: Literal["identified", "confidential", "anonymous"] | None = None
    weight: Int = Field(default=1, ge=1)
    min_gap_school_days: Int = Field(default=5, ge=0)
    resolve: Literal["district_dates", "own_days"] = "district_dates"
    min_scope_share: Share = Fraction(4, 5)
    sample: Sample | None = None
    threshold: Share | None = None
    sources: tuple[Id, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _label_from_its_id(cls, data: Any) -> Any:
        return _labelled(data, "window")

    @model_validator(mode="after")
    def _closes_once(self) -> "Window":
        if (self.closes is None) == (self.length is None):
            raise mistake("a window has either 'closes' or 'length'.", "Give one of them.")
        return self


def _labelled(data: Any, what: str) -> Any:
    """Give what has no label the words of its id; one like ``q1`` is no word, and has one beside it."""
    if isinstance(data, dict) and "label" not in data and isinstance(data.get("id"), str):
        words = data["id"].replace("_", " ").capitalize()
        return {**data, "label": {"en": words if _WORD.search(words) else f"{words} {what}"}}
    return data


class Review(Fact):
    """One review: when its evidence is frozen, when people meet and decide, what it needs."""

    id: Id
    kind: Literal["mid_year", "end_of_year", "quarterly", "custom"] = "custom"
    label: Label = Field(default_factory=dict)
    feeds: Text | None = None
    on: DateRule | None = None
    packet_on: Day | None = None
    meets_on: Day | None = None
    decide_by: Day | None = None
    close_by: Day | None = None
    needs: tuple[Id, ...] = ()
    scope: Literal["district", "each_school"] = "district"
    chair: Text = "sel_lead"
    scribe: Text = "research"
    goals: Named = None
    protocol: Id | None = None
    min_completeness: Share | None = None
    groups: tuple[Id, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _label_from_its_id(cls, data: Any) -> Any:
        return _labelled(data, "review")

    @model_validator(mode="after")
    def _dates_in_order(self) -> "Review":
        if self.on is None and self.packet_on is None and self.feeds is None:
            raise mistake(
                "a review needs 'on', 'packet_on' or 'feeds'.",
                "Give the day it meets, the day its packet is due, or the budget step it feeds.",
            )
        if self.packet_on and self.meets_on and self.meets_on <= self.packet_on:
            raise mistake(
                f"meets_on {self.meets_on} is before packet_on {self.packet_on}.", "Give people the packet first."
            )
        if self.meets_on and self.decide_by and self.decide_by < self.meets_on:
            raise mistake(f"decide_by {self.decide_by} is before meets_on {self.meets_on}.", "Correct one of them.")
        return self


class Blackout(Fact):
    """Days on which nothing of ours may be open for the people it names; everybody where it names none."""

    id: Id
    from_: Day = Field(alias="from")
    to: Day
    respondents: tuple[Respondent, ...] = ()
    grades: Grades | None = None
    schools: Schools = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Blackout":
        if self.to < self.from_:
            raise mistake(f"it ends on {self.to}, before it begins.", "Exchange the dates.")
        return self


class Resource(Fact):
    """People or machines of which only so many steps can be done at a time."""

    id: Id
    capacity: Int = Field(ge=1)
    used_by: tuple[Text, ...] = Field(min_length=1)


WindowName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,47}(\.\d{4})?$")]
"""A window as a run is asked for it: its id, or ``id.year`` for that of one year. Nothing else is let in."""

ReviewName = Annotated[str, Field(pattern=r"^(\d{4}_)?[a-z][a-z0-9_]{1,47}(\.[0-9A-Za-z]{1,12})?$")]
"""A review as a run is asked for it: its id or its short id."""


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
    blackouts: tuple[Blackout, ...] = ()
    windows: tuple[Window, ...] = ()
    reviews: tuple[Review, ...] = ()
    lead_times: dict[LeadKind, Lead] = Field(default_factory=dict)
    resources: tuple[Resource, ...] = ()
    reminders: dict[ItemKind, tuple[DaysBefore, ...]] = Field(default_factory=dict)
    pins: dict[Text, Day] = Field(default_factory=dict)
    confirm: tuple[Day, ...] = ()

    def review_id(self, review: Review) -> str:
        """Return the full id of a review, which begins with its year."""
        return f"{self.school_year.id}_{review.id}"

    @property
    def starts_on(self) -> date:
        """Return when its money year begins; its first school day where it says nothing, or the earlier of both."""
        own = self.school_year.first_day
        return min(self.fiscal_year.starts, own) if self.fiscal_year else own
