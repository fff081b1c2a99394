"""What ``aimline measures`` refuses to answer with nothing, and how a school year is written on the command line."""

import pytest
import typer

from aimline.cli import main
from aimline.commands._shared import as_year
from aimline.commands.indicators import _read, _selected
from aimline.errors import UsageError
from aimline.warehouse import connect

ROWS = """
    create table figures as from (values
        ('attendance_rate', 'fl', 2027, 'school', 'all'), ('attendance_rate', 'me', 2027, 'district', 'el'),
        ('dosage', 'default', 2026, 'school', 'all')
    ) as rows (measure_id, profile_id, school_year, unit_type, group_id)
"""


@pytest.mark.parametrize(("text", "year"), [("2027", 2027), ("2026-27", 2027), ("1999-00", 2000)])
def test_a_school_year_is_written_by_its_label_or_its_spring(text: str, year: int) -> None:
    """Both names of a year mean the same."""
    assert as_year(text) == year


@pytest.mark.parametrize("text", ["27", "2026-28", "2026-2027", "2026-", "", "2027.0", "-2027"])
def test_what_is_no_school_year_is_refused(text: str) -> None:
    """Years that do not follow each other and other shapes are told how a year is written."""
    with pytest.raises(typer.BadParameter, match="write it as 2026-27, or as 2027"):
        as_year(text)


@pytest.mark.parametrize(
    ("asked", "told", "remedy"),
    [
        ({"profile_id": "nj"}, "attendance_rate has no profile 'nj'.", "There is fl, me."),
        ({"school_year": 2026}, "attendance_rate has no year '2026'.", "There is 2027."),
        ({"unit_type": "schools"}, "attendance_rate has no unit type 'schools'.", "There is district, school."),
        ({"unit_type": "school", "group_id": "ell"}, "attendance_rate has no group 'ell'.", "There is all, el."),
    ],
)
def test_what_no_row_has_is_refused(asked: dict[str, object], told: str, remedy: str) -> None:
    """A mistyped name is told with those there are; names that are there and never meet give no rows."""
    wanted = {"measure_id": "attendance_rate"} | asked
    with connect(role="memory") as connection:
        connection.execute(ROWS)
        with pytest.raises(UsageError) as refused:
            _read(connection, _selected("figures", wanted, ["profile_id"]), wanted)
        apart = {"measure_id": "attendance_rate", "unit_type": "school", "group_id": "el"}
        assert _read(connection, _selected("figures", apart, ["profile_id"]), apart)[1] == []
        nothing = {"measure_id": "reach", "unit_type": "schools"}
        assert _read(connection, _selected("figures", nothing, ["profile_id"]), nothing)[1] == []
    assert (refused.value.message, refused.value.remedy) == (told, remedy)


def test_counts_of_school_days_have_no_students(capsys: pytest.CaptureFixture[str]) -> None:
    """New York's feed has no students, so nobody is chronically absent by it, and the source is named."""
    assert main(["measures", "nyc", "--measure", "chronic_absence"]) == 2
    assert "chronic_absence needs student days; source nyc_daily holds school-day counts." in capsys.readouterr().err
