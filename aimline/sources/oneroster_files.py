"""Read the files of OneRoster CSV deliveries: the manifest, bulk tables, and what later deltas changed of them.

A bulk file is a whole table. A delta holds the records that changed, by ``sourcedId``; read together with what it
changes it gives the table a new bulk would hold. What the tables mean is ``oneroster``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aimline.sources.tables import Grid, Stop

MANIFEST = "manifest"
GONE = frozenset({"tobedeleted", "inactive"})

Record = Mapping[str, str]


@dataclass(frozen=True)
class Opened:
    """One delivery: the grids of its files by plain name, what its manifest says, what is wrong with it.

    ``sessions`` are those that other files tell of.
    """

    grids: Mapping[str, Grid]
    modes: Mapping[str, str]
    stop: Stop | None = None
    sessions: tuple[Record, ...] = ()

    @property
    def is_delta(self) -> bool:
        """Say whether any of its files changes what came before."""
        return "delta" in self.modes.values()


@dataclass
class Kept:
    """The records of one file that hold, each with its number, and the account of those that do not."""

    name: str
    records: dict[str, tuple[int, Record]] = field(default_factory=dict)
    n_records: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    stamps: set[str] = field(default_factory=set)

    def items(self) -> list[tuple[int, Record]]:
        """Return the records that hold, each with its number, in order of the numbers."""
        return sorted(self.records.values(), key=lambda item: item[0])


def plain(name: str) -> str:
    """Return the name of a file without folder, ending and case."""
    return name.rpartition("/")[2].rpartition(".")[0].lower()


def opened(grids: Iterable[Grid]) -> Opened:
    """Read the manifest of a delivery and hold it against the files."""
    found: dict[str, Grid] = {}
    for grid in grids:
        if grid.name.count("/") > 1 or plain(grid.name) in found:
            return Opened({}, {}, Stop("zip_unexpected_members", "a file lies deeper than one folder, or twice"))
        found[plain(grid.name)] = grid
    manifest = found.pop(MANIFEST, None)
    if manifest is None:
        return Opened(found, {}, _disagrees("it has no manifest.csv", found.values()))
    said = {row[0].strip().lower(): row[1].strip().lower() for row in manifest.rows[1:] if len(row) > 1}
    modes = {name.removeprefix("file."): mode for name, mode in said.items() if name.startswith("file.")}
    strange = sorted(name for name, mode in modes.items() if mode not in {"bulk", "delta", "absent"})
    missing = sorted(name for name, mode in modes.items() if mode in {"bulk", "delta"} and name not in found)
    extra = sorted(name for name in found if modes.get(name, "absent") == "absent")
    told = [f"{words} {', '.join(names)}" for words, names in (("unknown mode of", strange), ("not there:", missing))]
    told = [each for each, names in zip(told, (strange, missing), strict=True) if names]
    told += [f"there, and absent in the manifest: {', '.join(extra)}"] if extra else []
    stop = _disagrees("; ".join(told), found.values()) if told else None
    return Opened(found, modes, stop)


def _disagrees(detail: str, grids: Iterable[Grid]) -> Stop:
    return Stop("manifest_disagrees", detail, sum(len(grid.rows) for grid in grids))


def merged(deliveries: Sequence[Opened]) -> dict[str, Kept] | Stop:
    """Return the tables that hold after some deliveries, oldest first; an earlier one that is held changes nothing.

    Returns:
        Plain name -> records by their key; why the last of the deliveries is held, where it is.
    """
    tables: dict[str, Kept] = {}
    stop: Stop | None = None
    for delivery in deliveries:
        stop = delivery.stop or _fault(delivery, tables)
        if stop is not None:
            continue
        if not delivery.is_delta:
            tables = {}
        for name, grid in delivery.grids.items():
            is_bulk = delivery.modes.get(name, "bulk") != "delta"
            if is_bulk:
                tables[name] = Kept(grid.name)
            _take(tables[name], grid, is_bulk=is_bulk)
    _note_stamps(tables.values())
    return stop or tables


def _note_stamps(tables: Iterable[Kept]) -> None:
    """Tell of whole tables whose stamps are written in several ways: a delta by them would not be safe."""
    stamped = [table for table in tables if table.stamps]
    if len({stamp for table in stamped for stamp in table.stamps}) > 1:
        for table in stamped:
            table.notes["timestamp_without_zone"] += 1


def _fault(delivery: Opened, tables: Mapping[str, Kept]) -> Stop | None:
    """Return why the deltas of a delivery cannot be applied."""
    for name, grid in delivery.grids.items():
        if delivery.modes.get(name) != "delta":
            continue
        if name not in tables:
            return _disagrees(f"a delta of {name} came before any bulk", delivery.grids.values())
        if (n_bad := _unstamped(grid)) > 0:
            n_records = sum(len(grid.rows) for grid in delivery.grids.values())
            return Stop("delta_without_stamp", f"{n_bad:,} records of {name}", n_records)
    return None


def _records(grid: Grid) -> list[Record]:
    if not grid.rows:
        return []
    heads = [head.strip().lower() for head in grid.rows[0]]
    return [dict(zip(heads, (cell.strip() for cell in row), strict=False)) for row in grid.rows[1:]]


def _unstamped(grid: Grid) -> int:
    """Return how many records of a delta say neither what became of them nor when."""
    return sum(not (record.get("status") and record.get("datelastmodified")) for record in _records(grid))


def _take(table: Kept, grid: Grid, *, is_bulk: bool) -> None:
    """Take one file in: its records stand in place of those of the same key."""
    first = max(table.n_records, 1)
    table.n_records += len(grid.rows)
    table.ignored["header_row"] += bool(grid.rows)
    table.notes.update(grid.notes)
    records = _records(grid)
    if is_bulk:
        table.stamps |= {_shape(record.get("datelastmodified", "")) for record in records} - {""}
    for number, record in enumerate(records, first):
        if not any(record.values()):
            table.ignored["blank_row"] += 1
            continue
        key = record_key(record) or f"#{number}"
        if key in table.records:
            table.ignored["superseded"] += 1
            del table.records[key]
        if record.get("status", "").lower() in GONE:
            table.ignored["withdrawn"] += 1
        else:
            table.records[key] = (number, record)


def record_key(record: Record) -> str:
    """Return what names a record: its ``sourcedId``, else the ids it joins."""
    own = record.get("sourcedid", "")
    if own or "sourcedid" in record:
        return own
    return "\x1f".join(value for name, value in record.items() if name.endswith("sourcedid") or name == "role")


def _shape(stamp: str) -> str:
    """Return how a stamp is written, digits alike."""
    return "".join("0" if mark.isdigit() else mark for mark in stamp)
