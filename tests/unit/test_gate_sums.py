"""Sums at the gate: what a total and its parts give away, to the last consequence."""

import pytest

from aimline.disclosure.gate import LAYER, Evidence, _sum_breaches
from aimline.disclosure.policy import Policy
from aimline.warehouse import connect

MINIMUM = 10

Figure = tuple[str, str, str, int, str]
"""School (empty for the district), set, group, people, fate."""


def breaches(kind: str, *figures: Figure) -> list[str]:
    """Return what the gate finds in one layer of figures."""
    layer = ", ".join(f"'2027' as {name}" if name == "school_year" else f"'m' as {name}" for name in LAYER)
    rows = " union all ".join(
        f"select {'true' if not unit else 'false'} as is_district, '{unit}' as unit_id, '{group_set}' as group_set_id, "
        f"'{group}' as group_id, {n} as n, '{fate}' as fate"
        for unit, group_set, group, n, fate in figures
    )
    with connect(role="memory") as connection:
        connection.execute(
            f"create temp table gate_truth as select {layer}, if(is_district, 'district', 'school') as unit_type, "
            f"unit_id, group_set_id, group_id, '{kind}' as kind, {MINIMUM} as minimum, n, fate, "
            f"fate = 'shown' as is_known from ({rows})"
        )
        return _sum_breaches(Evidence(connection, "gate_truth", Policy()))


ALL = ("all", "all")
GIVEN_AWAY = [
    ("persons", [("", *ALL, 40, "shown"), ("a", *ALL, 33, "shown"), ("b", *ALL, 7, "hidden")]),
    ("persons", [("", *ALL, 40, "shown"), ("a", *ALL, 33, "shown"), ("b", *ALL, 7, "unprinted")]),
    ("rooms", [("", *ALL, 40, "shown"), ("a", *ALL, 20, "shown"), ("b", *ALL, 20, "hidden")]),
    ("persons", [("", *ALL, 7, "hidden"), ("a", *ALL, 7, "shown")]),
    (  # the district's group is known from its schools; then so is the small rest of its set
        "persons",
        [
            *(("", *ALL, 60, "shown"), ("", "set", "x", 53, "hidden"), ("", "set", "y", 7, "hidden")),
            *(("a", "set", "x", 30, "shown"), ("b", "set", "x", 23, "shown")),
        ],
    ),
]
KEPT = [
    ("persons", [("", *ALL, 40, "shown"), ("a", *ALL, 28, "shown"), ("b", *ALL, 12, "hidden")]),
    (
        "persons",
        [("", *ALL, 40, "shown"), ("a", *ALL, 20, "shown"), ("b", *ALL, 13, "hidden"), ("c", *ALL, 7, "hidden")],
    ),
    ("persons", [("", *ALL, 40, "hidden"), ("a", *ALL, 33, "shown"), ("b", *ALL, 7, "hidden")]),
]


@pytest.mark.parametrize(("kind", "figures"), GIVEN_AWAY)
def test_a_sum_that_gives_somebody_away_is_a_breach(kind: str, figures: list[Figure]) -> None:
    """One unknown of a sum is known; so is one that only a figure learned from another sum leaves unknown."""
    assert len(breaches(kind, *figures)) == 1


@pytest.mark.parametrize(("kind", "figures"), KEPT)
def test_a_sum_with_two_unknowns_or_a_large_one_is_none(kind: str, figures: list[Figure]) -> None:
    """A large group that follows tells of nobody, and of two unknowns, together large enough, neither follows."""
    assert breaches(kind, *figures) == []
