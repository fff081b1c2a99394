"""Tell the owners of what left its aim line and of what is due. A step of the night and a flow of its own.

The release stands before this step and never depends on it: what fails here is written down, and done by the next run.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from prefect.blocks.core import Block
from prefect.events import emit_event
from prefect.logging import get_logger
from prefect.utilities.timeout import timeout

from aimline.context import Context
from aimline.journal import Event
from flows._runtime import Did, Tonight, on_demand, step
from reports.alerting import AlertReport, asked_as, digests, pushes, write_down
from reports.channels import DeliveryReport, Send
from reports.reminding import remind
from schemas.audiences import ChatChannel

FAILED = "alert_step_failed"
EMITTED = frozenset({"new", "worsened", "grew", "resolved", "reopened", "escalated", "held", "revised"})
"""Events of alerts that Prefect is told of; its automations may react to them."""

MOST_SECONDS = 120.0
"""What one part of the step may take: a mail server that never answers keeps no night."""

_BLOCKS = ("slack-webhook", "ms-teams-webhook", "custom-webhook")


@step("alert")
def tell_owners(tonight: Tonight) -> Did:
    """Write the new alert events into the journal, tell each recipient once, remind people of what is due."""
    watched = Watched(tonight)
    context = tonight.context
    new = cast("tuple[str, ...]", watched.do("write_down", write_down, context) or ())
    blocks = cast("dict[str, Send]", watched.do("blocks", blocks_of, context) or {})
    told = list(cast("list[DeliveryReport]", watched.do("push", pushes, context, blocks) or []))
    weekly = cast("list[DeliveryReport]", watched.do("digest", digests, context) or [])
    watched.do("events", emit_all, context, new)
    if any(each.sent for each in weekly):
        watched.do("events", emit_digest, context)
    told += weekly
    watched.do("remind", remind, context)
    report = AlertReport(new, tuple(told))
    return Did("done" if report.new or report.n_told or watched.failed else "not_due", report)


class TookTooLongError(TimeoutError):
    """A part was stopped; what it had begun to write is taken back, and what it had queued is sent by the next run."""


@dataclass
class Watched:
    """Does the parts of the step, none of which can fail the night or each other, or keep it waiting."""

    tonight: Tonight
    most_seconds: float = MOST_SECONDS
    failed: list[str] = field(default_factory=list)

    def do(self, name: str, work: Callable[..., object], *arguments: object) -> object:
        """Do one part; what it raises is logged and written down by its kind, without its text."""
        try:
            with timeout(self.most_seconds, TookTooLongError):
                return work(*arguments)
        except Exception as error:  # noqa: BLE001 - telling people may never fail a night, whatever it raises
            self.failed.append(name)
            kind = type(error).__name__
            after = f" after {self.most_seconds:g} seconds" if isinstance(error, TookTooLongError) else ""
            get_logger("aimline").warning("%s: %s of alerts failed: %s%s", FAILED, name, kind, after)
            context = self.tonight.context
            key = f"{FAILED}|{name}|{context.clock.as_of}|{kind}"
            event = Event(FAILED, name, context.clock.as_of, key, {"step": name, "error": kind}, context.run_id)
            context.journal.append([event], at=context.clock.instant())
            return None


def blocks_of(context: Context) -> dict[str, Send]:
    """Load the notification blocks that the audiences name; one that is not there is left out."""
    channels = (channel for audience in context.deployment.audiences.audiences for channel in audience.channels)
    names = {channel.block for channel in channels if isinstance(channel, ChatChannel) and channel.block}
    found = {name: _block(name) for name in sorted(names)}
    return {name: way for name, way in found.items() if way is not None}


def _block(name: str) -> Send | None:
    for kind in _BLOCKS:
        try:
            block = cast("Any", Block).load(f"{kind}/{name}", _sync=True)
        except ValueError:
            continue
        return partial(_notified, block)
    return None


def _notified(block: Any, title: str, body: str) -> bool:
    """Send by a block of Prefect; it raises where it was not taken."""
    try:
        block.notify(body=body, subject=title, _sync=True)
    except Exception:  # noqa: BLE001 - its text may quote the address
        return False
    return True


def emit_all(context: Context, new: Iterable[str]) -> int:
    """Tell Prefect of the events that are new, so that automations can react; return how many."""
    wanted = set(new)
    rows = [row for row in context.journal.alert_events() if row["event_id"] in wanted]
    told = [row for row in rows if row["event_type"] in EMITTED]
    for row in told:
        emit(context.deployment.district.district_id, row, context.run_id)
    return len(told)


def emit_digest(context: Context) -> None:
    """Tell Prefect that the digests of a day were sent; whose, and what stands in them, it is not told."""
    district_id, as_of = context.deployment.district.district_id, context.clock.as_of.isoformat()
    name = f"aimline.alert.{district_id}.digest"
    emit_event(
        event="aimline.alert.digest",
        resource={"prefect.resource.id": name, "prefect.resource.name": "digest"},
        payload={"as_of": as_of, "run_id": context.run_id},
        id=uuid5(NAMESPACE_URL, f"{name}|{as_of}"),
    )


def emit(district_id: str, row: Mapping[str, Any], run_id: str) -> None:
    """Tell Prefect of one event: ids and numbers, never a name or a count of people.

    What begins in all schools at once is of the type ``district``.
    """
    kind = asked_as(row, district_id)
    word = "district" if kind == "district" and row["event_type"] == "new" else row["event_type"]
    resource = {
        "prefect.resource.id": f"aimline.alert.{district_id}.{row['alert_id']}",
        "prefect.resource.name": f"{row['indicator_id']} {row['unit_id']}",
        "aimline.indicator": row["indicator_id"],
        "aimline.unit": row["unit_id"],
        "aimline.kind": kind,
        "aimline.tier": "alert",
    }
    payload = {name: row[name] for name in ("event_type", "period_on", "as_of", "from_state", "to_state", "episode")}
    payload |= {"since_on": row["payload"]["since_on"], "group_id": row["group_id"], "run_id": run_id}
    emit_event(
        event=f"aimline.alert.{word}",
        resource=resource,
        payload=payload,
        id=UUID(row["event_id"]),
        occurred=_instant(row["recorded_at"]),
    )


def _instant(told: str | datetime | None) -> datetime | None:
    if told is None:
        return None
    at = datetime.fromisoformat(told) if isinstance(told, str) else told
    return at if at.tzinfo else at.replace(tzinfo=UTC)


alerting = on_demand(tell_owners)
