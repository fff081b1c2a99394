"""Read finished pages back: every number that stands in them, and the cell it says it belongs to.

A figure carries ``data-cell``, ``data-indicator`` and ``data-field`` on its element or on one around it; rows of CSV
and objects of JSON carry ``cell_id`` and ``indicator_id``. Whatever else looks like a number must be a date, a school
year or a grade, or it is untraced. What the readings mean together is judged in ``artefacts``.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from aimline.disclosure.markup import Attributes, walk, walk_plain
from aimline.disclosure.readback_plain import read_css, read_csv, read_json, read_json_file, read_text
from aimline.disclosure.readback_tags import TagTold, mark_of, told_by
from aimline.disclosure.readings import GAP_TEXT, SAID, Mark, Read, Reading, Shape, numbers_in

_SHAPES = ("circle", "rect", "line", "path", "polyline", "polygon", "ellipse")
_DRAWN = frozenset({*_SHAPES, "svg"})
_IN_DRAWINGS = _DRAWN | {"g", "text", "tspan", "use", "symbol", "marker", "defs", "clippath", "stop", "lineargradient"}
_PANELS = re.compile('(<figure class="panel".*?</figure>)', re.DOTALL)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_WORDLESS = _VOID | _IN_DRAWINGS | {"script", "style", "template", "canvas"}
"""Elements that are not blank when no words stand in them."""

_CUT = "\ue000"
"""What stands for declared words that were cut out: within a gap they are words too many."""


def read_file(path: str, content: bytes, texts: Iterable[str] = ()) -> Read | None:
    """Read a file back; None when nobody knows how to read its kind.

    Args:
        path: The file's name.
        content: Its bytes.
        texts: Declared words, each of which says nothing of a figure where it stands as a whole.
    """
    kind = path.rpartition(".")[2].lower()
    if kind not in _READERS:
        return None
    try:
        return _read(kind, path, _without(content.decode("utf-8"), tuple(texts)))
    except (UnicodeDecodeError, ValueError):
        return None


@lru_cache(maxsize=400)
def _read(kind: str, path: str, text: str) -> Read:
    """Read a text of a kind; what stands word for word as it stood the night before is not read twice.

    Raises:
        ValueError: It is not of that kind.
    """
    return _READERS[kind](path, text)


def _without(content: str, texts: tuple[str, ...]) -> str:
    """Leave declared words out of a file, the longest first, however its quotes are written."""
    for form in _forms(texts):
        if form in content:
            content = _cut(content, form)
    return content


@lru_cache(maxsize=2)
def _forms(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return how declared words may be written."""
    plain = [(text, escape(text, quote=False)) for text in sorted(texts, key=lambda each: (-len(each), each))]
    forms = (
        form for text, each in plain for form in (text, each, each.replace('"', "&#34;").replace("'", "&#39;")) if form
    )
    return tuple(dict.fromkeys(forms))


def _cut(content: str, words: str) -> str:
    """Leave words out wherever they stand as a whole: no letter, digit or underscore right before or after."""
    kept, begin, at = [], 0, content.find(words)
    while at >= 0:
        end = at + len(words)
        if _is_in_word(content[at - 1 : at]) or _is_in_word(content[end : end + 1]):
            end = at + 1
        else:
            kept.append(content[begin:at])
            begin = end
        at = content.find(words, end)
    return _CUT.join((*kept, content[begin:]))


def _is_in_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


class _Element:
    """An open element that says something; its holder is the nearest around it that says which figure it is."""

    __slots__ = ("around", "group", "holder", "is_filled", "line", "mark", "odd", "scale", "spoken", "texts")

    def __init__(self, line: int, above: "_Element | None" = None) -> None:
        """Open it; what holds above holds here."""
        self.line = line
        self.mark: Mark | None = above.mark if above else None
        self.holder: _Element | None = above.holder if above else None
        self.scale: str | None = above.scale if above else None
        self.group: int = above.group if above else 0
        self.texts: list[str] = []
        self.spoken: list[tuple[int, str]] = []
        self.odd: list[tuple[str, str]] = []
        self.around: Mark | None = None
        self.is_filled = True


@dataclass(frozen=True)
class _Panel:
    """What a panel says by itself, by lines, plots and drawings counted from its beginning."""

    read: Read
    n_groups: int
    n_drawings: int


class _Page:
    """Walk a page with its open elements; what an element says of itself holds for those within.

    An element that says nothing of itself stands for the one around it, so that most tags make nothing.
    """

    def __init__(self, path: str) -> None:
        """Begin at the top."""
        self.path = path
        self.read = Read()
        self._open = [_Element(0)]
        self._tags = [""]
        self._n_open: Counter[str] = Counter()
        self._n_groups = 0
        self._n_drawings = 0
        self._is_torn = False

    def start(self, line: int, tag: str, attributes: Attributes) -> None:
        """Open an element."""
        element = self._open[-1]
        if attributes:
            told = told_by(tuple(attributes), tag in _IN_DRAWINGS)
            if told:
                element = self._taken(line, tag, told, element)
        self._open.append(element)
        self._tags.append(tag)
        self._n_open[tag] += 1
        if tag in _DRAWN:
            self._draw(line, tag, attributes, element)
        if tag in _VOID:
            self.end(tag)

    def _taken(self, line: int, tag: str, told: TagTold, above: _Element) -> _Element:
        """Return the element that says something; what is said to nobody matters within a figure alone."""
        if told.is_sealed:
            self._stray([(self.path, line, "a data: address that nobody can read")])
        element = _Element(line, above) if told.is_loud else above
        if told.is_figure:
            mark = mark_of(told.attributes, above.mark)
            if mark != above.mark:
                element.mark, element.holder = mark, element
                self._hold(element, above, is_wordless=tag in _WORDLESS)
        if told.odd and element.holder:
            element.holder.odd += told.odd
        if told.scale is not None:
            self._n_groups += 1
            element.scale, element.group = told.scale, self._n_groups
        element.spoken = [(line, text) for text in told.spoken]
        return element

    @staticmethod
    def _hold(element: _Element, above: _Element, *, is_wordless: bool) -> None:
        """Let an element stand for a figure of its own, within the one around it."""
        element.is_filled = is_wordless
        if above.holder:
            above.holder.is_filled = True
            element.around = above.mark if element.mark and element.mark.cell in SAID else None

    def _draw(self, line: int, tag: str, attributes: Attributes, element: _Element) -> None:
        """Count a drawing, or take a shape of it."""
        self._n_drawings += tag == "svg"
        if element.holder:
            element.holder.is_filled = True
        if tag in _SHAPES:
            told = {name: value or "" for name, value in attributes}
            drawn = {name: text for name, text in told.items() if _is_drawn(name)} | _class(told)
            place = (self.path, line, tag)
            self.read.shapes.append(Shape(*place, drawn, element.mark, element.scale, element.group, self._n_drawings))

    def end(self, tag: str) -> None:
        """Close an element, and those within that nobody closed."""
        self._is_torn |= not self._n_open[tag]
        while self._n_open[tag]:
            closed = self._tags.pop()
            self._n_open[closed] -= 1
            element = self._open.pop()
            if element is not self._open[-1]:
                self._close(element)
            if closed == tag:
                return

    def text(self, line: int, data: str) -> None:
        """Take the text of an element."""
        tag = self._tags[-1]
        if tag == "script":
            self._script(line, data)
        elif tag == "style":
            self._stray([(path, line + at - 1, said) for path, at, said in read_css(self.path, data).strays])
        elif holder := self._open[-1].holder:
            holder.texts.append(data)
        else:
            self.comment(line, data)

    def comment(self, line: int, data: str) -> None:
        """Count what says no figure: a comment says no number."""
        found = numbers_in(data)
        if found:
            self._stray([(self.path, line, number) for number in found])

    @property
    def is_outside(self) -> bool:
        """Say whether nothing that is open says anything of what stands here."""
        return self._open[-1] is self._open[0]

    def panel(self) -> _Panel | None:
        """Return what was read as a panel; None when it does not close all it opens, and nothing else."""
        is_whole = len(self._open) == 1 and not self._is_torn
        return _Panel(self.read, self._n_groups, self._n_drawings) if is_whole else None

    def take(self, line: int, panel: _Panel) -> None:
        """Take what a panel says, which stands here."""
        read, path, groups, drawings = panel.read, self.path, self._n_groups, self._n_drawings
        self.read.readings += [
            Reading(path, line + each.line, each.mark, each.text, each.is_gap, each.extra, each.odd, each.around)
            for each in read.readings
        ]
        self.read.shapes += [
            Shape(
                path, line + each.line, each.tag, each.numbers, each.mark, each.scale,
                each.group and each.group + groups, each.drawing + drawings,
            )
            for each in read.shapes
        ]  # fmt: skip
        self.read.strays += [(path, line + at, number) for _, at, number in read.strays]
        self.read.n_numbers += read.n_numbers
        self._n_groups += panel.n_groups
        self._n_drawings += panel.n_drawings

    def finish(self) -> Read:
        """Close what is open."""
        while len(self._open) > 1:
            self.end(self._tags[-1])
        return self.read

    def _close(self, element: _Element) -> None:
        if element.holder is element:
            self._tell(element, element.mark)
        elif element.spoken and element.holder:
            element.holder.spoken += element.spoken
        else:
            for line, text in element.spoken:
                self.comment(line, text)

    def _tell(self, element: _Element, mark: Mark | None) -> None:
        """Say what stands in an element that is a figure's."""
        text = " ".join("".join(element.texts).split())
        extra = [number for _, said in element.spoken for number in numbers_in(said)]
        shown = numbers_in(text)
        self.read.n_numbers += len(shown) + len(extra)
        if mark and (text or extra or not element.is_filled):
            beside = tuple(number for number in extra if number not in shown)
            is_gap = GAP_TEXT.casefold() in text.casefold()
            told = (mark, text, is_gap, beside, tuple(element.odd), element.around)
            self.read.readings.append(Reading(self.path, element.line, *told))

    def _script(self, line: int, data: str) -> None:
        try:
            found = read_json(self.path, json.loads(data), line)
        except ValueError:
            found = read_text(self.path, data)
        self.read.readings += found.readings
        self.read.n_numbers += found.n_numbers - len(found.strays)
        self._stray(found.strays)

    def _stray(self, strays: list[tuple[str, int, str]]) -> None:
        self.read.strays += strays
        self.read.n_numbers += len(strays)


def _read_html(path: str, text: str) -> Read:
    read = _read_parts(path, text)
    if read is None:
        page = _Page(path)
        walk(text, page)
        read = page.finish()
    return read


def _read_parts(path: str, text: str) -> Read | None:
    """Read a page with its panels apart; None where one of them cannot be told from what is around it."""
    page, line = _Page(path), 1
    for place, part in enumerate(_PANELS.split(text)):
        if place % 2:
            panel = _panel(part)
            if panel is None or not page.is_outside:
                return None
            page.take(line, panel)
        elif not walk_plain(part, page, line):
            return None
        line += part.count("\n")
    return page.finish()


@lru_cache(maxsize=1024)
def _panel(text: str) -> _Panel | None:
    """Read a panel by itself: most stand as they stood the night before, and on the pages of several readers."""
    page = _Page("")
    is_plain = "<script" not in text and "<style" not in text and walk_plain(text, page, 0)
    return page.panel() if is_plain else None


def _is_drawn(name: str) -> bool:
    return name in {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "d", "points", "transform"}


def _class(told: Mapping[str, str]) -> dict[str, str]:
    return {"class": told["class"]} if "class" in told else {}


_READERS: Mapping[str, Callable[[str, str], Read]] = {
    **dict.fromkeys(("html", "htm", "svg", "xml"), _read_html),
    **dict.fromkeys(("js", "txt", "ics"), read_text),
    "csv": read_csv,
    "json": read_json_file,
    "css": read_css,
}
