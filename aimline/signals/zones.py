"""Flag patterns of points in zones of one sigma: the rules of Western Electric (1956) and of Nelson (1984).

A flag sits on the point where a pattern completes and on every further point of the same run.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

Flags = list[bool]
Rule = Callable[[Sequence[float]], Flags]


def _among(wanted: int, last: int, beyond: float) -> Rule:
    """Return the rule: so many of the last points beyond a distance on one side, the current one among them."""

    def flags(z: Sequence[float]) -> Flags:
        found = []
        for at, value in enumerate(z):
            window = z[at - last + 1 : at + 1] if at >= last - 1 else ()
            high = value > beyond and sum(each > beyond for each in window) >= wanted
            low = value < -beyond and sum(each < -beyond for each in window) >= wanted
            found.append(high or low)
        return found

    return flags


def _in_a_row(length: int, kind: Callable[[float], int]) -> Rule:
    """Return the rule: so many points in a row of one kind; kind 0 breaks a row."""

    def flags(z: Sequence[float]) -> Flags:
        found, count, before = [], 0, 0
        for value in z:
            now = kind(value)
            count = count + 1 if now and now == before else int(now != 0)
            before = now
            found.append(count >= length)
        return found

    return flags


def _side(value: float) -> int:
    return (value > 0) - (value < 0)


def _steps(y: Sequence[float]) -> list[int]:
    """Return the direction of the step into each point; 0 for the first."""
    return [0, *((after > before) - (after < before) for before, after in pairwise(y))][: len(y)]


def _trend(length: int) -> Rule:
    steps_needed = length - 1

    def flags(y: Sequence[float]) -> Flags:
        return _in_a_row(steps_needed, int)(_steps(y))

    return flags


def _alternating(length: int) -> Rule:
    """Return the rule: so many points, each step against the one before."""

    def flags(y: Sequence[float]) -> Flags:
        steps = _steps(y)
        turns = [0, *(int(now * before < 0) for before, now in pairwise(steps))][: len(y)]
        return _in_a_row(length - 2, int)(turns)

    return flags


def _both_sides(length: int) -> Rule:
    def flags(z: Sequence[float]) -> Flags:
        outside = _in_a_row(length, lambda value: int(abs(value) > 1))(z)
        return [
            flag and min(z[at - length + 1 : at + 1]) < 0 < max(z[at - length + 1 : at + 1])
            for at, flag in enumerate(outside)
        ]

    return flags


_ONE = _in_a_row(1, lambda value: int(abs(value) > 3))  # noqa: PLR2004 - the limit is at three sigma

RULES: dict[str, dict[str, Rule]] = {
    "western-electric": {
        "WE1": _ONE,
        "WE2": _among(2, 3, 2.0),
        "WE3": _among(4, 5, 1.0),
        "WE4": _in_a_row(8, _side),
    },
    "nelson": {
        "N1": _ONE,
        "N2": _in_a_row(9, _side),
        "N3": _trend(6),
        "N4": _alternating(14),
        "N5": _among(2, 3, 2.0),
        "N6": _among(4, 5, 1.0),
        "N7": _in_a_row(15, lambda value: int(abs(value) <= 1)),
        "N8": _both_sides(8),
    },
}
"""Preset -> flag -> rule of the distances to the centre, each in its own sigma."""

OF_VALUES = frozenset({"N3", "N4"})
"""Rules about steps from point to point, which look at the values themselves."""


def flagged(name: str, z: Sequence[float], y: Sequence[float]) -> Flags:
    """Return the flags of one rule of any preset."""
    rule = next(rules[name] for rules in RULES.values() if name in rules)
    return rule(y if name in OF_VALUES else z)
