"""Forecast how many students of a school will be chronically absent by the end of the year.

Each student's days to come are a beta-binomial whose mean leans from the school's rate to the student's own; a school's
number is their sum, with one shared shift of all chances, since students of a school share its year.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit, logit, ndtr

Floats = NDArray[np.float64]

_NODES = 21
_EXACT_BELOW = 30
_ENOUGH = 200
_SLACK = 1e-9
_LEAST, _MOST = 1e-9, 1 - 1e-9
_ENOUGH_SCHOOLS = 10
_LEAST_SHIFT, _MOST_SHIFT = 0.05, 2.0


@dataclass(frozen=True)
class Assumed:
    """What past years taught.

    Attributes:
        threshold: Share of a student's days from which absence is chronic.
        is_above: The share itself is not chronic yet.
        weight: Days of the school's rate in a student's expected rate.
        overdispersion: Correlation of the days of one student.
        shift_sd: How far the chances of a whole school move together, on the logit scale.
    """

    threshold: Fraction = Fraction(1, 10)
    is_above: bool = False
    weight: float = 20.0
    overdispersion: float = 0.05
    shift_sd: float = 0.15


@dataclass(frozen=True)
class Students:
    """Absent days and member days so far, and days to come, a place a student; and the rate of each one's school.

    Without rates the students are those of one school.
    """

    absent: Floats
    member: Floats
    remaining: Floats
    rate: Floats | None = None

    def members(self) -> "Students":
        """Return those with a day so far or to come: nobody is absent of no days."""
        return self._at(np.flatnonzero(self.member + self.remaining > 0))

    def in_order(self) -> "Students":
        """Return them by their numbers, so that sums do not depend on the order of a file."""
        columns = (self.remaining, self.member, self.absent)
        return self._at(np.lexsort(columns if self.rate is None else (self.rate, *columns)))

    def _at(self, places: "NDArray[np.intp]") -> "Students":
        rate = None if self.rate is None else self.rate[places]
        return Students(self.absent[places], self.member[places], self.remaining[places], rate)


@dataclass(frozen=True)
class Outlook:
    """The year's rate of one school: chance to meet the target, median, 80% interval, students, chronic already."""

    p_meet: float
    median: float
    low: float
    high: float
    n_students: int
    n_already: int


@dataclass(frozen=True)
class Past:
    """Last year's students at the same week: absent and member days until then, and those of the rest of that year."""

    absent: Floats
    member: Floats
    rest_absent: Floats
    rest: Floats


def learned(past: Past, assumed: Assumed) -> Assumed:
    """Return what last year taught of this week, by moments; what was assumed where too few students tell it.

    How a student's rest of the year leans on the days so far gives the weight of the school's rate, and how much it
    varies beyond chance the overdispersion.
    """
    here = (past.member > 0) & (past.rest > 0)
    if here.sum() < _ENOUGH:
        return assumed
    columns = [each[here] for each in (past.absent, past.member, past.rest, past.rest_absent)]
    order = np.lexsort(columns)  # sums do not depend on the order of a file
    absent, member, rest, later = (each[order] for each in columns)
    before, after = absent / member, later / rest
    spread = float(before.var())
    if spread == 0:
        return assumed
    slope = min(max(float(((before - before.mean()) * (after - after.mean())).mean()) / spread, 0.05), 0.99)
    weight = float(member.mean()) * (1 - slope) / slope
    rate = absent.sum() / member.sum()
    mean = np.clip((absent + weight * rate) / (member + weight), _LEAST, _MOST)
    excess = float(((after - mean) ** 2 * rest / (mean * (1 - mean))).mean()) - 1
    between = excess / max(float(rest.mean()) - 1, 1.0)
    return replace(assumed, weight=weight, overdispersion=min(max(between, 0.001), 0.5))


def learned_shift(schools: Iterable[Past], assumed: Assumed) -> float:
    """Return how far the chances of whole schools moved together in the rest of last year, on the logit scale.

    By moments: how many students were chronically absent in the end, less what their chances said at this week, beyond
    what chance leaves open. What was assumed where fewer than ten schools tell it.

    Args:
        schools: Last year's students of each school at the same week.
        assumed: What was learned of single students.
    """
    told = [_missed(past, assumed) for past in schools]
    missed, open_ = np.array([each for each in told if each[1] > 0]).reshape(-1, 2).T
    if len(missed) < _ENOUGH_SCHOOLS:
        return assumed.shift_sd
    beyond = float((missed**2 / open_).sum()) - len(missed)
    return min(max(math.sqrt(max(beyond, 0.0) / float(open_.sum())), _LEAST_SHIFT), _MOST_SHIFT)


def _missed(past: Past, assumed: Assumed) -> tuple[float, float]:
    """Return by how many students the chances of a school were off, and the variance that chance leaves open."""
    q = chances(Students(past.absent, past.member, past.rest).in_order(), assumed)
    end = Students(past.absent + past.rest_absent, past.member + past.rest, np.zeros(len(q)))
    came = days_needed(end, assumed.threshold, is_above=assumed.is_above) <= 0
    return float(came.sum() - q.sum()), float((q * (1 - q)).sum())


def days_needed(students: Students, threshold: Fraction, *, is_above: bool = False) -> Floats:
    """Return how many more absent days make each student chronically absent at the end of the year."""
    missing = float(threshold) * (students.member + students.remaining) - students.absent
    return np.asarray(np.floor(missing + _SLACK) + 1 if is_above else np.ceil(missing - _SLACK))


def chances(students: Students, assumed: Assumed) -> Floats:
    """Return each student's chance of being chronically absent at the end of the year."""
    need = days_needed(students, assumed.threshold, is_above=assumed.is_above)
    absent, member, remaining = students.absent, students.member, students.remaining
    together = absent.sum() / member.sum() if member.sum() > 0 else 0.0
    rate = together if students.rate is None else students.rate
    mean = np.clip((absent + assumed.weight * rate) / (member + assumed.weight), _LEAST, _MOST)
    size = (1 - assumed.overdispersion) / assumed.overdispersion
    below = _below(need, remaining, mean * size, (1 - mean) * size)
    return np.asarray(np.where(need <= 0, 1.0, np.where(need > remaining, 0.0, np.clip(1 - below, 0.0, 1.0))))


def _below(need: Floats, days: Floats, alpha: Floats, beta: Floats) -> Floats:
    """Return the chance of fewer days than needed, adding up the beta-binomial from none on."""
    chance = np.exp(betaln(alpha, days + beta) - betaln(alpha, beta))
    total = np.zeros(len(need))
    for x in range(int(need.max(initial=0.0))):
        total += np.where(x < need, chance, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (days - x) * (x + alpha) / ((x + 1) * (days - x - 1 + beta))
        chance = np.where(x < days, chance * step, 0.0)
    return total


def outlook(students: Students, target: Fraction, assumed: Assumed) -> Outlook:
    """Return the outlook of a school, a district or a group from its students."""
    students = students.members()
    q = chances(students.in_order(), assumed)
    n = len(q)
    if not n:
        return Outlook(math.nan, math.nan, math.nan, math.nan, 0, 0)
    cumulative = _cumulative(q, assumed.shift_sd)
    most = math.floor(target * n)
    p_meet = 0.0 if most < 0 else float(cumulative[min(most, n)])
    ends = [float(np.searchsorted(cumulative, share - _SLACK)) / n for share in (0.5, 0.1, 0.9)]
    already = int((days_needed(students, assumed.threshold, is_above=assumed.is_above) <= 0).sum())
    return Outlook(p_meet, ends[0], ends[1], ends[2], n, already)


def _cumulative(q: Floats, shift_sd: float) -> Floats:
    """Return the chance of at most 0, 1, ... students, over the shared shift (Gauss-Hermite)."""
    total = np.zeros(len(q) + 1)
    with np.errstate(divide="ignore"):
        odds = logit(q)
    for node, weight in _shifts():
        shifted = np.where((q > 0) & (q < 1), expit(odds + shift_sd * node), q)
        total += weight * (_exact(shifted) if len(q) < _EXACT_BELOW else _normal(shifted))
    return np.minimum(total, 1.0)


@cache
def _shifts() -> list[tuple[float, float]]:
    """Return the nodes and weights over which a shared shift is averaged: the same for every school."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return list(zip(nodes.tolist(), (weights / weights.sum()).tolist(), strict=True))


def _exact(q: Floats) -> Floats:
    mass = np.ones(1)
    for chance in q:
        mass = np.convolve(mass, [1 - chance, chance])
    return np.asarray(np.cumsum(mass))


def _normal(q: Floats) -> Floats:
    mean, spread = q.sum(), math.sqrt(float((q * (1 - q)).sum()))
    most = np.arange(len(q) + 1) + 0.5
    if spread == 0:
        return np.asarray(most > mean, dtype=np.float64)
    found = ndtr((most - mean) / spread)
    found[-1] = 1.0
    return np.asarray(found, dtype=np.float64)
