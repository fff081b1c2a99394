"""Rows of what is tested beside the aim line: schools compared in a term, a day that was an event of the district."""

from datetime import date
from typing import TYPE_CHECKING

from reports.numbers import rounded
from tests.support.published_rows import DISTRICT, SMALL_SCHOOL, UNITS, figure_row, hidden, noise

if TYPE_CHECKING:
    from tests.support.published_rows import World

UNUSUAL = "0104"
STORM = date(2026, 12, 3)
_CENTRE = 0.94


def add_signals(world: "World") -> None:
    """Add the funnel of the fall for the board, and a storm for everybody."""
    for school in UNITS[1:]:
        width = 0.6 / school.n**0.5
        value = _CENTRE - 1.4 * width if school.unit_id == UNUSUAL else _CENTRE + width * 0.7 * noise(school.unit_id)
        row = figure_row(
            school,
            measure_id="attendance_rate",
            indicator_id="attendance_rate",
            period_kind="term",
            period_id="2027_fall",
            period_label="Term to January 8, 2027",
            period_ends_on=date(2027, 1, 8),
            data_through_on=date(2027, 1, 8),
            value_unit="share",
            value=value,
            n_text=f"n = {school.n:,}",
        )
        limits = {"center": _CENTRE, "limit_low": rounded(_CENTRE - width, "share")}
        limits |= {"limit_high": rounded(min(_CENTRE + width, 1.0), "share"), "is_trim_dependent": False}
        limits |= {"verdict": "unusual" if school.unit_id == UNUSUAL else "as others"}
        told = hidden(row) if school.unit_id == SMALL_SCHOOL else row | limits
        world.add("rpt_funnel", [("board", DISTRICT)], **told, is_newest=True)
    for audience_id, reader in (("board", DISTRICT), ("principal", "*")):
        world.add(
            "rpt_notes",
            [(audience_id, reader)],
            note_id="storm",
            indicator_id="attendance_rate",
            scope="district",
            unit_id=DISTRICT,
            noted_on=STORM,
        )
