"""Charts with a memory, funnels of ratios and adjusted p-values, by their definitions. Source: signals.md 8 and 18."""

import math
from pathlib import Path

import pytest
from scipy.stats import chi2, norm

from tests.support.charted import Cells, Said, said, write

RATIOS = [("A", 12, 10.004), ("B", 30, 21.5), ("C", 9, 14.25), ("D", 40, 44.0), ("E", 7, 6.5), ("F", 55, 30.0)]


def _file(folder: Path, values: list[object], name: str = "y") -> Path:
    return write(folder / "x.csv", [{"t": str(at), name: str(value)} for at, value in enumerate(values, 1)])


def test_missing_value_leaves_an_average_where_it_was(tmp_path: Path) -> None:
    """Z stays, time passes: the limits after a gap are those of the elapsed steps."""
    words = ("--y", "y", "--cl", 5, "--sigma-value", 2, "--lambda", 0.3)
    rows = said("ewma", _file(tmp_path, [6, "", 8, 4]), *words).rows
    z = [0.3 * 6 + 0.7 * 5] * 2
    z += [0.3 * 8 + 0.7 * z[0]]
    assert [float(row["ewma"]) for row in rows[:3]] == pytest.approx(z, rel=1e-12)
    assert float(rows[3]["sigma_z"]) == pytest.approx(2 * math.sqrt(0.3 / 1.7 * (1 - 0.7**8)), rel=1e-12)


def test_frozen_values_set_centre_and_sigma(tmp_path: Path) -> None:
    """The first four values alone, their large range kept unless it is screened."""
    file = _file(tmp_path, [1, 2, 1, 2, 90, 91])
    assert {(row["center"], row["std_dev"]) for row in said("cusum", file, "--y", "y", "--freeze", 4).rows} == {
        ("1.5", repr(1 / 1.128))
    }
    assert (
        said("ewma", file, "--y", "y").rows[0]["std_dev"]
        != said("ewma", file, "--y", "y", "--screen").rows[0]["std_dev"]
    )


def test_series_without_variation_tells_nothing(tmp_path: Path) -> None:
    """Sigma of zero, as qcc has it: nothing is divided by it, sums are empty and there is no signal."""
    rows = said("cusum", _file(tmp_path, [4] * 6), "--y", "y").rows
    assert {(row["std_dev"], row["cusum_pos"], row["signal_up"]) for row in rows} == {("0", "", "FALSE")}
    rows = said("ewma", _file(tmp_path, [4] * 6), "--y", "y").rows
    assert {(row["std_dev"], row["lcl"], row["ucl"], row["signal"]) for row in rows} == {("0", "4", "4", "FALSE")}


def test_change_after_a_frozen_level_is_a_signal(tmp_path: Path) -> None:
    """Limits of a level without variation lie on it; what leaves it is outside."""
    rows = said("ewma", _file(tmp_path, [4, 4, 4, 4, 5]), "--y", "y", "--freeze", 4).rows
    assert [row["signal"] for row in rows] == ["FALSE"] * 4 + ["TRUE"]


def test_bernoulli_sum_starts_again_after_its_limit(tmp_path: Path) -> None:
    """Upper arm by its definition; at the limit it signals and stays, beyond it it starts again."""
    outcomes = [0, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0]
    p0 = 0.2
    p1 = 2 * p0 / (1 - p0) / (1 + 2 * p0 / (1 - p0))
    rows = said("cusum", _file(tmp_path, outcomes), "--bernoulli", "--y", "y", "--p0", p0, "--limit", 2.0).rows
    assert list(rows[0]) == [
        "x",
        "y",
        "s1",
        "cusum1",
        "limit1",
        "signal1",
        "s2",
        "cusum2",
        "limit2",
        "signal2",
        "p0",
        "p1",
        "p2",
        "or",
    ]
    now = 0.0
    for row, y in zip(rows, outcomes, strict=True):
        above = now + (math.log(p1 / p0) if y else math.log((1 - p1) / (1 - p0)))
        now = above if 0 < above <= 2.0 else 0.0
        assert float(row["cusum1"]) == pytest.approx(now, abs=1e-12)
        assert row["signal1"] == ("2" if above >= 2.0 else "")
    assert any(row["signal1"] for row in rows)


def test_lower_arm_finds_a_fall(tmp_path: Path) -> None:
    """Enough outcomes of 0 in a row reach the lower limit."""
    rows = said("cusum", _file(tmp_path, [0] * 60), "--bernoulli", "--y", "y", "--p0", 0.2).rows
    assert rows[0]["signal2"] == ""
    assert any(row["signal2"] == "-3.5" for row in rows)


@pytest.mark.parametrize(
    ("values", "words", "message"),
    [
        ([0, 2], (), "needs outcomes of 0 and 1"),
        ([0, 0], (), "needs a chance above 0 and below 1"),
        ([0, 1], ("--facet", "t"), "is for one series"),
    ],
)
def test_bernoulli_refusals(values: list[object], words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    """What cannot be a yes-or-no series is refused."""
    found = said("cusum", _file(tmp_path, values), "--bernoulli", "--y", "y", *words)
    assert (found.code, message in found.err) == (2, True)


@pytest.mark.parametrize(
    ("verb", "words"),
    [("ewma", ()), ("cusum", ()), ("bcusum", ("--p0", "0.3")), ("funnel", ("--unit", "t", "--n", "n"))],
)
def test_chart_is_another_name_for_each(verb: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """`chart --chart ewma` prints what `ewma` prints, and so on."""
    rows = [{"t": f"u{at}", "y": str(at % 2), "n": "40"} for at in range(12)]
    file = write(tmp_path / "x.csv", rows)
    own = ("cusum", file, "--bernoulli") if verb == "bcusum" else (verb, file)
    assert said("chart", file, "--chart", verb, "--y", "y", *words).out == said(*own, "--y", "y", *words).out


def _funnel(folder: Path, *words: object) -> Said:
    rows: list[Cells] = [{"u": name, "o": str(num), "e": str(den)} for name, num, den in RATIOS]
    return said(
        "funnel", write(folder / "f.csv", rows), "--unit", "u", "--numerator", "o", "--denominator", "e", *words
    )


def test_ratios_stand_on_the_root(tmp_path: Path) -> None:
    """cqc: root of observed over expected, winsorised, over-dispersion added, exact Poisson limits without it."""
    rows = _funnel(tmp_path, "--type", "sr", "--trim", 0.2).rows
    z = [(math.sqrt(o / e) - 1) * 2 * math.sqrt(e) for _, o, e in RATIOS]
    ordered = sorted(z)
    kept = [min(max(value, ordered[1]), ordered[4]) for value in z]
    phi = sum(value**2 for value in kept) / 6
    w = [4 * e for _, _, e in RATIOS]
    tau2 = (6 * phi - 5) / (sum(w) - sum(value**2 for value in w) / sum(w))
    summary = _funnel(tmp_path, "--type", "sr", "--trim", 0.2, "--summary").rows[0]
    assert [float(summary[name]) for name in ("phi", "tau2", "target")] == pytest.approx([phi, tau2, 1], rel=1e-9)
    for row, (_, o, e), value, cut in zip(rows, RATIOS, z, kept, strict=True):
        reach = 3.090232 * math.sqrt(1 / (4 * e) + tau2)
        exact = chi2.ppf(0.025, 2 * e) / 2 / e, chi2.ppf(0.975, 2 * (e + 1)) / 2 / e
        found = [float(row[name]) for name in ("rr", "Uzscore", "Wuzscore", "LCL95", "UCL95", "OD99LCL", "OD99UCL")]
        assert found == pytest.approx([o / e, value, cut, *exact, 1 - reach, 1 + reach], rel=1e-9)
        z_od = (math.sqrt(o / e) - 1) / math.sqrt(1 / (4 * e) + tau2)
        assert float(row["p"]) == pytest.approx(2 * norm.sf(abs(z_od)), rel=1e-9)


def test_logged_ratios_leave_out_the_extremes(tmp_path: Path) -> None:
    """shmi: the logarithm, expected cut to two places, truncated by ranks and not winsorised."""
    rows = _funnel(tmp_path, "--type", "sr", "--sr-method", "shmi", "--trim", 0.2).rows
    assert float(rows[0]["Y"]) == pytest.approx(math.log(12 / 10.0), rel=1e-12)
    assert {row["winsorised"] for row in rows} == {""}
    ranks = {row["group"]: sorted(float(r["Uzscore"]) for r in rows).index(float(row["Uzscore"])) + 1 for row in rows}
    cut = {name for name, rank in ranks.items() if not 0 < math.floor(rank * 5 / 7) < 4}
    assert {row["group"] for row in rows if row["truncated"] == "1"} == cut
    assert {row["Wuzscore"] for row in rows if row["group"] in cut} == {""}


def test_rows_of_one_unit_are_added_up(tmp_path: Path) -> None:
    """Two terms of a unit are one row."""
    rows = [{"u": name, "d": str(d), "n": "50"} for name, d in (("A", 5), ("B", 9), ("A", 7), ("C", 4))]
    found = said(
        "funnel", write(tmp_path / "f.csv", rows), "--unit", "u", "--numerator", "d", "--denominator", "n"
    ).rows
    assert [(row["group"], row["numerator"], row["denominator"]) for row in found] == [
        ("A", "12", "100"),
        ("B", "9", "50"),
        ("C", "4", "50"),
    ]


def test_unit_without_anybody_is_left_out(tmp_path: Path) -> None:
    """Nothing of nobody is a missing figure, as it is on charts; it neither stops a funnel nor stands in it."""
    rows = [{"u": "A", "d": "0", "n": "0"}, {"u": "B", "d": "4", "n": "50"}, {"u": "C", "d": "6", "n": "50"}]
    found = said("funnel", write(tmp_path / "f.csv", rows), "--unit", "u", "--numerator", "d", "--denominator", "n")
    assert (found.code, [row["group"] for row in found.rows]) == (0, ["B", "C"])


def test_wide_funnels_are_not_judged(tmp_path: Path) -> None:
    """Beyond 25 variances of chance the note says that an outlier test is not useful."""
    rows = [{"u": f"{at}", "d": str(50 + 800 * (at % 2)), "n": "1000"} for at in range(12)]
    found = said("funnel", write(tmp_path / "f.csv", rows), "--unit", "u", "--numerator", "d", "--denominator", "n")
    assert "Schools differ widely; an outlier test is not useful here." in found.err


@pytest.mark.parametrize(("d", "n"), [(5, 0), (60, 50)])
def test_impossible_units_are_refused(d: int, n: int, tmp_path: Path) -> None:
    """A denominator of zero, or a share above one, names the unit."""
    rows = [{"u": "A", "d": "5", "n": "50"}, {"u": "B", "d": str(d), "n": str(n)}]
    found = said("funnel", write(tmp_path / "f.csv", rows), "--unit", "u", "--numerator", "d", "--denominator", "n")
    assert (found.code, "unit B" in found.err) == (2, True)


def test_adjust_keeps_the_columns(tmp_path: Path) -> None:
    """What was read is printed as it was, with one column more; a p beyond 1 is told by its line."""
    rows = [{"unit": "A", "p": "0.010"}, {"unit": "B, C", "p": ""}, {"unit": "D", "p": "0.03"}]
    found = said("adjust", write(tmp_path / "p.csv", rows), "--p", "p")
    assert found.out == 'unit,p,p_adjusted\nA,0.010,0.02\n"B, C",,\nD,0.03,0.03\n'
    wrong = said("adjust", write(tmp_path / "p.csv", [*rows, {"unit": "E", "p": "1.2"}]), "--p", "p")
    assert (wrong.code, "line 5: 1.2 in column p is not between 0 and 1" in wrong.err) == (2, True)
