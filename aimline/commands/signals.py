"""The verbs that read signals off plain files, without a deployment: charts, and adjusting p-values.

They parse, ask the engine once, and print. How a file becomes a chart is ``aimline/commands/_charting.py``.
"""

from typing import Annotated, Literal

import typer

from aimline.commands import _signal_options as opt
from aimline.commands._charting import ChartWords, chart_of
from aimline.commands._rows import read_rows
from aimline.commands._shared import AsJson
from aimline.errors import UsageError


def chart(  # noqa: PLR0913 - each is an option of the command line
    file: opt.FileName,
    *,
    kind: opt.ChartKind = None,
    y: opt.ChartY = None,
    n: opt.ChartN = None,
    x: opt.X = None,
    facet: opt.ChartFacet = None,
    part: opt.Part = None,
    freeze: opt.Freeze = None,
    exclude: opt.Exclude = None,
    multiply: opt.Multiply = 1.0,
    cl: opt.FixedCentre = None,
    agg: opt.Aggregate = "mean",
    screen: opt.Screen = None,
    runs_method: opt.RunsMethod = "anhoej",
    rules: opt.Rules = "anhoej",
    direction: opt.Direction = "neutral",
    target: opt.Target = None,
    rebase: opt.Rebase = None,
    summary: opt.Summary = False,
    lam: opt.Lambda = 0.2,
    nsigmas: opt.Nsigmas = 2.962,
    sigma_value: opt.FixedSigma = None,
    k: opt.K = 0.5,
    h: opt.H = 5.0,
    head_start: opt.HeadStart = 0.0,
    p0: opt.P0 = None,
    odds: opt.Odds = 2.0,
    limit: opt.AnyLimit = None,
    ratio: opt.FunnelType = "pr",
    sr_method: opt.SrMethod = "cqc",
    trim: opt.Trim = 0.1,
    adjusted: opt.Adjusted = True,
    form: opt.ChartFormat = "csv",
    as_json: AsJson = False,
    as_of: opt.AsOf = None,
) -> int:
    """Print a control chart of a CSV file: a row a point with its centre, limits and signals."""
    words = {name: value for name, value in locals().items() if name not in {"form", "as_json"}}
    opt.print_table(chart_of(ChartWords(**words)), "json" if as_json else form)
    return 0


def ewma(  # noqa: PLR0913
    file: opt.FileName,
    *,
    y: opt.Y,
    x: opt.X = None,
    facet: opt.FacetColumn = None,
    lam: opt.Lambda = 0.2,
    nsigmas: opt.Nsigmas = 2.962,
    freeze: opt.Freeze = None,
    cl: opt.FixedCentre = None,
    sigma_value: opt.FixedSigma = None,
    screen: opt.Screen = None,
    form: opt.ChartFormat = "csv",
    as_json: AsJson = False,
    as_of: opt.AsOf = None,
) -> int:
    """Print an exponentially weighted moving average: small lasting shifts show in it first."""
    words = {name: value for name, value in locals().items() if name not in {"form", "as_json"}}
    opt.print_table(chart_of(ChartWords(kind="ewma", **words)), "json" if as_json else form)
    return 0


def cusum(  # noqa: PLR0913
    file: opt.FileName,
    *,
    y: opt.Y,
    x: opt.X = None,
    facet: opt.FacetColumn = None,
    k: opt.K = 0.5,
    h: opt.H = 5.0,
    head_start: opt.HeadStart = 0.0,
    freeze: opt.Freeze = None,
    cl: opt.FixedCentre = None,
    sigma_value: opt.FixedSigma = None,
    screen: opt.Screen = None,
    bernoulli: opt.IsBernoulli = False,
    p0: opt.P0 = None,
    odds: opt.Odds = 2.0,
    limit: opt.Limit = 3.5,
    form: opt.ChartFormat = "csv",
    as_json: AsJson = False,
    as_of: opt.AsOf = None,
) -> int:
    """Print both arms of a cumulative sum; with --bernoulli of outcomes of 0 and 1."""
    words = {name: value for name, value in locals().items() if name not in {"form", "as_json", "bernoulli"}}
    opt.print_table(chart_of(ChartWords(kind="bcusum" if bernoulli else "cusum", **words)), "json" if as_json else form)
    return 0


def funnel(  # noqa: PLR0913
    file: opt.FileName,
    *,
    facet: opt.UnitColumn,
    y: opt.Numerator,
    n: opt.Denominator,
    ratio: opt.FunnelType = "pr",
    sr_method: opt.SrMethod = "cqc",
    trim: opt.Trim = 0.1,
    limit: opt.FunnelLimit = "99",
    adjusted: opt.Adjusted = True,
    summary: opt.FunnelSummary = False,
    x: opt.X = None,
    form: opt.ChartFormat = "csv",
    as_json: AsJson = False,
    as_of: opt.AsOf = None,
) -> int:
    """Print a funnel: units compared with each other, allowing for what they vary beyond chance."""
    words = {name: value for name, value in locals().items() if name not in {"form", "as_json", "limit"}}
    opt.print_table(chart_of(ChartWords(kind="funnel", limit=float(limit), **words)), "json" if as_json else form)
    return 0


def adjust(  # noqa: PLR0913
    file: opt.FileName,
    *,
    p: Annotated[str, typer.Option("--p", metavar="COL", help="Column of the p-values.")],
    method: Annotated[
        Literal["bh", "by", "holm"], typer.Option("--method", metavar="METHOD", help="bh, by or holm.")
    ] = "bh",
    form: opt.FormatOption = "csv",
    as_json: AsJson = False,
) -> int:
    """Print a file with adjusted p-values beside its columns."""
    from aimline.signals.charting import Table
    from aimline.signals.control import adjust as adjusted

    rows = read_rows(file)
    values = rows.numbers(p)
    for value, line in zip(values, rows.lines, strict=True):
        if not (0 <= value <= 1 or value != value):  # noqa: PLR0124 - only a missing number differs from itself
            raise UsageError(f"{rows.name} line {line}: {value:g} in column {p} is not between 0 and 1.")
    if rows.has("p_adjusted"):
        raise UsageError(f"{rows.name} has a column p_adjusted already.", remedy="Rename it.")
    cells = [[*row, q] for row, q in zip(rows.rows, adjusted(values, method), strict=True)]
    opt.print_table(Table((*rows.columns, "p_adjusted"), cells), "json" if as_json else form)
    return 0


def arl(  # noqa: PLR0913
    *,
    scheme: opt.Scheme,
    lam: opt.Lambda = 0.2,
    limit: opt.EwmaLimit = 2.962,
    time_varying: opt.TimeVarying = False,
    k: opt.K = 0.5,
    h: opt.H = 5.0,
    one_sided: opt.OneSided = False,
    fir: opt.FastResponse = False,
    rules: opt.ZoneRules = "1;2of3;4of5;run8",
    shift: opt.Shifts = None,
    drift: opt.Drift = 0.0,
    arl0: opt.TargetLength = None,
    draws: opt.SimulatedSeries = 20_000,
    seed: opt.SimulationSeed = 1,
    form: opt.FormatOption = "csv",
    as_json: AsJson = False,
) -> int:
    """Print how many values a scheme sees, on average, before it signals; or the limit for a length."""
    opt.use_one_thread()
    words = {name: value for name, value in locals().items() if name not in {"form", "as_json"}}
    from aimline.commands._run_lengths import LengthWords, lengths_of

    opt.print_table(lengths_of(LengthWords(**words)), "json" if as_json else form)
    return 0


def detect(  # noqa: PLR0913
    file: opt.FileName,
    *,
    unit: opt.PanelUnit,
    period: opt.PanelPeriod,
    numerator: opt.PanelNumerator,
    denominator: opt.PanelDenominator,
    baseline: opt.Baseline,
    q: opt.Q = 0.05,
    watch_q: opt.WatchQ = 0.20,
    method: opt.TestMethod = "bh",
    direction: opt.Direction = "neutral",
    budget: opt.Budget = None,
    periods_per_year: opt.PeriodsPerYear = 10,
    kind: opt.PanelKind = "proportion",
    min_denominator: opt.MinDenominator = 10.0,
    min_effect: opt.MinEffect = 0.0,
    season: opt.HasSeason = True,
    common: opt.HasCommon = True,
    form: opt.FormatOption = "csv",
    as_json: AsJson = False,
    as_of: opt.AsOf = None,
) -> int:
    """Print which units of a panel left their own level, with control of false alerts."""
    opt.use_one_thread()
    words = {name: value for name, value in locals().items() if name not in {"form", "as_json"}}
    from aimline.commands._panels import DetectWords, detect_table

    opt.print_table(detect_table(DetectWords(**words)), "json" if as_json else form)
    return 0


def forecast(  # noqa: PLR0913
    file: opt.FileName,
    *,
    unit: opt.PanelUnit,
    target: opt.ForecastTarget,
    model: opt.Model = "pooled",
    period: opt.ForecastPeriod = None,
    numerator: opt.ForecastNumerator = None,
    denominator: opt.ForecastDenominator = None,
    periods_per_year: opt.PeriodsPerYear = 10,
    as_of_period: opt.AsOfPeriod = None,
    lower_is_better: opt.LowerIsBetter = False,
    draws: opt.Draws = 2000,
    absent: opt.AbsentDays = None,
    member: opt.MemberDays = None,
    remaining: opt.RemainingDays = None,
    form: opt.FormatOption = "csv",
    as_json: AsJson = False,
    as_of: opt.AsOf = None,
) -> int:
    """Print the year's rate of each unit to expect, and its chance to meet the target."""
    opt.use_one_thread()
    words = {name: value for name, value in locals().items() if name not in {"form", "as_json"}}
    from aimline.commands._forecasts import ForecastWords, forecast_table

    opt.print_table(forecast_table(ForecastWords(**words)), "json" if as_json else form)
    return 0


def demo_panel(
    *,
    family: opt.PanelFamily,
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Folder for panel.csv and truth.csv.")],
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Another seed is another panel.")] = 1,
    units: Annotated[int, typer.Option("--units", metavar="N", min=2, max=100_000, help="Simulated schools.")] = 400,
) -> int:
    """Write a simulated panel and its truth: who changed, how and when."""
    from aimline.commands._rows import write_csv
    from aimline.demo.labelled import PANEL_COLUMNS, TRUTH_COLUMNS, labelled_panel, panel_rows, truth_rows

    panel = labelled_panel(family, seed, units)
    write_csv(out, "panel.csv", PANEL_COLUMNS, panel_rows(panel))
    write_csv(out, "truth.csv", TRUTH_COLUMNS, truth_rows(panel))
    return 0
