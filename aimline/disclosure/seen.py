"""Remember deviations that were seen: the gaps each needs, and how far it carries every target.

Under every pattern that has its gaps a deviation stands, whatever it was looked for. So what one target was moved for,
under one pattern, tells of all the others, and of every pattern after it.
"""

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint8]
Row = npt.NDArray[np.float64]
_MOST = 1_024
"""So many deviations are remembered, the newest."""


class Seen:
    """Deviations of one answer."""

    def __init__(self, n_choices: int, n_targets: int) -> None:
        """Begin with none.

        Args:
            n_choices: How many cells may be hidden.
            n_targets: How many targets a deviation tells of.
        """
        self._n = 0
        self._needs = np.zeros((0, (n_choices + 7) // 8), dtype=np.uint8)
        self._rows = np.zeros((0, n_targets))

    def add(self, needs: npt.NDArray[np.bool_], row: Row) -> None:
        """Remember a deviation: which choices must be gaps for it, and where it carries every target."""
        if self._n == len(self._rows) < _MOST:
            more = max(32, self._n)
            self._needs = np.vstack([self._needs, np.zeros((more, self._needs.shape[1]), dtype=np.uint8)])
            self._rows = np.vstack([self._rows, np.zeros((more, self._rows.shape[1]))])
        place = self._n % _MOST
        self._needs[place], self._rows[place] = np.packbits(needs), row
        self._n += 1

    def reach(self, gaps: npt.NDArray[np.bool_]) -> tuple[Row, Row]:
        """Return how far up and how far down those carry every target that need no other gaps."""
        n_held = min(self._n, len(self._rows))
        standing = self._rows[:n_held][~(self._needs[:n_held] & np.packbits(~gaps)).any(axis=1)]
        return standing.max(axis=0, initial=0.0), -standing.min(axis=0, initial=0.0)
