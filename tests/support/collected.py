"""Collect a small district in peace, and kill collections of the same at chosen points: both must end alike."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aimline.context import open_context
from tests.acceptance.test_accept import CODES, COLUMNS, day
from tests.support.door import events_of, tree_bytes
from tests.support.killing import Nursery
from tests.support.small_district import District, source

KILLED = 9
ON = "2019-01-11"
FOLDERS = ("accepted", "quarantine", "landing")


def made(folder: Path) -> District:
    """Return a district with good days, one with a bad row, one that is held, a copy of a day under another name."""
    feed = source("counts", "attendance_counts", COLUMNS, codes=CODES, match="att_{date:%Y%m%d}.csv")
    district = District(folder, feed | {"load": {"mode": "full", "slot": "{on_date}"}})
    for number in (7, 8, 9):
        district.put(f"att_201901{number:02d}.csv", day(f"2019-01-{number:02d}", n=60))
    district.put("att_20190110.csv", day("2019-01-10", n=60).replace(b"0007,2019-01-10,sent", b"0007,2019-01-10,lost"))
    district.put("att_20190111.csv", day("2019-01-11", n=60, heading="School,Day,State,Enrolled Students,Present"))
    return district


def words(district: District) -> tuple[str, ...]:
    """Return the command that collects a district."""
    return ("collect", str(district.folder), "--as-of", ON, "--state", str(district.state))


def account(district: District) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Return every byte that was kept and every event that was told, whoever ran and how often."""
    context = open_context(str(district.folder), as_of=None, state=str(district.state))
    events = events_of(context.journal)
    context.journal.close()
    return tree_bytes(district.state, *FOLDERS), sorted(events)


@dataclass(frozen=True)
class Quiet:
    """A collection nobody disturbed: its account, how many operations it took, and who runs others."""

    nights: Nursery
    kept: dict[str, str]
    events: list[tuple[str, str, str]]
    n_operations: int


def in_peace(folder: Path, nights: Nursery) -> Quiet:
    """Collect once, undisturbed."""
    district = made(folder)
    ran = nights.verb(*words(district))
    assert "failed" not in ran.operations
    return Quiet(nights, *account(district), len(ran.operations))


def points(quiet: Quiet, n: int) -> list[int]:
    """Return so many points to die at, from the first operation to the last; the odd ones are after an operation."""
    return [number * (2 * quiet.n_operations - 1) // (n - 1) for number in range(n)]


def differing(quiet: Quiet, folder: Path, at: Iterable[int]) -> list[str]:
    """Kill a collection at each of some points and run it again; return the last operations of those that differ."""
    found = []
    for point in at:
        district = made(folder / str(point))
        died = quiet.nights.verb(*words(district), die_at=point // 2, after=bool(point % 2))
        again = quiet.nights.verb(*words(district))
        is_well = died.killed_by == KILLED and "failed" not in again.operations
        if not is_well or account(district) != (quiet.kept, quiet.events):
            found.append(died.operations[-1])
        shutil.rmtree(folder / str(point))
    return found
