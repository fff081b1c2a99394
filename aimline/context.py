"""Put together what every step needs: the declared facts, state root, journal, clock. No step belongs here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aimline.clock import Clock, clock_for
from aimline.storage import LocalStore, open_store

if TYPE_CHECKING:
    from aimline.journal import Journal
    from aimline.settings import Deployment


@dataclass(frozen=True)
class Context:
    """What one run of one district works with.

    Attributes:
        deployment: The declared facts.
        store: The state root.
        journal: The append-only record.
        clock: The time of the run.
        run_id: Names the run in events; equal for every replay of a day.
    """

    deployment: "Deployment"
    store: LocalStore
    journal: "Journal"
    clock: Clock
    run_id: str


NIGHT = ("sources", "indicators", "audiences")
"""Files without which no night runs."""

COLLECTION = ("sources",)
"""Files without which nothing is collected."""


def open_context(deployment: str, *, as_of: date | None, state: str | None, needs: Collection[str] = NIGHT) -> Context:
    """Open a deployment for one run.

    Args:
        deployment: Its name, or the path of its folder.
        as_of: The day to work as; today in the district's zone when None.
        state: The state root; the environment's or the default one when None.
        needs: Files it must have beside the district's and its years'.

    Raises:
        DeclaredFactError: The declared facts are wrong.
    """
    from aimline.journal import open_journal
    from aimline.settings import load_deployment, state_root

    declared = load_deployment(deployment, needs)
    clock = _clock(declared, as_of)
    store = open_store(state_root(declared, state))
    stamp = clock.instant().strftime("%Y%m%dT%H%M%SZ") if clock.is_live else clock.as_of.strftime("%Y%m%d")
    return Context(declared, store, open_journal(store), clock, f"{declared.name}-{stamp}")


def night_label(deployment: str, as_of: date | None) -> str:
    """Name a night for people: district, school year, day.

    Raises:
        DeclaredFactError: The declared facts are wrong.
    """
    from aimline.settings import load_deployment

    declared = load_deployment(deployment)
    night = _clock(declared, as_of).as_of
    begun = [year for year in declared.years.values() if year.school_year.first_day <= night]
    newest = max(begun or declared.years.values(), key=lambda year: year.school_year.first_day)
    return f"{declared.district.district_id} {newest.school_year.label} {night}"


def next_night(declared: "Deployment") -> datetime:
    """Return when the next scheduled night of a district begins, in its own zone."""
    clock = _clock(declared, None)
    zone = ZoneInfo(clock.zone)
    tonight = datetime.combine(clock.as_of, clock.nightly_at, zone)
    if tonight > clock.instant().astimezone(zone):
        return tonight
    return datetime.combine(clock.as_of + timedelta(days=1), clock.nightly_at, zone)


def _clock(declared: "Deployment", as_of: date | None) -> Clock:
    return clock_for(declared.district.time_zone, time.fromisoformat(declared.district.nightly.at), as_of)
