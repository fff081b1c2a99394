"""Compare occasions of a rubric with the one before, and watch for long runs.

A rubric has levels and no chance: a change of a level on two items tells. Source: signals.md 10.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from aimline.signals.runs import judge_runs
from aimline.signals.tested import day_of, kind_of, tier_of, whole
from aimline.signals.wave_tests import order_of, place_of, series_of

Row = Mapping[str, Any]

_ITEMS = 2
_RUNS_FROM = 10


def rubric_tests(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Compare every occasion of this year with the one before: a level on two items, the same way, tells.

    Args:
        rows: Rows of ``int_signals__waves`` that are of rubrics, one an item of each occasion, of all years.
    """
    occasions: dict[tuple[Any, ...], dict[Any, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        occasions[series_of(row)][day_of(row["period_on"])][row["subject_id"]] = row
    found = []
    for series in sorted(occasions):
        days = sorted(occasions[series])
        for number, day in enumerate(days):
            items = occasions[series][day]
            now = items[min(items)]
            if now["is_current"]:
                before = occasions[series][days[number - 1]] if number else {}
                so_far = [occasions[series][each] for each in days[: number + 1]]
                found.append(_rubric_row(now, _moves(items, before), is_watched=_has_run(items, so_far)))
    return [whole(row) for row in sorted(found, key=order_of)]


def _moves(items: Mapping[str, Row], before: Mapping[str, Row]) -> list[float]:
    """Return by how many levels each item moved that was there before, in the same edition."""
    return [
        row["value"] - before[name]["value"]
        for name, row in sorted(items.items())
        if name in before and before[name]["edition"] == row["edition"]
    ]


def _has_run(items: Mapping[str, Row], occasions: Sequence[Mapping[str, Row]]) -> bool:
    """Say whether an item was longer on one side of its median, or crossed it less, than chance explains.

    A level on the median drops out. From ten others on a run is told, on the watch list: repeated looks inflate it.
    """
    for name, row in items.items():
        same = (each[name] for each in occasions if name in each and each[name]["edition"] == row["edition"])
        values = [float(each["value"]) for each in same]
        runs = judge_runs(values, median(values))
        if runs.n_useful >= _RUNS_FROM and runs.has_signal:
            return True
    return False


def _rubric_row(now: Row, moves: Sequence[float], *, is_watched: bool) -> dict[str, Any]:
    up, down = (sum(way * move >= 1 for move in moves) for way in (1, -1))
    is_selected = max(up, down) >= _ITEMS and up != down
    effect = (up if up > down else -down) if is_selected else 0
    return place_of(now) | {
        "control": "levels",
        "effect": float(effect) if moves else None,
        "p": (0.0 if is_selected else 1.0) if moves else None,
        "tier": tier_of(is_tested=bool(moves), is_selected=is_selected, is_watched=is_watched),
        "kind": kind_of(now["better"], effect) if moves else None,
        "is_selected": is_selected,
        "changed_on": day_of(now["period_on"]) if moves else None,
        "n_tests": len(moves),
        "expected_false": 0,
        "n_people": now["n_people"],
    }
