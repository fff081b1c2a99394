"""Say an alert by its newest event, its figure and its year: rows in, phrases out. How it is put is ``explain``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aimline.signals.alert_states import OFF_PATH, OVER
from aimline.signals.explain import (
    AlertFacts,
    DriftFacts,
    Outlook,
    Said,
    YearFacts,
    drift_sentence,
    rubric_sentence,
    sentence,
    year_sentence,
)
from aimline.signals.phrases import Named
from aimline.signals.tested import day_of
from aimline.signals.year_news import FORECAST
from schemas.shown import shown_number

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Labels:
    """The words of an alert.

    Attributes:
        indicators: Indicator -> indicator_label, owner_label, next_step.
        units: Unit -> its name.
        groups: Group -> its name.
    """

    indicators: Mapping[str, Row]
    units: Mapping[str, str]
    groups: Mapping[str, str]


@dataclass(frozen=True)
class About:
    """What a sentence may rest on: the figure it is about, and its year."""

    figure: Row | None
    outlook: Row | None


def said_of(event: Row, about: About, labels: Labels) -> Said | None:
    """Say the alert with the numbers the page shows; nothing when there is no visible figure of its series."""
    words, figure = labels.indicators.get(event["indicator_id"]), about.figure
    if words is None:
        return None
    if event["kind"] != OFF_PATH:
        return _drift_sentence(event, words, labels, about.outlook)
    if figure is None:
        return None
    if _is_of_year(event, figure):
        return _year_sentence(event, about, words, labels)
    unit = figure["value_unit"]
    facts = AlertFacts(
        **_names(event, words, labels),
        value=shown_number(figure["value"], unit),
        expected=shown_number(figure["expected"], unit),
        value_unit=unit,
        certainty=figure["certainty"],
        since_on=date.fromisoformat(event["payload"]["since_on"]),
        period_on=figure["period_on"],
        state=event["to_state"],
        is_back=figure["shortfall"] is not None and figure["shortfall"] <= 0,
        is_out_of_reach="assurance" in event["payload"],
    )
    return sentence(facts)


def _is_of_year(event: Row, figure: Row) -> bool:
    """Say whether an alert is told by its year: one that is over as it ended, any other as it is judged tonight."""
    if event["to_state"] in OVER:
        return bool(event["payload"].get("judged_by") == FORECAST)
    return bool(figure["judged_by"] == FORECAST)


def _year_sentence(event: Row, about: About, words: Row, labels: Labels) -> Said | None:
    """Say that a year will hardly meet its target, or that it may again."""
    kept, is_over = event["payload"], event["to_state"] in OVER
    told = {**kept, "p_meet": event["p"]} if is_over else about.outlook
    if told is None or about.figure is None:
        return None
    unit = about.figure["value_unit"]
    facts = YearFacts(
        **_names(event, words, labels),
        value=shown_number(about.figure["value"], unit),
        value_unit=unit,
        outlook=Outlook(told["p_meet"], shown_number(told["median"], unit), shown_number(told["target"], unit)),
        since_on=date.fromisoformat(kept["since_on"]),
        period_on=day_of(event["period_on"]),
        is_over=is_over,
        is_out_of_reach="assurance" in kept,
    )
    return year_sentence(facts)


def _drift_sentence(event: Row, words: Row, labels: Labels, outlook: Row | None) -> Said | None:
    """Say a departure from a unit's own level, by what its newest event kept."""
    kept = event["payload"]
    is_of_levels = kept.get("control") == "levels"
    if kept.get("level_after") is None and not is_of_levels:
        return None
    unit = kept["value_unit"]
    facts = DriftFacts(
        **_names(event, words, labels),
        before=shown_number(kept["level_before"] or 0.0, unit),
        after=shown_number(kept["level_after"] or 0.0, unit),
        value_unit=unit,
        students=kept["students_equivalent"],
        changed_on=date.fromisoformat(event["payload"]["since_on"]),
        state=event["to_state"],
        is_controlled=kept["control"] != "fixed_limit",
        period_kind=kept["period_kind"],
        n_baseline=kept["n_tests"] if is_of_levels else kept["n_baseline"],
        baseline_days=_baseline_days(event),
        kind=event["kind"],
        causes=tuple(kept.get("causes") or ()),
        outlook=_outlook(outlook, unit),
        is_of_entries=words.get("measure_id") == "chronic_absence" and kept["period_kind"] == "month",
    )
    return rubric_sentence(facts, round(abs(event["effect"]))) if is_of_levels else drift_sentence(facts)


def _baseline_days(event: Row) -> tuple[date, date] | None:
    """Return the days of a baseline that lies before the year of the departure."""
    kept = event["payload"]
    if not kept.get("baseline_to") or not kept.get("is_earlier_baseline"):
        return None
    return date.fromisoformat(kept["baseline_from"]), date.fromisoformat(kept["baseline_to"])


def _outlook(row: Row | None, unit: str) -> Outlook | None:
    """Return what is to be expected of the year, as the page shows it; nothing where there is no target."""
    if row is None or row["p_meet"] is None or row["target"] is None:
        return None
    return Outlook(row["p_meet"], shown_number(row["median"], unit), shown_number(row["target"], unit))


def _names(event: Row, words: Row, labels: Labels) -> dict[str, Any]:
    """Return what an alert is about, by what other languages call it too, and who is asked to do what."""
    indicator, unit, group = event["indicator_id"], event["unit_id"], event["group_id"]
    return {
        "indicator": Named("indicator", indicator, words["indicator_label"]),
        "unit": Named("unit", unit, labels.units[unit]),
        "group": "" if group == "all" else Named("group", group, labels.groups[group]),
        "owner": words["owner_label"] or "",
        "next_step": words["next_step"] or "",
    }
