"""School-day arithmetic on lists small enough to count by hand."""

from datetime import date

import pytest

from aimline.errors import DeclaredFactError
from aimline.schedule.calendars import DISTRICT, Scope, calendar_rows, day_kinds, school_days, working_days, year_days
from aimline.schedule.school_days import Days, every_day
from tests.support.declared import year_of

MON, TUE, WED, THU, FRI = (date(2026, 9, day) for day in range(7, 12))
NEXT_MON = date(2026, 9, 14)
WEEK = Days((MON, TUE, WED, THU, FRI, NEXT_MON))
SATURDAY = date(2026, 9, 12)


def test_add_counts_from_a_day_of_the_list():
    """One day after Friday is Monday, two before it is Wednesday."""
    assert WEEK.add(FRI, 1) == NEXT_MON
    assert WEEK.add(FRI, -2) == WED


def test_add_counts_a_closed_day_from_its_far_side():
    """From a Saturday, one day on is Monday and one day back is Friday."""
    assert WEEK.add(SATURDAY, 1) == NEXT_MON
    assert WEEK.add(SATURDAY, -1) == FRI


def test_adding_nothing_is_refused():
    """Zero days from a date is a roll, which has its own words."""
    with pytest.raises(DeclaredFactError, match="no shift"):
        WEEK.add(MON, 0)


def test_rolling_takes_the_day_itself_or_its_neighbour():
    """A day of the list rolls nowhere; a Saturday rolls to Monday or to Friday."""
    assert WEEK.next_on_or_after(FRI) == WEEK.prev_on_or_before(FRI) == FRI
    assert WEEK.next_on_or_after(SATURDAY) == NEXT_MON
    assert WEEK.prev_on_or_before(SATURDAY) == FRI


def test_nth_counts_from_both_ends():
    """The first day is 1 and the last is -1; there is no day 0 and no seventh of six."""
    assert (WEEK.nth(1), WEEK.nth(-1)) == (MON, NEXT_MON)
    for n in (0, 7, -7):
        with pytest.raises(DeclaredFactError, match="there are 6"):
            WEEK.nth(n)


def test_count_includes_both_ends():
    """Friday to Monday is two days, a weekend none, and backwards none."""
    assert WEEK.count(FRI, NEXT_MON) == 2
    assert WEEK.count(SATURDAY, date(2026, 9, 13)) == 0
    assert WEEK.count(NEXT_MON, MON) == 0


def test_a_span_counts_its_first_day():
    """Three days from Thursday end on Monday, three days to Friday begin on Wednesday."""
    assert WEEK.span(THU, 3) == NEXT_MON
    assert WEEK.back_span(FRI, 3) == WED
    assert WEEK.span(SATURDAY, 1) == NEXT_MON


def test_what_lies_beyond_the_known_days_is_an_error():
    """Counting past the last known day says so instead of giving a day."""
    with pytest.raises(DeclaredFactError, match="known from 2026-09-07 to 2026-09-14"):
        WEEK.add(FRI, 2)


def test_a_four_day_week_has_no_mondays_but_the_one_that_is_opened():
    """The week pattern closes Mondays; a day kind opens one of them."""
    year = year_of("2026-09-01", "2027-05-28", week=["tue", "wed", "thu", "fri"], day_kinds={"2026-09-21": "regular"})
    days = year_days(year.shape)
    assert [day for day in days.days if day.weekday() == 0] == [date(2026, 9, 21)]
    assert days.add(date(2026, 9, 11), 1) == date(2026, 9, 15)


def test_a_make_up_day_counts_from_when_it_is_activated():
    """A candidate is closed; as make_up it is a school day and later days of the year move one earlier."""
    candidate = year_of("2026-08-19", "2027-05-27", day_kinds={"2027-02-15": "make_up_candidate"})
    activated = year_of("2026-08-19", "2027-05-27", day_kinds={"2027-02-15": "make_up"})
    before, after = year_days(candidate.shape), year_days(activated.shape)
    assert len(after) == len(before) + 1
    assert after.nth(180) == before.nth(179)
    assert after.nth(100) == before.nth(100)


def test_kindergarten_begins_later():
    """A grade override moves the first day of that grade and of no other."""
    year = year_of("2026-08-19", "2027-05-27", overrides=[{"grades": ["K"], "first_day": "2026-08-24"}]).shape
    assert year_days(year, Scope(None, "K")).nth(1) == date(2026, 8, 24)
    assert year_days(year, Scope(None, "1")).nth(1) == date(2026, 8, 19)
    assert len(year_days(year)) - len(year_days(year, Scope(None, "K"))) == 3


def test_the_strongest_statement_decides_a_day():
    """Day kinds beat overrides, school and grade beat school, school beats grade, overrides beat closures."""
    day = date(2026, 10, 9)
    overrides = [
        {"schools": ["0104"], "open": [day.isoformat()]},
        {"grades": ["K"], "closed": [day.isoformat()]},
        {"schools": ["0104"], "grades": ["K"], "closed": [day.isoformat()]},
    ]
    year = year_of(
        "2026-08-19", "2027-05-27", closures=[{"date": day.isoformat(), "kind": "snow"}], overrides=overrides
    )
    kinds = [
        day_kinds(year.shape, scope)[day]
        for scope in (DISTRICT, Scope("0104"), Scope(None, "K"), Scope("0104", "K"), Scope("0105"))
    ]
    assert kinds == ["snow", "regular", "other_closure", "other_closure", "snow"]


def test_summer_is_a_gap_between_two_years():
    """One school day after the last of a year is the first of the next."""
    years = [year_of("2025-08-20", "2026-05-28").shape, year_of("2026-08-19", "2027-05-27").shape]
    assert school_days(years).add(date(2026, 5, 28), 1) == date(2026, 8, 19)


def test_working_days_leave_out_weekends_and_closed_offices():
    """Working days go on in the summer; the office's holiday does not count."""
    year = year_of("2026-08-19", "2027-05-27", office_closures=["2027-05-31"]).shape
    assert working_days([year]).add(date(2027, 5, 28), 1) == date(2027, 6, 1)


class _Deployment:
    """As much of a deployment as the rows of a calendar need."""

    def __init__(self, year):
        self.years = {year.school_year.id: year}


def test_calendar_rows_hold_the_district_and_what_differs():
    """Every date has the district's row; a grade that begins later has rows for the days before, and no others."""
    year = year_of("2026-08-19", "2026-12-18", overrides=[{"grades": ["K", "1"], "first_day": "2026-08-21"}])
    rows = calendar_rows(_Deployment(year.shape))
    plain = [row for row in rows if row["grades"] is None]
    assert [row["on_date"] for row in plain] == list(every_day(date(2026, 8, 19), date(2026, 12, 18)))
    own = [(row["grades"], row["on_date"].day, row["is_instructional"]) for row in rows if row["grades"]]
    assert own == [("K,1", 19, False), ("K,1", 20, False)]


def test_calendar_rows_of_a_school_and_its_grade_meet_the_rule_of_the_strongest():
    """Reading the most exact row of a date gives what the calendar says for every school and grade."""
    day = "2026-10-09"
    overrides = [{"schools": ["0104"], "closed": [day]}, {"schools": ["0104"], "grades": ["K"], "open": [day]}]
    year = year_of("2026-08-19", "2027-05-27", overrides=overrides).shape
    rows = [row for row in calendar_rows(_Deployment(year)) if row["on_date"].isoformat() == day]
    told = {(row["school_id"], row["grades"]): row["is_instructional"] for row in rows}
    assert told == {(None, None): True, ("0104", None): False, ("0104", "K"): True}
