"""Find the heading of a table and match it with the declared one: style and order may change, names may not.

Nothing is guessed: a heading that is gone stops the file, one that nobody declared is not carried on.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from aimline.arrival.delivery import StoppedError

if TYPE_CHECKING:
    from schemas.sources import Source

_ENOUGH = 0.6
_SHOWN = 5
_NUMBERED = re.compile(r"^\s*\d+[.)]\s+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d\s*[-\u2013/]\s*(?:(?:19|20)\d\d|\d\d)(?!\d)")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_NO_WORD = re.compile(r"[^\w%#]+|_")


@lru_cache(maxsize=4096)
def norm(heading: str) -> str:
    """Return a heading without what is style, and with no school year in particular."""
    return _plain(_YEAR.sub(" year ", heading))


def _plain(heading: str) -> str:
    """Return a heading without case, marks, spaces, line breaks, a leading number."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", heading)).casefold()
    return _NO_WORD.sub(" ", _NUMBERED.sub("", text)).strip()


@dataclass(frozen=True)
class Expected:
    """The headings a source declares.

    Attributes:
        needed: Those that must be there, each with its aliases, in order of their first mention.
        dropped: Patterns of those that end at the door.
        pattern: What further headings look like that are unpivoted; None where they are named.
    """

    needed: tuple[tuple[str, ...], ...]
    dropped: tuple[str, ...]
    pattern: "re.Pattern[str] | None" = None

    def names(self) -> set[str]:
        """Return the plain forms of all headings and their aliases."""
        return {norm(alias) for aliases in self.needed for alias in aliases}


def expected_headings(source: "Source", items: Mapping[str, str], aliases: Mapping[str, str] | None = None) -> Expected:
    """Return the headings a source needs.

    Args:
        source: The source.
        items: Heading -> item of the unpivoted instrument.
        aliases: Heading -> the declared heading, or column of the entity, that a person said it stands for.
    """
    needed: dict[tuple[str, ...], None] = {}
    made = {source.unpivot.name, source.unpivot.value} if source.unpivot else set()
    for column in source.columns:
        if column.from_:
            needed[column.from_] = None
        if column.when and column.when.heading not in made:
            needed[(column.when.heading,)] = None
    wide = [*(source.unpivot.headings if source.unpivot else ()), *items]
    tested = [heading for rule in source.ignore_rows for heading in rule.when]
    for heading in (*wide, *tested):
        if not any(heading in known for known in needed):
            needed[(heading,)] = None
    dropped = (*source.drop, *BUILT_IN_DROPS) if source.contains_people else source.drop
    pattern = source.unpivot.pattern if source.unpivot else None
    return Expected(tuple(_with_aliases(needed, source, aliases or {})), dropped, pattern)


BUILT_IN_DROPS = (
    *("*email*", "*e mail*", "*phone*", "*birth*", "dob", "*address*", "*password*", "*latitude*", "*longitude*"),
    *("first name", "last name", "middle name", "full name", "student name", "*parent name*", "*guardian*"),
    *("ipaddress", "ip address", "ssn", "*social security*", "recipient*"),
)
"""Headings that end at the door of every source with people, whatever it declares; a mapped one is never dropped."""


def _with_aliases(
    needed: Iterable[tuple[str, ...]], source: "Source", aliases: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """Yield the headings needed with those a person accepted in their place."""
    by_column = {column.name: column.from_ for column in source.columns if column.from_}
    for known in needed:
        accepted = [new for new, old in aliases.items() if old in known or by_column.get(old) == known]
        yield (*known, *(each for each in accepted if each not in known))


def heading_row(rows: Iterable[Sequence[str]], expected: Expected) -> int | None:
    """Return which of the first rows is the heading: the first that holds enough of what is expected; None if none."""
    wanted = expected.names()
    for number, row in enumerate(rows):
        if wanted and len(wanted & {norm(cell) for cell in row}) >= _ENOUGH * len(expected.needed):
            return number
    return None


@dataclass(frozen=True)
class Matched:
    """How the headings of a table fit the declared ones.

    Attributes:
        place: Declared heading and alias -> number of its column.
        notes: Codes worth noting.
        fingerprint: Digests of the headings.
        gone: The declared headings that are not there, each with its aliases.
        strangers: Numbers of the columns nobody declared.
    """

    place: Mapping[str, int]
    notes: tuple[str, ...]
    fingerprint: str
    gone: tuple[tuple[str, ...], ...] = ()
    strangers: tuple[int, ...] = ()


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
        StoppedError: One is there twice.
    """
    plain = [norm(heading) for heading in headings]
    place, found, gone = _places(headings, expected)
    _refuse_doubles(headings, expected, n_records)
    now = fingerprint(headings)
    notes = ["header_restyled"] if any(headings[number] != hit for hit, number in found) else []
    if before and before != now and before.partition(".")[0] == now.partition(".")[0]:
        notes.append("columns_reordered")
    used = set(place.values())
    strangers = tuple(number for number, name in enumerate(plain) if name and number not in used)
    strangers = tuple(number for number in strangers if not _is_patterned(headings[number], expected))
    if any(not is_dropped(plain[number], expected) for number in strangers):
        notes.append("column_added")
    return Matched(place, tuple(notes), now, tuple(gone), strangers)


def _places(
    headings: Sequence[str], expected: Expected
) -> tuple[dict[str, int], list[tuple[str, int]], list[tuple[str, ...]]]:
    """Return where the declared headings stand, which alias stands there, and which are gone."""
    exact = {heading: number for number, heading in reversed(list(enumerate(headings)))}
    at = {norm(heading): number for number, heading in reversed(list(enumerate(headings))) if norm(heading)}
    place: dict[str, int] = {}
    found, gone = [], []
    for aliases in expected.needed:
        hit = next((alias for alias in aliases if alias in exact or norm(alias) in at), None)
        if hit is None:
            gone.append(aliases)
            continue
        number = exact[hit] if hit in exact else at[norm(hit)]
        found.append((hit, number))
        place.update(dict.fromkeys(aliases, number))
    return place, found, gone


def _refuse_doubles(headings: Sequence[str], expected: Expected, n_records: int) -> None:
    """Stop where a heading stands twice, unless each of the two is declared as it is written."""
    plain = [_plain(heading) for heading in headings]
    declared = {alias for aliases in expected.needed for alias in aliases}
    twice = [name for name, count in Counter(filter(None, plain)).items() if count > 1]
    told = []
    for name in twice:
        written = [heading for heading, own in zip(headings, plain, strict=True) if own == name]
        is_told_apart = len(set(written)) == len(written) and declared.issuperset(written)
        is_patterned = len(set(written)) == len(written) and all(_is_patterned(each, expected) for each in written)
        if not (is_told_apart or is_patterned):
            told.append(name)
    if told:
        raise StoppedError("column_duplicated", listed(told), n_records=n_records)


def _is_patterned(heading: str, expected: Expected) -> bool:
    return expected.pattern is not None and expected.pattern.fullmatch(heading.strip()) is not None


def is_dropped(plain: str, expected: Expected) -> bool:
    """Say whether a heading in its plain form is one that ends at the door."""
    patterns = (norm(pattern) if "*" not in pattern else pattern.casefold() for pattern in expected.dropped)
    return any(fnmatchcase(plain, pattern) for pattern in patterns)


def listed(names: Sequence[str]) -> str:
    """Name a few headings; a heading is declared text, no value of a row."""
    shown = ", ".join(f"'{name[:60]}'" for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
