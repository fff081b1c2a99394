"""Points that a reader cannot rule out: which moves of cells keep every sum and leave somebody in every gap."""

from aimline.disclosure.circles import Circle, Reach, answer, proof_of
from aimline.disclosure.instance import Cell, Instance, Relation, Thresholds

WIDTH = 3
NAMES = ("s1|a", "s1|b", "s1", "s2|a", "s2|b", "s2", "a", "b")
ROWS = ((2, 3), (0, 1), (3, 4), (5, 6), (0, 3, 6), (1, 4, 7))
SUMS = (Relation(2, (0, 1)), Relation(5, (3, 4)), Relation(6, (0, 3)), Relation(7, (1, 4)))


def two_schools(*numbers: tuple[int, int], width: int = WIDTH) -> Instance:
    """Two schools of two groups each, and the district's groups; ``numbers`` are (n, x) in the order of the names."""
    cells = tuple(
        Cell(cell_id=name, n=n, x=x, is_printed=True, unit_id=name[:2])
        for name, (n, x) in zip(NAMES, numbers, strict=True)
    )
    return Instance("two", Thresholds(min_interval_width=width), cells, SUMS, ())


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


def moved(*, is_lasting: bool) -> Reach:
    """How three of five, beside three of six in their own school, come six students far in all."""
    numbers = ((5, 3), (6, 3), (11, 6), (20, 10), (20, 10), (40, 20), (25, 13), (26, 13))
    reach = Reach((3, 2), 6)
    circle = Circle(two_schools(*numbers, width=6), (0, 1, 3, 4))
    circle.carry({0: reach}, is_each=True, is_lasting=is_lasting)
    assert reach.is_enough
    return reach


def test_what_is_to_last_leaves_one_behind() -> None:
    """Nobody who falls needs all there are: of the three beside them two."""
    reach = moved(is_lasting=True)
    assert reach.far["x", 1] == 2
    assert not proof_of([reach]).spent


def test_a_proof_says_who_falls_and_who_has_no_farther_to_fall() -> None:
    """By hand: the three beside them all fall, and three of ten in the other school, where seven are left."""
    reach = moved(is_lasting=False)
    assert reach.far["x", 1] == 3
    proof = proof_of([reach])
    assert proof.moved == {0, 1, 3, 4}
    assert {answer(1, "x"), answer(3, "x")} <= proof.falls
    assert answer(1, "x") in proof.spent
    assert answer(3, "x") not in proof.spent
