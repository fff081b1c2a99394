"""Move cells of a reader's system together: how far from the truth can small groups be while every sum stays the same?

A point is all that is looked for. Whoever moves is a gap or never printed; the others stay where they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from aimline.disclosure.bounds import TOLERANCE, Matrix, Slack
from aimline.disclosure.instance import Instance
from aimline.disclosure.ties import Ties

_SIDES = (("x", 1), ("x", -1), ("y", 1), ("y", -1))
_OTHER = {"x": "y", "y": "x"}
Differences = npt.NDArray[np.float64]
Cells = TypeVar("Cells", int, npt.NDArray[np.int64])
_NOTHING = 1e-7
_MOVES = 2e-3
"""Twice what counts as a move at all, well above the tolerance of the solver: half of it is left where one left."""

MOST_FALL = 200
"""Nobody falls by more than so many, so where more are left nothing changes."""

_FEW, _LEAST = 3, 0.3
"""From so many on, one stays behind of those who move together, as long as that carries this part of them each time."""

_GOLDEN, _LEAST_WORTH = 0.618033988749895, 0.2
"""Multiples of the golden ratio spread evenly between whole numbers; nobody's step is worth less than the second."""

_WAYS = ((True, 1), (True, -1), (False, 1), (False, -1))
"""Whether for who knows that every gap is somebody, and up or down: in the order that is soonest enough."""


class Proof(NamedTuple):
    """What moves in one or more points, and what a point needs of the numbers: whoever falls must have as far to fall.

    An answer of a cell is named by a number of its own (``answer``).

    Attributes:
        moved: The cells that move.
        falls: The answers of cells that fall.
        spent: Those that fall so far that they could not if one student fewer had given the answer.
    """

    moved: frozenset[int]
    falls: frozenset[int]
    spent: frozenset[int]


def answer(cells: Cells, letter: str) -> Cells:
    """Return the number of one answer of a cell, or of some cells."""
    return 2 * cells + (letter == "y")


@dataclass
class Reach:
    """How far a target came, up and down, of the favourable ones and of the others, and which cells moved for it.

    Attributes:
        truth: Its favourable ones, and the others.
        width: How far it must come, all ways together.
        far: By answer and direction, for a reader of the sums alone.
        aware: The same for one who knows that nobody prints a gap for nobody.
        points: Every point that carried it farther.
        is_wide: Neither the count nor an answer is known nearly.
        is_unsure: Nothing is exact, and no answer none, for who knows that every gap is somebody.
    """

    truth: tuple[float, float]
    width: float
    far: dict[tuple[str, int], float] = field(default_factory=lambda: dict.fromkeys(_SIDES, 0.0))
    aware: dict[tuple[str, int], float] = field(default_factory=lambda: dict.fromkeys(_SIDES, 0.0))
    points: list["Point"] = field(default_factory=list)
    is_wide: bool = False
    is_unsure: bool = False

    @property
    def is_enough(self) -> bool:
        """Say whether the target came far enough."""
        return self.is_wide and self.is_unsure

    def has_come(self, *, is_aware: bool) -> bool:
        """Say whether it came far enough for one of the two readers."""
        return self.is_unsure if is_aware else self.is_wide

    def add(self, letter: str, difference: float, told: tuple[float, "Point"]) -> None:
        """Take a point into account where it carries the target farther than any before.

        Args:
            letter: ``x`` or ``y``.
            difference: Of the target, from the truth.
            told: What part of the way leaves somebody in every gap, and the point.
        """
        part, point = told
        side = (letter, 1 if difference > 0 else -1)
        way = abs(difference)
        if way > self.far[side] + _NOTHING or part * way > self.aware[side] + _NOTHING:
            self.far[side] = max(self.far[side], way)
            self.aware[side] = max(self.aware[side], part * way)
            self.points.append(point)
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


@dataclass(frozen=True, eq=False)
class Point:
    """One point: the cells that move, the answers that fall, and those of them that may lose nobody."""

    moved: Sequence[int]
    falls: Sequence[int]
    spent: Sequence[int]


def proof_of(reaches: Iterable[Reach]) -> Proof:
    """Return what moves for some targets; a point that carried several is looked at once."""
    points = list({id(point): point for reach in reaches for point in reach.points}.values())
    return Proof(
        frozenset().union(*(point.moved for point in points)),
        frozenset().union(*(point.falls for point in points)),
        frozenset().union(*(point.spent for point in points)),
    )


@dataclass(frozen=True)
class Way:
    """How far an answer moves, by class; how far each cell may fall, and how far its other answer moved for that."""

    moves: Differences
    room: Differences
    lift: Differences


class Circle:
    """Cells that may move together; all others stay at the truth.

    Attributes:
        place: Of every cell that can move where it stands.
        n_cells: How many can.
    """

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
        self.n_cells = len(told)
        self._rows = Matrix.of(ties.rows)
        self._n_moves = 0
        self._slacks: dict[tuple[str, bool], Slack] = {}
        self._lifts: dict[str, tuple[Slack, Differences, Differences] | None] = {}
        own = [instance.cells[cell] for cell, _, _ in told]
        self._printed = np.array([cell.is_printed and cell.n > 0 for cell in own], dtype=bool)
        self._room = np.array([cell.n - 1 for cell in own], dtype=float)
        self._held = {letter: np.array([getattr(cell, letter) for cell in own], dtype=float) for letter in "xy"}
        self._lows: dict[str, Differences] = {}
        self._far = float(max(instance.thresholds.min_interval_width, 1))
        self._highs = np.array([self._far if instance.is_small(cell) else inf for cell, _, _ in told])

    def carry(self, reaches: Mapping[int, Reach], *, is_each: bool, is_lasting: bool = False) -> None:
        """Move targets, all of them at once, then each by itself, until each has come far enough.

        Args:
            reaches: How far each came in other circles; they grow.
            is_each: Go on after one that does not come far enough.
            is_lasting: At first one stays behind wherever somebody falls; then, for those who do not come far enough
                so, nobody need.
        """
        found = self._found(reaches)
        for spared in (1.0, inf) if is_lasting else (inf,):
            self._spare(spared)
            for target in self._left(found):
                if not found[target].is_enough:
                    self._move([target], found)
                if is_each and spared == inf and not found[target].has_come(is_aware=True):
                    self._move_both_answers(target, found)
                if not is_each and not found[target].is_enough:
                    break
            found = {target: reach for target, reach in found.items() if not reach.is_enough}

    def carry_together(self, reaches: Mapping[int, Reach]) -> Iterator[list[int]]:
        """Move targets, all of them at once, as long as more of them come far enough; yield those who did.

        At first one stays behind wherever somebody falls, but for those of whom there are few: without these too few
        would come far enough.
        """
        found = self._found(reaches)
        for spared, least in ((_FEW, _LEAST), (inf, 0.0)):
            self._spare(spared)
            self._left(found, least)
            yield [target for target, reach in found.items() if reach.is_enough]
            found = {target: reach for target, reach in found.items() if not reach.is_enough}

    def _found(self, reaches: Mapping[int, Reach]) -> dict[int, Reach]:
        return {target: reach for target, reach in sorted(reaches.items()) if target in self.place}

    def _spare(self, least: float) -> None:
        """Let one stay behind wherever somebody falls, of so many or more."""
        self._lows = {
            letter: np.minimum(np.where(held >= least, held - 1, held), MOST_FALL)
            for letter, held in self._held.items()
        }
        for (letter, is_aware), slack in self._slacks.items():
            slack.limit(*self._limits(self._falling(letter, is_aware)))

    def _left(self, found: Mapping[int, Reach], least: float = 0.0) -> list[int]:
        """Move all targets at once until that carries no more of them far enough; return who is left.

        Args:
            found: How far each came.
            least: The part of them that must come far enough each time, or no more is tried.
        """
        n_left, left = inf, [target for target in found if not found[target].is_enough]
        while len(left) > 1 and len(left) < n_left * (1.0 - least):
            self._move(left, found)
            n_left, left = float(len(left)), [target for target in left if not found[target].is_enough]
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
            lows = np.where(self._printed, np.minimum(self._lows[letter], room), self._lows[letter])
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
            made = self._slack_of(self._falling(letter, is_aware))
            beside = self._slacks.get((letter, not is_aware)) or self._slacks.get((_OTHER[letter], is_aware))
            if beside is not None:
                made.begin_like(beside)
            self._slacks[letter, is_aware] = made
        return self._slacks[letter, is_aware]

    def _falling(self, letter: str, is_aware: bool) -> Differences:
        """Return how far each cell may fall for one of the two readers."""
        lows = self._lows[letter]
        return np.where(self._printed, np.minimum(lows, self._room), lows) if is_aware else lows

    def _slack_of(self, lows: Differences) -> Slack:
        return Slack(self._rows, *self._limits(lows))

    def _limits(self, lows: Differences) -> tuple[Differences, Differences]:
        """Return how far classes go where each cell may fall so far; what moves together falls as far as all may."""
        down, up = np.where(self._side > 0, (lows, self._highs), (self._highs, lows))
        limits = np.full((2, self._n_classes), inf)
        np.minimum.at(limits[0], self._class, down)
        np.minimum.at(limits[1], self._class, up)
        return -limits[0], limits[1]

    def _tell(self, targets: list[int], letter: str, way: Way, found: Mapping[int, Reach]) -> None:
        """Tell every target how far a way carries it; a printed gap may not become empty on it."""
        point = way.moves[self._class] * self._side
        falls = self._printed & (point < -_NOTHING)
        part = float(min(1.0, (way.room[falls] / -point[falls]).min(initial=1.0)))
        held = part, self._point(point, letter, way.lift)
        for target, far in zip(targets, point[[self.place[target] for target in targets]].tolist(), strict=True):
            found[target].add(letter, far, held)

    def _point(self, point: Differences, letter: str, lift: Differences) -> Point:
        """Return which cells move, and which answers have no farther to fall; of a lifted way none has."""
        moved = np.abs(point) > _NOTHING
        if lift.any():
            moved |= np.abs(lift) > _NOTHING
            cells = self._numbers[moved]
            both = np.concatenate([answer(cells, "x"), answer(cells, "y")]).tolist()
            return Point(cells.tolist(), both, both)
        falls = point < -_NOTHING
        spent = falls & (self._held[letter] + point < 1 - TOLERANCE)
        answers = answer(self._numbers, letter)
        return Point(self._numbers[moved].tolist(), answers[falls].tolist(), answers[spent].tolist())
