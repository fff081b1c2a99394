"""Files that are not read yet: still growing, without their marker, under another name, late."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest

from aimline.arrival import intake
from aimline.cli import main
from aimline.clock import Clock
from aimline.commands import _offers
from aimline.commands._collecting import collect
from aimline.context import open_context
from tests.acceptance.test_accept import CODES, COLUMNS, day
from tests.support.small_district import District, source

MATCH = "att_{date:%Y%m%d}.csv"


def made(tmp_path: Path, **transport: Any) -> District:
    """Return a district whose feed of counts is expected every school day."""
    declared = source(
        "counts",
        "attendance_counts",
        COLUMNS,
        codes=CODES,
        match=MATCH,
        load={"mode": "full", "slot": "{on_date}"},
        arrival={"expected": {"every": "school_day", "by": "04:00", "through": "previous_school_day"}},
    )
    declared["transport"] |= transport
    return District(tmp_path, declared)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long collection waited between looks, without waiting."""
    found: list[float] = []
    monkeypatch.setattr(_offers, "sleep", found.append)
    return found


def test_file_that_stays_as_it_is_is_read(tmp_path: Path, waits: list[float]) -> None:
    """Two looks a minute apart that show the same are enough."""
    district = made(tmp_path, settle={"checks": 2, "every_s": 60})
    district.put("att_20190109.csv", day("2019-01-09"))
    assert [batch["n_accepted"] for batch in district.batches()] == [40]
    assert waits == [60]


def test_file_that_grows_is_left_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed between two looks is not read; the look of this night is the first of the next."""
    district = made(tmp_path, settle={"checks": 2, "every_s": 60})
    path = district.put("att_20190109.csv", day("2019-01-09", 10))
    monkeypatch.setattr(_offers, "sleep", lambda _seconds: path.write_bytes(day("2019-01-09", 20)))
    (told,) = district.collect()["sources"]
    assert (told["batches"], [alarm["code"] for alarm in told["alarms"]]) == ([], ["half_written"])
    monkeypatch.setattr(_offers, "sleep", lambda _seconds: pytest.fail("the night before looked already"))
    assert [batch["n_accepted"] for batch in district.batches("2019-01-11")] == [20]


def test_marker_says_that_a_file_is_whole(tmp_path: Path) -> None:
    """Either of the two alone is told; both together are read."""
    district = made(tmp_path, settle={"marker": "{name}.done"})
    district.put("att_20190109.csv", day("2019-01-09"))
    district.put("att_20190108.csv.done", b"")
    (told,) = district.collect()["sources"]
    assert sorted(alarm["code"] for alarm in told["alarms"]) == ["file_without_marker", "marker_without_file"]
    assert told["batches"] == []
    district.put("att_20190109.csv.done", b"")
    assert [batch["n_accepted"] for batch in district.batches()] == [40]


def test_unfinished_names_are_never_offered(tmp_path: Path) -> None:
    """What a sender names as unfinished is not looked at."""
    district = made(tmp_path, match=["*"])
    for name in ("a.csv.part", "a.csv.tmp", ".a.csv", "~a.csv", "a.csv.crdownload", "a.csv.filepart"):
        district.put(name, day("2019-01-09"))
    assert district.batches() == []


def test_file_that_was_read_is_put_away(tmp_path: Path) -> None:
    """After it is kept and told it moves beside, where it is declared; it is never deleted."""
    district = made(tmp_path, after="move:archive/")
    district.put("att_20190109.csv", day("2019-01-09"))
    assert len(district.batches()) == 1
    assert [path.relative_to(district.inbox).as_posix() for path in district.inbox.rglob("*.csv")] == [
        "archive/att_20190109.csv"
    ]
    assert district.batches() == []


def test_late_feed_is_told_with_the_file_that_looks_like_it(tmp_path: Path) -> None:
    """At the due time of a feed that did not come, a file of another name with its headings is named."""
    district = made(tmp_path)
    district.put("att_20190109.csv", day("2019-01-09"))
    assert district.collect("2019-01-10")["late"] == []
    district.put("attendance_daily_v2.csv", day("2019-01-10"))
    told = district.collect("2019-01-11")
    (late,) = told["late"]
    named = "attendance_daily_v2.csv looks like counts (5 of 5 columns)"
    assert (late["expected_on"], late["looks_like"]) == ("2019-01-11", named)
    assert [alarm["code"] for alarm in told["sources"][0]["alarms"]] == ["file_renamed"]
    assert told["sources"][0]["next_due"] is not None
    assert (
        "counts is late: expected on 2019-01-14, owner data_engineer. attendance_daily_v2.csv looks like"
        in (district.run("collect", on="2019-01-14")[1])
    )


def test_full_disk_is_told_and_nothing_half_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source failed and is tried again; once there is space the same delivery is accepted whole."""
    district = made(tmp_path)
    district.put("att_20190109.csv", day("2019-01-09"))

    def full(*_: Any) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(intake, "write_accepted", full)
        code, text = district.run("collect")
    assert (code, "counts could not be read: disk_full" in text, district.events("received")) == (3, True, [])
    assert [batch["state"] for batch in district.batches()] == ["accepted"]


def test_clock_that_went_back_does_not_turn_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes while the machine's clock is an hour behind counts as come with the newest event, and says so."""
    district = made(tmp_path)
    told = iter([datetime(2019, 1, 10, 12, tzinfo=UTC), datetime(2019, 1, 10, 11, tzinfo=UTC)])
    batches = []
    for name, now in (("att_20190109.csv", next(told)), ("att_20190110.csv", next(told))):
        district.put(name, day(f"{name[4:8]}-{name[8:10]}-{name[10:12]}"))
        monkeypatch.setattr(Clock, "instant", lambda _self, now=now: now)
        context = open_context(str(district.folder), as_of=date(2019, 1, 10), state=str(district.state))
        context = replace(context, clock=replace(context.clock, is_live=True))
        batches += [batch for source in collect(context).sources for batch in source.batches]
        context.journal.close()
    assert [batch["received_at"] for batch in batches] == ["2019-01-10T12:00:00+00:00"] * 2
    assert ["clock_back" in batch["findings"] for batch in batches] == [False, True]


def test_dry_run_reads_nothing(tmp_path: Path) -> None:
    """What waits is named; no event is written and nothing is kept."""
    district = made(tmp_path)
    district.put("att_20190109.csv", day("2019-01-09"))
    code, text = district.run("collect", "--dry-run")
    assert (code, "counts: att_20190109.csv" in text) == (0, True)
    assert district.events("received") == []
    assert not (district.state / "landing").exists()


def test_one_source_may_be_collected_alone(tmp_path: Path) -> None:
    """Others wait; a name nobody declared is refused with those that are."""
    district = made(tmp_path)
    district.put("att_20190109.csv", day("2019-01-09"))
    code, text = district.run("collect", "--source", "count")
    assert (code, "there is no source 'count'. Sources: counts." in text) == (2, True)
    assert district.run("collect", "--source", "counts")[0] == 0


def test_what_waits_names_what_it_endangers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A survey's export endangers its window, marks the next meeting of the board; what is past due today is late."""
    assert main(["arrivals", "riverbend", "--as-of", "2026-10-20", "--state", str(tmp_path), "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)["arrivals"]
    told = {(row["source_id"], row["slot"]): (row["state"], row["endangers"], row["school_days_left"]) for row in rows}
    assert told["survey_vendor", "2026-10-26"] == ("expected", "2027_sel_survey_fall", 10)
    assert told["sis_enrollment", "2026-10-26"] == ("expected", "board.2026-11-10", 15)
    assert told["sis_attendance", "2026-10-20"] == ("late", "board.2026-11-10", 15)
