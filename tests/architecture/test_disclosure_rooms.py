"""The audit knows nothing of the protection it judges, and the two solvers share nothing."""

import ast
from pathlib import Path

import pytest

AUDIT = (
    "elimination",
    "bounds",
    "pools",
    "aware",
    "audit",
    "forms",
    "report",
    "readback",
    "geometry",
    "artefacts",
    "markup",
    "readings",
    "readback_plain",
    "readback_tags",
    "gap_marks",
    "presence",
    "figures",
    "readback_page",
    "declared_words",
    "readback_workbook",
)
AUDIT += (
    "earlier",
    "people",
    "released",
    "json_file",
    "circles",
    "ties",
    "neighbours",
    "certificates",
    "proof",
    "proofs",
    "layers",
    "verdicts",
    "release_audit",
    "merging",
)
PROTECTION = {"relations", "repair", "watch", "search", "protect", "partners", "pattern", "population", "policy"}
PROTECTION |= {"counting", "district", "extras", "proving", "coarsen", "links", "yearly", "seen"}


def imported(root: Path, module: str) -> set[str]:
    """The modules of the room that a module of it imports, and highspy."""
    tree = ast.parse((root / "aimline" / "disclosure" / f"{module}.py").read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return {name.removeprefix("aimline.disclosure.").partition(".")[0] for name in names}


@pytest.mark.parametrize("module", AUDIT)
def test_an_audit_module_imports_no_protection(module, project_root):
    """It works out by itself what a reader could compute."""
    assert imported(project_root, module).isdisjoint(PROTECTION)


def test_only_the_two_solvers_import_highspy(project_root):
    """One for the audit, one for the protection; neither imports the other."""
    folder = project_root / "aimline" / "disclosure"
    holders = {path.stem for path in folder.glob("*.py") if "highspy" in imported(project_root, path.stem)}
    assert holders == {"bounds", "repair"}
    assert "repair" not in imported(project_root, "bounds")
    assert "bounds" not in imported(project_root, "repair")
