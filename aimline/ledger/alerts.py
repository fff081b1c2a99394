"""Write the departures a build found into the journal, and say which are still news. Telling is not done here."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from aimline.journal import Journal
from aimline.storage import LocalStore
from aimline.warehouse import connect

NEWS_DAYS = 28
"""Days in which an alert is news at all; how long one delivery is tried belongs to the channel."""

PUSHED = frozenset({"new", "worsened", "grew", "resolved", "escalated"})
"""Events a person is told of by themselves; the others are only written down, and stand in the digest."""

_OVER = frozenset({"acknowledged", "expired", "closed", "held"})

_COLUMNS = (
    *("event_id", "alert_id", "class_id", "unit_id", "indicator_id", "group_id", "kind", "episode", "event_type"),
    *("from_state", "to_state", "period_on", "as_of", "effect", "p", "p_adjusted", "payload"),
)


def record_new(store: LocalStore, journal: Journal, key: str, at: datetime) -> tuple[str, ...]:
    """Append the new alert events of a build to the journal.

    Args:
        store: The state root.
        journal: Its record.
        key: Key of the build's database.
        at: The instant of the run, UTC.

    Returns:
        Ids of the events that were not in the journal.
    """
    columns = ", ".join(_COLUMNS)
    with connect(store.path(key), role="build", read_only=True) as connection:
        rows = connection.rows(f"select {columns} from fct_alert_events where is_new order by event_no")
    written = [{**row, "recorded_at": at} for row in rows]
    return tuple(row["event_id"] for row in journal.append_alert_events(written))


def record(journal: Journal, rows: Iterable[Mapping[str, Any]], at: datetime) -> tuple[str, ...]:
    """Append events that no build made: what time alone did, or a person.

    Args:
        journal: The record.
        rows: Columns of ``alert_events``.
        at: The instant of the run, UTC.

    Returns:
        Ids of the events that were not in the journal.
    """
    return tuple(row["event_id"] for row in journal.append_alert_events([{**row, "recorded_at": at} for row in rows]))


def news(events: Iterable[Mapping[str, Any]], as_of: date) -> tuple[Mapping[str, Any], ...]:
    """Return the event by which each alert is news on a day, oldest first.

    An alert whose beginning was not told yet is news while it goes on; not when somebody took it on, or it is over.

    Args:
        events: The journal's alert events, in their order.
        as_of: The day of the run.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for event in events:
        if event["as_of"] > as_of.isoformat():
            continue
        if event["event_type"] in PUSHED:
            found[event["alert_id"]] = event
        elif event["event_type"] in _OVER:
            found.pop(event["alert_id"], None)
    since = (as_of - timedelta(days=NEWS_DAYS)).isoformat()
    fresh = (each for each in found.values() if each["as_of"] > since)
    return tuple(sorted(fresh, key=lambda each: (each["as_of"], each["event_id"])))
