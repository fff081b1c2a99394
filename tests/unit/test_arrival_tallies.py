"""Large files are checked by what their columns say, and named as columns: what comes of them is as of small ones."""

import json
from pathlib import Path

import pytest

from aimline.arrival import profiles, tallies
from aimline.arrival.pseudonyms import Pseudonyms
from tests.support.door import Door, good_rows

N = 700
BAD = (
    "100999,0101,13/45/2026,A,6,6",
    "101000,0101,10/07/2026,?,6,6",
    "101001,9999,10/07/2026,A,6,6",
    ",0101,10/07/2026,A,6,6",
    "1001.0,0101,10/07/2026,A,x,6",
    "100001,0101,10/07/2026,A,6,6",
    "100002,0101,10/07/2026,A,5,6",
    ",,,,,",
)


def test_checks_by_texts_find_what_checks_by_records_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file with each kind of bad row, counted by combinations and not: the same codes, the same good rows."""
    found = []
    for number, large in enumerate((10**9, 1)):
        monkeypatch.setattr(tallies, "LARGE", large)
        door = Door(tmp_path / str(number))
        outcome = door.marks(*good_rows(N), *BAD)
        refused = [(row["row_no"], row["codes"], row["columns"]) for row in door.refused("attendance_events", outcome)]
        profile = door.store.read(f"accepted/attendance_events/batch={outcome.batch_id}/profile.json")
        found.append((outcome, refused, profile, door.rows("attendance_events", outcome)))
        door.close()
    assert found[0] == found[1]
    assert len(found[0][1]) == 7  # five bad rows and two that share a key; a copy and a blank line are no bad rows


def test_short_files_are_described_by_all_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from the texts themselves or by the database: as many filled cells, and as many numbers among them."""
    found = []
    for number, sample in enumerate((2_000, 100)):
        monkeypatch.setattr(profiles, "_SAMPLE", sample)
        door = Door(tmp_path / str(number))
        outcome = door.marks(*good_rows(N), "1001.5e3,0101,10/07/2026,A,.5,", " ,0101,10/07/2026,A,٣,6")
        told = json.loads(door.store.read(f"accepted/attendance_events/batch={outcome.batch_id}/profile.json"))
        counts = ("n", "n_filled", "n_numbers", "n_typed")
        found.append({name: [each[count] for count in counts] for name, each in told["columns"].items()})
        door.close()
    assert found[0] == found[1]
    assert found[0]["stu id"] == [N + 2, N + 1, N + 1, N + 1]
    assert found[0]["periods abs"] == [N + 2, N + 2, N + 1, N + 2]


def test_each_of_many_records_gets_its_own_pseudonym(tmp_path: Path) -> None:
    """Rows stay in the order of their file, each with the pseudonym its id alone would have; an id's twice is one."""
    door = Door(tmp_path)
    outcome = door.marks(*good_rows(N), "100005,0101,10/06/2026,A,6,6")
    rows = door.rows("attendance_events", outcome)
    one = Pseudonyms("riverbend", b"0123456789abcdef0123456789abcdef")
    ids = [*(str(100_001 + number) for number in range(N)), "100005"]
    assert [row["row_no"] for row in rows] == list(range(1, N + 2))
    assert [row["student_key"] for row in rows] == [one.of("student", each) for each in ids]
    door.close()
