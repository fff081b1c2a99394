"""Where charts go wrong quietly: ties, gaps, phases, exclusions, no variation. Source: signals.md 3 to 7 and 22."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from aimline.signals.runs import METHODS, _is_chance
from tests.support import oracle_chart as oracle
from tests.support.charted import Cells, Said, differences, said, same, write


def _chart(folder: Path, values: list[object], *words: object) -> Said:
    """Chart one series, with days for x."""
    rows = [{"day": f"2026-{1 + at // 28:02d}-{1 + at % 28:02d}", "y": str(value)} for at, value in enumerate(values)]
    return said("chart", write(folder / "y.csv", rows), "--y", "y", "--x", "day", *words)


def _series(rng: random.Random) -> list[float | None]:
    """Return a random series with ties and gaps; some are all equal."""
    size, step = rng.randint(1, 40), rng.choice([1.0, 0.5, 0.1])
    if rng.random() < 0.05:
        return [3.0] * size
    return [None if rng.random() < 0.08 else round(rng.gauss(10, 3) / step) * step for _ in range(size)]


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)


def _expected(values: list[float | None], kind: str, bounds: list[int], excluded: set[int]) -> list[Cells]:
    """Return the rows of the oracle: phases by their bounds, positions left out."""
    rows: list[Cells] = []
    for part, (start, end) in enumerate(pairwise(bounds), 1):
        here, used = values[start:end], [at + 1 not in excluded for at in range(start, end)]
        centre, sigma = oracle.centre_and_sigma(here, used, kind)
        told = oracle.runs([value for value, is_used in zip(here, used, strict=True) if is_used], centre)
        names = ("n_useful", "longest_run", "longest_run_max", "n_crossings", "n_crossings_min")
        cells = {name: "" if value is None else str(value) for name, value in zip(names, told, strict=True)}
        has_runs = told[1] is not None and (told[1] > told[2] or told[3] < told[4])
        for value in here:
            low, high = (None, None) if centre is None or sigma is None else (centre - 3 * sigma, centre + 3 * sigma)
            out = value is not None and low is not None and high is not None and (value < low or value > high)
            flags = {"runs_signal": str(has_runs).upper(), "sigma_signal": str(out).upper()}
            limits = {"y": _cell(value), "cl": _cell(centre), "lcl": _cell(low), "ucl": _cell(high)}
            rows.append({**cells, **flags, **limits, "part": str(part)})
    return rows


@pytest.mark.parametrize("kind", ["run", "i"])
def test_charts_equal_the_oracle_on_random_series(kind: str, tmp_path: Path) -> None:
    """250 series as facets of one file, with ties, gaps, one point, all equal."""
    rng = random.Random(kind)  # noqa: S311 - not for secrets
    series = [_series(rng) for _ in range(250)]
    rows = [{"f": f"{at:03d}", "y": _cell(value)} for at, values in enumerate(series) for value in values]
    found = said("chart", write(tmp_path / "y.csv", rows), "--chart", kind, "--y", "y", "--facet", "f").rows
    expected = [row for values in series for row in _expected(values, kind, [0, len(values)], set())]
    assert differences(found, expected, list(expected[0])) == []


def test_phases_and_exclusions_equal_the_oracle(tmp_path: Path) -> None:
    """Two phases, both ends of the series left out: neighbours of what is left out become neighbours."""
    rng = random.Random(5)  # noqa: S311
    for _ in range(40):
        values = [*_series(rng), *_series(rng), *_series(rng)]
        size, cut = len(values), max(1, len(values) // 2)
        words = ("--chart", "i", "--part", f"{cut};0;{size};-3;999", "--exclude", f"1;{size}", "--freeze", 2)
        found = _chart(tmp_path, [_cell(value) for value in values], *words).rows
        expected = _expected(values, "i", sorted({0, cut, size}), {1, size})
        assert differences(found, expected, list(expected[0])) == []
        assert {row["baseline"] for row in found} == {"TRUE"}


def test_laney_equals_the_oracle(tmp_path: Path) -> None:
    """P-prime limits of random series."""
    rng = random.Random(9)  # noqa: S311
    for _ in range(40):
        n = [float(rng.randint(20, 400)) for _ in range(20)]
        num = [float(sum(rng.random() < 0.3 for _ in range(int(each)))) for each in n]
        rows = [{"d": repr(a), "n": repr(b)} for a, b in zip(num, n, strict=True)]
        found = said("chart", write(tmp_path / "p.csv", rows), "--chart", "pp", "--y", "d", "--n", "n").rows
        for row, (low, high) in zip(found, oracle.laney(num, n), strict=True):
            assert same(row["lcl"], repr(low))
            assert same(row["ucl"], repr(high))


def test_nhs_types_equal_the_oracle(tmp_path: Path) -> None:
    """Every type on random walks with ties, by windows instead of runs."""
    rng = random.Random(2)  # noqa: S311
    seen = set()
    for _ in range(120):
        values, level, way, calm = [], 50.0, rng.choice([-1.0, 1.0]), rng.choice([0.6, 1.0])
        for _ in range(rng.randint(3, 36)):
            level += rng.choice([-way, 0.0, way, way])
            values.append(level if rng.random() < calm else round(rng.gauss(50, 3)))
        found = [row["special_cause_type"] for row in _chart(tmp_path, list(map(float, values)), "--rules", "nhs").rows]
        assert found == oracle.nhs_types(list(map(float, values)))
        seen |= set(found)
    assert len(seen) == 9


def test_a_tie_breaks_nhs_runs_and_is_dropped_by_anhoej(tmp_path: Path) -> None:
    """Six above, one on the mean, six above again: no seven in a row for NHS, a run of twelve for Anhøj."""
    values: list[object] = [1, 3, 1, 3, 1, 3, 0, 1, 3, 1, 3, 1, 3, -12, -12]
    nhs = _chart(tmp_path, values, "--rules", "nhs").rows
    assert {row["special_cause_type"] for row in nhs[:13]} == {"Common Cause"}
    assert _chart(tmp_path, values, "--chart", "i").rows[0]["longest_run"] == "12"


def test_no_variation_has_no_limits_and_no_signals(tmp_path: Path) -> None:
    """Equal values: sigma and limits blank, nothing is divided, nothing is told."""
    found = _chart(tmp_path, [5] * 14, "--chart", "i").rows
    assert {(row["cl"], row["lcl"], row["ucl_95"], row["sigma_signal"], row["n_useful"]) for row in found} == {
        ("5", "", "", "FALSE", "0")
    }
    nhs = _chart(tmp_path, [5] * 14, "--rules", "nhs", "--target", 4, "--direction", "increase")
    assert {(row["lpl"], row["outside_limits"], row["close_to_limits"]) for row in nhs.rows} == {("", "", "")}
    times = _chart(tmp_path, [5] * 14, "--chart", "t").rows[0]
    assert (times["cl"], times["n_useful"], times["runs_signal"]) == ("5", "0", "FALSE")
    summary = _chart(tmp_path, [5] * 14, "--rules", "nhs", "--target", 4, "--direction", "increase", "--summary")
    assert summary.rows[0]["assurance_type"] == "inconsistent"


def test_unscreened_limits_of_no_variation_lie_on_the_centre(tmp_path: Path) -> None:
    """As qicharts2 has it: sigma is zero, and only a point off the level is outside; there are no zones to be in."""
    words = ("--chart", "i", "--freeze", 15, "--rules", "western-electric,nelson")
    found = _chart(tmp_path, [5] * 15 + [6], *words).rows
    assert {(row["std_dev"], row["lcl"], row["ucl_95"]) for row in found} == {("0", "5", "5")}
    assert [name for name, value in found[15].items() if value == "TRUE"] == [
        *("include", "sigma_signal", "WE1", "N1"),
    ]
    assert {
        value for row in found[:15] for name, value in row.items() if name[:2] in {"WE", "si"} or name[0] == "N"
    } == {"FALSE"}


def test_large_ranges_are_screened_once_and_strictly(tmp_path: Path) -> None:
    """One range beyond 3.267 times the mean is left out; what would be left out of the rest stays."""
    values: list[object] = [10, 11, 10, 11, 10, 11, 10, 11, 10, 60, 59, 60, 59, 60]
    screened = float(_chart(tmp_path, values, "--chart", "i").rows[0]["ucl"])
    unscreened = float(_chart(tmp_path, values, "--chart", "i", "--no-screen").rows[0]["ucl"])
    middle = sum(map(int, map(str, values))) / 14
    assert screened == pytest.approx(middle + 3 / 1.128, rel=1e-12)
    assert unscreened == pytest.approx(middle + 3 * (12 + 50) / 13 / 1.128, rel=1e-12)


def test_a_value_on_a_limit_is_inside(tmp_path: Path) -> None:
    """Limits are strict: a count of nothing at a lower limit of zero is no signal."""
    found = _chart(tmp_path, [0, 4, 3, 5, 4, 3], "--chart", "c").rows
    assert (found[0]["lcl"], found[0]["sigma_signal"]) == ("0", "FALSE")


def test_last_group_of_two_points_is_judged(tmp_path: Path) -> None:
    """A rebase that leaves two points has its own mean, and only its assurance is told."""
    words = ("--rules", "nhs", "--rebase", "2026-01-13", "--direction", "increase", "--target", 3, "--summary")
    first, last = _chart(tmp_path, [5, 6, 5, 7, 5, 6, 5, 6, 7, 5, 6, 5, 1, 2], *words).rows
    assert (first["rebase_group"], first["assurance_type"]) == ("0", "")
    assert (last["n"], last["mean_col"], last["assurance_type"]) == ("2", "1.5", "inconsistent")


def test_text_for_x_has_no_order(tmp_path: Path) -> None:
    """Code-point order, no runs signal, P-prime from the spread of z, and a note that says so."""
    rows = [{"x": f"S{at % 7}{at}", "d": str(d), "n": "100"} for at, d in enumerate([9, 9, 9, 9, 9, 9, 9, 9, 9, 30])]
    found = said("chart", write(tmp_path / "x.csv", rows), "--chart", "pp", "--y", "d", "--n", "n", "--x", "x")
    assert [row["x"] for row in found.rows] == sorted(row["x"] for row in rows)
    assert {row["runs_signal"] for row in found.rows} == {"FALSE"}
    assert "x is text" in found.err


def test_fractions_and_percent_tell_the_same(tmp_path: Path) -> None:
    """A factor changes what is shown, not what is told."""
    values: list[object] = [0.1, 0.3, 0.2, 0.4, 0.3, 0.1, 0.2, 0.9, 0.3, 0.2]
    plain, percent = (_chart(tmp_path, values, "--chart", "i", *words).rows for words in ((), ("--multiply", 100)))
    for small, large in zip(plain, percent, strict=True):
        assert float(large["ucl"]) == pytest.approx(100 * float(small["ucl"]), rel=1e-12)
        assert large["sigma_signal"] == small["sigma_signal"]


@pytest.mark.parametrize(
    ("n", "longest", "crossings", "signals"),
    [
        (10, 6, 2, (False, False, True)),
        (10, 5, 2, (False, False, False)),
        (10, 6, 3, (False, False, False)),
        (10, 5, 1, (True, True, True)),
        (12, 7, 3, (False, True, True)),
        (20, 8, 7, (True, True, True)),
        (9, 7, 4, (True, True, True)),
    ],
)
def test_boxes_follow_their_tables(n: int, longest: int, crossings: int, signals: tuple[bool, ...]) -> None:
    """Anhøj, best box, cut box at the corners of their tables; outside 10 to 100 points all are Anhøj's."""
    assert tuple(not _is_chance(n, longest, crossings, method) for method in METHODS) == signals


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--chart", "pp", "--y", "y"), "--chart pp needs --n (the denominator column)."),
        (("--chart", "i", "--y", "rate"), "has no column 'rate'. Columns: u, x, y, n, z."),
        (("--chart", "i", "--y", "z"), "line 3: 'n/a' in column z is not a number (use an empty cell for missing)."),
        (("--rules", "nhs", "--y", "y", "--freeze", 8), "--rules nhs needs --freeze of at least 12, got 8."),
        (
            ("--chart", "run", "--y", "y", "--rules", "western-electric"),
            "rules western-electric need limits; the run chart has none",
        ),
        (
            ("--chart", "t", "--y", "y", "--facet", "u", "--x", "x"),
            "above zero (facet A, x = 2). Use the g chart for counts between events.",
        ),
        (("--chart", "t", "--y", "n", "--cl", -5), "t chart: --cl -5 is no time between events."),
        (("--rules", "nhs", "--y", "y", "--exclude", "1"), "--rules nhs takes no --exclude."),
        (("--chart", "p", "--y", "n", "--n", "y", "--x", "x"), "p chart: numerator exceeds denominator at x = 1."),
        (("--chart", "i", "--y", "y", "--rules", "shewhart"), "--rules shewhart is not known."),
        (("--chart", "i", "--y", "y", "--as-of", "2026-09-01"), "--as-of needs days"),
        (("--chart", "qq", "--y", "y"), "'qq' is not one of"),
        (("--chart", "i", "--y", "y", "--cl", "1e308"), "'1e308' is farther from zero than 1e+100."),
        (("--chart", "i", "--y", "y", "--part", "--5"), "'--5' is not a position; write them as 12;24."),
        (("--chart", "i", "--y", "y", "--exclude", "3;\u00b2"), "'\u00b2' is not a position; write them as 12;24."),
        (("--chart", "funnel", "--y", "y", "--n", "n", "--trim", 0.5), "0.5 is not above 0 and below 0.5."),
    ],
)
def test_refusals_say_what_is_wrong(words: tuple[object, ...], message: str, tmp_path: Path) -> None:
    """Exit code 2, nothing on stdout, and the sentence of signals.md 4 and 18."""
    rows = [{"u": "A", "x": str(at), "y": str(2 - at), "n": "9", "z": "1" if at < 2 else "n/a"} for at in (1, 2)]
    found = said("chart", write(tmp_path / "FILE.csv", rows), *words)
    assert (found.code, found.out) == (2, "")
    assert message in found.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,b\n", "has no rows"),
        ("a,b\n1,2,3\n", "line 2: 3 cells, expected 2"),
        ("a,a\n1,2\n", "line 1: column 'a' stands twice"),
        ("a,b\n1,nan\n", "line 2: 'nan' in column b is not a number"),
        ("a,b\n1,1_000\n", "line 2: '1_000' in column b is not a number"),
        ("a,b\n1,1e999\n", "line 2: '1e999' in column b is not a number"),
        ("a,b\n1,-1e308\n2,1e308\n", "line 2: '-1e308' in column b is farther from zero than 1e+100. Correct the row"),
        ("a,b\n2026-02-30,1\n", "line 2: '2026-02-30' in column a is no day of the calendar"),
        ("a,b\n,1\n", "line 2: column a is empty"),
        ('a,b\n"1,2\n', "is not CSV"),
        ('a,b\n1,2\n"2\n3",3\n"4,5\n6,7\n', "line 5: it is not CSV: a quote is never closed"),
        ("a;b\n1;2\n", "line 1: cells are separated by semicolons, expected commas. Save the file as CSV"),
        ("a\tb\n1\t2\n", "line 1: cells are separated by tabs, expected commas. Save the file as CSV"),
        ("a,b\n1,2\n\0,3\n", "line 3: a zero byte"),
    ],
)
def test_bad_files_are_told_with_their_line(text: str, message: str, tmp_path: Path) -> None:
    """File, line, what was found, what was expected."""
    (tmp_path / "bad.csv").write_text(text, encoding="utf-8")
    found = said("chart", tmp_path / "bad.csv", "--chart", "i", "--y", "b", "--x", "a")
    assert (found.code, found.out) == (2, "")
    assert "bad.csv" in found.err
    assert message in found.err


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """A file in another encoding names the byte; a mark at its start is no part of the first column."""
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,\xe9\n")
    assert "x.csv line 2: byte 7 is not UTF-8" in said("chart", tmp_path / "x.csv", "--chart", "i", "--y", "b").err
    (tmp_path / "x.csv").write_bytes(b"\xef\xbb\xbfb\r\n1\r\n2\r\n")
    assert said("chart", tmp_path / "x.csv", "--chart", "i", "--y", "b").code == 0


@pytest.mark.parametrize(
    ("chart", "row", "message"),
    [
        ("pp", "3,11,0", "lines 3, 4: 13 of 9; pp chart: numerator exceeds denominator at x = 3."),
        (
            "u",
            "3,-4,9",
            "lines 3, 4: -2 of 18; u chart: a count below zero, or events without a denominator, at x = 3.",
        ),
        ("c", "3,-9,", "lines 3, 4: -3.5; c chart: a count below zero at x = 3."),
        ("t", "3,-9,", "lines 3, 4: -3.5; t chart: time between events must be above zero (x = 3)."),
    ],
)
def test_point_that_cannot_be_shown_is_told_with_its_lines(chart: str, row: str, message: str, tmp_path: Path) -> None:
    """Every line of the point, what they come to, and the sentence of the chart."""
    (tmp_path / "x.csv").write_text(f"t,d,n\n1,2,9\n{row}\n3,2,9\n", encoding="utf-8")
    size = () if chart in {"c", "t"} else ("--n", "n")
    found = said("chart", tmp_path / "x.csv", "--chart", chart, "--y", "d", "--x", "t", *size)
    assert (found.code, found.out) == (2, "")
    assert f"x.csv {message}" in found.err


def test_json_holds_rows_summary_and_notes(tmp_path: Path) -> None:
    """Numbers are numbers, missing is null, flags are true and false."""
    import json

    told = json.loads(_chart(tmp_path, [1, "", 3, 2], "--chart", "i", "--format", "json").out)
    assert list(told) == ["rows", "summary", "notes"]
    assert (told["rows"][1]["y"], told["rows"][0]["y"], told["rows"][0]["include"]) == (None, 1, True)
    assert told["summary"]["rules"] == "anhoej"
