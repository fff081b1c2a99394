"""Charts with a memory: EWMA, CUSUM and the CUSUM of yes-or-no outcomes. Run lengths of them are ``arl``.

Sources: Roberts 1959 and Lucas and Saccucci 1990 (EWMA); Page 1954 and Montgomery (CUSUM); Reynolds and Stoumbos 1999
(Bernoulli CUSUM).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aimline.errors import UsageError
from aimline.signals.charts import spread_of
from aimline.signals.series import NAN, Numbers, mean_of, present

EWMA_COLUMNS = tuple("series seq y center std_dev lambda nsigmas ewma sigma_z lcl ucl signal".split())  # noqa: SIM905
CUSUM_COLUMNS = (
    *("series", "seq", "y", "center", "std_dev", "k", "h", "head_start"),
    *("cusum_pos", "cusum_neg", "signal_up", "signal_down"),
)
BERNOULLI_COLUMNS = (
    *("x", "y", "s1", "cusum1", "limit1", "signal1", "s2", "cusum2", "limit2", "signal2"),
    *("p0", "p1", "p2", "or"),
)


@dataclass(frozen=True)
class Scaling:
    """What a series is measured against: its first values (None for all), a fixed centre or sigma, screening."""

    freeze: int | None = None
    cl: float = NAN
    sigma: float = NAN
    screen: bool = False


@dataclass(frozen=True)
class Ewma:
    """An exponentially weighted mean: weight of the newest value, limits in sigma, scaling."""

    lam: float = 0.2
    nsigmas: float = 2.962
    scaling: Scaling = Scaling()


@dataclass(frozen=True)
class Cusum:
    """A two-sided cumulative sum: reference value, decision interval, start, scaling."""

    k: float = 0.5
    h: float = 5.0
    head_start: float = 0.0
    scaling: Scaling = Scaling()


@dataclass(frozen=True)
class Bernoulli:
    """A cumulative sum of yes-or-no outcomes: chance in control (NaN: the mean), odds ratio, limit, baseline."""

    p0: float = NAN
    odds: float = 2.0
    limit: float = 3.5
    freeze: int | None = None


def _centre_and_sigma(values: Sequence[float], scaling: Scaling) -> tuple[float, float]:
    first = values[: scaling.freeze] if scaling.freeze else values
    centre = mean_of(first) if math.isnan(scaling.cl) else scaling.cl
    sigma = spread_of(first, screen=scaling.screen) if math.isnan(scaling.sigma) else scaling.sigma
    return centre, sigma


def ewma_rows(name: Any, values: Sequence[float], ask: Ewma) -> Iterator[list[Any]]:
    """Return the EWMA of a series, a row a value; a missing value leaves it where it was."""
    centre, sigma = _centre_and_sigma(values, ask.scaling)
    now = centre
    for t, y in enumerate(values, 1):
        now = now if math.isnan(y) else ask.lam * y + (1 - ask.lam) * now
        sigma_z = sigma * math.sqrt(ask.lam / (2 - ask.lam) * (1 - (1 - ask.lam) ** (2 * t)))
        low, high = centre - ask.nsigmas * sigma_z, centre + ask.nsigmas * sigma_z
        yield [
            *(name, t, y, centre, sigma, ask.lam, ask.nsigmas, now, sigma_z, low, high),
            now < low or now > high,
        ]


def cusum_rows(name: Any, values: Sequence[float], ask: Cusum) -> Iterator[list[Any]]:
    """Return both arms of the CUSUM of a series, a row a value; a missing value leaves them where they were."""
    centre, sigma = _centre_and_sigma(values, ask.scaling)
    up = down = ask.head_start if sigma > 0 else NAN
    for t, y in enumerate(values, 1):
        z = (y - centre) / sigma if sigma > 0 else NAN
        if not math.isnan(z):
            up, down = max(0.0, up + z - ask.k), max(0.0, down - z - ask.k)
        yield [
            *(name, t, y, centre, sigma, ask.k, ask.h, ask.head_start, up, -down),
            *(up > ask.h, down > ask.h),
        ]


def bernoulli_rows(labels: Sequence[float | str], values: Numbers, ask: Bernoulli) -> Iterator[list[Any]]:
    """Return both arms of the Bernoulli CUSUM of outcomes 0 and 1, a row an outcome."""
    if any(value not in {0.0, 1.0} for value in present(values)):
        raise UsageError("--bernoulli needs outcomes of 0 and 1.", remedy="Give one row an outcome.")
    p0 = mean_of(values[: ask.freeze] if ask.freeze else values) if math.isnan(ask.p0) else ask.p0
    if not 0 < p0 < 1:
        raise UsageError(
            f"--bernoulli needs a chance above 0 and below 1, got {p0:g}.", remedy="Give the expected one as --p0."
        )
    p1, p2 = _with_odds(p0, ask.odds), _with_odds(p0, 1 / ask.odds)
    up = down = 0.0
    for label, y in zip(labels, values, strict=True):
        s1, s2 = _score(y, p0, p1), _score(y, p0, p2)
        signals = [NAN, NAN]
        if not math.isnan(y):
            above, below = up + s1, down - s2
            signals = [ask.limit if above >= ask.limit else NAN, -ask.limit if below <= -ask.limit else NAN]
            up = above if 0 < above <= ask.limit else 0.0
            down = below if -ask.limit <= below < 0 else 0.0
        yield [label, y, s1, up, ask.limit, signals[0], s2, down, -ask.limit, signals[1], p0, p1, p2, ask.odds]


def _with_odds(p: float, ratio: float) -> float:
    return ratio * p / (1 - p + ratio * p)


def _score(y: float, p0: float, p1: float) -> float:
    """Return the log-likelihood ratio of an outcome."""
    return y * math.log(p1 / p0) + (1 - y) * math.log((1 - p1) / (1 - p0))
