"""Hold the gaps of random three-way tables beside the fewest there can be: ``python -m benchmarks.fewest_gaps``.

The fewest are asked of one mixed-integer program over all small groups at once, which shares no code with the search:
which cells must be hidden so that each small group can be far enough from the truth, and that what one sum tells of its
gaps together is no small and no one-sided pool, whatever else is asked. So it is a bound that no safe pattern is below,
and where the search reaches it, its gaps are the fewest. Where the solver does not finish in time, its bound is told
instead. With ``--argus PYTHON``, an interpreter that has pytauargus, its optimal suppression (frequency rule, 100 %
safety range) of the same people stands beside them, and what the audit says of it.
"""

import argparse
import json
import random
import subprocess
from collections.abc import Iterator
from itertools import product
from time import process_time
from typing import Any

import numpy as np

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import Instance, instance_of
from aimline.disclosure.protect import protect
from aimline.disclosure.report import is_clean

FAVOURABLE = 0.63
AXES = "abc"
_FAR = 60.0
"""No cell need move farther for one group to move by ten: more only makes the bound weaker."""

_ARGUS = """
import json, os, sys, tempfile
from pytauargus import protect
rows = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    rule = {"safety_rules": "FREQ(10,100)", "suppress": "OPT(1)"}
    made = protect(rows, ["a", "b", "c"], response="one", workdir=folder, **rule)
    told = [[row["a"], row["b"], row["c"], row["status"]] for row in made.tables[0].rows]
print("TOLD" + json.dumps(told))
"""

Person = tuple[int, ...]
"""Places on the axes, then 1 for a favourable answer."""


def people(chance: random.Random, sizes: tuple[int, ...], mean: float) -> list[Person]:
    """Return people spread over the cells of a table, so many in a cell on average."""
    shares = [[chance.uniform(0.4, 1.6) for _ in range(size)] for size in sizes]
    made = []
    for place in product(*(range(size) for size in sizes)):
        expected = mean * float(np.prod([share[at] for share, at in zip(shares, place, strict=True)]))
        n = max(0, round(chance.gauss(expected, expected**0.5)))
        made += [(*place, int(chance.random() < FAVOURABLE)) for _ in range(n)]
    return made


def three_way(everybody: list[Person], sizes: tuple[int, ...]) -> Instance:
    """Return the table of some people with all its totals as an instance."""
    counts: dict[tuple[str, ...], list[int]] = {}
    for *place, is_favourable in everybody:
        for name in product(*(("all", str(at)) for at in place)):
            pair = counts.setdefault(name, [0, 0])
            pair[0] += 1
            pair[1] += is_favourable
    names = list(product(*(("all", *map(str, range(size))) for size in sizes)))
    cells, sums = [], []
    for name in names:
        n, x = counts.get(name, (0, 0))
        cells.append({"id": "|".join(name), "n": n, "x": x, "release": "public"})
        for axis, size in enumerate(sizes):
            if name[axis] == "all":
                parts = ["|".join((*name[:axis], str(at), *name[axis + 1 :])) for at in range(size)]
                sums.append({"total": "|".join(name), "parts": parts})
    head = {"format": "sdc-instance/1", "id": "three_way", "views": [{"name": "public", "knows": []}]}
    return instance_of(head | {"cells": cells, "relations": sums}, "made")


def fewest(instance: Instance, seconds: float) -> tuple[int | None, float]:
    """Return how few gaps besides the small cells leave every small group wide open, and a bound none is below.

    None where the solver has found no answer, or one that may not be the best, in so many seconds.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    program = _Program(instance)
    rows, low, high = program.rows()
    limits = Bounds(*program.limits())
    found = milp(
        program.costs(),
        constraints=LinearConstraint(rows, low, high),
        bounds=limits,
        integrality=program.costs(),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    bound = 0.0 if found.mip_dual_bound is None else float(found.mip_dual_bound)
    return (round(found.fun) if found.status == 0 else None), bound


class _Program:
    """First one column for each cell that may be hidden, then four deviations of every cell for every small group."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._held = [place for place, cell in enumerate(instance.cells) if cell.n > 0]
        self._column = {cell: column for column, cell in enumerate(self._held)}
        self._choices = [cell for cell in self._held if not instance.is_small(cell)]
        self._n_columns = len(self._choices) + 4 * len(instance.small) * len(self._held)

    def _begin(self, number: int, way: int) -> int:
        """Return where the deviations of one small group in one way begin: x up, x down, y up, y down."""
        return len(self._choices) + (4 * number + way) * len(self._held)

    def costs(self) -> Any:
        """Return 1 for each gap; these are the whole numbers too."""
        return np.concatenate([np.ones(len(self._choices)), np.zeros(self._n_columns - len(self._choices))])

    def limits(self) -> tuple[Any, Any]:
        """Return how far every column goes."""
        low, high = np.zeros(self._n_columns), np.ones(self._n_columns)
        high[len(self._choices) :] = _FAR
        for number in range(len(self._instance.small)):
            for way in range(4):
                begin = self._begin(number, way)
                low[begin : begin + len(self._held)] = [-min(_FAR, self._value(cell, way)) for cell in self._held]
        return low, high

    def _value(self, cell: int, way: int) -> int:
        return self._instance.cells[cell].x if way < 2 else self._instance.cells[cell].y  # noqa: PLR2004 - x, then y

    def rows(self) -> tuple[Any, Any, Any]:
        """Return what deviations keep, as a matrix with limits."""
        from scipy.sparse import coo_array

        entries: list[tuple[int, int, float]] = []
        low: list[float] = []
        high: list[float] = []

        def add(coefficients: dict[int, float], least: float, most: float) -> None:
            entries.extend((len(low), column, value) for column, value in coefficients.items())
            low.append(least)
            high.append(most)

        for number, target in enumerate(self._instance.small):
            for way in range(4):
                begin = self._begin(number, way)
                for relation in self._instance.relations:
                    signs = {relation.total: 1.0, **dict.fromkeys(relation.parts, -1.0)}
                    held = {begin + self._column[cell]: sign for cell, sign in signs.items() if cell in self._column}
                    add(held, 0.0, 0.0)
                for choice, cell in enumerate(self._choices):
                    own = begin + self._column[cell]
                    add({own: 1.0, choice: -_FAR}, -np.inf, 0.0)
                    add({own: 1.0, choice: min(_FAR, self._value(cell, way))}, 0.0, np.inf)
            for asked, least in self._asked(number, target):
                add(asked, least, np.inf)
        for asked, least in self._pools():
            add(asked, least, np.inf)
        places, columns, values = zip(*entries, strict=True)
        matrix = coo_array((values, (places, columns)), shape=(len(low), self._n_columns)).tocsr()
        return matrix, np.array(low), np.array(high)

    def _pools(self) -> Iterator[tuple[dict[int, float], float]]:
        """Yield what hidden parts of a total that is shown must hold together, once one of them is hidden."""
        cells, limits = self._instance.cells, self._instance.thresholds
        choice = {cell: column for column, cell in enumerate(self._choices)}
        asked = (("n", limits.min_pool), ("x", limits.min_minority_pool), ("y", limits.min_minority_pool))
        for (letter, least), relation in product(asked, self._instance.relations):
            if self._instance.is_small(relation.total):
                continue
            parts = [part for part in relation.parts if cells[part].n > 0]
            held = {part: float(min(getattr(cells[part], letter), least)) for part in parts}
            always = sum(value for part, value in held.items() if part not in choice)
            for part in parts:
                row = {choice[other]: value for other, value in held.items() if other in choice}
                row[choice[relation.total]] = float(least)
                if part in choice:
                    row[choice[part]] -= least
                yield row, (0.0 if part in choice else float(least)) - always

    def _asked(self, number: int, target: int) -> list[tuple[dict[int, float], float]]:
        """Return how far a small group must come: all ways together, each answer, and up where nobody gave it."""
        cell = self._instance.cells[target]
        x_up, x_down, y_up, y_down = (self._begin(number, way) + self._column[target] for way in range(4))
        x, y = {x_up: 1.0, x_down: -1.0}, {y_up: 1.0, y_down: -1.0}
        asked = [({**x, **y}, float(self._instance.thresholds.min_interval_width)), (x, 1.0), (y, 1.0)]
        return asked + [({up: 1.0}, 1.0) for up, value in ((x_up, cell.x), (y_up, cell.y)) if not value]


def argus_gaps(python: str, everybody: list[Person], instance: Instance) -> frozenset[int]:
    """Return the cells that tau-Argus hides."""
    rows = [{"a": str(a), "b": str(b), "c": str(c), "one": 1} for a, b, c, _ in everybody]
    done = subprocess.run([python, "-c", _ARGUS], input=json.dumps(rows), capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.split("TOLD")[1])
    hidden = ["|".join(part if part.isdigit() else "all" for part in row[:3]) for row in told if row[3] in "UM"]
    return frozenset(instance.numbers[name] for name in hidden)


def main() -> None:
    """Run and print one line of JSON for each table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="3,3,3", help="so many values on each axis")
    for name, default in (("--tables", 10), ("--mean", 16), ("--seed", 11), ("--seconds", 60)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--argus", help="an interpreter that has pytauargus")
    asked = parser.parse_args()
    sizes = tuple(int(size) for size in asked.sizes.split(","))
    for seed in range(asked.seed, asked.seed + asked.tables):
        everybody = people(random.Random(seed), sizes, asked.mean)  # noqa: S311 - not for secrets
        print(json.dumps({"seed": seed} | _compared(everybody, three_way(everybody, sizes), asked)), flush=True)


def _compared(everybody: list[Person], instance: Instance, asked: argparse.Namespace) -> dict[str, Any]:
    started = process_time()
    made = protect(instance)
    told: dict[str, Any] = {"cells": len(instance.cells), "small": len(instance.small)}
    told |= {"seconds": round(process_time() - started, 2), "refusal": made.refusal}
    told |= _cost(instance, made.gaps) | {"at_least": made.at_least}
    if asked.seconds and instance.small:
        least, bound = fewest(instance, asked.seconds)
        told |= {"fewest": least, "bound": round(bound, 2)}
        if least:
            told["ratio"] = round(told["secondary"] / least, 3)
    if asked.argus:
        gaps = argus_gaps(asked.argus, everybody, instance)
        told["argus"] = _cost(instance, gaps) | {"is_safe": is_clean(audit_pattern(instance, gaps, Rule()))}
    return told


def _cost(instance: Instance, gaps: frozenset[int]) -> dict[str, int]:
    secondary = [gap for gap in gaps if not instance.is_small(gap)]
    return {"secondary": len(secondary), "hidden_students": sum(instance.cells[gap].n for gap in secondary)}


if __name__ == "__main__":
    main()
