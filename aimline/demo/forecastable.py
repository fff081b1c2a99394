"""Panels of simulated schools on which forecasts are measured: past years, this year, and a target for each school.

Levels jump from year to year and wander within one; a month has noise of its own and a shock that all share.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aimline.demo.labelled import PER_YEAR, SEASON

Floats = NDArray[np.float64]

FACTORS = (0.85, 0.92, 0.97, 1.0, 1.03, 1.08)


@dataclass(frozen=True)
class Shape:
    """What a panel is like; sizes are on the logit scale.

    Attributes:
        years: Years in all, this one among them.
        jump: Step of a level from year to year.
        walk: Step from month to month.
        noise: Noise of a month.
        shock: What all schools share in a month.
        own_season: What a school's season adds to the common one.
        enrollment: How enrollment moves from year to year, as a log.
        missing: Share of months that are missing.
    """

    years: int = 3
    jump: float = 0.10
    walk: float = 0.02
    noise: float = 0.06
    shock: float = 0.04
    own_season: float = 0.0
    enrollment: float = 0.0
    missing: float = 0.0


G = Shape()
VARIANTS: dict[str, Shape] = {
    "G": G,
    "four years": replace(G, years=4),
    "noise": replace(G, noise=0.12),
    "enrollment": replace(G, enrollment=0.08, missing=0.03),
    "season": replace(G, own_season=0.05),
    "jump": replace(G, jump=0.20),
}


@dataclass(frozen=True)
class ForecastPanel:
    """Absent days over student days of whole years, NaN where missing; targets; the true rate of the last year."""

    absent: Floats
    days: Floats
    target: Floats
    actual: Floats


def forecast_panel(shape: Shape, seed: int, units: int = 300) -> ForecastPanel:
    """Draw a panel; the target is last year's rate times a factor drawn for each school, and lower is better."""
    rng = np.random.Generator(np.random.PCG64([seed, units, shape.years]))
    months = shape.years * PER_YEAR
    students = np.clip(np.exp(rng.normal(6.1, 0.65, units)), 40, 3200)
    yearly = np.exp(np.cumsum(rng.normal(0, 1, (units, shape.years)) * shape.enrollment, axis=1))
    days = np.maximum(np.round(18 * students[:, None] * np.repeat(yearly, PER_YEAR, axis=1)), 10.0)
    level = rng.normal(math.log(0.075 / 0.925), 0.35, units)[:, None]
    level = level + np.repeat(np.cumsum(rng.normal(0, shape.jump, (units, shape.years)), axis=1), PER_YEAR, axis=1)
    level = level + np.cumsum(rng.normal(0, shape.walk, (units, months)), axis=1)
    season = SEASON * rng.uniform(0.5, 1.5) + rng.normal(0, 0.03, PER_YEAR)
    own = rng.normal(0, 1, (units, PER_YEAR)) * shape.own_season
    level = level + np.tile(season + own, shape.years) + rng.normal(0, shape.shock, months)
    level = level + rng.normal(0, shape.noise, (units, months))
    absent = rng.binomial(days.astype(np.int64), 1 / (1 + np.exp(-level))).astype(float)
    last, now = slice(-2 * PER_YEAR, -PER_YEAR), slice(-PER_YEAR, None)
    target = absent[:, last].sum(axis=1) / days[:, last].sum(axis=1) * rng.choice(FACTORS, units)
    gone = rng.random((units, months)) < shape.missing
    absent[gone], days[gone] = np.nan, np.nan
    actual = np.nansum(absent[:, now], axis=1) / np.nansum(days[:, now], axis=1)
    return ForecastPanel(absent, days, target, actual)
