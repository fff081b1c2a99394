"""Plan a year: the day of every step, how late and how early it could be, and whether everybody makes the board.

A planned day is the frozen one, else the one a person pinned, else the one its rule gives; steps before a window are
counted back from its opening, steps after it on from its close, all others are as late as their anchor allows. What
to do when it does not fit is ``binding``. Source: schedule.md 7.3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from aimline.errors import CalendarHorizon
from aimline.schedule.graph import LAG, Anchor, Graph, Node
from aimline.schedule.passes import Known, Reach, Span, Walk, backward, forward
from aimline.schedule.rules import rule_text
from aimline.schedule.school_days import Lists
from aimline.schedule.template import Owners, annual_notice, review_part, window_part, year_graph

if TYPE_CHECKING:
    from aimline.schedule.rules import Resolver

_DAY = timedelta(days=1)


@lru_cache(maxsize=4)
def walk_of(lists: Lists) -> Walk:
    """Return the days to walk along, made once for the same days."""
    return Walk(lists)


@dataclass(frozen=True)
class Planned:
    """The days of one step as planned, and how they were found."""

    start: date
    finish: date
    rule: str


@dataclass(frozen=True)
class Setting:
    """What a plan is made from.

    Attributes:
        resolver: The year with the dates its rules give.
        owners: What other files say of its steps.
        as_of: The day of the plan.
        frozen: Steps whose days are kept, as an earlier version has them.
        windows: Days of windows that are not those of their rule: moved out of a conflict, or extended.
        done: First and last day of steps that are known to have been done.
    """

    resolver: "Resolver"
    owners: Owners
    as_of: date
    frozen: Mapping[str, Planned] = field(default_factory=dict)
    windows: Mapping[str, Span] = field(default_factory=dict)
    done: Mapping[str, Span] = field(default_factory=dict)

    @property
    def walk(self) -> Walk:
        """Return the days to walk along."""
        return walk_of(self.resolver.lists)


@dataclass(frozen=True)
class Plan:
    """A year as planned.

    Attributes:
        planned: The days of every step that has any.
        latest: The last days by which each can be done and every anchor still be made.
        earliest: The first days on which each can be done.
        begun: First and last day of what has begun.
    """

    setting: Setting
    graph: Graph
    planned: Mapping[str, Planned]
    latest: Reach
    earliest: Reach
    begun: Mapping[str, Span] = field(default_factory=dict)
    _parts: dict[str, "Plan"] = field(default_factory=dict, repr=False, compare=False)

    def slack(self, name: str) -> int | None:
        """Return how many school days a step may slip; negative where it is late, None where it feeds no anchor."""
        if name not in self.latest.days or name not in self.planned:
            return None
        return self._between(self.planned[name].finish, self.latest.days[name][1])

    def spare(self, name: str) -> int | None:
        """Return how many school days lie between the earliest and the latest end of a step (its float)."""
        if name not in self.latest.days or name not in self.earliest.days:
            return None
        return self._between(self.earliest.days[name][1], self.latest.days[name][1])

    def _between(self, finish: date, latest: date) -> int:
        school = self.setting.resolver.lists.school
        if finish <= latest:
            return school.count(finish + _DAY, latest)
        return -school.count(latest + _DAY, finish)

    def is_late(self, name: str) -> bool:
        """Say whether a step that is not over ends, at the earliest or as planned, after its latest day."""
        if name not in self.latest.days or self.end(name) < self.setting.as_of:
            return False
        return self.end(name) > self.latest.days[name][1]

    def end(self, name: str) -> date:
        """Return when a step ends: as planned, or later where it cannot be done by then."""
        planned, earliest = self.planned.get(name), self.earliest.days[name][1]
        return earliest if planned is None else max(planned.finish, earliest)

    def towards(self, anchor: Anchor) -> "Plan":
        """Return the part of the plan that leads to one anchor, with the latest days that this one allows."""
        if anchor.id not in self._parts:
            part = self.graph.part(self.graph.feeding(anchor.node_id))
            part = Graph(part.nodes.values(), part.edges, [anchor])
            self._parts[anchor.id] = replace(self, graph=part, latest=backward(part, self.setting.walk), _parts={})
        return self._parts[anchor.id]

    def reaches(self, anchor: Anchor) -> bool:
        """Say whether everything that an anchor needs is in time; one that is over has been made."""
        if anchor.on < self.setting.as_of:
            return True
        part = self.towards(anchor)
        return not any(part.is_late(name) for name in part.graph.nodes)

    @property
    def is_feasible(self) -> bool:
        """Say whether every anchor is made."""
        return all(self.reaches(anchor) for anchor in self.graph.anchors)

    def critical_path(self, anchor: Anchor) -> tuple[str, ...]:
        """Return the steps that have the least slack, from the anchor back along what decides their latest day."""
        part, path = self.towards(anchor), [anchor.node_id]
        while True:
            after = path[-1]
            before = [edge.before for edge in part.graph.into[after] if part.latest.by.get(edge.before) == edge]
            if not before:
                return tuple(path)
            path.append(min(before, key=lambda name: (part._room(name), part.spare(name) or 0, name)))  # noqa: SLF001

    @cached_property
    def critical(self) -> frozenset[str]:
        """Return the steps on the critical path of any anchor."""
        return frozenset(name for anchor in self.graph.anchors for name in self.critical_path(anchor))

    def anchor_slack(self, anchor: Anchor) -> int:
        """Return how many school days everything may slip: the least slack of what is not at its latest anyway."""
        part = self.towards(anchor)
        own = [name for name in part.graph.nodes if name in self.planned and not self._is_at_latest(name)]
        slacks = [slack for name in own if (slack := part.slack(name)) is not None]
        return min(slacks, default=0)

    def _room(self, name: str) -> int:
        """Return the slack of a step; where it is planned at its latest, which has none, what it had from its start."""
        room = self.spare(name) if self._is_at_latest(name) else self.slack(name)
        return room or 0

    def _is_at_latest(self, name: str) -> bool:
        node = self.graph.nodes[name]
        return node.fixed is not None or node.is_at_latest or node.kind == "review"


def plan_year(setting: Setting) -> Plan:
    """Return the plan of a year."""
    return plan_graph(setting, year_graph(setting.resolver, setting.owners))


def plan_graph(setting: Setting, graph: Graph) -> Plan:
    """Return the plan of a graph of steps, which may be part of a year's or have other lengths."""
    latest = backward(graph, setting.walk)
    planned = _planned(setting, graph, latest)
    begun = {
        name: (each.start, each.finish) for name, each in planned.items() if _has_begun(setting, graph, planned, name)
    }
    begun |= {name: span for name, span in setting.done.items() if name in graph.nodes}
    return Plan(setting, graph, planned, latest, forward(graph, setting.walk, Known(setting.as_of, begun)), begun)


def _has_begun(setting: Setting, graph: Graph, planned: Mapping[str, Planned], name: str) -> bool:
    """Say whether a step has begun as far as its day tells: nobody prepares a window by a plan that is not frozen."""
    if planned[name].start >= setting.as_of:
        return False
    window = planned.get(graph.nodes[name].window_id or name)
    return name in setting.frozen or window is None or window.start <= setting.as_of


def _planned(setting: Setting, graph: Graph, latest: Reach) -> dict[str, Planned]:
    """Return the planned days of every step of a graph that has any."""
    found: dict[str, Planned] = {}
    for window in setting.resolver.year.windows:
        if window.id in graph.nodes:
            found |= steps_of(setting, graph, window.id)
    for name, node in graph.nodes.items():
        if node.window_id is None and (day := _review_day(setting, graph, node, latest)):
            found[name] = day
    return found


def steps_of(setting: Setting, graph: Graph, window_id: str) -> dict[str, Planned]:
    """Return the planned days of a window and of its steps."""
    steps = graph.part(each.id for each in graph.nodes.values() if each.window_id == window_id)
    number = next(number for number, each in enumerate(setting.resolver.year.windows) if each.id == window_id)
    return dict(_window_days(setting, steps, number))


def _pinned(setting: Setting, node: Node) -> Planned | None:
    """Return the days of a step that are frozen, or that a person pinned."""
    if node.id in setting.frozen:
        return setting.frozen[node.id]
    pin = setting.resolver.year.pins.get(node.id)
    if pin is None:
        return None
    return Planned(setting.walk.begin(node, pin) if node.is_task else pin, pin, "pin")


def _window_days(setting: Setting, steps: Graph, number: int) -> Iterator[tuple[str, Planned]]:
    """Yield the days of a window and of its steps: those before it counted back, those after it counted on."""
    window = setting.resolver.year.windows[number]
    own = _window_span(setting, steps.nodes[window.id], number)
    if own is None:
        return
    yield window.id, own
    given = {name: each for name, node in steps.nodes.items() if (each := _pinned(setting, node)) and name != window.id}
    yield from given.items()
    ends = {name: (each.start, each.finish) for name, each in given.items()} | {window.id: (own.start, own.finish)}
    before = backward(steps.part(steps.feeding(window.id)), setting.walk, ends)
    after = forward(steps, setting.walk, Known(own.start, ends))
    for name in steps.nodes:
        if name not in ends:
            start, finish = before.days[name] if name in before.days else after.days[name]
            _refuse_unknown(setting, steps.nodes[name], start)
            yield name, Planned(start, finish, f"{'before' if name in before.days else 'after'}({window.id})")


def _refuse_unknown(setting: Setting, node: Node, day: date) -> None:
    """Raise where a planned day lies before the days that are known.

    Raises:
        CalendarHorizon: It does.
    """
    known = setting.resolver.lists.working
    if day < known.days[0]:
        try:
            known.prev_on_or_before(day)
        except CalendarHorizon as error:
            loaded = setting.resolver.loaded
            found = loaded.finding(node.path, f"{node.id}: {error.message}", error.remedy, code=error.code)
            raise CalendarHorizon([found]) from None


def _window_span(setting: Setting, node: Node, number: int) -> Planned | None:
    """Return the days of a window: kept, moved, or as its rule gives them."""
    window, resolver = setting.resolver.year.windows[number], setting.resolver
    is_pinned = any(name in resolver.year.pins for name in (node.id, f"{node.id}.opens", f"{node.id}.closes"))
    rule = "pin" if is_pinned else rule_text(window.opens)
    if node.id in setting.windows:
        return Planned(*setting.windows[node.id], rule)
    if node.id in setting.frozen:
        return setting.frozen[node.id]
    opens, closes = resolver.reference(f"{node.id}.opens"), resolver.reference(f"{node.id}.closes")
    if opens is None or closes is None:
        return None
    closes = resolver.year.pins.get(node.id, closes)
    if window.length and node.n != window.length.school_days and not is_pinned:
        closes = setting.walk.end(node, opens)
    return Planned(opens, closes, rule)


def _review_day(setting: Setting, graph: Graph, node: Node, latest: Reach) -> Planned | None:
    """Return the days of a step that belongs to no window."""
    if kept := _pinned(setting, node):
        return kept
    if node.kind == "review":
        return _meeting_day(setting, node)
    if node.fixed and not node.is_task:
        rule = _nth_rule(setting, node.fixed) if node.kind == "annual_notice" else "fixed"
        return Planned(node.fixed, node.fixed, rule)
    (start, finish), given = latest.days[node.id], _given_days(setting, node)
    if given:
        return Planned(given[0] or start, given[1] or finish, "fixed")
    return Planned(start, finish, _latest_rule(graph, node))


def _nth_rule(setting: Setting, day: date) -> str:
    """Write the school day of the year that a day is, as a rule."""
    days = setting.resolver.own_days
    return f"nth_school_day({days.count(days.nth(1), day)})"


def _latest_rule(graph: Graph, node: Node) -> str:
    """Write how the day of a step that is as late as possible is found."""
    for edge in graph.out_of[node.id]:
        if edge.how == LAG and graph.nodes[edge.after].fixed:
            return f"{edge.unit}({-edge.n}, {edge.after})"
    return f"latest({_unit(node)})"


def _unit(node: Node) -> str:
    """Return the id of the review that a step belongs to, with its school where every school has its own."""
    return f"{node.review_id}.{node.school_id}" if node.school_id else str(node.review_id)


def _given_days(setting: Setting, node: Node) -> tuple[date | None, date | None] | None:
    """Return first and last day of a reflection whose review gives them."""
    if node.kind != "reflection":
        return None
    review = next(each for each in setting.resolver.year.reviews if each.id == node.review_id)
    if node.fixed:
        return node.starts_by, node.fixed
    return (review.packet_on, review.decide_by) if review.packet_on or review.decide_by else None


def _meeting_day(setting: Setting, node: Node) -> Planned | None:
    number, review = next(
        (number, each) for number, each in enumerate(setting.resolver.year.reviews) if each.id == node.review_id
    )
    day = setting.resolver.review(number, node.school_id).get("meets_on")
    if day is None:
        return None
    if review.meets_on:
        return Planned(day, day, "fixed")
    return Planned(day, day, rule_text(review.on) if review.on else f"school_days(3, {node.id}.reflection)")


def obligation_dates(resolver: "Resolver", name: str) -> Span | None:
    """Return first and last day of a step of a window or a review, worked out from these alone; None of no step.

    This is what rules count from: no other window or review is looked at, so that what waits for itself is found.
    """
    owner, _, part = name.rpartition(".")
    setting = Setting(resolver, Owners(), date.min)
    if name == "annual_notice":
        day = annual_notice(resolver).fixed
        return (day, day) if day else None
    found: dict[str, Planned] = {}
    for number, window in enumerate(resolver.year.windows):
        if window.id == owner:
            always = Owners(asks_consent=frozenset({window.instrument or ""}))
            made = window_part(resolver, number, always)
            found = dict(_window_days(setting, Graph(made.nodes, made.edges), number))
    for number, review in enumerate(resolver.year.reviews):
        if review.id == owner and part:
            found = _review_days(setting, number)
    return (found[name].start, found[name].finish) if name in found else None


def _review_days(setting: Setting, number: int) -> dict[str, Planned]:
    """Return the days of the steps of one review, by itself."""
    review = setting.resolver.year.reviews[number]
    part = review_part(setting.resolver, number, Owners())
    own = {node.id: node for node in part.nodes if node.review_id == review.id or node.fixed}
    edges = [edge for edge in part.edges if edge.before in own and edge.after in own and edge.before != review.id]
    fixed = next((node for node in own.values() if node.fixed and node.kind != "review"), None)
    if fixed is None or fixed.fixed is None:
        return {}
    own.pop(review.id, None)
    graph = Graph(own.values(), edges, [Anchor(review.id, fixed.id, fixed.fixed)])
    latest = backward(graph, setting.walk)
    days = {name: _review_day(setting, graph, node, latest) for name, node in own.items()}
    return {name: day for name, day in days.items() if day}


def with_windows(setting: Setting, windows: Mapping[str, Span]) -> Setting:
    """Return the setting with other days for some windows."""
    return replace(setting, windows={**setting.windows, **windows})
