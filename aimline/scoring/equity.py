"""Compare a group with a reference on one population: gap, ratio, change of the gap; split a change by composition.

Every quantity is made of exact counts: ``hits`` of ``of`` people. Which counts are compared is SQL
(``int_equity__counts``); whether a result may be shown is judged elsewhere. These are screens, never verdicts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, fsum, log, sqrt
from typing import Any

Row = Mapping[str, Any]

Z = 1.959963984540054
"""Half width of a 95 % interval in standard errors."""

LEAST_HITS, LEAST_OF = 10, 30
"""Sizes of cell and group that US rules on disproportion call presumptively reasonable; parameters, not verdicts."""

ZERO = "zero_reference"
_OTHERS, _BEST, _DISTRICT = "all_others", "best", "district"
_FEWER_IS_BETTER = ("chronic_absence",)
_GROWING = "year_to_date"


@dataclass(frozen=True)
class Share:
    """So many of so many people."""

    hits: int
    of: int

    @property
    def risk(self) -> float:
        """Return the share, divided once."""
        return self.hits / self.of

    def without(self, other: "Share") -> "Share":
        """Return everybody but some, by subtraction of exact counts."""
        return Share(self.hits - other.hits, self.of - other.of)

    @property
    def is_enough(self) -> bool:
        """Say whether it is large enough to be compared."""
        return self.hits >= LEAST_HITS and self.of >= LEAST_OF


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95 % interval; a reason where it has none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Split:
    """A change of a share, and how much of it is the groups' own rates, how much their sizes."""

    before: float
    after: float
    rate: float
    mix: float


def wilson(share: Share) -> tuple[float, float]:
    """Return the ends of Wilson's score interval."""
    n, p = share.of, share.risk
    middle = p + Z * Z / (2 * n)
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def gap(group: Share, reference: Share) -> Estimate:
    """Return the difference of two shares with Newcombe's hybrid score interval."""
    (l1, u1), (l0, u0) = wilson(group), wilson(reference)
    p1, p0 = group.risk, reference.risk
    d = p1 - p0
    return Estimate(d, d - sqrt((p1 - l1) ** 2 + (u0 - p0) ** 2), d + sqrt((u1 - p1) ** 2 + (p0 - l0) ** 2))


def ratio(group: Share, reference: Share) -> Estimate:
    """Return the ratio of two shares; none where the reference has no hits, with an upper bound where the group has."""
    if reference.hits == 0:
        return Estimate(None, reason=ZERO)
    if group.hits == 0:
        halves = (0.5, group.of + 1, reference.hits + 0.5, reference.of + 1)
        return Estimate(0.0, 0.0, _ratio_ends(*halves)[1])
    ends = _ratio_ends(group.hits, group.of, reference.hits, reference.of)
    return Estimate(group.risk / reference.risk, *ends)


def _ratio_ends(a: float, n1: float, c: float, n0: float) -> tuple[float, float]:
    middle, half = log((a / n1) / (c / n0)), Z * sqrt(1 / a - 1 / n1 + 1 / c - 1 / n0)
    return exp(middle - half), exp(middle + half)


def gap_change(before: tuple[Share, Share], after: tuple[Share, Share], *, fewer_is_better: bool = True) -> Estimate:
    """Return how a gap changed, from the four Wilson intervals; ``reason`` says whose share moved it there."""
    old, new = gap(*before), gap(*after)
    sides = [(each.value or 0.0, each.low or 0.0, each.high or 0.0) for each in (old, new)]
    (v1, l1, u1), (v2, l2, u2) = sides
    d = v2 - v1
    low, high = d - sqrt((v2 - l2) ** 2 + (u1 - v1) ** 2), d + sqrt((u2 - v2) ** 2 + (v1 - l1) ** 2)
    steps = {"group": after[0].risk - before[0].risk, "reference": before[1].risk - after[1].risk}
    moved = []
    for side, step in steps.items():
        if step * d > 0:
            rose = (step > 0) == (side == "group")
            moved.append(f"{side} {'worsened' if rose == fewer_is_better else 'improved'}")
    return Estimate(d, low, high, ", ".join(moved) or None)


def between_variance(groups: Sequence[Share]) -> float:
    """Return the variance between the groups of a partition, each weighed by its size."""
    people = sum(each.of for each in groups)
    whole = sum(each.hits for each in groups) / people
    return fsum(each.of / people * (each.risk - whole) ** 2 for each in groups if each.of)


def split(before: Mapping[str, Share], after: Mapping[str, Share]) -> Split:
    """Split the change of a share into what the groups' rates and what their sizes did (Kitagawa).

    A group that only one of the two has keeps its rate: it is all composition.
    """
    totals = [sum(each.of for each in side.values()) for side in (before, after)]
    rates, mixes = [], []
    for name in sorted({*before, *after}):
        first, second = (side.get(name, Share(0, 0)) for side in (before, after))
        p1, p2 = first.of / totals[0], second.of / totals[1]
        r1 = first.risk if first.of else second.risk if second.of else 0.0
        r2 = second.risk if second.of else r1
        rates.append((p1 + p2) / 2 * (r2 - r1))
        mixes.append((p2 - p1) * (r1 + r2) / 2)
    ends = [
        sum(each.hits for each in side.values()) / total for side, total in zip((before, after), totals, strict=True)
    ]
    return Split(ends[0], ends[1], fsum(rates), fsum(mixes))


# ---- rows of the warehouse

_PLACE = ("measure_id", "profile_id", "period_kind", "period_id", "unit_type", "unit_id", "subject_id", "estimator")
_NAMES = (*_PLACE, "group_set_id", "group_id")
KEY_COLUMNS = dict.fromkeys(_NAMES, "varchar") | {"school_year": "integer"}
_ENDS = ("gap", "gap_low", "gap_high", "ratio", "ratio_low", "ratio_high")
EQUITY_COLUMNS = (
    KEY_COLUMNS
    | {"reference_id": "varchar", "numerator": "bigint", "denominator": "bigint"}
    | {"reference_numerator": "bigint", "reference_denominator": "bigint"}
    | dict.fromkeys(("risk", "risk_low", "risk_high", "reference_risk", *_ENDS), "double")
    | {"ratio_reason": "varchar", "is_enough": "boolean", "between_variance": "double", "earlier_year": "integer"}
    | dict.fromkeys(("gap_change", "gap_change_low", "gap_change_high"), "double")
    | {"gap_change_because": "varchar", "screen": "varchar"}
    | dict.fromkeys(("alternate_ratio", "alternate_low", "alternate_high", "standardized"), "double")
)
_SPLIT_NAMES = tuple(name for name in (*_PLACE, "group_set_id") if name != "period_id")
SPLIT_COLUMNS = (
    dict.fromkeys(_SPLIT_NAMES, "varchar")
    | {"from_year": "integer", "to_year": "integer", "from_period_id": "varchar", "to_period_id": "varchar"}
    | {"n_before": "bigint", "n_after": "bigint"}
    | dict.fromkeys(("value_before", "value_after", "change", "rate", "mix"), "double")
)


@dataclass(frozen=True)
class _Set:
    """All groups of one set in one unit and period, with everybody there and in the district."""

    key: Row
    groups: Mapping[str, Share]
    references: Mapping[str, str]
    everybody: Share
    district: Share
    screen: str | None = None
    state: str | None = None

    def reference(self, group_id: str) -> tuple[str, Share]:
        """Return what a group is compared with: its name, and its counts."""
        name = self.references[group_id]
        if name == _DISTRICT:
            return name, self.district
        if name == _BEST:
            sign = 1 if self.key["measure_id"] in _FEWER_IS_BETTER else -1
            held = sorted((sign * each.risk, group) for group, each in self.groups.items() if each.of)
            name = held[0][1]
        if name == _OTHERS or name not in self.groups:
            return _OTHERS, self.everybody.without(self.groups[group_id])
        return name, self.groups[name]


def equity_rows(counts: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Yield a row for each group: its share, gap and ratio to its reference, and how the gap changed in a year.

    Args:
        counts: Rows of ``int_equity__counts``.
    """
    from aimline.scoring.screens import others_in_state

    earlier: dict[tuple[Any, ...], tuple[Share, Share]] = {}
    ratios: dict[tuple[Any, ...], float | None] = {}
    for held in _sets(counts):
        variance = between_variance(list(held.groups.values()))
        for group_id, share in sorted(held.groups.items()):
            name, reference = held.reference(group_id)
            if not share.of or not reference.of or name == group_id:
                continue
            row = {**held.key, "group_id": group_id, "between_variance": variance}
            state = None if reference.is_enough else others_in_state(held.state, row)
            row |= _compared(share, name, reference) | _alternate(share, state)
            yield row | _changed(earlier, row, (share, reference)) | _screened(ratios, row, held.screen)


def _alternate(share: Share, state: Share | None) -> dict[str, Any]:
    """Return the ratio to all others in the state, where the reference at home is too small to be one."""
    if state is None or not state.of:
        return {}
    told = ratio(share, state)
    return {"alternate_ratio": told.value, "alternate_low": told.low, "alternate_high": told.high}


def _screened(ratios: dict[tuple[Any, ...], float | None], row: Row, text: str | None) -> dict[str, Any]:
    """Screen the ratios of this year and the two before by the state's rule; nothing without a rule."""
    from aimline.scoring.screens import YEARS, rule_of, screened

    rule = rule_of(text)
    if rule is None or row["period_kind"] == _GROWING:
        return {}
    place = (*(row[name] for name in _NAMES if name != "period_id"), _window(row))
    year = row["school_year"]
    ratios[*place, year] = row["ratio"] if row["is_enough"] else row.get("alternate_ratio")
    return {"screen": screened([ratios.get((*place, year - back)) for back in reversed(range(YEARS))], rule)}


def _compared(share: Share, name: str, reference: Share) -> dict[str, Any]:
    low, high = wilson(share)
    difference, quotient = gap(share, reference), ratio(share, reference)
    ends = (difference.value, difference.low, difference.high, quotient.value, quotient.low, quotient.high)
    return {
        "reference_id": name,
        "numerator": share.hits,
        "denominator": share.of,
        "reference_numerator": reference.hits,
        "reference_denominator": reference.of,
        "risk": share.risk,
        "risk_low": low,
        "risk_high": high,
        "reference_risk": reference.risk,
        **dict(zip(_ENDS, ends, strict=True)),
        "ratio_reason": quotient.reason,
        "is_enough": share.is_enough and reference.is_enough,
    }


def _changed(
    earlier: dict[tuple[Any, ...], tuple[Share, Share]], row: Row, sides: tuple[Share, Share]
) -> dict[str, Any]:
    """Return how a gap changed since the year before; nothing within a year, and nothing in the first year."""
    if row["period_kind"] == _GROWING:
        return {}
    place = (*(row[name] for name in _NAMES if name != "period_id"), _window(row))
    earlier[*place, row["school_year"]] = sides
    before = earlier.get((*place, row["school_year"] - 1))
    if before is None:
        return {}
    told = gap_change(before, sides, fewer_is_better=row["measure_id"] in _FEWER_IS_BETTER)
    ends = {"gap_change": told.value, "gap_change_low": told.low, "gap_change_high": told.high}
    return ends | {"gap_change_because": told.reason, "earlier_year": row["school_year"] - 1}


def _window(row: Row) -> str:
    return str(row["period_id"]) if row["period_kind"] == "window" else ""


def split_rows(counts: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Yield a row for each unit and group set of two years in a row: the change, by rate and by composition.

    Args:
        counts: Rows of ``int_equity__counts``.
    """
    earlier: dict[tuple[Any, ...], _Set] = {}
    for held in _sets(counts):
        if held.key["period_kind"] == _GROWING:
            continue
        year = held.key["school_year"]
        place = (*(held.key[name] for name in _SPLIT_NAMES), _window(held.key))
        before = earlier.get((*place, year - 1))
        earlier[*place, year] = held
        if before is not None:
            yield _split_row(before, held)


def _split_row(before: _Set, after: _Set) -> dict[str, Any]:
    told = split(before.groups, after.groups)
    return {name: after.key[name] for name in _SPLIT_NAMES} | {
        "from_year": before.key["school_year"],
        "to_year": after.key["school_year"],
        "from_period_id": before.key["period_id"],
        "to_period_id": after.key["period_id"],
        "n_before": sum(each.of for each in before.groups.values()),
        "n_after": sum(each.of for each in after.groups.values()),
        "value_before": told.before,
        "value_after": told.after,
        "change": told.after - told.before,
        "rate": told.rate,
        "mix": told.mix,
    }


def _sets(counts: Iterable[Row]) -> Iterator[_Set]:
    """Yield the group sets with somebody in them, years in order."""
    names = ("school_year", *_PLACE, "group_set_id")
    for place, rows in groupby(sorted(counts, key=lambda row: _order(row, names)), key=lambda row: _order(row, names)):
        held = list(rows)
        groups = {row["group_id"]: Share(row["numerator"], row["denominator"]) for row in held}
        first = held[0]
        if any(each.of for each in groups.values()):
            yield _Set(
                dict(zip(names, place, strict=True)),
                groups,
                {row["group_id"]: row["reference"] for row in held},
                Share(first["all_numerator"], first["all_denominator"]),
                Share(first["district_numerator"], first["district_denominator"]),
                first.get("screen_json"),
                first.get("state_json"),
            )


def _order(row: Row, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)
