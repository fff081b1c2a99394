"""Windows in nights of Riverbend: what the journal and the lists in the state root let open, and what is told."""

from datetime import UTC, date, datetime

import pytest

from aimline.arrival import accepted_key
from aimline.cli import main
from aimline.commands._dated import told_by
from aimline.commands.night import BLOCKED, move_windows
from aimline.context import open_context
from aimline.demo.staff import work
from aimline.journal import Event
from aimline.warehouse import connect

FIRST, FREEZE, OPENS = date(2026, 8, 19), date(2026, 10, 7), date(2026, 10, 14)


@pytest.fixture
def state(tmp_path):
    """A state root in which somebody looked before the year began, and which holds declared facts."""
    root = str(tmp_path / "state")
    declared = {"source_id": "declared", "entity": "declared_people", "received_at": "2026-08-19T09:30:00+00:00"}
    tell(root, FIRST, Event("batch_accepted", "d", FIRST, "d", declared))
    return root


def tell(state, day, event):
    """Write one event into the journal."""
    context = open_context("riverbend", as_of=day, state=state)
    context.journal.append([event], at=context.clock.instant())
    context.journal.close()


def deliver_list(state, day, schools=("0101", "0102")):
    """Accept a list of those asked in the fall: three of each school, of whom one opted out."""
    context = open_context("riverbend", as_of=day, state=state)
    path = context.store.path(accepted_key("roster", f"b{day}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ", ".join(f"('sel_survey_fall', '{s}', 'student', {n == 0})" for s in schools for n in range(3))
    columns = "window_id, school_id, respondent_class, is_opted_out"
    with connect(role="build") as connection:
        connection.execute(f"copy (select * from (values {rows}) as t({columns})) to '{path}'")
    told = {"source_id": "survey_roster", "entity": "roster", "slots": ["sel_survey_fall.2027"], "n_quarantined": 0}
    told |= {"facts": {"window": "sel_survey_fall", "school_year": "2027"}, "name": "eligible.csv"}
    told |= {"received_at": datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC).isoformat()}
    event = Event("batch_accepted", f"b{day}", day, f"b{day}", told)
    context.journal.append([event], at=context.clock.instant())
    context.journal.close()


def night(state, day, *, arrivals_are_in=True):
    """Move the windows of a day; return where those of this year stand and what blocked some."""
    context = open_context("riverbend", as_of=day, state=state)
    move_windows(context, arrivals_are_in=arrivals_are_in)
    told = told_by(context.journal, day)
    blocked = {event.subject_id: event.payload for event in context.journal.events(BLOCKED) if event.as_of == day}
    steps = [event.payload for event in context.journal.events("window_transition")]
    context.journal.close()
    return {name: each.name for (year, name), each in told.states.items() if year == 2027}, blocked, steps


def test_dates_that_nobody_froze_open_nothing(state):
    """The plan is a proposal: the window that should open says how to freeze it."""
    deliver_list(state, FREEZE)
    states, blocked, _ = night(state, OPENS)
    assert states["sel_survey_fall"] == "blocked"
    assert "aimline plan riverbend --freeze" in blocked["sel_survey_fall"]["message"]


def test_frozen_dates_and_a_list_open_a_window(state):
    """Who is eligible is counted by school and group; who opted out is marked and not counted."""
    work("riverbend", state, FIRST)
    deliver_list(state, FREEZE)
    states, blocked, steps = night(state, OPENS)
    assert states["sel_survey_fall"] == "open"
    assert "sel_survey_fall" not in blocked
    (frozen,) = [each for each in steps if each["window_id"] == "sel_survey_fall" and "n_eligible" in each]
    assert frozen["n_eligible"] == {"0101": {"student": 2}, "0102": {"student": 2}}
    assert (frozen["n_opted_out"], frozen["on"]) == (2, "2026-10-07")


def test_a_list_that_comes_late_is_frozen_when_it_comes(state):
    """Blocked until there is one, told every night; then the steps are made with the days they were due."""
    work("riverbend", state, FIRST)
    assert night(state, FREEZE)[0]["sel_survey_fall"] == "blocked"
    assert "roster step missing" in night(state, date(2026, 10, 8))[1]["sel_survey_fall"]["message"]
    deliver_list(state, date(2026, 10, 12))
    assert night(state, date(2026, 10, 12))[0]["sel_survey_fall"] == "roster_frozen"
    states, _, steps = night(state, OPENS)
    assert states["sel_survey_fall"] == "open"
    days = {each["to_state"]: each["on"] for each in steps if each["window_id"] == "sel_survey_fall"}
    assert (days["roster_frozen"], days["open"]) == ("2026-10-07", "2026-10-14")


def test_windows_that_were_over_before_anybody_looked_are_sealed(state):
    """The years before are taken as they were planned, without a list or a notice in this journal."""
    context = open_context("riverbend", as_of=FIRST, state=state)
    move_windows(context)
    states = told_by(context.journal, FIRST).states
    context.journal.close()
    assert {each.name for (year, _), each in states.items() if year < 2027} == {"sealed"}


def test_late_answers_that_are_let_be_seal_a_window(state, capsys):
    """Rows in quarantine hold the seal; the owner lets them be, and the next night seals it."""
    work("riverbend", state, FIRST)
    deliver_list(state, FREEZE)
    night(state, OPENS)
    told = {"source_id": "survey_vendor", "entity": "responses", "slots": ["sel_survey_fall.2027"], "n_quarantined": 3}
    told |= {"facts": {"window": "sel_survey_fall"}, "name": "sel.csv", "received_at": "2026-11-04T09:30:00+00:00"}
    tell(state, date(2026, 11, 4), Event("batch_accepted", "r", date(2026, 11, 4), "r", told))
    sealing = date(2026, 11, 11)
    states, blocked, _ = night(state, sealing)
    assert states["sel_survey_fall"] == "blocked"
    assert "3 rows of its deliveries are in quarantine" in blocked["sel_survey_fall"]["message"]
    words = ("--ack", "sel_survey_fall.late_accept", "--by", "p_022", "--as-of", str(sealing), "--state", state)
    assert main(["due", "riverbend", *words]) == 0
    assert night(state, date(2026, 11, 12))[0]["sel_survey_fall"] == "sealed"


def test_a_list_that_comes_in_the_same_night_blocks_nothing(state):
    """Before tonight's deliveries are in nobody is told that a list is missing; when it came, its window goes on."""
    work("riverbend", state, FIRST)
    states, blocked, _ = night(state, FREEZE, arrivals_are_in=False)
    assert ("sel_survey_fall" in states, blocked) == (False, {})
    deliver_list(state, FREEZE)
    states, blocked, steps = night(state, FREEZE)
    assert (states["sel_survey_fall"], "sel_survey_fall" in blocked) == ("roster_frozen", False)
    assert not [each for each in steps if each["window_id"] == "sel_survey_fall" and each["to_state"] == "blocked"]


def test_a_window_is_sealed_when_the_nights_deliveries_are_in(state):
    """What came on the last day of late answers is collected before the seal; windows long over are marked as such."""
    work("riverbend", state, FIRST)
    deliver_list(state, FREEZE)
    for day in (OPENS, date(2026, 11, 4)):
        night(state, day)
    words = ("--ack", "sel_survey_fall.late_accept", "--by", "p_022", "--as-of", "2026-11-11", "--state", state)
    assert main(["due", "riverbend", *words]) == 0
    assert night(state, date(2026, 11, 11), arrivals_are_in=False)[0]["sel_survey_fall"] == "closed"
    states, _, steps = night(state, date(2026, 11, 11))
    assert states["sel_survey_fall"] == "sealed"
    sealed = _sealed(steps)
    assert (len(sealed["batches_sha256"]), "was_over" in sealed) == (64, False)
    assert all(each.get("was_over") for each in steps if each["to_state"] == "sealed" and each["school_year"] < 2027)


def test_a_held_delivery_holds_the_seal_until_a_later_one_replaces_it(state):
    """Somebody decides on what is held, or the sender sends it again; then the window may be sealed."""
    work("riverbend", state, FIRST)
    deliver_list(state, FREEZE)
    night(state, OPENS)
    told = {"source_id": "survey_vendor", "entity": "responses", "n_quarantined": 0, "load_mode": "full"}
    told |= {"facts": {"window": "sel_survey_fall"}, "received_at": "2026-11-04T09:30:00+00:00", "slots": []}
    held = told | {"name": "sel.csv", "reason": "column_renamed", "n_quarantined": 9}
    tell(state, date(2026, 11, 4), Event("batch_held", "h", date(2026, 11, 4), "h", held))
    _, blocked, _ = night(state, date(2026, 11, 11))
    assert "survey_vendor is held" in blocked["sel_survey_fall"]["message"]
    path = accepted_file(state, "r")
    with connect(role="build") as connection:
        columns = "window_id, response_id, is_preview"
        rows = "('sel_survey_fall', 'r1', false), ('sel_survey_fall', 'r2', false)"
        connection.execute(f"copy (select * from (values {rows}) as t({columns})) to '{path}'")
    told |= {"name": "sel2.csv", "received_at": "2026-11-12T09:30:00+00:00"}
    tell(state, date(2026, 11, 12), Event("batch_accepted", "r", date(2026, 11, 12), "r", told))
    states, _, steps = night(state, date(2026, 11, 12))
    assert states["sel_survey_fall"] == "sealed"
    sealed = _sealed(steps)
    assert (sealed["n_responses"], sealed["n_eligible"]) == (2, 4)


def accepted_file(state, batch_id):
    """Return where the accepted responses of a batch stand."""
    context = open_context("riverbend", as_of=FIRST, state=state)
    context.journal.close()
    path = context.store.path(accepted_key("responses", batch_id))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _sealed(steps):
    """Return the step by which the fall survey was sealed."""
    named = [each for each in steps if each["window_id"] == "sel_survey_fall" and each["school_year"] == 2027]
    return next(each for each in named if each["to_state"] == "sealed")
