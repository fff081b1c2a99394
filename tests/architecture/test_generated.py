"""Generated files: as the schemas say, and a difference is told."""

import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aimline._yaml import read_tree
from schemas.published import TABLES
from tests.support import generated


@pytest.fixture
def copy(tmp_path: Path, project_root: Path) -> Path:
    """A copy of the generated files."""
    for path, _ in generated.generated(project_root):
        there = tmp_path / path.relative_to(project_root)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, there)
    for name in generated.STAGING:
        for path in (project_root / name).parent.glob("*.sql"):
            shutil.copy(path, tmp_path / path.relative_to(project_root))
    return tmp_path


def test_generated_files_are_up_to_date(project_root: Path) -> None:
    """Whoever changes schemas/ runs make sync."""
    assert generated.differing(project_root) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("deployments/json_schema/year.json", '"type"', '"typ"'),
        (generated.PUBLISHED, "name: figure_id, data_type", "name: figure_no, data_type"),
        (generated.STAGING[0], '"varchar"', '"integer"'),
        (generated.STAGING[1], "      - {name: school_id", "      - {name: campus_id"),
    ],
)
def test_difference_is_told(name: str, old: str, new: str, copy: Path) -> None:
    """A generated file that somebody edited is named."""
    text = (copy / name).read_text(encoding="utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert generated.differing(copy) == [name]


def test_missing_file_is_told(copy: Path) -> None:
    """A generated file that was removed is named."""
    (copy / "deployments/json_schema/plan.json").unlink()
    assert generated.differing(copy) == ["deployments/json_schema/plan.json"]


def test_check_prints_what_differs_and_fails(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check names the file, says what to run and answers 1; sync then makes it right."""
    monkeypatch.setattr(generated, "ROOT", copy)
    (copy / generated.PUBLISHED).write_text("models: []\n", encoding="utf-8")
    assert generated.main(["--check"]) == 1
    assert f"{generated.PUBLISHED} is not what schemas/ says. Run: make sync" in capsys.readouterr().out
    assert generated.main([]) == 0
    assert generated.main(["--check"]) == 0


def test_description_written_by_hand_is_kept(copy: Path) -> None:
    """Sync changes the columns of a staging model and nothing else of it."""
    path = copy / generated.STAGING[1]
    changed = path.read_text(encoding="utf-8").replace("Memberships of students", "Stays of students")
    path.write_text(changed, encoding="utf-8")
    assert generated.with_columns(path) == changed


def test_staging_model_selects_all_that_its_schema_has(project_root: Path) -> None:
    """A staging model leaves out nothing but the parts of the envelope that decide which rows are current."""
    for folder in ("declared", "landed"):
        for path in sorted((project_root / "dbt_project/models/staging" / folder).glob("*.sql")):
            staged = path.stem.removeprefix("stg_")
            wanted = [name for name in generated.known_columns(staged) if name not in {"is_deleted", "slot"}]
            found = [name for name in generated.selected_columns(path.parent, staged) if name != "slot"]
            assert found == wanted, staged


def test_staging_model_selects_nothing_unknown(copy: Path) -> None:
    """A column that no schema has cannot be described, so the check fails."""
    path = copy / "dbt_project/models/staging/landed/stg_landed__rooms.sql"
    path.write_text("select\n    school_id,\n    campus_id,\nfrom rooms\n", encoding="utf-8")
    with pytest.raises(KeyError, match="campus_id"):
        generated.differing(copy)


def test_schema_of_a_declared_file_refuses_unknown_keys(project_root: Path) -> None:
    """An editor marks an unknown key, as the check does."""
    for name in generated.SCHEMAS:
        schema = json.loads((project_root / f"deployments/json_schema/{name}.json").read_text(encoding="utf-8"))
        assert schema["additionalProperties"] is False, name


def plain(value: Any) -> Any:
    """Return a value of a declared file as an editor's checker reads it."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("name", generated.SCHEMAS)
def test_schema_accepts_the_declared_files(name: str, project_root: Path) -> None:
    """An editor has nothing against a file that the check accepts, short forms such as ``all`` among them."""
    folders = project_root / "deployments"
    schema = jsonschema.Draft202012Validator(json.loads((folders / f"json_schema/{name}.json").read_text("utf-8")))
    for path in sorted([*folders.glob(f"*/{name}.yml"), *folders.glob(f"*/{name.removesuffix('s')}s/*.yml")]):
        found = schema.iter_errors(plain(read_tree(path.name, path.read_bytes()).data))
        assert [error.message for error in found] == [], path.name


def test_published_model_says_four_lines() -> None:
    """Grain, key, source and rules of a published table stand in its description."""
    told = generated.published_model(TABLES["rpt_units"])
    assert re.findall(r"\*\*(\w+)\.\*\*", told) == ["Grain", "Key", "Source", "Rules"]
    assert "contract: {enforced: true}" in told
