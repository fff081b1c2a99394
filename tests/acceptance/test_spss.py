"""SPSS files through the command: codes as values, what the file calls missing, codes without a label."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from tests.support.door import KEY
from tests.support.small_district import District

FIVE = [{"value": value, "label": {"en": f"Option {value}"}} for value in range(1, 6)]
LABELS = {float(value): f"Option {value}" for value in range(1, 6)}
INSTRUMENT = {
    "version": 1,
    "instrument_id": "sel",
    "edition": "2019",
    "kind": "survey",
    "label": {"en": "Survey"},
    "option_sets": {"five": FIVE},
    "items": [
        {"item_id": "belong", "options": "five", "column": "V1", "text": {"en": "I belong."}},
        {"item_id": "safe", "options": "five", "column": "V2", "text": {"en": "I am safe."}},
    ],
}
SOURCE = {
    "source_id": "sel_sav",
    "kind": "spss",
    "entity": "responses",
    "owner": {"role": "data_engineer"},
    "transport": {"kind": "local", "url": "inbox", "match": ["*.sav"]},
    "columns": [
        {"name": "window_id", "value": "sel_fall"},
        {"name": "response_id", "from": ["ID"]},
        {"name": "respondent_key", "from": ["STUDENT"], "type": "id"},
        {"name": "respondent_class", "value": "student"},
    ],
    "unpivot": {"instrument": "sel@2019", "name": "item_id", "value": "option_value"},
    "load": {"mode": "full"},
    "arrival": {"max_bad_rows": 0.5},
}


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> District:
    """A district whose survey comes from SPSS."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    made = District(tmp_path, SOURCE)
    (made.folder / "instruments").mkdir()
    (made.folder / "instruments" / "sel.2019.yml").write_text(json.dumps(INSTRUMENT), encoding="utf-8")
    return made


def put(district: District, v1: list[float | None], labels: dict[float, str] | None = None) -> dict[str, Any]:
    """Hand in a file with one row for each answer to the first question; return its batch."""
    n = len(v1)
    frame = pd.DataFrame({"ID": [f"r{i}" for i in range(n)], "STUDENT": [7000.0 + i for i in range(n)], "V1": v1})
    frame["V2"] = 3.0
    frame["NAME"] = "Marker Person"
    coded = LABELS if labels is None else labels
    pyreadstat.write_sav(
        frame,
        district.inbox / "survey.sav",
        variable_value_labels={"V1": {**coded, 99.0: "Refused"}, "V2": LABELS},
        missing_ranges={"V1": [{"lo": 97, "hi": 99}, -1]},
    )
    (batch,) = district.batches()
    return batch


def answers(district: District, batch: dict[str, Any]) -> list[tuple[str, str]]:
    """Return value and state of every answer to the first question."""
    rows = district.rows("responses", batch["batch_id"])
    return [(row["option_value"], row["answer_state"]) for row in rows if row["item_id"] == "belong"]


def test_values_are_codes_and_missing_ones_are_told(district: District) -> None:
    """Codes as they are; a code or range the file calls missing, and an empty cell, are no answers."""
    batch = put(district, [4.0, 99.0, 98.0, -1.0, None])
    assert (batch["n_received"], batch["n_accepted"], batch["n_rows"]) == (5, 5, 10)
    assert answers(district, batch) == [("4", "answered"), *[("", "skipped")] * 4]
    (row, *_) = district.rows("responses", batch["batch_id"])
    assert row["respondent_key"].startswith("k1_")


def test_code_without_a_label_is_refused(district: District) -> None:
    """In a variable that has labels, a code without one is unknown; the rest goes on."""
    batch = put(district, [4.0, 7.0, 2.0])
    assert (batch["quarantined"], batch["n_accepted"]) == ({"code_unknown": 1}, 2)


def test_other_labels_are_another_instrument(district: District) -> None:
    """Labelled codes that are not the declared options hold the file."""
    batch = put(district, [4.0, 1.0], {float(value): "x" for value in range(4)})
    assert (batch["reason"], batch["detail"]) == (
        "instrument_changed",
        "the choices of belong are others than declared",
    )


@pytest.mark.parametrize(
    ("data", "code"), [(b"ID,V1\n1,2\n", "type_by_content"), (b"$FL2" + b"\0" * 50, "records_unreadable")]
)
def test_file_that_is_none_is_not_read(district: District, data: bytes, code: str) -> None:
    """Another kind of file, or a cut one, is told by its code."""
    district.put("survey.sav", data)
    (batch,) = district.batches()
    assert (batch["reason"], batch["n_accepted"]) == (code, 0)
