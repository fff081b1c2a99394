"""Free the weeks of attendance from what their days share, before they are tested.

A week without its Friday, or with the day before a holiday, is another week. What a day of the week and a day beside a
closed one are to all schools is fitted on the days of the baseline; each school's week is then told as it would be with
days of the usual kind. What all schools share in a week stays in it: the test takes that away and tests it.

A week moves by the distance between what a school's level leads to expect of the days it has, and of the days of its
baseline. A mean of daily logits would say the same to first order, but lets one absent child of thirty weigh more than
thirty of nine hundred.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import expit, logit

from aimline.signals.additive import fit_parts, labels_of
from aimline.signals.drift import Columns, Ints
from aimline.signals.residuals import Floats, logits
from aimline.signals.tested import day_of

FEWEST_DAYS = 20
"""Of so few days of a baseline nobody can tell a Friday from another day."""

_PASSES = 30


@dataclass(frozen=True)
class _Days:
    """The days of a panel, a row a unit and a column a day; NaN where nobody can tell.

    Attributes:
        units: Numbers of the units, in order.
        dates: The days, in order.
        period: Which period of the panel each day is of.
        present: Days attended.
        member: Days enrolled.
    """

    units: Ints
    dates: list[date]
    period: Ints
    present: Floats
    member: Floats


def of_usual_days(series: Columns, days: Columns | None) -> Columns:
    """Return series whose weekly shares are those of weeks of usual days; denominators and all else stay.

    Args:
        series: The columns of ``int_signals__series``.
        days: The columns of ``int_signals__school_days``, in days of persons; None where no week is tested.
    """
    if days is None or not len(days["panel_no"]):
        return series
    numerator = series["numerator"].astype(float)
    for number in np.unique(days["panel_no"]):
        at = np.flatnonzero(series["panel_no"] == number)
        panel = _laid_out({name: column[days["panel_no"] == number] for name, column in days.items()})
        shifts = _shifts(panel, int(series["baseline"][at[0]]), int(series["period_ix"][at].max()) + 1)
        known = np.isin(series["unit_no"][at], panel.units)
        at = at[known]
        shift = shifts[np.searchsorted(panel.units, series["unit_no"][at]), series["period_ix"][at]]
        numerator[at] = _shifted(numerator[at], series["denominator"][at].astype(float), shift)
    return {**series, "numerator": numerator}


def _shifted(d: Floats, n: Floats, shift: Floats) -> Floats:
    """Return the numerators that stand so far below on the scale of the test, of the same denominators."""
    return np.asarray(np.where(shift == 0, d, (n + 1) * expit(logits(d, n) - shift) - 0.5))


def _laid_out(days: Columns) -> _Days:
    units, unit_at = np.unique(days["unit_no"], return_inverse=True)
    dates, first, day_at = np.unique(days["on_date"], return_index=True, return_inverse=True)
    present, member = np.full((2, len(units), len(dates)), np.nan)
    present[unit_at, day_at], member[unit_at, day_at] = days["n_present"], days["n_member"]
    return _Days(units, [day_of(each) for each in dates], days["period_ix"][first], present, member)


def _shifts(days: _Days, baseline: int, n_periods: int) -> Floats:
    """Return by how much its days lift or lower each unit's period; zero where a unit has no day of it."""
    shifts = np.zeros((len(days.units), n_periods))
    n_base = int((days.period < baseline).sum())  # days are in order, and the baseline comes first
    if n_base < FEWEST_DAYS:
        return shifts
    y = logits(days.present, days.member)
    parts = fit_parts(y[:, :n_base], labels_of(days.dates), _PASSES)
    expected = expit(parts.units[:, None] + parts.weekday + parts.beside)
    member = np.nan_to_num(days.member)
    usual = logit(_mean_share(expected[:, :n_base], member[:, :n_base]))
    for period in np.unique(days.period).tolist():
        here = days.period == period
        shifts[:, period] = np.nan_to_num(logit(_mean_share(expected[:, here], member[:, here])) - usual)
    return shifts


def _mean_share(shares: Floats, member: Floats) -> Floats:
    """Return the mean of each unit's days, weighted by who belongs there; NaN for a unit without days."""
    with np.errstate(invalid="ignore"):
        return np.asarray((shares * member).sum(axis=1) / member.sum(axis=1))
