"""A year drafted from the one before, and the state a year is in: small files, dates counted by hand."""

from datetime import date

import pytest

from aimline._yaml import read_tree, rewritten
from aimline.schedule.rollover import STATES, Standing, banner, draft_year, missing_year, moved, state_of
from tests.support.declared import year_of

TEXT = """\
school_year: {id: 2027, label: 2026-27, first_day: 2026-08-19, last_day: 2027-05-27}  # Wednesday to Thursday
time_zone: America/Chicago
fiscal_year: {starts: 2026-07-01}
closures:
  - {date: 2026-09-07, kind: holiday}
  - {date: 2026-12-02, kind: snow, declared_on: 2026-12-02}
day_kinds: {2027-04-21: make_up, 2026-11-03: off_site}
office_closures: [2026-12-24, 2026-12-31]
expect: {on_site_days: 178}
windows:
  - {id: w1, opens: {school_days: 5, from: board.2027-02-09}, length: {school_days: 5}}
pins: {w1.setup: 2027-01-04}
confirm: [2026-09-07]
"""


@pytest.fixture
def drafted():
    """The draft of 2027-28, as text and as read."""
    text = rewritten(TEXT, lambda held: draft_year(held, 2028))
    return text, read_tree("t", text.encode()).data


@pytest.mark.parametrize(
    ("day", "later"),
    [
        ("2026-08-19", "2027-08-25"),  # Wednesday of week 34
        ("2027-05-27", "2028-05-25"),  # Thursday of week 21
        ("2026-12-31", "2027-12-30"),  # Thursday of week 53, which 2027 has not
        ("2025-12-31", "2027-01-06"),  # Wednesday of the first week of 2026
    ],
)
def test_a_day_keeps_its_weekday_and_its_week(day, later):
    """The same weekday of the same ISO week; a week 53 that is not there is the last one."""
    assert str(moved(date.fromisoformat(day))) == later


def test_a_draft_is_the_next_year(drafted):
    """Its id and label are the next, its money year begins on the same day of the month, comments stay."""
    text, data = drafted
    own = data["school_year"]
    assert [own[key] for key in ("id", "label", "first_day", "last_day")] == [
        2028,
        "2027-28",
        "2027-08-25",
        "2028-05-25",
    ]
    assert data["fiscal_year"]["starts"] == "2027-07-01"
    assert "# Wednesday to Thursday" in text


def test_what_happened_in_one_year_stays_behind(drafted):
    """Snow, pins, published totals are not of the shape; a make-up day is a candidate again."""
    data = drafted[1]
    assert not {"pins", "expect"} & set(data)
    assert data["closures"] == [{"date": "2027-09-13", "kind": "holiday"}]
    assert data["day_kinds"] == {"2028-04-19": "make_up_candidate", "2027-11-09": "off_site"}


def test_every_moved_date_waits_to_be_confirmed(drafted):
    """Each once and in order; two dates that fall on one day are one; what counts from a meeting follows it."""
    data = drafted[1]
    assert data["confirm"] == [
        *("2027-08-25", "2027-09-13", "2027-11-09", "2027-12-30", "2028-04-19", "2028-05-25"),
    ]
    assert data["office_closures"] == ["2027-12-30"]
    assert data["windows"][0]["opens"]["from"] == "board.2028-02-08"


def test_a_draft_of_little_is_little():
    """A year without closures and day kinds has a draft without them."""
    text = "school_year: {id: 2027, label: 2026-27, first_day: 2026-08-19, last_day: 2027-05-27}\n"
    data = read_tree("t", rewritten(text, lambda held: draft_year(held, 2028)).encode()).data
    assert list(data) == ["school_year", "confirm"]


def test_the_banner_tells_how_many_dates_wait():
    """One date, several, and nothing once all are confirmed."""
    told = [banner(year_of("2026-08-19", "2027-05-27", confirm=days).shape) for days in (["2027-03-09"], [])]
    assert told == ["1 date copied from 2025-26, not confirmed", None]


STANDINGS = {
    "draft": ({"is_valid": False}, "2026-10-01"),
    "proposed": ({}, "2026-10-01"),
    "proposed while dates wait": ({"confirm": ["2027-03-09"], "n_versions": 1}, "2026-10-01"),
    "frozen": ({"n_versions": 1}, "2026-06-30"),
    "frozen while the year before has school": ({"n_versions": 1, "ends_before": date(2026, 7, 2)}, "2026-07-02"),
    "active": ({"n_versions": 1, "ends_before": date(2026, 5, 28)}, "2026-07-01"),
    "active on its last day": ({"n_versions": 1}, "2027-05-27"),
    "closing": ({"n_versions": 1}, "2027-05-28"),
    "sealed": ({"n_versions": 1, "is_sealed": True}, "2027-07-15"),
}


@pytest.mark.parametrize("name", STANDINGS)
def test_the_state_of_a_year(name):
    """The first guard that does not hold decides."""
    known, day = STANDINGS[name]
    rest = {"confirm": known.get("confirm", []), "fiscal_year": {"starts": "2026-07-01"}}
    year = year_of("2026-08-19", "2027-05-27", **rest).shape
    standing = Standing(year, **{key: value for key, value in known.items() if key != "confirm"})
    state = state_of(standing, date.fromisoformat(day))
    assert state == name.split(" ")[0]
    assert state in STATES


@pytest.mark.parametrize(("day", "label"), [("2027-06-30", None), ("2027-07-01", "2027-28"), ("2027-11-01", "2027-28")])
def test_a_missing_year_is_told_from_its_first_day(day, label):
    """The newest year's money year is over and no file follows it."""
    years = {
        2026: year_of("2025-08-20", "2026-05-28").shape,
        2027: year_of("2026-08-19", "2027-05-27", fiscal_year={"starts": "2026-07-01"}).shape,
    }
    assert missing_year(years, date.fromisoformat(day)) == label
