"""Land declared facts as rows, one batch an entity, so that SQL reads them as it reads deliveries.

Content that has not changed makes no new batch. What the rows say is made from the deployment by the caller.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.arrival.outcome import school_year_of
from aimline.arrival.written import PARQUET, accepted_key
from aimline.journal import Event, Journal
from aimline.storage import LocalStore
from aimline.warehouse import MEMORY, Connection, connect, quote_ident, quote_literal
from schemas.declared import DECLARED, DECLARED_BY
from schemas.fields import ENTITIES, ENVELOPE, duckdb_columns


@dataclass(frozen=True)
class DeclaredRows:
    """The rows of one entity, with a digest of their values that is made when it is first asked for."""

    rows: Sequence[Mapping[str, Any]]

    @cached_property
    def digest(self) -> str:
        """Return a digest of all values in order."""
        text = json.dumps([list(row.values()) for row in self.rows], default=str, ensure_ascii=False)
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class DeclaredRequest:
    """What is landed, where, when: rows by entity ``declared_*`` or ``calendar_days``; the instant is UTC."""

    store: LocalStore
    journal: Journal
    district_id: str
    rows: Mapping[str, DeclaredRows]
    as_of: date
    at: datetime
    run_id: str


def land_declared(request: DeclaredRequest) -> tuple[str, ...]:
    """Write the entities whose rows have changed since they were landed last, and tell the journal.

    Returns:
        The entities that changed.
    """
    newest = {
        event.payload["entity"]: event.payload
        for event in request.journal.events("batch_accepted", until=request.as_of)
        if event.payload["source_id"] == DECLARED_BY
    }
    digests = {entity: declared.digest for entity, declared in request.rows.items()}
    changed = [name for name in sorted(digests) if newest.get(name, {}).get("sha256") != digests[name]]
    if not changed:
        return ()
    temp = request.store.temp_dir()
    try:
        with connect(MEMORY, role="build") as connection:
            events = []
            for entity in changed:
                before = newest.get(entity, {}).get("batch_id", "")
                batch_id = sha256(f"{DECLARED_BY}\x1f{entity}\x1f{digests[entity]}\x1f{before}".encode()).hexdigest()[
                    :16
                ]
                slots = _write(connection, request, (entity, batch_id), temp / "rows")
                events.append(_event(request, entity, (batch_id, digests[entity]), slots))
        request.journal.append(events, at=request.at)
    finally:
        request.store.remove(temp.relative_to(request.store.root).as_posix())
    return tuple(changed)


def _write(connection: Connection, request: DeclaredRequest, batch: tuple[str, str], target: Path) -> list[str]:
    """Write the rows of one entity as an accepted file; return their slots."""
    entity, batch_id = batch
    rows = request.rows[entity].rows
    columns = DECLARED.get(entity) or _own_columns(entity)
    slots = [_slot(row) for row in rows]
    texts = [[_text(row.get(name)) for row in rows] for name in columns]
    cells = [
        f"cast(unnest(cast(${number} as varchar[])) as {kind}) as {quote_ident(name)}"
        for number, (name, kind) in enumerate(columns.items(), start=1)
    ]
    at = request.at.replace(tzinfo=None).isoformat(sep=" ")
    fixed = (request.district_id, DECLARED_BY, batch_id, at)
    envelope = [quote_literal(value) for value in fixed]
    envelope += [f"unnest(range(1, {len(rows) + 1}))", "false", f"unnest(cast(${len(columns) + 1} as varchar[]))"]
    cells += [
        f"cast({value} as {field.type}) as {quote_ident(field.name)}"
        for value, field in zip(envelope, ENVELOPE, strict=True)
    ]
    connection.execute(f"copy (select {', '.join(cells)}) to {quote_literal(str(target))} {PARQUET}", [*texts, slots])
    request.store.move_into_place(target, accepted_key(entity, batch_id))
    return sorted(set(slots))


def _own_columns(entity: str) -> dict[str, str]:
    own = {column.name for column in ENTITIES[entity]}
    return {name: kind for name, kind in duckdb_columns(entity).items() if name in own}


def _slot(row: Mapping[str, Any]) -> str:
    """Return what a row belongs to: its school year, or all."""
    if row.get("school_year") is not None:
        return str(row["school_year"])
    on = row.get("on_date")
    return str(school_year_of(on)) if isinstance(on, date) else "all"


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _event(request: DeclaredRequest, entity: str, named: tuple[str, str], slots: Iterable[str]) -> Event:
    batch_id, digest = named
    count = len(request.rows[entity].rows)
    payload = {
        "batch_id": batch_id,
        "source_id": DECLARED_BY,
        "entity": entity,
        "load_mode": "full",
        "slots": list(slots),
        "received_at": request.at.isoformat(),
        "name": entity,
        "sha256": digest,
        "n_received": count,
        "n_accepted": count,
        "n_quarantined": 0,
        "n_ignored": 0,
        "n_rows": count,
        "quarantined": {},
        "ignored": {},
        "notes": [],
        "expected_on": None,
    }
    key = f"batch_accepted:{batch_id}"
    return Event("batch_accepted", batch_id, request.as_of, key, payload, request.run_id)
