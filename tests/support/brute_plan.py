"""Latest and earliest days of a plan by trying every day, one after another: no bisection, no passes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from aimline.schedule.graph import Anchor, Edge, Graph, Node
from aimline.schedule.school_days import Days, Lists

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 8, 3), date(2026, 11, 27)
EVERY = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]


@dataclass(frozen=True)
class Case:
    """A small plan: its steps, its days, the day it is looked at."""

    graph: Graph
    lists: Lists
    as_of: date


def small_case(seed: int) -> Case:
    """Return a random plan of two to seven steps before a day that does not move."""
    random = Random(seed)  # noqa: S311 - a plan, not a secret
    working = [day for day in EVERY if day.weekday() < 5 and random.random() > 0.06]
    school = [day for day in EVERY if day.weekday() < 5 and random.random() > 0.12]
    lists = Lists(Days(tuple(school)), Days(tuple(working), "working day"))
    n = random.randint(2, 7)
    anchor = Node("n0", "budget_event", fixed=random.choice(EVERY[75:]))
    nodes, edges = [anchor], []
    for number in range(1, n):
        unit = random.choice(["school_days", "working_days"])
        length = random.choice([1, 1, 2, 3, 5])
        nodes.append(Node(f"n{number}", "setup", unit=unit, n=length, is_task=length > 1))
        follows = {random.randrange(number) for _ in range(random.choice([1, 1, 2]))}
        edges += [_edge(random, f"n{number}", f"n{after}") for after in sorted(follows)]
    as_of = random.choice(EVERY[:20])
    return Case(Graph(nodes, edges, [Anchor("review", "n0", anchor.fixed or LAST)]), lists, as_of)


def _edge(random: Random, before: str, after: str) -> Edge:
    how = random.choice(["before", "before", "same_day", "lag"])
    if how != "lag":
        return Edge(before, after, how)
    unit = random.choice(["school_days", "working_days", "calendar_days"])
    rolls = ["previous_working_day", "previous_school_day", "next_working_day", "next_school_day"]
    return Edge(before, after, "lag", random.choice([1, 2, 3, 7]), unit, random.choice(rolls))


class Brute:
    """What a case allows, by trying."""

    def __init__(self, case: Case) -> None:
        """Take the days of the case as sets."""
        self.graph, self.as_of = case.graph, case.as_of
        self.school, self.working = set(case.lists.school.days), set(case.lists.working.days)
        self.may_start = lru_cache(maxsize=None)(self._may_start)

    def days(self, unit: str) -> set[date]:
        """Return the days of a unit."""
        return self.school if unit == "school_days" else self.working

    def finish(self, node: Node, start: date) -> date | None:
        """Return the last day of a step by walking from its first; None outside the known days."""
        if node.fixed:
            return start
        if start not in self.days(node.unit):
            return None
        day, left = start, node.n - 1
        while left and day <= LAST:
            day += DAY
            left -= day in self.days(node.unit)
        return day if day <= LAST else None

    def fits(self, edge: Edge, finish: date, start: date) -> bool:
        """Say whether a step that ends on a day leaves room for one that begins on a day."""
        if edge.how == "before":
            return finish < start
        if edge.how == "same_day":
            return finish <= start
        back = self._back(edge, start)
        return back is not None and finish <= back

    def _back(self, edge: Edge, start: date) -> date | None:
        if edge.unit == "calendar_days":
            day = start - edge.n * DAY
            wanted = self.school if "school" in (edge.roll or "") else self.working
            step = -DAY if (edge.roll or "").startswith("previous") else DAY
            return _walk(day, step, wanted.__contains__)
        wanted = self.days(edge.unit)
        day = _walk(start, DAY, wanted.__contains__)
        for _ in range(edge.n):
            day = _walk(day - DAY, -DAY, wanted.__contains__) if day else None
        return day

    def _may_start(self, name: str, start: date) -> bool:
        """Say whether a step can begin on a day and all that comes after still fits."""
        node = self.graph.nodes[name]
        finish = self.finish(node, start)
        if finish is None or (node.fixed and start != node.fixed):
            return False
        return all(self.room(edge, finish) for edge in self.graph.out_of[name])

    def room(self, edge: Edge, finish: date) -> bool:
        """Say whether any day is left for the step after an edge."""
        return any(self.fits(edge, finish, day) and self.may_start(edge.after, day) for day in EVERY)

    def latest(self, name: str) -> date | None:
        """Return the last day a step can begin."""
        return max((day for day in EVERY if self.may_start(name, day)), default=None)

    def every_latest(self) -> dict[str, date | None]:
        """Return the last day every step can begin."""
        return {name: self.latest(name) for name in self.graph.nodes}

    def earliest(self) -> dict[str, date]:
        """Return the first day every step can begin, by starting all at once and putting off what does not fit."""
        starts = {name: self._first(node, self.as_of) for name, node in self.graph.nodes.items()}
        changed = True
        while changed:
            changed = False
            for edge in self.graph.edges:
                before, after = self.graph.nodes[edge.before], self.graph.nodes[edge.after]
                ends = self.finish(before, starts[edge.before]) or LAST
                while starts[edge.after] < LAST and not self.fits(edge, ends, starts[edge.after]):
                    starts[edge.after] = self._first(after, starts[edge.after] + DAY, is_moved=True)
                    changed = True
        return starts

    def _first(self, node: Node, day: date, *, is_moved: bool = False) -> date:
        if node.fixed and not is_moved:
            return max(day, node.fixed)
        return _walk(day, DAY, self.days(node.unit).__contains__) or LAST

    def binding(self, name: str, start: date) -> set[str]:
        """Return the steps after one that stop it from beginning a day later than it can."""
        node = self.graph.nodes[name]
        later = _walk(start + DAY, DAY, self.days(node.unit).__contains__)
        finish = self.finish(node, later) if later else None
        if finish is None:
            return {edge.after for edge in self.graph.out_of[name]}
        return {edge.after for edge in self.graph.out_of[name] if not self.room(edge, finish)}


def _walk(day: date, step: timedelta, is_wanted: Callable[[date], bool]) -> date | None:
    while FIRST <= day <= LAST:
        if is_wanted(day):
            return day
        day += step
    return None
