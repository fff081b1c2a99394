"""Thirty-odd years with one thing wrong each: none may be frozen, and each is told at its line with its reason."""

import pytest

from aimline.commands._freezing import refuse_infeasible
from aimline.errors import ConflictInfeasible, PlanInfeasible
from tests.support.planned import YEAR, made

NTH = "opens: {nth_school_day: 40}"
OPENS, WINDOW, REVIEW = "    opens:", "  - id: sel_survey_fall", "  - {id: mid_year"
STABLE = "sel_survey_fall.roster_freeze ends 2026-09-16 at the earliest"
TOO_LATE = "sel_survey_fall opens 2026-10-14 by its rule"


def lead(kind, text):
    """A year with one other lead time."""
    return {"budget:\n": f"lead_times: {{{kind}: {{{text}}}}}\nbudget:\n"}


def pin(name, day):
    """A year with one step pinned to a day."""
    return {"budget:\n": f"pins: {{{name}: {day}}}\nbudget:\n"}


def another(opens):
    """A year with another window for the upper grades, both on days a person gave them."""
    asked = "instrument: x@1, respondents: {student: {grades: 8-12}}"
    line = f"  - {{id: other, {asked}, opens: {opens}, length: {{school_days: 5}}}}\n"
    return {"windows:\n": f"windows:\n{line}", NTH: "opens: 2026-10-14"}


CASES = {
    "one day after the last": ({NTH: "opens: {nth_school_day: 64}"}, OPENS, "opens 2026-11-17 by its rule"),
    "in spring by its rule": ({NTH: "opens: {nth_school_day: 140}"}, OPENS, "short by 77 school days"),
    "from the end of the year": ({NTH: "opens: {nth_school_day: -20}"}, OPENS, "short by 97 school days"),
    "a day a person gave": ({NTH: "opens: 2026-11-17"}, OPENS, "opens 2026-11-17 at the earliest"),
    "before the board": ({NTH: "opens: {school_days: -20, from: budget.preliminary}"}, OPENS, "short by 25"),
    "the later of two": ({NTH: "opens: {latest_of: [2026-11-30, 2026-10-14]}"}, OPENS, "opens 2026-11-30"),
    "closes too late": ({"length: {school_days: 15}": "closes: 2026-12-14"}, OPENS, "closes 2026-12-14"),
    "a day too long": ({"length: {school_days: 15}": "length: {school_days: 39}"}, OPENS, "closes 2026-12-14"),
    "far too long": ({"length: {school_days: 15}": "length: {school_days: 60}"}, WINDOW, STABLE),
    "late answers of its own": ({"    sources": "    late_accept: {school_days: 30}\n    sources"}, OPENS, TOO_LATE),
    "late answers of the year": (lead("late_accept", "school_days: 30"), OPENS, TOO_LATE),
    "a long reflection": (lead("reflection", "school_days: 37"), WINDOW, STABLE),
    "a slow cabinet": (lead("cabinet_preread", "working_days: 40"), OPENS, TOO_LATE),
    "an early item": (lead("staff_item", "calendar_days: 80"), WINDOW, STABLE),
    "a slow vendor": (lead("scoring_qa", "working_days: 35"), OPENS, TOO_LATE),
    "a long set-up": (lead("setup", "working_days: 60"), WINDOW, "must end by 2026-08-21"),
    "a list that settles late": (lead("roster_stable", "nth_school_day: 70"), "lead_times", "2026-12-02"),
    "an early board": ({"on: 2027-02-09": "on: 2026-12-08"}, WINDOW, "Earliest date it can serve: 2026-12-09."),
    "a very early board": ({"on: 2027-02-09": "on: 2026-11-17"}, WINDOW, "must end by 2026-08-24"),
    "a long break": (
        {"  - {date: 2027-01-18": "  - {from: 2026-11-05, to: 2026-12-18, kind: break}\n  - {date: 2027-01-18"},
        OPENS,
        "must close by 2026-10-28",
    ),
    "a two-day week": ({"week: [mon, tue, wed, thu, fri]": "week: [mon, tue]"}, WINDOW, "ends 2026-11-02"),
    "an early packet": ({"feeds: ": "packet_on: 2026-11-12, feeds: "}, OPENS, "must close by 2026-11-02"),
    "late decisions": ({"feeds: ": "decide_by: 2027-01-20, feeds: "}, REVIEW, "mid_year.reflection ends 2027-01-20"),
    "a late meeting": ({"feeds: ": "meets_on: 2027-01-22, feeds: "}, REVIEW, "mid_year ends 2027-01-22"),
    "a pinned opening": (pin("sel_survey_fall.opens", "2026-11-20"), "pins:", "opens 2026-11-20 by its pin"),
    "a pinned set-up": (pin("sel_survey_fall.setup", "2026-11-20"), "pins:", "must end by 2026-11-13"),
    "pinned scoring": (pin("sel_survey_fall.scoring_qa", "2027-01-06"), "pins:", "must end by 2027-01-05"),
    "pinned late answers": (pin("sel_survey_fall.late_accept", "2027-01-08"), "pins:", "must end by 2026-12-18"),
    "a pinned reflection": (pin("mid_year.reflection", "2027-01-22"), "pins:", "must end by 2027-01-15"),
    "a pinned pre-read": (pin("mid_year.cabinet_preread", "2027-01-27"), "pins:", "must end by 2027-01-25"),
    "a pinned item": (pin("mid_year.staff_item", "2027-02-01"), "pins:", "must end by 2027-01-26"),
    "a pinned packet": (pin("mid_year.packet", "2027-02-08"), "pins:", "must end by 2027-02-05"),
}
CONFLICTS = {
    "the same days": (another("2026-10-20"), WINDOW, "min_gap(other,sel_survey_fall)"),
    "the week after": (another("2026-11-09"), WINDOW, "min_gap(other,sel_survey_fall)"),
    "a test in its days": (
        {
            "windows:\n": "blackouts: [{id: tests, from: 2026-10-20, to: 2026-10-21}]\nwindows:\n",
            NTH: "opens: 2026-10-14",
        },
        WINDOW,
        "blackout(sel_survey_fall,tests)",
    ),
    "tests until the board": (
        {"windows:\n": "blackouts: [{id: tests, from: 2026-09-30, to: 2026-12-10}]\nwindows:\n"},
        WINDOW,
        "latest_close(sel_survey_fall,mid_year)",
    ),
}


def _line(changes, start):
    text = YEAR
    for old, new in changes.items():
        text = text.replace(old, new, 1)
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start))


def test_the_year_itself_is_refused_by_nothing():
    """Without a change there is nothing to tell."""
    refuse_infeasible(made())


@pytest.mark.parametrize("name", CASES)
def test_a_plan_that_does_not_reach_the_board_is_refused(name):
    """At the line of what binds it, with by how much, and what had to be when."""
    changes, start, words = CASES[name]
    with pytest.raises(PlanInfeasible) as refused:
        refuse_infeasible(made(changes=changes))
    (finding,) = refused.value.findings
    assert (finding.file, finding.line) == ("t/years/2026-27.yml", _line(changes, start))
    assert words in finding.message
    assert "mid_year cannot make budget.preliminary on" in finding.message


@pytest.mark.parametrize("name", CONFLICTS)
def test_windows_in_the_way_that_cannot_move_are_refused(name):
    """At the line of the window, with a smallest set of rules that cannot all hold."""
    changes, start, words = CONFLICTS[name]
    with pytest.raises(ConflictInfeasible) as refused:
        refuse_infeasible(made(changes=changes))
    (finding,) = refused.value.findings
    assert finding.line == _line(changes, start)
    assert words in finding.remedy
