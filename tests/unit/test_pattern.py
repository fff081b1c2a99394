"""Test which cells are hidden, and what is refused because nobody could tell."""

from dataclasses import replace

import pytest

from aimline.disclosure import Outcomes, Policy, protect_population
from aimline.disclosure.layers import Readers
from aimline.disclosure.pattern import Given
from aimline.errors import DisclosureError
from schemas.published import POPULATIONS
from tests.support.disclosure_tables import MEASURE, POPULATION, cell_id, cell_rows, district, relation_rows

KINDS = {measure: counted.kind for measure, counted in POPULATIONS.items()}
POLICY = Policy(10)


def pattern(schools, *more):
    """Return cell -> reason of the hidden cells of one or more layers."""
    layers = [district(layer) for layer in (schools, *more)]
    rows = protect_population(cell_rows(layers), relation_rows(layers), KINDS, POLICY)
    return {row["cell_id"]: row["reason"] for row in rows if row["is_suppressed"]}


def cell(measure=MEASURE, **given):
    """Return one row of the cells."""
    base = {"population_id": POPULATION, "measure_id": measure, "cell_id": "c", "n_low": 20, "n_small": 20}
    return base | {"n_high": 20, "n_unknown": 0, "is_aggregated": False} | given


@pytest.mark.parametrize(("n", "is_hidden"), [(0, False), (1, True), (9, True), (10, False)])
def test_group_below_the_minimum_is_small_and_zero_is_not(n, is_hidden):
    """Nine people are small, ten are not, and that nobody is there is known."""
    hidden = pattern({"s1": {"all": n}, "s2": {"all": 50}, "s3": {"all": 60}})
    assert (cell_id(("s1", "all")) in hidden) == is_hidden


def test_small_school_takes_the_next_smallest_with_it():
    """A district's total gives one hidden school back, so the next smallest is hidden too."""
    hidden = pattern({"s1": {"all": 6}, "s2": {"all": 50}, "s3": {"all": 60}})
    assert hidden == {cell_id(("s1", "all")): "primary", cell_id(("s2", "all")): "secondary"}


def test_two_small_schools_hide_each_other_only_when_they_are_ten_together():
    """Two small schools with four people together tell a small group, so a third is hidden."""
    assert len(pattern({"s1": {"all": 2}, "s2": {"all": 2}, "s3": {"all": 60}, "s4": {"all": 70}})) == 3
    assert len(pattern({"s1": {"all": 5}, "s2": {"all": 6}, "s3": {"all": 60}, "s4": {"all": 70}})) == 2


def test_cell_small_in_one_figure_is_hidden_in_all():
    """A cell has one fate in its population: small in one wave, hidden in every wave."""
    schools = {"s1": {"all": 40}, "s2": {"all": 50}, "s3": {"all": 60}}
    assert cell_id(("s1", "all")) in pattern(schools, {**schools, "s1": {"all": 9}})


def test_value_without_a_count_is_refused():
    """A figure with a value and no count stops publication; the message names no cell."""
    with pytest.raises(DisclosureError, match="carry a value and no count") as caught:
        protect_population([cell(n_unknown=1)], [], KINDS, POLICY)
    assert "'c'" not in caught.value.message


def test_share_of_a_source_without_counts_is_hidden():
    """A source that gives shares and no counts is not refused; a cell nobody weighed is hidden."""
    rows = protect_population([cell(n_low=None, n_small=None, n_high=None, n_unknown=1, is_aggregated=True)], [],
                              KINDS, POLICY)  # fmt: skip
    assert [row["reason"] for row in rows] == ["cannot_judge"]


def test_measure_that_nobody_declared_is_refused():
    """Without knowing what a measure counts nobody can tell who is small."""
    with pytest.raises(DisclosureError, match="nobody declared what measure reach counts"):
        protect_population([cell("reach")], [], KINDS, POLICY)


def test_parts_that_exceed_their_total_are_refused():
    """Schools that do not add up to the district stop publication."""
    layers = [district({"s1": {"all": 40}, "s2": {"all": 50}})]
    layers[0][("D", "all")] = 80
    with pytest.raises(DisclosureError, match="do not add up"):
        protect_population(cell_rows(layers), relation_rows(layers), KINDS, POLICY)


def test_records_are_never_hidden():
    """Sessions and plan steps are about no people, so the smallest count is shown."""
    rows = protect_population([cell("dosage", n_low=1, n_small=1, n_high=1)], [], KINDS, POLICY)
    assert not rows[0]["is_suppressed"]


def test_two_rooms_are_small():
    """Two rooms point at a teacher, three do not."""
    seen = {n: protect_population([cell("walkthrough_rating", n_low=n, n_small=n, n_high=n)], [], KINDS, POLICY)
            for n in (2, 3)}  # fmt: skip
    assert [seen[n][0]["is_suppressed"] for n in (2, 3)] == [True, False]


def test_pattern_does_not_depend_on_the_order_of_rows():
    """The same rows in another order give the same pattern and the same digest."""
    layers = [district({"s1": {"set/a": 6, "set/b": 30}, "s2": {"set/a": 25, "set/b": 35}})]
    cells, sums = cell_rows(layers), relation_rows(layers)
    one = protect_population(cells, sums, KINDS, POLICY)
    assert one == protect_population(cells[::-1], sums[::-1], KINDS, POLICY)


def test_gaps_of_a_population_are_named_by_all_they_are_chosen_from():
    """Another order of the rows is the same; another count, reader or policy is another question."""
    rows, readers = (
        cell_rows([district({"s1": {"all": 40}, "s2": {"all": 50}})]),
        Readers({"board": frozenset("D")}, {}),
    )
    given = Given(POPULATION, "persons", rows, [], Outcomes([{"layer": "one", "value": 1.0}], readers))
    others = [
        replace(given, cells=[rows[0] | {"n_low": 39}, *rows[1:]]),
        replace(given, proof=Outcomes([{"layer": "one", "value": 2.0}], readers)),
        replace(given, proof=Outcomes(given.proof.rows, Readers({"board": frozenset("D")}, {}, coalition=2))),
    ]
    assert replace(given, cells=rows[::-1]).digest(POLICY) == given.digest(POLICY)
    assert len({each.digest(POLICY) for each in [given, *others]} | {given.digest(Policy(11))}) == 5
