"""The rank of alerts: sure, large and about many comes first; what is for the worse and out of reach counts more."""

import pytest

from aimline.signals import priorities
from aimline.signals.rank import Weight, priority


@pytest.mark.parametrize(
    ("weight", "rank"),
    [
        (Weight(0.01, 0.02, 0.01), 4.0),
        (Weight(0.01, -0.02, 0.01, 400, 100), 8.0),
        (Weight(0.01, 0.02, 0.01, is_concern=True), 6.0),
        (Weight(0.01, 0.02, 0.01, is_concern=True, p_meet=0.19), 9.0),
        (Weight(0.01, 0.02, 0.01, p_meet=0.20), 4.0),
        (Weight(1e-12, 0.01, 0.01), 6.0),
        (Weight(0.0, 0.01, 0.01), 6.0),
        (Weight(0.1, 0.5), 1.0),
    ],
)
def test_rank_is_the_product_of_its_parts(weight: Weight, rank: float) -> None:
    """Surprise up to six, effect in smallest changes, root of relative size, half as much again twice."""
    assert priority(weight) == pytest.approx(rank)


def test_what_people_do_leaves_the_rank_of_an_alert() -> None:
    """One that was taken on or passed on is as urgent as its newest test told, not the least of all."""
    told = [
        ("a", {"priority": 9.0}),
        ("b", {"priority": 3.0}),
        ("a", {"priority": 7.0}),
        ("a", {"owner": "p2"}),
        ("c", {}),
    ]
    events = [{"alert_id": name, "payload": payload} for name, payload in told]
    assert priorities(events) == {"a": 7.0, "b": 3.0, "c": 0.0}
