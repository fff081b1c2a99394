"""Write in SQL what the text of a cell says: trimmed, without masks, the bound it stands for, the code it is."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from aimline.warehouse import quote_literal

if TYPE_CHECKING:
    from schemas.source_tables import Format

EMPTY = "null::varchar"
BOUNDED = r"(?i)^(n\s*[<>≤≥]|<|>|≤|≥|above|below|over|under|less|more|fewer|at (least|most)|up to)\W*.*\d"

_SAYS = {"masked_small": "masked", "not_submitted": "missing"}


def published(said: str, form: "Format") -> dict[str, str]:
    """Write what the text of a figure says: that it is published, bounded, or why there is none."""
    low, high, is_bounded = bounded(said, form)
    states = {mask: _SAYS.get(meaning, meaning) for mask, meaning in form.masks.items()}
    masked = " ".join(f"when {quote_literal(mask)} then {quote_literal(state)}" for mask, state in states.items())
    why_not = f"case {said} {masked} else 'missing' end" if masked else "'missing'"
    is_there = f"{unmasked(said, form)} is not null"
    told = f"case when {is_bounded} then 'bounded' when {is_there} then 'published' else {why_not} end"
    return {"value_state": told, "bound_low": low, "bound_high": high}


def cleaned(number: int, form: "Format") -> str:
    """Write the text of a cell of ``raw``: trimmed, null when it is empty or stands for nothing."""
    trimmed = f"trim(c{number})"
    if not any(form.nulls):
        return f"nullif({trimmed}, '')"
    nulls = ", ".join(quote_literal(text) for text in dict.fromkeys(("", *form.nulls)))
    return f"(case when {trimmed} in ({nulls}) then null else {trimmed} end)"


def unmasked(text: str, form: "Format") -> str:
    """Write a text without the marks that stand for a missing value."""
    missing = (*form.masks, *form.bounds)
    if not missing:
        return text
    return f"(case when {text} in ({', '.join(map(quote_literal, missing))}) then null else {text} end)"


def bounded(text: str, form: "Format") -> tuple[str, str, str]:
    """Write the lower and the upper bound a text stands for, null where it stands for none, and whether it does."""
    if not form.bounds:
        return "null", "null", "false"
    low, high = (
        f"(case {text} "
        + " ".join(f"when {quote_literal(said)} then {exact(ends[end])}" for said, ends in form.bounds.items())
        + " end)"
        for end in (0, 1)
    )
    return low, high, f"coalesce({text} in ({', '.join(map(quote_literal, form.bounds))}), false)"


def with_point(text: str, form: "Format") -> str:
    """Write a number with a point where the source declares that it writes a comma."""
    return f"replace({text}, ',', '.')" if form.decimal == "," else text


def state(text: str, form: "Format") -> str:
    """Write what a cell says: the meaning of its mask, or its text."""
    if not form.masks:
        return text
    cases = " ".join(
        f"when {quote_literal(mask)} then {quote_literal(meaning)}" for mask, meaning in form.masks.items()
    )
    return f"(case {text} {cases} else {text} end)"


def chosen(told: str, values: Mapping[str, str]) -> str:
    """Write the value a column takes by what a cell says; ``else`` for all others."""
    other = quote_literal(values["else"]) if "else" in values else "null"
    cases = [f"when {quote_literal(key)} then {quote_literal(value)}" for key, value in values.items() if key != "else"]
    return f"(case {told} {' '.join(cases)} else {other} end)" if cases else other


def filled_template(template: str, facts: Mapping[str, str]) -> str:
    """Fill the places of a text, such as ``{window}.{school_year}``, with facts of the delivery."""
    return re.sub(r"\{(\w+)\}", lambda place: facts.get(place[1], ""), template)


def by_code(own: str, codes: Mapping[str, str]) -> str:
    """Write the code of the contract a local code stands for, null where it stands for none."""
    cases = " ".join(f"when {quote_literal(raw)} then {quote_literal(code)}" for raw, code in codes.items())
    return f"case {own} {cases} end"


def has_negative_masks(form: "Format") -> bool:
    """Say whether a source masks with negative whole numbers; another of them is then a mask nobody declared."""
    return any(re.fullmatch(r"-\d+", mask) for mask in form.masks)


def exact(number: Fraction) -> str:
    """Write a fraction as a decimal literal, exact where it can be."""
    digits = number.numerator * 10**9 // number.denominator
    sign, rest = ("-" if digits < 0 else ""), abs(digits)
    return f"{sign}{rest // 10**9}.{rest % 10**9:09d}::decimal(18, 9)"
