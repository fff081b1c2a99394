"""Solve for what equations alone determine: exact elimination, without a single value. Bounds belong elsewhere.

The equations are the sums a reader holds, with every known cell moved to the other side. What remains has whole
coefficients, so elimination modulo a large prime is exact and has no rounding.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

PRIME = 2_147_483_647

_LONG = 100
"""Rows of more cells are solved together at the end."""

Equation = Mapping[int, int]
"""Coefficients by unknown."""

Held = TypeVar("Held")


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
    system = _System(equations, n_unknowns)
    lengths = lengths or [len(row) for row in system.rows.values()]
    system.clear(sorted(range(len(system.rows)), key=lambda each: (lengths[each], each)))
    pivots = system.pivots
    return [dict(sorted(_signed(system.rows[pivots[pivot]]).items())) for pivot in sorted(pivots)]


def alike_rows(equations: Iterable[Equation], n_unknowns: int, lengths: Sequence[int]) -> list[dict[int, int]]:
    """Return the reduced rows that add unknowns up: those in which every coefficient of an unknown is 1.

    The few long rows of a district, each over all its schools, become dense when they are solved for each other. They
    are solved in one array, and what is no sum is never written down.

    Args:
        equations: Rows of coefficients.
        n_unknowns: Numbers from here on are carried along.
        lengths: How long each row counts as.
    """
    system = _System(equations, n_unknowns)
    order = sorted(range(len(system.rows)), key=lambda each: (lengths[each], each))
    system.clear(place for place in order if lengths[place] <= _LONG)
    dense = _Dense(system, [place for place in order if lengths[place] > _LONG and system.unknowns(place)])
    found = dense.sums()
    for place in system.pivots.values():
        row = system.rows[place]
        touched = [unknown for unknown in row if unknown in dense.pivots]
        if touched:
            found += dense.cleared(row, touched)
        elif all(value == 1 for unknown, value in row.items() if unknown < n_unknowns):
            found.append(row)
    return [dict(sorted(_signed(row).items())) for row in found]


class _System:
    """Rows that are being solved.

    Attributes:
        rows: Coefficients by unknown, modulo the prime.
        width: Numbers from here on are no unknowns.
        holders: Of every unknown the rows it stands in.
        pivots: Of every unknown that is solved for, its row.
    """

    def __init__(self, equations: Iterable[Equation], n_unknowns: int | None) -> None:
        self.rows = dict(enumerate(_modulo(equation) for equation in equations))
        self.width = PRIME if n_unknowns is None else n_unknowns
        self.holders: dict[int, set[int]] = defaultdict(set)
        for place, row in self.rows.items():
            for unknown in row:
                self.holders[unknown].add(place)
        self.pivots: dict[int, int] = {}

    def unknowns(self, place: int) -> list[int]:
        return [unknown for unknown in self.rows[place] if unknown < self.width]

    def clear(self, places: Iterable[int]) -> None:
        """Solve some rows, one after the other, each for an unknown that then stands in no other row."""
        holders = self.holders
        for place in places:
            offered = [(len(holders[unknown]), unknown) for unknown in self.unknowns(place)]
            if not offered:
                continue
            pivot = min(offered)[1]
            row = self.rows[place]
            _scale(row, row[pivot])
            for other in holders[pivot] - {place}:
                self._subtract(other, row, pivot)
            self.pivots[pivot] = place

    def _subtract(self, other: int, clean: Equation, pivot: int) -> None:
        """Take from a row the multiple of the pivot row that clears the pivot."""
        row, holders = self.rows[other], self.holders
        factor = row[pivot]
        for unknown, value in clean.items():
            before = row.get(unknown)
            left = ((before or 0) - factor * value) % PRIME
            if not left:
                del row[unknown]
                holders[unknown].discard(other)
            else:
                row[unknown] = left
                if before is None:
                    holders[unknown].add(other)


class Reduced:
    """Reduced rows, for readers each of whom knows some of the unknowns besides."""

    def __init__(self, rows: Iterable[Equation]) -> None:
        """Note which unknown stands in which rows."""
        self._system = _System(rows, None)

    def without(self, known: Collection[int]) -> list[dict[int, int]]:
        """Return the rows that are others for somebody who knows some unknowns, in reduced form again.

        What is known leaves its rows. A row that was solved for it is solved for another unknown, which then leaves
        every other row, those too in which nothing is known. All rows that are not returned stay as they are.
        """
        held = self._system.holders
        own = _System((), None)
        own.rows, own.holders = _Copied(self._system.rows, dict), _Copied(held, set)
        touched = sorted({place for unknown in known for place in held.get(unknown, ())})
        for place in touched:
            for unknown in known & own.rows[place].keys():
                del own.rows[place][unknown]
        unsolved = {place for unknown in known for place in held.get(unknown, ()) if len(held[unknown]) == 1}
        own.clear(sorted(unsolved, key=lambda place: (len(own.rows[place]), place)))
        return [dict(sorted(_signed(own.rows[place]).items())) for place in sorted(own.rows) if own.rows[place]]


class _Copied(dict[int, Held]):
    """What was looked at of a mapping, each a copy that may be changed."""

    def __init__(self, whole: Mapping[int, Held], copy: Callable[[Held], Held]) -> None:
        super().__init__()
        self._whole, self._copy = whole, copy

    def __missing__(self, key: int) -> Held:
        self[key] = self._copy(self._whole[key])
        return self[key]


class _Dense:
    """The long rows of a system in one array, solved for each other.

    Attributes:
        pivots: Of every unknown that is solved for, its line.
    """

    def __init__(self, system: _System, places: Sequence[int]) -> None:
        columns = sorted({each for place in places for each in system.rows[place]})
        self._columns = np.array(columns, dtype=np.int64)
        self._column = {each: number for number, each in enumerate(columns)}
        self._width = system.width
        self._is_unknown = self._columns < system.width
        self._lines = np.array([self._line(system.rows[place])[0] for place in places], dtype=np.int64)
        self._lines = self._lines.reshape(len(places), len(columns))
        held = np.array([len(system.holders[each]) for each in columns], dtype=np.int64)
        held -= np.count_nonzero(self._lines, axis=0)
        self.pivots: dict[int, int] = {}
        for line in range(len(places)):
            self._solve(line, held)

    def _line(self, row: Equation) -> tuple[npt.NDArray[np.int64], dict[int, int]]:
        """Lay a row out; return also what stands in no column."""
        line, beyond = np.zeros(len(self._column), dtype=np.int64), {}
        for unknown, value in row.items():
            if unknown in self._column:
                line[self._column[unknown]] = value
            else:
                beyond[unknown] = value
        return line, beyond

    def _solve(self, line: int, held: npt.NDArray[np.int64]) -> None:
        offered = np.flatnonzero((self._lines[line] != 0) & self._is_unknown)
        if not len(offered):
            return
        stands_in = np.count_nonzero(self._lines[:, offered], axis=0) + held[offered]
        pivot = int(offered[stands_in.argmin()])
        own = self._lines[line] * pow(int(self._lines[line, pivot]), -1, PRIME) % PRIME
        self._lines[line] = own
        for other in np.flatnonzero(self._lines[:, pivot]):
            if other != line:
                self._lines[other] = (self._lines[other] - self._lines[other, pivot] * own % PRIME) % PRIME
        self.pivots[int(self._columns[pivot])] = line

    def sums(self) -> list[dict[int, int]]:
        """Return the long rows that add unknowns up."""
        return [row for line in self.pivots.values() for row in self._sum(self._lines[line], {})]

    def cleared(self, row: Equation, touched: Iterable[int]) -> list[dict[int, int]]:
        """Return a short row without what the long rows are solved for, if it adds unknowns up then."""
        line, beyond = self._line(row)
        for unknown in touched:
            line = (line - row[unknown] * self._lines[self.pivots[unknown]] % PRIME) % PRIME
        return self._sum(line, beyond)

    def _sum(self, line: npt.NDArray[np.int64], beyond: Mapping[int, int]) -> list[dict[int, int]]:
        values = line[self._is_unknown]
        if values.max(initial=0) > 1 or any(value != 1 for each, value in beyond.items() if each < self._width):
            return []
        held = np.flatnonzero(line)
        return [dict(zip(self._columns[held].tolist(), line[held].tolist(), strict=True)) | dict(beyond)]


def determined(rows: Iterable[Mapping[int, int]]) -> set[int]:
    """Return the unknowns that the reduced rows determine."""
    return {next(iter(row)) for row in rows if len(row) == 1}


def _modulo(equation: Equation) -> dict[int, int]:
    return {unknown: value % PRIME for unknown, value in equation.items() if value % PRIME}


def _scale(row: dict[int, int], divisor: int) -> None:
    if divisor == 1:
        return
    inverse = pow(divisor, -1, PRIME)
    for unknown, value in row.items():
        row[unknown] = value * inverse % PRIME


def _signed(row: Mapping[int, int]) -> dict[int, int]:
    """Write coefficients near the prime as the small negative numbers they stand for."""
    return {unknown: value - PRIME if value > PRIME // 2 else value for unknown, value in row.items()}
