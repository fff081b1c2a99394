"""What is due on a day: actions, their order, their keys, what is done."""

from dataclasses import replace
from datetime import date

from aimline.schedule.arrivals import Arrival
from aimline.schedule.due import ACTIONS, acknowledged, due, nudges_in
from aimline.schedule.school_days import Days, every_day
from aimline.schedule.windows import WindowState
from tests.support.agendas import WORKING, item, small_agenda

AGENDA = small_agenda()
DAY_BEFORE, DAY = date(2026, 9, 22), date(2026, 9, 23)


def items(since=DAY_BEFORE, as_of=DAY, *, states=None, done=(), agenda=AGENDA):
    """What is due, without the look at every source."""
    found = due(agenda, states or {}, frozenset(done), since, as_of)
    return [each for each in found if each.action != "collect"]


def test_the_actions_come_in_their_order():
    """A day's steps come first, then what the engine does, then who is told."""
    found = [(each.action, each.id) for each in items()]
    assert found == [
        ("transition", "fall"),
        ("freeze_roster", "fall.roster_freeze"),
        ("remind", "fall.notice"),
        ("remind", "fall.roster_freeze"),
    ]
    ranks = [ACTIONS.index(action) for action, _ in found]
    assert ranks == sorted(ranks)


def test_every_source_is_looked_at_every_night():
    """A look is due each night anew, whatever was done."""
    found = [each for each in due(AGENDA, {}, frozenset(), DAY, DAY) if each.action == "collect"]
    assert [(each.subject_id, each.due_on, each.owner) for each in found] == [("survey_vendor", DAY, "research")]


def test_the_key_names_action_subject_day_and_version():
    """The key is what the journal keeps, so that nothing is done twice."""
    assert [each.key for each in items()] == [
        "transition|fall|2026-09-23|1",
        "freeze_roster|fall|2026-09-23|1",
        "remind|fall.notice|2026-09-23|1",
        "remind|fall.roster_freeze|2026-09-23|1",
    ]


def test_the_first_day_of_a_span_is_over_and_the_last_is_in_it():
    """Half open: what was due on the day of the last run is not due again."""
    assert [each.id for each in items(DAY, DAY)] == []
    assert {each.due_on for each in items(DAY_BEFORE, DAY)} == {DAY}


def test_scoring_and_reports_are_the_engines_own():
    """What the engine does is due on its day under its own name, and once it is done nobody hears of it."""
    span = (date(2026, 11, 11), date(2026, 11, 20))
    found = {each.id: each for each in items(*span) if each.action in {"score", "publish"}}
    assert {name: each.action for name, each in found.items()} == {
        "fall.scoring_qa": "score",
        "fall.report_schools": "publish",
    }
    left = items(*span, done=[each.key for each in found.values()])
    assert not {"fall.scoring_qa", "fall.report_schools"} & {each.id for each in left}


def test_what_a_person_called_done_is_not_due():
    """An acknowledged item is told to nobody any more."""
    notice = AGENDA.plans[0].items[0]
    found = items(done=[acknowledged(notice)])
    assert [each.id for each in found if each.action == "remind"] == ["fall.roster_freeze"]


def test_a_window_that_went_on_shows_what_is_done():
    """Once the list is frozen, neither the freezing nor the notice before it is due."""
    frozen = {(2027, "fall"): WindowState("roster_frozen", "roster_frozen")}
    assert items(states=frozen) == []


def test_overdue_counts_school_days():
    """What was due on Friday is one school day late on Monday."""
    (found,) = [each for each in items(date(2027, 2, 4), date(2027, 2, 8)) if each.reason.endswith("due today")]
    assert (found.id, found.overdue_school_days) == ("mid.packet", 1)


def test_a_delivery_is_asked_after_on_its_day():
    """An expected delivery is due on the day it is expected."""
    from dataclasses import replace
    from datetime import UTC, datetime

    at = datetime(2026, 9, 23, 11, tzinfo=UTC)
    arrival = Arrival(DAY, "survey_vendor", 2027, at, at, None, None, "every(wed)")
    found = items(agenda=replace(AGENDA, arrivals=(arrival,)))
    (asked,) = [each for each in found if each.action == "check_arrival"]
    assert (asked.id, asked.subject_id) == ("survey_vendor.2026-09-23", "survey_vendor")
    assert asked.key == "check_arrival|survey_vendor|2026-09-23|0"


def test_two_levels_on_one_day_are_one_message():
    """Before two weeks without work, deputy and the role above hear at once, of both reasons."""
    packet = item("b.packet", "packet", date(2027, 2, 8), owner="sel_lead")
    meeting = item("board.x", "board_meeting", date(2027, 2, 9), depends_on=("b.packet",))
    away = set(every_day(date(2027, 1, 27), date(2027, 2, 7)))
    working = Days(tuple(day for day in WORKING.days if day not in away), "working day")
    agenda = replace(small_agenda(packet, meeting), working=working)
    span = (date(2027, 1, 25), date(2027, 1, 26))
    found = nudges_in(agenda, {}, frozenset(), span)
    (told,) = [each for each in found if (each.action, each.item.id) == ("escalate", "b.packet")]
    assert told.roles == ("research", "superintendent")
    assert told.reason.count("days left to 2027-02-09") == 2
