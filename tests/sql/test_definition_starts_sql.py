"""Figures of days before their definition counts cannot be told, in SQL."""

from pathlib import Path

from jinja2 import Environment

from aimline.warehouse import connect

TABLES = """
    create table int_figures__printed as
    select
        'f' || week as figure_id, 'p' as population_id, 'chronic_absence' as measure_id, 'c' as cell_id,
        'absence' as indicator_id, 'district' as unit_type, 'd' as unit_id, 'all' as group_set_id, 'all' as group_id,
        2027 as school_year, true as is_current, 'year_to_date' as period_kind, cast(week as varchar) as period_id,
        date '2027-01-29' + cast(7 * week as integer) as period_ends_on, '' as subject_id, 0.2 as value,
        'share' as value_unit, 0.01 as se, 100 as n_counted, 'persons' as counted_kind, null as reliability,
        'ok' as quality_state, true as is_judged
    from range(3) as weeks (week);
    create table int_disclosure__pattern as
    select 'p' as population_id, 'chronic_absence' as measure_id, 'c' as cell_id, false as is_suppressed;
    create table dim_indicators as
    select
        'absence' as indicator_id, 'chronic_absence' as measure_id, 'own' as profile_id, 'lower' as direction,
        0.01 as smallest_change, 0.8 as on_track, 0.5 as watch, 0.8 as interval_share, '2026' as baseline_year;
    create table dim_profiles as
    select
        'chronic_absence' as measure_id, 'own' as profile_id, 2026 as first_year, date '2027-02-05' as effective_from;
    create table int_figures__definitions (
        window_id varchar, school_year integer, subject_id varchar, first_year integer, next_year integer
    );
    create table fct_trajectories as
    select
        'absence' as indicator_id, 'd' as unit_id, 'all' as group_set_id, 'all' as group_id, 2027 as school_year,
        'year_to_date' as period_kind, '0' as period_id, 0.19 as expected, 0.21 as baseline
"""


def test_a_definition_counts_from_its_first_day_on(project_root: Path) -> None:
    """The week that ends on the first day is judged by it, the one before is of another definition."""
    environment = Environment()  # noqa: S701 - SQL, not HTML
    environment.globals["ref"] = lambda name: name
    path = project_root / "dbt_project/models/intermediate/signals/int_signals__panel.sql"
    with connect(role="memory") as connection:
        connection.execute(TABLES)
        rows = connection.rows(environment.from_string(path.read_text(encoding="utf-8")).render())
    found = {str(row["period_on"]): row["is_new_definition"] for row in rows}
    assert found == {"2027-01-29": True, "2027-02-05": False, "2027-02-12": False}
