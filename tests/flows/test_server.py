"""The Prefect server: behind a password, found by those who need it, quiet."""

import os
from base64 import b64encode
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aimline.errors import AimlineError, UsageError
from flows import _server
from flows._server import Server
from flows._tree import Child, Program, start


def asked(server: Server, auth: str | None) -> int:
    """The status of a question about runs."""
    place = urlsplit(server.api_url)
    headers = {"Authorization": f"Basic {b64encode(auth.encode()).decode()}"} if auth else {}
    with closing(HTTPConnection(place.hostname or "", place.port, timeout=30)) as connection:
        connection.request("GET", f"{place.path}/admin/version", headers=headers)
        return connection.getresponse().status


@pytest.mark.server
@pytest.mark.parametrize(("auth", "status"), [(None, 401), ("aimline:wrong", 401), ("right", 200)])
def test_server_answers_with_the_password_alone(prefect_server: Server, auth: str | None, status: int) -> None:
    """Nobody reads runs without the password of the home."""
    assert asked(prefect_server, prefect_server.auth if auth == "right" else auth) == status


@pytest.mark.server
def test_living_server_is_the_one_of_the_environment(prefect_server: Server) -> None:
    """A server that is named is used; none is started."""
    assert _server.living() == prefect_server


def test_named_server_that_does_not_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is told at once, before anything runs."""
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{_server.free_port()}/api")
    with pytest.raises(UsageError, match="no Prefect API at"):
        _server.living()


def test_without_any_server_none_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A command then starts one for itself."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path))
    assert _server.living() is None


def test_password_is_made_once_and_kept_from_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The password is long, random, and readable by its owner alone."""
    monkeypatch.delenv("PREFECT_SERVER_API_AUTH_STRING", raising=False)
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path / "home"))
    made = _server.auth_string()
    assert made.startswith("aimline:")
    assert len(made) >= 24 + len("aimline:")
    assert _server.auth_string() == made
    assert (tmp_path / "home" / "auth").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_server_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    """A server that cannot start is not waited for."""
    words = ("/bin/sh", "-c", "echo no space left")
    child: Child = start(Program("Prefect server", words, dict(os.environ), tmp_path / "server.log"))
    child.process.wait()
    with pytest.raises(AimlineError, match=r"(?s)did not answer.*no space left"):
        _server.wait(child, Server(f"http://127.0.0.1:{_server.free_port()}/api", ""))
