"""The detector finds what changed in the labelled panel; its words and refusals are those of signals.md 9 and 18."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from aimline.signals.control import adjust, adjusted_in_numpy
from aimline.signals.detector import Policy, detect, fixed_limit
from aimline.signals.residuals import Panel
from tests.support.charted import Said, read, said, write

COLUMNS = "unit,period,effect,z,p,p_adjusted,selected,tier,kind,control,changed_on"


def _detect(file: Path, *words: object) -> Said:
    columns = ("--unit", "unit", "--period", "period", "--numerator", "d", "--denominator", "n")
    return said("detect", file, *columns, *words)


def _rows(units: int, periods: int, seed: int = 3) -> list[dict[str, str]]:
    """Return a panel without changes, but for unit 00, whose share doubles in period 13."""
    rng = np.random.default_rng(seed)
    return [
        {
            "unit": f"{u:02d}",
            "period": str(t),
            "d": str(rng.binomial(900, 0.16 if u == 0 and t > 12 else 0.08)),
            "n": "900",
        }
        for u in range(units)
        for t in range(1, periods + 1)
    ]


def test_labelled_panel_is_found(shared_data: Path) -> None:
    """All changed schools, nine of ten alerts true, within three months at the median (bar B5)."""
    folder = shared_data / "spc"
    words = ("--unit", "unit", "--period", "month_index", "--numerator", "absent_days", "--denominator", "student_days")
    found = said("detect", folder / "panel_T.csv", *words, "--baseline", 20)
    first: dict[str, int] = {}
    for row in found.rows:
        if row["selected"] == "TRUE":
            first.setdefault(row["unit"], int(row["period"]))
    truth = {row["unit"]: row["first_changed_month"] for row in read(folder / "panel_T_truth.csv")}
    changed = {unit: int(month) for unit, month in truth.items() if month}
    hits = {unit for unit, month in changed.items() if first.get(unit, 0) >= month}
    assert hits == set(changed)
    assert len(hits) / len(first) >= 0.90
    assert np.median([first[unit] - changed[unit] + 1 for unit in hits]) <= 3
    assert len(set(first) - set(changed)) / (len(truth) - len(changed)) <= 0.01


def test_few_units_meet_a_fixed_limit(tmp_path: Path) -> None:
    """Below a hundred tests a limit from an alert budget decides, and adjusted p-values are empty."""
    file = write(tmp_path / "p.csv", _rows(20, 16))
    found = _detect(file, "--baseline", 12, "--direction", "decrease")
    assert found.columns == COLUMNS
    alerts = [row for row in found.rows if row["selected"] == "TRUE"]
    assert {(row["unit"], row["kind"], row["tier"], row["changed_on"]) for row in alerts} >= {
        ("00", "concern", "alert", "13")
    }
    assert {(row["control"], row["p_adjusted"]) for row in found.rows} == {("fixed_limit", "")}
    assert len(found.rows) == 20 * 4
    assert "alerts; about 1 expected false" in found.err


@pytest.mark.parametrize(("arl0", "published"), [(320.0, 2.81), (100.0, 2.379)])
def test_fixed_limits_are_those_of_the_run_length(arl0: float, published: float) -> None:
    """A run length of 320 asks for 2.81, of 100 for 2.379 (signals.md 11)."""
    assert fixed_limit(arl0) == pytest.approx(published, abs=0.005)


def test_unit_without_a_baseline_is_insufficient(tmp_path: Path) -> None:
    """Numbers empty, not selected; and so is a period whose cell is missing."""
    rows = [row for row in _rows(20, 16) if row["unit"] != "05" or int(row["period"]) > 6]
    rows = [{**row, "d": "" if (row["unit"], row["period"]) == ("07", "14") else row["d"]} for row in rows]
    found = _detect(write(tmp_path / "p.csv", rows), "--baseline", 12).rows
    empty = {(row["unit"], row["period"]) for row in found if row["tier"] == "insufficient"}
    assert empty == {("05", str(t)) for t in range(13, 17)} | {("07", "14")}
    assert {
        row["effect"] + row["z"] + row["p"] + row["changed_on"] for row in found if row["tier"] == "insufficient"
    } == {""}


def test_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    """The same rows in any order print the same bytes."""
    rows = _rows(20, 16)
    straight = _detect(write(tmp_path / "a.csv", rows), "--baseline", 12).out
    assert _detect(write(tmp_path / "b.csv", rows[::-1]), "--baseline", 12).out == straight


@pytest.mark.parametrize(
    ("words", "change", "message"),
    [
        (("--baseline", 16), "", "--baseline 16 leaves no monitored period (file has 16)."),
        (("--baseline", 7), "", "--baseline must be at least 8 periods."),
        (("--baseline", 12), "one", "detect compares units: give at least 2, or use chart and ewma for one series."),
        (("--baseline", 12), "twice", "unit 02 has 2 rows for period 3 (lines 36, 322)."),
    ],
)
def test_refusals_say_what_is_wrong(words: tuple[object, ...], change: str, message: str, tmp_path: Path) -> None:
    """Exit code 2 and the sentence of signals.md 18."""
    rows = _rows(20, 16)
    rows = rows[:16] if change == "one" else [*rows, rows[34]] if change == "twice" else rows
    found = _detect(write(tmp_path / "PANEL.csv", rows), *words)
    assert (found.code, found.out) == (2, "")
    assert message in found.err


def test_counts_below_zero_are_refused_at_their_line_and_scores_are_not(tmp_path: Path) -> None:
    """A denominator is never below zero; a numerator is where it is a sum of scores, and nowhere else."""
    for column, words, line in (("n", ("--kind", "score"), 7), ("d", (), 7), ("d", ("--kind", "score"), None)):
        rows = _rows(20, 16)
        rows[5] = {**rows[5], column: "-9"}
        found = _detect(write(tmp_path / "p.csv", rows), "--baseline", 12, *words)
        told = f"p.csv line {line}: -9 in column {column} is below zero; expected a count."
        assert (found.code, told in found.err) == ((2, True) if line else (0, False))


def _slow(panel: Panel) -> np.ndarray:
    """Return z of every unit and monitored period by loops over units, without season and common part."""
    found = np.full(panel.numerator.shape, np.nan)
    y = np.log((panel.numerator + 0.5) / (panel.denominator - panel.numerator + 0.5))
    k = panel.baseline
    residuals = [row - row[:k][~np.isnan(row[:k])].mean() for row in y]
    fit = detect(panel, Policy()).fitted
    for at, residual in enumerate(residuals):
        m = int((~np.isnan(residual[:k])).sum())
        seen = [t for t in range(k, len(residual)) if not np.isnan(residual[t])]
        for place, t in enumerate(seen):
            past = seen[: place + 1]
            w = [0.2 * 0.8 ** (len(past) - 1 - j) for j in range(len(past))]
            spread = sum(
                a * b * fit.rho ** abs(s - u)
                for a, s in zip(w, past, strict=True)
                for b, u in zip(w, past, strict=True)
            )
            spread += sum(w) ** 2 * (1 + fit.rho) / ((1 - fit.rho) * m)
            found[at, t] = sum(a * residual[s] for a, s in zip(w, past, strict=True)) / math.sqrt(
                fit.variance[at] * spread
            )
    return found


def test_vectors_equal_a_loop_over_units() -> None:
    """Z of the detector is the definition, gaps included, to 1e-12."""
    rng = np.random.default_rng(5)
    d, n = rng.binomial(500, 0.1, (12, 20)).astype(float), np.full((12, 20), 500.0)
    d[3, 14:16] = d[4, 2] = np.nan
    panel = Panel(d, n, 12, has_season=False, has_common=False)
    z = np.full(d.shape, np.nan)
    for batch in detect(panel, Policy()).batches:
        z[:, batch.period] = batch.z
    np.testing.assert_allclose(z[:, 12:], _slow(panel)[:, 12:], rtol=1e-12)


def test_adjusted_p_values_are_those_of_r() -> None:
    """BH, BY and Holm on a published example (R, p.adjust), missing ones left alone."""
    p = [0.01, 0.02, math.nan, 0.03, 0.5]
    told = {method: [round(q, 10) for q in adjust(p, method) if not math.isnan(q)] for method in ("bh", "by", "holm")}
    assert told["bh"] == [0.04, 0.04, 0.04, 0.5]
    assert told["by"] == [0.0833333333, 0.0833333333, 0.0833333333, 1.0]
    assert told["holm"] == [0.04, 0.06, 0.06, 0.5]


@pytest.mark.parametrize(("method", "q"), [("bh", 0.05), ("bh", 0.20), ("by", 0.20)])
def test_share_of_false_alerts_is_kept(method: str, q: float) -> None:
    """Of mixtures of changes and none the mean share of false alerts is q at most, and BH spends nearly all of it."""
    rng = np.random.default_rng(11)
    shares = []
    for _ in range(400):
        z = rng.normal(size=200)
        z[:30] += 3.0
        found = adjusted_in_numpy(2 * ndtr(-np.abs(z)), method) <= q
        shares.append(found[30:].sum() / max(1, found.sum()))
    error = np.std(shares) / 20
    assert np.mean(shares) <= q + 2 * error
    assert (np.mean(shares) >= 0.7 * q) == (method == "bh")


def test_what_never_moved_cannot_be_judged() -> None:
    """A panel without any variance tells nothing, not even when it moves at last; beside others it is judged."""
    still = np.full((6, 14), 10.0)
    still[0, 13] = 30.0
    alone = detect(Panel(still, np.full(still.shape, 100.0), 12), Policy())
    assert not any(batch.n_tests or batch.is_selected.any() for batch in alone.batches)
    rng = np.random.default_rng(5)
    beside = np.concatenate([still, rng.binomial(100, 0.1, (20, 14)).astype(float)])
    judged = detect(Panel(beside, np.full(beside.shape, 100.0), 12), Policy()).batches[-1]
    assert judged.n_tests == 26
    assert judged.p[0] < 1e-4


def _weeks(years: int, dip: float) -> Panel:
    """Return 30 schools over weeks whose first of a year is worse for all by a dip, as the one of the newest year."""
    rng = np.random.default_rng(11)
    logits = np.full((30, 36 * years + 4), 2.5) + rng.normal(0, 0.05, (30, 1))
    logits[:, np.arange(logits.shape[1]) % 36 == 0] -= dip
    shares = 1 / (1 + np.exp(-logits))
    days = np.full(logits.shape, 2500.0)
    return Panel(rng.binomial(2500, shares).astype(float), days, 36 * years, 36)


def test_first_week_of_school_is_no_event_of_the_district() -> None:
    """After one year a week is compared with the same one of that year; a new dip of all is told still."""
    assert detect(_weeks(1, 0.8), Policy()).events == []
    told = _weeks(1, 0.8)
    told.numerator[:, -3:] -= 350
    assert {event.period for event in detect(told, Policy()).events} >= {38, 39}
