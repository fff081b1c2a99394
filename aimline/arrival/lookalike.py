"""Tell which source a file nobody expects looks like, by its headings alone. Nothing of it is taken in."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from aimline.arrival import text as texts
from aimline.arrival.delivery import StoppedError
from aimline.arrival.headings import expected_headings, norm
from aimline.arrival.workbook import allowed_sheets, sheet_names, sheet_rows

if TYPE_CHECKING:
    from schemas.sources import Source

_ENOUGH = 0.8
_START = 1 << 16


@dataclass(frozen=True)
class Lookalike:
    """A source a file looks like: how many of the headings it needs the file has, of how many."""

    source_id: str
    n_same: int
    n_needed: int


def looks_like(path: Path, sources: Sequence["Source"], items: Mapping[str, Mapping[str, str]]) -> Lookalike | None:
    """Return the source whose headings a file has, most of them at least; None where there is none.

    Args:
        path: The file.
        sources: The sources it may be of.
        items: Source -> heading -> item of the instrument.
    """
    found = []
    for source in sources:
        needed = expected_headings(source, items.get(source.source_id, {})).needed
        rows = _first_rows(path, source)
        same = max((_n_same(row, needed) for row in rows), default=0)
        if needed and same >= _ENOUGH * len(needed):
            found.append((same / len(needed), same, Lookalike(source.source_id, same, len(needed))))
    return max(found, key=lambda each: each[:2])[2] if found else None


def _n_same(row: Sequence[str], needed: Sequence[Sequence[str]]) -> int:
    have = {norm(cell) for cell in row}
    return sum(any(norm(alias) in have for alias in aliases) for aliases in needed)


def _first_rows(path: Path, source: "Source") -> list[list[str]]:
    """Return the first rows of a file as a source would read them; none where it cannot."""
    form = source.format
    try:
        if form.type == "xlsx":
            names = allowed_sheets(sheet_names(path), form) if zipfile.is_zipfile(path) else []
            return [row for name in names for row in islice(sheet_rows(path, name, form), texts.HEADING_WITHIN)]
        if form.type != "csv":
            return []
        with path.open("rb") as file:
            data = file.read(_START)
        text, _ = texts.decoded(data[: data.rfind(b"\n") + 1] or data, form.encoding)
    except (StoppedError, OSError):
        return []
    marks = texts.DELIMITERS if form.delimiter == "auto" else (form.delimiter,)
    return [row for mark in marks for row in texts.first_records(texts.with_plain_line_ends(text), mark)]
