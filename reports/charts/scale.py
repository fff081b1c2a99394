"""Map numbers and dates onto a chart, and choose the numbers of its axes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0, 20.0)
_MOST_TICKS = 5
_MONTHS_SHOWN = 430
_MOST_LABELS = 6


@dataclass(frozen=True)
class Scale:
    """A straight map from numbers (``low`` to ``high``) to places (``start`` to ``end``)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a number."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers that cover a span: the finest step that gives at most five intervals."""
    if high <= low:
        high = low + (abs(low) * 0.1 or 1.0)
    power = 10.0 ** math.floor(math.log10((high - low) / _MOST_TICKS))
    for step in (power * factor for factor in _STEPS):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= _MOST_TICKS:
            break
    return [round(number * step, 10) for number in range(first, last + 1)]


def whole_steps(scale: Scale, step: float) -> Scale:
    """Let half a step of what is told be a whole number of hundredths, so that a coordinate is exactly its number."""
    n_steps = round((scale.high - scale.low) / step, 6)
    unit = math.floor(50 * (scale.start - scale.end) / n_steps) / 50
    return replace(scale, end=scale.start - unit * n_steps) if unit else scale


def told_scale(scale: Scale, unit: str) -> str:
    """Write a scale as its reader needs it: numbers as they are told, then places."""
    factor = 100.0 if unit == "share" else 1.0
    return ",".join(f"{each:.10g}" for each in (scale.low * factor, scale.high * factor, scale.start, scale.end))


def date_ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Return the days to name on an axis: months within a school year, else years."""
    if (last - first).days <= _MONTHS_SHOWN:
        months = list(_month_starts(first, last))
        every = max(1, math.ceil(len(months) / _MOST_LABELS))
        return [(day, f"{day:%b}") for day in months[::every]]
    years = [date(year, 1, 1) for year in range(first.year, last.year + 1)]
    inside = [day for day in years if first <= day <= last]
    every = max(1, math.ceil(len(inside) / _MOST_LABELS))
    return [(day, str(day.year)) for day in inside[::every]]


def _month_starts(first: date, last: date) -> Iterator[date]:
    day = first.replace(day=1)
    while day <= last:
        if day >= first:
            yield day
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
