"""Say how a date is found: the date itself, or one of the forms of a rule; and how much time a step of a plan takes.

Only the shapes belong here; counting days and resolving references is ``aimline/schedule``. Source: schedule.md 5, 7.2.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas._base import Day, Fact, Int, Text, mistake

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Roll = Literal["previous_school_day", "next_school_day", "previous_working_day", "next_working_day", "none"]

RULE_FORMS = (
    "on",
    "nth_school_day",
    "school_days",
    "working_days",
    "calendar_days",
    "term_start",
    "term_end",
    "first_board_meeting_after",
    "last_board_meeting_before",
    "event",
    "weekday",
    "earliest_of",
    "latest_of",
)
COUNTED = ("school_days", "working_days", "calendar_days")
"""The forms that count days from something."""

CHOOSING = ("earliest_of", "latest_of")
"""The forms that choose among other rules."""

_DAY_LIKE = re.compile(r"\d{4}-\d\d?-\d\d?")
_BELONGS_TO = {"from": COUNTED, "of": ("nth_school_day",), "nth": ("weekday",), "month": ("weekday",)}
_BELONGS_TO |= {"roll": ("calendar_days", "weekday")}
_MOST_WEEKS, _MONTHS = 5, 12


def _as_rule(value: object) -> object:
    return {"on": value} if isinstance(value, str) else value


def _as_choice(value: object) -> object:
    """Read an entry of a choice, which may also be a reference."""
    if isinstance(value, str) and not _DAY_LIKE.fullmatch(value):
        return {"event": value}
    return _as_rule(value)


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
    first_board_meeting_after: Text | None = None
    last_board_meeting_before: Text | None = None
    event: Text | None = None
    weekday: Weekday | None = None
    nth: Int | None = None
    month: Int | None = None
    earliest_of: Annotated[tuple["Choice", ...] | None, Field(min_length=1)] = None
    latest_of: Annotated[tuple["Choice", ...] | None, Field(min_length=1)] = None

    @property
    def form(self) -> str:
        """Return the name of its one form."""
        return next(form for form in RULE_FORMS if getattr(self, form) is not None)

    @property
    def choices(self) -> tuple["Rule", ...]:
        """Return the rules it chooses among; none where it does not choose."""
        return self.earliest_of or self.latest_of or ()

    @model_validator(mode="after")
    def _one_form(self) -> "Rule":
        forms = [form for form in RULE_FORMS if getattr(self, form) is not None]
        if len(forms) != 1:
            raise mistake(
                f"a rule has exactly one form, this has {len(forms)}.", f"Write one of {', '.join(RULE_FORMS)}."
            )
        if (forms[0] in COUNTED) != (self.from_ is not None):
            raise mistake("'from' goes with a number of days, and only with it.", "Say what the days are counted from.")
        for key, wanted in _BELONGS_TO.items():
            given = self.from_ if key == "from" else getattr(self, key)
            if given is not None and forms[0] not in wanted:
                raise mistake(f"'{key}' goes with {' or '.join(wanted)}, and only with it.", "Remove it.")
        if forms[0] in COUNTED and getattr(self, forms[0]) == 0 and self.roll in {None, "none"}:
            raise mistake(
                "0 days from a date is the date itself: use roll.",
                "Give calendar_days: 0 a roll, or use the date.",
                "zero_shift",
            )
        return self

    @model_validator(mode="after")
    def _day_of_a_month(self) -> "Rule":
        """Judge the number and the month of a weekday, and the number of a school day."""
        if self.nth_school_day == 0:
            raise mistake("there is no school day 0.", "Count from 1, or from -1 at the end.", "zero_shift")
        if self.weekday is None:
            return self
        if self.nth is None or not 1 <= abs(self.nth) <= _MOST_WEEKS:
            raise mistake("'weekday' needs 'nth' from 1 to 5, or from -1 to -5 at the end.", "Say which of the month.")
        if self.month is None or not 1 <= self.month <= _MONTHS:
            raise mistake("'weekday' needs 'month' from 1 to 12.", "Say of which month.")
        return self


Choice = Annotated[Rule, BeforeValidator(_as_choice, json_schema_input_type=str | dict[str, Any])]
"""One of the rules a rule chooses among: a date, a reference, or a rule."""

Rule.model_rebuild()

DateRule = Annotated[Rule, BeforeValidator(_as_rule, json_schema_input_type=Day | Rule)]


class Length(Fact):
    """How long something is open."""

    school_days: Int = Field(ge=1)


class Late(Fact):
    """How long answers are still taken after a window; none where it is 0."""

    school_days: Int = Field(ge=0)


class Lead(Fact):
    """How much time a step takes, or how long before the next one it is due.

    ``nth_school_day`` is for what has its own day of the year. ``min_n`` is the least it may be cut to.
    """

    school_days: Int | None = Field(default=None, ge=0)
    working_days: Int | None = Field(default=None, ge=0)
    calendar_days: Int | None = Field(default=None, ge=0)
    nth_school_day: Int | None = Field(default=None, ge=1)
    roll: Roll | None = None
    min_n: Int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one_unit(self) -> "Lead":
        if sum(getattr(self, unit) is not None for unit in (*COUNTED, "nth_school_day")) != 1:
            raise mistake(
                "a lead time has exactly one unit.", f"Write one of {', '.join((*COUNTED, 'nth_school_day'))}."
            )
        return self

    @property
    def unit(self) -> str:
        """Return the name of its one unit."""
        return next(unit for unit in (*COUNTED, "nth_school_day") if getattr(self, unit) is not None)

    @property
    def n(self) -> int:
        """Return its number."""
        return int(getattr(self, self.unit))
