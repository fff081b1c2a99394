"""Random streams and fast text for the generator. Anything that knows what a school is belongs elsewhere."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]


class Table(IntEnum):
    """One stream a table: adding a table, or a year of one, leaves every other row as it was."""

    PEOPLE = 1
    MOVES = 2
    ATTRIBUTES = 3
    ABSENCE = 4
    TAKEN = 5
    TRAITS = 6
    ANSWERS = 7
    STAFF = 8
    RUBRIC = 9
    WALKTHROUGH = 10
    ACTIVITIES = 11
    NAMES = 12
    FAULTS = 13


def stream(seed: int, table: Table, *keys: int) -> np.random.Generator:
    """Return the generator of one table (and year, wave, ...) of a world."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, int(table), *keys])))


def texts(values: Iterable[object]) -> Texts:
    """Return an array of Python strings, so that `+` joins them row by row."""
    return np.array([str(value) for value in values], dtype=object)


def us_date(day: date) -> str:
    """Write a date as the vendors of Riverbend do: mm/dd/yyyy."""
    return f"{day.month:02d}/{day.day:02d}/{day.year}"


def write_csv(path: Path, header: str, rows: Sequence[str]) -> None:
    """Write one file with a header line and a line end after every row."""
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8", newline="")
