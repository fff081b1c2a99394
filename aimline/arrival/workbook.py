"""Read sheets of a workbook as rows of text. Which sheet is meant is told by its heading, never by its name alone.

Owner of python-calamine. Values only: a formula gives what it last gave.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.arrival.delivery import StoppedError

if TYPE_CHECKING:
    from schemas.source_tables import Format

_FORMULA = re.compile(rb"<f[ >/]")
_CHUNK = 1 << 20


def sheet_names(path: Path) -> list[str]:
    """Return the names of all sheets, in order.

    Raises:
        StoppedError: It is no workbook that can be read.
    """
    return list(_opened(path).sheet_names)


def _opened(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError):
        raise StoppedError("records_unreadable", "the workbook is damaged") from None


def allowed_sheets(names: Sequence[str], form: "Format") -> list[str]:
    """Return the sheets a declaration lets one look into."""
    if form.sheets == "auto":
        return list(names)
    if isinstance(form.sheets, tuple):
        return [name for name in names if name in form.sheets]
    ignored, wanted = form.sheets.ignore, form.sheets.match
    kept = [name for name in names if not any(fnmatchcase(name.casefold(), each.casefold()) for each in ignored)]
    return [name for name in kept if wanted is None or re.search(wanted, name)]


def sheet_rows(path: Path, name: str, form: "Format") -> Iterator[list[str]]:
    """Yield the rows of one sheet as text; days and instants as the source declares that it writes them."""
    from python_calamine import CalamineError

    try:
        rows = _opened(path).get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        raise StoppedError("records_unreadable", "the sheet is damaged") from None
    for row in _without_end(rows):
        yield [_as_text(cell, form) for cell in row]


def _without_end(rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """Leave out the empty rows a sheet keeps below its last record."""
    last = len(rows)
    while last and all(cell in {"", None} for cell in rows[last - 1]):
        last -= 1
    return rows[:last]


def _as_text(cell: Any, form: "Format") -> str:
    """Write one cell as the declared format writes it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        is_day = cell.time() == time()
        return cell.strftime(form.dates or "%Y-%m-%d") if is_day else cell.strftime(form.timestamps)
    if isinstance(cell, date):
        return cell.strftime(form.dates or "%Y-%m-%d")
    return "" if cell is None else str(cell).strip()


def has_formulas(path: Path) -> bool:
    """Say whether any sheet of a workbook holds a formula."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and _holds(archive, name):
                return True
    return False


def formula_cells(path: Path) -> dict[str, frozenset[tuple[int, int]]]:
    """Return sheet -> places (row from 1, column from 0) of the cells that hold a formula."""
    from defusedxml import ElementTree

    with zipfile.ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        parts = {link.get("Id"): link.get("Target", "").removeprefix("/xl/") for link in links}
        sheets = {
            sheet.get("name", ""): parts.get(sheet.get(_LINK), "") for sheet in book.iter() if _bare(sheet) == "sheet"
        }
        found = {}
        for name, part in sheets.items():
            tree = ElementTree.fromstring(archive.read(f"xl/{part}"))
            cells = [cell for cell in tree.iter() if _bare(cell) == "c" and any(_bare(each) == "f" for each in cell)]
            found[name] = frozenset(place for cell in cells if (place := _place(cell.get("r", ""))))
    return found


_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def _bare(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _place(name: str) -> tuple[int, int] | None:
    """Return row and column of a cell such as D14."""
    match = _CELL.fullmatch(name)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1


def _holds(archive: zipfile.ZipFile, name: str) -> bool:
    """Look for a formula in one sheet, piece by piece."""
    end = b""
    with archive.open(name) as file:
        while chunk := file.read(_CHUNK):
            if _FORMULA.search(end + chunk):
                return True
            end = chunk[-3:]
    return False
