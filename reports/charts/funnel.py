"""Draw schools beside each other in one term: each at its size, between limits that widen as schools get smaller.

Across stands how many students there are behind a figure, so a reader who is told no exact counts gets no drawing: the
table says all that may be told. Schools stand in the order of their size and never of their figures.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from reports.charts.scale import Scale, ticks, told_scale, whole_steps
from reports.charts.svg import element, number, polyline, width, words
from reports.numbers import count, drawn, drawn_count, tick
from schemas.shown import DECIMALS, shown_text

WIDTH, HEIGHT = 440.0, 280.0
_TOP, _RIGHT, _BOTTOM = 18.0, 14.0, 46.0
_SIZE = 13.0
UNUSUAL = "unusual"


@dataclass(frozen=True)
class School:
    """One school that is shown: how many students, its figure and its limits, as they are told."""

    label: str
    n: int
    value: float
    text: str
    ident: str
    centre: float
    low: float
    high: float
    is_unusual: bool


def draw_funnel(rows: Iterable[Any], *, ident: str, title: str) -> str:
    """Return the chart of the schools of one indicator and term; nothing where a count or a limit is not told.

    Args:
        rows: Have ``unit_label``, ``figure`` and ``figure.verdict``.
        ident: Unique in the page; ids of title and description begin with it.
        title: What is compared.
    """
    shown = [row for row in rows if row.figure.is_exact]
    schools = [school for row in shown if (school := _school(row)) is not None]
    if len(schools) < len(shown) or not schools:
        return ""
    unit = shown[0].figure.unit
    schools.sort(key=lambda each: (each.n, each.label))
    x, y, marks = _scales(schools, unit)
    parts = [
        element("title", escape(title), id=f"{ident}-title"),
        element(
            "desc",
            escape(describe(schools, unit)),
            id=f"{ident}-desc",
            data_figure=schools[0].ident,
            data_field="description",
        ),
        *_axes(unit, x, y, marks),
        element("g", "".join((*_lines(schools, x, y), *_points(schools, x, y))), data_scale=told_scale(y, unit)),
        *_names(schools, x, y),
    ]
    return element(
        "svg",
        "".join(parts),
        class_="chart",
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-desc",
    )


def _school(row: Any) -> School | None:
    numbers, n = drawn(row.figure), drawn_count(row.figure)
    if n is None or numbers.value is None or numbers.usual is None:
        return None
    if numbers.limit_low is None or numbers.limit_high is None:
        return None
    levels = (numbers.usual, numbers.limit_low, numbers.limit_high)
    is_unusual = row.figure.verdict == UNUSUAL
    return School(row.unit_label, n, numbers.value, row.figure.text, row.figure.id, *levels, is_unusual)


def describe(schools: list[School], unit: str) -> str:
    """Say what the chart shows: what all schools come to, and which are unusual."""
    unusual = [f"{each.label} ({each.text})" for each in schools if each.is_unusual]
    told = f"Unusual: {', '.join(unusual)}." if unusual else "None is told as unusual."
    return f"Schools by size. All together: {shown_text(schools[0].centre, unit)}. {told}"


def _scales(schools: list[School], unit: str) -> tuple[Scale, Scale, list[float]]:
    levels = [level for each in schools for level in (each.value, each.low, each.high, each.centre)]
    step = 10.0 ** -DECIMALS[unit]
    low, high = min(levels), max(levels)
    room = max(step, (high - low) * 0.06)
    low, high = low - room, high + room
    if unit == "share":
        low, high = max(low, 0.0), min(high, 1.0)
    marks = ticks(low, high)
    left = max(width(tick(mark, unit), _SIZE) for mark in marks) + 10.0
    across = Scale(0.0, ticks(0.0, float(max(each.n for each in schools)))[-1], left + 6.0, WIDTH - _RIGHT)
    return across, whole_steps(Scale(marks[0], marks[-1], HEIGHT - _BOTTOM, _TOP), step), marks


def _axes(unit: str, x: Scale, y: Scale, marks: list[float]) -> Iterator[str]:
    left = x.start - 6.0
    for mark in marks:
        yield element("path", d=f"M{number(left)} {number(y(mark))}H{number(WIDTH - _RIGHT)}", class_="grid")
        yield words(tick(mark, unit), (left - 5.0, y(mark) + 4.5), "axis", "end", data_cell="scale")
    for mark in ticks(x.low, x.high):
        yield element("path", d=f"M{number(x(mark))} {number(y.start)}v4", class_="tick")
        anchor = "end" if mark == x.high else "middle"
        yield words(count(int(mark)), (x(mark), y.start + 18.0), "axis", anchor, data_cell="scale")
    yield words("students in the school", ((x.start + x.end) / 2, HEIGHT - 8.0), "axis", "middle")


def _lines(schools: list[School], x: Scale, y: Scale) -> Iterator[str]:
    centre = schools[0].centre
    yield polyline([(x.start, y(centre)), (x.end, y(centre))], "centre")
    for levels in ([each.low for each in schools], [each.high for each in schools]):
        yield polyline([(x(each.n), y(level)) for each, level in zip(schools, levels, strict=True)], "limit")


def _points(schools: list[School], x: Scale, y: Scale) -> Iterator[str]:
    for each in schools:
        radius, class_ = (5.0, "signal") if each.is_unusual else (3.5, "point")
        yield element("circle", cx=x(each.n), cy=y(each.value), r=radius, class_=class_, data_figure=each.ident)


def _names(schools: list[School], x: Scale, y: Scale) -> Iterator[str]:
    """Name the schools outside their limits, on the side of their point where there is room."""
    for each in schools:
        if each.is_unusual:
            is_right = x(each.n) + 10.0 + width(each.label, _SIZE) < WIDTH
            at = (x(each.n) + (9.0 if is_right else -9.0), y(each.value) + 4.5)
            yield words(each.label, at, "lane", "start" if is_right else "end")
