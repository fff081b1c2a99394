"""Find the days on which a school, or all of them at once, left what the weeks before led to expect.

A day is compared with the forty school days before it, and later days never change its answer. What is usual is a sum
of four parts, fitted by trimmed means: the school, the day of the week, the week, and whether a closed day is next to
it. The week of a day itself is not asked, since it holds what is looked for; the one before it stands in its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, stdtr

from aimline.signals.additive import Labels, fit_parts, labels_of
from aimline.signals.alert_states import SUDDEN
from aimline.signals.control import adjusted_in_numpy
from aimline.signals.drift import Columns
from aimline.signals.rank import Weight, priority
from aimline.signals.residuals import Floats, logits, moderated, prior
from aimline.signals.tested import day_of, kind_of, stored, tier_of, whole

WINDOW = 40
NEWEST = 10
"""So many of the newest days are looked at again each night: later data may have changed them."""

Q = 0.01
FAR = 3.0
MANY = 0.3
"""More than this share of all schools so far off the same way is one event of the district, and none of its schools."""

_LEAST_UNITS = 5


@dataclass(frozen=True)
class Days:
    """Who was there, a row a unit and a column a school day; NaN where nobody can tell."""

    present: Floats
    member: Floats
    dates: list[date]

    def window(self, at: int) -> "Days":
        """Return the days before one, and that day as the last."""
        here = slice(at - WINDOW, at + 1)
        return Days(self.present[:, here], self.member[:, here], self.dates[here])


@dataclass(frozen=True)
class DayTests:
    """The tests of all units on one day; NaN where a unit was not tested.

    Attributes:
        expected: The share that was to be expected.
        observed: The share of the day.
        t: Their distance on the scale of the test, in its standard error.
        p: Chance of such a distance on a usual day.
        shared: The distance that more than ``MANY`` of the units reach the same way; zero when none do.
    """

    expected: Floats
    observed: Floats
    t: Floats
    p: Floats
    shared: float

    @property
    def is_shared(self) -> bool:
        """Say whether so many left the usual together that it is one event."""
        return abs(self.shared) > FAR


def tests_of_day(days: Days) -> DayTests:
    """Test the last day of a window against the days before it."""
    y = logits(days.present, days.member)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = days.present[:, -1] / days.member[:, -1]
    units, shared = _fitted(y[:, :-1], labels_of(days.dates))
    residual = y[:, :-1] - units[:, None] - shared[:-1]
    m = np.isfinite(residual).sum(axis=1).astype(float)
    df = np.maximum(m - 1, 1)
    own = np.nansum(residual**2, axis=1) / df
    is_tested = (m >= WINDOW / 2) & np.isfinite(y[:, -1]) & (own > 0)
    variance, freedom = moderated(own, df, prior(own[is_tested], df[is_tested]))
    expected = units + shared[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(is_tested, (y[:, -1] - expected) / np.sqrt(variance * (1 + 1 / np.maximum(m, 1))), np.nan)
        p = 2 * stdtr(freedom, -np.abs(t))
    return DayTests(expit(expected), observed, t, p, _shared(t[is_tested]))


def _shared(t: Floats) -> float:
    """Return how far off more than ``MANY`` of the units are, the way in which they are farther."""
    if len(t) < _LEAST_UNITS:
        return 0.0
    ordered = np.sort(t)
    at = int(MANY * len(t))  # so many are farther off than the one here
    low, high = float(ordered[at]), float(ordered[-1 - at])
    return high if high >= -low else low


def _fitted(y: Floats, labels: Labels) -> tuple[Floats, Floats]:
    """Return the part of each unit, and what all share on each day, the day asked about among them."""
    asked = replace(labels, week=np.r_[labels.week[:-1], _week_before(labels.week)])
    parts = fit_parts(y, asked)
    return parts.units, parts.weekday + parts.week + parts.beside


def _week_before(weeks: NDArray[np.int64]) -> int:
    """Return the newest week before that of the last day."""
    return int(weeks[weeks < weeks[-1]].max())


def day_tests(days: Columns, district_id: str) -> list[dict[str, Any]]:
    """Return the rows of the table of tests of the newest school days.

    Args:
        days: The columns of ``int_signals__days``.
        district_id: Whose the events of all schools are.
    """
    indicators = days["indicator_id"].astype(str)
    return [
        whole(row)
        for name in np.unique(indicators)
        for row in _of_indicator({key: each[indicators == name] for key, each in days.items()}, district_id)
    ]


def _of_indicator(days: Columns, district_id: str) -> Iterator[dict[str, Any]]:
    units, unit_at = np.unique(days["unit_id"].astype(str), return_inverse=True)
    told = [day_of(each) for each in days["on_date"]]
    dates = sorted(set(told))
    column = {day: at for at, day in enumerate(dates)}
    present, member, people = (np.full((len(units), len(dates)), np.nan) for _ in range(3))
    where = (unit_at, np.array([column[day] for day in told], dtype=np.int64))
    present[where], member[where], people[where] = (days[name] for name in ("n_present", "n_member", "n_people"))
    first = {name: days[name][0] for name in ("indicator_id", "value_unit", "better")}
    first |= {"smallest_change": float(days["smallest_change"][0])}
    whole_year = Days(present, member, dates)
    for at in range(max(WINDOW, len(dates) - NEWEST), len(dates)):
        window = whole_year.window(at)
        place = _place(first, window)
        tests = tests_of_day(window)
        yield from _rows(tests, units.tolist(), people[:, at], place)
        yield _district_row(tests, place, district_id)


def _place(first: dict[str, Any], window: Days) -> dict[str, Any]:
    day = window.dates[-1]
    return first | {
        "class_id": "public",
        "group_id": "all",
        "period_kind": "day",
        "period_on": day,
        "changed_on": day,
        "threshold": Q,
        "control": "bh",
        "causes": [],
        "n_baseline": WINDOW,
        "baseline_from": window.dates[0],
        "baseline_to": window.dates[-2],
        "is_baseline_dated": False,
    }


def _rows(tests: DayTests, units: list[str], people: Floats, place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the tests of the schools; a day for the better is watched and never told."""
    adjusted = adjusted_in_numpy(tests.p, "bh")
    effect = tests.observed - tests.expected
    worse = np.array([kind_of(place["better"], each) != "improvement" for each in effect])
    found = (adjusted <= Q) & (not tests.is_shared)
    n_selected = int((found & worse).sum())
    median = float(np.nanmedian(people)) if np.isfinite(people).any() else None
    for at in np.flatnonzero(np.isfinite(tests.p)).tolist():
        size = stored(people[at])
        weight = Weight(adjusted[at], effect[at], place["smallest_change"], size, median, is_concern=bool(worse[at]))
        yield place | {
            "figure_id": "|".join(("day", place["indicator_id"], units[at], str(place["period_on"]))),
            "unit_type": "school",
            "unit_id": units[at],
            "effect": stored(effect[at]),
            "z": stored(tests.t[at]),
            "p": stored(tests.p[at]),
            "p_adjusted": stored(adjusted[at]),
            "level_before": stored(tests.expected[at]),
            "level_after": stored(tests.observed[at]),
            "tier": tier_of(is_tested=True, is_selected=bool(found[at] & worse[at]), is_watched=bool(found[at])),
            "kind": SUDDEN,
            "is_selected": bool(found[at] & worse[at]),
            "n_tests": int(np.isfinite(tests.p).sum()),
            "expected_false": -(-n_selected // 100),
            "n_people": None if size is None else int(size),
            "students_equivalent": None if size is None else stored(abs(effect[at]) * size),
            "priority": stored(priority(weight)),
        }


def _district_row(tests: DayTests, place: dict[str, Any], district_id: str) -> dict[str, Any]:
    """Return what all schools did on a day: one event where more than ``MANY`` of them were far off the same way."""
    tested = np.isfinite(tests.t)
    before, after = (float(each[tested].mean()) if tested.any() else 0.0 for each in (tests.expected, tests.observed))
    is_selected = tests.is_shared and kind_of(place["better"], after - before) != "improvement"
    return place | {
        "figure_id": "|".join(("day", place["indicator_id"], district_id, str(place["period_on"]))),
        "unit_type": "district",
        "unit_id": district_id,
        "effect": stored(after - before),
        "z": stored(tests.shared),
        "p": 0.0 if tests.is_shared else 1.0,
        "level_before": stored(before),
        "level_after": stored(after),
        "threshold": FAR,
        "tier": tier_of(is_tested=True, is_selected=is_selected, is_watched=tests.is_shared),
        "kind": SUDDEN,
        "control": "fixed_limit",
        "is_selected": is_selected,
        "n_tests": 1,
        "expected_false": 0,
    }
