"""What is wrong with the declaration of a kind of source is told at once, with its place, before anything is asked."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from aimline.cli import main
from tests.support.small_district import District

SURVEY = {"survey": "SV_1", "window": "sel_fall", "instrument": "sel@2019"}
FORM = {"form": "survey", "window": "sel_fall", "instrument": "sel@2019"}
HTTP = {"kind": "http", "url": "https://x.example", "secret": "env:TOKEN"}
LOCAL = {"kind": "local", "url": "inbox", "match": ["*"]}
INSTRUMENT = {
    "version": 1,
    "instrument_id": "sel",
    "edition": "2019",
    "kind": "survey",
    "label": {"en": "Survey"},
    "option_sets": {"two": [{"value": value, "label": {"en": str(value)}} for value in (1, 2)]},
    "items": [{"item_id": "belong", "options": "two", "text": {"en": "I belong."}}],
}


def findings(tmp_path: Path, **source: Any) -> list[dict[str, Any]]:
    """Return the errors that check finds in one source."""
    own = {"source_id": "asked", "owner": {"role": "data_engineer"}, "entity": "responses", "transport": HTTP}
    district = District(tmp_path, own | source)
    district.ask(INSTRUMENT, "sel_fall")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(["check", str(district.folder), "--format", "json"])
    told = json.loads(out.getvalue())["findings"]
    return [each for each in told if each["severity"] == "error"]


@pytest.mark.parametrize(
    "source",
    [
        {"kind": "qualtrics", "qualtrics": SURVEY},
        {"kind": "redcap", "redcap": FORM},
        {"kind": "oneroster_csv", "entities": ["schools", "enrollment"], "transport": LOCAL},
        {"kind": "template", "entity": "walkthroughs", "transport": LOCAL},
    ],
)
def test_kind_needs_no_columns(tmp_path: Path, source: dict[str, Any]) -> None:
    """What a connector knows need not be declared."""
    own = {key: value for key, value in source.items() if value is not None}
    assert findings(tmp_path, **({"entity": "schools"} if "entities" in source else {}), **own) == []


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ({"kind": "qualtrics"}, "shape", "qualtrics needs 'qualtrics'."),
        ({"kind": "http_json", "columns": []}, "shape", "http_json needs 'http'."),
        ({"kind": "qualtrics", "qualtrics": SURVEY | {"window": "sel_fal"}}, "unknown_window", "sel_fal"),
        ({"kind": "redcap", "redcap": FORM | {"instrument": "sel@2018"}}, "unknown_instrument", "sel@2018"),
        (
            {"kind": "template", "entity": "schools", "transport": LOCAL},
            "unknown_entity",
            "template brings no schools.",
        ),
    ],
)
def test_wrong_declaration_of_a_kind_is_told(tmp_path: Path, source: dict[str, Any], code: str, message: str) -> None:
    """A missing block, a window or an instrument nobody declared, rows the kind does not bring."""
    told = findings(tmp_path, **source)
    assert [each["message"] for each in told if each["code"] == code and message in each["message"]]


def test_secret_in_the_file_is_refused(tmp_path: Path) -> None:
    """A token stands in the environment, never in a declared file, and is not repeated in the message."""
    transport = {"kind": "http", "url": "https://x.example", "secret": "marker-token"}
    told = findings(tmp_path, kind="qualtrics", qualtrics=SURVEY, transport=transport)
    assert [each["message"] for each in told] == ['"secret" holds a value.']
    assert "marker" not in json.dumps(told)
