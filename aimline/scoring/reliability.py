"""Tell how reliable a scale and a school's mean are: alpha, omega of one factor, the share of variance between schools.

Sums of answers are whole numbers, so that no figure depends on the order of the people.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum
from typing import Any

import numpy as np

from aimline.scoring.recode import Numbers

LEAST_PEOPLE = 100
LEAST_ITEMS = 3
LEAST_SCHOOLS = 5
_SMALL = 1e-12
_LEAST_START = 0.1
_MOST_ROUNDS = 100_000


@dataclass(frozen=True)
class Omega:
    """Omega of one factor with its loadings; ``why_not`` says why there is none."""

    value: float | None
    loadings: tuple[float, ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class BetweenSchools:
    """One-way analysis of variance of persons in schools; ``icc`` is never below 0, ``raw`` may be."""

    n_schools: int
    between: float
    within: float
    usual_size: float
    raw: float
    icc: float


def covariances(complete: Numbers) -> Numbers:
    """Return covariances of items over people who answered all, times n (n - 1): whole numbers."""
    whole = complete.astype(np.int64)
    sums = whole.sum(axis=0)
    return len(whole) * (whole.T @ whole) - np.outer(sums, sums)


def alpha(complete: Numbers) -> float | None:
    """Return Cronbach's alpha of people who answered all items; None for one item or equal sums."""
    return alpha_of(covariances(complete))


def alpha_of(products: Numbers) -> float | None:
    """Return Cronbach's alpha of whole covariances."""
    n_items = len(products)
    total = int(products.sum())
    if n_items < 2 or total == 0:  # noqa: PLR2004 - one item has nothing to agree with
        return None
    return float(Fraction(n_items, n_items - 1) * (1 - Fraction(int(products.trace()), total)))


def omega(complete: Numbers) -> Omega:
    """Return omega of one factor on the correlations of people who answered all items."""
    return omega_from(covariances(complete), len(complete))


def omega_from(whole: Numbers, n_people: int) -> Omega:
    """Return omega of one factor on the correlations that whole covariances of so many people make."""
    if len(whole) < LEAST_ITEMS:
        return Omega(None, why_not="fewer than 3 items")
    if n_people < LEAST_PEOPLE:
        return Omega(None, why_not="fewer than 100 persons")
    products = whole.astype(float)
    spread = np.sqrt(np.diag(products))
    if not spread.all():
        return Omega(None, why_not="an item without variance")
    return omega_of(products / np.outer(spread, spread))


def omega_polychoric(complete: Numbers) -> Omega:
    """Return omega of one factor on the polychoric correlations: of the latent answers, beside omega."""
    from aimline.scoring.polychoric import correlations

    if complete.shape[1] < LEAST_ITEMS:
        return Omega(None, why_not="fewer than 3 items")
    if len(complete) < LEAST_PEOPLE:
        return Omega(None, why_not="fewer than 100 persons")
    found = correlations(complete)
    return Omega(None, why_not="an item without variance") if found is None else omega_of(found)


def omega_of(correlations: Numbers) -> Omega:
    """Return omega of one factor by unweighted least squares, one loading after another."""
    off = correlations - np.diag(np.diag(correlations))
    n_items = len(off)
    loadings = np.sqrt(np.maximum(np.abs(off).sum(axis=1) / (n_items - 1), _LEAST_START))
    for _ in range(_MOST_ROUNDS):
        largest = 0.0
        for place in range(n_items):
            others = float(loadings @ loadings) - loadings[place] ** 2
            new = float(off[place] @ loadings) / others
            largest = max(largest, abs(new - loadings[place]))
            loadings[place] = new
        if largest < _SMALL:
            break
    else:
        return Omega(None, why_not="the factor did not settle")
    if loadings.sum() < 0:
        loadings = -loadings
    told = tuple(float(each) for each in loadings)
    if max(abs(each) for each in told) >= 1:
        return Omega(None, told, "a loading of 1 or more")
    common = fsum(told) ** 2
    return Omega(common / (common + fsum(1 - each**2 for each in told)), told)


def between_schools(scores: Mapping[str, Sequence[float]]) -> BetweenSchools | None:
    """Split the variance of scores; None for fewer than two schools, or one person each."""
    schools = [list(mine) for _, mine in sorted(scores.items()) if mine]
    sizes = [len(mine) for mine in schools]
    n, k = sum(sizes), len(schools)
    if k < 2 or n == k:  # noqa: PLR2004 - one school has nothing to differ from
        return None
    mean = fsum(each for mine in schools for each in mine) / n
    means = [fsum(mine) / len(mine) for mine in schools]
    between = fsum(size * (each - mean) ** 2 for size, each in zip(sizes, means, strict=True)) / (k - 1)
    within = fsum((each - own) ** 2 for mine, own in zip(schools, means, strict=True) for each in mine) / (n - k)
    usual = (n - sum(size * size for size in sizes) / n) / (k - 1)
    spread = between + (usual - 1) * within
    raw = (between - within) / spread if spread else 0.0
    return BetweenSchools(k, between, within, usual, raw, max(raw, 0.0))


def of_school_mean(n_people: int, icc: float) -> float:
    """Return how much of what sets school means apart is more than chance, with this many people in a school."""
    return n_people * icc / (1 + (n_people - 1) * icc)


def people_for(goal: Fraction, icc: Fraction) -> int:
    """Return the people a school needs for a reliability of its mean, exactly."""
    needed = goal * (1 - icc) / (icc * (1 - goal))
    return -(-needed.numerator // needed.denominator)


def shrunken(own: float, district: float, reliability: float) -> float:
    """Return a school's mean drawn towards the district's as far as it is chance."""
    return reliability * own + (1 - reliability) * district


RELIABILITY_COLUMNS = {"slot": "varchar", "scale_id": "varchar", "estimator": "varchar", "value": "double"}
RELIABILITY_COLUMNS |= {"n_people": "bigint", "why_not": "varchar"}


def reliability_rows(products: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield alpha and omega of every window and scale.

    Args:
        products: Rows of ``int_survey__item_products``: of each pair of items, people, the sum of the one, the sum of
            products, over people who answered all items.
    """
    held: dict[tuple[str, str], dict[tuple[int, int], Mapping[str, Any]]] = {}
    for row in products:
        held.setdefault((row["slot"], row["scale_id"]), {})[row["item_no"], row["other_no"]] = row
    for (slot, scale_id), pairs in sorted(held.items()):
        items = sorted({item for item, _ in pairs})
        n_people = next(iter(pairs.values()))["n_people"]
        totals = [pairs[item, item]["total"] for item in items]
        sums = np.array([[pairs[one, other]["product"] for other in items] for one in items], dtype=np.int64)
        whole = n_people * sums - np.outer(totals, totals)
        row = {"slot": slot, "scale_id": scale_id, "n_people": n_people}
        value = alpha_of(whole)
        yield row | {"estimator": "alpha", "value": value, "why_not": "no variance" if value is None else None}
        found = omega_from(whole, n_people)
        yield row | {"estimator": "omega", "value": found.value, "why_not": found.why_not or None}
