"""Many series at once: the columns of the warehouse give what the detector gives, and share its control of errors."""

import numpy as np

from aimline.demo.labelled import labelled_panel
from aimline.signals.detector import Policy, detect
from aimline.signals.drift import NEEDED, PanelRule, evaluate_batches
from aimline.signals.residuals import Panel


def test_columns_are_evaluated_as_the_detector_evaluates_a_panel() -> None:
    """Rows of two panels in any order give, figure by figure, what each panel gives by itself."""
    panels = [labelled_panel("F6", seed, 120) for seed in (5, 6)]
    rows = {name: [] for name in NEEDED}
    for number, made in enumerate(panels):
        for unit, period in np.argwhere(np.isfinite(made.absent)).tolist():
            cells = (number, unit, period, number * 100 + period, made.absent[unit, period], made.days[unit, period])
            for name, cell in zip(NEEDED, cells, strict=True):
                rows[name].append(cell)
    shuffled = np.random.default_rng(1).permutation(len(rows["unit_no"]))
    columns = {name: np.array(column)[shuffled] for name, column in rows.items()}
    found = evaluate_batches(columns).columns
    for number, made in enumerate(panels):
        for batch in detect(Panel(made.absent, made.days, 20), Policy()).batches:
            at = np.flatnonzero(columns["batch_no"][found["row"]] == number * 100 + batch.period)
            at = at[np.argsort(columns["unit_no"][found["row"][at]])]
            here = np.isfinite(made.absent[:, batch.period])
            np.testing.assert_array_equal(found["p"][at], batch.p[here])
            np.testing.assert_array_equal(found["is_selected"][at], batch.is_selected[here])


def test_tests_of_several_indicators_share_the_control_of_errors() -> None:
    """Two panels of sixty units are one batch of 120 tests, so the share of false alerts is controlled."""
    made = labelled_panel("F1", 3, 60)
    unit, period = (each.ravel() for each in np.indices(made.days.shape))
    one = {"unit_no": unit, "period_ix": period, "batch_no": period}
    one |= {"numerator": made.absent.ravel(), "denominator": made.days.ravel()}
    two = {name: np.r_[column, column] for name, column in one.items()} | {"panel_no": np.repeat([1, 2], len(unit))}
    alone = evaluate_batches(one | {"panel_no": np.ones(len(unit), dtype=int)}).columns
    assert alone["is_fixed_limit"].all()
    together = evaluate_batches(two).columns
    assert (not together["is_fixed_limit"].any(), set(together["n_tests"].tolist())) == (True, {120})


def test_effects_below_what_matters_are_no_alerts_and_stay_watched() -> None:
    """The least effect of a panel holds for its own tests alone."""
    made = labelled_panel("F1", 3, 200)
    unit, period = (each.ravel() for each in np.indices(made.days.shape))
    columns = {"unit_no": unit, "period_ix": period, "batch_no": period, "panel_no": np.full(len(unit), 7)}
    columns |= {"numerator": made.absent.ravel(), "denominator": made.days.ravel()}
    free, gated = (evaluate_batches(columns, {7: PanelRule(min_effect=least)}).columns for least in (0.0, 1.0))
    assert free["is_selected"].any()
    assert not gated["is_selected"].any()
    assert gated["is_watched"][free["is_selected"]].all()
