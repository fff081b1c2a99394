"""Name the things of one arrival: the delivery, its members, and why reading one stopped. No work belongs here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.faults import FAULTS

if TYPE_CHECKING:
    from aimline.arrival.prepared import Prepared
    from schemas.sources import Source


@dataclass(frozen=True)
class Delivery:
    """Bytes that came and are kept.

    Attributes:
        source: The declared source.
        name: Its name at the source.
        sha256: Digest of the bytes.
        path: Where they are kept.
        received_at: When they came, or when somebody decided to let them in, UTC.
        facts: What the file pattern read from the name.
        landed_at: When they came first, where that is another instant.
        closed: Windows (``id.year``) that were closed when they came.
        sealed: Windows that were sealed without them -> the day of the seal.
        prepared: What a connector made of one table of it; None where the bytes are read as they are.
        depends: Digest of what the outcome depends on besides these bytes, such as what a delta changes.
    """

    source: "Source"
    name: str
    sha256: str
    path: Path
    received_at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)
    landed_at: datetime | None = None
    closed: frozenset[str] = frozenset()
    sealed: Mapping[str, date] = field(default_factory=dict)
    prepared: "Prepared | None" = None
    depends: str = ""


@dataclass(frozen=True)
class Member:
    """One table of a delivery: the file itself, a file of the archive it is, or a sheet of a workbook.

    ``name`` is empty where the delivery has one table alone.
    """

    name: str
    path: Path
    sheet: str = ""


class StoppedError(Exception):
    """Reading a member, or a whole delivery, stopped at a fault of the catalogue; it is held as it is.

    ``gone`` names the columns that nothing fills any more, where that is why.
    """

    gone: tuple[str, ...] = ()

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        n_records: int | None = None,
        proposals: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Take the code and what is known.

        Args:
            code: Code of the catalogue.
            detail: What was seen; no values of rows.
            n_records: The number of records, when they could be counted.
            proposals: What a person may accept to let it in.
        """
        super().__init__(code)
        self.fault = FAULTS[code]
        self.detail = detail
        self.n_records = n_records
        self.proposals = tuple(proposals)
