"""Rules of charts at the point where they complete, and the small print of limits and variances."""

from fractions import Fraction

import numpy as np
import pytest

from aimline.demo.forecastable import VARIANTS, forecast_panel
from aimline.signals.charts import screened_mean
from aimline.signals.chronic import Students, days_needed
from aimline.signals.forecast import History, fit_pooled
from aimline.signals.residuals import Panel, _shared_error
from aimline.signals.zones import flagged

WEAVE = [0.5, -0.5]
PATTERNS = {
    "WE1": ([0.1, 3.0, -3.1], [2]),
    "WE2": ([2.1, 0.0, 2.1, 0.0, 0.0, -2.1, 2.1], [2]),
    "WE3": ([1.1, 1.1, 0.0, 1.1, 1.1, 1.1, 0.5], [4, 5]),
    "WE4": ([0.1] * 9 + [0.0] + [0.1] * 8, [7, 8, 17]),
    "N1": ([-3.1, 3.0], [0]),
    "N2": ([-0.1] * 10, [8, 9]),
    "N3": ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.7], [5, 6]),
    "N4": (WEAVE * 8, [13, 14, 15]),
    "N5": ([-2.1, -2.1, -2.1, 2.1], [2]),
    "N6": ([-1.1, -1.1, -1.1, -1.1, 0.0], []),
    "N7": ([1.0, -1.0] * 8, [14, 15]),
    "N8": ([1.1, -1.1] * 4 + [1.1] * 8, [7, 8, 9, 10, 11, 12, 13, 14]),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_flags_sit_where_a_pattern_completes(name: str) -> None:
    """On the point that completes it and on each further one of the same run, nowhere else."""
    z, places = PATTERNS[name]
    assert [at for at, flag in enumerate(flagged(name, z, z)) if flag] == places


def test_a_range_at_the_limit_is_screened() -> None:
    """Only ranges strictly below so many times the mean stay, and the mean is taken again once."""
    assert screened_mean([1.0, 1.0, 4.0], times=2.0) == 1.0
    assert screened_mean([1.0, 1.0, 3.9], times=2.0) == pytest.approx(5.9 / 3)
    assert np.isnan(screened_mean([0.0, 0.0]))


def test_a_season_of_few_units_widens_their_variance() -> None:
    """Five units: nine shared parameters less in the baseline, and a tenth of a variance in each later month."""
    panel = Panel(np.zeros((5, 30)), np.ones((5, 30)), 20)
    season, nothing = np.ones(10), np.zeros(30)
    assert _shared_error(panel, season, nothing, 5) == pytest.approx(1.1 / (1 - 9 / 95))
    assert _shared_error(panel, np.zeros(10), np.ones(30), 20) == pytest.approx(1.05 / 0.95)
    assert _shared_error(panel, np.zeros(10), nothing, 5) == 1.0


def test_seasons_of_their_own_make_the_future_less_sure() -> None:
    """What is not known of a unit's season is in the variance of the months to come."""

    def extra(name: str) -> float:
        panel = forecast_panel(VARIANTS[name], 3)
        pooled = fit_pooled(History(panel.absent[:, :25], panel.days[:, :25], 10))
        return pooled.ahead - pooled.noise

    assert extra("season") > extra("G") + 0.0005


def test_half_days_do_not_ask_for_a_day_too_many() -> None:
    """0.7 absent days of 107: ten more are a tenth of them, whatever binary fractions say."""
    need = days_needed(Students(np.array([0.7]), np.array([47.0]), np.array([60.0])), Fraction(1, 10))
    assert need.tolist() == [10.0]
