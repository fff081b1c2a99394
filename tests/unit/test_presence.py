"""What is there at all must not depend on what is hidden: files, pages, rows and the order they stand in."""

from hashlib import sha256

import pytest

from aimline.disclosure.presence import Declared, cells_amiss, files_amiss
from aimline.disclosure.readings import ROW, Mark, Reading
from tests.support.sdc import made

PAGE, OTHER, TABLE = "public/district/a.html", "public/district/b.html", "public/district/t.csv"
FILES = {PAGE: b"a", TABLE: b"t"}
LISTED = {path: sha256(content).hexdigest() for path, content in FILES.items()}

FIGURES = made({"All": (150, 75), "v": (60, 36), "w": (50, 25), "a": (4, 2), "b": (36, 12)}, {"All": "vwab"})
TEXTS = {"All": "50%", "v": "60%", "w": "50%", "b": "33%", "a": "Not shown to protect privacy"}
GAPS = frozenset({3})


def found_in(files: dict[str, bytes], declared: Declared) -> list[tuple[str, str]]:
    """Return what is amiss with files, each with why."""
    return [(each["path"], each["text"]) for each in files_amiss(files, declared, [])]


def rows(cells: str) -> list[Reading]:
    """Write a table of one row for each cell, in this order, below the row of everybody."""
    return [Reading(PAGE, 1, Mark(cell, "belonging"), TEXTS[cell], cell == "a") for cell in ("All", *cells)]


def amiss(cells: str, gaps: frozenset[int] | None) -> list[str]:
    """Return what is amiss with a table of some cells, where the gaps are known or not."""
    shown = {"All", *cells} - {"a"}
    return [each["text"] for each in cells_amiss(shown, rows(cells), (FIGURES, gaps))]


def test_files_as_the_manifest_lists_them_are_in_order() -> None:
    """Its own file is listed nowhere, because it cannot hold its own digest, and is not amiss in the site."""
    assert found_in(FILES | {"manifest.json": b"{}"}, Declared(LISTED)) == []


@pytest.mark.parametrize(
    ("files", "listed", "expected"),
    [
        (FILES, None, [("manifest.json", "the manifest lists no files")]),
        (FILES | {PAGE: b"4"}, LISTED, [(PAGE, "the manifest lists other bytes")]),
        ({TABLE: b"t"}, LISTED, [(PAGE, "the manifest lists this file, and it is not there")]),
        (FILES | {OTHER: b"b"}, LISTED, [(OTHER, "the manifest does not list this file")]),
    ],
)
def test_files_that_are_not_as_listed_are_named(
    files: dict[str, bytes], listed: dict[str, str] | None, expected: list[tuple[str, str]]
) -> None:
    """A file exchanged, added or taken away after the manifest was written, or a manifest that says nothing."""
    assert found_in(files, Declared(listed)) == expected


def test_a_page_that_no_declared_page_is_made_into_is_named() -> None:
    """Where the manifest says which page each file is, one more page is one too many; a table is no page."""
    files = FILES | {OTHER: b"b"}
    declared = Declared(LISTED | {OTHER: sha256(b"b").hexdigest()}, {PAGE: "overview"})
    assert found_in(files, declared) == [(OTHER, "the manifest does not say which declared page this file is")]


def test_a_gap_whose_row_is_left_out_everywhere_is_named() -> None:
    """That a group has no row anywhere tells that it is small."""
    assert amiss("vwba", GAPS) == []
    assert amiss("vwb", GAPS) == ["this gap is told nowhere: its row is left out"]


def test_a_shown_cell_whose_row_is_left_out_is_named_only_where_gaps_are_known() -> None:
    """Without the pattern nobody can say whether a cell without a row is a gap."""
    assert amiss("vwa", GAPS) == ["this cell is shown nowhere"]
    assert amiss("vwa", None) == []


def test_a_gap_that_is_left_out_of_one_table_is_named_there() -> None:
    """Another page has its row, so whoever compares the two learns that this table leaves gaps out."""
    elsewhere = Reading(OTHER, 1, Mark("a", "belonging", ROW), TEXTS["a"], is_gap=True)
    told = list(cells_amiss({"All", *"vwb"}, [*rows("vwb"), elsewhere], (FIGURES, GAPS)))
    assert [(each["path"], each["cell"]) for each in told] == [(PAGE, "a")]


def test_a_gap_sorted_in_among_figures_by_its_value_is_named() -> None:
    """Between 50% and 60% it can only be what lies between; at an end, or in the declared order, it tells nothing."""
    assert amiss("bwav", GAPS) == ["rows are sorted by their figures, and gaps stand among them"]
    assert [amiss(cells, GAPS) for cells in ("bwva", "vwab", "bawv")] == [[], [], []]
