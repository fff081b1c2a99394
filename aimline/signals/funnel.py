"""Compare units in a funnel, allowing for their common over-dispersion.

Source: Spiegelhalter, Statistics in Medicine 24 (2005); Quality and Safety in Health Care 14 (2005). Anchor:
FunnelPlotR 0.6.0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from aimline.errors import UsageError
from aimline.signals.charting import Table
from aimline.signals.control import adjust, two_sided
from aimline.signals.series import NAN

Kind = Literal["pr", "cqc", "shmi"]

COLUMNS = (
    *("group", "numerator", "denominator", "rr", "Y", "s", "Uzscore", "winsorised", "Wuzscore"),
    *("LCL95", "UCL95", "LCL99", "UCL99", "OD95LCL", "OD95UCL", "OD99LCL", "OD99UCL", "outlier", "truncated"),
    *("z_od", "p", "p_adjusted", "selected", "shrunk"),
)
SUMMARY_COLUMNS = ("phi", "tau2", "target", "n_units", "n_outliers")
WIDE = 25.0
"""Units that vary more than this, in variances of chance, are not judged as outliers."""

_Q = 0.05
_REACH = {"95": 1.959964, "99": 3.090232}
_TAIL = {"95": 0.05, "99": 0.002}


@dataclass(frozen=True)
class Ask:
    """What is asked of a funnel: proportions or ratios, trimmed share, limit that makes an outlier, over-dispersion."""

    kind: Kind = "pr"
    trim: float = 0.1
    limit: Literal["95", "99"] = "99"
    adjusted: bool = True


@dataclass(frozen=True)
class _Unit:
    """One unit on the scale of the test: its distance is made of y, its standard error and the target."""

    name: str
    num: float
    den: float
    y: float
    s: float
    z: float
    z_kept: float = NAN
    is_cut: bool = False


@dataclass(frozen=True)
class _Spread:
    """How much units vary beyond chance: phi in variances of chance, tau2 as a variance of their own."""

    target: float
    phi: float
    tau2: float


def funnel_table(units: Sequence[tuple[str, float, float]], ask: Ask) -> Table:
    """Return one row a unit, by name.

    Args:
        units: Name, numerator and denominator (observed and expected for ratios); rows of one name are added up.
        ask: What is asked.
    """
    found = _trimmed(_scaled(_added_up(units), ask), ask)
    spread = _spread(found, ask)
    rows = [_row(unit, spread, ask) for unit in found]
    p_values = [two_sided(row[-1]) for row in rows]
    for row, p, p_adjusted, unit in zip(rows, p_values, adjust(p_values), found, strict=True):
        row += [p, p_adjusted, p_adjusted <= _Q, _shrunk(unit, spread, ask.kind)]
    summary = {
        "phi": spread.phi,
        "tau2": spread.tau2,
        "target": _back(spread.target, ask.kind),
        "n_units": len(rows),
        "n_outliers": sum(row[COLUMNS.index("outlier")] for row in rows),
    }
    notes = ("Schools differ widely; an outlier test is not useful here.",) if spread.phi > WIDE else ()
    return Table(COLUMNS, rows, summary, notes)


def funnel_summary(table: Table) -> Table:
    """Return the one row about all units."""
    return replace(table, columns=SUMMARY_COLUMNS, rows=[[table.summary[name] for name in SUMMARY_COLUMNS]])


def _added_up(units: Sequence[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    parts: dict[str, list[tuple[float, float]]] = {}
    for name, num, den in units:
        if not math.isnan(num) and not math.isnan(den) and (num or den):
            parts.setdefault(name, []).append((num, den))
    return [
        (name, math.fsum(num for num, _ in rows), math.fsum(den for _, den in rows))
        for name, rows in sorted(parts.items())
    ]


def _scaled(units: Sequence[tuple[str, float, float]], ask: Ask) -> list[_Unit]:
    for name, num, den in units:
        if den <= 0 or num < 0 or (ask.kind == "pr" and num > den) or (ask.kind == "shmi" and num == 0):
            raise UsageError(
                f"funnel: unit {name} has numerator {num:g} and denominator {den:g}.",
                remedy="Expected a denominator above zero and a numerator that fits it (above zero with shmi).",
            )
    if not units:
        raise UsageError("funnel: no unit has both a numerator and a denominator.", remedy="Fill in the columns.")
    target = _target(units, ask.kind)
    return [_scaled_unit(each, ask.kind, target) for each in units]


def _target(units: Sequence[tuple[str, float, float]], kind: Kind) -> float:
    if kind == "pr":
        return math.asin(math.sqrt(math.fsum(num for _, num, _ in units) / math.fsum(den for _, _, den in units)))
    return 1.0 if kind == "cqc" else 0.0


def _scaled_unit(unit: tuple[str, float, float], kind: Kind, target: float) -> _Unit:
    name, num, den = unit
    if kind == "pr":
        y, s = math.asin(math.sqrt(num / den)), 1 / (2 * math.sqrt(den))
    elif kind == "cqc":
        y, s = math.sqrt(num / den), 1 / (2 * math.sqrt(den))
    else:
        den = round(den, 2)
        y, s = math.log(num / den), 1 / math.sqrt(den)
    return _Unit(name, num, den, y, s, (y - target) / s)


def _trimmed(units: list[_Unit], ask: Ask) -> list[_Unit]:
    """Winsorise the distances of the most extreme units, or leave these units out (shmi)."""
    if ask.kind == "shmi":
        return _truncated(units, ask.trim)
    ordered = sorted(unit.z for unit in units)
    low, high = _quantile(ordered, ask.trim), _quantile(ordered, 1 - ask.trim)
    return [replace(unit, z_kept=min(max(unit.z, low), high), is_cut=not low < unit.z < high) for unit in units]


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, linear between them (type 7 of Hyndman and Fan 1996)."""
    place = (len(ordered) - 1) * share
    low = math.floor(place + 4e-16 * (len(ordered) - 1))
    high = min(low + 1, len(ordered) - 1)
    part = max(0.0, place - low)
    return ordered[low] + part * (ordered[high] - ordered[low]) if part else ordered[low]


def _truncated(units: list[_Unit], trim: float) -> list[_Unit]:
    bins = 1 / trim
    ordered = sorted(unit.z for unit in units)
    found = []
    for unit in units:
        below = ordered.index(unit.z)
        rank = below + (ordered.count(unit.z) + 1) / 2
        place = math.floor(rank * bins / (len(units) + 1))
        is_cut = not 0 < place < bins - 1
        found.append(replace(unit, z_kept=NAN if is_cut else unit.z, is_cut=is_cut))
    return found


def _spread(units: list[_Unit], ask: Ask) -> _Spread:
    target = _target([(unit.name, unit.num, unit.den) for unit in units], ask.kind)
    kept = [unit for unit in units if not math.isnan(unit.z_kept)]
    if not ask.adjusted or not kept:
        return _Spread(target, 0.0, 0.0)
    n = len(kept)
    phi = math.fsum(unit.z_kept**2 for unit in kept) / n
    weights = [1 / unit.s**2 for unit in kept]
    total = math.fsum(weights)
    room = total - math.fsum(weight**2 for weight in weights) / total
    excess = n * phi - (n - 1)
    return _Spread(target, phi, excess / room if excess > 0 and room > 0 else 0.0)


def _back(y: float, kind: Kind) -> float:
    """Return a value of the test's scale as a share or ratio."""
    if kind == "pr":
        return math.sin(y) ** 2
    return y**2 if kind == "cqc" else math.exp(y)


def _shrunk(unit: _Unit, spread: _Spread, kind: Kind) -> float:
    """Return the unit's value drawn towards the target, the more the less it tells."""
    keep = spread.tau2 / (spread.tau2 + unit.s**2)
    return _back(spread.target + keep * (unit.y - spread.target), kind)


def _limits(unit: _Unit, level: str, spread: _Spread, kind: Kind) -> tuple[float, float]:
    reach = _REACH[level] * math.sqrt(unit.s**2 + spread.tau2)
    if kind == "pr":
        low, high = max(0.0, spread.target - reach), min(math.pi / 2, spread.target + reach)
        return math.sin(low) ** 2, math.sin(high) ** 2
    if kind == "cqc":
        return 1 - reach, 1 + reach
    return math.exp(-reach), math.exp(reach)


def _plain_limits(unit: _Unit, level: str, spread: _Spread, kind: Kind) -> tuple[float, float]:
    """Return limits without over-dispersion; for ratios those of a Poisson count."""
    if kind == "pr":
        return _limits(unit, level, replace(spread, tau2=0.0), kind)
    from scipy.special import gammaincinv

    tail = _TAIL[level] / 2
    return float(gammaincinv(unit.den, tail)) / unit.den, float(gammaincinv(unit.den + 1, 1 - tail)) / unit.den


def _row(unit: _Unit, spread: _Spread, ask: Ask) -> list[Any]:
    plain = [_plain_limits(unit, level, spread, ask.kind) for level in ("95", "99")]
    wide = [_limits(unit, level, spread, ask.kind) for level in ("95", "99")]
    at = 0 if ask.limit == "95" else 1
    low, high = (wide if ask.adjusted and spread.phi > 1 else plain)[at]
    rate = unit.num / unit.den
    is_winsorised: list[Any] = [None, int(unit.is_cut)] if ask.kind == "shmi" else [int(unit.is_cut), None]
    return [
        *(unit.name, unit.num, unit.den, rate, unit.y, unit.s, unit.z, is_winsorised[0], unit.z_kept),
        *(*plain[0], *plain[1], *wide[0], *wide[1], int(rate < low or rate > high), is_winsorised[1]),
        (unit.y - spread.target) / math.sqrt(unit.s**2 + spread.tau2),
    ]
