"""Chart every series of the warehouse by the chart and rules its indicator declares: rows in, rows out.

A chart explains; it raises no alert by itself but one: limits that stay on the wrong side of the target. Limits come
from the baseline, anew from each day a person let a series begin anew. What a chart is, is ``charts`` and ``nhs``.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from aimline.signals.charting import Ask, chart_table
from aimline.signals.charts import NEED_N, WITHOUT_SIGMA, Setting
from aimline.signals.nhs import COMMON, MIN_BASELINE, Judged, Rule, assurance, judge_group
from aimline.signals.series import Facet, Layout, Observation, Reading, arrange
from aimline.signals.tested import day_of, stored

Row = Mapping[str, Any]

PROVISIONAL_BELOW = 12
"""Limits of fewer points are provisional, and no icon is shown of them."""

_RUNS_FROM = 10  # points from which a page tells of runs
_SUMMARY = ("n_useful", "longest_run", "longest_run_max", "n_crossings", "n_crossings_min")
_NO_RUNS = dict.fromkeys(_SUMMARY)

POINT_COLUMNS: dict[str, str] = {
    **dict.fromkeys(("figure_id", "indicator_id", "unit_id", "group_id", "period_kind"), "varchar"),
    "period_on": "date",
    "phase": "integer",
    **dict.fromkeys(("y", "center", "limit_low", "limit_high", "near_low", "near_high"), "double"),
    **dict.fromkeys(("rule", "point_type"), "varchar"),
    **dict.fromkeys(("is_excluded", "is_provisional"), "boolean"),
    **dict.fromkeys(("chart", "preset"), "varchar"),
    **dict.fromkeys(_SUMMARY, "integer"),
    "runs_signal": "boolean",
    **dict.fromkeys(("variation_type", "assurance_type"), "varchar"),
}


def chart_points(
    series: Iterable[Row],
    rebases: Iterable[Row] = (),
    targets: Mapping[tuple[str, str, str], float] | None = None,
    apart: Mapping[tuple[str, str], date] | None = None,
) -> list[dict[str, Any]]:
    """Return every point of every chart; a phase begins where a person let it, the definition did, or a year apart.

    Args:
        series: Rows of ``int_signals__series``.
        rebases: indicator_id, unit_id and from_on of the series a person let begin anew.
        targets: Indicator, unit and group -> this year's target.
        apart: Indicator and unit -> last day of last year, of those whose level of this year is another one.

    Returns:
        Rows of ``POINT_COLUMNS``, by series and period.
    """
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in series:
        found[row["indicator_id"], row["unit_id"], row["group_id"]].append(row)
    begun: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in rebases:
        begun[each["indicator_id"], each["unit_id"]].append(str(each["from_on"]))
    points: list[dict[str, Any]] = []
    for key in sorted(found):
        rows = sorted(found[key], key=lambda row: day_of(row["period_on"]))
        target = (targets or {}).get(key, math.nan)
        told = {*begun.get(key[:2], ()), str(rows[0].get("definition_from") or "")}
        told |= _year_begun(rows, (apart or {}).get(key[:2]))
        first = _text(day_of(rows[0]["period_on"]))  # what began before the series cuts nothing off it
        points += _points(rows, sorted(day for day in told if day > first), target)
    return points


def _year_begun(rows: Sequence[Row], last_on: date | None) -> set[str]:
    """Return the day of the first figure after a day; nothing where there is none."""
    after = [day_of(row["period_on"]) for row in rows if last_on and day_of(row["period_on"]) > last_on]
    return {_text(after[0])} if after else set()


def _points(rows: Sequence[Row], begun: Sequence[str], target: float) -> list[dict[str, Any]]:
    """Return the points of one series."""
    first = rows[0]
    drawn = _by_nhs(rows, begun, target) if first["rules"] == "nhs" else _by_chart(rows, begun)
    sizes: dict[int, int] = defaultdict(int)
    for each in drawn:
        sizes[each["phase"]] += 1
    same = {name: first[name] for name in ("indicator_id", "unit_id", "group_id", "period_kind")}
    same |= {"is_excluded": False, "preset": first["rules"]}
    for row, each in zip(rows, drawn, strict=True):
        each.update(same)
        each["figure_id"], each["period_on"] = row["figure_id"], day_of(row["period_on"])
        each["is_provisional"] = sizes[each["phase"]] < PROVISIONAL_BELOW
        if each["is_provisional"] and each["variation_type"]:
            each |= {"variation_type": "not_enough_data", "assurance_type": None}
    return drawn


def _facet(rows: Sequence[Row], *, has_n: bool) -> Facet:
    days = [_text(day_of(row["period_on"])) for row in rows]
    pairs = [(row["numerator"], row["denominator"]) for row in rows]
    if has_n:
        observed = [Observation("", day, day, y, n) for day, (y, n) in zip(days, pairs, strict=True)]
    else:
        observed = [
            Observation("", day, day, y / n if n else math.nan) for day, (y, n) in zip(days, pairs, strict=True)
        ]
    [facet] = arrange(observed, Reading(has_n))
    return facet


@lru_cache(maxsize=8192)
def _text(day: date) -> str:
    return day.isoformat()


def _by_chart(rows: Sequence[Row], begun: Sequence[str]) -> list[dict[str, Any]]:
    first = rows[0]
    kind, preset = str(first["chart"]), str(first["rules"])
    zones = (preset,) if preset in {"western-electric", "nelson"} and kind not in WITHOUT_SIGMA else ()
    has_n = kind in NEED_N or kind == "ip"
    freeze = int(first["baseline"]) if len(rows) > first["baseline"] else None
    ask = Ask(kind, "date", layout=Layout((), tuple(begun), freeze), setting=Setting(not zones), presets=zones)
    table = chart_table([_facet(rows, has_n=has_n)], ask)
    flags = tuple(ask.flags)
    return [_chart_point(dict(zip(table.columns, cells, strict=True)), ask, flags) for cells in table.rows]


def _chart_point(cells: Mapping[str, Any], ask: Ask, flags: Sequence[str]) -> dict[str, Any]:
    told = [name for name in flags if cells[name]]
    told += ["outside"] if cells["sigma_signal"] and not ask.presets else []
    if cells["runs_signal"] and cells["n_useful"] >= _RUNS_FROM and not ask.presets:
        told.append("runs")
    return {
        "phase": cells["part"],
        "y": stored(cells["y"]),
        "center": stored(cells["cl"]),
        "limit_low": stored(cells["lcl"]),
        "limit_high": stored(cells["ucl"]),
        "near_low": stored(cells["lcl_95"]),
        "near_high": stored(cells["ucl_95"]),
        "rule": ", ".join(told) or None,
        "point_type": "signal" if told else "common_cause",
        "chart": ask.kind,
        **{name: cells[name] for name in _SUMMARY},
        "runs_signal": bool(cells["runs_signal"] and cells["n_useful"] >= _RUNS_FROM),
        "variation_type": None,
        "assurance_type": None,
    }


def _by_nhs(rows: Sequence[Row], begun: Sequence[str], target: float) -> list[dict[str, Any]]:
    """Chart by the rules of NHS Making Data Count; a group begins at the first row from each day on."""
    first = rows[0]
    days = [_text(day_of(row["period_on"])) for row in rows]
    found = {next((at for at, day in enumerate(days) if day >= each), 0) for each in begun}
    freeze = int(first["baseline"]) if MIN_BASELINE <= first["baseline"] < len(rows) else None
    rule = Rule(str(first["better"]), target, freeze)  # type: ignore[arg-type]
    rates = [row["numerator"] / row["denominator"] for row in rows]
    points: list[dict[str, Any]] = []
    for number, (start, end) in enumerate(pairwise([*sorted(found | {0}), len(rows)]), 1):
        values = rates[start:end]
        points += _nhs_points(number, values, judge_group(values, rule), rule if end == len(rows) else None)
    return points


def _nhs_points(number: int, values: Sequence[float], judged: Judged, latest: Rule | None) -> list[dict[str, Any]]:
    """Return the points of one rebase group; assurance is told of the latest alone."""
    near = [judged.mean + way * (judged.upl - judged.mean) * 2 / 3 for way in (-1, 1)]
    same = {
        "phase": number,
        "center": stored(judged.mean),
        "limit_low": stored(judged.lpl),
        "limit_high": stored(judged.upl),
        "near_low": stored(near[0]),
        "near_high": stored(near[1]),
        "chart": "i",
        **_NO_RUNS,
        "runs_signal": False,
        "variation_type": judged.kind[-1],
        "assurance_type": (assurance(judged, latest) or None) if latest else None,
    }
    return [
        {**same, "y": stored(y), "rule": None if cause == COMMON else cause, "point_type": kind}
        for y, cause, kind in zip(values, judged.cause, judged.kind, strict=True)
    ]
