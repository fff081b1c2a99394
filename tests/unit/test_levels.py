"""Weeks of schools against their own level: rows for the warehouse, what alerts are told of them, and how they read."""

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from aimline.disclosure import PATTERN_COLUMNS
from aimline.signals import Judged, Labels, tell_alerts
from aimline.signals.level_news import decided, decided_on, evaluations_of
from aimline.signals.levels import TEST_COLUMNS, level_tests, over_at
from aimline.signals.warehouse_tests import watched_too

START = date(2026, 8, 28)
WEEKS, BASELINE = 22, 12
SCHOOLS = [f"01{number:02d}" for number in range(6)]


def series(drop: float = 0.0, missing: tuple[tuple[str, int], ...] = (), late: int = 2) -> dict[str, Any]:
    """Return the weeks of six schools that share a winter; the first school falls by so much after the baseline."""
    noise = np.random.default_rng(3).normal(0, 0.004, (len(SCHOOLS), WEEKS))
    rows = []
    winter = [0.02 if week >= BASELINE else 0.0 for week in range(WEEKS)]
    for at, unit in enumerate(SCHOOLS):
        for week in range(WEEKS):
            if (unit, week) in missing:
                continue
            rate = 0.94 + noise[at, week] - winter[week] - (drop if at == 0 and week >= BASELINE + late else 0)
            rows.append((unit, "school", week, rate * 2000, 2000.0, 400))
    unit, kind, week, numerator, denominator, people = zip(*rows, strict=True)
    n = len(rows)
    columns: dict[str, Any] = {
        "figure_id": [f"fig_{u}_{w}" for u, w in zip(unit, week, strict=True)],
        "indicator_id": ["attendance_rate"] * n,
        "unit_type": kind,
        "unit_id": unit,
        "group_id": ["all"] * n,
        "period_kind": ["week"] * n,
        "value_unit": ["share"] * n,
        "better": ["increase"] * n,
        "period_on": [np.datetime64(START + timedelta(weeks=w)) for w in week],
        "n_people": people,
        "numerator": numerator,
        "denominator": denominator,
        "smallest_change": [0.005] * n,
        "baseline": [BASELINE] * n,
        "periods_per_year": [36] * n,
        "min_denominator": [10] * n,
        "min_effect": [0.005] * n,
        "panel_no": [1] * n,
        "unit_no": [1 + SCHOOLS.index(each) for each in unit],
        "batch_no": [1 + w for w in week],
        "period_ix": week,
    }
    return {name: np.array(column) for name, column in columns.items()}


def told(rows: list[dict[str, Any]], *outlooks: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of alerts as the build writes them."""
    labels = Labels(
        {"attendance_rate": {"indicator_label": "Attendance", "owner_label": "Attendance lead", "next_step": "Call."}},
        {unit: f"School {unit}" for unit in SCHOOLS},
        {"all": "All students"},
    )
    ahead = {(row["indicator_id"], row["unit_id"], row["group_id"]): row for row in outlooks}
    return tell_alerts((), Judged((), rows, outlooks=ahead), labels, date(2027, 6, 1))


def test_every_monitored_week_has_a_row_and_the_columns_of_the_table() -> None:
    """Ten weeks after the baseline, six schools, all columns, twelve digits at most."""
    rows = level_tests(series())
    assert len(rows) == (WEEKS - BASELINE) * len(SCHOOLS)
    assert all(set(row) == set(TEST_COLUMNS) for row in rows)
    assert {row["control"] for row in rows} == {"fixed_limit"}
    assert {row["n_tests"] for row in rows} == {len(SCHOOLS)}


def test_order_of_rows_changes_nothing() -> None:
    """The same series in another order give the same rows."""
    made = series(0.03)
    shuffled = np.random.default_rng(9).permutation(len(made["unit_id"]))
    assert level_tests({name: column[shuffled] for name, column in made.items()}) == level_tests(made)


def test_fall_of_one_school_is_told_once_with_its_levels() -> None:
    """The alert says since when, before and now, how many students, the rule and the baseline."""
    events = told(level_tests(series(0.03)))
    mine = [event for event in events if event["unit_id"] == SCHOOLS[0]]
    assert [event["event_type"] for event in mine if event["event_type"] != "ongoing"] in (["new"], ["new", "worsened"])
    assert {event["kind"] for event in mine} == {"concern"}
    assert {event["unit_id"] for event in events if event["kind"] == "concern"} == {SCHOOLS[0]}
    sentence = mine[-1]["sentence"]
    assert sentence.startswith("Attendance at School 0100 has been lower since ")
    assert "now, 94% before" in sentence
    assert "students a day). Look first at this: all schools moved the same way" in sentence
    assert "Rule: weighted average, a fixed number of false alerts a year; compared with" in sentence
    assert sentence.endswith("the first 12 weeks of the school year. Owner: Attendance lead. Next: Call.")
    assert mine[0]["p_adjusted"] is None


def test_rise_is_for_the_better() -> None:
    """Improvements and concerns are kinds of their own."""
    kinds = {(row["unit_id"], row["kind"]) for row in level_tests(series(-0.03)) if row["tier"] == "alert"}
    assert kinds == {(SCHOOLS[0], "improvement")}


def test_winter_that_all_schools_share_is_no_alert_of_any() -> None:
    """What all schools share is taken away, from four schools on."""
    assert {row["tier"] for row in level_tests(series())} <= {"none", "watch"}


def test_small_effects_are_watched_and_not_told() -> None:
    """An effect below what matters is no alert, however sure."""
    made = series(0.03) | {"min_effect": np.full(WEEKS * len(SCHOOLS), 0.5)}
    assert {row["tier"] for row in level_tests(made)} == {"none", "watch"}


@pytest.mark.parametrize("gap", [15, 16])
def test_hidden_week_holds_an_alert_and_the_next_cannot_tell(gap: int) -> None:
    """A gap is no evidence either way, and gives no reason; two weeks in a row that are seen tell again."""
    rows = level_tests(series(0.03, missing=((SCHOOLS[0], gap),)))
    mine = [each for each in evaluations_of(rows) if each.unit_id == SCHOOLS[0]]
    by_day = {each.period_on: each for each in mine}
    hidden, after, later = (by_day[START + timedelta(weeks=gap + n)] for n in range(3))
    assert (hidden.is_hidden, hidden.p) == (True, None)
    assert (after.is_hidden, after.p, after.is_selected) == (False, None, False)
    assert later.p is not None
    assert "fig" not in repr(hidden)


def test_no_series_no_rows() -> None:
    """A district that tests nothing has an empty table."""
    made = {name: column[:0] for name, column in series().items()}
    assert level_tests(made) == []


def test_short_baseline_is_insufficient() -> None:
    """A school seen in four weeks of the baseline is not tested, and its rows are empty."""
    rows = level_tests(series(0.03, missing=tuple((SCHOOLS[0], week) for week in range(8))))
    mine = [row for row in rows if row["unit_id"] == SCHOOLS[0]]
    assert {(row["tier"], row["p"], row["kind"]) for row in mine} == {("insufficient", None, None)}
    assert not [each for each in told(rows) if each["unit_id"] == SCHOOLS[0]]


def test_row_of_the_district_carries_what_was_fitted() -> None:
    """Each monitored week has one row of what all schools share: its test, season, common part and digests."""
    rows = [row for row in level_tests(series(), district_id="d") if row["unit_type"] == "district"]
    assert len(rows) == WEEKS - BASELINE
    assert {(row["unit_id"], row["n_units"], row["fit_id"][:20]) for row in rows} == {("d", 6, "attendance_rate|all|")}
    assert len({row["panel_id"] for row in rows}) == len(rows)
    assert [len(json.loads(row["common"])) for row in rows] == list(range(BASELINE + 1, WEEKS + 1))
    assert {row["kind"] for row in rows} == {"district"}


def test_departure_that_was_over_begins_from_nothing() -> None:
    """After the week in which an alert was resolved, the average holds nothing of before."""
    made = series(0.03)
    ended = {"event_type": "resolved", "unit_id": SCHOOLS[0], "indicator_id": "attendance_rate", "group_id": "all"}
    ended |= {"kind": "concern", "period_on": START + timedelta(weeks=17)}
    over = over_at(made, [ended])
    plain, reset = ([row for row in level_tests(each) if row["unit_id"] == SCHOOLS[0]] for each in (made, over))
    assert [row["p"] for row in plain][:6] == [row["p"] for row in reset][:6]
    assert reset[6]["changed_on"] == START + timedelta(weeks=18)
    assert plain[6]["changed_on"] < reset[6]["changed_on"]
    assert "is_over" not in over_at(made, [ended | {"kind": kind} for kind in ("off_path", "sudden", "peer")])


def test_weight_of_the_newest_week_is_the_declared_one() -> None:
    """With lambda 1 each week stands alone, so the average is its residual."""
    made = series(0.03)
    n = len(made["unit_id"])
    alone = level_tests(made | {"newest": np.full(n, 1.0)})
    assert {row["threshold"] for row in alone} != {row["threshold"] for row in level_tests(made)}
    assert [row["effect"] for row in alone] != [row["effect"] for row in level_tests(made)]


def test_spike_of_one_week_is_watched_where_it_is_asked_for() -> None:
    """One week far off puts a school on the watch list, never among the alerts."""
    made = series()
    at = np.flatnonzero((made["unit_id"] == SCHOOLS[0]) & (made["period_ix"] == WEEKS - 1))
    made["numerator"][at] -= 85.0
    asked = made | {"is_spike": np.full(len(made["unit_id"]), True)}
    tiers = [
        next(
            row["tier"]
            for row in level_tests(each)
            if row["unit_id"] == SCHOOLS[0] and row["period_on"] == START + timedelta(weeks=WEEKS - 1)
        )
        for each in (made, asked)
    ]
    assert tiers == ["none", "watch"]


@pytest.mark.parametrize(
    ("weekday", "expected"), [(None, date(2026, 9, 4)), ("mon", date(2026, 9, 7)), ("fri", date(2026, 9, 11))]
)
def test_week_is_decided_on_its_weekday(weekday: str | None, expected: date) -> None:
    """A week waits for the first declared weekday after it; without one its own night decides."""
    assert decided_on(date(2026, 9, 4), weekday) == expected


def test_week_that_is_not_decided_yet_tells_nothing() -> None:
    """Until the weekday comes, the newest week makes no event."""
    rows = level_tests(series(0.03))
    newest = max(row["period_on"] for row in rows)
    assert max(row["period_on"] for row in decided(rows, "mon", newest)) < newest
    assert decided(rows, "mon", newest + timedelta(days=3)) == rows


def test_alert_says_what_is_to_be_expected_of_the_year() -> None:
    """The sentence tells the chance to meet the target in words, with the value to expect; the rank rises with it."""
    ahead = {"indicator_id": "attendance_rate", "unit_id": SCHOOLS[0], "group_id": "all", "p_meet": 0.03,
             "median": 0.921, "lo80": 0.91, "hi80": 0.93, "target": 0.95}  # fmt: skip
    plain, rows = level_tests(series(0.03)), level_tests(series(0.03), outlooks=[ahead])
    [before], [after] = ([row for row in each if row["unit_id"] == SCHOOLS[0]][-1:] for each in (plain, rows))
    assert (after["p_meet"], after["priority"]) == (0.03, pytest.approx(1.5 * before["priority"]))
    sentence = next(e["sentence"] for e in told(rows, ahead)[::-1] if e["unit_id"] == SCHOOLS[0] and e["sentence"])
    assert "Meeting the year's target of 95% is very unlikely: 92% is to be expected." in sentence
    near = ahead | {"median": 0.947}
    sentence = next(e["sentence"] for e in told(rows, near)[::-1] if e["unit_id"] == SCHOOLS[0] and e["sentence"])
    assert "Meeting the year's target of 95% is very unlikely: a little short of it is to be expected." in sentence


def test_jump_of_students_and_missing_weeks_are_named_as_causes() -> None:
    """A school that grew by half since the baseline, and one with a gap, say so."""
    made = series(0.03, missing=((SCHOOLS[1], 16),))
    grown = (made["unit_id"] == SCHOOLS[0]) & (made["period_ix"] >= BASELINE)
    made["n_people"][grown] *= 3
    newest = {row["unit_id"]: row["causes"] for row in level_tests(made)}
    assert "denominator_jump" in newest[SCHOOLS[0]]
    assert "denominator_jump" not in newest[SCHOOLS[1]]


def test_week_with_fewer_days_of_school_is_named_as_a_cause() -> None:
    """Three days of a week where five are usual: the calendar may be what changed, and no student left."""
    made = series(drop=0.05)
    short = (made["period_ix"] == WEEKS - 1) & (made["unit_id"] == SCHOOLS[0])
    for name in ("numerator", "denominator"):
        made[name] = np.where(short, made[name] * 0.6, made[name])
    newest = {row["unit_id"]: row["causes"] for row in level_tests(made)}
    assert newest[SCHOOLS[0]] == ["calendar_change"]
    assert "calendar_change" not in newest[SCHOOLS[1]]


@pytest.mark.parametrize(("begun", "is_named"), [(3, True), (WEEKS - 1, True), (-1, False), (WEEKS, False)])
def test_definition_that_began_after_the_baseline_is_named_as_a_cause(begun: int, is_named: bool) -> None:
    """One from before the series, or of a day that is not there yet, made nothing."""
    made = series(drop=0.05)
    days = sorted({str(day)[:10] for day in made["period_on"]})
    told = {-1: "2020-01-01", WEEKS: "2099-01-01"}.get(begun) or days[begun]
    newest = {row["unit_id"]: row["causes"] for row in level_tests({**made, "definition_from": _all(made, told)})}
    assert ("definition_change" in newest[SCHOOLS[0]]) is is_named


def _all(made: dict[str, Any], told: str) -> Any:
    return np.array([told] * len(made["period_on"]), dtype=object)


def test_newest_figure_of_which_its_chart_tells_is_watched() -> None:
    """A rule of a chart explains; it puts the newest figure on the watch list, none before it, and raises no alert."""
    made = series()
    charted = {each for each in made["figure_id"] if each.startswith(f"fig_{SCHOOLS[2]}_")}
    plain, told = ({(row["unit_id"], row["period_on"]): row["tier"] for row in each}
                   for each in (level_tests(made), watched_too(level_tests(made), charted)))  # fmt: skip
    newest = (SCHOOLS[2], START + timedelta(weeks=WEEKS - 1))
    assert (plain[newest], told[newest]) == ("none", "watch")
    assert {**told, newest: "none"} == plain


def test_tests_are_of_one_class_while_one_pattern_hides_cells_from_everybody() -> None:
    """Nobody sees a cell that others do not, so no test is of one audience; a pattern of readers needs classes."""
    assert not {name for name in PATTERN_COLUMNS if "audience" in name or "reader" in name}
    assert {row["class_id"] for row in level_tests(series(), district_id="d")} == {"public"}
