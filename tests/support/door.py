"""Stand at the door of Riverbend: hand in one file of a source and look at what becomes of it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from aimline.arrival import Bench, Delivery, Outcome, accepted_key, refused_key, take_in
from aimline.arrival.pseudonyms import Pseudonyms
from aimline.settings import Deployment, load_deployment
from aimline.sources import name_pattern
from aimline.storage import LocalStore, open_store
from aimline.warehouse import connect, quote_literal
from schemas.sources import Source

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
"""A key for pseudonyms; 32 bytes in base64."""

AT = datetime(2026, 10, 8, 9, 30, tzinfo=UTC)
HEADING = "STU ID,Site #,Att Date,Code,Periods Abs,Periods"
SCHOOLS = "Site #,Site Name,Type,Level,Opened\n0101,Alder,REG,ELEM,08/15/1998\n0104,Dogwood,REG,ELEM,08/15/1998\n"


def marks(*rows: str, heading: str = HEADING) -> bytes:
    """Return a file of attendance marks."""
    return "\n".join([heading, *rows, ""]).encode()


def good_rows(count: int = 100) -> list[str]:
    """Return rows of that many students, nothing wrong with them."""
    return [f"{100_001 + number},0101,10/07/2026,A,6,6" for number in range(count)]


class Door:
    """A bench of a deployment in a state root of its own, which knows two schools."""

    def __init__(self, root: Path, *, days: Mapping[date, bool] | None = None) -> None:
        """Open the state root and hand in the list of schools."""
        self.root = root
        self.deployment: Deployment = load_deployment("riverbend")
        self.store: LocalStore = open_store(root / "state")
        self.bench = Bench(self.deployment, self.store, days or {})
        self.bench.pseudonyms = Pseudonyms("riverbend", b"0123456789abcdef0123456789abcdef")
        (schools,) = self.take("sis_schools", "schools_20260701.csv", SCHOOLS.encode())
        self.bench.lists_of_schools.append(accepted_key("schools", schools.batch_id))

    def source(self, source_id: str, **changes: Any) -> Source:
        """Return a source, with other declarations in place of some of its own."""
        declared = self.deployment.sources.source(source_id).model_dump(by_alias=True, exclude_none=True)
        return Source.model_validate(_merged(declared, changes))

    def take(self, source_id: str, name: str, data: bytes, **changes: Any) -> list[Outcome]:
        """Hand in one file under a name."""
        source = self.source(source_id, **changes)
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.root / sha256
        path.write_bytes(data)
        facts = next((facts for text in source.transport.match if (facts := name_pattern(text).facts(name))), {})
        self.bench._readings.clear()
        return take_in(self.bench, Delivery(source, name, sha256, path, AT, facts))

    def marks(self, *rows: str, **changes: Any) -> Outcome:
        """Hand in one file of attendance marks."""
        (outcome,) = self.take("sis_attendance", "att_20261007.csv", marks(*rows), **changes)
        return outcome

    def rows(self, entity: str, outcome: Outcome) -> list[dict[str, Any]]:
        """Return the accepted rows of a batch."""
        return self._read(accepted_key(entity, outcome.batch_id))

    def refused(self, entity: str, outcome: Outcome) -> list[dict[str, Any]]:
        """Return the refused records of a batch."""
        return self._read(refused_key(entity, outcome.batch_id))

    def _read(self, key: str) -> list[dict[str, Any]]:
        with connect(role="memory") as connection:
            return connection.rows(
                f"from read_parquet({quote_literal(str(self.store.path(key)))}, hive_partitioning = false)"
            )

    def close(self) -> None:
        """Let go of the bench."""
        self.bench.close()


def balance(outcome: Outcome) -> int:
    """Return accepted + quarantined + ignored."""
    return outcome.n_accepted + outcome.n_quarantined + outcome.n_ignored


def _merged(declared: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(declared)
    for name, value in changes.items():
        old = merged.get(name)
        merged[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def tree_bytes(root: Path, *folders: str) -> dict[str, str]:
    """Return path -> digest of every file below some folders of a state root."""
    found = {}
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file():
                found[path.relative_to(root).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def events_of(journal: Any) -> list[tuple[str, str, str]]:
    """Return what a journal holds, in order, without when and by whom."""
    return [(event.kind, event.subject_id, json.dumps(event.payload, sort_keys=True)) for event in journal.events()]


def put(root: Path, name: str, data: bytes) -> None:
    """Put a file into the inbox of a state root."""
    path = root / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
