"""Forecast the next wave of a survey: the same wave of last year, moved by what this year's waves changed.

A change is trusted as far as changes of all units are larger than sampling explains. The design effect widens what a
simple random sample would promise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from aimline.signals.forecast import NO_TARGET, Forecast, History, Question
from aimline.signals.residuals import logits

Floats = NDArray[np.float64]

DESIGN_EFFECT = 1.5
MIN_WAVES = 4
FEW_WAVES = "fewer than four waves: a range, no probability"
NO_LAST = "needs the same wave of last year"
_Z80 = 1.2816


@dataclass(frozen=True)
class _Waves:
    """Answers on the logit scale, their sampling variance and the number of answers, by unit, year and wave."""

    y: Floats
    v: Floats
    n: Floats


@dataclass(frozen=True)
class _Change:
    """What changed since last year: mean of each unit's waves, its sampling variance, and how true changes vary."""

    mean: Floats
    variance: Floats
    between: float
    within: float


def next_wave(history: History, question: Question) -> Forecast:
    """Forecast the wave after the newest one, for every unit."""
    p, seen = history.periods_per_year, history.numerator.shape[1]
    year, wave = divmod(int(seen), p)
    waves = _on_logits(history)
    units = len(waves.y)
    last = (slice(None), year - 1, wave)
    if year == 0:
        missing = np.full(units, np.nan)
        y_last, v_last, n_last = missing, missing, missing
    else:
        y_last, v_last, n_last = waves.y[last], waves.v[last], waves.n[last]
    change = _change(waves, year)
    trust = change.between / np.maximum(change.between + change.variance, 1e-12)
    middle = y_last + trust * change.mean
    rate = expit(middle)
    with np.errstate(divide="ignore", invalid="ignore"):
        sampling = DESIGN_EFFECT / (n_last * rate * (1 - rate))
    sd = np.sqrt(v_last + (1 - trust) * change.between + change.within + sampling)
    n_waves = np.isfinite(history.numerator).sum(axis=1)
    chance = _chance(middle, sd, question)
    notes = np.where(np.isfinite(question.target), "", NO_TARGET)
    notes = np.where(n_waves < MIN_WAVES, FEW_WAVES, notes)
    notes = np.where(np.isfinite(middle), notes, NO_LAST)
    return Forecast(
        np.where(n_waves < MIN_WAVES, np.nan, chance),
        np.asarray(rate),
        np.asarray(expit(middle - _Z80 * sd)),
        np.asarray(expit(middle + _Z80 * sd)),
        np.isfinite(waves.y[:, year]).sum(axis=1) if wave else np.zeros(units, dtype=np.int64),
        notes.tolist(),
    )


def _on_logits(history: History) -> _Waves:
    d, n, p = history.numerator, history.denominator, history.periods_per_year
    with np.errstate(invalid="ignore"):
        keep = np.isfinite(d) & np.isfinite(n) & (d >= 0) & (d <= n) & (n > 0)
    years = -(-d.shape[1] // p)
    shape, room = (len(d), years, p), ((0, 0), (0, years * p - d.shape[1]))
    d, n = (np.pad(np.where(keep, each, np.nan), room, constant_values=np.nan) for each in (d, n))
    y = logits(d, n)
    v = DESIGN_EFFECT * (1 / (d + 0.5) + 1 / (n - d + 0.5))
    return _Waves(y.reshape(shape), v.reshape(shape), n.reshape(shape))


def _change(waves: _Waves, year: int) -> _Change:
    """Compare this year's waves with the same waves of last year."""
    units, years, _ = waves.y.shape
    if year == 0 or year >= years:
        return _Change(np.zeros(units), np.zeros(units), 0.0, 0.0)
    delta = waves.y[:, year] - waves.y[:, year - 1]
    v = waves.v[:, year] + waves.v[:, year - 1]
    seen = np.isfinite(delta)
    m = np.maximum(seen.sum(axis=1), 1)
    mean = np.nansum(delta, axis=1) / m
    variance = np.where(seen, v, 0.0).sum(axis=1) / m**2
    known = seen.any(axis=1)
    w = 1 / variance[known]
    between = max(0.0, float((w * mean[known] ** 2).sum() - known.sum()) / float(w.sum())) if known.any() else 0.0
    return _Change(mean, variance, between, _within(np.where(seen, delta - mean[:, None], np.nan), v))


def _within(away: Floats, v: Floats) -> float:
    """Return how true changes vary from wave to wave of a unit, beyond sampling."""
    seen = np.isfinite(away)
    several = seen.sum(axis=1) > 1
    if not several.any():
        return 0.0
    free = float((seen[several].sum(axis=1) - 1).sum())
    sampling = float(v[several][seen[several]].mean())
    return max(0.0, float(np.nansum(away[several] ** 2)) / free - sampling)


def _chance(middle: Floats, sd: Floats, question: Question) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        above = ndtr((middle - logit(question.target)) / sd)
    return np.asarray(1 - above if question.lower_is_better else above)
