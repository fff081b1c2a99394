"""An Ed-Fi host: what is kept becomes what the host has, whatever happens between two nights or two pages."""

import gzip
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aimline import clock
from aimline.arrival.pseudonyms import Pseudonyms, pseudonym_key
from aimline.cli import main
from aimline.sources import edfi_host
from tests.support.door import KEY
from tests.support.edfi_fake import KEY as CLIENT_KEY
from tests.support.edfi_fake import SECRET, EdfiFake, event, membership, school, told
from tests.support.edfi_fake import edfi_host as running
from tests.support.killing import Nursery
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


_URI = "uri://ed-fi.org/{}Descriptor#{}".format
_RACES = [{"raceDescriptor": _URI("Race", each)} for each in ("Asian", "White")]
_TRAITS = [
    {"studentCharacteristicDescriptor": _URI("StudentCharacteristic", each)} for each in ("Homeless", "Immigrant")
]


def test_what_is_told_of_students_becomes_attributes(tmp_path: Path, host: EdfiFake) -> None:
    """One row an attribute from the year's first day on; what nobody told is not made up."""
    resource = "studentEducationOrganizationAssociations"
    host.insert(
        resource, told("600", sexDescriptor=_URI("Sex", "Female"), races=_RACES, studentCharacteristics=_TRAITS)
    )
    host.insert(resource, told("601", hispanicLatinoEthnicity=True, races=_RACES[:1]))
    host.insert(resource, told("602"))
    district = made(tmp_path, host, entities=["student_attributes"])
    (batch,) = district.batches(NIGHT)
    assert (batch["n_received"], batch["ignored"]) == (6, {"nothing_told": 1, "other_characteristic": 1})
    rows = district.rows(
        "student_attributes", batch["batch_id"], "attribute, value, valid_from::varchar as since, slot"
    )
    assert [(row["attribute"], row["value"]) for row in rows] == [
        ("race_ethnicity", "two_or_more"),
        ("sex", "female"),
        ("housing", "Y"),
        ("race_ethnicity", "hispanic"),
    ]
    assert {(row["since"][:4], row["slot"]) for row in rows} == {("2018", "2019")}


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


def test_edits_deletes_and_key_changes_come_over(tmp_path: Path, host: EdfiFake) -> None:
    """What was edited is replaced, what is deleted is gone, what has another key is not there twice."""
    district = made(tmp_path, host)
    collected(district)
    marks = list(host.records["studentSchoolAttendanceEvents"])
    host.edit("studentSchoolAttendanceEvents", marks[0], eventDuration=0.5)
    host.change_key("studentSchoolAttendanceEvents", marks[1], eventDate="2018-10-09")
    host.delete("studentSchoolAttendanceEvents", marks[2])
    host.edit(
        "studentSchoolAssociations",
        next(iter(host.records["studentSchoolAssociations"])),
        exitWithdrawDate="2018-12-01",
    )
    collected(district, "2019-01-11")
    assert kept(district) == wanted(host)


def test_deleted_record_that_was_made_again_stays(tmp_path: Path, host: EdfiFake) -> None:
    """A delete and a new record of the same key within one window leave the new one; so does a night in between."""
    district = made(tmp_path, host)
    collected(district)
    for number, night in enumerate(("2019-01-11", "2019-01-12")):
        mark, (_, body) = list(host.records["studentSchoolAttendanceEvents"].items())[number]
        host.delete("studentSchoolAttendanceEvents", mark)
        if number:
            collected(district, "2019-01-11")
        host.insert("studentSchoolAttendanceEvents", {**body, "eventDuration": 0.5})
        collected(district, night)
        assert kept(district) == wanted(host)


def test_last_record_that_goes_empties_the_entity(tmp_path: Path, host: EdfiFake) -> None:
    """No mark left is a whole state: an empty batch replaces what was there, and the first one may come back."""
    district = made(tmp_path, host)
    collected(district)
    marks = dict(host.records["studentSchoolAttendanceEvents"])
    for each in marks:
        host.delete("studentSchoolAttendanceEvents", each)
    (batch,) = collected(district, "2019-01-11")["batches"]
    assert (batch["n_received"], batch["state"], kept(district)["attendance_events"]) == (0, "accepted", [])
    for _, body in marks.values():
        host.insert("studentSchoolAttendanceEvents", body)
    collected(district, "2019-01-12")
    assert kept(district) == wanted(host)


@pytest.mark.parametrize("software", ["7.1", "7.3"])
def test_record_that_slides_between_pages_is_there_the_next_night(
    software: str, tmp_path: Path, host: EdfiFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit between two pages moves a record out of the window and others up; none of the others is skipped."""
    host.software, host.usual = software, 3
    monkeypatch.setattr(edfi_host, "_PAGE", 3)
    district = made(tmp_path, host)
    marks, pages = list(host.records["studentSchoolAttendanceEvents"]), []

    def edit(resource: str) -> None:
        if resource == "studentSchoolAttendanceEvents" and not pages:
            pages.append(1)
            return
        if resource == "studentSchoolAttendanceEvents" and len(pages) == 1:
            pages.append(2)
            host.edit(resource, marks[0], eventDuration=0.25)

    host.between = edit
    (*_, batch) = collected(district)["batches"]
    assert (len(pages), batch["n_accepted"] >= 9) == (2, True)
    host.between = None
    collected(district, "2019-01-11")
    assert kept(district) == wanted(host)


def test_nothing_personal_is_kept(tmp_path: Path, host: EdfiFake) -> None:
    """Numbers of students are nowhere in what is kept, the landing included; names and reasons are not asked along."""
    host.insert(
        "studentSchoolAttendanceEvents", event("60777123", 101, "2018-10-05", attendanceEventReason="Marker sick")
    )
    district = made(tmp_path, host)
    collected(district)
    for path in district.state.rglob("*"):
        held = path.read_bytes() if path.is_file() else b""
        held += gzip.decompress(held) if held.startswith(b"\x1f\x8b") else b""
        assert [each for each in (b"60777123", b"Marker sick", SECRET.encode()) if each in held] == [], path


def test_unknown_descriptor_fails_closed(tmp_path: Path, host: EdfiFake) -> None:
    """A word of another state is none of ours until its whole address is declared."""
    own = "uri://texas.example/AttendanceEventCategoryDescriptor#Excused Absence"
    host.insert("studentSchoolAttendanceEvents", event("601", 101, "2018-10-05", attendanceEventCategoryDescriptor=own))
    district = made(tmp_path, host)
    (*_, marks) = collected(district)["batches"]
    assert (marks["n_accepted"], marks["quarantined"]["code_unknown"], marks["state"]) == (0, 1, "held")
    declared = made(tmp_path / "declared", host, codes={"category": {own: "excused"}})
    (*_, marks) = collected(declared)["batches"]
    assert (marks["n_accepted"], marks["quarantined"]) == (11, {})


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("root", [503]),
        ("token", [500, 503]),
        ("page", [401]),
        ("page", [500, 502, 503]),
        ("page", [429]),
        ("count", [504]),
        ("page", [504]),
    ],
)
def test_host_that_fails_for_a_while_is_asked_again(
    kind: str, statuses: list[int], tmp_path: Path, host: EdfiFake
) -> None:
    """Busy, slow, restarted, our token refused once: the night ends as one on which nothing happened."""
    host.faults = {kind: statuses}
    host.retry_after = "7" if statuses == [429] else ""
    district = made(tmp_path, host)
    assert collected(district)["exit"] == 0
    assert host.faults == {kind: []}
    assert kept(district) == wanted(host)


def test_token_that_is_refused_is_asked_for_anew(tmp_path: Path, host: EdfiFake) -> None:
    """The client keeps a refused token: it is thrown away, and the page is asked for with a fresh one, once."""
    district = made(tmp_path, host)
    done: list[str] = []

    def expire(resource: str) -> None:
        if not done:
            done.append(resource)
            host.expire()

    host.between = expire
    assert collected(district)["exit"] == 0
    assert (len([each for each in host.asked if each.startswith("POST")]), kept(district)) == (2, wanted(host))


@pytest.mark.parametrize(
    ("kind", "status", "code", "is_transient"),
    [
        ("root", 503, "server_error", True),
        ("token", 401, "auth_failed", False),
        ("page", 401, "auth_expired", False),
        ("page", 403, "auth_failed", False),
        ("page", 429, "rate_limited", True),
        ("page", 503, "server_error", True),
        ("page", 504, "server_error", True),
    ],
)
def test_host_that_fails_to_the_end_leaves_nothing(
    kind: str, status: int, code: str, is_transient: bool, tmp_path: Path, host: EdfiFake
) -> None:
    """The source has failed with its code, nothing is accepted, and no cursor is saved."""
    host.faults = {kind: [status] * 500}
    district = made(tmp_path, host)
    report = collected(district)
    told = (report["exit"], report["state"], report["code"], report["is_transient"], report["batches"])
    assert told == (3, "failed", code, is_transient, [])
    told_of = district.events("received", "batch_accepted", "cursor_saved")
    assert [each for each in told_of if each.payload["source_id"] == "sis"] == []
    assert SECRET not in str(report)


def test_host_is_left_alone_as_long_as_it_asks(tmp_path: Path, host: EdfiFake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry-After is obeyed up to five minutes; beyond, the night goes on without the source."""
    waits: list[float] = []
    monkeypatch.setattr(clock, "sleep", waits.append)
    host.faults, host.retry_after = {"page": [429]}, "120"
    assert collected(made(tmp_path, host))["exit"] == 0
    assert waits == [120]
    host.faults, host.retry_after = {"page": [429]}, "900"
    report = collected(made(tmp_path / "other", host))
    assert (report["code"], report["is_transient"], waits) == ("rate_limited", True, [120])


def test_wide_window_is_asked_for_in_halves(tmp_path: Path, host: EdfiFake) -> None:
    """A count or an offset the host is too slow for is taken in smaller windows; nothing is lost."""
    host.wide, host.deepest = 4, 2
    district = made(tmp_path, host)
    assert collected(district)["exit"] == 0
    assert kept(district) == wanted(host)


def test_smaller_pages_are_asked_for_where_the_limit_was_lowered(tmp_path: Path, host: EdfiFake) -> None:
    """The host refuses our page in the middle of a pull: smaller ones bring the rest, and it is told."""
    host.most = 50
    district = made(tmp_path, host)
    batches = collected(district)["batches"]
    assert all("limit_lowered" in each["findings"] for each in batches)
    assert kept(district) == wanted(host)


def test_host_without_change_queries_is_compared(tmp_path: Path, host: EdfiFake) -> None:
    """All is read each night, and what differs is all that is new."""
    host.has_changes = False
    district = made(tmp_path, host)
    collected(district)
    assert collected(district, "2019-01-11")["state"] == "unchanged"
    host.delete("studentSchoolAttendanceEvents", next(iter(host.records["studentSchoolAttendanceEvents"])))
    assert [each["entity"] for each in collected(district, "2019-01-12")["batches"]] == ["attendance_events"]
    assert kept(district) == wanted(host)


def test_weekly_all_is_compared_and_mended(tmp_path: Path, host: EdfiFake) -> None:
    """A record that went without a word is found within a week, mended, and counted as drift."""
    district = made(tmp_path, host)
    collected(district)
    host.delete(
        "studentSchoolAttendanceEvents", next(iter(host.records["studentSchoolAttendanceEvents"])), silently=True
    )
    assert collected(district, "2019-01-16")["state"] == "unchanged"
    (batch,) = collected(district, "2019-01-17")["batches"]
    assert (batch["findings"], batch["notes"]) == (["edfi_drift"], {"edfi_drift": 1})
    assert kept(district) == wanted(host)


@pytest.mark.parametrize(("hidden", "code"), [({101}, "rows_shrunk"), ({102}, "unit_missing")])
def test_answer_that_shows_less_is_held(hidden: set[int], code: str, tmp_path: Path, host: EdfiFake) -> None:
    """A 200 with far fewer records, or a school without any, says what we may see: held until a person lets it in."""
    host.insert("schools", school(102))
    host.insert("studentSchoolAssociations", membership("700", 102))
    district = made(tmp_path, host)
    collected(district)
    host.hidden = hidden
    report = collected(district, "2019-01-17")
    held = {each["entity"]: each["reason"] for each in report["batches"] if each["state"] == "held"}
    assert (report["exit"], held["enrollment"]) == (4, code)
    assert any("claims_narrowed" in each["findings"] for each in report["batches"])
    assert collected(district, "2019-01-18")["batches"] == []
    host.hidden = set()
    collected(district, "2019-01-19")
    assert kept(district) == wanted(host)


def test_person_may_let_in_that_there_is_less(tmp_path: Path, host: EdfiFake) -> None:
    """Accepted as it is, the smaller state is what the next pulls build on."""
    district = made(tmp_path, host, entities=["attendance_events"])
    collected(district)
    for each in list(host.records["studentSchoolAttendanceEvents"])[:5]:
        host.delete("studentSchoolAttendanceEvents", each, silently=True)
    (batch,) = collected(district, "2019-01-17")["batches"]
    words = (batch["batch_id"], "--as-is", "--by", "data_engineer", "--reason", "closed")
    code, text = district.run("accept", *words, on="2019-01-17")
    assert code == 0, text
    host.insert("studentSchoolAttendanceEvents", event("601", 101, "2018-11-05"))
    collected(district, "2019-01-18")
    assert kept(district)["attendance_events"] == wanted(host)["attendance_events"]


@pytest.mark.parametrize(("software", "standard"), [("6.1", "4.0.0"), ("7.3", "5.1.0"), ("5.3", "3.3.1-b")])
def test_older_and_newer_hosts_are_read(software: str, standard: str, tmp_path: Path, host: EdfiFake) -> None:
    """Swagger 2 or OpenAPI 3, offsets or tokens, capital or small letters: the rows are the same."""
    host.software, host.standard = software, standard
    district = made(tmp_path, host)
    collected(district)
    host.insert("studentSchoolAttendanceEvents", event("602", 104, "2018-11-05"))
    collected(district, "2019-01-11")
    assert kept(district) == wanted(host)


@pytest.mark.parametrize("change", ["field", "standard", "place"])
def test_host_that_is_not_what_was_declared_is_asked_for_nothing(change: str, tmp_path: Path, host: EdfiFake) -> None:
    """A needed field, a data standard or an address that is no longer what it was stops the pull before it begins."""
    if change == "field":
        host.gone = {"studentSchoolAttendanceEvents.eventDate"}
    elif change == "standard":
        host.standard = "2.0"
    else:
        host.told_base = "https://elsewhere.example/api"
    report = collected(made(tmp_path, host))
    code = "edfi_url_mismatch" if change == "place" else "edfi_contract_changed"
    assert (report["exit"], report["code"], report["is_transient"]) == (3, code, False)
    assert not any("/data/v3/" in each for each in host.asked)
    assert change != "place" or "https://elsewhere.example/api/data/v3" in report["message"]


def test_entity_no_resource_fills_is_told(tmp_path: Path, host: EdfiFake) -> None:
    """What the connector cannot fill is said with what it can."""
    report = collected(made(tmp_path, host, entities=["rooms"]))
    assert "no resource of an Ed-Fi host fills rooms." in report["message"]


@pytest.mark.parametrize("point", [3, 8, 14, 15, 16])
def test_killed_pull_saves_no_cursor_without_its_rows(
    point: int, tmp_path: Path, host: EdfiFake, forks: Nursery
) -> None:
    """Killed while something is kept or told, collected again: what is kept is what the host has, each once."""
    district = made(tmp_path, host)
    collected(district)
    host.delete("studentSchoolAttendanceEvents", next(iter(host.records["studentSchoolAttendanceEvents"])))
    host.insert("studentSchoolAssociations", membership("888", 101))
    number, after = divmod(point - 1, 2)
    words = ("collect", str(district.folder), "--as-of", "2019-01-11", "--state", str(district.state))
    died = forks.verb(*words, die_at=number, after=bool(after), only=("put_if_absent", "append"))
    assert died.killed_by == signal.SIGKILL
    host.insert("studentSchoolAttendanceEvents", event("888", 101, "2018-11-06"))
    collected(district, "2019-01-11")
    assert kept(district) == wanted(host)
    cursors = [each.payload for each in district.events("cursor_saved")]
    assert [each["number"] for each in cursors] == list(range(1, len(cursors) + 1))


def test_calendar_of_a_host_is_read(tmp_path: Path, host: EdfiFake) -> None:
    """Days are taught, made up or free by their events; a calendar is one of a school and a year."""
    words = {"2018-10-03": "Instructional day", "2018-11-22": "Holiday", "2018-12-01": "Make-up day"}
    for on, word in words.items():
        reference = {"calendarCode": "C1", "schoolId": 101, "schoolYear": 2019}
        uri = f"uri://ed-fi.org/CalendarEventDescriptor#{word}"
        body = {"calendarReference": reference, "date": on, "calendarEvents": [{"calendarEventDescriptor": uri}]}
        host.insert("calendarDates", body)
    district = made(tmp_path, host, entities=["schools", "calendar_days"])
    (_, batch) = collected(district)["batches"]
    rows = district.rows("calendar_days", batch["batch_id"], "calendar_id, on_date, day_kind, is_instructional")
    assert [tuple(row.values()) for row in rows] == [
        ("101/2019/C1", date(2018, 10, 3), "regular", True),
        ("101/2019/C1", date(2018, 11, 22), "no_school", False),
        ("101/2019/C1", date(2018, 12, 1), "make_up", True),
    ]


@pytest.mark.parametrize(
    ("transport", "message"),
    [
        ({"kind": "http", "url": "https://host.example/api"}, "an Ed-Fi host needs transport.kind: http and a secret."),
        ({"kind": "http", "url": "http://host.example/api", "secret": "env:EDFI_KEY"}, "the url is no https address."),
        ({"kind": "http", "url": "https://host.example/api", "secret": "env:EDFI_KEY"}, "5 files, 0 errors"),
    ],
)
def test_declared_host_is_judged(
    transport: dict[str, str], message: str, tmp_path: Path, host: EdfiFake, capsys: pytest.CaptureFixture[str]
) -> None:
    """A host without a key, or asked in the clear, is told by check."""
    district = made(tmp_path, host, transport=transport)
    main(["check", str(district.folder)])
    told = capsys.readouterr()
    assert message in told.out + told.err
