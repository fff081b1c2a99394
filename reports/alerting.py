"""Tell the readers of each audience of the alerts their pages show, once. What is an alert was decided in the build."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aimline.context import Context
from aimline.ledger.alerts import Alert, news, record_new
from aimline.ledger.releases import Release, current
from aimline.transform import BuildRequest, build
from aimline.warehouse import Connection, open_release
from reports.channels import DeliveryReport, Telling, notify
from reports.context import read_table
from reports.messages import alert_message
from schemas.audiences import Alerts, Audience


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


def tell(context: Context) -> AlertReport:
    """Write the new alert events into the journal, then tell each recipient once.

    A message holds what the release of the day shows to its reader; what is hidden there is not told.
    """
    clock = context.clock
    built = build(BuildRequest(context.deployment.district.district_id, context.store, context.journal, clock))
    new = record_new(context.store, context.journal, built.key, clock.instant())
    release = current(context.store)
    if release is None or release.as_of != clock.as_of:
        return AlertReport(new, ())
    alerts = news(context.journal.alert_events(), clock.as_of)
    return AlertReport(new, tuple(_tell_all(context, release, alerts)) if alerts else ())


def _tell_all(context: Context, release: Release, alerts: Sequence[Alert]) -> Iterator[DeliveryReport]:
    for audience in context.deployment.audiences.audiences:
        if audience.alerts is None:
            continue
        with open_release(release.snapshot) as connection:
            readers = [
                _Reader(context, audience.audience_id, unit, audience.alerts) for unit in _units(release, audience)
            ]
            tellings = [telling for reader in readers for telling in _tellings(reader, connection, alerts)]
        for channel in audience.channels:
            if tellings and channel.id in audience.alerts.channels:
                yield notify(context, channel, tellings)


def _units(release: Release, audience: Audience) -> list[str]:
    """Return the units whose readers have an edition."""
    editions: Sequence[Mapping[str, Any]] = release.manifest["site"]["editions"]
    return [row["unit_id"] for row in editions if row["edition"].partition("/")[0] == audience.audience_id]


@dataclass(frozen=True)
class _Reader:
    """The readers of one edition, and what they asked to be told."""

    context: Context
    audience_id: str
    unit_id: str
    rules: Alerts


def _tellings(reader: _Reader, connection: Connection, alerts: Sequence[Alert]) -> Iterator[Telling]:
    """Yield what a reader is told: the oldest news first, no more in a week than the audience asked for."""
    rows = read_table(connection, "rpt_alerts", reader.audience_id, reader.unit_id)
    shown = {row.alert_id: row for row in rows if reader.rules.scope == "district" or row.unit_id == reader.unit_id}
    mine = [(each.event_id, shown[each.alert_id]) for each in alerts if each.alert_id in shown]
    title = reader.context.deployment.audiences.site.title["en"]
    for event_id, row in mine[: reader.rules.push_per_week]:
        yield Telling(reader.audience_id, reader.unit_id, alert_message(event_id, row, title))
