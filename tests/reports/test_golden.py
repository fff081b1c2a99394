"""Components and one page, letter by letter: a change must be looked at. AIMLINE_GOLDEN=write writes them anew."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from reports.context import Row, Rows
from reports.numbers import Figure
from reports.render import _linker, environment
from reports.site import SiteBuild
from schemas.published import GAP_TEXT

GOLDEN = Path(__file__).parent / "golden"
FIRST = date(2026, 9, 4)
MakeFigure = Callable[..., Figure]


def hidden(make: MakeFigure) -> Figure:
    """Make a figure the gate hides."""
    return make(value=None, value_text=GAP_TEXT, shown_as="suppressed", is_suppressed=True)


def status_rows(make: MakeFigure) -> Rows:
    """Make the rows of three indicators: on track, off track, hidden."""
    common = {"unit_label": "Dogwood Elementary", "direction": "lower", "period_label": "Through December 18, 2026"}
    figures = (
        (
            "on track",
            make(expected=0.19, gap_to_expected=-0.01, certainty="clear", interval_low=0.17, interval_high=0.19),
        ),
        ("off track", make(value=0.28, value_text="28%", expected=0.18, gap_to_expected=0.1, certainty="likely")),
        ("cannot tell", hidden(make)),
    )
    return Rows(
        Row(
            {
                **common,
                "indicator_id": f"i{number}",
                "indicator_label": f"Indicator {number}",
                "status": word,
                "figure": made,
            }
        )
        for number, (word, made) in enumerate(figures)
    )


def series(make: MakeFigure) -> Rows:
    """Make four periods, one of them hidden."""
    values = (0.19, 0.2, None, 0.18)
    figures = [hidden(make) if value is None else make(value=value, value_text=f"{value:.0%}") for value in values]
    return Rows(
        Row({"period_ends_on": FIRST + timedelta(days=28 * number), "period_label": f"Period {number}", "figure": made})
        for number, made in enumerate(figures)
    )


def alert(make: MakeFigure) -> Rows:
    """Make an alert of the aim line, one of a period by itself, and one of the year of a group."""
    common = {"indicator_id": "i", "indicator_label": "Chronic absence", "status": "off track", "state": "ongoing"}
    common |= {"group_id": "el", "group_label": "English learners", "owner_label": "Principal"}
    figure = make(value=0.28, value_text="28%", expected=0.18, gap_to_expected=0.1, certainty="clear")
    common |= {"next_step": "Call home.", "period_label": "Week to September 4, 2026", "period_kind": "week"}
    alone = {**common, "kind": "concern", "status": "cannot tell", "figure": make(value=0.3, value_text="30%")}
    ahead = {**common, "figure": make(value=0.29, value_text="29%", forecast_median=0.28, target=0.18)}
    made = ({**common, "figure": figure}, alone, ahead)
    return Rows(Row({"kind": "off_path", **each, "since_on": FIRST}) for each in made)


PATH = Rows(
    Row({"on_date": FIRST + timedelta(days=100 * number), "expected": 0.19 - 0.01 * number}) for number in range(3)
)
COLUMNS = [("indicator_label", "Indicator"), ("figure", "Now"), ("status", "Status")]

CASES: dict[str, Callable[[MakeFigure], tuple[Any, ...]]] = {
    "figure": lambda make: (hidden(make),),
    "status_chip": lambda _: ("off track", "likely"),
    "aim_line_chart": lambda make: (status_rows(make)[0], series(make), PATH, "chart-x"),
    "indicator_table": lambda make: (status_rows(make), "All indicators"),
    "data_table": lambda make: (status_rows(make), "By group", COLUMNS),
    "alert_list": lambda make: (alert(make), "Nothing is off."),
    "gap_note": lambda make: (hidden(make),),
    "tally": lambda make: (status_rows(make), "indicator", "indicators"),
}


def compare(name: str, text: str) -> None:
    """Compare a text with its golden file, or write the file."""
    path = GOLDEN / f"{name}.html"
    if os.environ.get("AIMLINE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_component_is_as_it_was(name: str, a_figure: MakeFigure) -> None:
    """A component gives the HTML that was looked at."""
    _linker.set(lambda address, key: f"{address}.html{key}")
    made = environment().globals[name](*CASES[name](a_figure))
    compare(name, "\n".join(line.strip() for line in str(made).splitlines() if line.strip()) + "\n")


def test_page_is_as_it_was(site: tuple[Path, SiteBuild]) -> None:
    """The smallest page, frame and all, is the page that was looked at; its style sheet is named by its content."""
    text = (site[0] / "board/district/404.html").read_text(encoding="utf-8")
    style = next((site[0] / "board/district/_assets").glob("*.css")).name
    compare("missing_page", text.replace(style, "aimline.css"))
