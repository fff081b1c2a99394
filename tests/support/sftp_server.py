"""Run a real SFTP server on loopback: a folder nobody leaves, key or password, and what goes wrong on demand."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

USER = "vendor"
PASSWORD = "open-sesame"


class SftpServer:
    """A server and its folder.

    Attributes:
        root: The folder it serves.
        key: The private key it lets in, as text.
        logins: Users who tried to log in.
        cuts: How many reads from the second block on hang up.
        fails: How many reads fail as a busy server does.
        stalls: How many reads are never answered.
        moved: Called once after a file was opened, for a writer in between.
    """

    def __init__(self, root: Path) -> None:
        """Make keys; ``start`` opens the door."""
        self.root, self.port = root, 0
        own = asyncssh.generate_private_key("ssh-ed25519")
        self.key = own.export_private_key().decode()
        self._let_in = asyncssh.import_authorized_keys(own.export_public_key().decode())
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.logins: list[str] = []
        self.cuts = self.fails = self.stalls = 0
        self.silent: list[asyncio.Future[bytes]] = []
        self.moved: Any = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._acceptor: Any = None

    @property
    def host_key(self) -> str:
        """Return the fingerprint of its key."""
        return self._host_key.get_fingerprint()

    def swap_host_key(self) -> None:
        """Show another key from now on, on the same port."""
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._run(self._close())
        self._run(self._open())

    def lock_out(self) -> None:
        """Let nobody in from now on."""
        stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        self._let_in = asyncssh.import_authorized_keys(stranger)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._run(self._open())

    def stop(self) -> None:
        """Close the door and end the thread."""
        self._run(self._speak())
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _open(self) -> None:
        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self._host_key],
            server_factory=lambda: _door(self),
            sftp_factory=lambda channel: _room(self, channel),
            reuse_address=True,
        )
        self.port = self._acceptor.get_port()

    async def _speak(self) -> None:
        """Answer what was left without an answer, and let whoever waited for it finish."""
        for each in self.silent:
            if not each.done():
                each.set_result(b"")
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others, timeout=1) if others else None

    async def _close(self) -> None:
        self._acceptor.close()
        await self._acceptor.wait_closed()

    def lets_in(self, key: Any) -> bool:
        """Say whether a public key opens the door."""
        return self._let_in.validate(key, "127.0.0.1", "127.0.0.1") is not None


def _door(server: SftpServer) -> Any:
    """Return who asks for keys and passwords."""

    class Door(asyncssh.SSHServer):
        """Knows one user."""

        def begin_auth(self, username: str) -> bool:
            server.logins.append(username)
            return True

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, _username: str, key: Any) -> bool:
            return server.lets_in(key)

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

    return Door()


def _room(server: SftpServer, channel: Any) -> Any:
    """Return who serves the folder."""

    class Room(asyncssh.SFTPServer):
        """Serves the folder, and fails as it is told."""

        def read(self, file_obj: Any, offset: int, size: int) -> Any:
            if server.stalls:
                server.stalls -= 1
                server.silent.append(asyncio.get_running_loop().create_future())
                return server.silent[-1]
            if server.fails:
                server.fails -= 1
                raise asyncssh.SFTPFailure("busy")
            if server.moved is not None:
                moved, server.moved = server.moved, None
                moved()
            if server.cuts and offset:
                server.cuts -= 1
                channel.get_connection().abort()
            return super().read(file_obj, offset, size)

    return Room(channel, chroot=str(server.root).encode())


@contextmanager
def sftp_server(root: Path) -> Iterator[SftpServer]:
    """Run a server of a folder."""
    root.mkdir(parents=True, exist_ok=True)
    server = SftpServer(root)
    server.start()
    try:
        yield server
    finally:
        server.stop()
