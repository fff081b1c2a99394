"""Draw one share as a bar with a tick where it should be. The number stands beside it as text."""

from reports.charts.scale import Scale
from reports.charts.svg import element
from reports.numbers import Figure, drawn, drawn_rate, rounded

_WIDTH, _HEIGHT = 160, 14


def draw_rate(figure: Figure, threshold: float | None = None, *, of_rate: bool = False) -> str:
    """Return the bar of a share, from 0 to 1; nothing when the figure is not shown.

    Args:
        figure: The figure.
        threshold: Where the share should be.
        of_rate: Draw the response rate of the figure and not its value.
    """
    value = drawn_rate(figure) if of_rate else drawn(figure).value
    if value is None:
        return ""
    scale = Scale(0.0, 1.0, 1.0, _WIDTH - 9.0)
    mark = {"data_figure": figure.id, "data_field": "response_rate" if of_rate else "value"}
    parts = [
        element("rect", x=1, y=3, width=scale(1.0) - scale(0.0), height=8, rx=2, class_="bar-room"),
        element(
            "rect", x=1, y=3, width=scale(min(max(value, 0.0), 1.0)) - 1.0, height=8, rx=2, class_="bar-value", **mark
        ),
    ]
    if threshold is not None:
        place = scale(rounded(threshold, "share") or 0.0)
        parts.append(element("path", d=f"M{place:.1f} 0V{_HEIGHT}", class_="bar-tick"))
    return element(
        "svg",
        "".join(parts),
        data_scale="0,100,1,151",
        class_="bar",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        aria_hidden="true",
    )
