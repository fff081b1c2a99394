"""Reading a release for one audience: own rows only, one statement for many keys, a total order."""

from pathlib import Path

import pytest

from aimline.errors import PageError
from aimline.warehouse import Connection
from reports.context import Rows, ask, newest_day, read_table
from reports.queries import Block, Query, judge
from reports.site import _serialize

SCHOOLS = [{"unit_id": f"01{number:02d}"} for number in range(1, 13)]

BLOCKS = {
    "all rows": "select unit_id, indicator_id, period_ends_on, figure from rpt_measures order by indicator_id",
    "a join": (
        "select m.indicator_id, m.period_ends_on, m.figure, s.indicator_no from rpt_measures as m "
        "inner join rpt_indicator_status as s on s.indicator_id = m.indicator_id and s.unit_id = m.unit_id "
        "where m.unit_id = $unit_id and s.group_id = 'all' order by indicator_no desc, period_ends_on"
    ),
    "a limit": "select due_on, label from rpt_obligations where state <> 'done' order by due_on limit 2",
    "a window": (
        "select indicator_id, period_ends_on, "
        "row_number() over (partition by indicator_id order by period_ends_on desc) as n "
        "from rpt_measures where unit_id = $unit_id order by n, indicator_id limit 9"
    ),
    "a subquery": (
        "select indicator_id, figure from rpt_measures where period_ends_on = (select max(period_ends_on) from "
        "rpt_measures where unit_id = $unit_id) and unit_id = $unit_id order by indicator_id"
    ),
    "a common table": (
        "with own as (select unit_id, unit_label as name from rpt_units where is_own) "
        "select name, count(*) as n from own inner join rpt_measures using (unit_id) group by name order by n"
    ),
    "a union": (
        "select plan_id as id from rpt_plan union all "
        "select alert_id from rpt_alerts where unit_id = $unit_id order by id"
    ),
    "in a subquery": (
        "select unit_id, unit_label from rpt_units where unit_id in (select unit_id from rpt_alerts) order by unit_id"
    ),
}


def query_of(sql: str, connection: Connection) -> Query:
    """Judge a block that is good."""
    query, findings = judge(
        Block("page", "q", 1, sql), lambda text: _serialize(connection, text), frozenset({"unit_id"})
    )
    assert query is not None, findings
    return query


@pytest.mark.parametrize("name", BLOCKS)
def test_many_keys_give_what_each_gives_alone(name: str, connection: Connection) -> None:
    """One statement over all keys returns, for each key, the rows and their order of a statement of its own."""
    query = query_of(BLOCKS[name], connection)
    together = ask(connection, query, "principal", SCHOOLS)
    assert together == [ask(connection, query, "principal", [key])[0] for key in SCHOOLS]
    assert any(together)


def test_page_that_forgets_its_unit_sees_its_own_rows(connection: Connection) -> None:
    """A query without any condition returns the reader's own school and the district, never another school."""
    query = query_of(BLOCKS["all rows"], connection)
    (rows,) = ask(connection, query, "principal", [{"unit_id": "0104"}])
    assert {row.unit_id for row in rows} == {"0104", "riverbend"}


def test_audience_sees_no_other_audience(connection: Connection) -> None:
    """Rows of the data engineer do not exist for the board."""
    query = query_of("select source_id from rpt_arrivals order by source_id", connection)
    assert ask(connection, query, "board", [{"unit_id": "riverbend"}]) == [Rows([])]
    assert len(ask(connection, query, "engineering", [{"unit_id": "riverbend"}])[0]) > 0


@pytest.mark.parametrize("column", ["value", "value_text", "interval_low", "cell_id", "audience_id", "reader_unit_id"])
def test_numbers_of_a_figure_cannot_be_named(column: str, connection: Connection) -> None:
    """A page cannot even name the columns behind a figure, so it can neither compute with them nor print them raw."""
    query = query_of(f"select {column} from rpt_measures order by {column}", connection)
    with pytest.raises(PageError, match=column):
        ask(connection, query, "board", [{"unit_id": "riverbend"}])


def test_column_that_does_not_exist_is_told_with_its_place(connection: Connection) -> None:
    """DuckDB's own message about a column comes with file and line of the block."""
    query = query_of("select vlaue from rpt_plan order by vlaue", connection)
    with pytest.raises(PageError, match=r"page:1:1: query 'q': SQL: .*vlaue"):
        ask(connection, query, "board", [{"unit_id": "riverbend"}])


def test_rows_are_grouped_and_chosen_in_order(connection: Connection) -> None:
    """``where``, ``without`` and ``by`` keep the order of the rows."""
    rows = read_table(connection, "rpt_plan", "board", "riverbend")
    goals = rows.where(kind="goal")
    assert [kind for kind, _ in rows.by("kind")] == ["activity", "goal", "strategy"]
    assert len(goals) + len(rows.without(kind="goal")) == len(rows)
    assert len(rows.where(kind=["goal", "strategy"])) == len(goals) + len(rows.where(kind="strategy"))


def test_newest_day_is_the_figures_own(connection: Connection, snapshot: Path) -> None:
    """What a page says it reaches is the last day of the data behind its figures, not the day of the run."""
    rows = read_table(connection, "rpt_survey_scales", "principal", "0104")
    assert str(newest_day(rows)) == "2026-11-04"
    assert newest_day(read_table(connection, "rpt_plan", "board", "riverbend")) is None
