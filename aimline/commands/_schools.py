"""Apply what becomes of schools when a year is activated, once, and tell what was applied. Source: schedule.md 12."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from aimline.journal import Event

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.schedule.school_changes import SchoolChange

CHANGED = "school_changed"
"""The event of a school that opened, closed, was merged or split, as its year was activated."""


def apply_changes(context: "Context", school_year: int, begins_after: date) -> list[Event]:
    """Return the events of what happens to schools up to the first day of a year that is activated.

    Args:
        context: The run.
        school_year: The year.
        begins_after: The first day of the year before: what happened until then was applied already.
    """
    from aimline.schedule.school_changes import changes_of

    last = context.deployment.years[school_year].school_year.first_day
    rows = [list(_rows(context, entity)) for entity in ("schools", "school_events")]
    found = changes_of(rows[0], rows[1], (begins_after, last))
    return [_event(context, school_year, each) for each in found if each.on > begins_after]


def changed(events: Iterable[Event]) -> "list[SchoolChange]":
    """Return what the journal tells of schools, as it was applied."""
    from aimline.schedule.school_changes import SchoolChange

    told = (event.payload for event in events if event.kind == CHANGED)
    return [
        SchoolChange(
            date.fromisoformat(str(each["on"])), each["school_id"], each["event"], each["to_id"], each["share"]
        )
        for each in told
    ]


def _event(context: "Context", school_year: int, change: "SchoolChange") -> Event:
    payload = {"school_year": school_year, "school_id": change.school_id, "event": change.event, "on": change.on}
    payload |= {"to_id": change.to_id, "share": change.share}
    key = f"{CHANGED}|{school_year}|{change.school_id}|{change.event}|{change.to_id}|{change.on}"
    return Event(CHANGED, change.school_id, context.clock.as_of, key, payload, context.run_id)


def _rows(context: "Context", entity: str) -> Iterator[dict[str, Any]]:
    """Yield the newest row of every key of what was accepted of an entity."""
    from aimline.arrival.written import accepted_key
    from aimline.warehouse import connect, quote_literal

    events = context.journal.events("batch_accepted", until=context.clock.as_of)
    keys = [accepted_key(entity, each.subject_id) for each in events if each.payload["entity"] == entity]
    paths = ", ".join(quote_literal(str(context.store.path(key))) for key in keys if context.store.exists(key))
    if not paths:
        return
    key, order = ("school_id", "valid_from desc, ") if entity == "schools" else ("event_id", "")
    query = (
        f"select * from read_parquet([{paths}]) where not is_deleted "
        f"qualify row_number() over (partition by {key} order by {order}received_at desc, row_no desc) = 1"
    )
    with connect(role="build") as connection:
        yield from connection.rows(query)
