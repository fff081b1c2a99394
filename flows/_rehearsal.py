"""Rehearse many nights against one server and show how far it is. Choosing nights and delivering is the demo's."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

from aimline.clock import wall_seconds
from aimline.context import open_context
from aimline.demo.rehearsal import DISTRICT, Span, Vendors, left, nights, open_vendors, rehearse
from aimline.demo.staff import work
from aimline.demo.world import WorldOptions
from aimline.ledger.nights import last_finished
from aimline.transform import staying_open

if TYPE_CHECKING:
    from rich.progress import Progress

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Rehearsal:
    """What to rehearse.

    Attributes:
        deployment: Name of the district's folder, or its path.
        span: The nights.
        state: The state root; the environment's or the default one when None.
        seed: Seed of the simulated vendors.
        world: Size of the simulated district.
    """

    deployment: str
    span: Span
    state: str | None
    seed: int
    world: WorldOptions = field(default_factory=WorldOptions)


def prepare(asked: Rehearsal) -> tuple[tuple[date, ...], Vendors | None, date | None]:
    """Return the nights that are left, the vendors of the example district, and the last night delivered to."""
    context = open_context(asked.deployment, as_of=asked.span.first, state=asked.state)
    try:
        chosen = left(nights(context.deployment, asked.span), context.journal)
        last = last_finished(context.journal)
        is_simulated = context.deployment.district.district_id == DISTRICT
        vendors = open_vendors(context.store, asked.seed, asked.world) if is_simulated else None
    finally:
        context.journal.close()
    return chosen, vendors, last.as_of if last else None


def run_nights(asked: Rehearsal, tell: Tell) -> int:
    """Run the nights that are left; return their number.

    Raises:
        AimlineError: A night failed; those before it stand, and a new start goes on from there.
    """
    chosen, vendors, since = prepare(asked)
    if not chosen:
        return 0
    from flows._nights import Nightly, rehearsing, run_night

    what = Nightly(asked.deployment, asked.state)
    gc.freeze()  # what is loaded by now stays to the end: looking through it again every night would find nothing
    with ExitStack() as held:
        held.enter_context(rehearsing())
        held.enter_context(_one_warehouse(asked))
        show: Shown = held.enter_context(_bar(len(chosen))) if sys.stdout.isatty() else _Lines(tell)

        def one(night: date) -> None:
            began = wall_seconds()
            if vendors is not None:
                work(asked.deployment, asked.state, night)
            done = run_night(what, night, lambda _step: None)
            show.advance(night, done.facts.release_id or "no release", wall_seconds() - began)

        rehearse(chosen, one, vendors, since)
    return len(chosen)


@contextmanager
def _one_warehouse(asked: Rehearsal) -> Iterator[None]:
    """Keep the warehouse open from night to night."""
    context = open_context(asked.deployment, as_of=asked.span.first, state=asked.state)
    context.journal.close()
    with staying_open(context.store):
        yield


class Shown(Protocol):
    """What hears of every finished night."""

    def advance(self, night: date, release: str, seconds: float) -> None:
        """Show one more night."""


class _Lines:
    """Show progress where nobody looks at a terminal: one line a night."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def advance(self, night: date, release: str, seconds: float) -> None:
        self._tell(f"{night} finished   release {release}   {seconds:.1f} s")


class _Bar:
    """Show progress on a terminal."""

    def __init__(self, progress: "Progress", n: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=n)

    def advance(self, night: date, release: str, seconds: float) -> None:
        self._progress.update(self._task, advance=1, description=f"{night}  {release}  {seconds:.1f} s")


@contextmanager
def _bar(n: int) -> Iterator[_Bar]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        yield _Bar(progress, n)
