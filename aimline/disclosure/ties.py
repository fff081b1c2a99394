"""Let cells that a sum of two ties together move as one, so that a solver has fewer of them and fewer sums.

Where a sum has two open cells, one moves as the other does, or against it; where it has one, that cell cannot move.
What is left are classes of cells, and the sums between them. Nothing here knows a number or a limit.
"""

from collections import deque
from collections.abc import Iterable, Mapping

Row = dict[int, int]


class Ties:
    """Classes of cells that move together.

    Attributes:
        rows: The sums that are left, each with coefficients by class.
        classes: Of every class its cells, each with 1 where it moves as the class does, and -1 where against it.
    """

    def __init__(self, cells: Iterable[int], rows: Iterable[Mapping[int, int]]) -> None:
        """Tie cells together until no sum of one or two is left.

        Args:
            cells: Every cell that may move.
            rows: Coefficients by cell, 1 or -1; each row adds up to nothing.
        """
        self._held = {cell: [(cell, 1)] for cell in cells}
        self._rows: list[Row] = [dict(row) for row in rows]
        self._in: dict[int, set[int]] = {cell: set() for cell in self._held}
        for place, row in enumerate(self._rows):
            for cell in row:
                self._in[cell].add(place)
        self._waiting = deque(place for place, row in enumerate(self._rows) if len(row) <= 2)  # noqa: PLR2004 - a pair
        while self._waiting:
            self._use(self._rows[self._waiting.popleft()])
        number = {leader: place for place, leader in enumerate(self._held)}
        self.classes = list(self._held.values())
        self.rows = [{number[leader]: value for leader, value in row.items()} for row in self._rows if row]

    def _use(self, row: Row) -> None:
        """Take what a short row says into account: who cannot move, or who moves as another does."""
        if len(row) == 1:
            self._hold(next(iter(row)))
        elif len(row) == 2:  # noqa: PLR2004 - a pair
            (one, value), (other, weight) = row.items()
            if abs(value) == abs(weight):
                one, other = (one, other) if len(self._in[one]) >= len(self._in[other]) else (other, one)
                self._join(one, other, -1 if value == weight else 1)

    def _hold(self, leader: int) -> None:
        del self._held[leader]
        for place in self._in.pop(leader):
            del self._rows[place][leader]
            self._look(place)

    def _join(self, leader: int, other: int, sign: int) -> None:
        """Let a class move as another one (1), or against it (-1)."""
        self._held[leader] += [(cell, side * sign) for cell, side in self._held.pop(other)]
        for place in self._in.pop(other):
            row = self._rows[place]
            value = row.get(leader, 0) + sign * row.pop(other)
            if value:
                row[leader] = value
                self._in[leader].add(place)
            else:
                del row[leader]
                self._in[leader].discard(place)
            self._look(place)

    def _look(self, place: int) -> None:
        if 1 <= len(self._rows[place]) <= 2:  # noqa: PLR2004 - a pair
            self._waiting.append(place)
