"""Say how likely an anchor is made, from how long such steps took before.

Every draw is a whole year walked forward with other lengths. Few records of a step on the critical path mean that
nobody can tell yet, whatever the number says. Source: schedule.md 7.6.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from itertools import product
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

from aimline.schedule.graph import Anchor, Edge, Graph, Node
from aimline.schedule.planner import Plan

if TYPE_CHECKING:
    import numpy as np

N_DRAWS = 10_000
PRIOR_WEIGHT = 5
"""How much the default length of a step counts beside what was recorded (parameter)."""

FEW = 5
"""Records of a step below which nobody can tell (parameter)."""

_PRIOR = ((0.8, 1), (1.0, 3), (1.6, 1))
_WORDS = ((0.95, "clear"), (0.80, "likely"), (0.50, "possible"))
_UNKNOWN = "cannot_tell"
_Z = 1.959963984540054
_DECLARED = frozenset({"window", "late_accept"})
"""Kinds that last as long as is declared, unless records say otherwise."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Records:
    """How long steps took before.

    Attributes:
        units: Kind → how many of its units each one took.
        prior_weight: How much the default counts beside them.
    """

    units: Mapping[str, Sequence[int]] = field(default_factory=dict)
    prior_weight: float = PRIOR_WEIGHT


@dataclass(frozen=True)
class Chance:
    """The probability of making an anchor, its 95 % interval, a word for how sure that is, and what was last."""

    probability: float
    low: float
    high: float
    certainty: str
    most_often_last: tuple[str, ...] = ()


def records_of(events: Iterable[Mapping[str, Any]]) -> Records:
    """Return the records that ``obligation_done`` events hold; each step of each year counts once, as last told."""
    newest: dict[tuple[Any, Any], Mapping[str, Any]] = {}
    for each in events:
        newest[each.get("school_year"), each["id"]] = each
    units: dict[str, list[int]] = {}
    for each in newest.values():
        units.setdefault(each["kind"], []).append(int(each["n_units"]))
    return Records(units)


def chance_of(plan: Plan, anchor: Anchor, district: str, records: Records) -> Chance | None:
    """Return the chance of an anchor by simulation; None of one that is over."""
    import numpy as np

    if anchor.on < plan.setting.as_of:
        return None
    walk = _Walked(plan, anchor)
    text = f"{district}|{anchor.id}|{plan.setting.as_of}"
    random = np.random.Generator(np.random.PCG64(int.from_bytes(sha256(text.encode()).digest()[:8], "big")))
    draws = {
        name: random.choice(np.array(values), size=N_DRAWS, p=np.array(weights))
        for name, (values, weights) in walk.lengths(records).items()
    }
    made, last = walk.walked(draws, N_DRAWS)
    share = float(made.mean())
    low, high = wilson(int(made.sum()), N_DRAWS)
    names, counts = np.unique(last, return_counts=True)
    ranked = sorted(zip(counts.tolist(), names.tolist(), strict=True), key=lambda each: (-each[0], each[1]))
    return Chance(share, low, high, _certainty(plan, anchor, records, share), tuple(name for _, name in ranked[:3]))


def exact_chance(plan: Plan, anchor: Anchor, records: Records) -> float:
    """Return the same by walking every combination of lengths with its weight; for few steps only."""
    import numpy as np

    walk = _Walked(plan, anchor)
    lengths = walk.lengths(records)
    combined = list(product(*(zip(values, weights, strict=True) for values, weights in lengths.values())))
    draws = {name: np.array([each[place][0] for each in combined]) for place, name in enumerate(lengths)}
    made, _ = walk.walked(draws, len(combined))
    weights = np.array([np.prod([weight for _, weight in each]) for each in combined])
    return float((made * weights).sum())


def wilson(n_made: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share."""
    share, square = n_made / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _certainty(plan: Plan, anchor: Anchor, records: Records, share: float) -> str:
    nodes = plan.graph.nodes
    over = {name for name, span in plan.begun.items() if span[1] < plan.setting.as_of}
    path = [nodes[name] for name in plan.critical_path(anchor) if name not in over]
    is_thin = any(varies(node, records) and len(records.units.get(node.kind, ())) < FEW for node in path)
    surest = max(share, 1 - share)
    return _UNKNOWN if is_thin else next(word for least, word in _WORDS if surest >= least)


def varies(node: Node, records: Records) -> bool:
    """Say whether a step can take longer than planned: a task, unless it lasts as declared."""
    return node.is_task and node.fixed is None and (node.kind not in _DECLARED or node.kind in records.units)


def weighed(node: Node, records: Records, least: int = 1) -> tuple[list[int], list[float]]:
    """Return the lengths a step may take with their weights, which sum to one.

    Args:
        node: The step.
        records: How long such steps took.
        least: What a running step has taken already; shorter lengths are out.
    """
    weights: dict[int, float] = {}
    for n in records.units.get(node.kind, ()):
        weights[n] = weights.get(n, 0.0) + 1.0
    for factor, parts in _PRIOR:
        n = max(1, ceil(round(factor * node.n, 9)))
        weights[n] = weights.get(n, 0.0) + records.prior_weight * parts / 5
    kept = {n: weight for n, weight in sorted(weights.items()) if n >= least and weight > 0}
    if not kept:
        return [max(node.n, least)], [1.0]
    total = sum(kept.values())
    return list(kept), [weight / total for weight in kept.values()]


class _Walked:
    """The part of a plan that leads to one anchor, walked forward for many lengths at once."""

    def __init__(self, plan: Plan, anchor: Anchor) -> None:
        self.plan = plan.towards(anchor)
        self.graph: Graph = self.plan.graph
        self.anchor = anchor
        self.setting = plan.setting

    def lengths(self, records: Records) -> dict[str, tuple[list[int], list[float]]]:
        """Return the lengths of every step that varies and is not over."""
        found = {}
        for name in self.graph.order:
            node = self.graph.nodes[name]
            if varies(node, records) and not self._is_over(name):
                found[name] = weighed(node, records, self._taken(name) + 1)
        return found

    def _is_over(self, name: str) -> bool:
        span = self.plan.begun.get(name)
        return span is not None and span[1] < self.setting.as_of

    def _taken(self, name: str) -> int:
        """Return how many units a running step has taken."""
        span = self.plan.begun.get(name)
        if span is None:
            return 0
        days = self.setting.walk.onward.of(self.graph.nodes[name].unit)
        return days.count(span[0], self.setting.as_of - _DAY)

    def walked(self, lengths: Mapping[str, "np.ndarray[Any, Any]"], n: int) -> tuple[Any, Any]:
        """Return for every draw whether the anchor is made, and which step that was looked at ended last.

        Args:
            lengths: How long each step that varies takes, by draw.
            n: How many draws.
        """
        import numpy as np

        starts: dict[str, Any] = {}
        ends: dict[str, Any] = {}
        for name in self.graph.order:
            starts[name] = self._starts(name, ends, n)
            ends[name] = self._ends(name, starts[name], lengths.get(name))
        made = np.ones(n, dtype=bool)
        for name, node in self.graph.nodes.items():
            if node.fixed and node.is_task:
                made &= starts[name] <= (node.starts_by or node.fixed).toordinal()
            elif name == self.anchor.node_id or (node.is_at_latest and not node.is_task and node.kind != "feed"):
                made &= starts[name] <= self.plan.latest.days[name][1].toordinal()
        evidence = sorted(name for name in self.graph.nodes if self._is_evidence(name)) or [self.anchor.node_id]
        last = np.stack([ends[name] for name in evidence]).argmax(axis=0)
        return made, np.array(evidence)[last]

    def _is_evidence(self, name: str) -> bool:
        """Say whether a step of a window is what a review waits for."""
        node = self.graph.nodes[name]
        return node.window_id is not None and any(
            self.graph.nodes[edge.after].window_id is None for edge in self.graph.out_of[name]
        )

    def _starts(self, name: str, ends: Mapping[str, Any], n: int) -> Any:
        import numpy as np

        node = self.graph.nodes[name]
        if name in self.plan.begun:
            return np.full(n, self.plan.begun[name][0].toordinal())
        starts = np.full(n, self._own(node).toordinal())
        for edge in self.graph.into[name]:
            starts = np.maximum(starts, self._after(node, edge, ends[edge.before]))
        return starts

    def _own(self, node: Node) -> date:
        """Return the first day a step begins when nothing comes before it; a window opens as planned."""
        first = max(self.setting.as_of, node.not_before or self.setting.as_of)
        if node.kind == "window" and node.id in self.plan.planned:
            return max(first, self.plan.planned[node.id].start)
        if node.fixed and not node.is_task:
            return max(first, node.fixed)
        if node.fixed and node.starts_by:
            return max(first, node.starts_by)
        return self.setting.walk.first(node, first)

    def _after(self, node: Node, edge: Edge, ends: Any) -> Any:
        """Return the first day after each end; a day is looked up once for all draws."""
        import numpy as np

        days, place = np.unique(ends, return_inverse=True)
        earliest = [self.setting.walk.earliest(node, edge, date.fromordinal(int(day))).toordinal() for day in days]
        return np.array(earliest)[place]

    def _ends(self, name: str, starts: Any, lengths: Any) -> Any:
        import numpy as np

        node = self.graph.nodes[name]
        if name in self.plan.begun and (lengths is None or self._is_over(name)):
            return np.full(len(starts), self.plan.begun[name][1].toordinal())
        if not node.is_task:
            return starts
        counted = self.setting.walk.onward.of(node.unit)
        listed = np.array([day.toordinal() for day in counted.days])
        reached = np.searchsorted(listed, starts) + (node.n if lengths is None else lengths) - 1
        return listed[np.minimum(reached, len(listed) - 1)]
