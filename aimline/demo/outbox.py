"""Where the vendors of Riverbend leave their files, and when. What is in the files is decided elsewhere."""

import csv
import shutil
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from aimline.demo.streams import write_csv


@dataclass(frozen=True, order=True)
class Drop:
    """One file that a vendor puts into the inbox.

    `path` is where its bytes wait, below `vendor/`; `to` its place in the inbox, which differs where a vendor sends
    other bytes, or the same ones, under a name used before. A night of `drop_on` at 04:30 finds it.
    """

    drop_on: date
    path: str
    to: str


@dataclass
class Outbox:
    """The files written so far and the plan of their arrival."""

    root: Path
    drops: list[Drop] = field(default_factory=list)

    def put(self, path: str, drop_on: date, header: str, rows: list[str]) -> Drop:
        """Write one file below `vendor/` and plan its arrival under the same name."""
        target = self.root / "vendor" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_csv(target, header, rows)
        drop = Drop(drop_on, path, path)
        self.drops.append(drop)
        return drop

    def again(self, path: str, to: str, drop_on: date) -> None:
        """Plan one more arrival of a file that was written already."""
        self.drops.append(Drop(drop_on, path, to))

    def late(self, path: str, drop_on: date) -> None:
        """Move the arrival of a file to another day."""
        self.drops = [Drop(drop_on, d.path, d.to) if d.path == path else d for d in self.drops]

    def finish(self) -> None:
        """Write the plan of arrivals, ordered by day and name."""
        rows = [f"{drop.path},{drop.to},{drop.drop_on}" for drop in sorted(self.drops)]
        write_csv(self.root / "drops.csv", "path,to,drop_on", rows)


def deliver(out: Path, inbox: Path, since: date | None, until: date) -> int:
    """Copy the files that arrived after `since`, up to and including `until`, into the inbox.

    Args:
        out: Folder of a finished world.
        inbox: Folder the product collects from; made when absent.
        since: Last day already delivered; None for everything before.
        until: Day of the night that should find the files.

    Returns:
        The number of files copied. Copying the same span again changes nothing.
    """
    with (out / "drops.csv").open(encoding="utf-8", newline="") as plan:
        rows = list(csv.DictReader(plan))
    due = [row for row in rows if (since is None or date.fromisoformat(row["drop_on"]) > since)]
    due = [row for row in due if date.fromisoformat(row["drop_on"]) <= until]
    for row in due:
        target = inbox / row["to"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(out / "vendor" / row["path"], target)
    return len(due)
