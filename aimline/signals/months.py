"""Lay the months of an indicator's schools out by year and place, for what reads whole histories of them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from aimline.signals.forecast import History
from aimline.signals.tested import day_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Months:
    """The months of one indicator: rows of ``int_signals__months``, of whole years before and of this one."""

    rows: Sequence[Row]

    @property
    def this_year(self) -> int:
        """Return the school year that runs."""
        return int(max(row["this_year"] for row in self.rows))

    @property
    def n_years(self) -> int:
        """Return how many years before this one are known."""
        return self.this_year - min(int(row["school_year"]) for row in self.rows)

    @property
    def per_year(self) -> int:
        """Return the months of a school year."""
        return 1 + max(int(row["position_ix"]) for row in self.rows)

    @property
    def seen(self) -> int:
        """Return how many months of this year have passed; 0 before the first."""
        return max(
            (1 + int(row["position_ix"]) for row in self.rows if row["school_year"] == self.this_year), default=0
        )

    @property
    def units(self) -> list[str]:
        """Return the schools, in the order of the rows of a history."""
        return sorted({str(row["unit_id"]) for row in self.rows})

    def last_day(self, seen: int) -> date:
        """Return the last day of so many months of this year."""
        return max(
            day_of(row["period_on"])
            for row in self.rows
            if row["school_year"] == self.this_year and row["position_ix"] < seen
        )

    def history(self, seen: int) -> History:
        """Return numerators and denominators with so many months of this year; NaN where a month is missing."""
        at = {unit: number for number, unit in enumerate(self.units)}
        first_year, per_year = self.this_year - self.n_years, self.per_year
        d, n = np.full((2, len(at), self.n_years * per_year + seen), np.nan)
        for row in self.rows:
            place = at[str(row["unit_id"])], (row["school_year"] - first_year) * per_year + row["position_ix"]
            d[place], n[place] = row["numerator"], row["denominator"]
        return History(d, n, per_year)


def by_indicator(rows: Iterable[Row]) -> dict[str, Months]:
    """Sort months by their indicator, in the order of its id."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[str(row["indicator_id"])].append(row)
    return {name: Months(found[name]) for name in sorted(found)}
