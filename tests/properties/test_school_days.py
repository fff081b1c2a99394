"""School-day arithmetic against a walker that takes one day at a time. Source: schedule.md 15."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from aimline.errors import CalendarHorizon
from aimline.schedule.calendars import Calendar, Scope
from aimline.schedule.school_days import Days
from schemas._base import WEEKDAYS
from schemas.years import YearFile

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
    day = FIRST + DAY * start
    reached = _walk(days, day, n)
    try:
        assert days.add(day, n) == reached
    except CalendarHorizon:
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


def test_ten_thousand_calendars_agree_with_the_walker():
    """Random calendars, four-day weeks among them: each function is what walking or counting by hand gives."""
    chance = Random(20260826)  # noqa: S311 - calendars for a test, nothing secret
    for number in range(10_000):
        week = chance.sample(range(5), 4 if number % 2 else 5)
        span = [FIRST + DAY * n for n in range(60)]
        days = Days(tuple(day for day in span if day.weekday() in week and chance.random() > 0.15))
        start, n = chance.choice(span), chance.randint(1, 12)
        later = [day for day in days.days if day >= start]
        earlier = [day for day in days.days if day <= start]
        assert _or_none(days.add, start, n) == _walk(days, start, n)
        assert _or_none(days.add, start, -n) == _walk(days, start, -n)
        assert _or_none(days.span, start, n) == (later[n - 1] if len(later) >= n else None)
        assert _or_none(days.back_span, start, n) == (earlier[-n] if len(earlier) >= n else None)
        assert days.count(start, start + DAY * n) == len([day for day in later if day <= start + DAY * n])


def _or_none(work, day, n):
    """Return what a function gives, None where it leaves the calendar."""
    try:
        return work(day, n)
    except CalendarHorizon:
        return None


SCHOOLS, LEVELS = ("0101", "0102"), ("K", "1")
DATES = st.dates(date(2026, 9, 1), date(2026, 9, 30))


@st.composite
def overrides(draw):
    """Draw one override of any strength."""
    found = {"closed": draw(st.lists(DATES, max_size=3, unique=True)), "open": []}
    found["open"] = [day for day in draw(st.lists(DATES, max_size=3, unique=True)) if day not in found["closed"]]
    for key, among in (("schools", SCHOOLS), ("grades", LEVELS)):
        if draw(st.booleans()):
            found[key] = draw(st.lists(st.sampled_from(among), min_size=1, unique=True))
    for key, days in (("first_day", (1, 8)), ("last_day", (20, 30))):
        if draw(st.booleans()):
            found[key] = date(2026, 9, draw(st.integers(*days)))
    if draw(st.booleans()):
        found["week"] = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True))
    return found


@given(
    st.lists(overrides(), max_size=4),
    st.dictionaries(DATES, st.sampled_from(["regular", "off_site", "make_up_candidate"]), max_size=3),
    st.dictionaries(DATES, st.sampled_from([None, [SCHOOLS[0]]]), max_size=4),
)
def test_the_first_that_speaks_decides_every_day(listed, kinds, closed):
    """Outside the year, day kinds, overrides by strength, closures, the week: asked for one date at a time."""
    closures = [{"date": day, "kind": "snow", "schools": schools or "all"} for day, schools in closed.items()]
    year = YearFile.model_validate(
        {
            "school_year": {
                "id": 2027,
                "label": "2026-27",
                "first_day": date(2026, 9, 3),
                "last_day": date(2026, 9, 25),
            },
            "time_zone": "America/Chicago",
            "overrides": listed,
            "day_kinds": kinds,
            "closures": closures,
        }
    )
    calendar = Calendar(year)
    for scope in (
        Scope(),
        Scope(SCHOOLS[0]),
        Scope(None, LEVELS[0]),
        Scope(*SCHOOLS[:1], LEVELS[0]),
        Scope("0199", "1"),
    ):
        for day, kind in calendar.kinds(scope).items():
            assert kind == _spoken(year, scope, day), (scope, day)


def _spoken(year, scope, day):
    """Ask one line of the file after the other about one date of one scope."""
    own = year.school_year
    held = [
        each
        for each in year.overrides
        if (each.schools is None or scope.school_id in each.schools)
        and (each.grades is None or scope.grade in each.grades)
    ]
    ranked = [each for _, each in sorted(enumerate(held), key=lambda pair: _rank(*pair))]

    def first(key, otherwise):
        return next((getattr(each, key) for each in ranked if getattr(each, key)), otherwise)

    if not first("first_day", own.first_day) <= day <= first("last_day", own.last_day):
        return "outside"
    if day in year.day_kinds:
        return year.day_kinds[day]
    for each in ranked:
        if day in each.open or day in each.closed:
            return "regular" if day in each.open else "other_closure"
    for each in year.closures:
        if day == each.date and (each.schools is None or scope.school_id in each.schools):
            return each.kind
    return "regular" if WEEKDAYS[day.weekday()] in first("week", own.week) else "weekend"


def _rank(place, override):
    """Put the strongest first; of two that are as strong the later line, which check refuses anyway."""
    return -2 * (override.schools is not None) - (override.grades is not None), -place
