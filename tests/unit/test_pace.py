"""How an open window will end: what past windows show, what a forecast says of them, and whom to remind."""

from datetime import date
from fractions import Fraction

import pytest

from aimline.arrival.pace import Forecast, Group, Moment, Nudge, Past, Reminded, Standing, forecast, nudges, past_window
from tests.support.survey_windows import coverage

EVEN = Past("elementary", tuple(knot / 20 for knot in range(21)), 0.8)
EARLY = Past("elementary", tuple(min(1.0, knot / 10) for knot in range(21)), 0.8)
THREE_QUARTERS = Fraction(3, 4)


def ending(n: int, seen: int, elapsed: float, *library: Past, school_type: str = "elementary") -> Forecast:
    """Forecast one school, of which three quarters are wanted."""
    return forecast(Standing("s", school_type, n, seen), Moment(elapsed, THREE_QUARTERS), library)


def test_past_window_shows_its_rhythm() -> None:
    """Half of the responses came in the first tenth: the curve is there by then, and straight between its knots."""
    past = past_window("high", [0.05] * 50 + [0.95] * 50, 200)
    assert past is not None
    assert (past.rate, past.by(0), past.by(0.1), past.by(0.5), past.by(1)) == (0.5, 0.0, 0.5, 0.5, 1.0)
    assert past.by(0.025) == pytest.approx(0.25)
    assert past_window("high", [], 200) is None


def test_window_that_is_over_ends_as_it_is() -> None:
    """Nothing is to come, and the threshold is met or it is not."""
    told = ending(100, 80, 1.0, EVEN)
    assert (told.low, told.median, told.high, told.chance) == (80, 80, 80, 1.0)
    assert ending(100, 74, 1.0, EVEN).chance == pytest.approx(0, abs=1e-6)


def test_window_before_it_begins_is_as_the_last_ones() -> None:
    """Where nothing has passed and nothing came, the usual rate is all that is known, and it is not much."""
    told = ending(200, 0, 0.0, EVEN)
    assert 150 <= told.median <= 175
    assert told.high - told.low > 50
    assert told.expected == 0


def test_half_of_the_window_half_of_the_responses() -> None:
    """Of 200, 80 came in half of an even window: about 160 will have come, and far fewer where most came early."""
    even, early = ending(200, 80, 0.5, EVEN), ending(200, 80, 0.5, EARLY)
    assert even.median == pytest.approx(160, abs=5)
    assert early.median == pytest.approx(80, abs=2)
    assert (even.expected, even.certainty) == (80, "forecast")
    assert (even.chance > 0.7, early.chance < 0.1) == (True, True)


def test_school_of_another_type_uses_what_there_is() -> None:
    """Windows of its own type count; where there are none, all do; where there is no window, nobody can tell."""
    slow = Past("high", EVEN.curve, 0.3)
    assert ending(200, 0, 0.0, EVEN, slow, school_type="high").median < 90
    assert ending(200, 0, 0.0, slow).certainty == "forecast"
    assert ending(200, 40, 0.5).certainty == "cannot_tell"


def test_interval_holds_four_windows_of_five() -> None:
    """Of simulated windows about 80 % end inside their interval; the bar of 1,000 is in benchmarks/pace_bar.py."""
    assert 0.7 <= coverage(60, seed=5).share <= 0.93


MONDAY = date(2026, 11, 2)


def reminded(on: date = MONDAY, *days: date, is_school_day: bool = True) -> Reminded:
    """Return when school a was reminded."""
    return Reminded(on, is_school_day, {"a": days})


def standings() -> list[tuple[Standing, Forecast]]:
    """School a will lack 25 of 75 responses, school b none."""
    ends = {"a": (100, 30, 50), "b": (100, 60, 90)}
    return [
        (Standing(name, "high", n, seen), Forecast(median, 0, n, 0.0, 0.0, "forecast"))
        for name, (n, seen, median) in ends.items()
    ]


GROUPS = (Group("a", "grade_9", 20, 2), Group("a", "grade_10", 9, 0), Group("b", "grade_9", 50, 25))


def test_schools_are_reminded_by_what_they_will_lack_then_groups_far_behind() -> None:
    """A group is far behind below four fifths of its school's rate; one of fewer than ten is never named."""
    found = nudges(standings(), GROUPS, THREE_QUARTERS, reminded())
    assert found == [Nudge("a", "all", 25), Nudge("a", "grade_9", 4)]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (reminded(MONDAY, MONDAY), {"a"}),
        (reminded(MONDAY.replace(day=5), MONDAY, MONDAY.replace(day=4)), set()),
        (reminded(MONDAY.replace(day=9), MONDAY, MONDAY.replace(day=4)), {"a"}),
        (reminded(is_school_day=False), set()),
    ],
)
def test_school_is_reminded_at_most_twice_a_week_and_on_school_days(asked: Reminded, names: set[str]) -> None:
    """A third reminder in a week, or one on a day without school, is left out."""
    assert {each.unit_id for each in nudges(standings(), GROUPS, THREE_QUARTERS, asked)} == names
