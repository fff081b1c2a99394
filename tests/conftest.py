"""Fixtures every test folder may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# A unit test that forgets itself and calls a flow must fail at once, not start a server of its own.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")


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
