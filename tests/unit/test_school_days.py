"""School-day arithmetic on lists small enough to count by hand."""

import tracemalloc
from datetime import date, timedelta

import pytest

from aimline.errors import CalendarHorizon, NotASchoolDay, ZeroShift
from aimline.schedule.calendars import (
    DISTRICT,
    Calendar,
    Calendars,
    Scope,
    calendar_rows,
    day_kinds,
    school_days,
    working_days,
    year_days,
)
from aimline.schedule.school_days import Days, Lists, every_day
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
    with pytest.raises(ZeroShift, match="no shift: use roll"):
        WEEK.add(MON, 0)


def test_rolling_takes_the_day_itself_or_its_neighbour():
    """A day of the list rolls nowhere; a Saturday rolls to Monday or to Friday."""
    assert WEEK.next_on_or_after(FRI) == WEEK.prev_on_or_before(FRI) == FRI
    assert WEEK.next_on_or_after(SATURDAY) == NEXT_MON
    assert WEEK.prev_on_or_before(SATURDAY) == FRI


def test_nth_counts_from_both_ends():
    """The first day is 1 and the last is -1; there is no day 0 and no seventh of six."""
    assert (WEEK.nth(1), WEEK.nth(-1)) == (MON, NEXT_MON)
    for n in (7, -7):
        with pytest.raises(CalendarHorizon, match="there are 6"):
            WEEK.nth(n)
    with pytest.raises(ZeroShift, match="no school day 0"):
        WEEK.nth(0)


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


def test_a_span_has_at_least_one_day():
    """No days from a day is no span, forward or back."""
    for span in (WEEK.span, WEEK.back_span):
        with pytest.raises(ZeroShift, match="no span"):
            span(MON, 0)


def test_rolling_by_name_takes_school_days_or_working_days():
    """A holiday that is a working day rolls nowhere among working days; what may not roll must be a school day."""
    lists = Lists(Days((MON, WED)), Days((MON, TUE, WED), "working day"))
    ways = ("previous_school_day", "next_school_day", "previous_working_day", "next_working_day")
    assert [lists.roll(TUE, how) for how in ways] == [MON, WED, TUE, TUE]
    assert lists.roll(MON, "none") == MON
    with pytest.raises(NotASchoolDay, match="2026-09-08 is no school day"):
        lists.roll(TUE, "none")


def test_calendar_days_leave_out_nothing():
    """The list of every day holds the weekend between two working days."""
    lists = Lists(WEEK, Days((FRI, NEXT_MON), "working day"))
    assert [len(lists.of(unit)) for unit in ("school_days", "working_days", "calendar_days")] == [6, 2, 4]


def test_what_lies_beyond_the_known_days_is_an_error():
    """Counting past the last known day says so instead of giving a day."""
    with pytest.raises(CalendarHorizon, match="needs the calendar of 2027-28") as caught:
        WEEK.add(FRI, 2)
    assert caught.value.remedy == "Add years/2027-28.yml, or shorten the rule."
    with pytest.raises(CalendarHorizon, match="needs the calendar of 2025-26"):
        WEEK.add(MON, -1)


def test_a_list_without_days_says_so():
    """Nothing can be counted where no day is known."""
    with pytest.raises(CalendarHorizon, match="no school day is known"):
        Days(()).next_on_or_after(MON)


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


def test_an_override_for_everybody_holds_for_the_district():
    """All schools and all grades are the district: a Monday opened for all of them is its school day."""
    override = {"schools": "all", "grades": "all", "open": ["2026-09-21"]}
    year = year_of("2026-09-01", "2027-05-28", week=["tue", "wed", "thu", "fri"], overrides=[override]).shape
    assert [date(2026, 9, 21) in year_days(year, scope) for scope in (DISTRICT, Scope("0104", "K"))] == [True, True]


def test_a_school_may_have_its_own_week():
    """The week of an override replaces the pattern of its school alone, and holidays stay closed."""
    closures = [{"date": "2026-09-08", "kind": "holiday"}]
    override = {"schools": ["0104"], "week": ["tue", "wed", "thu", "fri"]}
    year = year_of("2026-09-01", "2027-05-28", closures=closures, overrides=[override]).shape
    days = (date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9))
    assert [day in year_days(year, Scope("0104")) for day in days] == [False, False, True]
    assert date(2026, 9, 7) in year_days(year)


def test_scopes_with_equal_days_share_one_list():
    """Sixty schools of which two differ have two lists, also over several years."""
    overrides = [{"schools": ["0101", "0102"], "closed": ["2026-10-09"]}]
    years = [year_of("2025-08-20", "2026-05-28").shape, year_of("2026-08-19", "2027-05-27", overrides=overrides).shape]
    calendars = Calendars(years)
    found = [calendars.school_days(Scope(f"01{number:02d}", "3")) for number in range(60)]
    assert len({id(each) for each in found}) == 2
    assert len(found[0]) - len(found[1]) == 1


def test_a_window_of_own_days_has_all_its_days_everywhere():
    """A grade that begins later opens on its first own day and closes as much later; the others as the district."""
    year = year_of("2026-08-19", "2027-05-27", overrides=[{"grades": ["K"], "first_day": "2026-08-24"}]).shape
    calendars, span = Calendars([year]), (date(2026, 8, 19), date(2026, 8, 25))
    assert calendars.own_span(span, Scope("0101", "K")) == (date(2026, 8, 24), date(2026, 8, 28))
    assert calendars.own_span(span, Scope("0101", "3")) == span


def test_twelve_years_of_sixty_scopes_are_small():
    """Sixty schools that all differ, over twelve years, stay below ten megabytes."""
    years = []
    for number in range(12):
        first = date(2015 + number, 8, 20)
        own = [{"schools": [f"01{n:02d}"], "closed": [first + timedelta(days=n)]} for n in range(60)]
        years.append(year_of(str(first), f"{2016 + number}-05-27", overrides=own).shape)
    tracemalloc.start()
    try:
        calendars = Calendars(years)
        lists = {id(calendars.school_days(Scope(f"01{n:02d}", "3"))) for n in range(60)}
        assert len(lists) > 40
        assert tracemalloc.get_traced_memory()[0] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_calendar_knows_whom_it_says_something_of():
    """The district, each grade and school that is named, and the grades of each school."""
    overrides = [{"grades": ["K"], "first_day": "2026-08-24"}, {"schools": ["0104"], "closed": ["2026-10-09"]}]
    closures = [{"date": "2026-12-02", "kind": "snow", "schools": ["0105"]}]
    year = year_of("2026-08-19", "2027-05-27", overrides=overrides, closures=closures).shape
    named = [
        "the district",
        "grade K",
        *("school 0104", "school 0104 grade K"),
        *("school 0105", "school 0105 grade K"),
    ]
    assert [str(scope) for scope in Calendar(year).scopes()] == named


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
