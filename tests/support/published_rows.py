"""Make the snapshot of a release without a warehouse: every published table filled with plausible rows of Riverbend.

Deterministic: noise is a digest of what it belongs to. Labels, targets and dates are the declared ones, so pages can be
written, tested and looked at before a single file was collected. Nothing here is a truth about the example district.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aimline.demo.facts import SCHOOLS
from aimline.settings import declared_rows, load_deployment
from aimline.signals import Reading, Rule, judge
from aimline.warehouse import connect, quote_literal
from reports.numbers import rounded
from schemas.published import FIGURE, FIGURE_KEY, GAP_TEXT, TABLES, figure_id
from schemas.shown import shown_text

DISTRICT = "riverbend"
AS_OF = date(2027, 1, 15)
EVIDENCE = "r20270106-4c1f09ab77"
YEAR = 2027
FIRST_DAY, LAST_DAY = date(2026, 8, 19), date(2027, 5, 27)
NO_SCHOOL = {date(2026, 11, 27), date(2026, 12, 25), date(2027, 1, 1)}
WAVES = {"fall": (10, 28), "winter": (1, 29), "spring": (4, 21)}
SMALL_SCHOOL, PARTNER = "0107", "0106"
_ICC = 0.05
PLAIN = ("family", "student")
IMPLEMENTATION = frozenset({"dosage", "walkthrough_rating", "rubric_profile", "plan_execution"})

Rows = dict[str, list[dict[str, Any]]]

# School (or the district) -> indicator -> distance from the aim line at the end of the span, in the bad direction.
DRIFTS: dict[str, dict[str, float]] = {
    DISTRICT: {"sel_lessons": 0.12, "belonging": 0.004, "chronic_absence": -0.002},
    "0104": {"chronic_absence": 0.085, "attendance_rate": 0.021},
    "0109": {"belonging": 0.09},
    "0103": {"sel_lessons": 0.42},
    "0108": {"sel_lessons": 0.38},
    "0105": {"sel_lessons": 0.2},
}


@dataclass(frozen=True)
class Unit:
    """The district or one school."""

    unit_type: str
    unit_id: str
    unit_label: str
    n: int


UNITS = (
    Unit("district", DISTRICT, "Riverbend School District", 5980),
    *(Unit("school", school.school_id, school.name, school.weight) for school in SCHOOLS),
)


@dataclass
class World:
    """The rows so far, and the declared facts they are made from."""

    declared: Mapping[str, list[dict[str, Any]]]
    rows: Rows = field(default_factory=lambda: defaultdict(list))

    def add(self, table: str, readers: list[tuple[str, str]], **values: Any) -> None:
        """Add one row for each (audience, reader)."""
        for audience_id, reader_unit_id in readers:
            told = worded(values) if audience_id in PLAIN else values
            self.rows[table].append({"audience_id": audience_id, "reader_unit_id": reader_unit_id, **told})


def build_snapshot(path: Path, rows: Rows | None = None) -> Path:
    """Write a snapshot; its rows are Riverbend's unless given."""
    given = rows if rows is not None else riverbend_rows()
    with connect(path, role="build") as connection, TemporaryDirectory() as folder:
        for name, table in TABLES.items():
            columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
            connection.execute(f"create table {name} ({columns})")
            if not given.get(name):
                continue
            lines = Path(folder) / f"{name}.json"
            lines.write_text("\n".join(json.dumps(row, default=str) for row in given[name]), encoding="utf-8")
            shape = ", ".join(f"{quote_literal(column.name)}: {quote_literal(column.type)}" for column in table.columns)
            source = f"read_json({quote_literal(str(lines))}, format = 'newline_delimited', columns = {{{shape}}})"
            connection.execute(f"insert into {name} by name select * from {source}")
    return path


def riverbend_rows() -> Rows:
    """Return the rows of every published table as of a day after the mid-year review."""
    from tests.support import published_facts

    world = World(declared_rows(load_deployment(DISTRICT), published_facts.DATES))
    for indicator in world.declared["declared_indicators"]:
        for unit in UNITS if "school" in indicator["units"] else UNITS[:1]:
            _add_indicator(world, indicator, unit)
    published_facts.add_facts(world)
    return dict(world.rows)


def noise(*parts: object) -> float:
    """Return a number between -1 and 1 that belongs to its parts."""
    digest = sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4]) / 2**31 - 1


def readers_of(unit: Unit) -> list[tuple[str, str]]:
    """Return who may see the figures of a unit."""
    if unit.unit_type == "district":
        return [("board", DISTRICT), *((audience, "*") for audience in ("principal", *PLAIN))]
    return [(audience, unit.unit_id) for audience in ("principal", *PLAIN)]


def worded(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a figure's row as families and students are told it: tenths in words, a band of people."""
    if values.get("value") is None:
        return values
    empty = {column.name: None for column in FIGURE if column.role == "figure"}
    tenths = round(values["value"] * 10)
    words = f"about {tenths} in 10" if 0 < tenths < 10 else "nearly all" if tenths else "fewer than 1 in 10"
    return {**values, **empty, "shown_as": "words", "value_text": words, "n_text": "300+", "status": None}


def hidden(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure's row as the gate leaves it when it hides the figure."""
    empty = {column.name: None for column in FIGURE if column.role == "figure"}
    return {
        **values,
        **empty,
        "shown_as": "suppressed",
        "value_text": GAP_TEXT,
        "is_suppressed": True,
        "status": "cannot tell",
    }


def figure_row(unit: Unit, **given: Any) -> dict[str, Any]:
    """Return the figure block of one visible figure."""
    base: dict[str, Any] = {column.name: None for column in FIGURE}
    base |= {
        "unit_type": unit.unit_type,
        "unit_id": unit.unit_id,
        "unit_label": unit.unit_label,
        "school_year": YEAR,
        "profile_id": "default",
        "group_set_id": "all",
        "group_id": "all",
        "group_label": "All students",
        "subject_id": "",
        "shown_as": "exact",
        "is_suppressed": False,
        "quality_state": "ok",
        **given,
    }
    base["figure_id"] = figure_id(base.get(name) or "" for name in FIGURE_KEY)
    base["cell_id"] = "|".join(str(base[name]) for name in ("unit_type", "unit_id", "group_set_id", "group_id"))
    if base["value"] is not None:
        for name in ("value", "expected", "target", "interval_low", "interval_high"):
            base[name] = rounded(base[name], base["value_unit"])
        if base["expected"] is not None:
            base["gap_to_expected"] = rounded(base["value"] - base["expected"], base["value_unit"])
        base["value_text"] = shown_text(base["value"], base["value_unit"])
    return base


def _value_unit(measure_id: str) -> str:
    return {"scale_mean": "score", "walkthrough_rating": "score"}.get(measure_id, "share")


def _periods(indicator: Mapping[str, Any]) -> Iterator[tuple[int, str, str, date]]:
    """Yield (school year, period id, label, last day) of an indicator's periods, oldest first."""
    if indicator["period_kind"] == "year_to_date":
        day = date(2026, 8, 28)
        while day <= AS_OF:
            if day not in NO_SCHOOL:
                yield YEAR, day.isoformat(), f"Through {day:%B} {day.day}, {day.year}", day
            day += timedelta(days=7)
        return
    kinds = {"rubric_practice": ("fall", "spring"), "staff_climate": ("winter",)}
    for year in (2024, 2025, 2026, YEAR):
        for season in kinds.get(indicator["indicator_id"], tuple(WAVES)):
            month, day_no = WAVES[season]
            ends_on = date(year - (month > 7), month, day_no)
            if indicator["indicator_id"] == "staff_climate":
                ends_on = date(year - 1, 12, 9)
            if ends_on <= AS_OF and not (indicator["measure_id"] == "walkthrough_rating" and year < 2026):
                yield year, f"{season}", f"{season.capitalize()} {ends_on.year}", ends_on


def _reliability(indicator: dict[str, Any], unit: Any) -> float | None:
    """Return the reliability of a school's survey mean where schools make a twentieth of what sets people apart."""
    is_mean = unit.unit_type == "school" and indicator["measure_id"] in {"percent_favorable", "scale_mean"}
    return unit.n * _ICC / (1 + (unit.n - 1) * _ICC) if is_mean else None


def _expected(world: World, indicator_id: str, on_date: date) -> float:
    """Return the aim line of an indicator: straight from its baseline year to its target year."""
    target = next(row for row in world.declared["declared_targets"] if row["indicator_id"] == indicator_id)
    start = target["begins_numerator"] / target["begins_denominator"]
    end = target["ends_numerator"] / target["ends_denominator"]
    begins, ends = date(target["begins_year"], 5, 28), date(target["ends_year"], 5, 28)
    share = (on_date - begins).days / (ends - begins).days
    return start + (end - start) * max(share, 0.0)


def _value(world: World, indicator: Mapping[str, Any], unit: Unit, ends_on: date) -> float:
    indicator_id, sign = indicator["indicator_id"], 1 if indicator["direction"] == "lower" else -1
    spread = {"scale_mean": 0.12, "walkthrough_rating": 0.2, "attendance_rate": 0.012}.get(
        indicator["measure_id"], 0.05
    )
    if unit.unit_type == "district":
        spread /= 8
    bend = max(0.0, min(1.0, (ends_on - date(2026, 9, 25)).days / 90))
    off = DRIFTS.get(unit.unit_id, {}).get(indicator_id, 0.0) * bend * sign
    value = _expected(world, indicator_id, ends_on) - sign * 0.2 * spread + off
    value += spread * 0.6 * noise(indicator_id, unit.unit_id) + spread * 0.16 * noise(
        indicator_id, unit.unit_id, ends_on
    )
    return value if _value_unit(indicator["measure_id"]) == "score" else min(max(value, 0.0), 1.0)


def _add_indicator(world: World, indicator: Mapping[str, Any], unit: Unit) -> None:
    """Add the series, the path and the status of one indicator and unit."""
    readings: list[Reading] = []
    shared = {
        "measure_id": indicator["measure_id"],
        "profile_id": indicator["profile_id"],
        "indicator_id": indicator["indicator_id"],
        "goal_id": _goal_of(world, indicator["indicator_id"]),
        "subject_id": indicator["subject_id"] or "",
        "estimator": indicator["estimator"] or "",
        "period_kind": indicator["period_kind"],
        "value_unit": _value_unit(indicator["measure_id"]),
    }
    rows = []
    for school_year, period_id, label, ends_on in _periods(indicator):
        value, expected = _value(world, indicator, unit, ends_on), _expected(world, indicator["indicator_id"], ends_on)
        is_sample = indicator["period_kind"] == "window"
        readings.append(
            Reading(
                ends_on,
                indicator["period_kind"],
                value,
                expected,
                None,
                0.5 / unit.n**0.5 if is_sample else None,
                unit.n,
                is_record=indicator["measure_id"] in IMPLEMENTATION,
            )
        )
        judged = judge(readings, _rule(indicator))
        period = {"school_year": school_year, "period_id": period_id, "period_label": label, "period_ends_on": ends_on}
        rows.append(
            figure_row(
                unit,
                **shared,
                **period,
                value=value,
                expected=expected if school_year >= 2026 else None,
                target=_expected(world, indicator["indicator_id"], LAST_DAY),
                gap_to_expected=value - expected,
                interval_low=judged.low,
                interval_high=judged.high,
                n_text=f"n = {unit.n:,}",
                status=judged.status,
                certainty=judged.certainty,
                reliability=_reliability(indicator, unit),
                data_through_on=ends_on,
            )
        )
    for row in rows:
        world.add("rpt_measures", readers_of(unit), **{k: v for k, v in row.items() if k != "estimator"})
    status = {
        "indicator_label": indicator["label_en"],
        "indicator_kind": indicator["kind"],
        "indicator_no": indicator["indicator_no"],
        "direction": indicator["direction"],
        "owner_label": indicator["owner_label"],
        "p_meet": judged.p_meet,
        "status_reason": judged.reason or None,
        "baseline": _expected(world, indicator["indicator_id"], date(2026, 5, 28)),
        "judged_by": None if rows[-1]["is_suppressed"] else "aim_line",
    }
    if unit.unit_type == "school" and indicator["indicator_id"] == "chronic_absence" and not rows[-1]["is_suppressed"]:
        value = rows[-1]["value"]
        status |= {"forecast_low": value - 0.02, "forecast_median": value, "forecast_high": value + 0.03}
        status |= {"forecast_chance": 0.05, "judged_by": "forecast"}
    newest = {k: v for k, v in rows[-1].items() if k != "estimator"} | status
    world.add("rpt_indicator_status", readers_of(unit), **newest)
    _add_path(world, indicator, unit)
    _add_groups(world, newest, unit)
    if unit.unit_type == "district":
        frozen = {k: v for k, v in newest.items() if k not in ("direction", "owner_label", "p_meet", "baseline")}
        world.add(
            "rpt_review_figures",
            [("board", DISTRICT), ("principal", "*")],
            **frozen
            | {
                "figure_id": figure_id([newest["figure_id"], EVIDENCE]),
                "source_figure_id": newest["figure_id"],
                "review_id": "2027_mid_year",
                "evidence_release_id": EVIDENCE,
            },
        )


def _rule(indicator: Mapping[str, Any]) -> Rule:
    return Rule(
        indicator["direction"], indicator["smallest_change_numerator"] / indicator["smallest_change_denominator"]
    )


def _goal_of(world: World, indicator_id: str) -> str | None:
    links = world.declared["declared_goal_indicators"]
    return next((row["goal_id"] for row in links if row["indicator_id"] == indicator_id), None)


def _add_path(world: World, indicator: Mapping[str, Any], unit: Unit) -> None:
    days = [FIRST_DAY + timedelta(days=14 * n) for n in range(21)]
    if indicator["period_kind"] == "window":
        days = [date(2026, 5, 28), *days]
    for day in days:
        expected = rounded(_expected(world, indicator["indicator_id"], day), _value_unit(indicator["measure_id"]))
        world.add(
            "rpt_trajectories",
            readers_of(unit),
            indicator_id=indicator["indicator_id"],
            school_year=YEAR,
            unit_type=unit.unit_type,
            unit_id=unit.unit_id,
            group_set_id="all",
            group_id="all",
            on_date=day,
            period_kind=indicator["period_kind"],
            period_id=day.isoformat(),
            expected=expected,
        )


def _add_groups(world: World, newest: Mapping[str, Any], unit: Unit) -> None:
    """Add the newest figure of two groups; a small school's small group is hidden, and its partner's."""
    if newest["indicator_id"] not in {"chronic_absence", "belonging", "attendance_rate"}:
        return
    groups = {"el": ("English learners", 0.11), "not_el": ("All others", 0.89)}
    for group_id, (label, share) in groups.items():
        off = 0.03 * noise(newest["indicator_id"], unit.unit_id, group_id)
        row = figure_row(
            unit,
            **{k: v for k, v in newest.items() if k in {c.name for c in FIGURE} and k != "figure_id"}
            | {
                "group_set_id": "english_learner",
                "group_id": group_id,
                "group_label": label,
                "value": newest["value"] + off,
                "n_text": f"n = {round(unit.n * share):,}",
            },
        )
        if unit.unit_id in {SMALL_SCHOOL, PARTNER}:
            row = hidden(row)
        extra = {
            k: newest[k] for k in ("indicator_label", "indicator_kind", "indicator_no", "direction", "owner_label")
        }
        world.add("rpt_indicator_status", readers_of(unit), **row, **extra)
