"""Hold a release as the gate sees it, in memory: published tables filled from layers of counts, and the truth beside.

Every layer of ``disclosure_tables`` becomes one month of one measure. What is hidden is given, so that a test says who
hid too little.
"""

from collections.abc import Iterable
from typing import Any

from aimline.disclosure import Policy, protect_population
from aimline.disclosure.gate import Evidence
from aimline.warehouse import Connection, connect
from schemas.published import GAP_TEXT, POPULATIONS, TABLES, figure_id
from tests.support.disclosure_tables import MEASURE, POPULATION, Key, Layer, cell_id, cell_rows, relation_rows

Row = dict[str, Any]

TRUTH = "truth.fct_measures"
POLICY = Policy(10)
_TRUE = (
    "measure_id varchar, profile_id varchar, school_year integer, period_kind varchar, period_id varchar, "
    "unit_type varchar, unit_id varchar, group_set_id varchar, group_id varchar, subject_id varchar, "
    "estimator varchar, population_id varchar, value double, value_unit varchar, numerator double, denominator double, "
    "n_people bigint, n_observations bigint"
)


def gaps_of(layers: Iterable[Layer], policy: Policy = POLICY) -> set[str]:
    """Return the cells the protection hides."""
    layers = list(layers)
    kinds = {measure: counted.kind for measure, counted in POPULATIONS.items()}
    rows = protect_population(cell_rows(layers), relation_rows(layers), kinds, policy)
    return {row["cell_id"] for row in rows if row["is_suppressed"]}


def release(layers: Iterable[Layer], gaps: set[str]) -> Evidence:
    """Make a release that shows every cell but the gaps."""
    connection = connect(role="memory")
    for name, table in TABLES.items():
        connection.execute(f"create table {name} ({', '.join(f'{c.name} {c.type}' for c in table.columns)})")
    connection.execute("create schema truth")
    connection.execute(f"create table {TRUTH} ({_TRUE})")
    printed = [
        _print(number, (key, n), is_hidden=cell_id(key) in gaps)
        for number, layer in enumerate(layers, 1)
        for key, n in layer.items()
    ]
    _insert(connection, TRUTH, [truth for truth, _ in printed])
    _insert(connection, "rpt_measures", [figure for _, figure in printed])
    return Evidence(connection, TRUTH, POLICY)


def _print(number: int, cell: tuple[Key, int], *, is_hidden: bool) -> tuple[Row, Row]:
    """Return a true row and the published row made of it."""
    (unit, group), n = cell
    set_id, _, group_id = group.partition("/")
    key = {
        "measure_id": MEASURE,
        "profile_id": "default",
        "school_year": 2027,
        "period_kind": "month",
        "period_id": f"2027-{number:02d}",
        "unit_type": "district" if unit == "D" else "school",
        "unit_id": unit,
        "group_set_id": set_id,
        "group_id": group_id or set_id,
        "subject_id": "belonging",
        "estimator": "pooled",
    }
    value = 0.5 if n else None
    truth = {**key, "population_id": POPULATION, "value": value, "n_people": n, "value_unit": "share"}
    truth |= {"numerator": n / 2, "denominator": float(n)}
    words = {True: GAP_TEXT, False: "50%" if n else "No students"}
    figure = {name: key[name] for name in key if name != "estimator"}
    figure |= {"audience_id": "board", "reader_unit_id": "D", "figure_id": figure_id(key.values())}
    figure |= {"cell_id": cell_id(cell[0]), "value_text": words[is_hidden], "is_suppressed": is_hidden}
    figure |= {"shown_as": "suppressed" if is_hidden else "exact" if n else "zero"}
    return truth, figure | {"value": None if is_hidden else value}


def _insert(connection: Connection, table: str, rows: list[Row]) -> None:
    """Write rows by whole columns: row by row, DuckDB takes a millisecond each."""
    names = list(rows[0])
    cells = ", ".join(f"unnest(${number}) as {name}" for number, name in enumerate(names, 1))
    connection.execute(f"insert into {table} by name select {cells}", [[row[name] for row in rows] for name in names])
