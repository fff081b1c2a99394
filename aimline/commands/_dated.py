"""Read from a state root what a look at dates needs: where windows stand, what was done, when the last night was.

A state root that is not there yet has nothing of it, and looking makes none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.journal import Journal
    from aimline.schedule import Agenda, FrozenPlan, Item, WindowState
    from aimline.settings import Deployment
    from aimline.storage import LocalStore

DONE = "due_done"
TOOK = "obligation_done"
"""The event that says how long something took, which forecasts learn from."""

_IN_SCHOOL_DAYS = frozenset({"window", "late_accept", "reflection"})
"""Kinds whose length is counted in school days; all others in working days."""


@dataclass(frozen=True)
class Told:
    """What the journal of a state root tells of dates.

    Attributes:
        states: Where each window stands.
        done: Keys of what was done.
        acknowledged: ``year|id`` of what a person called done, with the day.
        last_night: The day of the newest night that finished.
        first_day: The first day anything was written down; None before.
        heirs: Schools that are no more, with who took them over.
    """

    states: Mapping[tuple[int, str], "WindowState"] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    acknowledged: Mapping[str, date] = field(default_factory=dict)
    last_night: date | None = None
    first_day: date | None = None
    heirs: Mapping[str, str | None] = field(default_factory=dict)


def told_by(journal: "Journal", until: date) -> Told:
    """Return what a journal tells up to a day."""
    from aimline.commands._schools import CHANGED, changed
    from aimline.schedule import states_of
    from aimline.schedule.school_changes import heirs_of

    events = journal.events("window_transition", DONE, "night_finished", until=until)
    done = [event for event in events if event.kind == DONE]
    nights = [event.as_of for event in events if event.kind == "night_finished" and event.as_of < until]
    return Told(
        states=states_of(events),
        done=frozenset(event.payload["key"] for event in done),
        acknowledged={
            event.payload["key"].removeprefix("ack|"): date.fromisoformat(event.payload["done_on"])
            for event in done
            if event.payload["key"].startswith("ack|")
        },
        last_night=max(nights, default=None),
        first_day=min((event.as_of for event in journal.events(until=until)), default=None),
        heirs=heirs_of(changed(journal.events(CHANGED, until=until))),
    )


def frozen_of(store: "LocalStore | None", declared: "Deployment", until: date) -> "dict[int, tuple[FrozenPlan, ...]]":
    """Return the frozen versions of every year up to a day; none of a year that nobody froze."""
    from aimline.schedule import history

    return {school_year: history(store, school_year, until) for school_year in sorted(declared.years)}


def store_of(declared: "Deployment", state: str | None) -> "LocalStore | None":
    """Return the state root of a deployment; None where there is none yet."""
    from aimline.settings import state_root
    from aimline.storage import open_store

    root = state_root(declared, state)
    return open_store(root) if (root / "ledger" / "journal.db").exists() else None


def told_of(declared: "Deployment", state: str | None, until: date) -> Told:
    """Return what the journal of a deployment's state root tells up to a day; nothing where there is none."""
    store = store_of(declared, state)
    if store is None:
        return Told()
    from aimline.journal import open_journal

    journal = open_journal(store)
    try:
        return told_by(journal, until)
    finally:
        journal.close()


def item_named(agenda: "Agenda", name: str, day: date) -> "Item | None":
    """Return the item of an id that is due nearest to a day; the same id stands in the plan of every year."""
    found = [item for _, item in agenda.dated if item.id == name]
    return min(found, key=lambda item: abs(((item.due_on or day) - day).days), default=None)


def acknowledge(context: "Context", agenda: "Agenda", item: "Item", by: str) -> bool:
    """Write down that an item is done, and how long it took; say whether nobody had said so before."""
    from aimline.journal import Event
    from aimline.schedule import acknowledged

    day, key = context.clock.as_of, acknowledged(item)
    payload = {"key": key, "id": item.id, "school_year": item.school_year, "done_on": day, "by": by}
    began = min(item.opens_on or day, day)
    days = agenda.school if item.kind in _IN_SCHOOL_DAYS else agenda.working
    took = {
        "id": item.id,
        "kind": item.kind,
        "school_year": item.school_year,
        "started_on": began,
        "finished_on": day,
        "n_units": max(days.count(began, day), 1),
    }
    events = [
        Event(DONE, item.id, day, f"{DONE}|{key}", payload, context.run_id),
        Event(TOOK, item.id, day, f"{TOOK}|{key}", took, context.run_id),
    ]
    return bool(context.journal.append(events, at=context.clock.instant()))
