"""Test the rows the protection reads against rows made a second time in plain Python."""

import pytest
from hypothesis import given, settings
from jinja2 import Environment

from aimline.disclosure.dead_ends import UNSAFE
from aimline.transform.builds import unsafe_findings
from aimline.warehouse import connect
from schemas.published import FIGURE_KEY
from tests.properties.test_disclosure import districts
from tests.support.disclosure_tables import MEASURE, POPULATION, cell_id, cell_rows, relation_rows

COLUMNS = (
    "population_id varchar, profile_id varchar, school_year integer, period_kind varchar, period_id varchar, "
    "unit_type varchar, unit_id varchar, group_set_id varchar, group_id varchar, subject_id varchar, "
    "estimator varchar, measure_id varchar, cell_id varchar, figure_id varchar, n_counted bigint, value double, "
    "is_aggregated boolean, is_shared boolean, counted_kind varchar"
)
NAMES = [column.split()[0] for column in COLUMNS.split(", ")]


@pytest.fixture(scope="module")
def queries(project_root):
    """The SQL of both models, over tables of their bare names."""
    environment = Environment()  # noqa: S701 - SQL, not HTML
    environment.globals |= {"ref": lambda name: name, "published_figure_key": lambda: FIGURE_KEY}
    folder = project_root / "dbt_project/models/intermediate/disclosure"
    return {
        name: environment.from_string((folder / f"int_disclosure__{name}.sql").read_text(encoding="utf-8")).render()
        for name in ("cells", "relations")
    }


def printed(layers):
    """Return the printed figures of some layers: one month each."""
    rows = []
    for number, layer in enumerate(layers):
        for (unit, group), n in layer.items():
            set_id, _, value = group.partition("/")
            place = ("district" if unit == "D" else "school", unit, set_id, value or set_id)
            key = (POPULATION, "default", 2027, "month", str(number), *place, "", "", MEASURE)
            figure = (cell_id((unit, group)), f"{number}{unit}{group}", n, 0.5 if n else None, False, False, "persons")
            rows.append(dict(zip(NAMES, key + figure, strict=True)))
    return rows


def made(query, rows):
    """Run a model over printed figures."""
    with connect(role="memory") as connection:
        connection.execute(f"create table int_figures__printed ({COLUMNS})")
        cells = ", ".join(f"unnest(${place}) as {name}" for place, name in enumerate(NAMES, 1))
        columns = [[row[name] for row in rows] for name in NAMES]
        connection.execute(f"insert into int_figures__printed select {cells}", columns)
        return connection.rows(query)


def ordered(rows):
    """Order rows by all they hold."""
    return sorted(rows, key=lambda row: [str(row[name]) for name in sorted(row)])


@settings(max_examples=15, deadline=None, derandomize=True)
@given(layers=districts())
def test_cells_hold_the_range_of_their_counts(queries, layers):
    """Cells of random districts are those of the second implementation."""
    assert ordered(made(queries["cells"], printed(layers))) == ordered(cell_rows(layers))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(layers=districts())
def test_relations_tie_totals_to_their_parts(queries, layers):
    """Sums, parts, rests and broken sums of random districts are those of the second implementation."""
    assert ordered(made(queries["relations"], printed(layers))) == ordered(relation_rows(layers))


def test_value_without_a_count_is_unknown(queries):
    """A figure with a value and no count is counted as unknown, never as zero."""
    rows = printed([{("s1", "all"): 20}])
    found = made(queries["cells"], [{**rows[0], "n_counted": None}])
    assert [(row["n_unknown"], row["n_low"], row["is_aggregated"]) for row in found] == [(1, None, False)]


def test_parts_of_a_shared_measure_may_exceed_the_total(queries):
    """A student of two schools is in both, so attendance by school may add up to more than the district."""
    rows = printed([{("D", "all"): 50, ("s1", "all"): 30, ("s2", "all"): 30}])
    assert {row["n_broken"] for row in made(queries["relations"], rows)} == {1}
    shared = [{**row, "is_shared": True} for row in rows]
    assert {row["n_broken"] for row in made(queries["relations"], shared)} == {0}


def test_the_build_tells_which_sum_no_pattern_hides():
    """One finding names population, sum and reader; what is hidden for other reasons is none."""
    with connect(role="memory") as connection:
        connection.execute(
            "create table int_disclosure__pattern as select * from (values ('p', 'm', 'D|all', "
            f"'{UNSAFE} principal:s2'), ('p', 'n', 'D|all', '{UNSAFE} principal:s2'), ('p', 'm', 's1|all', 'primary')) "
            "as told (population_id, measure_id, cell_id, reason)"
        )
        [finding] = unsafe_findings(connection)
    assert finding.startswith("no_safe_pattern p: with everything hidden, principal:s2 can still work out")
    assert "the sum of D|all, " in finding
