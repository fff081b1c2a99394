"""Say how an open survey window will end: a forecast of usable responses with an interval, and whom to remind.

Past windows show which share of their final responses had come by each share of the window; with it, what has come so
far tells what is still to come. Pure: counts in, counts out. Source: collection.md 9.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

KNOTS = 21
_GRID = 401
_STRENGTH = 10.0  # how many eligible people the mean of past windows counts for
_UNKNOWN_POWER = 0.7  # how responses come in where no past window shows it
_TAILS = (0.1, 0.5, 0.9)
_NEGLIGIBLE = 1e-9
_BEHIND = Fraction(4, 5)
_LEAST_OF_GROUP = 10
_MOST_REMINDERS = 2

Certainty = Literal["forecast", "cannot_tell"]


@dataclass(frozen=True)
class Past:
    """One past window of schools of one type.

    Attributes:
        school_type: The type, such as elementary.
        curve: Share of the final usable responses by each twentieth of the window, from 0 to 1.
        rate: Final usable responses out of those eligible.
    """

    school_type: str
    curve: tuple[float, ...]
    rate: float

    def by(self, elapsed: float) -> float:
        """Return the share of the final responses that had come by a share of the window."""
        return _between(self.curve, elapsed)


def past_window(school_type: str, came_at: Iterable[float], n_eligible: int) -> Past | None:
    """Return what a past window shows; None where nobody answered or was asked.

    Args:
        school_type: The type of its schools.
        came_at: For each usable response, the share of the window that had passed when it came.
        n_eligible: How many could have answered.
    """
    came = sorted(came_at)
    if not came or n_eligible <= 0:
        return None
    inner = tuple(bisect_right(came, knot / (KNOTS - 1)) / len(came) for knot in range(1, KNOTS - 1))
    return Past(school_type, (0.0, *inner, 1.0), min(1.0, len(came) / n_eligible))


def _between(curve: Sequence[float], elapsed: float) -> float:
    """Read a curve between its knots."""
    place = min(1.0, max(0.0, elapsed)) * (len(curve) - 1)
    low = min(int(place), len(curve) - 2)
    return curve[low] + (curve[low + 1] - curve[low]) * (place - low)


@cache
def _unknown() -> Past:
    """Return what stands for a past window where there is none."""
    return Past("", tuple((knot / (KNOTS - 1)) ** _UNKNOWN_POWER for knot in range(KNOTS)), 0.5)


@dataclass(frozen=True)
class Standing:
    """How one school stands in an open window.

    Attributes:
        unit_id: The school.
        school_type: Its type.
        n_eligible: How many can answer.
        n_usable: How many usable responses have come.
    """

    unit_id: str
    school_type: str
    n_eligible: int
    n_usable: int


@dataclass(frozen=True)
class Forecast:
    """How a window is expected to end.

    Attributes:
        median: Usable responses at its end, as likely exceeded as not.
        low: Nine times in ten there are at least so many.
        high: Nine times in ten there are at most so many.
        chance: Chance to reach the threshold.
        expected: Usable responses that usually have come by now, at the usual final rate.
        certainty: ``cannot_tell`` where no past window shows how responses come in.
    """

    median: int
    low: int
    high: int
    chance: float
    expected: float
    certainty: Certainty


def _spread(shares: Sequence[float]) -> list[float]:
    """Return shares as far apart as windows are, of which a few show too little."""
    n = len(shares)
    if n < 2:  # noqa: PLR2004 - one window shows no spread
        return list(shares)
    middle, wider = sum(shares) / n, math.sqrt(n / (n - 1))
    return [min(1.0, max(0.0, middle + wider * (share - middle))) for share in shares]


@dataclass(frozen=True)
class Moment:
    """When a window is looked at.

    Attributes:
        elapsed: The share of its school days that has passed.
        threshold: The share of those eligible that is wanted.
        strength: How many eligible people the usual rate counts for.
    """

    elapsed: float
    threshold: Fraction
    strength: float = _STRENGTH


def forecast(standing: Standing, moment: Moment, library: Sequence[Past]) -> Forecast:
    """Return how many usable responses a school will have at the end of its window.

    Args:
        standing: How it stands.
        moment: When the window is looked at, and what is wanted of it.
        library: Past windows; those of the school's type count, all of them where there are none of its type.
    """
    n, seen = standing.n_eligible, standing.n_usable
    known = [each for each in library if each.school_type == standing.school_type] or list(library)
    used, certainty = (known, "forecast") if known else ([_unknown()], "cannot_tell")
    mean = sum(each.rate for each in used) / len(used)
    shares = _spread([each.by(moment.elapsed) for each in used])
    prior = (mean * moment.strength, (1 - mean) * moment.strength) if known else (1.0, 1.0)
    ending = _ending(n, min(seen, n), shares, prior)
    below = ending.cumsum()
    low, median, high = (min(n, seen + int((below < tail - _NEGLIGIBLE).sum())) for tail in _TAILS)
    wanted = math.ceil(moment.threshold * n) - seen
    chance = 1.0 if wanted <= 0 else float(ending[wanted:].sum()) if wanted < len(ending) else 0.0
    usual = n * mean * sum(shares) / len(shares)
    return Forecast(median, low, high, min(1.0, chance), usual, certainty)  # type: ignore[arg-type] # one of the two


def _ending(n: int, seen: int, shares: Sequence[float], prior: tuple[float, float]) -> "np.ndarray[Any, Any]":
    """Return the probability of each number of responses still to come, from none to all."""
    import numpy as np

    rates = np.linspace(0.0, 1.0, _GRID)
    inner = np.clip(rates, 1e-12, 1 - 1e-12)
    belief = (prior[0] - 1) * np.log(inner) + (prior[1] - 1) * np.log1p(-inner)
    chances, weights = [], []
    for share in shares:
        come = np.clip(rates * share, 1e-15, 1 - 1e-15)
        weights.append(belief + seen * np.log(come) + (n - seen) * np.log1p(-come))
        chances.append(rates * (1 - share) / np.maximum(1 - rates * share, 1e-15))
    logs, left = np.concatenate(weights), np.concatenate(chances)
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    kept = weight > _NEGLIGIBLE
    return _mixed(n - seen, left[kept], weight[kept] / weight[kept].sum())


def _mixed(n: int, chances: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Return the mixture of binomial distributions of one number of trials."""
    import numpy as np

    counts = np.arange(n + 1)
    logs = np.concatenate([[0.0], np.log(np.arange(1, n + 1)).cumsum()])
    ways = logs[n] - logs - logs[::-1]
    safe = np.clip(chances, 1e-15, 1 - 1e-15)[:, None]
    each = np.exp(ways + counts * np.log(safe) + (n - counts) * np.log1p(-safe))
    mixed: np.ndarray[Any, Any] = weights @ each
    mixed /= mixed.sum()
    return mixed


@dataclass(frozen=True)
class Group:
    """How one group of a school stands in an open window."""

    unit_id: str
    group_id: str
    n_eligible: int
    n_usable: int


@dataclass(frozen=True)
class Nudge:
    """A school, or a group of it, to be reminded; ``shortfall`` is how many responses it will lack."""

    unit_id: str
    group_id: str
    shortfall: int


@dataclass(frozen=True)
class Reminded:
    """When schools were reminded, and whether it is a school day.

    Attributes:
        on: The day.
        is_school_day: Nobody is reminded on another day.
        days: School -> days on which it was reminded.
    """

    on: date
    is_school_day: bool
    days: Mapping[str, Sequence[date]]

    def may(self, unit_id: str) -> bool:
        """Say whether a school may be reminded: on a school day, at most twice in a week."""
        monday = self.on - timedelta(days=self.on.weekday())
        return (
            self.is_school_day and sum(monday <= day <= self.on for day in self.days.get(unit_id, ())) < _MOST_REMINDERS
        )


def nudges(
    standings: Sequence[tuple[Standing, Forecast]],
    groups: Iterable[Group],
    threshold: Fraction,
    reminded: Reminded | None = None,
) -> list[Nudge]:
    """Return whom to remind: schools by how much they will lack, then groups far behind their school.

    Args:
        standings: Each school with its forecast.
        groups: Groups of these schools.
        threshold: The share of those eligible that is wanted.
        reminded: When schools were reminded before; None where the list is shown and nobody is reminded by it.
    """
    lacking = {
        standing.unit_id: max(0, math.ceil(threshold * standing.n_eligible) - told.median)
        for standing, told in standings
    }
    schools = [Nudge(unit_id, "all", lack) for unit_id, lack in lacking.items() if lack]
    rates = {each.unit_id: Fraction(each.n_usable, each.n_eligible) for each, _ in standings if each.n_eligible}
    behind = [
        Nudge(each.unit_id, each.group_id, max(0, math.ceil(rates[each.unit_id] * each.n_eligible) - each.n_usable))
        for each in groups
        if each.n_eligible >= _LEAST_OF_GROUP
        and each.unit_id in rates
        and Fraction(each.n_usable, each.n_eligible) < _BEHIND * rates[each.unit_id]
    ]
    ordered = [*_by_need(schools), *_by_need(behind)]
    return [each for each in ordered if reminded is None or reminded.may(each.unit_id)]


def _by_need(found: Sequence[Nudge]) -> list[Nudge]:
    return sorted(found, key=lambda each: (-each.shortfall, each.unit_id, each.group_id))
