"""Ten kinds of bad files, handed in as a vendor would: the message each gives, and nothing lost."""

import gzip
import json
import re
from pathlib import Path

import pytest

from aimline.cli import main
from aimline.context import open_context
from tests.support.door import KEY, SCHOOLS, good_rows, marks, put

DAY = "2026-10-08"
FILE = "sis/att_20261007.csv"
OK = good_rows()
AGAIN = "Ask the sender for the whole file and put it in the same place."
XQ = 'codes nobody declared: 1, in 10 rows: "XQ" in 10 rows, first in line 12; declared are A, I, P, S, T, U'
WHERE = "Declare under codes.category of sis_attendance in sources.yml"

HELD = {
    "empty": (b"", "empty_file. the file has no rows.", AGAIN),
    "heading_alone": (marks(), "empty_file. the file has no rows.", AGAIN),
    "web_page": (
        b"<!DOCTYPE html><title>Sign in</title>",
        "type_by_content. it is a web page, declared as csv.",
        AGAIN,
    ),
    "packed": (
        gzip.compress(marks(*OK)),
        "type_by_content. it is a packed or binary file, declared as csv.",
        AGAIN,
    ),
    "control_characters": (
        marks(*OK).replace(b"0101", b"01\x1a01", 2),
        "control_chars. 2 of them.",
        "Declare repair: [strip_control_chars].",
    ),
    "unknown_encoding": (
        marks(*OK, "100999,\x81é,,,,").replace("é".encode(), b"\xe9\x81"),
        "encoding_unknown. the text is in no declared encoding.",
        "Ask the sender for UTF-8.",
    ),
    "no_delimiter": (
        marks(*OK).replace(b",", b" "),
        "delimiter_ambiguous. no delimiter gives one constant width.",
        "Declare format.delimiter.",
    ),
    "open_quote": (marks(*OK, '"100999,0101,10/07/2026,A,6,6'), "quote_broken. a quoted field is never closed.", AGAIN),
    "column_gone": (
        marks(*OK, heading="STU ID,Site #,Att Date,Periods Abs,Reason,Periods"),
        "column_removed. 'Code'.",
        'aimline accept riverbend BATCH --absent "category" --absent "raw_code" --until DATE',
    ),
    "column_twice": (
        marks(*OK, heading="STU ID,Site #,Att Date,Code,Periods,Periods"),
        "column_duplicated. 'periods'.",
        "Declare it in sources.yml, or ask the sender to restore the layout.",
    ),
    "mostly_wrong": (
        marks(*good_rows(10), *(f"1008{n:02d},0101,10/07/2026,XQ,6,6" for n in range(10))),
        f"code_list_changed. category: {XQ}.",
        f"{WHERE} what it means, then collect again, or ask the sender to restore it.",
    ),
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state root with an inbox that holds the list of schools."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    put(tmp_path, "sis/schools_20260701.csv", SCHOOLS.encode())
    return tmp_path


def run(verb: str, state: Path, *more: str) -> int:
    """Run a verb of Riverbend on the day."""
    return main([verb, "riverbend", "--as-of", DAY, "--state", str(state), *more])


def test_each_bad_file_gives_its_message_and_loses_nothing(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them in one night: each is held under its own name with what to do; the bytes are kept as they came."""
    for number, (data, _, _) in enumerate(HELD.values()):
        put(state, f"sis/att_202610{11 + number}.csv", data)
    taken = marks("0101,10/07/2026,K,K-01,Y,10/07/2026 8:10 AM", heading="Site #,Att Date,Gr,HR,Taken,Taken At")
    put(state, "sis/taken_20261007.csv", taken)
    assert run("collect", state) == 4
    out = re.sub(r"(?<=riverbend )[0-9a-f]{8}", "BATCH", capsys.readouterr().out)
    for _, message, remedy in HELD.values():
        fate = "refused" if message.startswith("type_by_content") else "held"
        assert f"{fate}: {message} Nothing was loaded. Remedy: {remedy}" in out
    kept = [path.read_bytes() for path in (state / "landing" / "sis_attendance").rglob("data")]
    assert sorted(kept) == sorted(data for data, _, _ in HELD.values())
    assert "sis_attendance_taken  1" in out


def test_file_that_is_mended_is_accepted(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole file under the same name takes the place of the one that was held."""
    put(state, FILE, marks(*OK).replace(b",A,", b",XQ,"))
    assert run("collect", state) == 4
    assert run("quarantine", state) == 1
    put(state, FILE, marks(*OK))
    assert run("collect", state) == 0
    capsys.readouterr()
    assert run("quarantine", state, "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["quarantine"]
    assert (row["state"], row["code"], row["n_records"]) == ("replaced", "code_unknown", 100)


def test_declaring_what_was_unknown_lets_it_in(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The remedy of an unknown code is a line in sources.yml: the file that was held is read again and accepted."""
    from tests.support.declared import changed_copy

    put(state, FILE, marks(*OK).replace(b",A,", b",XQ,"))
    assert run("collect", state) == 4
    copy = changed_copy(tmp_path / "copy", "sources.yml", "{A: excused, U", "{A: excused, XQ: excused, U")
    words = ["--as-of", "2026-10-09", "--state", str(state)]
    assert main(["collect", str(copy), *words]) == 0
    assert "sis_attendance  1           101       100       0            1" in capsys.readouterr().out
    assert main(["collect", str(copy), *words, "--json"]) == 0
    assert {each["state"] for each in json.loads(capsys.readouterr().out)["sources"]} == {"unchanged"}


def test_codes_that_let_the_rest_in_are_named(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten rows of six hundred are refused: which code, its line, the remedy; and again the day after."""
    put(state, FILE, marks(*good_rows(600), *(f"2000{n:02d},0101,10/07/2026,XQ,6,6" for n in range(10))))
    assert run("collect", state) == 0
    words = f"category: {XQ}".replace("line 12", "line 602")
    out = capsys.readouterr().out
    assert f"sis_attendance: att_20261007.csv: code_unknown 10 quarantined. {words}" in out
    assert "Remedy: Map it under codes in sources.yml." in out
    assert run("quarantine", state, "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["quarantine"]
    assert row["detail"].startswith(words)


def test_refused_rows_are_shown_by_number(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A person sees code, column and record, and never the value."""
    put(state, FILE, marks(*OK, "100999,0101,02/30/2026,A,6,6"))
    assert run("collect", state) == 0
    assert "sis_attendance: att_20261007.csv: date_impossible 1 quarantined." in capsys.readouterr().out
    assert run("quarantine", state, "--json", "--code", "date_impossible") == 0
    (row,) = json.loads(capsys.readouterr().out)["quarantine"]
    assert (row["columns"], row["rows"], row["state"]) == (["on_date"], [101], "accepted")
    assert "100999" not in json.dumps(row)


def test_nothing_is_taken_in_without_a_key(state: Path, monkeypatch, capsys, tmp_path_factory) -> None:
    """Ids of people need the key for pseudonyms; without it not even the list of schools is read."""
    monkeypatch.delenv("AIMLINE_PSEUDONYM_KEY")
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path_factory.mktemp("home")))
    assert run("collect", state) == 2
    told = capsys.readouterr().err
    assert "The pseudonym key is missing. Set AIMLINE_PSEUDONYM_KEY (at least 32 bytes, base64)." in told
    assert not (state / "landing").exists()


def test_key_of_the_home_is_made_once(state: Path, monkeypatch, tmp_path_factory) -> None:
    """A key file that its owner alone can read does as well, and is never replaced."""
    from aimline.arrival import make_key_file

    monkeypatch.delenv("AIMLINE_PSEUDONYM_KEY")
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path_factory.mktemp("home")))
    path = make_key_file("riverbend")
    before = path.read_bytes()
    assert make_key_file("riverbend").read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o600
    assert run("collect", state) == 0


def test_source_that_fails_stops_no_other(tmp_path: Path, monkeypatch, capsys) -> None:
    """A folder nobody named is told with its remedy; the exit code says a source failed."""
    monkeypatch.delenv("AIMLINE_NYC_DATA", raising=False)
    assert main(["collect", "nyc", "--as-of", "2014-06-27", "--state", str(tmp_path)]) == 3
    out = capsys.readouterr().out
    assert "nyc_daily could not be read: AIMLINE_NYC_DATA is not set." in out
    assert "Set AIMLINE_NYC_DATA to the folder that holds the files." in out
    context = open_context("nyc", as_of=None, state=str(tmp_path))
    told = {event.subject_id: event.payload["owner_role"] for event in context.journal.events("source_failed")}
    context.journal.close()
    assert told["nyc_daily"] == "data_engineer"


def test_late_delivery_is_told_once_with_its_owner(state: Path, capsys) -> None:
    """What was due and did not come is told on the night it is late, once; when it comes it meets its expectation."""
    assert run("collect", state) == 0
    capsys.readouterr()
    words = ["riverbend", "--as-of", "2026-10-09", "--state", str(state)]
    assert main(["collect", *words]) == 0
    line = "sis_attendance is late: expected on 2026-10-09, owner data_engineer."
    assert line in capsys.readouterr().out
    assert main(["collect", *words]) == 0
    assert line not in capsys.readouterr().out
    assert main(["arrivals", *words]) == 1
    put(state, "sis/att_20261008.csv", marks(*OK).replace(b"10/07", b"10/08"))
    assert main(["collect", *words]) == 0
    context = open_context("riverbend", as_of=None, state=str(state))
    (batch,) = [e.payload for e in context.journal.events("batch_accepted") if e.payload["name"] == "att_20261008.csv"]
    context.journal.close()
    assert batch["expected_on"] == "2026-10-09"
