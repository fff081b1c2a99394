"""Forecast the open survey windows of a district: rows of the warehouse in, rows out. How is ``pace``."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from aimline.arrival.pace import Moment, Past, Standing, forecast, past_window

Row = Mapping[str, Any]

PACE_COLUMNS: dict[str, str] = {
    "window_id": "varchar",
    "school_year": "integer",
    **dict.fromkeys(("unit_type", "unit_id"), "varchar"),
    **dict.fromkeys(("pace_expected", "forecast_low", "forecast_median", "forecast_high"), "double"),
    "certainty": "varchar",
}


def paced(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Forecast every unit of every window that is open.

    Args:
        rows: Rows of ``int_survey__arrived``: windows that are open, and those over of the same instruments.

    Returns:
        Rows of ``PACE_COLUMNS``; shares of those asked in whole percents, so that no count can be worked out from them.
    """
    held = list(rows)
    libraries: dict[tuple[str, str], dict[tuple[str, str], list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in held:
        if not row["is_open"]:
            libraries[row["instrument_id"], row["unit_type"]][row["slot"], row["level"]].append(row)
    known = {name: _library(windows) for name, windows in libraries.items()}
    now = [row for row in held if row["is_open"] and row["n_eligible"]]
    now.sort(key=lambda row: (row["slot"], row["unit_type"], row["unit_id"]))
    return [_told(row, known.get((row["instrument_id"], row["unit_type"]), [])) for row in now]


def _library(windows: Mapping[tuple[str, str], Sequence[Row]]) -> list[Past]:
    """Return what past windows show, all schools of a level together."""
    found = []
    for (_, level), rows in sorted(windows.items()):
        came = [share for row in rows for share in row["came_at"]]
        found.append(past_window(level, came, sum(row["n_eligible"] for row in rows)))
    return [each for each in found if each is not None]


def _told(row: Row, library: Sequence[Past]) -> dict[str, Any]:
    n, threshold = row["n_eligible"], Fraction(row["threshold_numerator"] or 0, row["threshold_denominator"] or 1)
    found = forecast(
        Standing(row["unit_id"], row["level"], n, row["n_usable"]), Moment(row["elapsed"], threshold), library
    )
    is_known = found.certainty == "forecast"
    return {
        **{name: row[name] for name in ("window_id", "school_year", "unit_type", "unit_id")},
        "pace_expected": _percent(found.expected, n) if is_known else None,
        "forecast_low": _percent(found.low, n),
        "forecast_median": _percent(found.median, n),
        "forecast_high": _percent(found.high, n),
        "certainty": found.certainty,
    }


def _percent(count: float, n: int) -> float:
    return math.floor(100 * count / n + 0.5) / 100
