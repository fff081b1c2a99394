"""Read a panel of units and periods from a file, and turn what the engine finds into a table."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from aimline.commands._rows import RowFile, places_of, read_rows, until
from aimline.errors import UsageError
from aimline.signals.charting import Table
from aimline.signals.detector import Batch, Detected, Policy, detect, kind_of, rounded_up
from aimline.signals.residuals import MIN_BASELINE, Kind, Panel, usable_cells

DETECT_COLUMNS = (
    *("unit", "period", "effect", "z", "p", "p_adjusted", "selected", "tier", "kind", "control", "changed_on"),
)
_MIN_UNITS = 2


@dataclass(frozen=True)
class PanelColumns:
    """Which columns of a file hold a panel, the last day that is known, and one more column of shares.

    Numerators are counts unless they are sums of scores, which may be below zero; denominators always are.
    """

    unit: str
    period: str
    numerator: str
    denominator: str
    as_of: date | None = None
    extra: str | None = None
    has_scores: bool = False


@dataclass(frozen=True)
class PanelFile:
    """A panel as read: units and periods in order, a row a unit and a column a period; NaN where nothing was told.

    A period is text to look it up by, and a number where it is shown, if the file holds numbers. ``above`` has the
    lines of rows whose numerator is above their denominator, each with the place of its period.
    """

    units: list[str]
    periods: list[str]
    shown: list[Any]
    numerator: NDArray[np.float64]
    denominator: NDArray[np.float64]
    extra: NDArray[np.float64] | None = None
    above: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class DetectWords:
    """What the command line says of a detector; the fields are its options."""

    file: str
    unit: str
    period: str
    numerator: str
    denominator: str
    baseline: int
    q: float
    watch_q: float
    method: str
    direction: str
    budget: float | None
    periods_per_year: int
    kind: str
    min_denominator: float
    min_effect: float
    season: bool
    common: bool
    as_of: date | None


def read_panel(name: str, columns: PanelColumns) -> PanelFile:
    """Read a panel: one row a unit and period at most."""
    file = until(read_rows(name), columns.period, columns.as_of)
    names = file.names(columns.unit)
    places = places_of(file, columns.period, names)
    d = file.numbers(columns.numerator) if columns.has_scores else file.counts(columns.numerator)
    n = file.counts(columns.denominator)
    units = sorted(set(names))
    labels = dict(sorted(zip(places.keys, places.labels, strict=True)))
    row_of = {unit: at for at, unit in enumerate(units)}
    column_of = {key: at for at, key in enumerate(labels)}
    _refuse_twice(file, names, places.labels)
    where = ([row_of[unit] for unit in names], [column_of[key] for key in places.keys])

    def laid_out(values: list[float]) -> NDArray[np.float64]:
        found = np.full((len(units), len(labels)), np.nan)
        found[where] = values
        return found

    extra = laid_out(file.shares(columns.extra)) if columns.extra else None
    shown = list(labels) if places.scale == "numeric" else list(labels.values())
    rows = zip(file.lines, where[1], d, n, strict=True)
    above = tuple((line, at) for line, at, part, whole in rows if part > whole)
    return PanelFile(units, list(labels.values()), shown, laid_out(d), laid_out(n), extra, above)


def _refuse_twice(file: RowFile, names: list[str], labels: list[str]) -> None:
    lines: dict[tuple[str, str], int] = {}
    for unit, label, line in zip(names, labels, file.lines, strict=True):
        first = lines.setdefault((unit, label), line)
        if first != line:
            same = [
                each
                for each, name, other in zip(file.lines, names, labels, strict=True)
                if (name, other) == (unit, label)
            ]
            told = ", ".join(map(str, same))
            raise UsageError(
                f"{file.name}: unit {unit} has {len(same)} rows for period {label} (lines {told}).",
                remedy="Leave one row of each unit and period, or add them up.",
            )


def detect_table(words: DetectWords) -> Table:
    """Return one row a unit and monitored period, by unit and period."""
    own = (words.unit, words.period, words.numerator, words.denominator, words.as_of)
    columns = PanelColumns(*own, has_scores=words.kind == "score")
    read = read_panel(words.file, columns)
    _check(words, read)
    panel = Panel(
        read.numerator,
        read.denominator,
        words.baseline,
        words.periods_per_year,
        cast("Kind", words.kind),
        words.min_denominator,
        words.season,
        words.common,
    )
    policy = Policy(
        words.q, words.watch_q, cast("Any", words.method), cast("Any", words.direction), words.budget, words.min_effect
    )
    found = detect(panel, policy)
    by_unit = [_batch_rows(batch, read, policy) for batch in found.batches]
    rows = [rows[at] for at in range(len(read.units)) for rows in by_unit]
    return Table(DETECT_COLUMNS, rows, _summary(found), _notes(found, read, panel))


def _check(words: DetectWords, read: PanelFile) -> None:
    if words.baseline < MIN_BASELINE:
        raise UsageError(f"--baseline must be at least {MIN_BASELINE} periods.", remedy="Give more.")
    if words.baseline >= len(read.periods):
        raise UsageError(
            f"--baseline {words.baseline} leaves no monitored period (file has {len(read.periods)}).",
            remedy=f"Give fewer, at least {MIN_BASELINE}, or a file with later periods.",
        )
    if len(read.units) < _MIN_UNITS:
        raise UsageError("detect compares units: give at least 2, or use chart and ewma for one series.")


def _batch_rows(batch: Batch, read: PanelFile, policy: Policy) -> list[list[Any]]:
    """Return the rows of one period, in the order of the units."""
    columns = (batch.effect, batch.z, batch.p, batch.p_adjusted, batch.is_selected, batch.is_watched, batch.changed_at)
    rows = []
    for unit, effect, z, p, adjusted, selected, watched, since in zip(
        read.units, *(column.tolist() for column in columns), strict=True
    ):
        is_tested = since >= 0
        tier = "alert" if selected else "watch" if watched else "none" if is_tested else "insufficient"
        kind = kind_of(effect, policy.direction) if selected or watched else None
        changed_on = read.shown[since] if is_tested else None
        cells = (effect, z, p, adjusted, selected, tier, kind, batch.control, changed_on)
        rows.append([unit, read.shown[batch.period], *cells])
    return rows


def _summary(found: Detected) -> dict[str, Any]:
    newest = found.batches[-1]
    return {
        "rho": found.fitted.rho,
        "d0": found.fitted.d0,
        "s0_sq": found.fitted.s0_sq,
        "control": newest.control,
        "n_units": len(found.fitted.evaluable),
        "n_evaluable": int(found.fitted.evaluable.sum()),
        "n_tests": newest.n_tests,
        "n_alerts": int(newest.is_selected.sum()),
        "expected_false": rounded_up(newest.expected_false),
    }


def _notes(found: Detected, read: PanelFile, panel: Panel) -> tuple[str, ...]:
    fitted, newest = found.fitted, found.batches[-1]
    n_alerts = int(newest.is_selected.sum())
    told_of = f"{n_alerts} alerts; about {rounded_up(newest.expected_false)} expected false"
    notes = [
        f"rho {fitted.rho:.4g}, d0 {_number(fitted.d0)}, s0_sq {_number(fitted.s0_sq)}, control {newest.control}",
        f"period {read.periods[newest.period]}: {told_of}",
    ]
    notes += [
        f"district event in period {read.periods[event.period]}: what all units share shifted by {event.shift:.3g} "
        f"(p {event.p:.2g})"
        for event in found.events
    ]
    told = np.isfinite(panel.numerator) & np.isfinite(panel.denominator)
    if n_left_out := int((told & ~usable_cells(panel)).sum()):
        cells = "cell" if n_left_out == 1 else "cells"
        notes.append(f"{n_left_out} {cells} left out: fewer than {panel.min_denominator:g}, or numbers that do not fit")
    if n_short := int((~fitted.evaluable).sum()):
        who, is_out = ("unit has", "is") if n_short == 1 else ("units have", "are")
        notes.append(f"{n_short} {who} too short a baseline, or never moved, and {is_out} not evaluated")
    return tuple(notes)


def _number(fitted: float) -> str:
    return "not known" if np.isnan(fitted) else f"{fitted:.4g}"
