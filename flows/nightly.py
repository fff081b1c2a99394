"""The table of contents: one night of one district. Read this first.

Every step can be killed and run again. One schedule a district fires this flow; the year file decides what is due, so
a new window is a line in a file and never a new schedule.
"""

from collections.abc import Callable
from datetime import date

from aimline.commands.night import move_windows, record_done, tell_missing_year
from aimline.commands.reviews import record_decisions
from aimline.commands.years import record_years, seal_years
from aimline.ledger.nights import NightFacts, StepName, finished_event
from flows._night_note import leave_note
from flows._runtime import Did, Tonight, named_flow, observe, step, superseded, tonight
from flows.alerting import tell_owners
from flows.collection import collect
from flows.modeling import build
from flows.publishing import publish
from flows.reviewing import finish_packets, freeze_evidence, tell_causes


@step("due")
def due(night: Tonight) -> Did:
    """Move the windows whose day has come, miss no year; record what people decided, which tonight's build shows."""
    moved = move_windows(night.context, arrivals_are_in=False)
    record_years(night.context)
    tell_missing_year(night.context)
    record_decisions(night.context)
    return Did("done" if moved else "not_due", moved)


def review(night: Tonight) -> None:
    """Keep what a sealed year ends with; freeze the evidence of a review that is due, and publish its packet.

    Why official figures are others now is told where somebody waits for it: it takes as long as a whole build.
    """
    seal_years(night.context)
    is_due = freeze_evidence(night).state == "done"
    if is_due or night.facts().restated:
        tell_causes(night)
    if is_due:
        build(night)
        publish(night)
        finish_packets(night)


NIGHT: dict[StepName, Callable[[Tonight], object]] = {
    "due": due,  # windows open, close and are sealed
    "collect": collect,  # what arrived is kept, judged row by row, accepted or set aside
    "build": build,  # the warehouse comes to the knowledge of the day
    "publish": publish,  # a release is frozen, passes the gate, gets its pages; then one pointer moves
    "review": review,  # on its day the evidence is frozen and the packet written
    "alert": tell_owners,  # owners are told, once
}


@named_flow
def nightly(
    deployment: str, as_of: date | None = None, state: str | None = None, until: StepName | None = None
) -> NightFacts:
    """Run one night; one without a day of its own ends at once when that day was finished already.

    So runs that waited behind an outage are one: the first covers the days since the last night, the others nothing.

    Args:
        deployment: Name of the district's folder, or its path.
        as_of: The day to work as; today in the district's zone when None.
        state: The state root; the environment's or the default one when None.
        until: Stop after this step; the next run goes on.
    """
    with tonight(deployment, as_of, state) as night:
        if as_of is None and night.is_finished():
            return superseded(night.facts())
        for name, do in NIGHT.items():
            do(night)
            if name == until:
                return night.facts()
        record_done(night.context)
        facts = night.facts()
        night.context.journal.append([finished_event(night.night, facts)], at=night.context.clock.instant())
        observe(leave_note, night)
        return facts
