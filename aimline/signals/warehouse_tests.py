"""Test everything a district's warehouse holds: weeks and months, days, waves of surveys, occasions of rubrics."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aimline.signals.daily import day_tests
from aimline.signals.drift import Columns
from aimline.signals.levels import level_tests, over_at, policy_of
from aimline.signals.peers import peer_tests
from aimline.signals.rebase import begun_anew
from aimline.signals.rubrics import rubric_tests
from aimline.signals.wave_tests import survey_tests
from aimline.signals.week_values import of_usual_days


@dataclass(frozen=True)
class Told:
    """What was declared and told.

    Attributes:
        district: Its row.
        rebased: Events of levels that begin anew.
        over: Events of departures that are over.
        outlooks: The forecasts of the year.
        funnels: Schools beside each other.
        days: The columns of ``int_signals__days``, whose newest are tested.
        school_days: The columns of ``int_signals__school_days``, of which the tested weeks are made.
        charted: The figures of which their chart tells.
    """

    district: Mapping[str, Any]
    rebased: Iterable[Mapping[str, Any]] = ()
    over: Iterable[Mapping[str, Any]] = ()
    outlooks: Iterable[Mapping[str, Any]] = ()
    funnels: Iterable[Mapping[str, Any]] = ()
    days: Columns | None = None
    school_days: Columns | None = None
    charted: Collection[str] = frozenset()


def watched_too(tests: Sequence[dict[str, Any]], charted: Collection[str]) -> list[dict[str, Any]]:
    """Put on the watch list the newest figures of which their chart tells; a run is told of all its points."""
    newest: dict[tuple[str, str], Any] = {}
    for row in tests:
        series = (row["indicator_id"], row["group_id"])
        newest[series] = max(row["period_on"], newest.get(series, row["period_on"]))
    return [
        row | {"tier": "watch"}
        if row["tier"] == "none"
        and row["figure_id"] in charted
        and row["period_on"] == newest[row["indicator_id"], row["group_id"]]
        else row
        for row in tests
    ]


def all_tests(series: Columns, waves: Sequence[Mapping[str, Any]], told: Told) -> list[dict[str, Any]]:
    """Return the rows of the table of tests.

    Args:
        series: The columns of ``int_signals__series``.
        waves: Rows of ``int_signals__waves``.
        told: What is declared and was told.
    """
    district_id, policy = str(told.district["district_id"]), policy_of(told.district)
    usual = of_usual_days(series, told.school_days)
    begun = begun_anew(over_at(usual, told.over), [json.loads(row["payload"]) for row in told.rebased])
    surveys, rubrics = ([row for row in waves if (row["signal_kind"] == "rubric") is which] for which in (False, True))
    return [
        *watched_too(level_tests(begun, policy, district_id, told.outlooks), told.charted),
        *survey_tests(surveys, district_id, policy.watch_q),
        *rubric_tests(rubrics),
        *peer_tests(told.funnels),
        *(day_tests(told.days, district_id) if told.days else ()),
    ]
