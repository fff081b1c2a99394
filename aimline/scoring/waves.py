"""Compare the waves of the warehouse: exact sums in, rows of ``fct_comparability`` out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from aimline.scoring.change import Change, Compared, Grade, Limits, Side, cross_section_of, grade, matched_of

Row = Mapping[str, Any]

_PLACE = (
    *("slot", "earlier_slot", "window_id", "school_year", "earlier_window_id", "earlier_year", "instrument_id"),
    *("edition", "earlier_edition"),
)
ALL, COMMON = "all", "common items"
"""Which items two waves are compared by: all of a scale, or those that both ask."""

_FIGURES = ("mean_before", "mean_after", "change", "sd", "low", "high", "g")
COMPARED_COLUMNS = (
    dict.fromkeys(_PLACE, "varchar")
    | {"school_year": "integer", "earlier_year": "integer"}
    | dict.fromkeys(("scale_id", "unit_type", "unit_id", "compares", "items"), "varchar")
    | {"n_before": "bigint", "n_after": "bigint", "share_before": "double", "share_after": "double"}
    | dict.fromkeys(_FIGURES, "double")
    | dict.fromkeys(("grade", "broken", "not_known", "refused"), "varchar")
)


def compared_rows(changes: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Yield two rows for each pair of waves, scale and unit: the same people, and everybody each time.

    Two editions are compared by the items that both ask, and graded by how many those are.

    Args:
        changes: Rows of ``int_survey__changes``.
    """
    for row in changes:
        told, limits = _told(row), _limits(row["limits_json"])
        place = {name: row[name] for name in (*_PLACE, "scale_id", "unit_type", "unit_id")}
        for compares in ("matched", "cross_section"):
            graded = grade(told, limits, anonymous_match=compares == "matched" and row["is_anonymous"])
            found = None if graded.refused else _same(row) if compares == "matched" else _everybody(row)
            items = ALL if row["n_exact"] == row["n_items"] else COMMON
            yield place | {"compares": compares, "items": items} | _figures(row, found) | _graded(graded)


def _limits(text: str | None) -> Limits:
    told = json.loads(text or "{}") or {}
    usual = Limits()
    overlap, gap = (Fraction(told.get(name, getattr(usual, name))) for name in ("overlap", "response_gap"))
    return Limits(told.get("window_days", usual.window_days), overlap, gap)


def _told(row: Row) -> Compared:
    rates = [_share(row[f"{name}_usable"], row[f"{name}_eligible"]) for name in ("earlier", "later")]
    gap = None if rates[0] is None or rates[1] is None else abs(rates[1] - rates[0])
    return Compared(
        n_exact=row["n_exact"],
        n_items=row["n_items"],
        is_same_mode=row["is_same_mode"],
        is_same_grades=row["is_same_grades"],
        is_same_population=row["is_same_population"],
        is_same_options=row["is_same_options"],
        days_apart=row["days_apart"],
        overlap=_share(row["n_on_both"], row["n_listed"]),
        response_gap=gap,
    )


def _share(n: int | None, of: int | None) -> Fraction | None:
    return Fraction(n or 0, of) if of else None


def _side(n: int, parts: int, total: int, squares: int) -> Side:
    """Return mean and variance of scores that are whole parts, exactly until the last division."""
    whole = Fraction(int(total), n * parts)
    spread = Fraction(n * int(squares) - int(total) ** 2, n * max(n - 1, 1) * parts * parts)
    return Side(n, float(whole), float(spread))


def _everybody(row: Row) -> Change:
    sides = (
        _side(*(row[f"{name}_{each}"] for each in ("n", "parts", "total", "squares"))) for name in ("earlier", "later")
    )
    return cross_section_of(*sides)


def _same(row: Row) -> Change:
    n, parts = row["n_matched"], row["later_parts"]
    if not n:
        return Change(0, 0)
    sums = [(int(row[f"{name}_matched_parts"]), int(row[f"{name}_matched_squares"])) for name in ("earlier", "later")]
    (one, one_squares), (two, two_squares) = sums
    apart = _side(n, parts, two - one, one_squares + two_squares - 2 * int(row["matched_products"]))
    return matched_of(_side(n, parts, one, one_squares), _side(n, parts, two, two_squares), apart.variance)


def _figures(row: Row, found: Change | None) -> dict[str, Any]:
    if found is None:
        return {}
    told = {name: getattr(found, name) for name in ("n_before", "n_after", *_FIGURES)}
    shares = {"share_before": found.n_before / row["earlier_n"], "share_after": found.n_after / row["later_n"]}
    return told | shares


def _graded(graded: Grade) -> dict[str, Any]:
    return {name: text or None for name, text in graded.told.items()}
