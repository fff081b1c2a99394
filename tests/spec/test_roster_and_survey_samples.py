"""Samples of OneRoster, School Data Sync and Qualtrics that vendors publish, with the numbers that must come out."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aimline import clock
from tests.support.door import KEY
from tests.support.oneroster_made import SOURCE
from tests.support.qualtrics_fake import TOKEN, Fake
from tests.support.small_district import District


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("QUALTRICS_TOKEN", TOKEN)
    monkeypatch.setattr(clock, "sleep", lambda _seconds: None)


def taken(tmp_path: Path, data: bytes, on: str, **more: Any) -> tuple[District, dict[str, dict[str, Any]]]:
    """Hand in a delivery; return its batches by file."""
    transport = {"kind": "local", "url": "inbox", "match": ["*.zip"]}
    district = District(tmp_path, SOURCE | {"transport": transport} | more, years=(2018, 2019, 2022))
    district.put("roster.zip", data)
    return district, {batch["name"].rpartition("/")[2]: batch for batch in district.batches(on)}


def folder_of(archive: Path, folder: str) -> bytes:
    """Return one folder of an archive as an archive of its own."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(buffer, "w") as part:
        for name in whole.namelist():
            if name.startswith(folder) and name.endswith(".csv"):
                part.writestr(zipfile.ZipInfo(name.rpartition("/")[2]), whole.read(name))
    return buffer.getvalue()


def test_oneroster_base_sample(tmp_path: Path, shared_data: Path) -> None:
    """2 orgs, 2 users, 3 classes whose sessions are not there, 3 enrollments, three empty files, stamps in two ways."""
    data = (shared_data / "oneroster" / "oneroster_v1p1_base_csv.zip").read_bytes()
    district, found = taken(tmp_path, data, "2019-01-10", codes={"grade": {"": "UG"}})
    n_records = {name: batch["n_received"] - batch["ignored"].get("header_row", 0) for name, batch in found.items()}
    assert n_records == {
        "orgs.csv": 2,
        "users.csv": 2,
        "classes.csv": 3,
        "enrollments.csv": 3,
        "courses.csv": 0,
        "academicSessions.csv": 0,
        "demographics.csv": 0,
    }
    assert found["classes.csv"]["quarantined"] == {"orphan_reference": 3}
    assert (found["orgs.csv"]["n_accepted"], found["users.csv"]["n_accepted"]) == (2, 2)
    assert "timestamp_without_zone" in found["orgs.csv"]["findings"]
    assert not [
        path for path in (district.state / "accepted").rglob("*") if path.is_file() and b"ionut" in path.read_bytes()
    ]


def test_grades_that_are_missing_are_not_made_up(tmp_path: Path, shared_data: Path) -> None:
    """The base sample has no grades: unless the district says what that means, its users are held."""
    data = (shared_data / "oneroster" / "oneroster_v1p1_base_csv.zip").read_bytes()
    _, found = taken(tmp_path, data, "2019-01-10")
    assert (found["users.csv"]["state"], found["users.csv"]["reason"]) == ("held", "value_missing")


def test_school_data_sync_v1_contradicts_itself(tmp_path: Path, shared_data: Path) -> None:
    """The term SY1516 has dates of 2017-18; a person may say which it is: 86 students, 12 teachers, 602 enrollments."""
    data = folder_of(shared_data / "oneroster" / "sds_csv_samples.zip", "SDS Format")
    entities = [*SOURCE["entities"], "staff"]
    district, found = taken(tmp_path, data, "2018-01-10", dialect="sds_v1", entities=entities)
    (batch,) = found.values()
    assert (batch["reason"], batch["n_accepted"]) == ("year_conflict", 0)
    words = ("--year", "2018", "--by", "p_014", "--reason", "The dates are right.", "--json")
    code, text = district.run("accept", batch["batch_id"], *words, on="2018-01-11")
    told = {each["name"].rpartition("/")[2]: each for each in json.loads(text)["batches"]}
    assert (code, told["Student.csv"]["n_accepted"], told["School.csv"]["n_accepted"]) == (0, 86, 2)
    ignored = {name: sum(each["ignored"].values()) - 1 for name, each in told.items()}
    assert (told["Teacher.csv"]["entity"], told["Teacher.csv"]["n_accepted"]) == ("staff", 12)
    assert (ignored["Section.csv"], ignored["StudentEnrollment.csv"]) == (28, 602)
    assert not [
        path for path in (district.state / "accepted").rglob("*") if path.is_file() and b"P@ss" in path.read_bytes()
    ]


@pytest.mark.parametrize(("label", "reason"), [("spring", "year_conflict"), ("fall", None)])
def test_school_data_sync_v2_names_years_by_their_fall(
    tmp_path: Path, shared_data: Path, label: str, reason: str | None
) -> None:
    """Its schoolYear 2021 lasts until June 2022: read by the fall it agrees with its dates; 3 students in a school."""
    data = folder_of(shared_data / "oneroster" / "sds_csv_samples.zip", "SDS v2.1")
    more = {"dialect": "sds_v2_1", "school_year": {"label": label}}
    _, found = taken(tmp_path, data, "2022-01-10", **more)
    if reason:
        assert [batch["reason"] for batch in found.values()] == [reason]
        return
    assert {name: found[name]["n_accepted"] for name in ("orgs.csv", "roles.csv", "demographics.csv")} == {
        "orgs.csv": 1,
        "roles.csv": 3,
        "demographics.csv": 6,
    }
    assert (found["users.csv"]["n_received"], found["enrollments.csv"]["n_received"]) == (9, 7)


def test_qualtrics_sample(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows of headings, German texts, 20 columns, one response: QID1 is kept, seven personal columns are not."""
    text = (shared_data / "qualtrics" / "sample.csv").read_text(encoding="utf-8")
    heads = list(csv.reader(io.StringIO(text)))
    assert (len(heads), len(heads[0])) == (4, 20)
    instrument = {
        "version": 1,
        "instrument_id": "sample",
        "edition": "2017",
        "kind": "survey",
        "label": {"en": "Sample"},
    }
    instrument |= {"option_sets": {"two": [{"value": n, "label": {"en": str(n)}} for n in (1, 2)]}}
    instrument |= {"items": [{"item_id": "choice", "column": "QID1", "options": "two", "text": {"en": "Choose."}}]}
    monkeypatch.setattr("tests.support.qualtrics_fake.exported", lambda _rows: text)
    questions = {"QID1": {"questionType": {"type": "MC", "selector": "SAVR"}, "choices": {"1": {}, "2": {}}}}
    questions["QID2"] = {"questionType": {"type": "TE", "selector": "ESTB"}}
    with Fake([{}], definition={"questions": questions, "exportColumnMap": {}}) as fake:
        survey = {"survey": "SV_5test", "window": "sel_fall", "instrument": "sample@2017"}
        source = {"source_id": "sample", "kind": "qualtrics", "entity": "responses", "qualtrics": survey}
        source |= {"transport": {"kind": "http", "url": fake.url, "secret": "env:QUALTRICS_TOKEN"}}
        district = District(tmp_path, source | {"owner": {"role": "data_engineer"}})
        district.ask(instrument, "sel_fall")
        told = district.collect()
    (batch,) = told["sources"][0]["batches"]
    assert (batch["n_received"], batch["n_accepted"], batch["n_rows"]) == (1, 1, 1)
    (data,) = (path.read_bytes() for path in (district.state / "landing").rglob("data"))
    kept = json.loads(gzip.decompress(data).decode().splitlines()[1])
    assert set(kept) == {
        "_recordId",
        "QID1",
        "distributionChannel",
        "duration",
        "endDate",
        "finished",
        "recordedDate",
    } | {
        "startDate",
        "status",
    }
