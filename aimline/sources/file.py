"""Find files in a folder or below an S3 prefix, and fetch them. What is in them is read in ``aimline/arrival``."""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from aimline.errors import SourcePermanentError, SourceTransientError
from aimline.sources.base import NamePattern, Offer, facts_of, tried
from aimline.storage import ObjectStore


class FolderSource:
    """Files of one folder whose names match; folders below it are not looked into unless a pattern has a ``/``."""

    def __init__(self, folder: Path, patterns: Sequence[NamePattern]) -> None:
        """Look into ``folder`` for names that match one of ``patterns``; the first that matches counts."""
        self.folder = folder
        self.patterns = tuple(patterns)

    def discover(self) -> Iterator[Offer]:
        """Yield the files that match, by name; a folder that is not there yet holds nothing."""
        for name in sorted(self.names()):
            facts = facts_of(name, self.patterns)
            if facts is None:
                continue
            state = (self.folder / name).lstat()
            if stat.S_ISREG(state.st_mode):  # a link may lead anywhere
                yield Offer(name, state.st_size, str(state.st_mtime_ns), facts)

    def names(self) -> list[str]:
        """Return the names in the folder, and of those below it where a pattern asks for them."""
        if not self.folder.is_dir():
            return []
        if any("/" in pattern.text for pattern in self.patterns):
            return [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*")]
        return os.listdir(self.folder)  # noqa: PTH208 - names alone: a path each would take longer than all the rest

    def fetch(self, offer: Offer, to: Path) -> None:
        """Copy the file; refuse one that changed while it was copied."""
        path = self.folder / offer.name
        try:
            shutil.copyfile(path, to)
            state = path.stat()
        except FileNotFoundError:
            raise SourceTransientError(f"{offer.name} went away before it could be read.") from None
        except PermissionError:
            raise SourcePermanentError(
                f"{offer.name} may not be read.", remedy="Give the account that runs Aimline the right to read it."
            ) from None
        if (state.st_size, str(state.st_mtime_ns)) != (offer.size, offer.version):
            raise SourceTransientError(f"{offer.name} changed while it was read.", code="half_written")

    def put_away(self, offer: Offer, below: str) -> None:
        """Move a file that is kept into a folder beside it; one of that name there stays as it is."""
        path = self.folder / offer.name
        target = path.parent / below / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not target.exists():
            path.rename(target)

    def close(self) -> None:
        """Let go of nothing."""


class BucketSource:
    """Objects below an S3 prefix whose keys match."""

    def __init__(self, objects: ObjectStore, patterns: Sequence[NamePattern]) -> None:
        """Look below the prefix of ``objects`` for keys that match one of ``patterns``."""
        self.objects = objects
        self.patterns = tuple(patterns)

    def discover(self) -> Iterator[Offer]:
        """Yield the objects that match, by key."""
        for found in self.objects.list():
            facts = facts_of(found.key, self.patterns)
            if facts is not None:
                yield Offer(found.key, found.size, found.etag, facts)

    def names(self) -> list[str]:
        """Return every key below the prefix."""
        return [found.key for found in self.objects.list()]

    def fetch(self, offer: Offer, to: Path) -> None:
        """Read the object, on the condition that it is the one that was listed."""
        tried(lambda: self.objects.get(offer.name, to, if_match=offer.version))

    def put_away(self, offer: Offer, below: str) -> None:
        """Move an object that is kept below another prefix beside it; one of that key there stays as it is."""
        folder, slash, name = offer.name.rpartition("/")
        self.objects.move(offer.name, f"{folder}{slash}{below.strip('/')}/{name}", if_match=offer.version)

    def close(self) -> None:
        """Let go of nothing."""
