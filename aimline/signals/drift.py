"""Evaluate many series at once, as the warehouse holds them: columns in, columns out.

Series that belong together (one indicator, group and kind of unit) are a panel and share what is usual of them; all
tests of one cadence, day and visibility class are a batch and share the control of errors. The test is ``detector``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from aimline.signals.detector import LAMBDA, Asked, Policy, Watching, decide, district_tests, fixed_limit, tests_of
from aimline.signals.residuals import MIN_BASELINE, MIN_COMMON, Fitted, Flags, Floats, Panel, fit, natural

Ints = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]

NEEDED = ("panel_no", "unit_no", "period_ix", "batch_no", "numerator", "denominator")
"""Columns of a panel: which series belong together, whose, when, which tests are decided together, the figure."""

_DISTRICT_ARL0 = 320.0
_SHARE_OF_INTERVAL = 0.9  # upper end of an 80% interval


@dataclass(frozen=True)
class PanelRule:
    """How one panel is tested; what a batch is decided by is ``Policy``."""

    baseline: int = 20
    periods_per_year: int = 10
    kind: str = "proportion"
    min_denominator: float = 10.0
    min_effect: float = 0.0
    min_common: int = MIN_COMMON
    newest: float = LAMBDA
    spike: bool = False


@dataclass(frozen=True)
class PanelFit:
    """What was fitted of one panel: its parameters, and the tests of what all its units share."""

    panel_no: int
    n_units: int
    rho: float
    d0: float
    s0_sq: float
    season: list[float]
    common: list[float]
    district: list[dict[str, Any]]


@dataclass(frozen=True)
class Evaluated:
    """The evaluations, a list entry a monitored row of the panels, and the fits.

    Attributes:
        columns: ``row`` is the position of the figure in what came in; numbers are NaN where nothing was tested.
        fits: One a panel that could be fitted.
    """

    columns: dict[str, NDArray[Any]]
    fits: list[PanelFit] = field(default_factory=list)


def evaluate_batches(
    panel: Columns, rules: Mapping[int, PanelRule] | None = None, policy: Policy | None = None
) -> Evaluated:
    """Test every series at every monitored period, and decide batch by batch.

    Args:
        panel: The columns of ``NEEDED``, a row a figure, in any order; beside them, where there is one, ``is_over``:
            whether a departure was over at a figure, so that its unit's average begins anew after it.
        rules: How each panel is tested; the default for one that is not named.
        policy: How tests become alerts; the least effect of an alert is that of each panel.
    """
    _, number_of = np.unique(panel["panel_no"], return_inverse=True)
    order = np.argsort(number_of.astype(np.int16), kind="stable")  # of two bytes it counts and need not compare
    numbers = panel["panel_no"][order]
    starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]]) if len(numbers) else np.array([], dtype=int)
    fits: list[PanelFit] = []
    pieces: list[dict[str, NDArray[Any]]] = []
    for start, end in zip(starts, np.r_[starts[1:], len(numbers)], strict=True):
        number = int(numbers[start])
        rule = (rules or {}).get(number, PanelRule())
        laid = _laid_out(panel, order[start:end], rule)
        if laid.n_periods <= rule.baseline or rule.baseline < MIN_BASELINE:
            continue
        fitted = fit(laid.panel)
        fits.append(_told(number, laid, fitted))
        pieces += _pieces(laid, fitted, rule, _resets(laid, panel.get("is_over")))
    found = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]} if pieces else _nothing()
    return Evaluated(_decided(panel, found, rules or {}, policy or Policy()), fits)


@dataclass(frozen=True)
class _LaidOut:
    """A panel as two tables, and which row of what came in each cell is (-1: none)."""

    panel: Panel
    rows: Ints

    @property
    def n_periods(self) -> int:
        return int(self.rows.shape[1])


def _laid_out(panel: Columns, rows: Ints, rule: PanelRule) -> _LaidOut:
    units, unit_at = np.unique(panel["unit_no"][rows], return_inverse=True)
    period_at = panel["period_ix"][rows]
    shape = (len(units), int(period_at.max()) + 1)
    row_of = np.full(shape, -1, dtype=np.int64)
    row_of[unit_at, period_at] = rows
    numerator, denominator = (np.full(shape, np.nan) for _ in range(2))
    numerator[unit_at, period_at] = panel["numerator"][rows]
    denominator[unit_at, period_at] = panel["denominator"][rows]
    kind: Any = rule.kind
    made = Panel(numerator, denominator, rule.baseline, rule.periods_per_year, kind, rule.min_denominator)
    return _LaidOut(replace(made, min_common=rule.min_common), row_of)


def _told(number: int, laid: _LaidOut, fitted: Fitted) -> PanelFit:
    limit = fixed_limit(_DISTRICT_ARL0)
    district = [
        {"period_ix": each.period, "shift": each.shift, "p": each.p, "since_ix": each.since, "limit": limit,
         "is_signal": each.is_signal}
        for each in district_tests(laid.panel, fitted)
    ]  # fmt: skip
    shared = (fitted.season.tolist(), fitted.common.tolist(), district)
    return PanelFit(number, int(fitted.evaluable.sum()), fitted.rho, fitted.d0, fitted.s0_sq, *shared)


def _resets(laid: _LaidOut, over: NDArray[np.bool_] | None) -> dict[int, Flags]:
    """Return the units that begin anew after each period in which their departure was over."""
    if over is None or not over.any():
        return {}
    table = (laid.rows >= 0) & over[laid.rows]
    return {int(period): table[:, period] for period in np.flatnonzero(table.any(axis=0))}


def _pieces(
    laid: _LaidOut, fitted: Fitted, rule: PanelRule, resets: Mapping[int, Flags]
) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield the tests of each monitored period: of the units that have a figure there."""
    reach = stdtrit(fitted.df, _SHARE_OF_INTERVAL)
    for tests in tests_of(laid.panel, fitted, Watching(rule.newest, rule.spike, resets)):
        here = laid.rows[:, tests.period] >= 0
        ends = [natural(fitted, tests.shift + way * reach * tests.error, laid.panel.kind) for way in (-1, 1)]
        level = _level(fitted, laid.panel.kind)
        columns = {
            "row": laid.rows[:, tests.period],
            "changed_ix": tests.changed_at,
            "effect": tests.effect,
            "effect_low": ends[0],
            "effect_high": ends[1],
            "shift": tests.shift,
            "z": tests.z,
            "p": tests.p,
            "level_before": level,
            "level_after": level + tests.effect,
            "per_year": np.full(len(level), rule.periods_per_year),
            "newest": np.full(len(level), rule.newest),
            "spike": tests.spike,
        }
        yield {name: column[here] for name, column in columns.items()}


def _level(fitted: Fitted, kind: str) -> Floats:
    """Return each unit's level in natural units: a share, events in its mean exposure, or points."""
    if kind == "proportion":
        return np.asarray(1 / (1 + np.exp(-fitted.level)))
    return np.asarray(fitted.level**2 if kind == "count" else fitted.level)


def _nothing() -> dict[str, NDArray[Any]]:
    whole = {name: np.array([], dtype=np.int64) for name in ("row", "changed_ix", "per_year")}
    levels = ("level_before", "level_after", "newest", "spike")
    names = ("effect", "effect_low", "effect_high", "shift", "z", "p", *levels)
    return whole | {name: np.array([]) for name in names}


def _decided(
    panel: Columns, found: dict[str, NDArray[Any]], rules: Mapping[int, PanelRule], policy: Policy
) -> dict[str, NDArray[Any]]:
    """Add to each test what its batch decided."""
    n = len(found["row"])
    batches = panel["batch_no"][found["row"]]
    least = _least_effects(panel["panel_no"][found["row"]], rules)
    made = {
        "p_adjusted": np.full(n, np.nan),
        "threshold": np.full(n, np.nan),
        "expected_false": np.zeros(n),
        "n_tests": np.zeros(n, dtype=np.int64),
        "is_selected": np.zeros(n, dtype=bool),
        "is_watched": np.zeros(n, dtype=bool),
        "is_fixed_limit": np.zeros(n, dtype=bool),
    }
    for batch in np.unique(batches):
        at = np.flatnonzero(batches == batch)
        p = found["p"][at]
        matters = np.abs(np.nan_to_num(found["effect"][at])) >= least[at]
        asked = Asked(p, matters, found["newest"][at], found["spike"][at])
        decision = decide(asked, policy, int(found["per_year"][at].max()))
        made["p_adjusted"][at] = decision.p_adjusted
        made["threshold"][at] = decision.threshold
        made["expected_false"][at] = decision.expected_false
        made["n_tests"][at] = int(np.isfinite(p).sum())
        made["is_selected"][at] = decision.is_selected
        made["is_watched"][at] = decision.is_watched
        made["is_fixed_limit"][at] = decision.control == "fixed_limit"
    return found | made


def _least_effects(panels: Ints, rules: Mapping[int, PanelRule]) -> Floats:
    least = np.zeros(len(panels))
    for number, rule in rules.items():
        least[panels == number] = rule.min_effect
    return least
