"""The compiled dbt project: compiled once for a state of its files, whatever process and state root asks for it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from aimline.errors import TransformError
from aimline.storage import open_store
from aimline.transform import compiling
from aimline.transform.compiling import KEPT, built_plan, keep_plan, plan_of
from aimline.transform.plans import Plan, Step

PROJECT = {
    "dbt_project/dbt_project.yml": "name: aimline\nversion: 1.0.0\nprofile: aimline\nmodel-paths: [models]\n",
    "dbt_project/models/one.sql": "select 1 as a\n",
    "dbt_project/models/another.sql": "select a + 1 as b from {{ ref('one') }}\n",
    "dbt_project/macros/checks.sql": "{% macro check_queries(t) %}{{ tojson({'one': ['',''], 'another': ['','']}) }}"
    "{% endmacro %}\n",
    "aimline/transform/compiling.py": "",
    "aimline/transform/plans.py": "",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project of two models, of which nothing was compiled yet."""
    for name, text in PROJECT.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(compiling, "PROJECT", tmp_path / "root" / "dbt_project")
    monkeypatch.setattr(compiling, "_ROOT", tmp_path / "root")
    monkeypatch.setattr(compiling, "_plans", {})
    compiling.project_version.cache_clear()
    yield compiling.PROJECT
    compiling.project_version.cache_clear()


def test_project_is_compiled_once_for_all_states(project: Path, tmp_path: Path) -> None:
    """Another process with another state root finds the plan beside the project; no database file is opened for it."""
    made = plan_of(open_store(tmp_path / "one"))
    assert [(step.name, step.kind, step.body) for step in made.steps] == [
        ("one", "view", "select 1 as a"),
        ("another", "view", 'select a + 1 as b from "warehouse"."main"."one"'),
    ]
    compiling._plans.clear()
    (project / "dbt_project.yml").touch()
    assert plan_of(open_store(tmp_path / "two")) == made
    assert list(tmp_path.rglob("*.duckdb")) == []


@pytest.fixture
def compiled(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Every plan that was made, instead of by dbt at once."""
    made: list[Plan] = []

    def at_once(_run: object) -> Plan:
        made.append(Plan(compiling.project_version(), (Step("one", "view", "select 1 as a", ()),)))
        return made[-1]

    monkeypatch.setattr(compiling, "_compile", at_once)
    return made


def test_other_files_make_another_plan(project: Path, compiled: list[Plan], tmp_path: Path) -> None:
    """What was compiled from other files is never run, wherever it is kept; a broken file is none."""
    store = open_store(tmp_path / "state")
    store.put_atomic(KEPT, b'{"version": "')
    keep_plan(store, plan_of(store))
    (project / "models" / "one.sql").write_text("select 2 as a\n", encoding="utf-8")
    compiling.project_version.cache_clear()
    assert built_plan(store) is None
    assert plan_of(store).version != compiled[0].version
    assert len(compiled) == 2


def test_state_root_keeps_the_plan_where_the_project_cannot(
    project: Path, compiled: list[Plan], tmp_path: Path
) -> None:
    """Where nothing can be written beside the project, the plan of the last whole build serves the next process."""
    (project / "target").write_text("no folder")
    store = open_store(tmp_path / "state")
    keep_plan(store, plan_of(store))
    compiling._plans.clear()
    assert plan_of(store) == compiled[0]
    assert len(compiled) == 1


def test_project_that_dbt_refuses_is_told() -> None:
    """Dbt's own words are told in one line, with the remedy."""
    refused = SimpleNamespace(success=False, result=None, exception="one.sql reads\n  'nothing', not found")
    with pytest.raises(TransformError, match=r"one\.sql reads 'nothing', not found") as told:
        compiling._done(refused)
    assert told.value.remedy == "Mend the dbt project."
