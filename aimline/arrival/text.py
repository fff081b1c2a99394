"""Turn bytes of a delimited file into text and records: encoding, control characters, delimiter, an exact count.

What headings mean and which rows count is decided elsewhere.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from aimline.arrival.delivery import StoppedError

DELIMITERS = (",", ";", "\t", "|")
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32)])
_UNDEFINED_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_LOOKED_AT = 1000
HEADING_WITHIN = 40
"""A heading is among the first records, or there is none."""

_STEADY = 0.99
LONGEST_CELL = 100_000
_TOO_LONG = f"longer than {LONGEST_CELL:,} characters"


def decoded(data: bytes, encoding: str) -> tuple[str, list[str]]:
    """Return the text of bytes and what is worth noting: a byte-order mark, an older encoding.

    Raises:
        StoppedError: The bytes are text in no encoding that is known, or not in the declared one.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return _strictly(data[3:], "utf-8"), ["bom"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(data, "utf-16"), ["bom"]
    if encoding != "auto":
        return _strictly(data, encoding), []
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        if _UNDEFINED_CP1252.search(data):
            raise StoppedError("encoding_unknown") from None
        return data.decode("cp1252"), ["encoding_cp1252"]


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise StoppedError("encoding_unknown", f"it is not {encoding}") from None


def without_control_characters(data: bytes, repair: Sequence[str], encoding: str = "auto") -> tuple[bytes, list[str]]:
    """Take control characters out when that is declared; return the bytes and what was done.

    Raises:
        StoppedError: There are some and nobody declared the repair.
    """
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) or encoding == "utf-16"
    if is_wide:  # such bytes are halves of letters
        return data, []
    clean = data.translate(None, _CONTROL)
    if len(clean) == len(data):
        return data, []
    if "strip_control_chars" not in repair:
        raise StoppedError("control_chars", f"{len(data) - len(clean)} of them")
    return clean, ["control_chars_repaired"]


_BROKEN_LETTERS = re.compile("\u00c3[\u0080-\u00bf]|\u00c2[\u00a0-\u00bf]|\u00e2\u20ac")
_ENOUGH_BROKEN = 3


def noted(text: str) -> list[str]:
    """Return what is worth noting of a text that reads well: letters somebody upstream read in another encoding."""
    if text.isascii():  # known of every text without a look at its letters
        return []
    found = islice(_BROKEN_LETTERS.finditer(text), _ENOUGH_BROKEN)
    return ["mojibake"] if sum(1 for _ in found) == _ENOUGH_BROKEN else []


def with_plain_line_ends(text: str) -> str:
    """Return text whose lines end in a line feed alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def found_delimiter(text: str, declared: str, is_heading_in: Callable[[list[list[str]]], bool]) -> str:
    """Return the delimiter: the declared one, else the one that shows the heading, else the one of constant width.

    Args:
        text: The text.
        declared: A delimiter, or ``auto``.
        is_heading_in: Says whether the declared heading is among some records.

    Raises:
        StoppedError: None does, or several do.
    """
    if declared != "auto":
        return declared
    there = [mark for mark in DELIMITERS if mark in text]
    shown = [mark for mark in there if is_heading_in(first_records(text, mark))]
    absent = [mark for mark in DELIMITERS if mark not in there]
    if absent and is_heading_in(first_records(text, absent[0])):  # by a mark that is nowhere, a line is one cell
        shown += absent
    if len(shown) == 1:
        return shown[0]
    steady = [mark for mark in DELIMITERS if _is_steady(text, mark)]
    if len(steady) != 1:
        raise StoppedError("delimiter_ambiguous")
    return steady[0]


def first_records(text: str, delimiter: str) -> list[list[str]]:
    """Return the records among which a heading is looked for; none when the quotes do not fit the delimiter."""
    try:
        return list(islice(records(text, delimiter), HEADING_WITHIN))
    except StoppedError:
        return []


def _is_steady(text: str, delimiter: str) -> bool:
    """Say whether nearly all of the first records have one width of two or more."""
    try:
        widths = [len(row) for row in islice(records(text, delimiter), _LOOKED_AT) if row]
    except StoppedError:
        return False
    widest = max(set(widths), key=widths.count, default=0)
    return widest > 1 and widths.count(widest) >= _STEADY * len(widths) - 1


def records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the records of a text, quoted line breaks inside cells kept; an empty line is an empty record.

    Raises:
        StoppedError: A quoted field is never closed.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "limit" in str(error):
                raise StoppedError("too_large", f"a cell near line {reader.line_num:,} is {_TOO_LONG}") from None
            raise StoppedError("quote_broken", f"near line {reader.line_num:,}") from None


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their line feeds, one when it is asked for: mostly the first few are wanted."""
    start, end = 0, len(text)
    while start < end:
        stop = text.find("\n", start) + 1 or end
        yield text[start:stop]
        start = stop


def count_lines(text: str) -> int:
    """Count lines, whatever stands in them."""
    return text.count("\n") + (bool(text) and not text.endswith("\n"))


def count_records(text: str) -> int:
    """Count records without reading cells: line ends outside quotes. The check on whoever reads them.

    Raises:
        StoppedError: The quotes do not pair.
    """
    if '"' not in text:
        return count_lines(text)
    last = not text.endswith("\n")
    outside = text.split('"')
    if len(outside) % 2 == 0:
        raise StoppedError("quote_broken")
    return sum(part.count("\n") for part in outside[::2]) + last
