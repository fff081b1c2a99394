"""Measure ``protect`` and the audit on a generated district: schools by grade by race, gender, English learners.

Usage: python -m benchmarks.disclosure [N_SCHOOLS] [--grades N] [--seed N] [--rounds N] [--kill N] [--night N]

It prints cells, secondary gaps and their students, the bound no safe pattern is below, seconds of one core and memory.
``--kill`` shows single gaps again, at random, and counts how many the audit refuses. ``--night`` lets a student join in
so many schools and protects the district again from what was proved.
"""

import argparse
import json
import random
import resource
from time import process_time
from typing import Any

from aimline.disclosure.certificates import audiences_of
from aimline.disclosure.instance import instance_of
from aimline.disclosure.proof import prove_pattern
from aimline.disclosure.protect import protect
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
    by_id = {cell["id"]: cell for cell in data["cells"]}
    schools = sorted({cell["unit_id"] for cell in data["cells"]} - {"D"})
    grades = sorted({cell["grade"] for cell in data["cells"]} - {"all"})
    for school in chance.sample(schools, n_schools):
        race = f"race:{chance.choice(list(RACES))}"
        groups = ("All", race, chance.choice(("gender:F", "gender:M")), chance.choice(("el:N", "el:Y")))
        is_favourable = chance.random() < FAVOURABLE
        grade = chance.choice(grades)
        for name in (
            f"{unit}|{level}|{group}" for unit in ("D", school) for level in ("all", grade) for group in groups
        ):
            by_id[name]["n"] += 1
            by_id[name]["x"] += is_favourable


def main() -> None:
    """Run and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_schools", type=int, nargs="?", default=3)
    for name, default in (("--grades", 3), ("--seed", 11), ("--rounds", None), ("--kill", 0), ("--night", 0)):
        parser.add_argument(name, type=int, default=default)
    asked = parser.parse_args()
    data = district(asked.n_schools, asked.grades, asked.seed)
    instance = instance_of(data, "made")
    started = process_time()
    made = protect(instance, (), asked.rounds)
    seconds = process_time() - started
    secondary = [number for number in made.gaps if not instance.is_small(number)]
    told = {
        "cells": len(instance.cells),
        "small": len(instance.small),
        "secondary": len(secondary),
        "at_least": made.at_least,
        "hidden_students": sum(instance.cells[number].n for number in secondary),
        "refusal": made.refusal,
        "seconds": round(seconds, 2),
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if asked.kill:
        chance = random.Random(asked.seed)  # noqa: S311 - not for secrets
        readers = audiences_of(instance)
        tried = [chance.choice(sorted(made.gaps)) for _ in range(asked.kill)]
        told["refused"] = sum(not is_clean(prove_pattern(instance, made.gaps - {gap}, readers)) for gap in tried)
    if asked.night:
        join(data, random.Random(asked.seed), asked.night)  # noqa: S311 - not for secrets
        after = instance_of(data, "after")
        started = process_time()
        night = protect(after, (), asked.rounds, made.proofs)
        told["night_seconds"] = round(process_time() - started, 2)
        told["night_refusal"] = night.refusal
        told["night_kept"] = round(len(night.gaps & made.gaps) / len(made.gaps), 3)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
