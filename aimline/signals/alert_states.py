"""Say what an alert is: its events as the journal keeps them, and the state they add up to.

Pure. State is what the events add up to; nothing else is remembered, so the page made tonight and the events appended
after it agree. Which evaluation makes which event is ``episodes``, what a person may do is ``alert_actions``.
"""

import base64
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

OFF_PATH, CONCERN, IMPROVEMENT, CHANGE, DISTRICT = "off_path", "concern", "improvement", "change", "district"
PEER = "peer"
"""Unusual among the schools in a term: listed and in the digest, never pushed."""

SUDDEN = "sudden"
"""A single day far off what the weeks before led to expect: of a school, or of the district where many were."""

OF_THEIR_OWN = frozenset({OFF_PATH, PEER, SUDDEN})
"""Kinds that are a series by themselves; the others are ways in which one series left its level."""

PUBLIC = "public"
PUSHED = frozenset({"new", "worsened", "grew", "resolved", "escalated", "district"})
"""Events a person is told of by themselves; the others stand in the digest."""

ADVERSE = frozenset({CONCERN, OFF_PATH})
"""Kinds that somebody has to look after."""

OPEN = frozenset({"new", "ongoing", "acknowledged"})
OVER = frozenset({"resolved", "expired"})
_TOLD = frozenset({"new", "worsened", "grew", "reopened"})
_OF_PERIODS = frozenset({"new", "ongoing", "worsened", "grew", "resolved", "expired", "reopened", "held", "shown"})
_NAMESPACE = UUID("6f2b4a52-9a54-5d0e-8f0b-1f2d7a1e4c11")

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class AlertState:
    """What the events of one key add up to.

    Attributes:
        state: quiet, new, ongoing, acknowledged, resolved, expired, closed or held.
        episode: Number of the episode, from 1.
        since_on: First period of the episode.
        opened_on: Day on which it became new.
        period_on: Period of the newest event that an evaluation made.
        pushed_effect: The size people were last told of.
        before: The state to which a held alert comes back.
        n_clear: Evaluations in a row without the departure, when it was held.
        owner: Who took it on.
        due_on: Until when.
        muted_until: No message before this day is over.
        is_escalated: The next role was told.
        overdue_on: The due date whose passing was told.
    """

    state: str = "quiet"
    episode: int = 0
    since_on: date | None = None
    opened_on: date | None = None
    period_on: date | None = None
    pushed_effect: float = 0.0
    before: str = ""
    n_clear: int = 0
    owner: str = ""
    due_on: date | None = None
    muted_until: date | None = None
    is_escalated: bool = False
    overdue_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Say whether the departure is still there."""
        return self.state in OPEN

    def is_muted(self, on: date) -> bool:
        """Say whether nobody is to be told on a day."""
        return self.muted_until is not None and on <= self.muted_until


@dataclass(frozen=True)
class AlertEvent:
    """One change of state, as the journal keeps it; ``detail`` tells equal events of one period apart."""

    key: Key
    event_type: str
    from_state: str
    to_state: str
    episode: int
    period_on: date
    since_on: date
    as_of: date
    p: float
    effect: float
    payload: Mapping[str, Any] = field(default_factory=dict)
    p_adjusted: float | None = None
    actor: str | None = None
    reason: str | None = None
    detail: str = ""

    @property
    def alert_id(self) -> str:
        """Return the id of the fact: equal for all events of an episode."""
        return alert_id(self.key, self.episode)

    @property
    def event_id(self) -> str:
        """Return the id of the event: equal events have equal ids, so none is written twice."""
        parts = (*self.key, str(self.episode), self.event_type, str(self.period_on), *filter(None, [self.detail]))
        return str(uuid5(_NAMESPACE, "|".join(parts)))

    def row(self) -> dict[str, Any]:
        """Return the columns of the journal's table ``alert_events`` (all but when it was written)."""
        unit_id, indicator_id, group_id, kind = self.key
        return {
            "event_id": self.event_id,
            "alert_id": self.alert_id,
            "class_id": PUBLIC,
            "unit_id": unit_id,
            "indicator_id": indicator_id,
            "group_id": group_id,
            "kind": kind,
            "episode": self.episode,
            "event_type": self.event_type,
            "from_state": self.from_state,
            "to_state": self.to_state,
            "period_on": self.period_on.isoformat(),
            "as_of": self.as_of.isoformat(),
            "effect": _stored(self.effect),
            "p": _stored(self.p),
            "p_adjusted": None if self.p_adjusted is None else _stored(self.p_adjusted),
            "payload": {"since_on": self.since_on.isoformat(), **self.payload},
            "actor": self.actor,
            "reason": self.reason,
        }


def alert_id(key: Key, episode: int) -> str:
    """Return the id of a fact: what it is about, and which episode."""
    digest = sha256("|".join((*key, str(episode))).encode()).digest()
    return "alert_" + base64.b32encode(digest)[:12].decode().lower()


def key_of(row: Mapping[str, Any]) -> Key:
    """Return what a row of events is about."""
    return (row["unit_id"], row["indicator_id"], row["group_id"], row["kind"])


def fold_states(events: Iterable[Mapping[str, Any]], as_of: date) -> dict[Key, AlertState]:
    """Return the state of every key after the events known on a day.

    Args:
        events: Rows of the journal, or ``AlertEvent.row()``, oldest first.
        as_of: Events of a later day are left out.
    """
    states: dict[Key, AlertState] = {}
    for row in events:
        if str(row["as_of"]) <= as_of.isoformat():
            key = key_of(row)
            states[key] = after(states.get(key, AlertState()), row)
    return states


def expected_false(events: Iterable[Mapping[str, Any]], alert_ids: Collection[str]) -> int:
    """Return how many of some alerts are false, on average: what the tests of the days on which they began told.

    An alert off the aim line is no test, and counts for nothing here.
    """
    batches: dict[tuple[str, ...], int] = {}
    tested = set()
    for row in events:
        told, payload = row["payload"].get("expected_false"), row["payload"]
        if row["alert_id"] in alert_ids and row["event_type"] in {"new", "reopened"} and told is not None:
            tested.add(row["alert_id"])
            place = (str(row["period_on"]), str(payload.get("period_kind")), str(payload.get("control")))
            batches[place] = max(int(told), batches.get(place, 0))
    return min(sum(batches.values()), len(tested))


def priorities(events: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the rank of each alert, the more urgent the higher: the newest a test told, whatever people did since.

    Args:
        events: Rows of the journal, oldest first.
    """
    found: dict[str, float] = {}
    for row in events:
        told = row["payload"].get("priority")
        found[row["alert_id"]] = found.get(row["alert_id"], 0.0) if told is None else float(told)
    return found


def after(state: AlertState, row: Mapping[str, Any]) -> AlertState:
    """Return the state after one event."""
    kind, payload = row["event_type"], row["payload"]
    if kind in _OF_PERIODS:
        return _after_period(state, row)
    if kind == "acknowledged":
        taken = replace(state, state="acknowledged", owner=payload.get("owner", ""), due_on=_day(payload.get("due_on")))
        return replace(taken, overdue_on=None)
    if kind == "assigned":
        due = _day(payload.get("due_on")) or state.due_on
        return replace(state, owner=payload.get("owner", state.owner), due_on=due)
    changes: dict[str, dict[str, Any]] = {
        "muted": {"muted_until": _day(payload.get("until"))},
        "unmuted": {"muted_until": None},
        "closed": {"state": "closed", "period_on": _day(row["period_on"])},
        "escalated": {"is_escalated": True},
        "overdue": {"overdue_on": _day(payload.get("due_on"))},
    }
    return replace(state, **changes.get(kind, {}))


def _after_period(state: AlertState, row: Mapping[str, Any]) -> AlertState:
    """Return the state after an event that an evaluation made."""
    kind, payload, to_state = row["event_type"], row["payload"], row["to_state"]
    if kind == "new":
        state = AlertState(opened_on=_day(row["as_of"]))
    if kind in {"ongoing", "worsened", "grew"} and state.state == "acknowledged":
        to_state = "acknowledged"  # a person took it on in the same hours in which the night looked at it
    return replace(
        state,
        state=to_state,
        episode=row["episode"],
        since_on=_day(payload["since_on"]),
        period_on=_day(row["period_on"]),
        pushed_effect=row["effect"] if kind in _TOLD else state.pushed_effect,
        before=row["from_state"] if kind == "held" else "",
        n_clear=payload.get("n_clear", 0),
        muted_until=None if kind in {"worsened", "grew"} else state.muted_until,
    )


def noted(key: Key, state: AlertState, as_of: date, what: tuple[str, Mapping[str, Any]]) -> AlertEvent:
    """Return an event that no evaluation made (its word and payload): the state stays as it was."""
    (word, payload), period, since = what, state.period_on or as_of, state.since_on or as_of
    told = (key, word, state.state, state.state, state.episode, period, since, as_of, 0.0, state.pushed_effect)
    return AlertEvent(*told, payload=dict(payload), detail=as_of.isoformat())


def _day(told: Any) -> date | None:
    return None if told is None else date.fromisoformat(str(told))


def _stored(number: float) -> float:
    """Keep twelve significant digits, so that equal inputs give equal bytes on every machine."""
    return float(f"{number:.12g}")
