"""Find the units of a panel that left their own level, with control of how many alerts are false.

Each unit's residuals are averaged with declining weights from the end of the baseline on. The variance of that average
holds the baseline's own uncertainty and the autocorrelation. What is usual is ``residuals``.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtr

from aimline.signals.arl import Ewma, critical_value
from aimline.signals.control import adjusted_in_numpy
from aimline.signals.residuals import Fitted, Flags, Floats, Panel, autocorrelation, fit, natural

LAMBDA = 0.2
MANY_TESTS = 100
"""From so many tests on, the share of false alerts is controlled; below, a fixed limit keeps their number a year."""

_ARL0, _ARL0_WATCH = 320.0, 100.0
_ARL0_RANGE = (100.0, 5000.0)
_NEARLY_A_YEAR = 1.15

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
    """What all units share at a period: how far it is from its level, the chance of it, and since when."""

    period: int
    shift: float
    p: float
    since: int = 0

    @property
    def is_signal(self) -> bool:
        """Say whether it left its level."""
        return abs(float(ndtri(self.p / 2))) > fixed_limit(_ARL0)


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

    def after(self, residual: Floats, rho: float, period: int, newest: float = LAMBDA) -> "_Average":
        """Return the average after a period, which weighs so much; a missing residual leaves it, but time passes."""
        seen = np.isfinite(residual)
        keep, gone = 1 - newest, rho * self.decay
        value = np.where(seen, keep * self.value + newest * np.nan_to_num(residual), self.value)
        weight = np.where(seen, keep * self.weight + newest, self.weight)
        squares = np.where(seen, keep**2 * self.squares + newest**2 + 2 * newest * keep * gone, self.squares)
        crossed = seen & (np.sign(value) != np.sign(self.value))
        since = np.where(crossed, period, self.since)
        return _Average(value, weight, squares, np.where(seen, keep * gone + newest, gone), since)

    def begun_anew(self, units: Flags, period: int) -> "_Average":
        """Return the average with nothing in it of the units that begin anew after a period."""
        value, weight, squares, decay = (
            np.where(units, 0.0, each) for each in (self.value, self.weight, self.squares, self.decay)
        )
        return _Average(value, weight, squares, decay, np.where(units, period + 1, self.since))

    def error(self, fitted: Fitted) -> Floats:
        """Return the standard error of the average: its own, and that of the baseline's mean."""
        of_level = (1 + fitted.rho) / ((1 - fitted.rho) * np.maximum(fitted.n_baseline, 1))
        with np.errstate(invalid="ignore"):
            return np.asarray(np.sqrt(fitted.variance * (self.squares + self.weight**2 * of_level)))

    def z(self, fitted: Fitted) -> Floats:
        """Return the average in its standard error."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(self.value == 0, 0.0, self.value / self.error(fitted)))


@dataclass(frozen=True)
class Tests:
    """The tests of all units at one monitored period; NaN where a unit was not tested, and -1 in ``changed_at``.

    Attributes:
        period: Position of the period, from 0.
        effect: Estimated shift, in natural units.
        z: Distance to the unit's level, in its standard error.
        p: Chance of such a distance without a shift.
        changed_at: Position of the first period of the shift.
        shift: Estimated shift, on the scale of the test.
        error: Its standard error.
        spike: Chance of the newest period by itself or of the average, the smaller twice; NaN where it is not asked.
    """

    period: int
    effect: Floats
    z: Floats
    p: Floats
    changed_at: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    shift: Floats
    error: Floats
    spike: Floats


@dataclass(frozen=True)
class Watching:
    """How residuals are averaged.

    Attributes:
        newest: Weight of the newest period.
        spike: The newest period by itself may put a unit on the watch list.
        resets: Position of a period -> the units whose average is empty after it, as their departure is over.
    """

    newest: float = LAMBDA
    spike: bool = False
    resets: Mapping[int, Flags] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """Which tests of a batch are alerts, which are on the watch list, and how that was controlled."""

    p_adjusted: Floats
    is_selected: Flags
    is_watched: Flags
    control: str
    threshold: Floats
    expected_false: float


@dataclass(frozen=True)
class Asked:
    """The tests of a batch.

    Attributes:
        p: Chance of each; NaN is no test.
        matters: Whether its effect is large enough for an alert.
        newest: What the newest period weighs in its average.
        spike: Chance by which it may be watched; NaN for that of the test itself.
    """

    p: Floats
    matters: Flags
    newest: Floats
    spike: Floats

    @classmethod
    def plain(cls, p: Floats, matters: Flags) -> "Asked":
        """Return tests of the usual weights, without spikes."""
        return cls(p, matters, np.full(p.shape, LAMBDA), np.full(p.shape, np.nan))

    @property
    def watched_by(self) -> Floats:
        """Return the chance that decides on the watch list."""
        return np.where(np.isfinite(self.spike), self.spike, self.p)


def detect(panel: Panel, policy: Policy) -> Detected:
    """Test every unit at every monitored period."""
    fitted = fit(panel)
    batches = [_batch(tests, panel, policy) for tests in tests_of(panel, fitted, Watching())]
    found = [event for event in district_tests(panel, fitted) if event.is_signal]
    return Detected(fitted, batches, found)


def tests_of(panel: Panel, fitted: Fitted, how: Watching) -> Iterator[Tests]:
    """Yield the tests of each monitored period; nothing is decided yet."""
    average = _Average.of(len(fitted.evaluable), panel.baseline)
    for period in range(panel.baseline, fitted.residual.shape[1]):
        residual = fitted.residual[:, period]
        average = average.after(residual, fitted.rho, period, how.newest)
        tested = fitted.evaluable & np.isfinite(residual)
        z = np.where(tested, average.z(fitted), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            shift = np.where(tested, average.value / average.weight, np.nan)
            error = np.where(tested, average.error(fitted) / average.weight, np.nan)
            effect = np.where(tested, natural(fitted, shift, panel.kind), np.nan)
            p = np.where(tested, 2 * stdtr(fitted.df, -np.abs(z)), np.nan)
        spike = _spike(fitted, residual, p) if how.spike else np.full(p.shape, np.nan)
        yield Tests(period, effect, z, p, np.where(tested, average.since, -1), shift, error, spike)
        if (over := how.resets.get(period)) is not None:
            average = average.begun_anew(over, period)


def _spike(fitted: Fitted, residual: Floats, p: Floats) -> Floats:
    """Return the chance of the newest period by itself, or of the average: the smaller, twice."""
    with np.errstate(invalid="ignore"):
        error = np.sqrt(fitted.variance * (1 + 1 / np.maximum(fitted.n_baseline, 1)))
        alone = 2 * stdtr(fitted.df, -np.abs(residual / error))
    return np.asarray(np.minimum(1.0, 2 * np.fmin(p, alone)))


def _batch(tests: Tests, panel: Panel, policy: Policy) -> Batch:
    """Turn the tests of one period into alerts and a watch list."""
    matters = np.abs(np.nan_to_num(tests.effect)) >= policy.min_effect
    decided = decide(Asked.plain(tests.p, matters), policy, panel.periods_per_year)
    chosen = (decided.p_adjusted, decided.is_selected, decided.is_watched)
    rest = (tests.changed_at, decided.control, decided.expected_false)
    return Batch(tests.period, tests.effect, tests.z, tests.p, *chosen, *rest)


def decide(asked: Asked, policy: Policy, evaluations: int) -> Decision:
    """Turn the tests of a batch into alerts and a watch list.

    Args:
        asked: The tests.
        policy: How tests become alerts.
        evaluations: How often in a year such a batch is tested.
    """
    p, n_tests = asked.p, int(np.isfinite(asked.p).sum())
    if n_tests >= MANY_TESTS:
        adjusted = adjusted_in_numpy(p, policy.method)
        selected = (adjusted <= policy.q) & asked.matters
        watched = adjusted_in_numpy(asked.watched_by, policy.method) <= policy.watch_q
        expected = policy.q * float(selected.sum())
        limits = np.full(p.shape, policy.q)
        return Decision(adjusted, selected, watched & ~selected, policy.method, limits, expected)
    arl0 = run_length(n_tests, evaluations, policy.budget)
    limits, watch_limits = (_limits_of(asked, length) for length in (arl0, _ARL0_WATCH))
    selected = (np.abs(ndtri(p / 2)) > limits) & asked.matters
    watched = np.abs(ndtri(asked.watched_by / 2)) > watch_limits
    missing = np.full(p.shape, np.nan)
    return Decision(missing, selected, watched & ~selected, "fixed_limit", limits, n_tests / arl0)


def _limits_of(asked: Asked, arl0: float) -> Floats:
    """Return the limit of each test at a run length."""
    known = {weight: fixed_limit(arl0, weight) for weight in set(asked.newest.tolist())}
    return np.array([known[weight] for weight in asked.newest.tolist()])


def run_length(n_tests: int, evaluations: int, budget: float | None) -> float:
    """Return the run length without a shift that spends a budget of false alerts in a year."""
    if budget is None:
        return _ARL0
    if budget <= 0:
        return _ARL0_RANGE[1]
    return min(max(n_tests * evaluations / budget, _ARL0_RANGE[0]), _ARL0_RANGE[1])


@lru_cache(maxsize=256)
def fixed_limit(arl0: float, newest: float = LAMBDA) -> float:
    """Return the limit of the weighted average, in standard errors, at a run length without a shift."""
    return critical_value(Ewma(newest, varies=True), arl0)[1]


def kind_of(effect: float, direction: Direction) -> str:
    """Say what an effect means for the direction that is better."""
    if direction == "neutral":
        return "change"
    return "improvement" if (effect > 0) == (direction == "increase") else "concern"


def district_tests(panel: Panel, fitted: Fitted) -> list[DistrictEvent]:
    """Test what all units share at each monitored period as if it were one unit, with its own variance.

    A baseline of one year tells no season apart from noise; then a period is compared with the same one of that year.
    """
    if not fitted.common.any():
        return []
    common = fitted.common[None, :]
    k = panel.baseline
    m = np.array([float(k)])
    level = common[:, :k].mean(axis=1)
    residual = common - level[:, None]
    variance = (residual[:, :k] ** 2).sum(axis=1) / (m - 1)
    if not variance[0] > 0:
        return []
    rho = autocorrelation(residual[:, :k], m)
    if lag := _year_before(panel):
        residual = np.concatenate([residual[:, :lag], residual[:, lag:] - residual[:, :-lag]], axis=1)
        variance, compared = 2 * variance, np.array([np.inf])  # of two periods; no level was estimated
    else:
        compared = m
    alone = Fitted(
        *(np.array([True]), level, residual, compared, variance, m - 1, rho),
        *(fitted.season, fitted.common, np.ones(1)),
    )
    average, found = _Average.of(1, k), []
    for period in range(k, common.shape[1]):
        average = average.after(residual[:, period], alone.rho, period)
        p = 2 * float(stdtr(k - 1, -abs(average.z(alone)[0])))
        shift = float(average.value[0] / average.weight[0])
        found.append(DistrictEvent(period, shift, p, int(average.since[0])))
    return found


def _year_before(panel: Panel) -> int:
    """Return how many periods before a period the same one of the year before is; 0 where no year can be told.

    With two years a season was taken away already. A baseline that is nearly one year is that year: weeks of a school
    year are not always as many as declared.
    """
    k, year = panel.baseline, panel.periods_per_year
    if not panel.has_season or not year <= k < 2 * year:
        return 0
    return k if k <= _NEARLY_A_YEAR * year else year


def rounded_up(expected: float) -> int:
    """Return a number of expected false alerts as a whole one, rounded up."""
    return math.ceil(expected - 1e-9)
