"""Say how long a scheme runs before it signals: average run lengths of independent normal values.

Sources: Crowder, Technometrics 29 (1987), and Lucas and Saccucci 1990 (EWMA); Page 1954, and Lucas and Crosier 1982
(CUSUM); Champ and Woodall, Technometrics 29 (1987) (rules). Published values: EWMA 0.2 and 2.962 signals after 500
values without a shift; all four Western Electric rules after 91.75.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from aimline.signals import zone_chain

Floats = NDArray[np.float64]

_NODES = 120
_STEADY = 1e-14  # a limit that varies in time stands when this part of it is left
_GONE = 1e-13
_LONGEST = 200_000
_TOLERANCE = 1e-10
_NARROW = 0.01
_NHS_LIMIT = 2.66 * 1.128
_NHS_NEAR = 2 * _NHS_LIMIT / 3
_NHS_LONG = 7


@dataclass(frozen=True)
class Ewma:
    """An EWMA with limits in sigma of the mean, fixed or as they are at each value."""

    lam: float = 0.2
    limit: float = 2.962
    varies: bool = False


@dataclass(frozen=True)
class Cusum:
    """A CUSUM: reference value, decision interval, one arm or two, start."""

    k: float = 0.5
    h: float = 5.0
    is_one_sided: bool = False
    head_start: float = 0.0


@dataclass(frozen=True)
class Mean:
    """The mean of the values, in sigma: shifted from the first on, and drifting by a part at each."""

    shift: float = 0.0
    drift: float = 0.0

    def at(self, t: int) -> float:
        """Return the mean of value number t."""
        return self.shift + self.drift * t


@lru_cache(maxsize=8)
def _legendre(n: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return nodes, weights


def _nodes(low: float, high: float) -> tuple[Floats, Floats]:
    nodes, weights = _legendre(_NODES)
    half = (high - low) / 2
    return low + half * (nodes + 1), half * weights


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


def ewma_arl(scheme: Ewma, mean: Mean) -> float:
    """Return the average run length of an EWMA that starts at its centre."""
    if mean.drift or scheme.varies:
        return _ewma_in_time(scheme, mean)
    return float(_ewma_lengths(scheme, mean.shift)(np.zeros(1))[0])


def _half_width(scheme: Ewma) -> float:
    return scheme.limit * math.sqrt(scheme.lam / (2 - scheme.lam))


def _ewma_lengths(scheme: Ewma, shift: float) -> Callable[[Floats], Floats]:
    """Return the run length as a function of where the EWMA stands, its limits fixed (Fredholm, second kind)."""
    lam, h = scheme.lam, _half_width(scheme)
    y, w = _nodes(-h, h)

    def kernel(z: Floats) -> Floats:
        return np.asarray(_density((y[None, :] - (1 - lam) * z[:, None]) / lam - shift) * w[None, :] / lam)

    lengths = np.linalg.solve(np.eye(_NODES) - kernel(y), np.ones(_NODES))
    return lambda z: np.asarray(1 + kernel(z) @ lengths)


def _ewma_in_time(scheme: Ewma, mean: Mean) -> float:
    """Carry the density of the EWMA from value to value, adding up what survives; close it when all is steady."""
    lam, h = scheme.lam, _half_width(scheme)
    total, t = 1.0, 0
    y, mass = np.zeros(1), np.ones(1)
    while t < _LONGEST:
        t += 1
        left = (1 - lam) ** (2 * t)
        wide = h * math.sqrt(1 - left) if scheme.varies else h
        z, w = _nodes(-wide, wide)
        density = _density((z[:, None] - (1 - lam) * y[None, :]) / lam - mean.at(t)) / lam
        y, mass = z, w * (density @ mass)
        survives = float(mass.sum())
        if not mean.drift and left < _STEADY:
            return total + float(mass @ _ewma_lengths(scheme, mean.shift)(y))
        total += survives
        if survives < _GONE:
            break
    return total


def cusum_arl(scheme: Cusum, mean: Mean) -> float:
    """Return the average run length of a CUSUM.

    Two arms: from the lengths of each alone, from its start and from zero (Lucas and Crosier 1982).
    """
    if mean.drift:
        return _cusum_in_time(scheme, mean)
    up = _cusum_lengths(scheme, mean.shift)
    if scheme.is_one_sided:
        return up(scheme.head_start)
    down = _cusum_lengths(scheme, -mean.shift)
    a, from_zero = up(scheme.head_start), up(0.0)
    b, low_from_zero = down(scheme.head_start), down(0.0)
    return (a * low_from_zero + b * from_zero - from_zero * low_from_zero) / (from_zero + low_from_zero)


def _cusum_lengths(scheme: Cusum, shift: float) -> Callable[[float], float]:
    """Return the run length of one arm as a function of where it stands."""
    y, w = _nodes(0.0, scheme.h)
    stands = np.concatenate([[0.0], y])
    kernel = np.empty((_NODES + 1, _NODES + 1))
    kernel[:, 0] = ndtr(scheme.k - stands - shift)
    kernel[:, 1:] = _density(y[None, :] + scheme.k - stands[:, None] - shift) * w[None, :]
    lengths = np.linalg.solve(np.eye(_NODES + 1) - kernel, np.ones(_NODES + 1))

    def length(u: float) -> float:
        falls = float(ndtr(scheme.k - u - shift)) * float(lengths[0])
        return 1 + falls + float((_density(y + scheme.k - u - shift) * w) @ lengths[1:])

    return length


def _cusum_in_time(scheme: Cusum, mean: Mean) -> float:
    """Carry what one arm may stand at from value to value, its mass at zero apart."""
    y, w = _nodes(0.0, scheme.h)
    at_zero, stands, mass = 0.0, np.array([scheme.head_start]), np.ones(1)
    total = 1.0
    for t in range(1, _LONGEST):
        move = scheme.k - mean.at(t)
        density = _density(y[:, None] + move - stands[None, :]) @ mass + at_zero * _density(y + move)
        at_zero = float(ndtr(move - stands) @ mass) + at_zero * float(ndtr(move))
        stands, mass = y, w * density
        survives = at_zero + float(mass.sum())
        total += survives
        if survives < _GONE:
            break
    return total


def rules_arl(rules: tuple[str, ...], mean: Mean) -> float:
    """Return the average run length of zone rules, exactly: a Markov chain over what was seen lately.

    Args:
        rules: Any of ``1``, ``2of3``, ``4of5``, ``runN``.
        mean: Where the values lie.
    """
    chain = zone_chain.chain_of(rules)
    if not mean.drift:
        moves = chain.matrix(mean.shift)
        return float(np.linalg.solve(np.eye(len(moves)) - moves, np.ones(len(moves)))[0])
    mass = np.zeros(chain.size)
    mass[0] = total = 1.0
    for t in range(1, _LONGEST):
        mass = mass @ chain.matrix(mean.at(t))
        survives = float(mass.sum())
        total += survives
        if survives < _GONE:
            break
    return total


def critical_value(scheme: Ewma | Cusum, arl0: float) -> tuple[str, float]:
    """Return the name and size of the limit at which a scheme signals every so many values without a shift."""
    if isinstance(scheme, Ewma):
        ewma = scheme
        # an average follows itself, so that it never needs wider limits than values that do not (Sidak 1967)
        single = float(-ndtri(0.5 / arl0)) * (1 + _TOLERANCE)
        return "L", _solved(lambda limit: ewma_arl(replace(ewma, limit=limit), Mean()), arl0, single)
    cusum, fraction = scheme, scheme.head_start / scheme.h
    return "h", _solved(lambda h: cusum_arl(replace(cusum, h=h, head_start=fraction * h), Mean()), arl0, 1.0)


def _solved(length: Callable[[float], float], arl0: float, near: float) -> float:
    """Return the limit of a run length, sought from a near one: far too wide a limit cannot be computed.

    Raises:
        ValueError: No limit signals so soon.
    """
    from scipy.optimize import brentq

    @cache
    def over(limit: float) -> float:
        return math.log(length(limit) / arl0)

    narrow = wide = near
    while over(wide) < 0:
        wide *= 1.3
    while over(narrow) > 0 and narrow > _NARROW:
        narrow *= 0.75
    return float(brentq(over, narrow, wide, xtol=_TOLERANCE, rtol=_TOLERANCE))


@dataclass(frozen=True)
class Simulated:
    """A simulated run length and its standard error."""

    arl: float
    se: float


def nhs_arl(mean: Mean, draws: int, seed: int) -> Simulated:
    """Return the average run length of the NHS rules with known limits, from simulated series."""
    rng = np.random.Generator(np.random.PCG64(seed))
    seen = _Seen.of(draws)
    lengths = np.zeros(draws)
    running = np.arange(draws)
    for t in range(1, _LONGEST):
        seen, signals = seen.after(rng.standard_normal(len(running)) + mean.at(t))
        lengths[running[signals]] = t
        running, seen = running[~signals], seen.where(~signals)
        if len(running) == 0:
            break
    return Simulated(float(lengths.mean()), float(lengths.std(ddof=1) / math.sqrt(draws)))


@dataclass(frozen=True)
class _Seen:
    """What the NHS rules remember of many series: steps one way, values on one side, how the last values lay."""

    last: Floats
    steps: Floats
    run: Floats
    close: NDArray[np.bool_]
    close_before: NDArray[np.bool_]

    @classmethod
    def of(cls, draws: int) -> "_Seen":
        nothing = np.zeros(draws, dtype=bool)
        return cls(np.full(draws, np.nan), np.zeros(draws), np.zeros(draws), nothing, nothing)

    def where(self, keep: NDArray[np.bool_]) -> "_Seen":
        return _Seen(self.last[keep], self.steps[keep], self.run[keep], self.close[keep], self.close_before[keep])

    def after(self, values: Floats) -> "tuple[_Seen, NDArray[np.bool_]]":
        side = np.sign(values)
        run = np.where(side == np.sign(self.run), self.run + side, side)
        way = np.nan_to_num(np.sign(values - self.last))
        steps = np.where(way == np.sign(self.steps), self.steps + way, way)
        close = (np.abs(values) > _NHS_NEAR) & (np.abs(values) <= _NHS_LIMIT)
        near = close.astype(int) + self.close + self.close_before >= 2  # noqa: PLR2004 - two in three
        signals = (np.abs(values) > _NHS_LIMIT) | (np.abs(steps) >= _NHS_LONG - 1) | (np.abs(run) >= _NHS_LONG)
        signals |= near & (np.abs(run) >= 3)  # noqa: PLR2004
        return _Seen(values, steps, run, close, self.close), signals
