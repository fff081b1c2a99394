"""The golden cases of weights, margins and change between waves, through ``aimline score``."""

from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from aimline.scoring import change, weights
from aimline.scoring.weighing import weighted_rows
from tests.support.scored import DATA, instrument, needs_data, rows, score, whole

FIVE = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
SIX = ("Strongly Disagree", "Disagree", "Somewhat Disagree", "Somewhat Agree", "Agree", "Strongly Agree")
CELLS = {("6", "el"): (4, 1), ("6", "not"): (16, 10), ("7", "el"): (2, 1), ("7", "not"): (18, 12)}
CELLS |= {("8", "el"): (6, 3), ("8", "not"): (14, 9)}
MARGINS = (weights.Margin("grade", {"6": 70, "7": 60, "8": 70}), weights.Margin("el", {"el": 60, "not": 140}))
TOLD = "margin,level,n\ngrade,6,70\ngrade,7,60\ngrade,8,70\nel,el,60\nel,not,140\n"
BEFORE = (3.0, 3.4, 2.8, 4.0, 3.6, 2.2, 3.2, 3.8)
AFTER = (3.4, 3.4, 3.2, 4.2, 3.4, 2.8, 3.6, 4.0)


def people() -> list[tuple[str, ...]]:
    """Return the sample of 60, a level of each margin a person."""
    return [cell for cell, (n, _) in CELLS.items() for _ in range(n)]


def wave(scores: tuple[float, ...], *, day: str = "2025-10-06", first: int = 0) -> str:
    """Write a wave of people with five answers each, whose means are ``scores``."""
    lines = ["respondent_key,submitted_at,a,b,c,d,e"]
    for number, mean in enumerate(scores, first):
        total = round(mean * 5)
        answers = [total // 5 + (place < total % 5) for place in range(5)]
        lines.append(",".join([f"p{number}", f"{day}T10:00:00", *map(str, answers)]))
    return "\n".join(lines) + "\n"


def changes(
    folder: Path, capsys: pytest.CaptureFixture[str], texts: tuple[str, str], *words: str, **rest: Any
) -> dict[str, dict[str, Any]]:
    """Return what is told of two waves, by what is compared."""
    earlier = folder / "earlier.csv"
    earlier.write_text(texts[0], encoding="utf-8")
    form = instrument({"one": tuple("abcde")}, FIVE, **{"hygiene": {"straight_line": None}, **rest})
    told = ("--earlier", str(earlier), "--level", "change", "--json", *words)
    code, out, err = score(folder, form, texts[1], *told, capsys=capsys)
    assert (code, err) == (0, "")
    return {row["compares"]: row for row in whole(out)["changes"]}


def test_raking_meets_the_golden_case() -> None:
    """Grade and English learners of 200 from 60 answers: weights, design effect, and the weighted share."""
    found = weights.rake(people(), MARGINS)
    by_cell = dict(zip(people(), found.values, strict=True))
    expected = (5.22722, 3.06819, 4.77503, 2.80277, 4.92351, 2.88993)
    assert [by_cell[cell] for cell in CELLS] == pytest.approx(expected, abs=1e-5)
    assert (found.deff, found.n_effective) == pytest.approx((1.06393, 56.395), abs=1e-3)
    share = weights.weighted_share([(by_cell[cell], liked, n) for cell, (n, liked) in CELLS.items()])
    assert share == pytest.approx(0.575487, abs=1e-6)


def test_clipped_weights_say_what_they_miss() -> None:
    """Held to 1.5 means, two cells stand at 5 and the margins are missed by 0.00036."""
    found = weights.rake(people(), MARGINS, (0.3, 1.5))
    by_cell = dict(zip(people(), found.values, strict=True))
    learners = [by_cell[grade, "el"] for grade in ("6", "7", "8")]
    assert learners == pytest.approx((5.0, 4.98926, 5.0), abs=1e-5)
    assert found.margin_error == pytest.approx(0.00036, abs=5e-6)


def test_margins_that_nothing_meets_give_no_weights() -> None:
    """Margins of different people cannot both be met: no weights, and the reason."""
    odd = (MARGINS[0], weights.Margin("el", {"el": 60, "not": 150}))
    assert weights.rake(people(), odd) == weights.Weights(why_not="raking_did_not_converge")


def test_small_levels_go_with_the_next() -> None:
    """Fewer than ten answers join the next level until ten are there; what is left at the end joins the one before."""
    margin = weights.Margin("grade", {"3": 5, "4": 5, "5": 5, "6": 5})
    told = weights.joined(margin, Counter({"3": 4, "4": 7, "5": 12, "6": 9}))
    assert told == {"3": "4", "4": "4", "5": "5", "6": "5"}


@pytest.mark.parametrize(
    ("n_eligible", "n", "half"), [(40, 20, 0.1569), (120, 60, 0.0898), (120, 102, 0.0377), (400, 340, 0.0206)]
)
def test_margin_of_a_share(n_eligible: int, n: int, half: float) -> None:
    """The margin of a half shrinks with the share of those asked that answered."""
    assert weights.margin_of_error(0.5, n, n_eligible) == pytest.approx(half, abs=5e-5)


def test_a_file_is_weighed_by_a_file_of_margins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unweighted figures stay; weighted ones, what they cost and what they miss stand beside them."""
    answers = [
        f"{grade},{el},{4 if number < liked else 2}" for (grade, el), (n, liked) in CELLS.items() for number in range(n)
    ]
    (tmp_path / "margins.csv").write_text(TOLD, encoding="utf-8")
    form = instrument({"one": ("a",)}, FIVE, hygiene="none")
    words = ("--margins", str(tmp_path / "margins.csv"))
    code, out, _ = score(tmp_path, form, "\n".join(["grade,el,a", *answers]) + "\n", *words, capsys=capsys)
    [row] = rows(out)
    told = [float(row[name]) for name in ("favorable_pooled", "weighted_pooled", "deff", "n_effective")]
    assert (code, told) == (0, pytest.approx([0.6, 0.575487, 1.06393, 56.395], abs=1e-3))
    assert float(row["weighted_mean"]) == pytest.approx(2 + 2 * 0.575487, abs=2e-6)
    assert float(row["weighted_margin"]) == pytest.approx(weights.margin_of_error(0.575487, 56.39466, 200), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("margin,level\ngrade,6\n", "no column n"),
        (TOLD + "el,other,5\n", "different people: grade 200, el 205"),
        ("margin,level,n\ngrade,6,0\n", "line 2: margin 'grade' cannot be read"),
        ("margin,level,n\ngrade,6,70\n", "knows no level for 1 of 2 scored responses"),
        ("margin,level,n\nsex,f,70\n", "no column 'sex'"),
    ],
)
def test_odd_margins_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str) -> None:
    """A file of margins that nobody can weigh by is refused with the reason."""
    (tmp_path / "margins.csv").write_text(text, encoding="utf-8")
    form = instrument({"one": ("a",)}, FIVE, hygiene="none")
    words = ("--margins", str(tmp_path / "margins.csv"))
    code, _, err = score(tmp_path, form, "grade,el,a\n6,el,4\n7,not,2\n", *words, capsys=capsys)
    assert (code, told in err) == (2, True), err


def test_eight_people_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same eight people, and as if they were others: change, deviation and both intervals as printed."""
    told = changes(tmp_path, capsys, (wave(BEFORE), wave(AFTER, day="2026-10-05")))
    same, others = told["matched"], told["cross_section"]
    names = ("change", "change_sd", "change_low", "change_high")
    assert [same[name] for name in names] == pytest.approx([0.25, 0.256348, 0.035688, 0.464312], abs=1e-6)
    assert [others[name] for name in names[2:]] == pytest.approx([-0.308169, 0.808169], abs=1e-6)
    assert (same["n_after"], same["share_before"], same["grade"], same["broken"]) == (8, 1, "A", "")
    assert same["not_known"] == "overlap|response_gap"


def test_people_of_one_wave_are_not_matched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of eight and eight people six answered twice: matched are these alone, with their part of each wave."""
    told = changes(tmp_path, capsys, (wave(BEFORE), wave(AFTER, first=2)))
    assert [told["matched"][name] for name in ("n_before", "n_after", "share_before")] == [6, 6, 0.75]
    assert told["cross_section"]["n_before"] == 8


@needs_data
def test_teachers_without_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten answers before and ten after, and nobody knows whose: the cross-section alone, as printed."""
    head, *lines = (DATA / "tntp_teacher_expectations_pre_post.csv").read_text(encoding="utf-8").splitlines()
    files = {name: "\n".join([head, *(each for each in lines if each.startswith(name))]) for name in ("Pre", "Post")}
    (tmp_path / "pre.csv").write_text(files["Pre"], encoding="utf-8")
    columns = {f"q{n}": text for n, text in enumerate(head.split(",")[1:])}
    form = instrument({"one": tuple(columns)}, SIX, columns=columns, hygiene="none")
    words = ("--earlier", str(tmp_path / "pre.csv"), "--level", "change")
    _, out, _ = score(tmp_path, form, files["Post"] + "\n", *words, capsys=capsys)
    same, others = rows(out)
    told = [float(others[name]) for name in ("hedges_g", "change_low", "change_high")]
    assert told == pytest.approx([0.241717, -0.612687, 1.062687], abs=1e-6)
    assert (same["refused"], same["change"], others["grade"]) == ("no_keys", "", "A")
    assert change.small_sample(18) == pytest.approx(0.957746, abs=1e-6)


def known(**rest: Any) -> change.Compared:
    """Return two waves that differ in nothing, but for ``rest``."""
    same = {"is_same_mode": True, "is_same_grades": True, "is_same_population": True, "is_same_options": True}
    near = {"days_apart": 21, "overlap": Fraction(7, 10), "response_gap": Fraction(1, 10)}
    return change.Compared(**{"n_exact": 5, "n_items": 5, **same, **near, **rest})


@pytest.mark.parametrize(
    ("rest", "letter"),
    [
        ({}, "A"),
        ({"days_apart": 22}, "B"),
        ({"overlap": Fraction(69, 100)}, "B"),
        ({"response_gap": Fraction(11, 100)}, "B"),
        ({"n_exact": 4}, "B"),
        ({"n_exact": 4, "is_same_mode": False}, "C"),
        ({"n_exact": 0}, "D"),
        ({"is_same_options": False}, "D"),
        ({"is_same_population": False}, "D"),
    ],
)
def test_grade_counts_what_is_broken(rest: dict[str, Any], letter: str) -> None:
    """None broken is A, one B, more C; without an exact item, other options or other people nothing is compared."""
    assert change.grade(known(**rest), change.Limits()).letter == letter


def test_nobody_is_matched_where_all_are_anonymous(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for the same people in anonymous waves, the comparison is refused; the cross-section is not."""
    told = changes(tmp_path, capsys, (wave(BEFORE), wave(AFTER)), mode="anonymous")
    assert [(row["grade"], row["refused"]) for row in told.values()] == [("D", "anonymous"), ("A", "")]


def test_another_edition_is_compared_by_its_exact_items(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of five items two went on unchanged: both waves are scored anew on these two."""
    crossed = [
        {"from": {"edition": "0", "item_id": f"q_{name}"}, "to": f"q_{name}", "match": match}
        for name, match in (("a", "exact"), ("b", "exact"), ("c", "reworded"))
    ]
    (tmp_path / "old").mkdir()
    former = instrument({"one": tuple("abcde")}, FIVE, edition="0", hygiene={"straight_line": None})
    score(tmp_path / "old", former, wave(BEFORE), capsys=capsys)
    words = ("--earlier-instrument", str(tmp_path / "old" / "form.yml"))
    told = changes(tmp_path, capsys, (wave(BEFORE), wave(AFTER)), *words, crosswalk=crossed)["cross_section"]
    assert (told["items"], told["n_items"], told["grade"], told["broken"]) == ("common items", 2, "B", "items")
    assert told["mean_before"] == pytest.approx((3 + 4 + 3 + 4 + 4 + 2.5 + 3.5 + 4) / 8)


def test_a_change_needs_a_wave_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for a change of one wave, nothing is made up."""
    form = instrument({"one": tuple("abcde")}, FIVE)
    code, _, err = score(tmp_path, form, wave(AFTER), "--level", "change", capsys=capsys)
    assert (code, "--earlier" in err) == (2, True)


def test_odd_responses_can_be_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A flagged response that is kept counts; without the flagged, the figures are those of the others."""
    text = "duration_seconds,a,b,c,d,e\n60,4,3,4,4,3\n2,1,1,2,1,1\n60,4,5,4,4,5\n"
    form = instrument({"one": tuple("abcde")}, FIVE, hygiene={"speed": {"action": "flag"}})
    told = [rows(score(tmp_path, form, text, *words, capsys=capsys)[1])[0] for words in ((), ("--without-flagged",))]
    assert [(row["n_usable"], row["n_scored"]) for row in told] == [("3", "3"), ("3", "2")]
    assert float(told[1]["scale_mean"]) == pytest.approx(4.0)


def test_usual_times_are_those_of_a_stage_of_school(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Forty seconds are far below the median of the young, and usual among the old."""
    lines = [f"{grade},{seconds},4,4,4,4,4" for grade, seconds in (("3", 200), ("3", 200), ("3", 40), ("9", 40))]
    form = instrument({"one": tuple("abcde")}, FIVE)
    text = "\n".join(["grade,duration_seconds,a,b,c,d,e", *lines]) + "\n"
    _, out, _ = score(tmp_path, form, text, "--level", "response", capsys=capsys)
    assert [row["flags"] for row in rows(out)] == ["", "", "far_below_median_time", ""]


def cells() -> list[dict[str, Any]]:
    """Return the golden sample as the warehouse has it: cells of those asked, and of those scored on a scale of two."""
    totals = {("6", "el"): 20, ("6", "not"): 50, ("7", "el"): 20, ("7", "not"): 40, ("8", "el"): 20, ("8", "not"): 50}
    asked = [{"scale_id": "", "levels": list(cell), "n_people": n} for cell, n in totals.items()]
    scored = [
        {"scale_id": "s", "levels": list(cell), "n_people": n, "n_favorable": liked, "n_answers": n, "parts": 2}
        | {"score_parts": 2 * (2 * n + 2 * liked), "score_part_squares": 4 * (4 * (n - liked) + 16 * liked)}
        for cell, (n, liked) in CELLS.items()
    ]
    return [{"slot": "w.2027", "school_id": "0101", **row} for row in asked + scored]


def test_cells_of_the_warehouse_are_weighed_alike() -> None:
    """From cells the weighted share is the golden one, the mean goes with it; one school is the whole district."""
    told = {(row["unit_type"], row["measure_id"]): row for row in weighted_rows(cells())}
    for unit in ("district", "school"):
        share, mean = told[unit, "percent_favorable"], told[unit, "scale_mean"]
        assert (share["value"], share["n_effective"]) == pytest.approx((0.575487, 56.395), abs=1e-3)
        assert share["half_width"] == pytest.approx(weights.margin_of_error(0.575487, 56.39466, 200), abs=1e-6)
        assert mean["value"] == pytest.approx(2 + 2 * 0.575487, abs=2e-6)
    assert {row["why_not"] for row in told.values()} == {None}


def test_a_key_of_several_answers_is_matched_with_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where all responses count, a key that came twice is no one person's: only the others are matched."""
    twice = wave(AFTER) + wave(AFTER[:1]).splitlines()[1] + "\n"
    rules = {"duplicates": {"policy": "keep_all"}, "straight_line": None}
    told = changes(tmp_path, capsys, (wave(BEFORE), twice), hygiene=rules)
    assert (told["matched"]["n_after"], told["cross_section"]["n_after"]) == (7, 9)
