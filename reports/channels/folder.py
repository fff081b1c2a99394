"""Hand pages and messages over as files of a folder below the state root."""

import shutil
from collections.abc import Sequence
from hashlib import sha256

from aimline.errors import DeliveryError
from aimline.storage import LocalStore
from reports.channels.base import Parcel, Recipient, Telling


class Folder:
    """A folder: one folder in it for each unit, and ``alerts/`` for messages."""

    def __init__(self, store: LocalStore, path: str) -> None:
        """Use a folder of the state root."""
        self.store = store
        self.path = path.strip("/")

    def hand_over(self, parcel: Parcel) -> None:
        """Replace the unit's folder by the edition: copied beside it, then renamed.

        Raises:
            DeliveryError: The folder cannot be written.
        """
        work = self.store.temp_dir()
        try:
            shutil.copytree(parcel.folder, work / "new")
            target = self.store.path(f"{self.path}/{parcel.place}")
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                target.rename(work / "old")
            (work / "new").rename(target)
        except OSError as error:
            message = f"folder '{self.path}' cannot be written: {error.strerror}."
            raise DeliveryError(message, remedy="Correct its permissions or free some space; publish again.") from None
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def finish(self, parcels: Sequence[Parcel]) -> None:
        """Keep the folder as it is: nothing old is left in it."""

    def recipients(self, telling: Telling) -> Sequence[Recipient]:
        """Return the folder of the unit, the one reader there is."""
        return [Recipient(f"{self.path}/{telling.unit_id}")]

    def tell(self, telling: Telling, recipient: Recipient) -> str:  # noqa: ARG002 - its folder follows from the unit
        """Write the message as a text file of its own."""
        message = telling.message
        name = sha256(message.event_id.encode()).hexdigest()[:16]
        key = f"{self.path}/alerts/{telling.unit_id}/{name}.txt"
        try:
            self.store.put_atomic(key, f"{message.subject}\n\n{message.text}\n".encode())
        except OSError as error:
            raise DeliveryError(f"folder '{self.path}' cannot be written: {error.strerror}.") from None
        return "filed"
