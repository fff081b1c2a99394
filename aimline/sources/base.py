"""Say what a connector can do: discover deliveries, fetch one. Policy, journal, clock and warehouse stay outside."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import Protocol, TypeVar, runtime_checkable

from aimline import clock
from aimline.errors import SourceTransientError

CONNECT_SECONDS = 10
READ_SECONDS = 120
DELIVERY_SECONDS = 1800
"""How long a connector waits for a line, for an answer, and for all of one delivery."""

WAITS = (1, 4, 16)
_SPREAD = 0.2
MOST_RETRY_AFTER = 300
_REPLACED = {"half_written", "etag_changed_between_list_and_get"}
_RANDOM = SystemRandom()
_Found = TypeVar("_Found")

UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload")


@dataclass(frozen=True, order=True)
class Offer:
    """One delivery that waits at a source.

    Attributes:
        name: Its name there, relative to the source's address.
        size: Bytes.
        version: Changes whenever the source shows other bytes under the name (time of change, or the store's tag).
        facts: What the file pattern read from the name, such as ``date`` and ``window``.
    """

    name: str
    size: int
    version: str
    facts: Mapping[str, str] = field(default_factory=dict, compare=False)


class Source(Protocol):
    """A place deliveries come from."""

    def discover(self) -> Iterator[Offer]:
        """Yield what waits, by name.

        Raises:
            SourceTransientError: The place did not answer; a later try may work.
            SourcePermanentError: The place is gone or refuses.
        """

    def names(self) -> Iterable[str]:
        """Return every name at the place, whether a pattern asks for it or not."""

    def fetch(self, offer: Offer, to: Path) -> None:
        """Write the bytes of an offer to a file.

        Raises:
            SourceTransientError: The offer changed since it was seen, or the place did not answer.
        """

    def close(self) -> None:
        """Let go of the place."""


@runtime_checkable
class PutsAway(Protocol):
    """A place where what was read can be moved beside what waits."""

    def put_away(self, offer: Offer, below: str) -> None:
        """Move a delivery that is kept into a folder beside it; one of that name there stays as it is."""


def tried(work: Callable[[], _Found]) -> _Found:
    """Do some work, and again up to three times while it fails in a way that time may mend.

    The other side is left alone for 1, 4 and 16 seconds, a fifth more or less; or for as long as it asks.

    Raises:
        SourceTransientError: It failed to the last, asks to be left alone for more than five minutes, or what is
            wanted is there no more.
    """
    for seconds in WAITS:
        try:
            return work()
        except SourceTransientError as error:
            if (error.retry_after or 0) > MOST_RETRY_AFTER or error.code in _REPLACED:
                raise
            clock.sleep(error.retry_after or seconds * _RANDOM.uniform(1 - _SPREAD, 1 + _SPREAD))
    return work()


@dataclass(frozen=True)
class NamePattern:
    """A file pattern of ``sources.yml``, such as ``att_{date:%Y%m%d}.csv``, ready to match names."""

    text: str
    regex: re.Pattern[str]
    formats: Mapping[str, str]

    def facts(self, name: str) -> dict[str, str] | None:
        """Return what the pattern reads from a name, dates as ISO text; None when the name does not match."""
        match = self.regex.fullmatch(name)
        if match is None:
            return None
        facts = dict(match.groupdict())
        for key, form in self.formats.items():
            try:
                facts[key] = datetime.strptime(facts[key], form).date().isoformat()  # noqa: DTZ007 - a bare date
            except ValueError:
                return None
        return facts


_PLACE = re.compile(r"\{(?P<name>[a-z_]+)(?::(?P<format>[^}]+))?\}|(?P<star>\*)|(?P<mark>\?)")
_DIRECTIVES = {"%Y": r"\d{4}", "%m": r"\d{2}", "%d": r"\d{2}", "%y": r"\d{2}", "%j": r"\d{3}", "%B": r"[A-Za-z]+"}


def name_pattern(text: str) -> NamePattern:
    """Compile a pattern: ``{name}`` reads text, ``{name:%Y%m%d}`` a date, ``*`` and ``?`` anything."""
    parts, formats, end = [], {}, 0
    for place in _PLACE.finditer(text):
        parts.append(re.escape(text[end : place.start()]))
        parts.append(_group(place))
        if place["format"]:
            formats[place["name"]] = place["format"]
        end = place.end()
    parts.append(re.escape(text[end:]))
    return NamePattern(text, re.compile("".join(parts)), formats)


def _group(place: re.Match[str]) -> str:
    """Write one place of a pattern as a regular expression."""
    if place["star"]:
        return r"[^/]*"
    if place["mark"]:
        return r"[^/]"
    if not place["format"]:
        return rf"(?P<{place['name']}>[^/]+?)"
    written = re.escape(place["format"])
    for directive, digits in _DIRECTIVES.items():
        written = written.replace(directive, digits)
    return rf"(?P<{place['name']}>{written})"


def is_finished(name: str) -> bool:
    """Say whether a name is one a sender gives to a finished file."""
    base = name.rpartition("/")[2]
    return not base.startswith((".", "~")) and not base.lower().endswith(UNFINISHED)


def facts_of(name: str, patterns: Sequence[NamePattern]) -> dict[str, str] | None:
    """Return what the first pattern that matches reads from a name; None for a name that is not to be read."""
    if not is_finished(name):
        return None
    return next((facts for pattern in patterns if (facts := pattern.facts(name)) is not None), None)
