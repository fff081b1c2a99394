"""Forecasts of a year's rate keep their word on fresh panels; the verb its columns. Source: signals.md 12 and 18."""

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from aimline.demo.forecastable import G, forecast_panel
from aimline.signals.chronic import Assumed, Students, chances, days_needed, outlook
from aimline.signals.forecast import ALONE, Forecast, History, Question, forecast
from aimline.signals.waves import next_wave
from tests.support.charted import Said, said, write

POOLED = ("--unit", "u", "--period", "t", "--numerator", "d", "--denominator", "n", "--periods-per-year", 10)


def _forecast(seed: int, k: int, units: int = 300) -> tuple[Forecast, np.ndarray, np.ndarray]:
    """Return the forecast of a fresh panel after k months of its third year, the true rates, and who met the target."""
    panel = forecast_panel(G, seed, units)
    history = History(panel.absent[:, : 20 + k], panel.days[:, : 20 + k], 10)
    found = forecast(history, Question(panel.target, lower_is_better=True, key="g"))
    return found, panel.actual, panel.actual <= panel.target


@pytest.mark.parametrize("k", [3, 7])
def test_intervals_hold_what_they_promise(k: int) -> None:
    """An 80% interval holds the true rate about four times in five; chances are those of what came (bar B11)."""
    runs = [_forecast(seed, k) for seed in range(3)]
    inside = np.mean([((actual >= found.low) & (actual <= found.high)).mean() for found, actual, _ in runs])
    assert 0.70 <= inside <= 0.90
    chance = np.concatenate([found.p_meet for found, _, _ in runs])
    met = np.concatenate([each for _, _, each in runs])
    assert abs(chance.mean() - met.mean()) < 0.05
    assert np.mean((chance - met) ** 2) < {3: 0.11, 7: 0.05}[k]


@pytest.mark.parametrize(("years", "k"), [(1, 3), (2, 7)])
def test_intervals_of_a_district_hold_what_they_promise(years: int, k: int) -> None:
    """Of districts of twelve schools that share twice the usual shocks: at least as many as promised, by little more.

    As one more of its schools a district would be promised too little in its second year, when the season of the only
    year has swallowed what all shared, and too much later, when the noise of schools stands in for that of their sum.
    """
    inside, widths = [], []
    for seed in range(60):
        panel = forecast_panel(replace(G, years=years + 1, shock=0.08), seed, 12)
        end = years * 10 + k
        of_all = panel.absent.sum(axis=0)[None], panel.days.sum(axis=0)[None]
        question = Question(np.array([0.07]), lower_is_better=True, key=f"{seed}")
        parts = History(panel.absent[:, :end], panel.days[:, :end], 10)
        found = forecast(History(of_all[0][:, :end], of_all[1][:, :end], 10), question, parts)
        actual = of_all[0][0, years * 10 :].sum() / of_all[1][0, years * 10 :].sum()
        inside.append(found.low[0] <= actual <= found.high[0])
        widths.append(found.high[0] - found.low[0])
    assert 0.73 <= np.mean(inside) <= 0.95
    assert np.mean(widths) < {3: 0.016, 7: 0.007}[k]


def test_a_district_of_one_school_and_one_year_tells_no_probability() -> None:
    """Its one part varies as it does itself: nothing tells by how much."""
    days = np.full((1, 13), 1000.0)
    one = History(days / 20 + np.arange(13), days, 10)
    found = forecast(one, Question(np.array([0.05])), one)
    assert (np.isnan(found.p_meet[0]), found.note) == (True, [ALONE])


def test_a_district_whose_schools_are_all_new_is_forecast_by_itself() -> None:
    """Parts without a past year tell nothing: with two years of its own it has a chance, with one it is alone."""
    rng = np.random.default_rng(3)
    days = np.full((1, 24), 9000.0)
    whole = History(np.round(days * 0.07 + rng.normal(0, 30, days.shape)), days, 10)
    halves = np.repeat(whole.numerator / 2, 2, axis=0), np.repeat(days / 2, 2, axis=0)
    new = History(np.where(np.arange(24) < 20, np.nan, halves[0]), halves[1], 10)
    question = Question(np.array([0.07]), lower_is_better=True)
    assert 0 < forecast(whole, question, new).p_meet[0] < 1
    last = History(whole.numerator[:, 10:], days[:, 10:], 10)
    assert forecast(last, question, History(new.numerator[:, 10:], new.denominator[:, 10:], 10)).note == [ALONE]


def test_a_whole_year_is_known() -> None:
    """When every period was seen, the median is the rate and the chance is 0 or 1."""
    found, actual, met = _forecast(1, 10, 40)
    np.testing.assert_allclose(found.median, actual, rtol=1e-12)
    assert found.p_meet.tolist() == met.astype(float).tolist()


def test_unit_alone_in_other_order_gets_the_same_figure() -> None:
    """The draws belong to the question, not to the place of a row."""
    panel = forecast_panel(G, 4, 60)
    question = Question(panel.target, key="g")
    straight = forecast(History(panel.absent[:, :24], panel.days[:, :24], 10), question)
    back = Question(panel.target[::-1], key="g")
    turned = forecast(History(panel.absent[::-1, :24], panel.days[::-1, :24], 10), back)
    np.testing.assert_allclose(turned.p_meet[::-1], straight.p_meet, atol=2e-3)


def test_rates_that_never_vary_stay_where_they_are() -> None:
    """Without any variation the median is the rate, not missing, and the chance is that of the rate."""
    days = np.full((3, 13), 1000.0)
    found = forecast(History(days / 20, days, 10), Question(np.array([0.04, 0.06, 0.06]), lower_is_better=True))
    np.testing.assert_allclose(found.median, 0.05, atol=1e-3)
    assert found.p_meet.tolist() == [0, 1, 1]


def test_one_unit_and_one_year_tell_no_probability() -> None:
    """A season taken from the only year leaves nothing that varies: a median, no chance, and the reason."""
    days = np.full((1, 13), 1000.0)
    found = forecast(History(days / 20 + np.arange(13), days, 10), Question(np.array([0.05])))
    assert (np.isfinite(found.median[0]), np.isnan(found.p_meet[0]), found.note) == (True, True, [ALONE])


def _rows(periods: int, units: int = 60, **changed: str) -> list[dict[str, str]]:
    panel = forecast_panel(G, 2, units)
    return [
        {"u": f"U{u:02d}", "t": str(t + 1), "d": f"{panel.absent[u, t]:.0f}", "n": f"{panel.days[u, t]:.0f}", **changed}
        for u in range(units)
        for t in range(periods)
    ]


def _said(file: Path, *words: object) -> Said:
    return said("forecast", file, *POOLED, *words)


def test_later_rows_are_ignored(tmp_path: Path) -> None:
    """What comes after the period, even its denominators, changes no byte."""
    words = ("--as-of-period", 24, "--target", "0.08", "--lower-is-better")
    early = _said(write(tmp_path / "a.csv", _rows(24)), *words)
    assert early.columns == "unit,p_meet,median,lo80,hi80,n_seen,note"
    assert {row["n_seen"] for row in early.rows} == {"4"}
    assert _said(write(tmp_path / "b.csv", _rows(30)), *words).out == early.out


def test_first_year_has_no_forecast(tmp_path: Path) -> None:
    """Without a complete year numbers are empty and the note says why."""
    found = _said(write(tmp_path / "a.csv", _rows(9)), "--target", "0.08")
    assert (found.code, {row["p_meet"] + row["median"] for row in found.rows}) == (0, {""})
    assert {row["note"] for row in found.rows} == {"needs one complete year"}


@pytest.mark.parametrize(("target", "code"), [("95", 2), ("-0.1", 2), ("1e999", 2), ("1", 0), ("1e-999999999", 0)])
def test_target_is_a_rate(target: str, code: int, tmp_path: Path) -> None:
    """A percent, or a number no file could hold, is refused; it would be told as a target nobody can meet."""
    found = _said(write(tmp_path / "a.csv", _rows(12, 3)), "--target", target)
    assert (found.code, f"--target {target} is not between 0 and 1." in found.err) == (code, code == 2)


def test_rows_that_are_no_share_are_told(tmp_path: Path) -> None:
    """More than all there are: left out of the forecast, counted with the line of the first, up to the period asked."""
    rows = [{**row, "d": "999999"} if row["t"] in {"3", "29"} else row for row in _rows(30)]
    found = _said(write(tmp_path / "a.csv", rows), "--as-of-period", 24, "--target", "0.08")
    n = sum(row["t"] == "3" for row in rows)
    line = 2 + next(at for at, row in enumerate(rows) if row["t"] == "3")
    told = f"{n} rows are left out, first in line {line}: the numerator is above the denominator"
    assert (found.code, told in found.err) == (0, True)
    assert "left out" not in _said(write(tmp_path / "b.csv", _rows(30)), "--target", "0.08").err


def test_target_may_stand_in_a_column(tmp_path: Path) -> None:
    """A column of equal targets is the same as one target."""
    file = write(tmp_path / "a.csv", _rows(24, goal="0.08"))
    assert _said(file, "--target", "@goal").out == _said(file, "--target", "0.08").out
    assert "no column 'gaol'" in _said(file, "--target", "@gaol").err
    percent = write(tmp_path / "b.csv", [*_rows(24, goal="0.08")[:-1], _rows(24, goal="8")[-1]])
    assert "b.csv line 1441: 8 in column goal is not between 0 and 1." in _said(percent, "--target", "@goal").err
    assert "--as-of-period 99 is no period" in _said(file, "--target", "1", "--as-of-period", 99).err


def test_days_needed_meet_the_threshold_exactly() -> None:
    """A tenth of 180 days is 18 days: 17 more for one, none for the student who has them."""
    need = days_needed(Students(np.array([1.0, 18.0, 0.5]), np.full(3, 90.0), np.full(3, 90.0)), Fraction(1, 10))
    assert need.tolist() == [17.0, 0.0, 18.0]


def test_chances_are_those_of_a_beta_binomial() -> None:
    """One student by the definition: sum the chances of as many days as are needed or more."""
    student = Students(np.array([6.0]), np.array([90.0]), np.array([60.0]))
    mean = (6 + 20 * 6 / 90) / 110
    a, b = mean * 19, (1 - mean) * 19

    def beta(x: float, y: float) -> float:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    wanted = sum(math.comb(60, x) * math.exp(beta(x + a, 60 - x + b) - beta(a, b)) for x in range(9, 61))
    assert chances(student, Assumed())[0] == pytest.approx(wanted, rel=1e-9)


def test_small_and_large_schools_agree() -> None:
    """The exact sum for fewer than thirty students and the normal one above are close where they meet."""
    absent, member, days = np.tile([2.0, 5.0, 9.0], 10), np.full(30, 90.0), np.full(30, 60.0)
    large = outlook(Students(absent, member, days), Fraction("0.4"), Assumed())
    small = outlook(Students(absent[:29], member[:29], days[:29]), Fraction("0.4"), Assumed())
    assert abs(large.p_meet - small.p_meet) < 0.12
    assert outlook(Students(absent + 20, member, days), Fraction(1), Assumed()).n_already == 30


def test_students_without_a_day_are_no_members() -> None:
    """Nobody is chronically absent of no days, and a school of nobody else has no figure."""
    empty = Students(np.zeros(1), np.zeros(1), np.zeros(1))
    both = Students(np.array([0.0, 1.0]), np.array([0.0, 60.0]), np.array([0.0, 120.0]))
    assert outlook(both, Fraction(1, 5), Assumed()).n_students == 1
    assert math.isnan(outlook(empty, Fraction(1, 5), Assumed()).p_meet)


def test_chronic_verb_prints_a_row_a_school(tmp_path: Path) -> None:
    """Columns of signals.md 18; a row that cannot be is told by its line, without a value of a student."""
    rows = [{"s": "A", "a": "3", "m": "90", "r": "60"}] * 12
    words = (
        "--model",
        "chronic",
        "--unit",
        "s",
        "--absent",
        "a",
        "--member",
        "m",
        "--remaining",
        "r",
        "--target",
        ".2",
    )
    found = said("forecast", write(tmp_path / "s.csv", rows), *words)
    assert found.columns == "unit,p_meet,median,lo80,hi80,n_students,n_already"
    assert (found.rows[0]["unit"], found.rows[0]["n_students"]) == ("A", "12")
    wrong = said("forecast", write(tmp_path / "s.csv", [*rows, {"s": "A", "a": "97.25", "m": "90", "r": "60"}]), *words)
    assert (wrong.code, "line 14" in wrong.err, "97.25" in wrong.err) == (2, True, False)
    for days in ({"m": "367"}, {"r": "367"}):
        wrong = said("forecast", write(tmp_path / "s.csv", [*rows, rows[0] | days]), *words)
        assert (wrong.code, "line 14: " in wrong.err, "no year has more than 366" in wrong.err) == (2, True, True)


def _waves(seed: int, seen: int, units: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Return favorable answers and answers of three waves a year; units differ, and change a little each year."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0.4, 0.4, (units, 1)) + np.repeat(np.cumsum(rng.normal(0, 0.15, (units, 3)), axis=1), 3, axis=1)
    n = rng.integers(60, 400, (units, 9)).astype(float)
    p = 1 / (1 + np.exp(-(level + np.tile([0.0, -0.1, 0.1], 3))))
    return rng.binomial(n.astype(int), p)[:, :seen].astype(float), n[:, :seen]


def test_next_wave_is_last_years_moved_by_this_years_change() -> None:
    """An 80% interval holds about four in five next waves, and wider ones would be told by the design effect."""
    inside = []
    for seed in range(6):
        (d, n), (whole, size) = _waves(seed, 8), _waves(seed, 9)
        found = next_wave(History(d, n, 3), Question(np.full(80, 0.5)))
        rate = whole[:, 8] / size[:, 8]
        inside.append(((rate >= found.low) & (rate <= found.high)).mean())
    assert 0.75 <= np.mean(inside) <= 0.95


def test_few_waves_have_a_range_and_no_probability() -> None:
    """Three waves and one more of last year's kind: a median, no chance; in the first year nothing."""
    d, n = _waves(1, 3)
    found = next_wave(History(d, n, 3), Question(np.full(80, 0.5)))
    assert np.isfinite(found.median).all()
    assert np.isnan(found.p_meet).all()
    first = next_wave(History(d[:, :2], n[:, :2], 3), Question(np.full(80, 0.5)))
    assert set(first.note) == {"needs the same wave of last year"}


def test_survey_verb_asks_for_the_next_wave(tmp_path: Path) -> None:
    """The same columns; waves seen are those of this year."""
    d, n = _waves(2, 8, 20)
    rows = [{"u": f"U{u:02d}", "t": str(t), "d": str(d[u, t]), "n": str(n[u, t])} for u in range(20) for t in range(8)]
    words = ("--model", "survey", "--unit", "u", "--period", "t", "--numerator", "d", "--denominator", "n")
    found = said("forecast", write(tmp_path / "s.csv", rows), *words, "--periods-per-year", 3, "--target", 0.6)
    assert found.columns == "unit,p_meet,median,lo80,hi80,n_seen,note"
    assert {(row["n_seen"], row["note"]) for row in found.rows} == {("2", "")}
