"""Read a workbook back: the cells of every sheet, hidden or not, its comments, names and leftover strings.

A sheet is read as a table is, each row by its ``cell_id``. What a workbook holds beside its sheets is read for numbers
where it has words; a chart, a formula or a part of another kind is something nobody reads, and refuses the file.
"""

import io
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable

from aimline.disclosure.markup import Attributes, walk
from aimline.disclosure.readback_plain import read_rows
from aimline.disclosure.readings import NUMBER_WORDS, Read, numbers_in

_QUIET = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/app\.xml|xl/(?:styles|metadata)\.xml|xl/theme/.*|xl/drawings/[^/]*\.vml"
)
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")
_COMMENTS = re.compile(r"xl/(?:comments|threadedComments/|persons/)[^/]*\.xml|xl/comments/[^/]*\.xml")
_WORDED = re.compile(r"xl/workbook\.xml|docProps/(?:core|custom)\.xml")
_STRINGS = "xl/sharedStrings.xml"
_COLUMN = re.compile(r"[A-Z]+")
_RANGE = re.compile(r"(?:'[^']*'|\w+)!\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?")
_NUMBER_WORD = re.compile(rf"\b{NUMBER_WORDS}\b", re.IGNORECASE)
_DRAWN = {"databar": "bar", "iconset": "sign", "colorscale": "colour", "f": "formula", "drawing": "drawing"}
_DRAWN |= {"sparklinegroup": "line"}
"""What a sheet draws or reckons by itself, by element."""

_STYLES, _APP = "xl/styles.xml", "docProps/app.xml"
_SAID_BY_FORMAT = re.compile(r'"([^"]*)"|\\(\d)')
_SAID_OF_FILE = re.compile(r"<(?:Company|Manager|HyperlinkBase)>([^<]*)<")
_MOST_BYTES = 500_000_000
_MOST_COLUMNS = 16_384
_OF_NAMES = frozenset({"name", "prompt", "error", "display", "tooltip"})


class _Part:
    """Walks a part: the texts of its cells and of its other elements."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.rows: dict[int, dict[int, str]] = defaultdict(dict)
        self.kinds: dict[tuple[int, int], str] = {}
        self.strings: list[str] = []
        self.loose: list[str] = []
        self.remarks: list[str] = []
        self.drawn: list[str] = []
        self.formats: list[str] = []
        self._place: tuple[int, int] | None = None
        self._tags: list[str] = []
        self._is_string = False

    def start(self, _line: int, tag: str, attributes: Attributes) -> None:
        """Open an element; a cell and a string begin a text of their own."""
        name, told = tag.rpartition(":")[2], dict(attributes)
        self._tags.append(name)
        if name == "row":
            self.rows[int(told.get("r") or len(self.rows) + 1)] = {}
        elif name == "c":
            row = next(reversed(self.rows), 1)
            found = _COLUMN.match(told.get("r") or "")
            column = _number_of(found[0]) if found else len(self.rows[row]) + 1
            self._place = (row, column)
            self.kinds[self._place] = told.get("t") or "n"
        elif name == "si":
            self.strings.append("")
        if name in _DRAWN:
            self.drawn.append(_DRAWN[name])
        target = told.get("target") or ""
        if (told.get("targetmode") or "").lower() == "external" and "://" not in target:
            self.remarks.append(target)
        self.loose += [text or "" for key, text in attributes if key.rpartition(":")[2] in _OF_NAMES]
        for found in _SAID_BY_FORMAT.findall(told.get("formatcode") or ""):
            self.formats += found

    def end(self, tag: str) -> None:
        """Close an element."""
        name = tag.rpartition(":")[2]
        if name in self._tags:
            while self._tags.pop() != name:
                pass
        if "c" not in self._tags:
            self._place = None

    def text(self, _line: int, data: str) -> None:
        """Take a text: of a cell, of a shared string, or of neither."""
        if self._place and self._tags[-1] in {"v", "t"}:
            row, column = self._place
            self.rows[row][column] = self.rows[row].get(column, "") + data
        elif "si" in self._tags and self._tags[-1] == "t":
            self.strings[-1] += data
        elif data.strip():
            self.loose.append(data)

    def comment(self, _line: int, data: str) -> None:
        """Take a remark."""
        self.loose.append(data)
        self.remarks.append(data)

    def row(self, _line: int, _written: str) -> bool:
        """Have a row shown tag by tag."""
        return False


def read_workbook(path: str, content: bytes, without: Callable[[str], str] = str) -> Read:
    """Read a workbook.

    Args:
        path: The file's name.
        content: Its bytes.
        without: Leaves declared words out of a text.

    Raises:
        ValueError: It is none, or too large to be one of a site.
    """
    parts = _parts(content)
    strings = _walked(parts.get(_STRINGS, ""))
    shared = strings.strings
    used: set[int] = set()
    read = Read()
    for name, text in sorted(parts.items()):
        if _SHEET.fullmatch(name):
            _add(read, _read_sheet(path, _walked(text), [without(each) for each in shared], used))
        elif _COMMENTS.fullmatch(name) or _WORDED.fullmatch(name):
            said = [without(each) for each in _walked(text).loose if not _RANGE.fullmatch(each.strip())]
            read.strays += [(path, 0, number) for each in said for number in numbers_in(each)]
            if _COMMENTS.fullmatch(name):
                read.strays += [(path, 0, found[0]) for each in said for found in _NUMBER_WORD.finditer(each)]
        elif _QUIET.fullmatch(name):
            remarks = map(without, _walked(text).remarks)
            read.strays += [(path, 0, number) for each in remarks for number in numbers_in(each)]
        elif name != _STRINGS:
            read.strays.append((path, 0, f"nobody can read the part {name}"))
    said = [*_walked(parts.get(_STYLES, "")).formats, *_SAID_OF_FILE.findall(parts.get(_APP, ""))]
    read.strays += [(path, 0, number) for text in map(without, said) for number in numbers_in(text)]
    left = map(without, [*strings.loose, *(text for place, text in enumerate(shared) if place not in used)])
    read.strays += [(path, 0, number) for text in left for number in numbers_in(text)]
    read.n_numbers += len(read.strays)
    return read


def _parts(content: bytes) -> dict[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            listed = opened.infolist()
            if sum(each.file_size for each in listed) > _MOST_BYTES:
                raise ValueError("a workbook of this size is none of a site")
            if opened.comment or len({each.filename for each in listed}) < len(listed):
                raise ValueError("a remark that no cell holds, or two parts of one name: programs read one each")
            return {each.filename: opened.read(each).decode("utf-8", "replace") for each in listed}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError) as error:
        raise ValueError("no workbook") from error


def _walked(text: str) -> _Part:
    part = _Part()
    walk(text, part)
    return part


def _read_sheet(path: str, part: _Part, shared: list[str], used: set[int]) -> Read:
    """Read one sheet as a table; which shared strings it shows is noted."""
    rows = []
    width = max((column for cells in part.rows.values() for column in cells), default=0)
    for row, cells in part.rows.items():
        told = [_cell(cells.get(column, ""), part.kinds.get((row, column), "n"), shared, used) for column in _to(width)]
        if any(told):
            rows.append(told)
    read = read_rows(path, rows)
    extra = [(path, 0, f"a {name} that the sheet makes by itself") for name in part.drawn]
    extra += [(path, 0, number) for text in part.loose for number in numbers_in(text)]
    read.strays += extra
    read.n_numbers -= len(read.strays) - len(extra)
    return read


def _to(width: int) -> range:
    return range(1, width + 1)


def _cell(text: str, kind: str, shared: list[str], used: set[int]) -> str:
    """Return what a cell shows: a shared string, a number as it is written, or its own text."""
    if kind == "s" and text.strip().isdecimal() and int(text) < len(shared):
        used.add(int(text))
        return shared[int(text)]
    if kind == "n" and text:
        try:
            return f"{float(text):.15g}"
        except ValueError:
            return text
    return text


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    if number > _MOST_COLUMNS:
        raise ValueError("no workbook has so many columns")
    return number


def _add(read: Read, more: Read) -> None:
    read.readings += more.readings
    read.strays += more.strays
    read.n_numbers += more.n_numbers
