"""Say why a plan does not reach its board: by how much, what binds it, and what would let it.

Source: schedule.md 7.4.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

from aimline.errors import CalendarHorizon
from aimline.schedule.graph import LAG, Anchor, Edge, Graph, Node
from aimline.schedule.planner import Plan, plan_graph, with_windows

if TYPE_CHECKING:
    from aimline._yaml import TreePath

_DAY = timedelta(days=1)
_SEASONS = ("winter", "spring", "summer", "fall")


@dataclass(frozen=True)
class Link:
    """One step of the chain that binds, with the place of what says so."""

    id: str
    rule: str
    file: str
    line: int
    date: date


@dataclass(frozen=True)
class Way:
    """One change that would let the plan reach its anchor; a pair has its parts joined by ``+``."""

    parameter: str
    old: int | str
    new: int | str
    effect: str
    share: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Binding:
    """An anchor that is not reached.

    Attributes:
        short: By how many school days.
        chain: From the anchor to what binds it.
        ways: The smallest changes that help, by their relative size.
        message: The whole in words.
    """

    anchor: str
    short: int
    chain: tuple[Link, ...]
    ways: tuple[Way, ...]
    message: str


def bindings(plan: Plan, extensions: Mapping[str, int] | None = None) -> tuple[Binding, ...]:
    """Return what binds each anchor that is not reached.

    Args:
        plan: The plan.
        extensions: By how many days each open window was extended.
    """
    late = (anchor for anchor in plan.graph.anchors if not plan.reaches(anchor))
    return tuple(_binding(plan.towards(anchor), anchor, extensions or {}) for anchor in late)


def _binding(plan: Plan, anchor: Anchor, extensions: Mapping[str, int]) -> Binding:
    path = chain_of(plan, anchor)
    short = max(1, *(_late_by(plan, name) for name in path))
    links = tuple(_link(plan, name, is_root=name == path[-1]) for name in path)
    ways = _Search(plan, anchor, path, extensions).ways()
    return Binding(anchor.id, short, links, ways, _message(plan, anchor, path[-1], short))


def chain_of(plan: Plan, anchor: Anchor) -> tuple[str, ...]:
    """Return the steps from an anchor along what decides their latest day to one that is late, and on to its cause."""
    cannot = any(_is_impossible(plan, name) for name in plan.graph.nodes)
    worst, path = _worst(plan, cannot=cannot), [anchor.node_id]
    while (cannot or not _is_own_doing(plan, path[-1])) and (late := _late_before(plan, path[-1], worst)):
        path.append(min(late, key=lambda name: (-worst[name], name)))
    while cannot and (edge := plan.earliest.by.get(path[-1])):
        path.append(edge.before)
    return tuple(path)


def _late_before(plan: Plan, name: str, worst: Mapping[str, int]) -> list[str]:
    """Return the steps before one whose latest day it decides, and behind which something is late."""
    into = plan.graph.into[name]
    return [each.before for each in into if plan.latest.by.get(each.before) == each and worst[each.before] >= 0]


def _is_impossible(plan: Plan, name: str) -> bool:
    """Say whether a step that is not over cannot be done by its latest day, however it is planned."""
    return plan.is_late(name) and plan.earliest.days[name][1] > plan.latest.days[name][1]


def _worst(plan: Plan, *, cannot: bool) -> dict[str, int]:
    """Return by how many school days each step, or anything whose latest day it decides, is late; -1 where none is.

    Args:
        plan: The part of a plan that leads to one anchor.
        cannot: Whether only steps count that cannot be in time, not those that are merely planned late.
    """
    worst: dict[str, int] = {}
    for name in plan.graph.order:
        into = (each for each in plan.graph.into[name] if plan.latest.by.get(each.before) == each)
        is_late = _is_impossible(plan, name) if cannot else plan.is_late(name)
        own = _late_by(plan, name) if is_late else -1
        worst[name] = max([own, *(worst[each.before] for each in into)])
    return worst


def _is_own_doing(plan: Plan, name: str) -> bool:
    """Say whether a step is late by its own rule or pin; what is counted back from it is late only with it."""
    planned = plan.planned.get(name)
    is_given = plan.graph.nodes[name].kind == "window" or (planned is not None and planned.rule == "pin")
    return is_given and plan.is_late(name)


def _late_by(plan: Plan, name: str) -> int:
    school = plan.setting.resolver.lists.school
    return school.count(plan.latest.days[name][1] + _DAY, plan.end(name)) if name in plan.latest.days else 0


def _link(plan: Plan, name: str, *, is_root: bool) -> Link:
    file, line = place_of(plan, plan.graph.nodes[name])
    planned = plan.planned.get(name)
    day = _ends(plan, name) if is_root else plan.latest.days[name][1]
    return Link(name, planned.rule if planned else "", file, line, day)


def _ends(plan: Plan, name: str) -> date:
    """Return when a step that is late ends: at the earliest where it cannot be in time, else as planned."""
    return plan.earliest.days[name][1] if _is_impossible(plan, name) else plan.end(name)


def place_of(plan: Plan, node: Node) -> tuple[str, int]:
    """Return file and line of what says a step's day or length."""
    found = plan.setting.resolver.loaded.finding(path_of(plan, node), "")
    return found.file, found.line


def path_of(plan: Plan, node: Node) -> "TreePath":
    """Return where in the year file a step's day comes from: its pin, else what gives its day or its length."""
    pinned = [
        name for name in (node.id, f"{node.id}.opens", f"{node.id}.closes") if name in plan.setting.resolver.year.pins
    ]
    return ("pins", pinned[0]) if pinned else node.path


def _message(plan: Plan, anchor: Anchor, root: str, short: int) -> str:
    node, planned = plan.graph.nodes[root], plan.planned.get(root)
    file, line = place_of(plan, node)
    named = anchor.id if anchor.node_id.startswith(f"{anchor.id}.") else f"{anchor.id} cannot make {anchor.node_id}"
    days = f"{short} school {'day' if short == 1 else 'days'}"
    head = f"{named}{' cannot be held' if named == anchor.id else ''} on {anchor.on}: short by {days}."
    must, is_window = plan.latest.days[root][1], node.kind == "window"
    sure = "at the earliest " if _is_impossible(plan, root) else ""
    what = f"ends {_ends(plan, root)} {sure}({file}:{line}) but must end by {must}."
    if is_window and root in plan.begun:
        what = f"closes {plan.end(root)} ({file}:{line}) but must close by {must}."
    elif is_window and planned:
        opens, by_rule = plan.earliest.days[root], plan.earliest.days[root][1] <= must
        how = f"{max(planned.start, opens[0])} at the earliest"
        if by_rule:
            how = f"{planned.start} by its {'pin' if planned.rule == 'pin' else 'rule'} and closes {planned.finish}"
        what = f"opens {how} ({file}:{line}) but must close by {must}."
    return f"{head} {root} {what} {_served(plan, anchor, node)}".rstrip()


def _served(plan: Plan, anchor: Anchor, root: Node) -> str:
    """Say which day of the board the plan could make."""
    earliest = plan.earliest.days[anchor.node_id][1]
    if earliest <= anchor.on:
        return ""
    if root.kind == "window" and root.not_before and root.id not in plan.begun:
        season = _SEASONS[root.not_before.month % 12 // 3]
        return f"A window only in {season} cannot inform this budget; earliest board date it can serve: {earliest}."
    return f"Earliest date it can serve: {earliest}."


@dataclass(frozen=True)
class _Lever:
    """One number that can be made smaller, down to ``least``; ``pull`` makes the plan with another one."""

    name: str
    n: int
    least: int
    apply: Callable[["_State", int], "_State"]
    words: Callable[[int], int | str] = int

    def share(self, n: int) -> float:
        return (self.n - n) / self.n if self.n else 0.0


@dataclass(frozen=True)
class _State:
    """What a change works on: the setting's windows and the graph."""

    graph: Graph
    windows: Mapping[str, Any]


class _Search:
    """Look for the smallest changes that let a plan reach its anchor."""

    def __init__(self, plan: Plan, anchor: Anchor, path: tuple[str, ...], extensions: Mapping[str, int]) -> None:
        self.plan, self.anchor, self.path, self.extensions = plan, anchor, path, extensions
        self.start = _State(plan.graph, {})

    def ways(self) -> tuple[Way, ...]:
        """Return every single change that helps, smallest first; where none does, the cheapest pair."""
        levers = tuple(self.levers())
        singles = [way for lever in levers if (way := self.single(lever))]
        if not singles:
            pairs = [way for pair in combinations(levers, 2) if (way := self.pair(*pair))]
            singles = sorted(pairs, key=lambda way: (way.share, way.parameter))[:1]
        return tuple(sorted(singles, key=lambda way: (way.share, way.parameter)))

    def levers(self) -> Iterator[_Lever]:
        """Yield every number on the chain that is not yet settled."""
        seen: dict[str, tuple[int, int]] = {}
        for name in self.path:
            node = self.plan.graph.nodes[name]
            if node.parameter and node.n > node.min_n and name not in self.plan.begun:
                seen.setdefault(node.parameter, (node.n, node.min_n))
            for edge in self.plan.graph.into[name]:
                if edge.how == LAG and edge.before in self.path and edge.n > edge.min_n:
                    seen.setdefault(edge.parameter, (edge.n, edge.min_n))
        for parameter, (n, least) in seen.items():
            yield _Lever(parameter, n, least, _lead_setter(parameter))
        for name in self.path:
            if self.plan.graph.nodes[name].kind == "window":
                yield from self.window_levers(name)

    def window_levers(self, name: str) -> Iterator[_Lever]:
        """Yield the days a window was extended by, and the opening of one that is free to open earlier."""
        planned, school = self.plan.planned[name], self.plan.setting.resolver.lists.school
        if self.extensions.get(name):
            n = self.extensions[name]

            def shortened(state: _State, left: int) -> _State:
                span = (planned.start, school.add(planned.finish, left - n) if left < n else planned.finish)
                return replace(state, windows={**state.windows, name: span})

            yield _Lever("extension", n, 0, shortened)
        setting = self.plan.setting
        window = next(each for each in setting.resolver.year.windows if each.id == name)
        n_earlier = school.count(self.plan.earliest.days[name][0], planned.start - _DAY)
        is_free = window.opens.form != "on" and planned.rule != "pin" and name not in setting.frozen
        if not is_free or name in setting.windows or not n_earlier or name in self.plan.begun:
            return
        given = getattr(window.opens, window.opens.form)
        is_count = window.opens.form in {"nth_school_day", "school_days"}
        top = given if is_count else n_earlier

        def moved(state: _State, n: int) -> _State:
            opens = school.add(planned.start, n - top) if n < top else planned.start
            finish = setting.walk.end(state.graph.nodes[name], opens)
            return replace(state, windows={**state.windows, name: (opens, finish)})

        def told(n: int) -> int | str:
            return n if is_count else str(school.add(planned.start, n - top) if n < top else planned.start)

        yield _Lever(f"{name}.opens", top, top - n_earlier, moved, told)

    def plan_of(self, *pulled: tuple[_Lever, int]) -> Plan:
        state = self.start
        for lever, n in pulled:
            state = lever.apply(state, n)
        return plan_graph(with_windows(self.plan.setting, state.windows), state.graph)

    def helps(self, *pulled: tuple[_Lever, int]) -> bool:
        try:
            return self.plan_of(*pulled).reaches(self.anchor)
        except CalendarHorizon:
            return False

    def largest(self, lever: _Lever, *others: tuple[_Lever, int]) -> int | None:
        """Return the largest smaller number that helps; less is never worse, so halving finds it."""
        if not self.helps((lever, lever.least), *others):
            return None
        good, bad = lever.least, lever.n
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if self.helps((lever, middle), *others) else (good, middle)
        return good

    def single(self, lever: _Lever) -> Way | None:
        n = self.largest(lever) if lever.n > lever.least else None
        return None if n is None else self.way((lever, n))

    def pair(self, one: _Lever, other: _Lever) -> Way | None:
        """Return the cheapest change of two numbers at once."""
        if not self.helps((one, one.least), (other, other.least)):
            return None
        found = [
            ((one, n), (other, m)) for n in range(one.least, one.n) if (m := self.largest(other, (one, n))) is not None
        ]
        return min((self.way(*each) for each in found), key=lambda way: way.share, default=None)

    def way(self, *pulled: tuple[_Lever, int]) -> Way:
        plan = self.plan_of(*pulled)
        changed = [name for name in self.path if plan.planned.get(name) != self.plan.planned.get(name)]
        effect = ", ".join(_days(plan, name) for name in reversed(changed)) or _days(plan, self.path[-1])
        old = [lever.words(lever.n) for lever, _ in pulled]
        new = [lever.words(n) for lever, n in pulled]
        share = sum(lever.share(n) for lever, n in pulled)
        name = " + ".join(lever.name for lever, _ in pulled)
        if len(pulled) == 1:
            return Way(name, old[0], new[0], effect, share)
        return Way(name, " + ".join(map(str, old)), " + ".join(map(str, new)), effect, share)


def _days(plan: Plan, name: str) -> str:
    planned = plan.planned[name]
    whole = str(planned.start) if planned.start == planned.finish else f"{planned.start} … {planned.finish}"
    return f"{name} {whole}"


def _lead_setter(parameter: str) -> Callable[[_State, int], _State]:
    """Return what sets one lead time wherever it is used."""

    def node_with(node: Node, n: int) -> Node:
        return replace(node, n=n) if node.parameter == parameter else node

    def edge_with(edge: Edge, n: int) -> Edge:
        return replace(edge, n=n) if edge.parameter == parameter and edge.how == LAG else edge

    def applied(state: _State, n: int) -> _State:
        nodes = (node_with(node, n) for node in state.graph.nodes.values())
        edges = (edge_with(edge, n) for edge in state.graph.edges)
        return replace(state, graph=Graph(nodes, edges, state.graph.anchors))

    return applied
