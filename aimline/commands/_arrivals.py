"""Say of everything that is expected what came of it, what it endangers, and how long there is to mend it."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aimline.commands._declaring import facts_of

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.schedule import Arrival

_PRODUCTS = frozenset({"review_packet", "review_meeting", "board_meeting"})
_WRONG = frozenset(
    {
        "wrong_school_year",
        "same_as_earlier_year",
        "year_conflict",
        "year_unknown",
        "column_renamed",
        "column_removed",
        "column_duplicated",
        "columns_swapped",
        "roster_overlap_low",
    }
)
"""Reasons to hold a delivery that say it is another one than was expected."""


@dataclass(frozen=True)
class _Known:
    """What the rows are told from: the run, what met each expectation, the day of the first delivery."""

    context: "Context"
    met: Mapping[tuple[str, str], Mapping[str, Any]]
    began_on: date | None

    @cached_property
    def owners(self) -> dict[str, str | None]:
        """Source -> the role that answers for it."""
        return {each.source_id: each.owner.role for each in self.context.deployment.sources.sources}

    @cached_property
    def products(self) -> list[tuple[date, str]]:
        """What is published or met about, by day."""
        rows = facts_of(self.context).rows["declared_obligations"].rows
        return sorted((row["due_on"], row["obligation_id"]) for row in rows if row["kind"] in _PRODUCTS)

    @cached_property
    def closes(self) -> dict[tuple[int, str], date]:
        """Window of a year -> the day it closes."""
        rows = facts_of(self.context).rows["declared_obligations"].rows
        return {(row["school_year"], row["window_id"]): row["closes_on"] for row in rows if row["kind"] == "window"}

    @cached_property
    def school_days(self) -> list[date]:
        """The days with school, in order."""
        return sorted(day for day, counts in facts_of(self.context).school_days.items() if counts)

    def endangered(self, expected: "Arrival") -> tuple[str | None, int | None]:
        """Return the next product after a delivery is due, its window among them, and the school days left to it."""
        today = self.context.clock.as_of
        closes_on = self.closes.get((expected.school_year, expected.window_id or ""))
        own = [(closes_on, f"{expected.school_year}_{expected.window_id}")] if closes_on else []
        coming = [each for each in (*own, *self.products) if each[0] >= max(today, expected.expected_on)]
        if not coming:
            return None, None
        due_on, name = min(coming)
        return name, bisect_right(self.school_days, due_on) - bisect_right(self.school_days, today)

    def waiting(self, expected: "Arrival") -> str:
        """Return how a delivery stands that nothing has met: late by the clock, missing once its window is over."""
        clock = self.context.clock
        began = datetime.combine(self.began_on or clock.as_of, time(), ZoneInfo(clock.zone)).astimezone(UTC)
        if not began < expected.late_at <= clock.instant():
            return "expected"
        closes_on = self.closes.get((expected.school_year, expected.window_id or ""))
        return "missing" if closes_on and closes_on < clock.as_of else "late"


def board_of(context: "Context") -> list[dict[str, Any]]:
    """Return every expectation of the school year of the day, with what came of it."""
    from aimline.arrival import school_year_of
    from aimline.schedule import arrivals_of

    clock = context.clock
    events = context.journal.events("received", "batch_accepted", "batch_held", "arrival_late", until=clock.as_of)
    met: dict[tuple[str, str], dict[str, Any]] = {}
    newest: dict[tuple[str, str], str | None] = {}
    began_on = None
    for event in events:
        if event.kind == "received":
            began_on = began_on or event.as_of
        if "looked" in event.payload:
            newest[event.payload["source_id"], event.payload["sha256"]] = event.payload["looked"].get("newest_on")
        if event.payload.get("expected_on"):
            told = {"kind": event.kind, "at": event.at, **event.payload}
            told["newest_on"] = newest.get((told["source_id"], told.get("sha256", "")))
            key = (event.payload["source_id"], event.payload["expected_on"])
            met[key] = _newer(met.get(key), told)
    known = _Known(context, met, began_on)
    year = school_year_of(clock.as_of)
    return [_row(each, known) for each in arrivals_of(context.deployment) if each.school_year == year]


def _newer(before: dict[str, Any] | None, told: dict[str, Any]) -> dict[str, Any]:
    """Keep what is known of one expectation: a batch says more than its arrival, and both more than lateness."""
    rank = {"arrival_late": 0, "received": 1, "batch_held": 2, "batch_accepted": 2}
    was_late = told["kind"] == "arrival_late" or bool(before and before.get("was_late"))
    kept = told if before is None or rank[told["kind"]] >= rank[before["kind"]] else before
    return kept | {"was_late": was_late}


def _row(expected: "Arrival", known: _Known) -> dict[str, Any]:
    """Return one expectation with what came of it."""
    zone = ZoneInfo(known.context.clock.zone)
    met = known.met.get((expected.source_id, expected.expected_on.isoformat()), {})
    came_at = datetime.fromisoformat(met["received_at"]) if "received_at" in met else None
    if met.get("kind") == "received":
        came_at = met["at"]
    endangers, left = known.endangered(expected)
    return {
        "source_id": expected.source_id,
        "slot": expected.expected_on.isoformat(),
        "expected_on": expected.expected_on,
        "due_at": _local(expected.due_at, zone),
        "state": _state(expected, met, known),
        "was_late": bool(met.get("was_late")),
        "came_at": _local(came_at, zone) if came_at else None,
        "newest_event_on": met.get("newest_on"),
        **{name: met.get(name) for name in ("n_rows", "n_accepted", "n_quarantined")},
        "endangers": endangers,
        "school_days_left": left,
        "owner": known.owners[expected.source_id],
        "owner_role": known.owners[expected.source_id],
    }


def _state(expected: "Arrival", met: Mapping[str, Any], known: _Known) -> str:
    """Return the state of an expectation (collection.md 9)."""
    kind = met.get("kind", "")
    if kind in {"", "arrival_late"}:
        told_late = "missing" if known.waiting(expected) == "missing" else "late"
        return told_late if kind else known.waiting(expected)
    if kind == "batch_held":
        refused = "refused" if met.get("state") == "refused" else "held"
        return "wrong" if met.get("reason") in _WRONG else refused
    newest_on = met.get("newest_on")
    if newest_on and expected.through_on and newest_on < expected.through_on.isoformat():
        return "stale"
    if kind == "received":
        return "unchanged" if met.get("outcome") == "duplicate_file" else "arrived"
    return "partial" if "unit_missing" in met.get("findings", ()) else "accepted"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
