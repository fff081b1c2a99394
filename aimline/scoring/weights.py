"""Weigh answers so that who answered stands for who was asked: raking to known margins, and what that costs.

Weights are worked out by cells of people alike in all margins, so no figure depends on the order of the people.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

LEAST_IN_LEVEL = 10
CLIP = (0.3, 3.0)
"""Smallest and largest weight, in means of all weights."""

NOT_CONVERGED = "raking_did_not_converge"
_SMALL = 1e-6
_MOST_CYCLES = 1000
_MOST_ROUNDS = 20
_Z = 1.96

Cell = tuple[str, ...]


@dataclass(frozen=True)
class Margin:
    """What is known of everybody asked: how many there are at each level, levels in their order."""

    name: str
    levels: Mapping[str, int]


@dataclass(frozen=True)
class Weights:
    """Weights of a file of responses.

    Attributes:
        values: The weight of each response, in the order given; empty where there is none.
        deff: How much more an interval varies for the weights (Kish).
        n_effective: The size of an unweighted sample that would tell as much.
        margin_error: The largest relative error of a margin that clipping leaves.
        why_not: Why the weights are not used; empty where they are.
    """

    values: tuple[float, ...] = ()
    deff: float | None = None
    n_effective: float | None = None
    margin_error: float | None = None
    why_not: str = ""


@dataclass(frozen=True)
class _Raked:
    """Cells with their people, and the levels of each margin after small ones were joined."""

    sizes: Mapping[Cell, int]
    margins: tuple[Mapping[str, int], ...]

    def cycle(self, weights: dict[Cell, float]) -> None:
        """Bring each margin in turn to what is known of it."""
        for place, known in enumerate(self.margins):
            sums = self._sums(weights, place)
            for cell in weights:
                weights[cell] *= known[cell[place]] / sums[cell[place]]

    def error(self, weights: Mapping[Cell, float]) -> float:
        """Return the largest relative error of any level of any margin."""
        return max(
            abs(total / known[level] - 1)
            for place, known in enumerate(self.margins)
            for level, total in self._sums(weights, place).items()
        )

    def _sums(self, weights: Mapping[Cell, float], place: int) -> dict[str, float]:
        parts: dict[str, list[float]] = {}
        for cell, weight in weights.items():
            parts.setdefault(cell[place], []).append(weight * self.sizes[cell])
        return {level: fsum(mine) for level, mine in parts.items()}

    def settle(self, weights: dict[Cell, float]) -> bool:
        """Rake until every margin is met; say whether it was."""
        for _ in range(_MOST_CYCLES):
            self.cycle(weights)
            if self.error(weights) < _SMALL:
                return True
        return False


def joined(margin: Margin, answered: Counter[str]) -> dict[str, str]:
    """Return the level that stands for each level: one with too few answers goes with the next one.

    The last goes with the one before.

    Args:
        margin: The margin.
        answered: How many at each level answered.
    """
    found: dict[str, str] = {}
    waiting: list[str] = []
    heads: list[str] = []
    n = 0
    for level in margin.levels:
        waiting.append(level)
        n += answered[level]
        if n >= LEAST_IN_LEVEL:
            found |= dict.fromkeys(waiting, level)
            heads.append(level)
            waiting, n = [], 0
    rest = heads[-1] if heads else (waiting or [""])[-1]
    return found | dict.fromkeys(waiting, rest)


def rake(people: Sequence[Cell], margins: Sequence[Margin], clip: tuple[float, float] = CLIP) -> Weights:
    """Weigh people until each margin is met, then hold the weights within bounds.

    Args:
        people: The level of each person at each margin; every level is one of the margin.
        margins: What is known of everybody asked.
        clip: Smallest and largest weight, in means of all weights.
    """
    if not people or not margins:
        return Weights(why_not="nobody to weigh" if margins else "no margins")
    stands = [joined(margin, Counter(each[place] for each in people)) for place, margin in enumerate(margins)]
    cells = [tuple(mine[level] for mine, level in zip(stands, each, strict=True)) for each in people]
    known = tuple(_totals(margin, mine) for margin, mine in zip(margins, stands, strict=True))
    sizes = dict(sorted(Counter(cells).items()))
    raked = _Raked(sizes, known)
    weights = dict.fromkeys(sizes, sum(known[0].values()) / len(people))
    if not raked.settle(weights):
        return Weights(why_not=NOT_CONVERGED)
    _hold(raked, weights, clip)
    values = tuple(weights[cell] for cell in cells)
    deff = design_effect([(weight, sizes[cell]) for cell, weight in weights.items()])
    return Weights(values, deff, len(people) / deff, raked.error(weights))


def _totals(margin: Margin, stands: Mapping[str, str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for level, n in margin.levels.items():
        found[stands[level]] += n
    return dict(found)


def _hold(raked: _Raked, weights: dict[Cell, float], clip: tuple[float, float]) -> None:
    """Clip and rake again until nothing is clipped, and end on clipped weights."""
    n = sum(raked.sizes.values())
    for turn in range(_MOST_ROUNDS):
        mean = fsum(weight * raked.sizes[cell] for cell, weight in weights.items()) / n
        low, high = clip[0] * mean, clip[1] * mean
        clipped = {cell: min(max(weight, low), high) for cell, weight in weights.items()}
        if clipped == weights:
            return
        weights.update(clipped)
        if turn < _MOST_ROUNDS - 1:
            raked.settle(weights)


def design_effect(weights: Sequence[tuple[float, int]]) -> float:
    """Return Kish's design effect of weights and how many people have each."""
    n = sum(size for _, size in weights)
    total = fsum(weight * size for weight, size in weights)
    return n * fsum(weight * weight * size for weight, size in weights) / (total * total)


def margin_of_error(share: float, n: float, n_eligible: int | None = None) -> float:
    """Return half the width of the 95 % interval of a share: of chance alone, not of who stayed away.

    Args:
        share: The share.
        n: How many answered; of weighted answers, the size they are worth.
        n_eligible: How many were asked; None where that is not known.
    """
    left = max(n_eligible - n, 0) / (n_eligible - 1) if n_eligible and n_eligible > 1 else 1.0
    return _Z * sqrt(share * (1 - share) / n * left)


def weighted_share(parts: Sequence[tuple[float, int, int]]) -> float | None:
    """Return the share of weighted answers.

    Args:
        parts: Of each person the weight, the favorable answers, the answers.
    """
    of = fsum(weight * n for weight, _, n in parts)
    return fsum(weight * hits for weight, hits, _ in parts) / of if of else None


def weighted_mean(parts: Sequence[tuple[float, float]]) -> tuple[float | None, float | None]:
    """Return mean and standard deviation of weighted scores; ``parts`` are weight and score of each person."""
    of = fsum(weight for weight, _ in parts)
    if not of:
        return None, None
    mean = fsum(weight * score for weight, score in parts) / of
    n = len(parts)
    if n == 1:
        return mean, None
    return mean, sqrt(fsum(weight * (score - mean) ** 2 for weight, score in parts) / of * n / (n - 1))
