"""Measure the detector and the forecast on fresh simulated panels: ``python -m benchmarks.signal_bars [SEEDS]``.

One line a bar, as signals.md 21 numbers them: B6 to B10 (what is found, what is told in vain, how soon), B11 (Brier
score against two plain forecasts, coverage), B13 (seconds of the engine for 36,000 series). Minutes, not seconds; one
thread of linear algebra (``OPENBLAS_NUM_THREADS=1``) is as fast as two.
"""

import sys
import time

import numpy as np
from scipy.stats import beta, binom

from aimline.demo.forecastable import VARIANTS, ForecastPanel, forecast_panel
from aimline.demo.labelled import BASELINE, FAMILIES, PER_YEAR, LabelledPanel, labelled_panel
from aimline.signals.detector import Detected, Policy, detect
from aimline.signals.forecast import History, Question, forecast
from aimline.signals.nhs import COMMON, Rule, judge_group
from aimline.signals.residuals import Panel

SEEDS = 8
UNITS = 400
FEW = (5, 8, 12, 20, 40, 80)
UNITS_OF_FEW = 1600


def found(panel: LabelledPanel, q: float) -> Detected:
    """Return what the detector finds with its defaults."""
    return detect(Panel(panel.absent, panel.days, BASELINE), Policy(q=q))


def counts(panel: LabelledPanel, q: float) -> tuple[np.ndarray, list[int]]:
    """Return hits, changed, told, told in vain and stable units, and the months each hit took."""
    first = np.zeros(len(panel.units), dtype=int)
    for batch in found(panel, q).batches[::-1]:
        first[batch.is_selected] = batch.period + 1
    month = np.array(panel.changed_month)
    changed, told = month > 0, first > 0
    hits = changed & told & (first >= month)
    numbers = [hits.sum(), changed.sum(), told.sum(), (told & ~changed).sum(), (~changed).sum()]
    return np.array(numbers, dtype=float), (first - month + 1)[hits].tolist()


def detector_bar(family: str, seeds: int, q: float = 0.05) -> str:
    """Return the mean scores of a family over panels."""
    rows, delays = [], []
    for seed in range(1000, 1000 + seeds):
        n, delay = counts(labelled_panel(family, seed, UNITS), q)
        rows.append([n[0] / n[1] if n[1] else np.nan, n[0] / n[2] if n[2] and n[1] else np.nan, n[3] / n[4]])
        delays.append(np.median(delay) if delay else np.nan)
    recall, precision, vain = np.array(rows).mean(axis=0)
    delay = np.mean(delays)
    return (
        f"{family:<4} q {q:.2f}  recall {recall:.3f}  precision {precision:.3f}  delay {delay:.2f}  in vain {vain:.4f}"
    )


def chart_rules(panel: LabelledPanel) -> tuple[float, float]:
    """Return precision and share told in vain of the NHS rules on each unit's own chart, its baseline fixed."""
    first = np.zeros(len(panel.units), dtype=int)
    for at, rates in enumerate(panel.absent / panel.days):
        months = np.flatnonzero(np.isfinite(rates))
        judged = judge_group(rates[months].tolist(), Rule(freeze=int((months < BASELINE).sum())))
        told = [month + 1 for month, cause in zip(months, judged.cause, strict=True) if cause != COMMON]
        first[at] = min((month for month in told if month > BASELINE), default=0)
    month = np.array(panel.changed_month)
    hits = (month > 0) & (first >= month)
    return hits.sum() / max(1, (first > 0).sum()), ((first > 0) & (month == 0)).sum() / (month == 0).sum()


def chart_bar(family: str, seeds: int) -> str:
    """Return how the rules of charts do on a family, for comparison (B8)."""
    rows = [chart_rules(labelled_panel(family, seed, UNITS)) for seed in range(1000, 1000 + seeds)]
    precision, vain = np.array(rows).mean(axis=0)
    return f"{family:<4} NHS rules  precision {precision:.3f}  in vain {vain:.4f}"


def few_bar(units: int) -> str:
    """Return the pooled scores of many panels of few units (B10)."""
    total = sum(counts(labelled_panel("F10", seed, units), 0.05)[0] for seed in range(UNITS_OF_FEW // units))
    scores = f"recall {total[0] / total[1]:.3f}  precision {total[0] / total[2]:.3f}  in vain {total[3] / total[4]:.3f}"
    return f"F10  {units:>2} units  {scores}"


def plain_forecasts(panel: ForecastPanel, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the chances of two plain forecasts: last year's ratio with its past errors, and what was seen so far."""
    shape = (len(panel.absent), -1, PER_YEAR)
    d, n = np.nan_to_num(panel.absent).reshape(shape), np.nan_to_num(panel.days).reshape(shape)
    seen, rest = (part.sum(axis=2) for part in (d[:, :, :k], d[:, :, k:]))
    n_seen, n_rest = (part.sum(axis=2) for part in (n[:, :, :k], n[:, :, k:]))
    ratio = np.log((rest / n_rest) / (seen / n_seen))
    rate = (seen / n_seen)[:, -1] * np.exp(ratio[:, -2] / 2 + ratio[:, -2].mean() / 2)
    errors = np.diff(ratio[:, :-1], axis=1)
    size = rate * (1 - rate) / (errors.std() * rate) ** 2 - 1
    ahead = n_rest[:, -2] * n_seen[:, -1] / n_seen[:, -2]
    need = (panel.target * (n_seen[:, -1] + ahead) - seen[:, -1]) / ahead
    by_ratio = beta.cdf(np.clip(need, 0, 1), rate * size, (1 - rate) * size)
    return by_ratio, binom.cdf(np.floor(need * ahead), np.round(ahead), (seen / n_seen)[:, -1])


def forecast_bar(name: str, k: int, seeds: int) -> str:
    """Return Brier score over those of the plain forecasts, and the share of intervals that held the truth (B11)."""
    rows = []
    for seed in range(1000, 1000 + seeds):
        panel = forecast_panel(VARIANTS[name], seed)
        known = panel.absent.shape[1] - PER_YEAR + k
        history = History(panel.absent[:, :known], panel.days[:, :known], PER_YEAR)
        told = forecast(history, Question(panel.target, lower_is_better=True, key="bars"))
        met = panel.actual <= panel.target
        briers = [np.mean((chance - met) ** 2) for chance in (told.p_meet, *plain_forecasts(panel, k))]
        rows.append([*briers, np.mean((panel.actual >= told.low) & (panel.actual <= told.high))])
    own, ratio, binomial, coverage = np.array(rows).mean(axis=0)
    scores = f"Brier {own:.4f}  over ratio {own / ratio:.3f}  over binomial {own / binomial:.3f}"
    return f"{name:<10} after {k}  {scores}  coverage {coverage:.3f}"


def speed_bar() -> str:
    """Return the seconds of the engine for 36,000 series of 30 periods (B13, without reading and writing)."""
    panels = [labelled_panel("F9", seed, 1800) for seed in range(20)]
    began = time.process_time()
    for panel in panels:
        found(panel, 0.05)
    return f"36,000 series, 10 periods each: {time.process_time() - began:.2f} CPU s"


def main(words: list[str]) -> None:
    """Print every bar."""
    seeds = int(words[0]) if words else SEEDS
    print(speed_bar())
    print(detector_bar("F1", seeds, 0.02))
    for family in FAMILIES:
        if family != "F10":
            print(detector_bar(family, seeds))
            print(chart_bar(family, seeds))
    for units in FEW:
        print(few_bar(units))
    for name in VARIANTS:
        for k in (3, 5, 7):
            print(forecast_bar(name, k, seeds + 2))


if __name__ == "__main__":
    main(sys.argv[1:])
