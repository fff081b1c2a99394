"""Measure the weekly test of attendance with and without its days: ``python -m benchmarks.week_bar [SEED [SEEDS]]``.

Simulated districts, day by day: school days between holidays, days of the week and days beside a closed one that are
not like others (by as much as in New York City's schools of 2012 to 2014), what all schools share in a week, registers
that are missing, schools closed by themselves. Some schools leave their level, by a step or week by week. The same
weeks are tested twice by what the warehouse tests them with: as their days add up, and freed from what their days lead
to expect (``aimline/signals/week_values.py``). What is found, what is told in vain, and how soon stand side by side.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from aimline.signals.drift import Columns, PanelRule, evaluate_batches
from aimline.signals.levels import FEWEST_IN_COMMON
from aimline.signals.residuals import Floats
from aimline.signals.week_values import of_usual_days
from benchmarks.signal_bars import means, scored

BASELINE, MONITORED = 12, 20
SEEDS = 5

_WEEKS = BASELINE + MONITORED
_FIRST = date(2026, 8, 31)
_WEEKDAY = np.array([-0.15, 0.01, 0.05, 0.03, -0.17])
_LEVEL, _BETWEEN = 2.6, 0.35
_STEP, _DRIFT, _LAST_START = 0.25, 0.03, 8
_CHANGED = 0.08


@dataclass(frozen=True)
class District:
    """What a simulated district is like; shares are of days or weeks, sizes are on the logit scale.

    Attributes:
        schools: How many.
        beside: What a day next to a closed one adds for all.
        shock: What all schools share in a week.
        own_weekday: What a school's days of the week add to those of all.
        missing: Share of a school's days whose register is missing.
        closed: Share of a school's weeks in which it has one or two days fewer than the others.
        days_like_all: Days of the week and days beside closed ones are like all others.
    """

    schools: int = 400
    beside: float = -0.25
    shock: float = 0.10
    own_weekday: float = 0.0
    missing: float = 0.0
    closed: float = 0.0
    days_like_all: bool = False


DISTRICTS = {
    "every register": District(),
    "2% missing": District(missing=0.02),
    "10% missing": District(missing=0.10),
    "own closures": District(closed=0.10),
    "own weekdays": District(missing=0.02, closed=0.10, own_weekday=0.08),
    "days all alike": District(missing=0.02, closed=0.10, days_like_all=True),
    "12 schools": District(schools=12, missing=0.02, closed=0.10),
    "3 schools": District(schools=3, missing=0.02, closed=0.10),
}
PANELS_OF_FEW = 1600


@dataclass(frozen=True)
class Days:
    """A simulated district: a row a school and a column a day; NaN where there is no register.

    Attributes:
        dates: The school days.
        week: Which week each is of.
        present: Who was there.
        member: Who belongs there.
        changed_week: The first changed week of each school, from 1; 0 for none.
    """

    dates: list[date]
    week: NDArray[np.int64]
    present: Floats
    member: Floats
    changed_week: NDArray[np.int64]


def calendar(rng: np.random.Generator) -> list[date]:
    """Return the school days of the weeks: about one in six has a holiday, some two, and no week is short."""
    days = []
    for week in range(_WEEKS):
        n_closed = rng.choice(3, p=[0.80, 0.13, 0.07])
        closed = set(rng.choice(5, n_closed, replace=False).tolist())
        days += [_FIRST + timedelta(days=7 * week + at) for at in range(5) if at not in closed]
    return days


def simulate(district: District, seed: int) -> Days:
    """Draw a district; the same seed is the same district."""
    rng = np.random.Generator(np.random.PCG64([seed, district.schools]))
    dates = calendar(rng)
    weekday = np.array([day.weekday() for day in dates])
    week = np.array([(day - _FIRST).days // 7 for day in dates])
    size = np.round(np.clip(np.exp(rng.normal(6.1, 0.65, district.schools)), 40, 3200))
    shared = rng.normal(0.0, district.shock, _WEEKS)[week]
    if not district.days_like_all:
        shared = shared + _WEEKDAY[weekday] + district.beside * _is_beside(dates)
    own = rng.normal(0.0, 1.0, (district.schools, 5))[:, weekday] * district.own_weekday
    change, first = _changes(rng, district.schools)
    level = rng.normal(_LEVEL, _BETWEEN, district.schools)[:, None]
    logit = level + shared + own + _noise(rng, district.schools, week) + change[:, week]
    member = np.repeat(size[:, None], len(dates), axis=1)
    present = rng.binomial(member.astype(np.int64), 1 / (1 + np.exp(-logit))).astype(float)
    gone = _gone(rng, district, week)
    present[gone], member[gone] = np.nan, np.nan
    return Days(dates, week, present, member, first)


def _is_beside(dates: list[date]) -> Floats:
    known = set(dates)
    steps = (timedelta(days=-1), timedelta(days=1))
    beside = [
        any((day + step).weekday() < 5 and day + step not in known for step in steps)  # noqa: PLR2004 - Monday to Friday
        for day in dates
    ]
    return np.array(beside, dtype=float)


def _noise(rng: np.random.Generator, schools: int, week: NDArray[np.int64]) -> Floats:
    """Return what is a school's own: of each day, and of each week, which is in part the one before."""
    weekly = rng.normal(0.0, 1.0, (schools, _WEEKS))
    for at in range(1, _WEEKS):
        weekly[:, at] = 0.2 * weekly[:, at - 1] + np.sqrt(1 - 0.2**2) * weekly[:, at]
    spread = np.exp(rng.normal(0.0, 0.25, schools))[:, None]
    return np.asarray((0.05 * weekly[:, week] + rng.normal(0.0, 0.10, (schools, len(week)))) * spread)


def _changes(rng: np.random.Generator, schools: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return what the changes add to each week, and the first week of each; half are steps, half go on."""
    changed = rng.permutation(schools)[: max(1, round(_CHANGED * schools))]
    first = np.zeros(schools, dtype=np.int64)
    first[changed] = BASELINE + 1 + rng.integers(0, _LAST_START, len(changed))
    since = np.arange(1, _WEEKS + 1) - first[:, None] + 1
    size = np.where(rng.random(schools)[:, None] < 0.5, _STEP, np.minimum(_DRIFT * since, 0.4))  # noqa: PLR2004
    sign = np.where(rng.random(schools) < 0.5, 1.0, -1.0)[:, None]  # noqa: PLR2004
    return np.asarray(np.where((first[:, None] > 0) & (since > 0), sign * size, 0.0)), first


def _gone(rng: np.random.Generator, district: District, week: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which days of which schools are missing: registers that were not sent, and days a school was closed."""
    gone = rng.random((district.schools, len(week))) < district.missing
    order = rng.random(gone.shape)
    n_closed = np.where(
        rng.random((district.schools, _WEEKS)) < district.closed, rng.integers(1, 3, (district.schools, _WEEKS)), 0
    )
    for at in range(_WEEKS):
        here = np.flatnonzero(week == at)
        rank = order[:, here].argsort(axis=1).argsort(axis=1)
        gone[:, here] |= rank < n_closed[:, at, None]
    return np.asarray(gone)


def columns(days: Days) -> tuple[Columns, Columns]:
    """Return the weeks of three days and more as the warehouse adds them up, and their days."""
    unit, at = np.nonzero(np.isfinite(days.member))
    same = np.zeros(len(unit), dtype=np.int64)
    on_date = np.array(days.dates, dtype="datetime64[D]")[at]
    told = {"panel_no": same, "unit_no": unit, "period_ix": days.week[at], "on_date": on_date}
    told |= {"n_present": days.present[unit, at], "n_member": days.member[unit, at]}
    place = unit * _WEEKS + days.week[at]
    shape = len(days.member) * _WEEKS
    n_days, present, member = (
        np.bincount(place, weights, shape) for weights in (None, told["n_present"], told["n_member"])
    )
    kept = np.flatnonzero(n_days > 0)
    period = kept % _WEEKS
    series = {"panel_no": kept * 0, "unit_no": kept // _WEEKS, "period_ix": period, "batch_no": period}
    series |= {"numerator": present[kept], "denominator": member[kept]}
    return series | {"baseline": np.full(len(kept), BASELINE)}, told


def first_told(series: Columns, schools: int) -> NDArray[np.int64]:
    """Return the first week each school is told of, from 1; 0 for none."""
    rule = PanelRule(BASELINE, 36, min_common=FEWEST_IN_COMMON)
    found = evaluate_batches(series, {0: rule}).columns
    rows = found["row"][found["is_selected"]]
    first = np.full(schools, _WEEKS + 1)
    np.minimum.at(first, series["unit_no"][rows], series["period_ix"][rows] + 1)
    return np.where(first > _WEEKS, 0, first)


def both_ways(district: District, seed: int) -> Iterator[tuple[Floats, list[int]]]:
    """Yield the scores of the weeks as they add up, and of the weeks freed from their days."""
    days = simulate(district, seed)
    series, told = columns(days)
    for weeks in (series, of_usual_days(series, told)):
        yield scored(days.changed_week, first_told(weeks, district.schools))


def pooled(panels: list[tuple[Floats, list[int]]]) -> tuple[Floats, list[int]]:
    """Return the counts of districts added up: one of few schools alone has too few for a share."""
    return np.sum([numbers for numbers, _ in panels], axis=0), [weeks for _, each in panels for weeks in each]


def main(words: list[str]) -> None:
    """Print both ways of every district, and how many are told in vain for one another."""
    first, seeds = (int(word) for word in (words + ["1000", str(SEEDS)][len(words) :]))
    for name, district in DISTRICTS.items():
        n = max(seeds, PANELS_OF_FEW // district.schools)
        scores = list(zip(*(both_ways(district, seed) for seed in range(first, first + n)), strict=True))
        totals = [pooled(list(each)) for each in scores]
        for way, total in zip(("as they add up", "of usual days"), totals, strict=True):
            print(f"{name:<15} {way:<15} {means([total])}", flush=True)
        plain, usual = (numbers for numbers, _ in totals)
        print(f"{name:<15} told in vain, usual over plain: {usual[3] / plain[3] if plain[3] else float('nan'):.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
