"""Every key of ``signal:`` and ``signals:`` as the specification prints them, and what is refused."""

import shutil
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from aimline.cli import main
from schemas.district import Signals
from schemas.indicators import Indicator, Signal

SIGNAL: dict[str, Any] = {
    "kind": "proportion",
    "cadence": "weekly",
    "improvement": "increase",
    "smallest_change": Decimal("0.01"),
    "chart": "pp",
    "rules": "nhs",
    "baseline": {"from": "2025-09-01", "to": "2026-05-29"},
    "periods_per_year": 36,
    "detector": {"lambda": Decimal("0.2"), "min_denominator": 10, "min_effect": Decimal("0.005"), "spike": False},
    "groups": ["all"],
    "next_step": "Look at the attendance page with the school team.",
}
SIGNALS: dict[str, Any] = {
    "q": Decimal("0.05"),
    "watch_q": Decimal("0.20"),
    "false_alerts_per_year": 12,
    "evaluate_on": "mon",
    "preset_note": True,
    "peer": {"terms": ["fall", "spring"], "trim": Decimal("0.10")},
}


def test_blocks_of_the_specification_are_read() -> None:
    """Both blocks, word by word."""
    signal, signals = Signal.model_validate(SIGNAL), Signals.model_validate(SIGNALS)
    assert (signal.baseline.from_, signal.detector.lambda_, signal.period_kind) == (
        date(2025, 9, 1),
        Fraction(1, 5),
        "week",
    )
    assert (signals.q, signals.evaluate_on, signals.peer and signals.peer.terms) == (
        Fraction(1, 20),
        "mon",
        ("fall", "spring"),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"baseline": {"from": "2025-09-01"}}, "a baseline of days needs 'from' and 'to'."),
        ({"baseline": {"from": "2026-09-01", "to": "2026-01-01"}}, "is not after"),
        ({"baseline": {"periods": 12, "from": "2025-09-01", "to": "2026-01-01"}}, "a number of periods, or days"),
        ({"detector": {"lambda": 2}}, "lambda 2 is not between 0.05 and 1."),
        ({"chart": "p"}, "signal.chart p needs because:"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    """Each with the words a person can act on."""
    with pytest.raises(ValidationError, match=message):
        Signal.model_validate(SIGNAL | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"q": Decimal("0.5")}, "signals.q 0.5 is not between"), ({"watch_q": Decimal("0.01")}, "is below q")],
)
def test_shares_of_false_alerts_are_bounded(change: dict[str, Any], message: str) -> None:
    """Neither a share that floods people, nor a watch list shorter than the alerts."""
    with pytest.raises(ValidationError, match=message):
        Signals.model_validate(SIGNALS | change)


@pytest.mark.parametrize(
    ("measure", "signal", "periods"),
    [
        ("attendance_rate", {"kind": "proportion"}, "week"),
        ("attendance_rate", {"kind": "proportion", "cadence": "monthly"}, "month"),
        ("dosage", {"kind": "proportion", "cadence": "weekly"}, "week"),
        ("percent_favorable", {"kind": "survey"}, "window"),
        ("rubric_profile", {"kind": "rubric"}, "window"),
        ("attendance_rate", {"kind": "proportion", "cadence": "nightly"}, "week"),
        ("chronic_absence", {"kind": "cumulative"}, "month"),
        ("plan_execution", {"kind": "cumulative"}, ""),
    ],
)
def test_what_is_tested_follows_from_kind_and_measure(measure: str, signal: dict[str, Any], periods: str) -> None:
    """Surveys and rubrics are tested each wave without saying so; what cannot be tested has no periods."""
    about = {"label": {"en": "It"}, "kind": "outcome", "units": ["school"], "direction": "higher", "period": "window"}
    owner = {"owner": {"role": "lead"}, "sources": ["sis"], "smallest_change": Decimal("0.01")}
    told = Indicator.model_validate({"indicator_id": "it", "measure": measure, "signal": signal, **about, **owner})
    assert told.tested_periods == periods


def test_run_rule_on_few_waves_is_told(tmp_path: Path, project_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three windows a year never make ten points, so a declared run rule is named at its line; nothing fails."""
    folder = tmp_path / "riverbend"
    shutil.copytree(project_root / "deployments/riverbend", folder)
    file = folder / "indicators.yml"
    plain = file.read_text(encoding="utf-8")
    file.write_text(plain.replace("{kind: survey, cadence: wave}", "{kind: survey, rules: anhoej}"), encoding="utf-8")
    assert main(["check", str(folder)]) == 0
    told = "warning: indicators[2].signal.rules: kind survey with 3 windows a year can never reach 10 points"
    assert told in capsys.readouterr().out
