"""Forecasts of open windows as rows: what past windows of the same survey teach, and how finely it is told."""

from typing import Any

from aimline.arrival.pacing import PACE_COLUMNS, paced


def row(slot: str, *, is_open: bool = False, **changes: Any) -> dict[str, Any]:
    """Return a row of ``int_survey__arrived`` of one elementary school."""
    told = {
        "slot": slot,
        "window_id": slot.partition(".")[0],
        "school_year": int(slot.partition(".")[2]),
        "instrument_id": "sel",
        "is_open": is_open,
        "threshold_numerator": 4,
        "threshold_denominator": 5,
        "unit_type": "school",
        "unit_id": "0101",
        "group_set_id": "all",
        "group_id": "all",
        "level": "elementary",
        "n_eligible": 100,
        "n_usable": 40,
        "came_at": [number / 80 for number in range(1, 81)],
        "elapsed": 0.5,
    }
    return told | changes


def test_a_window_half_over_is_held_against_the_last_one() -> None:
    """80 of 100 came evenly last year: 40 are usual at half time, and some 80 of 100 are to be expected."""
    (told,) = paced([row("fall.2026"), row("fall.2027", is_open=True)])
    assert tuple(told) == tuple(PACE_COLUMNS)
    assert (told["pace_expected"], told["certainty"]) == (0.4, "forecast")
    assert 0.6 < told["forecast_low"] < told["forecast_median"] < told["forecast_high"] < 1
    assert all(round(100 * told[name]) == 100 * told[name] for name in ("forecast_low", "forecast_high"))


def test_without_a_window_before_nothing_is_usual() -> None:
    """A forecast is made all the same, says that it cannot tell, and no other survey's rhythm stands in."""
    (told,) = paced([row("staff.2026", instrument_id="staff"), row("fall.2027", is_open=True)])
    assert (told["pace_expected"], told["certainty"]) == (None, "cannot_tell")


def test_a_window_that_is_over_is_not_forecast() -> None:
    """Only what is open tonight is told, and only where somebody is asked."""
    assert paced([row("fall.2026"), row("fall.2027", is_open=True, n_eligible=0, n_usable=0)]) == []


def test_whom_to_remind_first_is_told() -> None:
    """The school that will lack answers, then its group far behind it; neither a small group nor one that keeps up."""
    groups = [
        row("fall.2027", is_open=True, group_set_id="grade", group_id=name, n_eligible=n, n_usable=k)
        for name, n, k in (("3", 50, 10), ("4", 41, 29), ("5", 9, 1))
    ]
    wanted = {"threshold_numerator": 9, "threshold_denominator": 10}
    told = paced([row("fall.2026"), row("fall.2027", is_open=True, **wanted), *groups])
    assert [(each["group_id"], each["nudge"], each["forecast_low"] is None) for each in told] == [
        ("all", 1, False),
        ("3", 2, True),
    ]


def test_nobody_is_reminded_who_will_do() -> None:
    """A school that will reach the rate that is wanted has no place on the list."""
    (told,) = paced([row("fall.2026"), row("fall.2027", is_open=True, threshold_numerator=1)])
    assert told["nudge"] is None
