"""Write the departures a build found into the journal, and say which are still news. Telling is not done here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aimline.journal import Journal
from aimline.storage import LocalStore
from aimline.warehouse import connect

NEWS_DAYS = 7
"""Days in which an alert is news: a delivery that failed is tried again as long, and weekly limits count as long."""

PUSHED = ("new", "worsened", "resolved")
"""Events a person is told of; the others are only written down."""

_COLUMNS = (
    *("event_id", "alert_id", "class_id", "unit_id", "indicator_id", "group_id", "kind", "episode", "event_type"),
    *("from_state", "to_state", "period_on", "as_of", "effect", "p", "p_adjusted", "payload"),
)


@dataclass(frozen=True)
class Alert:
    """The newest event of an alert: what it is named by, and when it happened."""

    event_id: str
    alert_id: str
    as_of: date


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


def news(events: Iterable[Mapping[str, Any]], as_of: date) -> tuple[Alert, ...]:
    """Return the alerts that are news on a day, oldest first.

    Args:
        events: The journal's alert events, in their order.
        as_of: The day of the run.
    """
    newest: dict[str, Mapping[str, Any]] = {}
    for event in events:
        if event["as_of"] <= as_of.isoformat():
            newest[event["alert_id"]] = event
    since = as_of - timedelta(days=NEWS_DAYS)
    found = [
        Alert(event["event_id"], event["alert_id"], date.fromisoformat(event["as_of"]))
        for event in newest.values()
        if event["event_type"] in PUSHED
    ]
    return tuple(sorted((each for each in found if each.as_of > since), key=lambda each: (each.as_of, each.event_id)))
