"""Simulate survey windows of which it is known how they end."""

import random
from dataclasses import dataclass
from fractions import Fraction

from aimline.arrival.pace import Moment, Past, Standing, forecast, past_window

TYPES = {"elementary": (0.75, 0.08), "high": (0.55, 0.10)}
"""Type of school -> mean and spread of its final rate."""


@dataclass(frozen=True)
class Coverage:
    """How often the end of a simulated window lay inside its interval, below it, above it."""

    inside: int
    below: int
    above: int

    @property
    def share(self) -> float:
        """Return the share inside."""
        return self.inside / (self.inside + self.below + self.above)


def window(
    draw: random.Random, school_type: str, n: int, shape: tuple[float, float], rate: float | None = None
) -> list[float]:
    """Return when the responses of one school came: early in the window, and again before its end."""
    mean, spread = TYPES[school_type]
    own = min(1.0, max(0.02, draw.gauss(mean, spread) if rate is None else rate))
    return [draw.betavariate(*shape) for _ in range(n) if draw.random() < own]


def library(draw: random.Random, n_windows: int = 6) -> list[Past]:
    """Return what past windows show, each of eight schools a type, each with a rhythm of its own."""
    found = []
    for _ in range(n_windows):
        shape = (draw.uniform(0.9, 1.3), draw.uniform(1.2, 1.8))
        for school_type in TYPES:
            came = [at for _ in range(8) for at in window(draw, school_type, 100, shape)]
            if (past := past_window(school_type, came, 8 * 100)) is not None:
                found.append(past)
    return found


def coverage(n_windows: int, seed: int) -> Coverage:
    """Forecast simulated windows at a random moment of each, and count where they ended."""
    draw = random.Random(seed)  # noqa: S311 - a simulation
    counts = [0, 0, 0]
    known: list[Past] = []
    for number in range(n_windows):
        known = library(draw) if number % 5 == 0 else known
        school_type, n = draw.choice(sorted(TYPES)), draw.randint(60, 600)
        shape = (draw.uniform(0.9, 1.3), draw.uniform(1.2, 1.8))
        came, elapsed = window(draw, school_type, n, shape), draw.uniform(0.15, 0.9)
        seen = sum(at <= elapsed for at in came)
        told = forecast(Standing("s", school_type, n, seen), Moment(elapsed, Fraction(4, 5)), known)
        counts[0 if told.low <= len(came) <= told.high else 1 if len(came) < told.low else 2] += 1
    return Coverage(*counts)
