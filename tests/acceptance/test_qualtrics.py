"""Qualtrics through the command, against a server that does what the platform does and goes wrong as it does."""

import copy
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aimline import clock
from tests.support.door import KEY
from tests.support.qualtrics_fake import SURVEY, TOKEN, Fake, definition, response
from tests.support.small_district import District

FIVE = [{"value": value, "label": {"en": f"Option {value}"}} for value in range(1, 6)]
THREE = [{"value": value, "label": {"en": f"Thing {value}"}} for value in (10, 20, 40)]
INSTRUMENT = {
    "version": 1,
    "instrument_id": "sel",
    "edition": "2019",
    "kind": "survey",
    "label": {"en": "Survey"},
    "respondents": ["student"],
    "option_sets": {"five": FIVE, "three": THREE},
    "items": [
        {"item_id": "belong", "options": "five", "column": "QID1", "text": {"en": "I belong."}},
        {"item_id": "safe", "options": "five", "column": "QID2_1", "text": {"en": "I am safe."}},
        {"item_id": "heard", "options": "five", "column": "Q2_2", "text": {"en": "I am heard."}},
        {"item_id": "likes", "options": "three", "column": "Q3", "multi": True, "text": {"en": "I like."}},
    ],
}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long collection waited for the platform, without waiting."""
    found: list[float] = []
    monkeypatch.setattr(clock, "sleep", found.append)
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("QUALTRICS_TOKEN", TOKEN)
    return found


@pytest.fixture
def fake(waits: list[float]) -> Iterator[Fake]:
    """The platform with three responses."""
    assert waits == []
    with Fake([response(number) for number in (1, 2, 3)]) as opened:
        yield opened


def made(tmp_path: Path, fake: Fake, **more: Any) -> District:
    """Return a district whose responses are pulled."""
    survey = {"survey": SURVEY, "window": "sel_fall", "instrument": "sel@2019", "school": "school"}
    source = {
        "source_id": "sel_responses",
        "kind": "qualtrics",
        "entity": "responses",
        "owner": {"role": "data_engineer"},
        "transport": {"kind": "http", "url": fake.url, "secret": "env:QUALTRICS_TOKEN"},
        "qualtrics": survey | {"respondent": "externalDataReference"},
    }
    district = District(tmp_path, source | more)
    district.ask(INSTRUMENT, "sel_fall", "sel_responses")
    return district


def batch_of(told: dict[str, Any]) -> dict[str, Any]:
    """Return the one batch of a run."""
    (source,) = told["sources"]
    assert source["batches"], source
    (batch,) = source["batches"]
    return batch


def answers(district: District, batch: dict[str, Any]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return response and item -> values with their states."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in district.rows("responses", batch["batch_id"]):
        found.setdefault((row["response_id"], row["item_id"]), []).append((row["option_value"], row["answer_state"]))
    return found


def test_responses_are_pulled_through_the_four_calls(tmp_path: Path, fake: Fake, waits: list[float]) -> None:
    """The definition, an export, looks until it is complete, its file: values never labels, one row an item."""
    district = made(tmp_path, fake)
    told = district.collect()
    batch = batch_of(told)
    assert (told["exit"], batch["n_received"], batch["n_accepted"], batch["n_rows"]) == (0, 3, 3, 9)
    assert answers(district, batch)["R_0001", "heard"] == [("5", "answered")]
    assert waits == [1, 2]
    asked = {"format": "csv", "useLabels": False, "timeZone": "UTC", "seenUnansweredRecode": -99}
    assert fake.asked == [asked | {"allowContinuation": True}]
    (row, *_) = district.rows("responses", batch["batch_id"])
    assert (str(row["submitted_at"]), row["school_id"]) == ("2019-01-08 15:05:00", "0101")
    assert row["respondent_key"].startswith("k1_")


def test_nothing_personal_is_landed(tmp_path: Path, fake: Fake) -> None:
    """Address, names, place, free text and the raw id end at the door: no file of the state root holds them."""
    district = made(tmp_path, fake)
    district.collect()
    files = [path for path in district.state.rglob("*") if path.is_file()]
    landed = [gzip.decompress(path.read_bytes()) for path in files if path.name == "data"]
    assert len(landed) == 1
    for data in [*landed, *(path.read_bytes() for path in files)]:
        for marker in (b"Marker", b"marker", b"192.0.2.77", b"45.1234", b"7001"):
            assert marker not in data


def test_what_was_not_answered_is_told_apart(tmp_path: Path, fake: Fake) -> None:
    """Seen and left out is skipped, never shown is not presented, and every ticked choice is an answer of its own."""
    fake.responses = [
        response(1, QID1="-99", QID2_1="", QID3_1="1", QID3_4="1"),
        response(2, QID3_1="-99", QID3_2="-99"),
    ]
    district = made(tmp_path, fake)
    found = answers(district, batch_of(district.collect()))
    assert found["R_0001", "belong"] == [("", "skipped")]
    assert found["R_0001", "safe"] == [("", "not_presented")]
    assert sorted(found["R_0001", "likes"]) == [("10", "answered"), ("40", "answered")]
    assert found["R_0002", "likes"] == [("", "skipped")]


def test_trials_and_spam_are_ignored_and_partial_ones_kept(tmp_path: Path, fake: Fake) -> None:
    """Each under its rule; a response that was not finished has no time of sending."""
    trials = [response(4, status="1"), response(5, distributionChannel="preview"), response(6, status="8")]
    fake.responses += [*trials, response(7, finished="0")]
    district = made(tmp_path, fake)
    batch = batch_of(district.collect())
    assert batch["ignored"] == {"preview": 2, "spam": 1}
    assert (batch["n_received"], batch["n_accepted"], "partial_response" in batch["findings"]) == (7, 4, True)
    rows = {row["response_id"]: row for row in district.rows("responses", batch["batch_id"])}
    assert rows["R_0007"]["submitted_at"] is None


def test_response_outside_its_window_is_ignored(tmp_path: Path, fake: Fake) -> None:
    """A trial before the window opens, or after it closed, is no response to it."""
    fake.responses += [response(4, startDate="2018-12-01 15:00:00", endDate="2018-12-01 15:05:00")]
    batch = batch_of(made(tmp_path, fake).collect())
    assert (batch["n_received"], batch["n_accepted"], batch["ignored"]) == (4, 3, {"outside_window": 1})


def test_next_pull_goes_on_where_the_last_ended(tmp_path: Path, fake: Fake) -> None:
    """Only what is new is exported; the rows are all there are by now, and without news nothing is read again."""
    district = made(tmp_path, fake)
    district.collect()
    fake.responses += [response(4), response(1, QID1="5")]
    batch = batch_of(district.collect("2019-01-11"))
    assert fake.asked[-1]["continuationToken"] == "token-3"
    assert (batch["n_received"], answers(district, batch)["R_0001", "belong"]) == (4, [("5", "answered")])
    assert district.collect("2019-01-12")["sources"][0]["batches"] == []
    assert fake.asked[-1]["continuationToken"] == "token-5"


def test_forgotten_place_means_a_whole_export(tmp_path: Path, fake: Fake) -> None:
    """Where the platform refuses to go on, everything is exported: what was deleted there is gone here."""
    district = made(tmp_path, fake)
    district.collect()
    fake.responses = [response(1), response(3), response(4)]
    fake.refuses_tokens = True
    batch = batch_of(district.collect("2019-01-11"))
    assert ("token_expired" in batch["findings"], batch["n_received"]) == (True, 3)
    assert {row[0] for row in answers(district, batch)} == {"R_0001", "R_0003", "R_0004"}


@pytest.mark.parametrize(
    ("script", "code", "is_transient"),
    [
        (["failed"], "export_failed", False),
        (["inProgress", *["no file"] * 9], "file_id_null", True),
        (["500"], "server_error", True),
        (["inProgress"], "timeout", True),
    ],
)
def test_export_that_does_not_come_fails_the_source(
    tmp_path: Path, fake: Fake, script: list[str], code: str, *, is_transient: bool
) -> None:
    """Failed, complete without a file, broken, never complete: told by its code, nothing kept of it."""
    fake.script = script
    district = made(tmp_path, fake)
    told = district.collect()
    (source,) = told["sources"]
    assert (told["exit"], source["state"], source["code"], source["is_transient"]) == (3, "failed", code, is_transient)
    assert "marker" not in json.dumps(told)
    assert not [path for path in district.state.rglob("data") if path.is_file()]


@pytest.mark.parametrize(
    "script", [["500", "complete"], ["inProgress", "no file", "no file", "complete"], ["504", "queued", "complete"]]
)
def test_export_that_comes_late_is_read(tmp_path: Path, fake: Fake, script: list[str]) -> None:
    """A hundred percent means nothing, an error now and then neither."""
    fake.script = script
    assert batch_of(made(tmp_path, fake).collect())["n_accepted"] == 3


def test_damaged_file_is_fetched_again_and_then_given_up(tmp_path: Path, fake: Fake) -> None:
    """One broken download is mended by another; two are told."""
    fake.files = ["corrupt", "whole"]
    district = made(tmp_path, fake)
    assert batch_of(district.collect())["n_accepted"] == 3
    fake.responses.append(response(4))
    fake.files = ["corrupt", "corrupt"]
    (source,) = district.collect("2019-01-11")["sources"]
    assert (source["state"], source["code"]) == ("failed", "zip_truncated")


@pytest.mark.parametrize("how", ["two", "none"])
def test_export_of_other_than_one_file_is_held(tmp_path: Path, fake: Fake, how: str) -> None:
    """Nobody can tell which of two is meant; the next night exports the same again."""
    fake.files = [how]
    district = made(tmp_path, fake)
    told = district.collect()
    assert (told["exit"], batch_of(told)["reason"]) == (4, "zip_unexpected_members")
    assert batch_of(district.collect("2019-01-11"))["n_accepted"] == 3


def test_survey_nobody_answered_yet_is_a_whole_delivery(tmp_path: Path, fake: Fake) -> None:
    """Headings without responses are no fault."""
    fake.responses = []
    told = made(tmp_path, fake).collect()
    assert (told["exit"], batch_of(told)["state"], batch_of(told)["n_received"]) == (0, "accepted", 0)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (
            lambda told: told["QID1"]["choices"]["5"].update(recode="6"),
            "the choices of belong are others than declared",
        ),
        (lambda told: told.pop("QID2"), "safe is gone; heard is gone"),
        (lambda told: told.update(QID9=copy.deepcopy(told["QID1"])), "question QID9 is new"),
    ],
)
def test_edited_survey_is_held(tmp_path: Path, fake: Fake, change: Any, detail: str) -> None:
    """A question added, a choice recoded: another edition, which somebody must declare; other words are not."""
    told = definition()
    change(told["questions"])
    fake.definition = told
    batch = batch_of(made(tmp_path, fake).collect())
    assert (batch["reason"], batch["detail"]) == ("instrument_changed", detail)


def test_edited_survey_comes_in_by_a_persons_decision(tmp_path: Path, fake: Fake) -> None:
    """Who says that the survey is the instrument all the same is believed, by name and reason."""
    fake.definition["questions"]["QID9"] = copy.deepcopy(fake.definition["questions"]["QID1"])
    district = made(tmp_path, fake)
    batch = batch_of(district.collect())
    words = ("--as-is", "--by", "p_014", "--reason", "QID9 is a trial of ours.")
    code, text = district.run("accept", batch["batch_id"], *words, on="2019-01-11")
    assert (code, "3 rows accepted" in text) == (0, True), text


def test_question_that_is_no_item_may_be_named(tmp_path: Path, fake: Fake) -> None:
    """A question the instrument leaves out on purpose does not hold the survey."""
    fake.definition["questions"]["QID9"] = copy.deepcopy(fake.definition["questions"]["QID1"])
    district = made(tmp_path, fake)
    survey = {"survey": SURVEY, "window": "sel_fall", "instrument": "sel@2019", "without": ["QID9"]}
    declared = {"source_id": "sel_responses", "kind": "qualtrics", "entity": "responses", "qualtrics": survey}
    declared |= {"owner": {"role": "data_engineer"}}
    district.declare(declared | {"transport": {"kind": "http", "url": fake.url, "secret": "env:QUALTRICS_TOKEN"}})
    batch = batch_of(district.collect())
    assert (batch["state"], batch["n_accepted"]) == ("accepted", 3)
    assert {row["respondent_key"] for row in district.rows("responses", batch["batch_id"])} == {None}


def test_link_that_was_never_filled_in_is_no_person(tmp_path: Path, fake: Fake) -> None:
    """A placeholder where an id belongs is refused, and is not made a pseudonym that looks like one."""
    fake.responses += [response(4, externalDataReference="${e://Field/id}"), response(5, externalDataReference="")]
    batch = batch_of(made(tmp_path, fake, arrival={"max_bad_rows": 0.5}).collect())
    assert (batch["quarantined"], batch["n_accepted"]) == ({"placeholder_id": 1}, 4)


def test_wish_to_be_left_alone_is_obeyed(tmp_path: Path, fake: Fake, waits: list[float]) -> None:
    """Retry-After is waited for; one of more than five minutes ends the run."""
    fake.rate_limits = ["7"]
    district = made(tmp_path, fake)
    assert batch_of(district.collect())["n_accepted"] == 3
    assert waits[0] == 7
    fake.rate_limits = ["4000"]
    assert district.collect("2019-01-11")["sources"][0]["code"] == "rate_limited"


def test_token_goes_to_no_other_host(tmp_path: Path, fake: Fake) -> None:
    """A redirect elsewhere is refused before anything is sent there."""
    with Fake([response(1)]) as other:
        fake.moves_to = f"{other.url}/API/v3/surveys/{SURVEY}"
        (source,) = made(tmp_path, fake).collect()["sources"]
        assert (source["state"], other.calls) == ("failed", [])
        assert "another host" in source["message"]


def test_refused_token_is_told_without_it(tmp_path: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong token fails the source by its code; neither the token nor the server's words are told."""
    monkeypatch.setenv("QUALTRICS_TOKEN", "marker-wrong")
    district = made(tmp_path, fake)
    told = district.collect()
    assert (told["exit"], told["sources"][0]["code"]) == (3, "auth_failed")
    assert "marker" not in json.dumps(told) + district.run("collect")[1]
