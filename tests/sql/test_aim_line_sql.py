"""Test the aim line in SQL: targets of each year as exact fractions, and how a figure to date grows within a year."""

from fractions import Fraction

import pytest
from jinja2 import Environment

from aimline.warehouse import connect

PATH = {"steps": 20, "min_years": 2}


@pytest.fixture(scope="module")
def sql(project_root):
    """A function that renders a model over tables of their bare names."""
    environment = Environment()  # noqa: S701 - SQL, not HTML
    environment.globals |= {"ref": lambda name: name, "source": lambda _, name: name, "var": lambda _: PATH}
    folder = project_root / "dbt_project/models"
    found = {path.stem: path for path in folder.rglob("*.sql")}
    return lambda name: environment.from_string(found[name].read_text(encoding="utf-8")).render()


TABLES = """
    create table dim_units as
    select * from (values ('district', 'd'), ('school', 's1'), ('school', 's2')) as listed (unit_type, unit_id);
    create table dim_profiles as
    select * from (values ('chronic_absence', 'fl', 2026)) as listed (measure_id, profile_id, first_year);
    create table dim_groups as
    select * from (values ('all', 'all'), ('english_learner', 'el')) as listed (group_set_id, group_id);
    create table int_calendar__dates as select 2027 as school_year;
    create table int_figures__definitions as
    select 'spring_old' as window_id, 2026 as school_year, 'belonging' as subject_id, 0 as first_year, 2026 as next_year
    union all by name
    select 'fall_new' as window_id, 2026 as school_year, 'belonging' as subject_id, 2026 as first_year,
        9999 as next_year;
    create table stg_declared__indicators as
    select
        'absence' as indicator_id, 'lower' as direction, 'chronic_absence' as measure_id, 'fl' as profile_id,
        'year_to_date' as period_kind, '' as subject_id, '' as estimator;
    create table stg_declared__district as select 10 as n_min;
    create table sealed_figures as
    select
        'chronic_absence' as measure_id, 'fl' as profile_id, 'year_to_date' as period_kind, '' as subject_id,
        '' as estimator, listed.*
    from (values
        ('final_2026', 2026, '2026w41', date '2026-06-12', 's1', 'all', 'all', 6.0, 30.0, 30),
        ('final_2026', 2026, '2026w40', date '2026-06-05', 's1', 'all', 'all', 9.0, 30.0, 30),
        ('mid_year_2026', 2026, '2026w41', date '2026-06-12', 's1', 'all', 'all', 1.0, 30.0, 30),
        ('final_2026', 2026, '2026w41', date '2026-06-12', 's2', 'all', 'all', 3.0, 9.0, 9)
    ) as listed (
        snapshot_id, school_year, period_id, period_ends_on, unit_id, group_set_id, group_id, numerator, denominator,
        n_people
    );
    create table stg_declared__targets (
        indicator_id varchar, target_no integer, unit_type varchar, unit_id varchar, group_id varchar, method varchar,
        begins_year integer, begins_numerator bigint, begins_denominator bigint, ends_year integer,
        ends_numerator bigint, ends_denominator bigint, n_years integer, rate_numerator bigint,
        rate_denominator bigint
    )
"""


@pytest.fixture
def duck():
    """A district of two schools with two declared years."""
    with connect(role="memory") as connection:
        connection.execute(TABLES)
        yield connection


def targets(duck, sql, *lines):
    """Return the target of each unit, group and year as a fraction."""
    for number, line in enumerate(lines, 1):
        duck.execute("insert into stg_declared__targets values ('absence', $1, " + line + ")", [number])
    rows = duck.rows(sql("fct_targets"))
    return {
        (row["unit_id"], row["group_id"], row["school_year"]): Fraction(
            row["target_numerator"], row["target_denominator"]
        )
        for row in rows
    }


LINE = "'district', null, 'all', 'linear', 2026, 197, 1000, 2029, 140, 1000, null, null, null"
INHERITED = LINE.replace("'district'", "'school'")


def test_target_of_a_year_is_on_the_straight_line(duck, sql):
    """A third of the way after one of three years, exactly; the baseline year itself has no target."""
    found = targets(duck, sql, LINE)
    assert found == {
        ("d", "all", 2027): Fraction(178, 1000),
        ("d", "all", 2028): Fraction(159, 1000),
        ("d", "all", 2029): Fraction(140, 1000),
    }


def test_gap_halving_closes_half_of_the_gap_in_its_years(duck, sql):
    """From .18 towards 0 in six years: .165 after the first, .09 at the end."""
    found = targets(duck, sql, "'district', null, 'el', 'gap_halving', 2026, 18, 100, null, null, null, 6, null, null")
    assert found[("d", "el", 2027)] == Fraction(165, 1000)
    assert found[("d", "el", 2032)] == Fraction(9, 100)


def test_target_of_one_school_stands_before_that_of_all_schools(duck, sql):
    """Schools inherit a line; a school with its own keeps its own."""
    own = "'school', 's2', 'all', 'linear', 2026, 3, 10, 2027, 1, 10, null, null, null"
    found = targets(duck, sql, INHERITED, own)
    assert found[("s1", "all", 2027)] == Fraction(178, 1000)
    assert found[("s2", "all", 2027)] == Fraction(1, 10)


def test_line_of_another_definition_leads_nowhere(duck, sql):
    """Begun before the year in which its definition began, it has no target until one is declared anew."""
    assert targets(duck, sql, LINE.replace("2026", "2025")) == {}


def test_target_stays_after_its_last_year(duck, sql):
    """A line that ends before the newest declared year is held at its end."""
    duck.execute("update dim_profiles set first_year = null")
    short = "'district', null, 'all', 'linear', 2025, 2, 10, 2026, 1, 10, null, null, null"
    assert targets(duck, sql, short)[("d", "all", 2027)] == Fraction(1, 10)


def test_steps_give_each_year_its_own_value(duck, sql):
    """A step holds for its year alone, the newest from then on; the newest of two declared targets stands."""
    steps = ("2026, 21, 100, 2025, 1, 5", "2026, 21, 100, 2026, 3, 20")
    duck.execute(
        "insert into stg_declared__targets "
        + " union all ".join(
            f"select 'absence', 7, 'district', null, 'all', 'steps', {each}, null, null, null" for each in steps
        )
    )
    found = targets(duck, sql, LINE)
    assert found == {
        ("d", "all", 2025): Fraction(1, 5),
        ("d", "all", 2026): Fraction(3, 20),
        ("d", "all", 2027): Fraction(3, 20),
    }
    assert {(row["final_target"], row["final_year"]) for row in duck.rows(sql("fct_targets"))} == {(0.15, 2026)}


def test_safe_harbor_closes_a_part_of_what_the_official_value_left(duck, sql):
    """A tenth of the gap left by the newest final figure of the year before; none where too few stand behind it."""
    line = "'school', null, 'all', 'safe_harbor', null, null, null, null, null, null, null, 1, 10"
    assert targets(duck, sql, line) == {("s1", "all", 2027): Fraction(18, 100)}


def test_safe_harbor_begins_at_the_newest_definition_of_the_year_before(duck, sql):
    """In the year of overlap two editions have official figures: the line begins at the one that holds from now on."""
    duck.execute("update stg_declared__indicators set subject_id = 'belonging', period_kind = 'window'")
    duck.execute("update sealed_figures set subject_id = 'belonging', period_kind = 'window'")
    duck.execute("update sealed_figures set period_id = 'spring_old' where period_id = '2026w41'")
    duck.execute("update sealed_figures set period_id = 'fall_new' where period_id = '2026w40'")
    line = "'school', null, 'all', 'safe_harbor', null, null, null, null, null, null, null, 1, 10"
    assert targets(duck, sql, line) == {("s1", "all", 2027): Fraction(27, 100)}


def shapes(duck, sql, years):
    """Return the share of the year-end value reached at each step, from the values of ten days a year."""
    duck.execute("drop table int_calendar__dates")
    duck.execute(
        "create table int_calendar__dates as select y as school_year, make_date(y, 1, cast(d as integer)) as on_date, "
        "cast(d as integer) as year_day_no from range(2024, 2028) as years (y), range(1, 11) as days (d)"
    )
    duck.execute(
        "create table int_figures__printed (indicator_id varchar, school_year integer, period_ends_on date, "
        "period_kind varchar, is_judged boolean, is_current boolean, unit_type varchar, group_set_id varchar, "
        "population_id varchar, measure_id varchar, cell_id varchar, value double, counted_kind varchar)"
    )
    duck.execute(
        "create table int_disclosure__pattern as select 'p' as population_id, 'm' as measure_id, 'c' as cell_id, "
        "false as is_suppressed"
    )
    for year, values in years.items():
        for day, value in enumerate(values, 1):
            duck.execute(
                "insert into int_figures__printed values ('absence', $1, make_date($1, 1, $2), 'year_to_date', true, "
                "false, 'district', 'all', 'p', 'm', 'c', $3, 'persons')",
                [year, day, value],
            )
    return {row["step_no"]: row["ratio"] for row in duck.rows(sql("int_signals__year_shapes"))}


def test_shape_of_a_year_is_the_median_of_earlier_years(duck, sql):
    """Half of the year-end value at half of the year in one year, .7 in the other: .6 is expected, 1 at the end."""
    found = shapes(duck, sql, {2025: [0.02 * day for day in range(1, 11)], 2026: [0.1] * 4 + [0.14] * 5 + [0.2]})
    assert found[10] == pytest.approx(0.6)
    assert found[20] == 1


def test_one_earlier_year_has_no_shape(duck, sql):
    """One year tells nothing of how years grow, and a year without its last day has no end to compare with."""
    assert shapes(duck, sql, {2025: [0.1] * 10, 2026: [0.1] * 9}) == {}


def test_hidden_years_give_no_shape(duck, sql):
    """An aim line may not tell a figure that is hidden."""
    years = {2025: [0.1] * 10, 2026: [0.1] * 10}
    assert shapes(duck, sql, years)
    duck.execute("update int_disclosure__pattern set is_suppressed = true")
    assert duck.rows(sql("int_signals__year_shapes")) == []
