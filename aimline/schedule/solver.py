"""Find openings for windows that stand in each other's way: whole numbers in, whole numbers out. Owner of highspy.

A window that moves costs its weight for every day; the lower weight moves, later before earlier. The same answer every
time. What the numbers mean is ``conflicts``. Source: schedule.md 7.5.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

_SCALE = 1000
"""Costs of a day by weight, so that which side and which window decide only among equals."""


@dataclass(frozen=True)
class Movable:
    """One window: days are numbers of school days.

    Attributes:
        preferred: The opening its rule gives.
        openings: Openings it may have.
        length: How many days it is open.
        gap: Days that must lie between it and another window of the same people.
        rank: Its place among all ids, which decides between equals.
    """

    id: str
    weight: int
    preferred: int
    openings: tuple[int, ...]
    length: int
    gap: int
    rank: int

    def cost(self, opening: int) -> int:
        """Return what an opening costs, in millionths of a day of weight one."""
        away = abs(opening - self.preferred)
        if not away:
            return 0
        return _SCALE * (_SCALE * self.weight * away + (opening < self.preferred)) + self.rank


@dataclass(frozen=True)
class Capacity:
    """How many steps a resource can do on one day.

    Attributes:
        limit: At most so many; ``taken`` are those of steps that do not move, by day.
        uses: The days on which each window's steps need it, by window and opening.
    """

    id: str
    limit: int
    uses: Mapping[tuple[str, int], frozenset[int]]
    taken: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Windows, pairs of them that must keep a distance, and resources.

    Attributes:
        crowds: Windows that ask the same people, so that every two of them must keep their distance.
    """

    windows: tuple[Movable, ...]
    crowds: tuple[frozenset[str], ...] = ()
    capacities: tuple[Capacity, ...] = ()


def distance(one: Movable, other: Movable) -> int:
    """Return how many days must lie between two windows."""
    return max(one.gap, other.gap)


def solve(problem: Problem) -> dict[str, int] | None:
    """Return the cheapest opening of every window; None when there is none."""
    places = [(window, opening) for window in problem.windows for opening in window.openings]
    if any(not window.openings for window in problem.windows):
        return None
    rows = [*_one_each(problem, places), *_apart(problem, places), *_capped(problem, places)]
    chosen = _solved([float(window.cost(opening)) for window, opening in places], rows)
    if chosen is None:
        return None
    return {places[number][0].id: places[number][1] for number in chosen}


Places = list[tuple[Movable, int]]
Row = tuple[int, int, tuple[int, ...]]
"""At least, at most, and the places of the openings that are counted."""


def _one_each(problem: Problem, places: Places) -> Iterator[Row]:
    for window in problem.windows:
        yield 1, 1, tuple(number for number, (each, _) in enumerate(places) if each is window)


def _apart(problem: Problem, places: Places) -> Iterator[Row]:
    """Of windows that keep one distance, at most one reaches over a day; others are kept apart two by two."""
    by_id = {window.id: window for window in problem.windows}
    seen: set[frozenset[str]] = set()
    for crowd in problem.crowds:
        members = [by_id[name] for name in sorted(crowd) if name in by_id]
        if len({window.gap for window in members}) == 1:
            yield from _covering(members, members[0].gap, places)
            continue
        for pair in combinations(members, 2):
            names = frozenset(window.id for window in pair)
            if names not in seen:
                seen.add(names)
                yield from _covering(pair, distance(*pair), places)


def _covering(members: Iterable[Movable], gap: int, places: Places) -> Iterator[Row]:
    over: dict[int, list[int]] = {}
    wanted = {window.id for window in members}
    for number, (window, opening) in enumerate(places):
        if window.id in wanted:
            for day in range(opening, opening + window.length + gap):
                over.setdefault(day, []).append(number)
    yield from ((0, 1, tuple(numbers)) for numbers in dict.fromkeys(map(tuple, over.values())) if len(numbers) > 1)


def _capped(problem: Problem, places: Places) -> Iterator[Row]:
    for capacity in problem.capacities:
        used: dict[int, list[int]] = {}
        for number, (window, opening) in enumerate(places):
            for day in capacity.uses.get((window.id, opening), ()):
                used.setdefault(day, []).append(number)
        for day, numbers in used.items():
            yield 0, max(0, capacity.limit - capacity.taken.get(day, 0)), tuple(numbers)


def _solved(costs: list[float], rows: list[Row]) -> list[int] | None:
    """Solve the binary program; return the numbers of the variables that are one."""
    import highspy
    import numpy as np
    from highspy._core import _Highs  # the public class prints a banner as it is made

    model: Any = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(rows)
    model.col_cost_ = np.array(costs, dtype=float)
    model.col_lower_, model.col_upper_ = np.zeros(len(costs)), np.ones(len(costs))
    model.row_lower_ = np.array([row[0] for row in rows], dtype=float)
    model.row_upper_ = np.array([row[1] for row in rows], dtype=float)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.cumsum([0, *(len(row[2]) for row in rows)], dtype=np.int32)
    model.a_matrix_.index_ = np.array([number for row in rows for number in row[2]], dtype=np.int32)
    model.a_matrix_.value_ = np.ones(sum(len(row[2]) for row in rows))
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    solver: Any = _Highs()
    settings = {"output_flag": False, "random_seed": 0, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5}
    for name, value in settings.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return [number for number, value in enumerate(solver.getSolution().col_value) if round(value) == 1]
