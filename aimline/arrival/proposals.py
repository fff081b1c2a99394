"""Stop a delivery whose headings are gone, with what each may be called now; a person decides."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from aimline.arrival.bench import Bench
from aimline.arrival.delivery import Member, StoppedError
from aimline.arrival.headings import Matched, is_dropped, listed, matched, norm
from aimline.arrival.landing import folder
from aimline.arrival.records import Loaded, Reading, load
from aimline.arrival.renames import LEAST, Proposal, Table, as_told, propose, read_cells
from schemas.fields import KEYS

if TYPE_CHECKING:
    from schemas.sources import Source

_SHOWN = 5


def stop_for_gone(
    bench: Bench, reading: Reading, found: tuple[Loaded, Matched], earlier: Sequence[Mapping[str, Any]]
) -> NoReturn:
    """Stop, naming every heading that is gone and what looks like it.

    Raises:
        StoppedError: Always: ``column_renamed`` where something looks like one, ``column_removed`` where nothing does.
    """
    loaded, match = found
    gone = [aliases[0] for aliases in match.gone]
    new = {loaded.headings[n]: n for n in match.strangers if not is_dropped(norm(loaded.headings[n]), reading.expected)}
    keys = _key_headings(reading.source)
    own_keys = [match.place[heading] for heading in keys if heading in match.place]
    cells, own = read_cells(reading.connection, "raw", list(new.values()), own_keys)
    now = Table(new, len(loaded.headings), cells, own)
    before = _before(bench, reading, (match.gone, keys), earlier)
    likely = [each for each in propose(before or _undescribed(reading, gone), now) if each.score >= LEAST]
    code = "column_renamed" if likely else "column_removed"
    proposals = [each | {"column": _column(reading.source, each["gone"])} for each in as_told(likely)]
    named = {each.gone for each in likely}
    lost = [name for heading in gone if heading not in named for name in _filled(reading.source, heading)]
    stop = StoppedError(code, _words(gone, likely), n_records=loaded.n_records, proposals=proposals)
    stop.gone = tuple(dict.fromkeys(lost))
    raise stop


def _undescribed(reading: Reading, gone: Sequence[str]) -> Table:
    """Return the headings that are gone where no earlier delivery shows what stood below them."""
    order = [aliases[0] for aliases in reading.expected.needed]
    return Table({heading: order.index(heading) for heading in gone}, len(order))


def _before(
    bench: Bench,
    reading: Reading,
    wanted: tuple[Sequence[tuple[str, ...]], Sequence[str]],
    earlier: Sequence[Mapping[str, Any]],
) -> Table | None:
    """Return the headings that are gone as the last accepted delivery had them; None where it cannot be read."""
    gone, keys = wanted
    if not earlier:
        return None
    told = earlier[-1]
    path = bench.store.path(f"{folder(told['source_id'], told['sha256'])}/data")
    sheet = told.get("looked", {}).get("layout", {}).get("sheet", "")
    connection = bench.connection
    connection.execute("create or replace table raw_now as from raw")
    try:
        loaded = load(Member("", _plain(bench, reading, told, path), sheet), reading)
        place = matched(loaded.headings, reading.expected, n_records=loaded.n_records).place
        headings = {aliases[0]: place[aliases[0]] for aliases in gone if aliases[0] in place}
        key_places = [place[heading] for heading in keys if heading in place]
        cells, own = read_cells(connection, "raw", list(headings.values()), key_places)
        missing = {aliases[0]: 0 for aliases in gone if aliases[0] not in headings}
        return Table(headings | missing, len(loaded.headings), cells, own)
    except StoppedError:
        return None
    finally:
        connection.execute("create or replace table raw as from raw_now")


def _plain(bench: Bench, reading: Reading, told: Mapping[str, Any], path: Any) -> Any:
    """Return where the table of an earlier delivery is, unpacked when it came as an archive."""
    from dataclasses import replace

    from aimline.arrival.guard import members

    to = bench.work / "before"
    to.mkdir(exist_ok=True)
    name = str(told["name"]).partition("/")[0]
    sheet = told.get("looked", {}).get("layout", {}).get("sheet", "")
    found = members(path, reading.form, name, to)
    return next((each for each in found if not sheet or each.sheet == sheet), replace(found[0])).path


def _key_headings(source: "Source") -> list[str]:
    """Return the headings that name a record of a source."""
    return [column.from_[0] for column in source.columns if column.from_ and column.name in KEYS[source.entity]]


def _column(source: "Source", heading: str) -> str:
    """Return the column of the entity that a heading fills alone; the heading itself where it fills no such column."""
    filled = [column.name for column in source.columns if heading in column.from_]
    return filled[0] if len(filled) == 1 else heading


def _filled(source: "Source", heading: str) -> list[str]:
    """Return the columns of the entity that a heading fills."""
    return [
        column.name
        for column in source.columns
        if heading in column.from_ or (column.when and column.when.heading == heading)
    ]


def _words(gone: Sequence[str], likely: Sequence[Proposal]) -> str:
    """Say what is gone and what looks like it."""
    named = {each.gone for each in likely}
    told = [
        f'"{each.gone[:80]}" is gone; "{each.new[:80]}" looks like it ({each.score:.2f})' for each in likely[:_SHOWN]
    ]
    others = [heading for heading in gone if heading not in named]
    return ". ".join(
        [*told, *([f"{listed(others)} gone, and nothing looks like it"] if others and likely else [])]
    ) or listed(others)
