"""What ``aimline why-different`` prints, and what it refuses."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from aimline.commands.comparing import _definitions, _missed, _steps, _tell_withheld
from aimline.errors import UsageError
from aimline.scoring.profiles import Step
from aimline.warehouse import connect
from schemas.profiles import SHIPPED, Profile


def a_district(*profiles: Profile) -> Any:
    """Return what the verb asks of a context: the district's own definitions."""
    return SimpleNamespace(deployment=SimpleNamespace(indicators=SimpleNamespace(profiles=profiles)))


def test_changes_as_printed_add_up() -> None:
    """Thirds and sevenths rounded to twelve digits: what is printed still adds up from the first value to the last."""
    steps = [Step("", "", "", n, d) for n, d in ((1, 3), (2, 7), (2, 7), (0, 0), (5, 11))]
    printed = list(_steps(steps[:3] + steps[4:]))
    values = [Decimal(row[6]) for row in printed]
    assert sum(Decimal(row[7]) for row in printed[1:]) == values[-1] - values[0]
    assert printed[0][7] is None


def test_figure_without_anybody_has_no_value() -> None:
    """A step that judges nobody has no value and no change, and neither has the change after it."""
    printed = list(_steps([Step("", "", "", *counts) for counts in ((1, 2), (0, 0), (1, 4))]))
    assert [row[6:] for row in printed] == [("0.5", None), (None, None), ("0.25", None)]


def test_unknown_definition_is_told_with_all_known_ones() -> None:
    """A name that is no definition is answered with those there are, the district's own among them."""
    own = Profile(profile_id="riverbend-board", based_on="us-edfacts-195", min_member_days=20)
    with pytest.raises(UsageError, match="no profile 'nj'; profiles: ca-dashboard, ca-dataquest, crdc-legacy,") as told:
        _definitions(a_district(own), ["nj", "fl"])
    assert "riverbend-board" in str(told.value)
    assert told.value.exit_code == 2
    assert _definitions(a_district(own), ["fl", "riverbend-board"])[1].min_member_days == 20


@pytest.mark.parametrize("names", [[], ["fl"], ["fl", "kipp", "me"]])
def test_two_definitions_are_compared(names: list[str]) -> None:
    """One definition, or three, are refused."""
    with pytest.raises(UsageError, match="two definitions"):
        _definitions(a_district(), names)


def test_a_day_is_read_as_its_definition_reads_it() -> None:
    """Unmarked parts count as none; by the half rule half a day is a whole one."""
    assert _missed("excused,unexcused", "fraction") == "coalesce(excused_parts, 0) + coalesce(unexcused_parts, 0)"
    assert _missed("", "half_rule") == "case when 2 * (0) >= member_parts then member_parts else 0 end"
    assert set(SHIPPED) == {
        *("us-edfacts-195", "ca-dataquest", "ca-dashboard", "nj-spr", "fl", "kipp", "me", "ri-early", "crdc-legacy"),
        *("edu-default", "district-follow"),
    }


def test_a_walk_to_a_withheld_figure_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The district's own newest figure is meant: not a school's, not an earlier one."""
    with connect(role="memory") as connection:
        connection.execute(
            "create table msr_chronic_absence as from (values"
            " (2027, date '2027-01-22', 'district', 'all', 'ok', null),"
            " (2027, date '2027-01-22', 'school', 'all', 'withheld', 'incomplete_submission'),"
            " (2027, date '2027-01-29', 'district', 'all', 'withheld', 'incomplete_submission')"
            ") as rows (school_year, period_ends_on, unit_type, group_id, quality_state, hold_reason)"
        )
        for day in (22, 29):
            _tell_withheld(connection, {"year": 2027, "last_on": date(2027, 1, day)})
    told = capsys.readouterr().err
    assert told == "The district's figure of 2027-01-29 is withheld: incomplete_submission.\n"
