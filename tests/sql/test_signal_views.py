"""What the tests of signals read of single students and days: entries of a month, days of a school, days ahead."""

from datetime import date

import pytest
from jinja2 import Environment

from aimline.warehouse import connect

DAY = 63000
VARS = {"day_parts": DAY, "days_looked_at": 50}
CALENDAR = [date(2026, 9, day) for day in range(1, 21)] + [date(2026, 10, day) for day in range(1, 21)]
"""Twenty days each of September and October; a piece of a week is a month here."""


@pytest.fixture(scope="module")
def sql(project_root):
    """A function that renders a model over tables of their bare names."""
    environment = Environment()  # noqa: S701 - SQL, not HTML
    environment.globals |= {
        "ref": lambda name: name,
        "source": lambda _, name: name,
        "var": VARS.get,
        "config": lambda **_given: "",
        "basis_id": lambda _alias: "'b'",
        "absence_categories": lambda: ["unexcused"],
        "counted_parts": lambda side: f"case when counts_unexcused_{side} then unexcused_parts else 0 end",
    }
    macros = (project_root / "dbt_project/macros/signals.sql").read_text(encoding="utf-8")
    environment.globals["forecast_series"] = environment.from_string(macros).module.forecast_series
    models = project_root / "dbt_project/models"

    def rendered(name):
        folder = models / ("marts" if name.startswith("fct_") else "intermediate/signals")
        return environment.from_string((folder / f"{name}.sql").read_text(encoding="utf-8")).render()

    return rendered


@pytest.fixture
def duck():
    """One school of four students, seen to the end of October; chronic absence is a tenth of ten days or more."""
    with connect(role="memory") as connection:
        connection.execute(
            f"""
            create table dim_indicators as select
                'chronic' as indicator_id, 'chronic_absence' as measure_id, 'p' as profile_id,
                'year_to_date' as period_kind, 'month' as signal_period_kind,
                cast(null as date) as signal_baseline_from, 10 as signal_min_denominator,
                'decrease' as signal_better, 0.01 as signal_smallest_change,
                'lower' as direction, 0.01 as smallest_change, 0.8 as on_track, 0.5 as watch,
                true as is_signal_daily;
            create table stg_declared__profiles as select
                'chronic_absence' as measure_id, 'p' as profile_id, 10 as min_member_days, '>=' as min_op,
                'share' as test_kind, 1 as test_numerator, 10 as test_denominator, '>=' as test_op;
            create table int_attendance__day_bases as select
                'b' as basis_id, 0 as basis_no, 0 as pair_no, 0 as side_no, 'as_recorded' as partial_day,
                true as counts_unexcused;
            create table int_figures__printed as select
                'chronic' as indicator_id, true as is_tested, true as is_current, 'school' as unit_type,
                's1' as unit_id, 'all' as group_set_id, 'all' as group_id, 2027 as school_year;
            create table int_signals__series as select * from int_figures__printed;
            create table int_signals__panel as select * from int_figures__printed;
            create table fct_targets as select
                'chronic' as indicator_id, 's1' as unit_id, 2027 as school_year, 'all' as group_set_id,
                'all' as group_id, 0.15 as target, 0.2 as baseline;
            create table int_groups__student_combinations as
            select n as student_no, 2027 as school_year, n % 2 as combination_no from range(1, 5) as students (n);
            create table int_groups__combinations as
            select *
            from (values (0, 'el', 'not_el'), (1, 'el', 'el')) as named (combination_no, group_set_id, group_id);
            create table stg_declared__district as select
                'd' as district_id, 2 as n_min, 49 as school_day_gate_numerator, 50 as school_day_gate_denominator;
            create table through as select date '2026-10-20' as through_on;
            create table int_attendance__units as select 1 as unit_no, 's1' as unit_id;
            create table int_attendance__stays as
            select n as stay_no, n as student_no, 1 as unit_no from range(1, 5) as students (n);
            create table int_enrollment__spans as
            select
                n as stay_no, 2027 as school_year, date '2026-01-01' as entered_on, date '2026-11-10' as last_on
            from range(1, 4) as students (n);
            create table int_signals__student_months (
                school_year integer, period_kind varchar, period_id varchar, period_ends_on date, stay_no integer,
                pair_no integer, n_member_days integer, member_parts integer, measured_parts integer,
                absent_parts_0 integer, absent_parts_1 integer
            );
            create table int_attendance__count_days (
                on_date date, school_id varchar, school_year integer, n_people integer, n_present integer,
                attendance_share double, day_state varchar
            );
            create table int_calendar__dates as
            select
                2027 as school_year, cast(day as date) as on_date, strftime(cast(day as date), '%Y-%m') as month_id,
                strftime(cast(day as date), '%Y-%m') as piece_id, month(cast(day as date)) as week_no,
                row_number() over (order by day) as year_day_no,
            from (values {", ".join(f"('{day}')" for day in [*CALENDAR, date(2026, 11, 9), date(2026, 11, 10)])})
                as days (day)
            """
        )
        yield connection


def land(duck, absent):
    """Land the days missed in each month by each student, of twenty."""
    for month, students in absent.items():
        for student, days in students.items():
            duck.execute(
                f"insert into int_signals__student_months values (2027, 'month', '2026-{month:02d}', "
                f"'2026-{month:02d}-20', {student}, 0, 20, {20 * DAY}, {20 * DAY}, {days * DAY}, 0)"
            )


def test_entries_are_those_who_became_chronic_of_those_who_were_not(duck, sql):
    """The first is chronic at once and falls back, the second later, the third never; one of two days short is none."""
    land(duck, {9: {1: 2, 2: 1, 3: 0, 4: 1}, 10: {1: 0, 2: 3, 3: 1, 4: 2}})
    found = duck.rows(
        f"select period_ends_on, numerator, denominator from ({sql('int_signals__entries')}) order by all"
    )
    assert [tuple(row.values()) for row in found] == [(date(2026, 9, 20), 1, 4), (date(2026, 10, 20), 1, 3)]


def test_too_few_at_risk_are_left_out(duck, sql):
    """Below the district's smallest group nothing is told."""
    land(duck, {9: {1: 2}})
    assert duck.rows(sql("int_signals__entries")) == []


def test_students_have_their_days_so_far_and_those_ahead(duck, sql):
    """Three go on for two days, the fourth has left; a month before there were twenty more."""
    land(duck, {9: {1: 2, 2: 1, 3: 0, 4: 1}, 10: {1: 0, 2: 3, 3: 1, 4: 2}})
    duck.execute(f"create view students as {sql('int_signals__students')}")
    found = duck.rows("select absent, member, rest, is_now, target from students where is_newest order by all")
    [told] = duck.rows("select distinct n_seen, n_months, baseline from students where is_newest")
    assert told == {"n_seen": 40, "n_months": 2, "baseline": 0.2}
    before = duck.rows("select n_seen, n_months, absent, member, rest from students where not is_newest order by all")
    assert [tuple(row.values()) for row in before] == [
        (20, 1, 0.0, 20.0, 22.0),
        (20, 1, 1.0, 20.0, 0.0),
        (20, 1, 1.0, 20.0, 22.0),
        (20, 1, 2.0, 20.0, 22.0),
    ]
    assert [tuple(row.values()) for row in found] == [
        (1.0, 40.0, 2.0, True, 0.15),
        (2.0, 40.0, 2.0, True, 0.15),
        (3.0, 40.0, 0.0, True, 0.15),
        (4.0, 40.0, 2.0, True, 0.15),
    ]


def test_of_half_days_half_is_to_come(duck, sql):
    """Whose days two schools share has as much of the two days ahead as of those so far: a half, not the whole."""
    n_days = duck.rows("select count(*) as n from int_calendar__dates where on_date <= '2026-10-20'")[0]["n"]
    parts = n_days * DAY // 2
    duck.execute(
        f"insert into int_signals__student_months values (2027, 'month', '2026-10', '2026-10-20', 1, 0, {n_days}, "
        f"{parts}, {parts}, 0, 0)"
    )
    [row] = duck.rows(f"select member, rest from ({sql('int_signals__students')})")
    assert (row["member"], row["rest"]) == (n_days / 2, 1.0)


def test_the_district_and_groups_with_a_target_have_their_students_too(duck, sql):
    """Who goes to two schools is one student of the district, at the rate of the school of most days.

    Odd ones learn English, and only the district's learners have a target.
    """
    duck.execute(
        """
        insert into int_attendance__units values (2, 's2');
        insert into int_attendance__stays values (9, 1, 2);
        insert into int_signals__panel select * replace ('district' as unit_type, 'd' as unit_id)
        from int_figures__printed;
        insert into int_signals__panel
        select * replace ('el' as group_set_id, 'el' as group_id) from int_signals__panel;
        insert into fct_targets values ('chronic', 'd', 2027, 'el', 'el', 0.1, 0.2)
        """
    )
    land(duck, {9: {1: 2, 2: 1, 3: 0, 4: 1}})
    duck.execute(
        f"insert into int_signals__student_months values (2027, 'month', '2026-09', '2026-09-20', 9, 0, 20, "
        f"{10 * DAY}, {10 * DAY}, {5 * DAY}, 0)"
    )
    found = duck.rows(
        "select unit_id, group_id, member, absent, rest, round(school_rate, 3) as rate, target "
        f"from ({sql('int_signals__students')}) where is_newest order by all"
    )
    assert [tuple(row.values()) for row in found] == [
        ("d", "all", 20.0, 0.0, 22.0, 0.05, None),
        ("d", "all", 20.0, 1.0, 0.0, 0.05, None),
        ("d", "all", 20.0, 1.0, 22.0, 0.05, None),
        ("d", "all", 30.0, 7.0, 22.0, 0.05, None),
        ("d", "el", 20.0, 0.0, 22.0, 0.05, 0.1),
        ("d", "el", 30.0, 7.0, 22.0, 0.05, 0.1),
        ("s1", "all", 20.0, 0.0, 22.0, 0.05, 0.15),
        ("s1", "all", 20.0, 1.0, 0.0, 0.05, 0.15),
        ("s1", "all", 20.0, 1.0, 22.0, 0.05, 0.15),
        ("s1", "all", 20.0, 2.0, 22.0, 0.05, 0.15),
    ]


def test_of_last_year_the_same_months_are_seen_and_the_others_are_the_rest(duck, sql):
    """Seen to October, so are September and October of last year; its November is the rest of that year."""
    land(duck, {9: {1: 2, 2: 1}, 10: {1: 1, 2: 0}})
    for month, days in ((9, 3), (10, 1), (11, 4)):
        duck.execute(
            f"insert into int_signals__student_months values (2026, 'month', '2025-{month}', '2025-{month:02d}-25', 1, "
            f"0, 20, {20 * DAY}, {20 * DAY}, {days * DAY}, 0)"
        )
    [row] = duck.rows(
        f"select absent, member, rest, rest_absent from ({sql('int_signals__students')}) where is_newest and not is_now"
    )
    assert tuple(row.values()) == (4.0, 40.0, 20.0, 4.0)


def test_days_of_a_school_are_those_that_enough_homerooms_sent(duck, sql):
    """Ten members, one absent and one half a day; a day of which one in ten is not there is left out."""
    duck.execute(
        "create table int_attendance__member_days (school_year integer, on_date date, stay_no integer, "
        "member_parts integer, day_state varchar, unexcused_parts integer)"
    )
    for day, last in ((1, "present"), (2, "not_submitted")):
        states = [("absent", DAY), ("partial", DAY // 2), *[("present", 0)] * 7, (last, 0)]
        for state, parts in states:
            duck.execute(
                f"insert into int_attendance__member_days values (2027, '2026-09-{day:02d}', 1, {DAY}, '{state}', "
                f"{parts})"
            )
    found = duck.rows(f"select on_date, n_present, n_member, n_people from ({sql('int_signals__days')})")
    assert [tuple(row.values()) for row in found] == [(date(2026, 9, 1), 8.5, 10.0, 10)]


def test_counted_schools_have_days_too(duck, sql):
    """Where a school sends its count, or a share with a weight, the day is that."""
    duck.execute(
        "create table int_attendance__member_days (school_year integer, on_date date, stay_no integer, "
        "member_parts integer, day_state varchar, unexcused_parts integer)"
    )
    duck.execute(
        "insert into int_attendance__count_days values ('2026-09-01', 's1', 2027, 200, 190, 0.95, 'reported'), "
        "('2026-09-02', 's1', 2027, 200, null, 0.9, 'reported'), ('2026-09-03', 's1', 2027, 200, 0, 0, 'closed')"
    )
    found = duck.rows(f"select n_present, n_member from ({sql('int_signals__days')}) order by on_date")
    assert [tuple(row.values()) for row in found] == [(190.0, 200.0), (180.0, 200.0)]


def test_a_test_stands_with_the_status_its_series_had_by_then(duck, sql):
    """That of the newest judged period until then, of its own group; by the forecast where it stands with the test."""
    duck.execute(
        """
        create or replace table through as select date '2026-10-20' as through_on, date '2026-10-22' as as_of;
        create table fct_signal_tests as
        select
            concat(unit_id, '|', group_id, '|', period_on) as figure_id,
            'attendance' as indicator_id,
            unit_id,
            group_id,
            cast(period_on as date) as period_on,
            p_meet,
        from (values
            ('s1', 'all', '2026-08-31', null), ('s1', 'all', '2026-10-09', null), ('s1', 'el', '2026-10-09', null),
            ('s2', 'all', '2026-10-09', null), ('s1', 'all', '2026-10-16', 0.9)
        ) as tests (unit_id, group_id, period_on, p_meet);
        create table fct_forecasts as
        select 'attendance' as indicator_id, 's1' as unit_id, 'all' as group_id, 'on track' as status;
        create table fct_judged_figures as
        select
            'attendance' as indicator_id,
            's1' as unit_id,
            group_id,
            group_id as group_set_id,
            cast(period_on as date) as period_on,
            period_on as period_id,
            period_on as figure_id,
            status,
        from (values
            ('all', '2026-09-30', 'watch'), ('all', '2026-10-20', 'off track'), ('el', '2026-10-09', 'on track')
        ) as judged (group_id, period_on, status)
        """
    )
    found = duck.rows(f"select figure_id, status, as_of from ({sql('fct_signal_evaluations')}) order by all")
    assert [tuple(row.values()) for row in found] == [
        (figure_id, status, date(2026, 10, 22))
        for figure_id, status in (
            ("s1|all|2026-08-31", "cannot tell"),
            ("s1|all|2026-10-09", "watch"),
            ("s1|all|2026-10-16", "on track"),
            ("s1|el|2026-10-09", "on track"),
            ("s2|all|2026-10-09", "cannot tell"),
        )
    ]
