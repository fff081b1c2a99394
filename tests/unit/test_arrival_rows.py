"""Rows at the door: each cell read as its type or refused under a code, records kept whole, people made pseudonyms."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from aimline.arrival.written import slot_sql
from aimline.storage import decrypt
from tests.support.door import HEADING, Door, balance, good_rows, marks

OK = good_rows()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One door for all tests of this file; each hands in bytes of its own."""
    opened = Door(tmp_path_factory.mktemp("door"), days={date(2026, 10, 7): True, date(2026, 10, 10): False})
    yield opened
    opened.close()


def test_marks_become_events(door: Door) -> None:
    """Codes are mapped, dates and numbers typed, the mark kept as written, what is not told left null."""
    outcome = door.marks("100001,0101,10/07/2026,A,3,6")
    (row,) = door.rows("attendance_events", outcome)
    told = {name: row[name] for name in ("on_date", "category", "raw_code", "periods_absent", "periods_scheduled")}
    assert told == {
        "on_date": date(2026, 10, 7),
        "category": "excused",
        "raw_code": "A",
        "periods_absent": 3,
        "periods_scheduled": 6,
    }
    assert (row["absence_fraction"], row["section_id"], row["is_deleted"]) == (None, "", False)


def test_envelope_says_where_a_row_came_from(door: Door) -> None:
    """Source, batch, instant, record and slot stand on every row."""
    outcome = door.marks("100001,0101,10/07/2026,A,6,6", "100002,0101,10/08/2026,A,6,6")
    rows = door.rows("attendance_events", outcome)
    assert [(row["row_no"], row["slot"]) for row in rows] == [(1, "2026-10-07"), (2, "2026-10-08")]
    assert {row["batch_id"] for row in rows} == {outcome.batch_id}
    assert rows[0]["received_at"] == datetime(2026, 10, 8, 9, 30)  # noqa: DTZ001 - the column is UTC without a zone
    assert outcome.slots == ("2026-10-07", "2026-10-08")


BAD = [
    (",0101,10/07/2026,A,6,6", "placeholder_id"),
    ("@X@,0101,10/07/2026,A,6,6", "placeholder_id"),
    ("N/A,0101,10/07/2026,A,6,6", "placeholder_id"),
    ("12,0101,10/07/2026,A,6,6", "id_lost_zeros"),
    ("1O0999,0101,10/07/2026,A,6,6", "id_pattern"),
    ("100999,101,10/07/2026,A,6,6", "id_lost_zeros"),
    ("1009991,0101,10/07/2026,A,6,6", "id_too_long"),
    ("100999.0,0101,10/07/2026,A,6,6", "id_float_damage"),
    ("1.00999E+5,0101,10/07/2026,A,6,6", "id_scientific"),
    ("100999,0199,10/07/2026,A,6,6", "orphan_reference"),
    ("100999,0101,02/30/2026,A,6,6", "date_impossible"),
    ("100999,0101,2026-10-07,A,6,6", "date_impossible"),
    ("100999,0101,10/10/2026,A,6,6", "not_a_school_day"),
    ("100999,0101,10/07/2026,Q,6,6", "code_unknown"),
    ("100999,0101,10/07/2026,,6,6", "value_missing"),
    ("100999,0101,10/07/2026,A,,6", "value_missing"),
    ("100999,0101,10/07/2026,A,1.5,6", "mask_unknown"),
    ("100999,0101,10/07/2026,A,six,6", "mask_unknown"),
    ("100999,0101,10/07/2026,A,-1,6", "value_out_of_range"),
    ("100999,0101,10/07/2026,A,7,6", "value_out_of_range"),
    ("100999,0101,10/07/2026,A,6", "ragged_row"),
    ("100999,0101,10/07/2026,A,6,6,x", "ragged_row"),
]


@pytest.mark.parametrize(("row", "code"), BAD)
def test_bad_record_is_refused_and_the_rest_goes_on(row: str, code: str, door: Door) -> None:
    """One record, one code, its number; everything else of the file is accepted."""
    outcome = door.marks(*OK, row)
    assert dict(outcome.quarantined) == {code: 1}
    assert (outcome.n_accepted, outcome.reason) == (len(OK), "")
    assert outcome.n_received == balance(outcome) == len(OK) + 2
    (refused,) = door.refused("attendance_events", outcome)
    assert (refused["row_no"], refused["codes"][0]) == (len(OK) + 1, code)


HELD = [
    ("100999,0101,10/07/26,A,6,6", "date_two_digit_year"),
    ("100999,0101,46302,A,6,6", "date_excel_serial"),
    ('100999,0101,10/07/2026,A,"1,5",6', "decimal_comma"),
]


@pytest.mark.parametrize(("row", "code"), HELD)
def test_another_way_of_writing_holds_the_whole(row: str, code: str, door: Door) -> None:
    """Where one cell is written in another way the others may be misread: nothing is taken, all is accounted for."""
    outcome = door.marks(*OK, row)
    assert (outcome.reason, outcome.state, outcome.n_accepted) == (code, "held", 0)
    assert outcome.n_received == balance(outcome)


def test_restyled_code_is_the_declared_one(door: Door) -> None:
    """A code in another case is mapped and told."""
    outcome = door.marks(*OK, "100999,0101,10/07/2026,a,6,6")
    assert (outcome.reason, outcome.n_accepted, outcome.notes) == ("", len(OK) + 1, ("code_restyled",))


def test_record_with_two_faults_counts_once(door: Door) -> None:
    """It stands under its first code, with both in its list of reasons."""
    outcome = door.marks(*OK, "100999,0199,02/30/2026,A,6,6")
    assert sum(outcome.quarantined.values()) == 1
    (refused,) = door.refused("attendance_events", outcome)
    assert sorted(refused["codes"]) == ["date_impossible", "orphan_reference"]


def test_same_record_twice_counts_once(door: Door) -> None:
    """What says the same in every declared column is ignored by name, wherever it stands."""
    outcome = door.marks(*OK, OK[0], OK[0])
    assert dict(outcome.ignored) == {"exact_duplicate": 2, "header_row": 1}
    assert (outcome.n_accepted, balance(outcome)) == (len(OK), outcome.n_received)


def test_two_records_that_disagree_are_both_refused(door: Door) -> None:
    """Nobody can tell which of two marks of one student and day is right."""
    outcome = door.marks(*OK, "100999,0101,10/07/2026,A,6,6", "100999,0101,10/07/2026,U,6,6")
    assert dict(outcome.quarantined) == {"key_conflict": 2}


def test_blank_lines_and_notes_are_ignored_by_name(door: Door) -> None:
    """Titles above the heading, empty lines, notes under the table: each has its rule and its count."""
    data = b"Attendance export\n\n" + marks(*OK, "", ",,,,,", "* preliminary,,,,,", "* short")
    (outcome,) = door.take("sis_attendance", "att_20261007.csv", data)
    assert dict(outcome.ignored) == {"title_row": 2, "header_row": 1, "blank_row": 2, "footnote_row": 2}
    assert (outcome.n_accepted, balance(outcome)) == (len(OK), outcome.n_received)


def test_line_break_in_a_cell_is_no_record(door: Door) -> None:
    """Records are counted, not lines; the numbers of those after it are right."""
    roster = "STU ID,Site #,Gr,Enter Dt,Leave Dt,Leave Cd,Primary?,FTE,SY,Student Name,DOB,Cal"
    line = '{0},0101,K,08/19/2026,,,Y,1.000,2026-27,"A\nB",01/01/2020,RIV'
    data = "\n".join([roster, line.format(100001), line.format(100002), ""]).encode()
    (outcome,) = door.take("sis_enrollment", "roster_20261005.csv", data)
    assert (outcome.n_received, outcome.n_accepted) == (3, 2)
    assert [row["row_no"] for row in door.rows("enrollment", outcome)] == [1, 2]


def test_quick_and_exact_reading_agree(door: Door) -> None:
    """A clean file is read at once, one with a blank line record by record: the rows are the same."""
    quick = door.rows("attendance_events", door.marks(*OK))
    exact = door.rows("attendance_events", door.marks(*OK, ""))
    names = set(quick[0]) - {"batch_id"}
    assert [{name: row[name] for name in names} for row in exact] == [
        {name: row[name] for name in names} for row in quick
    ]


@pytest.mark.parametrize(
    "data",
    [
        marks(*OK).replace(b"\n", b"\r\n"),
        marks(*OK).replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + marks(*OK),
        marks(*OK).decode().encode("utf-16"),
        marks(*OK).replace(b",", b";"),
        marks(*OK).rstrip(b"\n"),
    ],
)
def test_other_writing_of_the_same_table_is_read(data: bytes, door: Door) -> None:
    """Line ends, marks, encodings and delimiters of other systems change no row."""
    (outcome,) = door.take("sis_attendance", "att_20261007.csv", data)
    assert (outcome.n_accepted, outcome.n_quarantined, outcome.reason) == (len(OK), 0, "")


def test_declared_heading_row_shows_the_delimiter(door: Door) -> None:
    """Titles above a heading that is declared by its number do not hide how the cells are separated."""
    data = b"Report\nof today\n" + marks(*good_rows(5))
    (outcome,) = door.take("sis_attendance", "att_20261007.csv", data, format={"header": 3})
    assert (outcome.reason, outcome.n_accepted, outcome.ignored["title_row"]) == ("", 5, 2)


def test_what_does_not_fit_waits_in_the_state_root(door: Door) -> None:
    """The largest file takes a bounded memory, and raw ids of it leave the state root no more than others do."""
    (told,) = door.bench.connection.rows(
        "select current_setting('memory_limit') as most, current_setting('temp_directory') as folder"
    )
    assert told["most"].endswith("MiB")
    assert Path(told["folder"]).is_relative_to(door.store.root)


def test_stacked_heading_is_read_as_one(door: Door) -> None:
    """Two rows that make the heading are joined by a space, and counted as headings."""
    heading = "STU,Site,Att,Code,Periods,Periods\nID,#,Date,,Abs,"
    data = marks(*OK[:3], heading=heading)
    (outcome,) = door.take("sis_attendance", "att_20261007.csv", data, format={"header": [1, 2]})
    assert (outcome.n_received, outcome.n_accepted, outcome.ignored["header_row"]) == (5, 3, 2)


def test_two_in_a_hundred_bad_rows_hold_the_whole(door: Door) -> None:
    """Above max_bad_rows nothing is accepted, and every record is accounted for."""
    outcome = door.marks(*good_rows(98), *("100999,0101,10/07/2026,XQ,6,6", "100998,0101,10/07/2026,XQ,6,6"))
    assert (outcome.reason, outcome.n_accepted) == ("", 98)
    outcome = door.marks(*good_rows(97), *(f"10099{n},0101,10/07/2026,XQ,6,6" for n in range(3)))
    assert (outcome.reason, outcome.n_accepted, outcome.slots) == ("too_many_bad_rows", 0, ())
    words = (
        "category: codes nobody declared: 1, in 3 rows: first in line 99, not shown here: a text may tell of a person"
    )
    assert outcome.detail == f"3 of 100 rows: code_unknown 3; {words}; declared are A, I, P, S, T, U"
    assert dict(outcome.quarantined) == {"code_unknown": 3, "too_many_bad_rows": 97}
    assert balance(outcome) == outcome.n_received
    assert not door.store.exists(f"accepted/attendance_events/batch={outcome.batch_id}")


ANSWERS = ",".join(["4"] * 25)
SURVEY = "ResponseID,StudentNumber,School,Grade,Started,Submitted,Secs,Status," + ",".join(
    f"Q{scale}_{item}" for scale, n in ((1, 5), (2, 4), (3, 5), (4, 5), (5, 6)) for item in range(1, n + 1)
)


def survey(door: Door, *rows: str):
    """Hand in an export of the student survey."""
    data = "\n".join([SURVEY, *rows, ""]).encode()
    (outcome,) = door.take("survey_vendor", "sel_sel_survey_fall_20261019.csv", data, arrival={"max_bad_rows": "1"})
    return outcome


def response(number: int, who: str, *, status: str = "Complete", answers: str = ANSWERS) -> str:
    """Return one line of the export."""
    return f"R{number},{who},0101,5,2026-10-15 08:00:00,2026-10-15 08:04:00,240,{status},{answers}"


def test_wide_answers_become_one_row_an_item(door: Door) -> None:
    """Items take their ids from the instrument, in its order; an empty cell was skipped."""
    outcome = survey(door, response(1, "100001", answers="5,," + ",".join(["1"] * 23)))
    rows = door.rows("responses", outcome)
    assert [(row["item_id"], row["option_value"], row["answer_state"]) for row in rows[:3]] == [
        ("belonging_1", "5", "answered"),
        ("belonging_2", "", "skipped"),
        ("belonging_3", "1", "answered"),
    ]
    assert (outcome.n_accepted, outcome.n_rows, len(rows)) == (1, 25, 25)
    assert outcome.slots == ("sel_survey_fall.2027",)


def test_local_times_become_utc(door: Door) -> None:
    """The vendor writes the district's time; rows hold UTC."""
    rows = door.rows("responses", survey(door, response(1, "100001")))
    assert rows[0]["submitted_at"].replace(tzinfo=UTC) == datetime(2026, 10, 15, 13, 4, tzinfo=UTC)
    assert rows[0]["duration_seconds"] == Decimal(240)


def test_trials_and_placeholders_end_at_the_door(door: Door) -> None:
    """A trial is ignored; an id that was never filled in is refused, by the instrument's patterns as well."""
    rows = [response(1, "100001"), response(2, "test01", status="Preview")]
    rows += [response(3 + n, who) for n, who in enumerate(("@X@", "@X@1", "0000", "test09"))]
    outcome = survey(door, *rows, response(9, ""))
    assert dict(outcome.quarantined) == {"placeholder_id": 4}
    assert dict(outcome.ignored) == {"header_row": 1, "preview": 1}
    keys = {row["response_id"]: row["respondent_key"] for row in door.rows("responses", outcome)}
    assert keys["R9"] is None
    assert set(keys) == {"R1", "R9"}


def test_respondent_is_the_student(door: Door) -> None:
    """A student's key is one wherever the number stands; the same number of staff is somebody else."""
    (answer, *_) = door.rows("responses", survey(door, response(1, "100001")))
    (mark,) = door.rows("attendance_events", door.marks("100001,0101,10/07/2026,A,6,6"))
    listed = b"Person,Class,School,Grade,Opt Out\n100001,staff,0101,,N\n100001,student,0101,5,N\n"
    (outcome,) = door.take("survey_roster", "eligible_staff_survey_20261007.csv", listed)
    staff, student = (row["respondent_key"] for row in door.rows("roster", outcome))
    assert answer["respondent_key"] == mark["student_key"] == student
    assert staff != student


def test_attributes_that_are_empty_make_no_row(door: Door) -> None:
    """What nobody told of a student is not told; the record counts all the same."""
    data = b"STU ID,SY,EL,SWD,FRL,Gender,Race\n100001,2026-27,N,,Y,F,WH\n"
    (outcome,) = door.take("sis_attributes", "attrib_20261005.csv", data)
    rows = door.rows("student_attributes", outcome)
    assert [row["attribute"] for row in rows] == ["english_learner", "economic", "sex", "race_ethnicity"]
    assert {row["valid_from"] for row in rows} == {date(2026, 8, 19)}
    assert (outcome.n_received, outcome.n_accepted, outcome.n_rows) == (2, 1, 4)


def test_agreed_level_has_a_label_and_no_rater(door: Door) -> None:
    """The team's level is nobody's; raters are pseudonyms."""
    rows = ("0101,climate,R1,2,N,10/07/2026", "0101,climate,TEAM,3,Y,10/07/2026")
    data = marks(*rows, heading="School,Item,Rater,Level,Consensus,Rated On")
    (outcome,) = door.take("rubric_form", "rubric_rubric_fall_20261104.csv", data)
    one, agreed = door.rows("rubric_ratings", outcome)
    assert agreed["rater_key"] == "consensus"
    assert one["rater_key"].startswith("k1_")
    assert outcome.slots == ("rubric_fall.2027",)


def test_no_id_is_written_in_clear(door: Door) -> None:
    """Accepted and refused files hold no number of a student, a name or a birthday."""
    outcome = door.marks(*OK, "100777,0101,10/07/2026,XQ,6,6")
    for folder in ("accepted", "quarantine"):
        held = b"".join(path.read_bytes() for path in (door.root / "state" / folder).rglob("*.parquet"))
        assert b"100777" not in held
        assert b"100001" not in held
    assert outcome.n_quarantined == 1


def test_refused_record_is_kept_sealed_where_there_is_a_key(door: Door) -> None:
    """With a key of the quarantine the record can be read again, in its place alone; without one it is not kept."""
    row = "100888,0101,10/07/2026,XQ,6,6"
    assert door.refused("attendance_events", door.marks(*OK, row))[0]["row_enc"] is None
    door.bench.quarantine_key = b"k" * 32
    outcome = door.marks(*good_rows(99), row)
    (refused,) = door.refused("attendance_events", outcome)
    door.bench.quarantine_key = None
    opened = decrypt(b"k" * 32, refused["row_enc"], f"{outcome.batch_id}:100".encode())
    assert opened == b'["100888", "0101", "10/07/2026", "XQ", "6", "6"]'


def test_same_bytes_same_batch(door: Door) -> None:
    """Reading again gives the same id, the same file, the same account; another declaration another id."""
    first, again = door.marks(*OK[:9]), door.marks(*OK[:9])
    assert first == again
    assert door.marks(*OK[:9], codes={"category": {"A": "unexcused"}}).batch_id != first.batch_id


YEAR = 'cast(year("on_date") + (month("on_date") >= 7)::int as varchar)'


@pytest.mark.parametrize(
    ("template", "sql"),
    [
        ("{on_date}", '(cast("on_date" as varchar))'),
        ("all", "('all')"),
        (
            "{window}.{school_year}",
            "('fall' || '.' || cast(year(\"on_date\") + (month(\"on_date\") >= 7)::int as varchar))",
        ),
    ],
)
def test_slot_is_a_column_a_year_or_a_fact(template: str, sql: str) -> None:
    """What a delivery replaces is read from its rows where it can be, else from its name."""
    assert slot_sql("attendance_events", template, {"on_date"}, {"window": "fall"}) == sql


def test_heading_of_the_door_is_the_declared_one(door: Door) -> None:
    """The rows these tests hand in have the heading Riverbend declares."""
    declared = [column.from_[0] for column in door.source("sis_attendance").columns]
    assert set(declared) == set(HEADING.split(","))
