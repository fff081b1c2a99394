"""Freeze what a build publishes, and make it the current release. No figure is judged here, no page is made.

A release is a folder ``releases/<release_id>/`` with ``snapshot.duckdb`` (the ``rpt_`` tables and nothing else), the
site and ``manifest.json``. It is put together elsewhere and takes its name whole; then the pointer
``releases/current`` is replaced. Killed anywhere, the next run finds either no release of that name or all of it.

The name is made from the build, the declared facts and the code, so the same night twice is one release. DuckDB's
files differ from run to run in bytes that mean nothing; the digest in the manifest is over the rows.
"""

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.errors import UsageError
from aimline.journal import Event, Journal
from aimline.storage import LocalStore
from aimline.transform import BuildReport
from aimline.warehouse import Connection, connect_snapshot
from schemas.published import TABLES, Table

CURRENT = "releases/current"
SNAPSHOT = "snapshot.duckdb"
MANIFEST = "manifest.json"
FORMAT = "aimline-release/1"
TRUTH = "warehouse.main.fct_measures"
"""Where whoever judges a snapshot finds the standard measure rows of the build."""

Judge = Callable[[Connection], Mapping[str, Sequence[Mapping[str, Any]]] | None]
"""Reads the snapshot's tables by their bare names, and ``TRUTH``; raises when the release must not be.

What it returns are rows, by column, of the tables that no model makes.
"""

KEPT = 4
"""Newest releases that stay; older ones go unless a review was frozen on them."""

_RELEASE_ID = re.compile(r"r\d{8}-[0-9a-f]{10}")


@dataclass(frozen=True)
class Freezing:
    """What a release is made from.

    Attributes:
        store: The state root.
        journal: Its record.
        district_id: The district.
        build: The finished build.
        plan_digest: Digest of the declared facts.
        code_version: Digest of the code of figures and pages.
        at: The instant of the run, UTC.
    """

    store: LocalStore
    journal: Journal
    district_id: str
    build: BuildReport
    plan_digest: str
    code_version: str
    at: datetime

    @property
    def release_id(self) -> str:
        """Return the name of the release: its day, and ten hex digits of everything it is made from."""
        parts = [FORMAT, self.district_id, self.build.build_id, self.plan_digest, self.code_version]
        return f"r{self.build.as_of:%Y%m%d}-{sha256('|'.join(parts).encode()).hexdigest()[:10]}"


@dataclass(frozen=True)
class Staged:
    """A release that nobody can see yet; ``is_new`` is False when it is whole in its place already.

    ``marks`` are digests of the rows of each published table, by which it is known which of them did not change.
    """

    release_id: str
    folder: Path
    is_new: bool
    manifest: Mapping[str, Any]
    marks: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def snapshot(self) -> Path:
        """Return the path of its published tables."""
        return self.folder / SNAPSHOT


@dataclass(frozen=True)
class Release:
    """A whole release in its place."""

    release_id: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def snapshot(self) -> Path:
        """Return the path of its published tables."""
        return self.folder / SNAPSHOT

    @property
    def as_of(self) -> date:
        """Return the day of knowledge behind it."""
        return date.fromisoformat(self.manifest["as_of"])


def freeze(request: Freezing, judge: Judge, amend: Callable[[Connection], None] | None = None) -> Staged:
    """Copy the published tables of a build into a folder that nobody reads yet, and have them judged as they are there.

    Args:
        request: What the release is made from.
        judge: Is given what was frozen, read-only; what it raises leaves nothing behind, what it returns is added.
        amend: Changes what was frozen before it is judged: holds back what may not be printed anew.

    Raises:
        TransformError: A published table is missing from the warehouse.
    """
    known = load(request.store, request.release_id)
    if known is not None:
        return Staged(known.release_id, known.folder, is_new=False, manifest=known.manifest)
    folder = request.store.temp_dir()
    try:
        manifest, marks = _freeze_into(folder, request, judge, amend)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Staged(request.release_id, folder, is_new=True, manifest=manifest, marks=marks)


def _freeze_into(
    folder: Path, request: Freezing, judge: Judge, amend: Callable[[Connection], None] | None
) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Write the snapshot and have it judged by the connection that wrote it.

    Returns:
        What the manifest says of it, and the marks of its tables.
    """
    with connect_snapshot(folder / SNAPSHOT, request.store.path(request.build.key)) as connection:
        connection.execute("begin")
        for table in TABLES.values():
            connection.execute(_copy(table))
        connection.execute("commit")
        if amend is not None:
            amend(connection)
        connection.execute("begin transaction read only")
        written = judge(connection) or {}
        connection.execute("commit")
        for name, rows in sorted(written.items()):
            _write(connection, TABLES[name], rows)
        connection.execute("begin transaction read only")
        batches = connection.rows("select batch_id from warehouse.landed.batches order by batch_id")
        marks = _marks(connection)
        connection.execute("commit")
    digest = sha256("\n".join(f"{name} {mark}" for name, mark in marks.items()).encode()).hexdigest()
    manifest = {
        "format": FORMAT,
        "release_id": request.release_id,
        "district_id": request.district_id,
        "as_of": request.build.as_of.isoformat(),
        "build_id": request.build.build_id,
        "plan_digest": request.plan_digest,
        "code_version": request.code_version,
        "batch_ids": [row["batch_id"] for row in batches],
        "snapshot": {"digest": digest, "tables": len(TABLES)},
    }
    return manifest, marks


def promote(request: Freezing, staged: Staged, proof: Mapping[str, Any]) -> Release:
    """Put a release into its place and let ``current`` name it, unless that names a later day already.

    Args:
        request: What the release is made from.
        staged: The release, gate passed and site written.
        proof: What else the manifest says: the gate's result, what the site holds.
    """
    store = request.store
    with request.journal.claim(f"publisher:{request.district_id}", owner=staged.release_id, at=request.at):
        before = current(store)
        if staged.is_new:
            _complete(staged, before, request.build.as_of, proof)
            store.move_into_place(staged.folder, _key(staged.release_id))
        release = load(store, staged.release_id)
        if release is None:
            raise UsageError(f"release {staged.release_id} was removed while it was published.", remedy="Run again.")
        if before is None or before.as_of <= release.as_of:
            store.put_pointer(CURRENT, release.release_id)
            request.journal.append([_promoted(release)], at=request.at)
            _prune(request)
    return release


def current(store: LocalStore) -> Release | None:
    """Return the release that readers see; None before the first."""
    if not store.exists(CURRENT):
        return None
    return load(store, store.read(CURRENT).decode().strip())


def shown_on(store: LocalStore, journal: Journal, day: date) -> Release | None:
    """Return the newest release of a day or before; None where none is kept."""
    told = [event.subject_id for event in journal.events("release_promoted") if event.as_of <= day]
    kept = (load(store, release_id) for release_id in reversed(told))
    return next((release for release in kept if release is not None), None)


def load(store: LocalStore, release_id: str) -> Release | None:
    """Return a whole release by its name; None when there is none.

    Raises:
        UsageError: The name is not one of a release.
    """
    if not _RELEASE_ID.fullmatch(release_id):
        raise UsageError(f"'{release_id[:40]}' is not the name of a release.", remedy="Write rYYYYMMDD-<10 hex>.")
    key = f"{_key(release_id)}/{MANIFEST}"
    if not store.exists(key):
        return None
    return Release(release_id, store.path(_key(release_id)), json.loads(store.read(key)))


def _complete(staged: Staged, before: Release | None, as_of: date, proof: Mapping[str, Any]) -> None:
    """Write the manifest, the last file of a release."""
    previous = before.release_id if before is not None and before.as_of <= as_of else None
    manifest = {**staged.manifest, "previous_release_id": previous, **proof}
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, indent=1)
    (staged.folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _key(release_id: str) -> str:
    return f"releases/{release_id}"


def _copy(table: Table) -> str:
    """Write the statement that copies one table: the columns of its contract, ordered by its key."""
    columns = ", ".join(column.name for column in table.columns)
    key = ", ".join(("audience_id", "reader_unit_id", *table.key))
    if not table.is_model:
        return f"create table {table.name} ({', '.join(f'{each.name} {each.type}' for each in table.columns)})"
    return f"create table {table.name} as select {columns} from warehouse.main.{table.name} order by {key}"


def _write(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of a table that no model makes."""
    if not rows:
        return
    cells = ", ".join(f"unnest(${place}) as {each.name}" for place, each in enumerate(table.columns, 1))
    values = [[row[each.name] for row in rows] for each in table.columns]
    connection.execute(f"insert into {table.name} by name select {cells}", values)


def _marks(connection: Connection) -> dict[str, str]:
    """Return a digest of the rows of each table of the snapshot, whatever their order in the file."""
    parts = (
        f"select '{name}' as name, count(*) as n, coalesce(sum(cast(md5_number_lower({_text(table)}) as hugeint)), 0) "
        f"as mark from {name}"  # hash() is too weak for this
        for name, table in sorted(TABLES.items())
    )
    rows = connection.rows(" union all ".join(parts) + " order by name")
    return {row["name"]: f"{row['n']} {row['mark']}" for row in rows}


def _text(table: Table) -> str:
    """Write a row as one text in SQL, cells and nulls told apart; a row cast as a whole takes half as long again."""
    cells = (f"coalesce(cast({column.name} as varchar), chr(30))" for column in table.columns)
    return f"concat_ws(chr(31), {', '.join(cells)})"


def _promoted(release: Release) -> Event:
    told = release.manifest
    payload = {
        "release_id": release.release_id,
        "build_id": told["build_id"],
        "as_of": told["as_of"],
        "previous": told["previous_release_id"],
    }
    key = f"release_promoted|{release.release_id}"
    return Event("release_promoted", release.release_id, release.as_of, key, payload)


def _prune(request: Freezing) -> None:
    """Remove releases that are neither among the newest nor the evidence of a review."""
    told = request.journal.events("release_promoted", "review_frozen")
    newest = [event.subject_id for event in told if event.kind == "release_promoted"][-KEPT:]
    kept = {*newest, *(event.payload["release_id"] for event in told if event.kind == "review_frozen")}
    for path in sorted(request.store.path("releases").iterdir()):
        if path.is_dir() and path.name not in kept:
            away = request.store.temp_dir()  # a folder that is being removed must not look like a whole release
            path.replace(away / path.name)
            shutil.rmtree(away)
