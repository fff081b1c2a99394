"""The chance of making a date is worth what it says: on 2,000 simulated plans, a chance of 0.7 comes true in 0.7.

Source: schedule.md 7.6.
"""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from aimline.schedule.forecast import Records, exact_chance, weighed
from aimline.schedule.graph import Anchor, Edge, Graph, Node
from aimline.schedule.passes import Known, backward, forward
from aimline.schedule.planner import Plan, Setting
from aimline.schedule.school_days import Days, Lists
from aimline.schedule.template import Owners

DAYS = tuple(day for n in range(300) if (day := date(2026, 7, 1) + timedelta(days=n)).weekday() < 5)
LISTS = Lists(Days(DAYS), Days(DAYS, "working day"))
KINDS = ("scoring_qa", "reflection", "cabinet_preread")
AS_OF, N_PLANS, N_FUTURES = date(2026, 9, 1), 2000, 10


class _Days:
    """What of a year a chance needs: its days."""

    lists = LISTS


def _plan(lengths, slack):
    """A chain of three steps before a board, with so many days to spare."""
    steps = [Node(f"r.{kind}", kind, n=n, is_task=True) for kind, n in zip(KINDS, lengths, strict=True)]
    on = DAYS[DAYS.index(AS_OF) + sum(lengths) + slack]
    board = Node("budget.b", "budget_event", fixed=on)
    chain = [*steps, board]
    edges = [Edge(one.id, other.id) for one, other in pairwise(chain)]
    graph = Graph(chain, edges, [Anchor("r", board.id, on)])
    setting = Setting(_Days(), Owners(), AS_OF)
    walk = setting.walk
    return Plan(setting, graph, {}, backward(graph, walk), forward(graph, walk, Known(AS_OF, {})))


def _records(random, default, n):
    """Lengths of steps of one district, which differs from others as much as the prior says (a Pólya urn)."""
    drawn = []
    for _ in range(n):
        drawn += _next(random, default, drawn, 1)
    return drawn


def _next(random, default, drawn, n):
    """What comes next in that district, n times over."""
    values, weights = weighed(Node("r.s", "s", n=default, is_task=True), Records({"s": drawn}))
    return random.choice(values, p=weights, size=n).tolist()


def _simulated():
    """Predicted chances, and which of ten futures of each plan make it; districts have two to twenty records."""
    random = np.random.Generator(np.random.PCG64(20270209))
    told, came = [], []
    for _ in range(N_PLANS):
        defaults, n = [int(each) for each in random.integers(2, 11, size=3)], int(random.integers(2, 21))
        drawn = [_records(random, default, n) for default in defaults]
        plan = _plan(defaults, int(random.integers(-4, 8)))
        (anchor,) = plan.graph.anchors
        told.append(exact_chance(plan, anchor, Records(dict(zip(KINDS, drawn, strict=True)))))
        pairs = zip(defaults, drawn, strict=True)
        futures = np.array([_next(random, default, each, N_FUTURES) for default, each in pairs])
        came.append(futures.sum(axis=0) <= DAYS.index(anchor.on) - DAYS.index(AS_OF))
    return np.array(told), np.array(came, dtype=float)


@pytest.fixture(scope="module")
def simulated():
    """Two thousand plans."""
    return _simulated()


def test_each_bin_comes_true_as_often_as_it_says(simulated):
    """Bins of width 0.1 with at least fifty plans: the observed share lies within 0.07 of the mean chance."""
    told, came = simulated
    bins = np.minimum(9, (told * 10).astype(int))
    full = [number for number in range(10) if (bins == number).sum() >= 50]
    assert len(full) >= 8
    for number in full:
        assert abs(told[bins == number].mean() - came[bins == number].mean()) <= 0.07, number


def test_it_is_better_than_the_base_rate(simulated):
    """The Brier score is at most nine tenths of always saying how many plans are made."""
    told, came = simulated
    brier, base = ((told[:, None] - came) ** 2).mean(), ((came.mean() - came) ** 2).mean()
    assert brier <= 0.9 * base
