"""List the chronic-absence definitions that ship: named parameters of one engine, each with its outside source.

A district names one with ``use: shipped``, or bases its own on one (``schemas/indicators.py``). Thresholds live here
and nowhere in SQL. The test is ``q * absent >= p * enrolled`` for a share p/q, ``absent >= n`` days, or attendance in
percent, rounded, at most a number. What a citation calls "source to be confirmed" is our reading of it.
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Literal, get_args

from pydantic import Field, model_validator

from schemas._base import Day, Fact, Grades, Int, Label, ProfileId, Share, Text, mistake
from schemas.decisions import DecisionId

AbsenceKind = Literal["excused", "unexcused", "suspended_out", "suspended_in", "independent_not_counted"]
Leavers = Literal["in", "enrolled_at_end"]

ABSENCE_KINDS: tuple[AbsenceKind, ...] = get_args(AbsenceKind)

COUNTED_ABSENCES: tuple[AbsenceKind, ...] = ("excused", "unexcused", "suspended_out", "independent_not_counted")

MOST_DIGITS = 4


class Test(Fact):
    """When a student counts as chronically absent: a share of days, a number of days, or a rounded rate."""

    share: Share | None = None
    op: Literal[">=", ">"] = ">="
    absent_days: Int | None = None
    rounded_percent: Int | None = None
    digits: Int = 2

    @model_validator(mode="after")
    def _one_kind(self) -> "Test":
        if sum(each is not None for each in (self.share, self.absent_days, self.rounded_percent)) != 1:
            raise mistake("a test is one of three.", "Give share, absent_days or rounded_percent.")
        if not 0 <= self.digits <= MOST_DIGITS:
            raise mistake(f"{self.digits} digits.", f"Round to 0 to {MOST_DIGITS} digits.")
        return self


class Parameters(Fact):
    """The parameters of one definition."""

    counts: tuple[AbsenceKind, ...] = COUNTED_ABSENCES
    partial_day: Literal["fraction", "half_rule"] = "fraction"
    missing_days: Literal["exclude", "count_present"] = "exclude"
    grain: Literal["school", "level", "district"] = "school"
    min_member_days: Int = 10
    min_op: Literal[">=", ">"] = ">="
    min_days_by_school_kind: dict[Text, Int] = Field(default_factory=dict)
    min_attended_days: Int = 0
    test: Test = Test(share=Fraction(1, 10))
    grades: Grades | None = None
    leavers: Leavers = "in"


class Profile(Fact):
    """One definition a district uses: shipped, or based on a shipped one with parameters of its own."""

    profile_id: ProfileId
    use: Literal["shipped"] | None = None
    based_on: ProfileId | None = None
    label: Label | None = None
    citation: Text | None = None
    effective_from: Day | None = None
    confirmed_by: DecisionId | None = None
    replaces: ProfileId | None = None
    overlap_years: tuple[Int, ...] = ()
    counts: tuple[AbsenceKind, ...] | None = None
    partial_day: Literal["fraction", "half_rule"] | None = None
    missing_days: Literal["exclude", "count_present"] | None = None
    grain: Literal["school", "level", "district"] | None = None
    min_member_days: Int | None = None
    min_op: Literal[">=", ">"] | None = None
    min_days_by_school_kind: dict[Text, Int] | None = None
    min_attended_days: Int | None = None
    test: Test | None = None
    grades: Grades | None = None
    leavers: Leavers | None = None


class Shipped(Fact):
    """One shipped definition: its words, its source, its parameters."""

    label: Label
    citation: Text
    parameters: Parameters = Parameters()


def _shipped(label: str, citation: str, **parameters: object) -> Shipped:
    return Shipped(label={"en": label}, citation=citation, parameters=Parameters.model_validate(parameters))


_QUOTED = "as quoted in TEAMSchools/teamster"
_ASK = "source to be confirmed"
SHIPPED: dict[str, Shipped] = {
    "us-edfacts-195": _shipped(
        "Federal definition (EDFacts FS195)",
        f"EDFacts FS195 / DG814, ED Data Express; half a day counts as a day: {_ASK}",
        partial_day="half_rule",
    ),
    "ca-dataquest": _shipped(
        "California DataQuest",
        f"CALPADS glossary; students who never attended are in: {_ASK}",
        min_member_days=30,
        min_op=">",
        grain="level",
    ),
    "ca-dashboard": _shipped(
        "California School Dashboard, grades K to 8",
        "CALPADS glossary",
        min_member_days=30,
        min_op=">",
        grain="level",
        grades="K-8",
    ),
    "nj-spr": _shipped(
        "New Jersey school performance report", f"New Jersey rule {_QUOTED} 4994, 5015", min_member_days=45
    ),
    "fl": _shipped("Florida", f"Florida rule {_QUOTED} 4994"),
    "kipp": _shipped("Attendance of at most 90 percent", f"KIPP rule {_QUOTED} 4994"),
    "me": _shipped(
        "Maine",
        f"Maine DOE; grain, and whether excused absences count: {_ASK}",
        min_days_by_school_kind={"correctional": 60},
    ),
    "ri-early": _shipped(
        "Rhode Island, grades K to 3",
        f"Rhode Island Kids Count; grain: {_ASK}",
        min_member_days=90,
        grain="level",
        test={"absent_days": 18},
        grades="K-3",
    ),
    "crdc-legacy": _shipped(
        "Absent 15 days or more",
        "Civil Rights Data Collection to 2015-16",
        min_member_days=0,
        test={"absent_days": 15},
        counts=["excused", "unexcused", "suspended_out", "suspended_in", "independent_not_counted"],
    ),
    "edu-default": _shipped(
        "Rounded attendance of at most 90 percent",
        "behaviour of edu_wh 0.6.4",
        min_member_days=20,
        missing_days="count_present",
        test={"rounded_percent": 90, "digits": 2},
    ),
    "district-follow": _shipped(
        "A tenth of all days in the district", f"Rule {_QUOTED} 5122: the flag follows the student", grain="district"
    ),
}
"""Profile id -> definition."""


def starts_on(profile: Profile, years: Iterable[tuple[date, date]]) -> date | None:
    """Return the day from which a definition counts; None where nothing is said.

    In the middle of a school year it waits for the next one, unless a decision confirms its day.

    Args:
        profile: The definition.
        years: First and last day of each school year.
    """
    day = profile.effective_from
    if day is None or profile.confirmed_by is not None:
        return day
    spans = sorted(years)
    ends = next((last for first, last in spans if first < day <= last), None)
    if ends is None:
        return day
    return next((first for first, _ in spans if first > ends), date(ends.year, 7, 1))


def resolved(profile: Profile) -> Parameters:
    """Return the parameters of a profile: the shipped ones, with what the district changed."""
    base = SHIPPED[profile.based_on or profile.profile_id].parameters
    own = {name: getattr(profile, name) for name in Parameters.model_fields if getattr(profile, name) is not None}
    return base.model_copy(update=own)
