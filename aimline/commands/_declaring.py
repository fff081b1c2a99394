"""Work out what a deployment declares for collection: rows to land, days that count, deliveries to expect."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from aimline._review_units import split_id
from aimline.arrival import DeclaredRequest, DeclaredRows, land_declared
from aimline.commands._dated import frozen_of
from aimline.commands._schools import CHANGED, changed
from aimline.errors import BusyError

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.schedule import Arrival, Dates, FrozenPlan
    from aimline.settings import Deployment


@dataclass(frozen=True)
class Facts:
    """What a deployment declares, worked out: its rows, the days that count, what is expected of each source."""

    rows: Mapping[str, DeclaredRows]
    school_days: Mapping[date, bool]
    expected: Mapping[str, Sequence["Arrival"]]


_worked_out: dict[tuple[str, tuple[tuple[int, int], ...], frozenset[str]], Facts] = {}


def facts_of(context: "Context") -> Facts:
    """Work out what a deployment declares, once a process for the same files: every night of a rehearsal asks.

    A window has the days of the newest frozen version of its year; what rules give by now is only a proposal.
    """
    from aimline.schedule import heirs_of

    declared = context.deployment
    frozen = [each[-1] for each in frozen_of(context.store, declared, context.clock.as_of).values() if each]
    gone = frozenset(heirs_of(changed(context.journal.events(CHANGED, until=context.clock.as_of))))
    place = (declared.digest, tuple((plan.school_year, plan.version) for plan in frozen), gone)
    if place not in _worked_out:
        _worked_out.clear()
        _worked_out[place] = _work_out(declared, frozen, gone)
    return _worked_out[place]


def land_facts(context: "Context") -> tuple[str, ...]:
    """Land what the deployment declares, where it has changed; return the entities that changed."""
    rows, clock = facts_of(context).rows, context.clock
    told = (context.deployment.district.district_id, rows, clock.as_of, clock.instant(), context.run_id)
    return land_declared(DeclaredRequest(context.store, context.journal, *told))


def land_facts_of_today(context: "Context") -> None:
    """Land what the deployment declares before a build, unless a run that collects does, or the day is an earlier one.

    What was declared on an earlier day stands in the journal; the files say what is declared now.
    """
    clock = context.clock
    if any(event.as_of > clock.as_of for event in context.journal.events("batch_accepted")):
        return
    collecting = f"collect:{context.deployment.district.district_id}"
    with suppress(BusyError), context.journal.claim(collecting, owner=context.run_id, at=clock.instant()):
        land_facts(context)


def _with_frozen(dates: "Dates", frozen: "Sequence[FrozenPlan]") -> "Dates":
    """Return the dates that rules give, with those of frozen windows in their place."""
    found = {place: dict(days) for place, days in dates.items()}
    for plan in frozen:
        items = {item.id: item for item in plan.items}
        for item in plan.items:
            if item.kind == "window" and item.opens_on and item.closes_on:
                late = items.get(f"{item.id}.late_accept")
                days = {"opens_on": item.opens_on, "closes_on": item.closes_on}
                days |= {"late_until_on": late.due_on} if late and late.due_on else {}
                found.setdefault((plan.school_year, item.id), {}).update(days)
    return found


def _work_out(deployment: "Deployment", frozen: "Sequence[FrozenPlan]", gone: frozenset[str]) -> Facts:
    from aimline import schedule
    from aimline.settings import declared_rows

    dates = _with_frozen(schedule.resolve_dates(deployment), frozen)
    calendar = schedule.calendar_rows(deployment)
    rows = declared_rows(deployment, dates) | {"calendar_days": calendar}
    rows["declared_obligations"] = schedule.obligation_rows(deployment, dates, frozen)
    for entity in ("declared_obligations", "declared_reviews"):  # a school that is no more holds no review
        rows[entity] = [row for row in rows[entity] if split_id(row["review_id"] or "")[1] not in gone]
    days: dict[date, bool] = {}
    for row in calendar:
        days[row["on_date"]] = days.get(row["on_date"], False) or row["is_instructional"]
    expected: dict[str, list[Arrival]] = {}
    for arrival in schedule.arrivals_of(deployment):
        expected.setdefault(arrival.source_id, []).append(arrival)
    return Facts({entity: DeclaredRows(each) for entity, each in rows.items()}, days, expected)
