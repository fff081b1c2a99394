"""Expand the windows and reviews of a year into their steps.

A review that feeds a budget step expands to its template on that step's day; each window it needs brings its own chain,
each feed one step. Steps are shared: one window can serve two reviews. Source: schedule.md 7.1, 7.2, reviews.md 3.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from aimline._review_units import Unit, units_of
from aimline.schedule.graph import LAG, SAME_DAY, Anchor, Edge, Graph, Node
from aimline.schedule.leads import SCHOOL, WORKING, LeadTime, late_accept, lead_time
from aimline.schedule.school_changes import Heirs
from aimline.schedule.words import ANNUAL_NOTICE, budget_words, titled
from schemas.years import Review, Window

if TYPE_CHECKING:
    from aimline._yaml import TreePath
    from aimline.schedule.rules import Resolver

TIERS = ("report_district", "report_schools", "report_staff")
"""The reports on a window, in the order people get them."""


@dataclass(frozen=True)
class Owners:
    """What other declared files say of the steps of a year.

    Attributes:
        sources: The role that answers for each source.
        asks_consent: Instruments that need a notice to families before they are used.
        schools: The schools that the district names and that are still there.
        heirs: Schools that are no more, with who took them over.
    """

    sources: Mapping[str, str | None] = field(default_factory=dict)
    asks_consent: frozenset[str] = frozenset()
    schools: tuple[str, ...] = ()
    heirs: Heirs = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """The steps of one window or one review."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def window_part(resolver: "Resolver", number: int, owners: Owners) -> Part:
    """Return the steps of a window: what comes before it opens, and what comes after it closes."""
    window = resolver.year.windows[number]
    build = _WindowSteps(resolver, number, window, owners)
    nodes, edges = [build.itself()], list[Edge]()
    for made in (build.preparation(), build.consent() if needs_notice(window, owners) else None, build.evaluation()):
        if made:
            nodes += made.nodes
            edges += made.edges
    return Part(tuple(nodes), tuple(edges))


def needs_notice(window: Window, owners: Owners) -> bool:
    """Say whether families must be told before a window opens: a survey whose instrument says so, or the window."""
    if window.kind != "survey":
        return False
    return window.notice != "from_instrument" or (window.instrument or "") in owners.asks_consent


class _WindowSteps:
    """Make the steps of one window."""

    def __init__(self, resolver: "Resolver", number: int, window: Window, owners: Owners) -> None:
        self.resolver, self.loaded, self.window = resolver, resolver.loaded, window
        self.number, self.id = number, window.id
        self.path: TreePath = ("windows", number)
        named = (owners.sources.get(each) for each in window.sources)
        self.owner = next((each for each in named if each), "data_engineer")

    def itself(self) -> Node:
        """Return the window itself."""
        window, is_dated = self.window, self.window.opens.form == "on"
        closes = self.resolver.reference(f"{self.id}.closes")
        opens = self.resolver.reference(f"{self.id}.opens")
        n = window.length.school_days if window.length else 1
        if window.length is None and opens and closes:
            n = max(1, self.resolver.lists.school.count(opens, closes))
        return Node(
            id=self.id,
            kind="window",
            unit=SCHOOL,
            n=n,
            is_task=True,
            not_before=opens if is_dated else None,
            parameter=f"{self.id}.length" if window.length else "",
            owner=self.owner,
            title=window.label,
            window_id=self.id,
            path=(*self.path, "opens"),
        )

    def step(self, part: str, lead: LeadTime | None = None, **rest: Any) -> Node:
        """Return one step of the window; it takes the time of its lead where it has one."""
        kind = "report" if part in TIERS else part
        length: dict[str, Any] = (
            {"unit": lead.unit, "n": lead.n, "min_n": lead.min_n, "parameter": lead.kind} if lead else {}
        )
        given: dict[str, Any] = {
            "owner": self.owner,
            "path": (lead.path if lead else ()) or self.path,
            **length,
            **rest,
        }
        title = titled(self.window.label, part)
        return Node(f"{self.id}.{part}", kind, title=title, window_id=self.id, is_task=lead is not None, **given)

    def preparation(self) -> Part:
        """Return what makes a window ready: its list is frozen as its set-up begins, which ends before it opens."""
        lead = lead_time(self.loaded, "setup")
        stable = lead_time(self.loaded, "roster_stable")
        is_asked = self.window.kind == "survey"
        day = self.resolver.own_days.nth(stable.n) if is_asked else None
        freeze = self.step("roster_freeze", not_before=day, path=stable.path or self.path)
        if self.window.kind != "survey" or lead.n == 0:
            return Part((freeze,), (Edge(freeze.id, self.id, SAME_DAY, path=self.path),))
        setup = self.step("setup", lead)
        frozen = lead_time(self.loaded, "roster_freeze")
        how = SAME_DAY if frozen.n == 0 else LAG
        first = Edge(freeze.id, setup.id, how, frozen.n, frozen.unit, frozen.roll, frozen.min_n, "roster_freeze")
        return Part((setup, freeze), (Edge(setup.id, self.id, path=self.path), first))

    def consent(self) -> Part:
        """Return what families need before a window opens: a notice, and a day until which they can opt out."""
        notice, opt_out = (self.step(part, owner="privacy_officer") for part in ("notice", "opt_out"))
        return Part(
            (opt_out, notice),
            (
                self.lag(opt_out.id, self.id, lead_time(self.loaded, "opt_out")),
                self.lag(notice.id, opt_out.id, lead_time(self.loaded, "notice")),
            ),
        )

    def evaluation(self) -> Part:
        """Return what follows a window: late answers, scoring, then each report by its tier."""
        nodes: list[Node] = []
        edges: list[Edge] = []
        last = self.id
        leads = (late_accept(self.loaded, self.number, self.window), lead_time(self.loaded, "scoring_qa"))
        for lead in leads:
            if lead.n:
                owner = "research" if lead.kind == "scoring_qa" else self.owner
                nodes.append(self.step(lead.kind, lead, owner=owner))
                edges.append(Edge(last, nodes[-1].id, path=self.path))
                last = nodes[-1].id
        for tier in TIERS:
            lead = lead_time(self.loaded, tier)
            nodes.append(self.step(tier, owner="research", unit=WORKING if lead.n == 0 else lead.unit))
            edges.append(self.lag(last, nodes[-1].id, lead) if lead.n else Edge(last, nodes[-1].id, SAME_DAY))
        return Part(tuple(nodes), tuple(edges))

    def lag(self, before: str, after: str, lead: LeadTime) -> Edge:
        """Return the edge of a step that comes some days before another."""
        path = lead.path or self.path
        return Edge(before, after, LAG, lead.n, lead.unit, lead.roll, lead.min_n, lead.kind, path)


def review_part(resolver: "Resolver", number: int, owners: Owners) -> Part:
    """Return the steps of a review: the reflection on its evidence and, where it feeds a step, the way to the board."""
    units = units_of(resolver.year.reviews[number], owners.schools)
    parts = [_unit_part(_ReviewSteps(resolver, number, owners, unit)) for unit in units]
    return Part(tuple(node for part in parts for node in part.nodes), tuple(e for part in parts for e in part.edges))


def _unit_part(made: "_ReviewSteps") -> Part:
    steps = {f"budget.{each.id}": place for place, each in enumerate(made.resolver.year.budget)}
    place = steps.get(made.review.feeds or "")
    return made.by_itself() if place is None else made.towards(budget_node(made.resolver, place))


def budget_node(resolver: "Resolver", number: int) -> Node:
    """Return a named step of the budget, on its own day."""
    step = resolver.year.budget[number]
    title, path = budget_words(step.id), ("budget", number, "on")
    return Node(f"budget.{step.id}", "budget_event", fixed=step.on, title=title, at=step.at, path=path)


class _ReviewSteps:
    """Make the steps of one review, the district's or that of a school."""

    def __init__(self, resolver: "Resolver", number: int, owners: Owners, unit: Unit) -> None:
        self.resolver, self.loaded, self.owners = resolver, resolver.loaded, owners
        self.number, self.review, self.unit = number, resolver.year.reviews[number], unit
        self.id = unit.id
        self.named: dict[str, Any] = {"review_id": self.review.id, "school_id": unit.school_id}
        self.path: TreePath = ("reviews", number)

    def towards(self, meeting: Node) -> Part:
        """Return the steps of a review that feeds a meeting, whose day they are counted back from."""
        packet, item = self.step("packet"), self.step("staff_item")
        preread, reflection = (lead_time(self.loaded, kind) for kind in ("cabinet_preread", "reflection"))
        nodes = [meeting, packet, item, self.meeting()]
        edges = [self.lag(packet.id, meeting.id), self.lag(item.id, meeting.id)]
        follows = item.id
        if preread.n:
            nodes.append(self.step("cabinet_preread", preread))
            edges.append(Edge(nodes[-1].id, follows, path=self.path))
            follows = nodes[-1].id
        edges.append(Edge(self.id, follows, path=self.path))
        if reflection.n:
            nodes.append(self.step("reflection", reflection, starts_by=self.review.packet_on))
            edges.append(Edge(nodes[-1].id, follows, path=self.path))
        evidence = self.evidence(f"{self.id}.reflection" if reflection.n else self.id)
        return Part((*nodes, *evidence.nodes), (*edges, *evidence.edges))

    def by_itself(self) -> Part:
        """Return the steps of a review that feeds nothing: its meeting, and the reflection that its days give."""
        days = self.resolver.review(self.number, self.unit.school_id)
        if not {"packet_on", "meets_on", "decide_by"} <= set(days):
            return Part((), ())
        n = max(1, self.resolver.lists.school.count(days["packet_on"], days["decide_by"]))
        lead = LeadTime("", n, SCHOOL, path=self.path)
        reflection = self.step("reflection", lead, fixed=days["decide_by"], starts_by=days["packet_on"])
        evidence = self.evidence(reflection.id)
        meeting = replace(self.meeting(), fixed=days["meets_on"])
        return Part((meeting, reflection, *evidence.nodes), evidence.edges)

    def meeting(self) -> Node:
        """Return the day on which people meet over the evidence."""
        unit = self.unit
        return Node(self.id, "review", owner=unit.chair, title=unit.label, path=self.path, **self.named)

    def evidence(self, follows: str) -> Part:
        """Return what must be there before people look at it: windows that were scored, feeds up to the day."""
        windows = {each.id: number for number, each in enumerate(self.resolver.year.windows)}
        nodes: list[Node] = []
        edges: list[Edge] = []
        for needed in self.review.needs:
            if needed in windows:
                edges.append(Edge(last_step(self.resolver, windows[needed]), follows, path=self.path))
            elif needed in self.owners.sources:
                owner = self.owners.sources[needed]
                title = {"en": f"{needed}: data up to the day", "es": f"{needed}: datos hasta el día"}
                feed = Node(f"{self.id}.{needed}", "feed", owner=owner, title=title, path=self.path, **self.named)
                nodes.append(replace(feed, is_at_latest=True))
                edges.append(Edge(feed.id, follows, path=self.path))
        return Part(tuple(nodes), tuple(edges))

    def lag(self, before: str, after: str) -> Edge:
        """Return the edge of a step that comes some days before the meeting."""
        lead = lead_time(self.loaded, before.rpartition(".")[2])
        path = lead.path or self.path
        return Edge(before, after, LAG, lead.n, lead.unit, lead.roll, lead.min_n, lead.kind, path)

    def step(self, part: str, lead: LeadTime | None = None, **rest: Any) -> Node:
        """Return one step of the review; it takes the time of its lead where it has one."""
        length: dict[str, Any] = (
            {"unit": lead.unit, "n": lead.n, "min_n": lead.min_n, "parameter": lead.kind} if lead else {}
        )
        given: dict[str, Any] = {
            "owner": self.unit.chair,
            "path": (lead.path if lead else ()) or self.path,
            **length,
            **rest,
        }
        title, is_task = titled(self.unit.label, part), lead is not None
        named: dict[str, Any] = {"title": title, "is_task": is_task, "is_at_latest": True}
        return Node(f"{self.id}.{part}", part, **named, **self.named, **given)


def last_step(resolver: "Resolver", number: int) -> str:
    """Return what of a window has to be done before anybody can look at its answers."""
    window = resolver.year.windows[number]
    if lead_time(resolver.loaded, "scoring_qa").n:
        return f"{window.id}.scoring_qa"
    return f"{window.id}.late_accept" if late_accept(resolver.loaded, number, window).n else window.id


def year_graph(resolver: "Resolver", owners: Owners) -> Graph:
    """Return the steps of all windows and reviews of a year."""
    year = resolver.year
    parts = [window_part(resolver, number, owners) for number in range(len(year.windows))]
    parts += [review_part(resolver, number, owners) for number in range(len(year.reviews))]
    nodes = {node.id: node for part in parts for node in part.nodes}
    nodes |= {node.id: node for node in map(partial(budget_node, resolver), range(len(year.budget)))}
    if any(node.kind == "notice" for node in nodes.values()):
        nodes["annual_notice"] = annual_notice(resolver)
    edges = [edge for part in parts for edge in part.edges]
    held = [(review, unit.id) for review in year.reviews for unit in units_of(review, owners.schools)]
    return Graph(nodes.values(), edges, [each for review, name in held if (each := _anchor(review, name, nodes))])


def annual_notice(resolver: "Resolver") -> Node:
    """Return the day by which families hear of the surveys of the year."""
    lead = lead_time(resolver.loaded, "annual_notice")
    named: dict[str, Any] = {"owner": "privacy_officer", "title": ANNUAL_NOTICE}
    named["path"] = lead.path or ("school_year", "first_day")
    return Node("annual_notice", "annual_notice", unit=SCHOOL, fixed=resolver.own_days.nth(lead.n), **named)


def _anchor(review: Review, name: str, nodes: Mapping[str, Node]) -> Anchor | None:
    """Return the day that a review works towards."""
    fed = nodes.get(review.feeds or "")
    if fed and fed.fixed:
        return Anchor(name, fed.id, fed.fixed)
    reflection, meeting = nodes.get(f"{name}.reflection"), nodes.get(name)
    if reflection and meeting and meeting.fixed:
        return Anchor(name, reflection.id, meeting.fixed)
    return None
