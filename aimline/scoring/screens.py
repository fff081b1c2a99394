"""Screen groups over years as US rules on disproportion do, and compare their scores: screens, never findings of law.

The state's counts and thresholds are declared; without a threshold nothing is screened.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from math import sqrt
from typing import Any

from aimline.scoring.change import small_sample
from aimline.scoring.equity import LEAST_OF, Share

Row = Mapping[str, Any]

YEARS = 3
ABOVE, PROGRESS, NOT, TOO_LITTLE = "above", "above_but_progress", "not", "not_enough_data"


@dataclass(frozen=True)
class Screen:
    """A state's rule: the ratio from which a group is disproportionate, and the yearly step that counts as progress."""

    threshold: float
    progress: float


def screened(ratios: Sequence[float | None], rule: Screen) -> str:
    """Screen the ratios of three years in a row, oldest first.

    Args:
        ratios: A ratio a year; None where there is none.
        rule: The state's.
    """
    told = [each for each in ratios[-YEARS:] if each is not None]
    if len(told) < YEARS:
        return TOO_LITTLE
    if not all(each > rule.threshold for each in told):
        return NOT
    # what was written as a decimal is compared as it was written: a step of 0.1 is one
    steps = [round(before - after, 12) for before, after in pairwise(told)]
    return PROGRESS if all(step >= rule.progress for step in steps) else ABOVE


def rule_of(text: str | None) -> Screen | None:
    """Read a rule as the warehouse holds it; none where no threshold was declared."""
    if not text:
        return None
    told = json.loads(text)
    return Screen(*(float(Fraction(str(told[name]))) for name in ("threshold", "reasonable_progress")))


def others_in_state(text: str | None, row: Row) -> Share | None:
    """Return the declared counts of all others in the state, for the measure, year and group of a row."""
    for each in json.loads(text or "[]"):
        place = (each["measure"], each["year"], each["group"])
        if place == (row["measure_id"], row["school_year"], row["group_id"]):
            return Share(each["numerator"], each["denominator"])
    return None


# ---- scores


@dataclass(frozen=True)
class Moments:
    """Scores of some people: how many, their sum and the sum of their squares."""

    n: int
    total: Fraction
    squares: Fraction

    def without(self, other: "Moments") -> "Moments":
        """Return everybody but some, by subtraction of exact sums."""
        return Moments(self.n - other.n, self.total - other.total, self.squares - other.squares)

    @property
    def mean(self) -> Fraction:
        """Return the mean."""
        return self.total / self.n

    @property
    def spread(self) -> Fraction:
        """Return the sum of squared distances from the mean."""
        return self.squares - self.total * self.total / self.n


def standardized(group: Moments, reference: Moments) -> float | None:
    """Return the difference of two means in pooled standard deviations, corrected for few people (Hedges' g)."""
    df = group.n + reference.n - 2
    spread = group.spread + reference.spread if group.n and reference.n else Fraction(0)
    if df < 1 or spread <= 0:
        return None
    return small_sample(df) * float(group.mean - reference.mean) / sqrt(spread / df)


_PLACE = ("school_year", "window_id", "scale_id", "unit_type", "unit_id")


def score_rows(sums: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Yield a row for each group: how far its mean score lies from that of all others.

    Args:
        sums: Rows of ``int_survey__scale_sums``, without those that leave odd responses out.
    """

    def place(row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in _PLACE)

    for _, rows in groupby(
        sorted(sums, key=lambda row: (*place(row), row["group_set_id"], row["group_id"])), key=place
    ):
        held = list(rows)
        everybody = next((_moments(row) for row in held if row["group_set_id"] == "all"), None)
        for row in held:
            if everybody is not None and row["group_set_id"] != "all":
                yield from _score_row(row, everybody)


def _moments(row: Row) -> Moments:
    parts = row["parts"]
    total, squares = Fraction(int(row["score_parts"]), parts), Fraction(int(row["score_part_squares"]), parts * parts)
    return Moments(row["n_people"], total, squares)


def _score_row(row: Row, everybody: Moments) -> Iterator[dict[str, Any]]:
    group = _moments(row)
    others = everybody.without(group)
    if not group.n or others.n < 1:
        return
    yield {
        "measure_id": "scale_mean",
        "profile_id": "default",
        "school_year": row["school_year"],
        "period_kind": "window",
        "period_id": row["window_id"],
        "unit_type": row["unit_type"],
        "unit_id": row["unit_id"],
        "group_set_id": row["group_set_id"],
        "group_id": row["group_id"],
        "subject_id": row["scale_id"],
        "estimator": "",
        "reference_id": "all_others",
        "gap": float(group.mean - others.mean),
        "standardized": standardized(group, others),
        "is_enough": min(group.n, others.n) >= LEAST_OF,
    }
