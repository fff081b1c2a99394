"""Test the macros that write published figures against the Python that says how they are written."""

import pytest
from jinja2 import Environment

from aimline.warehouse import connect
from schemas.published import FIGURE, FIGURE_KEY, POPULATIONS, figure_bits_sql, figure_id, read_bits_sql
from schemas.shown import DECIMALS, shown_number, shown_text

TIES = [number / 200 for number in range(401)] + [0.615, 1.005, 2.675, 0.0, 0.994999, 12.5]


@pytest.fixture(scope="module")
def macros(project_root):
    """The macros of figures, with the lists that schemas/ gives them."""
    environment = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - SQL, not HTML
    environment.globals |= {
        "published_decimals": lambda: DECIMALS,
        "published_figure_key": lambda: FIGURE_KEY,
        "published_figure": lambda: [column.name for column in FIGURE],
        "published_counted_as": lambda: [
            (name, each.kind, each.is_shared, each.is_asked) for name, each in POPULATIONS.items()
        ],
    }
    text = (project_root / "dbt_project/macros/figures.sql").read_text(encoding="utf-8")
    return environment.from_string(text).module


@pytest.fixture(scope="module")
def duck():
    """A scratch database."""
    with connect(role="memory") as connection:
        yield connection


@pytest.mark.parametrize("unit", sorted(DECIMALS))
def test_sql_writes_a_number_as_python_does(macros, duck, unit):
    """Every unit is rounded and worded alike, ties included."""
    numbers = TIES + [number / 997 for number in range(998)] + [number * 100 / 7 for number in range(998)]
    if unit == "share":
        numbers = [number for number in numbers if number <= 1]
    number = macros.shown_number("v", "u")
    query = f"select n, {macros.shown_text('n', 'u')} as text from (select {number} as n, u from given)"
    duck.execute("create or replace temp table given as select unnest($1) as v, $2 as u", [numbers, unit])
    found = [(row["n"], row["text"]) for row in duck.rows(query)]
    assert found == [(shown_number(each, unit), shown_text(each, unit)) for each in numbers]


def test_a_figure_is_written_as_its_reader_says_it():
    """A reliability of 0.82 is 0.82, and not so many times anything."""
    told = [("share", "82%"), ("score", "0.82"), ("ratio", "0.82"), ("days", "1 day"), ("students", "1")]
    assert [(unit, shown_text(0.82, unit)) for unit, _ in told] == told


def test_sql_names_a_figure_as_python_does(macros, duck):
    """The id of the build, of Python and of the gate are one; what is no id has no number."""
    keys = [[f"{column}{number}" for column in FIGURE_KEY] for number in range(50)]
    cells = ", ".join(f"unnest(${place}) as {column}" for place, column in enumerate(FIGURE_KEY, 1))
    duck.execute(
        f"create or replace temp table k as select {cells}", [list(column) for column in zip(*keys, strict=True)]
    )
    bits, own = macros.figure_bits("k"), figure_bits_sql("k")
    query = f"select {macros.figure_id(bits)} as id, {own} = {read_bits_sql('id')} as is_read from k"
    found = duck.rows(query.replace(read_bits_sql("id"), read_bits_sql(f"({macros.figure_id(bits)})")))
    assert [row["id"] for row in found] == [figure_id(key) for key in keys]
    assert all(row["is_read"] for row in found)
    assert duck.rows(f"select {read_bits_sql('w')} as n from (select 'fig_aaaaaaaaaaa1' as w)") == [{"n": None}]


def test_sql_knows_what_each_measure_counts(macros, duck):
    """The table of SQL and the mapping of Python name the same measures and kinds."""
    rows = duck.rows(macros.counted_as())
    assert {row["measure_id"]: (row["counted_kind"], row["is_shared"]) for row in rows} == {
        measure: (counted.kind, counted.is_shared) for measure, counted in POPULATIONS.items()
    }
