"""The year of every school from its months, as rows of the warehouse."""

from datetime import date
from typing import Any

import numpy as np

from aimline.demo.forecastable import G, forecast_panel
from aimline.signals.forecast import History, Question, forecast
from aimline.signals.outlooks import OUTLOOK_COLUMNS, chance_shown, outlooks


def months(seen: int, units: int = 12) -> tuple[list[dict[str, Any]], np.ndarray, np.ndarray]:
    """Return rows of ``int_signals__months`` of two whole years and some months, and what they are made of."""
    panel = forecast_panel(G, 3, units)
    rows = [
        {
            "indicator_id": "absence",
            "direction": "lower",
            "unit_type": "school",
            "unit_id": f"{u:02d}",
            "group_id": "all",
            "this_year": 2027,
            "school_year": 2025 + t // 10,
            "position_ix": t % 10,
            "period_on": date(2025 + t // 10, 1 + t % 10, 28),
            "numerator": panel.absent[u, t],
            "denominator": panel.days[u, t],
            "target": panel.target[u],
            "smallest_change": 0.01,
            "on_track": 0.8,
            "watch": 0.5,
            "baseline": None,
        }
        for u in range(units)
        for t in range(20 + seen)
    ]
    return rows, panel.absent[:, : 20 + seen], panel.days[:, : 20 + seen]


def test_rows_give_what_the_engine_gives() -> None:
    """Months in any order are laid out by school, year and place; every school has its row."""
    rows, absent, days = months(4)
    found = outlooks(rows[::-1], "riverbend")
    target = np.array([row["target"] for row in found])
    told = forecast(
        History(absent, days, 10), Question(target, lower_is_better=True, key=f"riverbend|absence|{date(2027, 4, 28)}")
    )
    assert [row["p_meet"] for row in found] == told.p_meet.tolist()
    assert {(row["n_seen"], row["n_periods"]) for row in found} == {(4, 10)}
    assert all(set(row) == set(OUTLOOK_COLUMNS) for row in found)


def test_the_district_and_groups_have_rows_of_their_own() -> None:
    """The district is forecast with its schools as parts, its group too; the group of schools is a panel by itself."""
    rows, absent, days = months(4)
    whole = [_of_all(row, absent, days) for row in rows if row["unit_id"] == "00"]
    learners = [row | {"group_id": "el"} for row in rows if row["unit_id"] < "05"]
    found = outlooks([*rows, *whole, *(row | {"group_id": "el"} for row in whole), *learners], "riverbend")
    assert [(row["unit_id"], row["group_id"]) for row in found] == [
        *((f"{u:02d}", "all") for u in range(12)),
        *((f"{u:02d}", "el") for u in range(5)),
        ("riverbend", "all"),
        ("riverbend", "el"),
    ]
    key = f"riverbend|absence|{date(2027, 4, 28)}"
    question = Question(np.array([0.07]), lower_is_better=True, key=key)
    together = History(absent.sum(axis=0)[None], days.sum(axis=0)[None], 10)
    expected = forecast(together, question, History(absent, days, 10))
    assert found[-2]["p_meet"] == expected.p_meet[0]
    group = forecast(
        History(absent[:5], days[:5], 10),
        Question(np.array([row["target"] for row in found[12:17]]), lower_is_better=True, key=key),
    )
    assert [row["p_meet"] for row in found[12:17]] == group.p_meet.tolist()


def _of_all(row: dict[str, Any], absent: np.ndarray, days: np.ndarray) -> dict[str, Any]:
    t = (row["school_year"] - 2025) * 10 + row["position_ix"]
    counted = {"numerator": absent[:, t].sum(), "denominator": days[:, t].sum()}
    return row | counted | {"unit_type": "district", "unit_id": "riverbend", "target": 0.07}


def test_first_year_has_none() -> None:
    """Without a year before there is nothing to expect a year by."""
    rows, _, _ = months(4)
    assert outlooks([row for row in rows if row["school_year"] == 2027], "riverbend") == []


def test_month_that_is_missing_is_no_zero() -> None:
    """A school without one month still has a forecast, and says how many were seen."""
    rows, _, _ = months(4)
    kept = [
        row for row in rows if not (row["unit_id"] == "03" and row["school_year"] == 2027 and row["position_ix"] == 1)
    ]
    found = {row["unit_id"]: row for row in outlooks(kept, "riverbend")}
    assert (found["03"]["n_seen"], found["03"]["p_meet"] is not None) == (3, True)


def test_status_is_that_of_the_chance() -> None:
    """The words of the declared thresholds, for the schools whose year is clear enough; one month is too early."""
    rows, _, _ = months(5, 40)
    found = outlooks([row | {"smallest_change": None} for row in rows], "riverbend")
    word = {
        row["unit_id"]: "on track" if row["p_meet"] >= 0.8 else "watch" if row["p_meet"] >= 0.5 else "off track"
        for row in found
    }
    assert {row["unit_id"]: row["status"] for row in found} == word
    assert len(set(word.values())) == 3
    early, _, _ = months(1)
    assert {(row["status"], row["reason"]) for row in outlooks(early, "riverbend")} == {
        ("cannot tell", "too_few_periods")
    }


def test_a_low_chance_is_asked_of_the_month_before_too() -> None:
    """By the same months less one; of a school that may well meet its target nothing more is asked."""
    rows, absent, days = months(4)
    found = outlooks(rows, "riverbend")
    target = np.array([row["target"] for row in found])
    question = Question(target, lower_is_better=True, key=f"riverbend|absence|{date(2027, 3, 28)}")
    before = forecast(History(absent[:, :-1], days[:, :-1], 10), question).p_meet
    low = [row["p_meet"] < 0.2 for row in found]
    assert 0 < sum(low) < len(low)
    assert [row["p_before"] for row in found] == [p if is_low else None for p, is_low in zip(before, low, strict=True)]
    assert {row["before_on"] for row, is_low in zip(found, low, strict=True) if is_low} == {date(2027, 3, 28)}


def test_a_shown_chance_is_none_that_its_status_denies() -> None:
    """Rounded down: 79% is watch, and is not shown as 80%."""
    assert [chance_shown(p) for p in (0.799, 0.8, 0.149, 0.01, 1.0)] == [0.75, 0.8, 0.1, 0.05, 0.95]
