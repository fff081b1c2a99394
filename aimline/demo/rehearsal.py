"""Rehearse a span of nights: choose them, let the vendors deliver before each, run each, go on where it stopped.

The run of a night is given as an argument: this module knows no flow and no server.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aimline.demo.outbox import deliver
from aimline.demo.world import WorldOptions, make_world
from aimline.errors import UsageError
from aimline.ledger.nights import last_finished

if TYPE_CHECKING:
    from aimline.journal import Journal
    from aimline.settings import Deployment
    from aimline.storage import LocalStore

Every = Literal["night", "week", "fortnight", "month", "due"]

_WEEKS = {"week": 1, "fortnight": 2, "month": 4}

DISTRICT = "riverbend"
"""The only district whose vendors are simulated."""

SEED = 20270115
INBOX = "inbox"

_DAY = timedelta(days=1)
_DUE = frozenset({"transition", "review_packet", "review_reflect", "review_close"})


@dataclass(frozen=True)
class Span:
    """Which nights: first and last, and all; Mondays: each, every second or fourth; or due days and Mondays besides."""

    first: date
    last: date
    every: Every = "night"


def nights(deployment: "Deployment", span: Span) -> tuple[date, ...]:
    """Return the nights of a span in order; its first and last day are always among them.

    Raises:
        UsageError: It ends before it begins.
    """
    from aimline.schedule import due_on, resolve_dates

    if span.last < span.first:
        raise UsageError(f"a span from {span.first} to {span.last} has no night.", remedy="Turn the dates round.")
    days = [span.first + n * _DAY for n in range((span.last - span.first).days + 1)]
    if span.every == "night":
        return tuple(days)
    mondays = {day for day in days if day.weekday() == 0}
    ends = {span.first, span.last}
    if span.every in _WEEKS:
        return tuple(sorted({*sorted(mondays)[:: _WEEKS[span.every]], *ends}))
    items = due_on(deployment, resolve_dates(deployment), span.last, span.first - _DAY)
    due = {item.due_on for item in items if item.action in _DUE} | ends
    weeks = {day.isocalendar()[:2] for day in due}
    return tuple(sorted(due | {day for day in mondays if day.isocalendar()[:2] not in weeks}))


def left(chosen: Iterable[date], journal: "Journal") -> tuple[date, ...]:
    """Return the nights after the last one that finished."""
    last = last_finished(journal)
    return tuple(night for night in chosen if last is None or night > last.as_of)


@dataclass(frozen=True)
class Vendors:
    """The simulated vendors of Riverbend: where their files wait, and the inbox they deliver to."""

    world: Path
    inbox: Path

    def deliver(self, since: date | None, until: date) -> int:
        """Deliver what was sent after one day, up to and including another; return the number of files."""
        return deliver(self.world, self.inbox, since, until)


def open_vendors(store: "LocalStore", seed: int, options: WorldOptions) -> Vendors:
    """Make the files of the vendors, unless they are there, in a folder beside the state root."""
    name = f"{store.root.name}-vendors-{seed}-{options.students}-{options.schools}"
    world = store.root.parent / name
    if not world.exists():
        unfinished = store.temp_dir()
        make_world(unfinished, seed, options)
        unfinished.replace(world)
    return Vendors(world, store.path(INBOX))


def rehearse(
    chosen: Iterable[date], run_night: Callable[[date], object], vendors: Vendors | None, since: date | None
) -> None:
    """Run nights in their order.

    Args:
        chosen: The nights.
        run_night: Runs one.
        vendors: Deliver before each night; None where real deliveries wait already.
        since: The last night that was delivered to.
    """
    for night in chosen:
        if vendors is not None:
            vendors.deliver(since, night)
        run_night(night)
        since = night
