"""Describe the columns of a delivery, and tell by the last description which are emptied, swapped or of another type.

Of columns about people only lengths and shapes are kept, never a value. Source: collection.md 6.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aimline.arrival.cell_texts import cleaned, unmasked
from aimline.arrival.renames import is_mostly, number_of
from aimline.arrival.tallies import Few
from aimline.warehouse import Connection

if TYPE_CHECKING:
    from schemas.source_tables import Format


Profile = dict[str, Any]

_SAMPLE, _TYPED = 2_000, 20_000
_MOST_DISTINCT = 10_000
_COMMON = 50
_KNOTS = 21
_LONGEST_SHAPE = 20
_LEAST = 20
_ALWAYS_TYPED, _STILL_TYPED = 0.999, 0.98
_OFTEN_FILLED, _HARDLY_FILLED = 0.5, 0.001
_LIKE, _UNLIKE = 0.8, 0.3
_MANY, _OVERLAPPING = 200, (0.7, 0.85)
_SHAPES = ((re.compile(r"[A-Za-z]+"), "a"), (re.compile(r"\d"), "9"))
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_IS_NUMBER = re.compile(_NUMBER, re.ASCII)


@dataclass(frozen=True)
class Told:
    """What describing needs to know: the headings about people, which columns hold few texts, how many records are."""

    sensitive: frozenset[str]
    few: Few
    n_records: int


def profile(connection: Connection, places: Mapping[str, int], form: "Format", known: Told) -> dict[str, Profile]:
    """Describe columns of ``raw``.

    Args:
        connection: The database.
        places: Heading -> number of its column.
        form: How the source writes; what it masks counts as empty.
        known: What is known of the columns.
    """
    if not places:
        return {}
    kept = "from raw where row_no not in (select row_no from ignored)"
    cells = {heading: unmasked(cleaned(number, form), form) for heading, number in places.items()}
    texts = ", ".join(f"{text} as s{position}" for position, text in enumerate(cells.values()))
    if known.n_records <= _SAMPLE:
        columns = connection.lists(f"select {texts} {kept} order by row_no")
        return {
            heading: _told(columns[f"s{position}"], None, is_sensitive=heading in known.sensitive)
            for position, heading in enumerate(cells)
        }
    counts, shared = ["count(*) as n"], ["sum(n) as n"]
    for position, (heading, text) in enumerate(cells.items()):
        if known.few.holds((places[heading],)):
            shared.append(f"coalesce(sum(n) filter (where {text} is not null), 0)::bigint as f{position}")
        else:
            counts.append(f"count({text}) as f{position}")
    found = connection.rows(f"select {', '.join(shared)} from few")[0] if len(shared) > 1 else {}
    found |= connection.rows(f"select {', '.join(counts)} {kept}")[0]
    found |= _numbers(connection, list(cells.values()), f"{kept} and row_no % {max(1, found['n'] // _TYPED)} = 0")
    step = max(1, found["n"] // _SAMPLE)
    columns = connection.lists(f"select {texts} {kept} and row_no % {step} = 0 order by row_no limit {_SAMPLE}")
    told = {}
    for position, heading in enumerate(cells):
        counted = (found["n"], found[f"f{position}"], found[f"t{position}"], found[f"s{position}"])
        told[heading] = _told(columns[f"s{position}"], counted, is_sensitive=heading in known.sensitive)
    return told


def _told(texts: Sequence[str | None], counted: tuple[int, int, int, int] | None, *, is_sensitive: bool) -> Profile:
    """Describe a column by a sample of its texts, and by what was counted of all of them; by itself where it is all."""
    values = Counter(value for value in texts if value is not None)
    if counted is None:
        n_numbers = sum(n for value, n in values.items() if _IS_NUMBER.fullmatch(value))
        counted = (len(texts), values.total(), n_numbers, values.total())
    names = ("n", "n_filled", "n_numbers", "n_typed")
    return dict(zip(names, counted, strict=True)) | _described(values, is_sensitive=is_sensitive)


def _numbers(connection: Connection, cells: Sequence[str], kept: str) -> dict[str, int]:
    """Return how many of some texts are numbers, and how many there are; of many rows, every so manieth."""
    asked = [
        f"count(*) filter (where regexp_full_match({text}, '{_NUMBER}')) as t{place}, count({text}) as s{place}"
        for place, text in enumerate(cells)
    ]
    return connection.rows(f"select {', '.join(asked)} {kept}")[0]


def _described(values: Counter[str], *, is_sensitive: bool) -> Profile:
    """Describe the values of a sample, each with how often it occurs, in the order in which they first do."""
    shapes: Counter[str] = Counter()
    for value, n in values.items():
        shapes[_shape(value)] += n
    told: Profile = {"n_distinct": min(len(values), _MOST_DISTINCT), "shapes": dict(shapes.most_common(20))}
    if is_sensitive or not values:
        return told
    ordered = _ordered(values)
    if ordered:
        last = len(ordered) - 1
        told["quantiles"] = [ordered[round(last * knot / (_KNOTS - 1))] for knot in range(_KNOTS)]
    told["common"] = dict(sorted(values.items(), key=lambda each: (-each[1], each[0]))[:_COMMON])
    return told


def _ordered(values: Counter[str]) -> list[float]:
    """Return the numbers that values are, smallest first, each as often as it occurs; none where too few are."""
    numbers = [(number, n) for value, n in values.items() if (number := number_of(value)) is not None]
    if not is_mostly(sum(n for _, n in numbers), values.total()):
        return []
    return [number for number, n in sorted(numbers) for _ in range(n)]


@lru_cache(maxsize=20_000)
def _shape(value: str) -> str:
    if value.isdecimal():
        return "9" * min(len(value), _LONGEST_SHAPE)
    for pattern, mark in _SHAPES:
        value = pattern.sub(mark, value)
    return value[:_LONGEST_SHAPE]


def changed(before: Mapping[str, Profile], now: Mapping[str, Profile]) -> list[tuple[str, str]]:
    """Return (code, words) for every column that is no longer what it was.

    Args:
        before: Description of the last accepted delivery, by heading.
        now: Description of this one.
    """
    found = []
    for heading, own in now.items():
        then = before.get(heading)
        if then is None or own["n"] < _LEAST or then["n"] < _LEAST:
            continue
        was, filled = then["n_filled"] / then["n"], own["n_filled"] / own["n"]
        if was >= _OFTEN_FILLED and filled < _HARDLY_FILLED:
            found.append(("column_emptied", f"'{heading[:60]}' was filled in {was:.0%} of rows and is empty now"))
            continue
        if _typed(then) >= _ALWAYS_TYPED and own["n_filled"] >= _LEAST and _typed(own) < _STILL_TYPED:
            found.append(("type_changed", f"'{heading[:60]}' held numbers and holds {_typed(own):.0%} of them now"))
    return [*_swapped(before, now), *found]


def _typed(told: Profile) -> float:
    n_typed = told.get("n_typed", told["n_filled"])
    return float(told["n_numbers"] / n_typed) if n_typed else 0.0


def _swapped(before: Mapping[str, Profile], now: Mapping[str, Profile]) -> list[tuple[str, str]]:
    """Return pairs of columns each of which looks like what the other was, and not like what it was itself."""
    own = {
        heading: _alike(before[heading], now[heading])
        for heading in now
        if heading in before and now[heading]["n_filled"] and before[heading]["n_filled"]
    }
    strange = [heading for heading, alike in own.items() if alike <= _OVERLAPPING[0]]
    found = []
    for number, one in enumerate(strange):
        for other in strange[number + 1 :]:
            most, least = max(own[one], own[other]), _least_of_others(before, now, (one, other))
            if (most <= _UNLIKE and least >= _LIKE) or (
                least >= _OVERLAPPING[1] and all(_is_many(before[each], now[each]) for each in (one, other))
            ):
                words = f"'{one[:60]}' and '{other[:60]}' each hold what the other held"
                found.append(("columns_swapped", words))
    return found


def _least_of_others(before: Mapping[str, Profile], now: Mapping[str, Profile], pair: tuple[str, str]) -> float:
    one, other = pair
    return min(_alike(before[one], now[other]), _alike(before[other], now[one]))


def _is_many(then: Profile, now: Profile) -> bool:
    """Say whether a column holds numbers, and so many that chance alone does not move them.

    Numbers of two columns that overlap are never wholly unlike: it is enough that each fits the other's place better.
    """
    return "quantiles" in then and "quantiles" in now and min(then["n_filled"], now["n_filled"]) >= _MANY


def _alike(one: Profile, other: Profile) -> float:
    """Return how alike two described columns are, from 0 to 1."""
    if ("quantiles" in one) != ("quantiles" in other):
        return 0.0
    if "quantiles" in one:
        return 1.0 - _distance(one["quantiles"], other["quantiles"])
    name = "common" if "common" in one and "common" in other else "shapes"
    first, second = one[name], other[name]
    shared = set(first) & set(second)
    sums = (sum(first.values()) or 1, sum(second.values()) or 1)
    return float(sum(first[each] for each in shared) / sums[0] + sum(second[each] for each in shared) / sums[1]) / 2


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the largest gap between two distributions known by their quantiles."""
    points = sorted({*one, *other})
    return max(abs(_below(one, point) - _below(other, point)) for point in points)


def _below(quantiles: Sequence[float], point: float) -> float:
    return sum(each <= point for each in quantiles) / len(quantiles)
