"""The rows of what is dated carry the days that were frozen, and what the plan knows of them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from aimline import schedule
from aimline.settings import load_deployment
from schemas.declared import DECLARED


@pytest.fixture(scope="module")
def riverbend():
    """The example district, its dates by rule, and its plan of 2026-27 frozen as version 3, a week later by hand."""
    declared = load_deployment("riverbend")
    plan = schedule.proposal(declared, 2027, date(2026, 7, 15))
    later = tuple(replace(each, due_on=_later(each.due_on), frozen_version=3) for each in plan.items)
    return declared, schedule.resolve_dates(declared), replace(plan, version=3, items=later)


def _later(day):
    return day and day + timedelta(days=7)


def _rows(riverbend, *frozen):
    rows = schedule.obligation_rows(riverbend[0], riverbend[1], frozen)
    return {row["obligation_id"]: row for row in rows}


def test_a_proposal_has_its_slack_and_no_version(riverbend):
    """Nobody froze it: version 0; what it waits for and whether it is critical are known all the same."""
    row = _rows(riverbend)["2027_sel_survey_fall"]
    assert list(row) == list(DECLARED["declared_obligations"])
    assert (row["opens_on"], row["due_on"]) == (date(2026, 10, 14), date(2026, 11, 3))
    assert (row["slack_school_days"], row["is_critical"], row["frozen_version"]) == (23, False, 0)
    assert row["depends_on"] == "sel_survey_fall.setup"


@pytest.mark.parametrize(
    ("name", "due_on"),
    [
        ("2027_sel_survey_fall", date(2026, 11, 10)),
        ("2027_mid_year.meeting", date(2027, 1, 18)),
        ("2027_mid_year.decisions", date(2027, 1, 22)),
        ("2027_budget.preliminary", date(2027, 2, 16)),
        ("board.2027-02-09", date(2027, 2, 16)),
    ],
)
def test_a_frozen_day_goes_before_the_rule(riverbend, name, due_on):
    """Of windows, reviews, budget steps and meetings alike; with the version that gave it."""
    row = _rows(riverbend, riverbend[2])[name]
    assert (row["due_on"], row["frozen_version"]) == (due_on, 3)


def test_a_packet_is_due_when_its_reflection_begins(riverbend):
    """People can look at it from that day on."""
    row = _rows(riverbend, riverbend[2])["2027_mid_year.packet"]
    assert (row["due_on"], row["frozen_version"]) == (date(2027, 1, 6), 3)


def test_what_no_plan_has_keeps_its_own_day(riverbend):
    """Plan steps and deliveries are in no version, and other years have none."""
    rows = _rows(riverbend, riverbend[2])
    assert {row["frozen_version"] for row in rows.values() if row["kind"] in {"activity", "milestone", "arrival"}} == {
        0
    }
    assert rows["2026_sel_survey_fall"]["frozen_version"] == 0
