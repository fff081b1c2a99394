"""Remember what happened: the append-only journal of a state root, and the claims of running processes.

Owner of SQLAlchemy. Events hold ids, counts and codes, never values of people. Nothing is changed or deleted (triggers
refuse it), claims excepted. What an event means belongs to the room that writes it; answering questions from events
belongs to ``aimline/ledger``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa

from aimline._processes import is_alive, this_process
from aimline.errors import BusyError
from aimline.storage import LocalStore

DATABASE = "ledger/journal.db"

_metadata = sa.MetaData()
_events = sa.Table(
    "events",
    _metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("as_of", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False, unique=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Index("events_by_kind", "kind", "subject_id"),
)
_claims = sa.Table(
    "claims",
    _metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("owner_token", sa.Text, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
)
_ALERT_TEXT = (
    *("alert_id", "class_id", "unit_id", "indicator_id", "group_id", "kind", "event_type", "from_state", "to_state"),
    *("period_on", "as_of", "payload", "actor", "reason", "recorded_at"),
)
_alert_events = sa.Table(
    "alert_events",
    _metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in _ALERT_TEXT),
    sa.Column("episode", sa.Integer),
    *(sa.Column(name, sa.Float) for name in ("effect", "p", "p_adjusted")),
)
_deliveries = sa.Table(
    "alert_deliveries",
    _metadata,
    sa.Column("delivery_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("event_id", "recipient", "channel", "state", "last_error", "message_id")),
    sa.Column("attempts", sa.Integer),
    sa.Column("sent_at", sa.Text),
)
_disclosure_audit = sa.Table(
    "disclosure_audit",
    _metadata,
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("release_id", "view", "check_id")),
    *(sa.Column(name, sa.Integer) for name in ("n_targets", "n_failed", "n_undecided")),
    sa.Column("worst_width", sa.Float),
    sa.Column("passed", sa.Boolean),
    sa.Column("started_at", sa.Text),
    sa.Column("seconds", sa.Float),
)
_disclosure_memory = sa.Table(
    "disclosure_memory",
    _metadata,
    sa.Column("release_id", sa.Text, primary_key=True),
    sa.Column("figure_bits", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("population_id", "cell_id", "as_of", "status")),
    sa.Column("n", sa.Integer),
    *(sa.Column(name, sa.Float) for name in ("x", "of_whom", "value")),
    *(sa.Column(name, sa.Integer) for name in ("n_joined", "n_left")),
)
_disclosure_people = sa.Table(
    "disclosure_people",
    _metadata,
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("release_id", "layer")),
    *(sa.Column(name, sa.Text) for name in ("mark", "kept_in", "as_of")),
)
_APPEND_ONLY = (_events, _alert_events, _deliveries, _disclosure_audit, _disclosure_memory, _disclosure_people)
_REFUSED = ("update", "delete")
_COUNT_TRIGGERS = "select count(*) from sqlite_master where type = 'trigger'"


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        kind: What it was, such as ``batch_accepted``.
        subject_id: What it was about: a batch, a window, a release.
        as_of: The day of knowledge it belongs to.
        idempotency_key: Equal keys are the same event; the second is not written.
        payload: Ids, counts and codes, as JSON can hold them.
        run_id: The run that wrote it.
        at: When it was written, UTC; set by the journal.
        seq: Its place in the journal; set by the journal.
    """

    kind: str
    subject_id: str
    as_of: date
    idempotency_key: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    run_id: str = ""
    at: datetime | None = None
    seq: int = 0


@dataclass(frozen=True)
class Lease:
    """A claim that is held: ``fence`` grows by one with every holder of the name."""

    name: str
    owner: str
    fence: int


class Journal:
    """The journal of one state root, in SQLite with a write-ahead log."""

    def __init__(self, path: Path) -> None:
        """Open the database, making it and its triggers when they are absent."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        sa.event.listen(self._engine, "connect", _set_up_connection)
        # Readers take no transaction: a look must never wait for a writer.
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        sa.event.listen(self._engine, "begin", _begin)
        self._read: list[Event] = []  # what is written never changes, so it is read from the file once
        self._reading = Lock()
        with self._reader.connect() as connection:
            is_whole = connection.exec_driver_sql(_COUNT_TRIGGERS).scalar() == len(_APPEND_ONLY) * len(_REFUSED)
        if not is_whole:
            self._make()

    def _make(self) -> None:
        """Make what the database lacks, in one transaction, so that its triggers tell that all of it is there."""
        with self._engine.begin() as connection:
            _metadata.create_all(connection)
            _add_columns(connection)
            for table in _APPEND_ONLY:
                for action in _REFUSED:
                    connection.exec_driver_sql(_refusal(table.name, action))

    def append(self, events: Iterable[Event], *, at: datetime) -> list[Event]:
        """Write events in one transaction.

        Args:
            events: What happened; those whose idempotency key is known are left out.
            at: The instant of the run, UTC.

        Returns:
            The events that were new, with their place in the journal.
        """
        with self._engine.begin() as connection:
            told = [(event, _write_new(connection, _events, _event_row(replace(event, at=at)))) for event in events]
        return [replace(event, at=at, seq=place) for event, place in told if place]

    def events(self, *kinds: str, subject_id: str | None = None, until: date | None = None) -> list[Event]:
        """Return events by their place in the journal.

        Args:
            kinds: The kinds wanted; all when none is named.
            subject_id: Only events about this subject.
            until: Only events whose ``as_of`` is this day or earlier.
        """
        wanted = frozenset(kinds)
        return [
            event
            for event in self._all_events()
            if (not wanted or event.kind in wanted)
            and (subject_id is None or event.subject_id == subject_id)
            and (until is None or event.as_of <= until)
        ]

    def _all_events(self) -> list[Event]:
        """Return every event, reading those that were written since the last time."""
        with self._reading:
            last = self._read[-1].seq if self._read else 0
            query = sa.select(_events).where(_events.c.seq > last).order_by(_events.c.seq)
            with self._reader.connect() as connection:
                self._read += [_event(row) for row in connection.execute(query)]
            return self._read.copy()

    @contextmanager
    def claim(self, name: str, *, owner: str, at: datetime, minutes: int = 15) -> Iterator[Lease]:
        """Hold a name for as long as the block runs.

        A holder on this host counts as alive while its process is; one on another host until its time is up.

        Raises:
            BusyError: Another live process, or another owner in this one, holds the name.
        """
        lease = self._take(name, owner, at + timedelta(minutes=minutes), at)
        try:
            yield lease
        finally:
            with self._engine.begin() as connection:
                mine = (_claims.c.name == name) & (_claims.c.fence == lease.fence)
                connection.execute(sa.update(_claims).where(mine).values(owner_token="", process=""))

    def _take(self, name: str, owner: str, expires_at: datetime, at: datetime) -> Lease:
        """Compare and set: read the holder and replace it in one transaction."""
        with self._engine.begin() as connection:
            held = connection.execute(sa.select(_claims).where(_claims.c.name == name)).first()
            if held is not None and is_alive(held.process, is_timely=held.expires_at > _iso(at)):
                raise BusyError(
                    f"'{name}' is held by {held.owner_token}.", remedy="Wait for that run to end, or stop it."
                )
            fence = held.fence + 1 if held else 1
            row = {"owner_token": owner, "fence": fence, "expires_at": _iso(expires_at), "process": this_process()}
            connection.execute(sa.insert(_claims).prefix_with("or replace").values(name=name, **row))
        return Lease(name, owner, fence)

    def append_alert_events(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Write alert events (columns of the table); return those whose ``event_id`` was new."""
        return self._append_rows(_alert_events, rows)

    def alert_events(self) -> list[dict[str, Any]]:
        """Return all alert events in the order they were written."""
        return self._rows(_alert_events)

    def append_deliveries(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Write changes of state of deliveries; the newest ``seq`` of a ``delivery_id`` is its state.

        ``delivery_id`` and ``seq`` may be left out: the first is derived from event, recipient and channel, the second
        counts up.
        """
        with self._reader.connect() as connection:
            known = sa.select(_deliveries.c.delivery_id, sa.func.max(_deliveries.c.seq)).group_by("delivery_id")
            newest = {row[0]: row[1] for row in connection.execute(known)}
        numbered = []
        for row in rows:
            place = row.get("delivery_id") or delivery_id(row["event_id"], row["recipient"], row["channel"])
            newest[place] = row.get("seq") or newest.get(place, 0) + 1
            numbered.append({**row, "delivery_id": place, "seq": newest[place]})
        return self._append_rows(_deliveries, numbered)

    def deliveries(self) -> list[dict[str, Any]]:
        """Return all changes of state of deliveries in the order they were written."""
        return self._rows(_deliveries)

    def append_disclosure_audit(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Write what the audit of a release found, one row a reader and check; return those that were new."""
        return self._append_rows(_disclosure_audit, rows)

    def disclosure_audit(self) -> list[dict[str, Any]]:
        """Return what the audits of all releases found, in the order they were written."""
        return self._rows(_disclosure_audit)

    def append_disclosure_memory(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write what a release printed of closed periods; a row that is there already is left."""
        self._append_rows(_disclosure_memory, rows)

    def disclosure_memory(self, since: date) -> list[dict[str, Any]]:
        """Return what releases of a day or later printed: of each figure the row that was written last."""
        newest = f"select max(rowid) from {_disclosure_memory.name} where as_of >= ? group by figure_bits"
        return self._rows(_disclosure_memory, f"where rowid in ({newest})", since.isoformat())

    def append_disclosure_people(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the digests of the people behind what a release printed; a row that is there already is left."""
        self._append_rows(_disclosure_people, rows)

    def disclosure_people(self, since: date) -> list[dict[str, Any]]:
        """Return the digests of the people of releases of a day or later, in the order they were written."""
        return self._rows(_disclosure_people, "where as_of >= ?", since.isoformat())

    def close(self) -> None:
        """Let go of the database file."""
        self._engine.dispose()

    def _append_rows(self, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        with self._engine.begin() as connection:
            return [dict(row) for row in rows if _write_new(connection, table, row)]

    def _rows(self, table: sa.Table, kept: str = "", *parameters: object) -> list[dict[str, Any]]:
        """Return rows in the order they were written, as SQLite gives them: a row object each is dearer."""
        names = [column.name for column in table.columns]
        query = f"select {', '.join(names)} from {table.name} {kept} order by rowid"
        with self._reader.connect() as connection:
            found = connection.exec_driver_sql(query, parameters).cursor
            return [_parsed(dict(zip(names, row, strict=True))) for row in found.fetchall()]


def open_journal(store: LocalStore) -> Journal:
    """Open the journal of a state root."""
    return Journal(store.path(DATABASE))


def delivery_id(event_id: str, recipient: str, channel: str) -> str:
    """Return the id of telling one recipient of one event by one channel."""
    return sha256(f"{event_id}\x1f{recipient}\x1f{channel}".encode()).hexdigest()


def _set_up_connection(connection: Any, _record: object) -> None:
    """Make SQLite durable and let readers work beside the writer; transactions are begun by us, at once."""
    connection.isolation_level = None
    for setting in ("journal_mode = wal", "synchronous = full", "busy_timeout = 30000"):
        connection.execute(f"pragma {setting}")


def _add_columns(connection: sa.Connection) -> None:
    """Give a table of an older journal the columns it was made without; they are empty in what was written then."""
    told = connection.exec_driver_sql(f"pragma table_info({_disclosure_memory.name})")
    held = {row[1] for row in told}
    for column in _disclosure_memory.columns:
        if column.name not in held:
            kind = column.type.compile(connection.dialect)
            connection.exec_driver_sql(f"alter table {_disclosure_memory.name} add column {column.name} {kind}")


def _begin(connection: sa.Connection) -> None:
    """Begin a writer's transaction with its lock taken; a reader's connection takes none."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("begin immediate")


def _write_new(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> int:
    """Write a row unless its key is known; return its place in the table, 0 when it was left out."""
    done = connection.exec_driver_sql(_insert_new(table, tuple(row)), tuple(map(_plain, row.values())))
    return int(done.lastrowid) if done.rowcount else 0


@lru_cache(maxsize=64)
def _insert_new(table: sa.Table, names: tuple[str, ...]) -> str:
    """Write the insert that leaves out a row whose key is known; anything else wrong with it stays an error."""
    key = ["idempotency_key"] if table is _events else [column.name for column in table.primary_key]
    columns, values = ", ".join(table.columns[name].name for name in names), ", ".join("?" for _ in names)
    return f"insert into {table.name} ({columns}) values ({values}) on conflict ({', '.join(key)}) do nothing"


def _refusal(table: str, action: str) -> str:
    """Write the trigger that refuses to change what was written."""
    return (
        f"create trigger if not exists {table}_no_{action} before {action} on {table} "
        f"begin select raise(abort, 'the journal is append-only'); end"
    )


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "at": _iso(event.at),
        "as_of": event.as_of.isoformat(),
        "kind": event.kind,
        "subject_id": event.subject_id,
        "idempotency_key": event.idempotency_key,
        "payload": _json(event.payload),
        "run_id": event.run_id,
    }


def _event(row: Any) -> Event:
    at = datetime.fromisoformat(row.at)
    as_of = date.fromisoformat(row.as_of)
    payload = json.loads(row.payload)
    return Event(row.kind, row.subject_id, as_of, row.idempotency_key, payload, row.run_id, at, row.seq)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_text)


def _text(value: Any) -> str:
    """Write dates and instants; anything else in a payload is a mistake of the caller."""
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong in a payload")


def _plain(value: Any) -> Any:
    """Make a cell that SQLite can hold."""
    if isinstance(value, Mapping | list | tuple):
        return _json(value)
    return _text(value) if isinstance(value, date) else value


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """Read the payload back; dates stay text, as everywhere in JSON."""
    if row.get("payload"):
        row["payload"] = json.loads(row["payload"])
    return row


def _iso(at: datetime | None) -> str:
    return (at or datetime.min.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
