"""The passes of the planner find what trying every day finds: 200 random small plans, each of which counts."""

from itertools import count

import pytest

from aimline.schedule.passes import Known, backward, forward
from aimline.schedule.planner import walk_of
from tests.support.brute_plan import LAST, Brute, small_case

N_PARTS, N_OF_PART = 10, 20


def _cases(part, days_of, outside):
    """The first plans of a part whose days, found by trying, are all within the calendar: what a pass must find."""
    n_found = 0
    for seed in count(part, N_PARTS):
        case = small_case(seed)
        brute = Brute(case)
        days = days_of(brute)
        if outside not in days.values():
            yield seed, case, brute, days
            n_found += 1
        if n_found == N_OF_PART:
            return


@pytest.mark.parametrize("part", range(N_PARTS))
def test_latest_days_and_what_binds_them(part):
    """Each step can begin as late as trying says, and the step that stops it is one of those that do."""
    for seed, case, brute, latest in _cases(part, Brute.every_latest, None):
        found = backward(case.graph, walk_of(case.lists))
        for name, node in case.graph.nodes.items():
            assert found.days[name][0] == latest[name], (seed, name)
            edge = found.by[name]
            assert node.fixed or edge.after in brute.binding(name, latest[name]), (seed, name)


@pytest.mark.parametrize("part", range(N_PARTS))
def test_earliest_days_and_whether_the_plan_holds(part):
    """Each step can begin as early as trying says, and the board is made exactly when one schedule makes it."""
    for seed, case, brute, earliest in _cases(part, Brute.earliest, LAST):
        walk = walk_of(case.lists)
        found = forward(case.graph, walk, Known(case.as_of, {}))
        assert {name: days[0] for name, days in found.days.items()} == earliest, seed
        holds = None not in brute.every_latest().values() and _holds(found, backward(case.graph, walk))
        assert holds == all(brute.may_start(name, earliest[name]) for name in case.graph.nodes), seed


def _holds(earliest, latest):
    return all(days[1] <= latest.days[name][1] for name, days in earliest.days.items())
