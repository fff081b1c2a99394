"""What a large district keeps count of must be what a fresh count says, and leaving known cells out changes no row."""

import random

import pytest

from aimline.disclosure.audit import added_up, parts_of, solved
from aimline.disclosure.certificates import audiences_of
from aimline.disclosure.circles import Proof
from aimline.disclosure.counting import Counting
from aimline.disclosure.district import District, _piece
from aimline.disclosure.elimination import PRIME
from aimline.disclosure.instance import instance_of
from aimline.disclosure.relations import cost, task_of
from benchmarks.disclosure import district

DATA = district(4, 2, 3)
DATA["views"].append({"name": "principal", "knows": [c["id"] for c in DATA["cells"] if c["unit_id"] == "S001"]})
INSTANCE = instance_of(DATA, "made")
EVERY_SUM = range(len(INSTANCE.relations))
MANY = 500
"""Unknown cells from which groups of schools are proved side by side."""


@pytest.mark.parametrize("seed", range(4))
def test_sums_that_grow_and_shrink_are_counted_as_if_anew(seed):
    """Whatever was hidden and shown on the way, a sum fails when it fails for the pattern that is left."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    kept = Counting(INSTANCE)
    for cell in chance.choices(sorted(kept.choices), k=80):
        (kept.show if cell in kept.gaps else lambda each: kept.hide([each]))(cell)
    fresh = Counting(INSTANCE)
    fresh.hide(kept.gaps)
    assert kept.failing(EVERY_SUM) == fresh.failing(EVERY_SUM)
    assert [kept.price(cell) for cell in sorted(kept.choices)] == [fresh.price(cell) for cell in sorted(kept.choices)]


def test_known_cells_that_are_left_out_change_no_row():
    """A district is eliminated without what everybody sees: the unknown part of every row stays the same."""
    unknown = Counting(INSTANCE).gaps | {number for number, cell in enumerate(INSTANCE.cells) if not cell.is_printed}
    for part in parts_of(INSTANCE, unknown):
        fixed, rows = solved(part)
        fixed_too, short = solved(part, is_sourced=False)
        assert fixed_too == fixed
        assert short == [{cell: sign for cell, sign in row.items() if cell in unknown} for row in rows]


def test_a_sum_over_schools_tells_which_known_cells_it_comes_from():
    """With the numbers of the district, what is unknown in it is what the known cells say."""
    unknown = Counting(INSTANCE).gaps | {number for number, cell in enumerate(INSTANCE.cells) if not cell.is_printed}
    rows = [row for part in parts_of(INSTANCE, unknown) for row in added_up(part, is_sourced=True)]
    assert rows
    for row in rows:
        assert sum(value * INSTANCE.cells[cell].n for cell, value in row.items()) % PRIME == 0
    short = [row for part in parts_of(INSTANCE, unknown) for row in added_up(part, is_sourced=False)]
    assert short == [{cell: value for cell, value in row.items() if cell in unknown} for row in rows]


def test_a_gap_that_is_shown_takes_its_proofs_along_and_no_others():
    """What was proved without it stands; what moved it is forgotten for every target."""
    audience = audiences_of(INSTANCE)[0]
    audience.show({1, 2, 3, 4})
    one, other = audience.targets[:2]
    lost, left = (Proof(frozenset(moved), frozenset(), frozenset()) for moved in ({1, 2}, {3, 4}))
    audience.keep([one, other], lost)
    audience.keep([one], left)
    assert audience.users(2) == {one, other}
    audience.reveal(2)
    assert audience.proved() == [(left, (one,))]
    assert audience.users(1) == set()
    assert 2 not in audience.unknown


def test_a_pattern_with_fewer_gaps_keeps_the_proofs_without_them_alone():
    """Taking another pattern over is showing each gap that it has not; showing what is shown already is nothing."""
    audience = audiences_of(INSTANCE)[0]
    audience.show({1, 2, 3, 4})
    one, other = audience.targets[:2]
    lost, left = (Proof(frozenset(moved), frozenset(), frozenset()) for moved in ({1, 2}, {3, 4}))
    audience.keep([one], lost)
    audience.keep([other], left)
    audience.show({1, 3, 4})
    audience.reveal(2)
    assert audience.proved() == [(left, (other,))]
    assert audience.unknown >= {1, 3, 4}
    assert 2 not in audience.unknown


def test_a_target_that_gaps_elsewhere_do_not_help_gets_one_in_its_own_school():
    """In a state one gap in each of many schools may be the cheapest every time; else the cheapest stays it."""
    made, cells = District(INSTANCE), INSTANCE.cells
    audience = made.audiences[0]
    audience.show(made.counting.gaps)
    found = {target: made._more(audience, target, frozenset()) for target in audience.targets[:40]}
    away = [target for target, cell in found.items() if cell and cells[cell].unit_id != cells[target].unit_id != "D"]
    asked = {target: made._more(audience, target, frozenset(), is_own=True) for target in away}
    own = {target for target in away if cells[asked[target]].unit_id == cells[target].unit_id}
    assert own
    assert all(asked[target] == found[target] for target in away if target not in own)


def test_a_cell_is_weighed_by_what_it_takes_itself(monkeypatch):
    """Not by what stands at its place in the file: there the district's cells are, which nobody prints here."""
    monkeypatch.setattr(District, "_loneliness", lambda *_: 0.0)
    cells = [cell | ({"release": "hidden"} if cell["unit_id"] == "D" else {}) for cell in DATA["cells"]]
    instance = instance_of(DATA | {"cells": cells}, "made")
    piece = _piece(instance, "S001")
    weights = District(instance)._weights(piece, task_of(piece.instance), ())
    costs = {place: cost(piece.instance.cells[place]) for place in weights}
    assert len(set(costs.values())) > 1
    assert sorted(weights, key=weights.get) == sorted(costs, key=costs.get)


def test_a_district_is_proved_alike_by_any_number_of_processors(monkeypatch):
    """Groups of schools are proved side by side, and none asks what was proved of another: same gaps, same proofs."""
    instance = instance_of(district(40, 2, 3), "made")
    counted = Counting(instance)
    counted.repair(range(len(instance.relations)))
    found = []
    for n_processors in (1, 3):
        monkeypatch.setattr("aimline.disclosure.certificates.processors", lambda n=n_processors: n)
        audience = audiences_of(instance)[0]
        audience.show(counted.gaps)
        found.append((audience.prove(audience.targets), audience.proved()))
        assert len(audience.unknown) > MANY
    assert found[0] == found[1]
    assert len(found[0][1]) > 1
