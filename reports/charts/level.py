"""Draw a control chart for a page: values beside their own usual level and the limits of chance; a signal is a ring.

A long run is a statement about all periods together, and stands in words beside the chart.
"""

from collections.abc import Iterable
from typing import Any

from reports.charts.aim_line import AimLine, Point, Usual, svg_of
from reports.numbers import drawn


def draw_level(rows: Iterable[Any], notes: Iterable[Any] = (), **about: str) -> str:
    """Return the control chart of some rows: values, their usual level and limits; a signal is a ring.

    Args:
        rows: Have ``period_ends_on``, ``period_label``, ``figure``, ``phase`` and ``rule``; oldest first.
        notes: Have ``noted_on``: days that were events by themselves.
        about: ``ident``, unique in the page; ``title``, what is measured and of whom.
    """
    points = tuple(_level_point(row) for row in rows)
    unit = next((row.figure.unit for row in rows), "share")
    events = tuple(sorted({row.noted_on for row in notes}))
    return svg_of(AimLine(about["ident"], about["title"], unit, "maintain", points, (), events))


def _level_point(row: Any) -> Point:
    numbers = drawn(row.figure)
    usual = None
    if numbers.usual is not None:
        usual = Usual(numbers.usual, numbers.limit_low, numbers.limit_high, row.phase, row.rule not in {None, "runs"})
    told = (row.period_ends_on, row.period_label, row.figure.text, row.figure.is_hidden, numbers.value)
    return Point(*told, None, None, None, row.figure.id, usual)
