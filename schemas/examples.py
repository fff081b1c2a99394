"""Hold the golden cases that pages print beside a definition; the tests of the rules run on these same cases.

What a page says a definition does is therefore what it was tested to do: ``tests/spec`` judges each case with the
product's rule and with a second one written plainly.
"""

from collections.abc import Sequence
from fractions import Fraction

STAYS = (
    *((9, 9), (10, 1), (20, 2), (30, 3), (31, 4), (44, 5), (45, 5), (90, 9), (90, 18)),
    *((180, 15), (180, 17), (180, 18)),
)
"""Days enrolled and days absent of twelve students."""

COUNTED = {
    "us-edfacts-195": "nyyyyyyyynny",
    "ca-dataquest": "nnnnyyyyynny",
    "ca-dashboard": "nnnnyyyyynny",
    "nj-spr": "nnnnnnyyynny",
    "fl": "nyyyyyyyynny",
    "kipp": "nyyyyyyyynny",
    "me": "nyyyyyyyynny",
    "ri-early": "nnnnnnnnynny",
    "crdc-legacy": "nnnnnnnnyyyy",
    "edu-default": "nnyyyyyyynny",
    "district-follow": "nyyyyyyyynny",
}
"""Definition -> which of these students count as chronically absent."""

FAVORABLE_ITEMS = ((80, 100), (20, 60), (75, 100), (60, 90))
"""Favorable answers of all valid answers to four items of a scale."""


def stays_in_words(profile_id: str) -> str | None:
    """Return what a definition makes of the golden students, in words; None of a definition that does not ship."""
    letters = COUNTED.get(profile_id)
    if letters is None:
        return None
    counted, others = (_listed([stay for stay, each in zip(STAYS, letters, strict=True) if each == x]) for x in "yn")
    return (
        f"Tested on students absent on so many days of those enrolled: counted are {counted}; not counted are {others}."
    )


def _listed(stays: Sequence[tuple[int, int]]) -> str:
    return ", ".join(f"{absent} of {enrolled}" for enrolled, absent in stays)


def favorable_in_words() -> str:
    """Return what the three ways to state favorable answers make of the golden items, in words."""
    hits, of = (sum(each[place] for each in FAVORABLE_ITEMS) for place in (0, 1))
    mean = sum((Fraction(*each) for each in FAVORABLE_ITEMS), Fraction(0)) / len(FAVORABLE_ITEMS)
    items = ", ".join(f"{hit} of {n}" for hit, n in FAVORABLE_ITEMS)
    told = f"{_percent(Fraction(hits, of))} of all answers, {_percent(mean)} as a mean of items"
    return f"Tested on items with {items} answers favorable: {told}."


def _percent(share: Fraction) -> str:
    return f"{int(share * 100 + Fraction(1, 2))}%"
