"""Hand pages over to an S3 bucket: all files of a release below its own name, then one small object that names it.

A reader follows ``index.html``, which is written last; until then the release before is whole and readable.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath

from aimline.errors import DeliveryError, SourceError, UsageError
from aimline.storage import ObjectStore
from reports.channels.base import Parcel

KEPT = 3
"""Releases that stay in the bucket beside the one that is read."""

_DEPTH = 3  # audience / unit / release / file
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
_FOR_GOOD = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"


def address_of(url: str) -> str | None:
    """Return the address of a bucket; ``env:NAME`` is read from the environment, None when it is not set."""
    if not url.startswith("env:"):
        return url
    return os.environ.get(url.removeprefix("env:")) or None


class Bucket:
    """One prefix of a bucket."""

    def __init__(self, address: str, *, is_public: bool = False) -> None:
        """Name the bucket and whether strangers may read it; nothing is sent yet."""
        self.address = address
        self.is_public = is_public
        self._store: ObjectStore | None = None

    def hand_over(self, parcel: Parcel) -> None:
        """Upload what is not there yet, then let the edition's first page lead to it.

        Raises:
            DeliveryError: The bucket refused, is open to strangers, or cannot be reached.
        """
        with _told():
            store, home = self._opened(), _home(parcel)
            for name in parcel.files():
                kind = _TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
                cache = _FOR_GOOD if name.startswith("_assets/") else _ASK_AGAIN
                store.put(f"{home}/{parcel.release_id}/{name}", (parcel.folder / name).read_bytes(), kind, cache)
            _switch(store, home, parcel.release_id)

    def finish(self, parcels: Sequence[Parcel]) -> None:
        """Remove releases of the editions that are neither the one read nor among those kept.

        Raises:
            DeliveryError: The bucket refused, or cannot be reached.
        """
        with _told():
            store = self._opened()
            keys = [info.key for info in store.list()]
            for parcel in parcels:
                mine = [key for key in keys if key.startswith(f"{_home(parcel)}/")]
                releases = {parts[2] for key in mine if len(parts := key.split("/")) > _DEPTH} - {parcel.release_id}
                old = tuple(f"{_home(parcel)}/{release}/" for release in sorted(releases)[:-KEPT])
                for key in (key for key in mine if key.startswith(old)):
                    store.delete(key)

    def _opened(self) -> ObjectStore:
        if self._store is None:
            self._store = ObjectStore(self.address)
            self._store.check_private(public=self.is_public)
        return self._store


def _home(parcel: Parcel) -> str:
    return f"{parcel.audience_id}/{parcel.place}"


def _switch(store: ObjectStore, home: str, release_id: str) -> None:
    """Name the release that is read: one object for machines, then one for people."""
    told = json.dumps({"release_id": release_id, "path": f"{home}/{release_id}/"}, sort_keys=True)
    store.put(f"{home}/current.json", told.encode(), _TYPES[".json"], _ASK_AGAIN)
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Reports</title>'
        f'<meta http-equiv="refresh" content="0; url={release_id}/index.html">\n'
        f'<p><a href="{release_id}/index.html">To the pages</a></p></html>\n'
    )
    store.put(f"{home}/index.html", page.encode(), _TYPES[".html"], _ASK_AGAIN)


@contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong with the bucket as a failed delivery."""
    try:
        yield
    except (SourceError, UsageError) as error:
        raise DeliveryError(f"bucket: {error.message}", remedy=error.remedy or "Publish again later.") from None
