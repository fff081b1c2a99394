"""Single school days beside the forty before them: one school far off, all of them at once, and days as usual."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from aimline.signals.daily import day_tests
from aimline.signals.episodes import advance
from aimline.signals.explain import DriftFacts, drift_sentence
from aimline.signals.level_news import evaluations_of
from aimline.signals.phrases import english

N_SCHOOLS = 12
DAYS = [day for day in (date(2026, 9, 7) + timedelta(days=n) for n in range(80)) if day.weekday() < 5][:50]


def columns(seed: int = 3, n_bad: int = 1, **changed: float) -> dict[str, Any]:
    """Return fifty days of twelve schools; ``s05`` or ``all`` gives the share of some days up to the last but one."""
    rng = np.random.default_rng(seed)
    rows = []
    for unit in range(N_SCHOOLS):
        for at, day in enumerate(DAYS):
            usual = 0.94 - 0.01 * (day.weekday() == 4) + 0.002 * unit + rng.normal(0, 0.004)
            told = (
                changed.get(f"s{unit:02d}", changed.get("all")) if len(DAYS) - 2 - n_bad < at <= len(DAYS) - 2 else None
            )
            rows.append((f"{unit:04d}", day, 400, rng.binomial(400, told or usual)))
    unit, day, member, present = (np.array(each) for each in zip(*rows, strict=True))
    n = len(rows)
    same = {"indicator_id": "attendance_rate", "value_unit": "share", "better": "increase"}
    return {name: np.array([each] * n) for name, each in same.items()} | {
        "unit_id": unit,
        "on_date": day,
        "n_people": member.astype(float),
        "n_member": member.astype(float),
        "n_present": present.astype(float),
        "smallest_change": np.full(n, 0.005),
    }


def selected(tests: list[dict[str, Any]]) -> set[tuple[str, date]]:
    """Return whose day is told."""
    return {(row["unit_id"], row["period_on"]) for row in tests if row["tier"] == "alert"}


def test_one_school_far_below_is_told_with_its_day_and_nobody_else() -> None:
    """A school at 78% on one day, where the weeks before led to expect 94%."""
    tests = day_tests(columns(s05=0.78), "riverbend")
    assert selected(tests) == {("0005", DAYS[-2])}
    [row] = [row for row in tests if row["tier"] == "alert"]
    assert (row["kind"], row["period_kind"], row["control"], row["n_tests"]) == ("sudden", "day", "bh", N_SCHOOLS)
    assert row["level_after"] < 0.82
    assert row["level_before"] > 0.92


def test_many_schools_on_one_day_are_one_event_of_the_district() -> None:
    """A storm in all schools raises the district's event and none of a school."""
    assert selected(day_tests(columns(all=0.80), "riverbend")) == {("riverbend", DAYS[-2])}


def test_a_bad_week_is_told_day_by_day_and_does_not_become_usual() -> None:
    """A day is set beside the week before its own, so the fourth bad day of a week is as unusual as the first."""
    assert selected(day_tests(columns(n_bad=4, all=0.80), "riverbend")) == {("riverbend", day) for day in DAYS[-5:-1]}


@pytest.mark.parametrize("seed", range(20, 26))
def test_usual_days_tell_nothing(seed: int) -> None:
    """Ten days of twelve schools without any event."""
    assert selected(day_tests(columns(seed), "riverbend")) == set()


def test_a_day_for_the_better_is_watched_and_never_told() -> None:
    """Nobody has to act on a day on which nearly all were there."""
    tests = day_tests(columns(s05=0.999), "riverbend")
    assert selected(tests) == set()
    assert {row["unit_id"] for row in tests if row["tier"] == "watch"} == {"0005"}


def test_later_days_do_not_change_an_answer() -> None:
    """What was told of a day stands when the next ones are known."""
    whole = columns(s05=0.78)
    early = {name: each[whole["on_date"] < DAYS[-1]] for name, each in whole.items()}
    shared = {row["figure_id"]: row for row in day_tests(whole, "riverbend")}
    assert all(shared[row["figure_id"]] == row for row in day_tests(early, "riverbend"))


def test_fewer_than_forty_days_are_not_tested() -> None:
    """At the start of a year nothing is usual yet."""
    whole = columns(s05=0.78)
    early = {name: each[whole["on_date"] <= DAYS[39]] for name, each in whole.items()}
    assert day_tests(early, "riverbend") == []


def test_a_sudden_day_is_an_alert_of_its_own_that_ends_after_two_usual_days() -> None:
    """It begins on its day; a departure of weeks from the level is another alert."""
    whole = columns(s05=0.78)
    later = {name: np.r_[each, each[whole["on_date"] == DAYS[0]]] for name, each in whole.items()}
    usual = (whole["on_date"] == DAYS[0]).sum()
    later["on_date"][-usual:] = DAYS[-1] + timedelta(days=3)
    events = advance([], evaluations_of(day_tests(later, "riverbend")), DAYS[-1] + timedelta(days=3))
    assert [(event.key[0], event.key[3], event.event_type) for event in events] == [
        ("0005", "sudden", "new"),
        ("0005", "sudden", "expired"),
    ]


def facts(**given: Any) -> DriftFacts:
    """Return what a sentence says, shares of a school."""
    whose = {"indicator": "Attendance", "unit": "Adams", "group": "", "value_unit": "share"}
    return DriftFacts(**whose, before=0.94, after=0.78, students=40.0, changed_on=DAYS[-2], **given)


def test_sentence_of_a_day_has_its_date_and_no_figure_of_it() -> None:
    """Figures of single days are published nowhere, so a sentence tells the day and the way."""
    told = english(
        drift_sentence(facts(state="new", is_controlled=True, period_kind="day", n_baseline=40, kind="sudden"))
    )
    assert told.startswith(
        "Attendance at Adams was far below on November 12, 2026 what the weeks before led to expect."
    )
    assert "%" not in told


def test_sentence_of_entries_has_no_figure_either() -> None:
    """How many became chronically absent in a month is published nowhere."""
    given = {"is_controlled": True, "period_kind": "month", "n_baseline": 10, "is_of_entries": True}
    assert english(drift_sentence(facts(state="new", **given))).startswith(
        "Attendance at Adams: fewer students a month are new"
    )
    assert english(drift_sentence(facts(state="resolved", **given))) == "Attendance at Adams is back to what is usual."
