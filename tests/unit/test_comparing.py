"""What ``aimline why-different`` prints, and what it refuses."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from aimline.commands.comparing import _definitions, _missed, _steps
from aimline.errors import UsageError
from aimline.scoring.profiles import Step
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
