"""The parsed dbt project: parsed once for a state of the code, whatever database and process asks for it."""

import shutil
from pathlib import Path

import pytest

from aimline import transform
from aimline.storage import LocalStore, open_store

PROJECT = {
    "dbt_project.yml": "name: aimline\nversion: 1.0.0\nprofile: aimline\nmodel-paths: [models]\n",
    "models/one.sql": "select 1 as a\n",
}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStore:
    """A state root, and a project of one model."""
    for name, text in PROJECT.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(transform, "PROJECT", tmp_path / "project")
    monkeypatch.setattr(transform, "_manifests", {})
    return open_store(tmp_path / "state")


def a_run(store: LocalStore, name: str) -> transform._Dbt:
    """Return one run of dbt for a database."""
    work = store.temp_dir()
    return transform._Dbt(work / f"{name}.duckdb", work, store)


def test_project_is_parsed_once_for_all_databases(
    store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process, another memory limit and another database use the last parse; none of them is opened for it."""
    from dbt.parser.manifest import ManifestLoader

    monkeypatch.chdir(tmp_path)
    answers = []
    real = ManifestLoader.is_partial_parsable

    def noted(loader: ManifestLoader, manifest: object) -> object:
        answers.append(real(loader, manifest))
        return answers[-1]

    monkeypatch.setattr(ManifestLoader, "is_partial_parsable", noted)
    transform._manifest(a_run(store, "one"))
    transform._manifests.clear()
    monkeypatch.setattr(transform, "build_settings", lambda: {"temp_directory": "elsewhere"})
    transform._manifest(a_run(store, "two"))
    assert answers == [(True, None)]
    assert list(tmp_path.rglob("*.duckdb")) == []


def test_project_stays_in_memory(store: LocalStore) -> None:
    """Within one process the same code is not parsed again, not even from the disk."""
    first = transform._manifest(a_run(store, "one"))
    shutil.rmtree(transform.PROJECT)
    assert transform._manifest(a_run(store, "two")) is first
