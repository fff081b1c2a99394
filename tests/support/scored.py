"""Run ``aimline score`` on a file, with instruments written from a few words."""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from aimline._yaml import new_text
from aimline.cli import main

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"
DATA = Path(os.environ.get("AIMLINE_SHARED_DATA", _BESIDE)) / "survey_items"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public survey data are absent; set AIMLINE_SHARED_DATA")


def options(labels: Sequence[str]) -> list[dict[str, Any]]:
    """Return options 1 to n with these words."""
    return [{"value": n, "label": {"en": label}} for n, label in enumerate(labels, 1)]


def instrument(scales: Mapping[str, Sequence[str]], labels: Sequence[str], **rest: Any) -> dict[str, Any]:
    """Return an instrument; ``rest`` replaces keys of the file.

    Args:
        scales: Scale id -> the columns of its items, those that begin with '-' reversed; ``item_of`` names the items.
        labels: Words of the options.
        rest: Other keys; ``columns`` (column -> the heading in the file) and ``favorable`` of all scales.
    """
    columns: Mapping[str, str] = rest.pop("columns", {})
    favorable = rest.pop("favorable", {"rule": "top", "of": {4: 2, 5: 2, 6: 2, 7: 3}})
    found: dict[str, Any] = {"version": 1, "instrument_id": "form", "edition": "1", "kind": "survey"}
    found |= {"respondents": ["student"], "option_sets": {"all_items": options(labels)}}
    found["items"] = [_item(name, columns) for mine in scales.values() for name in mine]
    found["scales"] = [
        {"scale_id": name, "items": [item_of(each) for each in mine], "favorable": favorable}
        for name, mine in scales.items()
    ]
    return found | rest


def item_of(column: str) -> str:
    """Return the id of the item in a column."""
    return f"q_{column.lstrip('-').lower()}"


def _item(name: str, columns: Mapping[str, str]) -> dict[str, Any]:
    column = name.lstrip("-")
    row = {"item_id": item_of(name), "options": "all_items", "text": {"en": column}}
    return row | {"reverse": name.startswith("-"), "column": columns.get(column, column)}


def score(
    folder: Path, form: Mapping[str, Any], responses: Path | str, *words: str, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Score a file, or the text of one; return the exit code, what was printed, and what was told beside it."""
    written = folder / "form.yml"
    written.write_text(new_text(dict(form)), encoding="utf-8")
    if isinstance(responses, str):
        (folder / "responses.csv").write_text(responses, encoding="utf-8")
        responses = folder / "responses.csv"
    code = main(["score", "--instrument", str(written), str(responses), *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def rows(text: str) -> list[dict[str, str]]:
    """Return printed CSV as rows."""
    return list(csv.DictReader(io.StringIO(text)))


def whole(text: str) -> dict[str, Any]:
    """Return printed JSON."""
    found: dict[str, Any] = json.loads(text)
    return found
