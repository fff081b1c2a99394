"""Read files of a server over SFTP. Which of them are whole is judged in ``settle``, what they hold in ``arrival``.

The server must show the host key that is declared; nothing is sent to one that shows another, and there is no trust at
first use. One line serves all that is done at a place; it runs in a thread of its own, so that callers need no loop.
"""

import asyncio
import stat
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from aimline.errors import SourceError, SourcePermanentError, SourceTransientError
from aimline.sources.base import (
    CONNECT_SECONDS,
    DELIVERY_SECONDS,
    READ_SECONDS,
    NamePattern,
    Offer,
    facts_of,
    tried,
)
from schemas.faults import FAULTS

if TYPE_CHECKING:
    from asyncssh import SFTPAttrs, SFTPClient, SSHClientConnection

_CHUNK = 1 << 20
_USER = "aimline"


@dataclass(frozen=True)
class SftpAddress:
    """Where a server is and how it is known: its host key's fingerprint, and the key or password we show."""

    host: str
    port: int
    user: str
    folder: str
    host_key: str
    secret: str = field(repr=False)


def sftp_address(url: str, host_key: str, secret: str) -> SftpAddress:
    """Read ``sftp://user@host:port/folder``; without a user it is ``aimline``."""
    parts = urlsplit(url)
    folder = unquote(parts.path) or "/"
    return SftpAddress(parts.hostname or "", parts.port or 22, parts.username or _USER, folder, host_key, secret)


class SftpSource:
    """Files of one folder of a server whose names match."""

    def __init__(self, address: SftpAddress, patterns: Sequence[NamePattern]) -> None:
        """Look into the folder of ``address`` for names that match one of ``patterns``; the first counts."""
        self.address = address
        self.patterns = tuple(patterns)

    @cached_property
    def _line(self) -> "_Line":
        return _Line(self.address)

    def discover(self) -> Iterator[Offer]:
        """Yield the files that match, by name."""
        for name, (size, changed_at) in sorted(self._listed().items()):
            facts = facts_of(name, self.patterns)
            if facts is not None:
                yield Offer(name, size, f"{size}-{changed_at}", facts)  # the server tells whole seconds only

    def names(self) -> list[str]:
        """Return the names in the folder, and of those below it where a pattern asks for them."""
        return sorted(self._listed())

    def fetch(self, offer: Offer, to: Path) -> None:
        """Copy the file; refuse one that changed while it was copied."""
        try:
            version = tried(lambda: self._line.run(partial(_fetch, path=self._path(offer.name), to=to)))
            if version != offer.version:
                raise SourceTransientError(f"{offer.name} changed while it was read.", code="half_written")
        except SourceError:
            to.unlink(missing_ok=True)  # half a file is no file
            raise

    def put_away(self, offer: Offer, below: str) -> None:
        """Move a file that is kept into a folder beside it; one of that name there stays as it is."""
        path = PurePosixPath(self._path(offer.name))
        tried(
            lambda: self._line.run(partial(_put_away, path=path, target=path.parent / below / path.name), READ_SECONDS)
        )

    def close(self) -> None:
        """Hang up."""
        if "_line" in self.__dict__:
            self._line.close()
            del self.__dict__["_line"]

    def _listed(self) -> dict[str, tuple[int, int]]:
        depth = max(pattern.text.count("/") for pattern in self.patterns)
        return tried(lambda: self._line.run(partial(_list, folder=self.address.folder, depth=depth), READ_SECONDS))

    def _path(self, name: str) -> str:
        return str(PurePosixPath(self.address.folder) / name)


class _Line:
    """A connection to a server that is made when it is first used, and made anew after it broke."""

    def __init__(self, address: SftpAddress) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # what is left of a broken line is told by whoever used it
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp", daemon=True)
        self._thread.start()
        self._connection: SSHClientConnection | None = None
        self._client: SFTPClient | None = None

    def run(self, work: Any, seconds: float = DELIVERY_SECONDS) -> Any:
        """Do some work with the server, within its time.

        Raises:
            SourceTransientError: The line broke, or the server did not answer in time.
            SourcePermanentError: The server is another one, or refuses us.
        """
        import asyncssh

        try:
            return self._wait_for(self._done(work, seconds))
        except SourceError:
            raise
        except (asyncssh.Error, OSError) as error:
            with suppress(asyncssh.Error, OSError):
                self._wait_for(self._hung_up())
            raise _our_error(error, self._address) from None

    async def _done(self, work: Any, seconds: float) -> Any:
        if self._client is None:
            self._client = await asyncio.wait_for(self._connected(), CONNECT_SECONDS * 3)
        return await asyncio.wait_for(work(self._client), seconds)

    async def _connected(self) -> "SFTPClient":
        import asyncssh

        asyncssh.set_log_level("CRITICAL")  # its messages name users and addresses
        own = self._address
        self._connection = await asyncssh.connect(
            own.host,
            own.port,
            username=own.user,
            client_factory=partial(_client_of, own.host_key),
            known_hosts=([], [], []),  # none is known beforehand: each is asked for its fingerprint
            connect_timeout=CONNECT_SECONDS,
            login_timeout=CONNECT_SECONDS,
            agent_path=None,
            config=None,
            **_proof(own.secret),
        )
        return await self._connection.start_sftp_client()

    async def _hung_up(self) -> None:
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
            await asyncio.wait_for(connection.wait_closed(), CONNECT_SECONDS)

    def _wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """Hang up and end the thread."""
        with suppress(Exception):
            self._wait_for(self._hung_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _client_of(host_key: str) -> Any:
    """Return a client that trusts a server by the fingerprint of its key alone."""
    import asyncssh

    class Client(asyncssh.SSHClient):
        """Asks every server for the one fingerprint."""

        def validate_host_public_key(self, _host: str, _addr: str, _port: int, key: asyncssh.SSHKey) -> bool:
            """Say whether the server shows the declared key."""
            return key.get_fingerprint() == host_key

    return Client()


def _proof(secret: str) -> dict[str, Any]:
    """Return what we show: a private key where the secret is one, else a password."""
    import asyncssh

    if "PRIVATE KEY" not in secret:
        return {"password": secret, "client_keys": None, "preferred_auth": "password"}
    try:
        key = asyncssh.import_private_key(secret.replace("\\n", "\n") + "\n")
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise SourcePermanentError(
            "the secret is no private key that can be read.",
            remedy="Give a private key without a passphrase, in OpenSSH or PEM form.",
            code="auth_failed",
        ) from None
    return {"client_keys": [key], "preferred_auth": "publickey"}


async def _list(client: "SFTPClient", *, folder: str, depth: int, below: str = "") -> dict[str, tuple[int, int]]:
    """Return name -> size and second of change of the plain files of a folder; links are none."""
    found: dict[str, tuple[int, int]] = {}
    async for entry in client.scandir(str(PurePosixPath(folder) / below)):
        name = entry.filename if isinstance(entry.filename, str) else entry.filename.decode("utf-8", "replace")
        if name in {".", ".."}:
            continue
        mode = entry.attrs.permissions or 0
        if stat.S_ISDIR(mode) and depth > 0:
            found |= await _list(client, folder=folder, depth=depth - 1, below=f"{below}{name}/")
        elif stat.S_ISREG(mode):
            found[below + name] = _seen(entry.attrs)
    return found


def _seen(attributes: "SFTPAttrs") -> tuple[int, int]:
    return attributes.size or 0, int(attributes.mtime or 0)


async def _fetch(client: "SFTPClient", *, path: str, to: Path) -> str:
    """Copy a file, each read with a time of its own; return its version at the end."""
    n_bytes = 0
    source = await client.open(path, "rb")  # after a failure it is not closed: the line is hung up instead
    with to.open("wb") as target:
        while chunk := await asyncio.wait_for(source.read(_CHUNK), READ_SECONDS):
            n_bytes += target.write(chunk if isinstance(chunk, bytes) else chunk.encode())
    size, changed_at = _seen(await asyncio.wait_for(source.stat(), READ_SECONDS))
    await asyncio.wait_for(source.close(), READ_SECONDS)
    if n_bytes < size:
        raise SourceTransientError("a file ended before its last byte.", code="reset_mid_body")
    return f"{size}-{changed_at}"


async def _put_away(client: "SFTPClient", *, path: PurePosixPath, target: PurePosixPath) -> None:
    """Rename a file into another folder, which is made; one of that name there stays."""
    await client.makedirs(str(target.parent), exist_ok=True)
    if await client.exists(str(path)) and not await client.exists(str(target)):
        await client.rename(str(path), str(target))


def _our_error(error: Exception, address: SftpAddress) -> SourceError:
    """Say what went wrong in our words; what the server wrote stays out."""
    import asyncssh as ssh

    if isinstance(error, ssh.SFTPNoSuchFile | ssh.SFTPNoSuchPath):
        remedy = "Correct transport.url, or ask the owner of the server."
        return SourcePermanentError(f"a file or the folder {address.folder} is not there.", remedy=remedy)
    final: dict[type[Exception], tuple[str, str]] = {
        ssh.HostKeyNotVerifiable: ("host_key_changed", "the SFTP host key differs from transport.host_key."),
        ssh.PermissionDenied: ("auth_failed", f"the SFTP server refuses {address.user}."),
        ssh.SFTPPermissionDenied: ("auth_failed", f"{address.user} may not do this in {address.folder}."),
    }
    for kind, (code, message) in final.items():
        if isinstance(error, kind):
            return SourcePermanentError(message, remedy=FAULTS[code].remedy, code=code)
    broken: dict[type[Exception] | tuple[type[Exception], ...], tuple[str, str]] = {
        TimeoutError: ("timeout", "the SFTP server did not answer in time."),
        ssh.SFTPFailure: ("server_error", "the SFTP server failed."),
        (ssh.ConnectionLost, ssh.SFTPError): ("reset_mid_body", "the line to the SFTP server broke."),
    }
    for kinds, (code, message) in broken.items():
        if isinstance(error, kinds):
            return SourceTransientError(message, remedy=FAULTS[code].remedy, code=code)
    return SourceTransientError("the SFTP server cannot be reached.", remedy=FAULTS["timeout"].remedy, code="timeout")
