"""Say what is due on a day: everything dated after one day, up to and including another, that is not done.

What is due between two days is what is due in any two halves of the span together. Doing it is the caller's. Source:
schedule.md 9.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from aimline.schedule.arrivals import Arrival
from aimline.schedule.items import FrozenPlan, Item
from aimline.schedule.people import ANCHORS, Nudge, Nudging, People, anchors_of
from aimline.schedule.school_days import Days
from aimline.schedule.windows import CANCELLED, CHAIN, PLANNED, Course, Transition, WindowStates, transitions

ACTIONS = (
    *("transition", "collect", "freeze_roster", "score", "review_packet", "review_reflect", "review_close"),
    *("cycle_step", "publish", "remind", "escalate", "check_arrival", "rollover"),
)
"""What can be due, in the order it is done."""

_RANK = {action: rank for rank, action in enumerate(ACTIONS)}

_BY_KIND = {
    "scoring_qa": "score",
    "reflection": "review_packet",
    "review": "review_reflect",
    "cycle_step": "cycle_step",
    "report": "publish",
    "rollover_step": "rollover",
}
"""What the engine does when an item of a kind is due; of all others people are reminded, and that is all."""

_CLOSES = ".close"
"""End of the id of the day on which a review is closed, which is an item of the same kind as its meeting."""

_OVER = {
    "notice": "notice_sent",
    "opt_out": "open",
    "roster_freeze": "roster_frozen",
    "setup": "open",
    "window": "closed",
    "late_accept": "sealed",
}
"""The state of its window that shows an item of a kind to be done."""

ACKNOWLEDGED = "ack"
"""First part of the key of an item that a person said is done."""


@dataclass(frozen=True)
class DueItem:
    """One thing due: what to do, about what, since when, who answers for it.

    Attributes:
        key: Names the action; done once, it is never due again.
    """

    id: str
    action: str
    due_on: date
    subject_id: str
    owner: str | None
    overdue_school_days: int
    reason: str
    key: str


@dataclass(frozen=True)
class Agenda:
    """Everything that is dated: plans of all years, windows, deliveries, sources with their owners, days, people.

    Attributes:
        arrivals: Expected deliveries, which are asked after on their day.
        reminders: By school year and kind, at how many school days before its day people are told of an item.
        sources: Source and owner role of everything that is looked at every night.
    """

    plans: tuple[FrozenPlan, ...]
    courses: tuple[Course, ...]
    arrivals: tuple[Arrival, ...]
    sources: tuple[tuple[str, str | None], ...]
    school: Days
    working: Days
    people: People
    reminders: Mapping[int, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)

    @cached_property
    def dated(self) -> tuple[tuple[FrozenPlan, Item], ...]:
        """Return the items of all plans that have a day, with their plan."""
        return tuple((plan, item) for plan in self.plans for item in plan.items if item.due_on)

    @cached_property
    def nudges(self) -> tuple[tuple[FrozenPlan, Nudge], ...]:
        """Return every day on which somebody would hear of an item, all year long."""
        return tuple((plan, nudge) for plan in self.plans for nudge in self._nudges(plan))

    def _nudges(self, plan: FrozenPlan) -> Iterator[Nudge]:
        own = self.reminders.get(plan.school_year, {})
        nudging = Nudging(self.people, self.school, self.working, anchors_of(plan.items), own)
        for item in plan.items:
            yield from nudging.of(item)

    def late(self, due_on: date, as_of: date) -> int:
        """Return how many school days ago something was due."""
        return self.school.count(due_on + timedelta(days=1), as_of)


def due(  # noqa: PLR0913, PLR0917 - the question has these parts
    agenda: Agenda, states: WindowStates, done: frozenset[str], since: date, as_of: date
) -> tuple[DueItem, ...]:
    """Return what is dated in (since, as_of] and not done, and one look at every source.

    Args:
        agenda: What is dated.
        states: Where each window stands.
        done: Keys of what was done.
        since: The day of the last finished run; what was due then is not due again.
        as_of: The day of the run.
    """
    found = [
        *_steps(agenda, states, since, as_of),
        *_collects(agenda, as_of),
        *_own_actions(agenda, since, as_of),
        *_told(agenda, states, done, (since, as_of)),
        *_arrivals(agenda, since, as_of),
    ]
    left = {item.key: item for item in found if item.key not in done}
    return tuple(sorted(left.values(), key=lambda item: (item.due_on, _RANK[item.action], item.id, item.key)))


def acknowledged(item: Item) -> str:
    """Return the key that says a person called an item done, whatever version of the plan it was due in."""
    return f"{ACKNOWLEDGED}|{item.school_year}|{item.id}"


def _key(action: str, subject: str, due_on: date, version: int) -> str:
    return f"{action}|{subject}|{due_on}|{version}"


def _steps(agenda: Agenda, states: WindowStates, since: date, as_of: date) -> Iterator[DueItem]:
    owners = {course.key: course.owner for course in agenda.courses}
    for made in transitions(agenda.courses, states, as_of):
        if made.on > since:
            yield _step_item(agenda, made, owners[made.school_year, made.window_id], as_of)


def _step_item(agenda: Agenda, made: Transition, owner: str | None, as_of: date) -> DueItem:
    is_freeze = made.to_state == "roster_frozen"
    action = "freeze_roster" if is_freeze else "transition"
    return DueItem(
        id=f"{made.window_id}.roster_freeze" if is_freeze else made.window_id,
        action=action,
        due_on=made.on,
        subject_id=made.window_id,
        owner=owner,
        overdue_school_days=agenda.late(made.on, as_of),
        reason=f"{made.from_state} to {made.to_state}",
        key=_key(action, made.window_id, made.on, made.version),
    )


def _collects(agenda: Agenda, as_of: date) -> Iterable[DueItem]:
    """Return a look at every source; it is due every night anew and never done."""
    return (
        DueItem(name, "collect", as_of, name, owner, 0, "looked at every night", _key("collect", name, as_of, 0))
        for name, owner in agenda.sources
    )


def _own_actions(agenda: Agenda, since: date, as_of: date) -> Iterator[DueItem]:
    """Yield what the engine does on the day an item is due."""
    for _, item in agenda.dated:
        own = own_action(item)
        if own and since < own[1] <= as_of:
            yield _item(agenda, item, (*own, as_of), item.rule)


def own_action(item: Item) -> tuple[str, date] | None:
    """Return what the engine does for an item and on which day; a reflection begins with its packet."""
    action, day = _BY_KIND.get(item.kind), item.due_on
    if action is None or day is None:
        return None
    if item.kind == "reflection":
        return action, item.opens_on or day
    return ("review_close" if item.id.endswith(_CLOSES) else action), day


def _item(agenda: Agenda, item: Item, when: tuple[str, date, date], reason: str) -> DueItem:
    action, due_on, as_of = when
    return DueItem(
        id=item.id,
        action=action,
        due_on=due_on,
        subject_id=item.id,
        owner=item.owner,
        overdue_school_days=agenda.late(due_on, as_of),
        reason=reason,
        key=_key(action, item.id, due_on, item.frozen_version),
    )


def _told(agenda: Agenda, states: WindowStates, done: frozenset[str], span: tuple[date, date]) -> Iterator[DueItem]:
    """Yield who is to be told of items that are not done."""
    for nudge in nudges_in(agenda, states, done, span):
        label = nudge.item.title.get("en") or nudge.item.id
        yield _item(agenda, nudge.item, (nudge.action, nudge.on, span[1]), f"{label}: {nudge.reason}")


def nudges_in(agenda: Agenda, states: WindowStates, done: frozenset[str], span: tuple[date, date]) -> tuple[Nudge, ...]:
    """Return what people are to be told after one day, up to and including another, of items that are not done.

    Of two levels of one item on one day the higher one tells the other's people too.
    """
    since, as_of = span
    found: dict[tuple[str, str, date, int], Nudge] = {}
    for plan, nudge in agenda.nudges:
        if since < nudge.on <= as_of and not _is_done(nudge.item, states, done, nudge.on):
            place = (nudge.action, nudge.item.id, nudge.on, plan.school_year)
            before = found.get(place)
            found[place] = nudge if before is None else _joined(before, nudge)
    return tuple(found.values())


def _joined(one: Nudge, other: Nudge) -> Nudge:
    roles = tuple(dict.fromkeys((*one.roles, *other.roles)))
    reason = f"{one.reason}; {other.reason}"
    return Nudge(other.item, other.on, other.action, roles, reason, one.is_provisional or other.is_provisional)


def _is_done(item: Item, states: WindowStates, done: frozenset[str], on: date) -> bool:
    """Say whether nobody needs to hear of an item any more."""
    if acknowledged(item) in done:
        return True
    if item.kind in ANCHORS:
        return item.due_on is not None and on > item.due_on
    own = own_action(item)
    if own and _key(own[0], item.id, own[1], item.frozen_version) in done:
        return True
    state = states.get((item.school_year, item.window_id or ""), PLANNED).stands
    wanted = _OVER.get(item.kind)
    return state == CANCELLED or (wanted is not None and CHAIN.index(state) >= CHAIN.index(wanted))


def _arrivals(agenda: Agenda, since: date, as_of: date) -> Iterator[DueItem]:
    owners: Mapping[str, str | None] = dict(agenda.sources)
    for each in agenda.arrivals:
        if since < each.expected_on <= as_of:
            yield DueItem(
                id=f"{each.source_id}.{each.expected_on}",
                action="check_arrival",
                due_on=each.expected_on,
                subject_id=each.source_id,
                owner=owners.get(each.source_id),
                overdue_school_days=agenda.late(each.expected_on, as_of),
                reason=each.rule,
                key=_key("check_arrival", each.source_id, each.expected_on, 0),
            )
