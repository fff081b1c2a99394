"""Say who answers for what on a day, when people are reminded, and who hears when something is late.

An owner is a role; the person who holds it on the day answers, else the person of its deputy, else of the role it
escalates to. What a message says and how it travels is not here. Source: schedule.md 8.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from aimline.errors import DeclaredFactError
from aimline.schedule.items import Item
from aimline.schedule.school_days import Days
from schemas.district import Role
from schemas.plan import Person

REMIND_BEFORE: Mapping[str, tuple[int, ...]] = {"": (10, 5, 1, 0), "board_meeting": (5, 0), "budget_event": (5, 0)}
"""School days before its day at which the owner of an item is reminded, by kind; the empty one is all others."""

ANCHORS = frozenset({"board_meeting", "budget_event"})
"""Kinds that do not move: what feeds one must be there before it."""

WATCHED_DAYS, URGENT_DAYS = 10, 3
"""Calendar days before an anchor from which the deputy, then the role above, hears too (parameters)."""

LATE_DAYS, VERY_LATE_DAYS = 1, 3
"""School days after an item was due from which the deputy, then the role above, hears (parameters)."""

_LEAD = "sel_lead"
_CLERK = "board_clerk"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Owned:
    """Who answers for a thing on a day.

    Attributes:
        role: The role it belongs to.
        person: Code of the person; None when nobody is active, or when a body owns it.
        held_as: The role the person holds: the role itself, its deputy, or the one it escalates to.
        is_body: A body decides; the clerk of the board records it.
    """

    role: str
    person: str | None
    held_as: str | None
    is_body: bool = False

    @property
    def is_orphan(self) -> bool:
        """Say whether nobody answers."""
        return self.person is None and not self.is_body


class People:
    """The roles of a district and the people who hold them."""

    def __init__(self, roles: Iterable[Role], people: Iterable[Person]) -> None:
        """Take the roles as declared and the people of all plans; one who is named in two plans is one person."""
        self._roles = {each.role: each for each in roles}
        held: dict[str, list[Person]] = {}
        for person in sorted(set(people), key=lambda each: (each.active_from, each.person)):
            held.setdefault(person.role, []).append(person)
        self._held = held

    def person(self, role: str, on: date) -> str | None:
        """Return who holds a role on a day; of several, who has held it longest."""
        for each in self._held.get(role, ()):
            if each.active_from <= on and (each.active_to is None or on <= each.active_to):
                return each.person
        return None

    def owner(self, role: str, on: date) -> Owned:
        """Return who answers for what belongs to a role on a day."""
        is_body = bool((declared := self.declared(role)) and declared.body)
        for held_as in (role, *self.above(role), *([_CLERK] if is_body else [])):
            person = self.person(held_as, on)
            if person is not None:
                return Owned(role, person, held_as, is_body)
        return Owned(role, None, None, is_body)

    def declared(self, role: str) -> Role | None:
        """Return a role as declared; ``principal:0104`` is declared by ``principal:*``."""
        return self._roles.get(role) or self._roles.get(f"{role.partition(':')[0]}:*")

    def deputy(self, role: str) -> str | None:
        """Return the deputy role of a role, of the same school."""
        declared = self.declared(role)
        return _of_school(declared.deputy, role) if declared else None

    def escalates_to(self, role: str) -> str | None:
        """Return the role that hears when a role is late."""
        declared = self.declared(role)
        return _of_school(declared.escalates_to, role) if declared else None

    def above(self, role: str) -> tuple[str, ...]:
        """Return the deputy role of a role, then the one it escalates to, as far as they are declared."""
        return tuple(each for each in (self.deputy(role), self.escalates_to(role)) if each)


def _of_school(named: str | None, role: str) -> str | None:
    """Return a declared role for the school of another role: ``data_lead:*`` of ``principal:0104`` is its own."""
    if named is None or not named.endswith(":*"):
        return named
    _, colon, school = role.partition(":")
    return named[:-1] + school if colon else named


@dataclass(frozen=True)
class Nudge:
    """One reason to tell people of an item on a day.

    Attributes:
        item: What it is about.
        on: The day people are told.
        action: ``remind`` or ``escalate``.
        roles: Who is told; their active people are found on the day.
        reason: Why, in words.
        is_provisional: The anchor is over; what the item feeds is provisional.
    """

    item: Item
    on: date
    action: str
    roles: tuple[str, ...]
    reason: str
    is_provisional: bool = False


@dataclass(frozen=True)
class Nudging:
    """What reminding counts in: school days, working days, roles, the anchor each item feeds; and when, by kind."""

    people: People
    school: Days
    working: Days
    anchors: Mapping[str, date]
    declared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def of(self, item: Item) -> Iterator[Nudge]:
        """Yield every day on which somebody hears of an item that is not done, by kind of message."""
        if item.due_on is None:
            return
        yield from self._reminders(item, item.due_on)
        if item.owner is not None and item.kind not in ANCHORS:
            yield from self._escalations(item, item.due_on, item.owner)

    def _reminders(self, item: Item, due_on: date) -> Iterator[Nudge]:
        usual = REMIND_BEFORE.get(item.kind, REMIND_BEFORE[""]) if item.owner else (0,)
        before = self.declared.get(item.kind, usual)
        days: dict[date, int] = {}
        for n in sorted(before, reverse=True):
            day = due_on if n == 0 else self._shift(due_on, -n)
            days[self._told_on(day)] = n
        for day, n in days.items():
            left = "due today" if n == 0 else f"due in {n} school {'day' if n == 1 else 'days'}"
            yield Nudge(item, day, "remind", self._hearing(item, day), left)

    def _hearing(self, item: Item, on: date) -> tuple[str, ...]:
        """Return who hears of an item: more people, the nearer its anchor."""
        if item.owner is None:
            return ()
        anchor = self.anchors.get(item.id)
        left = WATCHED_DAYS + 1 if anchor is None else (anchor - on).days
        deputy, above = self.people.deputy(item.owner), self.people.escalates_to(item.owner)
        wanted = [item.owner]
        wanted += [deputy] if deputy and left <= WATCHED_DAYS else []
        wanted += [above] if above and left <= URGENT_DAYS else []
        return tuple(dict.fromkeys(wanted))

    def _escalations(self, item: Item, due_on: date, owner: str) -> Iterator[Nudge]:
        """Yield each level once, on the first day one of its reasons holds."""
        deputy, above = self.people.deputy(owner), self.people.escalates_to(owner)
        anchor = self.anchors.get(item.id)
        levels = ((deputy, WATCHED_DAYS, LATE_DAYS), (above, URGENT_DAYS, VERY_LATE_DAYS))
        for role, n_left, n_late in levels:
            if role is None:
                continue
            late_on = self._shift(due_on, n_late)
            near_on = late_on if anchor is None else anchor - n_left * _DAY
            on = self._told_on(min(late_on, near_on), backward=near_on < late_on)
            why = f"{n_late} school {'day' if n_late == 1 else 'days'} overdue"
            if near_on < late_on:
                why = f"{n_left} days left to {anchor}"
            yield Nudge(item, on, "escalate", (role,), f"{why}: {role} hears too")
        if anchor is not None:
            day = self._told_on(anchor + _DAY, backward=False)
            yield Nudge(item, day, "escalate", (_LEAD,), f"{anchor} is over: {_LEAD} hears too", is_provisional=True)

    def _shift(self, day: date, n: int) -> date:
        """Return the day n school days away; where the known school days end, working days go on."""
        for days in (self.school, self.working):
            try:
                return days.add(day, n)
            except DeclaredFactError:
                continue
        return day + n * _DAY

    def _told_on(self, day: date, *, backward: bool = True) -> date:
        """Return the day people are told: no message comes on a day without work."""
        try:
            return self.working.prev_on_or_before(day) if backward else self.working.next_on_or_after(day)
        except DeclaredFactError:
            return day


def anchors_of(items: Sequence[Item]) -> dict[str, date]:
    """Return the first anchor that each item feeds, through whatever depends on it."""
    found: dict[str, date] = {}
    before = {each.id: each.depends_on for each in items}
    anchors = [each for each in items if each.kind in ANCHORS and each.due_on]
    for anchor in sorted(anchors, key=lambda each: (each.due_on, each.id)):
        waiting = [*anchor.depends_on]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = anchor.due_on or date.max
                waiting += before.get(name, ())
    return found


def orphans(items: Iterable[Item], people: People) -> tuple[Item, ...]:
    """Return the items that have an owner of whom nobody is active on the day they are due."""
    return tuple(
        each for each in items if each.owner and each.due_on and people.owner(each.owner, each.due_on).is_orphan
    )


def handed_over(items: Iterable[Item], people: People, person: Person) -> tuple[Item, ...]:
    """Return the items of a role that are due after the person who held it left."""
    left = person.active_to
    if left is None:
        return ()
    return tuple(
        each
        for each in items
        if each.owner == person.role and each.due_on and each.due_on > left and not _is_held(people, each)
    )


def _is_held(people: People, item: Item) -> bool:
    return item.owner is not None and item.due_on is not None and people.person(item.owner, item.due_on) is not None
