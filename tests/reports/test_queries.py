"""Query blocks: one SELECT over published tables that projects and filters, and nothing else."""

from pathlib import Path

import pytest

from aimline.warehouse import Connection, connect
from reports.queries import Block, Query, judge
from reports.site import _serialize

PAGE = "pages/board/index.md.j2"

REFUSED = {
    "another table": ("select value from fct_measures order by value", "'fct_measures' is not a published table"),
    "a file": ("select a from 'people.csv' order by a", "'people.csv' is not a published table"),
    "a file function": ("select a from read_csv('people.csv') order by a", "'table function' is not allowed"),
    "a glob": ("select file from glob('*') order by file", "'table function' is not allowed"),
    "a catalog": ("select name from duckdb_settings() order by name", "'table function' is not allowed"),
    "a schema": ("select table_name from information_schema.tables order by table_name", "named with its schema"),
    "a schema of ours": ("select unit_id from main.rpt_units order by unit_id", "named with its schema"),
    "a setting": ("select current_setting('threads') as s from rpt_units order by s", "'current_setting' is not"),
    "the environment": ("select getenv('HOME') as h from rpt_units order by h", "'getenv' is not allowed"),
    "two statements": ("select unit_id from rpt_units order by unit_id; select 1", "one SELECT is expected"),
    "a second after a comment": ("from rpt_units order by unit_id --\n; drop table rpt_units", "one SELECT"),
    "delete": ("delete from rpt_units", "one SELECT is expected"),
    "attach": ("attach 'x.db' as x", "one SELECT is expected"),
    "copy": ("copy rpt_units to 'x.csv'", "one SELECT is expected"),
    "install": ("install httpfs", "one SELECT is expected"),
    "set": ("set threads = 8", "one SELECT is expected"),
    "pragma": ("pragma database_list", "one SELECT is expected"),
    "show": ("show tables", "'show ref' is not allowed"),
    "summarize": ("summarize rpt_units", "'show ref' is not allowed"),
    "values": ("values (1)", "'expression list' is not allowed"),
    "no table": ("select 1 as a order by a", "'empty' is not allowed"),
    "recursion": ("with recursive r as (select 1 as a union all from r) from r order by a", "recursive"),
    "a shadowed table": ("with rpt_units as (from rpt_plan) select plan_id from rpt_units order by plan_id",
                         "cannot be named anew"),
    "a sample": ("select unit_id from rpt_units tablesample 10% order by unit_id", "'base table' is not allowed"),
    "a positional join": ("select unit_id from rpt_units positional join rpt_plan order by unit_id", "'join' is not"),
    "columns()": ("select columns('.*') from rpt_units order by unit_id", "'columns()' is not allowed"),
    "a lambda": ("select list_transform([1], x -> x) as l from rpt_units order by l", "is not allowed"),
    "arithmetic": ("select target - baseline as d from rpt_plan order by d", "function '-' is not allowed"),
    "an average": ("select avg(target) as m from rpt_plan order by m", "function 'avg' is not allowed"),
    "a figure taken apart": ("select figure.value from rpt_measures order by status", "cannot be taken apart"),
    "a figure compared": ("select status from rpt_measures where figure > 1 order by status", "can only be shown"),
    "an order by figures": ("select figure, status from rpt_measures order by figure", "can only be shown"),
    "the highest figure": ("select max(figure) as m from rpt_measures order by m", "can only be shown"),
    "a figure renamed": ("select figure as f, status from rpt_measures order by status", "keeps its name"),
    "no order": ("select unit_id from rpt_units", "there is no 'order by'"),
    "an order by an expression": ("from rpt_units order by lower(unit_id)", "must name an output column"),
    "an unknown parameter": ("from rpt_units where unit_id = $school order by unit_id", "'$school' is not declared"),
    "a nameless parameter": ("select unit_id from rpt_units where unit_id = ? order by unit_id", "without a name"),
    "exists": ("from rpt_units as u where exists (from rpt_alerts as a where a.unit_id = u.unit_id) order by unit_id",
               "'exists' is not allowed"),
    "a cast to blob": ("select unit_id::blob as b from rpt_units order by b", "cast to blob"),
    "no SQL": ("selct unit_id", "syntax error"),
    "a long text": ("select unit_id from rpt_units order by unit_id -- " + "x" * 9000, "more than 8,000 bytes"),
}  # fmt: skip


def judged(sql: str, connection: Connection, line: int = 7) -> tuple[Query | None, list[str]]:
    """Judge one block that stands on a line of a page."""
    block = Block(PAGE, "trend", line, sql)
    query, findings = judge(block, lambda text: _serialize(connection, text), frozenset({"unit_id", "review_id"}))
    return query, [str(each) for each in findings]


@pytest.fixture(scope="module")
def anywhere() -> Connection:
    """A connection that reads syntax; tables are not needed for that."""
    return connect(role="memory")


@pytest.mark.parametrize("name", REFUSED)
def test_block_is_refused(name: str, anywhere: Connection) -> None:
    """What is not a plain selection of published rows is refused, with the place in the page."""
    sql, message = REFUSED[name]
    query, findings = judged(sql, anywhere)
    assert query is None
    assert any(message in finding for finding in findings), findings
    assert all(finding.startswith(f"{PAGE}:") for finding in findings)


def test_block_is_read(anywhere: Connection) -> None:
    """A good block gives its tables, its order, and parameters as columns of the keys."""
    sql = "select m.figure, m.status from rpt_measures as m where unit_id = $unit_id order by status desc"
    query, findings = judged(sql, anywhere)
    assert findings == []
    assert query is not None
    assert query.tables == ("rpt_measures",)
    assert query.order == (("status", "desc"),)
    assert "unit_id = _k.unit_id" in query.sql


def test_mistake_is_told_with_its_line_and_column(anywhere: Connection) -> None:
    """The place of a mistake is the page's, not the block's."""
    _, findings = judged("select unit_id\nfrom rpt_unit\norder by unit_id", anywhere, line=12)
    assert findings == [f"{PAGE}:13:6: query 'trend': 'rpt_unit' is not a published table. Did you mean 'rpt_units'?"]


def test_parameter_in_a_text_is_text(anywhere: Connection) -> None:
    """A dollar sign within quotes or a comment asks for nothing."""
    query, findings = judged("select '$x' as a from rpt_units -- $y\norder by a", anywhere)
    assert findings == []
    assert query is not None
    assert "'$x'" in query.sql


def test_every_shipped_page_is_good(site: tuple[Path, object]) -> None:
    """The pages of the tree pass their own rules; a site could not be built otherwise."""
    assert (site[0] / "board/district/index.html").is_file()
