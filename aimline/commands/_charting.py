"""Turn a file and the words of a chart verb into a table: read columns, put rows in order, ask the engine once."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from aimline.commands._rows import Places, RowFile, places_of, read_rows, until
from aimline.commands._signal_options import needed, or_nan
from aimline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aimline.signals.charting import Ask, Table
    from aimline.signals.recursive import Scaling
    from aimline.signals.series import Facet, Layout, Subgroup

ZONES = ("western-electric", "nelson")
RULES = ("anhoej", "nhs", *ZONES)
_LEVELS = {95.0: "95", 99.0: "99"}


@dataclass(frozen=True)
class ChartWords:
    """What the command line says of a chart; the fields are its options, as ``docs/commands.md`` tells them."""

    file: str
    kind: str | None
    y: str | None = None
    n: str | None = None
    x: str | None = None
    facet: str | None = None
    part: str | None = None
    freeze: int | None = None
    exclude: str | None = None
    multiply: float = 1.0
    cl: float | None = None
    agg: str = "mean"
    screen: bool | None = None
    runs_method: str = "anhoej"
    rules: str = "anhoej"
    direction: str = "neutral"
    target: float | None = None
    rebase: str | None = None
    summary: bool = False
    lam: float = 0.2
    nsigmas: float = 2.962
    sigma_value: float | None = None
    k: float = 0.5
    h: float = 5.0
    head_start: float = 0.0
    p0: float | None = None
    odds: float = 2.0
    limit: float | None = None
    ratio: str = "pr"
    sr_method: str = "cqc"
    trim: float = 0.1
    adjusted: bool = True
    as_of: date | None = None

    @property
    def presets(self) -> tuple[str, ...]:
        """Return the named rules."""
        return tuple(word.strip() for word in self.rules.split(","))

    @property
    def days(self) -> tuple[str, ...]:
        """Return the days from which phases begin."""
        return tuple(self.rebase.split(";")) if self.rebase else ()


@dataclass(frozen=True)
class _Read:
    """The facets of a file in order, and how they are ordered."""

    facets: "list[Facet]"
    places: Places
    source: "Callable[[str, Subgroup], str]"


def chart_of(words: ChartWords) -> "Table":
    """Return the table that a chart verb prints."""
    if words.kind == "funnel":
        return _funnel(words)
    if words.kind in {"ewma", "cusum", "bcusum"}:
        return _recursive(words)
    return _control_chart(words)


def _check_rules(words: ChartWords) -> None:
    for word in words.presets:
        if word not in RULES:
            raise UsageError(f"--rules {word[:20]} is not known.", remedy=f"Known rules: {', '.join(RULES)}.")
    if len(words.presets) > 1 and not set(words.presets) <= set(ZONES):
        raise UsageError(f"--rules {words.rules} cannot be joined.", remedy="Only western-electric,nelson may be.")
    if words.presets == ("nhs",):
        if words.freeze is not None and words.freeze < _min_baseline():
            raise UsageError(f"--rules nhs needs --freeze of at least {_min_baseline()}, got {words.freeze}.")
        unused = [name for name in ("part", "exclude", "cl") if getattr(words, name) is not None]
        if unused:
            raise UsageError(
                f"--rules nhs takes no --{unused[0]}.", remedy="Its phases begin at --rebase, its mean is of --freeze."
            )
        if words.kind not in {None, "i"}:
            raise UsageError(f"--rules nhs is for individuals, not --chart {words.kind}.", remedy="Leave --chart out.")


def _min_baseline() -> int:
    from aimline.signals.nhs import MIN_BASELINE

    return MIN_BASELINE


def _control_chart(words: ChartWords) -> "Table":
    from aimline.signals.charting import chart_summary, chart_table

    _check_rules(words)
    if words.presets == ("nhs",):
        return _nhs(words)
    _check_chart(words)
    read = _facets(words)
    ask = _ask(words, read)
    table = chart_summary(read.facets, ask) if words.summary else chart_table(read.facets, ask)
    return replace(table, summary={"chart": words.kind, "rules": words.rules, "n_facets": len(read.facets)})


def _check_chart(words: ChartWords) -> None:
    from aimline.signals.charts import NEED_N

    if words.kind is None:
        raise UsageError(
            "--chart is missing.", remedy="Name a chart: run, i, mr, xbar, s, p, pp, c, u, up, g, t or ip."
        )
    if words.kind in NEED_N and words.n is None:
        raise UsageError(f"--chart {words.kind} needs --n (the denominator column).")
    if words.kind == "t" and words.cl is not None and words.cl <= 0:
        raise UsageError(f"t chart: --cl {words.cl:g} is no time between events.", remedy="Give one above zero.")


def _ask(words: ChartWords, read: _Read) -> "Ask":
    from aimline.signals.charting import Ask
    from aimline.signals.charts import Setting

    zones = tuple(preset for preset in words.presets if preset in ZONES)
    screen = not zones if words.screen is None else words.screen
    return Ask(
        kind=cast("str", words.kind),
        scale=read.places.scale,
        has_facets=words.facet is not None,
        layout=_layout(words, read.places),
        setting=Setting(screen, or_nan(words.cl)),
        presets=zones,
        multiply=words.multiply,
        runs_method=words.runs_method,
        source=read.source,
    )


def _layout(words: ChartWords, places: Places) -> "Layout":
    from aimline.signals.series import Layout

    _check_days(words, places)
    return Layout(_positions(words.part), words.days, words.freeze, frozenset(_positions(words.exclude)))


def _check_days(words: ChartWords, places: Places) -> None:
    if words.days and places.scale != "date":
        raise UsageError("--rebase needs days to compare with.", remedy="Give --x a column of dates (2026-09-07).")


def _positions(text: str | None) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(";")) if text else ()


def _nhs(words: ChartWords) -> "Table":
    from aimline.signals.charting import NhsAsk, nhs_summary, nhs_table
    from aimline.signals.nhs import Direction, Rule

    read = _facets(words)
    _check_days(words, read.places)
    screen = words.screen is not False
    rule = Rule(cast("Direction", words.direction), or_nan(words.target), words.freeze, screen)
    ask = NhsAsk(rule, words.facet is not None, words.days, words.multiply)
    table = nhs_summary(read.facets, ask) if words.summary else nhs_table(read.facets, ask)
    return replace(table, summary={"chart": "i", "rules": "nhs", "n_facets": len(read.facets)})


def _facets(words: ChartWords) -> _Read:
    """Read the columns of a chart and put its rows in order."""
    from aimline.signals.series import NAN, Observation, Reading, arrange

    file = until(read_rows(words.file), words.x, words.as_of)
    values = file.numbers(needed(words.y, "--y"))
    sizes = file.counts(words.n) if words.n else [NAN] * len(values)
    names = _names(file, words.facet)
    places = places_of(file, words.x, names)
    rows = map(Observation, names, places.labels, places.keys, values, sizes)

    def source(facet: str, group: "Subgroup") -> str:
        """Write the lines of a point and what they hold."""
        told = zip(file.lines, names, places.labels, strict=True)
        lines = [str(line) for line, name, label in told if (name, label) == (facet, group.label)]
        held = f"{group.num:g} of {group.n:g}" if words.n else f"{group.y:g}"
        return f"{file.name} line{'s' if len(lines) > 1 else ''} {', '.join(lines)}: {held}; "

    return _Read(arrange(rows, Reading(words.n is not None, words.agg)), places, source)


def _names(file: RowFile, column: str | None) -> list[str]:
    return file.names(column) if column else [""] * len(file.rows)


def _recursive(words: ChartWords) -> "Table":
    from aimline.signals import recursive
    from aimline.signals.charting import Table

    if words.kind == "bcusum" and words.facet:
        raise UsageError("--bernoulli is for one series, not for --facet.", remedy="Give a file of one unit.")
    read = _facets(words)
    rows: list[list[Any]] = []
    for facet in read.facets:
        values = [group.y for group in facet.groups]
        name = facet.name if words.facet else 1
        if words.kind == "ewma":
            rows += recursive.ewma_rows(name, values, recursive.Ewma(words.lam, words.nsigmas, _scaling(words)))
        elif words.kind == "cusum":
            rows += recursive.cusum_rows(
                name, values, recursive.Cusum(words.k, words.h, words.head_start, _scaling(words))
            )
        else:
            limit = 3.5 if words.limit is None else words.limit
            ask = recursive.Bernoulli(or_nan(words.p0), words.odds, limit, words.freeze)
            rows += recursive.bernoulli_rows([group.x for group in facet.groups], values, ask)
    columns = {
        "ewma": recursive.EWMA_COLUMNS,
        "cusum": recursive.CUSUM_COLUMNS,
        "bcusum": recursive.BERNOULLI_COLUMNS,
    }
    return Table(columns[cast("str", words.kind)], rows, {"chart": words.kind, "n_series": len(read.facets)})


def _scaling(words: ChartWords) -> "Scaling":
    from aimline.signals.recursive import Scaling

    return Scaling(words.freeze, or_nan(words.cl), or_nan(words.sigma_value), bool(words.screen))


def _funnel(words: ChartWords) -> "Table":
    from aimline.signals.funnel import Ask, Kind, funnel_summary, funnel_table

    file = until(read_rows(words.file), words.x, words.as_of)
    level = 99.0 if words.limit is None else words.limit
    if level not in _LEVELS:
        raise UsageError(f"--limit {level:g} is not a limit of a funnel.", remedy="Give 95 or 99.")
    names = file.names(needed(words.facet, "--unit"))
    columns = (file.counts(needed(words.y, "--numerator")), file.counts(needed(words.n, "--denominator")))
    kind = "pr" if words.ratio == "pr" else words.sr_method
    if kind == "pr":
        _refuse_more_than_all(file.name, zip(file.lines, names, *columns, strict=True))
    ask = Ask(cast("Kind", kind), words.trim, cast("Any", _LEVELS[level]), words.adjusted)
    table = funnel_table(list(zip(names, *columns, strict=True)), ask)
    return funnel_summary(table) if words.summary else table


def _refuse_more_than_all(name: str, rows: "Iterable[tuple[int, str, float, float]]") -> None:
    """Refuse a share above one at its line, before rows of one unit are added up."""
    for line, unit, numerator, denominator in rows:
        if numerator > denominator:
            raise UsageError(
                f"{name} line {line}: unit {unit} has numerator {numerator:g} and denominator {denominator:g}.",
                remedy="Correct the row, or use --type sr for observed over expected.",
            )
