"""Build small instances of disclosure protection, and read the shared ones."""

import json
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from aimline.disclosure.instance import Instance, instance_of

NAMES = ("s01_one_gap", "s02_grade_by_race", "s03_english_learner", "s04_three_schools")
Counts = tuple[int, int]


def data_of(
    printed: Mapping[str, Counts],
    sums: Mapping[str, Iterable[str]],
    *,
    hidden: Mapping[str, Counts] | None = None,
    views: Iterable[Mapping[str, Any]] = ({"name": "public", "knows": []},),
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return an instance as its file says it.

    Args:
        printed: (n, x) of the printed cells by name.
        sums: Parts by total; a total with several sums is written ``name#2``.
        hidden: (n, x) of the cells no page prints.
        views: The readers.
        more: Further keys of cells by name.
    """
    cells = [
        {"id": name, "n": n, "x": x, "release": release} | dict((more or {}).get(name, {}))
        for release, each in (("public", printed), ("hidden", hidden or {}))
        for name, (n, x) in each.items()
    ]
    relations = [{"total": total.partition("#")[0], "parts": list(parts)} for total, parts in sums.items()]
    head = {"format": "sdc-instance/1", "id": "made", "title": "", "story": "", "seed": None, "thresholds": {}}
    return head | {"cells": cells, "relations": relations, "views": list(views)}


def made(*arguments: Any, **more: Any) -> Instance:
    """Return an instance; the arguments are those of ``data_of``."""
    return instance_of(data_of(*arguments, **more), "made.json")


def shared_file(shared_data: Path, kind: str, name: str) -> Path:
    """Return a shared instance or expected file, or skip the test."""
    suffix = ".expected.json" if kind == "expected" else ".json"
    path = shared_data / "sdc" / kind / f"{name}{suffix}"
    if not path.is_file():
        pytest.skip(f"the shared data have no sdc/{kind}/{path.name}")
    return path


def read(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def random_table(
    chance: random.Random, *, n_rows: int = 2, n_columns: int = 3, is_wide: bool = False
) -> dict[str, Any]:
    """Return a table of grades by groups with its totals, a group whose rest is never printed, and some readers.

    Args:
        chance: Where the numbers come from.
        n_rows: Grades.
        n_columns: Groups.
        is_wide: Also a second, crossing grouping of the grades, an insider, and a later release with one who joined.
    """
    inner = {}
    for row in range(n_rows):
        for column in range(n_columns):
            n = chance.choice((0, chance.randint(1, 9), chance.randint(10, 25), chance.randint(10, 40)))
            inner[f"{row}|{column}"] = (n, sum(chance.random() < 0.6 for _ in range(n)))
    names = [[f"{row}|{column}" for column in range(n_columns)] for row in range(n_rows)]
    cells = dict(inner)
    sums: dict[str, list[str]] = {}
    for row in range(n_rows):
        sums[f"{row}|All"] = names[row]
    for column in range(n_columns):
        sums[f"all|{column}"] = [names[row][column] for row in range(n_rows)]
    sums["all|All"] = [f"{row}|All" for row in range(n_rows)]
    sums["all|All#2"] = [f"all|{column}" for column in range(n_columns)]
    for total, parts in sums.items():
        cells[total.partition("#")[0]] = _sum(cells, parts)
    hidden: dict[str, Counts] = {}
    views: list[dict[str, Any]] = [{"name": "public", "knows": []}]
    if is_wide:
        n, x = cells["all|All"]
        learners = chance.randint(0, n), chance.randint(0, n)
        cells["el:Y"] = (learners[0], min(x, learners[0], learners[1]))
        cells["el:Y"] = (learners[0], max(cells["el:Y"][1], learners[0] - (n - x)))
        hidden["el:N"] = (n - cells["el:Y"][0], x - cells["el:Y"][1])
        sums["all|All#3"] = ["el:Y", "el:N"]
        joined = chance.randint(1, 12)
        hidden["joined"] = (joined, chance.randint(0, joined))
        cells["later|All"] = _sum(cells | hidden, ["all|All", "joined"])
        sums["later|All"] = ["all|All", "joined"]
        views.append({"name": "principal", "knows": [name for name in cells if name.startswith("0|")]})
    return data_of(cells, sums, hidden=hidden, views=views)


def _sum(cells: Mapping[str, Counts], parts: Iterable[str]) -> Counts:
    held = [cells[part] for part in parts]
    return sum(n for n, _ in held), sum(x for _, x in held)
