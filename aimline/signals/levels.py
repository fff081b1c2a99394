"""Test the series of the warehouse against their own levels: arrays in, rows out. The test itself is ``drift``."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from scipy.special import expit, logit

from aimline.signals.alert_states import CONCERN, DISTRICT, OF_THEIR_OWN
from aimline.signals.detector import LAMBDA, Policy, rounded_up
from aimline.signals.drift import Columns, PanelFit, PanelRule, evaluate_batches
from aimline.signals.rank import Weight, priority
from aimline.signals.tested import NUMBERS, PLACE, TEST_COLUMNS, day_of, kind_of, stored, tier_of, whole

__all__ = ["TEST_COLUMNS", "level_tests", "over_at", "policy_of"]

FEWEST_IN_COMMON = 4
"""Within one school year no season can be fitted, so what all schools share is taken away from so few schools on."""

_JUMP = 0.20
_MOSTLY = 0.5


@dataclass(frozen=True)
class _Told:
    """The series as they came, and what is the same for many rows."""

    series: Columns
    fits: Mapping[int, PanelFit]
    district_id: str
    parameters: Mapping[int, str]
    outlooks: Mapping[tuple[str, str, str], Mapping[str, Any]]

    @cached_property
    def first(self) -> dict[int, int]:
        """Return the first row of each panel."""
        numbers, rows = np.unique(self.series["panel_no"], return_index=True)
        return dict(zip(numbers.tolist(), rows.tolist(), strict=True))

    @cached_property
    def baselines(self) -> dict[int, dict[str, Any]]:
        """Return what the series of each panel are compared with: found once, for rows are many."""
        return {panel: _baseline(self, panel) for panel in self.first}

    @cached_property
    def days(self) -> dict[tuple[int, int], date]:
        """Return the last day of each period of a panel."""
        columns = (self.series[name] for name in ("panel_no", "period_ix", "period_on"))
        return {(int(panel), int(at)): day_of(day) for panel, at, day in zip(*columns, strict=True)}

    @cached_property
    def medians(self) -> dict[tuple[str, date], float]:
        """Return whom the schools' figures of an indicator and period are about, as a median."""
        series = self.series
        sizes: dict[tuple[str, date], list[float]] = {}
        for at in np.flatnonzero(series["unit_type"] == "school"):
            place = (str(series["indicator_id"][at]), day_of(series["period_on"][at]))
            sizes.setdefault(place, []).append(float(series["n_people"][at]))
        return {place: float(np.median(found)) for place, found in sizes.items()}

    @cached_property
    def sizes(self) -> Any:
        """Return how many people each figure is about, or its denominator: a short week has fewer days, not people."""
        people = self.series["n_people"].astype(float)
        return np.where(np.isfinite(people), people, self.series["denominator"])

    @cached_property
    def usual_sizes(self) -> dict[tuple[int, int], float]:
        """Return the mean size of each series over its baseline."""
        series = self.series
        base = series["period_ix"] < series["baseline"]
        found: dict[tuple[int, int], list[float]] = {}
        for at in np.flatnonzero(base):
            key = (int(series["panel_no"][at]), int(series["unit_no"][at]))
            found.setdefault(key, []).append(float(self.sizes[at]))
        return {key: float(np.mean(sizes)) for key, sizes in found.items()}

    def days_each(self, at: int) -> float:
        """Return the days a figure is of, a person; NaN where nobody knows how many people."""
        people = float(self.series["n_people"][at])
        return float(self.series["denominator"][at]) / people if people > 0 else math.nan

    @cached_property
    def usual_days(self) -> dict[tuple[int, int], float]:
        """Return the days of a usual period of each series: a week with fewer is another week."""
        series = self.series
        found: dict[tuple[int, int], list[float]] = {}
        for at in np.flatnonzero(series["period_ix"] < series["baseline"]):
            found.setdefault((int(series["panel_no"][at]), int(series["unit_no"][at])), []).append(
                self.days_each(int(at))
            )
        return {key: float(np.median(days)) for key, days in found.items()}

    @cached_property
    def seen(self) -> dict[tuple[int, int], set[int]]:
        """Return the periods in which each series has a figure."""
        found: dict[tuple[int, int], set[int]] = {}
        columns = (self.series[name].tolist() for name in ("panel_no", "unit_no", "period_ix"))
        for panel, unit, period in zip(*columns, strict=True):
            found.setdefault((panel, unit), set()).add(period)
        return found

    @cached_property
    def newest(self) -> dict[int, date]:
        """Return the last day of the newest period of each panel."""
        found: dict[int, date] = {}
        for (panel, _), day in self.days.items():
            found[panel] = max(day, found.get(panel, day))
        return found


def policy_of(district: Mapping[str, Any]) -> Policy:
    """Return how a district's tests become alerts, as it is declared."""
    q, watch_q = (
        district[f"{name}_numerator"] / district[f"{name}_denominator"] for name in ("signal_q", "signal_watch_q")
    )
    return Policy(q, watch_q, budget=district["n_signal_budget"])


def over_at(series: Columns, events: Iterable[Mapping[str, Any]]) -> Columns:
    """Return series that tell at which figure a departure was over: what comes after begins from nothing.

    Args:
        series: The columns of ``int_signals__series``.
        events: Events of the journal.
    """
    over = {
        (row["unit_id"], row["indicator_id"], row["group_id"], str(row["period_on"])[:10])
        for row in events
        if row["event_type"] == "resolved" and row["kind"] not in OF_THEIR_OWN
    }
    if not over:
        return series
    columns = (series[name] for name in ("unit_id", "indicator_id", "group_id", "period_on"))
    flags = [
        (unit, indicator, group, str(day)[:10]) in over for unit, indicator, group, day in zip(*columns, strict=True)
    ]
    return {**series, "is_over": np.array(flags, dtype=bool)}


def level_tests(
    series: Columns,
    policy: Policy | None = None,
    district_id: str = "",
    outlooks: Iterable[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Test every monitored period of every series.

    Args:
        series: The columns of ``int_signals__series``.
        policy: How tests become alerts.
        district_id: Whose the tests of what all units share are; empty for none of them.
        outlooks: Rows of ``outlooks.OUTLOOK_COLUMNS``: the year to expect stands with the newest period.

    Returns:
        Rows of ``TEST_COLUMNS``, by day, indicator and unit.
    """
    if not len(series["figure_id"]):
        return []
    rules = _rules(series)
    evaluated = evaluate_batches(series, rules, policy)
    names = {number: sha256(repr((rule, policy)).encode()).hexdigest() for number, rule in rules.items()}
    ahead = {(row["indicator_id"], row["unit_id"], row["group_id"]): row for row in outlooks}
    told = _Told(series, {fit.panel_no: fit for fit in evaluated.fits}, district_id, names, ahead)
    found = evaluated.columns
    rows = [_row(told, {name: column[at] for name, column in found.items()}) for at in range(len(found["row"]))]
    if district_id:
        rows += [row for number in sorted(told.fits) for row in _district_rows(told, number)]
    order = ("period_on", "indicator_id", "unit_id", "group_id")
    return [whole(row) for row in sorted(rows, key=lambda row: tuple(row[name] for name in order))]


def _rules(series: Columns) -> dict[int, PanelRule]:
    numbers, first = np.unique(series["panel_no"], return_index=True)
    return {
        int(number): PanelRule(
            int(series["baseline"][at]),
            int(series["periods_per_year"][at]),
            "proportion",
            float(series["min_denominator"][at]),
            float(series["min_effect"][at]),
            FEWEST_IN_COMMON,
            float(series["newest"][at]) if "newest" in series else LAMBDA,
            bool(series["is_spike"][at]) if "is_spike" in series else False,
        )
        for number, at in zip(numbers, first, strict=True)
    }


def _row(told: _Told, test: Mapping[str, Any]) -> dict[str, Any]:
    series, at = told.series, int(test["row"])
    panel = int(series["panel_no"][at])
    row: dict[str, Any] = {name: str(series[name][at]) for name in PLACE}
    row |= {name: stored(test[name]) for name in NUMBERS}
    is_tested = row["p"] is not None
    people = stored(series["n_people"][at])
    row |= {
        "class_id": "public",
        "period_on": day_of(series["period_on"][at]),
        "tier": tier_of(
            is_tested=is_tested,
            is_selected=bool(test["is_selected"]),
            is_watched=bool(test["is_watched"]),
        ),
        "is_selected": bool(test["is_selected"]),
        "kind": kind_of(row["better"], row["effect"]) if is_tested else None,
        "control": "fixed_limit" if test["is_fixed_limit"] else "bh",
        "changed_on": told.days[panel, int(test["changed_ix"])] if is_tested else None,
        "n_tests": int(test["n_tests"]),
        "expected_false": rounded_up(float(test["expected_false"])),
        "n_people": None if people is None else int(people),
        "students_equivalent": stored(abs(row["effect"]) * people) if is_tested and people is not None else None,
        "causes": _causes(told, test) if is_tested else [],
        "fit_id": _fit_id(told, panel, int(series["period_ix"][at])),
        **told.baselines[panel],
    }
    ahead = _ahead(told, row) if told.newest[panel] == row["period_on"] else {}
    return row | ahead | {"priority": _priority(told, row | ahead, stored(series["smallest_change"][at]))}


def _ahead(told: _Told, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be expected of the year of a series' newest figure."""
    found = told.outlooks.get((row["indicator_id"], row["unit_id"], row["group_id"]))
    return {name: found[name] for name in ("p_meet", "median", "lo80", "hi80")} if found else {}


def _baseline(told: _Told, panel: int) -> dict[str, Any]:
    """Return what a series is compared with: how many periods, and their first and last day."""
    first = told.first[panel]
    n = int(told.series["baseline"][first])
    days = [told.days[panel, at] for at in range(n) if (panel, at) in told.days]
    dated = told.series.get("is_baseline_dated")
    return {
        "n_baseline": n,
        "baseline_from": days[0] if days else None,
        "baseline_to": days[-1] if days else None,
        "is_baseline_dated": dated is not None and bool(dated[first]),
    }


def _causes(told: _Told, test: Mapping[str, Any]) -> list[str]:
    """Name what may have made a departure beside what it seems to be."""
    series, at = told.series, int(test["row"])
    key, period = (int(series["panel_no"][at]), int(series["unit_no"][at])), int(series["period_ix"][at])
    usual, size = told.usual_sizes.get(key, 0.0), float(told.sizes[at])
    wanted = range(int(test["changed_ix"]), period + 1)
    shared = next((each["shift"] for each in told.fits[key[0]].district if each["period_ix"] == period), 0.0)
    own = float(test["shift"])
    days, usual_days = told.days_each(at), told.usual_days.get(key, 0.0)
    checks = (
        ("definition_change", _is_defined_anew(told, at)),
        ("calendar_change", usual_days > 0 and abs(days - usual_days) > _JUMP * usual_days),
        ("denominator_jump", usual > 0 and abs(size - usual) > _JUMP * usual),
        ("missing_periods", any(each not in told.seen[key] for each in wanted)),
        ("common_part", own + shared != 0 and abs(shared) > _MOSTLY * abs(own + shared)),
    )
    return [name for name, holds in checks if holds]


def _is_defined_anew(told: _Told, at: int) -> bool:
    """Say whether the definition of a figure began after its baseline did."""
    begun = told.series.get("definition_from")
    if begun is None or not begun[at]:
        return False
    first = told.days[int(told.series["panel_no"][at]), 0]
    return bool(first < date.fromisoformat(str(begun[at])) <= day_of(told.series["period_on"][at]))


def _priority(told: _Told, row: Mapping[str, Any], smallest: float | None) -> float | None:
    if row["p"] is None:
        return None
    p = row["p"] if row["p_adjusted"] is None else row["p_adjusted"]
    people = told.medians.get((row["indicator_id"], row["period_on"]))
    size = (row["effect"], smallest, row["n_people"], people)
    return stored(priority(Weight(p, *size, is_concern=row["kind"] == CONCERN, p_meet=row.get("p_meet"))))


def _fit_id(told: _Told, panel: int, period: int) -> str:
    first = told.first[panel]
    names = (str(told.series[name][first]) for name in ("indicator_id", "group_id"))
    return "|".join((*names, str(told.days[panel, period])))


def _district_rows(told: _Told, number: int) -> list[dict[str, Any]]:
    """Return the test of what all units of a panel share in each monitored period, with what was fitted until then."""
    fit = told.fits[number]
    series = told.series
    here = np.flatnonzero(series["panel_no"] == number)
    first = int(here[0])
    if fit.n_units < FEWEST_IN_COMMON:
        return []
    base = here[series["period_ix"][here] < series["baseline"][first]]
    level = float(series["numerator"][base].sum() / series["denominator"][base].sum())
    tests = {each["period_ix"]: each for each in fit.district}
    panels = _panel_ids(series, here)
    place = {name: str(series[name][first]) for name in PLACE}
    periods = sorted({int(at) for at in series["period_ix"][here]} - set(range(int(series["baseline"][first]))))
    shared = (fit, level, place)
    return [_district_row(told, shared, (number, at), (tests.get(at), panels[at])) for at in periods]


def _district_row(
    told: _Told, shared: tuple[PanelFit, float, dict[str, str]], at: tuple[int, int], made: tuple[Any, str]
) -> dict[str, Any]:
    fit, level, place = shared
    number, period = at
    test, panel_id = made
    day, is_tested = told.days[at], test is not None
    effect = float(expit(logit(level) + test["shift"]) - level) if is_tested else float("nan")
    is_selected = is_tested and bool(test["is_signal"])
    return place | {
        "class_id": "public",
        "figure_id": "|".join(("common", place["indicator_id"], place["group_id"], str(day))),
        "unit_type": "district",
        "unit_id": told.district_id,
        "period_on": day,
        "effect": stored(effect),
        "p": stored(test["p"]) if is_tested else None,
        "threshold": stored(test["limit"]) if is_tested else None,
        "level_before": stored(level),
        "level_after": stored(level + effect),
        "tier": tier_of(is_tested=is_tested, is_selected=is_selected, is_watched=False),
        "kind": DISTRICT if is_tested else None,
        "control": "fixed_limit",
        "is_selected": is_selected,
        "changed_on": told.days[number, test["since_ix"]] if is_tested else None,
        "n_tests": 1,
        "expected_false": 0,
        "causes": [],
        "fit_id": _fit_id(told, number, period),
        "season": json.dumps([stored(each) for each in fit.season]),
        "common": json.dumps([stored(each) for each in fit.common[: period + 1]]),
        "d0": stored(fit.d0),
        "s0_sq": stored(fit.s0_sq),
        "rho": stored(fit.rho),
        "n_units": fit.n_units,
        "parameters_sha256": told.parameters[number],
        "panel_id": panel_id,
        **told.baselines[number],
    }


def _panel_ids(series: Columns, here: Any) -> dict[int, str]:
    """Return the digest of the rows of a panel that were known at each period."""
    order = here[np.lexsort((series["unit_id"][here].astype(str), series["period_ix"][here]))]
    digest, found = sha256(), {}
    for at in order.tolist():
        cells = (series["unit_id"][at], series["period_ix"][at], series["numerator"][at], series["denominator"][at])
        digest.update("|".join(map(str, cells)).encode() + b"\n")
        found[int(series["period_ix"][at])] = digest.hexdigest()[:16]
    return found
