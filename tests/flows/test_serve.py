"""``aimline serve``: one process tree that shows the site, fires the nights, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from aimline.clock import sleep
from aimline.errors import UsageError
from flows import _server
from flows._server import free_port
from flows._serving import Asked, check_ports

AIMLINE = str(Path(sys.executable).with_name("aimline"))

pytestmark = pytest.mark.server


def get(port: int, address: str) -> tuple[int, bytes]:
    """Ask the site."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read()


def children(pid: int) -> list[int]:
    """The processes a process has started and that live."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.fixture
def served(prefect_server: object, tmp_path: Path, state: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running ``serve`` of Riverbend on the server of the test run, and its site's port."""
    port = free_port()
    words = [AIMLINE, "serve", "riverbend", "--state", state, "--site-port", str(port)]
    environment = os.environ | {"AIMLINE_HOME": str(tmp_path / "home")}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if "ctrl-c" in line:
                break
        yield process, port
        process.kill()


def gone(pids: list[int]) -> bool:
    """Wait until processes have ended."""
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        sleep(0.1)
    return False


def test_site_answers_and_everything_ends_with_a_signal(served: tuple[subprocess.Popen[str], int]) -> None:
    """The site says it is well; on a request to end nothing is left."""
    process, port = served
    status, body = get(port, "/-/health")
    assert status == 200
    assert json.loads(body)["districts"][0]["district_id"] == "riverbend"
    started = children(process.pid)
    assert len(started) == 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert gone(started)


def test_nothing_outlives_a_killed_parent(served: tuple[subprocess.Popen[str], int]) -> None:
    """After kill -9 of the parent its children end by themselves."""
    process, _ = served
    started = children(process.pid)
    process.kill()
    process.wait()
    assert gone(started)


def test_second_serve_of_a_home_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One process tree a home; the second is told who has it."""
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path / "home"))
    with _server.only_one(4200, 8770):
        kept = _server.serving()
        assert kept
        assert kept.pid == os.getpid()
        with pytest.raises(UsageError, match=rf"already running here \(pid {os.getpid()}"), _server.only_one(1, 2):
            pass
    assert _server.serving() is None


def test_taken_port_is_refused_with_its_option(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's port is named, and how to choose another."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"port {port} is taken\. Use --site-port"):
            check_ports(Asked((), site_port=port, port=free_port()))
        with pytest.raises(UsageError, match=rf"port {port} is taken\. Use --port"):
            check_ports(Asked((), site_port=free_port(), port=port))
