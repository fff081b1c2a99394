"""What was seen under one pattern is told of another exactly when that has the gaps it needs."""

import random

import numpy as np

from aimline.disclosure import seen
from aimline.disclosure.seen import Seen

N_CHOICES, N_TARGETS = 11, 3


def drawn(seed, n):
    """Deviations: the choices each needs, and where it carries three targets."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    return [
        ({chance.randrange(N_CHOICES) for _ in range(3)}, [chance.randint(-5, 5) for _ in range(N_TARGETS)])
        for _ in range(n)
    ]


def flags(cells):
    """One flag for every choice."""
    return np.array([cell in cells for cell in range(N_CHOICES)])


def told(deviations):
    """What is told of them, with the newest that are remembered."""
    made = Seen(N_CHOICES, N_TARGETS)
    for needs, row in deviations:
        made.add(flags(needs), np.array(row, dtype=float))
    return made


def test_deviations_count_where_all_their_gaps_are_gaps():
    """By a count in plain Python, over patterns of every size."""
    deviations = drawn(1, 90)
    made = told(deviations)
    assert made.reach(flags(()))[0].tolist() == [0.0] * N_TARGETS
    for needs, row in drawn(2, 40):
        gaps = needs | {abs(value) for value in row} | {8}
        standing = [row for asked, row in deviations if asked <= gaps]
        up, down = made.reach(flags(gaps))
        assert up.tolist() == [max([0, *(row[place] for row in standing)]) for place in range(N_TARGETS)]
        assert down.tolist() == [max([0, *(-row[place] for row in standing)]) for place in range(N_TARGETS)]


def test_the_oldest_are_forgotten(monkeypatch):
    """So many are remembered and no more: the first does not count when as many came after it."""
    monkeypatch.setattr(seen, "_MOST", 40)
    made = told([({1}, [9, 0, 0]), *[({2}, [1, 0, -1])] * 39])
    assert made.reach(flags({1, 2}))[0].tolist() == [9, 0, 0]
    made.add(flags({2}), np.array([0, 2, 0], dtype=float))
    assert made.reach(flags({1, 2}))[0].tolist() == [1, 2, 0]
