"""What a calendar or a rule may have wrong: one finding each, at its place, and none where nothing is wrong."""

import pytest

from aimline.schedule.check import schedule_findings
from tests.support.declared import no_sources, year_of

SPAN = ("2026-08-19", "2027-05-27")
LABEL = {"en": "Words"}
REVIEW = {"id": "r1", "label": LABEL, "chair": "sel_lead", "scribe": "research"}


def _window(**more):
    return {"id": "w1", "kind": "rubric", "label": LABEL, "opens": "2026-10-14", "closes": "2026-10-28", **more}


CASES = {
    "closure_on_weekend": (
        {"closures": [{"date": "2026-09-05", "kind": "holiday"}]},
        "closures[0]: 2026-09-05 is a Saturday, without school in any week.",
    ),
    "duplicate_closure": (
        {
            "closures": [
                {"date": "2026-09-07", "kind": "holiday"},
                {"from": "2026-09-04", "to": "2026-09-08", "kind": "break"},
            ]
        },
        "closures[1]: 2026-09-07 is closed already, in line 1.",
    ),
    "closure_on_weekend in a list": (
        {"closures": [{"dates": ["2026-09-07", "2026-09-13"], "kind": "holiday"}]},
        "closures[0].dates[1]: 2026-09-13 is a Sunday, without school in any week.",
    ),
    "duplicate_closure of a school": (
        {
            "closures": [
                {"date": "2026-12-02", "kind": "snow"},
                {"dates": ["2026-12-01", "2026-12-02"], "kind": "snow", "schools": ["0101"]},
            ]
        },
        "closures[1].dates[1]: 2026-12-02 is closed already, in line 1.",
    ),
    "duplicate_closure of everybody": (
        {
            "closures": [
                {"date": "2026-12-02", "kind": "snow", "schools": ["0101"]},
                {"date": "2026-12-02", "kind": "snow"},
            ]
        },
        "closures[1]: 2026-12-02 is closed already, in line 1.",
    ),
    "duplicate_closure in itself": (
        {"closures": [{"dates": ["2026-12-02", "2026-12-02"], "kind": "snow"}]},
        "closures[0].dates[1]: 2026-12-02 is closed already, in line 1.",
    ),
    "breaks_week_pattern": (
        {
            "closures": [
                {
                    "dates": ["2026-09-14", "2026-09-21", "2026-09-28", "2026-10-05", "2026-10-14"],
                    "kind": "other_closure",
                    "set": "mondays",
                }
            ]
        },
        "closures[0].dates[4]: 2026-10-14 is a Wednesday; 4 of 5 dates of 'mondays' are on another weekday.",
    ),
    "board_date_not_in_rule": (
        {
            "board_meetings": {
                "proposal": "RRULE:FREQ=MONTHLY;BYDAY=2TU;UNTIL=20261013T000000",
                "dates": ["2026-09-08", "2026-10-13", "2026-11-11"],
            }
        },
        (
            "board_meetings.dates[2]: the board meets on 2026-11-11, which the rule does not give. Board only: "
            "2026-11-11; rule only: none."
        ),
    ),
    "rule_date_not_in_board": (
        {
            "board_meetings": {
                "proposal": "RRULE:FREQ=MONTHLY;BYDAY=2TU;UNTIL=20261013T000000",
                "dates": ["2026-10-13"],
            }
        },
        (
            "board_meetings.proposal: the rule gives 2026-09-08, on which the board does not meet. Board only: "
            "none; rule only: 2026-09-08."
        ),
    ),
    "board_proposal": (
        {"board_meetings": {"proposal": "RRULE:FREQ=MONTHLY;BYDAY=XX", "dates": ["2026-10-13"]}},
        "board_meetings.proposal: 'RRULE:FREQ=MONTHLY;BYDAY=XX' is no rule of a calendar.",
    ),
    "board_proposal of every second": (
        {"board_meetings": {"proposal": "RRULE:FREQ=SECONDLY", "dates": ["2026-10-13"]}},
        "board_meetings.proposal: 'RRULE:FREQ=SECONDLY' is no rule of a calendar.",
    ),
    "window_thin_for_scope": (
        {
            "overrides": [{"grades": ["K"], "first_day": "2026-10-20"}],
            "windows": [_window(respondents={"student": "all"})],
        },
        "windows[0]: grade K has 7 of the 11 school days of 'w1'.",
    ),
    "no_school_days of a school": (
        {"closures": [{"from": SPAN[0], "to": SPAN[1], "kind": "other_closure", "schools": ["0101"]}]},
        "closures: school 0101 has no school day.",
    ),
    "no_school_days of a grade": (
        {"overrides": [{"grades": ["K"], "first_day": "2027-05-27", "closed": ["2027-05-27"]}]},
        "overrides[0]: grade K has no school day.",
    ),
    "duplicate_override of a first day": (
        {
            "overrides": [
                {"schools": ["0101"], "first_day": "2026-08-24"},
                {"schools": ["0102", "0101"], "first_day": "2026-08-25"},
            ]
        },
        "overrides[1]: first_day is spoken of in line 1 already, for the same schools and grades.",
    ),
    "duplicate_override in itself": (
        {"overrides": [{"schools": ["0101"], "closed": ["2026-10-09"], "open": ["2026-10-09"]}]},
        "overrides[0]: 2026-10-09 is spoken of in line 1 already, for the same schools and grades.",
    ),
    "date_outside_year": (
        {"day_kinds": {"2027-06-01": "off_site"}},
        "day_kinds.2027-06-01: 2027-06-01 is outside the school year, 2026-08-19 to 2027-05-27.",
    ),
    "duplicate_override": (
        {"overrides": [{"grades": ["K"], "closed": ["2026-10-09"]}, {"grades": ["K", "1"], "open": ["2026-10-09"]}]},
        "overrides[1]: 2026-10-09 is spoken of in line 1 already, for the same schools and grades.",
    ),
    "term_end_not_school_day": (
        {"terms": {"quarter": ["2026-10-17"]}},
        "terms.quarter[0]: 2026-10-17, a Saturday, is no school day (weekend).",
    ),
    "term_order": (
        {"terms": {"quarter": ["2026-12-18", "2026-10-16"]}},
        "terms.quarter[1]: 2026-10-16 is not after 2026-12-18, where the term before ends.",
    ),
    "count_mismatch": ({"expect": {"instructional_days": 10}}, "expect.instructional_days: 10 declared, 202 computed."),
    "same_evening": (
        {"budget": [{"id": "b1", "on": "2027-02-09"}, {"id": "b2", "on": "2027-02-09"}]},
        "budget[1].on: 'b2' is on 2027-02-09, as 'b1' is.",
    ),
    "no_school_days": (
        {"closures": [{"from": SPAN[0], "to": SPAN[1], "kind": "other_closure"}]},
        "school_year: no day of the year is a school day.",
    ),
    "window_order": (
        {"windows": [_window(closes="2026-10-12")]},
        "windows[0]: 'w1' closes on 2026-10-12, before it opens on 2026-10-14.",
    ),
    "window_opens_closed": (
        {"windows": [_window(opens="2026-10-10")]},
        "windows[0].opens: 'w1' opens on 2026-10-10, no school day (weekend).",
    ),
    "window_overlap": (
        {
            "windows": [
                _window(respondents={"student": {"grades": "3-8"}}),
                _window(id="w2", respondents={"student": {"grades": "6-12"}}),
            ]
        },
        "windows[1]: 'w2' asks the same people as 'w1' from 2026-10-14 to 2026-10-28.",
    ),
    "review_order": (
        {"reviews": [{**REVIEW, "on": "2027-03-10", "decide_by": "2027-03-09"}]},
        "reviews[0]: decide_by 2027-03-09 is before meets_on 2027-03-10.",
    ),
    "too_late_to_feed": (
        {
            "reviews": [{**REVIEW, "on": "2027-03-10", "feeds": "budget.b1"}],
            "budget": [{"id": "b1", "on": "2027-03-11"}],
        },
        "reviews[0].feeds: it decides by 2027-03-15, after budget.b1 on 2027-03-11.",
    ),
    "calendar_horizon": (
        {"windows": [_window(opens={"nth_school_day": 300}, closes="2027-05-27")]},
        "windows[0].opens: there is no school day 300: there are 202.",
    ),
    "rolled nowhere": (
        {
            "windows": [
                _window(opens={"calendar_days": 3, "from": "year.first_day", "roll": "none"}),
            ]
        },
        "windows[0].opens: 2026-08-22 is no school day.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_thing_wrong_is_one_finding(name):
    """The finding names its place, says what is wrong, and nothing else is found."""
    rest, message = CASES[name]
    found = schedule_findings([year_of(*SPAN, **rest)], no_sources())
    assert [message in str(each) for each in found] == [True], [str(each) for each in found]


def test_dates_that_nobody_confirmed_are_told_together_and_one_by_one():
    """How many dates came from the year before, and each of them with its day."""
    found = schedule_findings([year_of(*SPAN, confirm=["2027-03-09", "2027-03-10"])], no_sources())
    told = [(each.code, each.severity, str(each.on_date)) for each in found]
    days = ("2027-03-09", "2027-03-10")
    assert told == [("calendar_copied", "warning", "None"), *(("unconfirmed_date", "warning", day) for day in days)]
    assert found[0].message == "2 dates copied from 2025-26, not confirmed."


def test_a_finding_carries_the_day_it_is_about():
    """Programs read the day of a finding without parsing its words."""
    year = year_of(*SPAN, closures=[{"date": "2026-09-05", "kind": "holiday"}])
    assert [str(each.on_date) for each in schedule_findings([year], no_sources())] == ["2026-09-05"]


def test_a_span_may_run_over_a_weekend():
    """A break from Monday to the Sunday after says something of five days, and nothing is found."""
    year = year_of(*SPAN, closures=[{"from": "2026-11-23", "to": "2026-11-29", "kind": "break"}])
    assert schedule_findings([year], no_sources()) == []


def test_a_window_of_own_days_is_thin_for_nobody():
    """Where each school has its own days, all of them have all of them."""
    overrides = [{"grades": ["K"], "first_day": "2026-10-20"}]
    window = _window(respondents={"student": "all"}, resolve="own_days")
    assert schedule_findings([year_of(*SPAN, overrides=overrides, windows=[window])], no_sources()) == []


def test_a_window_is_thin_only_for_those_it_asks():
    """A window for the upper grades has nothing to do with kindergarten's days."""
    overrides = [{"grades": ["K"], "first_day": "2026-10-20"}]
    window = _window(respondents={"student": {"grades": "3-12"}})
    assert schedule_findings([year_of(*SPAN, overrides=overrides, windows=[window])], no_sources()) == []


def test_a_window_that_asks_nobody_is_thin_for_every_school():
    """Walkthroughs visit rooms, so a school that is closed for most of them is told."""
    overrides = [{"schools": ["0101"], "closed": [f"2026-10-{day}" for day in (14, 15, 16, 19, 20)]}]
    year = year_of(*SPAN, overrides=overrides, windows=[_window(kind="walkthrough")])
    assert [each.message for each in schedule_findings([year], no_sources())] == [
        "school 0101 has 6 of the 11 school days of 'w1'."
    ]


def test_a_survey_that_names_nobody_asks_everybody():
    """It overlaps with a survey of staff; a rubric that names nobody asks nobody."""
    staff = _window(id="w2", respondents={"staff": "all"})
    for kind, n_found in (("survey", 1), ("rubric", 0)):
        year = year_of(*SPAN, windows=[_window(kind=kind), staff])
        assert [each.code for each in schedule_findings([year], no_sources())] == ["window_overlap"] * n_found


def test_dates_of_all_weekdays_are_no_pattern():
    """Three of five on a Monday are no pattern to break."""
    dates = ["2026-09-14", "2026-09-21", "2026-09-28", "2026-10-06", "2026-10-14"]
    year = year_of(*SPAN, closures=[{"dates": dates, "kind": "other_closure", "set": "some"}])
    assert schedule_findings([year], no_sources()) == []


def test_schools_without_days_for_one_reason_are_told_once():
    """One line that closes two schools for the year is one finding."""
    closure = {"from": SPAN[0], "to": SPAN[1], "kind": "other_closure", "schools": ["0101", "0102"]}
    found = schedule_findings([year_of(*SPAN, closures=[closure])], no_sources())
    assert [each.message for each in found] == ["school 0101 has no school day."]


def test_windows_of_different_people_may_overlap():
    """Other grades, other schools, other classes of people: no finding."""
    for one, other in (
        ({"student": {"grades": "3-5"}}, {"student": {"grades": "6-8"}}),
        ({"student": {"schools": ["0101"]}}, {"student": {"schools": ["0102"]}}),
        ({"student": "all"}, {"staff": "all"}),
    ):
        year = year_of(*SPAN, windows=[_window(respondents=one), _window(id="w2", respondents=other)])
        assert schedule_findings([year], no_sources()) == []


def test_years_may_not_overlap():
    """A year that begins before the one before it ends is told at its first day."""
    years = [year_of("2025-08-20", "2026-08-28"), year_of(*SPAN)]
    (found,) = schedule_findings(years, no_sources())
    assert (found.code, found.file) == ("years_overlap", "t/years/2026-27.yml")


def test_an_opened_saturday_may_be_closed_again():
    """A weekend day that somebody opened is a school day, and closing it says something."""
    closed = [{"date": "2026-09-05", "kind": "other_closure"}]
    rest = {"overrides": [{"schools": ["0101"], "open": ["2026-09-05"]}], "closures": closed}
    assert schedule_findings([year_of(*SPAN, **rest)], no_sources()) == []
