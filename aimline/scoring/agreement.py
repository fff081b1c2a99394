"""Tell how far people who rate the same things agree: exactly, within one level, and beyond chance.

Ratings are whole levels. Whose ratings are compared is SQL; who the raters are stays in the warehouse.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

LEAST_ITEMS = 10
LEVELS = 4
ESTIMATORS = ("exact", "adjacent", "quadratic_kappa")
AGREEMENT_COLUMNS = {"slot": "varchar", "unit_id": "varchar", "estimator": "varchar", "value": "double"}
AGREEMENT_COLUMNS |= {"n_raters": "bigint", "n_items": "bigint", "why_not": "varchar"}

Pair = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Agreement:
    """Agreement of raters; what cannot be told is None and ``why_not`` says why."""

    n_items: int
    exact: Fraction | None = None
    adjacent: Fraction | None = None
    kappa: Fraction | None = None
    why_not: str | None = None


def of_pair(rated: Pair, n_levels: int = LEVELS) -> Agreement:
    """Compare two raters on the items both rated; kappa weighs a difference by its square."""
    n = len(rated)
    if n < LEAST_ITEMS:
        return Agreement(n, why_not="fewer than 10 rated items")
    apart = [abs(one - other) for one, other in rated]
    exact, adjacent = Fraction(apart.count(0), n), Fraction(sum(each <= 1 for each in apart), n)
    most = (n_levels - 1) ** 2
    observed = 1 - Fraction(sum(each**2 for each in apart), n * most)
    crossed = sum((one - other) ** 2 for one, _ in rated for _, other in rated)
    expected = 1 - Fraction(crossed, n * n * most)
    if expected == 1:
        return Agreement(n, exact, adjacent, why_not="both raters use one level alone")
    return Agreement(n, exact, adjacent, (observed - expected) / (1 - expected))


def of_raters(ratings: Mapping[str, Mapping[str, int]], n_levels: int = LEVELS) -> Agreement:
    """Compare all pairs of raters and take the mean over pairs that can be told.

    Args:
        ratings: Rater -> item -> level.
        n_levels: Levels of the rubric.
    """
    pairs = [
        of_pair([(one[item], other[item]) for item in sorted(one.keys() & other.keys())], n_levels)
        for one, other in combinations([ratings[name] for name in sorted(ratings)], 2)
    ]
    return _mean(pairs)


def _mean(pairs: Sequence[Agreement]) -> Agreement:
    most = max((each.n_items for each in pairs), default=0)
    if not pairs:
        return Agreement(0, why_not="fewer than 2 raters")
    told = [each for each in pairs if each.exact is not None]
    if not told:
        return Agreement(most, why_not=pairs[0].why_not)
    kappas = [each.kappa for each in told if each.kappa is not None]
    kappa = sum(kappas, Fraction(0)) / len(kappas) if kappas else None
    exact, adjacent = (sum((getattr(each, name) for each in told), Fraction(0)) / len(told) for name in ESTIMATORS[:2])
    return Agreement(most, exact, adjacent, kappa, None if kappas else told[0].why_not)


def agreement_rows(ratings: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield three rows for each occasion and school, and for the district: the mean over all its schools' pairs.

    Args:
        ratings: slot, unit_id, item_id, rater_key and rating of single raters.
    """
    held: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    for row in ratings:
        unit = held.setdefault(row["slot"], {}).setdefault(row["unit_id"], {})
        unit.setdefault(row["rater_key"], {})[row["item_id"]] = row["rating"]
    for slot, units in sorted(held.items()):
        found = {unit_id: of_raters(raters) for unit_id, raters in units.items()}
        whole = _mean(list(found.values()))
        everyone = {rater for raters in units.values() for rater in raters}
        for unit_id, told in [("", whole), *sorted(found.items())]:
            n_raters = len(units[unit_id]) if unit_id else len(everyone)
            for name, value in zip(ESTIMATORS, (told.exact, told.adjacent, told.kappa), strict=True):
                row = {"slot": slot, "unit_id": unit_id, "estimator": name, "n_raters": n_raters}
                row |= {"n_items": told.n_items, "value": None if value is None else float(value)}
                yield row | {"why_not": told.why_not if value is None else None}
