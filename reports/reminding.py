"""Remind people of what is due: one digest a person and day, once. What is due, and whom it concerns, is the engine's.

A digest goes to a person and not to an audience: it names items, days and roles, never a figure.
"""

from collections.abc import Iterable, Sequence

from aimline.commands.night import blocked_for, record_told, to_tell
from aimline.context import Context
from aimline.schedule import Nudge
from reports.channels.base import DeliveryReport, Message, Telling, tell_once
from reports.channels.post import Post
from reports.numbers import day

CHANNEL = "people"


def remind(context: Context) -> DeliveryReport:
    """Tell everybody what is due, and those who hear when something is late; each once."""
    nudges, blocked = to_tell(context), blocked_for(context)
    tellings = [
        Telling(CHANNEL, person, digest(context, person, nudges.get(person, ()), blocked.get(person, ())))
        for person in sorted({*nudges, *blocked})
    ]
    report = tell_once(context, CHANNEL, Post(context), tellings)
    if not report.failed:
        record_told(context)
    return report


def digest(context: Context, person: str, nudges: Sequence[Nudge], blocked: Sequence[str]) -> Message:
    """Write what a person is told: what cannot go on, then what is late or escalated, then what is due by its day."""
    title = context.deployment.audiences.site.title["en"]
    n = len({nudge.item.id for nudge in nudges}) + len(blocked)
    late = [nudge for nudge in nudges if nudge.action == "escalate"]
    soon = [nudge for nudge in nudges if nudge.action == "remind"]
    lines = ["Blocked", *(f"- {each}" for each in blocked), ""] if blocked else []
    lines += [*_part("Late, or close to a date that does not move", late), *_part("Due", soon)]
    lines.append(f"Say that one is done: aimline due {context.deployment.name} --ack ID --by {person}")
    subject = f"{title}: {n} {'thing' if n == 1 else 'things'} due"
    return Message(f"digest|{person}|{context.clock.as_of}", subject, "\n".join(lines))


def _part(heading: str, nudges: Iterable[Nudge]) -> list[str]:
    """Write one part of a digest; nothing where there is nothing to say."""
    newest = {nudge.item.id: nudge for nudge in nudges}
    ordered = sorted(newest.values(), key=lambda each: (each.item.due_on or each.on, each.item.id))
    return [heading, *(_line(each) for each in ordered), ""] if ordered else []


def _line(nudge: Nudge) -> str:
    item = nudge.item
    provisional = " What it feeds is provisional." if nudge.is_provisional else ""
    return f"- {item.title.get('en') or item.id} ({item.id}), {day(item.due_on)}: {nudge.reason}.{provisional}"
