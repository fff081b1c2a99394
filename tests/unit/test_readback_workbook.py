"""A workbook is read back whole: what stands in a hidden place, beside the cells or is reckoned refuses it."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from aimline.disclosure.readback import read_file

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
