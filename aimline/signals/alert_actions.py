"""Say what a person may do with an alert, and which event it makes. Pure; who may do it is not decided here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from aimline.errors import UsageError
from aimline.signals.alert_states import AlertEvent, AlertState, Key, noted

LONGEST_MUTE = 60
"""Days for which an alert may be muted at most."""


@dataclass(frozen=True)
class Action:
    """What a person does.

    Attributes:
        verb: ack, mute, unmute, assign or close.
        by: Who does it: a code, never a name.
        on: The day.
        owner: Who takes the alert on.
        due_on: Until when.
        until: Last day of a mute.
        reason: Why.
        ref: The cycle or review that looks into it.
    """

    verb: str
    by: str
    on: date
    owner: str = ""
    due_on: date | None = None
    until: date | None = None
    reason: str = ""
    ref: str = ""


def act(key: Key, state: AlertState, action: Action) -> AlertEvent:
    """Return the event of an action.

    Args:
        key: What the alert is about.
        state: Its state.
        action: What the person does.

    Raises:
        UsageError: The alert is not in a state for it, or something it needs was not said.
    """
    word, payload = _ACTIONS[action.verb](state, action)
    event = noted(key, state, action.on, (word, payload))
    to_state = {"acknowledged": "acknowledged", "closed": "closed"}.get(word, state.state)
    detail = "|".join((action.on.isoformat(), action.by, action.reason, *map(str, payload.values())))
    return replace(event, to_state=to_state, actor=action.by, reason=action.reason or None, detail=detail)


def _open(state: AlertState, what: str) -> None:
    if not state.is_open:
        raise UsageError(f"the alert is {state.state}; only an open one can be {what}.")


def _ack(state: AlertState, action: Action) -> tuple[str, dict[str, Any]]:
    _open(state, "acknowledged")
    if state.state == "acknowledged":
        raise UsageError(f"{state.owner or 'somebody'} has acknowledged the alert already.", remedy="Use assign.")
    if action.due_on is None:
        raise UsageError("an alert is acknowledged with a day by which it is looked into.", remedy="Add --due DATE.")
    _ahead("--due", action.due_on, action.on)
    payload = {"owner": action.owner or action.by, "due_on": action.due_on.isoformat()}
    return "acknowledged", payload | ({"ref": action.ref} if action.ref else {})


def _mute(state: AlertState, action: Action) -> tuple[str, dict[str, Any]]:
    _open(state, "muted")
    if action.until is None:
        raise UsageError("a mute needs its last day.", remedy="Add --until DATE.")
    _ahead("--until", action.until, action.on + timedelta(days=1))
    if (action.until - action.on).days > LONGEST_MUTE:
        raise UsageError(
            f"--until {action.until} is more than {LONGEST_MUTE} days ahead.", remedy="Give a day that is nearer."
        )
    _reasoned(action, "a mute")
    return "muted", {"until": action.until.isoformat()}


def _unmute(state: AlertState, action: Action) -> tuple[str, dict[str, Any]]:
    if not state.is_muted(action.on):
        raise UsageError("the alert is not muted.")
    return "unmuted", {}


def _assign(state: AlertState, action: Action) -> tuple[str, dict[str, Any]]:
    _open(state, "assigned")
    if not action.owner:
        raise UsageError("nobody is named to whom the alert goes.", remedy="Add --owner CODE.")
    if action.due_on is not None:
        _ahead("--due", action.due_on, action.on)
    return "assigned", {"owner": action.owner} | ({"due_on": action.due_on.isoformat()} if action.due_on else {})


def _close(state: AlertState, action: Action) -> tuple[str, dict[str, Any]]:
    _open(state, "closed")
    _reasoned(action, "closing an alert")
    return "closed", {"ref": action.ref} if action.ref else {}


def _ahead(option: str, day: date, first: date) -> None:
    if day < first:
        raise UsageError(f"{option} {day} lies before {first}.", remedy="Give that day or a later one.")


def _reasoned(action: Action, what: str) -> None:
    if not action.reason.strip():
        raise UsageError(f"{what} needs a reason.", remedy="Add --reason TEXT.")


_ACTIONS: dict[str, Callable[[AlertState, Action], tuple[str, dict[str, Any]]]] = {
    "ack": _ack,
    "mute": _mute,
    "unmute": _unmute,
    "assign": _assign,
    "close": _close,
}
