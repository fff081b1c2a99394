"""Tell messages in a chat or to a webhook: an address of Apprise kept in the environment, or a block of Prefect.

The address holds a secret: it is read where it is used and never written down, shown or logged.
"""

import logging
import os
import warnings
from collections.abc import Callable, Sequence

from aimline import clock
from aimline.errors import DeliveryError
from reports.channels.base import Recipient, Telling

LONGEST = 2000
"""Characters of a message; what does not fit is counted."""

_WAITS = (2.0, 8.0, 30.0)
Send = Callable[[str, str], bool]


class Chat:
    """One room of a chat: its readers are one recipient."""

    def __init__(self, channel_id: str, url_env: str | None, send: Send | None = None) -> None:
        """Take the name of the environment's variable, or the way to send that a room above has loaded."""
        self.channel_id = channel_id
        self.url_env = url_env
        self._send = send

    @property
    def is_ready(self) -> bool:
        """Say whether there is a way to send on this machine."""
        return self._send is not None or bool(self.url_env and os.environ.get(self.url_env))

    def recipients(self, telling: Telling) -> Sequence[Recipient]:  # noqa: ARG002 - a room is read by all of them
        """Return the room."""
        return [Recipient(self.channel_id)]

    def tell(self, telling: Telling, recipient: Recipient) -> str:  # noqa: ARG002 - the room is the channel's own
        """Send the message; a chat that does not answer is asked four times.

        Raises:
            DeliveryError: It was not taken.
        """
        message = telling.message
        body = shortened(message.text)
        send = self._send or _apprise(str(os.environ.get(self.url_env or "", "")))
        for wait in (*_WAITS, None):
            if send(message.subject, body):
                return "sent"
            if wait is not None:
                clock.sleep(wait)
        raise DeliveryError(
            f"chat '{self.channel_id}' did not take the message.", remedy=f"Check the address in {self.url_env}."
        )


def shortened(text: str) -> str:
    """Cut a message at a paragraph, and count what is left out."""
    if len(text) <= LONGEST:
        return text
    parts = text.split("\n\n")
    kept: list[str] = []
    while parts and len("\n\n".join([*kept, parts[0]])) <= LONGEST - 60:
        kept.append(parts.pop(0))
    if not kept:
        return text[: LONGEST - 1] + "…"
    return "\n\n".join([*kept, f"and {len(parts)} more; your pages say all."])


def _apprise(address: str) -> Send:
    """Return the way to an address of Apprise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it loads a module that Python will drop
        import apprise

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it logs addresses, which hold secrets
        way = apprise.Apprise()
        is_read = way.add(address)
    if not is_read:
        raise DeliveryError("the chat's address cannot be read.", remedy="Write it as Apprise does, such as json://.")
    return lambda title, body: bool(way.notify(body=body, title=title))
