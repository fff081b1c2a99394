"""Load the records of one member into table ``raw``: ``row_no`` and one text column a heading, ``c0`` and on.

Every record gets its number, counted from 1 after the heading. DuckDB reads a clean file at once; anything odd is read
record by record, so that each is accounted for. What a cell means is decided later.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.arrival import text as texts
from aimline.arrival.delivery import Member, StoppedError
from aimline.arrival.grids import Head, head_of, trimmed
from aimline.arrival.guard import check_kind
from aimline.arrival.headings import Expected, heading_row
from aimline.arrival.workbook import has_formulas, sheet_names, sheet_rows
from aimline.errors import TransformError
from aimline.warehouse import Connection, quote_literal

if TYPE_CHECKING:
    from schemas.source_tables import Format
    from schemas.sources import Source

_TRUNCATED = {3, 5, 6}  # expat: no element, unclosed token, partial character
_DEEPEST = 64
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
        titles: Texts above the heading.
        layout: Where the heading was found: ``row``, ``sheet``.
        refused: Number of a record -> code of why whoever prepared it refuses it.
    """

    headings: tuple[str, ...]
    n_records: int
    ignored: Mapping[str, int] = field(default_factory=dict)
    ragged: Mapping[int, Sequence[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    layout: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)

    @property
    def bad(self) -> dict[int, str]:
        """Return the records that are refused whatever their cells say, each with its code."""
        return dict.fromkeys(self.ragged, "ragged_row") | dict(self.refused)


@dataclass(frozen=True)
class Reading:
    """What a reader works with: the source, the headings it expects, the database, a folder for unfinished files."""

    source: "Source"
    expected: Expected
    connection: Connection
    work: Path

    @property
    def form(self) -> "Format":
        """Return how the source says it writes."""
        return self.source.format


def load(member: Member, reading: Reading) -> Loaded:
    """Load one member.

    Raises:
        StoppedError: It cannot be read as declared, and nothing of it was.
    """
    kind = reading.form.type
    if kind not in {"parquet", "xlsx"} and member.path.stat().st_size > MOST_TEXT:
        raise StoppedError("too_large", f"it unpacks to more than {MOST_TEXT:,} bytes of text")
    if kind == "xlsx":
        return _load_sheet(member, reading)
    return _READERS[kind](member.path, reading)


def _load_csv(path: Path, reading: Reading) -> Loaded:
    text, notes, is_plain = _csv_text(path, reading)
    n_records = texts.count_records(text)
    seen = [*texts.noted(text), *(["line_break_in_cell"] if texts.count_lines(text) != n_records else [])]
    if not text.strip():
        raise StoppedError("empty_file", n_records=n_records)
    delimiter, head = _csv_head(text, reading)
    width, head = len(head.headings), replace(head, headings=trimmed(head.headings))
    trail = ("trailing_empty_columns",) if width > len(head.headings) else ()
    if head.n_above == 1 and head.n_titles == 0 and _has_no_line_break(head.headings):
        plain = path if is_plain else _written(text, reading.work)
        text = ""  # a large file stands in memory once
        if _load_at_once(plain, len(head.headings), delimiter, reading.connection) == n_records - 1:
            return _loaded(head, n_records, (*notes, *seen, *trail), {})
    rows = islice(texts.records(text or _csv_text(path, reading)[0], delimiter), head.n_above, None)
    ragged, count, has_trail = _load_rows(rows, len(head.headings), reading)
    if head.n_above + count != n_records:
        code = "quote_broken" if b'"' in path.read_bytes() else "conservation_broken"
        detail = f"{n_records:,} records counted, {head.n_above + count:,} read"
        raise StoppedError(code, detail, n_records=n_records)
    trail = ("trailing_empty_columns",) if trail or has_trail else ()
    return _loaded(head, n_records, (*notes, *seen, *trail), ragged)


def _csv_text(path: Path, reading: Reading) -> tuple[str, list[str], bool]:
    """Return the text of a file, what is worth noting of its bytes, and whether they can be read as they are."""
    data = path.read_bytes()
    check_kind(data, "csv")
    clean, repaired = texts.without_control_characters(data, reading.source.repair, reading.form.encoding)
    text, noted = texts.decoded(clean, reading.form.encoding)
    notes = [*repaired, *noted]
    return texts.with_plain_line_ends(text), notes, not notes and b"\r" not in data


def _csv_head(text: str, reading: Reading) -> tuple[str, Head]:
    """Return the delimiter of a text and its top; where no heading is found, the first record stands for one."""
    form, expected = reading.form, reading.expected

    def has_heading(rows: list[list[str]]) -> bool:
        head = head_of(rows, form, expected)
        if head is None or form.header == "none":
            return False
        return form.header == "auto" or heading_row([head.headings], expected) is not None

    delimiter = texts.found_delimiter(text, form.delimiter, has_heading)
    first = list(islice(texts.records(text, delimiter), texts.HEADING_WITHIN))
    head = head_of(first, form, expected) or Head(tuple(first[0]))
    return delimiter, head


def _loaded(head: Head, n_records: int, notes: Sequence[str], ragged: Mapping[int, Sequence[str]]) -> Loaded:
    layout = {"row": head.n_titles + 1, "n_rows": head.n_rows}
    return Loaded(head.headings, n_records, head.ignored, ragged, tuple(notes), head.titles, layout)


def _load_sheet(member: Member, reading: Reading) -> Loaded:
    """Load one sheet of a workbook."""
    rows = sheet_rows(member.path, member.sheet, reading.form)
    first = list(islice(rows, texts.HEADING_WITHIN))
    head = head_of(first, reading.form, reading.expected)
    if head is None:
        raise StoppedError("column_removed", "no row of the sheet holds the declared headings", n_records=len(first))
    head = replace(head, headings=trimmed(head.headings))
    ragged, count, _ = _load_rows(chain(first[head.n_above :], rows), len(head.headings), reading)
    notes = ("formula_cell",) if has_formulas(member.path) else ()
    found = _loaded(head, head.n_above + count, notes, ragged)
    return replace(found, layout={**found.layout, "sheet": member.sheet, "n_sheets": len(sheet_names(member.path))})


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
        f"auto_detect = false, header = false, skip = 1, delim = {quote_literal(delimiter)}, columns = {{{columns}}}, "
        f"max_line_size = {texts.LONGEST_CELL}"  # a longer line is read cell by cell, and each cell measured
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


def _load_rows(
    rows: Iterable[Sequence[str]], n_columns: int, reading: Reading
) -> tuple[dict[int, list[str]], int, bool]:
    """Load records one by one; empty cells beyond the last column do not count.

    Returns:
        Records of another width as they were, how many there are in all, whether some had empty cells at their end.
    """
    path, ragged, count, has_trail = reading.work / "rows", {}, 0, False
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for count, row in enumerate(rows, start=1):
            cells = list(row)
            if len(cells) > n_columns and not any(cells[n_columns:]):
                cells, has_trail = cells[:n_columns], True
            if len(cells) != n_columns:
                ragged[count] = cells
                cells = [*cells, *[""] * n_columns][:n_columns]
            writer.writerow([count, *cells])
    _load_written(path, n_columns, reading)
    return ragged, count, has_trail


def load_numbered(rows: Iterable[tuple[int, Sequence[str]]], n_columns: int, reading: Reading) -> None:
    """Load records that have their numbers already."""
    path = reading.work / "rows"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([number, *cells] for number, cells in rows)
    _load_written(path, n_columns, reading)


def _load_written(path: Path, n_columns: int, reading: Reading) -> None:
    """Load numbered records that were written as text."""
    names = "".join(f", c{number}" for number in range(n_columns))
    columns = ", ".join(["'row_no': 'bigint'", *(f"'c{number}': 'varchar'" for number in range(n_columns))])
    options = f"auto_detect = false, header = false, delim = ',', columns = {{{columns}}}, nullstr = ''"
    reading.connection.execute(
        f"create or replace table raw as select row_no{names} from read_csv({quote_literal(str(path))}, {options}, "
        f"quote = '\"', escape = '\"', parallel = false, max_line_size = {_LONGEST_LINE}) order by row_no"
    )


_LONGEST_LINE = 32 * 2**20


def _load_tables(records: Iterable[Mapping[str, Any]], reading: Reading, notes: Sequence[str]) -> Loaded:
    """Load records that name their cells; the headings are all names in order of their first mention."""
    held = list(records)
    headings = tuple(dict.fromkeys(name for record in held for name in record))
    if not held:
        raise StoppedError("empty_file", n_records=0)
    if len(headings) > _MOST_COLUMNS:
        raise StoppedError("too_large", f"it has {len(headings):,} columns, the limit is {_MOST_COLUMNS:,}")
    _load_rows(([record.get(name) or "" for name in headings] for record in held), len(headings), reading)
    return Loaded(headings, len(held), notes=tuple(notes))


_MOST_COLUMNS = 5000


def _json_text(path: Path, reading: Reading) -> tuple[str, tuple[str, ...]]:
    """Return the text of a JSON file and what is worth noting."""
    data = path.read_bytes()
    check_kind(data, "json")
    clean, repaired = texts.without_control_characters(data, reading.source.repair, reading.form.encoding)
    text, noted = texts.decoded(clean, reading.form.encoding)
    return text, (*repaired, *noted, *texts.noted(text))


def _load_json(path: Path, reading: Reading) -> Loaded:
    text, notes = _json_text(path, reading)
    found = _parsed(text)
    for key in (reading.form.records or "").split("."):
        found = found.get(key) if key and isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise StoppedError("records_unreadable", "format.records does not lead to a list of objects")
    return _load_tables((dict(_flat(record)) for record in found), reading, notes)


def _parsed(text: str, n_records: int | None = None) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise StoppedError("records_unreadable", "it is no JSON, or cut off", n_records=n_records) from None


def _load_jsonl(path: Path, reading: Reading) -> Loaded:
    """Load one object a line; lines of white space are no records."""
    text, notes = _json_text(path, reading)
    lines = [line for line in text.split("\n") if line.strip()]
    records = [_parsed(line, len(lines)) for line in lines]
    if not all(isinstance(record, dict) for record in records):
        raise StoppedError("records_unreadable", "a line is no object", n_records=len(lines))
    return _load_tables((dict(_flat(record)) for record in records), reading, notes)


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of an object, names joined by dots; a list stays JSON."""
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str):
            yield prefix + name, value
        else:  # a name whose value is null is there, and empty
            yield prefix + name, "" if value is None else json.dumps(value, ensure_ascii=False)


def _load_xml(path: Path, reading: Reading) -> Loaded:
    data = path.read_bytes()
    check_kind(data, "xml")
    clean, notes = texts.without_control_characters(data, reading.source.repair)
    return _load_tables(_xml_records(clean, reading.form.records or "item"), reading, notes)


def _xml_records(data: bytes, tag: str) -> Iterator[dict[str, str]]:
    """Yield the records of an XML text: what is in each element of the declared name, names below it joined by dots.

    Raises:
        StoppedError: It is cut off, malformed, or declares entities.
    """
    from io import BytesIO
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    count = depth = 0
    try:
        for event, element in ElementTree.iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth > _DEEPEST:
                raise StoppedError("records_unreadable", f"elements are nested deeper than {_DEEPEST}")
            if event == "end" and _bare(element.tag) == tag:
                count += 1
                yield dict(_leaves(element))
                element.clear()
    except DefusedXmlException:
        raise StoppedError("xml_entities") from None
    except ParseError as error:
        code = "xml_truncated" if error.code in _TRUNCATED else "records_unreadable"
        raise StoppedError(code, f"after {count:,} whole records", n_records=count) from None


def _bare(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2]


def _leaves(element: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield attributes and texts below an element by their path; of a name that repeats, the last."""
    for name, value in element.attrib.items():
        yield prefix + _bare(name), value
    for child in element:
        path = prefix + _bare(child.tag)
        if len(child) or child.attrib:
            yield from _leaves(child, f"{path}.")
        if not len(child):
            yield path, (child.text or "").strip()


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
    if len(headings) > _MOST_COLUMNS:
        raise StoppedError("too_large", f"it has {len(headings):,} columns, the limit is {_MOST_COLUMNS:,}")
    return Loaded(headings, count)


def _place(number: int) -> str:
    return f"p{number}"


_READERS: dict[str, Callable[[Path, Reading], Loaded]] = {
    "csv": _load_csv,
    "json": _load_json,
    "jsonl": _load_jsonl,
    "xml": _load_xml,
    "parquet": _load_parquet,
}
