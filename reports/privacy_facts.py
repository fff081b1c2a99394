"""Write, for the privacy officer, how coarsely each school year is told and what was handed over: no cell, no name.

Both come from the journal. What is chosen belongs to ``aimline/disclosure``, what is delivered to ``channels``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from aimline.commands.coarsening import AS_DECLARED, CHOSEN
from aimline.context import Context
from reports.channels.base import DELIVERED
from schemas.shown import school_year

COARSENING = "rpt_coarsening"
DELIVERIES = "rpt_deliveries"

_MOST_DAYS = 10
_WAYS = {"folder": "a folder", "object_store": "a bucket", "email": "mail", "chat": "chat"}
_STATES = {"sent": "handed over", "filed": "handed over", "failed": "not handed over yet"}
_LEVELS = {
    AS_DECLARED: "As declared",
    "grade_bands": "Grades in bands",
    "merged_groups": "Small groups together",
}
_WHY = {
    "told": "Its groups were on pages before; a coarser figure beside them would tell the difference.",
    "not_declared": "No coarsening was declared when the year began.",
}

Row = dict[str, Any]


def coarsening_rows(context: Context) -> Iterator[Row]:
    """Yield how each school year is told and why: columns of ``rpt_coarsening``, newest year first."""
    sets = {each.group_set_id: each for each in context.deployment.indicators.groups}
    events = sorted(context.journal.events(CHOSEN), key=lambda event: -int(event.subject_id))
    for event in events:
        told = event.payload
        before, after = (told.get(side, {}) for side in ("before", "after"))
        parts: dict[str, list[str]] = {}
        for each in told["told"]:
            groups = sets.get(each["group_set_id"])
            label = groups.labels.get(each["group_id"], {}) if groups else {}
            parts.setdefault(each["label_en"], []).append(label.get("en", each["group_id"]))
        yield {
            "year_label": school_year(int(event.subject_id)),
            "level_label": _LEVELS[told["name"]],
            "chosen_on": event.as_of,
            "why": _WHY.get(told["why"]) or _reason(told),
            "together": "; ".join(f"{larger}: {', '.join(held)}" for larger, held in parts.items()) or None,
            **{f"n_{name}_{side}": sizes.get(f"n_{name}")
               for side, sizes in (("before", before), ("after", after))
               for name in ("cells", "small", "hidden")},
        }  # fmt: skip


def _reason(told: Mapping[str, Any]) -> str:
    roster = f"the roster of {school_year(told['roster_year'])}"
    if told["name"] == AS_DECLARED:
        return f"In {roster} no coarser telling would hide fewer groups, or few enough are small."
    return f"In {roster} it is the telling that hides fewest groups."


def delivery_rows(context: Context) -> Iterator[Row]:
    """Yield what was handed over before this release, on the newest days: columns of ``rpt_deliveries``."""
    kinds = {
        channel.id: (audience.label["en"], _WAYS[channel.kind])
        for audience in context.deployment.audiences.audiences
        for channel in audience.channels
    }
    counts: Counter[tuple[date, str, str, str]] = Counter()
    as_of = context.clock.as_of
    for event in context.journal.events(DELIVERED, until=as_of):
        counts[event.as_of, event.payload["channel"], "pages", event.payload["state"]] += 1
    newest = {row["delivery_id"]: row for row in context.journal.deliveries()}
    for row in newest.values():
        told_on = date.fromisoformat(row["sent_at"][:10]) if row["sent_at"] else as_of
        counts[told_on, row["channel"], "messages", row["state"]] += 1
    days = sorted({place[0] for place in counts if place[0] <= as_of})[-_MOST_DAYS:]
    for (told_on, channel, what, state), n in sorted(counts.items(), reverse=True):
        if told_on in days and state in _STATES:
            reader, way = kinds.get(channel, ("a reader no longer declared", "a channel no longer declared"))
            yield {
                "handed_on": told_on,
                "channel_id": channel,
                "reader_label": reader,
                "way": way,
                "what": what,
                "state": _STATES[state],
                "n_handed": n,
            }
