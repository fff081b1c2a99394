"""The verb ``due``: what is due on a day, and saying that something is done."""

from dataclasses import asdict
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline.commands._dated import acknowledge, frozen_of, item_named, store_of, told_of
from aimline.commands._planning import tell_errors
from aimline.commands._shared import (
    AsJson,
    AsOf,
    DeploymentName,
    Format,
    Since,
    State,
    number_of,
    say,
    say_json,
    say_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aimline.schedule import Agenda, DueItem, Item
    from aimline.settings import Deployment

Ack = Annotated[str | None, typer.Option("--ack", metavar="ID", help="Say that an item is done; needs --by.")]
By = Annotated[str | None, typer.Option("--by", metavar="PERSON", help="The person who says so.")]

_SHOWN = ("id", "action", "due_on", "subject_id", "owner", "overdue_school_days", "reason")


def due(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    as_of: AsOf = None,
    since: Since = None,
    *,
    form: Format = "table",
    as_json: AsJson = False,
    ack: Ack = None,
    by: By = None,
    state: State = None,
) -> int:
    """Print what is due on a day: windows, deliveries, reviews, reminders; or say that something is done."""
    from aimline.schedule import agenda_for, due, resolve_dates
    from aimline.settings import load_deployment

    declared = load_deployment(deployment)
    day = as_of or _today(declared)
    told = told_of(declared, state, day)
    frozen = frozen_of(store_of(declared, state), declared, day)
    tell_errors(declared)
    agenda = agenda_for(declared, resolve_dates(declared), frozen, day, heirs=told.heirs)
    if ack is not None or by is not None:
        return _acknowledge(declared, agenda, _asked(declared, agenda, day, (ack, by)), day, state)
    begin = since or told.last_night or day - timedelta(days=1)
    items = due(agenda, told.states, told.done, begin, day)
    if as_json or form == "json":
        head = {"deployment": declared.name, "as_of": day, "since": begin}
        say_json({**head, "items": [_shown(item) for item in items]})
        return 0
    _say_table(declared, items, day)
    return 0


def _shown(item: "DueItem") -> dict[str, Any]:
    told = asdict(item)
    return {name: told[name] for name in _SHOWN}


def _say_table(declared: "Deployment", items: "Sequence[DueItem]", day: date) -> None:
    dated = [item for item in items if item.action != "collect"]
    looks = number_of(len(items) - len(dated), "source")
    say(f"{declared.name} {day}: {number_of(len(dated), 'thing')} due; {looks} looked at, as every night.")
    if dated:
        say()
        cells = [(item.due_on, item.action, item.id, item.reason, item.owner) for item in dated]
        say_table(("due", "action", "id", "what", "owner"), cells)


def _asked(
    declared: "Deployment", agenda: "Agenda", day: date, asked: tuple[str | None, str | None]
) -> tuple["Item", str]:
    """Return the item that is called done and the person who does.

    Raises:
        UsageError: There is no such item or person.
    """
    from difflib import get_close_matches

    from aimline.errors import UsageError

    ack, by = asked
    if ack is None or by is None:
        raise UsageError("--ack and --by go together.", remedy="Say what is done, and who says so.")
    item = item_named(agenda, ack, day)
    if item is None:
        near = get_close_matches(ack, [each.id for _, each in agenda.dated], n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else f"aimline calendar {declared.name} lists them."
        raise UsageError(f"{declared.name} has no item '{ack}'.", remedy=remedy)
    people = {each.person for plan in declared.plans.values() for each in plan.people}
    if people and by not in people:
        listed = ", ".join(sorted(people))
        raise UsageError(f"{declared.name} has no person '{by}'.", remedy=f"People of its plans: {listed}.")
    return item, by


def _acknowledge(  # noqa: PLR0913, PLR0917 - what is done, who says so, when and where
    declared: "Deployment", agenda: "Agenda", asked: tuple["Item", str], day: date, state: str | None
) -> int:
    """Write down that an item is done, once."""
    from aimline.context import open_context

    item, by = asked
    context = open_context(str(declared.folder), as_of=day, state=state, needs=())
    try:
        is_new = acknowledge(context, agenda, item, by)
    finally:
        context.journal.close()
    said = f"done on {day}, by {by}" if is_new else "done already"
    say(f"{declared.name}: {item.id}, due {item.due_on}, is {said}.")
    return 0


def _today(declared: "Deployment") -> date:
    from aimline.clock import clock_for

    return clock_for(declared.district.time_zone, time(), None).as_of
