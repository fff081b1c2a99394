"""Measure detector and forecast on fresh simulated panels: ``python -m benchmarks.signal_bars [SEEDS [FIRST]]``.

One line a bar, as signals.md 21 numbers them: B6 to B10 (what is found, what is told in vain, how soon) beside the NHS
rules and a plain three-sigma chart on the same panels, B11 (Brier score against two plain forecasts, coverage, slope of
what came true on what was said), B13 (seconds and memory for 36,000 series from DuckDB and back). Minutes, not seconds;
one thread of linear algebra (``OPENBLAS_NUM_THREADS=1``) is as fast as two.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import beta, binom

from aimline.clock import wall_seconds
from aimline.demo.forecastable import VARIANTS, ForecastPanel, forecast_panel
from aimline.demo.labelled import BASELINE, FAMILIES, PER_YEAR, LabelledPanel, labelled_panel
from aimline.signals.detector import Detected, Policy, detect
from aimline.signals.drift import evaluate_batches
from aimline.signals.forecast import History, Question, forecast
from aimline.signals.nhs import COMMON, Rule, judge_group
from aimline.signals.residuals import Panel
from aimline.signals.series_charts import chart_points
from aimline.warehouse import Connection, column_arrays, connect

SEEDS = 8
FIRST = 1000
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
    return scored(np.array(panel.changed_month), first)


def scored(month: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Count hits from the period each unit changed in and the one it was first told of in; 0 for never."""
    changed, told = month > 0, first > 0
    hits = changed & told & (first >= month)
    numbers = [hits.sum(), changed.sum(), told.sum(), (told & ~changed).sum(), (~changed).sum()]
    return np.array(numbers, dtype=float), (first - month + 1)[hits].tolist()


def means(panels: list[tuple[np.ndarray, list[int]]]) -> str:
    """Write the mean scores of panels."""
    rows = [[n[0] / n[1] if n[1] else np.nan, n[0] / n[2] if n[2] and n[1] else np.nan, n[3] / n[4]] for n, _ in panels]
    recall, precision, vain = np.array(rows).mean(axis=0)
    delay = np.mean([np.median(months) if months else np.nan for _, months in panels])
    return f"recall {recall:.3f}  precision {precision:.3f}  delay {delay:.2f}  in vain {vain:.4f}"


def detector_bar(family: str, seeds: range, q: float = 0.05) -> str:
    """Return the mean scores of a family over panels."""
    panels = [counts(labelled_panel(family, seed, UNITS), q) for seed in seeds]
    return f"{family:<4} q {q:<7.2f} {means(panels)}"


Chart = Callable[[list[float], int], list[bool]]


def nhs_rules(rates: list[float], baseline: int) -> list[bool]:
    """Say which points of a chart the NHS rules tell of, its baseline fixed."""
    return [cause != COMMON for cause in judge_group(rates, Rule(freeze=baseline)).cause]


def three_sigma(rates: list[float], baseline: int) -> list[bool]:
    """Say which points are outside three sigma of a plain chart of the baseline."""
    seen = np.array(rates)
    sigma = np.abs(np.diff(seen[:baseline])).mean() / 1.128
    return (np.abs(seen - seen[:baseline].mean()) > 3 * sigma).tolist()


CHARTS: dict[str, Chart] = {"NHS rules": nhs_rules, "3 sigma": three_sigma}


def chart_counts(panel: LabelledPanel, chart: Chart) -> tuple[np.ndarray, list[int]]:
    """Return what ``counts`` returns, of each unit's own chart."""
    first = np.zeros(len(panel.units), dtype=int)
    for at, rates in enumerate(panel.absent / panel.days):
        months = np.flatnonzero(np.isfinite(rates))
        told = chart(rates[months].tolist(), int((months < BASELINE).sum()))
        after = [month + 1 for month, is_told in zip(months, told, strict=True) if is_told and month >= BASELINE]
        first[at] = min(after, default=0)
    return scored(np.array(panel.changed_month), first)


def chart_bar(family: str, seeds: range, name: str) -> str:
    """Return how a chart does on a family, for comparison (B8)."""
    chart = CHARTS[name]
    panels = [chart_counts(labelled_panel(family, seed, UNITS), chart) for seed in seeds]
    return f"{family:<4} {name:<9} {means(panels)}"


def few_bar(units: int, first: int, name: str = "") -> str:
    """Return the pooled scores of many panels of few units (B10), of the detector or a chart."""
    panels = (labelled_panel("F10", seed, units) for seed in range(first, first + max(5, UNITS_OF_FEW // units)))
    every = [chart_counts(panel, CHARTS[name]) if name else counts(panel, 0.05) for panel in panels]
    total = sum(each[0] for each in every)
    scores = f"recall {total[0] / total[1]:.3f}  precision {total[0] / total[2]:.3f}  in vain {total[3] / total[4]:.3f}"
    return f"F10  {name or 'detector':<9} {units:>2} units  {scores}"


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


def forecast_bar(name: str, k: int, seeds: range) -> str:
    """Return Brier score over those of the plain forecasts, intervals that held the truth, and calibration (B11)."""
    rows = []
    said: list[np.ndarray] = []
    came: list[np.ndarray] = []
    for seed in seeds:
        panel = forecast_panel(VARIANTS[name], seed)
        known = panel.absent.shape[1] - PER_YEAR + k
        history = History(panel.absent[:, :known], panel.days[:, :known], PER_YEAR)
        told = forecast(history, Question(panel.target, lower_is_better=True, key="bars"))
        met = panel.actual <= panel.target
        briers = [np.mean((chance - met) ** 2) for chance in (told.p_meet, *plain_forecasts(panel, k))]
        said.append(told.p_meet)
        came.append(met)
        rows.append([*briers, np.mean((panel.actual >= told.low) & (panel.actual <= told.high))])
    own, ratio, binomial, coverage = np.array(rows).mean(axis=0)
    scores = f"Brier {own:.4f}  over ratio {own / ratio:.3f}  over binomial {own / binomial:.3f}"
    slope = np.polyfit(np.concatenate(said), np.concatenate(came).astype(float), 1)[0]
    return f"{name:<10} after {k}  {scores}  coverage {coverage:.3f}  slope {slope:.3f}"


def write_panels(connection: Connection) -> None:
    """Write twenty indicators of 1,800 schools as one table, in an order of its own."""
    connection.execute(
        "create table panel (panel_no integer, unit_no integer, period_ix integer, batch_no integer, "
        "numerator double, denominator double)"
    )
    for number in range(20):
        made = labelled_panel("F9", number, 1800)
        unit, period = np.indices(made.days.shape)
        cells = {"unit_no": unit, "period_ix": period, "numerator": made.absent, "denominator": made.days}
        connection.register("made", {name: each.ravel() for name, each in cells.items()})
        connection.execute(
            f"insert into panel select {number}, unit_no, period_ix, period_ix, numerator, denominator from made "
            "where numerator is not null and not isnan(numerator) order by hash(unit_no, period_ix)"
        )


def speed_bar() -> str:
    """Return seconds and memory for 36,000 series of 30 periods, read from DuckDB and written back (B13)."""
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder) / "bars.duckdb", role="build") as connection:
        write_panels(connection)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, cpu = wall_seconds(), time.process_time()
        panel = column_arrays(connection.relation("panel"))
        connection.register("evaluated", evaluate_batches(panel).columns)
        connection.execute("create table evaluations as select * from evaluated")
        seconds, cpu = wall_seconds() - began, time.process_time() - cpu
        [n] = connection.rows("select count(*) as n from evaluations")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = f"{most / 2**20:.2f} GiB (before {before / 2**20:.2f})"
    return f"36,000 series, {n['n']:,} evaluations: {seconds:.2f} s, {cpu:.2f} CPU s, {memory}"


CHART = {"chart": "pp", "rules": "nhs", "baseline": BASELINE, "better": "decrease", "group_id": "all"}
DRAWN = ("figure_id", "unit_id", "period_on", "phase", "y", "center", "limit_low", "limit_high", "rule", "point_type")


def _charted(connection: Connection, number: int) -> int:
    """Chart one indicator of 1,800 schools, read from DuckDB and written back; return the number of points."""
    cells = column_arrays(
        connection.relation(
            f"(select unit_no, numerator, denominator, date '2023-09-01' + period_ix * 30 as day from panel "
            f"where panel_no = {number})"
        )
    )
    same = {**CHART, "indicator_id": str(number), "period_kind": "month"}
    days = [day.date() for day in cells["day"].tolist()]
    columns = zip(*(cells[name].tolist() for name in ("unit_no", "numerator", "denominator")), days, strict=True)
    rows = [
        same | {"figure_id": f"{unit}|{day}", "unit_id": f"{unit:04d}", "numerator": d, "denominator": n}
        | {"period_on": day}
        for unit, d, n, day in columns
    ]  # fmt: skip
    points = chart_points(rows)
    words = (name for name in DRAWN if name not in _NUMBERS)
    made = {name: np.array([str(each[name]) for each in points], dtype=object) for name in words}
    numbers = {name: np.array([each[name] for each in points], dtype=float) for name in _NUMBERS}
    connection.register("drawn", made | numbers)
    connection.execute("create table if not exists points as select * from drawn limit 0")
    connection.execute("insert into points select * from drawn")
    return len(points)


_NUMBERS = ("y", "center", "limit_low", "limit_high")


def charts_speed_bar() -> str:
    """Return the seconds for the chart points of 36,000 series of 30 periods (B13)."""
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder) / "bars.duckdb", role="build") as connection:
        write_panels(connection)
        began, cpu = wall_seconds(), time.process_time()
        n = sum(_charted(connection, number) for number in range(20))
        return f"36,000 charts, {n:,} points: {wall_seconds() - began:.1f} s, {time.process_time() - cpu:.1f} CPU s"


def main(words: list[str]) -> None:
    """Print every bar."""
    n, first = (int(word) for word in (words + [str(SEEDS), str(FIRST)][len(words) :]))
    seeds = range(first, first + n)
    print(speed_bar())
    print(charts_speed_bar(), flush=True)
    print(detector_bar("F1", seeds, 0.02))
    for family in FAMILIES:
        if family != "F10":
            print(detector_bar(family, seeds))
            for name in CHARTS:
                print(chart_bar(family, seeds, name))
    for units in FEW:
        for name in ("", *CHARTS):
            print(few_bar(units, first, name))
    for name in VARIANTS:
        for k in (3, 5, 7):
            print(forecast_bar(name, k, range(first, first + n + 2)))


if __name__ == "__main__":
    main(sys.argv[1:])
