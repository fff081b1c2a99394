"""Every dbt unit test of the project holds: models on their boundary rows."""

from datetime import date
from pathlib import Path

import pytest

from aimline.transform import WAREHOUSE
from aimline.transform.compiling import Dbt, dbt
from tests.support.small_world import World, weekdays


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outcome of each dbt unit test, run on the empty tables of a district without data."""
    world = World(tmp_path_factory.mktemp("units"))
    world.declare()
    world.calendar(weekdays(date(2026, 8, 19), 5))
    world.build()
    run = Dbt(str(world.store.path(WAREHOUSE)), tmp_path_factory.mktemp("dbt"))
    with dbt(run) as (runner, _manifest):
        found = runner.invoke(["test", *run.options(), "--select", "test_type:unit"])
    world.close()
    assert found.result is not None, str(found.exception)
    return {each.node.name: f"{each.status} {each.message or ''}".strip() for each in found.result.results}


def test_models_hold_on_their_boundary_rows(outcomes: dict[str, str]) -> None:
    """No dbt unit test fails."""
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "pass"} == {}


def test_every_measure_has_a_unit_test(outcomes: dict[str, str], project_root: Path) -> None:
    """A measure without a boundary row says nothing about where it turns."""
    texts = "".join(path.read_text() for path in sorted(project_root.glob("dbt_project/models/**/*.yml")))
    measures = sorted(path.stem for path in project_root.glob("dbt_project/models/measures/msr_*.sql"))
    assert outcomes
    assert [name for name in measures if f"model: {name}\n" not in texts] == []
