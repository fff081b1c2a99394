"""A workbook is read back whole: what stands in a hidden place, beside the cells or is reckoned refuses it."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from aimline.disclosure import readback_workbook
from aimline.disclosure.readback import read_file
from aimline.disclosure.readings import Read

GAP = "Not shown to protect privacy"
ROWS = (
    ("cell_id", "indicator_id", "value", "value_text"),
    ("All", "belonging", 0.64, "64%"),
    ("a", "belonging", None, GAP),
)
Change = Callable[[Any, Any], object]


def workbook(change: Change) -> bytes:
    """Write a workbook of one shown figure and one gap, changed."""
    into = io.BytesIO()
    book = xlsxwriter.Workbook(into, {"in_memory": True})
    sheet = book.add_worksheet("Figures")
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
    change(book, sheet)
    book.close()
    return into.getvalue()


def hidden_sheet(book: Any, _sheet: Any) -> None:
    """Write a number into a sheet nobody sees."""
    more = book.add_worksheet("More")
    more.write_column(0, 0, ["n", 4])
    more.hide()


def charted(book: Any, sheet: Any) -> None:
    """Draw a chart of the cells, which nobody reads back."""
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Figures!$C$2:$C$3"})
    sheet.insert_chart("F2", chart)


SHEET, STRINGS, CORE = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "docProps/core.xml"


def torn(part: str, old: str, new: str) -> Read | None:
    """Read the workbook back with something else in one part of it, or in the place of all of it."""
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(lambda *_: None))) as whole, zipfile.ZipFile(into, "w") as other:
        for name in whole.namelist():
            text = whole.read(name).decode()
            assert name != part or old in text
            spoiled = text.replace(old, new, 1) if old else new
            other.writestr(name, spoiled if name == part else text)
    return read_file("t.xlsx", into.getvalue())


PLANTED: dict[str, Change] = {
    "hidden sheet": hidden_sheet,
    "comment": lambda _, sheet: sheet.write_comment("D3", "2 of 4"),
    "words of a comment": lambda _, sheet: sheet.write_comment("D3", "half"),
    "formula": lambda _, sheet: sheet.write_formula("E3", "=C2/2"),
    "bar": lambda _, sheet: sheet.conditional_format("C2:C3", {"type": "data_bar"}),
    "name": lambda book, _: book.define_name("asian", "=4"),
    "name of a sheet": lambda book, _: book.add_worksheet("n4"),
    "property": lambda book, _: book.set_properties({"comments": "2 of 4"}),
    "company": lambda book, _: book.set_properties({"company": "2 of 4"}),
    "form of a number": lambda book, sheet: sheet.write(4, 0, None, book.add_format({"num_format": '"2 of 4"'})),
    "footer": lambda _, sheet: sheet.set_footer("&L4 asian"),
    "chart": charted,
    "address within the site": lambda _, sheet: sheet.write_url("E3", "external:a.html?n=4", string="x"),
    "hint": lambda _, sheet: sheet.data_validation("D3", {"validate": "any", "input_message": "4 of them"}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_in_a_workbook_is_loose(name: str) -> None:
    """Nothing of it belongs to a figure."""
    read = read_file("t.xlsx", workbook(PLANTED[name]))
    assert read is not None
    assert read.strays


def test_cells_are_read_as_a_table_is() -> None:
    """Rows belong to their cell, in hidden rows too; ranges, widths and filters say nothing."""

    def laid_out(_book: Any, sheet: Any) -> None:
        sheet.write_row(3, 0, ("h", "belonging", 0.63))
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.autofilter(0, 0, 3, 3)
        sheet.print_area(0, 0, 3, 3)

        sheet.write_url("E1", "https://example.org/about?id=14", string="About")

    read = read_file("t.xlsx", workbook(laid_out))
    assert read is not None
    told = [(each.mark.cell, each.text, each.is_gap) for each in read.readings if each.text]
    assert told == [("All", "0.64", False), ("All", "64%", False), ("a", GAP, True), ("h", "0.63", False)]
    assert (read.strays, read.n_numbers) == ([], 3)


def test_what_is_no_workbook_nobody_can_read() -> None:
    """Fail closed, where its bytes are torn too."""
    whole = workbook(lambda *_: None)
    torn = whole[:200] + bytes(60) + whole[260:]
    assert [read_file("t.xlsx", each) for each in (b"PK", whole[:-40], torn)] == [None, None, None]


PLANTED_IN_XML = {
    "remark of a sheet": (SHEET, "<sheetData>", "<!-- 2 of 4 --><sheetData>", {"2", "4"}),
    "remark of strings": (STRINGS, "<si>", "<!-- 2 of 4 --><si>", {"2", "4"}),
    "beside strings": (STRINGS, "</sst>", "4</sst>", {"4"}),
    "in a string and no text": (STRINGS, "<si>", "<si><x>4</x>", {"4"}),
    "after a string left open": (STRINGS, "<si>", "<si><t>x</si>4<si>", {"4"}),
    "row of a page": (CORE, "", "<x><tr><td>4</td></tr></x>", {"4"}),
    "behind a cell left open": (SHEET, "</sheetData>", '<row r="5"><c r="A5"></row></sheetData></worksheet>4', {"4"}),
    "behind a number left open": (SHEET, "<v>0.64</v></c>", "<v>0.64</c><x><t>4</t></x>", {"4"}),
    "remark of styles": ("xl/styles.xml", "<fonts", "<!-- 2 of 4 --><fonts", {"2", "4"}),
    "end of nothing": (SHEET, "</sheetData>", "</x></sheetData><x>4</x>", {"4"}),
}


@pytest.mark.parametrize("name", PLANTED_IN_XML)
def test_what_is_planted_in_a_part_by_hand_is_loose(name: str) -> None:
    """No program writes a workbook so: a number in it is read all the same, and a torn part stops nobody."""
    part, old, new, said = PLANTED_IN_XML[name]
    read = torn(part, old, new)
    assert read is not None
    assert said <= {number for *_, number in read.strays}


def test_a_part_of_another_kind_is_read_by_nobody() -> None:
    """A chart holds copies of numbers, so it refuses the file by its name."""
    read = read_file("t.xlsx", workbook(charted))
    assert read is not None
    assert "nobody can read the part xl/charts/chart1.xml" in [said for *_, said in read.strays]


@pytest.mark.parametrize("said", ["2 of 4", "4%"])
def test_a_cell_of_a_number_that_holds_words_is_read_as_they_stand(said: str) -> None:
    """What is no number is shown by no program, and stands in the file."""
    read = torn(SHEET, "<v>0.64</v>", f"<v>{said}</v>")
    assert read is not None
    assert said in [each.text for each in read.readings if each.mark.cell == "All"]


def test_a_column_beyond_the_last_and_a_workbook_too_large_are_read_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail closed: neither is laid out in memory first."""
    assert torn(SHEET, 'r="C2"', 'r="XFD2"') is not None
    assert torn(SHEET, 'r="C2"', 'r="XFE2"') is None
    whole = workbook(lambda *_: None)
    assert read_file("t.xlsx", whole) is not None
    monkeypatch.setattr(readback_workbook, "_MOST_BYTES", 1000)
    assert read_file("t.xlsx", whole) is None


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_workbook_that_two_programs_read_in_two_ways_is_read_by_nobody() -> None:
    """Two parts of one name, of which one program shows the first and another the last, or words behind all parts."""
    into = io.BytesIO(workbook(lambda *_: None))
    with zipfile.ZipFile(into, "a") as book:
        sheet = book.read(SHEET)
        book.writestr("xl/worksheets/sheet2.xml", sheet)
    assert read_file("t.xlsx", into.getvalue()) is not None
    with zipfile.ZipFile(into, "a") as book:
        book.writestr(SHEET, sheet)
    assert read_file("t.xlsx", into.getvalue()) is None
    into = io.BytesIO(workbook(lambda *_: None))
    with zipfile.ZipFile(into, "a") as book:
        book.comment = b"asian: 2 of 4"
    assert read_file("t.xlsx", into.getvalue()) is None
