"""Open what a look at a plan needs: the frozen versions of a state root, what was done, which year is asked for.

A state root that is not there yet has nothing of it, and looking makes none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aimline.schedule import Asked, FrozenPlan
    from aimline.schedule.school_changes import Heirs
    from aimline.settings import Deployment
    from aimline.storage import LocalStore

DONE = "obligation_done"


@dataclass(frozen=True)
class Kept:
    """What a state root holds of the plan of one year up to a day.

    Attributes:
        store: The state root; None where there is none yet.
        history: The frozen versions.
        done: The payloads of ``obligation_done``.
        heirs: Schools that are no more, with who took them over.
        changed_on: The newest day on which what becomes of schools was applied.
    """

    store: "LocalStore | None"
    history: "tuple[FrozenPlan, ...]" = ()
    done: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    heirs: "Heirs" = field(default_factory=dict)
    changed_on: date | None = None

    def asked(self, school_year: int, as_of: date, closed: Sequence[date] = (), *, renews: bool = False) -> "Asked":
        """Return which plan is wanted: with what was frozen and done, and some days closed."""
        from aimline.schedule import Asked

        spans = {
            each["id"]: (date.fromisoformat(each["started_on"]), date.fromisoformat(each["finished_on"]))
            for each in self.done
            if each.get("school_year", school_year) == school_year
        }
        return Asked(school_year, as_of, self.history, tuple(closed), spans, renews, self.heirs)


def kept_of(  # noqa: PLR0913 - the first four name what is looked at
    declared: "Deployment", state: str | None, school_year: int, as_of: date | None, *, with_done: bool = False
) -> Kept:
    """Return what a state root holds of the plan of a year.

    Args:
        declared: The declared facts.
        state: The state root; the environment's or the default one when None.
        school_year: The year.
        as_of: Only what was known on this day; everything when None.
        with_done: Also what the journal tells of steps that were done.
    """
    from aimline.schedule import heirs_of, history
    from aimline.settings import state_root
    from aimline.storage import open_store

    root = state_root(declared, state)
    if not root.exists():
        return Kept(None)
    store = open_store(root)
    frozen = history(store, school_year, as_of)
    if not store.exists("ledger/journal.db"):
        return Kept(store, frozen)
    from aimline.commands._schools import CHANGED, changed
    from aimline.journal import open_journal

    journal = open_journal(store)
    try:
        events = journal.events(*([DONE] if with_done else []), CHANGED, until=as_of)
    finally:
        journal.close()
    told = [event for event in events if event.kind == CHANGED]
    done = tuple(dict(event.payload) for event in events if event.kind == DONE)
    return Kept(store, frozen, done, heirs_of(changed(told)), max((event.as_of for event in told), default=None))


def year_asked(declared: "Deployment", year: int | None, day: date) -> int:
    """Return the year asked for, else the one that a day is in, or the last before it.

    Raises:
        UsageError: There is no such year.
    """
    from aimline.errors import UsageError

    known = sorted(declared.years)
    if year is None:
        begun = [each for each in known if declared.years[each].starts_on <= day]
        return begun[-1] if begun else known[0]
    if year not in known:
        listed = ", ".join(str(each) for each in known)
        raise UsageError(f"{declared.name} declares no school year {year}.", remedy=f"Years: {listed}.")
    return year


def today(declared: "Deployment") -> date:
    """Return the day it is in the district."""
    from aimline.clock import clock_for

    return clock_for(declared.district.time_zone, time(), None).as_of


def tell_errors(declared: "Deployment") -> None:
    """Say what is wrong with the calendars beside what is asked for: dates can be looked at, and not be frozen.

    Raises:
        DeclaredFactError: A rule gives no date.
    """
    import typer

    from aimline.schedule import resolve_dates, schedule_errors

    resolve_dates(declared)
    for finding in schedule_errors(declared):
        typer.echo(str(finding), err=True)
