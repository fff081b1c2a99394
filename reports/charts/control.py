"""Draw the tables of the chart verbs: values, centre, limits, signals; a panel a series, a picture that stands alone.

What is told by colour is told by shape too: a signal is a ring, a centre a dashed line, limits a full one.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from reports.charts.scale import Scale, ticks
from reports.charts.svg import element, number, polyline, words

WIDTH, HEIGHT = 720.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 16.0, 30.0, 34.0
_MOST_LABELS = 7
_CAPTION = 24.0
_STYLE = (
    "text{font:13px sans-serif;fill:#444}.name{font-weight:700;fill:#111}.grid{stroke:#ddd}"
    ".value{fill:none;stroke:#1b5e8c;stroke-width:2}.centre{fill:none;stroke:#444;stroke-dasharray:6 4}"
    ".limit{fill:none;stroke:#8a5a00;stroke-width:1.5}.point{fill:#1b5e8c}"
    ".signal{fill:#fff;stroke:#b3261e;stroke-width:2.5}"
)


@dataclass(frozen=True)
class Roles:
    """Which columns of a table are drawn as what; ``mirrored`` limits stand on both sides of zero."""

    series: str
    label: str
    lines: tuple[str, ...]
    flags: tuple[str, ...]
    centre: str = ""
    low: str = ""
    high: str = ""
    phase: str = ""
    mirrored: bool = False
    joined: bool = True


ROLES: dict[str, Roles] = {
    "sigma_signal": Roles("facet1", "x", ("y",), ("sigma_signal",), "cl", "lcl", "ucl", "part"),
    "special_cause_flag": Roles("f", "x", ("y",), ("special_cause_flag",), "mean_col", "lpl", "upl", "rebase_group"),
    "ewma": Roles("series", "seq", ("ewma",), ("signal",), "center", "lcl", "ucl"),
    "cusum_pos": Roles(
        "series", "seq", ("cusum_pos", "cusum_neg"), ("signal_up", "signal_down"), high="h", mirrored=True
    ),
    "cusum1": Roles("", "x", ("cusum1", "cusum2"), ("signal1", "signal2"), low="limit2", high="limit1"),
    "Uzscore": Roles("", "denominator", ("rr",), ("outlier",), "", "OD99LCL", "OD99UCL", joined=False),
}
"""A column that only one kind of table has, and what is drawn of such a table."""

Row = Mapping[str, Any]


def draw_control(columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """Return the SVG of a table of a chart verb; nothing when it is a table that cannot be drawn.

    Args:
        columns: Its columns.
        rows: Its rows, in order.
        caption: What stands below: the rules the signals come from.
    """
    roles = next((each for name, each in ROLES.items() if name in columns), None)
    if roles is None:
        return ""
    series: dict[str, list[Row]] = {}
    for cells in rows:
        row = dict(zip(columns, cells, strict=True))
        series.setdefault(str(row[roles.series]) if roles.series else "", []).append(row)
    panels = [
        element("g", _panel(name, members, roles), transform=f"translate(0 {number(at * HEIGHT)})")
        for at, (name, members) in enumerate(series.items())
    ]
    title = element("title", escape(f"{', '.join(roles.lines)}: {len(series)} series, {_told(series, roles)} signals"))
    return element(
        "svg",
        element("style", _STYLE) + title + "".join(panels) + words(caption, (_LEFT, HEIGHT * len(series) + 14), "tick"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT * len(series) + _CAPTION)}",
        role="img",
    )


def _told(series: Mapping[str, list[Row]], roles: Roles) -> int:
    return sum(_has_signal(row, flag) for rows in series.values() for row in rows for flag in roles.flags)


def _has_signal(row: Row, flag: str) -> bool:
    """Say whether a cell is a signal: TRUE, 1, or a number where there is none without one."""
    value = row[flag]
    return value is not None and not (isinstance(value, float) and math.isnan(value)) and bool(value)


def _number(row: Row, column: str) -> float:
    value = row[column] if column else None
    return math.nan if value is None else float(value)


def _high(row: Row, roles: Roles) -> float:
    return _number(row, roles.high)


def _low(row: Row, roles: Roles) -> float:
    return -_high(row, roles) if roles.mirrored else _number(row, roles.low)


def _panel(name: str, rows: list[Row], roles: Roles) -> str:
    if not roles.joined:
        rows = sorted(rows, key=lambda row: _number(row, roles.label))
    across = Scale(0.0, max(1.0, len(rows) - 1.0), _LEFT, WIDTH - _RIGHT)
    shown = [
        value
        for row in rows
        for value in (*(_number(row, line) for line in roles.lines), _low(row, roles), _high(row, roles))
        if not math.isnan(value)
    ]
    if not shown:
        return words(f"{name}: no value", (_LEFT, _TOP), "name")
    marks = ticks(min(shown), max(shown))
    up = Scale(marks[0], marks[-1], HEIGHT - _BOTTOM, _TOP)
    return "".join([*_axes(rows, roles, (across, up), marks), *_lines(rows, roles, (across, up)), _name(name)])


def _name(name: str) -> str:
    return words(name, (_LEFT, _TOP - 12), "name") if name not in {"", "1", "no facet"} else ""


def _axes(rows: list[Row], roles: Roles, scales: tuple[Scale, Scale], marks: list[float]) -> Iterator[str]:
    across, up = scales
    for mark in marks:
        path = f"M{number(_LEFT)} {number(up(mark))}H{number(WIDTH - _RIGHT)}"
        yield element("path", d=path, class_="grid")
        yield words(f"{mark:g}", (_LEFT - 8, up(mark) + 4), "tick", "end")
    every = max(1, math.ceil(len(rows) / _MOST_LABELS))
    for at in range(0, len(rows), every):
        yield words(_label(rows[at][roles.label]), (across(float(at)), HEIGHT - _BOTTOM + 20), "tick", "middle")


def _label(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _lines(rows: list[Row], roles: Roles, scales: tuple[Scale, Scale]) -> Iterator[str]:
    phases = [row[roles.phase] if roles.phase else None for row in rows]
    starts = {at for at in range(1, len(rows)) if phases[at] != phases[at - 1]}
    yield from _path([_number(row, roles.centre) for row in rows], "centre", scales, starts)
    yield from _path([_low(row, roles) for row in rows], "limit", scales, starts)
    yield from _path([_high(row, roles) for row in rows], "limit", scales, starts)
    for line, flag in zip(roles.lines, roles.flags, strict=True):
        values = [_number(row, line) for row in rows]
        if roles.joined:
            yield from _path(values, "value", scales, set())
        yield from _points(values, [_has_signal(row, flag) for row in rows], scales)


def _path(values: list[float], class_: str, scales: tuple[Scale, Scale], starts: set[int]) -> Iterator[str]:
    """Draw a line that breaks where a value is missing, and before each start."""
    piece: list[tuple[float, float]] = []
    for at, value in enumerate([*values, math.nan]):
        if piece and (math.isnan(value) or at in starts):
            yield polyline(piece, class_)
            piece = []
        if not math.isnan(value):
            piece.append((scales[0](float(at)), scales[1](value)))


def _points(values: list[float], signals: list[bool], scales: tuple[Scale, Scale]) -> Iterator[str]:
    for at, (value, has_signal) in enumerate(zip(values, signals, strict=True)):
        if not math.isnan(value):
            radius, class_ = (5.0, "signal") if has_signal else (2.5, "point")
            yield element("circle", cx=scales[0](float(at)), cy=scales[1](value), r=radius, class_=class_)
