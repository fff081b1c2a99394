"""Say what a row of the table of tests holds, whichever test made it."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from aimline.signals.alert_states import CHANGE, CONCERN, IMPROVEMENT

PLACE = ("figure_id", "indicator_id", "unit_type", "unit_id", "group_id", "period_kind", "value_unit", "better")
NUMBERS = ("effect", "effect_low", "effect_high", "z", "p", "p_adjusted", "threshold", "level_before", "level_after")
FIT = ("season", "common", "d0", "s0_sq", "rho", "n_units", "parameters_sha256", "panel_id")
"""What was fitted of a panel up to a period; told by the row of what all its units share."""

TEST_COLUMNS: dict[str, str] = {
    "class_id": "varchar",
    **dict.fromkeys(PLACE, "varchar"),
    "period_on": "date",
    **dict.fromkeys(NUMBERS, "double"),
    **dict.fromkeys(("tier", "kind", "control"), "varchar"),
    "is_selected": "boolean",
    "changed_on": "date",
    "n_tests": "integer",
    "expected_false": "integer",
    "n_people": "integer",
    **dict.fromkeys(("students_equivalent", "priority"), "double"),
    "causes": "varchar[]",
    "n_baseline": "integer",
    "baseline_from": "date",
    "baseline_to": "date",
    "is_baseline_dated": "boolean",
    **dict.fromkeys(("p_meet", "median", "lo80", "hi80"), "double"),
    "fit_id": "varchar",
    **dict.fromkeys(("season", "common"), "varchar"),
    **dict.fromkeys(("d0", "s0_sq", "rho"), "double"),
    "n_units": "integer",
    **dict.fromkeys(("parameters_sha256", "panel_id"), "varchar"),
}


def whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with all columns of the table; what it does not tell is missing."""
    return {name: row.get(name) for name in TEST_COLUMNS}


def kind_of(better: str, effect: float) -> str:
    """Say what a departure means: for the better, for the worse, or a change where neither way is better."""
    if better == "neutral":
        return CHANGE
    return IMPROVEMENT if (effect > 0) == (better == "increase") else CONCERN


def tier_of(*, is_tested: bool, is_selected: bool, is_watched: bool) -> str:
    """Name the tier of a test."""
    return "alert" if is_selected else "watch" if is_watched else "none" if is_tested else "insufficient"


def day_of(told: Any) -> date:
    """Return a day, whatever DuckDB or numpy made of it."""
    if type(told) is date:
        return told
    return told.date() if isinstance(told, datetime) else date.fromisoformat(str(told)[:10])


def stored(number: Any) -> float | None:
    """Keep twelve significant digits, so that equal inputs give equal bytes on every machine; None for NaN."""
    if number is None or math.isnan(number):
        return None
    return _rounded(number) if number else 0.0


@lru_cache(maxsize=8192)
def _rounded(number: float) -> float:
    """Round a number; centre and limits are the same for many points in a row."""
    return float(f"{number:.12g}")
