"""Planning a year is quick: bars of schedule.md 15 in processor time, with three times the room on a busy machine."""

from datetime import date

import pytest

from aimline.clock import cpu_seconds
from aimline.schedule import Asked, make_plan
from aimline.schedule.forecast import Records, chance_of
from aimline.schedule.planner import plan_graph
from aimline.settings import load_deployment
from benchmarks.plan_year import dense_district, large_district

AS_OF = date(2026, 7, 15)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A district of 1,600 schools and 60 windows, and its plan."""
    deployment = load_deployment(large_district(tmp_path_factory.mktemp("large") / "riverbend"))
    return deployment, make_plan(deployment, Asked(2027, AS_OF))


def _took(work):
    begun = cpu_seconds()
    work()
    return cpu_seconds() - begun


def test_the_passes_of_400_steps_take_50_milliseconds(large):
    """Back, planned and on, for every step of the year."""
    plan = large[1].plan
    assert len(plan.graph.nodes) > 400
    assert min(_took(lambda: plan_graph(plan.setting, plan.graph)) for _ in range(3)) < 3 * 0.05


def test_a_new_plan_after_three_closures_takes_a_second(large):
    """Full: dates, passes, conflicts; and it equals one made from scratch."""
    days = (date(2026, 9, 21), date(2026, 9, 22), date(2026, 10, 5))
    again = []
    assert _took(lambda: again.append(make_plan(large[0], Asked(2027, AS_OF, closed=days)))) < 3 * 1.0
    assert again[0].plan.planned == make_plan(large[0], Asked(2027, AS_OF, closed=days)).plan.planned


def test_ten_thousand_draws_take_a_second(large):
    """For one anchor, with the default lengths."""
    plan = large[1].plan
    assert _took(lambda: chance_of(plan, plan.graph.anchors[0], "large", Records())) < 3 * 1.0


@pytest.mark.parametrize(("n_short", "seconds"), [(1, 1.0), (0, 5.0)])
def test_families_who_are_asked_on_every_day_get_an_answer(tmp_path, n_short, seconds):
    """51 windows that need one school day more than there is cannot all be; those that just fit all are moved."""
    deployment = load_deployment(dense_district(tmp_path / "riverbend", n_short))
    answers = []
    assert _took(lambda: answers.append(make_plan(deployment, Asked(2027, AS_OF)))) < 3 * seconds
    (made,) = answers
    assert made.is_feasible == (n_short == 0)
    assert all(each.is_proved for each in made.conflicts)
    assert {len(each.minimal_set) for each in made.conflicts} == {0 if made.is_feasible else 51 * 50 // 2}
