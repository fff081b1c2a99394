"""Keep windows apart that ask the same people, out of blackouts, and within what people can do at a time.

Only windows in each other's way are moved, and of those only what no person fixed. When nothing helps, what cannot all
hold together is named. Choosing the openings is ``solver``. Source: schedule.md 7.5.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import combinations

from aimline.schedule.check import share_people, whom
from aimline.schedule.passes import Span
from aimline.schedule.planner import Plan, plan_graph, steps_of, with_windows
from aimline.schedule.solver import Capacity, Movable, Problem, distance, solve
from schemas._base import GRADES
from schemas.years import Asked, Blackout, Resource, Window

Pair = tuple[str, str]

_MANY = 8
"""Windows of a group from which those that are not needed are left out before its rules are looked at."""


@dataclass(frozen=True)
class Conflict:
    """Windows that were in each other's way.

    Attributes:
        windows: Their ids.
        cell: Whom they ask both, or what they both need.
        resolved_by: What was moved; None when nothing helps.
        minimal_set: What cannot all hold, when nothing helps: without any one of these there would be a way.
    """

    windows: tuple[str, ...]
    cell: str
    resolved_by: str | None = None
    minimal_set: tuple[str, ...] = ()


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
        chosen = solve(stage.problem(group))
        if chosen is None:
            left = stage.minimal_set(group)
            told += [replace(each, minimal_set=left) for each in own]
            continue
        spans = {name: stage.span(name, opening) for name, opening in chosen.items() if stage.is_moved(name, opening)}
        words = ", ".join(f"{name} opens {span[0]}, not {plan.planned[name].start}" for name, span in spans.items())
        moved |= spans
        told += [replace(each, resolved_by=words) for each in own]
    settled = plan_graph(with_windows(plan.setting, moved), plan.graph) if moved else plan
    return settled, tuple(told)


@dataclass(frozen=True)
class _Limits:
    """Which rules hold while openings are sought, by the names they are told with."""

    off: frozenset[str] = frozenset()

    def holds(self, name: str) -> bool:
        return name not in self.off


class _Stage:
    """The windows of a plan as numbers: openings are counted in the school days of the year."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.resolver = plan, plan.setting.resolver
        self.year = self.resolver.year
        self.days = self.resolver.own_days
        self.windows = {each.id: each for each in self.year.windows if each.id in plan.planned}
        self.ranks = {name: rank for rank, name in enumerate(sorted(self.windows))}

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

    def movable(self, name: str, limits: _Limits = _Limits()) -> Movable:
        """Return a window with the openings it may have."""
        window, preferred = self.windows[name], self.index(self.plan.planned[name].start)
        openings = (preferred,) if self.is_fixed(name) else tuple(self.between(name, limits))
        dark = [each for each in self.year.blackouts if limits.holds(f"blackout({name},{each.id})")]
        kept = tuple(day for day in openings if not any(self.is_dark(name, day, each, window) for each in dark))
        gap = window.min_gap_school_days
        return Movable(name, window.weight, preferred, kept, self.length(name), gap, self.ranks[name])

    def between(self, name: str, limits: _Limits) -> range:
        """Return the openings from the earliest to the latest that a window can have."""
        first = self.index(max(self.plan.setting.as_of, self.days.days[0]))
        last = len(self.days) - self.length(name)
        if limits.holds(self.earliest_name(name)):
            first = max(first, self.index(self.plan.earliest.days[name][0]))
        if name in self.plan.latest.days and limits.holds(self.latest_name(name)):
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

    def problem(self, group: frozenset[str], limits: _Limits | None = None) -> Problem:
        """Return the windows of a group as a problem to solve.

        Args:
            group: The windows.
            limits: Which rules hold; all when None.
        """
        held = limits or _Limits()
        movables = tuple(self.movable(name, held) for name in sorted(group))
        if limits is None:
            crowds = crowds_of({name: self.windows[name] for name in sorted(group)})
        else:
            own = (pair for pair in self.neighbors if set(pair) <= group)
            crowds = tuple(frozenset(pair) for pair in own if held.holds(_gap_name(pair)))
        capacities = [each for each in self.year.resources if held.holds(f"capacity({each.id})")]
        return Problem(movables, crowds, tuple(self.capacity(each, movables) for each in capacities))

    def capacity(self, resource: Resource, movables: Iterable[Movable]) -> Capacity:
        uses = {
            (each.id, opening): self.needs(resource, each.id, opening)
            for each in movables
            if each.id in self.users(resource)
            for opening in each.openings
        }
        return Capacity(resource.id, resource.capacity, uses, self.taken(resource))

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

    def minimal_set(self, group: frozenset[str]) -> tuple[str, ...]:
        """Return rules that cannot all hold together and of which none can be left out (a deletion filter)."""
        off: frozenset[str] = frozenset()
        if len(group) > _MANY:
            group = self._needed(group)
        for name in self._rules(group):
            tried = off | {name}
            if solve(self.problem(group, _Limits(tried))) is None:
                off = tried
        return tuple(name for name in self._rules(group) if name not in off)

    def _needed(self, group: frozenset[str]) -> frozenset[str]:
        """Return windows of a large group that alone cannot all be had."""
        for name in sorted(group):
            rest = group - {name}
            if solve(self.problem(rest, _Limits())) is None:
                group = rest
        return group

    def _rules(self, group: frozenset[str]) -> Iterator[str]:
        names = sorted(group)
        yield from sorted(_gap_name(pair) for pair in self.neighbors if set(pair) <= group)
        for name in names:
            dark = (each for each in self.year.blackouts if touches(self.windows[name], each))
            yield from (f"blackout({name},{each.id})" for each in dark)
        yield from (self.latest_name(name) for name in names if name in self.plan.latest.days)
        yield from (self.earliest_name(name) for name in names)
        yield from (f"capacity({each.id})" for each in self.year.resources)


def _gap_name(pair: Pair) -> str:
    return f"min_gap({','.join(sorted(pair))})"


def _uses(resource: Resource, name: str, kind: str) -> bool:
    return bool({name, kind, name.rpartition(".")[2]} & set(resource.used_by))


def touches(window: Window, blackout: Blackout) -> bool:
    """Say whether a blackout is for anybody a window asks, or for what is ours at all."""
    if not (blackout.respondents or blackout.grades or blackout.schools):
        return True
    return any(
        (not blackout.respondents or respondent in blackout.respondents)
        and (asked.grades is None or blackout.grades is None or bool({*asked.grades} & {*blackout.grades}))
        and (asked.schools is None or blackout.schools is None or bool({*asked.schools} & {*blackout.schools}))
        for respondent, asked in whom(window).items()
    )


def crowds_of(windows: Mapping[str, Window]) -> tuple[frozenset[str], ...]:
    """Return the largest sets of windows that ask somebody of one class, grade and school."""
    asked = {name: whom(window) for name, window in windows.items()}
    found: set[frozenset[str]] = set()
    for respondent in sorted({each for classes in asked.values() for each in classes}):
        own = {name: classes[respondent] for name, classes in asked.items() if respondent in classes}
        named = {school for each in own.values() for school in each.schools or ()}
        by_school = {frozenset(name for name, each in own.items() if _has(each, school)) for school in (*named, None)}
        for grade in GRADES:
            graded = frozenset(name for name, each in own.items() if each.grades is None or grade in each.grades)
            found |= {graded & names for names in by_school}
    wide = [each for each in found if len(each) > 1]
    return tuple(sorted((each for each in wide if not any(each < other for other in wide)), key=sorted))


def _has(asked: Asked, school: str | None) -> bool:
    return asked.schools is None or school in asked.schools


def shared_cell(one: Window, other: Window) -> str:
    """Write whom two windows ask both: class, grades, schools."""
    first, second = whom(one), whom(other)
    parts = []
    for respondent in first:
        if respondent in second:
            mine, theirs = first[respondent], second[respondent]
            grades = [each for each in GRADES if _asks(mine.grades, each) and _asks(theirs.grades, each)]
            named = mine.schools if theirs.schools is None else theirs.schools
            schools = None if named is None else [each for each in named if _has(mine, each) and _has(theirs, each)]
            parts.append(f"{respondent}/{_range(grades)}/{'all' if schools is None else ','.join(schools[:5])}")
    return "; ".join(parts)


def _asks(grades: tuple[str, ...] | None, grade: str) -> bool:
    return grades is None or grade in grades


def _range(grades: list[str]) -> str:
    if len(grades) == len(GRADES):
        return "all"
    return grades[0] if len(grades) == 1 else f"{grades[0]}-{grades[-1]}" if grades else "none"
