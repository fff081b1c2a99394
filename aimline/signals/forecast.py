"""Forecast the pooled rate of a year from what was seen of it: a level that wanders, a season, and past years' jumps.

All units of a panel tell together how much levels wander; each unit's own level is followed by a Kalman filter. The
spread is widened where past years were missed, never narrowed. Source of the local level: Harvey, Forecasting,
Structural Time Series Models and the Kalman Filter (1989).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from aimline.signals.residuals import logits, mean_over, trimmed_mean

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SHORT_HISTORY = "needs one complete year"
NO_TARGET = "no target"
NO_YEAR = "nothing seen of this year"
ALONE = "one unit and one complete year do not tell how much rates vary: a median, no probability"

_TRIM = 0.1
_LEAST_NOISE, _LEAST_WALK = 0.05, 0.01  # of the variance of a month's change
_Z80 = 1.2816
_MIN_SCHOOL_YEARS = 50
_PRIOR = 4  # so many steps from month to month weigh as much as what the parts vary by; a choice of ours
_CHUNK = 64
_TINY = 1e-12


@dataclass(frozen=True)
class History:
    """Numerators and denominators of units, whole past years first, then what was seen of this year.

    Attributes:
        numerator: A row a unit and a column a period; NaN where missing.
        denominator: The same of denominators.
        periods_per_year: Periods of a year.
    """

    numerator: Floats
    denominator: Floats
    periods_per_year: int

    @property
    def years(self) -> int:
        """Return the number of completed years; the newest period always belongs to this year."""
        return (int(self.numerator.shape[1]) - 1) // self.periods_per_year

    @property
    def seen(self) -> int:
        """Return how many periods of this year were seen."""
        return int(self.numerator.shape[1]) - self.years * self.periods_per_year

    def until(self, year: int, periods: int) -> "History":
        """Return what was known when so many periods of a year had been seen."""
        end = year * self.periods_per_year + periods
        return replace(self, numerator=self.numerator[:, :end], denominator=self.denominator[:, :end])


@dataclass(frozen=True)
class Pooled:
    """What all units tell together.

    Attributes:
        profile: Season of each unit, a column a period of the year.
        noise: Variance of one period about its level.
        walk: Variance of a level's step from period to period.
        jump: Variance of its further step from year to year.
        ahead: Variance of a future period about its level: noise, shared shocks, what is not known of the season.
        freedom: From how many degrees of freedom the variances were taken; infinite where it does not matter.
    """

    profile: Floats
    noise: float
    walk: float
    jump: float
    ahead: float
    freedom: float = math.inf


@dataclass(frozen=True)
class Question:
    """What is asked: each unit's target (NaN for none), which side is good, number of paths, key of the draws."""

    target: Floats
    lower_is_better: bool = False
    draws: int = 2000
    key: str = ""


@dataclass(frozen=True)
class Forecast:
    """The year's rate of each unit: chance to meet the target, median, 80% interval, periods seen, what is missing."""

    p_meet: Floats
    median: Floats
    low: Floats
    high: Floats
    n_seen: "NDArray[np.int64]"
    note: list[str]
    widening: float = 1.0


def forecast(history: History, question: Question, parts: History | None = None) -> Forecast:
    """Forecast the rate of this year for every unit.

    Args:
        history: The units.
        question: What is asked of them.
        parts: The schools of the one unit asked, if it is a district or a group of one.
    """
    history, parts = _usable(history), _with_history(parts)
    units = len(history.numerator)
    this_year = history.numerator[:, history.years * history.periods_per_year :]
    n_seen = np.isfinite(this_year).sum(axis=1)
    has_history = _has_history(history)
    has_rate = (n_seen > 0) | (history.seen < history.periods_per_year)
    known = has_history & has_rate
    blank = np.full(units, np.nan)
    notes = np.where(np.isfinite(question.target), "", NO_TARGET)
    notes = np.where(has_history, np.where(has_rate, notes, NO_YEAR), SHORT_HISTORY)
    if not known.any():
        return Forecast(blank, blank, blank, blank, n_seen, notes.tolist())
    pooled = fit_pooled(_of(history, known)) if parts is None else fit_whole(history, parts)
    widening = _widening(_of(history, known), pooled, question) if parts is None else 1.0
    found = np.full((4, units), np.nan)
    found[:, known] = _answers(_of(history, known), pooled, replace(question, target=question.target[known]), widening)
    is_alone = known.sum() == 1 and (parts is None or len(parts.numerator) == 1)
    if is_alone and history.years == 1 and history.seen < history.periods_per_year:
        notes = np.where(known & (notes == ""), ALONE, notes)
        found[[0, 2, 3]] = np.nan
    return Forecast(found[0], found[1], found[2], found[3], n_seen, notes.tolist(), widening)


def _of(history: History, units: Flags) -> History:
    return replace(history, numerator=history.numerator[units], denominator=history.denominator[units])


def _usable(history: History) -> History:
    d, n = history.numerator, history.denominator
    with np.errstate(invalid="ignore"):
        keep = np.isfinite(d) & np.isfinite(n) & (d >= 0) & (d <= n) & (n > 0)
    return replace(history, numerator=np.where(keep, d, np.nan), denominator=np.where(keep, n, np.nan))


def _has_history(history: History) -> Flags:
    """Say which units have a past year of which more than half was seen."""
    p, h = history.periods_per_year, history.years
    if h == 0:
        return np.zeros(len(history.numerator), dtype=bool)
    seen = np.isfinite(history.numerator[:, : h * p]).reshape(-1, h, p).sum(axis=2)
    return np.asarray((seen * 2 > p).any(axis=1))


def _with_history(parts: History | None) -> History | None:
    """Return the parts that have a past year; None without any, when only the whole itself tells how it varies."""
    if parts is None:
        return None
    usable = _usable(parts)
    found = _of(usable, _has_history(usable))
    return found if len(found.numerator) else None


def fit_pooled(history: History) -> Pooled:
    """Fit on the completed years what all units tell together."""
    p, h = history.periods_per_year, history.years
    y = logits(history.numerator, history.denominator)[:, : h * p].reshape(-1, h, p)
    dev = y - _mean(y, 2)[:, :, None]
    season = np.array([trimmed_mean(dev[:, :, j], _TRIM) for j in range(p)])
    season -= season.mean()
    own = np.nan_to_num(_mean(dev, 1) - season)
    between, share, across = 0.0, 0.0, 0.0
    if h > 1:
        across = float(np.nan_to_num(_mean(_variance(dev).ravel(), 0)))
        between = max(0.0, float((own**2).mean()) - across / h)
        share = between / (between + across / h) if between > 0 else 0.0
    profile = season + share * own
    a = y - profile[:, None, :]
    noise, walk = _steps(a)
    common = _common_variance(a)
    ahead = noise + 2 * common / h + (1 - share) * between
    return Pooled(profile, noise, walk, _jump(a, noise, walk), ahead)


def fit_whole(whole: History, parts: History) -> Pooled:
    """Fit what is needed of one unit that others are parts of: a district, or a group of it.

    Its season is its own. How much it varies is not what its parts vary by: the noise of each cancels, what they share
    does not. So the months of its own years tell it, this year's too; what its parts vary by counts as ``_PRIOR`` steps
    seen before. As that is little to know a variance by, draws are those of a t distribution.
    """
    p, h = whole.periods_per_year, whole.years
    of_parts = fit_pooled(parts)
    usual = of_parts.walk + 2 * of_parts.noise  # of a step from month to month
    squares, freedom = _steps_beyond_season(whole)
    step = (_PRIOR * usual + squares) / (_PRIOR + freedom)
    noise = step * (of_parts.noise / usual if usual > 0 else 0.5)
    y = logits(whole.numerator, whole.denominator)[:, : h * p].reshape(-1, h, p)
    season = np.nan_to_num(_mean(y - _mean(y, 2)[:, :, None], 1))
    # a month's place in the season is known no better than from so many years, seen or still to come
    about = noise * (1 + 1 / h)
    return Pooled(season, about, max(step - 2 * noise, 0.0), of_parts.jump, about, _PRIOR + freedom)


def _steps_beyond_season(history: History) -> tuple[float, int]:
    """Return the squares of a unit's steps from month to month beyond what is usual of them, and their freedom."""
    p, h = history.periods_per_year, history.years
    y = np.full((h + 1) * p, np.nan)
    y[: history.numerator.shape[1]] = logits(history.numerator, history.denominator)[0]
    steps = np.diff(y.reshape(h + 1, p), axis=1)
    freedom = np.maximum(np.isfinite(steps).sum(axis=0) - 1, 0).sum()
    return float(np.nansum((steps - _mean(steps, 0)) ** 2)), int(freedom)


def _mean(values: Floats, axis: int) -> Floats:
    n = np.isfinite(values).sum(axis=axis)
    return np.asarray(np.where(n > 0, np.nansum(values, axis=axis) / np.maximum(n, 1), np.nan))


def _variance(dev: Floats) -> Floats:
    """Return the variance over the years of each unit and period; NaN where fewer than two years were seen."""
    n = np.isfinite(dev).sum(axis=1)
    squares = np.nansum((dev - _mean(dev, 1)[:, None, :]) ** 2, axis=1)
    return np.asarray(np.where(n > 1, squares / np.maximum(n - 1, 1), np.nan))


def _steps(a: Floats) -> tuple[float, float]:
    """Return the variances of noise and walk, from changes within years and how they undo each other."""
    steps = np.diff(a, axis=2)
    seen = steps[np.isfinite(steps)]
    products = (steps[:, :, 1:] * steps[:, :, :-1]).ravel()
    products = products[np.isfinite(products)]
    total = float(seen.var()) if len(seen) else 0.0
    undone = float(products.mean()) if len(products) else 0.0
    noise = max(-undone, _LEAST_NOISE * total)
    return noise, max(total - 2 * noise, _LEAST_WALK * total)


def _jump(a: Floats, noise: float, walk: float) -> float:
    """Return the variance of the step from year to year beyond what walk and noise explain."""
    p = a.shape[2]
    jumps = np.diff(_mean(a, 2), axis=1)
    jumps = jumps[np.isfinite(jumps)]
    return max(float(jumps.var()) - 2 * noise / p - 2 * walk * p / 3, 0.0) if len(jumps) else 0.0


def _common_variance(a: Floats) -> float:
    """Return the variance of what all units share in a period; the season has taken part of it."""
    away = a - _mean(a, 2)[:, :, None]
    h, p = away.shape[1:]
    common = np.array([[trimmed_mean(away[:, year, j], _TRIM) for j in range(p)] for year in range(h)])
    return float((common**2).sum() / ((h - 1) * (p - 1))) if h > 1 else float((common**2).mean())


def _level(history: History, pooled: Pooled) -> tuple[Floats, Floats]:
    """Return the level of each unit after the newest period, and its variance; the start is diffuse."""
    p = history.periods_per_year
    y = logits(history.numerator, history.denominator)
    level, variance = np.zeros(len(y)), np.full(len(y), np.inf)
    for t in range(y.shape[1]):
        step = pooled.walk + (pooled.jump if t % p == 0 else 0.0)
        variance = variance + step
        value = y[:, t] - pooled.profile[:, t % p]
        seen = np.isfinite(value)
        begins = seen & np.isinf(variance)
        with np.errstate(invalid="ignore"):
            gain = np.where(begins, 1.0, variance / np.maximum(variance + pooled.noise, _TINY))
            left = np.where(begins, pooled.noise, (1 - gain) * variance)
        level = np.where(seen, level + gain * (np.nan_to_num(value) - level), level)
        variance = np.where(seen, left, variance)
    return level, variance


def _expected_sizes(history: History) -> Floats:
    """Return the denominators of the periods to come: last year's, by how this year has compared with it."""
    p, h, k = history.periods_per_year, history.years, history.seen
    last = history.denominator[:, (h - 1) * p : h * p]
    now = history.denominator[:, h * p :]
    both = np.isfinite(last[:, :k]) & np.isfinite(now)
    before = np.where(both, last[:, :k], 0.0).sum(axis=1)
    ratio = np.where(before > 0, np.where(both, now, 0.0).sum(axis=1) / np.maximum(before, _TINY), 1.0)
    usual = mean_over(history.denominator)
    filled = np.where(np.isfinite(last), last, mean_over(last)[:, None])
    filled = np.where(np.isfinite(filled), filled, usual[:, None])
    return np.asarray(filled[:, k:] * ratio[:, None])


def _normals(question: Question, ahead: int, freedom: float = math.inf) -> Floats:
    """Return the one block of draws that all units share: its seed is the key, not the order of the rows."""
    seed = int.from_bytes(blake2b(question.key.encode()).digest()[:8], "big")
    rng = np.random.Generator(np.random.PCG64(seed))
    block = rng.standard_normal((1 + 2 * ahead, question.draws))
    return block if math.isinf(freedom) else block * np.sqrt(freedom / rng.chisquare(freedom, question.draws))


def _paths(history: History, pooled: Pooled, normals: Floats) -> Iterator[tuple[slice, Floats]]:
    """Yield units and the logit of their year's rate on each path, a chunk of units at a time."""
    p, h, k = history.periods_per_year, history.years, history.seen
    level, variance = _level(history, pooled)
    sizes = _expected_sizes(history)
    d_seen = np.nansum(history.numerator[:, h * p :], axis=1)
    n_seen = np.nansum(history.denominator[:, h * p :], axis=1)
    for start in range(0, len(level), _CHUNK):
        part = slice(start, start + _CHUNK)
        now = level[part, None] + np.sqrt(variance[part, None]) * normals[0]
        total = np.repeat(d_seen[part, None], normals.shape[1], axis=1)
        for j in range(p - k):
            now = now + math.sqrt(pooled.walk) * normals[1 + 2 * j]
            value = now + pooled.profile[part, k + j, None] + math.sqrt(pooled.ahead) * normals[2 + 2 * j]
            # the halves of a logit undo what the bend of the logit does to counts on average: nothing is taken back
            total += sizes[part, j, None] * expit(value)
        n = n_seen[part] + sizes[part].sum(axis=1)
        yield part, np.asarray(total / n[:, None])


def _on_logits(rates: Floats) -> Floats:
    return np.asarray(logit(np.clip(rates, _TINY, 1 - _TINY)))


def _widening(history: History, pooled: Pooled, question: Question) -> float:
    """Return by how much past years were missed more than promised; 1 when they were not, or are too few."""
    p, k = history.periods_per_year, history.seen
    if k == p:
        return 1.0
    normals = _normals(question, p - k)
    missed = []
    for year in range(1, history.years):
        then = history.until(year, k)
        d, n = (each[:, year * p : (year + 1) * p] for each in (history.numerator, history.denominator))
        whole = np.isfinite(d).sum(axis=1) * 2 > p
        known = _has_history(then) & whole
        actual = _on_logits(np.nansum(d, axis=1) / np.maximum(np.nansum(n, axis=1), _TINY))
        for part, rates in _paths(then, pooled, normals):
            paths = _on_logits(rates)
            off = np.abs(actual[part] - np.median(paths, axis=1)) / np.maximum(paths.std(axis=1), _TINY)
            missed.append(off[known[part]])
    scores = np.concatenate(missed) if missed else np.zeros(0)
    if len(scores) < _MIN_SCHOOL_YEARS:
        return 1.0
    return max(1.0, float(np.quantile(scores, 0.8)) / _Z80)


def _answers(history: History, pooled: Pooled, question: Question, widening: float) -> Floats:
    """Return chance, median and both ends of the interval of every unit."""
    found = np.full((4, len(history.numerator)), np.nan)
    normals = _normals(question, history.periods_per_year - history.seen, pooled.freedom)
    for part, drawn in _paths(history, pooled, normals):
        rates = drawn
        if widening > 1:
            paths = _on_logits(drawn)
            middle = np.median(paths, axis=1)[:, None]
            rates = expit(middle + widening * (paths - middle))
        target = question.target[part, None]
        meets = rates <= target if question.lower_is_better else rates >= target
        found[0, part] = np.where(np.isfinite(target[:, 0]), meets.mean(axis=1), np.nan)
        found[1:, part] = np.quantile(rates, (0.5, 0.1, 0.9), axis=1)
    return found
