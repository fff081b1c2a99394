"""Keep windows apart that ask the same people, out of blackouts, and within what people can do at a time.

Only windows in each other's way are moved, and of those only what no person fixed. When nothing helps, what cannot all
hold together is named. Choosing the openings is ``solver``, what cannot all hold is ``deletion``. Source: schedule.md
7.5.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations

from aimline.schedule.cells import crowds_of, shared_cell, touches
from aimline.schedule.check import share_people, whom
from aimline.schedule.deletion import Left, Rules, Ways, left_of
from aimline.schedule.fitting import Capacity, Movable, Problem, distance
from aimline.schedule.passes import Span
from aimline.schedule.planner import Plan, plan_graph, steps_of, with_windows
from aimline.schedule.solver import solve
from schemas.years import Blackout, Resource, Window

Pair = tuple[str, str]
_MANY = 8
"""Windows of a group from which those that are not needed are left out before its rules are looked at."""


@dataclass(frozen=True)
class Conflict:
    """Windows that were in each other's way.

    Attributes:
        windows: Their ids.
        cell: Whom they ask both, or what they both need.
        resolved_by: What was moved; None when nothing helps, or nothing was found.
        minimal_set: What cannot all hold, when nothing helps: without any one of these there would be a way.
        is_proved: Whether the search came to its end. Else there may be less to move, or a smaller set; without a set,
            there may be a way.
    """

    windows: tuple[str, ...]
    cell: str
    resolved_by: str | None = None
    minimal_set: tuple[str, ...] = ()
    is_proved: bool = True

    @property
    def is_left(self) -> bool:
        """Say whether the windows are still in each other's way."""
        return self.resolved_by is None


def settle_conflicts(plan: Plan) -> tuple[Plan, tuple[Conflict, ...]]:
    """Return the plan with windows moved out of each other's way, and the conflicts that there were."""
    stage = _Stage(plan)
    clashes = tuple(stage.clashes())
    if not clashes:
        return plan, ()
    moved: dict[str, Span] = {}
    told: list[Conflict] = []
    for group in stage.components(clashes):
        own = [each for each in clashes if set(each.windows) <= group]
        answer = solve(stage.problem(group))
        if answer.openings is None:
            told.append(_left(stage, group, own, is_proved=answer.is_proved))
            continue
        chosen = answer.openings
        spans = {name: stage.span(name, opening) for name, opening in chosen.items() if stage.is_moved(name, opening)}
        words = ", ".join(f"{name} opens {span[0]}, not {plan.planned[name].start}" for name, span in spans.items())
        words += "" if answer.is_proved else " (not proved to be the least that has to move)"
        moved |= spans
        told += [Conflict(each.windows, each.cell, words, is_proved=answer.is_proved) for each in own]
    settled = plan_graph(with_windows(plan.setting, moved), plan.graph) if moved else plan
    return settled, tuple(told)


def _left(stage: "_Stage", group: frozenset[str], own: list[Conflict], *, is_proved: bool) -> Conflict:
    """Return what a group of windows for which no openings were found has against each other."""
    found = stage.minimal_set(group) if is_proved else Left((), is_proved=False)
    rules = stage.rules(group)
    named = {name for rule in found.rules for name in rules[rule]} or {name for each in own for name in each.windows}
    cells = [each.cell for each in own if set(each.windows) <= named] or [each.cell for each in own]
    windows = tuple(name for name in stage.windows if name in named)
    return Conflict(windows, "; ".join(dict.fromkeys(cells)), None, found.rules, is_proved=found.is_proved)


class _Stage:
    """The windows of a plan as numbers: openings are counted in the school days of the year."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.resolver = plan, plan.setting.resolver
        self.year = self.resolver.year
        self.days = self.resolver.own_days
        self.windows = {each.id: each for each in self.year.windows if each.id in plan.planned}
        self.ranks = {name: rank for rank, name in enumerate(sorted(self.windows))}
        self._movables: dict[tuple[str, frozenset[str]], Movable] = {}
        self._needs: dict[tuple[str, str, int], frozenset[int]] = {}

    def index(self, day: date) -> int:
        """Return the number of the school day on or after a day."""
        return self.days.count(self.days.days[0], day) - (day in self.days)

    def length(self, name: str) -> int:
        planned = self.plan.planned[name]
        return max(1, self.days.count(planned.start, planned.finish))

    def span(self, name: str, opening: int) -> Span:
        return self.days.days[opening], self.days.days[opening + self.length(name) - 1]

    def is_moved(self, name: str, opening: int) -> bool:
        return opening != self.index(self.plan.planned[name].start)

    def is_fixed(self, name: str) -> bool:
        """Say whether a window stays where it is: frozen, begun, or on a day a person gave it."""
        setting, window = self.plan.setting, self.windows[name]
        given = {name, f"{name}.opens", f"{name}.closes"} & set(self.year.pins)
        is_kept = name in setting.frozen or name in setting.windows
        is_rigid = window.opens.form == "on" or window.closes is not None
        return bool(given) or is_kept or is_rigid or self.plan.planned[name].start < setting.as_of

    @cached_property
    def neighbors(self) -> tuple[Pair, ...]:
        """Return every two windows that ask any of the same people."""
        names = [name for name in self.windows if whom(self.windows[name])]
        pairs = combinations(names, 2)
        return tuple((one, two) for one, two in pairs if share_people(self.windows[one], self.windows[two]))

    def clashes(self) -> Iterator[Conflict]:
        """Yield every conflict of the planned days; what is over is past mending."""
        for pair in self.neighbors:
            one, two = sorted(pair, key=lambda name: (self.plan.planned[name].start, name))
            first, second = self.movable(one), self.movable(two)
            gap = self.days.count(self.plan.planned[one].finish, self.plan.planned[two].start)
            apart = gap - (self.plan.planned[one].finish in self.days) - (self.plan.planned[two].start in self.days)
            if self.plan.planned[two].finish < self.plan.setting.as_of:
                continue
            if self.plan.planned[two].start <= self.plan.planned[one].finish or apart < distance(first, second):
                yield Conflict(pair, shared_cell(self.windows[one], self.windows[two]))
        for name, window in self.windows.items():
            for blackout in self.year.blackouts:
                if self.is_dark(name, self.index(self.plan.planned[name].start), blackout, window):
                    yield Conflict((name,), f"blackout {blackout.id}")
        yield from self.overloads()

    def overloads(self) -> Iterator[Conflict]:
        """Yield the windows whose steps need more of a resource on one day than there is."""
        for resource in self.year.resources:
            users = self.users(resource)
            counted: dict[int, list[str]] = {}
            for name in users:
                for day in self.needs(resource, name, None):
                    counted.setdefault(day, []).append(name)
            taken = self.taken(resource)
            over = {
                name for day, names in counted.items() for name in names if self._is_over(resource, names, taken, day)
            }
            if over:
                yield Conflict(tuple(sorted(over)), f"resource {resource.id}")

    def _is_over(self, resource: Resource, names: list[str], taken: Mapping[int, int], day: int) -> bool:
        return len(names) + taken.get(day, 0) > resource.capacity and day >= self.plan.setting.as_of.toordinal()

    def is_dark(self, name: str, opening: int, blackout: Blackout, window: Window) -> bool:
        """Say whether a window that opens on a day would be open while it must not."""
        if not 0 <= opening <= len(self.days) - self.length(name) or not touches(window, blackout):
            return False
        opens, closes = self.span(name, opening)
        return opens <= blackout.to and blackout.from_ <= closes and blackout.to >= self.plan.setting.as_of

    def components(self, clashes: Iterable[Conflict]) -> Iterator[frozenset[str]]:
        """Yield the groups of windows that hang together and have a conflict among them."""
        links = [set(pair) for pair in self.neighbors] + [set(self.users(each)) for each in self.year.resources]
        seen: set[str] = set()
        for clash in clashes:
            if clash.windows[0] in seen:
                continue
            group, grown = set(clash.windows), True
            while grown:
                joined = group.union(*(link for link in links if link & group))
                grown, group = joined != group, joined
            seen |= group
            yield frozenset(group)

    def movable(self, name: str, off: frozenset[str] = frozenset()) -> Movable:
        """Return a window with the openings it may have while some rules are off."""
        own = off.intersection(self.own_rules(name)) if off else off
        if (name, own) not in self._movables:
            self._movables[name, own] = self._movable(name, own)
        return self._movables[name, own]

    def _movable(self, name: str, off: frozenset[str]) -> Movable:
        window, preferred = self.windows[name], self.index(self.plan.planned[name].start)
        openings = (preferred,) if self.is_fixed(name) else tuple(self.between(name, off))
        dark = [each for each in self.year.blackouts if f"blackout({name},{each.id})" not in off]
        kept = tuple(day for day in openings if not any(self.is_dark(name, day, each, window) for each in dark))
        gap = window.min_gap_school_days
        return Movable(name, window.weight, preferred, kept, self.length(name), gap, self.ranks[name])

    def between(self, name: str, off: frozenset[str]) -> range:
        """Return the openings from the earliest to the latest that a window can have."""
        first = self.index(max(self.plan.setting.as_of, self.days.days[0]))
        last = len(self.days) - self.length(name)
        if self.earliest_name(name) not in off:
            first = max(first, self.index(self.plan.earliest.days[name][0]))
        if name in self.plan.latest.days and self.latest_name(name) not in off:
            last = min(last, self.index(self.plan.latest.days[name][0]))
        return range(first, last + 1)

    def earliest_name(self, name: str) -> str:
        return f"earliest_open({name},{self._decided(name, is_late=False)})"

    def latest_name(self, name: str) -> str:
        return f"latest_close({name},{self._decided(name, is_late=True)})"

    def _decided(self, name: str, *, is_late: bool) -> str:
        """Return what decides how early or how late a window can be: the far end of the chain."""
        by = self.plan.latest.by if is_late else self.plan.earliest.by
        while edge := by.get(name):
            name = edge.after if is_late else edge.before
        anchors = {each.node_id: each.id for each in self.plan.graph.anchors}
        return anchors.get(name, name)

    def problem(self, group: frozenset[str], off: frozenset[str] = frozenset()) -> Problem:
        """Return the windows of a group as a problem to solve.

        Args:
            group: The windows.
            off: Rules that need not hold, by the names they are told with.
        """
        movables = tuple(self.movable(name, off) for name in sorted(group))
        crowds = tuple(own for crowd in self.crowds if len(own := crowd & group) > 1)
        pairs = (pair for pair in self.neighbors if off and set(pair) <= group)
        free = frozenset(frozenset(pair) for pair in pairs if _gap_name(pair) in off)
        capacities = [each for each in self.year.resources if f"capacity({each.id})" not in off]
        return Problem(movables, crowds, tuple(self.capacity(each, movables) for each in capacities), free)

    @cached_property
    def crowds(self) -> tuple[frozenset[str], ...]:
        """Return the largest sets of windows that ask the same people."""
        return crowds_of(self.windows)

    def capacity(self, resource: Resource, movables: Iterable[Movable]) -> Capacity:
        users = self.users(resource)
        uses = {
            (each.id, opening): self._needed_at(resource, each.id, opening)
            for each in movables
            if each.id in users
            for opening in each.openings
        }
        return Capacity(resource.id, resource.capacity, uses, self.taken(resource))

    def _needed_at(self, resource: Resource, name: str, opening: int) -> frozenset[int]:
        key = resource.id, name, opening
        if key not in self._needs:
            self._needs[key] = self.needs(resource, name, opening)
        return self._needs[key]

    def users(self, resource: Resource) -> tuple[str, ...]:
        """Return the windows whose steps use a resource."""
        nodes = [each for each in self.plan.graph.nodes.values() if _uses(resource, each.id, each.kind)]
        return tuple(dict.fromkeys(each.window_id for each in nodes if each.window_id in self.windows))

    def needs(self, resource: Resource, name: str, opening: int | None) -> frozenset[int]:
        """Return the days on which the steps of a window need a resource; as planned when no opening is given."""
        planned = self.plan.planned
        if opening is not None and self.is_moved(name, opening):
            planned = steps_of(with_windows(self.plan.setting, {name: self.span(name, opening)}), self.plan.graph, name)
        nodes = self.plan.graph.nodes
        own = [each for each in planned if nodes[each].window_id == name and _uses(resource, each, nodes[each].kind)]
        return frozenset(day for each in own for day in self._days_of(each, planned[each].start, planned[each].finish))

    def taken(self, resource: Resource) -> dict[int, int]:
        """Return how much of a resource is taken by steps that belong to no window, by day."""
        found: dict[int, int] = {}
        for name, node in self.plan.graph.nodes.items():
            if node.window_id is None and _uses(resource, name, node.kind) and name in self.plan.planned:
                planned = self.plan.planned[name]
                for day in self._days_of(name, planned.start, planned.finish):
                    found[day] = found.get(day, 0) + 1
        return found

    def _days_of(self, name: str, start: date, finish: date) -> Iterator[int]:
        days = self.plan.setting.walk.onward.of(self.plan.graph.nodes[name].unit)
        yield from (day.toordinal() for day in days.between(start, finish).days)

    def minimal_set(self, group: frozenset[str]) -> Left:
        """Return rules that cannot all hold together and of which none can be left out (a deletion filter)."""
        if len(group) > _MANY:
            every = {name: (name,) for name in sorted(group)}
            whole = group
            group = frozenset(left_of(Ways(lambda off: self.problem(whole - off), every, every.keys())).rules)
        rules = self.rules(group)
        gaps = {rule for rule in rules if rule.startswith("min_gap(")}
        return left_of(Ways(lambda off: self.problem(group, off), rules, gaps))

    def rules(self, group: frozenset[str]) -> Rules:
        """Return the rules of a group of windows, in the order in which they are left out."""
        names = sorted(group)
        gaps = {_gap_name(pair): pair for pair in self.neighbors if set(pair) <= group}
        own = [(rule, (name,)) for name in names for rule in self.own_rules(name)]
        capacities = {f"capacity({each.id})": self.users(each) for each in self.year.resources}
        order = ("blackout(", "latest_close(", "earliest_open(")
        placed = sorted(own, key=lambda each: next(n for n, word in enumerate(order) if each[0].startswith(word)))
        return {name: gaps[name] for name in sorted(gaps)} | dict(placed) | capacities

    def own_rules(self, name: str) -> dict[str, str]:
        """Return the rules that are about one window alone."""
        return self._own_rules[name]

    @cached_property
    def _own_rules(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for name, window in self.windows.items():
            rules = [f"blackout({name},{each.id})" for each in self.year.blackouts if touches(window, each)]
            rules += [self.latest_name(name)] if name in self.plan.latest.days else []
            found[name] = dict.fromkeys([*rules, self.earliest_name(name)], name)
        return found


def _gap_name(pair: Pair) -> str:
    return f"min_gap({','.join(sorted(pair))})"


def _uses(resource: Resource, name: str, kind: str) -> bool:
    return bool({name, kind, name.rpartition(".")[2]} & set(resource.used_by))
