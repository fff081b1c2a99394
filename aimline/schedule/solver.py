"""Find openings for windows that stand in each other's way: whole numbers in, whole numbers out. Owner of highspy.

A window that moves costs its weight for every day; the lower weight moves, later before earlier. The same answer every
time: work is bounded by counts, never by a clock, and an answer that a bound cut short says so. What the numbers mean
is ``conflicts``. Source: schedule.md 7.5.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from aimline.schedule.fitting import Movable, Problem, is_overfull, placed

_NEAR = 10
"""How far from its preferred opening a window is looked for first, in school days."""

_FURTHER = 3
"""How many times further is looked when that is not enough."""

_MOST_NODES = 2_000
"""How many branches are looked at before the best answer so far is taken."""

_LEAST_STEPS, _MOST_ENTRIES = 20, 1_500_000
"""How many steps of its search the solver takes at least, and how many entries of the program it goes over in all."""


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes:
        openings: The opening of every window; None when none were found.
        is_proved: Whether there are none cheaper; or, where none were found, that there are none.
    """

    openings: dict[str, int] | None
    is_proved: bool = True


def solve(problem: Problem) -> Answer:
    """Return the cheapest opening of every window.

    Only openings near the preferred ones are looked at, and one beyond them all that is in nobody's way and costs what
    the cheapest of those costs. Where no window needs it the answer is the cheapest of all; else all look further.
    """
    if is_overfull(problem):
        return Answer(None)
    known, reach = placed(problem), _NEAR
    while True:
        places = [place for window in problem.windows for place in _places(window, reach)]
        found = _searched(problem, places, [float(cost) for _, _, cost in places])
        if not found.is_proved:
            return _cut_short(problem, [places[number] for number in found.chosen or ()], known)
        if found.chosen is None:
            return Answer(None)
        chosen = [(places[number][0].id, places[number][1]) for number in found.chosen]
        openings = {name: opening for name, opening in chosen if opening is not None}
        if len(openings) == len(chosen):
            return Answer(openings)
        reach *= _FURTHER


def _cut_short(problem: Problem, chosen: "Places", known: dict[str, int] | None) -> Answer:
    """Return the cheaper of what a search that was cut short has found, and of what was known before it.

    Where that is nothing, any openings that keep the rules will do.
    """
    found = {window.id: opening for window, opening, _ in chosen if opening is not None}
    whole = [each for each in (found, known) if each and len(each) == len(problem.windows)]
    if not whole:
        return search(problem)
    costs = [sum(window.cost(each[window.id]) for window in problem.windows) for each in whole]
    return Answer(min(zip(costs, whole, strict=True), key=itemgetter(0))[1], is_proved=False)


def told_at_once(problem: Problem, first: Sequence[str] = ()) -> bool | None:
    """Say whether there are openings that keep every rule; None where that takes a search.

    Args:
        problem: The windows.
        first: Windows that are likely to need a place before or after all others.
    """
    if is_overfull(problem):
        return False
    return True if placed(problem, first) is not None else None


def search(problem: Problem) -> Answer:
    """Return any openings that keep every rule, whatever they cost."""
    places: Places = [(window, opening, 0) for window in problem.windows for opening in window.openings]
    found = _searched(problem, places, [0.0] * len(places))
    if found.chosen is None:
        return Answer(None, found.is_proved)
    chosen = (places[number] for number in found.chosen)
    return Answer({window.id: opening for window, opening, _ in chosen if opening is not None}, is_proved=False)


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
    """Of windows that keep a distance, at most one reaches over a day with its own gap after it, and before it.

    The two together are the distance of every pair, the larger of both gaps; of equal gaps one of them is.
    """
    for clique in problem.cliques:
        yield from _covering(clique, places, (0, 1))
        if len({problem.by_id[name].gap for name in clique}) > 1:
            yield from _covering(clique, places, (1, 0))


def _covering(clique: frozenset[str], places: Places, sides: tuple[int, int]) -> Iterator[Row]:
    over: dict[int, list[int]] = {}
    before, after = sides
    for number, (window, opening, _) in enumerate(places):
        if window.id in clique and opening is not None:
            for day in range(opening - before * window.gap, opening + window.length + after * window.gap):
                over.setdefault(day, []).append(number)
    days = [frozenset(over[day]) for day in sorted(over)]
    beside = zip(days, [frozenset(), *days], [*days[1:], frozenset()], strict=False)
    largest = (each for each, prior, next_ in beside if not (each < prior or each < next_))
    yield from ((0, 1, tuple(sorted(each))) for each in dict.fromkeys(largest) if len(each) > 1)


def _capped(problem: Problem, places: Places) -> Iterator[Row]:
    for capacity in problem.capacities:
        used: dict[int, list[int]] = {}
        for number, (window, opening, _) in enumerate(places):
            for day in () if opening is None else capacity.uses.get((window.id, opening), ()):
                used.setdefault(day, []).append(number)
        for day, numbers in used.items():
            yield 0, max(0, capacity.limit - capacity.taken.get(day, 0)), tuple(numbers)


@dataclass(frozen=True)
class _Found:
    """The numbers of the places that were chosen, if any were, and whether the search came to its end."""

    chosen: list[int] | None
    is_proved: bool


def _searched(problem: Problem, places: Places, costs: list[float]) -> _Found:
    """Solve the binary program of some places."""
    rows = list(dict.fromkeys((*_one_each(problem, places), *_apart(problem, places), *_capped(problem, places))))
    return _solved(costs, rows)


def _solved(costs: list[float], rows: list[Row]) -> _Found:
    import highspy
    from highspy._core import _Highs, cb  # the public class prints a banner as it is made

    solver: Any = _Highs()
    settings = {"output_flag": False, "random_seed": 0, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5}
    settings["mip_max_nodes"] = _MOST_NODES
    for name, value in settings.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(costs, rows))
    steps_left = iter(range(max(_LEAST_STEPS, _MOST_ENTRIES // sum(len(row[2]) for row in rows))))

    def count(*words: Any) -> None:
        words[3].user_interrupt = next(steps_left, None) is None

    solver.setCallback(count, None)
    solver.startCallback(cb.HighsCallbackType.kCallbackMipInterrupt)
    solver.run()
    status, solution = solver.getModelStatus(), solver.getSolution()
    is_proved = status in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible}
    if status == highspy.HighsModelStatus.kInfeasible or not solution.value_valid:
        return _Found(None, is_proved)
    return _Found([number for number, value in enumerate(solution.col_value) if round(value) == 1], is_proved)


def _model(costs: list[float], rows: list[Row]) -> Any:
    import highspy
    import numpy as np

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
    return model
