"""Fresh labelled panels: their shape, and that the detector keeps its promises on them. Source: signals.md 20 and 21.

Few and small here; `benchmarks/signal_bars.py` measures every bar.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from aimline.demo.labelled import FAMILIES, LabelledPanel, labelled_panel
from aimline.signals.detector import Detected, Policy, detect
from aimline.signals.residuals import Panel
from tests.support.charted import read, said


def _found(panel: LabelledPanel) -> Detected:
    return detect(Panel(panel.absent, panel.days, 20), Policy())


def _first(found: Detected) -> np.ndarray:
    """Return the first selected month of each unit, 0 for none."""
    first = np.zeros(len(found.fitted.evaluable), dtype=int)
    for batch in found.batches[::-1]:
        first[batch.is_selected] = batch.period + 1
    return first


@pytest.mark.parametrize("family", ["F1", "F4", "F6", "F9"])
def test_changes_are_found_and_stable_units_left_alone(family: str) -> None:
    """Recall and precision of 400 fresh units, with room below the bars for one seed."""
    panel = labelled_panel(family, 11)
    first, month = _first(_found(panel)), np.array(panel.changed_month)
    hits = (month > 0) & (first >= month)
    assert hits.sum() / (month > 0).sum() >= 0.94
    assert hits.sum() / (first > 0).sum() >= 0.70
    assert ((first > 0) & (month == 0)).sum() / (month == 0).sum() <= 0.04


@pytest.mark.parametrize("family", ["F3", "F4n", "F9n"])
def test_quiet_panels_stay_quiet(family: str) -> None:
    """Where nobody changes, at most one school in a hundred is ever told (bar B9)."""
    assert (_first(_found(labelled_panel(family, 12))) > 0).mean() <= 0.01


def test_district_event_is_told_and_no_school_blamed() -> None:
    """A month that is hard for all is one event of the district."""
    panel = labelled_panel("F3", 3, 200)
    rate = panel.absent / panel.days
    rate[:, 24] *= 1.5
    panel.absent[:, 24] = np.round(rate[:, 24] * panel.days[:, 24])
    found = _found(panel)
    assert {event.period for event in found.events} >= {24}
    assert (_first(found) > 0).mean() <= 0.01


def test_p_values_are_uniform_where_nothing_changed() -> None:
    """4,000 units without a change, at the first, fifth and last month (signals.md 22, null calibration)."""
    found = _found(labelled_panel("F3", 21, 4000))
    for month in (0, 4, 9):
        assert kstest(found.batches[month].p, "uniform").pvalue > 0.001


@pytest.mark.parametrize("units", [5, 20, 40])
def test_few_units_are_told_of_no_more_than_the_budget(units: int) -> None:
    """Season and common part of few units are uncertain, and the variance knows it (bar B10)."""
    flagged, stable = 0, 0
    for seed in range(400 // units):
        panel = labelled_panel("F10", seed, units)
        month = np.array(panel.changed_month)
        flagged += int(((_first(_found(panel)) > 0) & (month == 0)).sum())
        stable += int((month == 0).sum())
    assert flagged / stable <= 0.08


@pytest.mark.parametrize("family", FAMILIES)
def test_panel_has_the_promised_share_of_changes(family: str) -> None:
    """Changes begin in the first five monitored months; families without any have none."""
    panel = labelled_panel(family, 4, 100)
    changed = [month for month in panel.changed_month if month]
    assert len(changed) == round(100 * (0.1 if family == "F10" else FAMILIES[family].frac))
    assert set(changed) <= set(range(21, 26))
    assert panel.absent.shape == (100, 30)


def test_demo_panel_writes_what_detect_reads(tmp_path: Path) -> None:
    """The files have the shape of the shared panel; the same seed writes the same bytes."""
    for folder in ("a", "b"):
        assert said("demo", "panel", "--family", "F6", "--seed", 7, "--units", 12, "--out", tmp_path / folder).code == 0
    assert (tmp_path / "a/panel.csv").read_bytes() == (tmp_path / "b/panel.csv").read_bytes()
    assert list(read(tmp_path / "a/panel.csv")[0]) == ["unit", "month_index", "absent_days", "student_days"]
    assert list(read(tmp_path / "a/truth.csv")[0]) == ["unit", "change", "first_changed_month"]
    words = ("--unit", "unit", "--period", "month_index", "--numerator", "absent_days", "--denominator", "student_days")
    assert said("detect", tmp_path / "a/panel.csv", *words, "--baseline", 20).code == 0
