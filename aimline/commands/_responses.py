"""Read a file of responses for ``score``: wide, a column an item, or long, a row an answer."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from aimline.errors import ContractError, UsageError
from aimline.scoring.hygiene import Sent
from schemas.instruments import InstrumentFile

_ABOUT = ("response_id", "respondent_key", "duration_seconds", "submitted_at", "is_preview", "grade")
_LONG = ("response_id", "item_id", "value")
_TRUE = {"1", "true", "yes", "t", "y"}
_CHOICES = ("|", ";", ",")
_END = "\x00 end of the file \x00"


@dataclass(frozen=True)
class Responses:
    """A file of responses.

    Attributes:
        sent: What each response says besides its answers.
        cells: Item id -> the text of each response.
        groups: The column that groups them, a text a response.
        n_unreadable: Rows with more or fewer cells than the heading.
        rows: Every cell of each response by its column; of a long file, those of its first row.
    """

    sent: list[Sent]
    cells: dict[str, list[str]]
    groups: list[str]
    n_unreadable: int
    rows: Sequence[Mapping[str, str]]


@dataclass
class _Table:
    """Rows of the file as mappings, the line each begins on, and how many could not be read."""

    name: str
    columns: list[str]
    rows: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    n_unreadable: int = 0


def read_responses(name: str, instrument: InstrumentFile, *, layout: str, by: str | None) -> Responses:
    """Read a file of responses.

    Raises:
        ContractError: Columns of items are missing, a response stands twice, or a time is none.
        UsageError: The file cannot be read, or has no such column.
    """
    table = _read(name)
    if by is not None and by not in table.columns:
        raise UsageError(f"{name} has no column '{by[:60]}'.", remedy=f"Columns: {', '.join(table.columns)[:300]}.")
    keys = instrument.hygiene.duplicates.key if instrument.hygiene else ()
    read = {*_ABOUT, *keys, *(_LONG if layout == "long" else ()), by}
    _refuse_doubled(table, [each for each in table.columns if each in read])
    _refuse_odd_times(table, instrument)
    if layout == "long":
        return _long(table, instrument, by)
    headings = _headings(table, instrument, by)
    _refuse_repeated(table)
    cells = {
        item.item_id: [_first(row[headings[item.item_id]], is_multi=item.multi) for row in table.rows]
        for item in instrument.items
    }
    sent = [_sent(row, instrument, number) for number, row in enumerate(table.rows, 1)]
    return Responses(sent, cells, _groups(table.rows, by), table.n_unreadable, table.rows)


def _read(name: str) -> _Table:
    try:
        raw = Path(name).read_bytes()
        text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"There is no file {name}.", remedy="Give the path of a CSV file.") from None
    except (OSError, EOFError) as error:
        raise UsageError(f"{name} cannot be read: {type(error).__name__}.", remedy="Give a CSV file.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: byte {error.start + 1} is not UTF-8.", remedy="Save it as CSV in UTF-8.") from None
    return _parsed(name, text)


def _parsed(name: str, text: str) -> _Table:
    """Read the rows of a CSV text; a line after the last shows whether a quote was left open."""
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""))
    table, begins = _Table(name, []), 1
    try:
        for cells in reader:
            if cells and _END in cells[-1] and cells != [_END]:
                remedy = "Close it; a quote inside a quoted cell is doubled."
                raise UsageError(f"{name}:{begins}: a quote opens and never closes.", remedy=remedy)
            if begins == 1:
                table.columns = [cell.strip() for cell in cells if cells != [_END]]
            elif len(cells) == len(table.columns) and cells != [_END]:
                table.rows.append(dict(zip(table.columns, cells, strict=True)))
                table.lines.append(begins)
            else:
                table.n_unreadable += bool(cells) and cells != [_END]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{name} is not CSV: {error}.", remedy="Save the file as CSV in UTF-8.") from None
    if not table.columns:
        raise UsageError(f"{name} is empty.", remedy="Its first line names the columns.")
    return table


def _headings(table: _Table, instrument: InstrumentFile, by: str | None) -> dict[str, str]:
    """Return the column of each item: as declared, else named like the item."""
    found: dict[str, str] = {}
    for item in instrument.items:
        named = [name for name in (item.column, item.item_id) if name and name.strip() in table.columns]
        if named:
            found[item.item_id] = named[0].strip()
    missing = [item.column or item.item_id for item in instrument.items if item.item_id not in found]
    if missing:
        keys = instrument.hygiene.duplicates.key if instrument.hygiene else ()
        known = {*found.values(), *_ABOUT, *keys, by}
        unknown = ", ".join(name for name in table.columns if name not in known) or "none"
        raise ContractError(
            f"{table.name}: no column for {', '.join(missing)}. Columns that are no item: {unknown}.",
            remedy="Name the column of each item in the instrument, or give the whole file.",
        )
    _refuse_doubled(table, found.values())
    return found


def _refuse_doubled(table: _Table, names: Iterable[str]) -> None:
    """Refuse a file in which two columns that are read have one name: nobody knows which is meant."""
    doubled = sorted({name for name in names if table.columns.count(name) > 1})
    if doubled:
        told = f"{table.name}: more than one column is named {', '.join(doubled)}."
        raise ContractError(told, remedy="Give each column a name of its own.")


def _refuse_repeated(table: _Table) -> None:
    """Refuse a response that stands twice in a wide file: nobody knows which counts, and both would."""
    seen: dict[str, int] = {}
    for line, row in zip(table.lines, table.rows, strict=True):
        own_id = row.get("response_id", "").strip()
        first = seen.setdefault(own_id, line) if own_id else line
        if first != line:
            told = f"{table.name}:{line}: the response_id of line {first} stands here again."
            raise ContractError(told, remedy="Give each response an id of its own, or leave the column out.")


def _refuse_odd_times(table: _Table, instrument: InstrumentFile) -> None:
    """Refuse times that cannot be read where they decide which responses count."""
    hygiene = instrument.hygiene
    if hygiene is None:
        return
    for line, row in zip(table.lines, table.rows, strict=True):
        seconds, sent = (row.get(name, "").strip() for name in ("duration_seconds", "submitted_at"))
        if hygiene.speed and seconds and _seconds(seconds) is None:
            told = f"{table.name}:{line}: duration_seconds '{seconds[:20]}' is no number of seconds."
            raise ContractError(told, remedy="Write it as 93.5, or leave it empty.")
        if _keys(row, instrument) and hygiene.duplicates.policy != "keep_all" and sent and not _is_time(sent):
            told = f"{table.name}:{line}: submitted_at '{sent[:20]}' is no date and time."
            raise ContractError(told, remedy="Write it as 2026-09-14 10:05:00, which later ones follow in order.")


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _first(text: str, *, is_multi: bool) -> str:
    """Return the first choice of a multiple choice; any other cell as it is."""
    if is_multi:
        for mark in _CHOICES:
            text = text.split(mark, 1)[0]
    return text


def _groups(rows: Sequence[Mapping[str, str]], by: str | None) -> list[str]:
    return [row[by].strip() if by else "" for row in rows]


def _sent(row: Mapping[str, str], instrument: InstrumentFile, number: int) -> Sent:
    own_id = row.get("response_id", "").strip()
    return Sent(
        own_id or str(number),
        _keys(row, instrument),
        row.get("submitted_at", "").strip().replace("T", " "),
        _seconds(row.get("duration_seconds", "").strip()),
        row.get("is_preview", "").strip().casefold() in _TRUE,
        row.get("grade", "").strip(),
        is_numbered=not own_id,
    )


def _keys(row: Mapping[str, str], instrument: InstrumentFile) -> tuple[str, ...]:
    """Return what tells whose response a row is; nothing where nobody may know, or no column says."""
    keys = instrument.hygiene.duplicates.key if instrument.hygiene else ()
    has_key = instrument.mode != "anonymous" and keys and all(name in row for name in keys)
    return tuple(row[name].strip() for name in keys) if has_key else ()


def _seconds(text: str) -> Fraction | None:
    try:
        found = Fraction(text) if text and "/" not in text else None
    except ValueError:
        return None
    return found if found is None or found >= 0 else None


def _long(table: _Table, instrument: InstrumentFile, by: str | None) -> Responses:
    """Read a row an answer; a multiple choice has several rows, which are answers and no duplicates."""
    missing = [name for name in _LONG if name not in table.columns]
    if missing:
        raise ContractError(f"{table.name}: no column {', '.join(missing)}.", remedy=f"Columns: {', '.join(_LONG)}.")
    items = {name: item.item_id for item in instrument.items for name in (item.column, item.item_id) if name}
    unknown = sorted({row["item_id"].strip() for row in table.rows} - set(items) - {""})
    if unknown:
        raise ContractError(
            f"{table.name}: no such item: {', '.join(unknown)[:300]}.",
            remedy=f"Items: {', '.join(item.item_id for item in instrument.items)[:300]}.",
        )
    heads: dict[str, Mapping[str, str]] = {}
    answers: dict[tuple[str, str], str] = {}
    several = {item.item_id for item in instrument.items if item.multi}
    twice: set[str] = set()
    for row in table.rows:
        response = row["response_id"].strip()
        heads.setdefault(response, row)
        if row["item_id"].strip():
            place = (response, items[row["item_id"].strip()])
            if answers.setdefault(place, row["value"]) != row["value"] and place[1] not in several:
                twice.add(place[1])
    if twice:
        told = f"{table.name}: responses with two different answers to {', '.join(sorted(twice))}."
        raise ContractError(told, remedy="Give each answer its own response_id, or declare the item as multi.")
    rows = list(heads.values())
    cells = {
        item.item_id: [answers.get((response, item.item_id), "") for response in heads] for item in instrument.items
    }
    sent = [_sent(row, instrument, number) for number, row in enumerate(rows, 1)]
    return Responses(sent, cells, _groups(rows, by), table.n_unreadable, rows)


def grouped(groups: Sequence[str]) -> Iterator[str]:
    """Yield the names of groups in order; responses without one are in none."""
    yield from sorted({each for each in groups if each})
