"""Forecast the open survey windows of a district: rows of the warehouse in, rows out. How is ``pace``."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from aimline.arrival.pace import Forecast, Group, Moment, Past, Standing, forecast, nudges, past_window

Row = Mapping[str, Any]

PACE_COLUMNS: dict[str, str] = {
    "window_id": "varchar",
    "school_year": "integer",
    **dict.fromkeys(("unit_type", "unit_id", "group_set_id", "group_id"), "varchar"),
    **dict.fromkeys(("pace_expected", "forecast_low", "forecast_median", "forecast_high"), "double"),
    "certainty": "varchar",
    "nudge": "integer",
}
_NAMES = ("window_id", "school_year", "unit_type", "unit_id", "group_set_id", "group_id")


def paced(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Forecast every unit of every window that is open, and say whom to remind first.

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
    now.sort(key=lambda row: (row["slot"], row["unit_type"], row["unit_id"], row["group_set_id"], row["group_id"]))
    told = []
    for _, window in groupby(now, key=lambda row: row["slot"]):
        whole, groups = _parted(window)
        found = [(row, _forecast(row, known.get((row["instrument_id"], row["unit_type"]), []))) for row in whole]
        places = _places(found, groups)
        told += [_told(row, each) | {"nudge": places.get((row["unit_id"], _ALL, _ALL))} for row, each in found]
        told += [_of_group(row, place) for row in groups if (place := places.get(_named(row))) is not None]
    return told


_ALL = "all"


def _named(row: Row) -> tuple[str, str, str]:
    return (row["unit_id"], row["group_set_id"], row["group_id"])


def _parted(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows of whole units, and those of groups."""
    held = list(rows)
    return [row for row in held if row["group_set_id"] == _ALL], [row for row in held if row["group_set_id"] != _ALL]


def _places(found: Sequence[tuple[Row, Forecast]], groups: Sequence[Row]) -> dict[tuple[str, str, str], int]:
    """Return the place of each school and group on the list of whom to remind."""
    schools = [(_standing(row), told) for row, told in found if row["unit_type"] == "school"]
    if not schools:
        return {}
    names = {str(number): _named(row) for number, row in enumerate(groups)}
    asked = [
        Group(row["unit_id"], str(number), row["n_eligible"], row["n_usable"]) for number, row in enumerate(groups)
    ]
    listed = nudges(schools, asked, _threshold(found[0][0]))
    return {names.get(each.group_id, (each.unit_id, _ALL, _ALL)): place for place, each in enumerate(listed, 1)}


def _library(windows: Mapping[tuple[str, str], Sequence[Row]]) -> list[Past]:
    """Return what past windows show, all schools of a level together."""
    found = []
    for (_, level), rows in sorted(windows.items()):
        came = [share for row in rows for share in row["came_at"]]
        found.append(past_window(level, came, sum(row["n_eligible"] for row in rows)))
    return [each for each in found if each is not None]


def _threshold(row: Row) -> Fraction:
    return Fraction(row["threshold_numerator"] or 0, row["threshold_denominator"] or 1)


def _standing(row: Row) -> Standing:
    return Standing(row["unit_id"], row["level"], row["n_eligible"], row["n_usable"])


def _forecast(row: Row, library: Sequence[Past]) -> Forecast:
    return forecast(_standing(row), Moment(row["elapsed"], _threshold(row)), library)


def _told(row: Row, found: Forecast) -> dict[str, Any]:
    n, is_known = row["n_eligible"], found.certainty == "forecast"
    return {
        **{name: row[name] for name in _NAMES},
        "pace_expected": _percent(found.expected, n) if is_known else None,
        "forecast_low": _percent(found.low, n),
        "forecast_median": _percent(found.median, n),
        "forecast_high": _percent(found.high, n),
        "certainty": found.certainty,
    }


def _of_group(row: Row, place: int) -> dict[str, Any]:
    """Return the row of a group that is far behind its school; what it will come to is not forecast."""
    return {**dict.fromkeys(PACE_COLUMNS), **{name: row[name] for name in _NAMES}, "nudge": place}


def _percent(count: float, n: int) -> float:
    return math.floor(100 * count / n + 0.5) / 100
