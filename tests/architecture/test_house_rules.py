"""The rooms, the single owners, the sizes: on the project itself, and on a copy with a planted violation."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import house_rules

RULES: dict[str, tuple[Callable[[Path], list[str]], str, str]] = {
    "foreign imports": (house_rules.foreign_imports, "reports/planted.py", '"""Planted."""\nimport duckdb\n'),
    "clock": (
        house_rules.clock_readers,
        "aimline/planted.py",
        '"""Planted."""\nfrom datetime import date\n\nTODAY = date.today()\n',
    ),
    "report reads": (house_rules.report_reads, "reports/pages/planted.md.j2", "select * from fct_measures\n"),
    "sizes": (
        house_rules.long_things,
        "flows/planted.py",
        '"""Planted."""\n\n\ndef long() -> None:\n    """Too long."""\n' + "    print()\n" * 60,
    ),
    "docstrings": (house_rules.undocumented, "schemas/planted.py", "def bare() -> None:\n    return None\n"),
    "flow names": (house_rules.flow_names, "flows/calendar.py", '"""Planted."""\n'),
    "marks": (house_rules.marks, "aimline/planted.py", '"""Planted."""\n\n# ' + "TO" + "DO finish\n"),
}


@pytest.fixture
def copy(tmp_path: Path, project_root: Path) -> Path:
    """A copy of the rooms, to plant violations in."""
    for room in house_rules.ROOMS:
        shutil.copytree(project_root / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(project_root / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", RULES)
def test_project_keeps_the_rule(name: str, project_root: Path) -> None:
    """The tree as it stands breaks no house rule."""
    assert RULES[name][0](project_root) == []


@pytest.mark.parametrize("name", RULES)
def test_rule_catches_a_planted_violation(name: str, copy: Path) -> None:
    """A check that cannot fail is no check: each one sees the violation made for it."""
    rule, path, text = RULES[name]
    (copy / path).parent.mkdir(parents=True, exist_ok=True)
    (copy / path).write_text(text, encoding="utf-8")
    assert any(Path(path).name.split(".")[0] in row for row in rule(copy))


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts over the rooms of a folder."""
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_import_contracts_hold(copy: Path) -> None:
    """The order is flows > reports > aimline > schemas, and the domain rooms do not know each other."""
    done = lint_imports(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("aimline/planted.py", '"""Planted."""\nimport reports\n'),
        ("schemas/planted.py", '"""Planted."""\nimport aimline\n'),
        ("aimline/signals/planted.py", '"""Planted."""\nimport aimline.disclosure\n'),
        ("aimline/journal.py", '"""Planted."""\nimport aimline.settings\n'),
    ],
)
def test_import_contracts_catch_a_planted_import(path: str, text: str, copy: Path) -> None:
    """An import against the order of the rooms is refused."""
    (copy / path).write_text(text, encoding="utf-8")
    done = lint_imports(copy)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout


def test_root_holds_at_most_fifteen_entries(project_root: Path) -> None:
    """A new top-level entry needs a decision record."""
    listed = subprocess.run(["git", "ls-files"], cwd=project_root, capture_output=True, text=True, check=True)
    assert house_rules.root_entries(project_root, listed.stdout.splitlines()) == []
