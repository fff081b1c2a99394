"""``aimline audit``: exit codes, what it refuses to read, and the gaps it takes."""

import json

import pytest

from aimline.cli import main
from tests.support.sdc import data_of

ONE_GAP = data_of({"All": (96, 61), "w": (76, 49), "h": (16, 10), "a": (4, 2)}, {"All": "wha"})


@pytest.fixture
def audit(tmp_path, capsys):
    """Audit an instance, with gaps if given; return exit code, answer and what stands on stderr."""

    def auditing(data, *words, gaps=None):
        path = tmp_path / "made.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        if gaps is not None:
            (tmp_path / "gaps.json").write_text(json.dumps(gaps), encoding="utf-8")
            words = (*words, "--hidden", str(tmp_path / "gaps.json"))
        code = main(["audit", str(path), *words])
        said = capsys.readouterr()
        return code, said.out, said.err.replace(str(path), "made.json")

    return auditing


def test_naive_gaps_of_a_leaking_table_exit_6_with_the_whole_answer(audit):
    """The answer is complete JSON on stdout, and nothing else is there."""
    code, out, err = audit(ONE_GAP)
    assert (code, json.loads(out)["views"]["public"]["exact_count"], err) == (6, 1, "")


@pytest.mark.parametrize(
    "gaps", [["a", "h"], {"hidden": ["a", "h"]}, {"primary": ["a"], "secondary": ["h"], "id": "made"}]
)
def test_gaps_are_read_from_a_list_a_mapping_or_an_answer_of_protect(audit, gaps):
    """All three hide the same two cells, which hide each other."""
    assert audit(ONE_GAP, gaps=gaps)[0] == 0


@pytest.mark.parametrize("gaps", [["a"], ["h"], []])
def test_a_needed_gap_that_is_missing_is_refused(audit, gaps):
    """A single gap is the rest of its sum, and a small cell must not be visible."""
    assert audit(ONE_GAP, gaps=gaps)[0] == 6


def test_options_leave_out_the_rule_and_add_the_failures(audit):
    """``--no-rule`` writes null; ``--full`` adds three keys."""
    assert json.loads(audit(ONE_GAP, "--no-rule")[1])["views"]["public"]["exact_if_rule_known"] is None
    told = json.loads(audit(ONE_GAP, "--full")[1])
    assert told["seconds"] >= 0
    assert {each["check"] for each in told["views"]["public"]["failures"]} == {"A1", "A2", "A3", "A4", "rule"}
    assert told["views"]["public"]["minority_pools"][0]["pooled_x"] == 2


def broken(**changes):
    """The one-gap table with other keys."""
    return ONE_GAP | changes


CELL = {"id": "z", "n": 5, "x": 2, "release": "public"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{", "made.json is not an sdc-instance/1 file: it is not JSON."),
        (broken(format="sdc-instance/2"), 'made.json is not an sdc-instance/1 file: it has no "format"'),
        (broken(extra=1), "made.json is not an sdc-instance/1 file: extra: unknown key 'extra'."),
        (broken(relations=[{"total": "All", "parts": ["x"]}]), 'made.json: relation 0 names cell "x", which is not in'),
        (broken(relations=[{"total": "All", "parts": ["w", "w"]}]), 'made.json: relation 0 names cell "w" twice.'),
        (broken(views=[{"name": "p", "knows": ["x"]}]), 'made.json: view "p" names cell "x", which is not in cells.'),
        (broken(cells=[CELL, CELL], relations=[]), 'made.json: cell "z" stands twice.'),
        (broken(cells=[CELL | {"x": 7}], relations=[]), 'made.json: cell "z": x=7 is larger than n=5.'),
        (broken(cells=[CELL | {"n": -1}], relations=[]), 'made.json: cell "z": n=-1, x=2: a count is negative.'),
        (broken(relations=[{"total": "All", "parts": ["w", "h"]}]), "do not add up: All has n=96, parts sum to 92"),
    ],
)
def test_a_wrong_file_exits_2_and_says_why(audit, data, message):
    """Usage, not disclosure: nothing was audited, nothing stands on stdout."""
    code, out, err = audit(data)
    assert (code, out) == (2, "")
    assert message in err


def test_a_view_of_an_audience_nobody_has_is_a_warning(audit):
    """The audit goes on."""
    code, out, err = audit(broken(views=[{"name": "staff", "sees": ["board"]}]))
    assert code == 6
    assert 'made.json: view "staff" sees audience "board", which no cell has.' in err
    assert json.loads(out)["views"].keys() == {"staff"}
