"""Build small instances of disclosure protection, and read the shared ones."""

import json
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
