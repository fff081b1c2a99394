"""Be the reader who knows what a gap means: somebody is in it. The favourable students and the others in one system."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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
    """The system of one part, and the points of it that were seen: they save most of the questions, or all."""

    def __init__(
        self, sums: Sums, limits: Iterable[tuple[int, float, float]], truth: Sequence[tuple[int, int]]
    ) -> None:
        """Join the two systems.

        Args:
            sums: Of the unknown cells, by place.
            limits: (place, low, high) of the students of a gap.
            truth: (favourable, others) by place: the first point.
        """
        self._sums = sums
        self._limits = list(limits)
        self._width = len(truth)
        self._truth = [float(pair[side]) for side in (0, 1) for pair in truth]
        self._seen = [self._truth]

    @cached_property
    def _system(self) -> Polytope:
        rows, x, y = self._sums
        joined = [Row(row, side, side) for row, side in zip(rows, x, strict=True)]
        for row, side in zip(rows, y, strict=True):
            joined.append(Row({place + self._width: value for place, value in row.items()}, side, side))
        joined += [Row({place: 1.0, place + self._width: 1.0}, low, high) for place, low, high in self._limits]
        return Polytope(2 * self._width, joined)

    def see(self, side: int, point: Sequence[float]) -> None:
        """Take a point of one answer's system, the other answer as it is: as far as this reader can go towards it.

        Args:
            side: 0 for the favourable students, 1 for the others.
            point: A value for each place.
        """
        begin = side * self._width
        moves = [there - here for there, here in zip(point, self._truth[begin : begin + self._width], strict=True)]
        share = 1.0
        for place, low, high in self._limits:
            n, move = self._truth[place] + self._truth[place + self._width], moves[place]
            if move < 0.0:
                share = min(share, (low - n) / move)
            elif move > 0.0:
                share = min(share, (high - n) / move)
        if share > 0.0:
            seen = list(self._truth)
            for place, move in enumerate(moves, start=begin):
                seen[place] += share * move
            self._seen.append(seen)

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
        for is_up in (False, True):
            if self._spread(quantity) >= TOLERANCE or self._ask(quantity, is_up=is_up) == inf:
                return False
        return self._spread(quantity) < TOLERANCE

    def _is_none(self, quantity: Mapping[int, float]) -> bool:
        """Say whether a quantity can be nothing but zero."""
        return max(self._values(quantity)) < TOLERANCE and self._ask(quantity, is_up=True) < TOLERANCE

    def _ask(self, quantity: Mapping[int, float], *, is_up: bool) -> float:
        value = self._system.highest(quantity) if is_up else self._system.lowest(quantity)
        if self._system.point:
            self._seen.append(list(self._system.point))
        return value

    def _values(self, quantity: Mapping[int, float]) -> list[float]:
        return [sum(point[unknown] * value for unknown, value in quantity.items()) for point in self._seen]

    def _spread(self, quantity: Mapping[int, float]) -> float:
        values = self._values(quantity)
        return max(values) - min(values)
