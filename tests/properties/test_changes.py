"""Whatever is closed or made up during a year: what is over stays, and an open window keeps its opening."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aimline.schedule.calendars import Calendar
from aimline.schedule.changes import Settled, extended, lost_days, settled
from aimline.schedule.rules import resolve
from tests.support.declared import year_of

FIRST, LAST = date(2026, 9, 1), date(2026, 12, 18)
CANDIDATES = ("2026-10-12", "2026-11-11")
DAY = timedelta(days=1)


def _year(nth, closed, made_up):
    """A fall in which some days are closed and some candidates are held after all."""
    return year_of(
        str(FIRST),
        str(LAST),
        closures=[{"date": str(day), "kind": "snow"} for day in sorted(closed)],
        day_kinds={day: "make_up" if day in made_up else "make_up_candidate" for day in CANDIDATES},
        windows=[{"id": "w1", "kind": "rubric", "opens": {"nth_school_day": nth}, "length": {"school_days": 8}}],
    )


@st.composite
def histories(draw):
    """Draw what becomes known on which day: days that are closed from then on, candidates that are held."""
    found, as_of = [], FIRST
    for _ in range(draw(st.integers(1, 6))):
        as_of += DAY * draw(st.integers(1, 20))
        ahead = as_of + DAY * draw(st.integers(0, 30))
        found.append((as_of, draw(st.sampled_from([*CANDIDATES, ahead, ahead]))))
    return found


@settings(deadline=None)
@given(st.integers(5, 50), histories())
def test_nothing_that_is_over_moves_and_open_windows_keep_their_opening(nth, history):
    """Closure after closure, made-up day after made-up day, planned again each time."""
    closed, made_up, known = set(), set(), set()
    held = resolve([_year(nth, closed, made_up)])[0][2026, "w1"]
    span = (held["opens_on"], held["closes_on"])
    for as_of, change in history:
        if isinstance(change, str):
            made_up |= {change} if date.fromisoformat(change) >= as_of else set()
        elif change not in closed and change.weekday() < 5 and str(change) not in CANDIDATES and change <= LAST:
            closed.add(change)
        year = _year(nth, closed, made_up)
        now = resolve([year])[0][2026, "w1"]
        if len(now) < 3:
            return  # so much is closed that the year has no such day
        after, known = _replanned(year.shape, span, (now["opens_on"], now["closes_on"]), as_of, known)
        _holds(span, after, as_of)
        span = (after.opens_on, after.closes_on)


def _replanned(year, old, new, as_of, known):
    """Return the dates after a change, an open window with its lost days given back, and which closures it took in."""
    is_open = old[0] <= as_of
    after, calendar = settled(old, new, as_of, is_open=is_open), Calendar(year)
    lost = lost_days(calendar, old, known) if is_open and old[1] >= as_of else ()
    closes = extended(after.closes_on, len(lost), 5, calendar.days())
    return Settled(after.opens_on, closes, after.told), known | {each.id for each in lost}


def _holds(before, after, as_of):
    """Nothing before the day moves, neither from there nor to there, and what is open opened when it did."""
    if before[0] <= as_of:
        assert after.opens_on == before[0]
    else:
        assert after.opens_on >= as_of
    if before[1] < as_of:
        assert after.closes_on == before[1]
    else:
        assert after.closes_on >= min(before[1], as_of)
    assert (after.told is None) or (after.opens_on, after.closes_on) == before
