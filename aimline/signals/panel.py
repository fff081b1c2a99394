"""Judge a whole panel of visible figures, and tell its departures: rows in, rows out, for the Python models of dbt.

How one figure is judged is ``status``, when a departure is told ``episodes``, in which words ``explain``.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from statistics import median
from typing import Any

from aimline.signals.alert_states import OVER, key_of
from aimline.signals.alert_texts import About, Labels, said_of
from aimline.signals.episodes import OFF_BELOW, Evaluation, advance
from aimline.signals.level_news import decided, evaluations_of
from aimline.signals.path import Reading
from aimline.signals.phrases import Phrase, english, to_json
from aimline.signals.rank import Weight, priority
from aimline.signals.status import Judgement, Rule, by_the_year, is_wave, judge, shortfall_of
from aimline.signals.year_news import AIM_LINE, FORECAST, years_ahead

Row = Mapping[str, Any]

_PLACE = (
    *("figure_id", "indicator_id", "unit_type", "unit_id", "group_set_id", "group_id"),
    *("school_year", "period_kind", "period_id", "period_on", "value", "expected", "value_unit"),
)


def _columns(words: str) -> dict[str, str]:
    """Read ``name name:type ...``; text where no type is given."""
    parts = (word.partition(":") for word in words.split())
    return {name: kind or "varchar" for name, _, kind in parts}


EVALUATION_COLUMNS = _columns(
    "figure_id indicator_id unit_type unit_id group_set_id group_id school_year:integer period_kind period_id "
    "period_on:date value:double expected:double value_unit status reason certainty p_meet:double "
    "interval_low:double interval_high:double shortfall:double priority:double judged_by"
)
ALERT_COLUMNS = _columns(
    "event_id alert_id class_id unit_id indicator_id group_id kind episode:integer event_type from_state to_state "
    "period_on:date as_of:date effect:double p:double p_adjusted:double payload actor reason event_no:integer "
    "since_on:date is_new:boolean is_newest:boolean sentence phrases"
)


def evaluate_panel(panel: Iterable[Row], outlooks: Iterable[Row] = ()) -> list[dict[str, Any]]:
    """Judge every period of this year, as if it were the newest; the newest by its year, where that is forecast.

    Args:
        panel: Rows of ``int_signals__panel``: visible figures, each with its place on the aim line and its rule.
        outlooks: Rows of ``outlooks.OUTLOOK_COLUMNS``.

    Returns:
        Rows of ``EVALUATION_COLUMNS``, by series and period.
    """
    series: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in panel:
        if row["is_current"]:
            series[(row["indicator_id"], row["unit_id"], row["group_set_id"], row["group_id"])].append(row)
    found = []
    ahead = {(row["indicator_id"], row["unit_id"], row["group_id"], row["school_year"]): row for row in outlooks}
    medians = _medians(row for rows in series.values() for row in rows)
    for key in sorted(series):
        rows = sorted(series[key], key=lambda row: (row["period_on"], row["figure_id"]))
        readings = [_reading(row) for row in rows]
        for number, row in enumerate(rows, 1):
            judged = judge(readings[:number], _rule(row))
            found.append(_evaluation_row(row, judged, medians.get((row["indicator_id"], row["period_on"]))))
        outlook = ahead.get((key[0], key[1], key[3], rows[-1]["school_year"]))
        if outlook is not None and (year := _of_year(judged, outlook, _rule(rows[-1]))):
            people = medians.get((key[0], rows[-1]["period_on"]))
            found[-1] = _evaluation_row(rows[-1], year, people) | {"judged_by": FORECAST}
    return found


def _of_year(newest: Judgement, outlook: Row, rule: Rule) -> Judgement | None:
    """Return the judgement of a year in the place of that of its newest figure; None where its forecast tells none."""
    told = by_the_year(newest, outlook["p_meet"], outlook["status"], outlook["reason"] or "")
    return told and replace(told, shortfall=shortfall_of(outlook["median"], outlook["target"], rule))


def _medians(rows: Iterable[Row]) -> dict[tuple[str, date], float]:
    """Return how many people the schools' figures of an indicator and period are about, as a median."""
    sizes: dict[tuple[str, date], list[int]] = defaultdict(list)
    for row in rows:
        if row["unit_type"] == "school" and row["group_id"] == "all" and row["n_people"]:
            sizes[row["indicator_id"], row["period_on"]].append(row["n_people"])
    return {place: float(median(found)) for place, found in sizes.items()}


def _priority(row: Row, judged: Judgement, people: float | None) -> float | None:
    """Return the rank of a figure that is off its aim line."""
    if judged.p_meet is None or judged.shortfall is None or judged.shortfall <= 0:
        return None
    size = (judged.shortfall, row["smallest_change"], row["n_people"], people)
    return priority(Weight(judged.p_meet, *size, is_concern=True, p_meet=judged.p_meet))


@dataclass(frozen=True)
class Judged:
    """What a build found out.

    Attributes:
        evaluations: Figures against their aim lines.
        tests: Periods against their own levels.
        evaluate_on: The weekday on which weeks decide.
        failing: Indicator, unit and group whose chart has limits on the wrong side of the target.
        outlooks: Indicator, unit and group -> what is to be expected of its year, as ``outlooks.OUTLOOK_COLUMNS``.
    """

    evaluations: Iterable[Row]
    tests: Iterable[Row] = ()
    evaluate_on: str | None = None
    failing: frozenset[tuple[str, str, str]] = frozenset()
    outlooks: Mapping[tuple[str, str, str], Row] = field(default_factory=dict)


def tell_alerts(previous: Iterable[Row], found: Judged, labels: Labels, as_of: date) -> list[dict[str, Any]]:
    """Return all events of alerts: those told before and those of tonight.

    Args:
        previous: Events of the journal; their payload is JSON text.
        found: Rows of ``EVALUATION_COLUMNS``, and of ``levels.TEST_COLUMNS``.
        labels: The words of a sentence.
        as_of: The day of knowledge.

    Returns:
        Rows of ``ALERT_COLUMNS``, oldest first and numbered. The newest event of a series carries its sentence.
    """
    judged = sorted(found.evaluations, key=lambda row: (row["period_on"], row["figure_id"]))
    before = sorted(previous, key=lambda row: (str(row["as_of"]), str(row.get("recorded_at") or "")))
    told = [{**row, "payload": json.loads(row["payload"])} for row in before]
    evaluations = [
        *_against_lines(judged, found),
        *evaluations_of(decided(found.tests, found.evaluate_on, as_of)),
    ]
    new = [event.row() for event in advance(told, evaluations, as_of)]
    last = {key_of(row): row["event_id"] for row in [*told, *new]}
    series: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in judged:
        if row["value"] is not None and row["expected"] is not None:
            series[(row["unit_id"], row["indicator_id"], row["group_id"])].append(row)
    rows = []
    for number, row in enumerate([*told, *new], 1):
        is_newest = last[key_of(row)] == row["event_id"]
        outlook = found.outlooks.get((row["indicator_id"], row["unit_id"], row["group_id"]))
        about = About(_told_figure(row, series[key_of(row)[:3]]), outlook)
        rows.append(
            {name: row.get(name) for name in ALERT_COLUMNS}
            | {"payload": json.dumps(row["payload"], sort_keys=True), "since_on": row["payload"]["since_on"]}
            | {"is_new": number > len(told), "is_newest": is_newest, "event_no": number}
            | _texts(said_of(row, about, labels) if is_newest else None)
        )
    return rows


def _texts(said: Sequence[Phrase] | None) -> dict[str, str | None]:
    """Return a sentence in English, and what other languages say of it."""
    if said is None:
        return {"sentence": None, "phrases": None}
    return {"sentence": english(said), "phrases": to_json(said)}


def _against_lines(judged: Sequence[Row], found: Judged) -> Iterator[Evaluation]:
    """Yield what is told of figures beside their lines; of a year that is forecast, its months and nothing else."""
    failing = _newest_failing(judged, found.failing)
    by_year = {_series_of(row): row for row in judged if row["judged_by"] == FORECAST}
    for row in judged:
        if _series_of(row) not in by_year:
            yield _evaluation(row, is_failing=row["figure_id"] in failing)
    for row in by_year.values():
        outlook = found.outlooks[row["indicator_id"], row["unit_id"], row["group_id"]]
        yield from years_ahead(row, outlook, is_failing=row["figure_id"] in failing)


def _series_of(row: Row) -> tuple[str, str, str]:
    return row["unit_id"], row["indicator_id"], row["group_id"]


def _newest_failing(judged: Iterable[Row], failing: frozenset[tuple[str, str, str]]) -> frozenset[str]:
    """Return the newest figures of the series whose chart fails its target: a chart is known as of tonight only."""
    newest = {(row["indicator_id"], row["unit_id"], row["group_id"]): row["figure_id"] for row in judged}
    return frozenset(newest[key] for key in failing if key in newest)


def _reading(row: Row) -> Reading:
    return Reading(
        row["period_on"],
        row["period_kind"],
        row["value"],
        row["expected"],
        row["baseline"],
        row["sampling_se"],
        row["n_people"],
        row["is_share"],
        row["is_record"],
        row["reliability"],
        row["is_withheld"],
    )


def _rule(row: Row) -> Rule:
    numbers = (row["smallest_change"], row["on_track"], row["watch"], row["interval_share"])
    return Rule(row["direction"], *numbers, is_new_definition=row["is_new_definition"])


def _evaluation_row(row: Row, judged: Judgement, people: float | None) -> dict[str, Any]:
    """Write a judgement down, with twelve significant digits so that equal inputs give equal bytes."""
    return {name: row[name] for name in _PLACE} | {
        "status": judged.status,
        "reason": judged.reason or None,
        "certainty": judged.certainty,
        "p_meet": _stored(judged.p_meet),
        "interval_low": _stored(judged.low),
        "interval_high": _stored(judged.high),
        "shortfall": _stored(judged.shortfall),
        "priority": _stored(_priority(row, judged, people)),
        "judged_by": AIM_LINE,
    }


def _stored(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.12g}")


def _evaluation(row: Row, *, is_failing: bool) -> Evaluation:
    about = (row["unit_id"], row["indicator_id"], row["group_id"], row["period_on"])
    rank = {"priority": row["priority"]} if row.get("priority") is not None else {}
    details = rank | ({"assurance": "consistent_fail"} if is_failing else {})
    judged = (_chance(row, is_failing=is_failing), row["shortfall"], is_wave(row["period_kind"]))
    return Evaluation(*about, *judged, is_failing=is_failing, details=details)


def _chance(row: Row, *, is_failing: bool) -> float | None:
    """Return the chance an alert is told: nobody is called to a figure whose page says that nobody can tell."""
    chance: float | None = row["p_meet"]
    is_unclear = row["status"] == "cannot tell" and not is_failing
    return None if is_unclear and chance is not None and chance < OFF_BELOW else chance


def _told_figure(event: Row, series: Iterable[Row]) -> Row | None:
    """Return the figure a sentence rests on: the newest of the series, or the one that ended the episode."""
    last_on = str(event["period_on"]) if event["to_state"] in OVER else str(date.max)
    return next((row for row in reversed(list(series)) if str(row["period_on"]) <= last_on), None)
