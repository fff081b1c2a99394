"""Name the things of one arrival: the delivery, its members, and why reading one stopped. No work belongs here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.faults import FAULTS

if TYPE_CHECKING:
    from schemas.sources import Source


@dataclass(frozen=True)
class Delivery:
    """Bytes that came and are kept.

    Attributes:
        source: The declared source.
        name: Its name at the source.
        sha256: Digest of the bytes.
        path: Where they are kept.
        received_at: When they came first, UTC.
        facts: What the file pattern read from the name.
    """

    source: "Source"
    name: str
    sha256: str
    path: Path
    received_at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Member:
    """One table of a delivery: the file itself, or a file of the archive it is; ``name`` is empty for the former."""

    name: str
    path: Path


class StoppedError(Exception):
    """Reading a member, or a whole delivery, stopped at a fault of the catalogue; it is held as it is."""

    def __init__(self, code: str, detail: str = "", *, n_records: int | None = None) -> None:
        """Take the code, what was seen (no values of rows), and the number of records when they could be counted."""
        super().__init__(code)
        self.fault = FAULTS[code]
        self.detail = detail
        self.n_records = n_records
