"""Draw charts as SVG text: pure functions, data in, text out.

Marks are drawn from the numbers that are told in words, no finer, and only from figures that are shown: no range, order
or width depends on a hidden one. Colours are classes of the style sheet; nothing is told by colour alone.
"""

from collections.abc import Callable

from reports.charts.aim_line import draw_aim_line
from reports.charts.bar import draw_rate
from reports.charts.funnel import draw_funnel
from reports.charts.level import draw_level
from reports.charts.shape import draw_status
from reports.charts.year import draw_year

DRAWN: dict[str, Callable[..., str]] = {
    "draw_aim_line": draw_aim_line,
    "draw_funnel": draw_funnel,
    "draw_level": draw_level,
    "draw_rate": draw_rate,
    "draw_status": draw_status,
    "draw_year": draw_year,
}
"""What components may draw, by the name they call it."""

__all__ = ["DRAWN", "draw_aim_line", "draw_funnel", "draw_level", "draw_rate", "draw_status", "draw_year"]
