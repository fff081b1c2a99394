"""Lay the months of an indicator out by series, year and place, for what reads whole histories of them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from aimline.signals.forecast import History
from aimline.signals.tested import day_of

Row = Mapping[str, Any]
Series = tuple[str, str]
"""A unit and a group of it."""


@dataclass(frozen=True)
class Months:
    """The months of one indicator: rows of ``int_signals__months``, of whole years before and of this one."""

    rows: Sequence[Row]

    @cached_property
    def this_year(self) -> int:
        """Return the school year that runs."""
        return int(max(row["this_year"] for row in self.rows))

    @cached_property
    def n_years(self) -> int:
        """Return how many years before this one are known."""
        return self.this_year - min(int(row["school_year"]) for row in self.rows)

    @cached_property
    def per_year(self) -> int:
        """Return the months of a school year."""
        return 1 + max(int(row["position_ix"]) for row in self.rows)

    @cached_property
    def seen(self) -> int:
        """Return how many months of this year have passed; 0 before the first."""
        return max(
            (1 + int(row["position_ix"]) for row in self.rows if row["school_year"] == self.this_year), default=0
        )

    def schools(self, group_id: str = "all") -> list[Series]:
        """Return the schools with months of a group, in the order of the rows of a history."""
        return sorted({_series(row) for row in self.rows if _is_school(row) and row["group_id"] == group_id})

    @cached_property
    def groups(self) -> list[str]:
        """Return the groups that schools have months of."""
        return sorted({str(row["group_id"]) for row in self.rows if _is_school(row)})

    @cached_property
    def wholes(self) -> list[Series]:
        """Return what all schools are part of: the district, and groups of it."""
        return sorted({_series(row) for row in self.rows if not _is_school(row)})

    def last_day(self, seen: int) -> date:
        """Return the last day of so many months of this year."""
        return max(
            day_of(row["period_on"])
            for row in self.rows
            if row["school_year"] == self.this_year and row["position_ix"] < seen
        )

    def history(self, seen: int, series: Sequence[Series]) -> History:
        """Return numerators and denominators of series with so many months of this year; NaN where one is missing."""
        at = {each: number for number, each in enumerate(series)}
        first_year, per_year = self.this_year - self.n_years, self.per_year
        d, n = np.full((2, len(at), self.n_years * per_year + seen), np.nan)
        for row in self.rows:
            column = (row["school_year"] - first_year) * per_year + row["position_ix"]
            if (number := at.get(_series(row))) is not None and column < d.shape[1]:
                d[number, column], n[number, column] = row["numerator"], row["denominator"]
        return History(d, n, per_year)


def _series(row: Row) -> Series:
    return str(row["unit_id"]), str(row["group_id"])


def _is_school(row: Row) -> bool:
    return bool(row["unit_type"] == "school")


def by_indicator(rows: Iterable[Row]) -> dict[str, Months]:
    """Sort months by their indicator, in the order of its id."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[str(row["indicator_id"])].append(row)
    return {name: Months(found[name]) for name in sorted(found)}
