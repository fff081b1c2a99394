"""Solve for what equations alone determine: exact elimination, without a single value. Bounds belong elsewhere.

The equations are the sums a reader holds, with every known cell moved to the other side. What remains has whole
coefficients, so elimination modulo a large prime is exact and has no rounding.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

PRIME = 2_147_483_647

Equation = Mapping[int, int]
"""Coefficients by unknown."""


def reduced_rows(
    equations: Iterable[Equation], n_unknowns: int | None = None, lengths: Sequence[int] = ()
) -> list[dict[int, int]]:
    """Return the reduced row echelon form of a system.

    The pivot of a row is its unknown that stands in the fewest rows, then the first; short rows come before long ones,
    which else would be added to everything. So the form is the same for the same equations in the same order.

    Args:
        equations: Rows of coefficients; an empty row says nothing.
        n_unknowns: Numbers from here on are known cells: carried along, to tell what a row was computed from.
        lengths: How long each row counts as, where known cells are not carried along.

    Returns:
        Rows by pivot, each with coefficient 1 at its pivot. A row of one unknown determines it.
    """
    width = PRIME if n_unknowns is None else n_unknowns
    rows = [_modulo(equation) for equation in equations]
    holders: dict[int, set[int]] = defaultdict(set)
    for place, row in enumerate(rows):
        for unknown in row:
            holders[unknown].add(place)
    pivots: dict[int, int] = {}
    lengths = lengths or [len(row) for row in rows]
    for place in sorted(range(len(rows)), key=lambda each: (lengths[each], each)):
        row = rows[place]
        unknowns = [unknown for unknown in row if unknown < width]
        if not unknowns:
            continue
        pivot = min(unknowns, key=lambda unknown: (len(holders[unknown]), unknown))
        _scale(row, row[pivot])
        for other in holders[pivot] - {place}:
            for unknown, is_held in _subtract(rows[other], row, pivot):
                (holders[unknown].add if is_held else holders[unknown].discard)(other)
        pivots[pivot] = place
    return [dict(sorted(_signed(rows[pivots[pivot]]).items())) for pivot in sorted(pivots)]


def determined(rows: Iterable[Mapping[int, int]]) -> set[int]:
    """Return the unknowns that the reduced rows determine."""
    return {next(iter(row)) for row in rows if len(row) == 1}


def _modulo(equation: Equation) -> dict[int, int]:
    return {unknown: value % PRIME for unknown, value in equation.items() if value % PRIME}


def _scale(row: dict[int, int], divisor: int) -> None:
    inverse = pow(divisor, -1, PRIME)
    for unknown, value in row.items():
        row[unknown] = value * inverse % PRIME


def _subtract(row: dict[int, int], clean: Mapping[int, int], pivot: int) -> list[tuple[int, bool]]:
    """Take from a row the multiple of the pivot row that clears the pivot; return what came (True) and went."""
    factor = row[pivot]
    changes = []
    for unknown, value in clean.items():
        left = (row.get(unknown, 0) - factor * value) % PRIME
        if not left:
            del row[unknown]
        else:
            row[unknown] = left
        changes.append((unknown, bool(left)))
    return changes


def _signed(row: Mapping[int, int]) -> dict[int, int]:
    """Write coefficients near the prime as the small negative numbers they stand for."""
    return {unknown: value - PRIME if value > PRIME // 2 else value for unknown, value in row.items()}
