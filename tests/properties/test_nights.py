"""A year built night by night is the year built at once: every table that is published, measured or judged."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aimline.commands.collection import collect
from aimline.context import open_context
from aimline.demo.rehearsal import DISTRICT, open_vendors
from aimline.demo.world import WorldOptions
from aimline.storage import open_store
from aimline.transform import WAREHOUSE, BuildReport, BuildRequest, build
from aimline.transform.compiling import Dbt, dbt
from aimline.warehouse import connect
from tests.support.rehearsed import differences, table_digests

SMALL = WorldOptions(students=300, schools=3, years=2)
Figures = dict[str, tuple[Any, ...]]
NIGHTS = [date(2026, 9, 21), date(2026, 9, 28), date(2026, 10, 26), date(2026, 11, 2), date(2027, 1, 11)]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state root that has lived through a first build and the nights after it, of autumn and of the new year."""
    from aimline.arrival import make_key_file

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIMLINE_HOME", str(tmp_path_factory.mktemp("home")))
        make_key_file(DISTRICT)
        root = open_store(tmp_path_factory.mktemp("nights") / "state").root
        vendors, before = open_vendors(open_store(root), 11, SMALL), None
        for night in NIGHTS:
            vendors.deliver(before, night)
            a_night(root, night)
            before = night
        yield root


def a_night(state: Path, night: date, *, full: bool = False) -> BuildReport:
    """Collect and build as of a night."""
    context = open_context(DISTRICT, as_of=night, state=str(state))
    try:
        collect(context)
        district = context.deployment.district.district_id
        return build(BuildRequest(district, context.store, context.journal, context.clock, full=full))
    finally:
        context.journal.close()


def held(state: Path) -> Figures:
    """Return of every table and view that carries a figure how many rows it has, and a digest of them in any order."""
    found = {}
    with connect(state / WAREHOUSE, role="build", read_only=True) as connection:
        names = connection.rows(
            "select table_name as name from information_schema.tables "
            "where table_schema = 'main' and regexp_matches(table_name, '^(rpt|msr|fct|dim)_') order by 1"
        )
        for name in (str(row["name"]) for row in names):
            digest = "md5(string_agg(md5(cast(t as varchar)), '' order by md5(cast(t as varchar))))"
            [told] = connection.rows(f"select count(*) as n, {digest} as digest from main.{name} as t")
            found[name] = tuple(told.values())
    return found


@pytest.fixture(scope="module")
def both(state: Path) -> tuple[Figures, Figures]:
    """What the nights have made, and what one whole build makes of the same deliveries in their place."""
    nightly = held(state)
    assert a_night(state, NIGHTS[-1], full=True).state == "done"
    return nightly, held(state)


def test_nights_and_one_build_are_equal(both: tuple[Figures, Figures]) -> None:
    """After four nights upon a first build, everything is what a build from nothing makes of the same deliveries."""
    nightly, whole = both
    assert {name: rows for name, rows in nightly.items() if whole.get(name) != rows} == {}
    assert whole.keys() == nightly.keys()
    assert min(whole[name][0] for name in ("rpt_measures", "rpt_survey_scales", "rpt_alerts")) > 0


def test_the_people_behind_a_figure_are_as_many_as_it_says(both: tuple[Figures, Figures], state: Path) -> None:
    """What releases are compared by names as many people as the figure, in every cell of each period that is over."""
    layer = "measure_id, profile_id, school_year, period_kind, period_id, subject_id, estimator, unit_type, unit_id"
    parts = "unnest(list_prepend('all=all', string_split(groups, ',')))"
    query = f"""
        with parts as (select {layer}, student_no, {parts} as part from int_disclosure__people),
        cells as (
            select {layer}, split_part(part, '=', 1) as group_set_id, split_part(part, '=', 2) as group_id,
                count(distinct student_no) as n
            from parts where part <> '' group by all
        )
        select
            measure_id, count(*) as n_cells, count(*) filter (cells.n is distinct from nullif(n_people, 0)) as n_other
        from int_figures__printed as printed inner join fct_measures as figure
            using ({layer}, group_set_id, group_id)
        left join cells using ({layer}, group_set_id, group_id)
        where
            printed.counted_kind = 'persons' and printed.period_kind <> 'year_to_date'
            and printed.period_ends_on < date '{NIGHTS[-1]}'
        group by measure_id order by measure_id
    """
    assert both
    with connect(state / WAREHOUSE, role="build", read_only=True) as connection:
        told = {row["measure_id"]: (row["n_cells"] > 0, row["n_other"]) for row in connection.rows(query)}
    expected = ["attendance_rate", "chronic_absence", "percent_favorable", "response_rate", "scale_mean"]
    assert told == dict.fromkeys(expected, (True, 0))


@pytest.mark.usefixtures("both")
def test_the_digests_by_which_releases_are_compared_are_of_the_people_behind_a_figure(state: Path) -> None:
    """Each figure's digest counts the rows its people have, and no figure has people without a digest."""
    layer = "measure_id, profile_id, school_year, period_kind, period_id, subject_id, estimator"
    query = f"""
        select
            count(*) filter (marks.n_rows > 0) as n_layers,
            count(*) filter (marks.n_rows is distinct from people.n) as n_other
        from int_disclosure__marks as marks
        full join (select {layer}, count(*) as n from int_disclosure__people group by all) as people using ({layer})
        where period_kind = 'window' or period_id in (select period_id from int_disclosure__marks)
    """
    with connect(state / WAREHOUSE, role="build", read_only=True) as connection:
        told = connection.rows(query)[0]
    assert (told["n_layers"] > 0, told["n_other"]) == (True, 0)


@pytest.mark.usefixtures("both")
def test_dbt_makes_the_tables_of_our_plan(state: Path, tmp_path: Path) -> None:
    """``dbt build`` in a database that shows it the same deliveries makes every table as we made it."""
    database = tmp_path / WAREHOUSE
    shutil.copyfile(state / WAREHOUSE, database)
    with connect(database, role="build") as connection:
        built = "select table_name as name from information_schema.tables where starts_with(table_name, 'built_')"
        for name in [row["name"] for row in connection.rows(built)]:
            connection.execute(f"delete from landed.{name}")
    ours = table_digests(database)
    run = Dbt(str(database), tmp_path)
    with dbt(run) as (runner, _manifest):
        done = runner.invoke(["build", *run.options(), "--full-refresh", "--exclude-resource-type", "unit_test"])
    assert done.success, str(done.exception)
    assert differences(table_digests(database), ours) == []


def test_a_member_day_has_one_row(state: Path) -> None:
    """No student has two rows for one school and day, which no check of the build counts."""
    with connect(state / WAREHOUSE, role="build", read_only=True) as connection:
        repeated = "select 1 from fct_member_days group by student_key, school_id, on_date having count(*) > 1"
        assert connection.rows(repeated) == []


def test_weeks_are_tested_in_days_of_persons_and_by_their_own_days(both: tuple[Figures, Figures], state: Path) -> None:
    """A week of attendance has at most five days a person; its school days add up to it, where none is withheld."""
    assert both
    query = """
        with days as (
            select panel_no, unit_no, period_ix, sum(n_present) as present, sum(n_member) as member,
                count(*) as n_days
            from int_signals__school_days group by all
        ),
        weeks as (select week_last_on as period_on, count(*) as n_open from int_calendar__dates group by all)
        select
            count(*) as n_weeks, count(*) filter (denominator > 5 * n_people) as n_too_many,
            count(*) filter (
                n_days = n_open and (abs(numerator - present) > 1e-6 or abs(denominator - member) > 1e-6)
            ) as n_other,
            count(*) filter (n_days is null) as n_without
        from int_signals__series as series
        inner join dim_indicators as indicators using (indicator_id)
        left join days using (panel_no, unit_no, period_ix)
        left join weeks using (period_on)
        where indicators.measure_id = 'attendance_rate' and series.period_kind = 'week'
    """
    with connect(state / WAREHOUSE, role="build", read_only=True) as connection:
        [told] = connection.rows(query)
    assert told.pop("n_weeks") > 0
    assert told == {"n_too_many": 0, "n_other": 0, "n_without": 0}


def test_a_tested_week_has_the_days_its_people_were_measured_on(both: tuple[Figures, Figures], state: Path) -> None:
    """Counted from who stayed where and how much of a day each is a member: no parts, thousandths or halves of days."""
    assert both
    query = """
        with counted as (
            select
                days.school_id as unit_id, dates.week_last_on as period_on, sum(stays.fte) as measured,
                coalesce(sum(stays.fte) filter (day_state = 'present'), 0) as whole
            from fct_member_days as days
            inner join int_calendar__dates as dates using (on_date)
            inner join int_enrollment__spans as stays
                on days.student_key = stays.student_key and days.school_id = stays.school_id
                and days.on_date between stays.entered_on and stays.last_on
            where days.day_state in ('present', 'partial', 'absent')
            group by all
        )
        select
            period_on < date '2026-08-01' as is_earlier, count(*) > 0 as has_weeks,
            count(*) filter (measured is null or abs(denominator - measured) > 1e-6) as n_other,
            count(*) filter (numerator not between whole - 1e-6 and measured + 1e-6) as n_not_present
        from int_signals__series as series
        inner join dim_indicators as indicators using (indicator_id)
        left join counted using (unit_id, period_on)
        where indicators.measure_id = 'attendance_rate' and series.period_kind = 'week' and series.group_id = 'all'
        group by is_earlier order by is_earlier
    """
    with connect(state / WAREHOUSE, role="build", read_only=True) as connection:
        told = [tuple(row.values()) for row in connection.rows(query)]
    assert told == [(False, True, 0, 0), (True, True, 0, 0)]
