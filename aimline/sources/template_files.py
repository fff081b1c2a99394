"""Write a form as a workbook and as its CSV twin; equal forms give equal bytes, but for the day they were issued."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.sources.template import ABOUT, FORM, STAMP, Answer, Form
from aimline.sources.template_sheet import Filled

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_WIDTHS = {"given": 34, "text": 18, "date": 12, "choice": 16, "count": 12}
_HOW = "Write into the free cells of the sheet form. Leave out what was not seen or not rated. Send this file back."


def write_workbook(form: Form, issued_on: date, path: Path) -> None:
    """Write a form as a workbook: sheet ``form`` with drop-downs and locked headings, ``about`` with the stamp."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": f"{form.slot.window_id} {form.slot.school_id}", "created": _MADE})
        _write_form(book, form)
        about = book.add_worksheet(ABOUT)
        about.set_column(0, 0, _WIDTHS["choice"])
        about.set_column(1, 1, _WIDTHS["given"])
        for number, (name, value) in enumerate(form.stamp(issued_on).items()):
            about.write_string(number, 0, name)
            about.write_string(number, 1, value)
        about.write_string(len(STAMP) + 1, 0, _HOW)
        about.protect()


def _write_form(book: "Workbook", form: Form) -> None:
    sheet = book.add_worksheet(FORM)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    fixed = book.add_format({"text_wrap": True, "valign": "top"})
    for place, answer in enumerate(form.answers):
        told: dict[str, Any] = {"locked": False}
        told |= {"num_format": "yyyy-mm-dd"} if answer.kind == "date" else {"num_format": "@"}
        free = book.add_format(told)
        sheet.set_column(place, place, _WIDTHS[answer.kind])
        sheet.write_string(0, place, answer.heading, head)
        for number, given in enumerate(form.given, 1):
            if answer.kind == "given":
                sheet.write_string(number, place, given, fixed)
            else:
                sheet.write_blank(number, place, None, free)
        if (rule := _rule(answer)) is not None:
            sheet.data_validation(1, place, len(form.given), place, rule)
    sheet.freeze_panes(1, 1)
    sheet.protect()


def _rule(answer: Answer) -> dict[str, Any] | None:
    """Return what a spreadsheet lets somebody write into a column."""
    if answer.kind == "choice":
        return {"validate": "list", "source": list(answer.choices)}
    if answer.kind == "count":
        return {"validate": "integer", "criteria": ">=", "value": 0, "error_message": "Write a whole number."}
    if answer.kind == "date":
        return {"validate": "date", "criteria": ">", "value": date(2000, 1, 1), "error_message": "Write a date."}
    return None


def csv_text(form: Form, issued_on: date) -> str:
    """Return the twin of a form: its stamp, an empty line, its headings and rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(form.stamp(issued_on).items())
    writer.writerow([])
    writer.writerow(form.headings)
    writer.writerows([given, *[""] * (len(form.answers) - 1)] for given in form.given)
    return out.getvalue()


def filled_workbook(
    sheets: Mapping[str, Sequence[Sequence[str]]], formulas: Mapping[str, frozenset[tuple[int, int]]]
) -> Filled:
    """Return a workbook that came back as a filled form; one without the two sheets has no stamp."""
    stamp = {row[0]: row[1] for row in sheets.get(ABOUT, ()) if len(row) > 1}
    return Filled(stamp, sheets.get(FORM, ()), formulas.get(FORM, frozenset()))


def filled_csv(rows: Sequence[Sequence[str]]) -> Filled:
    """Return a CSV that came back as a filled form: the stamp above, the form below."""
    stamp: dict[str, str] = {}
    for number, row in enumerate(rows):
        cells = [cell.strip() for cell in row]
        if cells and cells[0] in STAMP and len(cells) > 1:
            stamp[cells[0]] = cells[1]
        elif any(cells):
            return Filled(stamp, rows[number:], n_above=number)
    return Filled(stamp, (), n_above=len(rows))
