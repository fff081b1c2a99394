"""Keep the bytes of what came, once, named by their content, with a manifest of where and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import file_digest
from hashlib import sha256 as sha256_of
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
    """Who lands what: the source, the name of the delivery and what it means, the instant, day and run."""

    source_id: str
    name: str
    facts: Mapping[str, str]
    at: datetime
    as_of: date
    run_id: str


def folder(source_id: str, sha256: str) -> str:
    """Return the key of the folder of some bytes."""
    return f"landing/{source_id}/{sha256[:2]}/{sha256}"


def land(store: LocalStore, temp: Path, landing: Landing) -> Landed:
    """Keep fetched bytes; bytes that are kept already stay as they are, with the time they came first.

    The same bytes under a name that says something else have a manifest of their own.
    """
    with temp.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    home = folder(landing.source_id, sha256)
    store.put_if_absent(f"{home}/data", temp)
    manifest = {
        "source_id": landing.source_id,
        "name": landing.name,
        "facts": dict(landing.facts),
        "sha256": sha256,
        "n_bytes": temp.stat().st_size,
        "landed_at": landing.at.isoformat(),
        "as_of": landing.as_of.isoformat(),
        "key_id": KEY_ID,
        "run_id": landing.run_id,
    }
    text = json.dumps(manifest, sort_keys=True, indent=1).encode() + b"\n"
    if not store.put_if_absent(f"{home}/manifest.json", text) and _first_facts(store, home) != landing.facts:
        store.put_if_absent(f"{home}/{_other_manifest(landing.facts)}", text)
    return landed(store, landing.source_id, sha256, landing.facts)


def landed(store: LocalStore, source_id: str, sha256: str, facts: Mapping[str, str]) -> Landed:
    """Return what is kept under a digest and came under a name that means ``facts``."""
    home = folder(source_id, sha256)
    name = "manifest.json" if _first_facts(store, home) == facts else _other_manifest(facts)
    manifest = json.loads(store.read(f"{home}/{name}"))
    at = datetime.fromisoformat(manifest["landed_at"])
    return Landed(sha256, manifest["n_bytes"], store.path(f"{home}/data"), at)


def _first_facts(store: LocalStore, home: str) -> Mapping[str, str]:
    found: Mapping[str, str] = json.loads(store.read(f"{home}/manifest.json"))["facts"]
    return found


def _other_manifest(facts: Mapping[str, str]) -> str:
    digest = sha256_of(json.dumps(dict(facts), sort_keys=True).encode()).hexdigest()
    return f"manifest-{digest[:8]}.json"
