"""Tell single people: by mail where the state root knows their address, else as a text in its ``outbox``."""

from collections.abc import Sequence
from hashlib import sha256

from aimline.context import Context
from reports.channels.base import Recipient, Telling
from reports.channels.email import Mail

RECIPIENTS = "recipients/people.csv"
"""Addresses of people by their code: ``recipient_id,email``. A file of the state root, never a declared fact."""


class Post:
    """The way to a person, known by a code; ``unit_id`` of what is told is that code."""

    def __init__(self, context: Context) -> None:
        """Take the addresses of the state root."""
        self.store = context.store
        self._mail = Mail(context, RECIPIENTS)

    def recipients(self, telling: Telling) -> Sequence[Recipient]:
        """Return the person, with the address where there is one.

        Raises:
            DeliveryError: The file of addresses lacks a column.
        """
        known = [each for each in self._mail.recipients(telling) if each.recipient_id == telling.unit_id]
        return known or [Recipient(telling.unit_id)]

    def tell(self, telling: Telling, recipient: Recipient) -> str:
        """Mail the message, or file it where the person has no address.

        Raises:
            DeliveryError: The mail server refused, or could not be reached.
        """
        if recipient.address:
            return self._mail.tell(telling, recipient)
        message = telling.message
        name = sha256(f"{message.event_id}\x1f{recipient.recipient_id}".encode()).hexdigest()[:16]
        key = f"outbox/{telling.audience_id}/{recipient.recipient_id}/{name}.txt"
        self.store.put_atomic(key, f"{message.subject}\n\n{message.text}\n".encode())
        return "filed"
