"""Draw a school year at a glance: what is open when, the steps of reviews, the days of the board.

Drawn from declared dates alone; there is no figure in it. What shapes say, the words above them and the table say too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from reports.charts.scale import Scale, date_ticks
from reports.charts.svg import element, number, words
from reports.numbers import day

WIDTH = 440.0
_SIDE, _TOP, _ROW, _BAR = 4.0, 24.0, 36.0, 9.0
_BOARD = frozenset({"board_meeting", "budget_event"})
_OVER = frozenset({"done", "closed", "sealed"})


@dataclass(frozen=True)
class Lane:
    """One line of the chart: its words, and what lies on it from one day to another; a single day is a diamond."""

    label: str
    spans: tuple[tuple[date, date, str], ...]


def draw_year(rows: Iterable[Any], *, ident: str, title: str) -> str:
    """Return the chart of the dated obligations of a year; nothing where there are none.

    Args:
        rows: Have ``kind``, ``label``, ``opens_on``, ``closes_on``, ``due_on``, ``state``; oldest first.
        ident: Unique in the page; ids of title and description begin with it.
        title: What is shown.
    """
    lanes = lanes_of([*rows])
    days = [on for lane in lanes for span in lane.spans for on in span[:2]]
    if not days:
        return ""
    height = _TOP + _ROW * len(lanes) + 4.0
    x = Scale(float(min(days).toordinal()), float(max(days).toordinal() + 1), _SIDE + 5.0, WIDTH - _SIDE - 5.0)
    parts = [
        element("title", escape(title), id=f"{ident}-title"),
        element("desc", escape(describe(lanes)), id=f"{ident}-desc", data_cell="declared"),
        *_months(x, min(days), max(days), height),
        *(mark for n, lane in enumerate(lanes) for mark in _lane(lane, x, _TOP + _ROW * n)),
    ]
    return element(
        "svg",
        "".join(parts),
        class_="chart year",
        viewBox=f"0 0 {number(WIDTH)} {number(height)}",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-desc",
    )


def lanes_of(rows: Sequence[Any]) -> list[Lane]:
    """Return the lines: each window, the steps of each review together, the days of the board together."""
    spans = [row for row in rows if row.kind == "window" and row.opens_on and row.closes_on]
    lanes = [
        Lane(
            f"{row.label}, {day(row.opens_on, 'short')} to {day(row.closes_on, 'short')}",
            ((row.opens_on, row.closes_on, row.state),),
        )
        for row in spans
    ]
    steps: dict[str, list[Any]] = {}
    for row in rows:
        if row.kind.startswith("review_") or row.kind == "decide_by":
            steps.setdefault(row.label, []).append(row)
    for label, found in steps.items():
        ends = f"{day(found[0].due_on, 'short')} to {day(found[-1].due_on, 'short')}"
        lanes.append(Lane(f"{label}, {ends}", tuple((row.due_on, row.due_on, row.state) for row in found)))
    board = [row for row in rows if row.kind in _BOARD]
    if board:
        dates = {row.due_on: row.state for row in board}
        lanes.append(Lane("Board and budget", tuple((on, on, state) for on, state in sorted(dates.items()))))
    return lanes


def describe(lanes: Sequence[Lane]) -> str:
    """Say in words what the chart shows."""
    told = [lane.label if len(lane.spans) == 1 else f"{lane.label}: {len(lane.spans)} days" for lane in lanes]
    return ". ".join(told) + "."


def _months(x: Scale, first: date, last: date, height: float) -> Iterator[str]:
    for on, label in date_ticks(first, last):
        place = x(on.toordinal())
        yield element("path", d=f"M{number(place)} {number(_TOP - 6.0)}V{number(height)}", class_="grid")
        yield words(label, (place, 12.0), "axis", "middle" if place > 2 * _ROW else "start")


def _lane(lane: Lane, x: Scale, top: float) -> Iterator[str]:
    """Draw one line: its words, and below them bars and diamonds; what is over is pale."""
    first = min(x(span[0].toordinal()) for span in lane.spans)
    is_left = first + 7.0 * len(lane.label) < WIDTH
    at = (first - 2.0, top + 12.0) if is_left else (WIDTH - _SIDE, top + 12.0)
    yield words(lane.label, at, "lane", "start" if is_left else "end")
    middle = top + 16.0 + _BAR / 2
    for begins, ends, state in lane.spans:
        left, right = x(begins.toordinal()), x(ends.toordinal() + (begins != ends))
        class_ = "span over" if state in _OVER else "span"
        if begins == ends:
            shape = f"M{number(left - 5)} {number(middle)}l5 -5l5 5l-5 5Z"
            yield element("path", d=shape, class_=class_)
        else:
            yield element("rect", x=left, y=top + 16.0, width=right - left, height=_BAR, rx=2, class_=class_)
