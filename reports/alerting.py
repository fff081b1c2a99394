"""Tell the readers of each audience of the alerts their pages show, once. What is an alert was decided in the build."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from aimline.context import Context
from aimline.ledger.alerts import news, record, record_new
from aimline.ledger.releases import Release, current
from aimline.schedule import calendar_rows
from aimline.signals import AlertState, Clockwork, advance, fold_states, key_of, priorities
from aimline.transform import BuildRequest, build
from aimline.warehouse import open_release
from reports.alert_texts import site_title, speaking_to
from reports.channels import Budget, DeliveryReport, News, Reader, Send, push
from reports.context import Rows, read_for
from reports.digesting import is_told, send_digests
from reports.messages import alert_message
from schemas.audiences import Alerts, Audience

_ORDER = {"worsened": 0, "escalated": 0, "new": 1, "district": 2, "resolved": 3}
_NEVER = 10_000
_FIRST_OF_WEEKEND = 5


@dataclass(frozen=True)
class AlertReport:
    """What the alert step did: the events that were new, and what each channel did."""

    new: tuple[str, ...]
    deliveries: tuple[DeliveryReport, ...]

    @property
    def n_told(self) -> int:
        """Return how many messages went out."""
        return sum(each.sent for each in self.deliveries)

    @property
    def failed(self) -> tuple[DeliveryReport, ...]:
        """Return the channels that could not tell all of it."""
        return tuple(each for each in self.deliveries if each.error is not None)


def write_down(context: Context) -> tuple[str, ...]:
    """Write the new alert events of the day into the journal: those of the build, then what time alone did.

    Returns:
        Ids of the events that were new.
    """
    clock = context.clock
    built = build(BuildRequest(context.deployment.district.district_id, context.store, context.journal, clock))
    new = record_new(context.store, context.journal, built.key, clock.instant())
    timed = advance(context.journal.alert_events(), (), clock.as_of, _clockwork(context))
    return (*new, *record(context.journal, (event.row() for event in timed), clock.instant()))


def tell(context: Context, blocks: Mapping[str, Send] | None = None) -> AlertReport:
    """Write the new alert events into the journal, then tell each recipient once, and send the digests of the day.

    Args:
        context: The run.
        blocks: How a message is sent by a block of Prefect, by the block's name.
    """
    return AlertReport(write_down(context), (*pushes(context, blocks or {}), *digests(context)))


def pushes(context: Context, blocks: Mapping[str, Send]) -> list[DeliveryReport]:
    """Tell each recipient what is news to them.

    A message holds what the release of the day shows to its reader; what is hidden there is not told.
    """
    release = _of_today(context)
    return list(_push_all(context, release, blocks)) if release else []


def digests(context: Context) -> list[DeliveryReport]:
    """Send the digests whose day it is."""
    release = _of_today(context)
    return list(send_digests(context, release)) if release else []


def _of_today(context: Context) -> Release | None:
    release = current(context.store)
    return release if release is not None and release.as_of == context.clock.as_of else None


def school_days(context: Context) -> tuple[date, ...]:
    """Return the district's days of instruction, in order."""
    rows = calendar_rows(context.deployment)
    whole = (row for row in rows if row["school_id"] is None and row["grades"] is None and row["is_instructional"])
    return tuple(sorted(row["on_date"] for row in whole))


def _clockwork(context: Context) -> Clockwork:
    """Return after how many school days a concern goes on to the next role; never, where none is declared."""
    rules = (each.alerts.escalate for each in context.deployment.audiences.audiences if each.alerts)
    return Clockwork(min((rule.after_days for rule in rules if rule), default=_NEVER), school_days(context))


def _push_all(context: Context, release: Release, blocks: Mapping[str, Send]) -> Iterator[DeliveryReport]:
    events = context.journal.alert_events()
    told = news(events, context.clock.as_of)
    if not told:
        return
    known = [row for row in events if row["as_of"] <= context.clock.as_of.isoformat()]
    today = _Today(context, told, fold_states(known, context.clock.as_of), priorities(known))
    awake = [
        (audience, rules)
        for audience in context.deployment.audiences.audiences
        if (rules := audience.alerts) is not None and rules.push_per_week and not today.is_quiet(rules)
    ]
    shown = _shown(release, [audience for audience, _ in awake])
    for audience, rules in awake:
        units = units_of(release, audience)
        with speaking_to(context.deployment, audience):
            readers = [today.reader(audience, rules, unit, shown[audience.audience_id, unit]) for unit in units]
            budget = Budget(rules.push_per_week, site_title(context.deployment.audiences.site.title), blocks)
            pushed = [
                push(context, channel, readers, budget)
                for channel in audience.channels
                if channel.id in rules.channels and any(reader.news for reader in readers)
            ]
        yield from pushed


def _shown(release: Release, audiences: Sequence[Audience]) -> dict[tuple[str, str], Rows]:
    """Return what the pages of each reader show of alerts, by audience and unit."""
    readers = [(audience.audience_id, unit) for audience in audiences for unit in units_of(release, audience)]
    if not readers:
        return {}
    with open_release(release.snapshot) as connection:
        return dict(zip(readers, read_for(connection, "rpt_alerts", readers), strict=True))


def units_of(release: Release, audience: Audience) -> list[str]:
    """Return the units whose readers have an edition."""
    editions: Sequence[Mapping[str, Any]] = release.manifest["site"]["editions"]
    return [row["unit_id"] for row in editions if row["edition"].partition("/")[0] == audience.audience_id]


def asked_as(event: Mapping[str, Any], district_id: str) -> str:
    """Return the kind as which an audience asks for an event: what is off the path, or one bad day, is a concern."""
    if event["kind"] == "sudden":
        return "district" if event["unit_id"] == district_id else "concern"
    return "concern" if event["kind"] == "off_path" else str(event["kind"])


@dataclass(frozen=True)
class _Today:
    """What is news today, and the state and rank of every alert."""

    context: Context
    told: Sequence[Mapping[str, Any]]
    states: Mapping[Any, AlertState] = field(default_factory=dict)
    priorities: Mapping[str, float] = field(default_factory=dict)

    def is_quiet(self, rules: Alerts) -> bool:
        """Say whether an audience rests today; its news waits for the next day."""
        day = self.context.clock.as_of
        if "weekends" in rules.quiet and day.weekday() >= _FIRST_OF_WEEKEND:
            return True
        return "holidays" in rules.quiet and day.weekday() < _FIRST_OF_WEEKEND and day not in school_days(self.context)

    def reader(self, audience: Audience, rules: Alerts, unit_id: str, rows: Rows) -> Reader:
        """Return what is news to the readers of a unit: what their own pages show, and they asked for."""
        shown = {row.alert_id: row for row in rows if is_told(self.context, row, unit_id, rules)}
        title = site_title(self.context.deployment.audiences.site.title)
        found = []
        for event in self.told:
            row = shown.get(event["alert_id"])
            if row is not None and self._is_wanted(event, audience, rules):
                message = alert_message(event["event_id"], row, title, event["event_type"])
                found.append(self._news(event, message.subject, message.text))
        return Reader(audience.audience_id, unit_id, tuple(found))

    def _is_wanted(self, event: Mapping[str, Any], audience: Audience, rules: Alerts) -> bool:
        """Say whether an audience is told of an event; an escalation goes to the next role alone."""
        if event["event_type"] == "escalated":
            others = (each.alerts.escalate for each in self.context.deployment.audiences.audiences if each.alerts)
            return any(rule is not None and rule.to == audience.audience_id for rule in others)
        return asked_as(event, self.context.deployment.district.district_id) in rules.kinds

    def _news(self, event: Mapping[str, Any], subject: str, text: str) -> News:
        kind = asked_as(event, self.context.deployment.district.district_id)
        word = "district" if kind == "district" and event["event_type"] == "new" else event["event_type"]
        rank = (_ORDER.get(word, 4), -self.priorities.get(event["alert_id"], 0.0))
        is_muted = self.states[key_of(event)].is_muted(self.context.clock.as_of)
        happened_on = date.fromisoformat(event["as_of"])
        ids = (event["event_id"], event["alert_id"])
        return News(*ids, rank, happened_on, subject, text, is_muted, only_after=word == "resolved")
