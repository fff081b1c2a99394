"""The golden cases of the definitions of chronic absence: the product's rule and the plain loop, to the last part."""

from fractions import Fraction

import pytest

from aimline._measure_rows import profile_row
from aimline.scoring.profiles import Stay, basis, bridge, differences, judge
from schemas.examples import COUNTED, STAYS
from schemas.profiles import SHIPPED, Profile
from tests.support.oracle_attendance import DAY, MemberDay
from tests.support.oracle_profiles import RULES, Who, plain_days, verdict

SHARE = Fraction(9, 10)


def stay_of(days: list[MemberDay], *, student: str = "s", school: str = "0101") -> Stay:
    """Return days as the product sums them up."""
    sent = [day for day in days if day.missed is not None]
    absent = {}
    for shipped in SHIPPED.values():
        kinds, rule = basis(shipped.parameters)
        missed = [day.missed or 0 for day in sent]
        whole = sum(day.parts for day in sent if 2 * (day.missed or 0) >= day.parts)
        absent[kinds, rule] = whole if rule == "half_rule" else sum(missed)
        absent[kinds, "fraction"] = sum(missed)
        absent[kinds, "half_rule"] = whole
    parts = sum(day.parts for day in days), sum(day.parts for day in sent)
    return Stay(student, school, len(days), *parts, absent, grade="3")


def both(days: list[MemberDay], profile: str) -> str:
    """Return the verdict of the product, which must be the loop's."""
    told = judge(stay_of(days), SHIPPED[profile].parameters, SHARE)
    assert told == verdict(days, RULES[profile], Who())
    return told


def test_exact_tenth_is_flagged_where_floats_miss_it() -> None:
    """A tenth exactly is flagged at every length from 10 to 180; the same in floats is false in 18 of 18."""
    lengths = range(10, 190, 10)
    assert [both(plain_days(n, [DAY] * (n // 10)), "us-edfacts-195") for n in lengths] == ["flagged"] * 18
    assert [1 - (n - n // 10) / n >= 0.10 for n in lengths] == [False] * 18


@pytest.mark.parametrize(("short", "rounded"), [(1, "flagged"), (DAY - 1_133_496 + 17 * DAY, "flagged")])
def test_a_part_short_of_a_tenth_is_not_a_tenth(short: int, rounded: str) -> None:
    """One part short, and 17.992 days, of 180 are not a tenth; a rounded percent takes them for one."""
    days = plain_days(180, [DAY] * 17 + [DAY - short])
    assert both(days, "nj-spr") == "not_flagged"
    assert both(days, "edu-default") == rounded


def test_17_99_days_are_not_even_rounded_a_tenth() -> None:
    """17.99 of 180 days are 90.0056 percent attended, rounded 90.01."""
    days = plain_days(180, [DAY] * 17 + [DAY * 99 // 100])
    assert (both(days, "nj-spr"), both(days, "edu-default")) == ("not_flagged", "not_flagged")


@pytest.mark.parametrize("profile", SHIPPED)
def test_minimum_days(profile: str) -> None:
    """Who is flagged at the printed lengths of stay, by each definition; pages print these cases beside it."""
    verdicts = [both(plain_days(n, [DAY] * absent), profile) for n, absent in STAYS]
    assert "".join("y" if each == "flagged" else "n" for each in verdicts) == COUNTED[profile]


def test_a_definition_is_printed_with_its_cases() -> None:
    """A shipped definition is told with what it makes of the golden students; one with other parameters is not."""
    told = profile_row(Profile(profile_id="nj-spr", use="shipped"))["examples_en"]
    assert "counted are 5 of 45, 9 of 90, 18 of 90, 18 of 180; not counted are 9 of 9," in told
    assert profile_row(Profile(profile_id="board", based_on="nj-spr", min_member_days=20))["examples_en"] is None


@pytest.mark.parametrize(
    ("first", "second", "schools", "whole"),
    [
        ((82, 45), (96, 7), ("flagged", "not_flagged"), "flagged"),
        ((79, 10), (97, 8), ("flagged", "not_flagged"), "flagged"),
    ],
)
def test_mobility(first: tuple[int, int], second: tuple[int, int], schools: tuple[str, str], whole: str) -> None:
    """A student of two schools: each judges its days, the district all of them."""
    days = [plain_days(n, [DAY] * absent, school) for (n, absent), school in ((first, "0101"), (second, "0102"))]
    assert tuple(both(each, "us-edfacts-195") for each in days) == schools
    assert both([*days[0], *days[1]], "district-follow") == whole


@pytest.mark.parametrize(("full", "halves", "fraction", "half"), [(14, 7, False, True), (10, 16, True, True)])
def test_partial_days(full: int, halves: int, fraction: bool, half: bool) -> None:
    """Of 180 days, whole and half absences as they are, and by the half rule."""
    days = plain_days(180, [DAY] * full + [DAY // 2] * halves)
    flagged = [both(days, name) == "flagged" for name in ("nj-spr", "us-edfacts-195")]
    assert flagged == [fraction, half]


def test_half_rule_counts_before_it_sums() -> None:
    """Seven days of 27,000 parts are exactly three days, and none by the half rule."""
    found = stay_of(plain_days(20, [27_000] * 7))
    kinds = basis(SHIPPED["fl"].parameters)[0]
    assert (found.absent_parts[kinds, "fraction"], found.absent_parts[kinds, "half_rule"]) == (3 * DAY, 0)


def test_correctional_schools_ask_for_sixty_days() -> None:
    """Maine asks 60 member days of a correctional school, 10 of any other."""
    days = plain_days(40, [DAY] * 4)
    shown = Stay(**{**vars(stay_of(days)), "school_kind": "correctional"})
    assert judge(shown, SHIPPED["me"].parameters, SHARE) == "not_eligible"
    assert judge(stay_of(days), SHIPPED["me"].parameters, SHARE) == "flagged"
    assert verdict(days, RULES["me"], Who(kind="correctional")) == "not_eligible"


def ten_to_forty_five() -> list[Stay]:
    """Return 22,773 stays of which 5,967 are flagged, 418 of them short and 266 of those flagged."""
    kinds = [(266, 20, 2), (152, 20, 0), (5701, 100, 10), (22_355 - 5701, 100, 0)]
    made = []
    for n_stays, n_days, absent in kinds:
        stay = stay_of(plain_days(n_days, [DAY] * absent))
        made += [Stay(**{**vars(stay), "student_key": f"s{len(made) + n}"}) for n in range(n_stays)]
    return made


def test_why_different_explains_a_minimum_of_45_days() -> None:
    """From at least 10 days to at least 45: 418 judged and 266 flagged fewer, all under min_member_days."""
    a, b = SHIPPED["fl"].parameters, SHIPPED["nj-spr"].parameters
    stays = ten_to_forty_five()
    steps = bridge(stays, a, b, SHARE)
    assert [(step.n_flagged, step.n_eligible) for step in (steps[0], steps[-1])] == [(5967, 22773), (5701, 22355)]
    assert [f"{float(step.value or 0):.4f}" for step in (steps[0], steps[-1])] == ["0.2620", "0.2550"]
    moved = [s for s, before in zip(steps[1:], steps, strict=False) if s.n_eligible != before.n_eligible]
    assert [(step.parameter, step.before, step.after) for step in moved] == [("min_member_days", ">= 10", ">= 45")]
    found = list(differences(stays, a, b, SHARE))
    assert (len(found), sum(each.result_a == "flagged" for each in found)) == (418, 266)
    assert {(each.reason, each.detail) for each in found} == {
        ("min_member_days", "20 member days; A needs 10, B needs 45")
    }


def test_merged_students_are_named_once_more() -> None:
    """Where B follows the student, the school with fewer days is counted_twice; the rows add up to the change."""
    near = stay_of(plain_days(79, [DAY] * 10), school="0101")
    far = stay_of(plain_days(97, [DAY] * 8), school="0102")
    whole = stay_of([*plain_days(79, [DAY] * 10), *plain_days(97, [DAY] * 8)], school="")
    a, b = SHIPPED["fl"].parameters, SHIPPED["district-follow"].parameters
    found = list(differences([near, far, whole], a, b, SHARE))
    assert [(each.school_id, each.result_a, each.result_b, each.reason) for each in found] == [
        ("0101", "flagged", "", "counted_twice"),
        ("0102", "not_flagged", "flagged", "grain"),
    ]
    assert found[1].detail == "A, by school: 8 of 97 days; B, by district: 18 of 176 days"
