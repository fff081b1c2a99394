"""What stands on pages of others, and is no gap, is no pool of a reader's: in large layers as in small ones."""

import random

import pytest

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import Cell, Instance, Relation, Thresholds, View
from aimline.disclosure.proof import prove_pattern
from aimline.disclosure.protect import LARGE, protect
from aimline.disclosure.report import is_clean

GROUPS = ("All", "el", "not")


def district(n_schools, seed=3):
    """Return schools of two groups and their district; a principal holds the own school's page and the district's.

    Two of the students are favourable, so that nearly every sum is one-sided.
    """
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    cells = []
    names = [f"s{number:03}" for number in range(n_schools)]
    counts = {(name, group): chance.randint(11, 30) for name in names for group in GROUPS[1:]}
    for unit in ("D", *names):
        for group in GROUPS:
            held = [
                (n, int(name in names[2:4] and each == "el"))
                for (name, each), n in counts.items()
                if unit in {"D", name} and group in {"All", each}
            ]
            n, x = (sum(pair[place] for pair in held) for place in (0, 1))
            kind = "district" if unit == "D" else "school"
            cells.append(
                Cell(f"{unit}|{group}", n, x, audience=unit, unit=kind, unit_id=unit, grade="all", group=group)
            )
    place = {cell.cell_id: number for number, cell in enumerate(cells)}
    units = [Relation(place[f"{unit}|All"], (place[f"{unit}|el"], place[f"{unit}|not"])) for unit in ("D", *names)]
    links = [Relation(place[f"D|{group}"], tuple(place[f"{name}|{group}"] for name in names)) for group in GROUPS]
    board = View("board", frozenset({"D", *names}))
    views = (board, *(View(f"principal:{name}", frozenset({"D", name})) for name in names[:3]))
    limits = Thresholds(is_shown_elsewhere_free=True)
    return Instance("made", limits, tuple(cells), (*units, *links), views)


@pytest.mark.parametrize("n_schools", [4, LARGE // 3 + 4])
def test_the_proofs_of_large_layers_judge_pools_as_the_audit_does(n_schools):
    """View by view the same pools fail, whether bounds are asked or points are enough."""
    instance = district(n_schools)
    gaps = frozenset(instance.numbers[name] for name in ("s000|el", "s000|not"))
    failing = [
        [
            sorted(pool.cells for pool in (*view.pools, *view.derived) if pool.is_one_sided(instance.thresholds))
            for view in told.views
        ]
        for told in (audit_pattern(instance, gaps, Rule()), prove_pattern(instance, gaps))
    ]
    assert failing[0] == failing[1]


@pytest.mark.parametrize("n_schools", [4, LARGE // 3 + 4])
def test_where_nobody_is_small_nothing_is_hidden(n_schools):
    """However few are favourable: what a reader misses stands on pages of others."""
    made = protect(district(n_schools))
    assert is_clean(made.audit)
    assert made.gaps == frozenset()
