"""Walk a page of HTML, SVG or XML, and take what its elements say: figures, drawings, loose numbers.

A figure carries ``data-cell``, ``data-indicator`` and ``data-field`` on its element or on one around it.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aimline.disclosure.geometry import glyph
from aimline.disclosure.markup import FIGURES, Attributes
from aimline.disclosure.readback_tags import TagTold, mark_of, told_by
from aimline.disclosure.readings import (
    NUMBER_WORDS,
    SAID,
    STYLES,
    Mark,
    Read,
    Reading,
    Shape,
    numbers_in,
    says_gap,
)

_SHAPES = ("circle", "rect", "line", "path", "polyline", "polygon", "ellipse")
_COPIES = frozenset({"use", "image", "foreignobject"})
"""What is drawn elsewhere and put at a place: the place says a number as a point does."""

_DRAWN = frozenset({*_SHAPES, *_COPIES, "svg", "text"})
_IN_DRAWINGS = _DRAWN | {"g", "tspan", "symbol", "marker", "defs", "clippath", "stop", "lineargradient"}
_IN_DRAWINGS |= {"radialgradient", "pattern", "mask", "filter", "animate", "set"}
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_WORDLESS = _VOID | _IN_DRAWINGS | {"script", "style", "template", "canvas"}
"""Elements that are not blank when no words stand in them."""

_BLOCKS = frozenset({"table", "ul", "ol", "dl", "script"})
"""What holds rows: the rows of one belong together."""

_LAID_OUT = _BLOCKS | {"tr", "td", "th"}
_KNOWN = _LAID_OUT | _DRAWN | _VOID
_BARS = frozenset({"rect", "line"})
_MOST_TAGS = 4
_DIGIT = re.compile(r"\d")
_NUMBER_WORD = re.compile(rf"\b{NUMBER_WORDS}\b", re.IGNORECASE)
_PLACES = frozenset({"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "d", "points", "transform"})
"""Where a mark stands."""

_WORDS = re.compile(">([^<]+)")


class _Element:
    """An open element that says something; its holder is the nearest around it that says which figure it is."""

    __slots__ = (
        *("around", "group", "holder", "is_filled", "is_moved", "line", "mark", "n_tags", "odd", "scale", "spoken"),
        *("tag", "texts"),
    )

    def __init__(self, line: int, tag: str, above: "_Element | None" = None) -> None:
        """Open it; what holds above holds here."""
        self.line = line
        self.tag = tag
        self.mark: Mark | None = above.mark if above else None
        self.holder: _Element | None = above.holder if above else None
        self.scale: str | None = above.scale if above else None
        self.group: int = above.group if above else 0
        self.texts: list[str] = []
        self.spoken: list[tuple[int, str]] = []
        self.odd: list[tuple[str, str]] = []
        self.around: Mark | None = None
        self.is_filled = True
        self.is_moved: bool = above.is_moved if above else False
        self.n_tags = 0


class _Row:
    """An open row of a table: where its readings and drawings begin, its cells counted, its attributes with digits."""

    __slots__ = ("begin", "cell", "cells", "drawn", "odd")

    def __init__(self, begin: int, drawn: int) -> None:
        """Open it."""
        self.drawn = drawn
        self.begin = begin
        self.cell = begin
        self.cells = 0
        self.odd: list[tuple[str, str]] = []


@dataclass(frozen=True)
class Panel:
    """What a panel says by itself, by lines, plots and drawings counted from its beginning."""

    read: Read
    n_groups: int
    n_drawings: int
    n_blocks: int


class Page:
    """Walk a page with its open elements; what an element says of itself holds for those within.

    An element that says nothing of itself stands for the one around it, so that most tags make nothing.
    """

    def __init__(self, path: str) -> None:
        """Begin at the top."""
        self.path = path
        self.read = Read()
        self._open = [_Element(0, "")]
        self._tags = [""]
        self._n_open: Counter[str] = Counter()
        self._n_groups = 0
        self._n_drawings = 0
        self._n_blocks = 0
        self._n_columns = 0
        self._rows: list[_Row] = []
        self._is_torn = False

    def start(self, line: int, tag: str, attributes: Attributes) -> None:
        """Open an element."""
        element = self._open[-1]
        if attributes:
            told = told_by(tuple(attributes), tag in _IN_DRAWINGS)
            if told:
                element = self._taken(line, tag, told, element)
        if element.holder:
            element.holder.n_tags += 1
        self._open.append(element)
        self._tags.append(tag)
        self._n_open[tag] += 1
        if tag in _KNOWN:
            self._known(line, tag, attributes, element)

    def _known(self, line: int, tag: str, attributes: Attributes, element: _Element) -> None:
        """Do what a tag asks for beside being open."""
        if tag in _DRAWN:
            self._draw(line, tag, attributes, element)
        elif tag in _LAID_OUT:
            self._lay_out(tag, attributes)
        else:
            self.end(tag)

    def _lay_out(self, tag: str, attributes: Attributes) -> None:
        """Count blocks, rows and cells."""
        if tag in _BLOCKS:
            self._n_blocks += 1
            self._n_columns = 0
        elif tag == "tr":
            row = _Row(len(self.read.readings), len(self.read.shapes))
            row.odd = [(name, told or "") for name, told in attributes if name == "class" or _DIGIT.search(told or "")]
            self._rows.append(row)
        elif self._rows:
            told = dict(attributes).get("colspan") or "1" if attributes else "1"
            self._rows[-1].cells += int(told) if told.isdecimal() else 1
            self._rows[-1].cell = len(self.read.readings)

    def _taken(self, line: int, tag: str, told: TagTold, above: _Element) -> _Element:
        """Return the element that says something; what is said to nobody matters within a figure alone."""
        if told.fault:
            self._stray([(self.path, line, told.fault)])
        element = _Element(line, tag, above) if told.is_loud else above
        if told.is_figure:
            mark = mark_of(told.attributes, above.mark)
            if mark != above.mark:
                element.mark, element.holder = mark, element
                self._hold(element, above, is_wordless=tag in _WORDLESS)
        if told.odd and element.holder:
            element.holder.odd += told.odd
        elif told.odd and self._rows:
            self._rows[-1].odd += [pair for pair in told.odd if _DIGIT.search(pair[1])]
        if told.is_loud:
            element.is_moved |= told.is_moved
            element.spoken = [(line, text) for text in told.spoken]
        if told.scale is not None:
            self._n_groups += 1
            element.scale, element.group, element.is_moved = told.scale, self._n_groups, False
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
        if tag in _SHAPES or tag in _COPIES or (tag == "text" and element.scale):
            told = {name: value or "" for name, value in attributes}
            drawn = {name: text for name, text in told.items() if _is_drawn(name)} | _class(told)
            if element.is_moved and element.scale:
                drawn["transform"] = "moved"
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
            if closed in _LAID_OUT:
                self._end_laid_out(closed)
            if closed == tag:
                return

    def _end_laid_out(self, tag: str) -> None:
        """Close a block or a row."""
        if tag == "tr":
            self._end_row(self._rows.pop())
        elif tag in _BLOCKS:
            self._n_blocks += 1
        elif self._rows:
            self._end_cell(self._rows[-1].cell)

    def _end_cell(self, begin: int) -> None:
        """Put what says to be about no figure into the place of the gap that stands in the same cell."""
        found = self.read.readings
        gap = next((each.mark for each in found[begin:] if each.is_gap), None)
        if gap:
            told = [replace(each, around=gap) if each.mark.cell in SAID else each for each in found[begin:]]
            found[begin:] = told

    def _end_row(self, row: _Row) -> None:
        """Give the figures of a row what the row has beside them: attributes with digits, cells too many or too few."""
        self._n_columns = self._n_columns or row.cells
        drawn = self.read.shapes[row.drawn :]
        bars = drawn if all(each.tag in _BARS and each.mark is None and each.scale is None for each in drawn) else []
        odd = tuple(row.odd) + ((("bar", glyph(bars)),) if bars else ())
        odd += (("cells", str(row.cells)),) if row.cells != self._n_columns else ()
        if odd:
            found = self.read.readings
            found[row.begin :] = [replace(each, odd=each.odd + odd) for each in found[row.begin :]]

    def text(self, line: int, data: str) -> None:
        """Take the text of an element."""
        tag = self._tags[-1]
        if tag in {"script", "style"}:
            self.read.scripts.append((tag, line, self._n_blocks, data))
        elif holder := self._open[-1].holder:
            holder.texts.append(data)
        else:
            self._count(line, data)

    def comment(self, line: int, data: str) -> None:
        """Count what a comment says: no number, in digits or in words."""
        self._count(line, data)
        self._stray([(self.path, line, found[0]) for found in _NUMBER_WORD.finditer(data)])

    def _count(self, line: int, data: str) -> None:
        """Count what says no figure."""
        if numbers_in(data):
            self.read.loose.append((self.path, line, data))

    def row(self, line: int, written: str) -> bool:
        """Take a row of words and figures as a whole, where no figure is open around it."""
        if self._open[-1].holder:
            return False
        row = _Row(len(self.read.readings), len(self.read.shapes))
        row.cells = written.count("</t") - 1
        for figure, name, said in FIGURES.findall(written):
            text = " ".join(said.split())
            is_gap = says_gap(text)
            told = (Mark(figure, "", name or "value"), text, is_gap, (), (), None, "span", self._n_blocks)
            self.read.readings.append(Reading(self.path, line, *told))
        for words in _WORDS.findall(FIGURES.sub("", written)):
            self._count(line, words)
        self._end_row(row)
        return True

    @property
    def is_outside(self) -> bool:
        """Say whether nothing that is open says anything of what stands here."""
        return self._open[-1] is self._open[0] and not self._rows

    def panel(self) -> Panel | None:
        """Return what was read as a panel; None when it does not close all it opens, and nothing else."""
        is_whole = len(self._open) == 1 and not self._is_torn
        return Panel(self.read, self._n_groups, self._n_drawings, self._n_blocks) if is_whole else None

    def take(self, line: int, panel: Panel) -> None:
        """Take what a panel says, which stands here."""
        read, path, groups, drawings = panel.read, self.path, self._n_groups, self._n_drawings
        self.read.readings += [
            Reading(
                path, line + each.line, each.mark, each.text, each.is_gap, each.extra, each.odd, each.around, each.tag,
                each.block + self._n_blocks,
            )
            for each in read.readings
        ]  # fmt: skip
        self.read.shapes += [
            Shape(
                path, line + each.line, each.tag, each.numbers, each.mark, each.scale,
                each.group and each.group + groups, each.drawing + drawings,
            )
            for each in read.shapes
        ]  # fmt: skip
        self.read.strays += [(path, line + at, number) for _, at, number in read.strays]
        self.read.loose += [(path, line + at, text) for _, at, text in read.loose]
        self._n_groups += panel.n_groups
        self._n_drawings += panel.n_drawings
        self._n_blocks += panel.n_blocks
        self._n_columns = 0

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
                self._count(line, text)

    def _tell(self, element: _Element, mark: Mark | None) -> None:
        """Say what stands in an element that is a figure's."""
        text = " ".join("".join(element.texts).split())
        extra = tuple(said for _, said in element.spoken)
        if mark and (text or extra or not element.is_filled):
            is_gap = says_gap(text)
            if element.n_tags > _MOST_TAGS:
                element.odd.append(("elements", str(element.n_tags)))
            told = (mark, text, is_gap, extra, tuple(element.odd), element.around, element.tag, self._n_blocks)
            self.read.readings.append(Reading(self.path, element.line, *told))

    def _stray(self, strays: list[tuple[str, int, str]]) -> None:
        self.read.strays += strays


def _is_drawn(name: str) -> bool:
    return name in _PLACES or name in STYLES


def _class(told: Mapping[str, str]) -> dict[str, str]:
    return {"class": told["class"]} if "class" in told else {}
