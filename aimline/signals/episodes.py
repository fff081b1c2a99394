"""Tell a departure from the aim line once: the state machine of alerts.

Pure: earlier events and evaluations in, new events out. State is what the events add up to; nothing else is
remembered, so the page made tonight and the events appended after it agree. Sending belongs to ``reports/channels``.

A fact is (unit, indicator, group, kind, episode). It is new after two evaluated periods in a row that are unlikely to
meet the line (one for a wave, which comes a few times a year), is told again only when it grew by half, and ends after
two periods without. In between lies a band that neither counts for nor against, so noise at the threshold tells
nothing. Source: signals.md 12.1 (off path: below .20, closes above .35) and 14.
"""

import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

OFF_PATH = "off_path"
PUBLIC = "public"
PUSHED = frozenset({"new", "worsened", "resolved"})
"""Events a person is told of; ``ongoing`` is only written down."""

OFF_BELOW = 0.20
CLEAR_ABOVE = 0.35
WORSENED_BY = 1.5
_RUN = 2
_NAMESPACE = UUID("6f2b4a52-9a54-5d0e-8f0b-1f2d7a1e4c11")

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Evaluation:
    """One judged period of one visible series.

    Attributes:
        unit_id: The unit.
        indicator_id: The indicator.
        group_id: The group, ``all`` for everybody.
        period_on: Last day of the period.
        p_meet: Chance of being on the good side of the line; None when nobody can tell.
        shortfall: Distance to the line in the bad direction.
        is_wave: One evaluation decides.
        kind: What kind of departure is looked for.
    """

    unit_id: str
    indicator_id: str
    group_id: str
    period_on: date
    p_meet: float | None
    shortfall: float | None
    is_wave: bool = False
    kind: str = OFF_PATH

    @property
    def key(self) -> Key:
        """Return what the evaluation is about, without its period."""
        return (self.unit_id, self.indicator_id, self.group_id, self.kind)

    @property
    def is_off(self) -> bool:
        """Say whether meeting the line is unlikely."""
        return self.p_meet is not None and self.p_meet < OFF_BELOW

    @property
    def is_clear(self) -> bool:
        """Say whether the departure can no longer be seen."""
        return self.p_meet is not None and self.p_meet > CLEAR_ABOVE


@dataclass(frozen=True)
class AlertState:
    """What the events of one key add up to.

    Attributes:
        state: quiet, new, ongoing or resolved.
        episode: Number of the episode, from 1.
        since_on: First period of the episode that was off.
        period_on: Period of the newest event.
        pushed_shortfall: The distance people were last told of.
    """

    state: str = "quiet"
    episode: int = 0
    since_on: date | None = None
    period_on: date | None = None
    pushed_shortfall: float = 0.0

    @property
    def is_open(self) -> bool:
        """Say whether the departure is still there."""
        return self.state in {"new", "ongoing"}


@dataclass(frozen=True)
class AlertEvent:
    """One change of state, as the journal keeps it."""

    key: Key
    event_type: str
    from_state: str
    to_state: str
    episode: int
    period_on: date
    since_on: date
    as_of: date
    p_meet: float
    shortfall: float
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def alert_id(self) -> str:
        """Return the id of the fact: equal for all events of an episode."""
        return alert_id(self.key, self.episode)

    @property
    def event_id(self) -> str:
        """Return the id of the event: equal events have equal ids, so none is written twice."""
        return str(uuid5(_NAMESPACE, "|".join((*self.key, str(self.episode), self.event_type, str(self.period_on)))))

    def row(self) -> dict[str, Any]:
        """Return the columns of the journal's table ``alert_events`` (all but who and when)."""
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
            "effect": _stored(self.shortfall),
            "p": _stored(self.p_meet),
            "payload": {"since_on": self.since_on.isoformat(), **self.payload},
        }


def alert_id(key: Key, episode: int) -> str:
    """Return the id of a fact: what it is about, and which episode."""
    digest = sha256("|".join((*key, str(episode))).encode()).digest()
    return "alert_" + base64.b32encode(digest)[:12].decode().lower()


def advance(previous: Iterable[Mapping[str, Any]], evaluations: Iterable[Evaluation], as_of: date) -> list[AlertEvent]:
    """Return the events that the evaluations add to those already written.

    Args:
        previous: Rows of the journal's ``alert_events``, oldest first; later than ``as_of`` are left out.
        evaluations: All judged periods so far of the visible series; older ones only serve to count runs.
        as_of: The day of knowledge.

    Returns:
        New events by period and key. The same call after they were written returns none.
    """
    states = fold_states(previous, as_of)
    series: dict[Key, list[Evaluation]] = defaultdict(list)
    for evaluation in evaluations:
        if evaluation.period_on <= as_of:
            series[evaluation.key].append(evaluation)
    events = []
    for key in sorted(series):
        ordered = sorted(series[key], key=lambda evaluation: evaluation.period_on)
        events += _advance_key(states.get(key, AlertState()), ordered, as_of)
    return sorted(events, key=lambda event: (event.period_on, event.key, event.event_type))


def fold_states(events: Iterable[Mapping[str, Any]], as_of: date) -> dict[Key, AlertState]:
    """Return the state of every key after the events known on a day.

    Args:
        events: Rows of the journal, or ``AlertEvent.row()``, oldest first.
        as_of: Events of a later day are left out.
    """
    states: dict[Key, AlertState] = {}
    for row in events:
        if str(row["as_of"]) > as_of.isoformat():
            continue
        key = (row["unit_id"], row["indicator_id"], row["group_id"], row["kind"])
        known = states.get(key, AlertState())
        states[key] = AlertState(
            row["to_state"],
            row["episode"],
            date.fromisoformat(row["payload"]["since_on"]),
            date.fromisoformat(str(row["period_on"])),
            row["effect"] if row["event_type"] in {"new", "worsened"} else known.pushed_shortfall,
        )
    return states


def _advance_key(state: AlertState, series: Sequence[Evaluation], as_of: date) -> list[AlertEvent]:
    """Walk the periods after the newest event; a run is counted since that event only."""
    events: list[AlertEvent] = []
    off_since: list[Evaluation] = []
    n_clear = 0
    for evaluation in series:
        if state.period_on is not None and evaluation.period_on <= state.period_on:
            continue
        off_since = [*off_since, evaluation] if evaluation.is_off else _kept(off_since, evaluation)
        n_clear = n_clear + 1 if evaluation.is_clear else 0 if evaluation.is_off else n_clear
        event = _event(state, evaluation, (off_since, n_clear), as_of)
        if event is not None:
            events.append(event)
            state = _after(state, event)
            off_since, n_clear = [], 0
    return events


def _kept(off_since: list[Evaluation], evaluation: Evaluation) -> list[Evaluation]:
    """A period nobody can judge breaks no run; any other that is not off does."""
    return off_since if evaluation.p_meet is None else []


def _event(state: AlertState, newest: Evaluation, runs: tuple[list[Evaluation], int], as_of: date) -> AlertEvent | None:
    """Return the event of one evaluation, if it is one."""
    off_since, n_clear = runs
    needed = 1 if newest.is_wave else _RUN
    if not state.is_open:
        if not newest.is_off or len(off_since) < needed:
            return None
        fresh = replace(state, episode=state.episode + 1, since_on=off_since[0].period_on)
        return _made("new", fresh, newest, ("new", state.state, as_of))
    if n_clear >= needed:
        return _made("resolved", state, newest, ("resolved", state.state, as_of))
    if newest.is_off and (newest.shortfall or 0.0) >= WORSENED_BY * state.pushed_shortfall > 0:
        return _made("worsened", state, newest, ("ongoing", state.state, as_of))
    if newest.is_off and state.state == "new":
        return _made("ongoing", state, newest, ("ongoing", state.state, as_of))
    return None


def _made(event_type: str, state: AlertState, newest: Evaluation, change: tuple[str, str, date]) -> AlertEvent:
    to_state, from_state, as_of = change
    return AlertEvent(
        newest.key,
        event_type,
        from_state,
        to_state,
        state.episode,
        newest.period_on,
        state.since_on or newest.period_on,
        as_of,
        newest.p_meet or 0.0,
        newest.shortfall or 0.0,
    )


def _after(state: AlertState, event: AlertEvent) -> AlertState:
    told = event.shortfall if event.event_type in {"new", "worsened"} else state.pushed_shortfall
    return AlertState(event.to_state, event.episode, event.since_on, event.period_on, told)


def _stored(number: float) -> float:
    """Keep twelve significant digits, so that equal inputs give equal bytes on every machine."""
    return float(f"{number:.12g}")
