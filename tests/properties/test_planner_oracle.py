"""The passes of the planner find what trying every day finds: 200 random small plans."""

import pytest

from aimline.errors import CalendarHorizon
from aimline.schedule.passes import Known, backward, forward
from aimline.schedule.planner import walk_of
from tests.support.brute_plan import LAST, Brute, small_case

SEEDS = range(200)


def _passes(case):
    walk = walk_of(case.lists)
    try:
        return backward(case.graph, walk), forward(case.graph, walk, Known(case.as_of, {}))
    except CalendarHorizon:
        return None


@pytest.mark.parametrize("part", range(10))
def test_latest_days_and_what_binds_them(part):
    """Each step can begin as late as trying says, and the step that stops it is one of those that do."""
    compared = 0
    for seed in SEEDS[part::10]:
        case = small_case(seed)
        found, brute = _passes(case), Brute(case)
        latest = {name: brute.latest(name) for name in case.graph.nodes}
        if found is None or None in latest.values():
            continue
        for name, node in case.graph.nodes.items():
            assert found[0].days[name][0] == latest[name], (seed, name)
            edge = found[0].by[name]
            assert node.fixed or edge.after in brute.binding(name, latest[name]), (seed, name)
        compared += 1
    assert compared >= 12


@pytest.mark.parametrize("part", range(10))
def test_earliest_days_and_whether_the_plan_holds(part):
    """Each step can begin as early as trying says, and the board is made exactly when one schedule makes it."""
    compared = 0
    for seed in SEEDS[part::10]:
        case = small_case(seed)
        found, brute = _passes(case), Brute(case)
        earliest = brute.earliest()
        if found is None or LAST in earliest.values():
            continue
        assert {name: days[0] for name, days in found[1].days.items()} == earliest, seed
        holds = all(found[1].days[name][1] <= found[0].days[name][1] for name in case.graph.nodes)
        assert holds == all(brute.may_start(name, earliest[name]) for name in case.graph.nodes), seed
        compared += 1
    assert compared >= 12
