"""Read finished pages back: every number that stands in them, and the cell it says it belongs to.

A figure carries ``data-cell``, ``data-indicator`` and ``data-field`` on its element or on one around it; rows of CSV
and objects of JSON carry ``cell_id`` and ``indicator_id``. Whatever else looks like a number must be a date, a school
year or a grade, or it is untraced. What the readings mean together is judged in ``artefacts``.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any

GAP_TEXT = "Not shown to protect privacy"

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_NO_DATA = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T[\d:.+Z-]+)?"  # a date
    rf"|{_MONTH} \d{{1,2}}(?:, \d{{4}})?\b"
    r"|\b(?:19|20)\d{2}[-\u2013]\d{2}(?!\d)"  # a school year
    r"|\b20\d{2}\b"
    r"|\b[Gg]rades? (?:PK|K|\d{1,2})(?:(?:[-\u2013]| to )(?:K|\d{1,2}))?\b"
    r"|\bn_?min\b"
    r"|\binitial-scale=1\b"
)
_KEYS = frozenset(
    {"cell_id", "indicator_id", "figure_id", "population_id", "audience_id", "release_id", "unit_id", "unit_type"}
    | {"group_id", "group_set_id", "grade", "grade_band", "school_year", "period_id", "wave", "version", "as_of"}
)
"""Columns that name a figure and say nothing of it."""

_MARKS = ("data-cell", "data-indicator", "data-field", "data-figure", "data-scale")
_SPOKEN = ("alt", "title", "content", "placeholder", "value", "style", "summary", "label")
_SHAPES = ("circle", "rect", "line", "path", "polyline", "polygon", "ellipse")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


@dataclass(frozen=True)
class Mark:
    """What a figure says it is."""

    cell: str
    indicator: str = ""
    field: str = "value"


@dataclass(frozen=True)
class Reading:
    """A figure as it stands in one file.

    Attributes:
        path: The file.
        line: Where.
        mark: What it says it is.
        text: What it shows.
        is_gap: It says that it is not shown.
        extra: Numbers in its attributes, beside the text.
    """

    path: str
    line: int
    mark: Mark
    text: str
    is_gap: bool = False
    extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """Something drawn: its numbers, the scale it is drawn by, the figure it says it is, and the drawing it is in."""

    path: str
    line: int
    tag: str
    numbers: Mapping[str, str]
    mark: Mark | None
    scale: str | None
    group: int = 0
    drawing: int = 0


@dataclass
class Read:
    """What one file says."""

    readings: list[Reading] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    strays: list[tuple[str, int, str]] = field(default_factory=list)
    n_numbers: int = 0


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a text, without dates, school years and grades."""
    return _NUMBER.findall(_NO_DATA.sub(" ", text))


SAID = frozenset({"records", "declared", "scale"})
"""Marks of numbers about no cell: counts of files and rows, what a plan declares, the axis of a chart."""


def read_file(path: str, content: bytes, texts: Iterable[str] = ()) -> Read | None:
    """Read a file back; None when nobody knows how to read its kind.

    Args:
        path: The file's name.
        content: Its bytes.
        texts: Declared words, each of which says nothing of a figure where it stands as a whole.
    """
    kind = path.rpartition(".")[2].lower()
    readers = {"html": _read_html, "htm": _read_html, "svg": _read_html, "xml": _read_html, "csv": _read_csv}
    readers |= {"json": _read_json, "css": _read_css, "js": _read_text, "txt": _read_text, "ics": _read_text}
    if kind not in readers:
        return None
    try:
        return readers[kind](path, _without(content.decode("utf-8"), texts))
    except (UnicodeDecodeError, ValueError):
        return None


def _without(content: str, texts: Iterable[str]) -> str:
    """Leave declared words out of a file, the longest first, however its quotes are written."""
    for text in sorted(texts, key=lambda each: (-len(each), each)):
        plain = escape(text, quote=False)
        for form in {text, plain, plain.replace('"', "&#34;").replace("'", "&#39;")}:
            if form and form in content:
                content = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", "", content)
    return content


@dataclass
class _Element:
    """One open element of a page."""

    tag: str
    line: int
    mark: Mark | None
    is_own: bool
    scale: str | None
    group: int
    texts: list[str] = field(default_factory=list)
    spoken: list[tuple[int, str]] = field(default_factory=list)


class _Page(HTMLParser):
    """Walk a page with its open elements; what an element says of itself holds for those within."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.read = Read()
        self._open = [_Element("", 0, None, is_own=False, scale=None, group=0)]
        self._n_groups = 0
        self._n_drawings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        told = {name: value or "" for name, value in attrs}
        above = self._open[-1]
        mark = _mark(told, above.mark)
        group = above.group
        if "data-scale" in told:
            self._n_groups += 1
            group = self._n_groups
        line = self.getpos()[0]
        element = _Element(tag, line, mark, mark != above.mark, told.get("data-scale", above.scale), group)
        self._open.append(element)
        element.spoken = [(line, text) for name, text in told.items() if _is_spoken(name) and numbers_in(text)]
        self._n_drawings += tag == "svg"
        if tag in _SHAPES:
            drawn = {name: text for name, text in told.items() if _is_drawn(name)}
            self.read.shapes.append(
                Shape(self.path, line, tag, drawn | _class(told), mark, element.scale, group, self._n_drawings)
            )
        if tag in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those within that nobody closed."""
        if all(element.tag != tag for element in self._open):
            return
        while len(self._open) > 1:
            element = self._open.pop()
            self._close(element)
            if element.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        """Take the text of an element."""
        holder = next((each for each in reversed(self._open) if each.is_own), self._open[-1])
        tag = self._open[-1].tag
        if tag == "script":
            self._script(data)
        elif tag == "style":
            self._stray(_read_css(self.path, data).strays)
        elif holder.mark:
            holder.texts.append(data)
        else:
            self._count(self.getpos()[0], data)

    def handle_comment(self, data: str) -> None:
        """A comment says no number."""
        self._count(self.getpos()[0], data)

    def finish(self) -> Read:
        """Close what is open."""
        self.close()
        while len(self._open) > 1:
            self._close(self._open.pop())
        return self.read

    def _close(self, element: _Element) -> None:
        holder = element if element.is_own else next((each for each in reversed(self._open) if each.is_own), None)
        if element.mark and holder and holder is not element:
            holder.spoken += element.spoken
        elif not element.mark:
            for line, text in element.spoken:
                self._count(line, text)
        elif element.is_own:
            text = " ".join("".join(element.texts).split())
            extra = [number for _, said in element.spoken for number in numbers_in(said)]
            shown = numbers_in(text)
            self.read.n_numbers += len(shown) + len(extra)
            if text or extra:
                beside = tuple(number for number in extra if number not in shown)
                is_gap = GAP_TEXT.casefold() in text.casefold()
                self.read.readings.append(Reading(self.path, element.line, element.mark, text, is_gap, beside))

    def _script(self, data: str) -> None:
        try:
            found = read_json(self.path, json.loads(data), self.getpos()[0])
        except ValueError:
            found = _read_text(self.path, data)
        self.read.readings += found.readings
        self.read.n_numbers += found.n_numbers - len(found.strays)
        self._stray(found.strays)

    def _count(self, line: int, text: str) -> None:
        self._stray([(self.path, line, number) for number in numbers_in(text)])

    def _stray(self, strays: list[tuple[str, int, str]]) -> None:
        self.read.strays += strays
        self.read.n_numbers += len(strays)


def _read_html(path: str, text: str) -> Read:
    page = _Page(path)
    page.feed(text)
    return page.finish()


def _mark(told: Mapping[str, str], above: Mark | None) -> Mark | None:
    cell = told.get("data-cell") or told.get("data-figure") or (above.cell if above else "")
    if not cell:
        return None
    indicator = told.get("data-indicator") or (above.indicator if above else "")
    return Mark(cell, indicator, told.get("data-field") or (above.field if above else "value"))


def _is_spoken(name: str) -> bool:
    if name in _MARKS:
        return False
    return name in _SPOKEN or (name.startswith(("data-", "aria-")) and not name.endswith(("labelledby", "describedby")))


def _is_drawn(name: str) -> bool:
    return name in {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "d", "points", "transform"}


def _class(told: Mapping[str, str]) -> dict[str, str]:
    return {"class": told["class"]} if "class" in told else {}


def _read_css(path: str, text: str) -> Read:
    """Read what a style sheet can say: its quoted texts."""
    read = Read()
    for line, row in enumerate(text.splitlines(), 1):
        for said in re.findall(r"content\s*:\s*[\"']([^\"']*)[\"']", row):
            read.strays += [(path, line, number) for number in numbers_in(said)]
    read.n_numbers = len(read.strays)
    return read


def _read_text(path: str, text: str) -> Read:
    lines = enumerate(text.splitlines(), 1)
    strays = [(path, line, number) for line, row in lines for number in numbers_in(row)]
    return Read(strays=strays, n_numbers=len(strays))


def _read_json(path: str, text: str) -> Read:
    return read_json(path, json.loads(text), 1)


def read_json(path: str, data: Any, line: int) -> Read:
    """Read a JSON value back: whatever stands in an object with a ``cell_id`` belongs to that cell."""
    read = Read()
    for mark, key, value in _walk(data, None):
        text = "" if value is None else str(value)
        found = numbers_in(text) if not isinstance(value, bool) else []
        read.n_numbers += len(found)
        if mark is None:
            read.strays += [(path, line, number) for number in found]
            continue
        is_gap = (key == "is_suppressed" and value is True) or GAP_TEXT in text
        if found or is_gap:
            name = "value" if key == "is_suppressed" else key.removesuffix("_text")
            read.readings.append(Reading(path, line, Mark(mark.cell, mark.indicator, name), text, is_gap))
    return read


def _walk(data: Any, mark: Mark | None) -> Iterator[tuple[Mark | None, str, Any]]:
    if isinstance(data, Mapping):
        cell = data.get("cell_id") or (mark.cell if mark else "")
        here = Mark(str(cell), str(data.get("indicator_id") or (mark.indicator if mark else ""))) if cell else None
        for key, value in data.items():
            if isinstance(value, Mapping | list):
                yield from _walk(value, here)
            elif here is None or key not in _KEYS:
                yield here, str(key), value
            if numbers_in(str(key)):
                yield None, "", str(key)
    elif isinstance(data, list):
        for value in data:
            yield from _walk(value, mark)
    else:
        yield mark, "value", data


def _read_csv(path: str, text: str) -> Read:
    """Read a table back: each row belongs to its ``cell_id``; a heading says no number."""
    rows = list(csv.reader(io.StringIO(text)))
    read = Read()
    heads = rows[0] if rows else []
    read.strays += [(path, 1, number) for head in heads for number in numbers_in(head)]
    for line, row in enumerate(rows[1:], 2):
        told = dict(zip(heads, row, strict=False))
        beyond = row[len(heads) :]
        cell = told.pop("cell_id", "")
        indicator = told.pop("indicator_id", "")
        for head, value in told.items():
            is_gap = GAP_TEXT in value
            if cell and head not in _KEYS and (is_gap or numbers_in(value)):
                read.readings.append(
                    Reading(path, line, Mark(cell, indicator, head.removesuffix("_text")), value, is_gap)
                )
                read.n_numbers += len(numbers_in(value))
        loose = [*beyond, *([] if cell else told.values())]
        read.strays += [(path, line, number) for value in loose for number in numbers_in(value)]
    read.n_numbers += len(read.strays)
    return read
