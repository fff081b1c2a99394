"""Collection as districts meet it: Riverbend's planted faults, repeats, kills, a bucket, and New York's real files."""

import json
import os
import re
import signal
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from aimline.commands.collection import CollectReport, collect
from aimline.context import open_context
from aimline.demo import WorldOptions, deliver, make_world
from aimline.journal import Event
from aimline.warehouse import connect, quote_literal
from tests.support import object_servers
from tests.support.door import KEY, SCHOOLS, events_of, good_rows, marks, put, tree_bytes
from tests.support.killing import Nursery

OK = good_rows()
FILE = "sis/att_20261007.csv"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pseudonyms of these tests are made with one key."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)


def night(state: Path, day: str, deployment: str = "riverbend") -> CollectReport:
    """Collect as of a day."""
    context = open_context(deployment, as_of=date.fromisoformat(day), state=str(state))
    try:
        return collect(context)
    finally:
        context.journal.close()


def events(state: Path, *kinds: str) -> list[Event]:
    """Return the events of a state root."""
    context = open_context("riverbend", as_of=date(2027, 1, 1), state=str(state))
    try:
        return context.journal.events(*kinds)
    finally:
        context.journal.close()


@pytest.fixture(scope="module")
def riverbend(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    """A small Riverbend, collected on the nights on which something planted arrives or is missed."""
    root = tmp_path_factory.mktemp("riverbend")
    make_world(root / "world", 11, WorldOptions(students=600, schools=3, years=2))
    faults = json.loads((root / "world" / "truth" / "faults.json").read_text(encoding="utf-8"))
    _leave_out_sound_days(root / "world" / "drops.csv", {fault["path"] for fault in faults})
    days = {date.fromisoformat(fault["arrives_on"]) for fault in faults}
    patch = pytest.MonkeyPatch()
    patch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    since = None
    for day in sorted(days | {date(2026, 9, 23), date(2026, 10, 2), date(2026, 11, 13)}):
        deliver(root / "world", root / "state" / "inbox", since, day)
        since = day
        night(root / "state", day.isoformat())
    patch.undo()
    return root / "state", faults


def _leave_out_sound_days(plan: Path, kept: set[str]) -> None:
    """Take from the plan of arrivals the many attendance files nothing was done to: reading each takes its time."""
    lines = plan.read_text(encoding="utf-8").splitlines()
    daily = re.compile(r"sis/(att|taken)_2026")
    wanted = [line for line in lines if not daily.match(line) or line.split(",")[0] in kept]
    plan.write_text("\n".join([*wanted, ""]), encoding="utf-8")


def found_as(fault: dict, told: list[Event]) -> bool:
    """Say whether the journal tells of a planted fault under its code."""
    name, code, count = Path(fault["path"]).name, fault["code"], len(fault["records"])
    mine = [event for event in told if event.payload.get("name") == name]
    if code == "duplicate_file":
        return any(event.payload.get("outcome") == code for event in mine)
    if code == "not_arrived":
        due = (date(2026, 11, 13)).isoformat()
        late = [event.payload for event in told if event.kind == "arrival_late"]
        return any(each["expected_on"] == due and each["source_id"].startswith("sis_attendance") for each in late)
    batches = [event.payload for event in mine if event.kind == "batch_accepted"]
    counts = [each["quarantined"].get(code, each["ignored"].get(code)) for each in batches]
    if code == "late_correction":
        return len(batches) == 2 and batches[0]["slots"] == batches[1]["slots"]
    return count in counts or any(code in each["notes"] for each in batches)


def test_every_planted_fault_is_found_by_its_code(riverbend: tuple[Path, list[dict]]) -> None:
    """Nothing that was done to the vendors' files passes silently, and nothing else is refused but placeholders."""
    state, faults = riverbend
    told = events(state)
    assert [fault["fault"] for fault in faults if not found_as(fault, told)] == []
    refused = Counter()
    for event in told:
        if event.kind == "batch_accepted" and event.payload["entity"] != "responses":
            refused.update(event.payload["quarantined"])
    planted = Counter()
    for fault in faults:
        if fault["fault"].startswith(("bad_", "lost_")):
            planted[fault["code"]] += len(fault["records"])
    assert refused == planted
    assert [event.payload["reason"] for event in events(state, "batch_held")] == []


def test_every_delivery_balances(riverbend: tuple[Path, list[dict]]) -> None:
    """Received is accepted, quarantined and ignored, to the record, and the accepted rows are in the file."""
    state, _ = riverbend
    batches = [event.payload for event in events(state, "batch_accepted")]
    assert len(batches) > 80
    for told in batches:
        assert told["n_received"] == told["n_accepted"] + told["n_quarantined"] + told["n_ignored"], told["name"]
    files = [state / f"accepted/{told['entity']}/batch={told['batch_id']}/part-0.parquet" for told in batches]
    listed = ", ".join(quote_literal(str(path)) for path in files)
    with connect(role="memory") as connection:
        rows = connection.rows(
            f"select batch, sum(n)::int as n from (select parse_path(file_name)[-2][7:] as batch, num_rows as n "
            f"from parquet_file_metadata([{listed}])) group by batch"
        )
    assert {row["batch"]: row["n"] for row in rows} == {told["batch_id"]: told["n_rows"] for told in batches}


def test_nothing_personal_leaves_the_landing(riverbend: tuple[Path, list[dict]]) -> None:
    """Numbers and names of students are in the bytes that came and nowhere else, the journal included."""
    state, _ = riverbend
    roster = max((state / "inbox" / "sis").glob("roster_2026*.csv")).read_text(encoding="utf-8").splitlines()
    numbers = "|".join(line.split(",")[0] for line in roster[1:200])
    number = re.compile(rf"(?<!\d)({numbers})(?!\d)".encode())
    for folder in ("accepted", "quarantine", "ledger", "cache"):
        for path in (state / folder).rglob("*"):
            held = path.read_bytes() if path.is_file() else b""
            assert number.search(held) is None, path
            assert b"Castillo" not in held


def test_same_night_twice_changes_nothing(riverbend: tuple[Path, list[dict]]) -> None:
    """Nothing new came: no event, no file."""
    state, _ = riverbend
    before, told = tree_bytes(state, "landing", "accepted", "quarantine"), events_count(state)
    last = max(event.as_of for event in events(state))
    report = night(state, last.isoformat())
    assert report.is_unchanged
    assert tree_bytes(state, "landing", "accepted", "quarantine") == before
    assert events_count(state) == told


def events_count(state: Path) -> int:
    """Return how many events there are."""
    return len(events(state))


def test_same_bytes_are_one_batch(tmp_path: Path) -> None:
    """Under the same name or another, once more: noted, met as expected, and not read again."""
    put(tmp_path, "sis/schools_20260701.csv", SCHOOLS.encode())
    put(tmp_path, FILE, marks(*OK))
    night(tmp_path, "2026-10-08")
    put(tmp_path, FILE, marks(*OK))
    put(tmp_path, "sis/att_20261008.csv", marks(*OK))
    report = night(tmp_path, "2026-10-09")
    (attendance,) = [each for each in report.sources if each.source_id == "sis_attendance"]
    assert (attendance.state, attendance.batches, attendance.n_duplicates) == ("unchanged", (), 2)
    received = [
        event.payload for event in events(tmp_path, "received") if event.payload["source_id"] == "sis_attendance"
    ]
    assert [each["outcome"] for each in received] == ["landed", "duplicate_file", "duplicate_file"]
    assert received[-1]["expected_on"] == "2026-10-09"


def test_same_bytes_that_mean_something_else_are_another_batch(tmp_path: Path) -> None:
    """The same list of staff a year later is that year's list: its name says which window and year it is for."""
    put(tmp_path, "sis/schools_20260701.csv", SCHOOLS.encode())
    listed = marks("71001,staff,0101,,N", heading="Person,Class,School,Grade,Opt Out")
    put(tmp_path, "survey/eligible_staff_survey_20251105.csv", listed)
    night(tmp_path, "2026-07-01")
    put(tmp_path, "survey/eligible_staff_survey_20261104.csv", listed)
    night(tmp_path, "2026-11-04")
    batches = [event.payload for event in events(tmp_path, "batch_accepted")]
    lists = [told for told in batches if told["source_id"] == "survey_roster"]
    assert [told["slots"] for told in lists] == [["staff_survey.2026"], ["staff_survey.2027"]]
    assert [told["received_at"][:10] for told in lists] == ["2026-07-01", "2026-11-04"]
    assert len({told["sha256"] for told in lists}) == 1


def fill(state: Path) -> None:
    """Put the same few files into an inbox, at the same times."""
    put(state, "sis/schools_20260701.csv", SCHOOLS.encode())
    put(state, FILE, marks(*OK, "100999,0101,02/30/2026,A,6,6"))
    put(state, "sis/att_20261006.csv", b"")
    for path in (state / "inbox").rglob("*.csv"):
        os.utime(path, (1_790_000_000, 1_790_000_000))


def ended(state: Path) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Collect, and return every byte and event there is then."""
    night(state, "2026-10-08")
    context = open_context("riverbend", as_of=date(2026, 10, 8), state=str(state))
    told = events_of(context.journal)
    context.journal.close()
    return tree_bytes(state, "landing", "accepted", "quarantine"), told


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """What a collection that nobody disturbed leaves behind."""
    state = tmp_path_factory.mktemp("whole")
    patch = pytest.MonkeyPatch()
    patch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    fill(state)
    found = ended(state)
    patch.undo()
    return found


@pytest.mark.parametrize("point", [1, 55, 58, 61, 64])
def test_killed_collection_ends_as_an_unbroken_one(point: int, tmp_path: Path, unbroken, forks: Nursery) -> None:
    """Killed while something is landed, written or told, run again: the same bytes, the same events."""
    fill(tmp_path)
    number, after = divmod(point - 1, 2)
    words = ("collect", "riverbend", "--as-of", "2026-10-08", "--state", str(tmp_path))
    only = ("put_if_absent", "move_into_place", "append")
    assert forks.verb(*words, die_at=number, after=bool(after), only=only).killed_by == signal.SIGKILL
    assert ended(tmp_path) == unbroken


@pytest.mark.parametrize("bucket", ["moto"], indirect=True)
def test_source_in_a_bucket_is_collected_like_a_folder(bucket: str, tmp_path: Path) -> None:
    """Objects below a prefix are fetched and read; a changed one is a new delivery, another prefix is not seen."""
    from tests.support.declared import changed_copy

    put(tmp_path / "state", "sis/schools_20260701.csv", SCHOOLS.encode())
    old = '{kind: local, url: "state:inbox/sis", match: ["att_{date:%Y%m%d}.csv"'
    new = f'{{kind: s3, url: "{bucket}/sis", match: ["att_{{date:%Y%m%d}}.csv"'
    copy = str(changed_copy(tmp_path / "copy", "sources.yml", old, new))
    server = object_servers.client(os.environ["AWS_ENDPOINT_URL"])
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    place = {"Bucket": name, "Key": f"{prefix}/sis/att_20261007.csv"}
    server.put_object(**place, Body=marks(*OK))
    server.put_object(Bucket=name, Key=f"{prefix}/other/att_20261008.csv", Body=marks(*OK))
    first = night(tmp_path / "state", "2026-10-08", copy)
    server.put_object(**place, Body=marks(*OK[1:]))
    second = night(tmp_path / "state", "2026-10-09", copy)
    assert [brought(report, "sis_attendance") for report in (first, second)] == [[100], [99]]


def brought(report: CollectReport, source_id: str) -> list[int]:
    """Return the records each delivery of a source brought."""
    return [b["n_accepted"] for each in report.sources if each.source_id == source_id for b in each.batches]


def test_bucket_that_is_away_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer is a transient failure of its source alone; the flow can tell and try again."""
    from aimline.errors import SourceTransientError
    from tests.support.declared import changed_copy

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for name, value in object_servers.ACCESS.items():
        monkeypatch.setenv(name, value)
    put(tmp_path / "state", "sis/schools_20260701.csv", SCHOOLS.encode())
    old = '{kind: local, url: "state:inbox/sis", match: ["att_{date:%Y%m%d}.csv"'
    new = '{kind: s3, url: "s3://away/sis", match: ["att_{date:%Y%m%d}.csv"'
    copy = str(changed_copy(tmp_path / "copy", "sources.yml", old, new))
    report = night(tmp_path / "state", "2026-10-08", copy)
    assert [(each.source_id, each.is_transient) for each in report.failed] == [("sis_attendance", True)]
    assert [each.state for each in report.sources if each.source_id == "sis_schools"] == ["accepted"]
    with pytest.raises(SourceTransientError, match="sis_attendance: S3 list failed"):
        report.raise_transient()


@pytest.fixture(scope="module")
def nyc_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state root of New York."""
    return tmp_path_factory.mktemp("nyc")


@pytest.fixture(scope="module")
def nyc(nyc_state: Path, shared_data: Path) -> dict[str, list[dict]]:
    """New York's files, collected; the batches of each source."""
    patch = pytest.MonkeyPatch()
    patch.setenv("AIMLINE_NYC_DATA", str(shared_data))
    report = night(nyc_state, "2014-06-27", "nyc")
    patch.undo()
    return {each.source_id: [dict(batch) for batch in each.batches] for each in report.sources}


def test_new_yorks_days_balance(nyc: dict[str, list[dict]]) -> None:
    """388,690 rows: one citywide total a date ignored by name, four days with one to three schools refused."""
    (daily,) = nyc["nyc_daily"]
    assert (daily["n_received"], daily["n_accepted"]) == (388_690, 388_412)
    assert (daily["ignored"], daily["quarantined"]) == ({"totals_row": 271}, {"not_a_school_day": 7})
    assert {"closed_or_not_reported", "submission_low"} <= set(daily["notes"])
    assert len(daily["slots"]) == 246


def test_new_yorks_raw_days_are_read_or_held_whole(nyc: dict[str, list[dict]]) -> None:
    """Fourteen files in one archive: two repaired as declared, two cut off and held without a row of them taken."""
    days = {batch["name"].rpartition("/")[2]: batch for batch in nyc["nyc_daily_raw"]}
    assert len(days) == 14
    held = {name: batch["reason"] for name, batch in days.items() if batch.get("reason")}
    assert held == {"20160315.xml": "xml_truncated", "20161220.xml": "xml_truncated"}
    repaired = {name for name, batch in days.items() if "control_chars_repaired" in batch["notes"]}
    assert repaired == {"20130315.xml", "20130318.xml"}
    read = [batch for name, batch in days.items() if name not in held]
    assert sum(batch["n_received"] for batch in read) == 19_458
    assert sum(batch["n_accepted"] for batch in read) == 19_446
    assert all(batch["ignored"] == {"totals_row": 1} for batch in read)


def test_new_yorks_survey_counts_records(nyc: dict[str, list[dict]]) -> None:
    """1,829 records in 1,831 lines, nine figures each; what the publisher did not print is not applicable, not 0."""
    (survey,) = nyc["nyc_school_survey"]
    assert (survey["n_accepted"], survey["n_rows"], survey["ignored"]) == (1_829, 9 * 1_829, {"header_row": 1})


def test_schools_that_did_not_submit_stay_missing(nyc: dict[str, list[dict]], nyc_state: Path) -> None:
    """A mark that nothing was sent has no share; no day of a school is 0 %."""
    path = quote_literal(str(nyc_state / "accepted" / "attendance_counts" / "*" / "*.parquet"))
    shares = {
        "n_missing": "status = 'not_submitted'",
        "n_filled": "status = 'not_submitted' and attendance_share is not null",
        "n_zero": "attendance_share = 0",
    }
    counts = ", ".join(f"count(*) filter (where {which}) as {name}" for name, which in shares.items())
    with connect(role="memory") as connection:
        rows = connection.rows(f"select source_id, {counts} from read_parquet({path}) group by all order by all")
    assert [tuple(row.values()) for row in rows] == [("nyc_daily", 14_204, 0, 0), ("nyc_daily_raw", 739, 0, 0)]
