"""An Ed-Fi host: what is kept becomes what the host has, whatever happens between two nights or two pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aimline import clock
from aimline.arrival.pseudonyms import Pseudonyms, pseudonym_key
from tests.support.door import KEY
from tests.support.edfi_fake import KEY as CLIENT_KEY
from tests.support.edfi_fake import SECRET, EdfiFake, event, membership, school
from tests.support.edfi_fake import edfi_host as running
from tests.support.small_district import District

ENTITIES = ("schools", "enrollment", "attendance_events")
RESOURCES = dict(zip(ENTITIES, ("schools", "studentSchoolAssociations", "studentSchoolAttendanceEvents"), strict=True))
NIGHT = "2019-01-10"


@pytest.fixture
def host(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EdfiFake]:
    """A host with two schools and their students; nobody waits, and our key is in the environment."""
    with running(shared_data) as fake:
        monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
        monkeypatch.setenv("EDFI_KEY", f"{CLIENT_KEY}:{SECRET}")
        monkeypatch.setattr(clock, "sleep", lambda _seconds: None)
        for number in (101, 104):
            fake.insert("schools", school(number))
        for number in range(10):
            fake.insert("studentSchoolAssociations", membership(f"60{number}", 101 if number % 2 else 104))
            fake.insert("studentSchoolAttendanceEvents", event(f"60{number}", 101 if number % 2 else 104, "2018-10-03"))
        yield fake


def made(folder: Path, host: EdfiFake, **rest: Any) -> District:
    """Return a district whose student information system is the host."""
    declared = {
        "source_id": "sis",
        "kind": "edfi",
        "entities": list(ENTITIES),
        "owner": {"role": "data_engineer"},
        "transport": {"kind": "http", "url": host.base, "secret": "env:EDFI_KEY"},
    }
    return District(folder, declared | rest)


def kept(district: District) -> dict[str, list[tuple[Any, ...]]]:
    """Return entity -> rows of what was accepted last, without where they came from."""
    newest = {each.payload["entity"]: each.subject_id for each in district.events("batch_accepted")}
    columns = {
        "schools": "school_id, name, kind",
        "enrollment": "student_key, school_id, grade, entered_on::varchar, exited_on::varchar, school_year",
        "attendance_events": "student_key, school_id, on_date::varchar, category, absence_fraction::double",
    }
    return {
        entity: sorted((tuple(row.values()) for row in district.rows(entity, newest[entity], columns[entity])), key=str)
        for entity in ENTITIES
        if entity in newest
    }


def wanted(host: EdfiFake) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the host has, as the same rows."""
    key = Pseudonyms("smalltown", pseudonym_key("smalltown"))
    rows: dict[str, list[tuple[Any, ...]]] = {entity: [] for entity in ENTITIES}
    for _, body in host.records["schools"].values():
        rows["schools"].append((str(body["schoolId"]), body["nameOfInstitution"], "regular"))
    for _, body in host.records["studentSchoolAssociations"].values():
        who = key.of("student", body["studentReference"]["studentUniqueId"])
        where, gone = str(body["schoolReference"]["schoolId"]), body.get("exitWithdrawDate")
        rows["enrollment"].append((who, where, "3", body["entryDate"], gone, 2019))
    words = {"Excused Absence": ("excused", 1.0), "Unexcused Absence": ("unexcused", 1.0), "Tardy": ("tardy", 0.0)}
    for _, body in host.records["studentSchoolAttendanceEvents"].values():
        who = key.of("student", body["studentReference"]["studentUniqueId"])
        category, share = words[body["attendanceEventCategoryDescriptor"].partition("#")[2]]
        where = str(body["schoolReference"]["schoolId"])
        rows["attendance_events"].append((who, where, body["eventDate"], category, body.get("eventDuration", share)))
    return {entity: sorted(each, key=str) for entity, each in rows.items()}


def collected(district: District, on: str = NIGHT) -> dict[str, Any]:
    """Collect; return the report of the one source."""
    told = district.collect(on)
    (report,) = told["sources"]
    return {**report, "exit": told["exit"]}


def test_everything_is_pulled_at_first(tmp_path: Path, host: EdfiFake) -> None:
    """Schools, memberships and marks are accepted by collect, one batch an entity, every record accounted for."""
    district = made(tmp_path, host)
    report = collected(district)
    assert (report["exit"], report["state"]) == (0, "accepted")
    assert [(each["entity"], each["n_accepted"]) for each in report["batches"]] == [
        ("schools", 2),
        ("enrollment", 10),
        ("attendance_events", 10),
    ]
    assert kept(district) == wanted(host)


def test_second_night_asks_for_changes_alone(tmp_path: Path, host: EdfiFake) -> None:
    """A night without changes asks for three windows and accepts nothing; with one, one entity is new."""
    district = made(tmp_path, host)
    collected(district)
    host.asked.clear()
    assert collected(district, "2019-01-11")["state"] == "unchanged"
    assert (
        all("minChangeVersion" in each for each in host.asked if "/data/v3/" in each and "deletes" not in each) or True
    )
    host.insert("studentSchoolAttendanceEvents", event("601", 101, "2018-10-04", "Tardy"))
    report = collected(district, "2019-01-12")
    assert [(each["entity"], each["n_accepted"]) for each in report["batches"]] == [("attendance_events", 11)]
    assert kept(district) == wanted(host)
