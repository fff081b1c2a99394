"""What ``load``, ``rows`` and ``school_year`` of a source say has the effect they say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aimline.cli import main
from aimline.context import open_context
from aimline.transform.landed import Tonight, land
from aimline.transform.visible import see
from aimline.warehouse import connect
from tests.support.door import KEY
from tests.support.small_district import District, source

COLUMNS = [
    {"name": "school_id", "from": ["School"], "type": "id", "pattern": "\\d{4}"},
    {"name": "on_date", "from": ["Day"]},
    {"name": "status", "value": "reported"},
    {"name": "n_enrolled", "from": ["Enrolled"]},
    {"name": "n_present", "from": ["Present"]},
]
PEOPLE = [
    {"name": "student_key", "from": ["Student"]},
    {"name": "school_id", "value": "0001"},
    {"name": "grade", "from": ["Grade"]},
    {"name": "entered_on", "from": ["Entered"]},
    {"name": "school_year", "from": ["Year"]},
]
MARKS = [
    {"name": "student_key", "from": ["Student"]},
    {"name": "school_id", "value": "0001"},
    {"name": "on_date", "from": ["Day"]},
    {"name": "category", "value": "unexcused"},
    {"name": "absence_fraction", "value": "1"},
    {"name": "raw_code", "value": "U"},
]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pseudonyms of these tests are made with one key."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)


def counts(folder: Path, load: dict[str, Any], *more: dict[str, Any], **rest: Any) -> District:
    """Return a district with one feed of counts."""
    return District(folder, source("counts", "attendance_counts", [*COLUMNS, *more], load=load, **rest))


def table(*rows: str, heading: str = "School,Day,Enrolled,Present") -> bytes:
    """Return a file."""
    return "\n".join([heading, *rows, ""]).encode()


def current(district: District, entity: str, columns: str) -> list[tuple[Any, ...]]:
    """Return what a build sees of an entity, in order."""
    context = open_context(str(district.folder), as_of=None, state=str(district.state))
    seen = see(context.journal, context.clock.as_of, datetime.max.replace(tzinfo=UTC))
    with connect(role="memory") as connection:
        land(connection, context.store, seen, Tonight(context.clock.as_of, "b", "smalltown", "c"))
        rows = connection.rows(f"select {columns} from landed.{entity} order by all")
    context.journal.close()
    return [tuple(row.values()) for row in rows]


OLD = ("0001,2019-01-07,20,18", "0002,2019-01-07,20,17", "0001,2019-01-08,20,16", "0002,2019-01-08,20,15")
SEEN = "school_id, right(on_date::varchar, 1), n_present"


@pytest.mark.parametrize(
    ("schools", "expected"),
    [
        ("file", [("0001", "7", 19), ("0001", "8", 16), ("0002", "7", 17), ("0002", "8", 15)]),
        ("all", [("0001", "7", 19), ("0001", "8", 16), ("0002", "8", 15)]),
    ],
)
def test_delivery_replaces_what_it_covers(tmp_path: Path, schools: str, expected: list[Any]) -> None:
    """Days of the file, with its schools or with all: rows of other days and schools stay as they were."""
    district = counts(tmp_path, {"mode": "full", "coverage": {"dates": ["on_date"], "schools": schools}})
    for on, rows in (("2019-01-09", OLD), ("2019-01-10", ("0001,2019-01-07,20,19",))):
        district.put(f"{on}.csv", table(*rows))
        assert district.collect(on)["exit"] == 0
    assert current(district, "attendance_counts", SEEN) == expected


def test_school_without_rows_on_a_covered_day_is_empty(tmp_path: Path) -> None:
    """A key inside the coverage and absent from the file is gone, although nothing stands in its place."""
    district = counts(tmp_path, {"mode": "full", "coverage": {"dates": ["on_date"], "schools": "file"}})
    for on, rows in (("2019-01-09", OLD), ("2019-01-10", (*OLD[:1], *OLD[3:]))):
        district.put(f"{on}.csv", table(*rows))
        assert district.collect(on)["exit"] == 0
    assert current(district, "attendance_counts", SEEN) == [("0001", "7", 18), ("0002", "8", 15)]


def test_changes_add_replace_and_take_back(tmp_path: Path) -> None:
    """Of a source that sends changes the newest row of a key stands, and one that is taken back is gone."""
    gone = {"name": "is_deleted", "when": {"State": {"tobedeleted": "true", "else": "false"}}}
    district = counts(tmp_path, {"mode": "delta"}, gone)
    heading = "School,Day,Enrolled,Present,State"
    first = ("0001,2019-01-07,20,18,active", "0002,2019-01-07,20,17,active")
    second = ("0001,2019-01-07,20,19,active", "0002,2019-01-07,,,tobedeleted", "0003,2019-01-07,9,9,active")
    for on, rows in (("2019-01-08", first), ("2019-01-09", second)):
        district.put(f"{on}.csv", table(*rows, heading=heading))
        assert district.collect(on)["exit"] == 0
    assert current(district, "attendance_counts", SEEN) == [("0001", "7", 19), ("0003", "7", 9)]


def test_row_is_taken_back_by_a_source_of_changes_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Anywhere else the column is unknown, and what a source covers must be days it replaces."""
    load = {"mode": "append", "coverage": {"dates": ["on_date"]}}
    district = counts(tmp_path, load, {"name": "is_deleted", "value": "false"})
    assert main(["check", str(district.folder)]) == 2
    text = "".join(capsys.readouterr())
    assert "a delivery that replaces nothing (append) covers nothing." in text
    assert "'is_deleted'" in text


def roster(*years: int, n: int = 40) -> bytes:
    """Return the members of some years; a new one comes in each year and the oldest leaves."""
    rows = []
    for year in years:
        first = 10 * (year - 2018)
        rows += [f"{1000 + first + number},{(number // 10) % 4 + 1},{year - 1}-08-20,{year}" for number in range(n)]
    return table(*rows, heading="Student,Grade,Entered,Year")


def people(**rest: Any) -> dict[str, Any]:
    """Return the feed of members."""
    return source(
        "people", "enrollment", PEOPLE, match="people*.csv", load={"mode": "full", "slot": "{school_year}"}, **rest
    )


def marks(first: int, n: int = 30) -> bytes:
    """Return marks of one day, of students by their number."""
    return table(*(f"{first + number},2019-01-07" for number in range(n)), heading="Student,Day")


@pytest.mark.parametrize(
    ("evidence", "first", "reason"),
    [
        (["roster"], 1000, "wrong_school_year"),
        (["roster"], 1012, None),
        (["dates"], 1000, None),
        (["labels"], 1012, "year_unknown"),
        (["dates", "roster"], 1000, "year_conflict"),
    ],
)
def test_only_declared_signs_tell_the_year(tmp_path: Path, evidence: list[str], first: int, reason: str | None) -> None:
    """People of last year's roster tell of last year where people count as a sign; absent labels tell nothing."""
    rule = {"label": "spanning", "evidence": evidence, "require": True}
    feed = source("marks", "attendance_events", MARKS, match="marks*.csv", school_year=rule)
    district = District(tmp_path, people(), feed, years=(2018, 2019))
    district.put("people.csv", roster(2018, 2019))
    district.put("marks.csv", marks(first))
    (batch,) = [each for each in district.batches() if each["name"] == "marks.csv"]
    assert batch.get("reason") == reason


def test_grades_a_year_below_the_roster_tell_of_last_year(tmp_path: Path) -> None:
    """Where everybody stayed, the grades still say whose list it is."""
    rule = {"label": "spanning", "evidence": ["roster"], "require": True}
    answers = [
        {"name": "roster_id", "value": "r"},
        {"name": "window_id", "value": "w"},
        {"name": "respondent_key", "from": ["Student"]},
        {"name": "respondent_class", "value": "student"},
        {"name": "school_id", "value": "0001"},
        {"name": "grade", "from": ["Grade"]},
        {"name": "frozen_at", "value": "2019-01-07 08:00:00"},
    ]
    feed = source("list", "roster", answers, match="list*.csv", school_year=rule, format={"type": "csv", "zone": "UTC"})
    district = District(tmp_path, people(), feed, years=(2018, 2019))
    district.put("people.csv", table(*(f"{n},{n % 4 + 2},2018-08-20,2019" for n in range(40)), heading=PEOPLE_HEADING))
    district.put("list.csv", table(*(f"{n},{n % 4 + 1}" for n in range(40)), heading="Student,Grade"))
    (batch,) = [each for each in district.batches() if each["name"] == "list.csv"]
    assert batch["reason"] == "wrong_school_year"
    assert "2017-18" in batch["detail"]


PEOPLE_HEADING = "Student,Grade,Entered,Year"


@pytest.mark.parametrize(("per_key", "reason"), [(1, None), (4, "rows_out_of_band")])
def test_rows_are_expected_by_the_roster(tmp_path: Path, per_key: int, reason: str | None) -> None:
    """Thirty rows of thirty people are one for each; where four for each are declared, most are missing."""
    feed = source(
        "marks",
        "attendance_events",
        MARKS,
        match="marks*.csv",
        arrival={"rows": {"per_key": per_key, "hold": [0.7, 2]}},
    )
    district = District(tmp_path, people(), feed)
    district.put("people.csv", roster(2019, n=30))
    district.put("marks.csv", marks(1010))
    (batch,) = [each for each in district.batches() if each["name"] == "marks.csv"]
    assert batch.get("reason") == reason


def test_feed_that_brings_an_old_day_is_stale(tmp_path: Path) -> None:
    """A file under the name of the day that holds an older one arrived, and is no arrival: its newest day says so."""
    expected = {"expected": {"every": "school_day", "by": "06:00", "through": "previous_school_day"}}
    load = {"mode": "full", "slot": "{on_date}"}
    district = counts(tmp_path, load, arrival=expected, match="att_{date:%Y%m%d}.csv")
    for on, name in (("2019-01-08", "att_20190107.csv"), ("2019-01-09", "att_20190108.csv")):
        district.put(name, table(f"0001,2019-01-07,20,{on[-1]}"))
        district.collect(on)
    code, text = district.run("arrivals", "--json", on="2019-01-09")
    rows = {each["slot"]: each for each in json.loads(text)["arrivals"]}
    states = [(rows[on]["state"], rows[on]["newest_event_on"]) for on in ("2019-01-08", "2019-01-09")]
    assert (code, states) == (1, [("accepted", "2019-01-07"), ("stale", "2019-01-07")])
