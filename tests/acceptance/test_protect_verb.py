"""``aimline protect``: what it prints, what it keeps of an earlier pattern, and when it refuses."""

import json

import pytest

from aimline.cli import main
from tests.support.sdc import data_of

TABLE = data_of({"All": (96, 61), "w": (52, 35), "b": (24, 14), "h": (16, 10), "a": (4, 2)}, {"All": "wbha"})
KNOWS = {"name": "principal", "knows": ["All", "w", "b", "h"]}


@pytest.fixture
def protect(tmp_path, capsys):
    """Protect an instance; return exit code, what is printed and what stands on stderr."""

    def protecting(data, *words, previous=None):
        (tmp_path / "made.json").write_text(json.dumps(data), encoding="utf-8")
        if previous is not None:
            (tmp_path / "previous.json").write_text(json.dumps(previous), encoding="utf-8")
            words = (*words, "--previous", str(tmp_path / "previous.json"))
        code = main(["protect", str(tmp_path / "made.json"), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return protecting


def test_the_smallest_cell_that_serves_protects_the_small_one(protect):
    """One small group of four needs one other group."""
    code, out, err = protect(TABLE)
    said = json.loads(out)
    assert (code, said["primary"], said["secondary"], err) == (0, ["a"], ["h"], "")


def test_an_earlier_pattern_is_kept(protect):
    """Its gap serves as well, so it stays; a gap that protects nothing is shown again."""
    _, out, _ = protect(TABLE, previous=["a", "b"])
    assert json.loads(out)["secondary"] == ["b"]


def test_people_read_a_table(protect):
    """Each secondary gap on a line, then the views."""
    _, out, _ = protect(TABLE, "--format", "table")
    assert out.splitlines()[:2] == ["made: 1 small cells, 1 more hidden to protect them.", "  h"]


def test_a_reader_who_knows_all_the_rest_has_no_safe_pattern(protect):
    """Exit code 6, the whole answer, and who knows too much about what."""
    code, out, err = protect(TABLE | {"views": [{"name": "public"}, KNOWS]})
    assert code == 6
    assert 'No safe pattern exists for view "principal": the reader knows 4 cells that determine a.' in err
    said = json.loads(out)
    assert {name: view["passed"] for name, view in said["views"].items()} == {"public": True, "principal": False}


def test_a_table_without_small_groups_hides_nothing(protect):
    """Nobody is small, so every cell stays visible."""
    _, out, _ = protect(data_of({"All": (70, 40), "w": (40, 20), "b": (30, 20)}, {"All": "wb"}))
    assert json.loads(out)["secondary"] == [] == json.loads(out)["primary"]


def test_a_policy_asks_instead_of_the_file(protect, tmp_path):
    """Preset core20: sixteen are a small group too, and the width that must stay is twenty."""
    path = tmp_path / "policy.yml"
    path.write_text("disclosure: {preset: core20}\n", encoding="utf-8")
    _, out, _ = protect(TABLE, "--policy", str(path))
    assert json.loads(out)["primary"] == ["h", "a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{n_min: 5}", "n_min 5 is weaker than preset 'default' (10)."),
        ("{min_pol: 5}", "unknown key 'min_pol'."),
    ],
)
def test_a_wrong_policy_exits_2(protect, tmp_path, text, message):
    """Weaker than its preset without a reason, or with a key nobody knows."""
    path = tmp_path / "policy.yml"
    path.write_text(f"disclosure: {text}\n", encoding="utf-8")
    code, out, err = protect(TABLE, "--policy", str(path))
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("place", [".", "absent/proofs.json"])
def test_proofs_that_could_not_be_kept_are_refused_first(protect, tmp_path, place):
    """Not after hours of work."""
    code, out, err = protect(TABLE, "--proofs", str(tmp_path / place))
    assert (code, out) == (2, "")
    assert "names no file that can be written" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--changed-only"], "--changed-only is for a deployment."),
        (["--deployment", "riverbend", "--rounds", "3"], "--rounds is for a file."),
        (["--deployment", "riverbend", "--policy", "p.yml"], "--policy is for a file."),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(tmp_path, capsys, words, message):
    """Nobody believes that it was heeded."""
    (tmp_path / "made.json").write_text(json.dumps(TABLE), encoding="utf-8")
    files = [] if "--deployment" in words else [str(tmp_path / "made.json")]
    assert main(["protect", *files, *words]) == 2
    assert message in capsys.readouterr().err
