"""Say what kind of alert one is: its sign, its word, and what its figure is set beside. One place for each word.

How an alert reads as a sentence of its own is ``aimline.signals.explain``; here, the words around a figure on a page.
"""

from dataclasses import dataclass
from typing import Any

from aimline.signals import OVER
from reports.charts.shape import side_of


@dataclass(frozen=True)
class AlertWords:
    """The words of an alert.

    Attributes:
        side: Which colour it has: on, watch, off or unknown.
        shape: The status whose sign stands beside the word.
        word: What it is, where it is no status of the aim line; else empty.
        beside: What its figure is set beside, where that is not the aim line; else empty.
        alone: Follows the period where the figure is of that period by itself.
        since: Comes before the day it began.
    """

    side: str
    shape: str
    word: str
    beside: str
    alone: str
    since: str


_KINDS = {
    "concern": ("off track", "worse than usual here"),
    "improvement": ("on track", "better than usual here"),
    "change": ("watch", "not as usual here"),
    "district": ("watch", "all schools moved"),
    "peer": ("watch", "unusual among the schools"),
    "sudden": ("off track", "one day far off"),
}
"""Kinds that are tested beside something else than the aim line: their sign and their word."""

_BESIDE = {
    "peer": "Each school is set beside the others of the same term",
    "sudden": "Each day is set beside the forty before it",
    "year_to_date": "Those who are new in it each month are set beside the months before",
}
"""What a figure is set beside, by the kind of the alert or of its period."""

_BESIDE_ITSELF = "Each period is set beside the usual level of this school"


def alert_words(row: Any) -> AlertWords:
    """Return the words of a row of ``rpt_alerts``."""
    since = "over, began" if row.state in OVER else f"{row.state} since"
    if row.kind not in _KINDS:
        return AlertWords(side_of(row.status), row.status, "", "", "", since)
    shape, word = _KINDS[row.kind]
    is_to_date = row.period_kind == "year_to_date"
    beside = _BESIDE.get(row.kind) or _BESIDE.get(row.period_kind, _BESIDE_ITSELF)
    return AlertWords(side_of(shape), shape, word, beside, "" if is_to_date else " alone", since)
