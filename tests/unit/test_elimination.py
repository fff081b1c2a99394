"""Exact elimination: what sums alone determine, without a value."""

import random
from collections import Counter

import numpy as np
import pytest

from aimline.disclosure.elimination import PRIME, Reduced, alike_rows, determined, reduced_rows


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


def shared_sums(seed):
    """Sums of small schools and long ones over all of them, as equations over unknowns, with lengths."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    rows, lengths = [], []
    for school in range(8):
        own = range(6 * school, 6 * school + 6)
        rows += [{cell: chance.choice((1, -1)) for cell in own if chance.random() < 0.5} for _ in "123"]
        lengths += [6] * 3
    for group in range(6):
        rows.append({cell: -1 for cell in range(group, 48, 6) if chance.random() < 0.6})
        lengths.append(2000)
    return rows, lengths


def rank(rows):
    """Return how many rows are independent."""
    return int(np.linalg.matrix_rank(np.array([[row.get(cell, 0) for cell in range(48)] for row in rows], dtype=float)))


@pytest.mark.parametrize("seed", range(12))
def test_sums_of_long_rows_follow_from_the_equations_and_tell_all_that_is_determined(seed):
    """Each adds unknowns up and changes no rank; what any way of solving determines is among them."""
    rows, lengths = shared_sums(seed)
    found = alike_rows(rows, 48, lengths)
    assert all(set(row.values()) == {1} for row in found)
    assert rank([*rows, *found]) == rank(rows)
    assert determined(found) == determined(reduced_rows(rows, lengths=lengths))


def test_a_long_row_that_repeats_others_says_nothing():
    """Twice the same sum over all schools, and a third that is two others, are no more than what they repeat."""
    ones, others = {0: -1, 1: -1}, {2: -1, 3: -1}
    assert alike_rows([ones, ones], 4, [2000] * 2) == [{0: 1, 1: 1}]
    assert alike_rows([ones, others, ones | others], 4, [2000] * 3) == [{0: 1, 1: 1}, {2: 1, 3: 1}]


def test_short_rows_alone_are_solved_as_ever():
    """The sums among the reduced rows, no more and no fewer."""
    rows, lengths = shared_sums(3)
    rows, lengths = rows[:24], lengths[:24]
    alike = [row for row in reduced_rows(rows, 48, lengths) if set(row.values()) == {1}]
    assert sorted(map(sorted, alike_rows(rows, 48, lengths))) == sorted(map(sorted, alike))


def test_what_is_carried_along_says_which_equations_a_sum_comes_from():
    """Added up with these times, the equations are the sum."""
    rows, lengths = shared_sums(5)
    found = alike_rows([{**row, 100 + place: 1} for place, row in enumerate(rows)], 48, lengths)
    assert found
    for row in found:
        told = dict.fromkeys(range(48), 0)
        for place, times in ((each - 100, value) for each, value in row.items() if each >= 100):
            for cell, value in rows[place].items():
                told[cell] += times * value
        assert all((value - row.get(cell, 0)) % PRIME == 0 for cell, value in told.items())


@pytest.mark.parametrize("seed", range(12))
def test_rows_for_somebody_who_knows_unknowns_are_those_of_the_system_without_them(seed):
    """Solved for all and then for the reader, or for the reader from the start: the same sums, the same cells found."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    rows, _ = shared_sums(seed)
    known = set(chance.sample(range(48), 8))
    solved = reduced_rows(rows)
    changed = Reduced(solved).without(known)
    all_of_it = [*changed, *(row for row in solved if known.isdisjoint(row))]
    alone = reduced_rows({cell: sign for cell, sign in row.items() if cell not in known} for row in rows)
    assert len(reduced_rows(all_of_it)) == len(alone) == len(reduced_rows([*all_of_it, *alone]))
    assert determined(all_of_it) == determined(alone)
    stands_in = Counter(cell for row in changed for cell in row)
    assert all(any(value == 1 and stands_in[cell] == 1 for cell, value in row.items()) for row in changed)
    assert Reduced(solved).without(set()) == []
