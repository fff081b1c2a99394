"""Which schools move beside which: near ones that have gaps where a group has few."""

import pytest

from aimline.disclosure.instance import Cell, Instance, Relation, Thresholds, View
from aimline.disclosure.neighbours import Neighbours

GROUPS = ("a", "b")
N_SCHOOLS = 40


@pytest.fixture
def instance():
    """A district of two sums over forty schools."""
    cells, sums = [], []
    for group in GROUPS:
        first = len(cells)
        cells += [
            Cell(f"s{number:02}|{group}", 20 + number, 10, unit="school", unit_id=f"s{number:02}", group=group)
            for number in range(N_SCHOOLS)
        ]
        parts = tuple(range(first, len(cells)))
        cells.append(Cell(f"D|{group}", sum(cells[part].n for part in parts), 10 * N_SCHOOLS, unit="district"))
        sums.append(Relation(len(cells) - 1, parts))
    return Instance("made", Thresholds(), tuple(cells), tuple(sums), (View("public"),))


def cell(instance, name):
    """Return the number of a cell."""
    return instance.numbers[name]


def test_a_group_gets_partners_for_sums_in_which_it_has_few_gaps(instance):
    """Twelve schools have a gap each in one sum and one in the other: for that alone others are taken along."""
    gaps = {cell(instance, f"s{number:02}|a") for number in range(N_SCHOOLS)}
    gaps |= {cell(instance, f"s{number:02}|b") for number in (3, 14, 15, 30)}
    made = Neighbours(instance)
    group = made.group(cell(instance, "s03|b"))
    names = made.together(group, gaps)
    assert names[:12] == [f"s{number:02}" for number in range(12)]
    assert set(names[12:]) == {"s14", "s15"}


def test_a_group_that_has_enough_gaps_moves_alone(instance):
    """No school beside it is asked."""
    gaps = {cell(instance, f"s{number:02}|a") for number in range(N_SCHOOLS)}
    assert len(Neighbours(instance).together(1, gaps)) == 12


def test_partners_of_a_school_are_near_and_none_of_the_avoided(instance):
    """The nearest two dozen are looked at, and never the school itself."""
    gaps = {cell(instance, f"s{number:02}|b") for number in range(N_SCHOOLS)}
    partners = Neighbours(instance).partners([cell(instance, "s20|b")], gaps, {"s20", "s25"}, 4)
    assert partners
    assert set(partners) <= {f"s{number:02}" for number in range(8, 33)} - {"s20", "s25"}


def test_cells_of_no_school_are_a_group_of_their_own(instance):
    """They are in no school."""
    made = Neighbours(instance)
    assert made.group(cell(instance, "D|a")) == -1
    assert made.blocks([cell(instance, "D|a"), cell(instance, "s07|a")]) == {None, "s07"}
