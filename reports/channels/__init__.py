"""Hand a release over, and tell people, by the channels an audience declares. One module a kind of channel.

A channel that fails is told by itself and undoes nothing: the release stands, and the next run tries again. Messages
are read back against the release before they are told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aimline.context import Context
from aimline.errors import DeliveryError
from aimline.journal import Event
from reports.channels.base import (
    DELIVERED,
    DeliveryReport,
    Message,
    MessageChannel,
    PageChannel,
    Parcel,
    Recipient,
    Telling,
    tell_once,
)
from reports.channels.chat import Chat, Send
from reports.channels.email import Mail
from reports.channels.folder import Folder
from reports.channels.object_store import Bucket, address_of
from reports.channels.pushing import Budget, News, Pusher, Reader
from reports.channels.reading_back import ReadBack
from schemas.audiences import Audience, BucketChannel, Channel, ChatChannel, FolderChannel, MailChannel

if TYPE_CHECKING:
    from aimline.ledger.releases import Release

__all__ = [
    "Budget",
    "DeliveryReport",
    "Message",
    "News",
    "Reader",
    "Recipient",
    "Send",
    "Telling",
    "deliver_pages",
    "notify",
    "push",
]


def deliver_pages(context: Context, release: "Release") -> list[DeliveryReport]:
    """Hand the pages of a release over by every folder and bucket its audiences declare; each edition once.

    Args:
        context: The run.
        release: A release in its place, site and manifest whole.
    """
    reports: list[DeliveryReport] = []
    for audience in context.deployment.audiences.audiences:
        parcels = list(_parcels(release, audience))
        places = [channel for channel in audience.channels if isinstance(channel, FolderChannel | BucketChannel)]
        reports += [_deliver(context, channel, parcels) for channel in places]
    return reports


def notify(context: Context, channel: Channel, tellings: Sequence[Telling]) -> DeliveryReport:
    """Tell messages by one channel, each recipient each message once.

    Args:
        context: The run.
        channel: As the audience declares it.
        tellings: What is to be told.
    """
    told_by = _message_channel(context, channel, {})
    if isinstance(told_by, DeliveryReport):
        return told_by
    try:
        return tell_once(context, channel.id, ReadBack(context, told_by), tellings)
    except DeliveryError as error:
        return DeliveryReport(channel.id, failed=len(tellings), error=error)


def push(context: Context, channel: Channel, readers: Sequence[Reader], budget: Budget) -> DeliveryReport:
    """Tell news by one channel, within the budget of each recipient.

    Args:
        context: The run.
        channel: As the audience declares it.
        readers: What is news to whom.
        budget: How many messages a week, and the ways to send that were loaded above.
    """
    told_by = _message_channel(context, channel, budget.blocks)
    if isinstance(told_by, DeliveryReport):
        return told_by
    try:
        return Pusher(context, channel.id, ReadBack(context, told_by), budget).push(readers)
    except DeliveryError as error:
        return DeliveryReport(channel.id, failed=1, error=error)


def _message_channel(context: Context, channel: Channel, blocks: Mapping[str, Send]) -> MessageChannel | DeliveryReport:
    """Open a channel for messages; a report instead, when it tells none here."""
    if isinstance(channel, MailChannel):
        mail = Mail(context, channel.recipients)
        if context.store.exists(mail.key):
            return mail
        return DeliveryReport(channel.id, notes=(f"there are no recipients: {mail.key} is missing.",))
    if isinstance(channel, FolderChannel):
        return Folder(context.store, channel.path)
    if isinstance(channel, ChatChannel):
        chat = Chat(channel.id, channel.url_env, blocks.get(channel.block or ""))
        if chat.is_ready:
            return chat
        return DeliveryReport(channel.id, notes=(f"{channel.url_env or channel.block} is not set.",))
    return DeliveryReport(channel.id, notes=("a bucket tells no messages.",))


def _parcels(release: "Release", audience: Audience) -> Iterator[Parcel]:
    for row in release.manifest["site"]["editions"]:
        audience_id, _, place = row["edition"].partition("/")
        if audience_id == audience.audience_id:
            folder = release.folder / "site" / row["edition"]
            yield Parcel(release.release_id, audience_id, row["unit_id"], place, folder)


def _deliver(context: Context, channel: FolderChannel | BucketChannel, parcels: Sequence[Parcel]) -> DeliveryReport:
    """Hand over what was not handed over yet; the first failure ends the channel for tonight."""
    handing = _page_channel(context, channel)
    if handing is None:
        return DeliveryReport(channel.id, notes=(f"{getattr(channel, 'url', '')} is not set.",))
    known = {event.idempotency_key for event in context.journal.events(DELIVERED)}
    events = {parcel.place: _delivered(context, channel.id, parcel) for parcel in parcels}
    waiting = [parcel for parcel in parcels if events[parcel.place].idempotency_key not in known]
    report = DeliveryReport(channel.id, skipped=len(parcels) - len(waiting))
    done: list[Event] = []
    try:
        for parcel in waiting:
            handing.hand_over(parcel)
            done.append(events[parcel.place])
        if waiting:
            handing.finish(parcels)
    except DeliveryError as error:
        report = replace(report, failed=len(waiting) - len(done), error=error)
    context.journal.append(done, at=context.clock.instant())
    return replace(report, sent=len(done))


def _page_channel(context: Context, channel: FolderChannel | BucketChannel) -> PageChannel | None:
    """Open a channel for pages; None when its address is not set on this machine."""
    if isinstance(channel, FolderChannel):
        return Folder(context.store, channel.path)
    address = address_of(channel.url)
    return Bucket(address, is_public=channel.public) if address else None


def _delivered(context: Context, channel_id: str, parcel: Parcel) -> Event:
    payload = {
        "channel": channel_id,
        "audience_id": parcel.audience_id,
        "unit_id": parcel.unit_id,
        "release_id": parcel.release_id,
        "state": "sent",
    }
    key = f"{DELIVERED}|{channel_id}|{parcel.audience_id}|{parcel.unit_id}|{parcel.release_id}"
    return Event(DELIVERED, parcel.release_id, context.clock.as_of, key, payload, context.run_id)
