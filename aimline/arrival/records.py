"""Load the records of one member into table ``raw``: ``row_no`` and one text column a heading, ``c0`` and on.

Every record gets its number, counted from 1 after the heading. DuckDB reads a clean file at once; anything odd is read
record by record, so that each is accounted for. What a cell means is decided later.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.arrival import text as texts
from aimline.arrival.delivery import StoppedError
from aimline.arrival.guard import check_kind
from aimline.arrival.headings import Expected, heading_row
from aimline.errors import TransformError
from aimline.warehouse import Connection, quote_literal

if TYPE_CHECKING:
    from schemas.sources import Source

_TRUNCATED = {3, 5, 6}  # expat: no element, unclosed token, partial character
_MOST_COLUMNS = 5000
MOST_TEXT = 2**30


@dataclass(frozen=True)
class Loaded:
    """What was read.

    Attributes:
        headings: The headings as they stand in the file.
        n_records: All records of the member, headings and titles included.
        ignored: Rule -> records that are no rows.
        ragged: Row number -> cells of a record that is too short or too long.
        notes: Codes worth noting.
    """

    headings: tuple[str, ...]
    n_records: int
    ignored: Mapping[str, int] = field(default_factory=dict)
    ragged: Mapping[int, Sequence[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a reader works with: the source, the headings it expects, the database, a folder for unfinished files."""

    source: "Source"
    expected: Expected
    connection: Connection
    work: Path


def load(path: Path, reading: Reading) -> Loaded:
    """Load one member.

    Raises:
        StoppedError: It cannot be read as declared, and nothing of it was.
    """
    kind = reading.source.format.type
    if kind != "parquet" and path.stat().st_size > MOST_TEXT:
        raise StoppedError("too_large", f"it unpacks to more than {MOST_TEXT:,} bytes of text")
    return _READERS[kind](path, reading)


def _load_csv(path: Path, reading: Reading) -> Loaded:
    source = reading.source
    data = path.read_bytes()
    check_kind(data, "csv")
    clean, repaired = texts.without_control_characters(data, source.repair)
    text, noted = texts.decoded(clean, source.format.encoding)
    text = texts.with_plain_line_ends(text)
    notes = (*repaired, *noted)
    n_records = texts.count_records(text)
    if n_records == 0:
        raise StoppedError("empty_file", n_records=0)
    expected = reading.expected
    has_heading = lambda rows: heading_row(rows, expected) is not None  # noqa: E731 - one thought, used once
    delimiter = texts.found_delimiter(text, source.format.delimiter, has_heading)
    first = list(islice(texts.records(text, delimiter), texts.HEADING_WITHIN))
    at = heading_row(first, expected) or 0
    headings = _checked(first[at])
    ignored = {"title_row": at, "header_row": 1} if at else {"header_row": 1}
    if at == 0 and _has_no_line_break(headings):
        plain = path if not notes and b"\r" not in data else _written(text, reading.work)
        if _load_at_once(plain, len(headings), delimiter, reading.connection) == n_records - 1:
            return Loaded(headings, n_records, ignored, notes=notes)
    rows = islice(texts.records(text, delimiter), at + 1, None)
    ragged, count = _load_rows(rows, len(headings), reading)
    if at + 1 + count != n_records:
        code = "quote_broken" if '"' in text else "conservation_broken"
        raise StoppedError(code, f"{n_records:,} records counted, {at + 1 + count:,} read", n_records=n_records)
    return Loaded(headings, n_records, ignored, ragged, notes)


def _checked(headings: Sequence[str]) -> tuple[str, ...]:
    if len(headings) > _MOST_COLUMNS:
        raise StoppedError("too_large", f"it has {len(headings):,} columns, the limit is {_MOST_COLUMNS:,}")
    return tuple(headings)


def _has_no_line_break(headings: Iterable[str]) -> bool:
    return not any("\n" in heading or "\r" in heading for heading in headings)


def _written(text: str, work: Path) -> Path:
    """Write a text as UTF-8, for DuckDB to read."""
    path = work / "text"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _load_at_once(path: Path, n_columns: int, delimiter: str, connection: Connection) -> int:
    """Let DuckDB read a file whose first line is the heading; return the records it found, -1 when it stumbled."""
    columns = ", ".join(f"'c{number}': 'varchar'" for number in range(n_columns))
    options = (
        f"auto_detect = false, header = false, skip = 1, delim = {quote_literal(delimiter)}, columns = {{{columns}}}"
    )
    names = "".join(f", c{number}" for number in range(n_columns))
    try:
        connection.execute(
            f"create or replace table raw as select row_number() over () as row_no{names} "
            f"from read_csv({quote_literal(str(path))}, {options}, quote = '\"', escape = '\"', nullstr = '')"
        )
    except TransformError:
        return -1
    return int(connection.rows("select count(*) as n from raw")[0]["n"])


def _load_rows(rows: Iterable[Sequence[str]], n_columns: int, reading: Reading) -> tuple[dict[int, list[str]], int]:
    """Load records one by one; return those of another width as they were, and how many there are in all."""
    path, ragged, count = reading.work / "rows", {}, 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for count, row in enumerate(rows, start=1):
            cells = list(row)
            if len(cells) != n_columns:
                ragged[count] = cells
                cells = [*cells, *[""] * n_columns][:n_columns]
            writer.writerow([count, *cells])
    names = "".join(f", c{number}" for number in range(n_columns))
    columns = ", ".join(["'row_no': 'bigint'", *(f"'c{number}': 'varchar'" for number in range(n_columns))])
    options = f"auto_detect = false, header = false, delim = ',', columns = {{{columns}}}, nullstr = ''"
    reading.connection.execute(
        f"create or replace table raw as select row_no{names} from read_csv({quote_literal(str(path))}, {options}, "
        f"quote = '\"', escape = '\"', parallel = false) order by row_no"
    )
    return ragged, count


def _load_tables(records: Iterable[Mapping[str, Any]], reading: Reading, notes: Sequence[str]) -> Loaded:
    """Load records that name their cells; the headings are all names in order of their first mention."""
    held = list(records)
    headings = _checked(tuple(dict.fromkeys(name for record in held for name in record)))
    if not held:
        raise StoppedError("empty_file", n_records=0)
    _load_rows(([record.get(name) or "" for name in headings] for record in held), len(headings), reading)
    return Loaded(headings, len(held), notes=tuple(notes))


def _load_json(path: Path, reading: Reading) -> Loaded:
    data = path.read_bytes()
    check_kind(data, "json")
    text, notes = texts.decoded(data, reading.source.format.encoding)
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise StoppedError("records_unreadable", "it is no JSON") from None
    for key in (reading.source.format.records or "").split("."):
        found = found.get(key) if key and isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise StoppedError("records_unreadable", "format.records does not lead to a list of objects")
    return _load_tables((dict(_flat(record)) for record in found), reading, notes)


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of an object, names joined by dots; a list stays JSON."""
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str):
            yield prefix + name, value
        elif value is not None:
            yield prefix + name, json.dumps(value, ensure_ascii=False)


def _load_xml(path: Path, reading: Reading) -> Loaded:
    data = path.read_bytes()
    check_kind(data, "xml")
    clean, notes = texts.without_control_characters(data, reading.source.repair)
    return _load_tables(_xml_records(clean, reading.source.format.records or "item"), reading, notes)


def _xml_records(data: bytes, tag: str) -> Iterator[dict[str, str]]:
    """Yield the records of an XML text: children of each element of the declared name.

    Raises:
        StoppedError: It is cut off, malformed, or declares entities.
    """
    from io import BytesIO
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    count = 0
    try:
        for _, element in ElementTree.iterparse(BytesIO(data), events=("end",), forbid_dtd=True):
            if element.tag == tag:
                count += 1
                yield {child.tag: (child.text or "").strip() for child in element}
                element.clear()
    except DefusedXmlException:
        raise StoppedError("xml_entities") from None
    except ParseError as error:
        code = "xml_truncated" if error.code in _TRUNCATED else "records_unreadable"
        raise StoppedError(code, f"after {count:,} whole records", n_records=count) from None


def _load_parquet(path: Path, reading: Reading) -> Loaded:
    with path.open("rb") as file:
        check_kind(file.read(4), "parquet")
    connection, name = reading.connection, quote_literal(str(path))
    try:
        headings = tuple(row["column_name"] for row in connection.rows(f"describe from read_parquet({name})"))
        names = ", ".join(f"cast({_place(number)} as varchar) as c{number}" for number in range(len(headings)))
        listed = ", ".join(_place(number) for number in range(len(headings)))
        connection.execute(
            f"create or replace table raw as select row_number() over () as row_no, {names} "
            f"from read_parquet({name}) as found({listed})"
        )
    except TransformError:
        raise StoppedError("records_unreadable", "the Parquet file is damaged") from None
    count = int(connection.rows("select count(*) as n from raw")[0]["n"])
    if count == 0:
        raise StoppedError("empty_file", n_records=0)
    return Loaded(_checked(headings), count)


def _place(number: int) -> str:
    return f"p{number}"


_READERS: dict[str, Callable[[Path, Reading], Loaded]] = {
    "csv": _load_csv,
    "json": _load_json,
    "xml": _load_xml,
    "parquet": _load_parquet,
}
