"""The steps of a night that no verb has of its own."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from aimline.commands._dated import DONE, Told, told_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aimline.context import Context
    from aimline.schedule import Agenda, Nudge, Transition

_TOLD_OF = frozenset({"remind", "escalate"})
_DONE_BY_NIGHT = frozenset(
    {"score", "review_packet", "review_reflect", "review_close", "cycle_step", "publish", "check_arrival", "rollover"}
)

_worked_out: "dict[tuple[str, date], Agenda]" = {}


@dataclass(frozen=True)
class Tonight:
    """What is dated, as a night sees it."""

    context: "Context"

    @cached_property
    def agenda(self) -> "Agenda":
        """Return the plans of all years with everything that is dated; worked out once a day for the same files."""
        from aimline.schedule import agenda_for, resolve_dates

        declared = self.context.deployment
        place = (declared.digest, self.as_of)
        if place not in _worked_out:
            _worked_out.clear()
            _worked_out[place] = agenda_for(declared, resolve_dates(declared), {}, self.as_of)
        return _worked_out[place]

    @cached_property
    def told(self) -> Told:
        """Return what the journal tells of dates."""
        return told_by(self.context.journal, self.as_of)

    @property
    def as_of(self) -> date:
        """Return the day of the night."""
        return self.context.clock.as_of

    @property
    def since(self) -> date:
        """Return the day of the last finished night: what was due until then is done."""
        return self.told.last_night or self.as_of - timedelta(days=1)


def move_windows(context: "Context") -> "tuple[Transition, ...]":
    """Move the windows whose day has come, and say so in the journal.

    Returns:
        The steps that were due and not made before, by their day.
    """
    from aimline.schedule import transitions, window_events

    night = Tonight(context)
    steps = transitions(night.agenda.courses, night.told.states, night.as_of)
    context.journal.append(window_events(steps, night.as_of, context.run_id), at=context.clock.instant())
    return steps


def tell_missing_year(context: "Context") -> None:
    """Say in the journal that a school year has begun without a file: last year's shape goes on until there is one."""
    from aimline.journal import Event
    from aimline.schedule.rollover import missing_year

    as_of = context.clock.as_of
    label = missing_year(context.deployment.years, as_of)
    if label:
        key = f"calendar_missing|{label}|{as_of}"  # told every night
        event = Event("calendar_missing", label, as_of, key, {"school_year": label}, context.run_id)
        context.journal.append([event], at=context.clock.instant())


def to_tell(context: "Context") -> "Mapping[str, tuple[Nudge, ...]]":
    """Return what each person is to be told tonight; nobody on a day without work.

    What fell on a day without a run is told in the next one. What was told is never told again.
    """
    from aimline.schedule import nudges_in

    night = Tonight(context)
    agenda, told = night.agenda, night.told
    if night.as_of not in agenda.working:
        return {}
    since = min(night.since, agenda.working.add(night.as_of, -1))
    found: dict[str, list[Nudge]] = {}
    for nudge in nudges_in(agenda, told.states, told.done, (since, night.as_of)):
        owners = (agenda.people.owner(role, night.as_of) for role in nudge.roles)
        for person in dict.fromkeys(owner.person for owner in owners if owner.person):
            found.setdefault(person, []).append(nudge)
    return {person: tuple(nudges) for person, nudges in sorted(found.items())}


def record_told(context: "Context") -> None:
    """Write down that people were told what was to be told tonight."""
    night = Tonight(context)
    if night.as_of in night.agenda.working:
        since = min(night.since, night.agenda.working.add(night.as_of, -1))
        _record(night, since, _TOLD_OF)


def record_done(context: "Context") -> None:
    """Write down what the night that ends has done of what was due; steps of windows were written down already."""
    night = Tonight(context)
    _record(night, night.since, _DONE_BY_NIGHT)


def _record(night: Tonight, since: date, actions: frozenset[str]) -> None:
    from aimline.journal import Event
    from aimline.schedule import due

    items = due(night.agenda, night.told.states, night.told.done, since, night.as_of)
    run_id = night.context.run_id
    events = [
        Event(DONE, item.id, night.as_of, f"{DONE}|{item.key}", {"key": item.key, "due_on": item.due_on}, run_id)
        for item in items
        if item.action in actions
    ]
    night.context.journal.append(events, at=night.context.clock.instant())
