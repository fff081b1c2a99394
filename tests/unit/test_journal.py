"""The journal: written once, never changed; a claim has one live holder, and each holder a higher fence."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from aimline import journal as journal_module
from aimline._processes import this_process
from aimline.errors import BusyError
from aimline.journal import DATABASE, Event, Journal, delivery_id, open_journal
from aimline.storage import LocalStore

AT = datetime(2026, 10, 7, 9, 30, tzinfo=UTC)
DAY = date(2026, 10, 7)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "state")


@pytest.fixture
def journal(store: LocalStore) -> Iterator[Journal]:
    opened = open_journal(store)
    yield opened
    opened.close()


def an_event(key: str = "k1", **parts: Any) -> Event:
    """Return an event with what a test does not care about filled in."""
    told = {"kind": "received", "subject_id": "b1", "as_of": DAY, "payload": {"n_rows": 3}} | parts
    return Event(idempotency_key=key, **told)


def an_alert(event_id: str = "e1", **parts: Any) -> dict[str, Any]:
    """Return a row of an alert's event."""
    return {"event_id": event_id, "alert_id": "a1", "as_of": DAY, "episode": 1, "payload": {"n": 1}} | parts


def test_event_comes_back_as_it_was_written(journal: Journal) -> None:
    """Kind, subject, day, payload, run and instant survive; the journal adds its place."""
    journal.append([an_event(run_id="riverbend-20261007")], at=AT)
    (found,) = journal.events()
    assert found == an_event(run_id="riverbend-20261007", at=AT, seq=1)


def test_append_returns_what_was_new(journal: Journal) -> None:
    """A second event with a known key is not written, and the caller can tell."""
    assert [event.seq for event in journal.append([an_event("k1"), an_event("k2")], at=AT)] == [1, 2]
    later = journal.append([an_event("k1", payload={"n_rows": 9}), an_event("k3")], at=AT)
    assert [event.idempotency_key for event in later] == ["k3"]
    assert [event.payload for event in journal.events()] == [{"n_rows": 3}] * 3


def test_append_is_all_or_nothing(journal: Journal) -> None:
    """An event that cannot be written leaves none of its company."""
    with pytest.raises(TypeError, match="set does not belong in a payload"):
        journal.append([an_event("k1"), an_event("k2", payload={"rows": {1}})], at=AT)
    assert journal.events() == []


def test_event_without_a_kind_is_an_error(journal: Journal) -> None:
    """Leaving out known events must not leave out broken ones silently."""
    with pytest.raises(sa.exc.IntegrityError):
        journal.append([an_event(kind=None)], at=AT)


def test_payload_holds_dates_as_text(journal: Journal) -> None:
    """A day is written as ISO, an instant in UTC."""
    in_chicago = datetime(2026, 10, 7, 4, 30, tzinfo=ZoneInfo("America/Chicago"))
    journal.append([an_event(payload={"on": DAY, "at": in_chicago})], at=AT)
    assert journal.events()[0].payload == {"on": "2026-10-07", "at": "2026-10-07T09:30:00+00:00"}


def test_events_are_found_by_kind_subject_and_day(journal: Journal) -> None:
    """Every question narrows the answer, in the order of writing."""
    tomorrow = DAY + timedelta(days=1)
    events = [an_event("k1"), an_event("k2", kind="delivery"), an_event("k3", subject_id="b2", as_of=tomorrow)]
    journal.append(events, at=AT)
    assert [event.seq for event in journal.events("received")] == [1, 3]
    assert [event.seq for event in journal.events("received", "delivery")] == [1, 2, 3]
    assert [event.seq for event in journal.events(subject_id="b2")] == [3]
    assert [event.seq for event in journal.events(until=DAY)] == [1, 2]


@pytest.mark.parametrize("table", ["events", "alert_events", "alert_deliveries"])
@pytest.mark.parametrize("statement", ["update {} set rowid = 99", "delete from {}"])
def test_journal_refuses_to_change_what_was_written(
    table: str, statement: str, journal: Journal, store: LocalStore
) -> None:
    """Not even by hand: the triggers are in the database."""
    journal.append([an_event()], at=AT)
    journal.append_alert_events([an_alert()])
    journal.append_deliveries([{"event_id": "e1", "recipient": "r1", "channel": "mail", "state": "sent"}])
    by_hand = sqlite3.connect(store.path(DATABASE))
    with pytest.raises(sqlite3.IntegrityError, match="the journal is append-only"):
        by_hand.execute(statement.format(table))
    by_hand.close()


def test_journal_is_there_for_the_next_process(store: LocalStore) -> None:
    """What one process wrote another reads; opening again changes nothing."""
    for key in ("k1", "k2"):
        opened = open_journal(store)
        opened.append([an_event(key)], at=AT)
        opened.close()
    opened = open_journal(store)
    assert [event.idempotency_key for event in opened.events()] == ["k1", "k2"]
    opened.close()


def test_reader_does_not_wait_for_a_writer(journal: Journal, store: LocalStore) -> None:
    """A look at the journal works while another process is in the middle of writing."""
    journal.append([an_event()], at=AT)
    writer = sqlite3.connect(store.path(DATABASE), isolation_level=None)
    writer.execute("begin immediate")
    assert len(journal.events()) == 1
    writer.execute("rollback")
    writer.close()


def test_alert_event_is_told_once(journal: Journal) -> None:
    """The id of an alert's event is its identity; a repeat is left out."""
    assert len(journal.append_alert_events([an_alert("e1"), an_alert("e2")])) == 2
    assert journal.append_alert_events([an_alert("e1", episode=7)]) == []
    assert [(row["event_id"], row["episode"], row["payload"]) for row in journal.alert_events()] == [
        ("e1", 1, {"n": 1}),
        ("e2", 1, {"n": 1}),
    ]
    assert journal.alert_events()[0]["as_of"] == "2026-10-07"


def test_delivery_counts_its_states(journal: Journal) -> None:
    """Each change of state of one delivery has the next number; who, what and how name the delivery."""
    told = {"event_id": "e1", "recipient": "r1", "channel": "mail"}
    journal.append_deliveries([told | {"state": "sending"}, told | {"state": "failed"}])
    journal.append_deliveries([told | {"state": "sent"}, told | {"channel": "folder", "state": "sent"}])
    rows = [(row["delivery_id"], row["seq"], row["state"]) for row in journal.deliveries()]
    mail, folder = delivery_id("e1", "r1", "mail"), delivery_id("e1", "r1", "folder")
    assert rows == [(mail, 1, "sending"), (mail, 2, "failed"), (mail, 3, "sent"), (folder, 1, "sent")]


def test_memory_tells_the_newest_of_each_figure(journal: Journal) -> None:
    """What was printed last counts; what was printed before the day asked for is forgotten."""
    told = {"population_id": "p", "cell_id": "c", "status": "visible", "n": 20, "x": 1.5, "of_whom": None, "value": 0.5}
    days = [("r1", 1, "2026-09-01"), ("r1", 2, "2026-09-01"), ("r2", 1, "2026-10-01"), ("r3", 3, "2020-10-01")]
    rows = [told | {"release_id": name, "figure_bits": bits, "as_of": day} for name, bits, day in days]
    journal.append_disclosure_memory(rows)
    found = [(row["figure_bits"], row["as_of"]) for row in journal.disclosure_memory(date(2022, 1, 1))]
    assert found == [(2, "2026-09-01"), (1, "2026-10-01")]


def test_an_older_memory_gets_the_columns_it_was_made_without(tmp_path: Path) -> None:
    """What a release printed before people were compared is read with nothing said of who joined."""
    row = {"release_id": "r1", "figure_bits": 1, "population_id": "p", "cell_id": "c", "as_of": "2026-09-01"}
    held = "release_id text, figure_bits integer, population_id text, cell_id text, as_of text, status text, n integer"
    with closing(sqlite3.connect(tmp_path / "ledger")) as older:
        older.execute(
            f"create table disclosure_memory ({held}, x float, of_whom float, value float, "
            "primary key (release_id, figure_bits))"
        )
        older.execute(
            "insert into disclosure_memory (release_id, figure_bits, population_id, cell_id, as_of) "
            "values (?, ?, ?, ?, ?)",
            tuple(row.values()),
        )
        older.commit()
    journal = Journal(tmp_path / "ledger")
    journal.append_disclosure_memory([row | {"figure_bits": 2, "n_joined": 0, "n_left": 12}])
    told = [(each["n_joined"], each["n_left"]) for each in journal.disclosure_memory(date(2026, 1, 1))]
    journal.close()
    assert told == [(None, None), (0, 12)]


def test_claim_is_held_by_one(journal: Journal) -> None:
    """While one holds a name another is told by whom; afterwards it is free, with a higher fence."""
    with journal.claim("writer:riverbend", owner="build one", at=AT) as first:
        with (
            pytest.raises(BusyError, match="'writer:riverbend' is held by build one"),
            journal.claim("writer:riverbend", owner="build two", at=AT),
        ):
            pass
        with journal.claim("source:roster", owner="collect", at=AT) as other:
            assert other.fence == 1
    with journal.claim("writer:riverbend", owner="build two", at=AT) as second:
        assert (first.fence, second.fence) == (1, 2)


def test_claim_ends_with_an_error(journal: Journal) -> None:
    """A step that fails lets go of what it held."""
    with pytest.raises(RuntimeError), journal.claim("writer", owner="one", at=AT):
        raise RuntimeError
    with journal.claim("writer", owner="two", at=AT) as lease:
        assert lease.owner == "two"


HOLD = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from aimline.journal import open_journal
from aimline.storage import LocalStore
journal = open_journal(LocalStore(Path(sys.argv[1])))
with journal.claim("writer", owner="the other", at=datetime(2026, 10, 7, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_claim_of_a_killed_process_is_free(journal: Journal, store: LocalStore, project_root: Path) -> None:
    """A live process keeps its claim however late it is; a killed one has none, however early."""
    command = [sys.executable, "-c", HOLD, str(store.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=project_root) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        late = AT + timedelta(days=400)
        with pytest.raises(BusyError, match="the other"), journal.claim("writer", owner="me", at=late):
            pass
        other.kill()
        other.wait()
    with journal.claim("writer", owner="me", at=AT - timedelta(days=400)) as lease:
        assert lease.fence == 2


def held_by(store: LocalStore, process: str, expires_at: datetime) -> None:
    """Write a claim of another process by hand."""
    by_hand = sqlite3.connect(store.path(DATABASE))
    row = ("writer", "the other", 4, expires_at.isoformat(timespec="seconds"), process)
    by_hand.execute("insert into claims (name, owner_token, fence, expires_at, process) values (?, ?, ?, ?, ?)", row)
    by_hand.commit()
    by_hand.close()


def test_claim_of_another_host_ends_with_its_time(journal: Journal, store: LocalStore) -> None:
    """Nobody can look at processes of another machine, so its claim holds until it expires."""
    held_by(store, "elsewhere/1/1", AT)
    before, after = AT - timedelta(seconds=1), AT + timedelta(seconds=1)
    with pytest.raises(BusyError, match="the other"), journal.claim("writer", owner="me", at=before):
        pass
    with journal.claim("writer", owner="me", at=after) as lease:
        assert lease.fence == 5


def test_claim_of_a_number_used_again_is_free(journal: Journal, store: LocalStore) -> None:
    """A process id alone is no identity: the kernel gives it to another program later."""
    host = socket.gethostname()
    held_by(store, f"{host}/{os.getpid()}/1", AT + timedelta(days=1))
    with journal.claim("writer", owner="me", at=AT) as lease:
        assert lease.fence == 5


def test_claim_of_another_user_is_held(journal: Journal, store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process we may not signal is alive all the same."""

    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    held_by(store, this_process(), AT)
    with pytest.raises(BusyError, match="the other"), journal.claim("writer", owner="me", at=AT):
        pass


def test_lease_that_was_lost_does_not_free_the_next(journal: Journal, store: LocalStore) -> None:
    """A holder that was thought dead and comes back late must not end the claim of its successor."""
    by_hand = sqlite3.connect(store.path(DATABASE))
    with journal.claim("writer", owner="slow", at=AT):
        by_hand.execute("update claims set fence = 2, owner_token = 'next'")
        by_hand.commit()
    assert by_hand.execute("select owner_token, fence from claims").fetchall() == [("next", 2)]
    by_hand.close()


def test_claim_is_read_and_taken_in_one_transaction(
    journal: Journal, store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the holder and the new holder nobody else can write."""
    refused = []

    def interfere(*_: object, **__: object) -> bool:
        by_hand = sqlite3.connect(store.path(DATABASE), timeout=0)
        try:
            by_hand.execute("update claims set fence = 99")
        except sqlite3.OperationalError as error:
            refused.append(str(error))
        by_hand.close()
        return False

    held_by(store, "elsewhere/1/1", AT)
    monkeypatch.setattr(journal_module, "is_alive", interfere)
    with journal.claim("writer", owner="me", at=AT) as lease:
        assert (refused, lease.fence) == (["database is locked"], 5)


def test_claim_lasts_a_quarter_of_an_hour(journal: Journal, store: LocalStore) -> None:
    """That is how long another host waits for a holder that fell silent."""
    by_hand = sqlite3.connect(store.path(DATABASE))
    with journal.claim("writer", owner="me", at=AT):
        held = by_hand.execute("select expires_at from claims").fetchone()
    by_hand.close()
    assert held == ("2026-10-07T09:45:00+00:00",)


def test_journal_is_durable(journal: Journal) -> None:
    """What was written survives a power cut: the log is synced with every transaction."""
    with journal._reader.connect() as connection:
        settings = [connection.exec_driver_sql(f"pragma {name}").scalar() for name in ("synchronous", "journal_mode")]
    assert settings == [2, "wal"]
