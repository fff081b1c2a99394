"""Codes that were usual and are no longer there: told where chance, a day of snow or a first delivery are no reason."""

import pytest

from aimline.arrival.codes import gone

USUAL = {"A": 300, "T": 60, "S": 10}


@pytest.mark.parametrize(
    ("counts", "before", "expected"),
    [
        pytest.param({"A": 400}, [USUAL] * 3, {"T": 60 / 370}, id="a usual code is gone"),
        pytest.param({"A": 400, "T": 1}, [USUAL] * 3, {}, id="one row is enough"),
        pytest.param({"A": 100}, [USUAL] * 3, {}, id="of so few rows chance may leave none"),
        pytest.param({"A": 4_000, "T": 600}, [USUAL] * 3, {}, id="a rare code may be missing"),
        pytest.param({"W": 400}, [USUAL] * 3, {}, id="a day of snow has another code alone"),
        pytest.param({"A": 400}, [{"W": 300}, USUAL, USUAL], {}, id="after the day of snow"),
        pytest.param({"A": 400, "T": 60}, [{"W": 300, "A": 90}, USUAL, USUAL], {}, id="what the day of snow had"),
        pytest.param({"A": 400}, [{"A": 350}, USUAL, USUAL], {}, id="let in before without it"),
        pytest.param({"A": 400}, [], {}, id="the first delivery"),
        pytest.param({}, [USUAL], {}, id="nothing at all"),
        pytest.param({"A": 400}, [USUAL, {}], {"T": 60 / 370}, id="an empty delivery before says nothing"),
    ],
)
def test_usual_codes_that_are_gone(counts: dict[str, int], before: list[dict[str, int]], expected: dict[str, float]):
    """A code is gone where every delivery before had it, some of the others are there, and twenty rows should be it."""
    assert gone(counts, before) == pytest.approx(expected)
