"""Fit what days of many units share: the day of the week, the week, and whether a closed day is next to it.

A table has a row a unit and a column a school day, on a scale on which parts add up; NaN where nobody can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from aimline.signals.residuals import Flags, Floats, mean_over, trimmed_means

PASSES = 3
_TRIM = 0.1
_WEEKDAYS = 5


@dataclass(frozen=True)
class Labels:
    """Which parts each day has.

    Attributes:
        weekday: Its day of the week.
        week: The first day of its week.
        is_beside: Whether a closed day of the week is next to it.
    """

    weekday: NDArray[np.int64]
    week: NDArray[np.int64]
    is_beside: Flags


@dataclass(frozen=True)
class Parts:
    """What was fitted: the level of each unit, and for each labelled day what it shares with days like it."""

    units: Floats
    weekday: Floats
    week: Floats
    beside: Floats


def labels_of(dates: Sequence[date]) -> Labels:
    """Return the labels of school days; a day of the week that is none of them, and between them, was closed."""
    known = set(dates)
    beside = [
        any(
            each.weekday() < _WEEKDAYS and each not in known and dates[0] < each < dates[-1]
            for each in (day - timedelta(days=1), day + timedelta(days=1))
        )
        for day in dates
    ]
    weeks = [day.toordinal() - day.weekday() for day in dates]
    weekdays = np.array([day.weekday() for day in dates], dtype=np.int64)
    return Labels(weekdays, np.array(weeks, dtype=np.int64), np.array(beside, dtype=bool))


def fit_parts(y: Floats, labels: Labels, passes: int = PASSES) -> Parts:
    """Fit the parts by trimmed means, each to what the others leave.

    Args:
        y: Units and days.
        labels: Of as many days as ``y`` has, or more: these are told their parts, and tell nothing.
        passes: How often each part is fitted. A week takes on some of what its days beside a closed one share, and
            gives it back pass by pass.
    """
    n = y.shape[1]
    units = mean_over(y)
    weekday, week, beside = (np.zeros(len(labels.week)) for _ in range(3))
    for _ in range(passes):
        rest = y - (weekday + week + beside)[:n]
        units = trimmed_means(rest.T, _TRIM)
        rest = y - units[:, None]
        weekday = _part(rest - (week + beside)[:n], labels.weekday)
        week = _part(rest - (weekday + beside)[:n], labels.week)
        beside = _part(rest - (weekday + week)[:n], labels.is_beside.astype(np.int64)) * labels.is_beside
    return Parts(units, weekday, week, beside)


def _part(rest: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return for every labelled day the trimmed mean of the days in ``rest`` that have its label; zero for none."""
    n = rest.shape[1]
    found = np.zeros(len(labels))
    for label in np.unique(labels):
        here = labels == label
        cells = rest[:, here[:n]].ravel()
        if np.isfinite(cells).any():
            found[here] = trimmed_means(cells[:, None], _TRIM)[0]
    return found
