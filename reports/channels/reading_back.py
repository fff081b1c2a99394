"""Read a message back before a channel tells it: one that says more than its readers' pages is not sent.

Whose pages a recipient holds is what the channel says of each unit. What may be said belongs to
``aimline/disclosure/letters.py``.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from aimline.context import Context
from aimline.disclosure.letters import Given, Told, read_given, strays
from aimline.errors import DeliveryError
from aimline.ledger.releases import Release, current
from aimline.warehouse import open_release
from reports.channels.base import MessageChannel, Recipient, Telling
from reports.language import catalogue, languages

COUNTING = (
    "({n} week)",
    "({n} weeks)",
    "{title}: {n} alerts",
    "Not told by themselves, as the week's messages were used up: {n}.",
    "Of those that are new, about {n} are false, on average.",
)
"""Sentences of letters whose ``n`` counts alerts or weeks."""

_NUMBER = r"\d+(?:[.,]\d+)?"


class ReadBack:
    """A channel whose messages are read back against the release that its readers see."""

    def __init__(self, context: Context, channel: MessageChannel) -> None:
        """Take the channel that tells."""
        self._context = context
        self._channel = channel
        self._held: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._rows: dict[frozenset[tuple[str, str]], list[Told]] = {}
        self._release: Release | None = None

    def recipients(self, telling: Telling) -> Sequence[Recipient]:
        """Return who is told, and remember whose pages they hold."""
        found = self._channel.recipients(telling)
        for recipient in found:
            self._held[recipient.recipient_id].add((telling.audience_id, telling.unit_id))
        return found

    def tell(self, telling: Telling, recipient: Recipient) -> str:
        """Tell a message that was read back.

        Raises:
            DeliveryError: It says a number that its reader is told nowhere, or the channel could not tell it.
        """
        readers = frozenset(self._held[recipient.recipient_id] | {(telling.audience_id, telling.unit_id)})
        message = telling.message
        if found := strays(message.subject, message.text, self._given(readers)):
            numbers = "1 number" if len(found) == 1 else f"{len(found)} numbers"
            raise DeliveryError(
                f"a message to readers of '{telling.audience_id}' says {numbers} that their pages do not tell.",
                remedy="It was not sent. Mend what writes it, or publish the release it is written from.",
            )
        return self._channel.tell(telling, recipient)

    def _given(self, readers: frozenset[tuple[str, str]]) -> Given:
        """Return what some readers are told, read once."""
        self._release = self._release or current(self._context.store)
        if self._release is None:
            return Given((), (), counting_forms())
        if readers not in self._rows:
            with open_release(self._release.snapshot) as connection:
                self._rows[readers] = read_given(connection, readers, self._context.clock.as_of)
        texts = tuple(map(str, self._release.manifest.get("texts", ())))
        return Given(self._rows[readers], texts, counting_forms())


def counting_forms() -> tuple[str, ...]:
    """Return the sentences that count as regular expressions, in every language letters are written in."""
    told = {catalogue(code).get(sentence, sentence) for code in languages() for sentence in COUNTING}
    return tuple(sorted(_form(each) for each in told))


def _form(sentence: str) -> str:
    return re.escape(sentence).replace(r"\{n\}", _NUMBER).replace(r"\{title\}", ".*")
