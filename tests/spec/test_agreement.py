"""The golden case of raters who agree, and reliability from sums of products."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from aimline.scoring import reliability
from aimline.scoring.agreement import agreement_rows, of_pair, of_raters

TABLE = ((4, 2, 0, 0), (1, 6, 3, 0), (0, 2, 8, 1), (0, 0, 1, 2))
RATED = [(one, other) for one, row in enumerate(TABLE, 1) for other, n in enumerate(row, 1) for _ in range(n)]


def test_thirty_items_of_two_raters() -> None:
    """Exact, adjacent and quadratic kappa of the printed table, to its last digit."""
    told = of_pair(RATED)
    assert (told.n_items, told.exact, told.adjacent) == (30, Fraction(2, 3), 1)
    assert told.kappa is not None
    assert round(float(told.kappa), 6) == 0.793673


def test_too_few_items_and_one_level_have_no_kappa() -> None:
    """Nine items tell nothing; raters who use one level alone agree, and nobody knows if by chance."""
    assert of_pair(RATED[:9]).why_not == "fewer than 10 rated items"
    same = of_pair([(3, 3)] * 10)
    assert (same.exact, same.kappa, same.why_not) == (1, None, "both raters use one level alone")


def test_three_raters_are_three_pairs() -> None:
    """The mean over pairs; a rater who shares too few items with the others is in no pair."""
    items = [str(n) for n in range(30)]
    ratings = {
        "a": dict(zip(items, (one for one, _ in RATED), strict=True)),
        "b": dict(zip(items, (other for _, other in RATED), strict=True)),
        "c": {"0": 1},
    }
    assert of_raters(ratings).kappa == of_pair(RATED).kappa
    ratings["c"] = ratings["a"]
    told = of_raters(ratings)
    assert told.exact == (Fraction(2, 3) * 2 + 1) / 3


def test_rows_of_schools_and_of_the_district() -> None:
    """Each school has its own rows, the district the mean over schools that can be told; no rater is named."""
    rows = [
        {"slot": "w.2027", "unit_id": "0101", "item_id": str(n), "rater_key": name, "rating": rating}
        for n, pair in enumerate(RATED)
        for name, rating in zip("ab", pair, strict=True)
    ]
    rows.append({"slot": "w.2027", "unit_id": "0102", "item_id": "0", "rater_key": "c", "rating": 1})
    told: dict[tuple[str, str], Any] = {(row["unit_id"], row["estimator"]): row for row in agreement_rows(rows)}
    assert told["", "exact"]["value"] == told["0101", "exact"]["value"] == pytest.approx(2 / 3)
    assert told["0102", "exact"]["why_not"] == "fewer than 2 raters"
    assert [told[unit, "exact"]["n_raters"] for unit in ("", "0101", "0102")] == [3, 2, 1]


def test_sums_of_products_give_what_the_answers_give() -> None:
    """Alpha and omega of 150 people from sums over pairs of items are those of their answers."""
    rng = np.random.default_rng(3)
    answers = np.clip(rng.integers(1, 4, size=(150, 1)) + rng.integers(0, 3, size=(150, 4)), 1, 5)
    rows = [
        {"slot": "w", "scale_id": "s", "item_no": one, "other_no": other, "n_people": 150}
        | {"total": int(answers[:, one].sum()), "product": int(answers[:, one] @ answers[:, other])}
        for one in range(4)
        for other in range(4)
    ]
    told = {row["estimator"]: row["value"] for row in reliability.reliability_rows(rows)}
    assert told == {"alpha": reliability.alpha(answers), "omega": reliability.omega(answers).value}
