"""The steps of a night that no verb has of its own."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.schedule import Transition


def move_windows(context: "Context") -> "tuple[Transition, ...]":
    """Open, close and seal the windows whose day has come, and say so in the journal.

    Returns:
        The steps that were due and not made before, by their day.
    """
    from aimline.schedule import agenda_for, resolve_dates, states_of, transitions, window_events

    as_of = context.clock.as_of
    told = context.journal.events("window_transition", until=as_of)
    agenda = agenda_for(context.deployment, resolve_dates(context.deployment), {}, as_of)
    steps = transitions(agenda.courses, states_of(told), as_of)
    context.journal.append(window_events(steps, as_of, context.run_id), at=context.clock.instant())
    return steps
