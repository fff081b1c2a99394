"""Freeze the evidence of a review: copy the figures its packet rests on out of a release, once, and say so.

Frozen figures are the rows readers were shown, already protected, as one more accepted delivery; the journal holds
which release they are from and how complete the evidence was. No decision is made here, no figure is computed. Source:
reviews.md 3.2, 4.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any

from aimline.journal import Event, Journal
from aimline.ledger.releases import Release, load
from aimline.storage import LocalStore
from aimline.warehouse import Connection, connect, open_release, quote_ident, quote_literal
from schemas.declared import FROZEN_BY
from schemas.fields import ENVELOPE
from schemas.indicators import MEASURES
from schemas.published import FIGURE_KEY, FROZEN, TABLES, figure_id

EDITION = 1

_AT_ONCE = 100
"""Reviews whose figures are made into files together: asking for each by itself costs more than its rows."""

_TABLE = TABLES["rpt_review_figures"]
_COLUMNS = {column.name: column.type for column in _TABLE.columns}


@dataclass(frozen=True)
class Item:
    """One thing a review needs: a window or a source, how much of it is in, who answers for it."""

    item: str
    kind: str
    state: str
    completeness: Fraction
    owner_role: str | None = None

    def told(self) -> dict[str, Any]:
        """Return the item as the journal keeps it."""
        part = round(float(self.completeness), 6)
        named = {"item": self.item, "kind": self.kind, "state": self.state}
        return {**named, "completeness": part, "owner_role": self.owner_role}


@dataclass(frozen=True)
class Planned:
    """A review as declared, with its dates and what its packet shows.

    Attributes:
        review_id: Its full id.
        school_year: Its year.
        packet_on: The day its evidence is frozen.
        close_by: The last day on which freezing still serves anybody.
        indicator_ids: Indicators of its goals and of their strategies.
        windows: Survey windows it needs, with the words for them.
        school_id: The school that holds it, which sees its own figures and the district's; None of the district's.
    """

    review_id: str
    school_year: int
    packet_on: date
    close_by: date
    indicator_ids: tuple[str, ...]
    windows: Mapping[str, str] = field(default_factory=dict)
    school_id: str | None = None


@dataclass(frozen=True)
class Night:
    """The run that freezes: where things are kept, the district, its day and instant, its name."""

    store: LocalStore
    journal: Journal
    district_id: str
    as_of: date
    at: datetime
    run_id: str


@dataclass(frozen=True)
class Frozen:
    """What the journal tells of a frozen review."""

    review_id: str
    release_id: str
    as_of: date
    completeness: float
    batch_id: str


def due_for_freezing(planned: Iterable[Planned], frozen: Iterable[str], as_of: date) -> list[Planned]:
    """Return the reviews whose packet is due and not frozen; one that is closed by now is too late to help.

    A review that could not be frozen on its day, because there was no release, stays due.
    """
    done = set(frozen)
    due = (each for each in planned if each.packet_on <= as_of <= each.close_by and each.review_id not in done)
    return sorted(due, key=lambda each: (each.packet_on, each.review_id))


def completeness(items: Sequence[Item]) -> Fraction:
    """Return how much of the evidence is in: the mean over everything needed; whole when nothing is."""
    return sum((item.completeness for item in items), Fraction(0)) / len(items) if items else Fraction(1)


def frozen_reviews(journal: Journal) -> dict[str, Frozen]:
    """Return every frozen review by its id, as it was frozen last."""
    found = {}
    for event in journal.events("review_frozen"):
        told = event.payload
        found[event.subject_id] = Frozen(
            review_id=event.subject_id,
            release_id=told["release_id"],
            as_of=date.fromisoformat(told["as_of"]),
            completeness=told["completeness"],
            batch_id=told["batch_id"],
        )
    return found


def freeze_evidence(
    night: Night, release: Release, reviews: Sequence[tuple[Planned, Sequence[Item]]]
) -> Iterator[tuple[Planned, Frozen]]:
    """Copy the figures of reviews out of a release and write down that they are their evidence, one after the other.

    Killed anywhere and run again the same night, it writes the same bytes and no second event.

    Args:
        night: The run.
        release: The release of the night; its published tables are read, nothing else.
        reviews: The reviews, each with what it needs and how much of it is in.
    """
    with open_release(release.snapshot) as shown, connect(role="memory") as made:
        for start in range(0, len(reviews), _AT_ONCE):
            some = reviews[start : start + _AT_ONCE]
            picked = [_picked(shown, release, review) for review, _ in some]
            ids = [_batch_id(night, release, each[0], rows) for each, rows in zip(some, picked, strict=True)]
            _write(night, made, {name: (each[0], rows) for name, each, rows in zip(ids, some, picked, strict=True)})
            for (review, items), name, rows in zip(some, ids, picked, strict=True):
                yield review, _tell(night, release, _Evidence(review, items, name, rows))


@dataclass(frozen=True)
class _Evidence:
    """What a review was frozen on: what it needs, the delivery that holds its figures, the figures."""

    review: Planned
    items: Sequence[Item]
    batch_id: str
    rows: Sequence[Mapping[str, Any]]


def _tell(night: Night, release: Release, found: _Evidence) -> Frozen:
    """Write down which figures are the evidence of a review, and how much of what it needs is in."""
    review, items, batch_id, rows = found.review, found.items, found.batch_id, found.rows
    share = round(float(completeness(items)), 6)
    payload = {
        "review_id": review.review_id,
        "release_id": release.release_id,
        "build_id": release.manifest["build_id"],
        "as_of": release.as_of,
        "completeness": share,
        "is_provisional": share < 1,
        "batch_id": batch_id,
        "n_figures": len({row["figure_id"] for row in rows}),
        "items": [item.told() for item in items],
    }
    key = f"review_frozen|{review.review_id}|{EDITION}"
    told = Event("review_frozen", review.review_id, night.as_of, key, payload, night.run_id)
    night.journal.append([_accepted(night, batch_id, review, len(rows)), told], at=night.at)
    return Frozen(review.review_id, release.release_id, release.as_of, share, batch_id)


def packet_events(night: Night, review_ids: Iterable[str], release_id: str) -> list[Event]:
    """Return the events that say that the packets of some reviews are out, in a release."""
    return [
        Event(
            kind="review_packet_built",
            subject_id=review_id,
            as_of=night.as_of,
            idempotency_key=f"review_packet_built|{review_id}|{EDITION}",
            payload={"review_id": review_id, "release_id": release_id, "edition": EDITION},
            run_id=night.run_id,
        )
        for review_id in review_ids
    ]


def frozen_figures(store: LocalStore, frozen: Frozen) -> list[dict[str, Any]]:
    """Return the frozen figures of a review, one row a figure and reader, as its packet shows them."""
    path = quote_literal(str(store.path(_key(frozen.batch_id))))
    names = ", ".join(quote_ident(name) for name in _COLUMNS)
    with connect(role="memory") as connection:
        return connection.rows(
            f"select {names} from read_parquet({path}, hive_partitioning = false) "
            "order by indicator_no, indicator_label, unit_type, unit_id, group_set_id, group_id, figure_id, "
            "audience_id, reader_unit_id"
        )


def evidence_release(store: LocalStore, frozen: Frozen) -> Release | None:
    """Return the release a review rests on; None when it is gone."""
    return load(store, frozen.release_id)


def _picked(shown: Connection, release: Release, review: Planned) -> list[dict[str, Any]]:
    """Return the rows of the release that the packet shows, under ids of their own."""
    school = [review.school_id] if review.school_id else []
    rows = shown.rows(_status_query(school), [list(review.indicator_ids), *school])
    known = {(row["audience_id"], row["reader_unit_id"], row["figure_id"]) for row in rows}
    asked = [list(review.windows), review.school_year, *school]
    rates = shown.rows(_rate_query(school), asked) if review.windows else []
    fresh = [row for row in rates if _is_headline(row)]
    fresh = [row for row in fresh if (row["audience_id"], row["reader_unit_id"], row["figure_id"]) not in known]
    for row in fresh:
        row["indicator_label"] = review.windows[row["period_id"]]
    return [_frozen_row(row, release, review) for row in rows + fresh]


def _seen(school: Sequence[str], number: int) -> str:
    """Ask for what those who hold a review see: in a school its own figures and the district's, as its readers do."""
    own = f"reader_unit_id = ${number} and (unit_type = 'district' or unit_id = ${number})"
    return f"and {own} " if school else ""


def _is_headline(row: Mapping[str, Any]) -> bool:
    """Say whether a response rate is the first way of counting it; published rows name their way in their id alone."""
    key = {**row, "estimator": MEASURES[row["measure_id"]].estimators[0]}
    return bool(row["figure_id"] == figure_id(key[name] for name in FIGURE_KEY))


def _shared(table: str) -> str:
    """List the columns a frozen row takes from a table of the release."""
    held = {column.name for column in TABLES[table].columns}
    return ", ".join(quote_ident(name) for name in _COLUMNS if name in held)


def _status_query(school: Sequence[str]) -> str:
    return (
        f"select {_shared('rpt_indicator_status')} from rpt_indicator_status where list_contains($1, indicator_id) "
        f"{_seen(school, 2)}order by audience_id, reader_unit_id, figure_id"
    )


def _rate_query(school: Sequence[str]) -> str:
    """Ask for the response rates of the windows: nobody need have declared an indicator on them."""
    return (
        f"select {_shared('rpt_measures')}, 'process' as indicator_kind from rpt_measures "
        "where measure_id = 'response_rate' and period_kind = 'window' and group_set_id = 'all' "
        "and list_contains($1, period_id) and school_year = $2 "
        f"{_seen(school, 3)}order by audience_id, reader_unit_id, figure_id"
    )


def _frozen_row(row: Mapping[str, Any], release: Release, review: Planned) -> dict[str, Any]:
    """Give a row of the release its own id: the figure of today may have moved on."""
    own = {
        "figure_id": figure_id((row["figure_id"], f"frozen:{release.release_id}", review.review_id)),
        "review_id": review.review_id,
        "evidence_release_id": release.release_id,
        "source_figure_id": row["figure_id"],
    }
    return {name: own.get(name, row.get(name)) for name in _COLUMNS}


def _batch_id(night: Night, release: Release, review: Planned, rows: Sequence[Mapping[str, Any]]) -> str:
    digest = sha256(f"{night.district_id}|{release.release_id}\n".encode())
    digest.update(b"" if rows else review.review_id.encode())  # rows name their review
    for row in rows:
        digest.update((json.dumps(list(row.values()), default=str, ensure_ascii=False) + "\n").encode())
    return digest.hexdigest()[:16]


def _key(batch_id: str) -> str:
    return f"accepted/{FROZEN}/batch={batch_id}/part-0.parquet"


def _write(night: Night, made: Connection, wanted: Mapping[str, tuple[Planned, Sequence[Mapping[str, Any]]]]) -> None:
    """Write the rows of each delivery as accepted, whole or not at all, unless they are there."""
    new = {name: each for name, each in wanted.items() if not night.store.exists(_key(name))}
    if not new:
        return
    columns = _COLUMNS | {each.name: each.type for each in ENVELOPE}
    _fill(made, columns, [row for name, (review, rows) in new.items() for row in _whole(night, name, review, rows)])
    folder = night.store.temp_dir()
    try:
        for name in new:
            path = folder / "part-0.parquet"
            rows = f"from made where batch_id = {quote_literal(name)} order by row_no"
            made.execute(f"copy ({rows}) to {quote_literal(str(path))} (format parquet)")
            night.store.put_if_absent(_key(name), path)
            path.unlink()
    finally:
        folder.rmdir()


def _whole(night: Night, batch_id: str, review: Planned, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a delivery with what every accepted row says of itself."""
    envelope = {
        "district_id": night.district_id,
        "source_id": FROZEN_BY,
        "batch_id": batch_id,
        "received_at": night.at.replace(tzinfo=None),
        "is_deleted": False,
        "slot": review.review_id,
    }
    yield from ({**row, **envelope, "row_no": number} for number, row in enumerate(rows, 1))


def _fill(connection: Connection, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Make a table of rows: whole columns are bound at once, as text, and read as their type."""
    wanted = ", ".join(
        f"cast(unnest(cast(${number} as varchar[])) as {kind}) as {quote_ident(name)}"
        for number, (name, kind) in enumerate(columns.items(), start=1)
    )
    cells = [[None if row[name] is None else str(row[name]) for row in rows] for name in columns]
    kinds = ", ".join(f"{quote_ident(name)} {kind}" for name, kind in columns.items())
    connection.execute(f"create or replace table made ({kinds})")
    connection.execute(f"insert into made select {wanted}", cells)


def _accepted(night: Night, batch_id: str, review: Planned, n_rows: int) -> Event:
    """Say that the figures were accepted, as of any delivery, so that the build sees them."""
    payload = {
        "batch_id": batch_id,
        "source_id": FROZEN_BY,
        "entity": FROZEN,
        "load_mode": "full",
        "slots": [review.review_id],
        "received_at": night.at,
        "name": review.review_id,
        "sha256": batch_id,
        "n_received": n_rows,
        "n_accepted": n_rows,
        "n_quarantined": 0,
        "n_ignored": 0,
        "n_rows": n_rows,
        "headings": "",
        "quarantined": {},
        "ignored": {},
        "notes": [],
        "expected_on": None,
    }
    return Event("batch_accepted", batch_id, night.as_of, f"batch_accepted:{batch_id}", payload, night.run_id)
