"""Put charts into tables: one row a point, or one a phase. Order is ``series``, limits are ``charts``.

The names and order of the columns are a contract; files and options belong to the command.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any

from aimline.errors import UsageError
from aimline.signals import nhs, zones
from aimline.signals.charts import NEED_N, WITHOUT_SIGMA, Limits, Setting, draw
from aimline.signals.runs import Runs, judge_runs
from aimline.signals.series import Facet, Layout, Phase, Scale, Subgroup, cut, is_missing, present

Row = list[Any]

RUNS_COLUMNS = tuple(
    "n_obs n_useful longest_run longest_run_max n_crossings n_crossings_min runs_signal".split()  # noqa: SIM905
)
CHART_COLUMNS = (
    *("idx", "x", "facet1", "part", "baseline", "include", "y", "cl", "lcl", "lcl_95", "ucl_95", "ucl"),
    *RUNS_COLUMNS,
    "sigma_signal",
)
NHS_COLUMNS = (
    *("f", "x", "y", "rebase_group", "mean_col", "lpl", "upl", "outside_limits", "relative_to_mean"),
    *("close_to_limits", "special_cause_type", "special_cause_flag", "point_type", "target", "short_group_warning"),
)
NHS_SUMMARY_COLUMNS = (
    *("f", "mean_col", "lpl", "upl", "n", "common_cause", "special_cause_improvement", "special_cause_concern"),
    *("variation_type", "assurance_type", "rebase_group"),
)
NO_FACET = "no facet"


@dataclass(frozen=True)
class Table:
    """Rows below their columns, with what is told beside them."""

    columns: tuple[str, ...]
    rows: list[Row]
    summary: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """What is asked of a chart.

    Attributes:
        kind: One of ``charts.CHARTS``.
        scale: What the places are.
        has_facets: Whether facets were named.
        layout: Phases, baseline, exclusions.
        setting: Screening and a fixed centre.
        presets: Zone rules beside the runs analysis.
        multiply: Factor of what is shown, applied last.
        runs_method: How runs are judged.
        source: What the rows of a facet at a place are called in a refusal: their lines and what they hold.
    """

    kind: str
    scale: Scale = "numeric"
    has_facets: bool = False
    layout: Layout = field(default_factory=Layout)
    setting: Setting = field(default_factory=Setting)
    presets: tuple[str, ...] = ()
    multiply: float = 1.0
    runs_method: str = "anhoej"
    source: Callable[[str, Subgroup], str] = lambda _facet, _group: ""

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the columns of the zone rules."""
        return tuple(name for preset in self.presets for name in zones.RULES[preset])


@dataclass(frozen=True)
class _Drawn:
    """One phase with all that is told about it."""

    facet: str
    phase: Phase
    limits: Limits
    runs: Runs
    outside: list[bool]
    flags: list[list[bool]]


def chart_table(facets: Iterable[Facet], ask: Ask) -> Table:
    """Return one row a point, by facet and place."""
    columns = (*CHART_COLUMNS, *(("std_dev", *ask.flags) if ask.presets else ()))
    rows = [row for drawn in _draw_all(facets, ask) for row in _point_rows(drawn, ask)]
    return Table(columns, rows, notes=_notes(ask))


def chart_summary(facets: Iterable[Facet], ask: Ask) -> Table:
    """Return one row a phase: its runs and how many points are outside their limits."""
    rows = [
        [_facet_name(each.facet, ask), each.phase.part, *_runs_cells(each.runs), sum(each.outside)]
        for each in _draw_all(facets, ask)
    ]
    return Table(("facet1", "part", *RUNS_COLUMNS, "n_sigma_signals"), rows, notes=_notes(ask))


def _notes(ask: Ask) -> tuple[str, ...]:
    notes = []
    if ask.kind in {"p", "u"}:
        notes.append(f"limits assume no variation between periods (--chart {ask.kind}p allows for it)")
    if ask.scale == "category":
        notes.append("x is text: rows are in code-point order, without moving ranges and runs analysis")
    return tuple(notes)


def _draw_all(facets: Iterable[Facet], ask: Ask) -> Iterator[_Drawn]:
    for facet in facets:
        _refuse(facet, ask)
        for phase in cut(facet, ask.layout, is_ordered=ask.scale != "category"):
            yield _draw_phase(facet.name, phase, ask)


def _draw_phase(name: str, phase: Phase, ask: Ask) -> _Drawn:
    limits = draw(ask.kind, phase, ask.setting)
    included = [value for value, is_in in zip(limits.y, phase.is_included, strict=True) if is_in]
    has_order = phase.is_ordered and ask.kind != "mr"
    runs = judge_runs(included, limits.cl[0], ask.runs_method)
    if not has_order:
        runs = replace(runs, has_signal=False)
    return _Drawn(name, phase, limits, runs, limits.is_outside, _zone_flags(limits, phase, ask))


def _zone_flags(limits: Limits, phase: Phase, ask: Ask) -> list[list[bool]]:
    """Return the flags of each point; excluded and missing points are stepped over, but limits hold for all.

    Limits without width tell a point beyond them, and nothing else: there is no distance in sigma.
    """
    places = [at for at, z in enumerate(limits.z) if phase.is_included[at] and not is_missing(z)]
    z, y = [limits.z[at] for at in places], [limits.y[at] for at in places]
    found: list[list[bool]] = [[] for _ in limits.z]
    for name in ask.flags:
        told = dict(zip(places, zones.flagged(name, z, y), strict=True))
        is_limit = name in {"WE1", "N1"}
        for at, cells in enumerate(found):
            beyond = is_limit and (
                limits.is_outside[at]
                if is_missing(limits.z[at])
                else zones.flagged(name, [limits.z[at]], [limits.y[at]])[0]
            )
            cells.append(told.get(at, False) or beyond)
    return found


def _runs_cells(runs: Runs) -> Row:
    limits = (runs.longest_run, runs.longest_run_max, runs.n_crossings, runs.n_crossings_min)
    return [runs.n_obs, runs.n_useful, *limits, runs.has_signal]


def _facet_name(name: str, ask: Ask) -> str | int:
    return name if ask.has_facets else 1


def _point_rows(drawn: _Drawn, ask: Ask) -> Iterator[Row]:
    phase, limits, times = drawn.phase, drawn.limits, ask.multiply
    shown = (limits.y, limits.cl, limits.lcl, limits.lcl_95, limits.ucl_95, limits.ucl)
    name, runs = _facet_name(drawn.facet, ask), _runs_cells(drawn.runs)
    for at, group in enumerate(phase.groups):
        row = [phase.first + at, group.x, name, phase.part, phase.is_baseline[at], phase.is_included[at]]
        row += [column[at] * times for column in shown]
        row += [*runs, drawn.outside[at]]
        if ask.presets:
            row += [limits.sigma[at] * times, *drawn.flags[at]]
        yield row


def _refuse(facet: Facet, ask: Ask) -> None:
    """Refuse values that a chart cannot show."""
    if ask.presets and ask.kind in WITHOUT_SIGMA:
        raise UsageError(f"rules {ask.presets[0]} need limits; the {ask.kind} chart has none.")
    for group in facet.groups:
        where = f"x = {group.label}" if not ask.has_facets else f"facet {facet.name}, x = {group.label}"
        message, remedy = _trouble(group, ask.kind, where)
        if message:
            raise UsageError(f"{ask.source(facet.name, group)}{ask.kind} chart: {message}", remedy=remedy)


def _trouble(group: Subgroup, kind: str, where: str) -> tuple[str, str]:
    """Say what a chart cannot show of a point, and what to do; nothing where it can."""
    if kind == "t" and group.y <= 0:
        return f"time between events must be above zero ({where}).", "Use the g chart for counts between events."
    if kind in {"p", "pp"} and group.num > group.n:
        remedy = "Correct the row, or use u or up for events that may outnumber the denominator."
        return f"numerator exceeds denominator at {where}.", remedy
    if kind in NEED_N and (group.num < 0 or group.n < 0 or (group.n == 0 and group.num > 0)):
        return f"a count below zero, or events without a denominator, at {where}.", "Correct the row."
    if kind in {"c", "g"} and group.y < 0:
        return f"a count below zero at {where}.", "Correct the value."
    return "", ""


@dataclass(frozen=True)
class NhsAsk:
    """What is asked of the NHS rules: how points are judged, where phases begin, factor of what is shown."""

    rule: nhs.Rule
    has_facets: bool = False
    rebase: tuple[str, ...] = ()
    multiply: float = 1.0


@dataclass(frozen=True)
class _NhsGroup:
    facet: str
    number: int
    is_latest: bool
    groups: tuple[Subgroup, ...]
    judged: nhs.Judged


def nhs_table(facets: Sequence[Facet], ask: NhsAsk) -> Table:
    """Return one row a point with its special cause."""
    rows = [row for group in _nhs_groups(facets, ask) for row in _nhs_rows(group, ask)]
    return Table(NHS_COLUMNS, rows, notes=_unknown_dates(facets, ask))


def nhs_summary(facets: Sequence[Facet], ask: NhsAsk) -> Table:
    """Return one row a facet and rebase group: limits, counts, variation and assurance."""
    rows = []
    for group in _nhs_groups(facets, ask):
        judged, counts = group.judged, group.judged.counts
        kinds = ("common_cause", "special_cause_improvement", "special_cause_concern")
        rows.append(
            [
                group.facet if ask.has_facets else None,
                *(judged.mean, judged.lpl, judged.upl, len(judged.kind)),
                *(counts[kind] for kind in kinds),
                judged.kind[-1],
                (nhs.assurance(judged, ask.rule) or None) if group.is_latest else None,
                group.number if ask.rebase else None,
            ]
        )
    return Table(NHS_SUMMARY_COLUMNS, rows, notes=_unknown_dates(facets, ask))


def _nhs_groups(facets: Iterable[Facet], ask: NhsAsk) -> Iterator[_NhsGroup]:
    for facet in facets:
        seen = [group for group in facet.groups if not is_missing(group.y)]
        starts = [at for at, group in enumerate(seen) if group.label in ask.rebase]
        bounds = [0, *starts, len(seen)]
        for number, (start, end) in enumerate(pairwise(bounds)):
            if end > start:
                piece = tuple(seen[start:end])
                judged = nhs.judge_group([group.y * ask.multiply for group in piece], ask.rule)
                yield _NhsGroup(facet.name, number, end == len(seen), piece, judged)


def _unknown_dates(facets: Iterable[Facet], ask: NhsAsk) -> tuple[str, ...]:
    known = {group.label for facet in facets for group in facet.groups if present([group.y])}
    return tuple(
        f"--rebase {day}: no row has this date; no group begins there" for day in ask.rebase if day not in known
    )


def _nhs_rows(group: _NhsGroup, ask: NhsAsk) -> Iterator[Row]:
    judged = group.judged
    name = group.facet if ask.has_facets else NO_FACET
    target = None if math.isnan(ask.rule.target) else ask.rule.target
    for at, member in enumerate(group.groups):
        yield [
            *(name, member.x, member.y * ask.multiply, group.number, judged.mean, judged.lpl, judged.upl),
            *(judged.is_outside[at], judged.side[at], judged.is_close[at], judged.cause[at]),
            *(judged.cause[at] != nhs.COMMON, judged.kind[at], target, judged.is_short),
        ]


def is_day(text: str) -> bool:
    """Say whether a text is a day of the calendar, written as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
