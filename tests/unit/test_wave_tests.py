"""Waves of a survey against the same wave of last year, and occasions of a rubric against the one before."""

from datetime import date
from typing import Any

import pytest

from aimline.signals.level_news import evaluations_of
from aimline.signals.rubrics import rubric_tests
from aimline.signals.tested import TEST_COLUMNS
from aimline.signals.wave_tests import survey_tests

SCHOOLS = [f"01{number:02d}" for number in range(20)]


def wave(unit: str, year: int, number: int, value: float, **given: Any) -> dict[str, Any]:
    """Return one row of ``int_signals__waves``."""
    day = date(year - 1, 11, 13) if number == 1 else date(year, 1 + number, 5)
    row = {
        "figure_id": f"fig_{unit}_{year}_{number}",
        "indicator_id": "belonging",
        "signal_kind": "survey",
        "unit_type": "school",
        "unit_id": unit,
        "group_id": "all",
        "period_kind": "window",
        "period_on": day,
        "school_year": year,
        "is_current": year == 2027,
        "wave": number,
        "window_id": f"wave_{number}",
        "edition": "2026",
        "subject_id": "belonging",
        "value_unit": "share",
        "value": value,
        "se": 0.02,
        "n_people": 200,
        "n_answers": 800.0,
        "n_effective": 500.0,
        "smallest_change": 0.02,
        "min_effect": 0.0,
        "min_denominator": 10,
        "better": "increase",
    }
    return row | given


def waves(now: dict[str, float], shift: float = 0.0) -> list[dict[str, Any]]:
    """Return three waves of last year and one of this, in which some schools are elsewhere and all are shifted."""
    before = [wave(unit, 2026, number, 0.65) for unit in SCHOOLS for number in (1, 2, 3)]
    return before + [wave(unit, 2027, 1, now.get(unit, 0.65) + shift) for unit in SCHOOLS]


def test_school_that_fell_beside_the_others_is_told() -> None:
    """One school of twenty is an alert with its levels; the share of false ones is controlled over all of them."""
    rows = survey_tests(waves({SCHOOLS[3]: 0.45}), "d")
    told = [row for row in rows if row["tier"] == "alert"]
    assert [(row["unit_id"], row["kind"], row["control"]) for row in told] == [(SCHOOLS[3], "concern", "bh")]
    assert (told[0]["level_before"], round(told[0]["level_after"], 2)) == (0.65, 0.45)
    assert told[0]["effect_low"] < told[0]["effect"] < told[0]["effect_high"] < 0
    assert all(set(row) == set(TEST_COLUMNS) for row in rows)
    assert {row["n_tests"] for row in rows if row["unit_type"] == "school"} == {len(SCHOOLS)}


def test_change_of_all_schools_is_the_districts() -> None:
    """What all schools changed by is taken away and told once, as an event of the district."""
    rows = survey_tests(waves({}, -0.15), "d")
    assert [(row["unit_id"], row["kind"]) for row in rows if row["tier"] == "alert"] == [("d", "district")]


def test_other_edition_or_short_history_cannot_tell() -> None:
    """Another questionnaire, fewer than three waves before, or few answers: no test, and no number."""
    rows = waves({SCHOOLS[0]: 0.3, SCHOOLS[1]: 0.3})
    rows = [row for row in rows if row["unit_id"] != SCHOOLS[1] or row["wave"] != 3]
    rows = [row | ({"edition": "2027"} if row["unit_id"] == SCHOOLS[0] and row["is_current"] else {}) for row in rows]
    found = {row["unit_id"]: row for row in survey_tests(rows, "d")}
    assert {(found[unit]["tier"], found[unit]["p"]) for unit in SCHOOLS[:2]} == {("insufficient", None)}


def test_means_are_compared_by_their_own_errors() -> None:
    """A scale's mean has no counts; its standard errors decide."""
    rows = [
        row | {"value_unit": "score", "value": 3.0 - (row["is_current"] and row["unit_id"] == SCHOOLS[0])}
        for row in waves({})
    ]
    assert [row["unit_id"] for row in survey_tests(rows, "d") if row["tier"] == "alert"] == [SCHOOLS[0]]


def test_one_wave_decides_and_a_missing_one_before_it_holds_nothing_back() -> None:
    """A wave stands alone: it is selected by itself."""
    [mine] = [
        each for each in evaluations_of(survey_tests(waves({SCHOOLS[3]: 0.45}), "d")) if each.unit_id == SCHOOLS[3]
    ]
    assert (mine.is_wave, mine.is_selected, mine.needed_clear) == (True, True, 1)


def _levels(now: dict[str, int]) -> list[dict[str, Any]]:
    fall = [wave("0100", 2026, 1, 2.0, subject_id=item, signal_kind="rubric") for item in "abcd"]
    spring = [
        wave("0100", 2027, 1, float(now.get(item, 2)), subject_id=item, signal_kind="rubric", figure_id=f"fig_{item}")
        for item in "abcd"
    ]
    return fall + spring


def test_two_items_a_level_lower_tell_and_one_does_not() -> None:
    """A rubric has no chance: two items the same way are a concern, one is noise, two each way are undecided."""
    tiers = [
        [(row["tier"], row["kind"], row["effect"]) for row in rubric_tests(_levels(now))]
        for now in ({"a": 1, "b": 1}, {"a": 1}, {"a": 1, "b": 1, "c": 3, "d": 3}, {"a": 3, "b": 4})
    ]
    assert [each[0][0] for each in tiers] == ["alert", "none", "none", "alert"]
    assert (tiers[0][0], tiers[3][0]) == (("alert", "concern", -2.0), ("alert", "improvement", 2.0))


@pytest.mark.parametrize(("levels", "tier"), [("1212121212333333333333", "watch"), ("1212121212121212121212", "none")])
def test_long_run_of_a_rubric_is_watched(levels: str, tier: str) -> None:
    """Twelve occasions above the middle of twenty-two are no chance, and never pushed; levels that alternate are."""
    rows = [
        wave("0100", 2000 + n, 1, float(level), subject_id="a", signal_kind="rubric", is_current=n == len(levels) - 1)
        for n, level in enumerate(levels)
    ]
    [found] = rubric_tests(rows)
    assert (found["tier"], found["is_selected"]) == (tier, False)
