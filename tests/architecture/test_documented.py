"""The documents: what they name exists, what exists is named; on the project, and on a copy with a planted mistake."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aimline import cli
from tests.support import doc_rules
from tests.support.commands_page import options_of

RULES: dict[str, tuple[Callable[[Path], list[str]], str, str, str]] = {
    "verbs": (
        lambda root: doc_rules.wrong_commands(root, {"check": [], "run": ["--as-of"]}),
        *("docs/planted.md", "Type `aimline guess riverbend`.", "no verb guess"),
    ),
    "options": (
        lambda root: doc_rules.wrong_commands(root, {"check": [], "run": ["--as-of"]}),
        *("docs/planted.md", "```console\naimline run riverbend --on 2026-10-14\n```", "run has no --on"),
    ),
    "targets": (
        lambda root: doc_rules.wrong_commands(root, {}),
        *("docs/planted.md", "Type `make wonders`.", "no target wonders"),
    ),
    "links": (doc_rules.dead_links, "docs/planted.md", "See [there](nowhere.md).", "nowhere.md"),
    "paths": (doc_rules.dead_paths, "docs/planted.md", "See `aimline/nowhere.py`.", "aimline/nowhere.py"),
    "docstrings": (
        doc_rules.dead_paths,
        "aimline/planted.py",
        '"""See ``flows/' + 'nowhere.py``."""',
        "flows/nowhere.py",
    ),
    "glossary": (
        doc_rules.wrong_glossary,
        *("docs/glossary.md", "\n| zeal | what nobody has | `n_zeal` |\n| aim | again | |", "aim: out of order"),
    ),
    "names": (
        doc_rules.wrong_glossary,
        *("docs/glossary.md", "\n| zeal | what nobody has | `n_zeal` |", "nothing is called n_zeal"),
    ),
}


@pytest.fixture
def copy(tmp_path: Path, project_root: Path) -> Path:
    """A copy of documents and rooms, to plant mistakes in."""
    for name in ("docs", "aimline", "schemas"):
        shutil.copytree(project_root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "Makefile"):
        shutil.copy(project_root / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", RULES)
def test_planted_mistake_is_caught(name: str, copy: Path) -> None:
    """A rule that cannot fail is no rule: each sees the mistake made for it."""
    rule, path, text, message = RULES[name]
    before = rule(copy)
    with (copy / path).open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")
    assert any(message in row for row in set(rule(copy)) - set(before))


def test_documents_show_commands_that_exist(project_root: Path) -> None:
    """Every verb, option and target that a document shows is there."""
    assert doc_rules.wrong_commands(project_root, {name: options_of(name) for name in cli.verbs()}) == []


def test_every_verb_is_documented(project_root: Path) -> None:
    """A verb nobody can read about does not exist for its readers."""
    assert doc_rules.undocumented_verbs(project_root, cli.verbs()) == []


def test_documents_have_no_dead_links(project_root: Path) -> None:
    """What is linked is in the tree."""
    assert doc_rules.dead_links(project_root) == []


def test_named_paths_exist(project_root: Path) -> None:
    """A path in a document or a docstring leads somewhere."""
    assert doc_rules.dead_paths(project_root) == []


def test_glossary_is_in_order_and_in_use(project_root: Path) -> None:
    """One word for one thing, in order, spelled as the code spells it."""
    assert doc_rules.wrong_glossary(project_root) == []
