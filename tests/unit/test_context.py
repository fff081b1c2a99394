"""What every step works with: the right state root, a clock of the district, a name for the run."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from aimline.context import open_context
from aimline.errors import UsageError

DAY = date(2026, 10, 7)


def test_replayed_run_is_named_by_its_day(tmp_path: Path) -> None:
    """The same night replayed has the same name, so its events are the same events."""
    context = open_context("riverbend", as_of=DAY, state=str(tmp_path))
    assert context.run_id == "riverbend-20261007"
    assert context.clock.instant() == datetime(2026, 10, 7, 9, 30, tzinfo=UTC)
    context.journal.close()


@time_machine.travel(datetime(2026, 10, 8, 3, 0, 5, tzinfo=UTC), tick=False)
def test_live_run_is_named_by_its_instant(tmp_path: Path) -> None:
    """Two live runs of one day are two runs; the day is the district's own."""
    context = open_context("riverbend", as_of=None, state=str(tmp_path))
    assert (context.run_id, context.clock.as_of) == ("riverbend-20261008T030005Z", DAY)
    context.journal.close()


@pytest.mark.parametrize(("state", "variable", "root"), [("given", "set", "given"), (None, "set", "set")])
def test_state_root_is_given_or_set(
    state: str | None, variable: str, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option goes before the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIMLINE_STATE", variable)
    context = open_context("riverbend", as_of=DAY, state=state)
    assert context.store.root == tmp_path / root
    context.journal.close()


def test_state_root_is_otherwise_the_districts_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two districts on one machine do not meet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AIMLINE_STATE", raising=False)
    context = open_context("riverbend", as_of=DAY, state=None)
    assert context.store.root == tmp_path / "var/riverbend"
    assert (context.store.root / "ledger/journal.db").is_file()
    context.journal.close()


def test_unknown_deployment_makes_no_state(tmp_path: Path) -> None:
    """A wrong name is told with the known ones, and leaves nothing behind."""
    with pytest.raises(UsageError, match=r"Name one of .*riverbend"):
        open_context("riverbent", as_of=DAY, state=str(tmp_path / "state"))
    assert not (tmp_path / "state").exists()
