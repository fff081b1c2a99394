"""Say whose level of this year is another one than last year's: its chart begins a phase with the year. Pure.

A new school year by itself begins nothing. How far levels of schools move from one year to the next, and within one,
is learned from past years, as the forecast learns it; without two of them nobody knows, and no phase begins.
Source: signals.md 15.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from aimline.signals.forecast import History, Pooled, fit_pooled
from aimline.signals.months import Months, Series, by_indicator
from aimline.signals.residuals import Floats, logits
from aimline.signals.tested import day_of

Row = Mapping[str, Any]

_FAR = 2.575829303548901  # two-sided one percent of a normal
_MIN_YEARS = 2
_MIN_MONTHS = 3


def years_apart(months: Iterable[Row]) -> dict[tuple[str, str], date]:
    """Return the series whose level of this year is another one.

    Args:
        months: Rows of ``int_signals__months``, of whole years before and of this one.

    Returns:
        Indicator and unit -> the last day of last year's months; what comes after it is of this year's level.
    """
    found: dict[tuple[str, str], date] = {}
    for name, each in by_indicator(months).items():
        found |= {(name, unit): last_on for unit, _ in _apart(each) if (last_on := _last_year_until(each.rows))}
    return found


def _last_year_until(rows: Sequence[Row]) -> date | None:
    return max((day_of(row["period_on"]) for row in rows if row["school_year"] == row["this_year"] - 1), default=None)


def _apart(months: Months) -> list[Series]:
    """Return the schools of one indicator whose level changed with the year."""
    schools = months.schools()
    if months.n_years < _MIN_YEARS or not schools:
        return []
    history = months.history(months.per_year, schools)
    far = np.abs(_distances(history, fit_pooled(history), months.n_years)) > _FAR
    return [school for school, is_far in zip(schools, far, strict=True) if is_far]


def _distances(history: History, pooled: Pooled, n_years: int) -> Floats:
    """Return how far this year's level is from last year's, in what levels move by themselves; NaN if too few months.

    The variance of the difference of two means: the jump between years, the noise of the months of both, and the walk
    of the level through them.
    """
    p = history.periods_per_year
    d, n = (each.reshape(len(each), -1, p)[:, n_years - 1 :] for each in (history.numerator, history.denominator))
    levels = logits(d, n) - pooled.profile[:, None, :]
    seen = np.isfinite(levels).sum(axis=2)
    means = np.nansum(levels, axis=2) / np.maximum(seen, 1)
    last, now = seen.T
    variance = pooled.jump + pooled.noise * (1 / np.maximum(last, 1) + 1 / np.maximum(now, 1))
    variance = variance + pooled.walk * (last + now) / 3
    is_known = (seen >= _MIN_MONTHS).all(axis=1) & (variance > 0)
    return np.asarray(
        np.where(is_known, (means[:, 1] - means[:, 0]) / np.sqrt(np.where(is_known, variance, 1)), math.nan)
    )
