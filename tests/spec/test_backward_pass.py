"""The worked backward pass, date by date. Source: schedule.md 14."""

import pytest

from tests.support.planned import closed, days, earliest, latest, planned

LATEST = {
    "mid_year.packet": "2027-02-05",
    "mid_year.staff_item": "2027-01-26",
    "mid_year.cabinet_preread": "2027-01-19 … 2027-01-25",
    "mid_year.reflection": "2027-01-06 … 2027-01-15",
    "sel_survey_fall.scoring_qa": "2027-01-04 … 2027-01-05",
    "sel_survey_fall.late_accept": "2026-12-14 … 2026-12-18",
    "sel_survey_fall": "2026-11-16 … 2026-12-11",
    "sel_survey_fall.setup": "2026-10-26 … 2026-11-13",
    "sel_survey_fall.roster_freeze": "2026-10-26",
    "sel_survey_fall.opt_out": "2026-11-09",
    "sel_survey_fall.notice": "2026-10-26",
}
PLANNED = {
    "sel_survey_fall": "2026-10-14 … 2026-11-03",
    "sel_survey_fall.setup": "2026-09-23 … 2026-10-13",
    "sel_survey_fall.roster_freeze": "2026-09-23",
    "sel_survey_fall.notice": "2026-09-23",
    "sel_survey_fall.opt_out": "2026-10-07",
    "sel_survey_fall.late_accept": "2026-11-04 … 2026-11-10",
    "sel_survey_fall.scoring_qa": "2026-11-11 … 2026-11-12",
    "annual_notice": "2026-08-25",
}


@pytest.fixture(scope="module")
def plan():
    """The plan as it stands in July."""
    return planned()


def test_there_are_179_school_days_and_250_working_days(plan):
    """The year's own days, and the working days of its money year."""
    from datetime import date

    lists = plan.setting.resolver.lists
    assert len(lists.school) == 179
    assert lists.working.count(date(2026, 7, 1), date(2027, 6, 30)) == 250


@pytest.mark.parametrize("name", LATEST)
def test_the_latest_days_are_those_of_the_worked_pass(plan, name):
    """Each step ends as late as the board of 9 February allows."""
    assert latest(plan, name) == LATEST[name]


@pytest.mark.parametrize("name", PLANNED)
def test_the_planned_days_are_those_of_the_rule(plan, name):
    """The 40th school day, what comes before it counted back, what follows counted on."""
    assert days(plan, name) == PLANNED[name]


def test_the_window_has_23_days_of_slack_and_28_of_float(plan):
    """It could open on the 35th day, since the list is stable on 16 September."""
    assert earliest(plan, "sel_survey_fall").startswith("2026-10-07")
    assert earliest(plan, "sel_survey_fall.roster_freeze") == "2026-09-16"
    assert (plan.slack("sel_survey_fall"), plan.spare("sel_survey_fall")) == (23, 28)
    assert plan.is_feasible


def test_the_critical_path_leads_from_the_board_to_the_list(plan):
    """Through the item, the pre-read, the reflection, scoring and the window to its set-up."""
    (anchor,) = plan.graph.anchors
    path = plan.critical_path(anchor)
    assert path[:4] == ("budget.preliminary", "mid_year.staff_item", "mid_year.cabinet_preread", "mid_year.reflection")
    assert path[-2:] == ("sel_survey_fall.setup", "sel_survey_fall.roster_freeze")


def test_ice_in_january_moves_reflection_and_scoring_alone():
    """Two days lost in January take two days of December's working days; the window stays."""
    plan = planned(changes=closed("2027-01-07 … 2027-01-08", "2026-07-15"))
    assert latest(plan, "mid_year.reflection") == "2027-01-04 … 2027-01-15"
    assert latest(plan, "sel_survey_fall.scoring_qa") == "2026-12-29 … 2026-12-30"
    assert latest(plan, "sel_survey_fall") == LATEST["sel_survey_fall"]


def test_snow_before_a_window_opens_opens_it_earlier():
    """At its latest days, two days lost in December must be had in November."""
    plan = planned(changes=closed("2026-12-02 … 2026-12-03", "2026-07-15"))
    assert latest(plan, "sel_survey_fall").startswith("2026-11-12")
    assert latest(plan, "sel_survey_fall.roster_freeze") == "2026-10-22"
