"""Say what one run of collection did. Printing it belongs to the verb, doing it to ``_collecting``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aimline.errors import SourceTransientError


@dataclass(frozen=True)
class SourceReport:
    """What became of one source in one run.

    Attributes:
        source_id: The source.
        state: ``unchanged`` (nothing new), ``accepted``, ``held`` (something held or refused), ``failed`` (not read).
        batches: Payloads of the journal's batch events, in order.
        n_duplicates: Offers whose bytes came before.
        message: Why it failed.
        remedy: What to do about it.
        is_transient: Whether a later try may work.
        alarms: What is wrong with files that were not read: ``code``, ``name``, ``detail``, ``remedy``.
        next_due: When the next delivery is due, UTC; None where none is expected.
        code: The code of the catalogue under which it failed; empty where none says it.
    """

    source_id: str
    state: str
    batches: tuple[Mapping[str, Any], ...] = ()
    n_duplicates: int = 0
    message: str = ""
    remedy: str = ""
    is_transient: bool = False
    alarms: tuple[Mapping[str, Any], ...] = ()
    next_due: datetime | None = None
    code: str = ""


@dataclass(frozen=True)
class CollectReport:
    """What one run of collection did: declared entities that changed, each source, what is newly late."""

    as_of: date
    declared: tuple[str, ...]
    sources: tuple[SourceReport, ...]
    late: tuple[Mapping[str, Any], ...]

    @property
    def failed(self) -> tuple[SourceReport, ...]:
        """Return the sources that could not be read."""
        return tuple(each for each in self.sources if each.state == "failed")

    @property
    def held(self) -> tuple[Mapping[str, Any], ...]:
        """Return the batches that are held."""
        return tuple(batch for each in self.sources for batch in each.batches if batch.get("reason"))

    @property
    def is_unchanged(self) -> bool:
        """Say whether nothing came, nothing changed and nothing became late."""
        return not (self.declared or self.late) and all(each.state == "unchanged" for each in self.sources)

    def raise_transient(self) -> None:
        """Raise when a source failed in a way that time may mend, so that the flow tries the step again.

        Raises:
            SourceTransientError: Naming the sources; what others brought is kept.
        """
        waiting = [each for each in self.failed if each.is_transient]
        if waiting:
            told = "; ".join(f"{each.source_id}: {each.message}" for each in waiting)
            raise SourceTransientError(told, remedy="It is tried again; then its owner is told.")
