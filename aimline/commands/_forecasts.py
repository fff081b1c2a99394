"""Turn a file and the words of the verb ``forecast`` into a table."""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from aimline.commands._panels import PanelColumns, PanelFile, read_panel
from aimline.commands._rows import RowFile, read_rows
from aimline.commands._signal_options import needed
from aimline.errors import UsageError
from aimline.signals.charting import Table
from aimline.signals.chronic import Assumed, Students, outlook
from aimline.signals.forecast import History, Question, forecast
from aimline.signals.waves import next_wave

POOLED_COLUMNS = ("unit", "p_meet", "median", "lo80", "hi80", "n_seen", "note")
CHRONIC_COLUMNS = ("unit", "p_meet", "median", "lo80", "hi80", "n_students", "n_already")
_DAYS_OF_A_YEAR = 366
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class ForecastWords:
    """What the command line says of a forecast; the fields are its options."""

    file: str
    unit: str
    target: str
    model: str
    period: str | None
    numerator: str | None
    denominator: str | None
    periods_per_year: int
    as_of_period: str | None
    lower_is_better: bool
    draws: int
    absent: str | None
    member: str | None
    remaining: str | None
    as_of: date | None


def forecast_table(words: ForecastWords) -> Table:
    """Return one row a unit, by unit."""
    return _chronic(words) if words.model == "chronic" else _of_panel(words)


def _of_panel(words: ForecastWords) -> Table:
    period = needed(words.period, "--period")
    columns = PanelColumns(
        words.unit,
        period,
        needed(words.numerator, "--numerator"),
        needed(words.denominator, "--denominator"),
        words.as_of,
        _target_column(words.target),
    )
    read = read_panel(words.file, columns)
    at = _position(read, words.as_of_period)
    history = History(read.numerator[:, : at + 1], read.denominator[:, : at + 1], words.periods_per_year)
    target = _newest(read, at) if read.extra is not None else np.full(len(read.units), float(_number(words.target)))
    question = Question(target, words.lower_is_better, words.draws, f"||{read.periods[at]}")
    found = next_wave(history, question) if words.model == "survey" else forecast(history, question)
    numbers = (each.tolist() for each in (found.p_meet, found.median, found.low, found.high, found.n_seen))
    rows = [list(row) for row in zip(read.units, *numbers, [note or None for note in found.note], strict=True)]
    widened = () if found.widening == 1 else (f"intervals widened by {found.widening:.3g}, as past years were missed",)
    notes = (*_above(read, at), *widened)
    return Table(POOLED_COLUMNS, rows, {"as_of_period": read.periods[at], "widening": found.widening}, notes)


def _above(read: PanelFile, at: int) -> tuple[str, ...]:
    """Say which rows up to a period are no share of anybody, and so are left out."""
    lines = [line for line, place in read.above if place <= at]
    rows = "1 row is" if len(lines) == 1 else f"{len(lines)} rows are"
    return (f"{rows} left out, first in line {lines[0]}: the numerator is above the denominator",) if lines else ()


def _position(read: PanelFile, wanted: str | None) -> int:
    if wanted is None:
        return len(read.periods) - 1
    if wanted not in read.periods:
        raise UsageError(
            f"--as-of-period {wanted[:40]} is no period of the file.",
            remedy=f"Its periods run from {read.periods[0]} to {read.periods[-1]}.",
        )
    return read.periods.index(wanted)


def _target_column(target: str) -> str | None:
    return target[1:] if target.startswith("@") else None


def _number(target: str) -> Fraction:
    if not _NUMBER.fullmatch(target):
        raise UsageError(f"--target {target[:40]} is not a number.", remedy="Write a number, or @ and a column.")
    if not 0 <= float(target) <= 1:
        raise UsageError(
            f"--target {target[:40]} is not between 0 and 1.", remedy="Write rates as fractions: 0.95 for 95%."
        )
    if float(target) == 0:  # an exact fraction of 1e-999999999 would fill the memory
        return Fraction(0)
    return Fraction(target)


def _newest(read: PanelFile, at: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the newest target each unit has up to a period."""
    found = np.full(len(read.units), np.nan)
    if read.extra is not None:
        for column in read.extra[:, : at + 1].T:
            found = np.where(np.isfinite(column), column, found)
    return found


def _chronic(words: ForecastWords) -> Table:
    file = read_rows(words.file)
    target = _number(words.target)
    names = np.array(file.names(words.unit))
    absent, member, remaining = (
        np.array(file.counts(needed(column, option)))
        for column, option in (
            (words.absent, "--absent"),
            (words.member, "--member"),
            (words.remaining, "--remaining"),
        )
    )
    _refuse_students(file, absent, member, remaining)
    rows = []
    for unit in sorted(set(names.tolist())):
        here = names == unit
        found = outlook(Students(absent[here], member[here], remaining[here]), target, Assumed())
        rows.append([unit, found.p_meet, found.median, found.low, found.high, found.n_students, found.n_already])
    return Table(CHRONIC_COLUMNS, rows)


def _refuse_students(file: RowFile, absent: np.ndarray, member: np.ndarray, remaining: np.ndarray) -> None:
    """Refuse rows that cannot be: the line is told, no value of a student is."""
    for line, a, d, r in zip(file.lines, absent.tolist(), member.tolist(), remaining.tolist(), strict=True):
        if not (a <= d <= _DAYS_OF_A_YEAR and r.is_integer() and r <= _DAYS_OF_A_YEAR):
            raise UsageError(
                f"{file.name} line {line}: expected absent days, at least as many member days, and whole days "
                f"remaining; no year has more than {_DAYS_OF_A_YEAR}.",
                remedy="Correct the row.",
            )
