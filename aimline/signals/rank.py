"""Rank alerts: which of them a person should read first. Pure.

Source: signals.md 11.
"""

import math
from dataclasses import dataclass

_MOST_SURPRISE = 6.0
_UNLIKELY = 0.20
_WEIGHT = 1.5


@dataclass(frozen=True)
class Weight:
    """What the rank of an alert is made of.

    Attributes:
        p: Its chance, adjusted where it was.
        effect: Its size, in natural units.
        smallest_change: The smallest change that matters; None where none is declared.
        students: Whom it concerns.
        median_students: Whom the other alerts of its indicator concern, as a median.
        is_concern: It is for the worse.
        p_meet: Chance to meet the target; None when nobody can tell.
    """

    p: float
    effect: float
    smallest_change: float | None = None
    students: float | None = None
    median_students: float | None = None
    is_concern: bool = False
    p_meet: float | None = None


def priority(weight: Weight) -> float:
    """Return the rank of an alert; the highest is read first."""
    surprise = min(_MOST_SURPRISE, -math.log10(weight.p)) if weight.p > 0 else _MOST_SURPRISE
    size = abs(weight.effect) / weight.smallest_change if weight.smallest_change else 1.0
    share = math.sqrt(weight.students / weight.median_students) if weight.students and weight.median_students else 1.0
    worse = _WEIGHT if weight.is_concern else 1.0
    unlikely = _WEIGHT if weight.p_meet is not None and weight.p_meet < _UNLIKELY else 1.0
    return surprise * size * share * worse * unlikely
