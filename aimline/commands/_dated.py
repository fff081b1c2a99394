"""Read from a state root what a look at dates needs: where windows stand, what was done, when the last night was.

A state root that is not there yet has nothing of it, and looking makes none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aimline.journal import Journal
    from aimline.schedule import Agenda, Item, WindowState
    from aimline.settings import Deployment

DONE = "due_done"


@dataclass(frozen=True)
class Told:
    """What the journal of a state root tells of dates.

    Attributes:
        states: Where each window stands.
        done: Keys of what was done.
        acknowledged: ``year|id`` of what a person called done, with the day.
        last_night: The day of the newest night that finished.
        first_day: The first day anything was written down; None before.
    """

    states: Mapping[tuple[int, str], "WindowState"] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    acknowledged: Mapping[str, date] = field(default_factory=dict)
    last_night: date | None = None
    first_day: date | None = None


def told_by(journal: "Journal", until: date) -> Told:
    """Return what a journal tells up to a day."""
    from aimline.schedule import states_of

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
    )


def told_of(declared: "Deployment", state: str | None, until: date) -> Told:
    """Return what the journal of a deployment's state root tells up to a day; nothing where there is none."""
    from aimline.settings import state_root
    from aimline.storage import open_store

    root = state_root(declared, state)
    if not (root / "ledger" / "journal.db").exists():
        return Told()
    from aimline.journal import open_journal

    journal = open_journal(open_store(root))
    try:
        return told_by(journal, until)
    finally:
        journal.close()


def item_named(agenda: "Agenda", name: str, day: date) -> "Item | None":
    """Return the item of an id that is due nearest to a day; the same id stands in the plan of every year."""
    found = [item for _, item in agenda.dated if item.id == name]
    return min(found, key=lambda item: abs(((item.due_on or day) - day).days), default=None)
