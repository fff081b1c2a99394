"""Schools beside each other and single days on charts: drawn from what is shown, no finer than told, and in words."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from reports.alert_words import alert_words
from reports.charts import draw_aim_line, draw_funnel, draw_level
from reports.context import Row
from reports.numbers import Figure
from reports.render import _linker, environment
from schemas.published import GAP_TEXT

MakeFigure = Callable[..., Figure]
FIRST = date(2026, 9, 4)


def schools(make: MakeFigure, **hidden: Any) -> list[Row]:
    """Make three schools, the last of them outside its limits; a fourth is hidden, what is given left behind."""
    told = [("Alder", 0.95, 80, 0.88, 1.0), ("Birch", 0.93, 500, 0.91, 0.97), ("Cedar", 0.88, 1200, 0.92, 0.96)]
    rows = [
        Row({"unit_label": name, "figure": make(
            figure_id=f"fig_{name.lower():a<12}", value=value, value_text=f"{value:.0%}", n_text=f"n = {n:,}",
            center=0.94, limit_low=low, limit_high=high, verdict="unusual" if name == "Cedar" else "as others")})
        for name, value, n, low, high in told
    ]  # fmt: skip
    gone = make(value_text=GAP_TEXT, shown_as="suppressed", is_suppressed=True, **({"value": None} | hidden))
    return [*rows, Row({"unit_label": "Dogwood", "figure": gone})]


def draw(rows: list[Row]) -> str:
    """Draw them."""
    return draw_funnel(rows, ident="f", title="Attendance of each school")


def test_schools_stand_at_their_size_and_value(a_figure: MakeFigure) -> None:
    """A larger school stands farther right, a better one higher; the one outside its limits is a ring with its name."""
    svg = draw(schools(a_figure))
    places = [
        tuple(map(float, found)) for found in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" class', svg)
    ]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted(y for _, y in places)
    assert svg.count('class="signal"') == 1
    assert ">Cedar</text>" in svg
    assert "Unusual: Cedar (88%)." in svg


def test_hidden_school_moves_nothing(a_figure: MakeFigure) -> None:
    """The drawing is the same whatever the gate may have left behind of a school it hides."""
    left = {"value": 0.2, "n_text": "n = 9,000", "center": 0.5, "limit_low": 0.1, "limit_high": 0.9}
    assert draw(schools(a_figure)) == draw(schools(a_figure, **left)) != ""
    assert "Dogwood" not in draw(schools(a_figure))


def test_reader_of_bands_gets_no_drawing(a_figure: MakeFigure) -> None:
    """A place on the axis of sizes is a count: whoever is told a band for one school is drawn none."""
    rows = schools(a_figure)
    banded = Row({"unit_label": "Elm", "figure": a_figure(n_text="300+", center=0.94, limit_low=0.9, limit_high=1.0)})
    assert draw([*rows, banded]) == ""


def test_table_says_all_that_the_drawing_says(a_figure: MakeFigure) -> None:
    """Each school by name, hidden ones with their words, no ranking; wide districts get no verdict."""
    _linker.set(lambda address, key: f"{address}.html{key}")
    told = {"indicator_id": "i", "indicator_label": "Attendance", "period_label": "Term to January 8, 2027"}
    from reports.context import Rows

    rows = [Row({**told, "unit_label": row.unit_label, "figure": row.figure}) for row in schools(a_figure)]
    text = str(environment().globals["funnel_charts"](Rows(rows)))
    names = re.findall(r'<th scope="row">(\w+)</th>', text)
    assert names == ["Alder", "Birch", "Cedar", "Dogwood"]
    assert text.count(GAP_TEXT) == 1
    assert "Unusual among the schools of this term: Cedar (<span" in text
    wide = [Row({**told, "unit_label": "Alder", "figure": a_figure(verdict="schools differ widely")})]
    assert "Schools differ widely; an outlier test is not useful here." in str(
        environment().globals["funnel_charts"](Rows(wide))
    )


@pytest.mark.parametrize("is_level", [True, False])
def test_day_that_was_an_event_is_marked_and_told(is_level: bool, a_figure: MakeFigure) -> None:
    """An upright line at its date, and the date in the description; a day outside the chart has words alone."""
    weeks = [FIRST + timedelta(days=7 * n) for n in range(5)]
    rows = [
        Row({"period_ends_on": day, "period_label": f"{day}", "figure": a_figure(), "phase": 1, "rule": None})
        for day in weeks
    ]
    days = [Row({"noted_on": weeks[2] - timedelta(days=1)}), Row({"noted_on": date(2025, 1, 9)})]
    about = {"ident": "c", "title": "t"}
    svg = draw_level(rows, days, **about) if is_level else draw_aim_line(rows, [], days, direction="higher", **about)
    assert svg.count('class="tick event"') == 1
    assert "Single days far off: January 9, 2025, September 17, 2026." in svg


@pytest.mark.parametrize(
    ("kind", "period_kind", "word", "beside"),
    [
        ("off_path", "year_to_date", "", ""),
        ("concern", "week", "worse than usual here", "Each period is set beside the usual level of this school"),
        ("concern", "year_to_date", "worse than usual here", "Those who are new in it each month"),
        ("improvement", "week", "better than usual here", "Each period"),
        ("peer", "week", "unusual among the schools", "Each school is set beside the others of the same term"),
        ("sudden", "week", "one day far off", "Each day is set beside the forty before it"),
        ("district", "week", "all schools moved", "Each period"),
    ],
)
def test_alert_says_what_it_is_set_beside(kind: str, period_kind: str, word: str, beside: str) -> None:
    """One place knows the word of each kind of alert and what its figure is compared with."""
    row = Row({"kind": kind, "period_kind": period_kind, "status": "off track", "state": "ongoing"})
    told = alert_words(row)
    assert told.word == word
    assert told.beside.startswith(beside)
    assert (told.side, told.since) == ({"improvement": "on", "district": "watch", "peer": "watch"}.get(kind, "off"),
                                       "ongoing since")  # fmt: skip
