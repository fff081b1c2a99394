"""Turn the tests of series into what the state machine of alerts is told. Pure; the tests are ``levels``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aimline.signals.alert_states import CHANGE
from aimline.signals.episodes import Evaluation

REOPENS_WITHIN = {"day": 1, "week": 4, "month": 2, "window": 1, "term": 1}
_STAND_ALONE = frozenset({"window", "term"})
_KINDS_APART = frozenset({"day", "term"})
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def decided_on(period_on: date, weekday: str | None) -> date:
    """Return the day on which a week is decided: the first such weekday after it, or its own last day."""
    if weekday is None:
        return period_on
    wait = (_WEEKDAYS.index(weekday) - period_on.weekday() - 1) % len(_WEEKDAYS) + 1
    return period_on + timedelta(days=wait)


def decided(tests: Iterable[Mapping[str, Any]], weekday: str | None, as_of: date) -> list[Mapping[str, Any]]:
    """Return the tests that are decided on a day; those of a week wait for their weekday."""
    return [row for row in tests if row["period_kind"] != "week" or decided_on(row["period_on"], weekday) <= as_of]


@dataclass(frozen=True)
class _Series:
    """One series with all periods that its indicator was tested in."""

    rows: Sequence[Mapping[str, Any]]
    days: Sequence[date]


def evaluations_of(tests: Iterable[Mapping[str, Any]]) -> Iterator[Evaluation]:
    """Yield what the state machine of alerts is told of tests: gaps hold an alert, and nobody can tell after one."""
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    days: dict[tuple[str, str], set[date]] = {}
    for row in tests:
        kind = row["period_kind"] if row["period_kind"] in _KINDS_APART else ""
        found.setdefault((row["unit_id"], row["indicator_id"], row["group_id"], kind), []).append(row)
        days.setdefault((row["indicator_id"], row["period_kind"]), set()).add(row["period_on"])
    for key in sorted(found):
        rows = sorted(found[key], key=lambda row: row["period_on"])
        wanted = days[rows[0]["indicator_id"], rows[0]["period_kind"]]
        if rows[0]["period_kind"] == "day":  # a school that is closed on a day has nothing to hide
            wanted = {row["period_on"] for row in rows}
        yield from _evaluations(_Series(rows, sorted(day for day in wanted if day >= rows[0]["period_on"])))


def _evaluations(series: _Series) -> Iterator[Evaluation]:
    by_day = {row["period_on"]: row for row in series.rows}
    first = series.rows[0]
    place = (first["unit_id"], first["indicator_id"], first["group_id"])
    was_gap = False
    for day in series.days:
        row = by_day.get(day)
        if row is None or row["p"] is None:
            yield Evaluation(*place, day, None, None, kind=_last_kind(series, day), is_hidden=True)
            was_gap = first["period_kind"] not in _STAND_ALONE
            continue
        p = None if was_gap else row["p"]
        yield Evaluation(
            *place,
            day,
            p,
            row["effect"],
            kind=row["kind"],
            is_selected=row["tier"] == "alert" and not was_gap,
            is_wave=row["period_kind"] in _STAND_ALONE,
            reopens_within=REOPENS_WITHIN[row["period_kind"]],
            details=_details(row),
        )
        was_gap = False


def _last_kind(series: _Series, day: date) -> str:
    """Return the kind a hidden period is written down under: that of the period before."""
    known = [row["kind"] for row in series.rows if row["period_on"] < day and row["kind"]]
    return str(known[-1]) if known else CHANGE


def _details(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event keeps of its test, for the sentence and the record."""
    names = ("p_adjusted", "z", "level_before", "level_after", "students_equivalent", "priority", "expected_false")
    told = {name: row[name] for name in (*names, "control", "n_tests", "effect_low", "effect_high", "n_baseline")}
    told |= {name: None if row[name] is None else str(row[name]) for name in ("baseline_from", "baseline_to")}
    told |= {"causes": sorted(row["causes"] or ()), "changed_on": str(row["changed_on"])}
    told |= {name: row[name] for name in ("period_kind", "value_unit", "fit_id")}
    return told | {"is_earlier_baseline": bool(row["is_baseline_dated"])}
