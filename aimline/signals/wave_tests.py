"""Test waves of a survey against the same wave of the year before.

Waves come a few times a year, so no level is fitted: what is usual is what the other units changed by. Source:
signals.md 10.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from scipy.special import stdtr

from aimline.signals.alert_states import DISTRICT
from aimline.signals.control import adjust, two_sided
from aimline.signals.detector import rounded_up
from aimline.signals.rank import Weight, priority
from aimline.signals.tested import PLACE, day_of, kind_of, stored, tier_of, whole

Row = Mapping[str, Any]

DESIGN_EFFECT = 1.5
"""Least variance of a survey, in that of a simple random sample."""

Q = 0.10
MIN_COMMON = 15
MIN_WAVES = 3
_DISTRICT_P = 0.01
_Z80 = 1.2816


@dataclass(frozen=True)
class _Change:
    """One unit's change since the same wave of the year before, on the scale of the test; NaN where there is none."""

    now: Row
    before: float
    delta: float
    variance: float
    common: float = 0.0
    between: float = 0.0
    df: float = math.inf

    @property
    def p(self) -> float:
        """Return the chance of such a change; of few units, how they vary is not known well (Student's t)."""
        return two_sided(self.z) if math.isinf(self.df) else 2 * float(stdtr(self.df, -abs(self.z)))

    @property
    def error(self) -> float:
        """Return the standard error of the change beside that of the other units."""
        return math.sqrt(self.variance + self.between)

    @property
    def z(self) -> float:
        """Return the change beside that of the other units, in its standard error; NaN where nothing is tested."""
        return (self.delta - self.common) / self.error if self.error > 0 else math.nan

    def natural(self, away: float) -> float:
        """Return a change of the scale in the unit of the figure."""
        if self.now["value_unit"] != "share":
            return away
        return _expit(_logit(self.before) + away) - self.before


def _logit(share: float) -> float:
    kept = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def survey_tests(rows: Iterable[Row], district_id: str, watch_q: float = 0.20) -> list[dict[str, Any]]:
    """Test every wave of this year; all tests that end on one day share the control of errors.

    Args:
        rows: Rows of ``int_signals__waves`` that are of surveys, of all years.
        district_id: Whose event it is when all units changed.
        watch_q: Share of false ones on the watch list.
    """
    batches: dict[Any, list[_Change]] = defaultdict(list)
    found: list[dict[str, Any]] = []
    for changes in _waves(list(rows)):
        beside, mean, error = _beside_others(changes)
        batches[day_of(changes[0].now["period_on"])] += beside
        found.append(_district_row(changes, (mean, error), district_id))
    for _, tested in sorted(batches.items()):
        found += _decided(tested, watch_q)
    return [whole(row) for row in sorted(found, key=order_of)]


def order_of(row: Row) -> tuple[Any, ...]:
    """Return what the rows of tests are sorted by."""
    return (row["period_on"], row["indicator_id"], row["unit_id"], row["group_id"])


def _waves(rows: Sequence[Row]) -> Iterator[list[_Change]]:
    """Yield the changes of each indicator, group and wave of this year."""
    known = {(*series_of(row), row["school_year"], row["wave"]): row for row in rows}
    days: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        days[series_of(row)].append(day_of(row["period_on"]))
    waves: dict[tuple[Any, ...], list[_Change]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: (each["indicator_id"], each["group_id"], each["unit_id"])):
        if not row["is_current"]:
            continue
        seen = sum(day < day_of(row["period_on"]) for day in days[series_of(row)])
        before = known.get((*series_of(row), row["school_year"] - 1, row["wave"]))
        place = (day_of(row["period_on"]), row["indicator_id"], row["group_id"], row["wave"])
        waves[place].append(_change(row, before if seen >= MIN_WAVES else None))
    for place in sorted(waves):
        yield waves[place]


def series_of(row: Row) -> tuple[Any, ...]:
    """Return what the waves of a series have in common."""
    return (row["indicator_id"], row["unit_id"], row["group_id"])


def _change(now: Row, before: Row | None) -> _Change:
    """Return the change since last year's wave; another edition of the questionnaire cannot tell."""
    nothing = _Change(now, math.nan, math.nan, math.nan)
    if before is None or before["edition"] != now["edition"]:
        return nothing
    if min(_answers(now), _answers(before)) < now["min_denominator"]:
        return nothing
    level = float(before["value"])
    if now["value_unit"] != "share":
        if now["se"] is None or before["se"] is None:
            return nothing
        return _Change(now, level, float(now["value"]) - level, DESIGN_EFFECT * (now["se"] ** 2 + before["se"] ** 2))
    counts = [(float(row["value"]) * _answers(row), _answers(row)) for row in (now, before)]
    delta = math.log((counts[0][0] + 0.5) / (counts[0][1] - counts[0][0] + 0.5))
    delta -= math.log((counts[1][0] + 0.5) / (counts[1][1] - counts[1][0] + 0.5))
    variance = math.fsum(1 / (x + 0.5) + 1 / (n - x + 0.5) for x, n in counts)
    return _Change(now, level, delta, _design_effect(before) * variance)


def _answers(row: Row) -> float:
    return float(row["n_answers"] or 0)


def _design_effect(before: Row) -> float:
    """Return by how much answers of one unit vary more than drawn ones, as last year's wave told; at least 1.5."""
    return max(DESIGN_EFFECT, _answers(before) / before["n_effective"]) if before["n_effective"] else DESIGN_EFFECT


def _beside_others(changes: Sequence[_Change]) -> tuple[list[_Change], float, float]:
    """Return the changes with what the other units changed by and vary by; the mean change and its standard error.

    A unit is compared with the others alone: of few, one that moved far would else make all of them seem to vary.
    """
    seen = [each for each in changes if each.variance > 0]
    if not seen:
        return list(changes), math.nan, math.nan
    whole_sums = _Sums.of(seen)
    beside = []
    for each in changes:
        others = whole_sums.without(each) if each.variance > 0 and len(seen) > 1 else whole_sums
        common = others.mean if len(seen) >= MIN_COMMON else 0.0
        df = math.inf if len(seen) >= MIN_COMMON else max(len(seen) - 2, 1)
        beside.append(replace(each, common=common, between=others.between, df=df))
    return beside, whole_sums.mean, math.sqrt(1 / whole_sums.w + whole_sums.between / len(seen))


@dataclass(frozen=True)
class _Sums:
    """Sums over units of weights, weighted changes, their squares, and squared weights (DerSimonian and Laird 1986)."""

    n: int
    w: float
    wd: float
    wdd: float
    ww: float

    @classmethod
    def of(cls, changes: Sequence[_Change]) -> "_Sums":
        weights = [1 / each.variance for each in changes]
        pairs = list(zip(weights, changes, strict=True))
        return cls(
            len(pairs),
            math.fsum(weights),
            math.fsum(w * each.delta for w, each in pairs),
            math.fsum(w * each.delta**2 for w, each in pairs),
            math.fsum(w**2 for w in weights),
        )

    def without(self, one: _Change) -> "_Sums":
        """Return the sums of the other units."""
        w = 1 / one.variance
        return _Sums(self.n - 1, self.w - w, self.wd - w * one.delta, self.wdd - w * one.delta**2, self.ww - w**2)

    @property
    def mean(self) -> float:
        """Return the weighted mean change."""
        return self.wd / self.w

    @property
    def between(self) -> float:
        """Return the variance of changes beyond sampling."""
        room = self.w - self.ww / self.w
        if self.n < 2 or room <= 0:  # noqa: PLR2004 - a spread takes two
            return 0.0
        return max(0.0, (self.wdd - self.wd**2 / self.w - (self.n - 1)) / room)


def _decided(tested: Sequence[_Change], watch_q: float) -> list[dict[str, Any]]:
    """Return the rows of a batch: which changes are alerts."""
    p_values = [each.p for each in tested]
    adjusted = adjust(p_values)
    least = [abs(each.natural(each.delta - each.common)) >= each.now["min_effect"] for each in tested]
    selected = [q <= Q and matters for q, matters in zip(adjusted, least, strict=True)]
    people = [each.now["n_people"] for each in tested if each.now["n_people"]]
    batch = {
        "n_tests": sum(not math.isnan(p) for p in p_values),
        "expected_false": rounded_up(Q * sum(selected)),
        "people": median(people) if people else None,
    }
    told = map(_Chances, p_values, adjusted, selected, (q <= watch_q for q in adjusted))
    return [_row(change, chances, batch) for change, chances in zip(tested, told, strict=True)]


@dataclass(frozen=True)
class _Chances:
    """What a batch decided of one change."""

    p: float
    p_adjusted: float
    is_selected: bool
    is_watched: bool


def _row(change: _Change, chances: _Chances, batch: Mapping[str, Any]) -> dict[str, Any]:
    now, away = change.now, change.delta - change.common
    is_tested = not math.isnan(chances.p)
    effect = stored(change.natural(away)) if is_tested else None
    ends = [stored(change.natural(away + way * _Z80 * change.error)) if is_tested else None for way in (-1, 1)]
    kind = kind_of(now["better"], effect) if effect is not None else None
    row = place_of(now) | {
        "effect": effect,
        "effect_low": ends[0],
        "effect_high": ends[1],
        "z": stored(change.z),
        "p": stored(chances.p),
        "p_adjusted": stored(chances.p_adjusted),
        "threshold": Q,
        "level_before": stored(change.before),
        "level_after": None if effect is None else stored(change.before + effect),
        "tier": tier_of(is_tested=is_tested, is_selected=chances.is_selected, is_watched=chances.is_watched),
        "kind": kind,
        "is_selected": chances.is_selected,
        "changed_on": day_of(now["period_on"]) if is_tested else None,
        "n_tests": batch["n_tests"],
        "expected_false": batch["expected_false"],
        "n_people": now["n_people"],
    }
    if effect is not None:
        people = now["n_people"]
        size = (effect, now["smallest_change"], people, batch["people"])
        row["priority"] = stored(priority(Weight(chances.p_adjusted, *size, is_concern=kind == "concern")))
        row["students_equivalent"] = None if people is None else stored(abs(effect) * people)
    return row


def place_of(now: Row) -> dict[str, Any]:
    """Return what a test says of where and when it is."""
    return {name: now[name] for name in PLACE} | {
        "class_id": "public",
        "period_on": day_of(now["period_on"]),
        "control": "bh",
        "causes": [],
    }


def _district_row(changes: Sequence[_Change], told: tuple[float, float], district_id: str) -> dict[str, Any]:
    """Return the test of what all units changed by."""
    first = changes[0]
    mean, error = told
    seen = [each for each in changes if each.variance > 0]
    p = two_sided(mean / error) if len(seen) > 1 and error > 0 else math.nan
    is_tested = not math.isnan(p)
    is_selected = is_tested and p < _DISTRICT_P
    level = median(each.before for each in seen) if seen else math.nan
    effect = replace(first, before=level).natural(mean) if is_tested else math.nan
    return place_of(first.now) | {
        "figure_id": "|".join(("common", first.now["indicator_id"], first.now["group_id"], first.now["window_id"])),
        "unit_type": "district",
        "unit_id": district_id,
        "effect": stored(effect),
        "z": stored(mean / error) if is_tested else None,
        "p": stored(p),
        "threshold": _DISTRICT_P,
        "level_before": stored(level),
        "level_after": stored(level + effect),
        "tier": tier_of(is_tested=is_tested, is_selected=is_selected, is_watched=False),
        "kind": DISTRICT if is_tested else None,
        "is_selected": is_selected,
        "changed_on": day_of(first.now["period_on"]) if is_tested else None,
        "n_tests": 1,
        "expected_false": 0,
        "n_units": len(seen),
    }
