"""Measure how far a figure is from the aim line, and how sure that distance is. Words and thresholds belong elsewhere.

First form: the value of a period is compared with the value expected on its date. No forecast is made.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

RATE_PERIODS = frozenset({"week", "month"})
"""Periods of a rate that repeats: its own variation from one period to the next is the error of one period."""

WAVE_PERIODS = frozenset({"window", "occasion", "term"})
"""Periods that come a few times a year and stand alone."""

_MOVING_RANGE_TO_SD = 1.128  # mean range of two normal values, in standard deviations (Montgomery, d2 for n = 2)
_MIN_RANGES = 2


@dataclass(frozen=True)
class Reading:
    """One visible figure of a series, with its place on the aim line.

    Attributes:
        period_on: Last day of the period.
        period_kind: week, month, term, year_to_date, year, window or occasion.
        value: The figure, null when there is none.
        expected: The aim line on that day, null without a target.
        baseline: Where the indicator started, on the scale of that day.
        sampling_se: Standard error of the figure where it is a sample, else null.
        n_people: People behind the figure.
        is_share: The value is a share of the people or of their days.
        is_record: The figure counts records, so it is exact.
        reliability: Reliability of a school's survey mean.
        is_withheld: Its quality was too low to report it.
    """

    period_on: date
    period_kind: str
    value: float | None
    expected: float | None
    baseline: float | None = None
    sampling_se: float | None = None
    n_people: int | None = None
    is_share: bool = True
    is_record: bool = False
    reliability: float | None = None
    is_withheld: bool = False


def standard_error(series: Sequence[Reading]) -> float | None:
    """Return the standard error of the newest reading; None when nothing is known about it.

    A sample has its sampling error. A weekly or monthly rate has its own variation about the aim line. A full count
    of people has the error of a share, since other children in the same school would have given another count.
    Records are exact.
    """
    newest = series[-1]
    if newest.is_record:
        return 0.0
    if newest.sampling_se is not None:
        return newest.sampling_se
    if newest.period_kind in RATE_PERIODS:
        return own_variation(series)
    if newest.is_share and newest.value is not None and newest.n_people:
        return share_error(newest.value, newest.n_people)
    return None


def own_variation(series: Sequence[Reading]) -> float | None:
    """Return the standard deviation of one period, from the mean moving range of the distances to the aim line."""
    distances = [
        reading.value - (reading.expected or 0.0)
        for reading in series
        if reading.value is not None and not reading.is_withheld
    ]
    ranges = [abs(after - before) for before, after in pairwise(distances)]
    if len(ranges) < _MIN_RANGES:
        return None
    return math.fsum(ranges) / len(ranges) / _MOVING_RANGE_TO_SD


def share_error(share: float, n: int) -> float:
    """Return the standard error of a share of n people, with two added on each side so that 0 and 1 have one too.

    Source: Agresti and Coull, The American Statistician 52 (1998).
    """
    drawn = (share * n + 2) / (n + 4)
    return math.sqrt(drawn * (1 - drawn) / (n + 4))


def chance_below(bound: float, mean: float, se: float) -> float:
    """Return the chance that the true value is at or below a bound."""
    if se == 0:
        return 1.0 if mean <= bound else 0.0
    return 0.5 * (1 + math.erf((bound - mean) / (se * math.sqrt(2))))
