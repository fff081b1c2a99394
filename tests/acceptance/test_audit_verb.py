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


FORM = {"id": "z", "n": 52, "x": 35, "release": "public"}
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
        ("", "made.json is not an sdc-instance/1 file: it is not JSON. Line 1, column 1: Expecting value."),
        ("[" * 100_000, "made.json is not an sdc-instance/1 file: it is nested too deeply."),
        ('{"id": "a", "id": "b"}', 'made.json is not an sdc-instance/1 file: key "id" stands twice in one object.'),
        ('{"n": ' + "9" * 5_000 + "}", "a number of 5,000 digits stands in it, and no count has more than 40."),
        (broken(id="\ud800"), "made.json is not an sdc-instance/1 file: it holds half a character"),
        ({"format": "sdc-instance/1", "id": "made"}, "made.json is not an sdc-instance/1 file: 'cells' is missing."),
        (broken(cells=[CELL | {"n": 10**9 + 1}], relations=[]), 'cell "z": n=1000000001 is larger than 1000000000.'),
        (broken(cells=[CELL | {"n": float("nan")}], relations=[]), "cells.0.n: 'nan' is not a whole number."),
        (broken(cells=[FORM | {"printed": {"pct": 101}}], relations=[]), "Input should be less than or equal to 100."),
        (broken(cells=[FORM | {"printed": {"band10": [70, 60]}}], relations=[]), "band10 [70, 60] is no band"),
    ],
)
def test_a_wrong_file_exits_2_and_says_why(audit, data, message):
    """Usage, not disclosure: nothing was audited, nothing stands on stdout."""
    code, out, err = audit(data)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf", b""])
def test_a_file_may_begin_with_a_mark_and_end_its_lines_as_windows_does(audit, tmp_path, text):
    """It is read as the same file without them."""
    lines = json.dumps(ONE_GAP, indent=1).replace("\n", "\r\n").encode()
    (tmp_path / "marked.json").write_bytes(text + lines)
    assert main(["audit", str(tmp_path / "marked.json")]) == 6


def test_a_file_that_is_not_utf_8_is_told(tmp_path, capsys):
    """Python's parser would guess; a name read wrongly would be another cell."""
    (tmp_path / "old.json").write_bytes(b'{\n"id": "\xe9"}')
    assert main(["audit", str(tmp_path / "old.json")]) == 2
    assert (
        "it is not UTF-8 text. Save it as UTF-8; the first byte that is none is in line 2." in capsys.readouterr().err
    )
    (tmp_path / "wide.json").write_bytes(json.dumps(ONE_GAP).encode("utf-16"))
    assert main(["audit", str(tmp_path / "wide.json")]) == 2
    assert "wide.json is not an sdc-instance/1 file: it is not UTF-8 text." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "gaps.json is not a pattern: it is not JSON. Line 1, column 2"),
        ('{"hidden": ["a"], "hidden": []}', 'gaps.json is not a pattern: key "hidden" stands twice in one object.'),
        ('["x"]', 'gaps.json: the hidden list names cell "x", which is not in cells.'),
        ("{}", "gaps.json is neither a list of cells nor a pattern."),
    ],
)
def test_a_wrong_list_of_gaps_exits_2(audit, tmp_path, text, message):
    """It is called what it should be."""
    (tmp_path / "gaps.json").write_text(text, encoding="utf-8")
    code, out, err = audit(ONE_GAP, "--hidden", str(tmp_path / "gaps.json"))
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(("percent", "n_warnings"), [(67, 0), (66, 1)])
def test_a_printed_percent_that_is_not_the_cells_own_is_a_warning(audit, percent, n_warnings):
    """35 of 52 is 67 percent; a reader of 66 would derive what is not so."""
    told = FORM | {"printed": {"n": 52, "pct": percent}}
    _, _, err = audit(broken(cells=[told], relations=[]))
    assert err.count('made.json: cell "z": its printed percent is not what x=35 of 52 gives.') == n_warnings


@pytest.mark.parametrize(("gaps", "expected"), [("ah", 0), ("ahz", 6)])
def test_an_empty_cell_must_not_be_hidden(audit, gaps, expected):
    """That nobody is there is always told; a gap that readers know to be empty protects nobody."""
    table = data_of({"All": (96, 61), "w": (76, 49), "h": (16, 10), "a": (4, 2), "z": (0, 0)}, {"All": "whaz"})
    code, out, err = audit(table, "--full", gaps=list(gaps))
    assert (code, 'cell "z" has nobody in it and is hidden' in err) == (expected, bool(expected))
    assert [each["check"] for each in json.loads(out)["views"]["public"]["failures"]] == ["zero"] * (expected > 0)
    sensitive = table | {"thresholds": {"zero_is_sensitive": True}}
    assert audit(sensitive, gaps=list("ahz"))[2] == ""


def test_json_is_asked_for_as_of_every_verb(audit):
    """``--json`` is ``--format json``."""
    assert audit(ONE_GAP, "--json")[:2] == audit(ONE_GAP)[:2]


def test_a_view_of_an_audience_nobody_has_is_a_warning(audit):
    """The audit goes on."""
    code, out, err = audit(broken(views=[{"name": "staff", "sees": ["board"]}]))
    assert code == 6
    assert 'made.json: view "staff" sees audience "board", which no cell has.' in err
    assert json.loads(out)["views"].keys() == {"staff"}
