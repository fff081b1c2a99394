"""Properties of what is due, and of windows in nights that come in any order, twice, or not at all."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aimline.clock import cpu_seconds
from aimline.schedule.due import due
from aimline.schedule.windows import passing, run, states_of, window_events
from tests.support.agendas import item, small_agenda

FIRST = date(2026, 8, 1)
AGENDA = small_agenda()
NIGHTS = st.integers(0, 330).map(lambda n: FIRST + timedelta(days=n))


def keys(since, as_of, done=frozenset()):
    """Keys of what is due, without the look at every source."""
    return {each.key for each in due(AGENDA, {}, done, since, as_of) if each.action != "collect"}


@settings(deadline=None)
@given(st.lists(NIGHTS, min_size=3, max_size=3).map(sorted))
def test_a_span_is_its_two_halves(nights):
    """Wherever a night falls in between, nothing is lost and nothing is due twice."""
    first, between, last = nights
    before, after = keys(first, between), keys(between, last)
    assert keys(first, last) == before | after
    assert not before & after


@settings(deadline=None)
@given(st.lists(NIGHTS, min_size=2, max_size=2).map(sorted))
def test_what_was_done_is_not_due_again(nights):
    """A run that comes a second time only looks at the sources."""
    first, last = nights
    done = frozenset(each.key for each in due(AGENDA, {}, frozenset(), first, last) if each.action != "collect")
    assert {each.action for each in due(AGENDA, {}, done, first, last)} == {"collect"}


@settings(deadline=None)
@given(st.lists(NIGHTS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_windows_end_the_same_whatever_nights_ran(nights, random):
    """Nights in any number, told in any order and twice, leave a window where every night in order leaves it."""
    events, states = [], {}
    for night in sorted(nights):
        made = [each.transition for each in run(AGENDA.courses, states, night, passing) if each.transition]
        events += window_events(made, night, "run")
        states = states_of(events)
    told = [*events, *events]
    random.shuffle(told)
    everyday = [each.transition for each in run(AGENDA.courses, {}, max(nights), passing) if each.transition]
    assert states_of(told) == states == states_of(window_events(everyday, max(nights), "run"))
    keys_made = [event.idempotency_key for event in events]
    assert len(keys_made) == len(set(keys_made))


def test_a_year_is_asked_in_milliseconds():
    """A year of 150 items more is asked in far less than the 20 ms of the promise, with room for a slow machine."""
    more = [item(f"x{k}", "packet", FIRST + timedelta(days=k), owner="sel_lead") for k in range(150)]
    agenda = small_agenda(*more)
    due(agenda, {}, frozenset(), FIRST, FIRST)
    began = cpu_seconds()
    due(agenda, {}, frozenset(), FIRST, date(2027, 6, 30))
    assert cpu_seconds() - began < 0.06
