"""A stranger plants what a gap hides where a format has a place for it: each such site is refused, and why is said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aimline.disclosure.artefacts import SiteAudit, audit_site, read_truth
from aimline.disclosure.figures import unequal
from aimline.disclosure.gap_marks import gap_content
from aimline.disclosure.readback import read_file
from aimline.disclosure.readings import Mark, Read, Reading
from aimline.errors import DisclosureInputError
from tests.support.small_site import GAP, KEYS, PAGE, ROWS, write_site

INDEX, TABLE = "public/district/index.html", "public/district/table.csv"
B = f"<td {KEYS.format('b')}>58%"
Judge = Callable[[dict[str, str]], SiteAudit]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """Audit the small site with some files changed or added."""

    def judge(files: dict[str, str]) -> SiteAudit:
        folder = write_site(tmp_path, {INDEX: PAGE, TABLE: ROWS, **files})
        return audit_site(folder, read_truth(tmp_path))

    return judge


PLANTED = {
    "numbers of a list": ("gap_content", "g.json", '[{"cell_id": "a", "is_suppressed": true, "parts": [2, 2]}]', "2"),
    "list of nobody": ("untraced", "g.json", "[4]", "4"),
    "key of an object": ("untraced", "g.json", '{"n = 4": "asian"}', "4"),
    "row of no cell": ("untraced", "g.csv", f"cell_id,value_text\nw,67%\n,{GAP}\n", "a row of no cell"),
    "figure of no cell": ("untraced", "x.html", "<p data-field='value'>4 of them</p>", "4"),
    "words of a picture": ("untraced", "x.html", '<img src="data:image/svg+xml,<text>50</text>">', "50"),
    "figure of a feed": ("untraced", "x.xml", '<r><tr><td><span data-figure="n4_50">x</span></td></tr></r>', "50"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_in_a_place_of_a_format_is_refused(judged: Judge, name: str) -> None:
    """Lists, keys, rows and figures of no cell, pictures held in an address, names that programs read."""
    check, path, text, said = PLANTED[name]
    told = judged({f"public/district/{path}": text})
    assert said in [each["text"] for each in told.places[check]]
    assert not told.passed


HONEST = {
    "address": '<a href="https://example.org/about">x</a><a href="mailto:office@example.org">x</a>',
    "drawn picture": "<img alt=\"\" src=\"data:image/svg+xml,<svg viewBox='0 0 24 24'><path d='M4 50'/></svg>\">",
    "figures in a row": "<table><tr><td>x</td></tr></table>",
}


@pytest.mark.parametrize("name", HONEST)
def test_what_says_no_number_passes(judged: Judge, name: str) -> None:
    """Addresses of elsewhere, pictures without words, rows without figures."""
    told = judged({"public/district/x.html": f"<!doctype html><html><body>{HONEST[name]}</body></html>"})
    assert {check: found for check, found in told.places.items() if found} == {}


def test_a_number_beside_a_shown_figure_in_an_attribute_is_refused(judged: Judge) -> None:
    """The numerator in a tooltip tells more than the percent that was released."""
    told = judged({INDEX: PAGE.replace(B, B.replace(">", ' title="14 of 24">'))})
    assert [(each["cell"], each["text"]) for each in told.gap_content] == [("b", "an attribute says 14, 24")]


@pytest.mark.parametrize(("name", "is_clean"), [("row-s07", True), ("row-s07-n4", False), ("few-s07", False)])
def test_a_gap_may_bear_the_name_of_its_cell_and_nothing_more(name: str, is_clean: bool) -> None:
    """An id with digits is the school's own; with one number more, or a word on size, it marks the gap."""
    gap = Reading("x.html", 3, Mark("s07", "belonging"), GAP, is_gap=True, odd=(("id", name),), tag="td")
    found = list(gap_content(Read([gap]), {("s07", "belonging")}))
    assert (found == []) is is_clean


@pytest.mark.parametrize(
    ("manifest", "is_told"),
    [
        ({}, True),
        ({"artefacts": [{"path": INDEX, "sha256": 4}]}, False),
        ({"artefacts": [{"path": 4, "sha256": "0"}]}, False),
        ({"artefacts": [{"path": INDEX}]}, False),
    ],
)
def test_a_site_whose_manifest_lists_no_files_is_refused(
    tmp_path: Path, manifest: dict[str, Any], is_told: bool
) -> None:
    """Nothing is taken for listed: without a list each file is amiss, and a list of no texts cannot be read."""
    folder = write_site(tmp_path, {INDEX: PAGE, TABLE: ROWS})
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    if is_told:
        told = audit_site(folder, read_truth(tmp_path))
        assert [each["text"] for each in told.presence] == ["the manifest lists no files"]
        assert not told.passed
    else:
        with pytest.raises(DisclosureInputError, match=r"manifest\.json cannot be read"):
            read_truth(tmp_path)


def test_a_manifest_within_the_site_is_not_judged_as_a_page(tmp_path: Path) -> None:
    """It names digests, which are numbers of no figure, and counts as no artefact."""
    folder = write_site(tmp_path, {INDEX: PAGE, TABLE: ROWS})
    (folder / "manifest.json").write_bytes((tmp_path / "manifest.json").read_bytes())
    told = audit_site(folder, read_truth(tmp_path))
    assert (told.passed, told.n_artefacts) == (True, 2)


def test_a_number_in_a_row_within_a_figure_is_that_figures() -> None:
    """A row is taken as a whole only where nothing around it says which figure it is."""
    page = '<div data-cell="a" data-indicator="belonging"><table><tr><td class="num">4</td></tr></table></div>'
    read = read_file("a.html", page.encode())
    assert read is not None
    assert ([(each.mark.cell, each.text) for each in read.readings], read.strays) == ([("a", "4")], [])


@pytest.mark.parametrize(
    ("texts", "n_found"), [(("64%", "70%", "-6"), 0), (("64%", "70%", "-9"), 1), (("64%", None, "-9"), 0)]
)
def test_a_difference_is_reckoned_only_from_what_stands_beside_it(texts: tuple[str | None, ...], n_found: int) -> None:
    """A value and an expected one that are both told say what it is; of one alone nothing follows."""
    fields = zip(("value", "expected", "gap_to_expected"), texts, strict=True)
    told = [Reading("x.html", 1, Mark("w", "belonging", field), text) for field, text in fields if text]
    assert len(list(unequal(told))) == n_found
