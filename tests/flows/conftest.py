"""What the tests of flows share: a state root, and nights whose steps only say that they were asked."""

from pathlib import Path
from typing import Any

import pytest

from flows import nightly as module
from flows._runtime import Did, step


@pytest.fixture
def state(tmp_path: Path) -> str:
    """An empty state root."""
    return str(tmp_path / "state")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A night whose steps only say that they were asked."""
    asked: list[str] = []

    def asking(name: Any) -> Any:
        return step(name)(lambda _night: asked.append(name) or Did("not_due"))

    monkeypatch.setattr(module, "NIGHT", {name: asking(name) for name in module.NIGHT})
    return asked
