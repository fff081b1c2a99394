"""Keep the file of a review's decisions: in the deployment, or in the outbox of the state root until it is copied.

A file is replaced whole, and only when it is as it was read. What it may say is judged elsewhere.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aimline._yaml import read_tree
from aimline.errors import UsageError
from aimline.storage import LocalStore
from schemas._base import judged
from schemas.decisions import DecisionsFile


@dataclass(frozen=True)
class DecisionFile:
    """The decisions file of one review of one deployment."""

    store: LocalStore
    folder: Path
    review_id: str

    @property
    def name(self) -> str:
        """Return its name in the deployment."""
        return f"decisions/{self.review_id}.yml"

    @property
    def outbox(self) -> str:
        """Return the key where it waits when nobody may write to the deployment."""
        return f"outbox/{self.name}"

    def text(self) -> str | None:
        """Return the file as it is; None before the first decision."""
        if self.store.exists(self.outbox):
            return self.store.read(self.outbox).decode()
        path = self.folder / self.name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def put(self, text: str, *, before: str | None) -> str:
        """Replace the file; return where it is now, for people.

        Args:
            text: The new text.
            before: The text that was read; another one by now is somebody else's work.

        Raises:
            UsageError: The file has changed since it was read.
        """
        if self.text() != before:
            raise UsageError(f"{self.name} changed while this was answered.", remedy="Give the answers again.")
        if not self.store.exists(self.outbox) and _put(self.folder / self.name, text):
            return self.name
        self.store.put_atomic(self.outbox, text.encode())
        return f"{self.outbox} of the state root; copy it to {self.name}"


def read_decisions(text: str | None) -> DecisionsFile | None:
    """Return what a file says; None when there is none, or when its shape is wrong."""
    return None if text is None else judged(DecisionsFile, read_tree("decisions", text.encode()).data)[0]


def _put(path: Path, text: str) -> bool:
    """Write a file whole or not at all; False where nobody may write."""
    temp = None
    try:
        path.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".", delete=False) as file:
            temp = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temp.replace(path)
    except OSError:
        if temp is not None:
            temp.unlink(missing_ok=True)
        return False
    return True
