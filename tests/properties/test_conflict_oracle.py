"""The conflict solver finds the cheapest openings: as trying all of them does, and the same every time.

What cannot all hold is as small as trying says: without any one of it there is a way.
"""

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from aimline.schedule.deletion import Ways, left_of
from aimline.schedule.fitting import Capacity, Movable, Problem, distance, is_overfull, keeps, placed, twins
from aimline.schedule.solver import search, solve


def _problem(seed):
    """Two to five windows of forty days, some of whom ask the same people, and at times a resource."""
    random = Random(seed)  # noqa: S311 - a case, not a secret
    n = random.randint(2, 5)
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
        for one, other in combinations(sorted(crowd & chosen.keys()), 2):
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
    """The cheapest cost by trying every combination; None when none holds.

    A beginning that is broken, or as dear as a whole that holds, is not tried to its end.
    """
    names, best = [window.id for window in problem.windows], []

    def go_on(chosen, cost):
        part = replace(problem, windows=tuple(problem.by_id[name] for name in chosen))
        if (best and cost >= best[-1]) or (chosen and not _holds(part, chosen)):
            return
        if len(chosen) == len(names):
            best.append(cost)
            return
        window = problem.by_id[names[len(chosen)]]
        for opening in sorted(window.openings, key=window.cost):
            go_on({**chosen, window.id: opening}, cost + window.cost(opening))

    go_on({}, 0)
    return best[-1] if best else None


@pytest.mark.parametrize("part", range(8))
def test_the_cost_is_the_least_there_is(part):
    """Also where nothing holds: then there is no answer. Every one of 200 plans is compared."""
    for seed in range(part * 25, part * 25 + 25):
        problem = _problem(seed)
        answer, least = solve(problem), _tried(problem)
        assert answer.is_proved, seed
        assert (answer.openings is None) == (least is None), seed
        assert least is None or _holds(problem, answer.openings), seed
        assert least is None or _cost(problem, answer.openings) == least, seed


def test_what_is_claimed_at_once_is_so():
    """Openings put in one after another keep every rule, and what is counted as too much is too much."""
    n_placed = n_full = 0
    for seed in range(200):
        problem = _problem(seed)
        found, least = placed(problem), _tried(problem)
        assert found is None or (_holds(problem, found) and keeps(problem, found)), seed
        assert not is_overfull(problem) or least is None, seed
        n_placed, n_full = n_placed + (found is not None), n_full + is_overfull(problem)
    assert n_placed > 100
    assert n_full > 3


def _crowded(seed):
    """Three to five windows for the same people in too few days, and what lets each open anywhere."""
    random = Random(seed)  # noqa: S311 - a case, not a secret
    n, n_days = random.choice([3, 3, 4]), random.randint(4, 13)
    windows = []
    for number in range(n):
        length, gap = random.choice([2, 2, 3, 5]), random.choice([0, 2, 2, 5])
        first = random.choice([0, 0, 2, 4])
        openings = tuple(range(first, max(first, n_days - length - random.choice([0, 0, 3])) + 1))
        windows.append(Movable(f"w{number}", 1, 0, openings, length, gap, number))
    crowds = (frozenset(f"w{number}" for number in range(n)), frozenset({"w0", "w1"}))
    pairs = {f"gap({one},{other})": (one, other) for one, other in combinations(sorted(crowds[0]), 2)}
    rules = pairs | {f"bound(w{number})": (f"w{number}",) for number in range(n)}

    def problem(off):
        own = tuple(replace(w, openings=tuple(range(24))) if f"bound({w.id})" in off else w for w in windows)
        return Problem(own, crowds, (), frozenset(frozenset(pairs[rule]) for rule in off if rule in pairs))

    return Ways(problem, rules, pairs)


def _exists(problem):
    """Whether any openings keep the distances of the pairs that are held to them, by trying all in turn."""

    def go_on(chosen):
        if len(chosen) == len(problem.windows):
            return True
        window = problem.windows[len(chosen)]
        return any(
            _stands(problem, chosen, window, day) and go_on({**chosen, window.id: day}) for day in window.openings
        )

    return go_on({})


def _stands(problem, chosen, window, day):
    for name, start in chosen.items():
        other, is_free = problem.by_id[name], frozenset({name, window.id}) in problem.free
        apart = distance(window, other)
        is_clear = day >= start + other.length + apart or start >= day + window.length + apart
        if not is_free and not is_clear:
            return False
    return True


@pytest.mark.parametrize("part", range(4))
def test_what_cannot_all_hold_needs_every_one(part):
    """The rules that are left allow no openings; without any one of them there are some."""
    n_compared = 0
    for seed in range(part * 20, part * 20 + 20):
        ways = _crowded(seed)
        if _exists(ways.problem(frozenset())):
            continue
        left = left_of(ways)
        off = frozenset(ways.rules) - {*left.rules}
        assert left.is_proved, seed
        assert not _exists(ways.problem(off)), seed
        assert all(_exists(ways.problem(off | {rule})) for rule in left.rules), seed
        n_compared += 1
    assert n_compared >= 10


def test_windows_that_change_places_are_of_one_kind():
    """Two equal windows of the same people are, one that asks others too is not."""
    windows = tuple(Movable(f"w{number}", 1, 3, tuple(range(9)), 2, 1, number) for number in range(4))
    kinds = twins(Problem(windows, (frozenset({"w0", "w1", "w2"}), frozenset({"w2", "w3"}))))
    assert kinds["w0"] == kinds["w1"]
    assert len(set(kinds.values())) == 3


def test_a_search_finds_openings_or_that_there_are_none():
    """Whatever they cost; a hole in the openings that no counting sees is found too."""
    holed = tuple(Movable(f"w{number}", 1, 0, (0, 1, 9, 10), 3, 1, number) for number in range(3))
    crowd = (frozenset({"w0", "w1", "w2"}),)
    assert not is_overfull(Problem(holed, crowd))
    assert search(Problem(holed, crowd)).openings is None
    assert keeps(Problem(holed[:2], (frozenset({"w0", "w1"}),)), search(Problem(holed[:2], crowd)).openings)


def test_the_same_answer_twenty_times():
    """Among equals the rank of the id decides, and nothing else does."""
    windows = tuple(Movable(f"w{number}", 1, 10, tuple(range(40)), 5, 2, number) for number in range(4))
    problem = Problem(windows, (frozenset(window.id for window in windows),))
    answers = {tuple(sorted(solve(problem).openings.items())) for _ in range(20)}
    assert len(answers) == 1


def test_a_window_without_openings_has_no_answer():
    """There is nothing to choose."""
    assert solve(Problem((Movable("w", 1, 3, (), 5, 2, 0),))).openings is None
