"""The conflict solver finds the cheapest openings: as trying all of them does, and the same every time."""

from itertools import combinations, product
from random import Random

import pytest

from aimline.schedule.solver import Capacity, Movable, Problem, distance, solve


def _problem(seed):
    """Two to four windows of forty days, some of whom ask the same people, and at times a resource."""
    random = Random(seed)  # noqa: S311 - a case, not a secret
    n = random.randint(2, 4)
    windows = []
    for number in range(n):
        first, length = random.randint(0, 12), random.randint(2, 8)
        openings = tuple(day for day in range(first, min(40 - length, first + 14)) if random.random() > 0.1)
        gap, preferred = random.choice([0, 2, 5]), random.randint(0, 25)
        windows.append(Movable(f"w{number}", random.randint(1, 3), preferred, openings, length, gap, number))
    crowds = {frozenset(random.sample([window.id for window in windows], random.randint(2, n))) for _ in range(2)}
    uses = {(w.id, day): frozenset({day + w.length, day + w.length + 1}) for w in windows for day in w.openings}
    capacities = (Capacity("analysts", 1, uses, {random.randint(5, 20): 1}),) if random.random() < 0.4 else ()
    return Problem(tuple(windows), tuple(sorted(crowds, key=sorted)), capacities)


def _holds(problem, chosen):
    by_id = {window.id: window for window in problem.windows}
    for crowd in problem.crowds:
        for one, other in combinations(sorted(crowd), 2):
            first, second = sorted((by_id[one], by_id[other]), key=lambda each: chosen[each.id])
            if chosen[second.id] < chosen[first.id] + first.length + distance(first, second):
                return False
    for capacity in problem.capacities:
        used = [day for name, opening in chosen.items() for day in capacity.uses[name, opening]]
        if any(used.count(day) + capacity.taken.get(day, 0) > capacity.limit for day in used):
            return False
    return True


def _cost(problem, chosen):
    return sum(window.cost(chosen[window.id]) for window in problem.windows)


def _tried(problem):
    """The cheapest cost by trying every combination; None when none holds."""
    names = [window.id for window in problem.windows]
    tried = (dict(zip(names, each, strict=True)) for each in product(*(w.openings for w in problem.windows)))
    return min((_cost(problem, chosen) for chosen in tried if _holds(problem, chosen)), default=None)


@pytest.mark.parametrize("part", range(6))
def test_the_cost_is_the_least_there_is(part):
    """Also where nothing holds: then there is no answer."""
    for seed in range(part * 5, part * 5 + 5):
        problem = _problem(seed)
        chosen, least = solve(problem), _tried(problem)
        assert (chosen is None) == (least is None), seed
        assert chosen is None or (_holds(problem, chosen) and _cost(problem, chosen) == least), seed


def test_the_same_answer_twenty_times():
    """Among equals the rank of the id decides, and nothing else does."""
    windows = tuple(Movable(f"w{number}", 1, 10, tuple(range(40)), 5, 2, number) for number in range(4))
    problem = Problem(windows, (frozenset(window.id for window in windows),))
    answers = {tuple(sorted(solve(problem).items())) for _ in range(20)}
    assert len(answers) == 1


def test_a_window_without_openings_has_no_answer():
    """There is nothing to choose."""
    assert solve(Problem((Movable("w", 1, 3, (), 5, 2, 0),))) is None
