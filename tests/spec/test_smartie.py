"""What a plan must hold before anybody can judge it. Source: indicators.md 1.3, 1.4; reviews.md 2, 8.2."""

import pytest

from aimline.settings import judge_deployment
from tests.support.declared import changed_copy

PLAN = "plans/2026-27.yml"
CASES = {
    "no benchmark": (
        "    benchmarks:\n      - {on: 2027-01-06, indicator_id: staff_climate, value: 0.640}\n",
        "    benchmarks: []\n",
        "goals[2].benchmarks: no benchmark; nobody can tell before the end whether it is on its way.",
    ),
    "a benchmark beyond the target": (
        "indicator_id: belonging, value: 0.640",
        "indicator_id: belonging, value: 0.740",
        "goals[1].benchmarks[0].value: 0.74 is not between the baseline 0.628 and the target 0.68.",
    ),
    "a benchmark in another year": (
        "{on: 2027-01-06, indicator_id: belonging",
        "{on: 2028-01-06, indicator_id: belonging",
        "goals[1].benchmarks[0].on: 2028-01-06 is outside the year, 2026-07-01 to 2027-06-30.",
    ),
    "no review": (
        "    reviews: [mid_year, end_of_year]\n    strategies:\n      - strategy_id: s_calls",
        "    reviews: []\n    strategies:\n      - strategy_id: s_calls",
        "goals[0].reviews: no review looks at it.",
    ),
    "a review that is not held": (
        "    reviews: [mid_year, end_of_year]\n    strategies:\n      - strategy_id: s_calls",
        "    reviews: [mid_yaer]\n    strategies:\n      - strategy_id: s_calls",
        "goals[0].reviews[0]: unknown review 'mid_yaer'. Did you mean 'mid_year'?",
    ),
    "a word for an ambition": (
        "ambition: {en: Halves our excess over the state in three years.}",
        "ambition: {en: Better.}",
        "goals[0].ambition: 7 characters; at least 20 are needed to say something.",
    ),
    "nobody in focus and no reason": (
        "    group_focus: [el]\n",
        "",
        "goals[0]: no group_focus. Name a group, or say why not under no_group_focus_because.",
    ),
    "a focus no outcome shows": (
        "    no_group_focus_because: Staff answer without naming a group.\n",
        "    group_focus: [el]\n",
        "goals[2].group_focus[0]: no outcome of the goal is shown for 'el'.",
    ),
    "a goal's indicator that nobody declared": (
        "- {indicator_id: adult_support, role: outcome}",
        "- {indicator_id: adult_suport, role: outcome}",
        "goals[1].indicators[1].indicator_id: unknown indicator 'adult_suport'. Did you mean 'adult_support'?",
    ),
    "a primary that is no outcome": (
        "primary: belonging",
        "primary: sel_lessons",
        "goals[1].primary: unknown outcome of the goal 'sel_lessons'.",
    ),
    "only milestones": (
        "          - {indicator_id: sel_lessons, dimension: dosage, target: 0.80, partly_from: 0.60, required: true}",
        "          - {indicator_id: plan_execution, dimension: milestones, required: true}",
        "goals[1].strategies[0].implementation: only milestones tell whether it is carried out",
    ),
    "a step after the year": (
        "due_on: 2027-05-21",
        "due_on: 2027-08-21",
        "goals[0].strategies[0].activities[1].due_on: 2027-08-21 is outside 2026-27, 2026-07-01 to 2027-06-30.",
    ),
    "a start before what comes first": (
        "starts_on: 2026-10-19",
        "starts_on: 2026-10-12",
        "it starts 2026-10-12, before a_training is due on 2026-10-16. Start later, or remove the link.",
    ),
    "a circle": (
        "            planned_sessions: 4\n",
        "            planned_sessions: 4\n            after: [a_calls]\n",
        "cycle a_training -> a_calls -> a_training. Remove one link.",
    ),
    "an owner who leaves": (
        "{person: p_031, role: attendance_lead, active_from: 2025-08-01}",
        "{person: p_031, role: attendance_lead, active_from: 2025-08-01, active_to: 2026-12-31}",
        "p_031 is not active after 2026-12-31; the activity is due 2027-05-21. Name a new owner.",
    ),
    "one id for two things": (
        "strategy_id: s_voice",
        "strategy_id: s_lessons",
        "'s_lessons' is there already, in line",
    ),
    "a right above which nobody decides": (
        "up_to: 10000, above: cabinet",
        "up_to: 10000",
        "decision_rights[0]: nobody decides strategy_disposition above 10,000. Name the role under above.",
    ),
}


def _told(folder):
    return [str(each) for each in judge_deployment(folder).findings]


@pytest.mark.parametrize("name", CASES)
def test_a_plan_that_cannot_be_judged_is_told(name, tmp_path):
    """Each gap is told at its place in the plan; a plan without it is told nothing."""
    old, new, message = CASES[name]
    told = _told(changed_copy(tmp_path, PLAN, old, new))
    assert any(each.startswith(f"riverbend/{PLAN}:") and message in each for each in told), told


def test_one_source_needs_a_waiver(tmp_path):
    """A goal on one source is an error; with a waiver it is a warning that says until when."""
    both = "sources: [nyc_daily, nyc_daily_raw, nyc_directory]"
    folder = changed_copy(tmp_path, "indicators.yml", both, "sources: [nyc_daily]", of="nyc")
    for name, old, new in (
        ("indicators.yml", "sources: [nyc_daily, nyc_daily_raw]", "sources: [nyc_daily]"),
        ("plans/2013-14.yml", "    reviews: [end_of_year]", "    WAIVERreviews: [end_of_year]"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    plan = folder / "plans" / "2013-14.yml"
    text = plan.read_text(encoding="utf-8")
    waiver = "waivers: [{rule: two_sources, why: One feed, approved_by: research, until: 2014-06-30}]\n    "
    plan.write_text(text.replace("WAIVER", ""), encoding="utf-8")
    assert any("it rests on 1 source; 2 are needed." in each for each in _told(folder))
    plan.write_text(text.replace("WAIVER", waiver), encoding="utf-8")
    found = [each for each in judge_deployment(folder).findings if "rests on" in each.message]
    assert [(each.severity, "until 2014-06-30" in each.message) for each in found] == [("warning", True)]


def test_a_prediction_after_the_start_is_none(tmp_path):
    """A short cycle predicts first."""
    name = "cycles/2027_0104_greeting.yml"
    told = _told(changed_copy(tmp_path, name, "predicted_on: 2027-01-12", "predicted_on: 2027-01-22"))
    message = "predicted on 2027-01-22, after the start on 2027-01-19. Predict first, then begin."
    assert told == [f"riverbend/{name}:9:15: predicted_on: {message}"]
