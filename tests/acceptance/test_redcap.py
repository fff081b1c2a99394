"""REDCap through the command: checkboxes, repeats, what is empty, what identifies, and a server that refuses."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aimline import clock
from aimline.sources import redcap
from tests.support.door import KEY
from tests.support.redcap_fake import TOKEN, Fake, record
from tests.support.small_district import District

FIVE = [{"value": value, "label": {"en": f"Option {value}"}} for value in range(1, 6)]
THREE = [{"value": value, "label": {"en": f"Thing {value}"}} for value in ("1", "2", "-9")]
INSTRUMENT = {
    "version": 1,
    "instrument_id": "sel",
    "edition": "2019",
    "kind": "survey",
    "label": {"en": "Survey"},
    "option_sets": {"five": FIVE, "three": THREE},
    "items": [
        {"item_id": "belong", "options": "five", "text": {"en": "I belong."}},
        {"item_id": "likes", "options": "three", "multi": True, "text": {"en": "I like."}},
    ],
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """The server with two records; nobody waits between tries."""
    monkeypatch.setattr(clock, "sleep", lambda _seconds: None)
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("REDCAP_TOKEN", TOKEN)
    with Fake([record(1), record(2, belong="5")]) as opened:
        yield opened


def made(tmp_path: Path, fake: Fake) -> District:
    """Return a district whose survey comes from REDCap."""
    form = {"form": "survey", "window": "sel_fall", "instrument": "sel@2019", "respondent": "student_no"}
    source = {"source_id": "sel", "kind": "redcap", "entity": "responses", "redcap": form | {"school": "campus"}}
    source |= {"owner": {"role": "data_engineer"}, "arrival": {"max_bad_rows": 0.5}}
    district = District(
        tmp_path, source | {"transport": {"kind": "http", "url": fake.url, "secret": "env:REDCAP_TOKEN"}}
    )
    district.ask(INSTRUMENT, "sel_fall")
    return district


def batch_of(district: District, on: str = "2019-01-10") -> dict[str, Any]:
    """Collect; return the one batch."""
    (source,) = district.collect(on)["sources"]
    (batch,) = source["batches"]
    return dict(batch)


def answers(district: District, batch: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return item, value and state of every answer."""
    rows = district.rows("responses", batch["batch_id"])
    return [(row["item_id"], row["option_value"], row["answer_state"]) for row in rows]


def test_records_become_responses(tmp_path: Path, fake: Fake) -> None:
    """The fields first, then the records by number; raw codes, one row a ticked choice, who and where as declared."""
    district = made(tmp_path, fake)
    batch = batch_of(district)
    assert (batch["n_received"], batch["n_accepted"], batch["n_rows"]) == (2, 2, 4)
    assert {("likes", "1", "answered"), ("belong", "5", "answered")} <= set(answers(district, batch))
    (row, *_) = district.rows("responses", batch["batch_id"])
    assert (row["school_id"], row["respondent_key"][:3], str(row["submitted_at"])) == (
        "0101",
        "k1_",
        "2019-01-08 16:00:00",
    )
    assert list(dict.fromkeys(each["content"] for each in fake.asked)) == ["metadata", "record"]
    assert (fake.asked[-1]["rawOrLabel"], fake.asked[-1]["exportSurveyFields"]) == ("raw", "True")


def test_nothing_that_identifies_is_landed(tmp_path: Path, fake: Fake) -> None:
    """Flagged fields and free text end at the door; who answers and the record's number are pseudonyms."""
    district = made(tmp_path, fake)
    batch_of(district)
    (data,) = (gzip.decompress(path.read_bytes()) for path in (district.state / "landing").rglob("data"))
    records = [json.loads(line) for line in data.decode().splitlines()[1:]]
    assert all(each["student_no"].startswith("k1_") and each["record"].startswith("k1_") for each in records)
    assert not [each for each in records if "street" in each]
    assert b"Marker" not in data
    assert b"7001" not in data


def test_empty_is_not_zero(tmp_path: Path, fake: Fake) -> None:
    """On a form that was sent it was left out; on one that was not finished it was not presented."""
    fake.records = [
        record(1, belong="", likes___1="0"),
        record(2, belong="", likes___1="0", likes____9="1", survey_timestamp="[not completed]"),
    ]
    district = made(tmp_path, fake)
    batch = batch_of(district)
    told = sorted(answers(district, batch))
    assert told == [
        ("belong", "", "not_presented"),
        ("belong", "", "skipped"),
        ("likes", "", "skipped"),
        ("likes", "-9", "answered"),
    ]


def test_repeats_are_responses_of_their_own(tmp_path: Path, fake: Fake) -> None:
    """Event and instance belong to the name of a response; instances of other forms, and empty ones, are counted."""
    nothing = dict.fromkeys(("survey_timestamp", "belong", "likes___1", "likes___2", "likes____9"), "")
    first = record(1, redcap_repeat_instrument="survey", redcap_repeat_instance="1")
    other = record(1, redcap_repeat_instrument="visits", redcap_repeat_instance="1")
    fake.records = [record(1, **nothing), first, first | {"redcap_repeat_instance": "2", "belong": "2"}, other]
    district = made(tmp_path, fake)
    batch = batch_of(district)
    assert (batch["n_received"], batch["n_accepted"], batch["ignored"]) == (4, 2, {"other_form": 2})
    names = {row["response_id"].partition("/")[2] for row in district.rows("responses", batch["batch_id"])}
    assert names == {"survey/1", "survey/2"}


def test_five_hundred_records_are_asked_for_at_a_time(tmp_path: Path, fake: Fake) -> None:
    """A large project is read in parts, every record once."""
    fake.records = [record(number) for number in range(1, 503)]
    assert batch_of(made(tmp_path, fake))["n_accepted"] == 502
    assert [sum(name.startswith("records") for name in each) for each in fake.asked][-2:] == [500, 2]


def test_other_form_is_held(tmp_path: Path, fake: Fake) -> None:
    """A choice added is another edition, which somebody must declare."""
    fake.fields[5]["select_choices_or_calculations"] += " | 6, Option 6"
    batch = batch_of(made(tmp_path, fake))
    assert (batch["reason"], batch["detail"]) == (
        "instrument_changed",
        "the choices of belong are others than declared",
    )


def test_busy_server_is_asked_again(tmp_path: Path, fake: Fake) -> None:
    """A server that fails twice and then answers has answered."""
    fake.fails = [503, 500]
    assert batch_of(made(tmp_path, fake))["n_accepted"] == 2


@pytest.mark.parametrize("token", ["F" * 32, "short-marker"])
def test_refused_token_is_told_without_it(
    tmp_path: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """Neither the token nor the server's words are told or kept."""
    monkeypatch.setenv("REDCAP_TOKEN", token)
    told = made(tmp_path, fake).collect()
    (source,) = told["sources"]
    assert (told["exit"], source["state"], source["code"]) == (3, "failed", "auth_failed")
    assert token not in json.dumps(told)
    assert "marker" not in json.dumps(told)


def test_silent_server_is_not_waited_for(tmp_path: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer in time is told as such."""
    monkeypatch.setattr(redcap, "READ_SECONDS", 0.05)
    fake.is_silent = True
    (source,) = made(tmp_path, fake).collect()["sources"]
    assert (source["code"], source["is_transient"]) == ("timeout", True)
