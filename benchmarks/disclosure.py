"""Measure ``protect`` and the audit on a generated district: schools by grade by race, gender, English learners.

Usage: python -m benchmarks.disclosure [N_SCHOOLS] [--grades N] [--seed N] [--rounds N] [--kill N] [--night N] [--leave]

It prints cells, secondary gaps and their students, the bound no safe pattern is below, seconds of processors and by the
clock (``elapsed``), and memory.
``--kill`` shows single gaps again, at random, and counts how many the audit refuses. ``--night`` lets a student join in
so many schools, or leave them with ``--leave``, and protects the district again from what was proved.
"""

import argparse
import json
import random
import resource
from collections.abc import Callable, Iterable
from time import perf_counter, process_time
from typing import Any

from aimline.disclosure.certificates import audiences_of
from aimline.disclosure.instance import instance_of
from aimline.disclosure.proof import prove_pattern
from aimline.disclosure.protect import Protection, protect
from aimline.disclosure.report import is_clean

RACES = {"asian": 0.08, "black": 0.22, "hispanic": 0.38, "multi": 0.05, "native": 0.02, "white": 0.25}
LEARNERS, FAVOURABLE = 0.15, 0.63
GROUPS = [*(f"race:{race}" for race in RACES), "gender:F", "gender:M", "el:N", "el:Y"]


def district(n_schools: int, n_grades: int, seed: int) -> dict[str, Any]:
    """Return a made-up district as an instance."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    counts: dict[tuple[str, str, str], list[int]] = {}
    for school in range(n_schools):
        mix = [share * chance.uniform(0.4, 1.8) for share in RACES.values()]
        for grade in range(n_grades):
            for _ in range(chance.randint(15, 90)):
                student = (
                    f"race:{chance.choices(list(RACES), mix)[0]}",
                    chance.choice(("gender:F", "gender:M")),
                    "el:Y" if chance.random() < LEARNERS else "el:N",
                )
                is_favourable = chance.random() < FAVOURABLE
                for unit in ("D", f"S{school:03}"):
                    for level in ("all", str(grade)):
                        for group in ("All", *student):
                            pair = counts.setdefault((unit, level, group), [0, 0])
                            pair[0] += 1
                            pair[1] += is_favourable
    return _instance(counts, ["D", *(f"S{school:03}" for school in range(n_schools))], n_grades)


def _instance(counts: dict[tuple[str, str, str], list[int]], units: list[str], n_grades: int) -> dict[str, Any]:
    levels = ["all", *(str(grade) for grade in range(n_grades))]
    cells, relations = [], []
    for unit in units:
        for level in levels:
            for group in ("All", *GROUPS):
                n, x = counts.get((unit, level, group), (0, 0))
                told = {
                    "unit": "district" if unit == "D" else "school",
                    "unit_id": unit,
                    "grade": level,
                    "group": group,
                }
                release = "hidden" if group == "el:N" else "public"
                cells.append({"id": f"{unit}|{level}|{group}", **told, "n": n, "x": x, "release": release})
            for kind in ("race", "gender", "el"):
                parts = [f"{unit}|{level}|{group}" for group in GROUPS if group.startswith(kind)]
                relations.append({"total": f"{unit}|{level}|All", "parts": parts})
        for group in ("All", *GROUPS):
            parts = [f"{unit}|{level}|{group}" for level in levels[1:]]
            relations.append({"total": f"{unit}|all|{group}", "parts": parts})
    for level in levels:
        for group in ("All", *GROUPS):
            parts = [f"{unit}|{level}|{group}" for unit in units[1:]]
            relations.append({"total": f"D|{level}|{group}", "parts": parts})
    head = {"format": "sdc-instance/1", "id": f"district_{len(units) - 1}", "thresholds": {}}
    return head | {"cells": cells, "relations": relations, "views": [{"name": "public", "knows": []}]}


def join(data: dict[str, Any], chance: random.Random, n_schools: int) -> None:
    """Let one student join in each of some schools."""
    by_id, schools, grades = _named(data)
    for school in chance.sample(schools, n_schools):
        race = f"race:{chance.choice(list(RACES))}"
        groups = ("All", race, chance.choice(("gender:F", "gender:M")), chance.choice(("el:N", "el:Y")))
        is_favourable = chance.random() < FAVOURABLE
        _count(by_id, (school, chance.choice(grades), groups), (1, int(is_favourable)))


def leave(data: dict[str, Any], chance: random.Random, n_schools: int) -> None:
    """Let one student leave each of some schools, of one grade, one answer, and groups in which there is such a one."""
    by_id, schools, grades = _named(data)
    for school in chance.sample(schools, n_schools):
        grade, is_favourable = chance.choice(grades), chance.random() < FAVOURABLE
        groups = ["All"]
        for kind in ("race", "gender", "el"):
            told = {group: by_id[f"{school}|{grade}|{group}"] for group in GROUPS if group.startswith(kind)}
            held = {group: cell["x"] if is_favourable else cell["n"] - cell["x"] for group, cell in told.items()}
            groups += [chance.choices(list(held), list(held.values()))[0]] if any(held.values()) else []
        if len(groups) > 1:
            _count(by_id, (school, grade, groups), (-1, -int(is_favourable)))


def _named(data: dict[str, Any]) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return the cells by name, the schools and the grades."""
    by_id = {cell["id"]: cell for cell in data["cells"]}
    schools = sorted({cell["unit_id"] for cell in data["cells"]} - {"D"})
    return by_id, schools, sorted({cell["grade"] for cell in data["cells"]} - {"all"})


def _count(by_id: dict[str, Any], whose: tuple[str, str, Iterable[str]], more: tuple[int, int]) -> None:
    """Count somebody more or fewer in every cell of a school, a grade and some groups, and above."""
    school, grade, groups = whose
    for name in (f"{unit}|{level}|{group}" for unit in ("D", school) for level in ("all", grade) for group in groups):
        by_id[name]["n"] += more[0]
        by_id[name]["x"] += more[1]


def _measured(protect_once: Callable[[], Protection]) -> tuple[Protection, dict[str, float]]:
    """Protect, and return what it took: seconds of the processors, and by the clock."""
    began, at = process_time(), perf_counter()
    made = protect_once()
    return made, {"seconds": round(process_time() - began, 2), "elapsed": round(perf_counter() - at, 2)}


def main() -> None:
    """Run and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_schools", type=int, nargs="?", default=3)
    for name, default in (("--grades", 3), ("--seed", 11), ("--rounds", None), ("--kill", 0), ("--night", 0)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--leave", action="store_true")
    asked = parser.parse_args()
    data = district(asked.n_schools, asked.grades, asked.seed)
    instance = instance_of(data, "made")
    made, cost = _measured(lambda: protect(instance, (), asked.rounds))
    secondary = [number for number in made.gaps if not instance.is_small(number)]
    told = {
        "cells": len(instance.cells),
        "small": len(instance.small),
        "secondary": len(secondary),
        "at_least": made.at_least,
        "hidden_students": sum(instance.cells[number].n for number in secondary),
        "refusal": made.refusal,
        **cost,
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if asked.kill:
        chance = random.Random(asked.seed)  # noqa: S311 - not for secrets
        readers = audiences_of(instance)
        tried = [chance.choice(sorted(made.gaps)) for _ in range(asked.kill)]
        told["refused"] = sum(not is_clean(prove_pattern(instance, made.gaps - {gap}, readers)) for gap in tried)
    if asked.night:
        change = leave if asked.leave else join
        change(data, random.Random(asked.seed), asked.night)  # noqa: S311 - not for secrets
        after = instance_of(data, "after")
        night, cost = _measured(lambda: protect(after, (), asked.rounds, made.proofs))
        told |= {f"night_{name}": value for name, value in cost.items()}
        told["night_refusal"] = night.refusal
        told["night_kept"] = round(len(night.gaps & made.gaps) / len(made.gaps), 3)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
