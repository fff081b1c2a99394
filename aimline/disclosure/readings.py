"""Say what is read in finished pages: figures, drawings, and numbers that belong to neither.

What counts as a number is decided here: dates, school years and grades are none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

GAP_TEXT = "Not shown to protect privacy"

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_NO_DATA = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T[\d:.+Z-]+)?"  # a date
    rf"|{_MONTH} \d{{1,2}}(?:, \d{{4}})?\b"
    r"|\b(?:19|20)\d{2}[-\u2013]\d{2}(?!\d)"  # a school year
    r"|\b20\d{2}\b"
    r"|\b[Gg]rades? (?:PK|K|\d{1,2})(?:(?:[-\u2013]| to )(?:K|\d{1,2}))?\b"
    r"|\bn_?min\b"
    r"|\binitial-scale=1\b"
)

SAID = frozenset({"records", "declared", "scale"})
"""Marks of numbers about no cell: counts of files and rows, what a plan declares, the axis of a chart."""


@dataclass(frozen=True)
class Mark:
    """What a figure says it is."""

    cell: str
    indicator: str = ""
    field: str = "value"


@dataclass(frozen=True)
class Reading:
    """A figure as it stands in one file.

    Attributes:
        path: The file.
        line: Where.
        mark: What it says it is.
        text: What it shows.
        is_gap: It says that it is not shown.
        extra: Numbers in its attributes, beside the text.
    """

    path: str
    line: int
    mark: Mark
    text: str
    is_gap: bool = False
    extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """Something drawn: its numbers, the scale it is drawn by, the figure it says it is, and the drawing it is in."""

    path: str
    line: int
    tag: str
    numbers: Mapping[str, str]
    mark: Mark | None
    scale: str | None
    group: int = 0
    drawing: int = 0


@dataclass
class Read:
    """What one file says."""

    readings: list[Reading] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    strays: list[tuple[str, int, str]] = field(default_factory=list)
    n_numbers: int = 0


def numbers_in(text: str) -> tuple[str, ...]:
    """Return the numbers of a text, without dates, school years and grades."""
    return _numbers_in(text) if _DIGIT.search(text) else ()


@lru_cache(maxsize=8192)
def _numbers_in(text: str) -> tuple[str, ...]:
    return tuple(_NUMBER.findall(_NO_DATA.sub(" ", text)))
