"""Read a chart back: a coordinate *is* a number, so each must say exactly what the figure's text says."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from aimline.disclosure.readings import STYLES, Mark, Shape

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?")
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_CLOSE = 1e-6
_QUIET = ("axis", "grid", "tick", "frame", "room")
_PLANNED = ("aim", "worse")
"""What a chart may draw beside its figures: the line that was declared, and the side of it that is worse."""

_CALENDAR = "span"
"""What a chart of the year draws: declared days."""

_MOST_DECIMALS = 2
_NEAR = 20
"""So far a label may stand from what it labels."""

_AXIS = 8
"""So near an end of the scale a text stands by the axis: there the sign of a gap has its place."""


_LOOKS = STYLES | {"r"}
_MOST_LOOKS = 2


@dataclass(frozen=True)
class Scale:
    """``data-scale="x0,x1,r0,r1"``: values ``x0`` to ``x1`` are drawn from ``r0`` to ``r1``."""

    x0: float
    x1: float
    r0: float
    r1: float

    @staticmethod
    @lru_cache(maxsize=512)
    def of(text: str) -> "Scale | None":
        """Read a scale; None when it is none."""
        parts = [float(part) for part in _NUMBER.findall(text)]
        is_finite = all(isfinite(part) for part in parts)
        if len(parts) != 4 or not is_finite or parts[2] == parts[3] or parts[0] == parts[1]:  # noqa: PLR2004 - contract
            return None
        return Scale(*parts)

    def says(self, coordinate: float, values: Sequence[float]) -> bool:
        """Say whether a coordinate is drawn at one of some values, which are in order."""
        inverse = self.x0 + (coordinate - self.r0) * (self.x1 - self.x0) / (self.r1 - self.r0)
        room = _CLOSE * abs(self.x1 - self.x0)
        place = bisect_left(values, inverse - room)
        return place < len(values) and values[place] <= inverse + room


def wrong_shapes(shapes: Iterable[Shape], shown: Mapping[Mark, Sequence[float]]) -> list[tuple[str, int, str]]:
    """Return the shapes that say another number than their figure, or one that no figure says.

    Args:
        shapes: Of all files.
        shown: The displayed numbers of every figure.
    """
    plots: dict[tuple[str, int], list[Shape]] = defaultdict(list)
    for shape in shapes:
        if shape.scale is not None:
            plots[(shape.path, shape.group)].append(shape)
    wrong = []
    by_cell: dict[tuple[str, str], list[float]] = defaultdict(list)
    for mark, numbers in shown.items():
        by_cell[mark.cell, mark.indicator] += numbers
    for drawn in plots.values():
        cells = {(shape.mark.cell, shape.mark.indicator) for shape in drawn if shape.mark}
        values = sorted(number for cell in cells for number in by_cell.get(cell, ()))
        for shape in drawn:
            own = sorted(shown.get(shape.mark, ())) if shape.mark else values
            fault = _fault(shape, own)
            if fault:
                wrong.append((shape.path, shape.line, fault))
    return wrong


def unscaled_shapes(shapes: Iterable[Shape]) -> list[tuple[str, int, str]]:
    """Return what no scale draws: figures, which nobody can read back, and whatever else stands beside figures."""
    listed = list(shapes)
    charts = {(shape.path, shape.drawing) for shape in listed if shape.scale is not None}
    unscaled = [shape for shape in listed if shape.scale is None]
    return [
        (shape.path, shape.line, f"a {shape.tag} of a figure has no scale")
        for shape in unscaled
        if shape.mark is not None
    ] + [
        (shape.path, shape.line, f"a {shape.tag} stands beside figures and has no scale")
        for shape in unscaled
        if shape.mark is None and (shape.path, shape.drawing) in charts and not _is_planned(shape)
    ]


def glyph(shapes: Sequence[Shape]) -> str:
    """Write the places and sizes of a drawing, so that two drawings can be compared."""
    told = ([pair for pair in sorted(shape.numbers.items()) if pair[0] not in STYLES] for shape in shapes)
    return "; ".join(" ".join([shape.tag, *map(str, pairs)]) for shape, pairs in zip(shapes, told, strict=True))


def strange_drawings(shapes: Iterable[Shape], known: Iterable[str]) -> list[tuple[str, int, str]]:
    """Return the drawings without a scale that are none of those pages always draw: a sign may tell a number too."""
    drawings: dict[tuple[str, int], list[Shape]] = defaultdict(list)
    for shape in shapes:
        drawings[shape.path, shape.drawing].append(shape)
    usual = frozenset(known)
    return [
        (drawn[0].path, drawn[0].line, f"a drawing of {len(drawn)} shapes is none that pages always draw")
        for drawn in drawings.values()
        if all(shape.scale is None for shape in drawn)
        and not all(_is_planned(shape) or _CALENDAR in shape.numbers.get("class", "") for shape in drawn)
        and glyph(drawn) not in usual
    ]


def unlike_marks(shapes: Iterable[Shape]) -> list[tuple[str, int, str]]:
    """Return the plots whose marks of one kind have more looks than two: a size or a width of each may tell a number.

    Two are usual: those of a series, and the newest.
    """
    kinds: dict[tuple[str, int, str, str], set[tuple[tuple[str, str], ...]]] = defaultdict(set)
    first: dict[tuple[str, int, str, str], Shape] = {}
    for shape in shapes:
        if shape.scale is not None:
            kind = (shape.path, shape.drawing, shape.tag, shape.numbers.get("class", ""))
            first.setdefault(kind, shape)
            kinds[kind].add(tuple((name, text) for name, text in sorted(shape.numbers.items()) if name in _LOOKS))
    return [
        (kind[0], first[kind].line, f"each {kind[2]} looks otherwise than the next")
        for kind, looks in kinds.items()
        if len(looks) > _MOST_LOOKS
    ]


def _is_planned(shape: Shape) -> bool:
    return any(word in shape.numbers.get("class", "") for word in (*_QUIET, *_PLANNED))


def _fault(shape: Shape, values: list[float]) -> str:
    scale = Scale.of(shape.scale or "")
    if scale is None:
        return "the scale of the plot cannot be read"
    if shape.mark is None and any(word in shape.numbers.get("class", "") for word in _QUIET):
        return ""
    if shape.tag == "text":
        return _misplaced(shape, scale, values)
    if shape.mark is not None and not values:
        return f"a {shape.tag} is drawn for a figure that no page shows"
    return _misdrawn(shape, scale, values)


def _misdrawn(shape: Shape, scale: Scale, values: list[float]) -> str:
    if "transform" in shape.numbers:
        return f"a {shape.tag} is moved by a transform"
    if any(_n_decimals(number) > _MOST_DECIMALS for number in _coordinates(shape)):
        return f"a {shape.tag} has more than {_MOST_DECIMALS} decimals"
    for point in _points(shape):
        if not any(scale.says(coordinate, values) for coordinate in point):
            return f"a {shape.tag} is not drawn at the value shown"
    return ""


def _misplaced(shape: Shape, scale: Scale, values: list[float]) -> str:
    """Say what is wrong with the place of a text: within a plot it stands by a figure that is shown."""
    told = {name: float(found[0]) for name, text in shape.numbers.items() if (found := _NUMBER.findall(text))}
    low, high = sorted((scale.r0, scale.r1))
    y, x = told.get("y", 0.0), told.get("x", 0.0)
    if "transform" in shape.numbers:
        return "a text is moved by a transform"
    if not low + _AXIS < y < high - _AXIS:
        return ""
    drawn = [scale.r0 + (value - scale.x0) * (scale.r1 - scale.r0) / (scale.x1 - scale.x0) for value in values]
    is_near = any(abs(place - each) <= _NEAR for place in (y, x) for each in drawn)
    return "" if is_near else "a text stands where no figure is shown"


def _n_decimals(number: str) -> int:
    return len(number.partition(".")[2])


def _coordinates(shape: Shape) -> list[str]:
    return [
        number
        for name, text in shape.numbers.items()
        if name not in {"class", *_LOOKS}
        for number in _NUMBER.findall(text)
    ]


def _points(shape: Shape) -> list[tuple[float, ...]]:
    """Return what must say a value: each entry holds coordinates of which one is drawn along the axis of values."""
    told = {name: float(found[0]) for name, text in shape.numbers.items() if (found := _NUMBER.findall(text))}
    if shape.tag in {"circle", "ellipse"}:
        return [(told.get("cy", 0.0), told.get("cx", 0.0))]
    if shape.tag in {"use", "image", "foreignobject"}:
        return [(told.get("y", 0.0), told.get("x", 0.0))]
    if shape.tag == "rect":
        x, y = told.get("x", 0.0), told.get("y", 0.0)
        return [(y, y + told.get("height", 0.0), x + told.get("width", 0.0), x)]
    if shape.tag == "line":
        return [(told.get("y1", 0.0), told.get("x1", 0.0)), (told.get("y2", 0.0), told.get("x2", 0.0))]
    if shape.tag == "path":
        return _path_points(shape.numbers.get("d", ""))
    numbers = [float(number) for number in _NUMBER.findall(shape.numbers.get("points", ""))]
    return list(zip(numbers[1::2], numbers[::2], strict=False))


def _path_points(text: str) -> list[tuple[float, ...]]:
    """Return the vertices of a path; a command of another kind than M, L, H, V and Z is a vertex nobody can read."""
    points: list[tuple[float, ...]] = []
    x = y = 0.0
    for command, rest in _COMMAND.findall(text):
        numbers = [float(number) for number in _NUMBER.findall(rest)]
        if command in "ML":
            for x, y in zip(numbers[::2], numbers[1::2], strict=False):
                points.append((y, x))
        elif command in "HV":
            for number in numbers:
                x, y = (number, y) if command == "H" else (x, number)
                points.append((y, x))
        elif command not in "Zz":
            points.append(())
    return points
