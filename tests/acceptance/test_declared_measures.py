"""Indicators on every measure there is: what may be declared is taken, what may not is refused with its reason."""

from pathlib import Path
from typing import Any

import pytest

from aimline.cli import main
from aimline.settings import load_deployment
from schemas.indicators import BESIDE, MEASURES
from tests.support.declared import ROOT, changed_copy

SUBJECTS = {
    "instrument": "student_sel",
    "scale": "belonging",
    "tier": "severe",
    "part": "decisions_with_evidence",
    "way": "report_tiers_board",
    "activity": "a_training",
    "item": "climate",
    "goal": "g_attend",
    "training": "calls",
}
ENTRY = (
    "  - {{indicator_id: on_{name}, label: {{en: It}}, kind: process, measure: {measure}, {more}units: [district], "
    "direction: lower, period: {period}, owner: {{role: sel_lead}}, sources: [sis_attendance, sis_enrollment], "
    "smallest_change: 0.01}}\n"
)


def entry(measure: str, *, name: str = "", period: str = "", more: str = "") -> str:
    """Write an indicator on a measure, with its first period unless one is given."""
    known = MEASURES.get(measure)
    return ENTRY.format(
        name=name or measure, measure=measure, more=more, period=period or (known.periods[0] if known else "week")
    )


def checked(tmp_path: Path, capsys: Any, *entries: str) -> list[str]:
    """Return what ``aimline check`` tells of Riverbend with more indicators."""
    folder = changed_copy(tmp_path, "indicators.yml", "\nindicators:\n", "\nindicators:\n" + "".join(entries))
    main(["check", str(folder)])
    told = capsys.readouterr()
    return [line for line in (told.out + told.err).splitlines() if "indicators[" in line]


def test_an_indicator_may_be_declared_on_every_measure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its subject, and once more by term where it has terms."""
    riverbend = load_deployment(ROOT / "deployments" / "riverbend")
    own = {(each.measure, each.subject, each.period) for each in riverbend.indicators.indicators}
    entries = []
    for measure, known in MEASURES.items():
        more = f"subject: {SUBJECTS[known.subject]}, " if known.subject else ""
        more += "profile: us-edfacts-195, " if known.needs_profile else ""
        if (measure, SUBJECTS.get(known.subject or ""), known.periods[0]) not in own:  # a figure has one indicator
            entries.append(entry(measure, more=more))
        if "term" in known.periods:
            entries.append(entry(measure, name=f"{measure}_by_term", period="term", more=more))
    assert checked(tmp_path, capsys, *entries) == []


def test_what_is_refused_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Measures without a cell, periods without figures, subjects that are none: each with what to do."""
    told = checked(
        tmp_path,
        capsys,
        *(entry(measure) for measure in BESIDE),
        entry("attendance_rate", name="by_day", period="day"),
        entry("chronic_absence", name="by_term", period="term", more="profile: nj-spr, "),
        entry("absence_tier", name="no_tier"),
        entry("process_health", name="no_part", more="subject: decisions_with_evidense, "),
        entry("lead_times", name="no_way", more="subject: report_tiers_nobody, "),
        entry("plan_lateness", name="no_goal", more="subject: g_none, "),
        entry("rubric_change", name="sideways", more="estimator: sideways, "),
    )
    words = [line.split(": ", 2)[2] for line in told]
    assert len(words) == len(BESIDE) + 7
    for measure, why in BESIDE.items():
        assert (
            f"no indicator is declared on '{measure}': {why}. Read it with aimline measures --measure {measure}."
            in words
        )
    assert [each for each in words if not each.startswith("no indicator is declared on")] == [
        (
            "no indicator is judged by single days: of so few marks the gate would hide most. Write week; "
            "aimline measures --measure attendance_rate tells the days."
        ),
        "chronic_absence has no figures of the period 'term'. Write year_to_date or year.",
        ("absence_tier needs a subject. Name the tier it is about: satisfactory, at_risk, moderate, severe."),
        "unknown part 'decisions_with_evidense'. Did you mean 'decisions_with_evidence'?",
        *(each for each in words if "report_tiers_nobody" in each),
        *(each for each in words if "g_none" in each),
        *(each for each in words if "sideways" in each),
    ]
