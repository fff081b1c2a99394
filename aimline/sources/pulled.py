"""Say what a connector can do that asks a server over HTTP: pull what has changed, and write it down for landing.

What is written are the records themselves, without personal fields and with pseudonyms for ids; a first line, the
header, says what they are. A cursor tells where the next pull begins; it is kept with the rows of this one, or not at
all. Policy, journal and warehouse stay outside.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from schemas.sources import Source


class Door(Protocol):
    """What records pass before they are written down."""

    def key(self, kind: str, raw: str) -> str:
        """Return the pseudonym of an id of one kind of people (``student``, ``staff``, ``respondent``)."""

    def drops(self, name: str) -> bool:
        """Say whether a field of that name ends here."""


@dataclass(frozen=True)
class Asked:
    """What a pull works with.

    Attributes:
        as_of: The day of the run.
        cursor: What the last pull left; empty at first.
        before: Part -> what the last pull wrote of it.
        accepted: Part -> what was written of it when it was accepted last.
        to: A folder for what is written.
        door: What records pass.
        school_years: School year -> its first day, of the declared ones.
    """

    as_of: date
    cursor: Mapping[str, Any]
    before: Mapping[str, Path]
    accepted: Mapping[str, Path]
    to: Path
    door: Door
    school_years: Mapping[int, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One thing that was pulled: its name, by which it is known from pull to pull, and where it is written."""

    name: str
    path: Path


@dataclass(frozen=True)
class Pull:
    """What one pull brought: what has changed, in the order it is to be read, and where the next begins.

    ``held`` names the parts that a person must let in before the next pull builds on them.
    """

    parts: Sequence[Part]
    cursor: Mapping[str, Any]
    held: frozenset[str] = frozenset()


class PulledSource(Protocol):
    """A server that is asked for what has changed."""

    def pull(self, asked: Asked) -> Pull:
        """Ask, and write down what has changed.

        Raises:
            SourceTransientError: The server did not answer; a later try may work.
            SourcePermanentError: The server refuses, or is not what was declared.
        """


def open_pulled(source: "Source") -> PulledSource:
    """Return the connector of a source.

    Raises:
        SourcePermanentError: Its secret is not there.
    """
    from aimline.sources.edfi import edfi_source
    from aimline.sources.http_json import HttpJson
    from aimline.sources.qualtrics import Qualtrics
    from aimline.sources.redcap import Redcap

    opened: dict[str, Callable[[Source], PulledSource]] = {
        "edfi": edfi_source,
        "http_json": HttpJson,
        "qualtrics": Qualtrics,
        "redcap": Redcap,
    }
    return opened[source.kind](source)


@dataclass(frozen=True)
class Written:
    """What was written down: the header, and the records."""

    header: Mapping[str, Any]
    records: Sequence[Mapping[str, Any]]


def write_part(path: Path, header: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> None:
    """Write a header and records, one a line; equal content gives equal bytes."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for record in (header, *records):
            text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            file.write(text.encode() + b"\n")


def read_part(path: Path) -> Written:
    """Read what was written."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        header = json.loads(file.readline())
        return Written(header, [json.loads(line) for line in file])
