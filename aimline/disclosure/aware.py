"""Be the reader who knows what a gap means: somebody is in it. The favourable students and the others in one system."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from aimline.disclosure.bounds import TOLERANCE, Polytope, Row, UndecidedError

Sums = tuple[Sequence[Mapping[int, int]], Sequence[int], Sequence[int]]
"""Rows over places, and their right-hand sides for the favourable students and for the others."""


@dataclass(frozen=True)
class Rule:
    """What a reader knows of every printed gap besides the sums.

    Attributes:
        low: At least so many students; a gap is never empty.
        high: At most so many; infinite where other cells than the small ones are gaps too.
    """

    low: int = 1
    high: float = inf


@dataclass
class RuleAudit:
    """What this reader derives; every list holds numbers of targets.

    Attributes:
        exact: The count is determined.
        result_known: The favourable ones, or the others, are determined.
        all_or_none: Everybody answered alike, and that is known.
    """

    exact: list[int] = field(default_factory=list)
    result_known: list[int] = field(default_factory=list)
    all_or_none: list[int] = field(default_factory=list)


class AwareReader:
    """The system of one part, and the points of it that were seen: they save most of the questions."""

    def __init__(
        self, sums: Sums, limits: Iterable[tuple[int, float, float]], truth: Sequence[tuple[int, int]]
    ) -> None:
        """Join the two systems.

        Args:
            sums: Of the unknown cells, by place.
            limits: (place, low, high) of the students of a gap.
            truth: (favourable, others) by place: the first point.
        """
        rows, x, y = sums
        self._width = len(truth)
        joined = [Row(row, side, side) for row, side in zip(rows, x, strict=True)]
        for row, side in zip(rows, y, strict=True):
            joined.append(Row({place + self._width: value for place, value in row.items()}, side, side))
        joined += [Row({place: 1.0, place + self._width: 1.0}, low, high) for place, low, high in limits]
        self._system = Polytope(2 * self._width, joined)
        self._seen = [[float(pair[side]) for side in (0, 1) for pair in truth]]

    def derive(self, told: RuleAudit, targets: Mapping[int, int]) -> list[int]:
        """Add to ``told`` what follows about the targets (number to place); return the undecided ones."""
        undecided = []
        for target, place in targets.items():
            x, y = {place: 1.0}, {place + self._width: 1.0}
            try:
                if self._is_fixed(x | y):
                    told.exact.append(target)
                if self._is_fixed(x) or self._is_fixed(y):
                    told.result_known.append(target)
                if self._is_none(x) or self._is_none(y):
                    told.all_or_none.append(target)
            except UndecidedError:
                undecided.append(target)
        return undecided

    def _is_fixed(self, quantity: Mapping[int, float]) -> bool:
        """Say whether a quantity can have one value only."""
        for extreme in (self._system.lowest, self._system.highest):
            if self._spread(quantity) >= TOLERANCE or self._ask(extreme, quantity) == inf:
                return False
        return self._spread(quantity) < TOLERANCE

    def _is_none(self, quantity: Mapping[int, float]) -> bool:
        """Say whether a quantity can be nothing but zero."""
        return max(self._values(quantity)) < TOLERANCE and self._ask(self._system.highest, quantity) < TOLERANCE

    def _ask(self, extreme: Callable[[Mapping[int, float]], float], quantity: Mapping[int, float]) -> float:
        value = extreme(quantity)
        if self._system.point:
            self._seen.append(list(self._system.point))
        return value

    def _values(self, quantity: Mapping[int, float]) -> list[float]:
        return [sum(point[unknown] * value for unknown, value in quantity.items()) for point in self._seen]

    def _spread(self, quantity: Mapping[int, float]) -> float:
        values = self._values(quantity)
        return max(values) - min(values)
