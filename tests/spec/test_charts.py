"""Every expected file of the shared chart cases: limits to 1e-9, flags equal. Source: signals.md 21, B1 to B3."""

from pathlib import Path

import pytest

from tests.support.charted import dataset, differences, options, read, said

QIC = ["idx", "x", "part", "baseline", "include", "cl", "lcl", "lcl_95", "ucl_95", "ucl", "sigma_signal"]
RUNS = ["n_obs", "n_useful", "longest_run", "longest_run_max", "n_crossings", "n_crossings_min", "runs_signal"]
NHS = [
    "f",
    "x",
    "rebase_group",
    "mean_col",
    "lpl",
    "upl",
    "outside_limits",
    "relative_to_mean",
    "close_to_limits",
    "special_cause_type",
    "special_cause_flag",
    "point_type",
    "target",
    "short_group_warning",
]
QIC_CASES = [
    *("syn_survey_p", "syn_survey_pp", "syn_rubric_run", "syn_rubric_i", "syn_days_g"),
    *(
        f"syn_edge_{name}_{chart}"
        for name in ("ties_on_median", "trend7", "shift7", "one_outlier", "n12", "normal20")
        for chart in ("run", "i")
    ),
    *("nhs_accidents_p", "nhs_accidents_pp", "cdi_u", "cdi_run"),
]
PTD_CASES = [
    "ptd_rubric_inc_t3",
    *(
        f"ptd_edge_{name}_{way}"
        for name in ("trend7", "two_of_three", "shift7", "one_outlier", "n12")
        for way in ("increase", "decrease")
    ),
    "ptd_cdi_dec",
]


@pytest.fixture(scope="module")
def spc(shared_data: Path) -> Path:
    """The folder of chart cases."""
    folder = shared_data / "spc"
    if not folder.is_dir():
        pytest.skip("the chart cases are absent from the folder of real public data")
    return folder


def _case(spc: Path, kind: str, case_id: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return a case and its expected rows, from the synthetic or the real files."""
    for prefix in ("", "real_"):
        for case in read(spc / f"{prefix}{kind}_cases.csv"):
            if case["case_id"] == case_id:
                return case, [row for row in read(spc / f"{prefix}{kind}_expected.csv") if row["case_id"] == case_id]
    raise LookupError(case_id)


@pytest.mark.parametrize("case_id", QIC_CASES)
def test_chart_agrees_with_qicharts2(case_id: str, spc: Path, tmp_path: Path) -> None:
    """Centre, limits, runs and signals of a chart are those of qicharts2 0.8.1."""
    case, expected = _case(spc, "qic", case_id)
    file = dataset(spc / "inputs", case["dataset"], tmp_path)
    columns = options(x=case["x_col"], y=case["y_col"], n=case["n_col"], facet=case["facet_col"])
    more = options(part=case["part"], freeze=case["freeze"], exclude=case["exclude"], multiply=case["multiply"])
    found = said("chart", file, "--chart", case["chart"], *columns, *more)
    assert found.code == 0
    compared = [*QIC, *RUNS, *(["facet1"] if case["facet_col"] else []), *(["y"] if "y" in expected[0] else [])]
    assert differences(found.rows, expected, compared) == []


@pytest.mark.parametrize("case_id", PTD_CASES)
def test_nhs_rules_agree_with_plot_the_dots(case_id: str, spc: Path, tmp_path: Path) -> None:
    """Types of points, variation and assurance are those of NHSRplotthedots 0.2.2."""
    case, expected = _case(spc, "ptd", case_id)
    file = dataset(spc / "inputs", case["dataset"], tmp_path, case["date_col"])
    words = options(
        x=case["date_col"],
        y=case["value_col"],
        facet=case["facet_col"],
        direction=case["improvement_direction"],
        target=case["target"],
        rebase=case["rebase"],
        freeze=case["fix_after_n_points"],
    )
    found = said("chart", file, "--rules", "nhs", *words)
    assert differences(found.rows, expected, [*NHS, *(["y"] if "y" in expected[0] else [])]) == []
    prefix = "" if (spc / "ptd_cases.csv").read_text().find(case_id + ",") >= 0 else "real_"
    wanted = [row for row in read(spc / f"{prefix}ptd_summary_expected.csv") if row["case_id"] == case_id]
    summary = said("chart", file, "--rules", "nhs", "--summary", *words).rows
    assert differences(summary, wanted, list(wanted[0])[1:]) == []


@pytest.mark.parametrize(
    "series", ["n12", "normal20", "one_outlier", "shift7", "ties_on_median", "trend7", "two_of_three"]
)
def test_zone_rules_agree_with_qcc(series: str, spc: Path, tmp_path: Path) -> None:
    """Flags of Western Electric and Nelson are those of qcc 3.0."""
    expected = [row for row in read(spc / "we_nelson_rules_expected.csv") if row["series"] == series]
    file = dataset(spc / "inputs", f"syn_edge_series:{series}", tmp_path)
    words = ("--chart", "i", "--y", "y", "--x", "seq", "--rules", "western-electric,nelson")
    found = [{**row, "center": row["cl"]} for row in said("chart", file, *words).rows]
    assert differences(found, expected, [name for name in expected[0] if name not in {"series", "seq"}]) == []


def test_ewma_agrees_with_qcc(spc: Path, tmp_path: Path) -> None:
    """Every weight and limit of the expected EWMA."""
    expected = read(spc / "ewma_expected.csv")
    file = dataset(spc / "inputs", "syn_edge_series:one_outlier", tmp_path)
    for lam, nsigmas in sorted({(row["lambda"], row["nsigmas"]) for row in expected}):
        wanted = [row for row in expected if (row["lambda"], row["nsigmas"]) == (lam, nsigmas)]
        words = ("--y", "y", "--facet", "series", "--lambda", lam, "--nsigmas", nsigmas)
        assert differences(said("ewma", file, *words).rows, wanted, list(wanted[0])) == []


def test_cusum_agrees_with_qcc(spc: Path, tmp_path: Path) -> None:
    """Every reference value, decision interval and head start of the expected CUSUM."""
    expected = read(spc / "cusum_expected.csv")
    file = dataset(spc / "inputs", "syn_edge_series:one_outlier", tmp_path)
    for k, h, start in sorted({(row["k"], row["h"], row["head_start"]) for row in expected}):
        wanted = [row for row in expected if (row["k"], row["h"], row["head_start"]) == (k, h, start)]
        words = ("--y", "y", "--facet", "series", "--k", k, "--h", h, "--head-start", start)
        assert differences(said("cusum", file, *words).rows, wanted, list(wanted[0])) == []


@pytest.mark.parametrize("case_id", ["funnel40_od", "funnel40_unadj"])
def test_funnel_agrees_with_funnelplotr(case_id: str, spc: Path, tmp_path: Path) -> None:
    """Distances, limits and outliers are those of FunnelPlotR 0.6.0, with over-dispersion and without."""
    case, expected = _case(spc, "funnel", case_id)
    file = dataset(spc / "inputs", "syn_funnel_40_nodispersion", tmp_path)
    words = options(unit=case["group"], numerator=case["num"], denominator=case["den"], trim=case["trim_by"])
    words += options(limit=case["limit"]) + ([] if case["draw_adjusted"] == "TRUE" else ["--no-adjusted"])
    assert differences(said("funnel", file, *words).rows, expected, list(expected[0])[1:]) == []
    summary = said("funnel", file, *words, "--summary").rows
    assert differences(summary, [case], ("phi", "tau2", "target", "n_units", "n_outliers")) == []


def test_runs_limits_agree_with_the_published_table(spc: Path) -> None:
    """Longest run and fewest crossings for 2 to 400 useful points."""
    from aimline.signals.runs import crossings_min, longest_run_max

    for row in read(spc / "runs_limits.csv"):
        n = int(row["n_useful"])
        assert (longest_run_max(n), crossings_min(n)) == (int(row["longest_run_max"]), int(row["crossings_min"]))


def test_subgroup_constants_agree_with_the_tables(spc: Path) -> None:
    """c4, A3, B3 and B4 for subgroups of 2 to 25."""
    from math import isclose, sqrt

    from aimline.signals.charts import c4

    for row in read(spc / "constants.csv"):
        n = int(row["n"])
        spread = 3 * sqrt(1 - c4(n) ** 2) / c4(n)
        found = (c4(n), 3 / (c4(n) * sqrt(n)), max(0.0, 1 - spread), 1 + spread)
        wanted = (float(row[name]) for name in ("c4", "A3", "B3", "B4"))
        assert all(isclose(mine, theirs, rel_tol=1e-9) for mine, theirs in zip(found, wanted, strict=True))
