"""Read a CSV file of numbers by its columns, and print tables as CSV or JSON. No chart's work belongs here.

What is wrong with a file is told with its line, what was found there, and what to write instead.
"""

import csv
import io
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aimline.errors import UsageError

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MISSING = frozenset({"", "NA"})
_EXACT = 2**53
LARGEST = 1e100
"""Squares and sums of numbers up to this are numbers still."""

_SHOWN = 40
_SAVE = "Save the file as CSV in UTF-8, with commas."
_OTHERS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True)
class RowFile:
    """A CSV file: its columns, its rows, and the line each row ends on."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def has(self, column: str) -> bool:
        """Say whether the file has a column."""
        return column in self.columns

    def texts(self, column: str) -> list[str]:
        """Return a column as text; leading and trailing blanks are not part of it."""
        if column not in self.columns:
            raise UsageError(_no_column(self, column), remedy="Name one of its columns.")
        at = self.columns.index(column)
        return [row[at].strip() for row in self.rows]

    def names(self, column: str) -> list[str]:
        """Return a column that names things: no cell of it may be empty."""
        found = self.texts(column)
        for text, line in zip(found, self.lines, strict=True):
            if text in _MISSING:
                raise UsageError(
                    f"{self.name} line {line}: column {column} is empty.", remedy="Every row needs it; write it."
                )
        return found

    def numbers(self, column: str) -> list[float]:
        """Return a column as numbers; NaN where a cell is empty or NA."""
        return [self._number(text, line, column) for text, line in zip(self.texts(column), self.lines, strict=True)]

    def _number(self, text: str, line: int, column: str) -> float:
        if text in _MISSING:
            return math.nan
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(value):
            raise UsageError(
                f"{self.name} line {line}: '{text[:_SHOWN]}' in column {column} is not a number "
                "(use an empty cell for missing)."
            )
        if abs(value) > LARGEST:
            raise UsageError(
                f"{self.name} line {line}: '{text[:_SHOWN]}' in column {column} is farther from zero than {LARGEST:g}.",
                remedy="Correct the row, or tell the column in a larger unit.",
            )
        return value

    def counts(self, column: str) -> list[float]:
        """Return a column of numbers that are zero or more."""
        found = self.numbers(column)
        for value, line in zip(found, self.lines, strict=True):
            if value < 0:
                raise UsageError(
                    f"{self.name} line {line}: {shown(value)} in column {column} is below zero; expected a count.",
                    remedy="Correct the row, or leave the cell empty.",
                )
        return found

    def shares(self, column: str) -> list[float]:
        """Return a column of numbers from 0 to 1."""
        found = self.numbers(column)
        for value, line in zip(found, self.lines, strict=True):
            if not (math.isnan(value) or 0 <= value <= 1):
                raise UsageError(
                    f"{self.name} line {line}: {shown(value)} in column {column} is not between 0 and 1.",
                    remedy="Write rates as fractions: 0.95 for 95%.",
                )
        return found

    def where(self, keep: Sequence[bool]) -> "RowFile":
        """Return the rows that are kept."""
        rows = tuple(row for row, is_kept in zip(self.rows, keep, strict=True) if is_kept)
        lines = tuple(line for line, is_kept in zip(self.lines, keep, strict=True) if is_kept)
        return RowFile(self.name, self.columns, rows, lines)


def _no_column(file: RowFile, column: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(column, file.columns, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"{file.name} has no column '{column}'. Columns: {', '.join(file.columns)}.{hint}"


def read_rows(name: str) -> RowFile:
    """Read a CSV file: UTF-8, commas, the first line names the columns."""
    try:
        text = Path(name).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"There is no file {name}.", remedy="Give the path of a CSV file.") from None
    except UnicodeDecodeError as error:
        line = _lines_in(error.object[: error.start].decode("utf-8-sig")) + 1
        raise UsageError(f"{name} line {line}: byte {error.start + 1} is not UTF-8.", remedy=_SAVE) from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.", remedy="Give the path of a CSV file.") from None
    if "\0" in text:
        line = _lines_in(text[: text.index("\0")]) + 1
        raise UsageError(f"{name} line {line}: a zero byte, which no text holds.", remedy=_SAVE)
    return _parsed(name, text)


def _lines_in(text: str) -> int:
    """Count the ends of lines, however they are written."""
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def _records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it ends on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begins_on = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = "a quote is never closed" if "unexpected end" in str(error) else str(error)
            raise UsageError(f"{name} line {begins_on}: it is not CSV: {why}.", remedy=_SAVE) from None
        yield reader.line_num, record


def _parsed(name: str, text: str) -> RowFile:
    records = _records(name, text)
    columns = tuple(cell.strip() for cell in next(records, (0, []))[1])
    if not columns:
        raise UsageError(f"{name} is empty.", remedy="Its first line names the columns.")
    if len(columns) == 1 and (other := next((word for mark, word in _OTHERS.items() if mark in columns[0]), None)):
        raise UsageError(f"{name} line 1: cells are separated by {other}, expected commas.", remedy=_SAVE)
    if twice := sorted({column for column in columns if columns.count(column) > 1}):
        raise UsageError(f"{name} line 1: column '{twice[0]}' stands twice.", remedy="Give each column its own name.")
    rows, lines = [], []
    for line, row in records:
        if not row:
            continue
        if len(row) != len(columns):
            raise UsageError(
                f"{name} line {line}: {len(row)} cells, expected {len(columns)} as line 1 names them.",
                remedy="Write every cell of the row; put text that holds a comma in quotes.",
            )
        rows.append(tuple(row))
        lines.append(line)
    if not rows:
        raise UsageError(f"{name} has no rows below its first line.", remedy="Give the file its rows.")
    return RowFile(name, columns, tuple(rows), tuple(lines))


@dataclass(frozen=True)
class Places:
    """A column that orders rows: what it holds, each cell as read and as it sorts."""

    scale: Any
    labels: list[str]
    keys: list[Any]


def places_of(file: RowFile, column: str | None, groups: Sequence[str]) -> Places:
    """Return the order of the rows by a column of numbers, days or text; without one, their number in the group."""
    if column is None:
        seen: dict[str, int] = {}
        keys = []
        for group in groups:
            seen[group] = seen.get(group, 0) + 1
            keys.append(seen[group])
        return Places("numeric", [str(key) for key in keys], keys)
    texts = file.names(column)
    if all(_NUMBER.fullmatch(text) for text in texts):
        numbers = [float(text) for text in texts]
        return Places("numeric", [shown(number) for number in numbers], numbers)
    if all(_DAY.fullmatch(text) for text in texts):
        for text, line in zip(texts, file.lines, strict=True):
            if not is_day(text):
                raise UsageError(
                    f"{file.name} line {line}: '{text}' in column {column} is no day of the calendar.",
                    remedy="Write it as 2026-09-07.",
                )
        return Places("date", texts, texts)
    return Places("category", texts, texts)


def is_day(text: str) -> bool:
    """Say whether a text is a day of the calendar, written as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def until(file: RowFile, column: str | None, as_of: date | None) -> RowFile:
    """Return the rows known on a day: those whose day in a column is not later."""
    if as_of is None:
        return file
    places = places_of(file, column, ()) if column else None
    if places is None or places.scale != "date":
        raise UsageError("--as-of needs days to compare with.", remedy="Name a column of dates (2026-09-07).")
    kept = file.where([label <= as_of.isoformat() for label in places.labels])
    if not kept.rows:
        raise UsageError(f"{file.name} has no rows until {as_of}.", remedy="Give a later --as-of.")
    return kept


def shown(value: Any) -> str:
    """Write a cell: numbers as the shortest text that reads back, TRUE and FALSE, nothing for what is missing."""
    return str(_written([value])[0] if value is not None else "")


def _written(row: Iterable[Any]) -> list[Any]:
    """Return a row as the writer of CSV takes it: text, whole numbers and None it writes itself."""
    return [
        "TRUE" if cell is True else "FALSE" if cell is False else _float(cell) if isinstance(cell, float) else cell
        for cell in row
    ]


def _float(value: float) -> str:
    text = float.__repr__(value)
    if text.endswith(".0"):
        return text[:-2] if value else "0"
    return "" if text == "nan" else text


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(map(_written, rows))
    sys.stdout.write(text.getvalue())


def write_csv(folder: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as a CSV file into a folder, which is made if need be."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with (Path(folder) / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(map(_written, rows))
    except OSError as error:
        raise UsageError(
            f"{folder}/{name} cannot be written: {error.strerror}.", remedy="Give another folder."
        ) from None


def print_json(columns: Sequence[str], rows: Iterable[Sequence[Any]], beside: dict[str, Any]) -> None:
    """Print rows as JSON objects, with what is told beside them."""
    import json

    found = {"rows": [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]}
    found |= {name: _plain_tree(value) for name, value in beside.items()}
    sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return str(value)
        return int(value) if value.is_integer() and abs(value) < _EXACT else float(value)
    return value


def _plain_tree(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value]
