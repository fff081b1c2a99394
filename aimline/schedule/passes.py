"""Find the latest and the earliest days of every step: back from the days that do not move, on from what is there.

Which step decided is kept, so that it can be told. Pure date arithmetic over a graph. Source: schedule.md 7.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from aimline.schedule.graph import BEFORE, SAME_DAY, Edge, Graph, Node
from aimline.schedule.leads import CALENDAR
from aimline.schedule.school_days import Days, Lists, every_day

Span = tuple[date, date]
Bounds = Mapping[str, Span]

_DAY = timedelta(days=1)
_LONG = timedelta(days=730)
_SATURDAY = 5


@dataclass(frozen=True)
class Reach:
    """The days of every step by one pass, and the edge that decided; None where the step's own day did.

    Attributes:
        days: First and last day by step; a step that nothing bounds has none.
        by: The deciding edge.
    """

    days: Bounds
    by: Mapping[str, Edge | None]


class Walk:
    """Days to walk along: where no more are known, school days go on as working days, and weekdays were before.

    The days before those that are known only tell that something had to be done long ago.
    """

    def __init__(self, lists: Lists) -> None:
        """Take the known days."""
        self.lists = lists
        self.ago = Lists(_since_long(lists.school), _since_long(lists.working))
        last = lists.school.days[-1] if lists.school.days else date.min
        self.onward = Lists(Days(lists.school.days + lists.working.between(last + _DAY, date.max).days), lists.working)

    def latest(self, node: Node, edge: Edge, start: date) -> date:
        """Return the last day a step can end so that the one after it can begin on a day."""
        days = self.ago.of(node.unit)
        if edge.how == BEFORE:
            return days.prev_on_or_before(start - _DAY)
        if edge.how == SAME_DAY or edge.n == 0:
            return days.prev_on_or_before(start)
        return days.prev_on_or_before(self._back(edge, start, self.ago))

    def earliest(self, node: Node, edge: Edge, finish: date) -> date:
        """Return the first day a step can begin when the one before it ends on a day."""
        days = self.onward.of(node.unit)
        if edge.how == BEFORE:
            return days.next_on_or_after(finish + _DAY)
        if edge.how == SAME_DAY or edge.n == 0:
            return days.next_on_or_after(finish)
        if edge.unit != CALENDAR:
            counted = self.onward.of(edge.unit)
            reached = counted.next_on_or_after(finish)
            before_it = counted.add(reached, edge.n - 1) if edge.n > 1 else reached
            return days.next_on_or_after(before_it + _DAY)
        return self._after_lag(days, edge, finish)

    def _after_lag(self, days: Days, edge: Edge, finish: date) -> date:
        """Return the first day from which a lag of calendar days, rolled, does not lead back to before a day."""
        floor = finish
        if (edge.roll or "").startswith("next"):
            rolled = self.onward.school if "school" in (edge.roll or "") else self.onward.working
            floor = rolled.prev_on_or_before(finish - _DAY) + _DAY
        found = days.next_on_or_after(floor + edge.n * _DAY)
        while self._back(edge, found, self.onward) < finish:
            found = days.next_on_or_after(found + _DAY)
        return found

    def _back(self, edge: Edge, start: date, lists: Lists) -> date:
        if edge.unit != CALENDAR:
            return lists.of(edge.unit).add(start, -edge.n)
        return lists.roll(start - edge.n * _DAY, edge.roll or "previous_school_day")

    def begin(self, node: Node, finish: date) -> date:
        """Return the first day of a step that ends on a day."""
        return self.ago.of(node.unit).back_span(finish, node.n)

    def end(self, node: Node, start: date) -> date:
        """Return the last day of a step that begins on a day, or on the next one it can be on."""
        return self.onward.of(node.unit).span(start, node.n)

    def first(self, node: Node, start: date) -> date:
        """Return the day itself, or the next one a step can be on."""
        return self.onward.of(node.unit).next_on_or_after(start)


def _since_long(days: Days) -> Days:
    """Return days with the weekdays of two years before the first of them."""
    if not days.days:
        return days
    first = days.days[0]
    before = every_day(first - _LONG, first - _DAY)
    return Days((*(day for day in before if day.weekday() < _SATURDAY), *days.days), days.what)


def backward(graph: Graph, walk: Walk, ends: Bounds | None = None) -> Reach:
    """Return the latest days of every step that leads to a day that does not move.

    Args:
        graph: The steps.
        walk: The days.
        ends: Days of steps that are taken as they are, whatever the graph says of them.
    """
    days: dict[str, Span] = {}
    by: dict[str, Edge | None] = {}
    given = ends or {}
    targets = {anchor.node_id for anchor in graph.anchors}
    for name in reversed(graph.order):
        node = graph.nodes[name]
        if name in given:
            days[name], by[name] = given[name], None
            continue
        bounds: list[tuple[date, str, Edge | None]] = [
            (walk.latest(node, edge, days[edge.after][0]), edge.after, edge)
            for edge in graph.out_of[name]
            if edge.after in days
        ]
        if node.fixed and (name in targets or bounds):
            bounds.append((node.fixed, "", None))
        if bounds:
            finish, _, by[name] = min(bounds, key=lambda each: each[:2])
            start = finish if node.fixed == finish and not node.is_task else walk.begin(node, finish)
            days[name] = (min(start, node.starts_by) if node.starts_by else start, finish)
    return Reach(days, by)


@dataclass(frozen=True)
class Known:
    """What is known of steps on a day.

    Attributes:
        as_of: Nothing that has not begun can begin before it.
        spans: First and last day of what has begun or is over.
    """

    as_of: date
    spans: Bounds


def forward(graph: Graph, walk: Walk, known: Known) -> Reach:
    """Return the earliest days of every step, from what is known on a day."""
    days: dict[str, Span] = {}
    by: dict[str, Edge | None] = {}
    for name in graph.order:
        node = graph.nodes[name]
        if name in known.spans:
            days[name], by[name] = known.spans[name], None
            continue
        own = _own_day(node, walk, known.as_of)
        bounds = [(walk.earliest(node, edge, days[edge.before][1]), edge.before, edge) for edge in graph.into[name]]
        start, decided = own, None
        for bound, _, edge in sorted(bounds, key=lambda each: (each[0], each[1]), reverse=True)[:1]:
            if bound > own:
                start, decided = bound, edge
        days[name] = (start, start if not node.is_task and node.n == 1 else walk.end(node, start))
        by[name] = decided
    return Reach(days, by)


def _own_day(node: Node, walk: Walk, as_of: date) -> date:
    """Return the first day a step can begin as far as nothing comes before it."""
    fixed = node.starts_by if node.is_task else node.fixed
    if node.fixed and fixed:
        return max(as_of, fixed)
    return walk.first(node, max(as_of, node.not_before or as_of))
