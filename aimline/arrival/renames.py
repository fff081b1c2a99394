"""Propose which new column stands for one that is gone: by name, content, values of the same keys, and place.

Nothing is mapped here: a proposal is for a person to accept. Source: collection.md 6.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aimline.arrival.headings import norm
from aimline.warehouse import Connection

LEAST = 0.60
"""The score from which a column looks like another."""

_KEYED = (0.40, 0.25, 0.25, 0.10)
_KEYLESS = (0.55, 0.35, 0.10)
_NAMED = (0.85, 0.15)
_LEAST_KEYS = 20
_SURE_GAP = 0.15
_LEAST_TYPED = 0.98
_SMALL_WORDS = frozenset(["of", "the", "with", "in", "a", "by", "for", "total"])
_SAMPLE = 10_000


@dataclass(frozen=True)
class Proposal:
    """One new heading that looks like one that is gone; ``confidence`` is lower where another is nearly as like."""

    gone: str
    new: str
    score: float
    confidence: float


@dataclass(frozen=True)
class Table:
    """The columns of one delivery that are to be compared.

    Attributes:
        headings: Name of every column that may be compared -> number of the column.
        width: Number of columns.
        cells: Number of the column -> its texts in order, None where empty.
        keys: Texts that name the records, in order; empty where nobody knows which do.
    """

    headings: Mapping[str, int]
    width: int
    cells: Mapping[int, Sequence[str | None]] = field(default_factory=dict)
    keys: Sequence[str] = ()


def read_cells(
    connection: Connection, table: str, places: Sequence[int], keys: Sequence[int]
) -> tuple[dict[int, list[str | None]], list[str]]:
    """Return the cells of some columns of a table, and the keys of its records joined; the first records alone."""
    listed = ", ".join(f"nullif(trim(c{number}), '') as c{number}" for number in dict.fromkeys((*places, *keys)))
    rows = connection.rows(f"select {listed} from {table} order by row_no limit {_SAMPLE}") if listed else []
    cells = {number: [row[f"c{number}"] for row in rows] for number in places}
    joined = ["\x1f".join(str(row[f"c{number}"]) for number in keys) for row in rows] if keys else []
    return cells, joined


def propose(gone: Table, new: Table) -> list[Proposal]:
    """Return the best new heading for each heading that is gone, each new one once, best first.

    Args:
        gone: The headings that are gone, with their cells in the last accepted delivery where there is one.
        new: The headings nobody declared, with their cells.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    olds, news = list(gone.headings), list(new.headings)
    if not olds or not news:
        return []
    scores = np.array([[_score(old, one, gone, new) for one in news] for old in olds])
    found = []
    for row, column in zip(*linear_sum_assignment(-scores), strict=True):
        best = float(scores[row, column])
        others = [*np.delete(scores[row], column), *np.delete(scores[:, column], row)]
        gap = best - max(others, default=0.0)
        confidence = best * min(1.0, max(0.0, gap) / _SURE_GAP)
        found.append(Proposal(olds[row], news[column], round(best, 4), round(confidence, 4)))
    return sorted(found, key=lambda each: (-each.score, each.gone))


def _score(old: str, one: str, gone: Table, new: Table) -> float:
    """Return how much a new column looks like one that is gone, from 0 to 1."""
    name = name_likeness(old, one)
    place = 1 - abs(_relative(gone, old) - _relative(new, one))
    before, now = gone.cells.get(gone.headings[old]), new.cells.get(new.headings[one])
    if before is None or now is None:
        return _weighed(_NAMED, (name, place))
    content = content_likeness(before, now)
    aligned = _aligned(gone.keys, before, new.keys, now)
    if aligned is None:
        return _weighed(_KEYLESS, (name, content, place))
    return _weighed(_KEYED, (name, content, aligned, place))


def _weighed(weights: Sequence[float], parts: Sequence[float]) -> float:
    return sum(weight * part for weight, part in zip(weights, parts, strict=True))


def _relative(table: Table, heading: str) -> float:
    return table.headings[heading] / max(1, table.width - 1)


def name_likeness(old: str, new: str) -> float:
    """Return how alike two names are: by their words, or letter by letter, whichever is more."""
    one, other = norm(old), norm(new)
    words, others = _words(one), _words(other)
    shared = len(words & others) / len(words | others) if words | others else 0.0
    return max(shared, difflib.SequenceMatcher(None, one, other).ratio())


def _words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in text.split() if word not in _SMALL_WORDS}


def content_likeness(before: Sequence[str | None], now: Sequence[str | None]) -> float:
    """Return how alike the values of two columns are: distance of distributions, or share of common texts."""
    one, other = [each for each in before if each], [each for each in now if each]
    if not one or not other:
        return 0.0
    numbers, others = numbers_of(one), numbers_of(other)
    if (numbers is None) != (others is None):
        return 0.0
    if numbers is not None and others is not None:
        from scipy.stats import ks_2samp

        return 1.0 - float(ks_2samp(numbers, others, method="asymp").statistic)
    return _common_share(one, other)


def _common_share(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of values, by how often they occur, that both columns have."""
    from collections import Counter

    first, second = Counter(one), Counter(other)
    kept = set(first) & set(second)
    return (sum(first[each] for each in kept) / len(one) + sum(second[each] for each in kept) / len(other)) / 2


def numbers_of(texts: Sequence[str]) -> list[float] | None:
    """Return texts as numbers, days as the number of their digits; None where too few are numbers."""
    found = [number for text in texts if (number := number_of(text)) is not None]
    return found if is_mostly(len(found), len(texts)) else None


def number_of(text: str) -> float | None:
    """Return a text as a number, a day as the number of its digits; None when it is none."""
    try:
        return float(text.replace("-", "").replace("/", "") if text[:1].isdigit() else text)
    except ValueError:
        return None


def is_mostly(n_numbers: int, n_texts: int) -> bool:
    """Say whether so many of some texts are numbers that all are taken for numbers."""
    return n_numbers >= _LEAST_TYPED * n_texts


def _aligned(
    old_keys: Sequence[str], before: Sequence[str | None], new_keys: Sequence[str], now: Sequence[str | None]
) -> float | None:
    """Return how alike the values of the same keys are; None where too few keys are in both."""
    then = {key: value for key, value in zip(old_keys, before, strict=False) if value}
    pairs = [(then[key], value) for key, value in zip(new_keys, now, strict=False) if value and key in then]
    if len(pairs) < _LEAST_KEYS:
        return None
    first, second = numbers_of([one for one, _ in pairs]), numbers_of([other for _, other in pairs])
    if first is None or second is None or len(first) != len(second):
        return sum(one == other for one, other in pairs) / len(pairs)
    return _rank_correlation(first, second)


def _rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    from scipy.stats import spearmanr

    if len(set(first)) == 1 or len(set(second)) == 1:
        return float(first == second)
    return max(0.0, float(spearmanr(first, second).statistic))


def as_told(proposals: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Return proposals as the journal keeps them: headings and scores, no value of a row."""
    return [
        {"gone": each.gone, "new": each.new, "score": each.score, "confidence": each.confidence} for each in proposals
    ]
