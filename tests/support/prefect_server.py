"""The one Prefect server of a test run: started by the product's own code, in a home of its own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from aimline.clock import wall_seconds
from flows import _server
from flows._server import Server
from flows._tree import Child, revive, tree

_running: list[Child] = []


def kill_and_revive(server: Server) -> None:
    """Kill the server and start it again on its port and database, as ``serve`` does with one that died."""
    (child,) = _running
    child.process.kill()
    child.process.wait()
    while not child.is_alive:
        revive(child, now=wall_seconds() + 3600 * len(child.deaths))
    _server.wait(child, server)


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """Start the server and let this process and its children use it; nothing of it stays in the environment."""
    with ExitStack() as held:
        held.enter_context(mock.patch.dict(os.environ, {"AIMLINE_HOME": str(home)}))
        os.environ.pop("PREFECT_API_URL", None)
        children = held.enter_context(tree())
        child, server = _server.begin(_server.free_port())
        children.append(child)
        _running[:] = [child]
        _server.wait(child, server)
        _server.use(server)
        held.callback(_server.drain)
        held.enter_context(_settings(server))
        yield server


@contextmanager
def _settings(server: Server) -> Iterator[None]:
    """Point prefect at the server, whenever it was imported; no heartbeat, one connection."""
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

    from flows._runtime import rehearsing

    chosen = {
        PREFECT_API_URL: server.api_url,
        PREFECT_API_AUTH_STRING: server.auth,
        PREFECT_LOGGING_LEVEL: "CRITICAL",
    }
    with temporary_settings(chosen), rehearsing():
        yield
