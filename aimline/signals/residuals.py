"""What is left of a panel of units when season, common part and each unit's own level are taken away.

A panel has a row a unit and a column a period; NaN where a cell is not usable. Its first ``baseline`` periods tell what
is usual. Here: the scale, season, common part, moderated variance, autocorrelation. The test is ``detector``.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, expit, polygamma

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Kind = Literal["proportion", "count", "score"]

MIN_BASELINE = 8
MIN_COMMON = 15
_MIN_MODERATED = 3
_PASSES = 3
_FEW = 2
_SEASON_TRIM, _COMMON_TRIM = 0.1, 0.2
_MAX_RHO = 0.6
_MAX_DF = 1e6
_NOTHING = 1e-12
_MANY = 100


@dataclass(frozen=True)
class Panel:
    """Numerators and denominators of units over periods; the first ``baseline`` periods are the baseline.

    From ``min_common`` units on, what all of them share is taken away.
    """

    numerator: Floats
    denominator: Floats
    baseline: int
    periods_per_year: int = 10
    kind: Kind = "proportion"
    min_denominator: float = 10.0
    has_season: bool = True
    has_common: bool = True
    min_common: int = MIN_COMMON


@dataclass(frozen=True)
class Fitted:
    """What is usual, and what is not.

    Attributes:
        evaluable: Which units have enough of a baseline.
        level: Level of each unit, on the scale of the test.
        residual: What season, common part and level do not explain.
        n_baseline: Usable periods of each unit's baseline.
        variance: Moderated variance of one period of each unit.
        df: Degrees of freedom of that variance.
        rho: Autocorrelation from one period to the next.
        season: Profile of the year; zeros when none was fitted.
        common: Common part of each period; zeros when none was fitted.
        exposure: Mean denominator of each unit's baseline.
        d0: Degrees of freedom of the prior; NaN with few units.
        s0_sq: Variance of the prior; NaN with few units.
    """

    evaluable: Flags
    level: Floats
    residual: Floats
    n_baseline: Floats
    variance: Floats
    df: Floats
    rho: float
    season: Floats
    common: Floats
    exposure: Floats
    d0: float = field(default=float("nan"))
    s0_sq: float = field(default=float("nan"))


def usable_cells(panel: Panel) -> Flags:
    """Say which cells can be used: both numbers there, fitting each other, and enough people."""
    d, n = panel.numerator, panel.denominator
    fits = (d <= n) if panel.kind == "proportion" else np.full(d.shape, fill_value=True)
    at_least_zero = (d >= 0) if panel.kind != "score" else np.isfinite(d)
    return np.asarray(np.isfinite(d) & np.isfinite(n) & at_least_zero & fits & (n > 0) & (n >= panel.min_denominator))


def fit(panel: Panel) -> Fitted:
    """Fit what is usual of a panel on its baseline."""
    usable = usable_cells(panel)
    is_base = np.arange(usable.shape[1]) < panel.baseline
    m = (usable & is_base).sum(axis=1).astype(float)
    evaluable = m >= max(MIN_BASELINE, panel.baseline / 2)
    usable &= evaluable[:, None]
    exposure = mean_over(np.where(usable & is_base, panel.denominator, np.nan))
    y = np.where(usable, _scaled(panel, exposure), np.nan)
    season = _season(y, panel) if panel.has_season else np.zeros(panel.periods_per_year)
    a = y - season[np.arange(y.shape[1]) % panel.periods_per_year]
    common = _common(a, panel) if panel.has_common and evaluable.sum() >= panel.min_common else np.zeros(y.shape[1])
    a = a - common
    level = mean_over(a[:, : panel.baseline])
    residual = a - level[:, None]
    residual = np.where(np.abs(residual) < _NOTHING, 0.0, residual)  # what rounding leaves of a series that never moves
    base = residual[:, : panel.baseline]
    own_df = np.maximum(m - 1, 1)
    own = np.nansum(base**2, axis=1) / own_df
    rho = autocorrelation(base[evaluable], m[evaluable])
    told = prior(own[evaluable], own_df[evaluable])
    variance, df = moderated(own, own_df, told)
    variance = variance * _shared_error(panel, season, common, int(evaluable.sum()))
    evaluable = evaluable & ~(variance <= 0)  # what never moved has no variance to be judged by
    return Fitted(evaluable, level, residual, m, variance, df, rho, season, common, exposure, *told)


def logits(numerator: Floats, denominator: Floats) -> Floats:
    """Return shares on the scale on which they are tested, half of one added to each side; NaN where one is missing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.log((numerator + 0.5) / (denominator - numerator + 0.5)))


def mean_over(values: Floats) -> Floats:
    """Return the mean of each row without its missing cells; NaN for a row without any."""
    n = np.isfinite(values).sum(axis=1)
    return np.asarray(np.where(n > 0, np.nansum(values, axis=1) / np.maximum(n, 1), np.nan))


def trimmed_mean(values: Floats, share: float) -> float:
    """Return the mean without so large a share at each end; zero for none."""
    seen = np.sort(values[np.isfinite(values)])
    drop = int(share * len(seen))
    return float(seen[drop : len(seen) - drop].mean()) if len(seen) else 0.0


def trimmed_means(values: Floats, share: float) -> Floats:
    """Return the trimmed mean of each column."""
    seen = np.sort(values, axis=0)  # what is missing comes last
    n = np.isfinite(seen).sum(axis=0)
    drop = np.maximum((share * n).astype(np.int64), n > _FEW)  # of few, at least one each end
    at = np.arange(len(seen))[:, None]
    kept = np.where((at >= drop) & (at < n - drop), seen, 0.0).sum(axis=0)
    return np.asarray(kept / np.maximum(n - 2 * drop, 1))


def natural(fitted: Fitted, shift: Floats, kind: Kind) -> Floats:
    """Return a shift of the scale in natural units: shares, events in the unit's mean exposure, or points."""
    level = fitted.level
    if kind == "proportion":
        return np.asarray(expit(level + shift) - expit(level))
    if kind == "count":
        return np.asarray(np.maximum(level + shift, 0.0) ** 2 - level**2)
    return shift


def _scaled(panel: Panel, exposure: Floats) -> Floats:
    d, n = panel.numerator, panel.denominator
    with np.errstate(invalid="ignore", divide="ignore"):
        if panel.kind == "proportion":
            return logits(d, n)
        if panel.kind == "count":
            return np.asarray(np.sqrt((d + 3 / 8) * exposure[:, None] / n))
        return np.asarray(d / n)


def _season(y: Floats, panel: Panel) -> Floats:
    """Return one profile of the year for all units; zeros when the baseline is shorter than two years."""
    p = panel.periods_per_year
    season = np.zeros(p)
    if panel.baseline < 2 * p:
        return season
    base = y[:, : panel.baseline]
    position = np.arange(panel.baseline) % p
    for _ in range(_PASSES):
        level = mean_over(base - season[position])
        away = base - level[:, None]
        season = np.array([trimmed_mean(away[:, position == j], _SEASON_TRIM) for j in range(p)])
        season -= season.mean()
    return season


def _common(a: Floats, panel: Panel) -> Floats:
    """Return what all units share in each period."""
    common = np.zeros(a.shape[1])
    for _ in range(_PASSES):
        level = mean_over((a - common)[:, : panel.baseline])
        away = a - level[:, None]
        common = trimmed_means(away, _COMMON_TRIM)
    return common


def autocorrelation(base: Floats, m: Floats) -> float:
    """Return the autocorrelation of residuals, its bias of a short baseline taken away, between 0 and 0.6."""
    squares = np.nansum(base**2, axis=1)
    products = np.nansum(base[:, :-1] * base[:, 1:], axis=1)
    seen = squares > 0
    if not seen.any():
        return 0.0
    rho = float((products[seen] / squares[seen]).mean() + 1 / np.median(m))
    return min(max(rho, 0.0), _MAX_RHO)


def _shared_error(panel: Panel, season: Floats, common: Floats, units: int) -> float:
    """Return the factor by which season and common part, taken from few units, make a variance too small.

    What was fitted takes its degrees of freedom from the baseline, and its own error is in every later residual. Of a
    hundred units or more that is less than two in a hundred, and left out.
    """
    if units >= _MANY:
        return 1.0
    lost, error = 0.0, 0.0
    if season.any():
        years = panel.baseline // panel.periods_per_year
        lost += (panel.periods_per_year - 1) / (units * (panel.baseline - 1))
        error += 1 / (units * years)
    if common.any():
        lost += 1 / units
        error += 1 / units
    return (1 + error) / (1 - lost)


def prior(own: Floats, df: Floats) -> tuple[float, float]:
    """Return degrees of freedom and variance of the prior of all units (Smyth 2004); NaN with few units."""
    seen = own > 0
    if seen.sum() < _MIN_MODERATED:
        return float("nan"), float("nan")
    half = df[seen] / 2
    e = np.log(own[seen]) - digamma(half) + np.log(half)
    excess = float(e.var(ddof=1) - polygamma(1, half).mean())
    if excess <= 0:
        return float("inf"), float(np.exp(e.mean()))
    half_prior = _inverse_trigamma(excess)
    return 2 * half_prior, float(np.exp(e.mean() + digamma(half_prior) - np.log(half_prior)))


def _inverse_trigamma(value: float) -> float:
    """Solve trigamma(x) = value by Newton's steps on its reciprocal, which is nearly a line (Smyth 2004)."""
    x = 0.5 + 1 / value
    for _ in range(50):
        now = float(polygamma(1, x))
        step = now * (1 - now / value) / float(polygamma(2, x))
        x += step
        if abs(step) < 1e-14 * x:
            break
    return x


def moderated(own: Floats, df: Floats, told: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return each variance leaning to the prior of all units, and its degrees of freedom."""
    d0, s0_sq = told
    if np.isnan(d0):
        return own, df
    if np.isinf(d0):
        return np.full(own.shape, s0_sq), np.full(own.shape, _MAX_DF)
    return (d0 * s0_sq + df * own) / (d0 + df), np.minimum(d0 + df, _MAX_DF)
