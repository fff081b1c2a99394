"""Say what a channel is: it hands over pages of an edition, or tells a message, each once, and reports what it did.

What is told, and to whom, belongs to the callers. A channel that fails raises ``DeliveryError``; the release stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aimline.context import Context
from aimline.errors import DeliveryError

DELIVERED = "delivery"


@dataclass(frozen=True)
class Message:
    """One message in words.

    Attributes:
        event_id: What it is about; a recipient is told of it once by a channel.
        subject: Its heading; names no unit and no group, since headings are read on locked screens.
        text: The message.
    """

    event_id: str
    subject: str
    text: str


@dataclass(frozen=True)
class Telling:
    """A message to the readers of one unit of an audience."""

    audience_id: str
    unit_id: str
    message: Message


@dataclass(frozen=True)
class Parcel:
    """The pages of one edition of a release.

    Attributes:
        release_id: The release.
        audience_id: Who reads.
        unit_id: What the edition is about.
        place: Name of its folder below the audience's: ``district`` or a school.
        folder: Where its files are.
    """

    release_id: str
    audience_id: str
    unit_id: str
    place: str
    folder: Path

    def files(self) -> list[str]:
        """Return the names of its files, pages after what they are drawn with."""
        names = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return sorted(names, key=lambda name: (not name.startswith("_assets/"), name == "index.html", name))


@dataclass(frozen=True)
class DeliveryReport:
    """What one channel did: how many were handed over, how many had been before, and what went wrong."""

    channel_id: str
    sent: int = 0
    skipped: int = 0
    failed: int = 0
    error: DeliveryError | None = None
    notes: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return the report as JSON can hold it."""
        told: dict[str, Any] = {"channel": self.channel_id, "sent": self.sent, "skipped": self.skipped}
        return told | {"failed": self.failed, "notes": [*self.notes, *([str(self.error)] if self.error else [])]}


class PageChannel(Protocol):
    """A channel that hands over pages."""

    def hand_over(self, parcel: Parcel) -> None:
        """Make the edition readable there; equal files may be left alone.

        Raises:
            DeliveryError: It could not be handed over; what was readable there still is.
        """

    def finish(self, parcels: Sequence[Parcel]) -> None:
        """Remove what is old, now that all editions are readable.

        Raises:
            DeliveryError: It could not be removed.
        """


class MessageChannel(Protocol):
    """A channel that tells messages."""

    def recipients(self, telling: Telling) -> Sequence["Recipient"]:
        """Return who is told."""

    def tell(self, telling: Telling, recipient: "Recipient") -> str:
        """Tell one recipient; return ``sent``, or ``filed`` when it waits in a folder.

        Raises:
            DeliveryError: It could not be told.
        """


@dataclass(frozen=True)
class Recipient:
    """Who is told: an id for the record, and an address that is never written down."""

    recipient_id: str
    address: str = field(default="", repr=False)


def tell_once(
    context: Context, channel_id: str, channel: MessageChannel, tellings: Sequence[Telling]
) -> DeliveryReport:
    """Tell each recipient each message once, whatever happens in between.

    What is to be told is written down before, and that it was told after; a run killed in between tells one message
    twice, and its id lets the reader's mailbox see that.

    Args:
        context: The run.
        channel_id: Names the channel in the record.
        channel: Tells the messages.
        tellings: What is to be told.
    """
    done = {
        (row["event_id"], row["recipient"])
        for row in context.journal.deliveries()
        if row["channel"] == channel_id and row["state"] in {"sent", "filed"}
    }
    report = DeliveryReport(channel_id)
    for telling in tellings:
        for recipient in channel.recipients(telling):
            if (telling.message.event_id, recipient.recipient_id) in done:
                report = _counted(report, "skipped")
                continue
            try:
                _tell(context, channel_id, channel, telling, recipient)
                report = _counted(report, "sent")
            except DeliveryError as error:
                report = _counted(report, "failed", error)
    return report


def _tell(  # noqa: PLR0913, PLR0917 - what is told, by what, to whom, and where it is written down
    context: Context, channel_id: str, channel: MessageChannel, telling: Telling, recipient: Recipient
) -> None:
    row: Mapping[str, Any] = {
        "event_id": telling.message.event_id,
        "recipient": recipient.recipient_id,
        "channel": channel_id,
    }
    context.journal.append_deliveries([{**row, "state": "queued"}])
    try:
        state = channel.tell(telling, recipient)
    except DeliveryError as error:
        context.journal.append_deliveries([{**row, "state": "failed", "last_error": error.message}])
        raise
    at = context.clock.instant().isoformat(timespec="seconds")
    context.journal.append_deliveries([{**row, "state": state, "sent_at": at}])


def _counted(report: DeliveryReport, what: str, error: DeliveryError | None = None) -> DeliveryReport:
    counts = {"sent": report.sent, "skipped": report.skipped, "failed": report.failed}
    counts[what] += 1
    return DeliveryReport(report.channel_id, **counts, error=error or report.error, notes=report.notes)
