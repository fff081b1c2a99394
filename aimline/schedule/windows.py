"""Move collection windows from planned to open, closed and sealed. Pure: dates and states in, steps out.

A run after a gap makes the missed steps in order, each with its own day. Nothing goes back: a window that is open
stays open when its rule gives another day. Source: schedule.md 6.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aimline.schedule.rules import Dates

if TYPE_CHECKING:
    from aimline.journal import Event

STATES = ("planned", "open", "closed", "sealed")
KIND = "window_transition"

_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Transition:
    """One step of one window, on the day it was due."""

    on: date
    school_year: int
    window_id: str
    from_state: str
    to_state: str


def transitions(dates: Dates, states: Mapping[tuple[int, str], str], as_of: date) -> tuple[Transition, ...]:
    """Return the steps that are due and not made, in the order of their days.

    Args:
        dates: What ``resolve_dates`` gives; entries without ``opens_on`` are reviews and passed over.
        states: Where each window stands; one that is not named is planned.
        as_of: The day of the run. A window opens on its first day and closes the day after its last.
    """
    found = []
    for (school_year, window_id), days in dates.items():
        if "opens_on" not in days or "closes_on" not in days:
            continue
        due = {
            "open": days["opens_on"],
            "closed": days["closes_on"] + _DAY,
            "sealed": days["late_until_on"] + _DAY,
        }
        start = STATES.index(states.get((school_year, window_id), "planned"))
        for before, after in zip(STATES[start:], STATES[start + 1 :], strict=False):
            if due[after] > as_of:
                break
            found.append(Transition(due[after], school_year, window_id, before, after))
    return tuple(sorted(found))


def states_of(events: "Iterable[Event]") -> dict[tuple[int, str], str]:
    """Return where each window stands after what the journal tells; events of other kinds are passed over."""
    return {
        (event.payload["school_year"], event.payload["window_id"]): event.payload["to_state"]
        for event in events
        if event.kind == KIND
    }


def window_events(steps: Iterable[Transition], as_of: date, run_id: str) -> "list[Event]":
    """Return the steps as events for the journal; a step made twice is one event."""
    from aimline.journal import Event  # a calendar is printed without a database

    return [
        Event(
            kind=KIND,
            subject_id=step.window_id,
            as_of=as_of,
            idempotency_key=f"{KIND}|{step.school_year}|{step.window_id}|{step.from_state}|{step.to_state}",
            payload={
                "window_id": step.window_id,
                "school_year": step.school_year,
                "from_state": step.from_state,
                "to_state": step.to_state,
                "on": step.on,
            },
            run_id=run_id,
        )
        for step in steps
    ]
