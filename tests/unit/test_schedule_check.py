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
