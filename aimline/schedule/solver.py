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


_NEAR = 10
"""How far from its preferred opening a window is looked for first, in school days."""

_MOST_NODES = 2_000
"""How many branches are looked at before the best answer so far is taken."""


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
    """Return the cheapest opening of every window; None when there is none.

    Only openings near the preferred ones are looked at, and one beyond them all that is in nobody's way and costs what
    the cheapest of those costs. Where no window needs it the answer is the cheapest of all; else those that do look
    further.
    """
    reach = {window.id: _NEAR for window in problem.windows}
    while True:
        places = [place for window in problem.windows for place in _places(window, reach[window.id])]
        rows = list(dict.fromkeys((*_one_each(problem, places), *_apart(problem, places), *_capped(problem, places))))
        chosen = _solved([float(cost) for _, _, cost in places], rows)
        if chosen is None:
            return None
        found = {places[number][0].id: places[number][1] for number in chosen}
        beyond = [name for name, opening in found.items() if opening is None]
        if not beyond:
            return {name: opening for name, opening in found.items() if opening is not None}
        reach |= {name: 2 * reach[name] for name in beyond}


Place = tuple[Movable, int | None, int]
"""A window, one of its openings (None for all that are further away), and what that costs."""

Places = list[Place]
Row = tuple[int, int, tuple[int, ...]]
"""At least, at most, and the places of the openings that are counted."""


def _places(window: Movable, reach: int) -> Iterator[Place]:
    far = []
    for opening in window.openings:
        if abs(opening - window.preferred) <= reach:
            yield window, opening, window.cost(opening)
        else:
            far.append(window.cost(opening))
    if far:
        yield window, None, min(far)


def _one_each(problem: Problem, places: Places) -> Iterator[Row]:
    for window in problem.windows:
        yield 1, 1, tuple(number for number, (each, _, _) in enumerate(places) if each is window)


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
    for number, (window, opening, _) in enumerate(places):
        if window.id in wanted and opening is not None:
            for day in range(opening, opening + window.length + gap):
                over.setdefault(day, []).append(number)
    days = [frozenset(over[day]) for day in sorted(over)]
    beside = zip(days, [frozenset(), *days], [*days[1:], frozenset()], strict=False)
    largest = (each for each, before, after in beside if not (each < before or each < after))
    yield from ((0, 1, tuple(sorted(each))) for each in dict.fromkeys(largest) if len(each) > 1)


def _capped(problem: Problem, places: Places) -> Iterator[Row]:
    for capacity in problem.capacities:
        used: dict[int, list[int]] = {}
        for number, (window, opening, _) in enumerate(places):
            for day in () if opening is None else capacity.uses.get((window.id, opening), ()):
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
    settings["mip_max_nodes"] = _MOST_NODES
    for name, value in settings.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    found = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit)
    if solver.getModelStatus() not in found or not solver.getSolution().value_valid:
        return None
    return [number for number, value in enumerate(solver.getSolution().col_value) if round(value) == 1]
