"""Forecast how many students of a school, the district or a group will be chronically absent: rows in, rows out.

How one of them is forecast is ``chronic``. What is known of a single student comes in and does not go out.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimline.signals.chronic import Assumed, Past, Students, learned, learned_shift, outlook
from aimline.signals.drift import Columns
from aimline.signals.outlooks import chance_shown, status_of, with_month_before
from aimline.signals.status import WITHOUT_YEAR
from aimline.signals.tested import day_of, stored

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class _Told:
    """The students of one indicator, of this year and of the one before."""

    columns: Columns

    def of(self, *names: str, where: Flags | Places) -> list[NDArray[np.float64]]:
        """Return numbers of some of the students."""
        return [self.columns[name][where].astype(float) for name in names]

    def past(self, where: Flags | Places) -> Past:
        """Return some of last year's students."""
        return Past(*self.of("absent", "member", "rest_absent", "rest", where=where))

    @cached_property
    def is_member(self) -> Flags:
        """Say who has, or will have, as many days as the definition asks for."""
        return np.asarray(self.columns["member"] + self.columns["rest"] >= self.columns["min_member_days"])


def chronic_outlooks(students: Columns) -> list[dict[str, Any]]:
    """Forecast this year's rate of every series.

    Args:
        students: The columns of ``int_signals__students``.

    Returns:
        Rows of ``outlooks.OUTLOOK_COLUMNS``, by indicator and series.
    """
    indicators = students["indicator_id"].astype(str)
    return [
        row
        for name in np.unique(indicators)
        for row in _of_indicator(_Told({key: each[indicators == name] for key, each in students.items()}))
    ]


def _of_indicator(told: _Told) -> Iterator[dict[str, Any]]:
    columns, is_now = told.columns, told.columns["is_now"].astype(bool)
    threshold = Fraction(int(columns["test_numerator"][0]), int(columns["test_denominator"][0]))
    assumed = Assumed(threshold, is_above=bool(columns["is_above"][0]))
    was = ~is_now & told.is_member
    assumed = learned(told.past(was), assumed)
    schools = (told.past(where) for where in _by_series(told, was))
    assumed = replace(assumed, shift_sd=learned_shift(schools, assumed))
    for where in _by_series(told, is_now):
        yield _row(told, where, assumed)


def _by_series(told: _Told, where: Flags) -> Iterator[Places]:
    """Yield where the students of each series stand, series by series."""
    places = np.flatnonzero(where)
    numbers = told.columns["series_no"][places]
    order = np.argsort(numbers, kind="stable")
    yield from np.split(places[order], np.flatnonzero(np.diff(numbers[order])) + 1) if len(places) else ()


def with_months_before(rows: list[dict[str, Any]], students: Columns) -> list[dict[str, Any]]:
    """Return outlooks with their chances as they were a month before, where they are low.

    Args:
        rows: What ``chronic_outlooks`` told.
        students: The columns of ``int_signals__students`` at the end of the month before.
    """
    before = {(row["indicator_id"], row["unit_id"], row["group_id"]): row for row in chronic_outlooks(students)}
    found = []
    for row in rows:
        was = before.get((row["indicator_id"], row["unit_id"], row["group_id"]))
        is_asked = was is not None and was["reason"] not in WITHOUT_YEAR
        found.append(with_month_before(row, was["period_on"], was["p_meet"]) if was and is_asked else row)
    return found


def _row(told: _Told, where: Places, assumed: Assumed) -> dict[str, Any]:
    columns, first = told.columns, int(where[0])
    target = float(columns["target"][first])
    members = where[told.is_member[where]]
    seen = Students(*told.of("absent", "member", "rest", "school_rate", where=members))
    found = outlook(seen, Fraction(0 if math.isnan(target) else target).limit_denominator(10**9), assumed)
    row = {
        "indicator_id": str(columns["indicator_id"][first]),
        "unit_id": str(columns["unit_id"][first]),
        "group_id": str(columns["group_id"][first]),
        "school_year": int(columns["school_year"][first]),
        "period_on": day_of(columns["period_on"][first]),
        "n_seen": int(columns["n_seen"][first]),
        "n_periods": int(columns["n_days"][first]),
        "p_meet": None if math.isnan(target) else stored(found.p_meet),
        "chance": None if math.isnan(target) else chance_shown(found.p_meet),
        "median": stored(found.median),
        "lo80": stored(found.low),
        "hi80": stored(found.high),
        "target": stored(target),
        "note": None,
        "before_on": None,
        "p_before": None,
    }
    rule = {name: columns[name][first] for name in ("direction", "smallest_change", "on_track", "watch", "baseline")}
    return row | status_of(rule, row, int(columns["n_months"][first]))
