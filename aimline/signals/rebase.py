"""Begin a series' level anew: propose it where the data have settled, refuse it where it would hide a worsening. Pure.

Nothing here is ever done by itself: a person names the reason. Source: signals.md 15.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from aimline.signals.alert_states import ADVERSE, AlertState, Key
from aimline.signals.drift import Columns
from aimline.signals.nhs import Rule, judge_group

SETTLED = {"week": 8, "month": 6}
"""Periods in a row on one side of the old level after which a new one may be proposed."""

_ENOUGH_AHEAD = 12
REFUSED = (
    "Rebasing a worsening hides it. Give --ref with the cycle or decision that explains the new level, or leave the "
    "limits."
)


@dataclass(frozen=True)
class Proposal:
    """A series whose level has settled elsewhere."""

    indicator_id: str
    unit_id: str
    from_on: date
    n_periods: int
    level_before: float
    level_now: float


def proposals(series: Iterable[Mapping[str, Any]], tests: Iterable[Mapping[str, Any]]) -> list[Proposal]:
    """Return the series for which a new level may be proposed.

    Args:
        series: Rows of ``int_signals__series``.
        tests: Rows of ``levels.TEST_COLUMNS``.
    """
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    periods = (row for row in tests if row["period_kind"] in SETTLED)  # a wave or a day has no level to settle at
    for row in sorted(periods, key=lambda each: str(each["period_on"])):
        newest[row["indicator_id"], row["unit_id"]] = row
    points: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in sorted(series, key=lambda each: str(each["period_on"])):
        points.setdefault((row["indicator_id"], row["unit_id"]), []).append(row)
    found = (_proposal(row, points.get(key, [])) for key, row in sorted(newest.items()))
    return [each for each in found if each is not None]


def _proposal(test: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> Proposal | None:
    if test["tier"] != "alert":
        return None
    inside = [row for row in points if str(row["period_on"]) >= str(test["changed_on"])]
    rates = [float(row["numerator"] / row["denominator"]) for row in inside]
    before = test["level_before"]
    sides = {rate > before for rate in rates} | {rate >= before for rate in rates}
    if len(rates) < SETTLED[test["period_kind"]] or len(sides) != 1:
        return None
    if inside[0]["periods_per_year"] - inside[0]["period_ix"] < _ENOUGH_AHEAD:
        return None
    if any(judge_group(rates, Rule()).is_outside):
        return None
    now = float(np.mean(rates))
    return Proposal(test["indicator_id"], test["unit_id"], _day(test["changed_on"]), len(rates), before, now)


def hides_a_worsening(states: Mapping[Key, AlertState], indicator_id: str, unit_id: str) -> bool:
    """Say whether a series has a worsening that is not over: its rebase needs a cycle or a decision."""
    return any(
        key[:2] == (unit_id, indicator_id)
        and key[3] in ADVERSE
        and (state.is_open or state.state in {"closed", "held"})
        for key, state in states.items()
    )


def begun_anew(series: Columns, rebases: Iterable[Mapping[str, Any]]) -> Columns:
    """Return series in which each rebased unit begins at its day, by itself: its baseline is what follows.

    Args:
        series: The columns of ``int_signals__series``.
        rebases: indicator_id, unit_id and from_on of each; the newest of a series holds.
    """
    newest = {(str(each["indicator_id"]), str(each["unit_id"])): str(each["from_on"]) for each in rebases}
    if not newest or not len(series["figure_id"]):
        return series
    days = np.array([str(day)[:10] for day in series["period_on"]])
    panel, period = series["panel_no"].copy(), series["period_ix"].copy()
    keep = np.ones(len(panel), dtype=bool)
    for number, ((indicator_id, unit_id), day) in enumerate(sorted(newest.items()), int(panel.max()) + 1):
        mine = (series["indicator_id"] == indicator_id) & (series["unit_id"] == unit_id)
        keep &= ~(mine & (days < day))
        after = mine & (days >= day)
        if after.any():
            panel[after] = number
            period[after] -= period[after].min()
    changed = {**series, "panel_no": panel, "period_ix": period}
    return {name: column[keep] for name, column in changed.items()}


def _day(told: Any) -> date:
    return date.fromisoformat(str(told)[:10])
