"""What the tests of flows share: a state root, and a small district that steps can be tried on."""

from pathlib import Path

import pytest


@pytest.fixture
def state(tmp_path: Path) -> str:
    """An empty state root."""
    return str(tmp_path / "state")
