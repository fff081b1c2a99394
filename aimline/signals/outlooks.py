"""Forecast the year of every school from its months: rows in, rows out. How a forecast is made is ``forecast``."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aimline.signals.status import Rule, Year, judge_year

Row = Mapping[str, Any]

OUTLOOK_COLUMNS: dict[str, str] = {
    **dict.fromkeys(("indicator_id", "unit_id", "group_id"), "varchar"),
    "school_year": "integer",
    "period_on": "date",
    **dict.fromkeys(("n_seen", "n_periods"), "integer"),
    **dict.fromkeys(("p_meet", "chance", "median", "lo80", "hi80", "target"), "double"),
    **dict.fromkeys(("note", "status", "reason"), "varchar"),
}


_STEP, _LEAST = 20, 0.05


def chance_shown(p_meet: float | None) -> float | None:
    """Return a chance as pages show it: in steps of five percent, and never below the first nor above the last."""
    if p_meet is None or math.isnan(p_meet):
        return None
    return min(max(round(p_meet * _STEP) / _STEP, _LEAST), 1 - _LEAST)


def status_of(told: Row, outlook: Row, n_seen: int) -> dict[str, str | None]:
    """Return the status of a year by its forecast, and why it cannot be told.

    Args:
        told: direction, smallest_change, on_track, watch and baseline of the indicator and school.
        outlook: p_meet, lo80, hi80 and target.
        n_seen: Months of the year that were seen.
    """
    baseline = told["baseline"]
    begun = None if baseline is None or math.isnan(baseline) else float(baseline)
    year = Year(outlook["p_meet"], outlook["lo80"], outlook["hi80"], outlook["target"], begun, n_seen)
    status, reason = judge_year(year, Rule(told["direction"], told["smallest_change"], told["on_track"], told["watch"]))
    return {"status": status, "reason": reason or None}


def outlooks(months: Iterable[Row], district_id: str) -> list[dict[str, Any]]:
    """Forecast this year's rate of every school of every indicator.

    Args:
        months: Rows of ``int_signals__months``, of whole years before and of this one.
        district_id: Names the draws, which all schools of a day share.

    Returns:
        Rows of ``OUTLOOK_COLUMNS``; none before a month of this year was seen.
    """
    by_indicator: dict[str, list[Row]] = defaultdict(list)
    for row in months:
        by_indicator[row["indicator_id"]].append(row)
    return [row for name in sorted(by_indicator) for row in _of_indicator(by_indicator[name], district_id)]


def _of_indicator(rows: Sequence[Row], district_id: str) -> list[dict[str, Any]]:
    import numpy as np

    from aimline.signals.forecast import History, Question, forecast
    from aimline.signals.tested import stored

    this_year = max(row["this_year"] for row in rows)
    now = [row for row in rows if row["school_year"] == this_year]
    first_year = min(row["school_year"] for row in rows)
    per_year = 1 + max(row["position_ix"] for row in rows)
    if not now or first_year == this_year:
        return []
    seen = 1 + max(row["position_ix"] for row in now)
    units = sorted({row["unit_id"] for row in rows})
    at = {unit: number for number, unit in enumerate(units)}
    shape = (len(units), (this_year - first_year) * per_year + seen)
    numerator, denominator, target = np.full(shape, np.nan), np.full(shape, np.nan), np.full(len(units), np.nan)
    for row in rows:
        place = (at[row["unit_id"]], (row["school_year"] - first_year) * per_year + row["position_ix"])
        numerator[place], denominator[place] = row["numerator"], row["denominator"]
        target[place[0]] = np.nan if row["target"] is None else row["target"]
    newest = max(row["period_on"] for row in now)
    question = Question(target, now[0]["direction"] == "lower", key=f"{district_id}|{rows[0]['indicator_id']}|{newest}")
    found = forecast(History(numerator, denominator, per_year), question)
    rules = {row["unit_id"]: row for row in rows}
    told = [
        {
            "indicator_id": rows[0]["indicator_id"],
            "unit_id": unit,
            "group_id": "all",
            "school_year": this_year,
            "period_on": newest,
            "n_seen": int(found.n_seen[number]),
            "n_periods": per_year,
            "p_meet": stored(found.p_meet[number]),
            "chance": chance_shown(found.p_meet[number]),
            "median": stored(found.median[number]),
            "lo80": stored(found.low[number]),
            "hi80": stored(found.high[number]),
            "target": stored(target[number]),
            "note": found.note[number] or None,
        }
        for unit, number in at.items()
    ]
    return [row | status_of(rules[row["unit_id"]], row, row["n_seen"]) for row in told]
