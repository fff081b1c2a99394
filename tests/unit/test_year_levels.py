"""A school year begins a phase of a chart only where the level is another one. Source: signals.md 15."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from aimline.demo.forecastable import G, forecast_panel
from aimline.signals.year_levels import years_apart

LAST = date(2026, 10, 28)


def months(years: int = 3, seen: int = 6, units: int = 300, moved: float = 1.0) -> list[dict[str, Any]]:
    """Return rows of ``int_signals__months``; the first school's absences of this year are so many times as many."""
    panel = forecast_panel(G, 8, units)
    absent = panel.absent.copy()
    absent[0, 20:] *= moved
    return [
        {
            "indicator_id": "absence",
            "unit_type": "school",
            "unit_id": f"{u:03d}",
            "group_id": "all",
            "this_year": 2027,
            "school_year": 2025 + t // 10,
            "position_ix": t % 10,
            "period_on": date(2025 + t // 10, 1 + t % 10, 28),
            "numerator": absent[u, t],
            "denominator": panel.days[u, t],
        }
        for u in range(units)
        for t in range((3 - years) * 10, 20 + seen)
    ]


def test_a_level_that_moved_far_is_another_one() -> None:
    """Twice the absences are beyond what years move by themselves; the year begins after last year's last month."""
    assert ("absence", "000") not in years_apart(months())
    assert years_apart(months(moved=2.0))["absence", "000"] == LAST


def test_about_one_stable_school_in_a_hundred_is_told_apart() -> None:
    """Two-sided one percent on the scale of what levels move from year to year."""
    assert len(years_apart(months())) <= 0.03 * 300


@pytest.mark.parametrize(("years", "seen"), [(2, 6), (3, 2)])
def test_without_two_years_or_three_months_nothing_is_told(years: int, seen: int) -> None:
    """With one year before nobody knows how far levels jump, and two months are no level."""
    assert years_apart(months(years, seen, moved=2.0)) == {}


def test_order_of_rows_does_not_matter() -> None:
    """A night and a whole build read months in orders of their own."""
    rows = months(moved=2.0)
    shuffled = [rows[at] for at in np.random.default_rng(1).permutation(len(rows))]
    assert years_apart(shuffled) == years_apart(rows)
