"""A very small Riverbend that can live through nights, and what of a state root must be equal whatever happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.arrival import make_key_file
from aimline.context import open_context
from aimline.demo.rehearsal import DISTRICT, Vendors, open_vendors
from aimline.demo.world import WorldOptions
from aimline.ledger.releases import current
from aimline.storage import open_store
from aimline.transform import WAREHOUSE
from aimline.warehouse import connect

TINY = WorldOptions(students=150, schools=3, years=2)
SEED = 7


@dataclass(frozen=True)
class Rehearsed:
    """A state root and the vendors that deliver to it."""

    state: Path
    vendors: Vendors

    def deliver(self, since: date | None, until: date) -> None:
        """Let the vendors deliver."""
        self.vendors.deliver(since, until)


def tiny(root: Path) -> Rehearsed:
    """Make the vendors' files; nothing is collected yet."""
    make_key_file(DISTRICT)
    store = open_store(root / "state")
    return Rehearsed(store.root, open_vendors(store, SEED, TINY))


def day_before(day: date) -> date:
    """Return the day before."""
    return day - timedelta(days=1)


def fingerprint(state: Path) -> dict[str, str]:
    """Digest everything of a state root that must not depend on how often a run was killed.

    The files readers see, accepted rows, and the rows of every table; DuckDB's own bytes differ from run to run.
    """
    files = _files(state, "accepted", "landing", "out")
    return sites(state) | files | table_digests(state / WAREHOUSE) | _journal(state)


def sites(state: Path) -> dict[str, str]:
    """Digest which release is current, and its pages."""
    release = current(open_store(state))
    if release is None:
        return {"current": ""}
    return {"current": release.release_id} | _files(state, f"releases/{release.release_id}/site")


def _files(state: Path, *folders: str) -> dict[str, str]:
    paths = (path for folder in folders for path in sorted((state / folder).rglob("*")) if path.is_file())
    return {path.relative_to(state).as_posix(): sha256(path.read_bytes()).hexdigest() for path in paths}


def table_digests(database: Path) -> Mapping[str, str]:
    """Digest the rows of every table of the warehouse, in any order: how many, and the sum of their digests."""
    found = {}
    with connect(database, role="build", read_only=True) as connection:
        names = connection.rows(
            "select table_schema || '.' || table_name as name from information_schema.tables "
            "where table_type = 'BASE TABLE' order by 1"
        )
        for name in (str(row["name"]) for row in names):
            mark = "sum(md5_number_lower(t::varchar))"
            [told] = connection.rows(f"select {mark} as mark, count(*) as n from {name} as t")
            found[name] = f"{told['n']} {told['mark']}"
    return found


def _journal(state: Path) -> Mapping[str, str]:
    """Return what happened, whatever the order it was written in; attempts at builds that did not end are no events."""
    context = open_context(DISTRICT, as_of=date(2027, 1, 1), state=str(state))
    try:
        events: list[Any] = [(each.idempotency_key, each.as_of) for each in context.journal.events()]
        alerts = [(each["event_id"], each["as_of"]) for each in context.journal.alert_events()]
    finally:
        context.journal.close()
    return {"events": repr(sorted(map(str, events))), "alerts": repr(sorted(alerts))}


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Name what differs."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
