"""Say in which state each school year is, from draft to sealed, and write every change of state down once.

What makes a state is ``aimline/schedule/rollover.py``; here is what the state root and the files tell of it. Source:
schedule.md 12.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aimline.commands._dated import frozen_of
from aimline.commands._schools import apply_changes
from aimline.journal import Event

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.schedule import FrozenPlan
    from schemas.years import YearFile

YEAR_MOVED = "year_transition"
"""The event of a year that came into another state."""

_ATTENDANCE = frozenset({"attendance_events", "attendance_counts"})


def record_years(context: "Context") -> tuple[str, ...]:
    """Write down the years that came into another state since it was last said.

    Returns:
        The labels of those years.
    """
    before = {event.subject_id: event.payload["to_state"] for event in context.journal.events(YEAR_MOVED)}
    day, events = context.clock.as_of, []
    for school_year, state in year_states(context).items():
        label = context.deployment.years[school_year].school_year.label
        was = before.get(label, "")
        if state != was:
            payload = {"school_year": school_year, "from_state": was, "to_state": state}
            key = f"{YEAR_MOVED}|{school_year}|{was}|{state}|{day}"
            events.append(Event(YEAR_MOVED, label, day, key, payload, context.run_id))
            if state == "active":
                events += apply_changes(context, school_year, _year_before(context, school_year))
    told = context.journal.append(events, at=context.clock.instant())
    return tuple(event.subject_id for event in told if event.kind == YEAR_MOVED)


def _year_before(context: "Context", school_year: int) -> date:
    """Return the first day of the year before; where that is not declared, the same day a year earlier."""
    before = context.deployment.years.get(school_year - 1)
    first = context.deployment.years[school_year].school_year.first_day
    return before.school_year.first_day if before else first - timedelta(days=364)


def seal_years(context: "Context") -> tuple[str, ...]:
    """Keep the figures of tonight's build as the official ones of every year that is sealed and has none yet.

    What arrives later stands beside them as a restatement; the sealed figures never change.

    Returns:
        The snapshots that were kept now.
    """
    from aimline.ledger.restate import SEALED, seal

    moved = context.journal.events(YEAR_MOVED, until=context.clock.as_of)
    sealed = {event.payload["school_year"]: event.payload["to_state"] for event in moved}
    wanted = [f"final_{year}" for year, state in sorted(sealed.items()) if state == "sealed"]
    kept = {event.subject_id for event in context.journal.events(SEALED)}
    new = tuple(each for each in wanted if each not in kept)
    for snapshot_id in new:
        seal(context.store, context.journal, snapshot_id, context.clock.instant())
    return new


def year_states(context: "Context") -> dict[int, str]:
    """Return the state of every declared year on the day of the run; several may be unsealed at once."""
    from aimline.schedule.rollover import Standing, state_of

    declared, day = context.deployment, context.clock.as_of
    frozen = frozen_of(context.store, declared, day)
    states, ends_before = {}, None
    for school_year, year in sorted(declared.years.items()):
        is_over = day > year.school_year.last_day
        sealed = is_over and _is_sealed(context, school_year, frozen[school_year])
        standing = Standing(year, n_versions=len(frozen[school_year]), ends_before=ends_before, is_sealed=sealed)
        states[school_year] = state_of(standing, day)
        ends_before = year.school_year.last_day
    return states


def _is_sealed(context: "Context", school_year: int, frozen: "Sequence[FrozenPlan]") -> bool:
    """Say whether nothing of a year is open: its attendance is in, its last review was held, all is decided."""
    year = context.deployment.years[school_year]
    last_reviews = [each.id for each in year.reviews if each.kind == "end_of_year"]
    if not (frozen and last_reviews and _has_last_attendance(context, year)):
        return False
    return all(_is_decided(context, year, name) for name in last_reviews)


def _has_last_attendance(context: "Context", year: "YearFile") -> bool:
    """Say whether attendance was accepted that reaches the last day: it names the day, or came after it."""
    last = year.school_year.last_day
    accepted = context.journal.events("batch_accepted", until=context.clock.as_of)
    return any(last in _days(event.payload, context.clock.zone, last) for event in accepted)


def _days(told: Mapping[str, Any], zone: str, last: date) -> Iterator[date]:
    """Yield the days a delivery of attendance speaks for, as far as it tells; without any, whether it is the last."""
    if told["entity"] not in _ATTENDANCE:
        return
    named = [day for slot in told.get("slots", ()) for day in _dates(slot)]
    yield from named
    if not named and datetime.fromisoformat(told["received_at"]).astimezone(ZoneInfo(zone)).date() > last:
        yield last


def _dates(slot: str) -> Iterator[date]:
    for part in slot.split("/"):
        try:
            yield date.fromisoformat(part)
        except ValueError:
            continue


def _is_decided(context: "Context", year: "YearFile", review: str) -> bool:
    """Say whether a review was held and nothing is left to decide, all of it in the journal."""
    from aimline.commands._deciding import what_is_left

    return what_is_left(context, f"{year.school_year.id}_{review}") == 0
