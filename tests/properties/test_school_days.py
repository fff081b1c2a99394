"""School-day arithmetic against a walker that takes one day at a time. Source: schedule.md 15."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aimline.schedule.school_days import Days

DAY = timedelta(days=1)
FIRST = date(2026, 8, 3)
LENGTH = 200


@st.composite
def calendars(draw):
    """Draw the school days of a span: a week pattern of one to seven days, and closures anywhere."""
    week = draw(st.sets(st.integers(0, 6), min_size=1))
    closed = draw(st.sets(st.integers(0, LENGTH), max_size=60))
    days = (FIRST + DAY * number for number in range(LENGTH) if number not in closed)
    return Days(tuple(day for day in days if day.weekday() in week))


def _walk(days, day, n):
    """Walk n school days from a day, one date at a time; None beyond the calendar."""
    step, left = (DAY if n > 0 else -DAY), abs(n)
    known = set(days.days)
    while left and FIRST - DAY <= day <= FIRST + DAY * LENGTH:
        day += step
        left -= day in known
    return None if left else day


@given(calendars(), st.integers(0, LENGTH), st.integers(-40, 40).filter(bool))
def test_add_is_walking(days, start, n):
    """Adding gives the day a walker reaches; where he leaves the calendar, counting is refused."""
    from aimline.errors import DeclaredFactError

    day = FIRST + DAY * start
    reached = _walk(days, day, n)
    try:
        assert days.add(day, n) == reached
    except DeclaredFactError:
        assert reached is None


@given(calendars(), st.data())
def test_there_and_back_again(days, data):
    """From a school day n on and n back is the same day, and counts n + 1 days on the way."""
    if len(days) < 2:
        return
    one = data.draw(st.integers(0, len(days) - 2))
    n = data.draw(st.integers(1, len(days) - 1 - one))
    day = days.days[one]
    assert days.add(days.add(day, n), -n) == day
    assert days.count(day, days.add(day, n)) == n + 1
    assert days.span(day, n + 1) == days.add(day, n)
    assert days.back_span(days.add(day, n), n + 1) == day
