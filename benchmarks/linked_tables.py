"""Protect random linked tables, and show needed gaps again one by one: ``python -m benchmarks.linked_tables``.

Tables have grades by groups with totals, a second grouping of the grades that crosses the first, a group whose rest is
never printed, a later release with some who joined, and an insider. It prints how many were safe by the audit, how
many no pattern can keep safe, how tiny ones compare with every smaller pattern, and how many needed gaps that were
shown again the audit refused.
"""

import argparse
import json
import random
from collections.abc import Iterator
from itertools import combinations, count
from typing import Any

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import Instance, instance_of
from aimline.disclosure.protect import Protection, protect
from aimline.disclosure.report import is_clean

Pair = tuple[int, int]


def linked_table(chance: random.Random, n_rows: int, n_columns: int, *, is_wide: bool = True) -> dict[str, Any]:
    """Return a random table as an instance.

    Args:
        chance: Where the numbers come from.
        n_rows: Grades.
        n_columns: Groups.
        is_wide: With bands that cross, a rest nobody prints, a later release and an insider.
    """
    cells: dict[str, Pair] = {}
    for row in range(n_rows):
        for column in range(n_columns):
            n = chance.choice((0, chance.randint(1, 9), chance.randint(10, 25), chance.randint(20, 60)))
            cells[f"{row}|{column}"] = (n, sum(chance.random() < 0.6 for _ in range(n)))  # noqa: PLR2004 - a share
    grid = [[f"{row}|{column}" for column in range(n_columns)] for row in range(n_rows)]
    sums = [(f"{row}|All", grid[row]) for row in range(n_rows)]
    sums += [(f"all|{column}", [grid[row][column] for row in range(n_rows)]) for column in range(n_columns)]
    sums.append(("all|All", [f"{row}|All" for row in range(n_rows)]))
    sums.append(("all|All", [f"all|{column}" for column in range(n_columns)]))
    hidden: list[str] = []
    views: list[dict[str, Any]] = [{"name": "public", "knows": []}]
    for total, parts in sums:
        cells[total] = _sum(cells, parts)
    if is_wide:
        sums += _widened(chance, cells, grid, hidden)
        views.append({"name": "insider", "knows": [name for name in cells if name.startswith("0|")]})
    listed = [
        {"id": name, "n": n, "x": x, "release": "hidden" if name in hidden else "public"}
        for name, (n, x) in cells.items()
    ]
    relations = [{"total": total, "parts": parts} for total, parts in sums]
    return {"format": "sdc-instance/1", "id": "linked", "cells": listed, "relations": relations, "views": views}


def _widened(
    chance: random.Random, cells: dict[str, Pair], grid: list[list[str]], hidden: list[str]
) -> list[tuple[str, list[str]]]:
    """Add what ties the table to more: two bands of grades that overlap, learners, and who joined until later."""
    bands = (("low", grid[:-1]), ("high", grid[1:]))
    columns = range(len(grid[0]))
    more = [(f"{band}|{column}", [row[column] for row in rows]) for band, rows in bands for column in columns]
    n, x = cells["all|All"]
    learners = chance.randint(0, n)
    favourable = chance.randint(max(0, learners - (n - x)), min(x, learners))
    cells |= {"el:Y": (learners, favourable), "el:N": (n - learners, x - favourable)}
    joined = chance.randint(1, 25)
    cells["joined"] = (joined, chance.randint(0, joined))
    hidden += ["el:N", "joined"]
    more += [("all|All", ["el:Y", "el:N"]), ("later|All", ["all|All", "joined"])]
    for total, parts in more:
        cells.setdefault(total, _sum(cells, parts))
    return more


def _sum(cells: dict[str, Pair], parts: list[str]) -> Pair:
    return sum(cells[part][0] for part in parts), sum(cells[part][1] for part in parts)


def is_safe(instance: Instance, gaps: frozenset[int]) -> bool:
    """Return the audit's word: nobody derives what is protected."""
    return is_clean(audit_pattern(instance, gaps, Rule()))


def needed_gaps(instance: Instance, made: Protection) -> Iterator[int]:
    """Yield the gaps that protect others: the pattern is minimal, so each is needed."""
    yield from sorted(made.gaps - frozenset(instance.small))


def is_fewest(instance: Instance, made: Protection) -> bool:
    """Say whether no pattern with fewer gaps is safe, by trying them all."""
    small = frozenset(instance.small)
    primary = frozenset(number for number in small if instance.cells[number].is_printed)
    choices = [
        number for number, cell in enumerate(instance.cells) if cell.is_printed and cell.n and number not in small
    ]
    n_fewer = len(choices) + 1 if made.refusal else len(made.gaps - small)
    return not any(
        is_safe(instance, primary | frozenset(tried))
        for size in range(n_fewer)
        for tried in combinations(choices, size)
    )


def _try_table(seed: int, n_kill: int, told: dict[str, int]) -> None:
    """Protect one table, ask the audit, and show its needed gaps again."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    instance = instance_of(linked_table(chance, chance.randint(2, 4), chance.randint(2, 4)), f"seed {seed}")
    made = protect(instance, n_rounds=2)
    told["safe" if is_safe(instance, made.gaps) else "cannot_be_safe" if made.refusal else "unsafe"] += 1
    for gap in needed_gaps(instance, made) if not made.refusal else ():
        if told["shown_again"] < n_kill:
            told["shown_again"] += 1
            told["caught"] += not is_safe(instance, made.gaps - {gap})


def main() -> None:
    """Run and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("--tables", 200), ("--tiny", 50), ("--kill", 1000), ("--seed", 11)):
        parser.add_argument(name, type=int, default=default)
    asked = parser.parse_args()
    told = dict.fromkeys(("safe", "cannot_be_safe", "unsafe", "fewest", "more_than_fewest", "shown_again", "caught"), 0)
    seeds = count(asked.seed)
    while told["safe"] < asked.tables or told["shown_again"] < asked.kill:
        _try_table(next(seeds), asked.kill, told)
    for seed in range(asked.seed, asked.seed + asked.tiny):
        chance = random.Random(seed)  # noqa: S311 - not for secrets
        instance = instance_of(linked_table(chance, 2, 2, is_wide=seed % 2 == 0), f"seed {seed}")
        told["fewest" if is_fewest(instance, protect(instance)) else "more_than_fewest"] += 1
    print(json.dumps(told))


if __name__ == "__main__":
    main()
