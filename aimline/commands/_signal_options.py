"""The options that the verbs on plain files share, and how their answers are printed."""

import math
import re
import sys
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aimline.commands._rows import LARGEST, print_csv, print_json
from aimline.commands._shared import as_day
from aimline.errors import UsageError

if TYPE_CHECKING:
    from aimline.signals.charting import Table

_LONGEST = 1e7
_LARGEST = 100.0
_GROUP = "aimline.commands"
_POSITION = re.compile(r"-?[0-9]{1,9}")


def positions(text: str) -> str:
    """Read positions of the command line: whole numbers with semicolons between them."""
    for word in text.split(";"):
        if not _POSITION.fullmatch(word.strip()):
            raise typer.BadParameter(f"'{word[:20]}' is not a position; write them as 12;24.")
    return text


def days(text: str) -> str:
    """Read days of the command line, with semicolons between them."""
    return ";".join(as_day(word.strip()).isoformat() for word in text.split(";"))


def number(text: str) -> float:
    """Read a finite number of the command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise typer.BadParameter(f"'{text[:20]}' is not a number.")
    if abs(value) > LARGEST:
        raise typer.BadParameter(f"'{text[:20]}' is farther from zero than {LARGEST:g}.")
    return value


def _positive(text: str) -> float:
    value = number(text)
    if value <= 0:
        raise typer.BadParameter(f"{text} is not above zero.")
    return value


def _not_negative(text: str) -> float:
    value = number(text)
    if not 0 <= value <= _LARGEST:
        raise typer.BadParameter(f"{text} is not between 0 and {_LARGEST:g}.")
    return value


def numbers(text: str) -> str:
    """Read numbers of the command line, with commas between them."""
    return ",".join(repr(number(word.strip())) for word in text.split(","))


def _long(text: str) -> float:
    value = number(text)
    if not 1 < value <= _LONGEST:
        raise typer.BadParameter(f"{text} is not above 1 and at most {_LONGEST:g}.")
    return value


def _share(text: str) -> float:
    value = number(text)
    if not 0 < value < 1:
        raise typer.BadParameter(f"{text} is not between 0 and 1.")
    return value


def _less_than_half(text: str) -> float:
    value = number(text)
    if not 0 < value < 0.5:  # noqa: PLR2004 - from each side, so that something is left
        raise typer.BadParameter(f"{text} is not above 0 and below 0.5.")
    return value


def _weight(text: str) -> float:
    value = number(text)
    if not 0 < value <= 1:
        raise typer.BadParameter(f"{text} is not above 0 and at most 1.")
    return value


def _number(name: str, text: str, parser: Callable[[str], float] = number) -> typer.models.OptionInfo:
    """Return an option that takes a number."""
    found: typer.models.OptionInfo = typer.Option(name, metavar="NUMBER", parser=parser, help=text)
    return found


def _column(names: tuple[str, ...], text: str) -> typer.models.OptionInfo:
    """Return an option that names a column."""
    found: typer.models.OptionInfo = typer.Option(*names, metavar="COL", help=text)
    return found


FileName = Annotated[str, typer.Argument(metavar="FILE", help="A CSV file in UTF-8; its first line names the columns.")]
AsOf = Annotated[
    date | None,
    typer.Option("--as-of", metavar="DATE", parser=as_day, help="Leave out rows with a later date in the x column."),
]
FormatOption = Annotated[
    Literal["csv", "json"], typer.Option("--format", metavar="FORMAT", help="How to print: csv or json.")
]
ChartFormat = Annotated[
    Literal["csv", "json", "svg"], typer.Option("--format", metavar="FORMAT", help="How to print: csv, json or svg.")
]
Summary = Annotated[bool, typer.Option("--summary", help="One row a phase instead of one a point.")]

ChartKind = Annotated[
    Literal[
        "run", "i", "mr", "xbar", "s", "p", "pp", "c", "u", "up", "g", "t", "ip", "ewma", "cusum", "bcusum", "funnel"
    ]
    | None,
    typer.Option(
        "--chart",
        metavar="CHART",
        help="run, i, mr, xbar, s, p, pp, c, u, up, g, t, ip; also ewma, cusum, bcusum, funnel.",
    ),
]
ChartY = Annotated[str | None, _column(("--y", "--numerator"), "Column of the values.")]
ChartN = Annotated[str | None, _column(("--n", "--denominator"), "Column of the denominator.")]
ChartFacet = Annotated[str | None, _column(("--facet", "--unit"), "Column that splits the rows into series.")]
Part = Annotated[
    str | None, typer.Option("--part", metavar="12;24", parser=positions, help="Positions at which phases end.")
]
Exclude = Annotated[
    str | None,
    typer.Option("--exclude", metavar="3;7", parser=positions, help="Positions left out of limits and runs."),
]
Multiply = Annotated[float, _number("--multiply", "Factor of values and limits, applied last.")]
Aggregate = Annotated[
    Literal["mean", "median", "sum", "sd"],
    typer.Option("--agg", metavar="HOW", help="How values of one x become one: mean, median, sum or sd."),
]
RunsMethod = Annotated[
    Literal["anhoej", "bestbox", "cutbox"],
    typer.Option("--runs-method", metavar="METHOD", help="anhoej, bestbox or cutbox."),
]
Rules = Annotated[
    str,
    typer.Option(
        "--rules", metavar="RULES", help="anhoej, nhs, western-electric, nelson; the last two also with a comma."
    ),
]
Direction = Annotated[
    Literal["increase", "decrease", "neutral"],
    typer.Option("--direction", metavar="WAY", help="Which way is better: increase, decrease or neutral."),
]
Target = Annotated[float | None, _number("--target", "Target of the NHS rules.")]
Rebase = Annotated[
    str | None, typer.Option("--rebase", metavar="DATE;DATE", parser=days, help="Days from which new phases begin.")
]
AnyLimit = Annotated[float | None, _number("--limit", "Limit of bcusum (3.5), or of funnel: 95 or 99 (99.8%).")]

Y = Annotated[str, _column(("--y",), "Column of the values (of the numerator, when --n is given).")]
N = Annotated[str | None, _column(("--n",), "Column of the denominator.")]
X = Annotated[str | None, _column(("--x",), "Column of the order: numbers, dates or text.")]
FacetColumn = Annotated[str | None, _column(("--facet",), "Column that splits the rows into series.")]

Freeze = Annotated[
    int | None, typer.Option("--freeze", metavar="K", min=1, help="Take centre and limits from the first K points.")
]
FixedCentre = Annotated[float | None, _number("--cl", "Fix the centre at this value.")]
FixedSigma = Annotated[float | None, _number("--sigma-value", "Fix the standard deviation.", _positive)]
Screen = Annotated[
    bool | None,
    typer.Option("--screen/--no-screen", help="Leave large moving ranges out of the standard deviation, once."),
]

Lambda = Annotated[float, _number("--lambda", "Weight of the newest value.", _weight)]
Nsigmas = Annotated[float, _number("--nsigmas", "Limits, in standard deviations.", _positive)]
K = Annotated[float, _number("--k", "Reference value, in standard deviations.", _not_negative)]
H = Annotated[float, _number("--h", "Decision interval, in standard deviations.", _positive)]
HeadStart = Annotated[float, _number("--head-start", "Where both sums start; half of h for a fast first response.")]
FunnelSummary = Annotated[bool, typer.Option("--summary", help="One row about all units.")]
IsBernoulli = Annotated[bool, typer.Option("--bernoulli", help="Outcomes of 0 and 1, one a row.")]
P0 = Annotated[float | None, _number("--p0", "Chance of a 1 in control; the mean without it.", _share)]
Odds = Annotated[float, _number("--odds", "Odds ratio to find.", _positive)]
Limit = Annotated[float, _number("--limit", "Limit of the sums.", _positive)]

UnitColumn = Annotated[str, _column(("--unit", "--facet"), "Column of the unit.")]
Numerator = Annotated[str, _column(("--numerator", "--y"), "Column of the numerator.")]
Denominator = Annotated[str, _column(("--denominator", "--n"), "Column of the denominator.")]
FunnelType = Annotated[
    Literal["pr", "sr"], typer.Option("--type", metavar="TYPE", help="pr: proportions; sr: observed over expected.")
]
SrMethod = Annotated[
    Literal["cqc", "shmi"], typer.Option("--sr-method", metavar="METHOD", help="How ratios vary: cqc or shmi.")
]
Trim = Annotated[float, _number("--trim", "Share of the most extreme units to temper, on each side.", _less_than_half)]
FunnelLimit = Annotated[
    Literal["95", "99"], typer.Option("--limit", metavar="LIMIT", help="Limit that makes an outlier: 95 or 99 (99.8%).")
]
Adjusted = Annotated[bool, typer.Option("--adjusted/--no-adjusted", help="Allow for what units vary beyond chance.")]

Scheme = Annotated[
    Literal["ewma", "cusum", "rules", "nhs"],
    typer.Option("--scheme", metavar="SCHEME", help="ewma, cusum, rules or nhs (which is simulated)."),
]
EwmaLimit = Annotated[float, _number("--limit", "Limits of the EWMA, in standard deviations.", _positive)]
TimeVarying = Annotated[bool, typer.Option("--time-varying", help="Limits of the EWMA widen from value to value.")]
OneSided = Annotated[bool, typer.Option("--one-sided", help="Only the upper arm of the CUSUM.")]
FastResponse = Annotated[bool, typer.Option("--fir", help="Start the CUSUM at half of h.")]
ZoneRules = Annotated[
    str, typer.Option("--rules", metavar="RULES", help="Any of 1, 2of3, 4of5 and runN, with semicolons between.")
]
Shifts = Annotated[
    str | None,
    typer.Option("--shift", metavar="0,0.5,1", parser=numbers, help="Shifts of the mean, in standard deviations."),
]
Drift = Annotated[float, _number("--drift", "Drift of the mean from value to value, in standard deviations.")]
TargetLength = Annotated[float | None, _number("--arl0", "Solve the limit at which the scheme runs so long.", _long)]
SimulatedSeries = Annotated[int, typer.Option("--draws", metavar="N", min=2, help="Simulated series, for nhs.")]
SimulationSeed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of the simulation, for nhs.")]

PanelUnit = Annotated[str, _column(("--unit",), "Column of the unit.")]
PanelPeriod = Annotated[str, _column(("--period",), "Column of the period: numbers, dates or text.")]
PanelNumerator = Annotated[str, _column(("--numerator",), "Column of the numerator.")]
PanelDenominator = Annotated[str, _column(("--denominator",), "Column of the denominator.")]
Baseline = Annotated[int, typer.Option("--baseline", metavar="K", help="The first K periods tell what is usual.")]
Q = Annotated[float, _number("--q", "Share of false alerts, of 100 or more tests.", _share)]
WatchQ = Annotated[float, _number("--watch-q", "The same for the watch list.", _share)]
TestMethod = Annotated[Literal["bh", "by"], typer.Option("--adjust", metavar="METHOD", help="bh or by.")]
Budget = Annotated[
    float | None, _number("--budget", "False alerts allowed in a year, of fewer than 100 tests.", _positive)
]
PeriodsPerYear = Annotated[int, typer.Option("--periods-per-year", metavar="N", min=1, help="Periods of a year.")]
PanelKind = Annotated[
    Literal["proportion", "count", "score"],
    typer.Option("--kind", metavar="KIND", help="proportion, count (per denominator) or score (numerator over it)."),
]
MinDenominator = Annotated[float, _number("--min-denominator", "Cells of fewer are left out.")]
MinEffect = Annotated[float, _number("--min-effect", "Least effect of an alert, in natural units.")]
HasSeason = Annotated[bool, typer.Option("--season/--no-season", help="Take away the profile of the year.")]
HasCommon = Annotated[bool, typer.Option("--common/--no-common", help="Take away what all units share.")]
ForecastTarget = Annotated[
    str, typer.Option("--target", metavar="TARGET", help="The rate to reach by the year's end, or @ and its column.")
]
Model = Annotated[
    Literal["pooled", "survey", "chronic"],
    typer.Option(
        "--model",
        metavar="MODEL",
        help="pooled: the year's rate; survey: the next wave; chronic: of one row a student.",
    ),
]
ForecastPeriod = Annotated[str | None, _column(("--period",), "Column of the period, for pooled and survey.")]
ForecastNumerator = Annotated[str | None, _column(("--numerator",), "Column of the numerator, for pooled and survey.")]
ForecastDenominator = Annotated[str | None, _column(("--denominator",), "Its denominator, for pooled and survey.")]
AsOfPeriod = Annotated[
    str | None, typer.Option("--as-of-period", metavar="PERIOD", help="The last period that is known; the newest.")
]
LowerIsBetter = Annotated[bool, typer.Option("--lower-is-better", help="A rate at or below the target meets it.")]
Draws = Annotated[int, typer.Option("--draws", metavar="N", min=100, max=100_000, help="Simulated paths.")]
AbsentDays = Annotated[str | None, _column(("--absent",), "Column of a student's absent days, for chronic.")]
MemberDays = Annotated[str | None, _column(("--member",), "Column of a student's member days, for chronic.")]
RemainingDays = Annotated[str | None, _column(("--remaining",), "Column of a student's days to come, for chronic.")]
PanelFamily = Annotated[
    Literal["F1", "F2", "F3", "F4", "F4n", "F5", "F6", "F7", "F8", "F8n", "F9", "F9n", "F10"],
    typer.Option("--family", metavar="FAMILY", help="F1 to F10, F4n, F8n or F9n: what makes life hard."),
]


def use_one_thread() -> None:
    """Keep linear algebra on one thread: the same sums in the same order, and small systems many times faster."""
    import os

    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def print_table(table: "Table", form: str) -> None:
    """Print a table: data on stdout, notes on stderr."""
    if form == "json":
        print_json(table.columns, table.rows, {"summary": table.summary, "notes": table.notes})
        return
    if form == "svg":
        print_svg(table)
    else:
        print_csv(table.columns, table.rows)
    for note in table.notes:
        typer.echo(note, err=True)


def print_svg(table: "Table") -> None:
    """Print a table as a picture, which the room of reports draws; it is reached by its entry point."""
    from importlib.metadata import entry_points

    draw = next(iter(entry_points(group=_GROUP, name="_drawn_chart"))).load()
    told = (f"{name} {table.summary[name]}" for name in ("chart", "rules") if name in table.summary)
    drawn = draw(table.columns, table.rows, ", ".join(told))
    if not drawn:
        raise UsageError("--format svg draws points, not a summary.", remedy="Leave --summary out.")
    sys.stdout.write(f"{drawn}\n")


def or_nan(value: float | None) -> float:
    """Return a number, NaN for one that was not given."""
    return math.nan if value is None else value


def needed(value: str | None, option: str) -> str:
    """Return an option that this form of the verb cannot do without."""
    if value is None:
        raise UsageError(f"{option} is missing.", remedy="Name its column.")
    return value
