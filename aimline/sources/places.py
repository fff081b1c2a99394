"""Find the place a declared source points to: a folder of state root, environment or deployment, a bucket, a server."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from aimline.errors import SourcePermanentError
from aimline.sources.base import Source, name_pattern
from aimline.sources.file import BucketSource, FolderSource
from aimline.sources.secrets import secret_of
from aimline.sources.transports import SftpSource, sftp_address
from aimline.storage import ObjectStore

if TYPE_CHECKING:
    from schemas.sources import Transport


def open_source(transport: "Transport", *, state: Path, deployment: Path) -> Source:
    """Open the place of a source.

    Args:
        transport: As declared.
        state: The state root, for ``state:``.
        deployment: The deployment's folder, for paths that are not absolute.

    Raises:
        SourcePermanentError: The place or its secret is named by a variable that is not set, or is not there.
    """
    patterns = [name_pattern(text) for text in transport.match]
    if transport.kind == "s3":
        return BucketSource(ObjectStore(transport.url), patterns)
    if transport.kind == "sftp":
        address = sftp_address(transport.url, transport.host_key or "", secret_of(transport.secret or ""))
        return SftpSource(address, patterns)
    return FolderSource(_folder(transport.url, state, deployment), patterns)


def _folder(url: str, state: Path, deployment: Path) -> Path:
    scheme, colon, rest = url.partition(":")
    if colon and scheme == "state":
        return state / rest  # an inbox that nobody has put anything into need not exist
    if colon and scheme == "env":
        name, _, below = rest.partition("/")
        if not os.environ.get(name):
            raise SourcePermanentError(f"{name} is not set.", remedy=f"Set {name} to the folder that holds the files.")
        folder = Path(os.environ[name]) / below
    else:
        folder = deployment / url
    if not folder.is_dir():
        raise SourcePermanentError(f"the folder of {url} is not there.", remedy="Correct the address, or make it.")
    return folder
