"""Say why a figure of one day differs from the same figure of a later day, and keep official figures as they were.

Between two days the inputs are exchanged one class at a time (``aimline/transform/replaying.py``); what a figure
changes by from one stage to the next is the class's part, so the parts add up to the change exactly. What a snapshot
sealed is never written over: a restated figure stands beside it.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Any

from aimline.errors import UsageError
from aimline.journal import Event, Journal
from aimline.ledger.asof import built_key
from aimline.storage import LocalStore
from aimline.transform import Span, replays
from aimline.warehouse import MEMORY, Connection, connect, quote_literal
from schemas.published import FIGURE_KEY, figure_bits_sql, read_bits_sql

SEALED = "snapshot_sealed"
CODE = "code"
ORDER = ("definition", CODE, "school events", "calendar", "enrollment", "late data", "corrections")
"""Classes of causes, in the order in which they are exchanged."""


@dataclass(frozen=True)
class Counts:
    """What a figure counted on a day; nothing where there was no such figure."""

    numerator: Decimal | None
    denominator: Decimal | None

    @property
    def value(self) -> float | None:
        """Return the share of the two, divided once."""
        if self.numerator is None or not self.denominator:
            return None
        return float(self.numerator / self.denominator)


@dataclass(frozen=True)
class Cause:
    """What one class of inputs changed."""

    cause: str
    before: Counts
    after: Counts

    @property
    def changes(self) -> tuple[Decimal, Decimal]:
        """Return the change of numerator and denominator; a figure that was not there counts as nothing."""
        pairs = ((self.before.numerator, self.after.numerator), (self.before.denominator, self.after.denominator))
        first, second = ((b or Decimal(0)) - (a or Decimal(0)) for a, b in pairs)
        return first, second


@dataclass(frozen=True)
class Restated:
    """A figure of two days, with what lies between; the changes of the causes add up to the whole change."""

    figure_id: str
    key: Mapping[str, Any]
    first: date
    last: date
    before: Counts
    after: Counts
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Compared:
    """Which figure of which days of a district is compared."""

    district_id: str
    zone: str
    figure_id: str
    first: date
    last: date


def restated(store: LocalStore, journal: Journal, asked: Compared) -> Restated:
    """Compare a figure as it was known on two days.

    Raises:
        UsageError: The days are in the wrong order, nothing was built on the later one, or it has no such figure.
    """
    if asked.first >= asked.last:
        raise UsageError(f"{asked.first} is not before {asked.last}.", remedy="Give the earlier day first.")
    key = built_key(store, journal, asked.last, asked.district_id)
    with connect(store.path(key), role="build", read_only=True) as connection:
        row = _row(connection, asked.figure_id)
    if not row:
        told = f"no figure '{asked.figure_id[:40]}' as of {asked.last}."
        raise UsageError(told, remedy="Take an id from a page of this district.")
    span = Span(asked.district_id, asked.zone, asked.first, asked.last, key)
    found = [(cause, _counts(_row(held, asked.figure_id))) for cause, held in replays(store, journal, span)]
    causes = list(_causes(found))
    before = _printed(store, journal, asked) or found[-1][1]
    if before != found[-1][1]:
        causes.append(Cause(CODE, before, found[-1][1]))
    named = {name: row[name] for name in FIGURE_KEY}
    told_causes = tuple(sorted(causes, key=lambda each: ORDER.index(each.cause)))
    return Restated(asked.figure_id, named, asked.first, asked.last, before, found[0][1], told_causes)


def _causes(found: list[tuple[str, Counts]]) -> Iterator[Cause]:
    """Yield what each class changed, of stages from the last to the first; less than a part is nothing."""
    for (cause, after), (_, before) in pairwise(found):
        made = Cause(cause, before, after)
        if any(made.changes):
            yield made


def _row(connection: Connection, figure_id: str) -> dict[str, Any]:
    same = f"{figure_bits_sql('measures')} = {read_bits_sql(quote_literal(figure_id))}"
    found = connection.rows(f"select * from fct_measures as measures where {same}")
    return found[0] if found else {}


def _counts(row: Mapping[str, Any]) -> Counts:
    return Counts(row.get("numerator"), row.get("denominator"))


def _printed(store: LocalStore, journal: Journal, asked: Compared) -> Counts | None:
    """Return a figure as a snapshot sealed it on the first day, or as that day's own build holds it."""
    for event in journal.events(SEALED):
        if event.as_of == asked.first and (row := _sealed_row(store, event, asked.figure_id)):
            return _counts(row)
    key = f"asof/{asked.first}.duckdb"
    if not store.exists(key):
        return None
    with connect(store.path(key), role="build", read_only=True) as connection:
        row = _row(connection, asked.figure_id)
    return _counts(row) if row else None


def sealed_values(store: LocalStore, journal: Journal, figure_id: str) -> Iterator[tuple[Event, Counts]]:
    """Yield what every snapshot that holds a figure has sealed for it, in the order they were sealed."""
    for event in journal.events(SEALED):
        if row := _sealed_row(store, event, figure_id):
            yield event, _counts(row)


def _sealed_row(store: LocalStore, event: Event, figure_id: str) -> dict[str, Any]:
    same = f"{figure_bits_sql('measures')} = {read_bits_sql(quote_literal(figure_id))}"
    path = quote_literal(str(store.path(event.payload["key"])))
    with connect(MEMORY, role="memory") as connection:
        found = connection.rows(f"select * from read_parquet({path}) as measures where {same}")
    return found[0] if found else {}


def seal(store: LocalStore, journal: Journal, snapshot_id: str, at: datetime) -> Event:
    """Keep the figures of the newest build as official ones; sealed once, a snapshot never changes.

    Args:
        store: The state root.
        journal: Its record.
        snapshot_id: ``<kind>_<school year>``, such as ``final_2026``; a window's is its own.
        at: The instant of the run.

    Returns:
        The event, of now or of the first time.
    """
    before = journal.events(SEALED, subject_id=snapshot_id)
    if before:
        return before[-1]
    built = built_key(store, journal, None)
    key = f"sealed/{snapshot_id}.parquet"
    work = store.temp_dir()
    rows, order = work / "rows.parquet", ", ".join(FIGURE_KEY)
    try:
        with connect(store.path(built), role="build", read_only=True) as connection:
            [told] = connection.rows("select as_of, build_id from landed.through")
            [count] = connection.rows("select count(*) as n from fct_measures")
            written = f"to {quote_literal(str(rows))} (format parquet)"
            connection.execute(f"copy (from fct_measures order by {order}) {written}")
        store.put_if_absent(key, rows)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    payload = {"snapshot_id": snapshot_id, "build_id": told["build_id"], "key": key, "n_rows": count["n"]}
    payload |= {"sha256": sha256(store.read(key)).hexdigest()}
    event = Event(SEALED, snapshot_id, told["as_of"], f"{SEALED}|{snapshot_id}", payload)
    journal.append([event], at=at)
    return event
