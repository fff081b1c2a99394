"""Thirty ways to get a year wrong: each is told once, by its code, in the line that was changed, with its day."""

import json
import shutil

import pytest

from aimline.cli import main
from aimline.schedule import schedule_findings
from aimline.settings import judge_deployment
from tests.support.declared import ROOT

YEAR = "years/2026-27.yml"
FALL = "opens: {nth_school_day: 40}"

ERRORS = {
    "a closure on a Saturday": (
        "{date: 2026-09-07, kind",
        "{date: 2026-09-05, kind",
        "closure_on_weekend",
        "2026-09-05",
    ),
    "a closure after the year": (
        "{date: 2027-01-18, kind",
        "{date: 2027-06-18, kind",
        "date_outside_year",
        "2027-06-18",
    ),
    "a day closed twice": ("{date: 2027-01-18, kind", "{date: 2026-12-24, kind", "duplicate_closure", "2026-12-24"),
    "a term that ends on a Sunday": (
        "2026-10-16, 2026-12-18",
        "2026-10-18, 2026-12-18",
        "term_end_not_school_day",
        "2026-10-18",
    ),
    "a term that ends in a break": (
        "2026-10-16, 2026-12-18",
        "2026-10-16, 2026-12-22",
        "term_end_not_school_day",
        "2026-12-22",
    ),
    "terms out of order": ("2026-10-16, 2026-12-18", "2026-12-18, 2026-10-16", "term_order", "2026-10-16"),
    "a total that does not come out": ("on_site_days: 178", "on_site_days: 179", "count_mismatch", None),
    "a term that is not there": (FALL, "opens: {nth_school_day: 4, of: quarter.7}", "unknown_term", None),
    "a term of no kind": (FALL, "opens: {term_start: semester.1}", "unknown_term", None),
    "a school that no cluster has": (
        "{grades: [K], first_day",
        '{schools: ["0199"], first_day',
        "unknown_school",
        None,
    ),
    "a code without quotes": ("{grades: [K], first_day", "{schools: [0101], first_day", "unquoted", None),
    "an offset for a zone": ("time_zone: America/Chicago", "time_zone: -06:00", "unknown_zone", None),
    "another zone than the district's": ("time_zone: America/Chicago", "time_zone: America/Denver", "time_zone", None),
    "a day after the last": (FALL, "opens: {nth_school_day: 180}", "calendar_horizon", None),
    "no days from a date": (FALL, "opens: {school_days: 0, from: year.first_day}", "zero_shift", None),
    "a day that may not roll": (
        FALL,
        "opens: {calendar_days: 3, from: year.first_day, roll: none}",
        "not_a_school_day",
        None,
    ),
    "a window that waits for itself": (
        FALL,
        "opens: {school_days: 5, from: sel_survey_fall.closes}",
        "rule_cycle",
        None,
    ),
    "a name of nothing": (FALL, "opens: {school_days: 5, from: sel_survey_autumn.closes}", "unknown_reference", None),
    "a step of the budget that is not there": (
        "feeds: budget.preliminary",
        "feeds: budget.first",
        "unknown_budget_step",
        None,
    ),
    "a meeting of nothing": (FALL, "opens: {first_board_meeting_after: budget.first}", "unknown_reference", None),
    "no meeting left": (FALL, "opens: {first_board_meeting_after: year.last_day}", "calendar_horizon", None),
    "a window of a review's name": ("- id: staff_survey", "- id: mid_year", "doubled", None),
    "a step of the budget twice": ("{id: adoption, on", "{id: requests, on", "doubled", None),
    "a window that closes before it opens": (
        f"{FALL}\n    length: {{school_days: 15}}",
        f"{FALL}\n    closes: 2026-09-01",
        *("window_order", "2026-09-01"),
    ),
    "a rule of two forms": (FALL, "opens: {nth_school_day: 40, term_end: quarter.1}", "shape", None),
    "a source that is not there": ("sources: [staff_survey_vendor,", "sources: [staff_vendor,", "unknown_source", None),
    "an instrument that is not there": (
        "instrument: staff_climate@2026",
        "instrument: staff_climate@2025",
        "unknown_instrument",
        None,
    ),
    "an unknown key": ("budget:\n", "budgets: []\nbudget:\n", "shape", None),
    "a pin of nothing": (
        "budget:\n",
        "pins: {sel_survey_fall.rehearsal: 2026-10-01}\nbudget:\n",
        "unknown_reference",
        None,
    ),
    "a decision after what it feeds": ("decide_by: 2027-01-15", "decide_by: 2027-02-10", "too_late_to_feed", None),
}
WARNINGS = {
    "a board date off the rule": (
        "  dates: [2026-08-11,",
        '  proposal: "RRULE:FREQ=MONTHLY;BYDAY=2TU"\n  dates: [2026-08-12,',
        "board_date_not_in_rule",
        "2026-08-12",
    ),
    "two steps in one evening": (
        "{id: adoption, on: 2027-05-11",
        "{id: adoption, on: 2027-02-09",
        "same_evening",
        "2027-02-09",
    ),
    "a date that waits": ("budget:\n", "confirm: [2027-03-09]\nbudget:\n", "unconfirmed_date", "2027-03-09"),
    "a copied calendar": ("budget:\n", "confirm: [2027-03-09]\nbudget:\n", "calendar_copied", None),
    "surveys at once": ("opens: {nth_school_day: 90}", "opens: {nth_school_day: 45}", "window_overlap", "2026-10-21"),
    "a grade that begins late": ("first_day: 2026-08-24", "first_day: 2026-10-26", "window_thin_for_scope", None),
    "an opening on a Saturday": (FALL, "opens: 2026-10-17", "window_opens_closed", "2026-10-17"),
}
ELSEWHERE = {
    "a closure on a Saturday": "{date: 2026-09-05",
    "a window of a review's name": "- id: mid_year\n    kind: mid_year",
    "a window that closes before it opens": "- id: sel_survey_fall",
    "terms out of order": "quarter: [",
    "a step of the budget twice": "{id: requests, on: 2027",
    "a decision after what it feeds": "feeds: budget.preliminary",
    "surveys at once": "- id: sel_survey_winter",
    "a grade that begins late": "- {id: rubric_fall",
    "a board date off the rule": "dates: [2026-08-12",
}
"""Where a finding stands that is not in the first line of the change."""


@pytest.fixture
def folder(tmp_path):
    """A copy of Riverbend."""
    return shutil.copytree(ROOT / "deployments/riverbend", tmp_path / "riverbend")


def _line_of(folder, old, new, at):
    """Change one place of the year; return the line in which a text then stands."""
    path = folder / YEAR
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    changed = text.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    return changed[: changed.index(at)].count("\n") + 1


@pytest.mark.parametrize("name", [*ERRORS, *WARNINGS])
def test_a_wrong_year_is_told_in_its_line(folder, name):
    """The code is told where the change is, with its day, a message and what to do about it."""
    old, new, code, day = {**ERRORS, **WARNINGS}[name]
    line = _line_of(folder, old, new, ELSEWHERE.get(name, new.strip().splitlines()[0]))
    judged = judge_deployment(folder)
    found = sorted({*judged.findings, *schedule_findings(judged.facts.years, judged.facts.sources)})
    told = [each for each in found if each.code == code]
    severity = "error" if name in ERRORS else "warning"
    assert [(each.severity, each.line) for each in told][:1] == [(severity, line)], [str(each) for each in found]
    assert day is None or str(told[0].on_date) == day
    assert told[0].message
    assert told[0].remedy


def test_check_tells_programs_what_it_tells_people(folder, capsys):
    """One finding as JSON has severity, code, file, line, day, message and remedy; an error makes the exit code 2."""
    old, new, code, day = ERRORS["a closure on a Saturday"]
    line = _line_of(folder, old, new, new)
    assert main(["check", str(folder), "--year", "2027", "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)["findings"]
    first = next(each for each in told if each["code"] == code)
    assert list(first)[:7] == ["severity", "code", "file", "line", "on_date", "message", "remedy"]
    assert (first["severity"], first["file"], first["line"], first["on_date"]) == (
        "error",
        f"riverbend/{YEAR}",
        line,
        day,
    )
    assert main(["check", str(folder), "--year", "2026"]) == 0


def test_check_calls_a_warning_warn(folder, capsys):
    """A warning leaves the exit code 0 and is called warn."""
    _line_of(folder, *WARNINGS["a date that waits"][:2], "confirm")
    assert main(["check", str(folder), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)["findings"]
    assert {each["severity"] for each in told} == {"warn"}


def test_a_wrong_year_is_no_missing_year(folder):
    """The plan of a year whose file cannot be read is not told that there is no such file."""
    _line_of(folder, "nth_school_day: 40", "nth_school_dy: 40", "nth_school_dy")
    assert [each.line for each in judge_deployment(folder).findings] == [32]
