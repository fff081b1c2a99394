"""Every form of a rule, what it may count from, how it is quoted, and what is told where it gives no date."""

from datetime import date

import pytest

from aimline._declared_files import Loaded
from aimline._yaml import Tree
from aimline.schedule.rules import Resolver, resolve, resolvers, rule_text
from schemas.rules import Rule
from tests.support.declared import year_of

YEAR = ("2026-08-19", "2027-05-27")
REST = {
    "fiscal_year": {"starts": "2026-07-01"},
    "closures": [{"date": "2026-10-19", "kind": "holiday"}],
    "office_closures": ["2026-09-07"],
    "board_meetings": {"dates": ["2026-09-08", "2026-10-13", "2027-02-09"]},
    "budget": [{"id": "ask", "on": "2026-12-04"}],
    "terms": {"quarter": ["2026-10-16", "2026-12-18"], "trimester": ["2026-11-13"]},
    "pins": {"w0.opens": "2026-09-01", "w0.report_schools": "2026-10-30"},
}
ASKED = {"id": "w0", "kind": "rubric", "opens": "2026-09-21", "length": {"school_days": 5}}


def _year(*windows, **rest):
    return year_of(*YEAR, windows=[ASKED, *windows], **{**REST, **rest})


def _opens(rule):
    """Return when a window of a rule opens, and what was found."""
    dates, findings = resolve([_year({"id": "w1", "kind": "rubric", "opens": rule, "closes": "2027-05-27"})])
    return str(dates[2027, "w1"].get("opens_on")), [(each.code, each.place) for each in findings]


FORMS = {
    "first_board_meeting_after(w0.closes)": ({"first_board_meeting_after": "w0.closes"}, "2026-09-08"),
    "first_board_meeting_after(board.2026-10-13)": ({"first_board_meeting_after": "board.2026-10-13"}, "2027-02-09"),
    "last_board_meeting_before(budget.ask)": ({"last_board_meeting_before": "budget.ask"}, "2026-10-13"),
    "last_board_meeting_before(2026-10-13)": ({"last_board_meeting_before": "2026-10-13"}, "2026-09-08"),
    "weekday(mon, 3, 10)": ({"weekday": "mon", "nth": 3, "month": 10}, "2026-10-20"),
    "weekday(mon, -1, 2)": ({"weekday": "mon", "nth": -1, "month": 2}, "2027-02-22"),
    "weekday(mon, 3, 10, previous_school_day)": (
        {"weekday": "mon", "nth": 3, "month": 10, "roll": "previous_school_day"},
        "2026-10-16",
    ),
    "earliest_of(2026-12-01, budget.ask, term_end(trimester.1))": (
        {"earliest_of": ["2026-12-01", "budget.ask", {"term_end": "trimester.1"}]},
        "2026-11-13",
    ),
    "latest_of(budget.ask, earliest_of(2026-10-01, year.last_day))": (
        {"latest_of": ["budget.ask", {"earliest_of": ["2026-10-01", "year.last_day"]}]},
        "2026-12-04",
    ),
    "calendar_days(-14, budget.ask)": ({"calendar_days": -14, "from": "budget.ask"}, "2026-11-20"),
    "calendar_days(-88, budget.ask, previous_working_day)": (
        {"calendar_days": -88, "from": "budget.ask", "roll": "previous_working_day"},
        "2026-09-04",
    ),
    "calendar_days(0, 2026-10-19, next_working_day)": (
        {"calendar_days": 0, "from": "2026-10-19", "roll": "next_working_day"},
        "2026-10-19",
    ),
    "calendar_days(0, 2026-10-19, next_school_day)": (
        {"calendar_days": 0, "from": "2026-10-19", "roll": "next_school_day"},
        "2026-10-20",
    ),
    "school_days(1, term.quarter.1.end)": ({"school_days": 1, "from": "term.quarter.1.end"}, "2026-10-20"),
    "school_days(1, w0.sealed)": ({"school_days": 1, "from": "w0.sealed"}, "2026-09-16"),
    "school_days(1, w0)": ({"school_days": 1, "from": "w0"}, "2026-09-08"),
    "school_days(1, w0.report_schools)": ({"school_days": 1, "from": "w0.report_schools"}, "2026-11-02"),
    "school_days(1, year.first_day)": ({"school_days": 1, "from": "year.first_day"}, "2026-08-20"),
    "nth_school_day(1, trimester.1)": ({"nth_school_day": 1, "of": "trimester.1"}, "2026-08-19"),
    "term_start(quarter.2)": ({"term_start": "quarter.2"}, "2026-10-20"),
}


@pytest.mark.parametrize("text", FORMS)
def test_a_rule_gives_its_day_and_is_quoted(text):
    """Each form counts from what it names, and its canonical text says so."""
    rule, day = FORMS[text]
    assert _opens(rule) == (day, [])
    assert rule_text(Rule.model_validate(rule)) == text


WRONG = {
    "no meeting": ({"first_board_meeting_after": "2027-02-09"}, "calendar_horizon"),
    "no meeting before": ({"last_board_meeting_before": "2026-09-08"}, "calendar_horizon"),
    "no fifth Monday": ({"weekday": "mon", "nth": 5, "month": 10}, "declared"),
    "no school day": ({"calendar_days": -1, "from": "2026-10-20", "roll": "none"}, "not_a_school_day"),
    "beyond the years": ({"school_days": 300, "from": "year.first_day"}, "calendar_horizon"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_rule_without_a_day_is_told_in_its_line(name):
    """Nothing is raised: the window has no opening, and the finding stands at the rule."""
    rule, code = WRONG[name]
    assert _opens(rule) == ("None", [(code, "windows[1].opens")])


def test_a_choice_with_an_unknown_date_is_open():
    """Of two dates of which one cannot be found neither is taken."""
    rule = {"earliest_of": ["2026-10-01", {"school_days": 300, "from": "year.first_day"}]}
    assert _opens(rule) == ("None", [("calendar_horizon", "windows[1].opens.earliest_of[1]")])


def test_a_pin_beats_the_rule_of_a_window():
    """A date that a person fixed by hand holds, and the length counts from it."""
    dates, _ = resolve([_year()])
    assert (dates[2027, "w0"]["opens_on"], dates[2027, "w0"]["closes_on"]) == (date(2026, 9, 1), date(2026, 9, 7))


def test_late_days_come_from_the_window_then_from_the_lead_times():
    """A window's own late days, none of them among it; else the lead time, in its own unit; else five school days."""
    known = [
        resolve([_year(lead_times=lead)])[0][2027, "w0"]["late_until_on"].day
        for lead in ({}, {"late_accept": {"school_days": 2}}, {"late_accept": {"working_days": 2}})
    ]
    assert known == [14, 9, 9]
    own = {**ASKED, "id": "w1", "late_accept": {"school_days": 0}}
    days = resolve([_year(own)])[0][2027, "w1"]
    assert days["late_until_on"] == days["closes_on"]


def _planned(resolver, name):
    """Know one step of a plan, which counts from the window's opening."""
    if name != "r1.reflection":
        return None
    opens = resolver.reference("w0.opens")
    return (opens, date(2026, 9, 14)) if opens else None


def test_a_review_that_only_feeds_a_budget_step_takes_the_days_of_its_plan():
    """Its packet is the first day of its reflection, its decisions are due on the last, it meets three days in."""
    year = _year(reviews=[{"id": "r1", "feeds": "budget.ask"}])
    dates, _ = resolve([year], _planned)
    days = [str(each) for each in dates[2027, "r1"].values()]
    assert days == ["2026-09-01", "2026-09-04", "2026-09-14", "2026-09-28"]
    assert resolve([year])[0][2027, "r1"] == {}


def test_a_rule_may_count_from_a_step_of_a_plan():
    """The last day of the step is what is counted from; a step nobody knows has no day."""
    window = {
        "id": "w1",
        "kind": "rubric",
        "opens": {"school_days": 1, "from": "r1.reflection"},
        "closes": "2027-05-27",
    }
    year = _year(window, reviews=[{"id": "r1", "feeds": "budget.ask"}])
    assert resolve([year], _planned)[0][2027, "w1"]["opens_on"] == date(2026, 9, 15)
    (resolver,) = resolvers([year], _planned)
    assert resolver.reference("r1.packet") is None


def test_a_circle_through_a_plan_is_told():
    """A window that waits for a step of a plan that waits for the window is a circle, printed whole."""
    window = {**ASKED, "opens": {"school_days": 1, "from": "r1.reflection"}}
    year = year_of(*YEAR, windows=[window], reviews=[{"id": "r1", "feeds": "budget.ask"}], budget=REST["budget"])
    _, findings = resolve([year], _planned)
    assert [(each.code, each.message) for each in findings] == [
        ("rule_cycle", "these wait for each other: w0.opens → r1.reflection → w0.opens."),
    ]


def test_a_circle_through_a_review_is_told_at_its_rule():
    """A review that meets after a window that opens after the review: told at the review where it is asked first."""
    review = {"id": "r1", "on": {"school_days": 1, "from": "w0.closes"}}
    window = {**ASKED, "opens": {"school_days": 1, "from": "r1.on"}}
    (resolver,) = resolvers([year_of(*YEAR, windows=[window], reviews=[review])])
    assert resolver.reference("r1.on") is None
    assert [(each.place, each.message) for each in resolver.findings] == [
        ("reviews[0].on", "these wait for each other: r1.on → w0.closes → w0.opens → r1.on."),
    ]


def test_files_that_cannot_be_read_have_no_dates():
    """No year, no resolver; a year that could not be read is passed over, and cannot be resolved by itself."""
    unread = Loaded(Tree("t/years/2025-26.yml"))
    assert resolvers([]) == []
    (resolver,) = resolvers([unread, _year()])
    with pytest.raises(ValueError, match="cannot be read"):
        Resolver(unread, resolver.lists, resolver.calendars)
