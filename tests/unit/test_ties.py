"""Cells tied by sums of two move as one: nothing that could move is lost, and nothing more can move."""

import random

import numpy as np
import pytest

from aimline.disclosure.ties import Ties


def test_two_open_cells_of_a_sum_move_against_each_other_and_a_lone_one_does_not():
    """Of a total that is shown the two hidden parts take from each other; with a hidden total a part moves along."""
    ties = Ties([1, 2, 3, 4, 5], [{1: -1, 2: -1}, {3: 1, 4: -1}, {5: -1}])
    assert [dict(members) for members in ties.classes] == [{1: 1, 2: -1}, {3: 1, 4: 1}]
    assert ties.rows == []


def test_what_cannot_move_holds_what_is_tied_to_it():
    """A cell alone in one sum leaves two in another, and these leave nothing in a third that holds both."""
    ties = Ties([1, 2, 3, 4], [{1: 1}, {1: -1, 2: -1, 3: -1}, {2: -1, 3: -1, 4: 1}])
    assert [dict(members) for members in ties.classes] == [{2: 1, 3: -1}]


@pytest.mark.parametrize("seed", range(40))
def test_as_much_can_move_as_before(seed):
    """Every move of classes keeps the sums, and the moves are as many: counted by ranks, with a decomposition."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    width = chance.randint(4, 12)
    rows = [
        {cell: chance.choice((-1, 1)) for cell in chance.sample(range(width), chance.randint(1, 4))} for _ in "12345"
    ]
    ties = Ties(range(width), rows)
    spread = np.zeros((width, len(ties.classes)))
    for number, members in enumerate(ties.classes):
        for cell, side in members:
            spread[cell, number] = side
    matrix = np.array([[row.get(cell, 0) for cell in range(width)] for row in rows], dtype=float)
    left = np.array([[row.get(number, 0) for number in range(len(ties.classes))] for row in ties.rows], dtype=float)
    left = left.reshape(len(ties.rows), len(ties.classes))
    free = null_space(left)
    assert np.abs(matrix @ spread @ free).max(initial=0.0) < 1e-9
    assert free.shape[1] == null_space(matrix).shape[1]
    assert not any(len(row) <= 2 and len({abs(value) for value in row.values()}) == 1 for row in ties.rows)


def null_space(matrix):
    """Return independent vectors that a matrix takes to nothing, as columns."""
    if not matrix.size:
        return np.eye(matrix.shape[1])
    _, values, right = np.linalg.svd(matrix)
    return right[int((values > 1e-9).sum()) :].T
