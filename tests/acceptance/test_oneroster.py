"""OneRoster deliveries through the command: what is taken, what is counted, what holds them, what a delta changes."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.support.door import KEY
from tests.support.oneroster_made import SOURCE, Roster, small, zipped
from tests.support.small_district import District, source


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)


def made(tmp_path: Path, **more: Any) -> District:
    """Return a district whose roster comes as OneRoster."""
    return District(tmp_path, SOURCE | more)


def by_file(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the batches of a run by the name of their file."""
    batches = [batch for each in told["sources"] for batch in each["batches"]]
    return {batch["name"].rpartition("/")[2]: batch for batch in batches}


def rows_of(district: District, batches: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each entity as the build sees them, without what names the delivery."""
    own = "* exclude (batch_id, received_at, row_no, batch)"
    taken = [batch for batch in batches.values() if batch["n_rows"]]
    return {each["entity"]: sorted(district.rows(each["entity"], each["batch_id"], own), key=str) for each in taken}


def test_whole_export_becomes_schools_memberships_and_attributes(tmp_path: Path) -> None:
    """Every record of every file is a row, is refused, or is ignored under a rule."""
    district = made(tmp_path)
    district.put("or_20190108.zip", small().bulk())
    told = district.collect()
    found = by_file(told)
    assert told["exit"] == 0
    users = found["users.csv"]
    assert (users["n_received"], users["n_accepted"], users["n_rows"]) == (15, 12, 15)
    assert users["ignored"] == {"header_row": 1, "staff": 1, "family": 1}
    assert found["orgs.csv"]["ignored"] == {"header_row": 1, "not_a_school": 1}
    assert found["classes.csv"]["ignored"] == {"header_row": 1, "class_level": 1}
    for batch in found.values():
        assert batch["n_received"] == batch["n_accepted"] + batch["n_quarantined"] + batch["n_ignored"]


def test_nothing_of_a_person_leaves_the_bytes_that_came(tmp_path: Path) -> None:
    """Names, addresses, passwords, birthdays and raw ids stand in no accepted row and in no other file."""
    district = made(tmp_path)
    district.put("or_20190108.zip", small().bulk())
    rows = rows_of(district, by_file(district.collect()))
    assert all(row["student_key"].startswith("k1_") for row in rows["enrollment"])
    held = [path.read_bytes() for path in district.state.rglob("*") if path.is_file() and "landing" not in path.parts]
    assert not [1 for data in held if b"Marker" in data or b"marker" in data or b"2010-01-01" in data]


def test_teachers_are_known_by_their_key_where_rooms_are_visited(tmp_path: Path) -> None:
    """A teacher is staff of each school; a visit by somebody the list does not have is refused."""
    roster = SOURCE | {"entities": [*SOURCE["entities"], "staff"]}
    names = ("walkthrough_id", "school_id", "room_key", "observer_key", "item_id", "rating")
    columns = [{"name": name, "from": [name]} for name in names] + [{"name": "on_date", "value": "2019-01-09"}]
    arrival = {"max_bad_rows": 0.9, "key_overlap": {"with": "staff", "hold": 0.1}}
    walks = source("walks", "walkthroughs", columns, match="walks.csv", arrival=arrival, contains_people=True)
    district = District(tmp_path, roster, walks)
    district.put("or_20190108.zip", small().bulk())
    staff = by_file(district.collect())["users.csv (staff)"]
    assert (staff["entity"], staff["n_accepted"], staff["n_received"]) == ("staff", 1, 15)
    school = rows_of(district, {"staff": staff})["staff"][0]["school_id"]
    lines = [f"v{n},{school},room,{person},warm,3" for n, person in enumerate(("t1", "stranger"))]
    district.put("walks.csv", "\n".join([",".join(names), *lines, ""]).encode())
    batch = by_file(district.collect("2019-01-11"))["walks.csv"]
    assert (batch["n_accepted"], batch["quarantined"]) == (1, {"unknown_person": 1})


def test_memberships_begin_with_the_session(tmp_path: Path) -> None:
    """The school year and its first day come from the session of type schoolYear."""
    district = made(tmp_path)
    district.put("or_20190108.zip", small().bulk())
    rows = rows_of(district, by_file(district.collect()))
    assert {(row["school_year"], str(row["entered_on"]), row["slot"]) for row in rows["enrollment"]} == {
        (2019, "2018-08-20", "2019")
    }
    assert {row["level"] for row in rows["schools"]} == {"elementary"}
    assert {row["attribute"] for row in rows["student_attributes"]} == {"sex", "race_ethnicity"}


def test_roles_of_1_2_are_memberships(tmp_path: Path) -> None:
    """Where roles are a file of their own, each of a student in a school is a membership, with its days and rank."""
    roster = small(2)
    roster.files["users"] = {
        key: {name: value for name, value in user.items() if name not in {"role", "orgSourcedIds"}}
        for key, user in roster.files["users"].items()
    }
    roster.put("roles", "r0", userSourcedId="u0", role="student", orgSourcedId="s1", roleType="primary")
    roster.put("roles", "r1", userSourcedId="u1", role="student", orgSourcedId="s2", beginDate="2018-10-01")
    roster.put("roles", "r2", userSourcedId="t1", role="teacher", orgSourcedId="s2")
    district = made(tmp_path)
    district.put("or_20190108.zip", roster.bulk())
    found = by_file(district.collect())
    rows = rows_of(district, found)["enrollment"]
    assert {(row["school_id"], str(row["entered_on"]), row["is_primary"]) for row in rows} == {
        ("s1", "2018-08-20", True),
        ("s2", "2018-10-01", None),
    }
    assert found["users.csv"]["ignored"] == {"header_row": 1, "read_with_roles": 4}


def test_declared_field_holds_the_number_of_a_student(tmp_path: Path) -> None:
    """A student is known by the field other systems use; the same number gives the same pseudonym."""
    first = made(tmp_path / "a", ids={"student": "identifier", "school": "sourcedId"})
    roster = small()
    first.put("or_20190108.zip", roster.bulk())
    keys = {row["student_key"] for row in rows_of(first, by_file(first.collect()))["enrollment"]}
    other = made(tmp_path / "b")
    for name in ("users", "demographics"):
        roster.files[name] = {
            key: {**each, "sourcedId": str(1000 + int(key[1:]))} if key[0] == "u" else each
            for key, each in roster.files[name].items()
        }
    roster.files["enrollments"] = {}
    other.put("or_20190108.zip", roster.bulk())
    assert {row["student_key"] for row in rows_of(other, by_file(other.collect()))["enrollment"]} == keys


def test_reference_to_nobody_is_refused(tmp_path: Path) -> None:
    """A user of an unknown org, an org below an unknown one, attributes of an unknown user: each is quarantined."""
    roster = small()
    roster.put("users", "u90", orgSourcedIds="s9", role="student", grades="03")
    roster.put("orgs", "s3", name="School 3", type="school", parentSourcedId="d9")
    roster.put("demographics", "u91", sex="male")
    roster.put("classes", "c2", title="2b", schoolSourcedId="s1", termSourcedIds="y9")
    district = made(tmp_path, arrival={"max_bad_rows": 0.5})
    district.put("or_20190108.zip", roster.bulk())
    found = by_file(district.collect())
    for name in ("users.csv", "orgs.csv", "demographics.csv", "classes.csv"):
        assert found[name]["quarantined"] == {"orphan_reference": 1}, name
        assert found[name]["state"] == "accepted_with_findings"


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (small().bulk(manifest=False), "it has no manifest.csv"),
        (zipped({"orgs": []}, {"orgs": "bulk", "users": "bulk"}), "not there: users"),
        (zipped({"orgs": [], "users": []}, {"orgs": "bulk", "users": "absent"}), "there, and absent in the manifest"),
        (zipped({"orgs": []}, {"orgs": "all"}), "unknown mode of orgs"),
        (small().delta(Roster()), "came before any bulk"),
    ],
)
def test_manifest_that_disagrees_holds_the_delivery(tmp_path: Path, data: bytes, detail: str) -> None:
    """What the manifest says and what is there must agree; nothing of it is loaded."""
    district = made(tmp_path)
    district.put("or_20190108.zip", data)
    told = district.collect()
    (batch,) = told["sources"][0]["batches"]
    assert (told["exit"], batch["reason"], batch["n_accepted"]) == (4, "manifest_disagrees", 0)
    assert detail in batch["detail"]


def test_delta_without_stamps_is_held(tmp_path: Path) -> None:
    """Records that changed must say when; otherwise nobody can tell what they change."""
    district, roster = made(tmp_path), small()
    district.put("or_20190107.zip", roster.bulk())
    changed = copy.deepcopy(roster).put("users", "u1", orgSourcedIds="s2", role="student", grades="04")
    district.put("or_20190108.zip", changed.delta(roster, stamp=""))
    told = district.collect()
    held = [batch for batch in told["sources"][0]["batches"] if batch["state"] == "held"]
    assert [(batch["reason"], batch["detail"]) for batch in held] == [("delta_without_stamp", "1 records of users")]


def test_delta_on_a_bulk_is_the_new_bulk(tmp_path: Path) -> None:
    """Records added, changed, moved and deleted: the rows are those of a new whole export."""
    before, after = small(), small(14)
    after.put("users", "u1", orgSourcedIds="s1,s2", role="student", grades="05")
    after.put("orgs", "s3", name="School 3", type="school", parentSourcedId="d")
    after.put("users", "u2", orgSourcedIds="s3", role="student", grades="12")
    for name in ("users", "demographics"):
        del after.files[name]["u5"]
    by_delta, by_bulk = made(tmp_path / "a"), made(tmp_path / "b")
    by_delta.put("or_20190107.zip", before.bulk())
    by_bulk.put("or_20190107.zip", before.bulk())
    by_delta.collect("2019-01-07")
    by_bulk.collect("2019-01-07")
    by_delta.put("or_20190109.zip", after.delta(before))
    by_bulk.put("or_20190109.zip", after.bulk())
    changed, whole = by_file(by_delta.collect()), by_file(by_bulk.collect())
    assert rows_of(by_delta, changed) == rows_of(by_bulk, whole)
    assert changed["users.csv"]["ignored"]["superseded"] == 3
    assert changed["users.csv"]["ignored"]["withdrawn"] == 1
    assert len(rows_of(by_bulk, whole)["enrollment"]) == 16


def test_same_delivery_twice_changes_nothing(tmp_path: Path) -> None:
    """A second run reads nothing again, and the same bytes by another name are the same delivery."""
    district = made(tmp_path)
    district.put("or_20190108.zip", small().bulk())
    district.collect()
    district.put("or_20190109.zip", small().bulk())
    told = district.collect()
    assert (told["sources"][0]["batches"], told["sources"][0]["n_duplicates"]) == ([], 1)


def test_replay_without_a_change_has_nothing_to_do(tmp_path: Path) -> None:
    """Its own list of schools is no news to a delivery, and neither is what it was held for before."""
    district = made(tmp_path, school_year={"label": "fall"})
    district.put("or_20190108.zip", small().bulk())
    (held,) = by_file(district.collect()).values()
    words = ("--year", "2019", "--by", "p_014", "--reason", "The dates are right.")
    assert (held["reason"], district.run("accept", held["batch_id"], *words)[0]) == ("year_conflict", 0)
    assert district.run("replay", on="2019-01-11") == (0, "nothing to do\n")


def test_last_years_export_is_held_where_the_year_must_show(tmp_path: Path) -> None:
    """Sessions of another year than that of the delivery's day hold it; a lone year is read as declared."""
    district = made(tmp_path, school_year={"label": "spring", "require": True})
    roster = small()
    roster.files["academicSessions"]["y"] |= {"startDate": "2017-08-20", "endDate": "2018-06-01", "schoolYear": "2018"}
    district.put("or_20190108.zip", roster.bulk())
    roster.files["academicSessions"]["y"] |= {"schoolYear": "2017"}
    district.put("or_20190109.zip", roster.bulk())
    batches = district.collect()["sources"][0]["batches"]
    assert [batch["reason"] for batch in batches] == ["wrong_school_year", "year_conflict"]


def test_hostile_archive_is_refused_unread(tmp_path: Path) -> None:
    """What is no zip, or leaves its folder, is refused by the guard before the connector sees it."""
    district = made(tmp_path)
    district.put("or_20190108.zip", b"<html>log in</html>")
    district.put("or_20190109.zip", small().bulk(more={"../evil.csv": b"a,b\n"}))
    batches = district.collect()["sources"][0]["batches"]
    assert [(batch["state"], batch["reason"]) for batch in batches] == [
        ("refused", "type_by_content"),
        ("refused", "zip_slip"),
    ]
