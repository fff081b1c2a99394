"""Say what is due on a day: everything dated after one day, up to and including another.

What is due between two days is what is due in any two halves of the span together. Doing it is the caller's. Source:
schedule.md 9.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from aimline.schedule.rules import Dates
from aimline.schedule.school_days import Days
from aimline.schedule.windows import transitions

ACTIONS = ("transition", "collect", "check_arrival", "review_packet", "review_reflect", "review_close", "remind")
"""What can be due, in the order it is done."""

_BY_KIND = {"review_packet": "review_packet", "review_meeting": "review_reflect", "review_close": "review_close"}


@dataclass(frozen=True)
class DueItem:
    """One thing due: what to do, about what, since when, who answers for it."""

    id: str
    action: str
    due_on: date
    subject_id: str
    owner: str | None
    overdue_school_days: int
    reason: str


@dataclass(frozen=True)
class Plan:
    """What is dated: the dates of windows and reviews, obligations, sources with their owners, school days."""

    dates: Dates
    obligations: tuple[dict[str, object], ...]
    sources: tuple[tuple[str, str | None], ...]
    school_days: Days


def due(plan: Plan, since: date, as_of: date) -> tuple[DueItem, ...]:
    """Return what is dated in (since, as_of], and one look at every source.

    Args:
        plan: What is dated.
        since: The day of the last finished run; what was due then is not due again.
        as_of: The day of the run.
    """
    found = [*_steps(plan, since, as_of), *_collects(plan, as_of), *_obligations(plan, since, as_of)]
    return tuple(sorted(found, key=lambda item: (item.due_on, ACTIONS.index(item.action), item.id)))


def _late(plan: Plan, due_on: date, as_of: date) -> int:
    return plan.school_days.count(due_on + timedelta(days=1), as_of)


def _steps(plan: Plan, since: date, as_of: date) -> Iterator[DueItem]:
    owners = {row["obligation_id"]: row["owner_role"] for row in plan.obligations if row["kind"] == "window"}
    for step in transitions(plan.dates, {}, as_of):
        if step.on > since:
            window = f"{step.school_year}_{step.window_id}"
            role = owners.get(window)
            yield DueItem(
                id=f"{window}.{step.to_state}",
                action="transition",
                due_on=step.on,
                subject_id=window,
                owner=str(role) if role else None,
                overdue_school_days=_late(plan, step.on, as_of),
                reason=f"{step.from_state} to {step.to_state}",
            )


def _collects(plan: Plan, as_of: date) -> Iterable[DueItem]:
    return (
        DueItem(f"{source_id}.collect", "collect", as_of, source_id, owner, 0, "looked at every night")
        for source_id, owner in plan.sources
    )


def _obligations(plan: Plan, since: date, as_of: date) -> Iterator[DueItem]:
    """Yield what is due of reviews, deliveries and everything people have to do."""
    for row in plan.obligations:
        kind, due_on = str(row["kind"]), row["due_on"]
        if kind == "window" or not isinstance(due_on, date) or not since < due_on <= as_of:
            continue
        action = "check_arrival" if kind == "arrival" else _BY_KIND.get(kind, "remind")
        yield DueItem(
            id=str(row["obligation_id"]),
            action=action,
            due_on=due_on,
            subject_id=str(row["source_id"] or row["review_id"] or row["obligation_id"]),
            owner=str(row["owner_role"]) if row["owner_role"] else None,
            overdue_school_days=_late(plan, due_on, as_of),
            reason=str(row["label_en"] or kind),
        )
