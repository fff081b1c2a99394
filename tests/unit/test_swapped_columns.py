"""Columns that changed places are told, also where what they hold overlaps; what merely moved is not."""

import pytest

from aimline.arrival.profiles import Profile, changed


def told(centre: float, n: int = 400) -> Profile:
    """Return the description of a column of numbers around one."""
    return {"n": n, "n_filled": n, "n_numbers": n, "quantiles": [centre - 10 + step for step in range(21)]}


@pytest.mark.parametrize(
    ("now", "is_told"),
    [
        ({"enrolled": told(52), "present": told(60)}, True),
        ({"enrolled": told(52, 100), "present": told(60, 100)}, False),
        ({"enrolled": told(54), "present": told(46)}, False),
        ({"enrolled": told(60), "present": told(60)}, False),
        ({"enrolled": told(61), "present": told(52)}, False),
    ],
)
def test_overlapping_columns_that_changed_places(now: dict[str, Profile], is_told: bool) -> None:
    """Of many numbers it is enough that each column clearly fits the other's place better than its own."""
    n = now["enrolled"]["n"]
    found = changed({"enrolled": told(60, n), "present": told(52, n)}, now)
    assert [code for code, _ in found] == (["columns_swapped"] if is_told else [])
