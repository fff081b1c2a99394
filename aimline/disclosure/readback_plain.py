"""Read back what is no page: every number in style sheets, texts, JSON and CSV, and the cell it says it belongs to.

Rows of CSV and objects of JSON carry ``cell_id`` and ``indicator_id``.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aimline.disclosure.readings import GAP_TEXT, Mark, Read, Reading, numbers_in

_KEYS = frozenset(
    {"cell_id", "indicator_id", "figure_id", "population_id", "audience_id", "release_id", "unit_id", "unit_type"}
    | {"group_id", "group_set_id", "grade", "grade_band", "school_year", "period_id", "wave", "version", "as_of"}
)
"""Columns that name a figure and say nothing of it."""


def read_css(path: str, text: str) -> Read:
    """Read what a style sheet can say: its quoted texts."""
    read = Read()
    for line, row in enumerate(text.splitlines(), 1):
        for said in re.findall(r"content\s*:\s*[\"']([^\"']*)[\"']", row):
            read.strays += [(path, line, number) for number in numbers_in(said)]
    read.n_numbers = len(read.strays)
    return read


def read_text(path: str, text: str) -> Read:
    """Read plain words: no number of them is a figure's."""
    lines = enumerate(text.splitlines(), 1)
    strays = [(path, line, number) for line, row in lines for number in numbers_in(row)]
    return Read(strays=strays, n_numbers=len(strays))


def read_json_file(path: str, text: str) -> Read:
    """Read a file of JSON."""
    return read_json(path, json.loads(text), 1)


def read_json(path: str, data: Any, line: int) -> Read:
    """Read a JSON value back: whatever stands in an object with a ``cell_id`` belongs to that cell."""
    read = Read()
    for mark, key, value in _walk(data, None):
        text = "" if value is None else str(value)
        found = numbers_in(text) if not isinstance(value, bool) else []
        read.n_numbers += len(found)
        if mark is None:
            read.strays += [(path, line, number) for number in found]
            continue
        is_gap = (key == "is_suppressed" and value is True) or GAP_TEXT in text
        if found or is_gap:
            name = "value" if key == "is_suppressed" else key.removesuffix("_text")
            read.readings.append(Reading(path, line, Mark(mark.cell, mark.indicator, name), text, is_gap))
    return read


def _walk(data: Any, mark: Mark | None) -> Iterator[tuple[Mark | None, str, Any]]:
    if isinstance(data, Mapping):
        cell = data.get("cell_id") or (mark.cell if mark else "")
        here = Mark(str(cell), str(data.get("indicator_id") or (mark.indicator if mark else ""))) if cell else None
        for key, value in data.items():
            if isinstance(value, Mapping | list):
                yield from _walk(value, here)
            elif here is None or key not in _KEYS:
                yield here, str(key), value
            if numbers_in(str(key)):
                yield None, "", str(key)
    elif isinstance(data, list):
        for value in data:
            yield from _walk(value, mark)
    else:
        yield mark, "value", data


def read_csv(path: str, text: str) -> Read:
    """Read a table back: each row belongs to its ``cell_id``; a heading says no number."""
    rows = list(csv.reader(io.StringIO(text)))
    read = Read()
    heads = rows[0] if rows else []
    read.strays += [(path, 1, number) for head in heads for number in numbers_in(head)]
    for line, row in enumerate(rows[1:], 2):
        told = dict(zip(heads, row, strict=False))
        beyond = row[len(heads) :]
        cell = told.pop("cell_id", "")
        indicator = told.pop("indicator_id", "")
        for head, value in told.items():
            is_gap = GAP_TEXT in value
            if cell and head not in _KEYS and (is_gap or numbers_in(value)):
                read.readings.append(
                    Reading(path, line, Mark(cell, indicator, head.removesuffix("_text")), value, is_gap)
                )
                read.n_numbers += len(numbers_in(value))
        loose = [*beyond, *([] if cell else told.values())]
        read.strays += [(path, line, number) for value in loose for number in numbers_in(value)]
    read.n_numbers += len(read.strays)
    return read
