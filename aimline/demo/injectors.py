"""Make each fault of a plain file from a good one, by its code: what a vendor's slip does to the bytes.

A good file here is UTF-8 text, comma-separated, one heading; ``Feed`` says where its columns stand. Finding the faults
is ``aimline/arrival``; which there are is ``schemas/faults.py``.
"""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Rows = list[list[str]]
Change = Callable[[Rows, "Feed"], Rows]


@dataclass(frozen=True)
class Feed:
    """Where the columns of a good file stand."""

    id_at: int
    day_at: int
    code_at: int
    count_at: int
    other_count_at: int
    share_at: int


@dataclass(frozen=True)
class Faulty:
    """Bytes with one fault, and what the name of their file ends in."""

    data: bytes
    ending: str = ".csv"


def codes() -> list[str]:
    """Return the codes for which there is an injector."""
    return sorted({*_OF_ROWS, *_OF_TEXT, *_OF_BYTES, *_OF_ARCHIVES})


def inject(code: str, good: bytes, feed: Feed) -> Faulty:
    """Return a good file with one fault.

    Args:
        code: Code of the catalogue.
        good: The good file.
        feed: Where its columns stand.

    Raises:
        KeyError: There is no injector of that code.
    """
    if code in _OF_ARCHIVES:
        return _OF_ARCHIVES[code](good)
    if code in _OF_BYTES:
        return Faulty(_OF_BYTES[code](good))
    if code in _OF_TEXT:
        return Faulty(_OF_TEXT[code](good.decode()).encode())
    return Faulty(_written(_OF_ROWS[code](list(csv.reader(io.StringIO(good.decode()))), feed)))


def _written(rows: Rows) -> bytes:
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows(rows)
    return held.getvalue().encode()


def _cell(place: str, change: Callable[[str], str], *, every: bool = False) -> Change:
    """Return a change of one cell of the last row, or of every row."""

    def changed(rows: Rows, feed: Feed) -> Rows:
        at = getattr(feed, place)
        for row in rows[1:] if every else rows[-1:]:
            row[at] = change(row[at])
        return rows

    return changed


def _heading(place: str, change: Callable[[str], str]) -> Change:
    def changed(rows: Rows, feed: Feed) -> Rows:
        at = getattr(feed, place)
        rows[0][at] = change(rows[0][at])
        return rows

    return changed


def _without(place: str) -> Change:
    def changed(rows: Rows, feed: Feed) -> Rows:
        at = getattr(feed, place)
        return [[cell for number, cell in enumerate(row) if number != at] for row in rows]

    return changed


def _swapped(rows: Rows, feed: Feed) -> Rows:
    one, other = feed.count_at, feed.share_at
    for row in rows[1:]:
        row[one], row[other] = row[other], row[one]
    return rows


def _reordered(rows: Rows, _feed: Feed) -> Rows:
    return [row[::-1] for row in rows]


def _doubled(rows: Rows, feed: Feed) -> Rows:
    return [[*row, row[feed.count_at]] for row in rows]


def _added(rows: Rows, _feed: Feed) -> Rows:
    return [[*rows[0], "Weather"], *([*row, "sunny"] for row in rows[1:])]


def _conflicting(rows: Rows, feed: Feed) -> Rows:
    other = list(rows[-1])
    other[feed.other_count_at] = str(int(other[feed.other_count_at]) - 1)
    return [*rows, other]


def _last_again(rows: Rows, _feed: Feed) -> Rows:
    return [*rows, list(rows[-1])]


def _short(rows: Rows, _feed: Feed) -> Rows:
    return [*rows[:-1], rows[-1][:-1]]


def _trailing(rows: Rows, _feed: Feed) -> Rows:
    return [[*row, "", ""] for row in rows]


def _noted(text: str) -> Change:
    def changed(rows: Rows, _feed: Feed) -> Rows:
        return [*rows, [text, *[""] * (len(rows[0]) - 1)]]

    return changed


def _headed(title: str) -> Change:
    def changed(rows: Rows, _feed: Feed) -> Rows:
        return [[title], *rows]

    return changed


def _words(place: str, share: float) -> Change:
    """Return a change that writes words where a share of the rows had numbers."""

    def changed(rows: Rows, feed: Feed) -> Rows:
        at = getattr(feed, place)
        for row in rows[1 : 1 + round(share * (len(rows) - 1))]:
            row[at] = f"about {row[at]}"
        return rows

    return changed


def _totalled(rows: Rows, feed: Feed) -> Rows:
    """Add a total that is one more than the sum."""
    total = ["TOTAL", *[""] * (len(rows[0]) - 1)]
    for at in (feed.count_at, feed.other_count_at):
        total[at] = str(sum(int(row[at]) for row in rows[1:]) + 1)
    return [*rows, total]


def _titled(rows: Rows, _feed: Feed) -> Rows:
    return [["Daily report"], [], *rows]


def _not_sent(share: float) -> Change:
    """Return a change that takes the figures of a share of the rows away."""

    def changed(rows: Rows, feed: Feed) -> Rows:
        for row in rows[1 : 1 + round(share * (len(rows) - 1))]:
            row[feed.code_at] = "none"
            for at in (feed.count_at, feed.other_count_at, feed.share_at):
                row[at] = ""
        return rows

    return changed


def _fewer(share: float) -> Change:
    def changed(rows: Rows, _feed: Feed) -> Rows:
        return rows[: 1 + round(share * (len(rows) - 1))]

    return changed


def _as_percent(share: str) -> str:
    return f"{float(share) * 100:g}"


def _in_another_style(heading: str) -> str:
    return f"1. {heading.upper()}*"


_OF_ROWS: dict[str, Change] = {
    "ragged_row": _short,
    "title_row": _titled,
    "header_moved": _titled,
    "footnote_row": _noted("* see notes"),
    "blank_row": _noted(""),
    "totals_row": _noted("TOTAL"),
    "trailing_empty_columns": _trailing,
    "columns_reordered": _reordered,
    "header_restyled": _heading("count_at", _in_another_style),
    "column_renamed": _heading("count_at", lambda heading: f"{heading} Students"),
    "column_removed": _without("code_at"),
    "column_added": _added,
    "column_duplicated": _doubled,
    "column_emptied": _cell("share_at", lambda _: "", every=True),
    "columns_swapped": _swapped,
    "id_lost_zeros": _cell("id_at", lambda text: text.lstrip("0")),
    "id_float_damage": _cell("id_at", lambda text: f"{text}.0"),
    "id_scientific": _cell("id_at", lambda text: f"{int(text) or 1:.1E}"),
    "id_too_long": _cell("id_at", lambda text: f"{text}9"),
    "id_pattern": _cell("id_at", lambda text: f"X{text[1:]}"),
    "placeholder_id": _cell("id_at", lambda _: "${e://Field/School}"),
    "date_impossible": _cell("day_at", lambda _: "02/30/2019"),
    "date_excel_serial": _cell("day_at", lambda _: "43474"),
    "date_two_digit_year": _cell("day_at", lambda text: text[:-4] + text[-2:]),
    "decimal_comma": _cell("share_at", lambda text: text.replace(".", ","), every=True),
    "percent_as_100": _cell("share_at", _as_percent, every=True),
    "mask_unknown": _cell("count_at", lambda _: "***"),
    "bounded_text": _cell("count_at", lambda _: "n<10"),
    "code_unknown": _cell("code_at", lambda _: "lost"),
    "code_restyled": _cell("code_at", str.upper),
    "code_list_changed": _cell("code_at", lambda text: f"{text}_v2", every=True),
    "value_out_of_range": _cell("share_at", lambda _: "1.17"),
    "wrong_school_year": _cell("day_at", lambda text: f"{text[:-4]}{int(text[-4:]) - 1}", every=True),
    "not_a_school_day": _cell("day_at", lambda text: f"01/05/{text[-4:]}"),
    "submission_low": _not_sent(0.2),
    "closed_or_not_reported": _not_sent(0.95),
    "rows_out_of_band": _fewer(0.5),
    "year_unknown": _fewer(0.25),
    "year_conflict": _headed("School year 2016-17"),
    "type_changed": _words("count_at", 0.1),
    "totals_disagree": _totalled,
    "unit_missing": _fewer(0.8),
    "exact_duplicate": _last_again,
    "key_conflict": _conflicting,
}


def _unclosed(text: str) -> str:
    return f'{text}"0001,'


_OF_TEXT: dict[str, Callable[[str], str]] = {
    "delimiter_ambiguous": lambda text: text.replace(",", " "),
    "quote_broken": _unclosed,
    "line_break_in_cell": lambda text: text.replace("\n", ',"one\ntwo"\n'),
    "mojibake": lambda text: text.replace("\n", ",Caf\u00c3\u00a9\n"),
    "type_by_content": lambda _: "<!DOCTYPE html><html><title>Sign in</title></html>",
}
_OF_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "empty_file": lambda _: b"",
    "control_chars": lambda data: data.replace(b"sent", b"se\x1ant", 1),
    "encoding_cp1252": lambda data: data.replace(b"\n", b",Jos\xe9\n"),
    "encoding_unknown": lambda data: data.replace(b"\n", b",\x81\xe9\n"),
    "bom": lambda data: b"\xef\xbb\xbf" + data,
}


def _zipped(*members: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return held.getvalue()


def _encrypted(good: bytes) -> Faulty:
    """Set the mark of an encrypted entry in both headings of the archive."""
    data = bytearray(_zipped(("a.csv", good)))
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(start) + at] |= 1
    return Faulty(bytes(data), ".zip")


def _overlapping(good: bytes) -> Faulty:
    """Let the second entry of the archive begin where the first does."""
    data = bytearray(_zipped(("a.csv", good), ("b.csv", good)))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)
    return Faulty(bytes(data), ".zip")


def _archive(*members: tuple[str, bytes]) -> Faulty:
    return Faulty(_zipped(*members), ".zip")


_OF_ARCHIVES: dict[str, Callable[[bytes], Faulty]] = {
    "zip_bomb": lambda _: _archive(("a.csv", bytes(8 * 2**20))),
    "zip_slip": lambda good: _archive(("../a.csv", good)),
    "zip_nested": lambda good: _archive(("a.zip", _zipped(("a.csv", good)))),
    "zip_encrypted": _encrypted,
    "zip_overlapping": _overlapping,
    "zip_unexpected_members": lambda good: _archive(("a.csv", good), ("b.csv", good)),
    "zip_truncated": lambda good: Faulty(_zipped(("a.csv", good))[:-30], ".zip"),
    "gzip_truncated": lambda good: Faulty(gzip.compress(good)[:-20], ".csv.gz"),
}


def feed_of(headings: Sequence[str], *, at: Sequence[str]) -> Feed:
    """Return where the columns of a file stand, named in the order of ``Feed``."""
    places = [list(headings).index(name) for name in at]
    return Feed(*places)
