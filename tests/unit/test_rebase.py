"""A level that begins anew: proposed where it has settled, refused where it would hide a worsening, then tested."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from aimline.cli import main
from aimline.context import open_context
from aimline.signals import Evaluation, advance
from aimline.signals.levels import level_tests
from aimline.signals.rebase import REFUSED, begun_anew, proposals
from tests.unit.test_levels import BASELINE, SCHOOLS, START, WEEKS, series


def rows_of(columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Return columns as the rows of a table."""
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_level_that_has_settled_is_proposed() -> None:
    """Eight weeks on one side, none of them outside their own limits, and enough of the year ahead."""
    made = series(0.03, late=0)
    (found,) = proposals(rows_of(made), level_tests(made))
    assert (found.unit_id, found.indicator_id) == (SCHOOLS[0], "attendance_rate")
    assert found.n_periods >= 8
    assert found.level_now < found.level_before


@pytest.mark.parametrize("kind", ["day", "window", "term"])
def test_alert_of_a_day_or_a_wave_has_no_level_to_settle_at(kind: str) -> None:
    """It neither is a proposal nor hides the one of the weeks."""
    made = series(0.03, late=0)
    tests = level_tests(made)
    later = [row | {"period_kind": kind, "period_on": date(2099, 1, 1), "tier": "alert"} for row in tests]
    assert proposals(rows_of(made), [*tests, *later]) == proposals(rows_of(made), tests)


@pytest.mark.parametrize("change", ["few", "late", "restless"])
def test_level_that_has_not_settled_is_not_proposed(change: str) -> None:
    """Too few weeks, the year's end, or another departure inside the new level."""
    made = series(0.03, late=0)
    tests = level_tests(made)
    rows = rows_of(made)
    mine = [row for row in rows if row["unit_id"] == SCHOOLS[0]]
    if change == "few":
        tests = [row | {"changed_on": START + timedelta(weeks=WEEKS - 7)} for row in tests]
    elif change == "late":
        for row in rows:
            row["periods_per_year"] = BASELINE + 11
    else:
        mine[-1]["numerator"] *= 0.8
    assert proposals(rows, tests) == []


def test_series_that_begins_anew_has_its_own_baseline() -> None:
    """Weeks before the day are left out, the first twelve after it tell what is usual; the others stay as they were."""
    made = series(0.03)
    day = START + timedelta(weeks=4)
    asked = [{"indicator_id": "attendance_rate", "unit_id": SCHOOLS[0], "from_on": day.isoformat()}]
    anew = level_tests(begun_anew(made, asked))
    mine = [row for row in anew if row["unit_id"] == SCHOOLS[0]]
    assert [row["period_on"] for row in mine] == [START + timedelta(weeks=4 + BASELINE + n) for n in range(6)]
    assert {row["n_baseline"] for row in mine} == {BASELINE}
    others = {row["unit_id"] for row in anew} - {SCHOOLS[0]}
    assert others == set(SCHOOLS[1:])


def test_nothing_begins_anew_by_itself() -> None:
    """Without a person's word the series are those that came in."""
    made = series()
    assert begun_anew(made, []) is made
    other = begun_anew(made, [{"indicator_id": "attendance_rate", "unit_id": "9999", "from_on": "2026-09-30"}])
    assert all(np.array_equal(other[name], made[name]) for name in made)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> Any:
    """Ask ``rebase`` of Riverbend, where one school has a concern; return what it prints."""
    root = str(tmp_path / "state")
    context = open_context("riverbend", as_of=date(2027, 1, 15), state=root)
    seen = Evaluation(
        "0104", "attendance_rate", "all", date(2027, 1, 8), 0.001, -0.02, kind="concern", is_selected=True
    )
    rows = [event.row() for event in advance((), [seen], date(2027, 1, 15))]
    context.journal.append_alert_events([{**row, "recorded_at": context.clock.instant()} for row in rows])

    def asking(*words: str, exit_code: int = 0) -> str:
        assert main(["rebase", "riverbend", *words, "--as-of", "2027-01-20", "--state", root]) == exit_code
        said = capsys.readouterr()
        return said.out if exit_code == 0 else said.err

    asking.events = lambda: context.journal.events("signals_rebased")  # type: ignore[attr-defined]
    return asking


WORDS = ("--indicator", "attendance_rate", "--from", "2026-11-13", "--reason", "new bell times", "--by", "p1")


def test_worsening_is_not_hidden_without_a_reference(ask: Any) -> None:
    """A concern needs the cycle or decision that explains it; with it, one row is written, once."""
    assert REFUSED in ask(*WORDS, "--unit", "0104", exit_code=2)
    assert ask.events() == []
    for _ in range(2):
        ask(*WORDS, "--unit", "0104", "--ref", "2027_mid_year_01")
    (event,) = ask.events()
    assert (event.payload["ref"], event.payload["by"], event.payload["from_on"]) == (
        "2027_mid_year_01",
        "p1",
        "2026-11-13",
    )


def test_series_without_a_worsening_needs_no_reference(ask: Any) -> None:
    """A reason and a name are enough."""
    assert "begins anew on 2026-11-13" in ask(*WORDS, "--unit", "0109")
    assert len(ask.events()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--unit", "0109"), "a rebase needs --indicator, --from, --by, --reason"),
        ((*WORDS[:2], "--unit", "0109", "--from", "2027-02-01", *WORDS[4:]), "is after 2027-01-20"),
        ((*WORDS, "--unit", "9999"), "there is no school '9999'. Schools are: 0101, 0102"),
        (("--indicator", "belonging", "--unit", "0109", *WORDS[2:]), "is not tested against its own level"),
        ((), "nothing was built yet"),
    ],
)
def test_refusals_say_what_is_missing(words: tuple[str, ...], message: str, ask: Any) -> None:
    """Exit code 2 and a sentence."""
    assert message in ask(*words, exit_code=2)
