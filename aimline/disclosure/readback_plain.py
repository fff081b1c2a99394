"""Read back what is no page: every number in style sheets, texts, JSON and CSV, and the cell it says it belongs to.

Rows of CSV and objects of JSON carry ``cell_id`` and ``indicator_id``.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aimline.disclosure.readings import GAP_TEXT, ROW, Mark, Read, Reading, numbers_in, says_gap

_KEYS = frozenset(
    {"cell_id", "indicator_id", "figure_id", "population_id", "audience_id", "release_id", "unit_id", "unit_type"}
    | {"group_id", "group_set_id", "grade", "grade_band", "school_year", "period_id", "wave", "version", "as_of"}
)
"""Columns that name a figure and say nothing of it."""

_WORDED = frozenset({"value", "text", "note", "status", "n", "change", "comment", "remark", "size", "flag", "trend"})
_WORDED |= {"direction", "rank", "count", "share"}
"""Where a figure's number, its status or a word on it stands."""


_IDENTIFIER = re.compile(r"[\w.|=:@+/-]*")
_WAVE = re.compile(r"\d|1[0-2]")
_CSS_NOTE = re.compile(r"/\*(.*?)\*/", re.DOTALL)
_CSS_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_CSS_SAID = re.compile(r"(?<![\w-])content\s*:([^;}]*)", re.IGNORECASE)
_CSS_TOLD = re.compile(r"(?<![\w-])(?!content\b|src\b|font|grid-)[\w-]+\s*:([^;{}]*)", re.IGNORECASE)
_CSS_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_CSS_URL = re.compile(r"url\([^)]*\)", re.IGNORECASE)
_CSS_COUNTS = re.compile(r"counter-(?:reset|set|increment)\s*:\s*[\w-]+\s+(-?\d{2,}|[2-9])", re.IGNORECASE)
_CSS_SIGN = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_CSS_HELD = re.compile(r"data:(?!image/svg|font/|application/(?:x-)?font)[^)\"']*", re.IGNORECASE)
_CSS_ADDRESS = re.compile(r"url\(\s*[\"']?(?!data:)([^)\"']*)", re.IGNORECASE)
_DIGEST = re.compile(r"(?<![0-9a-z])(?=[0-9a-f]*[a-f])[0-9a-f]{6,64}(?![0-9a-z])")
_CSS_ONE = re.compile(
    r"\[data-(?:cell|figure)\b[^\]]*=|(?<![\w-])(?:tr|li)[^\s,{]*:nth-(?:last-)?(?:child|of-type)\(\s*\d+\s*\)"
)
_FIGURE_IN_NOTE = re.compile(
    r"\d+(?:\.\d+)?\s?%|\b\d+ (?:of|in|out of|/) \d+\b|\b\d+/\d+\b|\bn\s?=\s?\d+", re.IGNORECASE
)


def read_css(path: str, text: str) -> Read:
    """Read what a style sheet can say: what it writes, counts and holds, and what it draws for one figure alone."""
    read = Read()
    plain = _CSS_NOTE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    said = [
        (found.start(), number) for found in _CSS_NOTE.finditer(text) for number in _FIGURE_IN_NOTE.findall(found[1])
    ]
    for found in _CSS_SAID.finditer(plain):
        said += [(found.start(), number) for number in _numbers_of_style(found[1])]
    for found in _CSS_TOLD.finditer(_CSS_URL.sub(lambda url: " " * len(url[0]), plain)):
        for held in _CSS_TEXT.findall(found[1]):
            said += [(found.start(), number) for number in _numbers_of_style(held)]
    said += [(found.start(), found[1]) for found in _CSS_COUNTS.finditer(plain)]
    said += [
        (found.start(), number)
        for found in _CSS_ADDRESS.finditer(plain)
        for number in numbers_in(_DIGEST.sub("", found[1]))
    ]
    said += [(found.start(), "an address holds data that nobody can read") for found in _CSS_HELD.finditer(plain)]
    said += [
        (found.start(), f"a style for one figure or row: {' '.join(found[1].split())[:60]}")
        for found in _CSS_RULE.finditer(plain)
        if _CSS_ONE.search(found[1])
    ]
    read.strays = [(path, text.count("\n", 0, at) + 1, number) for at, number in sorted(said)]
    read.n_numbers = len(read.strays)
    return read


_OF_CALENDARS = re.compile(r"^(?:VERSION|CALSCALE|SEQUENCE|PRIORITY):[\d.]+\s*$")


def read_text(path: str, text: str) -> Read:
    """Read plain words: no number of them is a figure's."""
    lines = ((line, row) for line, row in enumerate(text.splitlines(), 1) if not _OF_CALENDARS.match(row))
    strays = [(path, line, number) for line, row in lines for number in numbers_in(row)]
    return Read(strays=strays, n_numbers=len(strays))


def read_json_file(path: str, text: str) -> Read:
    """Read a file of JSON."""
    return read_json(path, loaded(text), 1)


def _numbers_of_style(text: str) -> tuple[str, ...]:
    """Return the numbers of a text of a style sheet, in which a sign may be written by its number."""
    return numbers_in(_CSS_SIGN.sub(lambda sign: chr(min(int(sign[1], 16), 0x10FFFF)), text))


def loaded(text: str) -> Any:
    """Return what a text of JSON says.

    Raises:
        ValueError: It is none, or a key or a number in it is one that each program reads otherwise.
    """
    return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)


def _constant(name: str) -> Any:
    """Take no NaN and no infinity, which are not JSON."""
    raise ValueError(f"{name} is no number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a key stands twice")
    return told


def read_json(path: str, data: Any, line: int) -> Read:
    """Read a JSON value back: whatever stands in an object with a ``cell_id`` belongs to that cell."""
    read = Read()
    for mark, key, value in _walk(data, None):
        text = "" if value is None else str(value)
        found = numbers_in(text) if not isinstance(value, bool) else ()
        read.n_numbers += len(found)
        if mark is None:
            read.strays += [(path, line, number) for number in ([value] if key == ROW else found)]
            continue
        is_hiding = key == "is_suppressed" and value is True
        is_gap = is_hiding or says_gap(text)
        if found or is_gap or _is_worded(key, value) or key == ROW:
            name = "value" if key == "is_suppressed" else key.removesuffix("_text")
            told = GAP_TEXT if is_hiding else text
            read.readings.append(Reading(path, line, Mark(mark.cell, mark.indicator, name), told, is_gap))
    return read


def _is_worded(key: str, value: Any) -> bool:
    """Say whether a value is words where a figure's number or its gap text belongs."""
    return isinstance(value, str | bool) and value != "" and (key in _WORDED or key.endswith("_text"))


def _is_key(key: str, value: Any) -> bool:
    """Say whether a column names a figure, and its value is a name: a year, a day, a wave or an identifier."""
    text = "" if value is None else str(value)
    if key in {"school_year", "as_of"}:
        return not numbers_in(text)
    return key in _KEYS and (not numbers_in(text) or bool((_WAVE if key == "wave" else _IDENTIFIER).fullmatch(text)))


def _walk(data: Any, mark: Mark | None) -> Iterator[tuple[Mark | None, str, Any]]:
    if isinstance(data, Mapping):
        yield from _walk_object(data, mark)
    elif isinstance(data, list):
        rows = [
            json.dumps(value, sort_keys=True) for value in data if isinstance(value, Mapping) and "cell_id" in value
        ]
        yield from ((None, ROW, "a row that stands here twice") for _ in range(len(rows) - len(set(rows))))
        for value in data:
            yield from _walk(value, mark)
    else:
        yield mark, "value", data


def _walk_object(data: Mapping[str, Any], mark: Mark | None) -> Iterator[tuple[Mark | None, str, Any]]:
    cell = data.get("cell_id") or (mark.cell if mark else "")
    here = Mark(str(cell), str(data.get("indicator_id") or (mark.indicator if mark else ""))) if cell else None
    if data.get("cell_id"):
        yield here, ROW, ""
    for key, value in data.items():
        if isinstance(value, Mapping | list):
            yield from _walk(value, here)
        elif here is None or not _is_key(key, value):
            yield here, str(key), value
        if numbers_in(str(key)):
            yield None, "", str(key)


def read_csv(path: str, text: str) -> Read:
    """Read a table back: each row belongs to its ``cell_id``; a heading says no number.

    Raises:
        ValueError: It is no table.
    """
    try:
        return read_rows(path, list(csv.reader(io.StringIO(text))))
    except csv.Error as error:
        raise ValueError("no table") from error


def read_rows(path: str, rows: Sequence[Sequence[str]]) -> Read:
    """Read the rows of a table back, the first of which are its headings."""
    read = Read()
    heads = [head.removeprefix("\ufeff") for head in rows[0]] if rows else []
    read.strays += [(path, 1, number) for head in heads for number in numbers_in(head)]
    if len(set(heads)) < len(heads):
        read.strays.append((path, 1, "two columns of one name"))
    seen: set[tuple[str, ...]] = set()
    for line, row in enumerate(rows[1:], 2):
        if tuple(row) in seen or not row:
            read.strays.append((path, line, "a row that stands here twice" if row else "a row without anything"))
        seen.add(tuple(row))
        _read_row(read, (path, line), heads, row)
    read.n_numbers += len(read.strays)
    return read


def _read_row(read: Read, place: tuple[str, int], heads: Sequence[str], row: Sequence[str]) -> None:
    """Read one row: of its cell, or of none, where every number is loose."""
    told = dict(zip(heads, row, strict=False))
    beyond = row[len(heads) :]
    cell = told.pop("cell_id", "")
    indicator = told.pop("indicator_id", "")
    if cell:
        read.readings.append(Reading(*place, Mark(cell, indicator, ROW), ""))
    elif "cell_id" in heads and row:
        read.strays.append((*place, "a row of no cell"))
    for head, value in told.items():
        is_gap = says_gap(value)
        if cell and not _is_key(head, value) and (is_gap or numbers_in(value) or _is_worded(head, value)):
            read.readings.append(Reading(*place, Mark(cell, indicator, head.removesuffix("_text")), value, is_gap))
            read.n_numbers += len(numbers_in(value))
    loose = [*beyond, *([] if cell else told.values())]
    read.strays += [(*place, number) for value in loose for number in numbers_in(value)]
