"""Weigh the waves of the warehouse: cells of people alike in, weighted figures of the district and its schools out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import fsum, sqrt
from typing import Any

from aimline.scoring.weights import Margin, Weights, design_effect, margin_of_error, rake

Row = Mapping[str, Any]

WEIGHTED_COLUMNS = dict.fromkeys(("slot", "scale_id", "unit_type", "unit_id", "measure_id", "why_not"), "varchar")
WEIGHTED_COLUMNS |= {"n_people": "bigint", "n_answers": "bigint", "n_eligible": "bigint"}
WEIGHTED_COLUMNS |= dict.fromkeys(("value", "se", "half_width", "n_effective", "margin_error"), "double")
_Z = 1.96


@dataclass(frozen=True)
class _Cell:
    """People of one school alike in all margins: their weight, and what they answered."""

    weight: float
    row: Row

    @property
    def n(self) -> int:
        """Return how many they are."""
        return int(self.row["n_people"])

    @property
    def total(self) -> float:
        """Return the sum of their scores."""
        return float(Fraction(int(self.row["score_parts"]), self.row["parts"]))

    @property
    def squares(self) -> float:
        """Return the sum of their squared scores."""
        return float(Fraction(int(self.row["score_part_squares"]), self.row["parts"] ** 2))


def weighted_rows(cells: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Yield two rows for each window, scale and unit: the weighted mean and the weighted share.

    Args:
        cells: Rows of ``int_survey__cells``; those without a scale count everybody asked.
    """
    told = sorted(cells, key=lambda row: (row["slot"], row["scale_id"], row["levels"], row["school_id"]))
    for slot, rows in groupby(told, key=lambda row: row["slot"]):
        held = list(rows)
        asked = [row for row in held if not row["scale_id"]]
        margins = _margins(asked)
        for scale_id, mine in groupby([row for row in held if row["scale_id"]], key=lambda row: row["scale_id"]):
            scored = list(mine)
            people = [tuple(row["levels"]) for row in scored for _ in range(row["n_people"])]
            found = rake(people, margins)
            named = {"slot": slot, "scale_id": scale_id, "margin_error": found.margin_error}
            yield from (
                named | row for row in _units(scored, asked, found, dict(zip(people, found.values, strict=False)))
            )


def _margins(asked: Sequence[Row]) -> list[Margin]:
    n_margins = len(asked[0]["levels"]) if asked else 0
    counts: list[Counter[str]] = [Counter() for _ in range(n_margins)]
    for row in asked:
        for place, level in enumerate(row["levels"]):
            counts[place][level] += row["n_people"]
    return [Margin(str(place), dict(sorted(each.items()))) for place, each in enumerate(counts)]


def _units(
    scored: Sequence[Row], asked: Sequence[Row], found: Weights, weights: Mapping[tuple[str, ...], float]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the district, whose id is not known here, and of each school."""
    for school in ["", *sorted({row["school_id"] for row in scored})]:
        mine = [row for row in scored if school in ("", row["school_id"])]
        n_eligible = sum(row["n_people"] for row in asked if school in ("", row["school_id"]))
        place = {"unit_type": "school" if school else "district", "unit_id": school, "n_eligible": n_eligible}
        place |= {"n_people": sum(row["n_people"] for row in mine), "why_not": found.why_not or None}
        place |= {"n_answers": sum(row["n_answers"] for row in mine)}
        told = (
            [{}, {}]
            if found.why_not
            else _figures([_Cell(weights[tuple(row["levels"])], row) for row in mine], n_eligible)
        )
        for measure_id, figures in zip(("scale_mean", "percent_favorable"), told, strict=True):
            yield place | {"measure_id": measure_id} | figures


def _figures(cells: Sequence[_Cell], n_eligible: int) -> list[dict[str, Any]]:
    from scipy.special import stdtrit  # half a second that a night without weights need not wait

    n = sum(cell.n for cell in cells)
    n_effective = n / design_effect([(cell.weight, cell.n) for cell in cells])
    of = fsum(cell.weight * cell.n for cell in cells)
    mean = fsum(cell.weight * cell.total for cell in cells) / of
    spread = fsum(cell.weight * (cell.squares - 2 * mean * cell.total + cell.n * mean * mean) for cell in cells) / of
    left = max(n_eligible - n_effective, 0) / (n_eligible - 1) if n_eligible > 1 else 1.0
    se = sqrt(max(spread, 0.0) * n / (n - 1) / n_effective * left) if n > 1 else None
    half = float(stdtrit(n_effective - 1, 0.975)) * se if se is not None and n_effective > 1 else None
    answers = fsum(cell.weight * cell.row["n_answers"] for cell in cells)
    share = fsum(cell.weight * cell.row["n_favorable"] for cell in cells) / answers
    margin = margin_of_error(share, n_effective, n_eligible)
    told = {"n_effective": n_effective}
    return [
        told | {"value": mean, "se": se, "half_width": half},
        told | {"value": share, "se": margin / _Z, "half_width": margin},
    ]
