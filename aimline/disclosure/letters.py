"""Judge letters before they are sent: each number of a line must be one that the release tells the letter's reader.

A letter has no marks, as pages have. So a line is held to the rows its reader was given: all of its numbers must stand
in one row that is shown, and where the line names an indicator, a unit or a group, in a row of that name. A heading
may count what is listed under it, and sentences that count are known by their form. Days and declared words are none.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aimline.disclosure.declared_words import without_words
from aimline.disclosure.earlier import Reader
from aimline.disclosure.readings import numbers_in
from aimline.disclosure.released import ANYONE
from schemas.published import TABLES

WRITTEN_FROM = ("rpt_alerts", "rpt_indicator_status")
"""The tables that letters are written from."""

ITEM = "- "
_NAMES = ("indicator_label", "unit_label", "group_label")
_EVERYBODY = "all"
_COUNT = re.compile(r"^[^\d]+ \((\d+)\)$")
_DIGITS = re.compile(r"\d+")
_WEEK = 7


@dataclass(frozen=True)
class Told:
    """What a row of the release tells: the names it is found by, and its numbers as runs of digits; a gap has none."""

    names: Mapping[str, str]
    numbers: frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Given:
    """What a release gives the readers of a letter.

    Attributes:
        rows: Of all units whose pages they hold.
        texts: Declared words with numbers in them, of the manifest.
        counting: Forms of sentences that count, as regular expressions.
    """

    rows: Sequence[Told]
    texts: tuple[str, ...]
    counting: tuple[str, ...] = ()


def read_given(connection: Reader, readers: Collection[tuple[str, str]], as_of: date) -> list[Told]:
    """Read what a release gives some readers, of the tables that letters are written from.

    Args:
        connection: The snapshot of the release.
        readers: Audience and unit of each.
        as_of: The day of the letter, from which the weeks of an alert are counted.
    """
    found = []
    for name in WRITTEN_FROM:
        columns = {column.name for column in TABLES[name].columns}
        for row in connection.rows(f"select * from {name} order by all"):
            places = {(row["audience_id"], row["reader_unit_id"])}
            if row["reader_unit_id"] == ANYONE:
                places = {reader for reader in readers if reader[0] == row["audience_id"]}
            if places & {*readers}:
                found.append(_told({column: row[column] for column in columns}, as_of))
    return found


def _told(row: Mapping[str, Any], as_of: date) -> Told:
    names = {name: str(row[name]).casefold() for name in _NAMES if row.get(name)}
    if row.get("group_id") == _EVERYBODY:
        names.pop("group_label", None)
    if row["is_suppressed"]:
        return Told(names, frozenset())
    numbers = {run for cell in row.values() for run in _runs(cell)}
    if since := row.get("since_on"):
        numbers.add((str((as_of - since).days // _WEEK),))
    return Told(names, frozenset(numbers))


def _runs(cell: Any) -> Iterator[tuple[str, ...]]:
    """Yield the numbers of a cell as runs of digits; a share may be told in percent, and whole numbers are places."""
    if isinstance(cell, str):
        yield from (_digits(number) for number in numbers_in(cell))
    elif isinstance(cell, float):
        for number in (f"{abs(cell):.15g}", f"{round(100 * abs(cell), 9):.15g}", f"{100 * abs(cell):.0f}"):
            yield _digits(number)


def _digits(number: str) -> tuple[str, ...]:
    return tuple(_DIGITS.findall(number))


def strays(subject: str, text: str, given: Given) -> list[str]:
    """Return the numbers of a letter that its readers are told nowhere.

    Args:
        subject: Its heading.
        text: The letter, as it is sent.
        given: What its readers are told.
    """
    lines = [subject, "", *text.split("\n")]
    plain = without_words("\n".join(lines), given.texts).split("\n")
    names: dict[str, set[str]] = defaultdict(set)
    for row in given.rows:
        for kind, name in row.names.items():
            names[kind].add(name)
    found: list[str] = []
    for place, line in enumerate(plain):
        numbers = numbers_in(_without(line, given.counting))
        counted = _COUNT.match(line)
        is_told = int(counted[1]) == _items_under(plain, place) if counted else None
        if numbers and not (is_told or (is_told is None and _is_told(lines[place], numbers, names, given.rows))):
            found += numbers
    return found


def _without(line: str, counting: Iterable[str]) -> str:
    """Leave out what counts."""
    for form in counting:
        line = re.sub(form, " ", line)
    return line


def _items_under(lines: Sequence[str], place: int) -> int:
    """Count the items under a heading."""
    items = 0
    for line in lines[place + 1 :]:
        if not line.startswith(ITEM):
            break
        items += 1
    return items


def _is_told(line: str, numbers: Iterable[str], names: Mapping[str, Collection[str]], rows: Iterable[Told]) -> bool:
    """Say whether one row tells all numbers of a line, of those that the line names."""
    folded = line.casefold()
    asked = {_digits(number) for number in numbers}
    named = {kind: {name for name in held if name in folded} for kind, held in names.items()}
    return any(
        asked <= row.numbers and all(not held or row.names.get(kind) in held for kind, held in named.items())
        for row in rows
    )
