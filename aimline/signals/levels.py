"""Test the series of the warehouse against their own levels: arrays in, rows out. The test itself is ``drift``."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from aimline.signals.alert_states import CHANGE, CONCERN, IMPROVEMENT
from aimline.signals.detector import Policy, rounded_up
from aimline.signals.drift import Columns, PanelRule, evaluate_batches
from aimline.signals.rank import Weight, priority

_TEXTS = ("figure_id", "indicator_id", "unit_type", "unit_id", "group_id", "period_kind", "value_unit", "better")
_NUMBERS = ("effect", "effect_low", "effect_high", "z", "p", "p_adjusted", "threshold", "level_before", "level_after")
FEWEST_IN_COMMON = 4
"""Within one school year no season can be fitted, so what all schools share is taken away from so few schools on."""

TEST_COLUMNS: dict[str, str] = {
    **dict.fromkeys(_TEXTS, "varchar"),
    "period_on": "date",
    **dict.fromkeys(_NUMBERS, "double"),
    **dict.fromkeys(("tier", "kind", "control"), "varchar"),
    "changed_on": "date",
    "n_tests": "integer",
    "expected_false": "integer",
    "n_people": "integer",
    **dict.fromkeys(("students_equivalent", "priority"), "double"),
    "n_baseline": "integer",
}


def level_tests(series: Columns, policy: Policy | None = None) -> list[dict[str, Any]]:
    """Test every monitored period of every series.

    Args:
        series: The columns of ``int_signals__series``.
        policy: How tests become alerts.

    Returns:
        Rows of ``TEST_COLUMNS``, by day, indicator and unit.
    """
    if not len(series["figure_id"]):
        return []
    found = evaluate_batches(series, _rules(series), policy).columns
    days = _days(series)
    medians = _medians(series)
    rows = [_row(series, {name: column[at] for name, column in found.items()}, days) for at in range(len(found["row"]))]
    for row in rows:
        row["priority"] = _priority(row, medians.get((row["indicator_id"], row["period_on"])))
        del row["smallest_change"]
    return sorted(rows, key=lambda row: (row["period_on"], row["indicator_id"], row["unit_id"], row["group_id"]))


def _rules(series: Columns) -> dict[int, PanelRule]:
    numbers, first = np.unique(series["panel_no"], return_index=True)
    return {
        int(number): PanelRule(
            int(series["baseline"][at]),
            int(series["periods_per_year"][at]),
            "proportion",
            float(series["min_denominator"][at]),
            float(series["min_effect"][at]),
            FEWEST_IN_COMMON,
        )
        for number, at in zip(numbers, first, strict=True)
    }


def _days(series: Columns) -> dict[tuple[int, int], date]:
    """Return the last day of each period of a panel."""
    places = zip(series["panel_no"], series["period_ix"], series["period_on"], strict=True)
    return {(int(panel), int(at)): _day(day) for panel, at, day in places}


def _day(told: Any) -> date:
    return date.fromisoformat(str(told)[:10])


def _medians(series: Columns) -> dict[tuple[str, date], float]:
    """Return whom the schools' figures of an indicator and period are about, as a median."""
    is_school = series["unit_type"] == "school"
    sizes: dict[tuple[str, date], list[float]] = {}
    for at in np.flatnonzero(is_school):
        place = (str(series["indicator_id"][at]), _day(series["period_on"][at]))
        sizes.setdefault(place, []).append(float(series["n_people"][at]))
    return {place: float(np.median(found)) for place, found in sizes.items()}


def _row(series: Columns, test: Mapping[str, Any], days: Mapping[tuple[int, int], date]) -> dict[str, Any]:
    at = int(test["row"])
    row: dict[str, Any] = {name: str(series[name][at]) for name in _TEXTS}
    row |= {name: _stored(test[name]) for name in _NUMBERS}
    is_tested = row["p"] is not None
    people = _stored(series["n_people"][at])
    word = (
        "alert" if test["is_selected"] else "watch" if test["is_watched"] else "none" if is_tested else "insufficient"
    )
    return row | {
        "period_on": _day(series["period_on"][at]),
        "tier": word,
        "kind": kind_of(row, row["effect"]) if is_tested else None,
        "control": "fixed_limit" if test["is_fixed_limit"] else "bh",
        "changed_on": days[int(series["panel_no"][at]), int(test["changed_ix"])] if is_tested else None,
        "n_tests": int(test["n_tests"]),
        "expected_false": rounded_up(float(test["expected_false"])),
        "n_people": None if people is None else int(people),
        "students_equivalent": _stored(abs(row["effect"]) * people) if is_tested and people is not None else None,
        "n_baseline": int(series["baseline"][at]),
        "smallest_change": _stored(series["smallest_change"][at]),
    }


def kind_of(row: Mapping[str, Any], effect: float) -> str:
    """Say what a departure means: for the better, for the worse, or a change where neither way is better."""
    if row["better"] == "neutral":
        return CHANGE
    return IMPROVEMENT if (effect > 0) == (row["better"] == "increase") else CONCERN


def _priority(row: Mapping[str, Any], people: float | None) -> float | None:
    if row["p"] is None:
        return None
    p = row["p"] if row["p_adjusted"] is None else row["p_adjusted"]
    size = (row["effect"], row["smallest_change"], row["n_people"], people)
    return _stored(priority(Weight(p, *size, is_concern=row["kind"] == CONCERN)))


def _stored(number: Any) -> float | None:
    """Keep twelve significant digits, so that equal inputs give equal bytes on every machine; None for NaN."""
    value = float(number) if number is not None else float("nan")
    return None if np.isnan(value) else float(f"{value:.12g}")
