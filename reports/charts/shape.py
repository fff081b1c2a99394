"""Draw the shape of a status, so that it is told by more than its colour."""

from reports.charts.svg import element

_SHAPES = {
    "on track": '<circle cx="7" cy="7" r="6"/>',
    "watch": '<path d="M7 1L13.4 12.6H.6Z"/>',
    "off track": '<rect x="1" y="1" width="12" height="12" rx="1"/>',
    "cannot tell": '<path class="open" d="M4.3 4.6a2.7 2.7 0 1 1 3.7 2.5c-.8.3-1 .8-1 1.7M7 11.6v.5"/>',
}

STATUSES = tuple(_SHAPES)


SIDES = {"on track": "on", "watch": "watch", "off track": "off"}
"""The colour of a status, by the class that has it."""


def side_of(status: str | None) -> str:
    """Return the class that colours what has a status; ``unknown`` where it cannot be told."""
    return SIDES.get(status or "", "unknown")


def draw_status(status: str) -> str:
    """Return the shape of a status; the word stands beside it, so it is hidden from a reader of the text.

    Args:
        status: on track, watch, off track or cannot tell.
    """
    shape = _SHAPES.get(status, _SHAPES["cannot tell"])
    return element("svg", shape, class_="shape", viewBox="0 0 14 14", aria_hidden="true", focusable="false")
