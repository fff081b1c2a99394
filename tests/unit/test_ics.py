"""Calendars for people: two parsers read them back; one version, one file; a sequence that counts changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from aimline.schedule.ics import About, calendar_bytes
from aimline.schedule.items import FrozenPlan, Item
from tests.support.agendas import small_plan

ABOUT = About("small", "Small district", "America/New_York")


def frozen(version: int, *items: Item) -> FrozenPlan:
    """A version of the small plan, frozen on a day of its own."""
    at = datetime(2026, 7, version, 15, 30, tzinfo=UTC)
    return replace(small_plan(), version=version, frozen_at=at, items=items or small_plan().items)


def events(data: bytes) -> dict[str, Calendar]:
    """The events of a file by their id."""
    return {str(event["uid"]).split(".2027@")[0]: event for event in Calendar.from_ical(data).walk("VEVENT")}


def moved(plan: FrozenPlan, name: str, **change: object) -> tuple[Item, ...]:
    """The items of a plan with one of them changed."""
    return tuple(replace(each, **change) if each.id == name else each for each in plan.items)


def test_a_window_is_whole_days_and_ends_the_day_after():
    """All day, from the opening to the day after the last: the end is exclusive."""
    event = events(calendar_bytes(frozen(1), [], ABOUT))["fall"]
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 10, 14), date(2026, 11, 4))
    assert event["uid"] == "fall.2027@small.aimline"
    assert not event.walk("VALARM")


def test_a_milestone_is_one_day_with_an_alarm_the_day_before():
    """One whole day, and a reminder a day earlier."""
    event = events(calendar_bytes(frozen(1), [], ABOUT))["mid.packet"]
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2027, 2, 5), date(2027, 2, 6))
    (alarm,) = event.walk("VALARM")
    assert alarm["trigger"].dt == -timedelta(days=1)


def test_a_meeting_keeps_its_local_hour():
    """18:30 in New York is 18:30 in New York, with the zone's rules in the file."""
    data = calendar_bytes(frozen(1), [], ABOUT)
    event = events(data)["budget.preliminary"]
    assert event["dtstart"].dt == datetime(2027, 2, 9, 18, 30, tzinfo=ZoneInfo("America/New_York"))
    assert b"DTSTART;TZID=America/New_York:20270209T183000" in data
    assert data.count(b"BEGIN:VTIMEZONE") == 1


def test_whole_days_need_no_zone():
    """Without a clock time there is no zone in the file."""
    plan = frozen(1)
    assert b"VTIMEZONE" not in calendar_bytes(plan, [], ABOUT, lambda item: item.at is None)


def test_the_head_and_the_lines_are_as_the_standard_wants():
    """CRLF, at most 75 octets a line, product, method; folded lines are whole when read back."""
    long = replace(small_plan().items[0], title={"en": "Encuesta de otoño: " + "ñandú " * 30})
    data = calendar_bytes(frozen(1, long), [], ABOUT)
    lines = data.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert {b"PRODID:-//aimline//schedule//EN", b"METHOD:PUBLISH", b"VERSION:2.0"} <= set(lines)
    assert max(map(len, lines)) <= 75
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert str(events(data)["fall.notice"]["summary"]) == long.title["en"].strip() + " "


def test_the_same_version_gives_the_same_bytes():
    """Stamps are those of the version that changed an item, never the clock's."""
    history = [frozen(1), frozen(2, *moved(frozen(1), "mid.packet", due_on=date(2027, 2, 4)))]
    data = calendar_bytes(history[1], history, ABOUT)
    assert data == calendar_bytes(history[1], history, ABOUT)
    stamps = {name: event["dtstamp"].dt.day for name, event in events(data).items()}
    assert (stamps["mid.packet"], stamps["fall"]) == (2, 1)


@pytest.mark.parametrize(
    "change",
    [{"due_on": date(2027, 2, 4)}, {"owner": "research"}, {"title": {"en": "Other words"}}, {"at": "09:00"}],
)
def test_the_sequence_rises_when_dates_title_or_owner_change(change):
    """Those who have the event in their calendar see the new one; of others the sequence stays."""
    first = frozen(1)
    second = frozen(2, *moved(first, "mid.packet", **change))
    found = events(calendar_bytes(second, [first, second], ABOUT))
    assert {name: int(event["sequence"]) for name, event in found.items() if event["sequence"]} == {"mid.packet": 1}


def test_slack_alone_does_not_change_an_event():
    """What is only said in words leaves the sequence alone."""
    first = frozen(1)
    second = frozen(2, *moved(first, "mid.packet", slack_school_days=3, frozen_version=1))
    assert int(events(calendar_bytes(second, [first, second], ABOUT))["mid.packet"]["sequence"]) == 0


def test_what_was_called_off_stays_as_cancelled():
    """A removed item is told as cancelled, with a higher sequence, so that calendars let go of it."""
    first = frozen(1)
    second = frozen(2, *(each for each in first.items if each.id != "mid.packet"))
    event = events(calendar_bytes(second, [first, second], ABOUT))["mid.packet"]
    assert (event["status"], int(event["sequence"])) == ("CANCELLED", 1)


def test_an_older_version_knows_nothing_of_the_newer():
    """Asked for version 1, the file is as it was then."""
    first = frozen(1)
    second = frozen(2, *moved(first, "mid.packet", due_on=date(2027, 2, 4)))
    assert calendar_bytes(first, [first, second], ABOUT) == calendar_bytes(first, [first], ABOUT)


def test_a_proposal_has_the_beginning_of_its_day_as_stamp():
    """Even what is not frozen has no clock in it."""
    plan = replace(small_plan(), version=0)
    stamps = {event["dtstamp"].dt for event in events(calendar_bytes(plan, [], ABOUT)).values()}
    assert stamps == {datetime(2026, 7, 15, tzinfo=UTC)}


def test_events_come_by_their_start():
    """Start, then id."""
    starts = [str(event["dtstart"].dt)[:10] for event in events(calendar_bytes(frozen(1), [], ABOUT)).values()]
    assert starts == sorted(starts)


_TITLES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=80)


@settings(deadline=None)
@given(st.lists(st.tuples(st.dates(date(2026, 7, 1), date(2027, 6, 30)), st.integers(0, 20), _TITLES), max_size=12))
def test_two_parsers_read_back_what_was_written(drawn):
    """Whatever titles and days, icalendar and vobject find the same events."""
    items = [
        Item(f"x{n}", "setup", 2027, {"en": title}, day if span else None, day + timedelta(span), day + timedelta(span))
        for n, (day, span, title) in enumerate(drawn)
    ]
    data = calendar_bytes(frozen(1, *items) if items else replace(frozen(1), items=()), [], ABOUT)
    found = events(data)
    other = {}
    for event in getattr(vobject.readOne(data.decode()), "vevent_list", []):
        other[event.uid.value.split(".2027@")[0]] = event
    assert found.keys() == other.keys() == {each.id for each in items}
    for each in items:
        days = (each.opens_on or each.due_on, each.due_on + timedelta(days=1))
        assert (found[each.id]["dtstart"].dt, found[each.id]["dtend"].dt) == days
        assert (other[each.id].dtstart.value, other[each.id].dtend.value) == days
        assert str(found[each.id]["summary"]) == other[each.id].summary.value == each.title["en"]
