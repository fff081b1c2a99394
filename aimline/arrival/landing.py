"""Keep the bytes of what came, once, named by their content, with a manifest of where and when."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path

from aimline.arrival.pseudonyms import KEY_ID
from aimline.storage import LocalStore


@dataclass(frozen=True)
class Landed:
    """Bytes that are kept: digest, size, where, and when they came first (UTC)."""

    sha256: str
    n_bytes: int
    path: Path
    landed_at: datetime


@dataclass(frozen=True)
class Landing:
    """Who lands what: the source, the name of the delivery, the instant, day and run."""

    source_id: str
    name: str
    at: datetime
    as_of: date
    run_id: str


def folder(source_id: str, sha256: str) -> str:
    """Return the key of the folder of some bytes."""
    return f"landing/{source_id}/{sha256[:2]}/{sha256}"


def land(store: LocalStore, temp: Path, landing: Landing) -> Landed:
    """Keep fetched bytes; bytes that are kept already stay as they are, with the time they came first."""
    with temp.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    home = folder(landing.source_id, sha256)
    store.put_if_absent(f"{home}/data", temp)
    manifest = {
        "source_id": landing.source_id,
        "name": landing.name,
        "sha256": sha256,
        "n_bytes": temp.stat().st_size,
        "landed_at": landing.at.isoformat(),
        "as_of": landing.as_of.isoformat(),
        "key_id": KEY_ID,
        "run_id": landing.run_id,
    }
    store.put_if_absent(f"{home}/manifest.json", json.dumps(manifest, sort_keys=True, indent=1).encode() + b"\n")
    return landed(store, landing.source_id, sha256)


def landed(store: LocalStore, source_id: str, sha256: str) -> Landed:
    """Return what is kept under a digest."""
    home = folder(source_id, sha256)
    manifest = json.loads(store.read(f"{home}/manifest.json"))
    at = datetime.fromisoformat(manifest["landed_at"])
    return Landed(sha256, manifest["n_bytes"], store.path(f"{home}/data"), at)
