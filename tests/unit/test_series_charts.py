"""Charts of the series of the warehouse: the declared chart and rules, limits of the baseline, phases by a person."""

from datetime import date, timedelta
from typing import Any

import pytest

from aimline.signals.series_charts import POINT_COLUMNS, chart_points


def series(values: list[float], **given: Any) -> list[dict[str, Any]]:
    """Return the weeks of one school as rows of ``int_signals__series``."""
    row = {
        "indicator_id": "attendance_rate",
        "unit_id": "0101",
        "group_id": "all",
        "period_kind": "week",
        "denominator": 1000.0,
        "baseline": 12,
        "better": "increase",
        "chart": "pp",
        "rules": "anhoej",
    }
    days = (date(2026, 9, 4) + timedelta(weeks=week) for week in range(len(values)))
    return [
        row | {"figure_id": f"fig_{day}", "period_on": day, "numerator": value * 1000} | given
        for day, value in zip(days, values, strict=True)
    ]


USUAL = [0.94, 0.95, 0.93, 0.95, 0.94, 0.93, 0.95, 0.94, 0.93, 0.94, 0.95, 0.94]


def test_limits_come_from_the_baseline_and_a_fall_is_outside() -> None:
    """Twelve weeks set centre and limits; three weeks far below are told by their rule."""
    points = chart_points(series([*USUAL, 0.80, 0.80, 0.80]))
    assert {point["center"] for point in points} == {0.940833333333}
    assert [point["rule"] for point in points][-3:] == ["outside"] * 3
    assert {(point["chart"], point["preset"], point["is_provisional"]) for point in points} == {("pp", "anhoej", False)}
    assert all(set(point) == set(POINT_COLUMNS) for point in points)


def test_rules_of_the_nhs_tell_the_special_cause_and_the_assurance() -> None:
    """With a target above the limits the level fails consistently, and the last point's kind is the variation."""
    rows = series([*USUAL, 0.80], rules="nhs")
    points = chart_points(rows, targets={("attendance_rate", "0101", "all"): 0.99})
    assert (points[-1]["rule"], points[-1]["point_type"]) == ("Below LCL", "special_cause_concern")
    assert {(point["variation_type"], point["assurance_type"]) for point in points} == {
        ("special_cause_concern", "consistent_fail")
    }


@pytest.mark.parametrize(("rules", "flag"), [("western-electric", "WE1"), ("nelson", "N1")])
def test_zone_rules_name_their_flags(rules: str, flag: str) -> None:
    """A point beyond three sigma carries the number of its rule."""
    points = chart_points(series([*USUAL, 0.80], rules=rules, chart="i"))
    assert points[-1]["rule"].split(", ")[0] == flag


def test_rebase_begins_a_phase_of_few_points_that_is_provisional() -> None:
    """From the day a person names, centre and limits are anew; below twelve points they are provisional."""
    rebase = {"indicator_id": "attendance_rate", "unit_id": "0101", "from_on": "2026-11-27"}
    points = chart_points(series([*USUAL, 0.80, 0.81, 0.80]), [rebase])
    assert [point["phase"] for point in points] == [1] * 12 + [2] * 3
    assert (points[-1]["center"], points[-1]["is_provisional"]) == (pytest.approx(0.8033333), True)


def test_few_points_have_no_icon() -> None:
    """Below twelve points the page says that there are not enough."""
    points = chart_points(series(USUAL[:6], rules="nhs"))
    assert {(point["variation_type"], point["assurance_type"]) for point in points} == {("not_enough_data", None)}


def test_definition_that_changed_begins_a_phase_and_an_older_one_none() -> None:
    """What is counted anew has limits of its own; a definition from before the first point leaves the baseline."""
    rows = series([*USUAL, *USUAL])
    assert {point["phase"] for point in chart_points([row | {"definition_from": "2026-12-01"} for row in rows])} == {
        1,
        2,
    }
    assert chart_points([row | {"definition_from": "2025-07-01"} for row in rows]) == chart_points(rows)


def test_rebase_before_the_first_point_leaves_the_limits_of_the_baseline() -> None:
    """A level that began anew last year says nothing of the points of this one."""
    rows = series([*USUAL, 0.80, 0.80, 0.80])
    old = [{"indicator_id": "attendance_rate", "unit_id": "0101", "from_on": "2025-10-03"}]
    assert chart_points(rows, old) == chart_points(rows)


def test_a_year_apart_begins_a_phase_with_its_first_figure() -> None:
    """What comes after last year's last day has limits of its own; a year that is not apart keeps the old ones."""
    rows = series([*USUAL, *(value - 0.1 for value in USUAL)])
    last_on = rows[11]["period_on"] + timedelta(days=3)
    points = chart_points(rows, apart={("attendance_rate", "0101"): last_on})
    assert [point["phase"] for point in points] == [1] * 12 + [2] * 12
    assert points[-1]["center"] == pytest.approx(0.840833333333)
    assert {point["phase"] for point in chart_points(rows, apart={("attendance_rate", "0102"): last_on})} == {1}
