"""What hardly ever happens to a plan: a rule without a date, a cause that is over, a search that was cut short."""

from datetime import date

import pytest

from aimline.errors import DeclaredFactError
from aimline.schedule import deletion, resolve_dates, solver
from aimline.schedule.binding import bindings
from aimline.schedule.causes import Causes
from aimline.schedule.deletion import Left, Ways, left_of
from aimline.schedule.fitting import Capacity, Movable, Problem, is_overfull, keeps
from aimline.schedule.items import Item
from aimline.schedule.solver import Answer, solve
from aimline.settings import load_deployment
from tests.support.declared import changed_copy, year_from
from tests.support.planned import YEAR, made

OPENS = "opens: {nth_school_day: 40}"
PAIR = tuple(Movable(name, 1, preferred=1, openings=(1,), length=1, gap=0, rank=n) for n, name in enumerate("ab"))
ANALYST = Capacity("analysts", 1, {("a", 1): frozenset({5}), ("b", 1): frozenset({5})})


def test_dates_are_refused_where_a_rule_gives_none(tmp_path):
    """Whoever asks for the dates of all years is told the line of the rule that counts beyond its year."""
    folder = changed_copy(tmp_path, "years/2026-27.yml", OPENS, "opens: {nth_school_day: 400}")
    with pytest.raises(DeclaredFactError) as raised:
        resolve_dates(load_deployment(folder))
    (found,) = raised.value.findings
    line = (folder / "years/2026-27.yml").read_text(encoding="utf-8").splitlines()[found.line - 1]
    assert (found.code, line.strip()) == ("calendar_horizon", "opens: {nth_school_day: 400}")


def test_a_notice_that_went_out_too_late_is_what_binds():
    """It is over, so not late itself; but from it everything else is counted, and the chain leads on to it."""
    over = ("notice", "roster_freeze", "setup")
    sent = {f"sel_survey_fall.{part}": (date(2026, 11, 19), date(2026, 11, 19)) for part in over}
    plan = made("2026-11-20", {OPENS: "opens: {nth_school_day: 70}"}, done=sent).plan
    (binding,) = bindings(plan)
    assert [each.id for each in binding.chain][-3:] == [
        "sel_survey_fall",
        "sel_survey_fall.opt_out",
        "sel_survey_fall.notice",
    ]
    assert "sel_survey_fall.notice ends 2026-11-19" in binding.message


def test_an_opening_whose_set_up_would_begin_before_all_known_days_is_no_way():
    """It is done, so the window could open at once; but nobody can say on which days it would have been."""
    ready = {f"sel_survey_fall.{part}": (date(2026, 9, 1), date(2026, 9, 30)) for part in ("roster_freeze", "setup")}
    for n, is_a_way in ((70, True), (130, False)):
        lead = {"reviews:\n": f"lead_times: {{setup: {{working_days: {n}}}}}\nreviews:\n"}
        (binding,) = bindings(made("2026-10-01", {OPENS: "opens: {nth_school_day: 110}", **lead}, done=ready).plan)
        assert ("sel_survey_fall.opens" in {each.parameter for each in binding.ways}) is is_a_way


def test_a_lead_time_that_stayed_is_no_cause():
    """Of two that are declared only the one that is another now is told."""
    texts = [f"lead_times: {{packet: {{calendar_days: {n}}}, reflection: {{school_days: 9}}}}\n" for n in (3, 4)]
    old, new = (year_from(YEAR.replace("reviews:\n", f"{text}reviews:\n")).shape for text in texts)
    window = Item("sel_survey_fall", "window", 2027, {}, due_on=date(2026, 11, 3))
    assert Causes(old, new).of(window, None, None) == "lead time packet changed"


def test_windows_with_days_enough_may_still_fit_nowhere():
    """Both need the only analyst on the same day wherever they open: that nothing fits is proved by the search."""
    problem = Problem(PAIR, capacities=(ANALYST,))
    assert not is_overfull(problem)
    assert solve(problem) == Answer(None, is_proved=True)


def test_a_search_that_is_cut_short_gives_what_it_has_and_says_so(monkeypatch):
    """The bound is on the steps of the search: openings that keep every rule are an answer, not proved the cheapest."""
    days = tuple(range(60))
    windows = tuple(Movable(name, 1 + n % 3, 20, days, 1 + n % 4, n % 3, n) for n, name in enumerate("abcdef"))
    problem = Problem(windows, (frozenset("abcdef"),))
    assert solve(problem).is_proved
    for name in ("_LEAST_STEPS", "_MOST_ENTRIES"):
        monkeypatch.setattr(solver, name, 0)
    answer = solve(problem)
    assert keeps(problem, answer.openings or {})
    assert not answer.is_proved


@pytest.mark.parametrize(("most", "left"), [(80_000, Left(("one",))), (0, Left(("one", "other"), is_proved=False))])
def test_a_rule_that_cannot_be_searched_any_more_is_kept_without_proof(monkeypatch, most, left):
    """The bound is on the work: beyond it a rule that may be needless stays, and the set says it is not proved."""
    monkeypatch.setattr(deletion, "_MOST_SEARCHED", most)

    def problem(off):
        return Problem(PAIR, capacities=() if "one" in off else (ANALYST,))

    assert left_of(Ways(problem, {"one": ("a", "b"), "other": ("a",)}, ())) == left
