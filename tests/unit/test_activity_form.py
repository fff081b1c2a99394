"""The form of activities: issued as a workbook or CSV, filled in by a school, read back row by row."""

import csv
import io
from datetime import date

import pytest

from aimline.sources.tables import Table
from aimline.sources.template import Slot, activity_form
from aimline.sources.template_files import csv_text, filled_csv
from aimline.sources.template_rows import table_of
from aimline.sources.template_sheet import Expected

FORM = activity_form(Slot("smalltown", "log_fall", 2027, "0101"), [("a_calls", "Call log"), ("a_train", "Training")])
WHOLE = ["2", "2026-10-08", "delivered", "4", "3", "20", "18", "3", "dropped", ""]


def read(*lines: list[str], row: int = 1) -> Table:
    """Return what a form becomes whose rows from ``row`` on were filled in."""
    rows = list(csv.reader(io.StringIO(csv_text(FORM, date(2026, 10, 1)))))
    top = rows.index(list(FORM.headings))
    for number, cells in enumerate(lines, top + row):
        rows[number] = [rows[number][0], *cells]
    found = table_of(filled_csv(rows), Expected(FORM, {}, 2027, "activities"))
    assert isinstance(found, Table)
    return found


def test_sessions_come_back() -> None:
    """A row that was filled in is a session; one without a number is named by its day; the others are counted."""
    found = read(WHOLE, ["", "2026-10-09", "planned", *[""] * 7])
    told = [dict(zip(found.headings, cells, strict=True)) for _, cells in found.rows]
    assert [(each["activity"], each["session"], each["status"]) for each in told] == [
        ("a_calls", "2", "delivered"),
        ("a_calls", "2026-10-09", "planned"),
    ]
    assert (found.ignored["not_held"], dict(found.refused)) == (8, {})
    assert found.n_records == len(found.rows) + sum(found.ignored.values())


@pytest.mark.parametrize(
    ("place", "said", "code", "words"),
    [
        (1, "8/10/26", "date_impossible", "form!C2: date is no date"),
        (2, "done", "code_unknown", "form!D2: status the text is not one of planned, delivered, cancelled"),
        (6, "many", "mask_unknown", "form!H2: reached is no whole number"),
        (1, "", "value_missing", "form!C2: date is missing"),
    ],
)
def test_fault_names_its_cell(place: int, said: str, code: str, words: str) -> None:
    """What cannot be read is refused with the cell it stands in."""
    cells = [*WHOLE]
    cells[place] = said
    found = read(cells)
    assert found.refused == {1: code}
    assert found.told[0].startswith(words)


def test_activity_that_the_plan_has_no_more_belongs_to_nothing() -> None:
    """A form that was issued before a plan changed keeps its rows, and says which have lost their activity."""
    rows = list(csv.reader(io.StringIO(csv_text(FORM, date(2026, 10, 1)))))
    top = rows.index(list(FORM.headings))
    rows[top + 1] = [rows[top + 1][0], *WHOLE]
    now = activity_form(FORM.slot, [("a_train", "Training")])
    found = table_of(filled_csv(rows), Expected(now, {}, 2027, "activities"))
    assert isinstance(found, Table)
    assert found.refused == {1: "orphan_reference"}
