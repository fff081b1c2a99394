"""Control errors over many tests: adjusted p-values. What is tested belongs elsewhere.

Sources: Benjamini and Hochberg 1995; Benjamini and Yekutieli 2001; Holm 1979.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from aimline.signals.residuals import Floats

Method = Literal["bh", "by", "holm"]


def adjust(p_values: Sequence[float], method: Method = "bh") -> list[float]:
    """Return adjusted p-values in the order given; a missing one stays missing and is no test."""
    order = sorted((p, at) for at, p in enumerate(p_values) if not math.isnan(p))
    m = len(order)
    found = [math.nan] * len(p_values)
    if method == "holm":
        highest = 0.0
        for rank, (p, at) in enumerate(order):
            highest = max(highest, (m - rank) * p)
            found[at] = min(1.0, highest)
        return found
    times = math.fsum(1 / i for i in range(1, m + 1)) if method == "by" else 1.0
    lowest = 1.0
    for rank in range(m, 0, -1):
        p, at = order[rank - 1]
        lowest = min(lowest, p * times * m / rank)
        found[at] = lowest
    return found


def adjusted_in_numpy(p: "Floats", method: Literal["bh", "by"]) -> "Floats":
    """Return what ``adjust`` returns, of as many values as a district has series."""
    import numpy as np

    order = np.argsort(p, kind="stable")
    order = order[: int(np.isfinite(p).sum())]
    m = len(order)
    times = math.fsum(1 / i for i in range(1, m + 1)) if method == "by" else 1.0
    found = np.full(p.shape, np.nan)
    found[order] = np.minimum.accumulate((p[order] * times * m / np.arange(1, m + 1))[::-1])[::-1].clip(max=1.0)
    return found


def two_sided(z: float) -> float:
    """Return the chance of a normal value at least so far from zero."""
    return math.erfc(abs(z) / math.sqrt(2))
