"""A night's step: what counts as changed, when nothing is made, and what a broken rule says."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aimline.errors import TransformError
from aimline.transform import nights
from aimline.transform.nights import Ran, run_night
from aimline.transform.plans import Plan, Step
from aimline.transform.wholes import follows, run_whole
from aimline.warehouse import MEMORY, Connection, connect

CHECK = "select nullif('value above 5', '') as broken from night_made where value > 5 limit 1"
BREACH = "select 1 as one from night_made where value > 5 limit 1"
FIGURES = Step("figures", "table", "select key, value from source", ("source",), check=CHECK, breach=BREACH, n_checks=1)
PARTS = replace(FIGURES, stale="touched", parts=("key",), body=f"{FIGURES.body} where key in (from touched)")
READER = Step("reader", "table", "select count(*) as n from figures", ("figures",))


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A warehouse with a table of figures, the same rows as its source, and one model that reads it."""
    with connect(MEMORY, role="memory") as opened:
        opened.execute("create table source as select * from (values (1, 2), (1, 2), (2, 3)) as t (key, value)")
        opened.execute("create table figures as from source")
        opened.execute("create table touched (key integer)")
        opened.execute("create table reader as select 3 as n")
        yield opened


def night(connection: Connection, step: Step) -> Ran:
    """Run a night in which the source is said to have changed."""
    return run_night(connection, Plan("", (step, READER)), {"source"}, Path())


@pytest.mark.parametrize("long", [0, 10_000])
@pytest.mark.parametrize(
    ("news", "ran"),
    [
        ("from figures order by value desc", ("figures",)),
        ("select distinct * from figures", ("figures", "reader")),
        ("from (values (1, 2), (2, 3), (2, 3)) as t (key, value)", ("figures", "reader")),
        ("from figures where false", ("figures", "reader")),
    ],
)
def test_rows_count_in_any_order_and_as_often_as_they_are(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, news: str, ran: tuple[str, ...], long: int
) -> None:
    """Another order is no change; another number of equal rows is one; long tables and short ones are told alike."""
    monkeypatch.setattr(nights, "LONG", long)
    connection.execute(f"create or replace table source as {news}")
    assert night(connection, FIGURES).models == ran


def test_a_table_no_part_of_which_is_touched_is_not_made(connection: Connection) -> None:
    """Whatever its inputs say: no touched part, no model runs."""
    connection.execute("update source set value = 4")
    assert night(connection, PARTS).models == ()
    connection.execute("insert into touched values (2)")
    assert night(connection, PARTS).models == ("figures", "reader")
    assert connection.rows("select value from figures order by all") == [{"value": 2}, {"value": 2}, {"value": 4}]


def test_a_broken_rule_is_told_and_nothing_is_kept(connection: Connection) -> None:
    """The quick question finds it, the whole check names it, and the table stays as it was."""
    connection.execute("update source set value = 6 where key = 2")
    with pytest.raises(TransformError, match="Model figures: checks: value above 5"):
        night(connection, FIGURES)
    assert connection.rows("select max(value) as most from figures") == [{"most": 3}]


def test_a_whole_build_keeps_what_readers_are_promised(connection: Connection) -> None:
    """Views and tables are made in order; a column of another name or type than promised is named and refused."""
    seen = Step("seen", "view", "select key from figures", ("figures",))
    ran = run_whole(connection, Plan("", (FIGURES, seen, READER)), Path())
    assert (ran.models, ran.n_checks) == (("figures", "seen", "reader"), 1)
    assert connection.rows("select count(*) as n from seen") == [{"n": 3}]
    for promised in ({"n": "integer"}, {"number": "bigint"}, {"n": "bigint", "m": "date"}):
        with pytest.raises(TransformError, match=r"Model reader: contract: [mn]"):
            run_whole(connection, Plan("", (FIGURES, replace(READER, contract=promised))), Path())


def test_nothing_is_compared_where_nothing_can_be_spared(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table whose readers run in any case is made in its place; its own rules hold all the same."""
    monkeypatch.setattr(nights, "_is_changed", lambda *_: pytest.fail("compared"))
    both = replace(READER, inputs=("figures", "source"))
    for step in (FIGURES, PARTS):
        connection.execute("insert into touched values (1)")
        assert run_night(connection, Plan("", (step, both)), {"source"}, Path()).models == ("figures", "reader")
        assert connection.rows("select count(*) as n from figures") == [{"n": 3}]
    connection.execute("update source set value = 6 where key = 1")
    with pytest.raises(TransformError, match="Model figures: checks: value above 5"):
        run_night(connection, Plan("", (PARTS, both)), {"source"}, Path())


def test_a_view_that_several_tables_read_is_asked_once(connection: Connection) -> None:
    """In a whole build and in a night its readers see one answer, and when they are made it is a view as it was."""
    seen = Step("seen", "view", "select random() as no from source", ("source",), is_once=True)
    readers = [Step(name, "table", "select max(no) as no from main.seen", ("source",)) for name in ("first", "second")]
    plan = Plan("", (seen, *readers))
    for run in (lambda: run_whole(connection, plan, Path()), lambda: run_night(connection, plan, {"source"}, Path())):
        run()
        assert connection.rows("from first") == connection.rows("from second")
        assert connection.rows("select min(no) as no from main.seen") != connection.rows(
            "select min(no) as no from seen"
        )


def test_a_table_waits_for_what_it_reads_and_for_the_views_it_may_read_it_by() -> None:
    """A view over the same tables comes first; one over others, and what stands beside it, is not waited for."""
    seen, other = Step("seen", "view", "", ("figures",)), Step("other", "view", "", ("source",))
    over = Step("over", "view", "", ("figures", "source"))
    told = dict(follows((FIGURES, seen, other, over, READER)))
    assert told["reader"] == {"figures", "seen"}
    assert told["over"] == {"figures", "seen", "other"}
    assert told["seen"] == {"figures"}
    assert told["other"] == set()


def test_one_broken_model_ends_a_whole_build_and_is_named(connection: Connection) -> None:
    """Whatever is made beside it; nothing after it is made."""
    broken = replace(FIGURES, name="broken", body="select 1 / no from source")
    plan = Plan("", (FIGURES, broken, replace(READER, name="after", inputs=("broken",))))
    with pytest.raises(TransformError, match="Model broken: Binder Error"):
        run_whole(connection, plan, Path())
    assert connection.rows("select 1 as one from duckdb_tables() where table_name = 'after'") == []
