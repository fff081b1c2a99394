"""Say what became of one member of a delivery, and what a delivery says by its name. Reading it is ``intake``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from aimline.arrival.delivery import Delivery
from aimline.arrival.written import used_facts
from schemas.faults import FAULTS
from schemas.faults import Outcome as Fate

if TYPE_CHECKING:
    from schemas.sources import Source


@dataclass(frozen=True)
class Outcome:
    """What became of one member of a delivery: the account of its records.

    Attributes:
        batch_id: Named by bytes, declaration and contract.
        name: The delivery's name; of a member of an archive, with the member's.
        n_received: All records, headings included; None when nothing was read.
        n_rows: Rows written; a wide record makes several.
        quarantined: Code -> records refused under it, each under its first.
        ignored: Rule -> records that are no rows.
        reason: Why it is held; empty when it is accepted.
        remedy: What to do about it, where more is known than the catalogue's words.
        reading: Digest of what the outcome depends on besides the bytes; ``references`` of the schools and days.
        proposals: What a person may accept to let it in.
        gone: Columns that nothing fills any more.
        waived: Codes a person said shall not hold it.
        looked: What later deliveries are compared with: ``sizes`` by slot, ``layout``, ``cells``, counts of notes; and
            ``unlisted``, the codes no list has in words.
        windows: The collection windows its rows are of, ``id.year``.
        is_late: Whether it came after one of them closed.
    """

    batch_id: str
    name: str
    slots: tuple[str, ...] = ()
    n_received: int | None = None
    n_accepted: int = 0
    n_rows: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""
    remedy: str = ""
    headings: str = ""
    reading: str = ""
    references: str = ""
    proposals: tuple[Mapping[str, Any], ...] = ()
    gone: tuple[str, ...] = ()
    looked: Mapping[str, Any] = field(default_factory=dict)
    waived: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    is_late: bool = False

    @property
    def state(self) -> str:
        """Return what became of it: accepted, accepted_with_findings, held or refused."""
        if self.reason:
            return "refused" if FAULTS[self.reason].outcome == Fate.REFUSED else "held"
        return "accepted_with_findings" if self.findings else "accepted"

    @property
    def findings(self) -> tuple[str, ...]:
        """Return every code found, the reason for which it is held first; rules that ignore rows are no findings."""
        return tuple(dict.fromkeys((*((self.reason,) if self.reason else ()), *self.quarantined, *self.notes)))

    @property
    def n_quarantined(self) -> int:
        """Return the records refused."""
        return sum(self.quarantined.values())

    @property
    def n_ignored(self) -> int:
        """Return the records that are no rows."""
        return sum(self.ignored.values())

    def payload(self, delivery: Delivery) -> dict[str, Any]:
        """Return the account as the journal keeps it: ids, counts, codes, never a value."""
        source = delivery.source
        told: dict[str, Any] = {
            "batch_id": self.batch_id,
            "source_id": source.source_id,
            "entity": source.entity,
            "load_mode": source.load.mode,
            "slots": list(self.slots),
            "received_at": delivery.received_at.isoformat(),
            "landed_at": (delivery.landed_at or delivery.received_at).isoformat(),
            "waived": list(self.waived),
            "name": self.name,
            "sha256": delivery.sha256,
            "facts": meaning(source, delivery.facts, delivery.landed_at or delivery.received_at),
            "n_received": self.n_received,
            "n_accepted": self.n_accepted,
            "n_quarantined": self.n_quarantined,
            "n_ignored": self.n_ignored,
            "n_rows": self.n_rows,
            "quarantined": dict(self.quarantined),
            "ignored": dict(self.ignored),
            "notes": list(self.notes),
            "findings": list(self.findings),
            "state": self.state,
            "looked": dict(self.looked),
            "windows": list(self.windows),
            "is_late": self.is_late,
            "headings": self.headings,
            "reading": self.reading,
            "references": self.references,
        }
        if self.reason:
            remedy = self.remedy or FAULTS[self.reason].remedy
            told |= {"reason": self.reason, "detail": self.detail, "remedy": remedy}
            told |= {"proposals": [dict(each) for each in self.proposals], "gone": list(self.gone)}
        return told


def meaning(source: "Source", facts: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Return what a delivery says by its name: equal bytes with an equal meaning are one delivery.

    Args:
        source: The declared source.
        facts: What the file pattern read from the name.
        at: When it came.
    """
    return used_facts(source, facts_of(facts, at))


def facts_of(facts: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Return the facts of a name, with the school year of its date, or of the day it came."""
    on = facts.get("date", "")
    day = date.fromisoformat(on) if re.fullmatch(r"\d{4}-\d\d-\d\d", on) else at.date()
    return {"school_year": str(school_year_of(day)), **facts}


_FIRST_MONTH = 7


def school_year_of(day: date) -> int:
    """Return the school year a day belongs to, named by its spring; one year follows another on the first of July."""
    return day.year + (day.month >= _FIRST_MONTH)
