"""Tell special causes as NHS England's Making Data Count does: types of points, variation and assurance.

Anchor: NHSRplotthedots 0.2.2. Rows whose value is missing are not part of a series here.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from aimline.signals.charts import screened_mean
from aimline.signals.series import NAN, mean_of, ranges_of

Direction = Literal["increase", "decrease", "neutral"]

MIN_BASELINE = 12
SHORT_GROUP = 13
_LIMIT = 2.66  # three sigma in mean moving ranges, as NHS England rounds it
_NEAR = 2 * _LIMIT / 3
_LONG = 7
_WINDOW, _CLOSE = 3, 2

COMMON = "Common Cause"
_SIGN = {"increase": 1, "decrease": -1, "neutral": 0}


@dataclass(frozen=True)
class Rule:
    """How a series is judged: which way is better, its target (NaN for none), its baseline, screening."""

    direction: Direction = "neutral"
    target: float = NAN
    freeze: int | None = None
    screen: bool = True


@dataclass(frozen=True)
class Judged:
    """One rebase group.

    Attributes:
        mean: Its mean.
        lpl: Lower process limit; NaN without variation.
        upl: Upper process limit.
        is_outside: Of each point; None without limits.
        side: Of each point: 1 above the mean, -1 below, 0 on it.
        is_close: Of each point: inside the limits and beyond a near limit; None without limits.
        cause: Of each point: the type of special cause, or ``COMMON``.
        kind: Of each point: what the cause means for the direction.
        is_short: The group is too short for its limits to be firm.
    """

    mean: float
    lpl: float
    upl: float
    is_outside: list[bool | None]
    side: list[int]
    is_close: list[bool | None]
    cause: list[str]
    kind: list[str]
    is_short: bool

    @property
    def counts(self) -> Counter[str]:
        """Return how many points are of each kind."""
        return Counter(self.kind)


def judge_group(values: Sequence[float], rule: Rule) -> Judged:
    """Judge one rebase group of a series without missing values, oldest first."""
    first = values[: rule.freeze] if rule.freeze else values
    mean = mean_of(first)
    ranges = ranges_of(first)
    reach = screened_mean(ranges, screen=rule.screen) if any(ranges) else NAN
    limits = mean - _LIMIT * reach, mean + _LIMIT * reach
    near = mean - _NEAR * reach, mean + _NEAR * reach
    has_limits = not math.isnan(reach)
    outside = [value < limits[0] or value > limits[1] for value in values]
    close = [not out and (value < near[0] or value > near[1]) for value, out in zip(values, outside, strict=True)]
    side = [(value > mean) - (value < mean) for value in values]
    causes = _causes(values, side, outside, close)
    return Judged(
        mean,
        *limits,
        list(outside) if has_limits else [None] * len(values),
        side,
        list(close) if has_limits else [None] * len(values),
        causes,
        [_kind(cause, rule.direction) for cause in causes],
        len(values) < SHORT_GROUP,
    )


def assurance(judged: Judged, rule: Rule) -> str:
    """Say what the limits promise of the target: consistent_pass, consistent_fail, inconsistent, or nothing."""
    if math.isnan(rule.target) or rule.direction == "neutral":
        return ""
    better_is_more = rule.direction == "increase"
    if rule.target > judged.upl:
        return "consistent_fail" if better_is_more else "consistent_pass"
    if rule.target < judged.lpl:
        return "consistent_pass" if better_is_more else "consistent_fail"
    return "inconsistent"


def _causes(values: Sequence[float], side: list[int], outside: list[bool], close: list[bool]) -> list[str]:
    """Return the type of each point: the first of the four rules that holds."""
    trend = _trends(values)
    near = _two_in_three(side, close)
    shift = _shifts(side)
    found = []
    for at, place in enumerate(side):
        if outside[at]:
            found.append("Above UCL" if place > 0 else "Below LCL")
        elif trend[at]:
            found.append(f"7 Point Trend ({'Increasing' if trend[at] > 0 else 'Decreasing'})")
        elif near[at]:
            found.append(f"2 in 3 {'Above' if place > 0 else 'Below'} CL")
        elif shift[at]:
            found.append(f"7 Points {'Above' if place > 0 else 'Below'} CL")
        else:
            found.append(COMMON)
    return found


def _trends(values: Sequence[float]) -> list[int]:
    """Return 1 or -1 for members of seven points that rise or fall, else 0.

    A point where a rise becomes a fall counts with what follows it.
    """
    steps = [(after > before) - (after < before) for before, after in pairwise(values)]
    member = [False] * len(values)
    for start, length, way in _stretches(steps):
        if way and length >= _LONG - 1:
            member[start : start + length + 1] = [True] * (length + 1)
    return [_way(at, member, steps) if is_member else 0 for at, is_member in enumerate(member)]


def _way(at: int, member: list[bool], steps: list[int]) -> int:
    goes_on = at + 1 < len(member) and member[at + 1]
    return steps[at] if goes_on else steps[at - 1]


def _two_in_three(side: list[int], close: list[bool]) -> list[bool]:
    """Return which close points are in three on one side of which two are close."""
    windows = [
        side[at] != 0 and len(set(side[at : at + _WINDOW])) == 1 and sum(close[at : at + _WINDOW]) >= _CLOSE
        for at in range(len(side) - _WINDOW + 1)
    ]
    return [is_close and any(windows[max(0, at - _WINDOW + 1) : at + 1]) for at, is_close in enumerate(close)]


def _shifts(side: list[int]) -> list[bool]:
    found = [False] * len(side)
    for start, length, way in _stretches(side):
        if way and length >= _LONG:
            found[start : start + length] = [True] * length
    return found


def _stretches(values: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return start, length and value of every stretch of equal values."""
    found, start = [], 0
    for value, members in groupby(values):
        length = sum(1 for _ in members)
        found.append((start, length, value))
        start += length
    return found


def _kind(cause: str, direction: Direction) -> str:
    """Say what a cause means: the sign of the cause times the direction that is better."""
    if cause == COMMON:
        return "common_cause"
    sign = 1 if "Above" in cause or "Increasing" in cause else -1
    if direction == "neutral":
        return f"special_cause_neutral_{'high' if sign > 0 else 'low'}"
    return f"special_cause_{'improvement' if sign * _SIGN[direction] > 0 else 'concern'}"
