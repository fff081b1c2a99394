"""Run the verbs on plain files, and compare what they print with what another program computed."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from aimline import cli

Cells = dict[str, str]
CLOSE = 1e-9


@dataclass(frozen=True)
class Said:
    """What a verb printed, and its exit code."""

    out: str
    err: str
    code: int

    @property
    def rows(self) -> list[Cells]:
        """The printed CSV, a row a dictionary."""
        return list(csv.DictReader(io.StringIO(self.out)))

    @property
    def columns(self) -> str:
        """The first printed line."""
        return self.out.partition("\n")[0]


def said(*words: object) -> Said:
    """Run a verb in this process; words that are None are left out."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main([str(word) for word in words if word is not None])
    return Said(out.getvalue(), err.getvalue(), code)


def options(**given: object) -> list[object]:
    """Write options; what is empty or None is left out."""
    found: list[object] = []
    for name, value in given.items():
        if value not in {None, ""}:
            found += [f"--{name.replace('_', '-')}", value]
    return found


def read(path: Path) -> list[Cells]:
    """Read a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Sequence[Cells]) -> Path:
    """Write rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def dataset(inputs: Path, name: str, into: Path, dated: str = "") -> Path:
    """Write the input of a case: a file, or one series of the edge series, with dates where a case asks for them.

    Args:
        inputs: The folder of inputs.
        name: ``file`` or ``file:series``.
        into: Where to write it.
        dated: Name of a column of days to add, made from ``seq``; its pace is a day, a month for the rubric.
    """
    stem, _, series = name.partition(":")
    rows = read(inputs / f"{stem}.csv")
    rows = [row for row in rows if not series or row["series"] == series]
    if dated and dated not in rows[0]:
        rows = [{**row, dated: _day(stem, int(row["seq"]))} for row in rows]
    return write(into / "input.csv", rows)


def _day(stem: str, seq: int) -> str:
    from datetime import date, timedelta

    if stem == "syn_rubric":
        return (date(2020, 1, 1) + timedelta(31 * (seq - 1))).isoformat()
    return (date(2025, 1, 1) + timedelta(seq - 1)).isoformat()


def differences(found: Sequence[Cells], expected: Sequence[Cells], columns: Iterable[str]) -> list[str]:
    """Return where printed cells differ from expected ones: numbers by more than a relative 1e-9, text at all."""
    if len(found) != len(expected):
        return [f"{len(found)} rows, expected {len(expected)}"]
    return [
        f"row {at} {column}: {mine[column]!r}, expected {theirs[column]!r}"
        for at, (mine, theirs) in enumerate(zip(found, expected, strict=True), 1)
        for column in columns
        if not same(mine[column], theirs[column])
    ]


def same(mine: str, theirs: str) -> bool:
    """Say whether two cells are the same."""
    if mine == theirs or (mine, theirs) == ("", "NA"):
        return True
    try:
        return math.isclose(float(mine), float(theirs), rel_tol=CLOSE, abs_tol=1e-12)
    except ValueError:
        return False
