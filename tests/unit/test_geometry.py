"""A coordinate is a number: whatever is drawn in a plot must say what the texts say, or the plot is refused."""

import pytest

from aimline.disclosure.geometry import wrong_shapes
from aimline.disclosure.readings import Mark, Shape

SHOWN, GAP = Mark("w", "belonging"), Mark("a", "belonging")
VALUES = {SHOWN: [40.0, 70.0]}
SCALE = "0,100,200,0"
"""A percent is drawn two units for each: 70 at 60, 40 at 120."""


def faults(tag: str, numbers: dict[str, str], mark: Mark | None = SHOWN, scale: str = SCALE) -> list[str]:
    """Return what is wrong with a plot of one point at its value and one shape more."""
    point = Shape("a.html", 1, "circle", {"cx": "10", "cy": "60"}, SHOWN, SCALE, 1)
    drawn = Shape("a.html", 2, tag, numbers, mark, scale, 1)
    return [fault for _, line, fault in wrong_shapes([point, drawn], VALUES) if line == 2]


@pytest.mark.parametrize("scale", ["", "0,100,200", "0,100,200,0,5", "0,100,50,50", "7,7,200,0", "0,1e999,200,0"])
def test_a_plot_whose_scale_cannot_be_read_is_refused(scale: str) -> None:
    """Of too few or too many numbers, of no extent, or endless: nobody can say what its shapes tell."""
    assert faults("circle", {"cx": "10", "cy": "60"}) == []
    assert faults("circle", {"cx": "10", "cy": "60"}, scale=scale) == ["the scale of the plot cannot be read"]


@pytest.mark.parametrize(
    ("tag", "right", "wrong"),
    [
        ("line", {"x1": "5", "y1": "60", "x2": "30", "y2": "120"}, {"x1": "5", "y1": "60", "x2": "30", "y2": "100"}),
        ("polyline", {"points": "5,60 30,120"}, {"points": "5,60 30,120 50,100"}),
        ("polygon", {"points": "5 60 30 120"}, {"points": "5 60 30 120 50 100"}),
        ("path", {"d": "M5 60L30 120"}, {"d": "M5 60C30 120 50 120 60 120"}),
    ],
)
def test_every_end_and_corner_stands_at_a_value_that_is_shown(
    tag: str, right: dict[str, str], wrong: dict[str, str]
) -> None:
    """The last of them says what no text says, or bends where nobody can read it."""
    assert faults(tag, right, None) == []
    assert faults(tag, wrong, None) == [f"a {tag} is not drawn at the value shown"]


def test_a_mark_for_a_figure_that_no_page_shows_is_refused() -> None:
    """Wherever it is drawn, at the value of another figure too, its being there tells something."""
    fault = "a circle is drawn for a figure that no page shows"
    assert faults("circle", {"cx": "10", "cy": "60"}, GAP) == [fault]


def test_a_text_that_is_moved_within_a_plot_is_refused() -> None:
    """Its coordinates are a shown figure's, and a transform carries it elsewhere."""
    label = {"x": "10", "y": "60"}
    assert faults("text", label) == []
    assert faults("text", label | {"transform": "translate(0,40)"}) == ["a text is moved by a transform"]
