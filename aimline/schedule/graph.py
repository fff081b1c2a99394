"""Say what has to be done before what: steps, what comes before each, and the days they work towards.

Which steps a year has is ``template``, their dates are ``passes``. Source: schedule.md 7.1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from aimline.schedule.leads import CALENDAR, WORKING

if TYPE_CHECKING:
    from aimline._yaml import TreePath

BEFORE, SAME_DAY, LAG = "before", "same_day", "lag"


@dataclass(frozen=True)
class Node:
    """One step.

    Attributes:
        unit: What its length is counted in, and on which days it can be.
        n: How long it takes; 1 of a milestone.
        is_task: It lasts, and so has a first and a last day; a milestone has one day.
        fixed: The day it is on, whatever else; it does not move.
        not_before: The first day it can begin.
        starts_by: The day it begins, where a person gave one: what comes before must be done by then.
        parameter: The lead time that its length comes from; empty where it has none.
        path: Where what says its day or its length stands in the year file.
        review_id: The review it belongs to, as declared; ``school_id`` where every school has its own.
        is_at_latest: It is planned as late as its anchor allows, unless a person gave it a day.
    """

    id: str
    kind: str
    unit: str = WORKING
    n: int = 1
    min_n: int = 1
    is_task: bool = False
    fixed: date | None = None
    not_before: date | None = None
    starts_by: date | None = None
    parameter: str = ""
    owner: str | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    at: str | None = None
    window_id: str | None = None
    review_id: str | None = None
    school_id: str | None = None
    path: "TreePath" = ()
    is_at_latest: bool = False


@dataclass(frozen=True)
class Edge:
    """One step comes before another: on an earlier day, on the same day at the latest, or some days earlier.

    Attributes:
        how: ``before``, ``same_day`` or ``lag``.
        n: Of a lag, how many of ``unit``; ``roll`` says how it goes on from a day off.
        parameter: The lead time that the lag comes from.
    """

    before: str
    after: str
    how: str = BEFORE
    n: int = 0
    unit: str = CALENDAR
    roll: str | None = None
    min_n: int = 0
    parameter: str = ""
    path: "TreePath" = ()


@dataclass(frozen=True)
class Anchor:
    """A day that does not move: that of a review, or of what it feeds.

    Attributes:
        id: The review.
        node_id: The step that stands on the day.
        on: The day.
    """

    id: str
    node_id: str
    on: date


class Graph:
    """The steps of a year in an order in which each comes after what it waits for."""

    def __init__(self, nodes: Iterable[Node], edges: Iterable[Edge], anchors: Sequence[Anchor] = ()) -> None:
        """Take steps and edges; a step that is named twice is one."""
        self.nodes = {node.id: node for node in nodes}
        self.edges = tuple(dict.fromkeys(edges))
        self.anchors = tuple(anchors)
        self.into: dict[str, list[Edge]] = {name: [] for name in self.nodes}
        self.out_of: dict[str, list[Edge]] = {name: [] for name in self.nodes}
        for edge in self.edges:
            self.into[edge.after].append(edge)
            self.out_of[edge.before].append(edge)
        waiting = {name: [edge.before for edge in self.into[name]] for name in sorted(self.nodes)}
        self.order = tuple(TopologicalSorter(waiting).static_order())

    def feeding(self, name: str) -> frozenset[str]:
        """Return a step and everything that comes before it."""
        found, waiting = {name}, [name]
        while waiting:
            for edge in self.into[waiting.pop()]:
                if edge.before not in found:
                    found.add(edge.before)
                    waiting.append(edge.before)
        return frozenset(found)

    def part(self, names: Iterable[str]) -> "Graph":
        """Return the part of the graph with these steps."""
        kept = frozenset(names)
        edges = (each for each in self.edges if each.before in kept and each.after in kept)
        anchors = [each for each in self.anchors if each.node_id in kept]
        return Graph((self.nodes[name] for name in self.order if name in kept), edges, anchors)
