"""Weeks of attendance, freed from what their days share; worked out by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import expit, logit

from aimline.signals.week_values import FEWEST_DAYS, of_usual_days

MONDAY = date(2026, 8, 31)
N_WEEKS, N_BASE, N_SCHOOLS = 12, 8, 6
SIZE = 1_000_000.0  # so large that half a child more or less is nothing
LEVEL, FRIDAY = 2.0, -0.5


def _district(missing=(), closed=()):
    """Make schools on levels of their own with lower Fridays; a missing day is one school's, a closed one all's."""
    levels = LEVEL + 0.2 * np.arange(N_SCHOOLS)
    days, series = [], []
    for unit, level in enumerate(levels):
        for week in range(N_WEEKS):
            told = []
            for weekday in range(5):
                day = MONDAY + timedelta(days=7 * week + weekday)
                if day in closed or (unit, day) in missing:
                    continue
                share = expit(level + (FRIDAY if weekday == 4 else 0.0))
                told.append((day, SIZE * share))
            place = {"panel_no": 3, "unit_no": 10 + unit, "period_ix": week}
            days += [place | {"on_date": day, "n_present": d, "n_member": SIZE} for day, d in told]
            sums = {"numerator": sum(d for _, d in told), "denominator": SIZE * len(told)}
            series.append(place | sums | {"baseline": N_BASE})
    return _columns(series), _columns(days)


def _day(week, weekday):
    return MONDAY + timedelta(days=7 * week + weekday)


def _columns(rows):
    return {name: np.array([row[name] for row in rows], dtype=None) for name in rows[0]}


def _share(series, unit, week):
    [row] = np.flatnonzero((series["unit_no"] == 10 + unit) & (series["period_ix"] == week))
    return series["numerator"][row] / series["denominator"][row]


def test_a_week_without_its_friday_is_told_as_a_usual_one() -> None:
    """One school sent nothing on a Friday, when fewer come: by itself it would have left its level for the better."""
    series, days = _district(missing={(2, _day(10, 4))})
    told = of_usual_days(series, days)
    assert _share(series, 2, 10) - _share(series, 2, 9) > 0.008
    assert _share(told, 2, 10) == pytest.approx(_share(told, 2, 9), abs=2e-4)


def test_whole_weeks_keep_their_level() -> None:
    """What is usual stays what it is: only weeks of other days move."""
    series, days = _district()
    told = of_usual_days(series, days)
    assert told["numerator"] == pytest.approx(series["numerator"], rel=1e-9)
    assert told["denominator"].tolist() == series["denominator"].tolist()


def test_a_week_moves_by_what_its_days_lead_to_expect() -> None:
    """Four days on the level, beside four days and a Friday: by hand, for the school whose level is 2."""
    series, days = _district(missing={(0, _day(9, 4))})
    told = of_usual_days(series, days)
    moved = logit(_share(series, 0, 9)) - logit(_share(told, 0, 9))
    assert moved == pytest.approx(LEVEL - logit((4 * expit(LEVEL) + expit(LEVEL + FRIDAY)) / 5), abs=1e-4)


def test_days_beside_a_closed_one_have_a_part_of_their_own() -> None:
    """A Wednesday is closed in three weeks of the baseline and in one after it, and nobody leaves his level by it."""
    closed = {_day(week, 2) for week in (1, 3, 5, 10)}
    series, days = _district(closed=closed)
    beside = {day + timedelta(days=way) for day in closed for way in (-1, 1)}
    low = np.array([each in beside for each in days["on_date"]])
    days["n_present"] = np.where(low, SIZE * expit(logit(days["n_present"] / SIZE) - 1.0), days["n_present"])
    for at, (unit, week) in enumerate(zip(series["unit_no"], series["period_ix"], strict=True)):
        mine = (days["unit_no"] == unit) & (days["period_ix"] == week)
        series["numerator"][at] = days["n_present"][mine].sum()
    told = of_usual_days(series, days)
    assert _share(series, 1, 9) - _share(series, 1, 10) > 0.03
    assert _share(told, 1, 10) == pytest.approx(_share(told, 1, 9), abs=0.006)


def test_what_all_schools_share_in_a_week_stays() -> None:
    """The test takes the common part away itself, and tells of it."""
    series, days = _district()
    ill = days["period_ix"] == 10
    days["n_present"] = np.where(ill, days["n_present"] * 0.9, days["n_present"])
    series["numerator"] = np.where(series["period_ix"] == 10, series["numerator"] * 0.9, series["numerator"])
    told = of_usual_days(series, days)
    assert _share(told, 3, 10) == pytest.approx(_share(series, 3, 10), abs=1e-6)


def test_a_school_or_a_panel_without_days_stays() -> None:
    """Schools that send nothing but sums, and figures of another indicator, are told as they were."""
    series, days = _district(missing={(2, _day(10, 4))})
    without = days["unit_no"] != 12
    other = {**series, "panel_no": np.where(series["unit_no"] == 11, 4, series["panel_no"])}
    kept = {name: column[without] for name, column in days.items()}
    told = of_usual_days(other, {**kept, "panel_no": np.where(kept["unit_no"] == 11, 4, kept["panel_no"])})
    assert _share(told, 2, 10) == _share(series, 2, 10)
    assert of_usual_days(series, {name: column[:0] for name, column in days.items()}) is series


@pytest.mark.parametrize("n_days", [0, FEWEST_DAYS - 1])
def test_too_few_days_tell_nothing(n_days: int) -> None:
    """Weeks stay as they were told."""
    series, days = _district(missing={(2, _day(10, 4))})
    first = np.argsort(days["on_date"], kind="stable")
    kept = np.isin(days["on_date"], np.unique(days["on_date"][first])[:n_days])
    told = of_usual_days(series, {name: column[kept] for name, column in days.items()})
    assert told["numerator"].tolist() == series["numerator"].tolist()
