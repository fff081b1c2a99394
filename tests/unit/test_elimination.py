"""Exact elimination: what sums alone determine, without a value."""

import random

import numpy as np

from aimline.disclosure.elimination import determined, reduced_rows


def test_a_triangle_of_sums_determines_every_unknown():
    """A + b, b + c and a + c are known: so are a, b and c. Without the last, none is."""
    rows = [{0: 1, 1: 1}, {1: 1, 2: 1}, {0: 1, 2: 1}]
    assert determined(reduced_rows(rows)) == {0, 1, 2}
    assert determined(reduced_rows(rows[:2])) == set()


def test_a_row_that_repeats_others_says_nothing():
    """Equal and empty rows vanish; a lone unknown stays."""
    assert reduced_rows([{0: 1, 1: 1}, {0: -1, 1: -1}, {}, {2: -1}]) == [{0: 1, 1: 1}, {2: 1}]


def test_determined_unknowns_are_those_outside_the_null_space():
    """A dense decomposition of random sums agrees on every unknown."""
    chance = random.Random(5)  # noqa: S311 - not for secrets
    for _ in range(60):
        width = chance.randint(2, 9)
        rows = [{column: chance.choice((-1, 1)) for column in range(width) if chance.random() < 0.4} for _ in range(6)]
        matrix = np.array([[row.get(column, 0) for column in range(width)] for row in rows], dtype=float)
        _, values, right = np.linalg.svd(matrix)
        null = right[int((values > 1e-9).sum()) :]
        still = {column for column in range(width) if not len(null) or np.abs(null[:, column]).max() < 1e-9}
        assert determined(reduced_rows(rows)) == still
