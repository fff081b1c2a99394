"""Find the heading of a table and match it with the declared one: style and order may change, names may not.

Nothing is guessed: a heading that is gone stops the file, one that nobody declared is not carried on.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING

from aimline.arrival.delivery import StoppedError

if TYPE_CHECKING:
    from schemas.sources import Source

_ENOUGH = 0.6
_SHOWN = 5
_NUMBERED = re.compile(r"^\s*\d+[.)]\s+")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_NO_WORD = re.compile(r"[^\w%#]+|_")


def norm(heading: str) -> str:
    """Return a heading without what is style: case, marks, spaces, line breaks, a leading number."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", heading)).casefold()
    return _NO_WORD.sub(" ", _NUMBERED.sub("", text)).strip()


@dataclass(frozen=True)
class Expected:
    """The headings a source declares: those that must be there, in order of their first mention, and known others."""

    needed: tuple[tuple[str, ...], ...]
    dropped: tuple[str, ...]

    def names(self) -> set[str]:
        """Return the plain forms of all headings and their aliases."""
        return {norm(alias) for aliases in self.needed for alias in aliases}


def expected_headings(source: "Source", items: Mapping[str, str]) -> Expected:
    """Return the headings a source needs.

    Args:
        source: The source.
        items: Heading -> item of the unpivoted instrument.
    """
    needed: dict[tuple[str, ...], None] = {}
    made = {source.unpivot.name, source.unpivot.value} if source.unpivot else set()
    for column in source.columns:
        if column.from_:
            needed[column.from_] = None
        if column.when and column.when.heading not in made:
            needed[(column.when.heading,)] = None
    wide = [*(source.unpivot.columns if source.unpivot else ()), *items]
    tested = [heading for rule in source.ignore_rows for heading in rule.when]
    for heading in (*wide, *tested):
        if not any(heading in aliases for aliases in needed):
            needed[(heading,)] = None
    return Expected(tuple(needed), source.drop)


def heading_row(rows: Iterable[Sequence[str]], expected: Expected) -> int | None:
    """Return which of the first rows is the heading: the first that holds enough of what is expected; None if none."""
    wanted = expected.names()
    for number, row in enumerate(rows):
        if wanted and len(wanted & {norm(cell) for cell in row}) >= _ENOUGH * len(expected.needed):
            return number
    return None


@dataclass(frozen=True)
class Matched:
    """Where each declared heading stands in a table, what is worth noting, and a digest of the order of headings."""

    place: Mapping[str, int]
    notes: tuple[str, ...]
    fingerprint: str


def fingerprint(headings: Iterable[str]) -> str:
    """Return digests of the plain headings, first as a set and then in order: ``set.order``."""
    plain = [norm(heading) for heading in headings]
    digests = (sha256("\x1f".join(names).encode()).hexdigest()[:12] for names in (sorted(plain), plain))
    return ".".join(digests)


def matched(headings: Sequence[str], expected: Expected, *, n_records: int, before: str = "") -> Matched:
    """Match the headings of a table with the declared ones.

    Args:
        headings: As they stand in the table.
        expected: As they are declared.
        n_records: Records of the table, for whoever tells that it was held.
        before: Fingerprint of the source's last accepted table.

    Raises:
        StoppedError: One is gone, or one is there twice.
    """
    plain = [norm(heading) for heading in headings]
    twice = [name for name, count in Counter(filter(None, plain)).items() if count > 1]
    if twice:
        raise StoppedError("column_duplicated", _listed(twice), n_records=n_records)
    at = {name: number for number, name in enumerate(plain) if name}
    place: dict[str, int] = {}
    gone, found = [], []
    for aliases in expected.needed:
        hit = next((alias for alias in aliases if norm(alias) in at), None)
        if hit is None:
            gone.append(aliases[0])
            continue
        found.append((hit, at[norm(hit)]))
        place.update({alias: at[norm(hit)] for alias in aliases})
    if gone:
        raise StoppedError("column_removed", _listed(gone), n_records=n_records)
    now = fingerprint(headings)
    notes = ["header_restyled"] if any(headings[number] != hit for hit, number in found) else []
    if before and before != now and before.partition(".")[0] == now.partition(".")[0]:
        notes.append("columns_reordered")
    if _has_strangers(plain, expected):
        notes.append("column_added")
    return Matched(place, tuple(notes), now)


def _has_strangers(plain: Iterable[str], expected: Expected) -> bool:
    """Say whether there is a heading that nobody declared, neither to be read nor to be dropped."""
    known = expected.names()
    dropped = [norm(pattern) if "*" not in pattern else pattern.casefold() for pattern in expected.dropped]
    strange = [name for name in plain if name and name not in known]
    return any(not any(fnmatchcase(name, pattern) for pattern in dropped) for name in strange)


def _listed(names: Sequence[str]) -> str:
    """Name a few headings; a heading is declared text, no value of a row."""
    shown = ", ".join(f"'{name[:60]}'" for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
