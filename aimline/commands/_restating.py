"""Let a delivery in that came after the seal of its window, and say what that changes: never silently.

The decision itself is one of ``accept``; here are the windows it restates. Source: schedule.md 6, collection.md 9.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aimline.arrival.windows import AFTER_SEAL
from aimline.errors import UsageError
from aimline.journal import Event

if TYPE_CHECKING:
    from aimline.context import Context

RESTATED = "window_restated"
"""The event of a sealed window into which a person let a delivery: which, by whom, why, and its answers now."""


@dataclass(frozen=True)
class Restated:
    """One sealed window into which a delivery was let.

    Attributes:
        slot: The window, ``id.year``.
        sealed_on: The day of its seal.
        n_sealed: Responses at the seal; None where the window counts none.
        n_now: Responses now.
    """

    slot: str
    sealed_on: str
    n_sealed: int | None
    n_now: int | None

    @property
    def words(self) -> str:
        """Say what changes for the window."""
        told = f"{self.slot.rpartition('.')[0]} was sealed on {self.sealed_on}"
        if self.n_now is not None:
            told += f" with {self.n_sealed or 0:,} responses and has {self.n_now:,} now"
        return f"{told}. It is restated: its figures change with the next build."


def check_held(told: Mapping[str, Any]) -> None:
    """Refuse to restate by a delivery that does not wait for it.

    Raises:
        UsageError: The delivery is not held because its window is sealed.
    """
    if AFTER_SEAL not in {told.get("reason"), *told.get("notes", ()), *told.get("waived", ())}:
        name = str(told["batch_id"])[:8]
        why = f"it is held for {told['reason']}" if told.get("reason") else "it is not held"
        message = f"batch {name} did not come after the seal of its window; {why}."
        raise UsageError(message, remedy="Leave --restate out; aimline quarantine tells why a batch is held.")


def restate(context: "Context", told: Mapping[str, Any], by: str, reason: str) -> list[Restated]:
    """Write down which sealed windows a delivery has restated, once it is in; told again, it is the same event.

    Args:
        context: The run.
        told: The account of the delivery as it was held.
        by: Who decided.
        reason: Why.
    """
    found = list(_restated(context, told))
    events = []
    for batch, window in found:
        window_id, _, school_year = window.slot.rpartition(".")
        payload = {
            "window_id": window_id,
            "school_year": int(school_year),
            "batch_id": batch["batch_id"],
            "source_id": batch["source_id"],
            "by": by,
            "reason": reason,
            "sealed_on": window.sealed_on,
            "n_responses_sealed": window.n_sealed,
            "n_responses": window.n_now,
            "n_rows": batch["n_rows"],
        }
        key = f"{RESTATED}|{window.slot}|{batch['batch_id']}"
        events.append(Event(RESTATED, window_id, context.clock.as_of, key, payload, context.run_id))
    context.journal.append(events, at=context.clock.instant())
    return [window for _, window in found]


def _restated(context: "Context", told: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Restated]]:
    """Yield the accepted tables of a delivery with each sealed window they are of."""
    from aimline.commands._windows import answers_of

    seals = {
        f"{event.subject_id}.{event.payload['school_year']}": event.payload
        for event in context.journal.events("window_transition")
        if event.payload["to_state"] == "sealed"
    }
    for event in context.journal.events("batch_accepted"):
        batch = event.payload
        if (batch["source_id"], batch.get("sha256")) != (told["source_id"], told["sha256"]):
            continue
        for slot in batch.get("windows", ()):
            if slot in seals and AFTER_SEAL in batch["waived"]:
                n_now = answers_of(context, slot).get("n_responses")
                yield batch, Restated(slot, seals[slot]["on"], seals[slot].get("n_responses"), n_now)
