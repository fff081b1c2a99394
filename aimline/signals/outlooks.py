"""Forecast the year of schools, the district and their groups from months: rows in, rows out; how is ``forecast``."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aimline.signals.episodes import OFF_BELOW
from aimline.signals.status import MIN_PERIODS, Rule, Year, judge_year

if TYPE_CHECKING:
    from aimline.signals.forecast import Forecast
    from aimline.signals.months import Months, Series

Row = Mapping[str, Any]

OUTLOOK_COLUMNS: dict[str, str] = {
    **dict.fromkeys(("indicator_id", "unit_id", "group_id"), "varchar"),
    "school_year": "integer",
    "period_on": "date",
    **dict.fromkeys(("n_seen", "n_periods"), "integer"),
    **dict.fromkeys(("p_meet", "chance", "median", "lo80", "hi80", "target"), "double"),
    **dict.fromkeys(("note", "status", "reason"), "varchar"),
    "before_on": "date",
    "p_before": "double",
}
"""``p_before``: the chance from what a month less tells; asked only where the newest is low."""

_STEP, _LEAST, _SLACK = 20, 0.05, 1e-9


def chance_shown(p_meet: float | None) -> float | None:
    """Return a chance as pages show it: in steps of five percent, and never below the first nor above the last.

    Rounded down, so that a chance shown as 80% is one that a status calls on track.
    """
    if p_meet is None or math.isnan(p_meet):
        return None
    return min(max(math.floor(p_meet * _STEP + _SLACK) / _STEP, _LEAST), 1 - _LEAST)


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
    """Forecast this year's rate of every series of every indicator.

    Args:
        months: Rows of ``int_signals__months``, of whole years before and of this one.
        district_id: Names the draws, which all series of a day share.

    Returns:
        Rows of ``OUTLOOK_COLUMNS``; none before a month of this year was seen.
    """
    rows = list(months)
    if not rows:  # what lays months out loads numpy
        return []
    from aimline.signals.months import by_indicator

    return [row for name, found in by_indicator(rows).items() for row in _of_indicator(name, found, district_id)]


def is_low(row: Row) -> bool:
    """Say whether a year is unlikely to meet its target, so that the month before has to be asked too."""
    return row["p_meet"] is not None and row["p_meet"] < OFF_BELOW


def _of_indicator(name: str, months: "Months", district_id: str) -> Iterator[dict[str, Any]]:
    """Yield the outlooks of schools, group by group, and those of what they are part of."""
    if not months.seen or not months.n_years:
        return
    key = f"{district_id}|{name}"
    for group in months.groups:
        yield from _of_panel(name, _Panel(months, key, months.schools(group)))
    for whole in months.wholes:
        yield from _of_panel(name, _Panel(months, key, [whole], months.schools()))


@dataclass(frozen=True)
class _Panel:
    """Series that are forecast together, or one of which others are parts."""

    months: "Months"
    key: str
    series: "Sequence[Series]"
    parts: "Sequence[Series]" = ()

    @cached_property
    def rules(self) -> "dict[Series, Row]":
        """A row of months of each series."""
        return {(str(row["unit_id"]), str(row["group_id"])): row for row in self.months.rows}

    @cached_property
    def target(self) -> Any:
        """The target of each series; NaN for none."""
        import numpy as np

        return np.array([self.rules[each]["target"] for each in self.series], dtype=float)

    def forecast(self, seen: int) -> "Forecast":
        """Forecast the year from so many months of it."""
        from aimline.signals.forecast import Question, forecast

        months = self.months
        question = Question(
            self.target, months.rows[0]["direction"] == "lower", key=f"{self.key}|{months.last_day(seen)}"
        )
        parts = months.history(seen, self.parts) if self.parts else None
        return forecast(months.history(seen, self.series), question, parts)


def _of_panel(name: str, panel: _Panel) -> list[dict[str, Any]]:
    from aimline.signals.tested import stored

    months, found = panel.months, panel.forecast(panel.months.seen)
    newest_on = months.last_day(months.seen)
    told: list[dict[str, Any]] = [
        {
            "indicator_id": name,
            "unit_id": unit,
            "group_id": group,
            "school_year": months.this_year,
            "period_on": newest_on,
            "n_seen": int(found.n_seen[number]),
            "n_periods": months.per_year,
            "p_meet": stored(found.p_meet[number]),
            "chance": chance_shown(found.p_meet[number]),
            "median": stored(found.median[number]),
            "lo80": stored(found.low[number]),
            "hi80": stored(found.high[number]),
            "target": stored(panel.target[number]),
            "note": found.note[number] or None,
            "before_on": None,
            "p_before": None,
        }
        for number, (unit, group) in enumerate(panel.series)
    ]
    if months.seen > MIN_PERIODS and any(map(is_low, told)):
        before = panel.forecast(months.seen - 1)
        was_on = months.last_day(months.seen - 1)
        told = [with_month_before(row, was_on, stored(p_meet)) for row, p_meet in zip(told, before.p_meet, strict=True)]
    return [row | status_of(panel.rules[row["unit_id"], row["group_id"]], row, row["n_seen"]) for row in told]


def with_month_before(row: dict[str, Any], on: date, p_meet: float | None) -> dict[str, Any]:
    """Return a low outlook with the chance as it was a month before; any other as it is."""
    return row | {"before_on": on, "p_before": p_meet} if is_low(row) and p_meet is not None else row
