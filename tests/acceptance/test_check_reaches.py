"""``aimline check`` refuses a plan that cannot work, and names the line, while there is time to mend it."""

import pytest

from aimline.cli import main
from tests.support.declared import changed_copy

YEAR = "years/2026-27.yml"


@pytest.fixture
def late(tmp_path):
    """Riverbend with its fall survey too late for the budget that its mid-year review feeds."""
    return changed_copy(tmp_path, YEAR, "opens: {nth_school_day: 40}", "opens: 2026-12-14")


def _checked(capsys, folder, *words):
    code = main(["check", str(folder), "--state", str(folder / "state"), *words])
    return code, [line for line in capsys.readouterr().out.splitlines() if "cannot make" in line]


def test_in_july_a_plan_that_misses_its_board_is_an_error(late, capsys):
    """The message names the meeting, how many days are missing, and the line of the cause."""
    code, told = _checked(capsys, late, "--as-of", "2026-07-15")
    line = next(
        number for number, text in enumerate((late / YEAR).read_text().splitlines(), 1) if "opens: 2026-12-14" in text
    )
    assert code == 2
    assert told[0].startswith(f"riverbend/{YEAR}:{line}:")
    assert "mid_year cannot make budget.preliminary on 2027-02-09: short by" in told[0]


def test_once_the_year_runs_it_is_a_warning(late, capsys):
    """A running year is told of, and its nights go on."""
    code, told = _checked(capsys, late, "--as-of", "2026-09-15")
    assert (code, "warning:" in told[0]) == (0, True)


def test_a_year_that_is_over_is_left_alone(late, capsys):
    """Nobody can mend it any more."""
    assert _checked(capsys, late, "--as-of", "2027-06-15") == (0, [])
