"""Tell messages by mail, or file them in the state root's ``outbox`` while no mail server is set. Owner of smtplib.

``AIMLINE_SMTP_URL`` names the server: ``smtps://user:password@host:465`` or ``smtp://user:password@host:587``, which
turns to TLS when the server offers it. A password is never sent in the clear to another machine. Recipients are a file
of the state root; addresses never reach a record or a message of an error.
"""

import csv
import os
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import SplitResult, unquote, urlsplit

from aimline import clock
from aimline.context import Context
from aimline.errors import DeliveryError
from aimline.storage import LocalStore
from reports.channels.base import Message, Recipient, Telling

SERVER = "AIMLINE_SMTP_URL"
_WAITS = (2.0, 8.0)
_TIMEOUT = 30
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"smtp": 587, "smtps": 465}


class Mail:
    """Mail to the recipients of one file."""

    def __init__(self, context: Context, recipients: str) -> None:
        """Take the file as declared: ``state:recipients/<audience>.csv``."""
        self.key = recipients.removeprefix("state:")
        self.store = context.store
        self.sender = context.deployment.audiences.site.contact
        self.district_id = context.deployment.district.district_id
        self.at = context.clock.instant()
        self._readers: list[tuple[str, Recipient]] | None = None

    def recipients(self, telling: Telling) -> Sequence[Recipient]:
        """Return the recipients of a unit; one without a unit reads of all units.

        Raises:
            DeliveryError: The file lacks a column.
        """
        if self._readers is None:
            self._readers = list(_read(self.store, self.key))
        return [reader for unit_id, reader in self._readers if unit_id in {"", "*", telling.unit_id}]

    def tell(self, telling: Telling, recipient: Recipient) -> str:
        """Send the message, or file it while no server is set.

        Raises:
            DeliveryError: The server refused, or could not be reached in three tries.
        """
        letter = letter_of(telling.message, recipient, self.sender, self.district_id, self.at)
        server = os.environ.get(SERVER)
        if server:
            send(server, letter)
            return "sent"
        name = sha256(f"{telling.message.event_id}\x1f{recipient.recipient_id}".encode()).hexdigest()[:16]
        self.store.put_atomic(f"outbox/{telling.audience_id}/{name}.eml", letter.as_bytes())
        return "filed"


def _read(store: LocalStore, key: str) -> Iterator[tuple[str, Recipient]]:
    """Yield (unit, recipient) of each line of a file; a missing file has no line."""
    if not store.exists(key):
        return
    lines = csv.DictReader(store.read(key).decode("utf-8-sig").splitlines())
    missing = {"recipient_id", "email"} - set(lines.fieldnames or ())
    if missing:
        remedy = "Its first line is recipient_id,email,unit_id."
        raise DeliveryError(f"{key} has no column {', '.join(sorted(missing))}.", remedy=remedy)
    for line in lines:
        yield (line.get("unit_id") or "").strip(), Recipient(line["recipient_id"].strip(), line["email"].strip())


def letter_of(  # noqa: PLR0913, PLR0917 - what a letter needs
    message: Message, recipient: Recipient, sender: str, district_id: str, at: datetime
) -> EmailMessage:
    """Write the letter; its id is made from what is told and to whom, so that a repeat can be recognised."""
    letter = EmailMessage()
    letter["Subject"] = message.subject
    letter["From"] = sender
    letter["To"] = recipient.address
    letter["Date"] = format_datetime(at)
    digest = sha256(f"{message.event_id}\x1f{recipient.recipient_id}".encode()).hexdigest()[:32]
    letter["Message-ID"] = f"<{digest}@{district_id}.aimline.invalid>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text + "\n")
    return letter


def send(server: str, letter: EmailMessage) -> None:
    """Hand a letter to a mail server; a server that is busy is asked three times.

    Raises:
        DeliveryError: It refused, or cannot be reached.
    """
    address = urlsplit(server)
    if address.scheme not in _PORTS or not address.hostname:
        raise DeliveryError(f"{SERVER} is not an address.", remedy="Write smtps://user:password@host:465.")
    for wait in (*_WAITS, None):
        try:
            with _connected(address) as connection:
                connection.send_message(letter)
            return  # noqa: TRY300 - the loop ends here when it was sent
        except (smtplib.SMTPException, OSError) as error:
            if wait is None or not _may_mend(error):
                raise _told(error) from None
            clock.sleep(wait)


@contextmanager
def _connected(address: SplitResult) -> Iterator[smtplib.SMTP]:
    """Open a connection, encrypted where the server can, and sign in."""
    host, port = str(address.hostname), address.port or _PORTS[address.scheme]
    context = ssl.create_default_context()
    if address.scheme == "smtps":
        opened: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=context)
    else:
        opened = smtplib.SMTP(host, port, timeout=_TIMEOUT)
    with opened as connection:
        is_encrypted = address.scheme == "smtps"
        connection.ehlo()
        if not is_encrypted and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
            is_encrypted = True
        if address.username:
            if not is_encrypted and host not in _LOCAL:
                raise DeliveryError("the mail server offers no encryption.", remedy="Use smtps://, or no password.")
            connection.login(unquote(address.username), unquote(address.password or ""))
        yield connection


def _may_mend(error: Exception) -> bool:
    """Say whether time may mend what went wrong: not reached, or told to come back."""
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500  # noqa: PLR2004 - codes of SMTP
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())  # noqa: PLR2004 - codes of SMTP
    return isinstance(error, OSError) and not isinstance(error, ssl.SSLCertVerificationError)


def _told(error: Exception) -> DeliveryError:
    """Say what went wrong without an address or an answer of the server, which may quote one."""
    codes = {error.smtp_code} if isinstance(error, smtplib.SMTPResponseException) else set()
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _ in error.recipients.values()}
    said = f" ({', '.join(map(str, sorted(codes)))})" if codes else ""
    return DeliveryError(
        f"mail: {type(error).__name__}{said}.", remedy=f"Check {SERVER} and the recipients' addresses."
    )
