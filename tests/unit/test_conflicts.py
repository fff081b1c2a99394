"""Windows in each other's way through what they need: analysts who can do one thing at a time, days that are closed."""

from aimline.schedule.fitting import Movable, Problem, placed
from aimline.schedule.solver import Answer, _cut_short, solve, told_at_once
from tests.support.planned import days, made

SECOND = (
    "windows:\n  - {id: staff_fall, respondents: {staff: all}, opens: {nth_school_day: 40}, "
    "length: {school_days: 15}, sources: [survey_vendor]}\n"
)
ANALYSTS = "resources: [{id: analysts, capacity: 1, used_by: [scoring_qa]}]\nreviews:\n"


def test_of_two_windows_scored_by_one_analyst_one_moves():
    """Both end on one day, and scoring takes two working days: one of them opens two days later."""
    one = made(changes={"windows:\n": SECOND, "reviews:\n": ANALYSTS})
    (conflict,) = one.conflicts
    assert (conflict.windows, conflict.cell) == (("sel_survey_fall", "staff_fall"), "resource analysts")
    assert conflict.is_proved
    assert one.is_feasible
    spans = [one.plan.planned[f"{name}.scoring_qa"] for name in conflict.windows]
    first, second = sorted(spans, key=lambda each: each.start)
    assert first.finish < second.start


def test_two_analysts_are_enough_for_two_windows():
    """Then nothing has to move."""
    one = made(changes={"windows:\n": SECOND, "reviews:\n": ANALYSTS.replace("capacity: 1", "capacity: 2")})
    assert one.conflicts == ()
    assert days(one.plan, "staff_fall") == days(one.plan, "sel_survey_fall")


def test_windows_that_cannot_move_need_a_second_analyst():
    """Both days are given by hand: what cannot all hold is the capacity alone."""
    fixed = {
        "opens: {nth_school_day: 40}\n    length: {school_days: 15}": "opens: 2026-10-14\n    length: {school_days: 15}"
    }
    given = SECOND.replace("opens: {nth_school_day: 40}", "opens: 2026-10-14")
    one = made(changes={**fixed, "windows:\n": given, "reviews:\n": ANALYSTS})
    (conflict,) = one.conflicts
    assert conflict.is_left
    assert conflict.minimal_set == ("capacity(analysts)",)
    assert conflict.windows == ("staff_fall", "sel_survey_fall")


def test_no_windows_at_all_are_placed():
    """A problem from which every window was left out has a way: that of no openings."""
    nothing = Problem(())
    assert placed(nothing) == {}
    assert told_at_once(nothing) is True


def _window(name, openings, preferred=5):
    return Movable(name, 1, preferred, openings, 1, 0, 0)


def test_a_window_without_any_opening_leaves_no_way():
    """That is proved without a search."""
    assert solve(Problem((_window("a", ()),))) == Answer(None)


def test_a_search_that_was_cut_short_keeps_the_cheaper_of_what_is_known():
    """What was put in one after another stands where it costs less; neither is called the least."""
    window = _window("a", (4, 5, 6, 9))
    problem = Problem((window,))
    late = [(window, 9, window.cost(9))]
    assert _cut_short(problem, late, {"a": 5}) == Answer({"a": 5}, is_proved=False)
    assert _cut_short(problem, late, {"a": 4}).openings == {"a": 4}
    assert _cut_short(problem, late, None).openings == {"a": 9}


def test_a_search_that_found_nothing_whole_takes_any_openings():
    """A window whose place is only known as further away has none yet."""
    window = _window("a", (30,))
    answer = _cut_short(Problem((window,)), [(window, None, window.cost(30))], None)
    assert answer == Answer({"a": 30}, is_proved=False)
