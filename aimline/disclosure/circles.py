"""Move cells of a reader's system together: how far from the truth can small groups be while every sum stays the same?

A point is all that is looked for. Whoever moves is a gap or never printed; the others stay where they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
import numpy.typing as npt

from aimline.disclosure.bounds import TOLERANCE, Matrix, Slack
from aimline.disclosure.instance import Instance
from aimline.disclosure.ties import Ties

_SIDES = (("x", 1), ("x", -1), ("y", 1), ("y", -1))
_OTHER = {"x": "y", "y": "x"}
Differences = npt.NDArray[np.float64]
_NOTHING = 1e-7
_MOVES = 1e-3
"""What counts as a move at all, well above the tolerance of the solver."""

_GOLDEN, _LEAST_WORTH = 0.618033988749895, 0.2
"""Multiples of the golden ratio spread evenly between whole numbers; nobody's step is worth less than the second."""

_WAYS = ((True, 1), (True, -1), (False, 1), (False, -1))
"""Whether for who knows that every gap is somebody, and up or down: in the order that is soonest enough."""


@dataclass
class Reach:
    """How far a target came, up and down, of the favourable ones and of the others, and which cells moved for it.

    Attributes:
        truth: Its favourable ones, and the others.
        width: How far it must come, all ways together.
        far: By answer and direction, for a reader of the sums alone.
        aware: The same for one who knows that nobody prints a gap for nobody.
        points: Of every point that carried it farther, the cells that moved.
        is_wide: Neither the count nor an answer is known nearly.
        is_unsure: Nothing is exact, and no answer none, for who knows that every gap is somebody.
    """

    truth: tuple[float, float]
    width: float
    far: dict[tuple[str, int], float] = field(default_factory=lambda: dict.fromkeys(_SIDES, 0.0))
    aware: dict[tuple[str, int], float] = field(default_factory=lambda: dict.fromkeys(_SIDES, 0.0))
    points: list[Sequence[int]] = field(default_factory=list)
    is_wide: bool = False
    is_unsure: bool = False

    @property
    def is_enough(self) -> bool:
        """Say whether the target came far enough."""
        return self.is_wide and self.is_unsure

    def has_come(self, *, is_aware: bool) -> bool:
        """Say whether it came far enough for one of the two readers."""
        return self.is_unsure if is_aware else self.is_wide

    def add(self, letter: str, difference: float, told: tuple[float, Sequence[int]]) -> None:
        """Take a point into account where it carries the target farther than any before.

        Args:
            letter: ``x`` or ``y``.
            difference: Of the target, from the truth.
            told: What part of the way leaves somebody in every gap, and the cells that move.
        """
        part, moved = told
        side = (letter, 1 if difference > 0 else -1)
        way = abs(difference)
        if way > self.far[side] + _NOTHING or part * way > self.aware[side] + _NOTHING:
            self.far[side] = max(self.far[side], way)
            self.aware[side] = max(self.aware[side], part * way)
            self.points.append(moved)
            self._judge()

    def _judge(self) -> None:
        x, y = self.truth
        x_up, x_down, y_up, y_down = self.far.values()
        some = x + x_up >= 1 - TOLERANCE and y + y_up >= 1 - TOLERANCE
        least = min(x_up + x_down, y_up + y_down)
        self.is_wide = some and least >= 1 - TOLERANCE and x_up + x_down + y_up + y_down >= self.width - TOLERANCE
        x_up, x_down, y_up, y_down = self.aware.values()
        moves = max(x_up, x_down) > _MOVES and max(y_up, y_down) > _MOVES
        self.is_unsure = moves and (x > 0 or x_up > _MOVES) and (y > 0 or y_up > _MOVES)


def moved_in(reaches: Iterable[Reach]) -> frozenset[int]:
    """Return the cells that moved for some targets; a point that carried several is looked at once."""
    points = {id(point): point for reach in reaches for point in reach.points}
    return frozenset().union(*points.values())


@dataclass(frozen=True)
class Way:
    """How far an answer moves, by class; how far each cell may fall, and how far its other answer moved for that."""

    moves: Differences
    room: Differences
    lift: Differences


class Circle:
    """Cells that may move together; all others stay at the truth."""

    def __init__(self, instance: Instance, cells: Iterable[int]) -> None:
        """Write down the sums of the cells; who cannot move is left out, and who moves as others do moves with them."""
        held: dict[int, dict[int, int]] = defaultdict(dict)
        around = sorted(set(cells))
        for cell in around:
            for relation in instance.sums_of[cell]:
                held[relation][cell] = 1 if instance.relations[relation].total == cell else -1
        ties = Ties(around, held.values())
        told = [(cell, number, side) for number, members in enumerate(ties.classes) for cell, side in members]
        self._numbers = np.array([cell for cell, _, _ in told], dtype=np.int64)
        self._class = np.array([number for _, number, _ in told], dtype=np.int64)
        self._side = np.array([side for _, _, side in told], dtype=float)
        self.place = {cell: place for place, (cell, _, _) in enumerate(told)}
        self._n_classes = len(ties.classes)
        self._rows = Matrix.of(ties.rows)
        self._n_moves = 0
        self._slacks: dict[tuple[str, bool], Slack] = {}
        self._lifts: dict[str, tuple[Slack, Differences, Differences] | None] = {}
        own = [instance.cells[cell] for cell, _, _ in told]
        self._printed = np.array([cell.is_printed and cell.n > 0 for cell in own], dtype=bool)
        self._room = np.array([cell.n - 1 for cell in own], dtype=float)
        self._held = {letter: np.array([getattr(cell, letter) for cell in own], dtype=float) for letter in "xy"}
        self._far = float(max(instance.thresholds.min_interval_width, 1))
        self._highs = np.array([self._far if instance.is_small(cell) else inf for cell, _, _ in told])

    def carry(self, reaches: Mapping[int, Reach], *, is_each: bool) -> None:
        """Move targets, all of them at once, then each by itself, until each has come far enough.

        Args:
            reaches: How far each came in other circles; they grow.
            is_each: Go on after one that does not come far enough.
        """
        found = {target: reach for target, reach in sorted(reaches.items()) if target in self.place}
        for target in self._left(found):
            if not found[target].is_enough:
                self._move([target], found)
            if is_each and not found[target].has_come(is_aware=True):
                self._move_both_answers(target, found)
            if not is_each and not found[target].is_enough:
                break

    def carry_together(self, reaches: Mapping[int, Reach]) -> None:
        """Move targets, all of them at once, as long as more of them come far enough."""
        self._left({target: reach for target, reach in sorted(reaches.items()) if target in self.place})

    def _left(self, found: Mapping[int, Reach]) -> list[int]:
        """Move all targets at once until that carries no more of them far enough; return who is left."""
        n_left, left = len(found) + 1, [target for target in found if not found[target].is_enough]
        while 1 < len(left) < n_left:
            self._move(left, found)
            n_left, left = len(left), [target for target in left if not found[target].is_enough]
        return left

    def _move(self, group: list[int], found: Mapping[int, Reach]) -> None:
        """Move some targets in each direction; every point tells of all targets that did not come far enough yet."""
        for is_aware, sign in _WAYS:
            for letter in "xy":
                wanted = [target for target in group if not found[target].is_enough]
                if not is_aware or sign < 0:
                    wanted = [target for target in wanted if not found[target].has_come(is_aware=is_aware)]
                if not wanted:
                    break
                asked = self._asked(wanted, found, (letter, sign))
                point = self._slack(letter, is_aware).farthest(asked, self._weights(asked, wanted, found))
                left = [each for each in found if not found[each].is_enough]
                self._tell(left, letter, Way(point, self._room, np.zeros(len(self._room))), found)

    def _move_both_answers(self, target: int, found: Mapping[int, Reach]) -> None:
        """Move one answer while gaps that it alone fills get somebody of the other: so nobody's gap becomes empty.

        Where one child of a school gave an answer, and stands alone in a group, the answer can be another group's only
        if somebody of the other answer may stand in its place.
        """
        place = self.place[target]
        for letter, sign in _SIDES:
            lifted = self._lifted(letter)
            if lifted is None:
                continue
            if found[target].is_unsure:
                return
            slack, room, lift = lifted
            ways = {int(self._class[place]): sign * float(self._side[place])}
            self._tell([target], letter, Way(slack.farthest(ways), room, lift), found)

    def _lifted(self, letter: str) -> tuple[Slack, Differences, Differences] | None:
        """Lift whoever is filled by one answer alone; None where nobody is.

        Returns:
            The solver of the answer then, how far each cell may fall, and by how much its other answer was moved.
        """
        if letter not in self._lifts:
            alone = np.flatnonzero(self._printed & (self._held[letter] > self._room))
            asked = {int(self._class[each]): float(self._side[each]) for each in alone}
            lift = self._slack(_OTHER[letter], is_aware=True).farthest(asked)[self._class] * self._side
            room = np.maximum(self._room + lift, 0.0)
            lows = np.where(self._printed, np.minimum(self._held[letter], room), self._held[letter])
            self._lifts[letter] = (self._slack_of(lows), room, lift) if len(alone) else None
        return self._lifts[letter]

    def _useful(self, reach: Reach, letter: str, sign: int) -> float:
        """Return how far a move helps a target: what the others leave it to do, half of it where they did nothing."""
        others = sum(way for side, way in reach.far.items() if side != (letter, sign))
        missing = self._far - others
        return max(1.0, missing if others else missing / 2)

    def _asked(self, wanted: Iterable[int], found: Mapping[int, Reach], side: tuple[str, int]) -> dict[int, float]:
        """Return how far classes are to move: of two that move against each other the first has its way."""
        asked: dict[int, float] = {}
        for target in wanted:
            place = self.place[target]
            way = self._useful(found[target], *side) * side[1] * float(self._side[place])
            number = int(self._class[place])
            before = asked.get(number, 0.0)
            if before * way >= 0.0:
                asked[number] = max(before, way, key=abs)
        return asked

    def _weights(self, asked: Iterable[int], wanted: Iterable[int], found: Mapping[int, Reach]) -> Differences:
        """Return what a step of each class is worth.

        It is more where less is missing: so some arrive, rather than all coming half the way. And it is something else
        every time, so that others win where not all can move.
        """
        near: dict[int, float] = {}
        for target in wanted:
            number = int(self._class[self.place[target]])
            missing = max(1.0, self._far - sum(found[target].far.values()))
            near[number] = max(near.get(number, 0.0), self._far / missing)
        worth = np.array([near[number] for number in asked])
        self._n_moves += 1
        turns = np.arange(1, len(worth) + 1, dtype=np.float64) * np.float64(self._n_moves * _GOLDEN)
        return worth * (_LEAST_WORTH + turns % 1.0)

    def _slack(self, letter: str, is_aware: bool) -> Slack:
        """Return the solver of one answer and one reader; a small cell moves as far as is asked for, and no farther."""
        if (letter, is_aware) not in self._slacks:
            lows = self._held[letter]
            if is_aware:
                lows = np.where(self._printed, np.minimum(lows, self._room), lows)
            made = self._slack_of(lows)
            beside = self._slacks.get((letter, not is_aware)) or self._slacks.get((_OTHER[letter], is_aware))
            if beside is not None:
                made.begin_like(beside)
            self._slacks[letter, is_aware] = made
        return self._slacks[letter, is_aware]

    def _slack_of(self, lows: Differences) -> Slack:
        """Return a solver in which each cell may fall so far; what moves together falls as far as all of it may."""
        down, up = np.where(self._side > 0, (lows, self._highs), (self._highs, lows))
        limits = np.full((2, self._n_classes), inf)
        np.minimum.at(limits[0], self._class, down)
        np.minimum.at(limits[1], self._class, up)
        return Slack(self._rows, -limits[0], limits[1])

    def _tell(self, targets: list[int], letter: str, way: Way, found: Mapping[int, Reach]) -> None:
        """Tell every target how far a way carries it; a printed gap may not become empty on it."""
        point = way.moves[self._class] * self._side
        falls = self._printed & (point < -_NOTHING)
        part = float(min(1.0, (way.room[falls] / -point[falls]).min(initial=1.0)))
        moved = self._numbers[np.maximum(np.abs(point), np.abs(way.lift)) > _NOTHING].tolist()
        for target, far in zip(targets, point[[self.place[target] for target in targets]].tolist(), strict=True):
            found[target].add(letter, far, (part, moved))
