"""What moves when the worked year is varied: snow in an open window, a window too late, windows in conflict, chances.

Source: schedule.md 14.
"""

import pytest

from aimline.schedule.binding import bindings
from aimline.schedule.forecast import Records, chance_of, exact_chance
from tests.support.planned import closed, days, earliest, made

NTH_40 = "opens: {nth_school_day: 40}"
OPEN_SINCE = {NTH_40: "opens: 2026-11-16"}
TWO = """windows:
  - {id: aa, instrument: x@1, respondents: {student: {grades: 3-12}}, weight: 2, opens: {nth_school_day: 40},
     length: {school_days: 10}}
  - {id: bb, instrument: x@1, respondents: {student: {grades: 6-12}}, weight: 1, opens: {nth_school_day: 40},
     length: {school_days: 10}}
"""


@pytest.fixture(scope="module")
def snowed():
    """The window open since 16 November, and two days of snow in it."""
    return made("2026-12-04", OPEN_SINCE | closed("2026-12-02 … 2026-12-03", "2026-12-02"))


def test_snow_in_an_open_window_lengthens_it_and_moves_what_follows(snowed):
    """It closes two days later, its opening stays; late answers reach into January."""
    plan = snowed.plan
    assert days(plan, "sel_survey_fall") == "2026-11-16 … 2026-12-15"
    assert days(plan, "sel_survey_fall.late_accept") == "2026-12-16 … 2027-01-05"
    assert days(plan, "sel_survey_fall.scoring_qa") == "2027-01-06 … 2027-01-07"
    assert earliest(plan, "mid_year.reflection") == "2027-01-08 … 2027-01-20"


def test_it_is_short_by_two_days_and_has_five_ways_out(snowed):
    """Each is the smallest change of one number, the smallest share first; scoring alone cannot do it."""
    (binding,) = bindings(snowed.plan, snowed.extensions)
    assert (binding.anchor, binding.short) == ("mid_year", 2)
    assert [(way.parameter, way.old, way.new) for way in binding.ways] == [
        ("staff_item", 14, 12),
        ("reflection", 8, 6),
        ("cabinet_preread", 5, 3),
        ("late_accept", 5, 3),
        ("extension", 2, 0),
    ]


def test_the_chain_leads_from_the_board_to_the_window(snowed):
    """Each step has the line of the file that says so."""
    (binding,) = bindings(snowed.plan, snowed.extensions)
    parts = [link.id.rpartition(".")[2] for link in binding.chain]
    steps = ["cabinet_preread", "reflection", "scoring_qa", "late_accept", "sel_survey_fall"]
    assert parts == ["preliminary", "staff_item", *steps]
    assert {link.file for link in binding.chain} == {"t/years/2026-27.yml"}
    assert all(link.line > 1 for link in binding.chain)


def test_without_a_rule_for_it_an_open_window_is_not_lengthened():
    """No ``extend_if``: two days are lost, and the board is made."""
    whole = OPEN_SINCE | closed("2026-12-02 … 2026-12-03", "2026-12-02")
    lost = made("2026-12-04", whole | {"    extend_if: {closed_days_inside: each, max: 5}\n": ""})
    assert days(lost.plan, "sel_survey_fall") == "2026-11-16 … 2026-12-11"
    assert lost.is_feasible


def test_a_window_only_in_spring_cannot_inform_the_budget():
    """Short by 58 school days; the message names the line, the day it had to close, and the board it can serve."""
    spring = {"sel_survey_fall": "sel_survey_spring", "needs: [sel_survey_fall": "needs: [sel_survey_spring"}
    (binding,) = bindings(made(changes={NTH_40: "opens: 2027-03-01"} | spring).plan)
    assert (binding.short, binding.ways) == (58, ())
    assert binding.message == (
        "mid_year cannot make budget.preliminary on 2027-02-09: short by 58 school days. sel_survey_spring opens "
        "2027-03-01 at the earliest (t/years/2026-27.yml:19) but must close by 2026-12-11. A window only in spring "
        "cannot inform this budget; earliest board date it can serve: 2027-05-10."
    )


def test_a_rule_that_is_too_late_may_open_earlier():
    """The first way out is the smallest: three school days earlier."""
    (binding,) = bindings(made(changes={NTH_40: "opens: {nth_school_day: 66}"}).plan)
    assert (binding.ways[0].parameter, binding.ways[0].old, binding.ways[0].new) == ("sel_survey_fall.opens", 66, 63)


@pytest.fixture(scope="module")
def scoring():
    """The plan on the day scoring begins, and how long its steps took before."""
    plan = made("2026-12-21", OPEN_SINCE).plan
    (anchor,) = plan.graph.anchors
    return plan, anchor, Records({"scoring_qa": [1, 2, 2, 3, 9], "reflection": [8, 8, 10, 12, 9]}, prior_weight=0)


def test_the_chance_is_16_of_25_by_enumeration(scoring):
    """Four of five scorings and four of five reflections are quick enough."""
    assert exact_chance(*scoring) == pytest.approx(0.64, abs=1e-12)


def test_the_simulated_chance_is_near_and_repeats(scoring):
    """Ten thousand draws come within 0.015 and say the same again."""
    plan, anchor, records = scoring
    chance = chance_of(plan, anchor, "riverbend", records)
    assert abs(chance.probability - 0.64) < 0.015
    assert chance.low < chance.probability < chance.high
    assert chance == chance_of(plan, anchor, "riverbend", records)


def test_of_two_windows_the_lighter_one_moves_later():
    """Both on the 40th day with a gap of five: the second opens fifteen school days later."""
    one = made(changes={"windows:\n": TWO, "respondents: {student: {grades: 3-12}}\n": "respondents: {staff: all}\n"})
    assert days(one.plan, "aa") == "2026-10-14 … 2026-10-27"
    assert days(one.plan, "bb") == "2026-11-04 … 2026-11-17"
    (conflict,) = one.conflicts
    assert conflict.windows == ("aa", "bb")
    assert conflict.resolved_by == "bb opens 2026-11-04, not 2026-10-14"
