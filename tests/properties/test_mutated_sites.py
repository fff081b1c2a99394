"""Two hundred edits of a clean site, each refused: numbers and marks anywhere, files beside the manifest, lost rows."""

import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import pytest
import xlsxwriter

from aimline.disclosure.artefacts import audit_site, read_truth
from tests.support.small_site import GAP, KEYS, PAGE, ROWS, write_site

INDEX, TABLE = "public/district/index.html", "public/district/table.csv"
EDITS = 200
Files = Mapping[str, str | bytes]
Edit = Callable[[Random], Files]


def said(draw: Random) -> str:
    """Say a small number as somebody might."""
    n, of = draw.randrange(1, 9), draw.randrange(9, 10)
    return draw.choice((f"{n}", f"{n} of {of}", f"{100 * n // of}%", f"n={n}", f"0.{n}", f"{n} students"))


def beside(draw: Random, text: str) -> Files:
    """Put something behind any element of the page's body."""
    ends = [found.end() for found in re.finditer(r"</(?:p|table|svg|script)>", PAGE)]
    at = draw.choice(ends)
    return {INDEX: PAGE[:at] + text + PAGE[at:]}


def in_gap(draw: Random) -> Files:
    """Say more than the fixed words in a gap, or something else."""
    cell = KEYS.format(draw.choice("ha")) + ">"
    words = draw.choice((f"{GAP} {said(draw)}", said(draw), "&lt;10", "*", "n/a", "", f"{GAP} (half)", f"{GAP}\u200b"))
    return {INDEX: PAGE.replace(cell + GAP, cell + words)}


def on_gap(draw: Random) -> Files:
    """Give a gap an attribute."""
    cell = KEYS.format(draw.choice("ha")) + ">"
    name = draw.choice(("data-tip", "data-value", "title", "aria-label", "class", "id", "style", "href", "data-n"))
    return {INDEX: PAGE.replace(cell, f'{cell[:-1]} {name}="x-{said(draw)}">')}


def moved(draw: Random) -> Files:
    """Draw a point, or a vertex, at a value that is not shown."""
    y = draw.choice([f"{number}.{part}" for number in (66, 72) for part in (1, 37, 48)])
    old = draw.choice(('cy="66"', 'cy="72"', "L20 66", "M10 72"))
    new = f'cy="{y}"' if old.startswith("cy") else f"{old[0]}{old[1:3]} {y}"
    return {INDEX: PAGE.replace(old, new)}


def workbook(draw: Random) -> Files:
    """Add a workbook with a hidden sheet."""
    into = io.BytesIO()
    book = xlsxwriter.Workbook(into, {"in_memory": True})
    book.add_worksheet("Figures").write_row(0, 0, ("cell_id", "indicator_id", "value_text"))
    sheet = book.add_worksheet("More")
    sheet.write_column(0, 0, ("group", said(draw)))
    sheet.hide()
    book.close()
    return {"public/district/figures.xlsx": into.getvalue()}


def lost(draw: Random) -> Files:
    """Leave the row of a gap, or of a figure that is told there alone, out of the table."""
    row = f"<tr><th>{{0}}</th><td {KEYS.format('{0}')}>{GAP}</td></tr>\n".format(draw.choice("ha"))
    assert row in PAGE
    return {INDEX: PAGE.replace(row, "")}


KINDS: dict[str, Edit] = {
    "in a gap": in_gap,
    "on a gap": on_gap,
    "alt text": lambda draw: beside(draw, f'<img src="a.svg" alt="{said(draw)}">'),
    "data attribute": lambda draw: beside(draw, f'<p data-count="{said(draw)}">x</p>'),
    "comment": lambda draw: beside(draw, f"<!-- asian {said(draw)} -->"),
    "sentence": lambda draw: beside(draw, f"<p>The rest: {said(draw)}.</p>"),
    "JSON block": lambda draw: beside(draw, f'<script type="application/json">{{"rest": "{said(draw)}"}}</script>'),
    "chart point": moved,
    "hidden sheet": workbook,
    "row of a table": lambda draw: {TABLE: ROWS + f"a,belonging,,{said(draw)}\n"},
    "extra page": lambda draw: {f"public/district/{draw.choice('wbha')}.html": "<p>A group.</p>"},
    "name of a file": lambda draw: {f"public/district/asian-{draw.randrange(1, 9)}.html": "<p>A group.</p>"},
    "lost row": lost,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_edit_of_a_clean_site_is_refused(tmp_path: Path, kind: str) -> None:
    """Wherever it stands and whatever number it tells."""
    draw = Random(kind)  # noqa: S311 - the same edits each time
    passed = []
    for number in range(EDITS // len(KINDS) + 1):
        changed = KINDS[kind](draw)
        assert changed.get(INDEX) != PAGE
        root = tmp_path / str(number)
        folder = write_site(root, {INDEX: PAGE, TABLE: ROWS, **changed})
        if audit_site(folder, read_truth(root)).passed:
            passed.append(changed)
    assert passed == []


def test_a_file_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    """Whatever it holds."""
    folder = write_site(tmp_path, {INDEX: PAGE, TABLE: ROWS})
    assert audit_site(folder, read_truth(tmp_path)).passed
    (folder / "public/district/more.html").write_text("<p>x</p>", encoding="utf-8")
    assert not audit_site(folder, read_truth(tmp_path)).passed
