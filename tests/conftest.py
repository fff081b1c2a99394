"""Fixtures every test folder may use."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from flows._server import Server
from tests.support import object_servers
from tests.support import prefect_server as prefect_server_module
from tests.support.killing import Nursery, nursery

ROOT = Path(__file__).resolve().parent.parent

# A unit test that forgets itself and calls a flow must fail at once, not start a server of its own.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
# No test is a clock: an example that takes long on a busy machine is no fault of what it tests.
settings.register_profile("no_clock", deadline=None)
settings.load_profile("no_clock")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder that holds the rooms."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public data, which is never part of the tree."""
    folder = Path(os.environ.get("AIMLINE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the folder of real public data is absent; set AIMLINE_SHARED_DATA to run this test")
    return folder


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """The address of the test run's moto server."""
    with object_servers.moto() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def seaweed_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the test run's SeaweedFS server."""
    with object_servers.seaweed(tmp_path_factory.mktemp("seaweed")) as endpoint:
        yield endpoint


@pytest.fixture(params=["moto", "seaweed"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty place on each server, which the environment leads to."""
    endpoint = request.getfixturevalue(f"{request.param}_endpoint")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    for name, value in object_servers.ACCESS.items():
        monkeypatch.setenv(name, value)
    place = uuid4().hex
    if request.param == "seaweed":
        return f"s3://{object_servers.BUCKET}/{place}"
    object_servers.client(endpoint).create_bucket(Bucket=place)
    return f"s3://{place}/part"


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one Prefect server of the test run."""
    with prefect_server_module.running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="session")
def forks() -> Iterator[Nursery]:
    """What runs verbs that die at a chosen operation, without importing the project for each."""
    with nursery() as held:
        yield held


_LONG_FIRST = ("acceptance", "flows", "properties", "sql", "reports")
"""Folders whose files run for minutes: begun first, so that no process is left with one of them at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders of long tests first; within a folder the order stays as random as it was."""
    ranks = {name: number for number, name in enumerate(_LONG_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


def pytest_collection_finish() -> None:
    """Let the collector of garbage not walk through all imports again and again: a tenth of a run is spared."""
    gc.collect()
    gc.freeze()
