"""Remember what was refused, and who answers for it: the named override of the gate.

What may be approved at all the disclosure room says; here it is kept that a person did, until when, and that it was
another than the one who ran the night. Nothing is approved without a refusal before it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aimline.errors import UsageError
from aimline.journal import Event, Journal
from aimline.storage import LocalStore

MOST_DAYS = 30
_REFUSED, _APPROVED = "release_refused", "release_approved"


@dataclass(frozen=True)
class Refusal:
    """What stays open in a release.

    Attributes:
        release_id: Which.
        as_of: Its day.
        by: The account that ran the night.
        failures: With view, check, target and may_approve; they stay inside the state root.
    """

    release_id: str
    as_of: date
    by: str
    failures: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Approval:
    """A person answers for one target of one release, for some days."""

    release_id: str
    target: str
    by: str
    reason: str
    expires: date


def keep_refusal(store: LocalStore, journal: Journal, refusal: Refusal, at: datetime) -> None:
    """Keep what a release was refused for: targets in a file of the state root, only their number in the journal."""
    data = [dict(each) for each in refusal.failures]
    told = {"release_id": refusal.release_id, "by": refusal.by, "failures": data}
    store.put_atomic(_key(refusal.release_id), json.dumps(told, indent=1, sort_keys=True).encode())
    payload = {"release_id": refusal.release_id, "n_open": len(data), "by": refusal.by}
    key = f"{_REFUSED}|{refusal.release_id}|{len(data)}"
    journal.append([Event(_REFUSED, refusal.release_id, refusal.as_of, key, payload)], at=at)


def approve(store: LocalStore, journal: Journal, approval: Approval, now: tuple[date, datetime]) -> Event:
    """Let a person answer for a target.

    Args:
        store: The state root.
        journal: Its record.
        approval: Who, for what, why, until when.
        now: The day of knowledge, and the instant.

    Raises:
        UsageError: The release was not refused, not for this target, or nobody may approve it; too long; by the account
            that ran the night.
    """
    day, at = now
    told = _refused(store, approval.release_id)
    found = [each for each in told["failures"] if each["target"] == approval.target]
    if not found:
        raise UsageError(
            f"Release {approval.release_id} was not refused for '{approval.target}'.",
            remedy="Give a target of its report, disclosure/<release>.json in the state root.",
        )
    if not all(each["may_approve"] for each in found):
        checks = ", ".join(sorted({each["check"] for each in found if not each["may_approve"]}))
        raise UsageError(
            f"'{approval.target}' fails {checks}: nobody may approve that.",
            remedy="Only A2, A4 and undecided can be approved, and no small group on a public page. Coarsen instead.",
        )
    if not day <= approval.expires <= day + timedelta(days=MOST_DAYS):
        raise UsageError(f"{approval.expires} is not within {MOST_DAYS} days.", remedy="Give an earlier --expires.")
    if approval.by.casefold() == str(told["by"]).casefold():
        raise UsageError(f"'{approval.by}' started the run.", remedy="Somebody else must approve it.")
    payload = {
        "target": approval.target,
        "by": approval.by,
        "reason": approval.reason,
        "expires": str(approval.expires),
    }
    key = f"{_APPROVED}|{approval.release_id}|{approval.target}|{approval.expires}|{approval.by}"
    event = Event(_APPROVED, approval.release_id, day, key, payload)
    return next(iter(journal.append([event], at=at)), event)


def approvals(journal: Journal, release_id: str, day: date) -> list[dict[str, Any]]:
    """Return who answers for what of a release on a day."""
    events = journal.events(_APPROVED, subject_id=release_id, until=day)
    return [dict(event.payload) for event in events if date.fromisoformat(event.payload["expires"]) >= day]


def targets_of(held: Iterable[Mapping[str, Any]]) -> Collection[str]:
    """Return the targets that somebody answers for."""
    return frozenset(each["target"] for each in held)


def _refused(store: LocalStore, release_id: str) -> dict[str, Any]:
    key = _key(release_id)
    if not release_id.replace("-", "").isalnum() or not store.exists(key):
        raise UsageError(f"No release '{release_id}' was refused.", remedy="Run the night; it names the release.")
    told: dict[str, Any] = json.loads(store.path(key).read_text(encoding="utf-8"))
    return told


def _key(release_id: str) -> str:
    return f"disclosure/{release_id}.json"
