"""Charts: drawn from visible figures alone, readable in words, inside their frame."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.charts import draw_aim_line, draw_level, draw_rate, draw_status
from reports.charts.aim_line import HEIGHT, WIDTH, AimLine, Path, Point, describe, svg_of
from reports.charts.scale import Scale, date_ticks, ticks
from reports.context import Row
from reports.numbers import Figure
from schemas.published import GAP_TEXT

FIRST = date(2026, 9, 4)
SVG = "{http://www.w3.org/2000/svg}"


def point(week: int, value: float | None, *, is_hidden: bool = False, spread: float | None = None) -> Point:
    """Make a point of a week; its value is hidden when it is None."""
    text = GAP_TEXT if is_hidden else f"{(value or 0) * 100:.0f}%"
    low, high = (None, None) if spread is None or value is None else (value - spread, value + spread)
    return Point(FIRST + timedelta(days=7 * week), f"Week {week}", text, is_hidden, value, low, high, 0.18)


def chart(points: Sequence[Point], path: Sequence[Path] = ()) -> AimLine:
    """Make a chart of points."""
    return AimLine("c", "Absence against its aim line", "share", "lower", tuple(points), tuple(path))


def coordinates(svg: str) -> list[float]:
    """Return every number that places something."""
    found = re.findall(r'(?: d| x| y| cx| cy| width| height)="([^"]*)"', svg)
    return [float(number) for text in found for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def test_hidden_value_moves_nothing() -> None:
    """The drawing of a series is the same whatever the hidden value would have been."""
    around = [point(0, 0.17), point(2, 0.19)]
    drawings = {svg_of(chart([around[0], point(1, None, is_hidden=True), around[1]])) for _ in (0.02, 0.95)}
    (svg,) = drawings
    assert svg.count('class="point"') == 2
    assert 'class="value"' not in svg  # neighbours of a gap are not joined


def test_no_line_joins_two_definitions() -> None:
    """Waves of two editions, one after the other: each is joined with its own alone, and the words say so."""
    waves = [replace(point(week, 0.2), definition=name) for week, name in enumerate(("1", "2", "1", "2", "2"))]
    svg = svg_of(chart(waves))
    assert svg.count('class="value"') == 3
    assert "The line breaks where the questionnaire changed." in svg
    same = svg_of(chart([replace(each, definition="1") for each in waves]))
    assert same.count('class="value"') == 4
    assert "questionnaire" not in same


def test_row_with_a_number_left_behind_a_gap_is_not_drawn(a_figure: Callable[..., Figure]) -> None:
    """Were the gate to leave a number in a hidden row, its coordinate would still not appear."""
    rows = [
        Row({"period_ends_on": FIRST, "period_label": "A", "figure": a_figure(value=0.17)}),
        Row({"period_ends_on": FIRST + timedelta(7), "period_label": "B",
             "figure": a_figure(value=0.91, value_text=GAP_TEXT, shown_as="suppressed", is_suppressed=True)}),
    ]  # fmt: skip
    shown = draw_aim_line(rows[:1], [], ident="c", title="t", direction="lower")
    both = draw_aim_line(rows, [], ident="c", title="t", direction="lower")
    for svg in (shown, both):
        assert "91" not in svg
    assert re.findall(r'cy="[^"]*"', shown) == re.findall(r'cy="[^"]*"', both)
    assert "Not shown, to protect privacy: B" in both


def test_nothing_to_draw_is_no_frame() -> None:
    """A series without a visible value gives no empty axes."""
    assert svg_of(chart([point(0, None, is_hidden=True)])) == ""


def test_chart_is_told_in_words() -> None:
    """Title and description are there, named by the picture, and say value, expected, extremes and the line."""
    drawn = chart([point(0, 0.17), point(1, 0.21, spread=0.02)], [Path(FIRST, 0.19), Path(FIRST + timedelta(99), 0.17)])
    tree = ElementTree.fromstring(svg_of(drawn).replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))
    assert tree.get("role") == "img"
    assert tree.get("aria-labelledby") == "c-title c-desc"
    assert tree.findtext(f"{SVG}title") == "Absence against its aim line"
    words = describe(drawn)
    for part in ("Week 1: 21%", "Expected by then: 18%", "19% to 23%", "Lowest: 17%", "from September", "to 17%"):
        assert part in words
    assert tree.findtext(f"{SVG}desc") == words


def test_text_in_a_chart_is_escaped() -> None:
    """A title from a district's file cannot become an element."""
    svg = svg_of(AimLine("c", "<script>alert(1)</script>", "share", "lower", (point(0, 0.2),), ()))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_stairs_of_a_rounded_path_become_a_line() -> None:
    """The aim line is drawn as the straight line that rounds to the published points, ends kept."""
    days = [FIRST + timedelta(days=14 * number) for number in range(20)]
    path = [Row({"on_date": day, "expected": round(0.197 - 0.001 * number, 2)}) for number, day in enumerate(days)]
    rows = [Row({"period_ends_on": FIRST, "period_label": "A", "figure": Figure(_VISIBLE)})]
    svg = draw_aim_line(rows, path, ident="c", title="t", direction="lower")
    (aim,) = re.findall(r'd="([^"]*)" class="aim"', svg)
    assert aim.count("L") == 1


_VISIBLE = (
    '{"figure_id": "f", "value": 0.19, "value_text": "19%", "shown_as": "exact", "is_suppressed": false,'
    ' "value_unit": "share", "expected": 0.2}'
)


values = st.one_of(st.none(), st.floats(min_value=0, max_value=1, allow_nan=False).map(lambda number: round(number, 2)))


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=30), st.sampled_from(["lower", "higher", "maintain"]), st.booleans())
def test_chart_stays_inside_its_frame(drawn: list[float | None], direction: str, has_path: bool) -> None:
    """Whatever the figures are, no mark is outside the frame and no coordinate is not a number."""
    points = [point(number, value, is_hidden=value is None, spread=0.0) for number, value in enumerate(drawn)]
    path = (Path(FIRST, 0.2), Path(FIRST + timedelta(days=300), 0.3)) if has_path else ()
    svg = svg_of(AimLine("c", "t", "share", direction, tuple(points), path))
    assert "nan" not in svg
    assert "inf" not in svg
    assert all(-1 <= number <= max(WIDTH, HEIGHT) + 1 for number in coordinates(svg))


@pytest.mark.parametrize(("low", "high"), [(0.163, 0.211), (0.0, 1.0), (3.6, 3.8), (0.5, 0.5), (0, 12000)])
def test_axis_has_round_numbers_that_cover_it(low: float, high: float) -> None:
    """An axis has two to six numbers, evenly apart, the first not above and the last not below what is drawn."""
    marks = ticks(low, high)
    assert 2 <= len(marks) <= 6
    assert marks[0] <= low + 1e-9
    assert marks[-1] >= high - 1e-9
    steps = {round(after - before, 9) for before, after in pairwise(marks)}
    assert len(steps) == 1


def test_dates_are_months_within_a_year_and_years_beyond() -> None:
    """A school year is labelled by months, a longer span by years."""
    assert [label for _, label in date_ticks(date(2026, 8, 19), date(2027, 5, 27))] == [
        "Sep",
        "Nov",
        "Jan",
        "Mar",
        "May",
    ]
    assert [label for _, label in date_ticks(date(2023, 10, 1), date(2027, 5, 27))] == ["2024", "2025", "2026", "2027"]


def test_scale_of_one_number_is_its_middle() -> None:
    """A span without length has a place too."""
    assert Scale(2.0, 2.0, 0.0, 10.0)(2.0) == 5.0


def test_status_differs_by_shape() -> None:
    """Each status has a shape of its own, so that it can be told without colour."""
    shapes = {draw_status(word) for word in ("on track", "watch", "off track", "cannot tell")}
    assert len(shapes) == 4
    assert draw_status("something new") == draw_status("cannot tell")


def test_rate_is_a_bar_with_a_tick(a_figure: Callable[..., Figure]) -> None:
    """A share is drawn from zero, with a tick where it should be; nothing is drawn of a hidden one."""
    assert 'class="bar-tick"' in draw_rate(a_figure(), 0.8)
    assert draw_rate(a_figure(shown_as="suppressed", is_suppressed=True), 0.8) == ""


@pytest.mark.parametrize("value", [0.0, 0.94, 1.0, 1.25])
def test_figure_on_its_line_is_drawn(value: float) -> None:
    """Values that differ by less than a float can hold are one value, and the chart has an axis around it."""
    path = [Path(FIRST, value), Path(FIRST + timedelta(days=7), value + 1e-16)]
    places = coordinates(svg_of(chart([point(0, value), point(1, value + 1e-16)], path)))
    assert places
    assert all(-1 <= each <= max(WIDTH, HEIGHT) for each in places)


def _weeks(a_figure: Callable[..., Figure]) -> list[Row]:
    """Return four weeks: usual, outside, hidden, and part of a long run."""
    usual = {"center": 0.95, "limit_low": 0.93, "limit_high": 0.97}
    hidden = {"value_text": GAP_TEXT, "shown_as": "suppressed", "is_suppressed": True}
    told = [
        ({"value": 0.95}, None),
        ({"value": 0.91}, "outside"),
        (hidden | {"value": 0.4}, None),
        ({"value": 0.94}, "runs"),
    ]
    return [
        Row({"period_ends_on": FIRST + timedelta(7 * week), "period_label": f"Week {week}", "phase": 1, "rule": rule,
             "figure": a_figure(**usual | given)})
        for week, (given, rule) in enumerate(told)
    ]  # fmt: skip


def test_level_chart_rings_what_is_outside_and_shows_no_gap(a_figure: Callable[..., Figure]) -> None:
    """One ring, two points, a centre and two limits over all weeks; the hidden week has no mark and moves nothing."""
    svg = draw_level(_weeks(a_figure), ident="level", title="Attendance")
    counts = {name: svg.count(f'class="{name}"') for name in ("signal", "point", "centre", "limit", "hidden")}
    assert counts == {"signal": 1, "point": 2, "centre": 1, "limit": 2, "hidden": 1}
    assert "40%" not in svg
    assert "Usual: 95%." in svg
    assert min(coordinates(svg)) >= 0
