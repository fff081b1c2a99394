"""Put observations in order: facets, subgroups, phases, baseline, exclusions. No chart's arithmetic belongs here.

A missing number is NaN. Sums are exact and means take a second pass, because the sign of a distance to a mean decides
flags.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Literal

Scale = Literal["numeric", "date", "category"]
Numbers = list[float]
NAN = math.nan


@dataclass(frozen=True)
class Observation:
    """One row: its facet, its place in the order (as read, and as it sorts), its value and denominator."""

    facet: str
    label: str
    place: float | str
    y: float
    n: float = NAN


@dataclass(frozen=True)
class Subgroup:
    """The observations of one facet at one place.

    Attributes:
        label: The place as it was read.
        place: The place as it sorts.
        y: What is plotted; NaN when missing.
        num: Sum of what was observed.
        n: Sum of the denominators; NaN without them.
        length: How many observations are not missing.
        mean: Their mean.
        sd: Their standard deviation (n - 1); NaN for fewer than two.
    """

    label: str
    place: float | str
    y: float
    num: float
    n: float
    length: int
    mean: float
    sd: float

    @property
    def x(self) -> float | str:
        """Return the place as it is shown: a number, or the text that was read."""
        return self.label if isinstance(self.place, str) else self.place


@dataclass(frozen=True)
class Layout:
    """How a facet is cut up.

    Attributes:
        parts: Positions (from 1) at which phases end.
        from_places: Places at which phases begin.
        freeze: How many first points set the limits; None for all. Not used when there are phases.
        exclude: Positions left out of limits and runs.
    """

    parts: tuple[int, ...] = ()
    from_places: tuple[str, ...] = ()
    freeze: int | None = None
    exclude: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Phase:
    """A stretch of subgroups that share a centre.

    Attributes:
        first: Position of its first subgroup in the facet, from 1.
        part: Number of the phase, from 1.
        groups: Its subgroups, in order.
        is_baseline: Which of them set the limits.
        is_included: Which of them are not excluded.
        is_ordered: Neighbours follow each other: the place is a number or a day.
    """

    first: int
    part: int
    groups: tuple[Subgroup, ...]
    is_baseline: tuple[bool, ...]
    is_included: tuple[bool, ...]
    is_ordered: bool = True

    @property
    def used(self) -> list[bool]:
        """Return which points set the limits: those of the baseline that are included."""
        return [base and included for base, included in zip(self.is_baseline, self.is_included, strict=True)]


@dataclass(frozen=True)
class Reading:
    """How rows become subgroups: with denominators a share of sums, else one number of each subgroup."""

    has_n: bool = False
    agg: str = "mean"


@dataclass(frozen=True)
class Facet:
    """The subgroups of one facet, in order."""

    name: str
    groups: tuple[Subgroup, ...] = field(default=())


def is_missing(value: float) -> bool:
    """Say whether a number is missing."""
    return math.isnan(value)


def present(values: Iterable[float]) -> Numbers:
    """Return the numbers that are not missing."""
    return [value for value in values if not math.isnan(value)]


def mean_of(values: Iterable[float]) -> float:
    """Return the mean of the numbers that are not missing, NaN for none."""
    seen = present(values)
    if not seen:
        return NAN
    first = math.fsum(seen) / len(seen)
    return first + math.fsum(value - first for value in seen) / len(seen)


def sd_of(values: Iterable[float]) -> float:
    """Return the standard deviation (n - 1) of the numbers that are not missing, NaN for fewer than two."""
    seen = present(values)
    if len(seen) < 2:  # noqa: PLR2004 - a spread takes two
        return NAN
    middle = mean_of(seen)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in seen) / (len(seen) - 1))


def median_of(values: Iterable[float]) -> float:
    """Return the median of the numbers that are not missing, NaN for none."""
    seen = present(values)
    return float(median(seen)) if seen else NAN


def ranges_of(values: Iterable[float]) -> Numbers:
    """Return the distances between neighbours; one that touches a missing number is left out."""
    return [abs(after - before) for before, after in pairwise(values) if not math.isnan(after - before)]


AGGREGATES: dict[str, Callable[[Iterable[float]], float]] = {
    "mean": mean_of,
    "median": median_of,
    "sum": lambda values: math.fsum(values) if (values := present(values)) else NAN,
    "sd": sd_of,
}


def arrange(rows: Iterable[Observation], reading: Reading) -> list[Facet]:
    """Group rows by facet and place; facets in code-point order, subgroups by place."""
    found: dict[str, dict[float | str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row.facet][row.place].append(row)
    return [
        Facet(name, tuple(_subgroup(places[place], reading) for place in sorted(places)))
        for name, places in sorted(found.items())
    ]


def _subgroup(rows: Sequence[Observation], reading: Reading) -> Subgroup:
    first = rows[0]
    if len(rows) == 1:
        return _single(first, reading)
    if reading.has_n:
        rows = [row for row in rows if not is_missing(row.y) and not is_missing(row.n)]
    seen = present(row.y for row in rows)
    num = math.fsum(seen) if seen else NAN
    mean, sd = mean_of(seen), sd_of(seen)
    if not reading.has_n:
        y = mean if reading.agg == "mean" else AGGREGATES[reading.agg](seen)
        return Subgroup(first.label, first.place, y, num, NAN, len(seen), mean, sd)
    n = math.fsum(row.n for row in rows) if seen else NAN
    y = num / n if n else NAN
    return Subgroup(first.label, first.place, y, num, n, len(seen), mean, sd)


def _single(row: Observation, reading: Reading) -> Subgroup:
    """Return the subgroup of one observation."""
    y, n = (NAN, NAN) if reading.has_n and math.isnan(row.y + row.n) else (row.y, row.n)
    plotted = (y / n if n else NAN) if reading.has_n else NAN if reading.agg == "sd" else y
    return Subgroup(row.label, row.place, plotted, y, n if reading.has_n else NAN, int(not math.isnan(y)), y, NAN)


def cut(facet: Facet, layout: Layout, *, is_ordered: bool) -> list[Phase]:
    """Cut a facet into its phases.

    Args:
        facet: The facet.
        layout: Where its phases end or begin, its baseline, what is excluded. Positions outside the facet do nothing.
        is_ordered: Whether neighbours follow each other.
    """
    size = len(facet.groups)
    ends = {end for end in layout.parts if 0 < end < size} | _ends_before(facet, layout.from_places)
    bounds = [0, *sorted(ends), size]
    freeze = None if layout.parts or layout.from_places else layout.freeze
    baseline = [freeze is None or position < freeze for position in range(size)]
    included = [position + 1 not in layout.exclude for position in range(size)]
    return [
        Phase(
            start + 1,
            number,
            facet.groups[start:end],
            tuple(baseline[start:end]),
            tuple(included[start:end]),
            is_ordered,
        )
        for number, (start, end) in enumerate(pairwise(bounds), 1)
    ]


def _ends_before(facet: Facet, places: Iterable[str]) -> set[int]:
    """Return the positions after which a new phase begins: before the first subgroup at or after each place."""
    found = set()
    for place in places:
        at = next((index for index, group in enumerate(facet.groups) if str(group.place) >= place), None)
        if at:
            found.add(at)
    return found
