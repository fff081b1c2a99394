"""Free the weeks of attendance from what their days share, before they are tested.

A week without its Friday, or with the day before a holiday, is another week. What a day of the week and a day beside a
closed one are to all schools is fitted on the days of the baseline; each school's week is then told as it would be with
days of the usual kind. What all schools share in a week stays in it: the test takes that away and tests it.

A week moves by the distance between what a school's level leads to expect of the days it has, and of the days of its
baseline. A mean of daily logits would say the same to first order, but lets one absent child of thirty weigh more than
thirty of nine hundred.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy.special import expit, logit

from aimline.signals.additive import fit_parts, labels_of
from aimline.signals.drift import Columns, Ints
from aimline.signals.residuals import Floats
from aimline.signals.tested import day_of

FEWEST_DAYS = 20
"""Of so few days of a baseline nobody can tell a Friday from another day."""

_HALF = 0.5
_PASSES = 30

Key = tuple[str, str]


@dataclass(frozen=True)
class _Panel:
    """The days of one indicator and group: who was there and who belongs there, a row a unit and a column a day."""

    units: list[str]
    dates: list[date]
    week: list[date]
    present: Floats
    member: Floats


def of_usual_days(series: Columns, days: Columns | None) -> Columns:
    """Return series whose weekly shares are those of weeks of usual days; denominators and all else stay.

    Args:
        series: The columns of ``int_signals__series``.
        days: The columns of ``int_signals__school_days``, in days of persons; None where no week is tested.
    """
    if days is None or not len(days["unit_id"]):
        return series
    numerator = series["numerator"].astype(float)
    where = dict(_rows_of(series))
    for key, panel in _panels(days):
        at = where[key]
        base = series["period_ix"][at] < series["baseline"][at]
        if not base.any():
            continue
        until = max(day_of(each) for each in series["period_on"][at[base]])
        shifts = _shifts(panel, until)
        for row in at.tolist():
            shift = shifts.get((str(series["unit_id"][row]), day_of(series["period_on"][row])))
            if shift is not None:
                numerator[row] = _shifted(numerator[row], float(series["denominator"][row]), shift)
    return {**series, "numerator": numerator}


def _shifted(d: float, n: float, shift: float) -> float:
    """Return the numerator that stands so far below on the scale of the test, of the same denominator."""
    y = np.log((d + _HALF) / (n - d + _HALF)) - shift
    return float((n + 1) * expit(y) - _HALF)


def _rows_of(series: Columns) -> Iterator[tuple[Key, Ints]]:
    """Yield the rows of each indicator and group."""
    names = np.array(["\0".join(key) for key in zip(*_keys(series), strict=True)])
    for name in np.unique(names):
        indicator, _, group = str(name).partition("\0")
        yield (indicator, group), np.flatnonzero(names == name)


def _keys(columns: Columns) -> tuple[list[str], list[str]]:
    return columns["indicator_id"].astype(str).tolist(), columns["group_id"].astype(str).tolist()


def _panels(days: Columns) -> Iterator[tuple[Key, _Panel]]:
    for key, rows in _rows_of(days):
        units, unit_at = np.unique(days["unit_id"][rows].astype(str), return_inverse=True)
        ordinals, day_at, first = _days_of(days["on_date"][rows])
        table = np.full((2, len(units), len(ordinals)), np.nan)
        table[0, unit_at, day_at] = days["n_present"][rows]
        table[1, unit_at, day_at] = days["n_member"][rows]
        weeks = [day_of(days["period_on"][rows[at]]) for at in first]
        yield key, _Panel(units.tolist(), ordinals, weeks, table[0], table[1])


def _days_of(told: Any) -> tuple[list[date], Ints, Ints]:
    """Return the days in order, which of them each row has, and a row of each."""
    found, first, at = np.unique(told, return_index=True, return_inverse=True)
    return [day_of(each) for each in found], at, first


def _shifts(panel: _Panel, until: date) -> dict[tuple[str, date], float]:
    """Return by how much the days of each unit's week lift or lower it, in the weeks it has any day of."""
    base = np.array([week <= until for week in panel.week])
    if base.sum() < FEWEST_DAYS:
        return {}
    labels = labels_of(panel.dates)
    n_base = int(base.sum())  # days are in order, and the baseline comes first
    with np.errstate(invalid="ignore", divide="ignore"):
        y = np.log((panel.present + _HALF) / (panel.member - panel.present + _HALF))
    parts = fit_parts(y[:, :n_base], labels, _PASSES)
    expected = expit(parts.units[:, None] + parts.weekday + parts.beside)
    member = np.nan_to_num(panel.member)
    usual = _mean_share(expected[:, :n_base], member[:, :n_base])
    found: dict[tuple[str, date], float] = {}
    weeks = np.array([week.toordinal() for week in panel.week])
    for number in np.unique(weeks):
        here = weeks == number
        shift = logit(_mean_share(expected[:, here], member[:, here])) - logit(usual)
        for at in np.flatnonzero(np.isfinite(shift)).tolist():
            found[panel.units[at], date.fromordinal(int(number))] = float(shift[at])
    return found


def _mean_share(shares: Floats, member: Floats) -> Floats:
    """Return the mean of each unit's days, weighted by who belongs there; NaN for a unit without days."""
    with np.errstate(invalid="ignore"):
        return np.asarray((shares * member).sum(axis=1) / member.sum(axis=1))
