"""Write a plan as an iCalendar file (RFC 5545) that people's calendars subscribe to. Owner of icalendar.

The same version gives the same bytes: stamps come from the plan, never from the clock. Names and contacts are not in a
plan and so not in a calendar. Source: schedule.md 10.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, vText

from aimline.schedule.items import FrozenPlan, Item

_PRODUCT = "-//aimline//schedule//EN"
_DAY = timedelta(days=1)
_MARGIN = timedelta(days=366)


@dataclass(frozen=True)
class About:
    """Whose calendar it is.

    Attributes:
        district_id: Ends the names of its events.
        label: Its name, as calendars show it.
        time_zone: IANA name of the zone of its clock times.
        warning: What people must know of all its dates; empty where there is nothing.
    """

    district_id: str
    label: str
    time_zone: str
    warning: str = ""


@dataclass(frozen=True)
class _Entry:
    """One event of the file: the item, how often it changed, when it last did, whether it was called off."""

    item: Item
    sequence: int
    stamp: datetime
    is_cancelled: bool


def calendar_bytes(
    plan: FrozenPlan, history: Sequence[FrozenPlan], about: About, keep: Callable[[Item], bool] | None = None
) -> bytes:
    """Return a plan as the bytes of an ``.ics`` file.

    Args:
        plan: The version to write, as frozen or as it stands since schools changed hands; or the proposal.
        history: The frozen versions of its year; those after it are left out.
        about: Whose calendar it is.
        keep: Which items are wanted; all when None.
    """
    entries = [each for each in _entries(plan, history) if keep is None or keep(each.item)]
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(f"{about.label} {_label(plan.school_year)}"))
    if about.warning:
        calendar.add("x-wr-caldesc", vText(about.warning))
    timed = [each.item.due_on for each in entries if each.item.at and each.item.due_on]
    if timed:
        calendar.add_component(_time_zone(about.time_zone, min(timed), max(timed)))
    events = [(_start(each.item), _uid(each.item, about), _event(each, about)) for each in entries]
    for _, _, event in sorted(events, key=lambda each: each[:2]):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _label(school_year: int) -> str:
    return f"{school_year - 1}-{school_year % 100:02d}"


def _time_zone(name: str, first: date, last: date) -> Timezone:
    """Return the changes of the clock around the timed events."""
    return Timezone.from_tzinfo(ZoneInfo(name), name, first_date=first - _MARGIN, last_date=last + _MARGIN)


def _entries(plan: FrozenPlan, history: Sequence[FrozenPlan]) -> Iterator[_Entry]:
    """Yield every item of the plan, and those that an earlier version had and this one has not."""
    earlier = (each for each in history if each.version <= plan.version and each != plan)
    versions = [*sorted(earlier, key=lambda each: each.version), plan]
    told = [({item.id: item for item in each.items}, _stamp(each)) for each in versions]
    known = {name: item for items, _ in told for name, item in items.items()}
    for name, item in known.items():
        changes = list(_changes(name, told))
        if item.due_on is not None:
            yield _Entry(item, len(changes) - 1, changes[-1], name not in told[-1][0])


def _changes(name: str, told: list[tuple[dict[str, Item], datetime]]) -> Iterator[datetime]:
    """Yield the stamp of every version in which an item came, changed, or went."""
    before: object = None
    for items, stamp in told:
        item = items.get(name)
        shown = None if item is None else (item.opens_on, item.closes_on, item.due_on, item.at, item.title, item.owner)
        if shown != before:
            yield stamp
        before = shown


def _stamp(plan: FrozenPlan) -> datetime:
    """Return when a version was frozen; a proposal has the beginning of its day."""
    return plan.frozen_at or datetime.combine(plan.as_of, time(), UTC)


def _start(item: Item) -> tuple[date, str]:
    return item.opens_on or item.due_on or date.min, item.at or ""


def _uid(item: Item, about: About) -> str:
    return f"{item.id}.{item.school_year}@{about.district_id}.aimline"


def _event(entry: _Entry, about: About) -> Event:
    item = entry.item
    event = Event()
    event.add("uid", _uid(item, about))
    event.add("dtstamp", entry.stamp)
    event.add("last-modified", entry.stamp)
    event.add("sequence", entry.sequence)
    event.add("summary", item.title.get("en") or item.id)
    _add_days(event, item, about)
    event.add("categories", [item.kind])
    event.add("description", _description(item))
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    if item.opens_on is None and not entry.is_cancelled:
        event.add_component(_alarm(item))
    return event


def _add_days(event: Event, item: Item, about: About) -> None:
    """Give an event its time of day, or its whole days; the day after the last ends it."""
    last = item.due_on or date.max
    if item.at:
        event.add("dtstart", datetime.combine(last, time.fromisoformat(item.at), ZoneInfo(about.time_zone)))
        return
    event.add("dtstart", item.opens_on or last)
    event.add("dtend", (item.closes_on or last) + _DAY)


def _description(item: Item) -> str:
    lines = [f"Rule: {item.rule}"]
    if item.depends_on:
        lines.append(f"After: {', '.join(item.depends_on)}")
    if item.slack_school_days is not None:
        lines.append(f"Slack: {item.slack_school_days} school days")
    return "\n".join(lines)


def _alarm(item: Item) -> Alarm:
    """Remind of a milestone the day before."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", item.title.get("en") or item.id)
    alarm.add("trigger", -_DAY)
    return alarm
