"""Pictures of control charts: every signal is drawn as a ring, a gap is a gap, a phase has limits of its own."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.support.charted import Said, said, write

SVG = "{http://www.w3.org/2000/svg}"


def _said(folder: Path, values: list[object], verb: str, *words: object) -> Said:
    rows = [{"u": f"U{at:02d}", "t": str(at), "y": str(value), "n": "50"} for at, value in enumerate(values)]
    return said(verb, write(folder / "y.csv", rows), "--y", "y", "--format", "svg", *words)


def _counts(found: Said) -> dict[str, int]:
    """Count the shapes of a picture by their class."""
    drawn = [each.get("class") or "" for each in ET.fromstring(found.out).iter() if each.get("class")]  # noqa: S314
    return {name: drawn.count(name) for name in ("signal", "point", "value", "limit", "centre")}


VALUES: list[object] = [5, 6, 5, 7, 6, "", 5, 6, 30, 5, 6, 5]


def test_signals_are_rings_and_gaps_stay_open(tmp_path: Path) -> None:
    """One value beyond the limits, one missing: a ring, ten points, a line of two pieces."""
    counts = _counts(_said(tmp_path, VALUES, "chart", "--chart", "i"))
    assert counts == {"signal": 1, "point": 10, "value": 2, "limit": 2, "centre": 1}


def test_phases_have_limits_of_their_own(tmp_path: Path) -> None:
    """Limits and centre of two phases are two lines each, and the rules stand below."""
    found = _said(tmp_path, VALUES, "chart", "--chart", "i", "--part", 6, "--rules", "nelson")
    assert (_counts(found)["limit"], _counts(found)["centre"]) == (4, 2)
    assert "chart i, rules nelson" in found.out


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("chart", ("--rules", "nhs")),
        ("ewma", ()),
        ("cusum", ()),
        ("funnel", ("--unit", "u", "--denominator", "n", "--numerator", "y")),
    ],
)
def test_every_chart_verb_draws(verb: str, words: tuple[object, ...], tmp_path: Path) -> None:
    """The picture is XML with a title, and draws limits and points."""
    counts = _counts(_said(tmp_path, VALUES, verb, *words))
    assert counts["limit"] == 2
    assert counts["point"] + counts["signal"] >= 11


def test_a_summary_is_no_picture(tmp_path: Path) -> None:
    """A table without points is refused."""
    found = _said(tmp_path, VALUES, "chart", "--chart", "i", "--summary")
    assert (found.code, "draws points, not a summary" in found.err) == (2, True)
