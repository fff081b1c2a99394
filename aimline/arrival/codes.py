"""Compare the codes of a delivery with the declared list: restyled ones are mapped, others are proposed to a person.

Source: collection.md 6.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aimline.arrival.renames import Proposal, name_likeness

_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_LEAST_LIKE = 0.5
MOST_UNKNOWN = 0.05
"""Share of rows with unknown codes above which the list itself has changed."""

LOOKED_BACK = 3
"""How many deliveries must have had a code before one without it is odd: one day of snow makes no code usual."""

_USUAL_SHARE = 0.05
_LEAST_MISSED = 20
"""Rows with a usual code that a delivery should have; that fewer are missing may be chance."""


@dataclass(frozen=True)
class CodeList:
    """What the codes of one column look like.

    Attributes:
        column: The column of the entity.
        restyled: Code as written -> the declared one it is.
        unknown: Code as written -> rows with it.
        proposals: For unknown codes, the declared one each looks like.
        counts: Declared code -> rows with it.
    """

    column: str
    restyled: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def gone(counts: Mapping[str, int], before: Sequence[Mapping[str, int]]) -> dict[str, float]:
    """Return the usual codes that no row has any more, though rows have others of them.

    A day on which no usual code is told is another kind of day, such as one of snow, and says nothing of the list.

    Args:
        counts: Declared code -> rows of the delivery.
        before: The same of the deliveries before it.

    Returns:
        Code -> the least share of rows it had; only where so many rows should have it that none is no chance.
    """
    told = [each for each in before if each]
    n = sum(counts.values())
    least = {
        code: min(each.get(code, 0) / sum(each.values()) for each in told)
        for code in {code for each in told for code in each}
    }
    usual = {code: share for code, share in least.items() if share >= _USUAL_SHARE}
    if not any(counts.get(code) for code in usual):
        return {}
    return {code: share for code, share in usual.items() if not counts.get(code) and share * n >= _LEAST_MISSED}


def compared(column: str, declared: Sequence[str], counts: Mapping[str, int]) -> CodeList:
    """Compare the codes of a column with those declared.

    Args:
        column: The column of the entity.
        declared: The codes the source declares, as it writes them.
        counts: Code -> rows of the delivery.
    """
    plain: dict[str, list[str]] = {}
    for code in declared:
        plain.setdefault(_plain(code), []).append(code)
    known, restyled, unknown = set(declared), {}, {}
    for code, n in counts.items():
        if code in known:
            continue
        same = plain.get(_plain(code), [])
        if len(same) == 1:
            restyled[code] = same[0]
        else:
            unknown[code] = n
    held = {restyled.get(code, code): n for code, n in counts.items() if code not in unknown}
    absent = [code for code in declared if code not in held]
    proposals = tuple(found for code in unknown if (found := _proposed(code, declared, absent)))
    return CodeList(column, restyled, unknown, proposals, held)


def _plain(code: str) -> str:
    """Return a code without case, the style of its quotes and its spaces."""
    text = unicodedata.normalize("NFKC", code).translate(_QUOTES).casefold()
    return " ".join(text.split()).rstrip("*. ")


def _proposed(code: str, declared: Sequence[str], absent: Sequence[str]) -> Proposal | None:
    """Return the declared code an unknown one looks like, rather one that no row has; None where none is like it."""
    ranked = sorted(((name_likeness(code, each), each in absent, each) for each in declared), reverse=True)
    if not ranked or ranked[0][0] < _LEAST_LIKE:
        return None
    score = ranked[0][0]
    gap = score - ranked[1][0] if len(ranked) > 1 else 1.0
    return Proposal(ranked[0][2], code, round(score, 4), round(score * min(1.0, gap / 0.15), 4))
