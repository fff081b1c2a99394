"""Judge an indicator against its aim line: on track, watch, off track, or cannot tell and why.

Pure: readings in, judgements out. Which figures are visible was decided before; how the aim line runs is ``path``.
Source: indicators.md 8; ``judge_year`` by the forecast of the year, ``judge`` with the figure of the period in its
place, where there is no forecast.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

from aimline.signals.path import RATE_PERIODS, WAVE_PERIODS, Reading, chance_below, standard_error

Status = Literal["on track", "watch", "off track", "cannot tell"]

REASONS = {
    "withheld": "the figure was withheld because of its quality",
    "no_data": "no data were collected",
    "not_yet": "no data were collected yet this school year",
    "new_definition": "baseline and target are of another definition",
    "no_target": "no target is declared for this unit and group",
    "too_few_periods": "fewer than two periods have been seen this year",
    "no_error": "too few periods to know how much the figure varies by itself",
    "low_reliability": "the school's mean is not reliable enough",
    "interval_too_wide": "the figure is too uncertain",
    "holds_target_and_baseline": "the data cannot tell reaching the line from no change",
    "no_forecast": "there is no forecast of the year",
}
"""Why a status cannot be told, in words."""

REASONS_OF_YEAR = {
    "interval_too_wide": "what the year may come to is too uncertain",
    "holds_target_and_baseline": "the year may come to its target as well as to no change",
}
"""The same, where the status is of a year that is forecast."""

WITHOUT_YEAR = frozenset({"no_target", "too_few_periods", "no_forecast"})
"""Reasons for which a forecast says nothing of a year; the newest figure is judged beside its aim line then."""

_OF_THE_FIGURE = frozenset({"withheld", "no_data", "new_definition", "low_reliability"})
"""Reasons of the newest figure that no forecast heals."""

MIN_PERIODS = 2
"""Fewer periods of a year tell no status of it."""

_TOO_WIDE_FROM, _TOO_WIDE_TO = 0.20, 0.80
_WIDEST = 4  # smallest changes that an interval may span


@dataclass(frozen=True)
class Rule:
    """How an indicator is judged; every number is declared with the indicator.

    Attributes:
        direction: lower, higher or maintain.
        smallest_change: The smallest change that matters, in the measure's unit.
        on_track: Chance of being on the good side of the line from which it is on track.
        watch: Chance from which it is watched; below, it is off track.
        interval: Probability of the interval printed with it.
        min_reliability: Below it a school's survey mean is not judged.
        is_new_definition: Whether baseline and target were declared under a definition that another has replaced.
    """

    direction: Literal["lower", "higher", "maintain"]
    smallest_change: float | None
    on_track: float = 0.80
    watch: float = 0.50
    interval: float = 0.80
    min_reliability: float = 0.70
    is_new_definition: bool = False


@dataclass(frozen=True)
class Judgement:
    """The status of one reading.

    Attributes:
        status: The word.
        reason: Key of ``REASONS`` when nobody can tell, else empty.
        p_meet: Chance that the true value is on the good side of the line.
        low: Lower end of the interval of the value.
        high: Upper end.
        shortfall: Distance to the line in the bad direction; negative when better than the line.
    """

    status: Status
    reason: str = ""
    p_meet: float | None = None
    low: float | None = None
    high: float | None = None
    shortfall: float | None = None

    @property
    def certainty(self) -> str:
        """Say in words how sure the status is (words of reports.md 7)."""
        if self.p_meet is None:
            return "cannot tell"
        chance = 1 - self.p_meet if self.status == "off track" else self.p_meet
        words = ((0.95, "clear"), (0.80, "likely"), (0.50, "possible"))
        return next((word for least, word in words if chance >= least), "cannot tell")


@dataclass(frozen=True)
class Year:
    """What is to be expected of a year; None where nothing is.

    Attributes:
        p_meet: Chance to meet the target.
        low: Lower end of the 80% interval of the year's value.
        high: Upper end.
        target: This year's target.
        baseline: Where the indicator started.
        n_seen: Periods of the year that were seen.
    """

    p_meet: float | None
    low: float | None
    high: float | None
    target: float | None
    baseline: float | None
    n_seen: int


def judge_year(year: Year, rule: Rule) -> tuple[Status, str]:
    """Judge an open year by its forecast: the status, and a key of ``REASONS`` when nobody can tell."""
    if year.target is None:
        return "cannot tell", "no_target"
    if year.n_seen < MIN_PERIODS:
        return "cannot tell", "too_few_periods"
    if year.p_meet is None or year.low is None or year.high is None or rule.direction == "maintain":
        return "cannot tell", "no_forecast"
    reason = _unclear((year.target, year.baseline), rule, (year.low, year.high), year.p_meet)
    return ("cannot tell", reason) if reason else (_word(year.p_meet, rule), "")


def by_the_year(newest: Judgement, p_meet: float | None, status: Status, reason: str) -> Judgement | None:
    """Return the status of a year in the place of that of its newest figure; None where the forecast says nothing.

    Args:
        newest: The newest figure beside its aim line; its interval and distance stay.
        p_meet: Chance that the year meets its target.
        status: The status of the year, by ``judge_year``.
        reason: Why it cannot be told; empty when it can.
    """
    if p_meet is None or reason in WITHOUT_YEAR or newest.reason in _OF_THE_FIGURE:
        return None
    return replace(newest, status=status, reason=reason, p_meet=p_meet)


def judge(series: Sequence[Reading], rule: Rule) -> Judgement:
    """Judge the newest reading of a series.

    Args:
        series: The readings of one indicator, unit and group this year, oldest first, all visible.
        rule: How the indicator is judged.
    """
    newest = series[-1]
    if reason := _missing(series, rule):
        return Judgement("cannot tell", reason)
    se = standard_error(series)
    if se is None or newest.value is None or newest.expected is None:
        return Judgement("cannot tell", "no_error")
    p_meet = _chance_to_meet(newest, rule, se)
    half = NormalDist().inv_cdf(0.5 + rule.interval / 2) * se
    low, high = newest.value - half, newest.value + half
    shortfall = shortfall_of(newest.value, newest.expected, rule)
    reason = _unclear((newest.expected, newest.baseline), rule, (low, high), p_meet)
    status = "cannot tell" if reason else _word(p_meet, rule)
    return Judgement(status, reason, p_meet, low, high, shortfall)


def _missing(series: Sequence[Reading], rule: Rule) -> str:
    """Return why there is nothing to judge, or nothing."""
    newest = series[-1]
    seen = [reading for reading in series if reading.value is not None and not reading.is_withheld]
    repeats = newest.period_kind in RATE_PERIODS or newest.period_kind == "year_to_date"
    checks = (
        ("withheld", newest.is_withheld),
        ("no_data", newest.value is None),
        ("new_definition", rule.is_new_definition),
        ("no_target", newest.expected is None),
        ("too_few_periods", repeats and len(seen) < MIN_PERIODS),
        ("low_reliability", newest.reliability is not None and newest.reliability < rule.min_reliability),
    )
    return next((reason for reason, holds in checks if holds), "")


def _unclear(ends: tuple[float | None, float | None], rule: Rule, interval: tuple[float, float], p_meet: float) -> str:
    """Return why the data cannot decide between both ends, the target and the baseline, or nothing."""
    low, high = interval
    smallest = rule.smallest_change
    if smallest and _TOO_WIDE_FROM < p_meet < _TOO_WIDE_TO and high - low > _WIDEST * smallest:
        return "interval_too_wide"
    if rule.direction != "maintain" and all(end is not None and low <= end <= high for end in ends):
        return "holds_target_and_baseline"
    return ""


def _chance_to_meet(newest: Reading, rule: Rule, se: float) -> float:
    value, expected = newest.value or 0.0, newest.expected or 0.0
    if rule.direction == "lower":
        return chance_below(expected, value, se)
    if rule.direction == "higher":
        return chance_below(-expected, -value, se)
    middle = newest.baseline if newest.baseline is not None else expected
    room = rule.smallest_change or 0.0
    within = chance_below(middle + room, value, se) - chance_below(math.nextafter(middle - room, -math.inf), value, se)
    return max(0.0, within)


def shortfall_of(value: float, expected: float, rule: Rule) -> float:
    """Return how far a value is from where it should be, in the bad direction."""
    if rule.direction == "lower":
        return value - expected
    if rule.direction == "higher":
        return expected - value
    return abs(value - expected)


def _word(p_meet: float, rule: Rule) -> Status:
    if p_meet >= rule.on_track:
        return "on track"
    return "watch" if p_meet >= rule.watch else "off track"


def is_wave(period_kind: str) -> bool:
    """Say whether a period stands alone, so that one evaluation decides."""
    return period_kind in WAVE_PERIODS
