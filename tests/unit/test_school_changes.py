"""What becomes of schools as a year begins, and who answers for what was theirs. Source: schedule.md 12."""

from datetime import date

import pytest

from aimline.schedule.items import FrozenPlan, Item
from aimline.schedule.school_changes import SchoolChange, changes_of, handed_on, heirs_of

SPAN = (date(2026, 8, 20), date(2027, 8, 18))
SUMMER = date(2027, 7, 1)


def _school(school_id, opens_on, closes_on=None):
    return {"school_id": school_id, "opens_on": opens_on, "closes_on": closes_on}


def _event(event, from_id, to_id=None, share=None):
    return {"event": event, "from_id": from_id, "to_id": to_id, "share": share, "on_date": SUMMER}


def test_schools_open_and_close_by_the_dates_of_the_list():
    """Only days of the span count: a school that opened long ago does not open now."""
    schools = [_school("1", date(2000, 8, 1)), _school("2", SUMMER), _school("3", date(2000, 8, 1), SUMMER)]
    assert changes_of(schools, [], SPAN) == (SchoolChange(SUMMER, "2", "open"), SchoolChange(SUMMER, "3", "close"))


def test_a_merge_says_more_than_a_closing_date():
    """A school that is merged is not closed a second time; a new name or boundary ends no school."""
    schools = [_school("3", date(2000, 8, 1), SUMMER)]
    events = [_event("merge", "3", "1"), _event("rename", "4", "4"), _event("boundary", "5", "6", 0.1)]
    assert changes_of(schools, events, SPAN) == (SchoolChange(SUMMER, "3", "merge", "1"),)


@pytest.mark.parametrize(
    ("events", "heirs"),
    [
        ([_event("close", "1")], {"1": None}),
        ([_event("merge", "1", "2")], {"1": "2"}),
        ([_event("split", "1", "2", 0.3), _event("split", "1", "3", 0.7)], {"1": "3"}),
        ([_event("split", "1", "2", 0.7), _event("split", "1", "3", 0.3)], {"1": "2"}),
    ],
)
def test_the_school_that_takes_most_is_the_heir(events, heirs):
    """Of a school that is split, the largest part holds; a closed one has no heir."""
    assert heirs_of(changes_of([], events, SPAN)) == heirs


def test_a_school_that_opens_again_is_there_again():
    """What it had is its own."""
    again = SchoolChange(date(2028, 8, 1), "1", "open")
    assert heirs_of([SchoolChange(SUMMER, "1", "close"), again]) == {}


def _plan(*items):
    return FrozenPlan("small", 2028, 1, SUMMER, None, items)


def test_work_of_a_merged_school_is_its_heirs():
    """Over two mergers the last school answers; a closed school without an heir keeps its role, which escalates."""
    mine, closed, other = (
        Item(name, "milestone", 2028, {}, owner=f"principal:{name[1]}") for name in ("m1", "m4", "m5")
    )
    found = handed_on(_plan(mine, closed, other), {"1": "2", "2": "3", "4": None}).items
    assert [each.owner for each in found] == ["principal:3", "principal:4", "principal:5"]


def test_two_schools_that_merge_into_each_other_end_the_search():
    """A circle of mergers is wrong data, and no reason to hang."""
    item = Item("m1", "milestone", 2028, {}, owner="principal:1")
    assert handed_on(_plan(item), {"1": "2", "2": "1"}).items[0].owner == "principal:1"


def test_the_review_of_a_school_that_is_no_more_is_not_held():
    """Its heir has its own; reviews of other schools, windows and steps of the district stay."""
    names = ("q1.1", "q1.1.reflection", "q1.2", "mid_year.reflection")
    items = [Item(name, "review", 2028, {}, owner="sel_lead") for name in names]
    window = Item("fall.1", "setup", 2028, {}, window_id="fall")
    found = handed_on(_plan(*items, window), {"1": "2"}).items
    assert [each.id for each in found] == ["q1.2", "mid_year.reflection", "fall.1"]


def test_a_year_without_changes_is_the_plan_itself():
    """Nothing is copied where nothing happens."""
    plan = _plan(Item("q1.1", "review", 2028, {}))
    assert handed_on(plan, {}) is plan
