"""The series that signals are computed of: what every reader may see, and nothing of what is hidden."""

from datetime import date, timedelta

import pytest
from jinja2 import Environment

from aimline.warehouse import connect

DAY = 63000
WEEKS = {"w1": date(2026, 9, 11), "w2": date(2026, 9, 18), "w3": date(2026, 9, 25)}
SHORT = "w3"
"""A week of two days, which is no figure among weeks."""


@pytest.fixture
def duck():
    """Three schools and the district in three weeks: the rate of each is 90 of 100 days, and no cell is hidden."""
    dates = ", ".join(
        f"('{last - timedelta(days=n)}', 2027, '{week}')"
        for week, last in WEEKS.items()
        for n in range(2 if week == SHORT else 5)
    )
    units = "(values ('school', 's1'), ('school', 's2'), ('school', 's3'), ('district', 'd')) as u (unit_type, unit_id)"
    weeks = ", ".join(f"('{week}', date '{last}')" for week, last in WEEKS.items())
    with connect(role="memory") as connection:
        connection.execute(
            f"""
            create table cells as
            select
                'attendance_rate' as measure_id, 'p' as profile_id, '' as subject_id, 'direct' as estimator, unit_type,
                unit_id, 'all' as group_set_id, 'all' as group_id, 2027 as school_year, 'week' as period_kind,
                period_id, period_ends_on
            from {units}, (values {weeks}) as w (period_id, period_ends_on);
            create table msr_attendance_rate as
            select * exclude (period_ends_on), 90 * {DAY} as numerator, 100 * {DAY} as denominator from cells;
            create table msr_dosage as from msr_attendance_rate limit 0;
            create table int_figures__printed as
            select
                *, unit_id || '|' || period_id as figure_id, 'rate' as indicator_id, 'share' as value_unit,
                50 as n_counted, 'students' as population_id, unit_id || period_id as cell_id, true as is_tested,
                'students' as counted_kind, 0.9 as value, 'ok' as quality_state
            from cells;
            create table int_disclosure__pattern as
            select population_id, measure_id, cell_id, false as is_suppressed from int_figures__printed;
            create table int_signals__earlier as
            select
                figure_id, indicator_id, unit_type, unit_id, group_id, period_ends_on, value_unit, n_counted,
                1 as numerator, 1 as denominator
            from int_figures__printed limit 0;
            create table int_signals__entries as from int_signals__earlier;
            create table stg_declared__district as select 0 as part_minutes;
            create table int_calendar__dates as
            select cast(on_date as date) as on_date, school_year, week_id
            from (values {dates}) as t (on_date, school_year, week_id);
            create table dim_indicators as select
                'rate' as indicator_id, 'attendance_rate' as measure_id, 'week' as signal_period_kind,
                0.01 as signal_smallest_change, 'increase' as signal_better, cast(null as date) as signal_baseline_to,
                cast(null as date) as signal_baseline_from, 12 as n_signal_baseline, 36 as signal_per_year,
                10 as signal_min_denominator, 0.0 as signal_min_effect, 0.2 as signal_lambda, false as is_signal_spike,
                'pp' as signal_chart, 'nhs' as signal_rules, cast(null as date) as definition_from;
            """
        )
        yield connection


@pytest.fixture
def shown(duck, project_root):
    """A function that returns the figures of the series."""
    path = project_root / "dbt_project/models/intermediate/signals/int_signals__series.sql"
    given = {"ref": lambda name: name, "var": {"short_week": 3}.get, "parts_of_a_day": lambda: str(DAY)}
    sql = Environment().from_string(path.read_text(encoding="utf-8")).render(given)  # noqa: S701 - SQL, not HTML

    def ask():
        return {row["figure_id"]: row for row in duck.rows(f"select * from ({sql})")}

    return ask


def test_series_are_of_schools_in_days_of_persons(shown):
    """Figures of the district are no series, and a short week is none of any school."""
    found = shown()
    assert set(found) == {f"{unit}|{week}" for unit in ("s1", "s2", "s3") for week in ("w1", "w2")}
    assert {(row["numerator"], row["denominator"]) for row in found.values()} == {(90.0, 100.0)}


def test_what_is_hidden_from_anybody_is_in_no_series(duck, shown):
    """A hidden cell leaves no row, whatever it holds: all else is the same with other numbers in it."""
    duck.execute("update int_disclosure__pattern set is_suppressed = true where cell_id = 's2w2'")
    before = shown()
    assert set(before) == {"s1|w1", "s1|w2", "s2|w1", "s3|w1", "s3|w2"}
    duck.execute("update msr_attendance_rate set numerator = 0 where unit_id = 's2' and period_id = 'w2'")
    assert shown() == before


@pytest.mark.parametrize("told", ["value = null", "quality_state = 'withheld'", "is_tested = false"])
def test_what_is_withheld_is_in_no_series(told, duck, shown):
    """Nor is a figure without a value, or one that is not tested."""
    duck.execute(f"update int_figures__printed set {told} where cell_id = 's1w1'")
    assert "s1|w1" not in shown()


def test_records_need_no_gate(duck, shown):
    """What counts no people is in its series whatever the pattern says."""
    duck.execute("update int_figures__printed set counted_kind = 'records'")
    duck.execute("update int_disclosure__pattern set is_suppressed = true")
    assert len(shown()) == 6
