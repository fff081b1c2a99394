"""Weeks beside the year so far: with the same gaps in each, their sums tell nobody more than each does alone."""

import random

import pytest

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import instance_of
from aimline.disclosure.protect import protect
from aimline.disclosure.report import is_clean

GROUPS, SCHOOLS, WEEKS = "abc", ("s1", "s2", "s3"), ("w1", "w2")


def _week(seed):
    """Return favourable and all of every group and school of a week, with their totals."""
    made = random.Random(seed)  # noqa: S311 - a table, no secret
    cells = {}
    for school in SCHOOLS:
        for group in GROUPS:
            n = made.choice((made.randint(4, 9), made.randint(20, 60), made.randint(20, 60)))
            cells[school, group] = (n, made.randint(0, n))
    return cells


def _with_totals(cells):
    whole = dict(cells)
    for unit, group in [("d", group) for group in GROUPS] + [(school, "all") for school in SCHOOLS] + [("d", "all")]:
        parts = [each for key, each in cells.items() if unit in {"d", key[0]} and group in {"all", key[1]}]
        whole[unit, group] = tuple(map(sum, zip(*parts, strict=True)))
    return whole


def _instance(layers):
    """Tie layers by the sums of each, and the year to its weeks where there are several."""
    cells, relations = [], []
    for name, layer in layers.items():
        cells += [
            {"id": f"{name}/{unit}/{group}", "n": n, "x": x, "release": "public", "unit": "school", "unit_id": unit}
            for (unit, group), (n, x) in layer.items()
        ]
        for unit in (*SCHOOLS, "d"):
            parts = [f"{name}/{unit}/{group}" for group in GROUPS]
            relations.append({"total": f"{name}/{unit}/all", "parts": parts})
        for group in (*GROUPS, "all"):
            parts = [f"{name}/{school}/{group}" for school in SCHOOLS]
            relations.append({"total": f"{name}/d/{group}", "parts": parts})
    if len(layers) > 1:
        for unit, group in layers["w1"]:
            parts = [f"{name}/{unit}/{group}" for name in WEEKS]
            relations.append({"total": f"year/{unit}/{group}", "parts": parts})
    data = {"format": "sdc-instance/1", "id": "linked", "title": "", "story": "", "thresholds": {}, "cells": cells}
    return instance_of(data | {"relations": relations, "views": [{"name": "all", "knows": []}]}, "linked.json")


@pytest.mark.parametrize("seed", range(8))
def test_sums_over_weeks_tell_no_more_than_each_week(seed):
    """One pattern for all, safe in every layer by itself, is safe with the layers tied to each other."""
    weeks = {name: _with_totals(_week(f"{seed}{name}")) for name in WEEKS}
    year = {key: tuple(map(sum, zip(*(each[key] for each in weeks.values()), strict=True))) for key in weeks["w1"]}
    layers = {**weeks, "year": year}
    gaps: frozenset[str] = frozenset()
    for _ in range(6):
        before = gaps
        for name, layer in layers.items():
            alone = _instance({name: layer})
            asked = frozenset(place for place, cell in enumerate(alone.cells) if cell.cell_id.partition("/")[2] in gaps)
            made = protect(alone, asked, 0, asked=asked)
            assert not made.refusal
            gaps |= {each.partition("/")[2] for each in alone.names(made.gaps)}
        if gaps == before:
            break
    tied = _instance(layers)
    hidden = frozenset(place for place, cell in enumerate(tied.cells) if cell.cell_id.partition("/")[2] in gaps)
    assert hidden
    assert is_clean(audit_pattern(tied, hidden, Rule()))
    other = next(place for place in sorted(hidden) if tied.is_small(place))
    assert not is_clean(audit_pattern(tied, hidden - {other}, Rule()))
