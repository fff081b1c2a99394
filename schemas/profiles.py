"""List the chronic-absence definitions that ship: named parameters of one engine, each with its outside source.

A district names one with ``use: shipped``, or bases its own on one (``schemas/indicators.py``). Thresholds live here
and nowhere in SQL. The test is ``q * absent >= p * enrolled`` for a share p/q, ``absent >= n`` days, or attendance
rounded to two digits at most p/q.
"""

from fractions import Fraction
from typing import Literal

from schemas._base import Day, Fact, Grades, Int, Label, ProfileId, Share, Text

AbsenceKind = Literal["excused", "unexcused", "suspended_out", "suspended_in", "independent_not_counted"]

COUNTED_ABSENCES: tuple[AbsenceKind, ...] = ("excused", "unexcused", "suspended_out", "independent_not_counted")


class Test(Fact):
    """When a student counts as chronically absent: a share of days, a number of days, or a rounded rate."""

    share: Share | None = None
    absent_days: Int | None = None
    rounded_attendance: Share | None = None


class Parameters(Fact):
    """The parameters of one definition."""

    counts: tuple[AbsenceKind, ...] = COUNTED_ABSENCES
    partial_day: Literal["fraction", "half_rule"] = "fraction"
    missing_days: Literal["exclude", "count_present"] = "exclude"
    grain: Literal["school", "level", "district"] = "school"
    min_member_days: Int = 10
    min_op: Literal[">=", ">"] = ">="
    test: Test = Test(share=Fraction(1, 10))
    grades: Grades | None = None


class Profile(Fact):
    """One definition a district uses: shipped, or based on a shipped one with parameters of its own."""

    profile_id: ProfileId
    use: Literal["shipped"] | None = None
    based_on: ProfileId | None = None
    label: Label | None = None
    citation: Text | None = None
    effective_from: Day | None = None
    replaces: ProfileId | None = None
    overlap_years: tuple[Int, ...] = ()
    counts: tuple[AbsenceKind, ...] | None = None
    partial_day: Literal["fraction", "half_rule"] | None = None
    missing_days: Literal["exclude", "count_present"] | None = None
    grain: Literal["school", "level", "district"] | None = None
    min_member_days: Int | None = None
    min_op: Literal[">=", ">"] | None = None
    test: Test | None = None
    grades: Grades | None = None


class Shipped(Fact):
    """One shipped definition: its words, its source, its parameters."""

    label: Label
    citation: Text
    parameters: Parameters = Parameters()


def _shipped(label: str, citation: str, **parameters: object) -> Shipped:
    return Shipped(label={"en": label}, citation=citation, parameters=Parameters.model_validate(parameters))


_QUOTED = "as quoted in TEAMSchools/teamster"
SHIPPED: dict[str, Shipped] = {
    "us-edfacts-195": _shipped(
        "Federal definition (EDFacts FS195)", "EDFacts FS195 / DG814, ED Data Express", partial_day="half_rule"
    ),
    "nj-spr": _shipped("New Jersey school performance report", f"New Jersey rule {_QUOTED} 4994", min_member_days=45),
    "fl": _shipped("Florida", f"Florida rule {_QUOTED} 4994"),
    "kipp": _shipped(
        "Attendance of at most 90 percent", f"KIPP rule {_QUOTED} 4994", test={"share": "1/10"}, min_member_days=10
    ),
    "crdc-legacy": _shipped(
        "Absent 15 days or more",
        "Civil Rights Data Collection to 2015-16",
        min_member_days=1,
        test={"absent_days": 15},
        counts=["excused", "unexcused", "suspended_out", "suspended_in", "independent_not_counted"],
    ),
    "district-follow": _shipped(
        "A tenth of all days in the district", f"Rule {_QUOTED} 5122: the flag follows the student", grain="district"
    ),
}
"""Profile id -> definition."""


def resolved(profile: Profile) -> Parameters:
    """Return the parameters of a profile: the shipped ones, with what the district changed."""
    base = SHIPPED[profile.based_on or profile.profile_id].parameters
    own = {name: getattr(profile, name) for name in Parameters.model_fields if getattr(profile, name) is not None}
    return base.model_copy(update=own)
