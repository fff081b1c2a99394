"""Say what becomes of schools as a year begins: which open and close, who takes over. Source: schedule.md 12.

What a school that is no more answered for goes to the school that took it over. Reading rows is the caller's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from aimline.schedule.items import FrozenPlan, Item

OPEN, CLOSE, MERGE, SPLIT = "open", "close", "merge", "split"
_ENDS = frozenset({CLOSE, MERGE, SPLIT})
"""Events after which a school is no more."""

Heirs = Mapping[str, str | None]
"""School that is no more -> the school that took it over; None where none did."""


@dataclass(frozen=True, order=True)
class SchoolChange:
    """One thing that happens to a school.

    Attributes:
        on: The day.
        school_id: The school it happens to.
        event: ``open``, ``close``, ``merge`` or ``split``.
        to_id: The school that takes over, whole or in part; empty where none does.
        share: The part that goes there.
    """

    on: date
    school_id: str
    event: str
    to_id: str = ""
    share: float = 1.0


def changes_of(
    schools: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]], span: tuple[date, date]
) -> tuple[SchoolChange, ...]:
    """Return what happens to schools in a span of days, by day; a told event says more than the dates of a list.

    Args:
        schools: Rows of entity ``schools``.
        events: Rows of entity ``school_events``.
        span: First and last day.
    """
    told = [
        SchoolChange(row["on_date"], row["from_id"], row["event"], row["to_id"] or "", float(row["share"] or 1))
        for row in events
        if row["event"] in _ENDS
    ]
    ended = {each.school_id for each in told}
    listed = [SchoolChange(row["opens_on"], row["school_id"], OPEN) for row in schools]
    closing = (row for row in schools if row["closes_on"] and row["school_id"] not in ended)
    listed += [SchoolChange(row["closes_on"], row["school_id"], CLOSE) for row in closing]
    return tuple(sorted({each for each in (*told, *listed) if span[0] <= each.on <= span[1]}))


def heirs_of(changes: Iterable[SchoolChange]) -> dict[str, str | None]:
    """Return who took over from each school that is no more: of several, the one that took most; the later word holds.

    A school that opens again is there again.
    """
    found: dict[str, tuple[float, str | None]] = {}
    for each in sorted(changes):
        if each.event == OPEN:
            found.pop(each.school_id, None)
        elif each.share > found.get(each.school_id, (0.0, None))[0]:
            found[each.school_id] = (each.share, each.to_id or None)
    return {school: heir for school, (_, heir) in found.items()}


def handed_on(plan: FrozenPlan, heirs: Heirs) -> FrozenPlan:
    """Return a plan without the reviews of schools that are no more; the rest of theirs is the heir's."""
    return replace(plan, items=of_heirs(plan.items, heirs)) if heirs else plan


def of_heirs(items: Iterable[Item], heirs: Heirs) -> tuple[Item, ...]:
    """Return items without the reviews of schools that are no more; the rest of theirs is the heir's."""
    return tuple(_of_heir(item, heirs) for item in items if not _is_gone(item, heirs)) if heirs else tuple(items)


def _is_gone(item: Item, heirs: Heirs) -> bool:
    """Say whether an item is of the review that a school held for itself: the heir has its own."""
    _, _, rest = item.id.partition(".")
    return item.window_id is None and rest.partition(".")[0] in heirs


def _of_heir(item: Item, heirs: Heirs) -> Item:
    role, _, school = (item.owner or "").partition(":")
    heir, seen = heirs.get(school), {school}
    while heir is not None and heir in heirs and heir not in seen:  # a school that took over may be taken over itself
        seen.add(heir)
        heir = heirs[heir]
    return replace(item, owner=f"{role}:{heir}") if heir else item
