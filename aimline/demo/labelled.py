"""Panels of simulated schools in which it is known who changed, when and how: what a detector is measured on.

Twenty baseline months and ten monitored ones; months are absent days over student days. A family says what makes life
hard: shocks that all share, seasons of their own, gaps, small schools, wandering levels.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BASELINE, MONITORED, PER_YEAR = 20, 10, 10
PANEL_COLUMNS = ("unit", "month_index", "absent_days", "student_days")
TRUTH_COLUMNS = ("unit", "change", "first_changed_month")
KINDS = ("step_up", "step_down", "drift_up", "drift_down")

_MONTHS = BASELINE + MONITORED
_STEP, _DRIFT = 0.25, 0.08
_LAST_START = 5
SEASON = np.array([-0.20, -0.08, 0.02, 0.10, 0.12, 0.18, 0.06, -0.02, -0.02, 0.10])
_RATE = math.log(0.075 / 0.925)
_DAYS = 18
_GAP, _LATE = 3, 8
_FEW_UNITS = 20


@dataclass(frozen=True)
class Family:
    """What a family of panels is like; shares are of units, sizes are on the logit scale.

    Attributes:
        frac: Share of units that change.
        sd: Noise of a month.
        rho: Autocorrelation of the noise.
        shock: What all units share in a month.
        flu: One month that is hard for all; the next is half as hard.
        own_season: What each unit's season adds to the common one.
        missing: Share of months that are missing.
        gaps: Share of units with three months missing in a row.
        late: Share of units whose first eight months are missing.
        size: Factor of the number of students.
        enrollment: How enrollment moves from year to year, as a log.
        jumps: Share of units whose enrollment jumps in one month.
        walk: How the level wanders from month to month.
    """

    frac: float = 0.08
    sd: float = 0.06
    rho: float = 0.2
    shock: float = 0.0
    flu: float = 0.0
    own_season: float = 0.0
    missing: float = 0.0
    gaps: float = 0.0
    late: float = 0.0
    size: float = 1.0
    enrollment: float = 0.0
    jumps: float = 0.0
    walk: float = 0.0


_F4 = Family(shock=0.06, flu=0.30)
_F8 = Family(walk=0.01)
_F9 = Family(
    rho=0.3, shock=0.05, flu=0.25, own_season=0.03, missing=0.03, gaps=0.08, late=0.04, enrollment=0.06, jumps=0.04
)

FAMILIES: dict[str, Family] = {
    "F1": Family(),
    "F2": Family(sd=0.12, rho=0.3),
    "F3": Family(frac=0.0),
    "F4": _F4,
    "F4n": replace(_F4, frac=0.0),
    "F5": Family(own_season=0.03),
    "F6": Family(missing=0.04, gaps=0.10, late=0.05),
    "F7": Family(size=0.3, enrollment=0.08, jumps=0.05),
    "F8": _F8,
    "F8n": replace(_F8, frac=0.0),
    "F9": _F9,
    "F9n": replace(_F9, frac=0.0),
    "F10": Family(),
}
"""Families by name; in F10 the share of units that change grows as units get few."""


@dataclass(frozen=True)
class LabelledPanel:
    """A panel and its truth.

    Attributes:
        units: Names of the units.
        absent: Absent days, a row a unit and a column a month; NaN where missing.
        days: Student days.
        change: How each unit changed: one of ``KINDS`` or none.
        changed_month: First changed month, from 1; 0 for none.
    """

    units: list[str]
    absent: Floats
    days: Floats
    change: list[str]
    changed_month: list[int]


def labelled_panel(name: str, seed: int, units: int = 400) -> LabelledPanel:
    """Draw a panel of a family; the same seed is the same panel."""
    family = FAMILIES[name]
    if name == "F10":
        family = replace(family, frac=0.2 if units <= _FEW_UNITS else 0.1)
    rng = np.random.Generator(np.random.PCG64([seed, list(FAMILIES).index(name), units]))
    days = _days(family, units, rng)
    change, start = _changes(family, units, rng)
    logit = _level(family, units, rng) + _moves(change, start)
    absent = rng.binomial(days.astype(np.int64), 1 / (1 + np.exp(-logit))).astype(float)
    gone = _gone(family, units, rng)
    absent[gone], days[gone] = np.nan, np.nan
    width = max(4, len(str(units)))
    return LabelledPanel(
        [f"{name}-{number:0{width}d}" for number in range(1, units + 1)],
        absent,
        days,
        [KINDS[kind] if kind >= 0 else "none" for kind in change.tolist()],
        [month + 1 if month >= 0 else 0 for month in start.tolist()],
    )


def panel_rows(panel: LabelledPanel) -> Iterator[list[Any]]:
    """Return one row a unit and month; both numbers are missing together."""
    for at, unit in enumerate(panel.units):
        for month in range(_MONTHS):
            yield [unit, month + 1, float(panel.absent[at, month]), float(panel.days[at, month])]


def truth_rows(panel: LabelledPanel) -> Iterator[list[Any]]:
    """Return one row a unit: how it changed and in which month first."""
    for unit, change, month in zip(panel.units, panel.change, panel.changed_month, strict=True):
        yield [unit, change, month or None]


def _days(family: Family, units: int, rng: np.random.Generator) -> Floats:
    students = np.clip(np.exp(rng.normal(6.1, 0.65, units)), 40, 3200) * family.size
    years = np.exp(rng.normal(0.0, 1.0, (units, _MONTHS // PER_YEAR)) * family.enrollment)
    size = students[:, None] * np.repeat(np.cumprod(years, axis=1), PER_YEAR, axis=1)
    jumps = rng.random(units) < family.jumps
    at, factor = rng.integers(1, _MONTHS, units), np.where(rng.random(units) < 0.5, 0.7, 1.4)  # noqa: PLR2004
    after = jumps[:, None] & (np.arange(_MONTHS) >= at[:, None])
    return np.asarray(np.maximum(np.round(_DAYS * np.where(after, size * factor[:, None], size)), 10.0))


def _changes(family: Family, units: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the kind of change of each unit and its first month, from 0; -1 for none."""
    changed = rng.permutation(units)[: round(family.frac * units)]
    kind, start = np.full(units, -1), np.full(units, -1)
    kind[changed] = rng.integers(0, len(KINDS), len(changed))
    start[changed] = BASELINE + rng.integers(0, _LAST_START, len(changed))
    return kind, start


def _moves(change: NDArray[np.int64], start: NDArray[np.int64]) -> Floats:
    """Return what the changes add to each month."""
    since = np.arange(_MONTHS) - start[:, None] + 1
    on = (change >= 0)[:, None] & (since > 0)
    size = np.where((change < 2)[:, None], _STEP, _DRIFT * since)  # noqa: PLR2004 - the first two kinds are steps
    sign = np.where(change % 2 == 0, 1.0, -1.0)[:, None]
    return np.asarray(np.where(on, sign * size, 0.0))


def _level(family: Family, units: int, rng: np.random.Generator) -> Floats:
    """Return the logit of each unit and month without the changes."""
    season = SEASON * rng.uniform(0.5, 1.5) + rng.normal(0.0, 0.03, PER_YEAR)
    own = rng.normal(0.0, 1.0, (units, PER_YEAR)) * family.own_season
    common = rng.normal(0.0, 1.0, _MONTHS) * family.shock
    flu = int(rng.integers(BASELINE, _MONTHS - 1))
    common[flu] += family.flu
    common[flu + 1] += family.flu / 2
    walk = np.cumsum(rng.normal(0.0, 1.0, (units, _MONTHS)), axis=1) * family.walk
    base = rng.normal(_RATE, 0.35, units)[:, None]
    return np.asarray(base + np.tile(season + own, _MONTHS // PER_YEAR) + common + walk + _noise(family, units, rng))


def _noise(family: Family, units: int, rng: np.random.Generator) -> Floats:
    drawn = rng.normal(0.0, 1.0, (units, _MONTHS))
    fresh = math.sqrt(1 - family.rho**2)
    for month in range(1, _MONTHS):
        drawn[:, month] = family.rho * drawn[:, month - 1] + fresh * drawn[:, month]
    return np.asarray(drawn * (family.sd * np.exp(rng.normal(0.0, 0.25, units)))[:, None])


def _gone(family: Family, units: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which months are missing."""
    gone = rng.random((units, _MONTHS)) < family.missing
    month = np.arange(_MONTHS)
    begins = rng.integers(0, _MONTHS - _GAP + 1, units)[:, None]
    has_gap = (rng.random(units) < family.gaps)[:, None]
    is_late = (rng.random(units) < family.late)[:, None]
    gone |= has_gap & (month >= begins) & (month < begins + _GAP)
    gone |= is_late & (month < _LATE)
    return np.asarray(gone)
