"""A district whose principals know their schools: what can be made safe is made safe, not refused."""

import random

import pytest

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import instance_of
from aimline.disclosure.protect import protect
from aimline.disclosure.report import is_clean

SCHOOLS, GROUPS = [f"s{number}" for number in range(4)], "abcd"


def district(seed):
    """Four schools by four groups with all totals; the public and each principal read it."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    counts = {
        (school, group): (n := chance.choice([0, 2, 4, 8, 15, 30, 50]), chance.randint(0, n))
        for school in SCHOOLS
        for group in GROUPS
    }
    held = {(unit, group): [] for unit in (*SCHOOLS, "D") for group in ("All", *GROUPS)}
    for (school, group), pair in counts.items():
        for place in ((school, "All"), (school, group), ("D", "All"), ("D", group)):
            held[place].append(pair)
    cells = [
        {"id": f"{unit}|{group}", "unit_id": unit, "grade": "all", "group": group, "release": "public"}
        | {"unit": "district" if unit == "D" else "school"}
        | {"n": sum(n for n, _ in pairs), "x": sum(x for _, x in pairs)}
        for (unit, group), pairs in held.items()
    ]
    sums = [(f"{unit}|All", [f"{unit}|{group}" for group in GROUPS]) for unit in (*SCHOOLS, "D")]
    sums += [(f"D|{group}", [f"{school}|{group}" for school in SCHOOLS]) for group in ("All", *GROUPS)]
    knows = {school: [cell["id"] for cell in cells if cell["unit_id"] == school] for school in SCHOOLS}
    views = [{"name": "public", "knows": []}]
    views += [{"name": f"principal:{school}", "knows": known} for school, known in knows.items()]
    relations = [{"total": total, "parts": parts} for total, parts in sums]
    head = {"format": "sdc-instance/1", "id": "readers", "thresholds": {}}
    return instance_of(head | {"cells": cells, "relations": relations, "views": views}, "readers")


@pytest.mark.parametrize("seed", [0, 93])
def test_what_is_safe_when_everything_is_hidden_is_never_refused(seed):
    """Where the search ends without a pattern, hiding everything is tried, and all that need not be is shown again."""
    instance = district(seed)
    made = protect(instance)
    everything = {number for number, cell in enumerate(instance.cells) if cell.n > 0}
    assert is_clean(audit_pattern(instance, everything, Rule()))
    assert not made.refusal
    assert is_clean(made.audit)
    assert all(not is_clean(audit_pattern(instance, made.gaps - {gap}, Rule())) for gap in made.gaps)
