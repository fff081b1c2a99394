"""Open deliveries that hold several tables, and load what a connector made of one of them.

What the tables mean is the connector's; here bytes become cells, and cells become the table ``raw``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aimline.arrival import text as texts
from aimline.arrival.guard import check_kind, check_size, every_member, members
from aimline.arrival.records import Loaded, Reading, load_numbered
from aimline.arrival.workbook import formula_cells, sheet_rows

if TYPE_CHECKING:
    from schemas.source_tables import Format


class Prepared(Protocol):
    """What a connector made of one member of a delivery."""

    @property
    def entity(self) -> str:
        """What its rows are."""

    @property
    def name(self) -> str:
        """The member."""

    @property
    def headings(self) -> tuple[str, ...]:
        """Headings of the cells."""

    @property
    def rows(self) -> Sequence[tuple[int, Sequence[str]]]:
        """Number of a record, and its cells."""

    @property
    def n_records(self) -> int:
        """All records of the member, headings included."""

    @property
    def ignored(self) -> Mapping[str, int]:
        """Rule -> records that are no rows."""

    @property
    def refused(self) -> Mapping[int, str]:
        """Number of a record -> code of why it is refused."""

    @property
    def notes(self) -> Mapping[str, int]:
        """Code -> how often, of what is worth noting."""

    @property
    def is_state(self) -> bool:
        """Whether the rows are all there are, so that none of them empties what came before."""


def load_prepared(prepared: Prepared, reading: Reading) -> Loaded:
    """Load the rows of a prepared table."""
    load_numbered(prepared.rows, len(prepared.headings), reading)
    ignored = {rule: n for rule, n in prepared.ignored.items() if n}
    return Loaded(prepared.headings, prepared.n_records, ignored, refused=prepared.refused, notes=tuple(prepared.notes))


def grids_of(path: Path, to: Path) -> list[tuple[str, list[list[str]], tuple[str, ...]]]:
    """Return the CSV files of a zip archive: name, records with the heading first, what is worth noting.

    Raises:
        StoppedError: The archive breaks a limit, or a file of it cannot be read.
    """
    return [(member.name, *_rows(member.path)) for member in every_member(path, "csv", to)]


def book_of(
    path: Path, form: "Format", to: Path
) -> tuple[dict[str, list[list[str]]], dict[str, frozenset[tuple[int, int]]]]:
    """Return the sheets of a workbook, and the places of its formulas.

    Raises:
        StoppedError: It breaks a limit, or is no plain workbook.
    """
    found = members(path, form, "", to)
    sheets = {member.sheet: list(sheet_rows(member.path, member.sheet, form)) for member in found}
    return sheets, formula_cells(path)


def rows_of(path: Path) -> list[list[str]]:
    """Return the records of a CSV file.

    Raises:
        StoppedError: It breaks a limit, or cannot be read.
    """
    check_size(path)
    return _rows(path)[0]


def _rows(path: Path) -> tuple[list[list[str]], tuple[str, ...]]:
    data = path.read_bytes()
    check_kind(data, "csv")
    clean, repaired = texts.without_control_characters(data, ())
    text, noted = texts.decoded(clean, "auto")
    text = texts.with_plain_line_ends(text)
    return list(texts.records(text, ",")), (*repaired, *noted, *texts.noted(text))
