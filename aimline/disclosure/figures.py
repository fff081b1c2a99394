"""Judge the figures of a site against each other and against their cells: one number, however often it is told."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from aimline.disclosure.instance import Cell, Instance
from aimline.disclosure.readings import ROW, SAID, Mark, Place, Reading, place_of

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_PLAIN_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%")
_COUNT = re.compile(r"(?:n = )?(\d{1,18})")
_LOOSE = frozenset({ROW, "note", "status", "comment", "remark"})
"""Fields whose words may differ from row to row."""

_HALF_A_PERCENT = 0.005 + 1e-9
_LEAST_TRUE = 2
_ROOM = 1.0 + 1e-9
"""So many points a difference may be off, being rounded as its two sides are."""


def unequal(readings: Iterable[Reading]) -> Iterator[Place]:
    """Yield figures that read differently in two places, and differences that are not those of their two sides."""
    by_mark: dict[Mark, dict[str, Reading]] = defaultdict(dict)
    for each in readings:
        if each.mark.field in _LOOSE or not each.text:
            continue
        said = by_mark[each.mark]
        if each.text not in said and not any(tells_as(each.text, other) for other in said):
            said[each.text] = each
    yield from _misreckoned(by_mark)
    for mark, told in by_mark.items():
        found = list(told.values())
        if len(found) > 1 and mark.cell not in SAID:
            texts, places = [each.text for each in found], [f"{each.path}:{each.line}" for each in found]
            yield {
                "cell": mark.cell,
                "indicator": mark.indicator,
                "field": mark.field,
                "texts": texts,
                "places": places,
            }


def tells_as(one: str, other: str) -> bool:
    """Say whether two texts tell one number: alike, or a whole percent and the share it was rounded from."""
    if one == other:
        return True
    left, right = values_of(one), values_of(other)
    if left == right:
        return bool(left)
    if len(left) != 1 or len(right) != 1 or ("%" in one) == ("%" in other):
        return False
    percent, share = (left[0], right[0]) if "%" in one else (right[0], left[0])
    return abs(percent / 100 - share) <= _HALF_A_PERCENT


@lru_cache(maxsize=8192)
def values_of(text: str) -> tuple[float, ...]:
    """Return the numbers of a text."""
    return tuple(float(number) for number in _PLAIN_NUMBER.findall(_THOUSANDS.sub("", text)))


def _misreckoned(by_mark: Mapping[Mark, Iterable[str]]) -> Iterator[Place]:
    """Yield differences to the expected value that the value and the expected one beside them do not have."""
    for mark, texts in by_mark.items():
        if mark.field != "gap_to_expected" or mark.cell in SAID:
            continue
        sides = [by_mark.get(Mark(mark.cell, mark.indicator, name), ()) for name in ("value", "expected")]
        value, expected, told = (_only(each) for each in (*sides, texts))
        if None not in {value, expected, told} and value and expected and told:
            difference = abs(abs(value[0] - expected[0]) - abs(told[0]))
            if difference > _ROOM * max(_step(each) for each in (value[0], expected[0])):
                yield {"cell": mark.cell, "indicator": mark.indicator, "field": mark.field, "texts": list(texts)}


def _only(texts: Iterable[str]) -> tuple[float, ...] | None:
    """Return the one number of a figure; None where it is told by none or by several."""
    found = {values_of(text) for text in texts}
    only = next(iter(found)) if len(found) == 1 else ()
    return only if len(only) == 1 else None


def _step(value: float) -> float:
    return 1.0 if value == int(value) else 0.1


def untrue(readings: Iterable[Reading], instance: Instance | None) -> Iterator[Place]:
    """Yield figures that say another number than their cell has, where most figures of an indicator say theirs.

    An instance holds one outcome. An indicator whose figures are of another, or told by bands, is not compared.
    """
    cells = {cell.cell_id: cell for cell in instance.cells} if instance else {}
    told: dict[str, list[tuple[Reading, bool]]] = defaultdict(list)
    for each in readings:
        if each.mark.cell in cells and each.mark.field in {"value", "n"}:
            found = _is_true(each, cells[each.mark.cell])
            if found is not None:
                told[each.mark.indicator].append((each, found))
    for held in told.values():
        n_true = len({each.mark.cell for each, is_true in held if is_true and each.mark.field == "value"})
        wrong = [each for each, is_true in held if not is_true]
        if n_true >= _LEAST_TRUE and n_true > len({each.mark for each in wrong}):
            yield from (
                place_of(each.path, each.line, f"{each.text} is not what its cell says", each.mark) for each in wrong
            )


def _is_true(each: Reading, cell: Cell) -> bool | None:
    """Say whether a figure says what its cell has; None where it is told in a way that is not compared."""
    if cell.form is not None or not cell.n:
        return None
    if each.mark.field == "n":
        count = _COUNT.fullmatch(each.text)
        return int(count[1]) == cell.n if count else None
    percent = _PERCENT.fullmatch(each.text)
    return abs(float(percent[1]) / 100 - cell.x / cell.n) <= _HALF_A_PERCENT if percent else None
