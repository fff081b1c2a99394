"""One more gap for a target: the cheapest that helps at first, then one of its own school, or what helps most."""

from aimline.disclosure.district import District
from aimline.disclosure.instance import Cell, Instance, Relation, Thresholds, View

ONE_SIDED = {4, 12}
"""Schools of so many students, who all answered alike."""


def district(sizes):
    """Return a total over schools of one cell each; the first is small, and hidden."""
    names = [f"s{number}" for number in range(len(sizes))]
    schools = [
        Cell(name, n, n if n in ONE_SIDED else n // 2, unit="school", unit_id=name, grade="all", group="el")
        for name, n in zip(names, sizes, strict=True)
    ]
    total = Cell("D", sum(sizes), sum(cell.x for cell in schools), unit="district", unit_id="D")
    sums = (Relation(0, tuple(range(1, len(sizes) + 1))),)
    return District(Instance("made", Thresholds(), (total, *schools), sums, (View("board"),)))


def chosen(made, *, is_own):
    """Return the next cell to hide for the first school."""
    [audience] = made.audiences
    audience.show(made.counting.gaps)
    return made.instance.cells[made._more(audience, 1, frozenset(), is_own=is_own)].cell_id


def test_the_cheapest_that_helps_comes_first():
    """Twelve students cost less than thirty, and say something of the count."""
    assert chosen(district((4, 12, 30, 90)), is_own=False) == "s1"


def test_where_no_cell_of_the_own_school_would_help_what_helps_most_is_hidden():
    """Those twelve say nothing of the others; thirty are enough of both, and cost less than ninety."""
    made = district((4, 12, 30, 90))
    assert chosen(made, is_own=True) == "s2"
    assert made.protect()[0]
