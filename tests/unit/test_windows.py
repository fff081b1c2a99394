"""Collection windows: which step follows which, what is ignored, what blocks, what the journal gives back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from aimline.schedule.guards import Guards, Known, Roster
from aimline.schedule.school_days import Days, every_day
from aimline.schedule.windows import (
    CHAIN,
    PLANNED,
    Course,
    Extension,
    Refusal,
    WindowEvent,
    WindowState,
    passing,
    run,
    states_of,
    step,
    transitions,
    window_events,
)

DAYS = Days(tuple(day for day in every_day(date(2026, 8, 19), date(2027, 5, 27)) if day.weekday() < 5))
FALL = Course(
    school_year=2027,
    window_id="sel_survey_fall",
    version=1,
    opens_on=date(2026, 10, 14),
    closes_on=date(2026, 11, 3),
    late_until_on=date(2026, 11, 10),
    freeze_on=date(2026, 9, 23),
    notice_on=date(2026, 9, 23),
    opt_out_on=date(2026, 10, 7),
    owner="research",
)
SCHOOL = {"0101": {"student": 40}}
READY = Known(
    district="riverbend",
    owner="Research and evaluation",
    notice_on=date(2026, 9, 23),
    needs_roster=True,
    rosters=(Roster("b1", date(2026, 9, 22), SCHOOL),),
)


def told(course, known, as_of, states=None):
    """What follows for one window on a day."""
    guards = Guards(lambda _course, _state: known, DAYS)
    return run([course], states or {}, as_of, guards.judge)


def made(actions):
    """The states that were reached, in their order."""
    return [each.transition.to_state for each in actions if each.transition]


def refusal(course, known, as_of, states=None):
    """The one thing that stands in the way."""
    (alert,) = [each for each in told(course, known, as_of, states) if each.what == "alert"]
    return alert.refusal


def test_a_window_goes_through_its_states_on_their_days():
    """Each step is made on its own day and not a day before."""
    days = {"notice_sent": FALL.notice_on, "roster_frozen": FALL.freeze_on, "open": FALL.opens_on}
    days |= {"closed": date(2026, 11, 4), "sealed": date(2026, 11, 11)}
    for state, day in days.items():
        assert state in made(told(FALL, READY, day))
        assert state not in made(told(FALL, READY, day - timedelta(days=1)))


def test_a_run_after_a_gap_makes_the_missed_steps_in_order_with_their_own_days():
    """Each step carries the day it was due on, and the run that made it its own."""
    steps = transitions([FALL], {}, date(2026, 12, 1))
    assert [each.to_state for each in steps] == ["notice_sent", "roster_frozen", "open", "closed", "sealed"]
    assert [each.on for each in steps][2:] == [FALL.opens_on, date(2026, 11, 4), date(2026, 11, 11)]
    assert {event.as_of for event in window_events(steps, date(2026, 12, 1), "run")} == {date(2026, 12, 1)}


def test_a_window_without_a_notice_goes_on_from_planned():
    """What asks nobody for consent freezes its list straight away."""
    plain = replace(FALL, notice_on=None, opt_out_on=None)
    assert made(told(plain, READY, FALL.opens_on)) == ["roster_frozen", "open"]


@pytest.mark.parametrize("state", [*CHAIN, "blocked", "cancelled", "never heard of"])
@pytest.mark.parametrize("target", [*CHAIN, "blocked", "cancelled", "nowhere"])
def test_every_pair_of_state_and_event_has_an_answer(state, target):
    """Nothing raises: a pair is a step, a block, or ignored with its reason and without any change."""
    stands = WindowState(state, "open" if state == "blocked" else state)
    event = WindowEvent(2027, "w1", 1, target, date(2026, 10, 14))
    after, (action,) = step(stands, event, date(2026, 10, 14))
    assert action.what in {"transition", "ignored"}
    assert (after == stands) == (action.what == "ignored")
    assert bool(action.reason) == (action.what == "ignored")


def test_what_is_not_due_yet_is_ignored():
    """A step is never made before its day."""
    event = WindowEvent(2027, "w1", 1, "roster_frozen", date(2026, 10, 14))
    _, (action,) = step(PLANNED, event, date(2026, 10, 13))
    assert (action.what, action.reason) == ("ignored", "not due before 2026-10-14")


def test_without_a_notice_it_cannot_open():
    """The message names the law, the owner, the command that records the notice, and the other way out."""
    found = refusal(FALL, replace(READY, notice_on=None), date(2026, 10, 14))
    assert found.guard == "G2"
    assert found.message == (
        "sel_survey_fall cannot open on 2026-10-14: notice step missing (PPRA, 20 U.S.C. 1232h). "
        "Owner: privacy officer. Record it with aimline due riverbend --ack sel_survey_fall.notice --by PERSON, "
        "or move the window."
    )


def test_a_blocked_window_goes_back_to_where_it_was():
    """It is told once that it is blocked, why in every run, and the step is made once its guard holds."""
    first = told(FALL, replace(READY, notice_on=None), date(2026, 10, 14))
    states = states_of(window_events([each.transition for each in first if each.transition], FALL.opens_on, "run"))
    assert states[FALL.key] == WindowState("blocked", "planned")
    again = told(FALL, replace(READY, notice_on=None), date(2026, 10, 15), states)
    assert (made(again), len(again)) == ([], 1)
    assert made(told(FALL, replace(READY, notice_on=date(2026, 9, 30)), date(2026, 10, 15), states))[-1] == "open"


@pytest.mark.parametrize(("sent", "opens"), [(date(2026, 9, 30), True), (date(2026, 10, 1), False)])
def test_families_have_fourteen_days(sent, opens):
    """A notice of the 14th day before is in time, one a day later is not."""
    known = replace(READY, notice_on=sent)
    assert ("open" in made(told(FALL, known, FALL.opens_on))) is opens
    assert "open" in made(told(FALL, known, FALL.opens_on + timedelta(days=1)))


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"rosters": ()}, "G3"),
        ({"rosters": (Roster("b1", date(2026, 9, 17), SCHOOL),)}, "G3"),
        ({"schools": ("0101", "0102")}, "G3"),
        ({"edition": None}, "G4"),
        ({"edition": "new", "edition_before": "old"}, "G4"),
        ({"is_owned": False}, "G5"),
    ],
)
def test_each_guard_blocks(change, guard):
    """No list, an old one, a school without anybody, a changed edition, nobody active: the window stays shut."""
    assert refusal(FALL, replace(READY, **change), FALL.opens_on).guard == guard


def test_dates_that_are_not_frozen_open_nothing():
    """A proposal is not a plan."""
    assert refusal(replace(FALL, version=0), READY, FALL.opens_on).guard == "G1"


def test_the_newest_list_in_time_is_frozen():
    """A list that comes after the day of freezing counts only where there was none."""
    newer, later = Roster("b2", date(2026, 9, 23), SCHOOL), Roster("b3", date(2026, 10, 7), SCHOOL)
    for rosters, batch in (((*READY.rosters, newer, later), "b2"), ((later,), "b3")):
        actions = told(FALL, replace(READY, rosters=rosters), date(2026, 10, 8))
        (frozen,) = [each.transition for each in actions if each.transition.to_state == "roster_frozen"]
        assert frozen.detail["batch_id"] == batch
        assert frozen.detail["n_eligible"] == SCHOOL


def test_a_window_is_sealed_when_its_rows_are_settled_or_let_be():
    """Rows in quarantine hold the seal until they are mended or the owner lets them be."""
    held = replace(READY, n_quarantined=3)
    assert made(told(FALL, held, date(2026, 11, 11)))[-1] == "blocked"
    assert "3 rows of its deliveries are in quarantine" in refusal(FALL, held, date(2026, 11, 11)).message
    waived = replace(held, waived_on=date(2026, 11, 11))
    assert made(told(FALL, waived, date(2026, 11, 11)))[-1] == "sealed"


def test_a_closure_extends_an_open_window_once():
    """The version that takes a closure in extends the window; the same version again does nothing."""
    course = replace(FALL, extensions=(Extension(date(2026, 10, 20), 2, date(2026, 11, 3)),))
    actions = told(course, READY, date(2026, 10, 21))
    assert made(actions)[-1] == "extended"
    states = states_of(window_events([each.transition for each in actions], date(2026, 10, 21), "run"))
    assert told(course, READY, date(2026, 10, 22), states) == ()
    assert made(told(course, READY, date(2026, 11, 4), states)) == ["closed"]


def test_a_window_that_is_called_off_goes_no_farther():
    """The reason is written down; what was open before is not taken back."""
    course = replace(FALL, cancelled_on=date(2026, 10, 20), reason="the vendor is gone")
    actions = told(course, READY, date(2026, 12, 1))
    assert made(actions)[-2:] == ["open", "cancelled"]
    assert actions[-1].transition.detail == {"reason": "the vendor is gone"}


def test_steps_are_made_once():
    """What the journal tells of made steps leaves nothing to do, and a repeated step is one event."""
    steps = transitions([FALL], {}, date(2026, 11, 5))
    events = window_events(steps, date(2026, 11, 5), "run")
    assert states_of(events) == {FALL.key: WindowState("closed", "closed")}
    assert transitions([FALL], states_of(events), date(2026, 11, 5)) == ()
    again = window_events(steps, date(2026, 11, 6), "other")
    assert [each.idempotency_key for each in again] == [each.idempotency_key for each in events]
    assert events[2].idempotency_key == "sel_survey_fall|roster_frozen|open|2027|1"


def test_several_refusals_are_all_told():
    """Whoever mends one thing learns of the other at once."""
    event = WindowEvent(2027, "w1", 1, "open", date(2026, 10, 14), (Refusal("G4", "one"), Refusal("G5", "two")))
    state, actions = step(WindowState("roster_frozen", "roster_frozen"), event, date(2026, 10, 14))
    assert (state.name, [each.reason for each in actions if each.what == "alert"]) == ("blocked", ["one", "two"])


def test_windows_that_were_over_pass():
    """What nobody looked at then is taken as it was planned."""
    assert made(run([FALL], {}, date(2027, 1, 1), passing))[-1] == "sealed"
