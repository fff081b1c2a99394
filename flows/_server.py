"""Run the one Prefect server: start it on loopback, find the one that lives. No flow belongs here.

Prefect reads its settings once, when it is imported. So a command first asks for a server here, which writes the
settings into the environment, and imports flows afterwards; this module never imports prefect.
"""

import fcntl
import json
import os
import secrets
import socket
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from aimline import _folders
from aimline.clock import clock_for, sleep, wall_seconds
from aimline.errors import AimlineError, UsageError
from flows._tree import Child, Program, start, tree

HOST = "127.0.0.1"
PORT = 4200
ANSWERS_WITHIN_SECONDS = 120
DRAINS_WITHIN_SECONDS = 10

_OK = 200


@dataclass(frozen=True)
class Server:
    """A Prefect server: its address with ``/api`` at the end, and the password (``user:secret``) it asks for."""

    api_url: str
    auth: str


@dataclass(frozen=True)
class Serving:
    """What ``serve.json`` says of the living process tree."""

    pid: int
    port: int
    site_port: int
    started_at: str


def home() -> Path:
    """Return the folder of the server: ``AIMLINE_HOME``, else ``var/.aimline``; readable by its owner alone."""
    path = _folders.home().resolve()
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def auth_string() -> str:
    """Return the server's password: the environment's, else the kept one, else a new one that is kept."""
    given = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
    if given:
        return given
    path = home() / "auth"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"aimline:{secrets.token_urlsafe(24)}\n")
    return path.read_text(encoding="ascii").strip()


def settings(server: Server | None = None) -> dict[str, str]:
    """Return the environment of everything that imports prefect: nothing is sent out, results are not kept.

    Args:
        server: The server to talk to; left out for the server itself.
    """
    quiet = {
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home() / "prefect"),
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    }
    asked = {"PREFECT_API_URL": server.api_url, "PREFECT_API_AUTH_STRING": server.auth} if server else {}
    return quiet | asked


def _server_environment(auth: str) -> dict[str, str]:
    """Return the environment of the server; rows are written in batches, which halves what a night costs it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"TZ", "PREFECT_API_URL"}}
    return {
        **kept,
        **settings(),
        "PREFECT_SERVER_API_AUTH_STRING": auth,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "500",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": '["events","flow_runs"]',
    }


def begin(port: int) -> tuple[Child, Server]:
    """Start a server of our own and return without waiting; ``wait`` for it before the first flow."""
    auth = auth_string()
    words = (sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port))
    program = Program("Prefect server", words, _server_environment(auth), home() / "server.log")
    return start(program), Server(f"http://{HOST}:{port}/api", auth)


def wait(child: Child, server: Server) -> None:
    """Wait until the server answers.

    Raises:
        AimlineError: It ended, or did not answer in two minutes.
    """
    until = wall_seconds() + ANSWERS_WITHIN_SECONDS
    while not (answers(server.api_url) and knows_us(server)):  # else it is somebody else's, and ours finds no port
        if not child.is_alive or wall_seconds() > until:
            raise AimlineError(
                f"the Prefect server did not answer; its last lines:\n{child.last_lines()}",
                remedy="Free memory or CPU and try again; the whole output is in server.log of AIMLINE_HOME.",
            )
        sleep(0.1)


def answers(api_url: str) -> bool:
    """Say whether a server is healthy."""
    return _status(api_url, "health", "") == _OK


def knows_us(server: Server) -> bool:
    """Say whether a server takes our password."""
    return _status(server.api_url, "admin/version", server.auth) == _OK


def _status(api_url: str, question: str, auth: str) -> int:
    """Ask a server and return the status of its answer; 0 when there is none."""
    place = urlsplit(api_url)
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    headers = {"Authorization": f"Basic {b64encode(auth.encode()).decode()}"} if auth else {}
    with closing(kind(place.hostname or HOST, place.port, timeout=5)) as connection:
        try:
            connection.request("GET", f"{place.path.rstrip('/')}/{question}", headers=headers)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0


def living() -> Server | None:
    """Return the server to use: the one of ``PREFECT_API_URL``, else the one ``serve`` keeps, else None.

    Raises:
        UsageError: ``PREFECT_API_URL`` is set and nothing answers there.
    """
    given = os.environ.get("PREFECT_API_URL")
    if given:
        if not answers(given):
            raise UsageError(f"no Prefect API at {given}.", remedy="Start it, or unset PREFECT_API_URL.")
        server = Server(given, os.environ.get("PREFECT_API_AUTH_STRING", ""))
        if not knows_us(server):
            raise UsageError(f"the Prefect API at {given} refuses.", remedy="Set PREFECT_API_AUTH_STRING.")
        return server
    kept = serving()
    if kept is None:
        return None
    server = Server(f"http://{HOST}:{kept.port}/api", auth_string())
    return server if knows_us(server) else None


def use(server: Server) -> None:
    """Write the settings into the environment, for prefect's import in this process.

    Prefect prints nothing: an error is printed by the command line, with its remedy and without a traceback.
    """
    os.environ.update(settings(server) | {"PREFECT_LOGGING_LEVEL": "CRITICAL"})
    os.environ.pop("TZ", None)


def serving() -> Serving | None:
    """Return what the living ``serve`` wrote of itself, or None."""
    try:
        kept = Serving(**json.loads((home() / "serve.json").read_text(encoding="utf-8")))
        os.kill(kept.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return kept


@contextmanager
def only_one(port: int, site_port: int) -> Iterator[None]:
    """Hold the lock of ``serve`` and say in ``serve.json`` who holds it.

    Raises:
        UsageError: Another process serves from this home.
    """
    with (home() / "serve.lock").open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            kept = serving()
            who = f" (pid {kept.pid}, since {kept.started_at})" if kept else ""
            raise UsageError(
                f"aimline serve is already running here{who}.", remedy="Stop it, or set AIMLINE_HOME."
            ) from None
        path = home() / "serve.json"
        now = clock_for("UTC", time(), None).instant().isoformat(timespec="seconds")
        path.write_text(json.dumps(asdict(Serving(os.getpid(), port, site_port, now))), encoding="utf-8")
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_free(port: int) -> bool:
    """Say whether a port of the loopback address can be taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port of the loopback address that nobody has."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def at_hand(tell: Callable[[str], None]) -> Iterator[Server]:
    """Use the server that lives, else start one for the block; flows may be imported and run inside."""
    server = living()
    with tree() as children:
        if server is None:
            tell("starting a Prefect server for this run (about 15 s); aimline serve keeps one")
            child, server = begin(free_port())
            children.append(child)
            wait(child, server)
        use(server)
        try:
            yield server
        finally:
            drain()


def drain() -> None:
    """Send what flows still have to tell the server, so that it may stop; nothing to do when none ran."""
    worker = sys.modules.get("prefect.events.worker")
    if worker is not None:
        worker.EventsWorker.drain_all(timeout=DRAINS_WITHIN_SECONDS)
