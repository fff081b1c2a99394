"""Points that a reader cannot rule out: which moves of cells keep every sum and leave somebody in every gap."""

from aimline.disclosure.circles import Circle, Reach
from aimline.disclosure.instance import Cell, Instance, Relation, Thresholds

WIDTH = 3
NAMES = ("s1|a", "s1|b", "s1", "s2|a", "s2|b", "s2", "a", "b")
ROWS = ((2, 3), (0, 1), (3, 4), (5, 6), (0, 3, 6), (1, 4, 7))
SUMS = (Relation(2, (0, 1)), Relation(5, (3, 4)), Relation(6, (0, 3)), Relation(7, (1, 4)))


def two_schools(*numbers: tuple[int, int]) -> Instance:
    """Two schools of two groups each, and the district's groups; ``numbers`` are (n, x) in the order of the names."""
    cells = tuple(
        Cell(cell_id=name, n=n, x=x, is_printed=True, unit_id=name[:2])
        for name, (n, x) in zip(NAMES, numbers, strict=True)
    )
    return Instance("two", Thresholds(min_interval_width=WIDTH), cells, SUMS, ())


def reached(made: Instance, target: int) -> Reach:
    """How far a target comes where the groups of both schools are gaps, and every total is told."""
    cell = made.cells[target]
    reach = Reach((cell.x, cell.n - cell.x), WIDTH)
    Circle(made, (0, 1, 3, 4)).carry({target: reach}, is_each=True)
    return reach


def test_the_one_of_an_answer_may_be_of_another_group_where_somebody_may_stand_for_them() -> None:
    """One of three said no and is alone in b: who knows that b has somebody cannot rule out that it was one of a."""
    made = two_schools((2, 2), (1, 0), (3, 2), (20, 10), (20, 10), (40, 20), (22, 12), (21, 10))
    assert reached(made, 0).is_unsure


def test_the_one_of_an_answer_is_told_where_nobody_may_stand_for_them() -> None:
    """Nobody of the other school said yes in b, so nobody may move there: it is the one of b who said no."""
    made = two_schools((2, 2), (1, 0), (3, 2), (20, 0), (20, 0), (40, 0), (22, 2), (21, 0))
    assert not reached(made, 0).is_unsure
