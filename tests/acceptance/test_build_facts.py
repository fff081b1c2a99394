"""``aimline build`` begins with what is declared: today's files for today, what stood then for an earlier day."""

from pathlib import Path

import pytest

from aimline.cli import main
from aimline.context import open_context
from aimline.warehouse import connect
from tests.support.declared import changed_copy


def labels(state: Path, key: str = "warehouse.duckdb") -> set[str]:
    """Return what the warehouse calls its indicators."""
    with connect(state / key, role="snapshot", read_only=True) as connection:
        return {row["label_en"] for row in connection.rows("select label_en from stg_declared__indicators")}


def built(folder: Path | str, state: Path, as_of: str) -> int:
    """Build a day and return how it ended."""
    return main(["build", str(folder), "--state", str(state), "--as-of", as_of])


def edited(folder: Path, name: str) -> Path:
    """Return a copy of Riverbend that calls chronic absence otherwise."""
    folder.mkdir()
    return changed_copy(folder, "indicators.yml", "en: Chronic absence,", f"en: {name},")


def test_build_takes_what_the_files_say_and_an_earlier_day_does_not(tmp_path: Path) -> None:
    """Nothing was collected: the first build lands the facts; an edit is in the next, and in none before it."""
    state = tmp_path / "state"
    assert built("riverbend", state, "2026-10-01") == 0
    assert "Chronic absence" in labels(state)
    later, newest = (edited(tmp_path / name, name) for name in ("Often absent", "Away a lot"))
    known = {"Chronic absence", "Often absent", "Away a lot"}
    assert built(later, state, "2026-10-05") == 0
    assert known & labels(state) == {"Often absent"}
    assert built(newest, state, "2026-10-02") == 0
    assert known & labels(state, "asof/2026-10-02.duckdb") == {"Chronic absence"}


def test_day_before_anything_was_declared_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says from which day on there is something to build; nothing is written."""
    state = tmp_path / "state"
    assert built("riverbend", state, "2026-10-01") == 0
    capsys.readouterr()
    assert built("riverbend", state, "2026-08-01") == 2
    told = capsys.readouterr().err
    assert "By 2026-08-01 riverbend had declared nothing; the first facts are of 2026-10-01." in told
    assert "Build a day from then on." in told
    assert not (state / "asof").exists()


def test_build_beside_a_run_that_collects_leaves_the_facts_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One run at a time lands facts; with none there is nothing to build, and that is said."""
    context = open_context("riverbend", as_of=None, state=str(tmp_path / "state"))
    with context.journal.claim("collect:riverbend", owner="another", at=context.clock.instant()):
        assert main(["build", "riverbend", "--state", str(tmp_path / "state")]) == 2
    context.journal.close()
    assert "no facts were landed at all. Collect first" in capsys.readouterr().err
