"""The state machine of alerts, row by row: what an evaluation, a person and time alone make of an alert."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimline.errors import UsageError
from aimline.signals import Action, Clockwork, Evaluation, act, advance, fold_states
from aimline.signals.alert_states import PUSHED, expected_false

START = date(2026, 9, 4)
KEY = ("0104", "attendance_weekly", "all", "concern")
NEVER = Clockwork(escalate_after=10_000)


def week(number, p, effect=-0.02, *, selected=None, **told):
    """Return the evaluation of one week; below .01 it is selected."""
    chosen = p is not None and p < 0.01 if selected is None else selected
    kind = "concern" if effect < 0 else "improvement"
    day = START + timedelta(weeks=number)
    return Evaluation(*KEY[:3], day, p, effect, kind=told.pop("kind", kind), is_selected=chosen, **told)


def weeks(*chances, effect=-0.02):
    """Return one evaluation a week."""
    return [week(number, p, effect) for number, p in enumerate(chances)]


def night_by_night(evaluations, clockwork=NEVER, until=0):
    """Return the events of a year in which every night sees what was evaluated by then."""
    told = []
    last = max(each.period_on for each in evaluations) + timedelta(days=until)
    for number in range((last - START).days + 1):
        day = START + timedelta(days=number)
        told += [event.row() for event in advance(told, [e for e in evaluations if e.period_on <= day], day, clockwork)]
    return told


def words(rows):
    """Return the types of events in order."""
    return [row["event_type"] for row in rows]


@pytest.mark.parametrize(
    ("chances", "told"),
    [
        ((0.05,), []),
        ((0.001,), ["new"]),
        ((0.001, 0.05), ["new", "ongoing"]),
        ((0.001, 0.05, 0.05), ["new", "ongoing"]),
        ((0.001, 0.10), ["new"]),
        ((0.001, 0.10, 0.10), ["new", "expired"]),
        ((0.001, 0.05, 0.10, 0.09, 0.10), ["new", "ongoing"]),
        ((0.001, 0.05, 0.10, 0.10), ["new", "ongoing", "resolved"]),
        ((0.001, 0.05, 0.10, None, 0.10), ["new", "ongoing", "resolved"]),
        ((0.001, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.001), ["new", "ongoing", "resolved", "reopened"]),
        ((0.001, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.001), ["new", "ongoing", "resolved", "new"]),
    ],
)
def test_evaluations_make_the_events_of_the_table(chances, told):
    """Selected begins, .10 separates what goes on from what is gone, two gone end it, four weeks reopen it."""
    assert words(night_by_night(weeks(*chances))) == told


def test_half_as_much_again_is_told_and_breaks_a_mute():
    """A concern worsens, an improvement grows; both are pushed, and nothing less is."""
    for sign, word in ((-1, "worsened"), (1, "grew")):
        evaluations = [week(n, 0.001, sign * size) for n, size in ((0, 0.02), (1, 0.029), (2, 0.03), (3, 0.044))]
        assert words(night_by_night(evaluations)) == ["new", "ongoing", word]
    rows = night_by_night(weeks(0.001, 0.001))
    state = fold_states(rows, START + timedelta(weeks=2))[KEY]
    muted = act(
        KEY, state, Action("mute", "p1", START + timedelta(days=8), until=START + timedelta(days=50), reason="x")
    )
    grown = advance([*rows, muted.row()], [*weeks(0.001, 0.001), week(2, 0.001, -0.05)], START + timedelta(weeks=2))
    after = fold_states([*rows, muted.row(), *(each.row() for each in grown)], START + timedelta(weeks=2))
    assert (words([each.row() for each in grown]), after[KEY].muted_until) == (["worsened"], None)


def test_turn_to_the_other_side_ends_one_alert_and_begins_another():
    """A concern whose series is selected upwards is resolved in the same night in which the improvement begins."""
    rows = night_by_night([week(0, 0.001, -0.02), week(1, 0.001, -0.02), week(2, 0.001, 0.02)])
    assert [(row["event_type"], row["kind"]) for row in rows] == [
        ("new", "concern"),
        ("ongoing", "concern"),
        ("resolved", "concern"),
        ("new", "improvement"),
    ]


def test_neutral_series_that_turns_has_two_episodes():
    """Where neither way is better, the other direction is another episode of the same kind."""
    evaluations = [week(n, 0.001, effect, kind="change") for n, effect in ((0, -0.02), (1, 0.02))]
    rows = night_by_night(evaluations)
    assert [(row["event_type"], row["episode"]) for row in rows] == [("new", 1), ("resolved", 1), ("new", 2)]


def test_hidden_figure_holds_an_alert_and_gives_it_back_as_it_was():
    """State and counters are kept, nothing is pushed, and the event gives no reason."""
    evaluations = [*weeks(0.001, 0.05, 0.2), week(3, None, is_hidden=True), week(4, 0.2)]
    rows = night_by_night(evaluations)
    assert words(rows) == ["new", "ongoing", "held", "shown", "resolved"]
    assert not {"held", "shown"} & PUSHED
    assert set(rows[2]["payload"]) == {"since_on", "n_clear"}


def test_late_data_revise_once_and_leave_the_past_alone():
    """An alert that began with a period which is none any more says so once, with what was and what is."""
    rows = night_by_night(weeks(0.001, 0.05))
    corrected = weeks(0.30, 0.05)
    day = START + timedelta(weeks=1)
    revised = [event.row() for event in advance(rows, corrected, day)]
    assert words(revised) == ["revised"]
    assert (revised[0]["payload"]["was"]["p"], revised[0]["payload"]["is"]["p"]) == (0.001, 0.30)
    assert advance([*rows, *revised], corrected, day) == []


def test_concern_that_nobody_took_on_is_escalated_once():
    """Ten school days after it became new the next role is told; an improvement waits for nobody."""
    evaluations = weeks(0.001, 0.05)
    rows = night_by_night(evaluations, Clockwork(10), until=30)
    assert [(row["event_type"], row["as_of"]) for row in rows][2:] == [("escalated", "2026-09-18")]
    assert "escalated" not in words(night_by_night(weeks(0.001, 0.05, effect=0.02), Clockwork(10), until=30))


def test_school_days_are_those_of_the_calendar():
    """Days without school do not count."""
    days = tuple(START + timedelta(days=n) for n in range(1, 80, 3))
    rows = night_by_night(weeks(0.001, 0.05), Clockwork(10, days), until=60)
    assert [row["as_of"] for row in rows if row["event_type"] == "escalated"] == [str(days[9])]


def taken(**told):
    """Return the journal of an alert that somebody took on in the second week."""
    rows = night_by_night(weeks(0.001, 0.05))
    state = fold_states(rows, LATE)[KEY]
    action = Action("ack", "p7", START + timedelta(days=8), **{"due_on": START + timedelta(days=20)} | told)
    return [*rows, act(KEY, state, action).row()]


LATE = date(2027, 6, 1)


def test_acknowledged_alert_is_not_escalated_and_tells_its_due_date_once():
    """What somebody takes on is theirs until their day has passed."""
    rows = taken(owner="p8", ref="r1")
    assert fold_states(rows, LATE)[KEY].owner == "p8"
    for number in range(9, 60):
        day = START + timedelta(days=number)
        rows += [event.row() for event in advance(rows, weeks(0.001, 0.05), day, Clockwork(10))]
    assert [(row["event_type"], row["as_of"]) for row in rows[3:]] == [("overdue", "2026-09-25")]


def test_night_that_did_not_know_of_an_acknowledgement_does_not_undo_it():
    """What the night writes on the same day leaves the alert with its owner."""
    rows = taken()
    late = advance(rows[:2], [*weeks(0.001, 0.05), week(2, 0.001, -0.06)], START + timedelta(weeks=2))
    assert fold_states([*rows, *(event.row() for event in late)], LATE)[KEY].state == "acknowledged"


def test_closed_alert_stays_closed_until_it_grew_or_was_gone():
    """What is still there is no news to the person who closed it."""
    rows = night_by_night(weeks(0.001, 0.05))
    closed = act(KEY, fold_states(rows, LATE)[KEY], Action("close", "p1", START + timedelta(days=8), reason="known"))
    told = [*rows, closed.row()]
    base = weeks(0.001, 0.05)
    assert advance(told, [*base, week(2, 0.001), week(3, 0.001)], LATE) == []
    assert words(e.row() for e in advance(told, [*base, week(2, 0.001, -0.03)], LATE)) == ["reopened"]
    assert words(e.row() for e in advance(told, [*base, week(2, 0.2), week(3, 0.2), week(4, 0.001)], LATE)) == ["new"]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (Action("ack", "p", START), "looked into"),
        (Action("ack", "p", START, due_on=START - timedelta(days=1)), "--due 2026-09-03 lies before 2026-09-04"),
        (Action("assign", "p", START, owner="q", due_on=START - timedelta(days=1)), "--due 2026-09-03 lies before"),
        (Action("mute", "p", START, until=START, reason="x"), "--until 2026-09-04 lies before 2026-09-05"),
        (Action("mute", "p", START, until=START + timedelta(days=61), reason="x"), "more than 60 days"),
        (Action("mute", "p", START, until=START + timedelta(days=9)), "needs a reason"),
        (Action("mute", "p", START, reason="x"), "last day"),
        (Action("unmute", "p", START), "not muted"),
        (Action("assign", "p", START), "nobody is named"),
        (Action("close", "p", START, reason=" "), "needs a reason"),
    ],
)
def test_actions_that_lack_something_are_refused(action, message):
    """A due date, a last day, a reason, a name: each is asked for."""
    state = fold_states(night_by_night(weeks(0.001)), LATE)[KEY]
    with pytest.raises(UsageError, match=message):
        act(KEY, state, action)


def test_only_open_alerts_can_be_taken_on():
    """What ended needs nobody."""
    state = fold_states(night_by_night(weeks(0.001, 0.2, 0.2)), LATE)[KEY]
    with pytest.raises(UsageError, match="is expired"):
        act(KEY, state, Action("ack", "p", START, due_on=LATE))


STEPS = st.lists(
    st.tuples(st.sampled_from([0.001, 0.05, 0.2, None, "hidden"]), st.sampled_from([-0.05, -0.02, 0.02])), max_size=14
)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sets(st.integers(0, 13)))
def test_any_split_into_nights_tells_the_same(steps, nights):
    """Evaluations folded night by night, or several at once after an outage, give the same events."""
    series = [
        week(n, None, effect, is_hidden=True) if p == "hidden" else week(n, p, effect)
        for n, (p, effect) in enumerate(steps)
    ]
    whole = [event.row() for event in advance((), series, LATE)]
    split = []
    for number in sorted({*nights, 13}):
        split += [event.row() for event in advance(split, series[: number + 1], LATE)]
    assert sorted(row["event_id"] for row in split) == sorted(row["event_id"] for row in whole)
    assert fold_states(split, LATE) == fold_states(whole, LATE)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([0.0099, 0.0101]), min_size=2, max_size=30))
def test_noise_at_the_threshold_pushes_once(chances):
    """However often a series crosses the line of selection, an episode is pushed once at most."""
    assert sum(row["event_type"] in PUSHED for row in night_by_night(weeks(*chances))) <= 1


def test_expected_false_alerts_are_those_of_the_batches_in_which_they_began() -> None:
    """Two alerts of one batch share its number; what left its aim line is no test; there are no more than were told."""
    told = {"expected_false": 1, "period_kind": "week", "control": "bh"}
    rows = [
        {"alert_id": name, "event_type": "new", "period_on": day, "payload": payload}
        for name, day, payload in (
            ("a", "2026-11-06", told),
            ("b", "2026-11-06", told),
            ("c", "2026-11-13", told | {"expected_false": 4}),
            ("off", "2026-11-13", {"since_on": "2026-11-06"}),
        )
    ]
    assert expected_false(rows, {"a", "b"}) == 1
    assert expected_false(rows, {"a", "b", "c", "off"}) == 3
    assert expected_false(rows, {"off"}) == 0
