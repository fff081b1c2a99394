"""Draw an indicator against its aim line: values with their interval, the line they should be on, what is hidden.

The line of the values breaks where a figure is not shown; nothing is drawn in between. What a chart says in shapes its
description says in words, and the table beside it says in numbers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import groupby, pairwise
from statistics import linear_regression
from typing import Any

from reports.charts.scale import Scale, date_ticks, ticks, told_scale, whole_steps
from reports.charts.svg import element, number, polygon, polyline, width, words
from reports.numbers import Figure, day, drawn, rounded, tick
from schemas.shown import DECIMALS, shown_text

WIDTH, HEIGHT = 440.0, 250.0
_TOP, _RIGHT, _BOTTOM = 18.0, 14.0, 30.0
_SIZE = 13.0
_FEW = 9  # up to this many points each gets a mark and a whisker; more make a line and a band
_NEAR = 17.0
_ROUNDING = 0.6  # of a step: half of it, and what fitting a line to rounded points adds


@dataclass(frozen=True)
class Point:
    """One period: figure, last day, name, and the numbers that may be drawn; all None where nothing is shown."""

    on: date
    label: str
    text: str
    is_hidden: bool
    value: float | None
    low: float | None
    high: float | None
    expected: float | None
    ident: str = ""
    usual: "Usual | None" = None
    definition: str = ""


@dataclass(frozen=True)
class Usual:
    """What a control chart says of a point: its centre and limits, those of a phase, and whether it is a signal."""

    centre: float
    low: float | None
    high: float | None
    phase: int
    is_signal: bool

    @property
    def levels(self) -> list[float]:
        """Return what is drawn of it."""
        return [each for each in (self.low, self.centre, self.high) if each is not None]


@dataclass(frozen=True)
class Path:
    """A day on the aim line."""

    on: date
    expected: float


@dataclass(frozen=True)
class AimLine:
    """What a chart shows.

    Attributes:
        ident: Unique in the page; ids of title and description begin with it.
        title: What is measured, and of whom.
        unit: Unit of the values.
        direction: lower, higher or maintain: which side of the line is the good one.
        points: The periods, oldest first.
        path: The aim line, oldest first.
        events: Days that were events by themselves.
    """

    ident: str
    title: str
    unit: str
    direction: str
    points: tuple[Point, ...]
    path: tuple[Path, ...]
    events: tuple[date, ...] = ()

    @property
    def seen(self) -> list[Point]:
        """Return the points that are drawn."""
        return [point for point in self.points if point.value is not None]


def draw_aim_line(rows: Iterable[Any], path: Iterable[Any], notes: Iterable[Any] = (), **about: str) -> str:
    """Return the chart of some rows.

    Args:
        rows: Have ``period_ends_on``, ``period_label`` and ``figure``; oldest first. No line joins two whose
            ``definition_edition`` differs, where they have one.
        path: Have ``on_date`` and ``expected``; oldest first.
        notes: Have ``noted_on``: days that were events by themselves.
        about: ``ident``, unique in the page; ``title``, what is measured and of whom; ``direction``, the good side.
    """
    points = tuple(_point(row) for row in rows)
    unit = next((row.figure.unit for row in rows), "share")
    line = [Path(row.on_date, value) for row in path if (value := rounded(row.expected, unit)) is not None]
    if not line:
        line = [Path(point.on, point.expected) for point in points if point.expected is not None]
    line = _straightened(line, 10.0 ** -DECIMALS[unit])
    events = tuple(sorted({row.noted_on for row in notes}))
    return svg_of(AimLine(about["ident"], about["title"], unit, about["direction"], points, tuple(line), events))


def _point(row: Any) -> Point:
    figure: Figure = row.figure
    numbers = drawn(figure)
    told = (numbers.value, numbers.low, numbers.high, numbers.expected, figure.id)
    definition = getattr(row, "definition_edition", None) or ""
    return Point(row.period_ends_on, row.period_label, figure.text, figure.is_hidden, *told, definition=definition)


def _straightened(path: list[Path], step: float) -> list[Path]:
    """Draw a rounded path as the line it was: straight if one line rounds to all of it, else in straight pieces.

    Drawn as it is published, a line that rises by a point a year would look like stairs.
    """
    if len(path) < 3:  # noqa: PLR2004 - a line has two ends
        return path
    days = [float((each.on - path[0].on).days) for each in path]
    values = [each.expected for each in path]
    slope, start = linear_regression(days, values)
    if all(abs(start + slope * x - y) <= _ROUNDING * step for x, y in zip(days, values, strict=True)):
        return [Path(path[0].on, start), Path(path[-1].on, start + slope * days[-1])]
    return _in_pieces(path, step)


def _in_pieces(path: list[Path], step: float) -> list[Path]:
    """Leave out days that lie on a line already, as far as rounding lets one see (Douglas and Peucker 1973)."""
    first, last = path[0], path[-1]
    slope = (last.expected - first.expected) / ((last.on - first.on).days or 1)
    off = [abs(each.expected - first.expected - slope * (each.on - first.on).days) for each in path]
    farthest = max(range(len(path)), key=off.__getitem__)
    if off[farthest] <= step * (1 + 1e-6):
        return [first, last]
    return [*_in_pieces(path[: farthest + 1], step)[:-1], *_in_pieces(path[farthest:], step)]


def svg_of(chart: AimLine) -> str:
    """Return the chart as SVG; nothing when there is no value to draw."""
    if not chart.seen:
        return ""
    x, y, marks = _scales(chart)
    parts = [
        element("title", escape(chart.title), id=f"{chart.ident}-title"),
        element(
            "desc",
            escape(describe(chart)),
            id=f"{chart.ident}-desc",
            data_figure=chart.seen[-1].ident,
            data_field="description",
        ),
        *_worse_side(chart, x, y),
        *_axes(chart, x, y, marks),
        *_path(chart, x, y),
        *_events(chart, x, y),
        element(
            "g",
            "".join((*_usual_lines(chart, x, y), *_interval(chart, x, y), *_values(chart, x, y))),
            data_scale=told_scale(y, chart.unit),
        ),
        *_labels(chart, x, y),
    ]
    return element(
        "svg",
        "".join(parts),
        class_="chart",
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        role="img",
        aria_labelledby=f"{chart.ident}-title {chart.ident}-desc",
    )


def describe(chart: AimLine) -> str:
    """Say what the chart shows: newest, expected, first, lowest and highest value, and what is not shown."""
    seen = chart.seen
    newest, first = seen[-1], seen[0]
    parts = [f"{newest.label}: {newest.text}."]
    if newest.expected is not None:
        parts.append(f"Expected by then: {shown_text(newest.expected, chart.unit)}.")
    if newest.low is not None and newest.high is not None:
        low, high = shown_text(newest.low, chart.unit), shown_text(newest.high, chart.unit)
        parts.append(f"Interval: {low} to {high}.")
    if newest.usual is not None:
        parts.append(f"Usual: {shown_text(newest.usual.centre, chart.unit)}.")
    if len(seen) > 1:
        lowest = min(seen, key=lambda point: point.value or 0.0)
        highest = max(seen, key=lambda point: point.value or 0.0)
        parts.append(f"First: {first.text}. Lowest: {lowest.text}. Highest: {highest.text}.")
    if chart.path:
        begins, ends = chart.path[0], chart.path[-1]
        parts.append(
            f"The aim line runs from {day(begins.on)} to {shown_text(ends.expected, chart.unit)} on {day(ends.on)}."
        )
    return " ".join((*parts, *_beside(chart)))


def _beside(chart: AimLine) -> Iterator[str]:
    """Say where the line breaks, which days were events, and what is not shown."""
    if len({point.definition for point in chart.seen}) > 1:
        yield "The line breaks where the questionnaire changed."
    if chart.events:
        yield f"Single days far off: {', '.join(map(day, chart.events))}."
    hidden = [point.label for point in chart.points if point.is_hidden]
    if hidden:
        yield f"Not shown, to protect privacy: {', '.join(hidden)}."


def _scales(chart: AimLine) -> tuple[Scale, Scale, list[float]]:
    """Return the maps of both axes and the numbers of the upright one, from what is drawn and nothing else."""
    values = [each for point in chart.seen for each in (point.value, point.low, point.high) if each is not None]
    values += [each.expected for each in chart.path]
    values += [each for point in chart.seen if point.usual for each in point.usual.levels]
    low, high = min(values), max(values)
    step = 10.0 ** -DECIMALS[chart.unit]
    is_flat = high - low < step / 2  # what lies closer than can be told differs by how it was worked out
    room = max(abs(high), 1.0 if abs(high) < step else 0.0) * 0.05 if is_flat else (high - low) * 0.06
    low, high = low - room, high + room
    if chart.unit == "share":
        low, high = max(low, 0.0), min(high, max(1.0, *values))
    marks = ticks(low, high)
    left = max(width(tick(mark, chart.unit), _SIZE) for mark in marks) + 10.0
    days = [point.on for point in chart.points] + [each.on for each in chart.path]
    across = Scale(float(min(days).toordinal()), float(max(days).toordinal()), left + 6.0, WIDTH - _RIGHT)
    return across, whole_steps(Scale(marks[0], marks[-1], HEIGHT - _BOTTOM, _TOP), step), marks


def _axes(chart: AimLine, x: Scale, y: Scale, marks: list[float]) -> Iterator[str]:
    left = x.start - 6.0
    for mark in marks:
        yield element("path", d=f"M{number(left)} {number(y(mark))}H{number(WIDTH - _RIGHT)}", class_="grid")
        yield words(tick(mark, chart.unit), (left - 5.0, y(mark) + 4.5), "axis", "end", data_cell="scale")
    first, last = date.fromordinal(int(x.low)), date.fromordinal(int(x.high))
    for on, label in date_ticks(first, last):
        place = x(on.toordinal())
        anchor = "end" if place + width(label, _SIZE) / 2 > WIDTH else "middle"
        yield element("path", d=f"M{number(place)} {number(y.start)}v4", class_="tick")
        yield words(label, (place, HEIGHT - 10.0), "axis", anchor)


def _worse_side(chart: AimLine, x: Scale, y: Scale) -> Iterator[str]:
    """Shade the side of the aim line on which nobody wants to be."""
    if chart.direction == "maintain" or len(chart.path) < 2:  # noqa: PLR2004 - a line has two ends
        return
    edge = y.end if chart.direction == "lower" else y.start
    line = [(x(each.on.toordinal()), y(each.expected)) for each in chart.path]
    yield polygon([*line, (line[-1][0], edge), (line[0][0], edge)], "worse")


def _path(chart: AimLine, x: Scale, y: Scale) -> Iterator[str]:
    if len(chart.path) > 1:
        yield polyline([(x(each.on.toordinal()), y(each.expected)) for each in chart.path], "aim")
    for only in chart.path if len(chart.path) == 1 else ():
        place, height = x(only.on.toordinal()), y(only.expected)
        yield element("rect", x=place - 5.0, y=height - 5.0, width=10, height=10, class_="aim-point")


def _events(chart: AimLine, x: Scale, y: Scale) -> Iterator[str]:
    """Draw an upright line at each day that was an event; a day beyond the chart stands in the words alone."""
    for on in chart.events:
        if x.low <= on.toordinal() <= x.high:
            place = number(x(on.toordinal()))
            yield element("path", d=f"M{place} {number(y.start)}V{number(y.end)}", class_="tick event")


def _runs(chart: AimLine) -> Iterator[list[Point]]:
    """Yield the points between gaps: a line may only join neighbours that are both shown and ask the same."""
    for definition in dict.fromkeys(point.definition for point in chart.points):
        mine = (point for point in chart.points if point.definition == definition)
        yield from (list(run) for is_seen, run in groupby(mine, lambda point: point.value is not None) if is_seen)


def _usual_lines(chart: AimLine, x: Scale, y: Scale) -> Iterator[str]:
    """Draw centre and limits of each phase."""
    phases: dict[int, list[Point]] = {}
    for point in chart.seen:
        if point.usual is not None:
            phases.setdefault(point.usual.phase, []).append(point)
    for points in phases.values():
        ends = (x(points[0].on.toordinal()), x(points[-1].on.toordinal()))
        usual = points[-1].usual
        for level, class_ in ((usual.low, "limit"), (usual.centre, "centre"), (usual.high, "limit")) if usual else ():
            if level is not None:
                yield polyline([(ends[0], y(level)), (ends[1], y(level))], class_)


def _interval(chart: AimLine, x: Scale, y: Scale) -> Iterator[str]:
    """Draw the interval: a whisker at each of a few points, a band along many."""
    for run in _runs(chart):
        known = [point for point in run if point.low is not None and point.high is not None]
        if len(chart.points) > _FEW and len(known) > 1:
            upper = [(x(point.on.toordinal()), y(point.high or 0.0)) for point in known]
            lower = [(x(point.on.toordinal()), y(point.low or 0.0)) for point in known]
            yield polygon([*upper, *reversed(lower)], "band")
            continue
        for point in known:
            place = x(point.on.toordinal())
            ends = f"M{number(place)} {number(y(point.low or 0.0))}V{number(y(point.high or 0.0))}"
            yield element("path", d=ends, class_="whisker", data_figure=point.ident, data_field="interval")


def _values(chart: AimLine, x: Scale, y: Scale) -> Iterator[str]:
    for run in _runs(chart):
        for before, after in pairwise(run):
            ends = [(x(point.on.toordinal()), y(point.value or 0.0)) for point in (before, after)]
            yield polyline(ends, "value") if len(chart.points) <= _FEW else ""
        if len(chart.points) > _FEW:
            yield polyline([(x(point.on.toordinal()), y(point.value or 0.0)) for point in run], "value")
    for point in chart.seen:
        radius = 5.0 if point is chart.seen[-1] else 3.5 if len(chart.points) <= _FEW else 1.0
        place, height = x(point.on.toordinal()), y(point.value or 0.0)
        is_signal = point.usual is not None and point.usual.is_signal
        class_, radius = ("signal", 5.0) if is_signal else ("point", radius)
        yield element("circle", cx=place, cy=height, r=radius, class_=class_, data_figure=point.ident)
    for point in chart.points:
        if point.is_hidden:
            yield words("×", (x(point.on.toordinal()), y.start - 4.0), "hidden", "middle")  # noqa: RUF001 - the sign


def _labels(chart: AimLine, x: Scale, y: Scale) -> Iterator[str]:
    """Name the newest value and the end of the aim line, each on its own side of the line."""
    newest = chart.seen[-1]
    place, height = x(newest.on.toordinal()), y(newest.value or 0.0)
    text = newest.text
    is_above = newest.expected is None or (newest.value or 0.0) >= newest.expected
    is_right = place + 10.0 + width(text, 17.0) < WIDTH - _RIGHT
    at = (place + (8.0 if is_right else -4.0), _inside(height + (-9.0 if is_above else 21.0), y))
    yield words(text, at, "newest", "start" if is_right else "end", data_figure=newest.ident)
    if not chart.path:
        return
    end = chart.path[-1]
    text = f"aim {shown_text(end.expected, chart.unit)}"
    line_height = y(end.expected)
    is_far = abs(place - x.end) > width(text, _SIZE) + _NEAR or abs(height - line_height) > 2 * _NEAR
    is_below = chart.direction == "lower" if is_far else is_above
    at = (WIDTH - _RIGHT, _inside(line_height + (17.0 if is_below else -8.0), y))
    yield words(text, at, "aim-label", "end", data_cell="declared")


def _inside(place: float, y: Scale) -> float:
    """Keep a line of text inside the frame."""
    return min(max(place, y.end + 4.0), y.start - 4.0)
