"""A state root with one promoted release of plausible figures, on the night a review is due; nothing was built."""

import json
from datetime import date
from pathlib import Path

from aimline.context import Context, open_context
from aimline.ledger.releases import CURRENT, MANIFEST, SNAPSHOT
from tests.support.published_rows import Rows, build_snapshot, riverbend_rows

NIGHT = date(2027, 1, 6)
RELEASE = "r20270106-0123456789"


def rows_of_release() -> Rows:
    """Return the rows of a release on the night of the mid-year packet: no review has figures yet."""
    return {**riverbend_rows(), "rpt_review_figures": []}


def night_of(deployment: str | Path, state: Path, as_of: date = NIGHT) -> Context:
    """Open a run of a deployment on a state root of its own."""
    return open_context(str(deployment), as_of=as_of, state=str(state))


def put_release(context: Context, snapshot: Path, as_of: date = NIGHT, release_id: str = RELEASE) -> None:
    """Let a snapshot be the current release."""
    folder = context.store.path(f"releases/{release_id}")
    folder.mkdir(parents=True)
    (folder / SNAPSHOT).write_bytes(snapshot.read_bytes())
    manifest = {"release_id": release_id, "as_of": as_of.isoformat(), "build_id": "b" * 16}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    context.store.put_pointer(CURRENT, release_id)


def snapshot_of_release(folder: Path) -> Path:
    """Write the snapshot of the release once."""
    return build_snapshot(folder / "made.duckdb", rows_of_release())
