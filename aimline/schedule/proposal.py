"""Make the plan of a year from its files: with what was frozen, what was done, what is closed; and list its items.

Every plan comes from here: the proposal, a what-if, the next version. Source: schedule.md 3.4, 5, 7.3, 7.7.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from aimline._declared_files import Loaded
from aimline._review_units import Unit, schools_of, units_of
from aimline._row_parts import owner_of
from aimline.schedule.changes import Closed, extended, if_closed, lost_days, settled
from aimline.schedule.conflicts import Conflict, settle_conflicts
from aimline.schedule.graph import Node
from aimline.schedule.items import FrozenPlan, Item
from aimline.schedule.passes import Span
from aimline.schedule.planner import Plan, Planned, Setting, obligation_dates, plan_year
from aimline.schedule.rules import Resolver, resolvers
from aimline.schedule.school_changes import Heirs, of_heirs
from aimline.schedule.template import TIERS, Owners
from aimline.schedule.words import BOARD_MEETING, titled
from schemas.years import Review, Window, YearFile

if TYPE_CHECKING:
    from aimline.settings import Deployment

ENGINE = "engine"
"""Who freezes what no person has to decide."""


@dataclass(frozen=True)
class Asked:
    """Which plan is wanted.

    Attributes:
        history: The frozen versions of the year up to the day, the newest last.
        closed: Days that are taken as closed.
        done: First and last day of steps that were done.
        renews: Whether rules give the days of what has not begun; else frozen days hold.
        heirs: Schools that are no more, with who took them over.
    """

    school_year: int
    as_of: date
    history: Sequence[FrozenPlan] = ()
    closed: tuple[date, ...] = ()
    done: Mapping[str, Span] = field(default_factory=dict)
    renews: bool = False
    heirs: Heirs = field(default_factory=dict)

    @property
    def frozen(self) -> FrozenPlan | None:
        """Return the version in force."""
        return self.history[-1] if self.history else None


@dataclass(frozen=True)
class Made:
    """A plan, the conflicts that were settled on the way to it, and by how many days windows were extended."""

    plan: Plan
    conflicts: tuple[Conflict, ...]
    extensions: Mapping[str, int]
    kept_openings: tuple[str, ...] = ()

    @property
    def is_feasible(self) -> bool:
        """Say whether every anchor is made and every conflict could be settled."""
        return self.plan.is_feasible and not any(each.is_left for each in self.conflicts)


def make_plan(deployment: "Deployment", asked: Asked) -> Made:
    """Return the plan of a year of a deployment."""
    loaded = {each: _year(deployment, each) for each in deployment.years}
    own = loaded[asked.school_year]
    if asked.closed and own.shape:
        loaded[asked.school_year] = Loaded(own.tree, if_closed(own.shape, asked.closed, asked.as_of))
    found = resolvers([loaded[each] for each in sorted(loaded)], obligation_dates)
    resolver = next(each for each in found if each.year.school_year.id == asked.school_year)
    return made_from(resolver, owners_of(deployment, asked.heirs), asked)


def _year(deployment: "Deployment", school_year: int) -> Loaded[YearFile]:
    return Loaded(deployment.trees[deployment.year_file(school_year)], deployment.years[school_year])


def owners_of(deployment: "Deployment", heirs: Heirs) -> Owners:
    """Return what other files of a deployment say of the steps of its years, without schools that are no more."""
    declared = deployment.sources.sources
    sources = {each.source_id: owner_of(deployment, each.owner).get("owner_role") for each in declared}
    asks = {key for key, each in deployment.instruments.items() if each.needs_notice}
    named = {window.instrument for year in deployment.years.values() for window in year.windows if window.instrument}
    # of an instrument that is still to be written nobody knows that it needs no notice
    asks |= named - deployment.instruments.keys()
    schools = tuple(each for each in schools_of(deployment.district) if each not in heirs)
    return Owners(sources, frozenset(asks), schools, heirs)


def made_from(resolver: Resolver, owners: Owners, asked: Asked) -> Made:
    """Return the plan of a year that can be resolved."""
    kept = {item.id: _planned(item) for item in asked.frozen.items if item.due_on} if asked.frozen else {}
    running = _running(resolver, asked)
    moved = {name: span for name, (span, _) in running.items()}
    for name, span in moved.items():
        if name in kept and kept[name].finish != span[1]:
            parts = {f"{name}.{part}" for part in ("late_accept", "scoring_qa", *TIERS)}
            kept = {each: days for each, days in kept.items() if each not in parts or days.finish < asked.as_of}
    openings: tuple[str, ...] = ()
    if asked.renews:
        openings = tuple(_kept_openings(resolver, kept, asked.as_of))
        kept = {name: days for name, days in kept.items() if days.start < asked.as_of or name in openings}
    setting = Setting(resolver, owners, asked.as_of, kept, moved, asked.done)
    plan, conflicts = settle_conflicts(plan_year(setting))
    return Made(plan, conflicts, {name: n for name, (_, n) in running.items() if n}, openings)


def _planned(item: Item) -> Planned:
    finish = item.due_on or date.max
    return Planned(item.opens_on or finish, finish, item.rule)


def _kept_openings(resolver: Resolver, kept: Mapping[str, Planned], as_of: date) -> Iterator[str]:
    """Yield the windows whose rule now opens them on a day that is over: their frozen days hold."""
    for number, window in enumerate(resolver.year.windows):
        old, new = kept.get(window.id), resolver.window(number)
        if old and {"opens_on", "closes_on"} <= set(new):
            span = (new["opens_on"], new["closes_on"])
            if settled((old.start, old.finish), span, as_of, is_open=old.start <= as_of).told:
                yield window.id


def _running(resolver: Resolver, asked: Asked) -> dict[str, tuple[Span, int]]:
    """Return the days of windows that have opened and lost days since, and by how many days each was extended."""
    found: dict[str, tuple[Span, int]] = {}
    base = by_a_person(asked.history)
    for number, window in enumerate(resolver.year.windows):
        is_frozen = base is not None and base.item(window.id) is not None
        if base and is_frozen:
            run = _of_frozen(resolver, window, base, asked.as_of)
        else:
            run = _of_rule(resolver, number, asked.as_of)
        if run and run[0][0] <= asked.as_of:
            found[window.id] = run
    return found


def by_a_person(history: Sequence[FrozenPlan]) -> FrozenPlan | None:
    """Return the newest version that a person froze: the engine's own only lengthen open windows of it."""
    return next((each for each in reversed(history) if each.frozen_by != ENGINE), None)


def _lost(resolver: Resolver, span: Span, since: date, as_of: date) -> tuple[Closed, ...]:
    """Return the days that closures took out of a span, of those declared from one day to another."""
    calendar = resolver.calendars.by_year[resolver.year.school_year.id]
    found = lost_days(calendar, span)
    return tuple(each for each in found if each.declared_on and since <= each.declared_on <= as_of)


def _of_frozen(resolver: Resolver, window: Window, base: FrozenPlan, as_of: date) -> tuple[Span, int] | None:
    """Return the days of a frozen window with those given back that were lost since a person froze it."""
    item = base.item(window.id)
    if item is None or item.opens_on is None or item.closes_on is None or window.extend_if is None:
        return None
    span = (item.opens_on, item.closes_on)
    known = {word for each in base.changes if each.id == window.id for word in each.cause.split()}
    n_lost = sum(str(each.on) not in known for each in _lost(resolver, span, base.as_of, as_of))
    n_given = min(n_lost, window.extend_if.max)
    if n_given == 0:
        return None
    return (span[0], extended(span[1], n_lost, window.extend_if.max, resolver.lists.school)), n_given


def _of_rule(resolver: Resolver, number: int, as_of: date) -> tuple[Span, int] | None:
    """Return the days of a window that was never frozen: its length gave lost days back, more than it may."""
    window, days = resolver.year.windows[number], resolver.window(number)
    if not {"opens_on", "closes_on"} <= set(days):
        return None
    opens, closes, school = days["opens_on"], days["closes_on"], resolver.lists.school
    n_lost = len(_lost(resolver, (opens, closes), opens, as_of))
    if n_lost == 0:
        return None
    n_given = min(n_lost, window.extend_if.max) if window.extend_if else 0
    if window.length is None:
        return (opens, extended(closes, n_lost, n_given, school)), n_given
    n_back = n_lost - n_given
    return (opens, school.add(closes, -n_back) if n_back else closes), n_given


def proposal(deployment: "Deployment", school_year: int, as_of: date, heirs: Heirs | None = None) -> FrozenPlan:
    """Return the plan that the rules of a year give on a day: version 0."""
    return listed(deployment.name, make_plan(deployment, Asked(school_year, as_of, heirs=heirs or {})))


def listed(name: str, made: Made) -> FrozenPlan:
    """Return a plan as its items."""
    setting = made.plan.setting
    return FrozenPlan(name, setting.resolver.year.school_year.id, 0, setting.as_of, None, items_of(made.plan))


def items_of(plan: Plan) -> tuple[Item, ...]:
    """Return the items of a plan: its steps, the meetings of the board, what a review leaves to do; by due date."""
    steps = [_item(plan, node) for name, node in plan.graph.nodes.items() if name in plan.planned]
    found = of_heirs([*steps, *_board_items(plan), *_closing_items(plan)], plan.setting.owners.heirs)
    return tuple(sorted(found, key=lambda item: (item.due_on or date.max, item.id)))


def _item(plan: Plan, node: Node) -> Item:
    days = plan.planned[node.id]
    return Item(
        id=node.id,
        kind=node.kind,
        school_year=plan.setting.resolver.year.school_year.id,
        title=node.title or {"en": node.id},
        opens_on=days.start if node.is_task else None,
        closes_on=days.finish if node.is_task else None,
        due_on=days.finish,
        at=node.at,
        owner=node.owner,
        depends_on=_depends_on(plan, node),
        slack_school_days=plan.slack(node.id),
        rule=days.rule,
        is_critical=node.id in plan.critical,
        window_id=node.window_id,
    )


def _depends_on(plan: Plan, node: Node) -> tuple[str, ...]:
    """Return what a step waits for; the last day to opt out passes by itself, so a window waits for its notice."""
    before = [edge.before for edge in plan.graph.into[node.id]]
    if node.kind != "window":
        return tuple(before)
    return tuple(f"{node.id}.notice" if each == f"{node.id}.opt_out" else each for each in before)


def _board_items(plan: Plan) -> Iterator[Item]:
    year = plan.setting.resolver.year
    meetings = year.board_meetings
    for day in meetings.dates if meetings else ():
        named = {"title": BOARD_MEETING, "due_on": day, "at": meetings.at if meetings else None}
        yield Item(f"board.{day}", "board_meeting", year.school_year.id, **named)  # type: ignore[arg-type]


def _closing_items(plan: Plan) -> Iterator[Item]:
    """Yield the days on which a review has decided and is closed."""
    resolver, schools = plan.setting.resolver, plan.setting.owners.schools
    for number, review in enumerate(resolver.year.reviews):
        for unit in units_of(review, schools):
            days = resolver.review(number, unit.school_id)
            yield from _closing_of(review, unit, days, resolver.year.school_year.id)


def _closing_of(review: Review, unit: Unit, days: Mapping[str, date], school_year: int) -> Iterator[Item]:
    before = unit.id
    parts = (("decide_by", "decisions", "decision", unit.chair), ("close_by", "close", "review", unit.scribe))
    for name, part, kind, owner in parts:
        if name in days:
            is_given = getattr(review, name) is not None
            rule = "fixed" if is_given else _closing_rule(name, review, unit)
            item = Item(f"{unit.id}.{part}", kind, school_year, titled(unit.label, part), due_on=days[name])
            yield replace(item, owner=owner, depends_on=(before,), rule=rule)
            before = item.id


def _closing_rule(name: str, review: Review, unit: Unit) -> str:
    if name == "close_by":
        return f"school_days(10, {unit.id}.decisions)"
    is_by_itself = review.feeds is None or review.packet_on is not None
    return f"school_days(3, {unit.id}.on)" if is_by_itself else f"latest({unit.id})"
