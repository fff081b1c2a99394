"""Find where the records of a grid of cells begin: titles, then a heading of one row or several, then records.

A grid is a delimited file or a sheet. Matching the headings with the declared ones is ``headings``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aimline.arrival.delivery import StoppedError
from aimline.arrival.headings import Expected, heading_row

if TYPE_CHECKING:
    from schemas.source_tables import Format

_MOST_COLUMNS = 5000
_MOST_STACKED = 3


@dataclass(frozen=True)
class Head:
    """The top of a grid.

    Attributes:
        headings: What stands above the cells of a record; numbers from 1 where there is no heading.
        titles: The texts above the heading.
        n_rows: Rows of the heading.
    """

    headings: tuple[str, ...]
    titles: tuple[str, ...] = ()
    n_titles: int = 0
    n_rows: int = 1

    @property
    def n_above(self) -> int:
        """Return the rows before the first record."""
        return self.n_titles + self.n_rows

    @property
    def ignored(self) -> dict[str, int]:
        """Return the rows above the records by the rule that ignores them."""
        counts = {"title_row": self.n_titles, "header_row": self.n_rows}
        return {rule: n for rule, n in counts.items() if n}


def head_of(first: Sequence[Sequence[str]], form: "Format", expected: Expected) -> Head | None:
    """Return the top of a grid as declared, or as found among its first rows; None when none is found."""
    if form.header == "none":
        width = max((len(row) for row in first), default=0)
        return Head(_checked([str(number + 1) for number in range(width)]), n_rows=0)
    if isinstance(form.header, int):
        return _declared_head(first, (form.header, form.header))
    if isinstance(form.header, tuple):
        return _declared_head(first, form.header)
    at = heading_row(first, expected)
    if at is not None:
        return _head(first, at, 1)
    for n_rows in range(2, _MOST_STACKED + 1):
        stacked = [_joined(first[top : top + n_rows]) for top in range(len(first) - n_rows + 1)]
        if (found := heading_row(stacked, expected)) is not None:
            return _head(first, found, n_rows)
    return None


def _declared_head(first: Sequence[Sequence[str]], span: tuple[int, int]) -> Head | None:
    top, last = span
    return _head(first, top - 1, last - top + 1) if 0 < top <= last <= len(first) else None


def _head(first: Sequence[Sequence[str]], top: int, n_rows: int) -> Head:
    titles = tuple(cell.strip() for row in first[:top] for cell in row if cell.strip())
    headings = first[top] if n_rows == 1 else _joined(first[top : top + n_rows])
    return Head(_checked(headings), titles, top, n_rows)


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """Join the rows of a stacked heading with spaces; an upper cell stands for those right of it until the next."""
    width = max(len(row) for row in rows)
    parts: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(rows):
        above = ""
        for place in range(width):
            own = row[place].strip() if place < len(row) else ""
            above = own or (above if number < len(rows) - 1 else "")
            if above:
                parts[place].append(above)
    return [" ".join(words) for words in parts]


def _checked(headings: Sequence[str]) -> tuple[str, ...]:
    if len(headings) > _MOST_COLUMNS:
        raise StoppedError("too_large", f"it has {len(headings):,} columns, the limit is {_MOST_COLUMNS:,}")
    return tuple(headings)


def trimmed(headings: Sequence[str]) -> tuple[str, ...]:
    """Return headings without the empty ones at their end."""
    last = len(headings)
    while last and not headings[last - 1].strip():
        last -= 1
    return tuple(headings[:last])
