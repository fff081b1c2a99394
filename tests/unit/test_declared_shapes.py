"""The shapes of declared facts: one mistake in a file that was right, and the words that tell it."""

import copy
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aimline._yaml import place, read_tree
from schemas import (
    audiences,
    cycles,
    decisions,
    district,
    indicators,
    instruments,
    plan,
    profiles,
    published,
    sources,
    years,
)
from schemas._base import GRADES, Fact, judged

GONE = object()
RIVERBEND = Path(__file__).resolve().parents[2] / "deployments/riverbend"

FILES: dict[str, type[Fact]] = {
    "district.yml": district.District,
    "years/2026-27.yml": years.YearFile,
    "plans/2026-27.yml": plan.PlanFile,
    "sources.yml": sources.SourcesFile,
    "indicators.yml": indicators.IndicatorsFile,
    "instruments/student_sel.2026.yml": instruments.InstrumentFile,
    "audiences.yml": audiences.AudiencesFile,
    "cycles/2027_0105_lesson_slot.yml": cycles.CycleFile,
}

DECISIONS = {
    "version": 1,
    "review_id": "2027_mid_year",
    "evidence": {"release_id": "r20270106-0123456789"},
    "held_on": "2027-01-11",
    "groups": [{"group": "cabinet", "n": 7}],
    "decisions": [
        {
            "decision_id": "2027_mid_year_01",
            "kind": "strategy_disposition",
            "about": {"strategy_id": "s_calls"},
            "disposition": "adapt",
            "what": "Call in the family's language from February on.",
            "why": "Families of newcomers were not reached in the fall.",
            "evidence": [{"release_id": "r20270106-0123456789", "figure_id": "fig_abcdefgh2345"}],
            "owner": {"role": "attendance_lead"},
            "due_on": "2027-02-01",
            "revisit_on": "2027-03-09",
            "decided_by": "sel_lead",
        }
    ],
}


@cache
def file_data(name: str) -> Any:
    """Return a file of Riverbend as read."""
    return read_tree(name, (RIVERBEND / name).read_bytes()).data


def told(name: str, *changes: Any) -> list[str]:
    """Return what is wrong with a file after changes: ``path, value`` in turns; a path is written as people read it."""
    data = copy.deepcopy(DECISIONS if name == "decisions" else file_data(name))
    for path, value in zip(changes[::2], changes[1::2], strict=True):
        _set(data, path, value)
    _, problems = judged(decisions.DecisionsFile if name == "decisions" else FILES[name], data)
    return [f"{place(problem.path)}: {problem.message} {problem.remedy}" for problem in problems]


def _set(data: Any, path: str, value: object) -> None:
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        data = data[part]
    if value is GONE:
        del data[last]
    else:
        data[last] = value


@pytest.mark.parametrize("name", [*FILES, "decisions"])
def test_file_that_is_right_has_nothing_wrong(name: str) -> None:
    """The files the mistakes are made in are right before."""
    assert told(name) == []


@pytest.mark.parametrize("name", [*FILES, "decisions"])
def test_unknown_key_is_an_error(name: str) -> None:
    """A key nobody reads is a mistake, with the keys there are."""
    changed = copy.deepcopy(DECISIONS if name == "decisions" else file_data(name)) | {"anything": 1}
    _, (problem,) = judged(decisions.DecisionsFile if name == "decisions" else FILES[name], changed)
    assert (problem.message, problem.path, problem.at_key) == ("unknown key 'anything'.", ("anything",), True)
    assert "version" in problem.known


CASES = {
    # kinds of value
    "missing": ("district.yml", "label", GONE, ": 'label' is missing. Add it."),
    "text": ("district.yml", "district_id", 7, "district_id: '7' is not text. Write text; put a number in quotes."),
    "empty text": ("audiences.yml", "site.contact", " ", "site.contact: the text is empty. Write it."),
    "whole number": (
        *("plans/2026-27.yml", "school_year", "2027"),
        "school_year: '2027' is not a whole number. Write digits without quotes.",
    ),
    "flag": (
        *("indicators.yml", "attendance.exit_day_is_member", "no"),
        "attendance.exit_day_is_member: 'no' is neither true nor false. Write true or false.",
    ),
    "mapping": (
        *("audiences.yml", "site", "Riverbend"),
        "site: 'Riverbend' is not a mapping. Write key: value lines; it needs title, contact.",
    ),
    "text without a language": (
        *("district.yml", "label", "Riverbend"),
        "label: 'Riverbend' is not a mapping. Write it by language: {en: Riverbend}.",
    ),
    "list": (
        *("district.yml", "roles", "sel_lead"),
        "roles: 'sel_lead' is not a list. Write it as a list, each item after a dash.",
    ),
    "too few": (
        *("audiences.yml", "audiences", []),
        "audiences: the list holds 0, and needs at least 1. Add what is missing.",
    ),
    "one of two": (
        *("sources.yml", "sources.2.arrival.rows", {"warn": ["0.9"]}),
        "sources[2].arrival.rows.warn: the list holds 1, and needs 2. Add what is missing.",
    ),
    "none of two": (
        *("sources.yml", "sources.2.arrival.rows", {"warn": []}),
        "sources[2].arrival.rows.warn: the list holds 0, and needs 2. Add what is missing.",
    ),
    "three of two": (
        *("sources.yml", "sources.2.arrival.rows", {"warn": ["0.9", "1", "1.1"]}),
        "sources[2].arrival.rows.warn: the list holds 3, and takes 2 at most. Remove some.",
    ),
    "one end of what was published": (
        *("instruments/student_sel.2026.yml", "anchors.alpha", ["0.86"]),
        "anchors.alpha: one number where the lowest and the highest belong. Write both: [0.70, 0.86].",
    ),
    "one end without a list": (
        *("instruments/student_sel.2026.yml", "anchors.alpha", "0.86"),
        "anchors.alpha: one number where the lowest and the highest belong. Write both: [0.70, 0.86].",
    ),
    "three ends": (
        *("instruments/student_sel.2026.yml", "anchors.icc", ["0.03", "0.05", "0.08"]),
        "anchors.icc: 3 numbers where the lowest and the highest belong. Write both: [0.70, 0.86].",
    ),
    "other words": (
        *("indicators.yml", "indicators.0.direction", "up"),
        "indicators[0].direction: 'up' is not one of lower, higher, maintain. Choose one of them.",
    ),
    "nothing": ("indicators.yml", "indicators.0.owner", None, "indicators[0].owner: nothing is not a mapping."),
    "a number out of bounds": (
        *("audiences.yml", "audiences.1.alerts.push_per_week", -1),
        "audiences[1].alerts.push_per_week: '-1' cannot be read. Input should be greater than or equal to 0.",
    ),
    "id": (
        *("district.yml", "district_id", "River Bend"),
        (
            "district_id: 'River Bend' is not an id. Ids are 2 to 48 lower-case letters, digits and _, "
            "and begin with a letter."
        ),
    ),
    "profile id": ("indicators.yml", "profiles.0.profile_id", "US!", "profiles[0].profile_id: 'US!' is not an id."),
    "school id": (
        *("cycles/2027_0105_lesson_slot.yml", "scope.school_id", "01/05"),
        "scope.school_id: '01/05' is not an id. School ids are up to 32 letters, digits, _ and -.",
    ),
    "date": (
        *("years/2026-27.yml", "fiscal_year.starts", "July"),
        "fiscal_year.starts: 'July' is not a date. Write it as 2026-09-07.",
    ),
    "day that is none": (
        *("years/2026-27.yml", "fiscal_year.starts", "2026-02-30"),
        "fiscal_year.starts: there is no day 2026-02-30. Correct the date.",
    ),
    "time of day": (
        *("years/2026-27.yml", "board_meetings.at", "6:30 pm"),
        "board_meetings.at: '6:30 pm' is not a time of day. Write it as \"04:30\".",
    ),
    "time zone": (
        *("district.yml", "time_zone", "Chicago"),
        "time_zone: there is no time zone 'Chicago'. Write its IANA name, such as America/Chicago.",
    ),
    "time zone of a folder": ("district.yml", "time_zone", "../x", "time_zone: there is no time zone '../x'."),
    "number": (
        *("indicators.yml", "indicators.0.smallest_change", "a bit"),
        "indicators[0].smallest_change: 'a bit' is not a number. Write it as 0.175 or 7/40.",
    ),
    "number over nothing": (
        *("indicators.yml", "indicators.0.smallest_change", "1/0"),
        "indicators[0].smallest_change: '1/0' is not a number.",
    ),
    "percent": (
        *("years/2026-27.yml", "windows.0.threshold", 80),
        "windows[0].threshold: 80 is above 1; rates are fractions. Write 0.8.",
    ),
    "below nothing": (
        *("years/2026-27.yml", "windows.0.threshold", "-1/2"),
        "windows[0].threshold: -0.5 is below 0; rates are fractions. Write a number from 0 to 1.",
    ),
    "span of grades": (
        *("plans/2026-27.yml", "goals.0.population.grades", "12-3"),
        "goals[0].population.grades: '12-3' is not a span of grades. Write 3-12, K-5, or a list.",
    ),
    "grade": (
        *("plans/2026-27.yml", "goals.0.population.grades", ["K", 13]),
        f"goals[0].population.grades[1]: '13' is not a grade. Grades are {', '.join(GRADES)}.",
    ),
    "language": (
        *("audiences.yml", "audiences.0.languages", ["fr"]),
        "audiences[0].languages[0]: 'fr' is not a language the pages have. Write en or es.",
    ),
    "no English": (
        *("district.yml", "label", {"es": "Distrito"}),
        "label: there is no 'en'. Add the English text; other languages fall back to it.",
    ),
    # owners
    "owner of two kinds": (
        *("indicators.yml", "indicators.0.owner", {"role": "a", "person": "p_1", "deputy": "p_2"}),
        "indicators[0].owner: an owner is either a role or a person. Give one of them.",
    ),
    "owner without a deputy": (
        *("indicators.yml", "indicators.0.owner", {"person": "p_1", "deputy": "p_1"}),
        "indicators[0].owner: p_1 has no deputy. Name another person, so that one absence stops nothing.",
    ),
    # district
    "two ways to reach the operator": (
        *("district.yml", "operator", {"notify": [{"mail": "a@b.example", "chat": "env:URL"}]}),
        "operator.notify[0]: this is either a 'mail' or a 'chat'. Give one of them.",
    ),
    # years
    "year of another label": (
        *("years/2026-27.yml", "school_year.label", "2027-28"),
        "school_year: label '2027-28' and id 2027 are different years. 2027 is 2026-27.",
    ),
    "year that ends first": (
        *("years/2026-27.yml", "school_year.last_day", "2026-08-19"),
        "school_year: the last day is not after the first. Correct one of them.",
    ),
    "closure of two forms": (
        *("years/2026-27.yml", "closures.0.to", "2026-09-08"),
        "closures[0]: a closure has either 'date', or 'from' and 'to', or 'dates'. Give one of them.",
    ),
    "closure that ends first": (
        *("years/2026-27.yml", "closures.1.to", "2026-11-01"),
        "closures[1]: it ends on 2026-11-01, before it begins. Exchange the dates.",
    ),
    "rule of no form": (
        *("years/2026-27.yml", "windows.0.opens", {}),
        (
            "windows[0].opens: a rule has exactly one form, this has 0. Write one of on, nth_school_day, school_days, "
            "working_days, calendar_days, term_start, term_end, first_board_meeting_after, last_board_meeting_before, "
            "event, weekday, earliest_of, latest_of."
        ),
    ),
    "rule that counts from nothing": (
        *("years/2026-27.yml", "windows.0.opens", {"school_days": 3}),
        "windows[0].opens: 'from' goes with a number of days, and only with it. Say what the days are counted from.",
    ),
    "rule of no days": (
        *("years/2026-27.yml", "windows.0.opens", {"school_days": 0, "from": "first_day"}),
        (
            "windows[0].opens: 0 days from a date is the date itself: use roll. Give calendar_days: 0 a roll, or use "
            "the date."
        ),
    ),
    "roll of a form that does not roll": (
        *("years/2026-27.yml", "windows.0.opens", {"nth_school_day": 3, "roll": "none"}),
        "windows[0].opens: 'roll' goes with calendar_days or weekday, and only with it. Remove it.",
    ),
    "school day 0": (
        *("years/2026-27.yml", "windows.0.opens", {"nth_school_day": 0}),
        "windows[0].opens: there is no school day 0. Count from 1, or from -1 at the end.",
    ),
    "weekday of no month": (
        *("years/2026-27.yml", "windows.0.opens", {"weekday": "mon", "nth": 3}),
        "windows[0].opens: 'weekday' needs 'month' from 1 to 12. Say of which month.",
    ),
    "sixth weekday": (
        *("years/2026-27.yml", "windows.0.opens", {"weekday": "mon", "nth": 6, "month": 10}),
        "windows[0].opens: 'weekday' needs 'nth' from 1 to 5, or from -1 to -5 at the end. Say which of the month.",
    ),
    "lead time of two units": (
        *("years/2026-27.yml", "lead_times", {"setup": {"school_days": 3, "working_days": 3}}),
        (
            "lead_times.setup: a lead time has exactly one unit. Write one of school_days, working_days, "
            "calendar_days, nth_school_day."
        ),
    ),
    "reminder after the day": (
        *("years/2026-27.yml", "reminders", {"notice": [10, -1]}),
        "reminders.notice[1]: '-1' cannot be read. Input should be greater than or equal to 0.",
    ),
    "blackout that ends first": (
        *("years/2026-27.yml", "blackouts", [{"id": "tests", "from": "2027-04-30", "to": "2027-04-12"}]),
        "blackouts[0]: it ends on 2027-04-12, before it begins. Exchange the dates.",
    ),
    "window that closes twice": (
        *("years/2026-27.yml", "windows.0.closes", "2026-11-30"),
        "windows[0]: a window has either 'closes' or 'length'. Give one of them.",
    ),
    "review without a day": (
        *("years/2026-27.yml", "reviews.1.on", None),
        (
            "reviews[1]: a review needs 'on', 'packet_on' or 'feeds'. Give the day it meets, the day its packet is "
            "due, or the budget step it feeds."
        ),
    ),
    "meeting before its packet": (
        *("years/2026-27.yml", "reviews.0.meets_on", "2027-01-06"),
        "reviews[0]: meets_on 2027-01-06 is before packet_on 2027-01-06. Give people the packet first.",
    ),
    "decision before its meeting": (
        *("years/2026-27.yml", "reviews.0.decide_by", "2027-01-10"),
        "reviews[0]: decide_by 2027-01-10 is before meets_on 2027-01-11. Correct one of them.",
    ),
    # plans
    "activity due before it starts": (
        *("plans/2026-27.yml", "goals.0.strategies.0.activities.0.due_on", "2026-09-01"),
        (
            "goals[0].strategies[0].activities[0]: due 2026-09-01, before it starts on 2026-09-08. "
            "Correct one of the dates."
        ),
    ),
    "one person for two offices": (
        *("plans/2026-27.yml", "process.data", "sel_lead"),
        "process: manager and data are both sel_lead. Name two people, so that one absence does not stop the process.",
    ),
    # sources
    "column filled twice": (
        *("sources.yml", "sources.0.columns.0.absent", True),
        (
            "sources[0].columns[0]: column 'school_id' is filled in 2 ways. "
            "Give exactly one of from, fact, value, when, absent: true."
        ),
    ),
    "unpivot of both": (
        *("sources.yml", "sources.0.unpivot", {"name": "a", "value": "b"}),
        "sources[0].unpivot: unpivot has either 'columns' or 'instrument'. Give one of them.",
    ),
    "arrival without a time": (
        *("sources.yml", "sources.0.arrival", {"expected": [{}]}),
        "sources[0].arrival.expected[0]: an arrival is expected either 'every' or 'once'. Give one of them.",
    ),
    # indicators
    "reference that is no group": (
        *("indicators.yml", "groups.0.reference", "others"),
        "groups[0]: reference 'others' is no group. Write all_others, best, district, or a group.",
    ),
    "target of one end": (
        *("indicators.yml", "indicators.0.targets.0.to", GONE),
        "indicators[0].targets[0]: a linear target needs 'from' and 'to'. Give the year and value of both ends.",
    ),
    "target without time": (
        *("indicators.yml", "indicators.0.targets.0.to.year", 2026),
        "indicators[0].targets[0]: target year 2026 is not after 2026. Give a later year: a target takes time.",
    ),
    "target inherited from a school": (
        *("indicators.yml", "indicators.0.targets.0.unit_type", "school"),
        "indicators[0].targets[0]: only a target of the district can be inherited. Remove inherit.",
    ),
    "status in disorder": (
        *("indicators.yml", "indicators.0.status", {"on_track": "1/2", "watch": "1/2"}),
        "indicators[0].status: watch is not below on_track. Lower watch.",
    ),
    # instruments
    "favorable that says nothing": (
        *("instruments/student_sel.2026.yml", "scales.0.favorable", {"rule": "top"}),
        (
            "scales[0].favorable: 'top' needs 'of', 'values' needs 'values'. "
            "Write {rule: top, of: {5: 2}} or {rule: values, …}."
        ),
    ),
    # audiences
    "recipients in the tree": (
        *("audiences.yml", "audiences.0.channels.2.recipients", "board.csv"),
        (
            "audiences[0].channels[2]: recipients of channel 'board_mail' must live under the state root. "
            "Write state:recipients/<audience>.csv."
        ),
    ),
    "more pushes than anybody reads": (
        *("audiences.yml", "audiences.1.alerts.push_per_week", 40),
        (
            "audiences[1]: push_per_week 40 for 'principal' exceeds 10; add because: "
            "Say in a sentence why its readers want so many messages, or lower it."
        ),
    ),
    "alerts for the public": (
        *("audiences.yml", "audiences.1.audience_id", "public"),
        "audiences[1]: audience 'public' may not receive pushed alerts. Remove its alerts.",
    ),
    "chat without a way": (
        *("audiences.yml", "audiences.0.channels.2", {"id": "chat", "kind": "chat"}),
        "audiences[0].channels[2]: channel 'chat' needs one of url_env and block. Write url_env: AIMLINE_CHAT_URL.",
    ),
    "binomial limits": (
        *("indicators.yml", "indicators.0.signal.chart", "p"),
        (
            "indicators[0].signal: signal.chart p needs because: (binomial limits over-alarm on school data; use pp) "
            "Write chart: pp."
        ),
    ),
    "share to date as a proportion": (
        *("indicators.yml", "indicators.1.signal", {"kind": "proportion"}),
        (
            "indicators[1]: indicator 'chronic_absence': kind proportion on a cumulative measure; use kind: cumulative "
            "A share to date keeps all its past; its weeks are no new evidence."
        ),
    ),
    "weaker hiding without a reason": (
        *("audiences.yml", "disclosure.n_min", 5),
        "disclosure: n_min 5 is weaker than preset 'default' (10). Add because:, or use the preset's number.",
    ),
    # cycles
    "cycle of another name": (
        *("cycles/2027_0105_lesson_slot.yml", "cycle_id", "lesson_slot"),
        "cycle_id: 'lesson_slot' is not the id of a cycle. Write <school year>_<school>_<name>.",
    ),
    "cycle of two scopes": (
        *("cycles/2027_0105_lesson_slot.yml", "scope.strategy_id", "s_calls"),
        "scope: a cycle has either a school or a strategy. Give one of them.",
    ),
    "cycle too long": (
        *("cycles/2027_0105_lesson_slot.yml", "dates.ends_on", "2027-06-01"),
        ": dates: 148 days; a cycle takes 14 to 56. Split it, or add length_waiver.",
    ),
    # decisions
    "review of another name": (
        *("decisions", "review_id", "mid_year"),
        "review_id: 'mid_year' is not the id of a review. Write <school year>_<review>, such as 2027_mid_year.",
    ),
    "figure that is none": (
        *("decisions", "decisions.0.evidence.0.figure_id", "fig_1"),
        "decisions[0].evidence[0].figure_id: 'fig_1' is not the id of a figure. Copy it from the packet.",
    ),
    "decision about two things": (
        *("decisions", "decisions.0.about.goal_id", "g_attend"),
        (
            "decisions[0].about: a decision is about exactly one thing. "
            "Give one of strategy_id, goal_id, activity_id, indicator_id, window_id, process."
        ),
    ),
    "strategy without a disposition": (
        *("decisions", "decisions.0.disposition", None),
        "decisions[0]: s_calls has no disposition. Choose continue, expand, adapt or stop.",
    ),
    "disposition of something else": (
        *("decisions", "decisions.0.kind", "budget_ask"),
        "decisions[0]: only a strategy has a disposition. Remove it.",
    ),
    "stop without a reason": (
        *("decisions", "decisions.0.disposition", "stop"),
        "decisions[0]: stop needs a reason. Choose not_effective, not_implementable, cost, replaced, harm, completed.",
    ),
    "decision on nothing": (
        *("decisions", "decisions.0.evidence", []),
        "decisions[0]: 2027_mid_year_01 is decided on no figure. Pin at least one, or say no_evidence_because.",
    ),
    "decision nobody looks at again": (
        *("decisions", "decisions.0.revisit_on", None),
        "decisions[0]: revisit_on is missing. Say when you look at it again.",
    ),
    "looked at too early": (
        *("decisions", "decisions.0.revisit_on", "2027-02-01"),
        "decisions[0]: revisit_on 2027-02-01 is not after due_on 2027-02-01. Look again after it is done.",
    ),
    "decision in a word": (
        *("decisions", "decisions.0.what", "Yes."),
        "decisions[0].what: 'Yes.' cannot be read. String should have at least 10 characters.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_mistake_is_told(case: str) -> None:
    """One mistake gives one message at its place, with what to do about it."""
    name, path, value, message = CASES[case]
    (found,) = told(name, path, value)
    assert found.startswith(message)


def test_communication_needs_its_text() -> None:
    """What is told to the public is written in the decision."""
    changes = ("decisions.0.kind", "communication", "decisions.0.disposition", None)
    assert told("decisions", *changes) == [
        "decisions[0]: a communication has no public_text. Add the text that is told."
    ]


@pytest.mark.parametrize(
    "changes",
    [
        ("decisions.0.evidence", [], "decisions.0.no_evidence_because", "The survey was withdrawn."),
        ("decisions.0.evidence", [], "decisions.0.status", "proposed"),
        ("decisions.0.revisit_on", None, "decisions.0.status", "declined"),
        ("decisions.0.disposition", "stop", "decisions.0.reason", "cost", "decisions.0.revisit_on", None),
        ("decisions.0.kind", "budget_ask", "decisions.0.disposition", None),
    ],
)
def test_decision_that_holds_together_is_accepted(changes: tuple[Any, ...]) -> None:
    """What does not apply is not asked for: no second look at what was stopped or declined."""
    assert told("decisions", *changes) == []


def test_all_mistakes_are_told_at_once() -> None:
    """Three mistakes in one file are three messages, each at its own place."""
    found = told("district.yml", "label", {"es": "x"}, "time_zone", "x", "roles", [{"role": ""}])
    assert [each.split(":")[0] for each in found] == ["label", "time_zone", "roles[0].role"]


@pytest.mark.parametrize(
    ("written", "grades"),
    [("all", GRADES), ("PK-K", ("PK", "K")), ("9-9", ("9",)), (["K", 1], ("K", "1"))],
)
def test_grades_have_short_forms(written: object, grades: tuple[str, ...]) -> None:
    """A span, a list with bare numbers, or all."""
    shape, problems = judged(plan.Population, {"grades": written})
    assert (problems, shape and shape.grades) == ([], grades)


@pytest.mark.parametrize(
    ("written", "value"),
    [(1, Fraction(1)), (Decimal("0.10"), Fraction(1, 10)), ("7/40", Fraction(7, 40)), ("-0.5", Fraction(-1, 2))],
)
def test_number_is_exact(written: object, value: Fraction) -> None:
    """A decimal or a fraction is taken by its digits, never through a binary float."""
    shape, problems = judged(indicators.Point, {"year": 2026, "value": written})
    assert (problems, shape and shape.value) == ([], value)


@pytest.mark.parametrize("written", [True, 0.5, "1e3", "0x10", [1]])
def test_number_that_is_not_exact_is_refused(written: object) -> None:
    """A flag, a binary float and a spelling of machines are no numbers of a declared file."""
    assert judged(indicators.Point, {"year": 2026, "value": written})[0] is None


def test_all_is_nothing_in_particular() -> None:
    """``all`` is kept as None, a list as what it names."""
    assert judged(years.Asked, {"schools": "all"})[0] == years.Asked(schools=None)
    assert judged(years.Asked, {"schools": ["0101"]})[0] == years.Asked(schools=("0101",))


def test_fact_never_changes() -> None:
    """What was read stays as it was read."""
    shape, _ = judged(indicators.Point, {"year": 2026, "value": 1})
    with pytest.raises(ValueError, match="frozen"):
        shape.year = 2027  # type: ignore[union-attr, misc]


def test_value_of_a_person_is_not_shown() -> None:
    """A long text where another belongs is cut, and a structure is told by its kind."""
    assert told("district.yml", "time_zone", ["America/Chicago"]) == [
        "time_zone: a list is not text. Write text; put a number in quotes."
    ]
    (found,) = told("indicators.yml", "indicators.0.smallest_change", "x" * 500)
    assert "x" * 41 not in found


def test_role_has_words() -> None:
    """A role is shown by its label, else by its own name; a role of every school is known by its first part."""
    roles = [{"role": "sel_lead", "label": {"en": "SEL lead"}}, {"role": "principal:*"}, {"role": "data_engineer"}]
    data = file_data("district.yml") | {"roles": roles}
    found, _ = judged(district.District, data)
    assert found is not None
    assert [found.role_label(role) for role in ("sel_lead", "data_engineer", "principal:0101", "nobody_yet")] == [
        *("SEL lead", "data engineer", "principal", "nobody yet")
    ]
    assert [found.knows_role(role) for role in ("sel_lead", "principal:0101", "sel", "data_engineer:0101")] == [
        *(True, True, False, False)
    ]


def test_closure_knows_its_days() -> None:
    """One day, every day of a span, and each of a list with its place."""
    given = (
        {"date": "2026-09-07"},
        {"from": "2026-11-26", "to": "2026-11-27"},
        {"dates": ["2026-09-14", "2026-09-21"]},
    )
    closures = [judged(years.Closure, {**each, "kind": "holiday"})[0] for each in given]
    found = [[(day.day, path) for day, path in each.placed_days()] for each in closures if each]
    assert found == [[(7, ())], [(26, ()), (27, ())], [(14, ("dates", 0)), (21, ("dates", 1))]]


def test_window_without_a_label_has_the_words_of_its_id() -> None:
    """A label may be left out; a window and a review are then called as their id says."""
    window, _ = judged(years.Window, {"id": "sel_survey_fall", "opens": "2026-10-14", "closes": "2026-11-03"})
    review, _ = judged(years.Review, {"id": "mid_year", "feeds": "budget.preliminary"})
    assert (window and window.label, review and review.label) == ({"en": "Sel survey fall"}, {"en": "Mid year"})


def test_option_that_counts_has_a_number() -> None:
    """A value of digits is a number unless it stands for no answer."""
    given = [("3", None), ("-1", None), ("yes", None), ("9", "not_applicable")]
    found = [instruments.Option(value=value, label={"en": "x"}, counts_as=counts) for value, counts in given]
    assert [option.number for option in found] == [3, -1, None, None]


def test_plan_says_who_decides() -> None:
    """What a plan does not settle is settled by default; what it does goes before."""
    shape, _ = judged(plan.PlanFile, file_data("plans/2026-27.yml"))
    assert shape is not None
    assert (shape.right("strategy_disposition").up_to, shape.right("target_change").decides) == (10000, "cabinet")


def test_goal_is_judged_by_its_first_outcome() -> None:
    """Without a primary indicator the first outcome gives a goal its status."""
    data = copy.deepcopy(file_data("plans/2026-27.yml"))
    data["goals"][0].pop("primary")
    data["goals"][1]["indicators"] = []
    data["goals"][1].pop("primary")
    shape, _ = judged(plan.PlanFile, data)
    assert shape is not None
    assert [goal.primary_indicator for goal in shape.goals[:2]] == ["chronic_absence", ""]


def test_profile_keeps_what_it_does_not_change() -> None:
    """A definition based on a shipped one changes what it names, and nothing else."""
    own = profiles.Profile(profile_id="own", based_on="nj-spr", grain="district", min_op=">")
    found = profiles.resolved(own)
    assert (found.grain, found.min_op, found.min_member_days) == ("district", ">", 45)
    assert profiles.resolved(profiles.Profile(profile_id="fl", use="shipped")).min_member_days == 10


def test_indicator_shows_its_estimator() -> None:
    """Declared, else the first of its measure; empty where there is one way only, or no such measure."""
    base = file_data("indicators.yml")["indicators"][0] | {"profile": "default", "signal": None}
    measures = ["response_rate", "attendance_rate", "nothing_known"]
    found = [judged(indicators.Indicator, base | {"measure": measure})[0] for measure in measures]
    assert [each and each.headline_estimator for each in found] == ["gross", "", ""]
    declared, _ = judged(indicators.Indicator, base | {"measure": "response_rate", "estimator": "net"})
    assert declared is not None
    assert declared.headline_estimator == "net"


def test_small_group_is_the_presets_unless_declared() -> None:
    """The district's own number goes before the preset's."""
    assert audiences.Disclosure(preset="core20").smallest_group == 20
    assert audiences.Disclosure(n_min=12).smallest_group == 12


def test_what_has_no_label_has_the_words_of_its_id() -> None:
    """A group set and its groups need no words of their own; those given stay, in their order."""
    groups = {"group_set_id": "english_learner", "attribute": "english_learner", "values": {"Y": "el", "N": "not_el"}}
    found = indicators.GroupSet.model_validate(groups | {"labels": {"not_el": {"en": "All others"}}})
    assert found.label == {"en": "English learner"}
    assert found.labels == {"not_el": {"en": "All others"}, "el": {"en": "El"}}


def test_a_measure_of_an_indicator_is_counted_and_worded(project_root: Path) -> None:
    """What an indicator may be declared on is counted, or no page shows it, and worded, or none explains it."""
    words = (project_root / "dbt_project/macros/measure_words.sql").read_text(encoding="utf-8")
    assert set(indicators.MEASURES) == set(published.POPULATIONS)
    assert [name for name in indicators.MEASURES if f"'{name}'" not in words] == []
    assert not set(indicators.MEASURES) & set(indicators.BESIDE)


def test_no_indicator_is_judged_by_single_days() -> None:
    """What is printed leaves single days out (``int_figures__measured``), so no indicator may ask for them."""
    assert [name for name, measure in indicators.MEASURES.items() if "day" in measure.periods] == []


def test_a_state_declares_its_rule_and_its_counts() -> None:
    """A threshold has no default; counts of the state are those of one measure, year and group."""
    groups = {"group_set_id": "el", "attribute": "el", "values": {"Y": "el"}}
    state = [{"measure": "chronic_absence", "year": 2027, "group": "el", "numerator": 900, "denominator": 12000}]
    found = indicators.GroupSet.model_validate(groups | {"screen": {"threshold": "5/2"}, "state": state})
    assert found.screen is not None
    assert (found.screen.threshold, found.state[0].numerator) == (Fraction(5, 2), 900)
    with pytest.raises(ValueError, match="threshold"):
        indicators.GroupSet.model_validate(groups | {"screen": {"reasonable_progress": "1/10"}})
