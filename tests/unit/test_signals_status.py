"""Test the judgement of one figure against its aim line, at every boundary of its rules. Source: indicators.md 8."""

from dataclasses import replace
from datetime import date
from statistics import NormalDist
from typing import Any

import pytest

from aimline.signals import Reading, Rule, judge
from aimline.signals.status import Year, judge_year

ON = date(2027, 1, 15)
HIGHER = Rule("higher", 0.05)


def wave(value, expected=0.6, se=0.01, **given):
    """Return one reading of a survey wave."""
    return Reading(ON, "window", value, expected, sampling_se=se, n_people=300, **given)


def at_chance(p, se=0.01):
    """Return the reading whose chance of meeting the line is p."""
    return wave(0.6 + NormalDist().inv_cdf(p) * se, se=se)


@pytest.mark.parametrize(
    ("p", "status"),
    [
        (0.99, "on track"),
        (0.801, "on track"),
        (0.799, "watch"),
        (0.501, "watch"),
        (0.499, "off track"),
        (0.01, "off track"),
    ],
)
def test_status_changes_at_its_chances(p, status):
    """From 80% it is on track, from 50% watch, below off track; never from the value alone."""
    assert judge([at_chance(p)], HIGHER).status == status


def test_exactly_on_the_line_is_watch():
    """A sample exactly on its line has a chance of one half."""
    judged = judge([wave(0.6)], HIGHER)
    assert (judged.p_meet, judged.status) == (0.5, "watch")


def test_lower_is_better_when_declared():
    """For an indicator that should fall, a value under the line is on track."""
    assert judge([wave(0.5)], Rule("lower", 0.05)).status == "on track"


def test_maintain_stays_within_the_smallest_change():
    """An indicator to maintain is on track within a smallest change of its baseline, on either side."""
    rule = Rule("maintain", 0.05)
    assert judge([wave(0.62, baseline=0.6)], rule).status == "on track"
    assert judge([wave(0.7, baseline=0.6)], rule).status == "off track"


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ([wave(None, is_withheld=True)], "withheld"),
        ([wave(None)], "no_data"),
        ([wave(0.6, expected=None)], "no_target"),
        ([Reading(ON, "year_to_date", 0.6, 0.5, n_people=50)], "too_few_periods"),
        ([wave(0.6, reliability=0.69)], "low_reliability"),
        ([Reading(ON, "window", 3.4, 3.5, is_share=False)], "no_error"),
        ([wave(0.59, se=0.09)], "interval_too_wide"),
        ([wave(0.55, baseline=0.5, se=0.045)], "holds_target_and_baseline"),
    ],
)
def test_status_cannot_be_told(series, reason):
    """Every reason of the list gives cannot tell, and is kept."""
    judged = judge(series, HIGHER)
    assert (judged.status, judged.reason) == ("cannot tell", reason)


def test_interval_of_four_smallest_changes_is_not_too_wide():
    """An interval of just four smallest changes can still be judged; a hair more cannot."""
    half = NormalDist().inv_cdf(0.9)
    assert judge([wave(0.59, se=0.0999 / half)], HIGHER).reason == ""
    assert judge([wave(0.59, se=0.1001 / half)], HIGHER).reason == "interval_too_wide"


def test_records_are_exact():
    """A count of records has no error, so it is on track on the line and off below it."""
    readings = [Reading(ON, "year_to_date", value, 0.8, is_record=True) for value in (0.7, 0.8)]
    assert judge(readings, HIGHER).status == "on track"
    assert judge(readings[::-1], HIGHER).status == "off track"


def test_certainty_of_off_track_is_the_chance_of_missing():
    """Off track with a chance of two percent is clear, not unlikely."""
    assert judge([at_chance(0.02)], HIGHER).certainty == "clear"
    assert judge([at_chance(0.9)], HIGHER).certainty == "likely"


def year(p_meet: float | None = 0.9, low: float | None = 0.08, high: float | None = 0.09, **changed: Any) -> Year:
    """Return a year whose target is 0.10 and whose baseline is 0.15."""
    return replace(Year(p_meet, low, high, 0.10, 0.15, 4), **changed)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (year(0.80), ("on track", "")),
        (year(0.79), ("watch", "")),
        (year(0.50), ("watch", "")),
        (year(0.49), ("off track", "")),
        (year(0.49, 0.07, 0.111), ("cannot tell", "interval_too_wide")),
        (year(0.19, 0.07, 0.111), ("off track", "")),
        (year(0.19, 0.09, 0.16), ("cannot tell", "holds_target_and_baseline")),
        (year(None), ("cannot tell", "no_forecast")),
        (year(n_seen=1), ("cannot tell", "too_few_periods")),
        (year(target=None), ("cannot tell", "no_target")),
    ],
)
def test_a_year_is_judged_by_its_forecast(told: Year, found: tuple[str, str]) -> None:
    """Thresholds of indicators.md 8 with its reasons, by an interval of four smallest changes of 0.01."""
    assert judge_year(told, Rule("lower", 0.01)) == found


def test_what_should_stay_has_no_chance_of_a_target() -> None:
    """The forecast tells one side of a target; staying near a baseline has two."""
    assert judge_year(year(), Rule("maintain", 0.01)) == ("cannot tell", "no_forecast")
