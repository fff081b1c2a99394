"""Find the units of a panel that left their own level, with control of how many alerts are false.

Each unit's residuals are averaged with declining weights from the end of the baseline on. The variance of that average
holds the baseline's own uncertainty and the autocorrelation. What is usual is ``residuals``.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtr

from aimline.signals.arl import Ewma, critical_value
from aimline.signals.control import adjust
from aimline.signals.residuals import Fitted, Flags, Floats, Panel, autocorrelation, fit, natural

LAMBDA = 0.2
MANY_TESTS = 100
"""From so many tests on, the share of false alerts is controlled; below, a fixed limit keeps their number a year."""

_ARL0, _ARL0_WATCH = 320.0, 100.0
_ARL0_RANGE = (100.0, 5000.0)

Direction = Literal["increase", "decrease", "neutral"]


@dataclass(frozen=True)
class Policy:
    """How tests become alerts.

    Attributes:
        q: Share of false alerts, of many tests.
        watch_q: The same for the watch list.
        method: bh, or by for tests that depend on each other in any way.
        direction: Which way is better.
        budget: False alerts allowed in a year, of few tests; None for a run length of 320.
        min_effect: Least effect of an alert, in natural units.
    """

    q: float = 0.05
    watch_q: float = 0.20
    method: Literal["bh", "by"] = "bh"
    direction: Direction = "neutral"
    budget: float | None = None
    min_effect: float = 0.0


@dataclass(frozen=True)
class Batch:
    """All units at one monitored period; NaN where a unit was not evaluated.

    Attributes:
        period: Position of the period, from 0.
        effect: Estimated shift, in natural units.
        z: Distance to the unit's level, in its standard error.
        p: Chance of such a distance without a shift.
        p_adjusted: The same, adjusted for the number of tests; NaN under a fixed limit.
        is_selected: Which units are alerts.
        is_watched: Which units are on the watch list.
        changed_at: Position of the first period of the shift; -1 where there is none.
        control: bh, by or fixed_limit.
        expected_false: How many alerts of the batch are false, on average.
    """

    period: int
    effect: Floats
    z: Floats
    p: Floats
    p_adjusted: Floats
    is_selected: Flags
    is_watched: Flags
    changed_at: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    control: str
    expected_false: float

    @property
    def n_tests(self) -> int:
        """Return the number of evaluated units."""
        return int(np.isfinite(self.p).sum())


@dataclass(frozen=True)
class DistrictEvent:
    """A period at which what all units share left its level: how far, and the chance of it."""

    period: int
    shift: float
    p: float


@dataclass(frozen=True)
class Detected:
    """The fit of a panel, its batches in order, and the events of the whole district."""

    fitted: Fitted
    batches: list[Batch]
    events: list[DistrictEvent] = field(default_factory=list)


@dataclass(frozen=True)
class _Average:
    """The weighted average of residuals so far: itself, its weights, and what its variance is made of."""

    value: Floats
    weight: Floats
    squares: Floats
    decay: Floats
    since: "np.ndarray[tuple[int], np.dtype[np.int64]]"

    @classmethod
    def of(cls, units: int, first: int) -> "_Average":
        zero = np.zeros(units)
        return cls(zero, zero, zero, zero, np.full(units, first))

    def after(self, residual: Floats, rho: float, period: int) -> "_Average":
        """Return the average after a period; a missing residual leaves it, but time passes."""
        seen = np.isfinite(residual)
        keep, gone = 1 - LAMBDA, rho * self.decay
        value = np.where(seen, keep * self.value + LAMBDA * np.nan_to_num(residual), self.value)
        weight = np.where(seen, keep * self.weight + LAMBDA, self.weight)
        squares = np.where(seen, keep**2 * self.squares + LAMBDA**2 + 2 * LAMBDA * keep * gone, self.squares)
        crossed = seen & (np.sign(value) != np.sign(self.value))
        since = np.where(crossed, period, self.since)
        return _Average(value, weight, squares, np.where(seen, keep * gone + LAMBDA, gone), since)

    def z(self, fitted: Fitted) -> Floats:
        """Return the average in its standard error: of the average itself, and of the baseline's mean."""
        of_level = (1 + fitted.rho) / ((1 - fitted.rho) * np.maximum(fitted.n_baseline, 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            z = self.value / np.sqrt(fitted.variance * (self.squares + self.weight**2 * of_level))
        return np.asarray(np.where(self.value == 0, 0.0, z))


def detect(panel: Panel, policy: Policy) -> Detected:
    """Test every unit at every monitored period."""
    fitted = fit(panel)
    batches = list(_batches(panel, fitted, policy))
    return Detected(fitted, batches, _district_events(panel, fitted) if fitted.common.any() else [])


def _batches(panel: Panel, fitted: Fitted, policy: Policy) -> Iterator[Batch]:
    average = _Average.of(len(fitted.evaluable), panel.baseline)
    for period in range(panel.baseline, fitted.residual.shape[1]):
        residual = fitted.residual[:, period]
        average = average.after(residual, fitted.rho, period)
        tested = fitted.evaluable & np.isfinite(residual)
        z = np.where(tested, average.z(fitted), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            effect = np.where(tested, natural(fitted, average.value / average.weight, panel.kind), np.nan)
            p = np.where(tested, 2 * stdtr(fitted.df, -np.abs(z)), np.nan)
        yield _decided(_Tests(period, effect, z, p, np.where(tested, average.since, -1)), panel, policy)


@dataclass(frozen=True)
class _Tests:
    period: int
    effect: Floats
    z: Floats
    p: Floats
    changed_at: "np.ndarray[tuple[int], np.dtype[np.int64]]"


def _decided(tests: _Tests, panel: Panel, policy: Policy) -> Batch:
    """Turn the tests of one period into alerts and a watch list."""
    n_tests = int(np.isfinite(tests.p).sum())
    matters = np.abs(np.nan_to_num(tests.effect)) >= policy.min_effect
    if n_tests >= MANY_TESTS:
        adjusted = np.array(adjust(tests.p.tolist(), policy.method))
        selected, watched = (adjusted <= policy.q) & matters, adjusted <= policy.watch_q
        expected = policy.q * float(selected.sum())
        control: str = policy.method
    else:
        adjusted, control = np.full(tests.p.shape, np.nan), "fixed_limit"
        arl0 = run_length(n_tests, panel.periods_per_year, policy.budget)
        distance = np.abs(ndtri(tests.p / 2))
        selected, watched = (distance > fixed_limit(arl0)) & matters, distance > fixed_limit(_ARL0_WATCH)
        expected = n_tests / arl0
    return Batch(
        tests.period,
        tests.effect,
        tests.z,
        tests.p,
        adjusted,
        selected,
        watched & ~selected,
        tests.changed_at,
        control,
        expected,
    )


def run_length(n_tests: int, evaluations: int, budget: float | None) -> float:
    """Return the run length without a shift that spends a budget of false alerts in a year."""
    if budget is None:
        return _ARL0
    if budget <= 0:
        return _ARL0_RANGE[1]
    return min(max(n_tests * evaluations / budget, _ARL0_RANGE[0]), _ARL0_RANGE[1])


@lru_cache(maxsize=256)
def fixed_limit(arl0: float) -> float:
    """Return the limit of the weighted average, in standard errors, at a run length without a shift."""
    return critical_value(Ewma(LAMBDA, varies=True), arl0)[1]


def kind_of(effect: float, direction: Direction) -> str:
    """Say what an effect means for the direction that is better."""
    if direction == "neutral":
        return "change"
    return "improvement" if (effect > 0) == (direction == "increase") else "concern"


def _district_events(panel: Panel, fitted: Fitted) -> list[DistrictEvent]:
    """Test what all units share as if it were one unit, with its own variance."""
    common = fitted.common[None, :]
    k = panel.baseline
    m = np.array([float(k)])
    level = common[:, :k].mean(axis=1)
    residual = common - level[:, None]
    variance = (residual[:, :k] ** 2).sum(axis=1) / (m - 1)
    if not variance[0] > 0:
        return []
    alone = Fitted(
        *(np.array([True]), level, residual, m, variance, m - 1, autocorrelation(residual[:, :k], m)),
        *(fitted.season, fitted.common, np.ones(1)),
    )
    average, found = _Average.of(1, k), []
    for period in range(k, common.shape[1]):
        average = average.after(residual[:, period], alone.rho, period)
        p = 2 * float(stdtr(k - 1, -abs(average.z(alone)[0])))
        if abs(float(ndtri(p / 2))) > fixed_limit(_ARL0):
            found.append(DistrictEvent(period, float(average.value[0] / average.weight[0]), p))
    return found


def rounded_up(expected: float) -> int:
    """Return a number of expected false alerts as a whole one, rounded up."""
    return math.ceil(expected - 1e-9)
