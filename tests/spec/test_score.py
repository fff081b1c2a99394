"""The golden cases of scoring: estimators, reliability against published values, what became of every response."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from aimline.scoring import reliability
from aimline.scoring.scales import mean_of
from schemas.examples import FAVORABLE_ITEMS, favorable_in_words
from tests.support.scored import DATA, instrument, needs_data, rows, score, whole

FIVE = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
SIX = ("Strongly Disagree", "Disagree", "Somewhat Disagree", "Somewhat Agree", "Agree", "Strongly Agree")
PEOPLE = "a,b,c,d\n5,4,2,\n4,,5,4\n2,3,4,\n5,5,,1\n3,,4,4\n1,2,,\n"
BFI = {
    "scale_a": ("-A1", "A2", "A3", "A4", "A5"),
    "scale_c": ("C1", "C2", "C3", "-C4", "-C5"),
    "scale_e": ("-E1", "-E2", "E3", "E4", "E5"),
    "scale_n": ("N1", "N2", "N3", "N4", "N5"),
    "scale_o": ("O1", "-O2", "O3", "O4", "-O5"),
}
# n_complete alpha omega n_scored mean sd pooled item_mean person_mean
BFI_TOLD = {
    "scale_a": (2709, 0.703756, 0.723984, 2797, 4.652973, 0.897554, 0.636717, 0.636740, 0.637212),
    "scale_c": (2707, 0.729277, 0.733793, 2796, 4.265755, 0.951510, 0.516457, 0.516508, 0.516565),
    "scale_e": (2713, 0.760933, 0.763408, 2797, 4.144703, 1.061072, 0.491655, 0.491564, 0.491533),
    "scale_n": (2694, 0.813303, 0.818293, 2796, 3.160891, 1.196156, 0.231817, 0.231802, 0.231593),
    "scale_o": (2726, 0.602546, 0.618070, 2796, 4.587488, 0.808426, 0.606845, 0.606870, 0.606491),
}
COLUMNS = (
    *("n_complete", "alpha", "omega", "n_scored", "scale_mean", "scale_sd"),
    *("favorable_pooled", "favorable_item_mean", "favorable_person_mean"),
)


def bfi(*, turned: bool = True) -> dict[str, Any]:
    """Return the questionnaire of the public personality items."""
    scales = {name: tuple(item if turned else item.lstrip("-") for item in mine) for name, mine in BFI.items()}
    return instrument(scales, [str(n) for n in range(1, 7)], hygiene="none")


@needs_data
def test_personality_items_meet_the_published_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Five scales of 2,800 people: complete cases, alpha, omega, means and all three estimators to a millionth."""
    code, out, err = score(tmp_path, bfi(), DATA / "bfi.csv.gz", capsys=capsys)
    assert (code, err) == (0, "")
    for row in rows(out):
        assert [float(row[name]) for name in COLUMNS] == pytest.approx(BFI_TOLD[row["scale_id"]], abs=1e-6)
    latent = [float(row["omega_polychoric"]) for row in rows(out)]
    assert latent == pytest.approx([0.7695, 0.7707, 0.7955, 0.8435, 0.6824], abs=1e-3)
    assert (rows(out)[0]["n_received"], rows(out)[0]["n_usable"]) == ("2800", "2796")


@needs_data
def test_items_that_are_not_turned_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without reversal alpha of the first scale falls to .4306, three turn negative, and A1 is named."""
    _, out, err = score(tmp_path, bfi(turned=False), DATA / "bfi.csv.gz", capsys=capsys)
    alphas = {row["scale_id"]: float(row["alpha"]) for row in rows(out)}
    assert alphas["scale_a"] == pytest.approx(0.4306, abs=5e-5)
    assert all(alphas[f"scale_{name}"] < 0 for name in "ceo")
    assert "wrong_sign: q_a1 runs against the rest of scale_a" in err


@needs_data
def test_item_rest_correlation_turns_with_the_item(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A1 agrees with the rest of its scale as much reversed as it disagrees raw."""
    told = []
    for turned in (True, False):
        _, out, _ = score(tmp_path, bfi(turned=turned), DATA / "bfi.csv.gz", "--level", "item", capsys=capsys)
        told.append(float(rows(out)[0]["item_rest_r"]))
    assert told == pytest.approx([0.3114, -0.3114], abs=5e-5)


@needs_data
def test_loadings_meet_the_published_values() -> None:
    """The loadings of the first scale, from its own correlations."""
    import numpy as np

    from aimline.commands._responses import read_responses
    from aimline.scoring.recode import recode
    from schemas.instruments import InstrumentFile

    form = InstrumentFile.model_validate(bfi())
    answers, _ = recode(form, read_responses(str(DATA / "bfi.csv.gz"), form, layout="wide", by=None).cells)
    first = answers.values[:, :5][answers.answered[:, :5].all(axis=1)]
    told = reliability.omega(np.asarray(first)).loadings
    assert told == pytest.approx((0.376956, 0.677845, 0.757087, 0.480753, 0.612879), abs=1e-6)


@needs_data
def test_what_became_of_every_response_of_the_course_survey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1,102 rows of a course survey, each with one disposition; the mean and the share between courses."""
    items = tuple(f"{'-' if n in {4, 7} else ''}Q1MaincellgroupRow{n}" for n in range(1, 11))
    keys = {"policy": "last_complete", "key": ["opdata_username", "opdata_CourseID"], "max_per_key": 5}
    form = instrument({"all_items": items}, FIVE, hygiene={"duplicates": keys})
    words = ("--by", "opdata_CourseID", "--json")
    code, out, _ = score(tmp_path, form, DATA / "dataedu_pre_survey.csv", *words, capsys=capsys)
    found = whole(out)
    assert code == 0
    assert {row["disposition"]: row["n_responses"] for row in found["accounting"]} == {
        "no_key": 2,
        "placeholder_key": 27,
        "key_repeats": 247,
        "blank": 140,
        "duplicate": 159,
        "straight_line": 1,
        "too_partial": 4,
        "usable": 522,
    }
    assert found["scales"][0]["scale_mean"] == pytest.approx(3.949840, abs=1e-6)
    assert found["scales"][0]["school_icc"] == pytest.approx(0.011217, abs=1e-6)


@needs_data
def test_teachers_before_and_after(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Question texts as columns, words as answers: 12 and 13 of 40 favorable, means 3.275 and 3.5."""
    texts = (DATA / "tntp_teacher_expectations_pre_post.csv").read_text(encoding="utf-8").splitlines()[0].split(",")[1:]
    columns = {f"q{n}": text for n, text in enumerate(texts)}
    form = instrument({"one": tuple(columns)}, SIX, columns=columns, hygiene="none")
    source = DATA / "tntp_teacher_expectations_pre_post.csv"
    _, out, _ = score(tmp_path, form, source, "--by", "timing", capsys=capsys)
    told = {row["by_value"]: row for row in rows(out)}
    shares = [(told[name]["n_favorable"], told[name]["n_valid"]) for name in ("Pre", "Post")]
    assert shares == [("12", "40"), ("13", "40")]
    figures = [float(told[name][column]) for name in ("Pre", "Post") for column in ("scale_mean", "scale_sd")]
    assert figures == pytest.approx([3.275, 0.877575, 3.5, 0.905232], abs=1e-6)


def test_six_people_by_three_estimators(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All answers alike, all items alike, all people alike: three shares of the same six people."""
    _, out, _ = score(tmp_path, instrument({"one": tuple("abcd")}, FIVE), PEOPLE, capsys=capsys)
    row = rows(out)[0]
    names = ("favorable_pooled", "favorable_item_mean", "favorable_person_mean", "scale_mean")
    assert [float(row[name]) for name in names] == pytest.approx([0.588235, 0.604167, 0.555556, 3.305556], abs=5e-7)
    assert (row["n_usable"], row["n_favorable"], row["n_valid"]) == ("6", "10", "17")


@pytest.mark.parametrize(
    ("items", "line", "scored"),
    [("abcd", "1,2,,", 1), ("abcd", "1,,,", 0), ("abcde", "1,2,3,,", 1), ("abcde", "1,2,,,", 0)],
)
def test_half_of_the_asked_items(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], items: str, line: str, scored: int
) -> None:
    """Two of four answers score, one does not; three of five do, two do not."""
    text = f"{','.join(items)}\n{line}\n"
    _, out, _ = score(tmp_path, instrument({"one": tuple(items)}, FIVE), text, capsys=capsys)
    assert int(rows(out)[0]["n_scored"]) == scored


def test_items_an_answer_did_not_call_for_are_not_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One of two asked items is enough, where the third was routed away."""
    form = instrument({"one": ("a", "b", "c")}, FIVE)
    form["items"][2]["present_if"] = {"item": "q_a", "in": [1, 2]}
    _, out, _ = score(tmp_path, form, "a,b,c\n5,,\n", "--level", "response", capsys=capsys)
    assert [rows(out)[0][name] for name in ("n_presented", "n_answered", "score")] == ["2", "1", "5"]


def test_three_choices_are_one_response(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A response with three choices is three rows of a long file, one response and no duplicate."""
    form = instrument({"one": ("a",)}, FIVE)
    form["items"].append(
        {"item_id": "tags", "options": "all_items", "multi": True, "scored": False, "text": {"en": "t"}}
    )
    text = "response_id,item_id,value\nr1,a,4\n" + "".join(f"r1,tags,{n}\n" for n in (1, 2, 3))
    _, out, _ = score(tmp_path, form, text, "--layout", "long", "--level", "accounting", capsys=capsys)
    assert rows(out) == [{"disposition": "usable", "n_responses": "1"}]


def test_unmapped_answers_stop_with_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Answers that are no option stop with exit 4 and item, text and count; allowed, they are skipped."""
    form = instrument({"one": ("a", "b")}, FIVE)
    code, out, err = score(tmp_path, form, "a,b\nOften,2\nOften,3\n", capsys=capsys)
    assert (code, out) == (4, "")
    assert "q_a: 'Often' (2)" in err
    _, out, _ = score(tmp_path, form, "a,b\nOften,2\nOften,3\n", "--allow-unmapped", capsys=capsys)
    assert rows(out)[0]["n_valid"] == "2"


def test_missing_columns_are_all_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without the column of an item names all that lack and all that are no item."""
    code, _, err = score(tmp_path, instrument({"one": tuple("abc")}, FIVE), "a,x,y\n1,2,3\n", capsys=capsys)
    assert code == 4
    assert "no column for b, c. Columns that are no item: x, y." in err


def test_answers_are_read_by_value_label_and_alias(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Value, words in any case and spacing, other spellings, and a whole number written with a point mean the same."""
    form = instrument({"one": ("a",)}, FIVE)
    form["option_sets"]["all_items"][3]["aliases"] = ["yes!"]
    _, out, _ = score(tmp_path, form, "a\n4\n4.0\n agree\nYES!\n", "--level", "item", capsys=capsys)
    assert rows(out)[0]["option_counts"] == "1:0|2:0|3:0|4:4|5:0"


@pytest.mark.parametrize(
    ("icc", "expected", "people"),
    [
        ("3/100", (0.236, 0.382, 0.481, 0.607, 0.756, 0.861), (76, 130)),
        ("1/20", (0.345, 0.513, 0.612, 0.725, 0.840, 0.913), (45, 76)),
        ("2/25", (0.465, 0.635, 0.723, 0.813, 0.897, 0.946), (27, 46)),
    ],
)
def test_reliability_of_a_school_mean(icc: str, expected: tuple[float, ...], people: tuple[int, int]) -> None:
    """Reliability by number of people, and the people for .70 and .80: exact, where floats ask one more."""
    told = [reliability.of_school_mean(n, float(Fraction(icc))) for n in (10, 20, 30, 50, 100, 200)]
    assert [round(each, 3) for each in told] == list(expected)
    goals = (Fraction(7, 10), Fraction(4, 5))
    assert tuple(reliability.people_for(goal, Fraction(icc)) for goal in goals) == people


def test_share_of_variance_between_schools() -> None:
    """Three schools: mean squares, usual size and share of variance to the printed digit."""
    found = reliability.between_schools({"a": [3, 4, 4, 5], "b": [2, 3, 3], "c": [4, 5, 5, 4, 5]})
    assert found is not None
    told = (found.between, found.within, found.usual_size, found.icc)
    assert told == pytest.approx((3.525, 0.429630, 3.916667, 0.647826), abs=1e-6)


def test_margin_shrinks_with_the_population(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody who was asked answered: the interval of the mean has no width."""
    _, out, _ = score(tmp_path, instrument({"one": tuple("abcd")}, FIVE), PEOPLE, "--eligible", "6", capsys=capsys)
    row = rows(out)[0]
    assert row["mean_low"] == row["mean_high"] == row["scale_mean"]


def test_order_of_the_people_changes_no_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shuffled rows give the same text, to the last digit."""
    head, *lines = PEOPLE.splitlines()
    form = instrument({"one": tuple("abcd")}, FIVE)
    told = [score(tmp_path, form, "\n".join([head, *order]) + "\n", capsys=capsys)[1] for order in (lines, lines[::-1])]
    assert told[0] == told[1]


def test_interval_of_eight_differences() -> None:
    """Mean, deviation and 95 % t interval of the differences of eight people, to the printed digit."""
    before = (3.0, 3.4, 2.8, 4.0, 3.6, 2.2, 3.2, 3.8)
    after = (3.4, 3.4, 3.2, 4.2, 3.4, 2.8, 3.6, 4.0)
    found = mean_of([two - one for one, two in zip(before, after, strict=True)])
    assert (found.mean, found.sd, found.low, found.high) == pytest.approx(
        (0.25, 0.256348, 0.035688, 0.464312), abs=1e-6
    )


def test_interval_shrinks_with_the_share_that_answered() -> None:
    """Of a finite population the interval is narrower by the root of (N - n) / (N - 1)."""
    scores = [1.0, 2.0, 3.0, 4.0]
    wide, narrow = mean_of(scores), mean_of(scores, 10)
    assert wide.high is not None
    assert narrow.high is not None
    assert (narrow.high - 2.5) / (wide.high - 2.5) == pytest.approx((6 / 9) ** 0.5)


def judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, form: dict[str, Any] | None = None
) -> list[str]:
    """Return the disposition of each response of a text with eight items."""
    scales = {"one": ("a", "-b", "c", "d", "e", "f", "g", "h")}
    written = form or instrument(scales, FIVE)
    _, out, _ = score(tmp_path, written, text, "--level", "response", capsys=capsys)
    return [row["disposition"] for row in rows(out)]


HEAD = "respondent_key,a,b,c,d,e,f,g,h,duration_seconds\n"


def test_a_key_that_comes_too_often_counts_for_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Five responses of one key leave one, six leave none."""
    row = "k,1,2,3,4,5,4,3,2,60\n"
    assert sorted(judged(tmp_path, capsys, HEAD + 5 * row)) == [*["duplicate"] * 4, "usable"]
    assert judged(tmp_path, capsys, HEAD + 6 * row) == ["key_repeats"] * 6


@pytest.mark.parametrize(
    ("answers", "disposition"),
    [("4,4,4,4,4,4,4,2", "straight_line"), ("3,1,4,4,4,4,4,4", "usable"), ("4,4,4,4,4,4,3,3", "usable")],
)
def test_a_straight_line_must_cross_a_reversed_item(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answers: str, disposition: str
) -> None:
    """Seven of eight alike across the reversed item are a line; six of eight are too few for one."""
    assert judged(tmp_path, capsys, f"{HEAD}k,{answers},60\n") == [disposition]


def test_a_line_beside_the_reversed_item_is_no_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Seven plain items alike after the reversed one may be meant."""
    form = instrument({"one": ("-a", "b", "c", "d", "e", "f", "g", "h")}, FIVE)
    assert judged(tmp_path, capsys, f"{HEAD}k,1,4,4,4,4,4,4,4,60\n", form) == ["usable"]


def test_less_than_a_second_an_answer_is_too_quick(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Eight answers in seven seconds are a speeder, in eight they are not."""
    text = f"{HEAD}k1,1,2,3,4,5,4,3,2,7\nk2,1,2,3,4,5,4,3,2,8\n"
    assert judged(tmp_path, capsys, text) == ["speeder", "usable"]


@pytest.mark.parametrize(
    ("policy", "kept"), [("last_complete", 2), ("first_complete", 0), ("most_complete", 1), ("keep_all", None)]
)
def test_which_of_several_responses_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], policy: str, kept: int | None
) -> None:
    """Of three complete ones and one that is not: the last, the first, the fullest, or all that are complete."""
    form = instrument(
        {"one": ("a", "-b", "c", "d", "e", "f", "g", "h")}, FIVE, hygiene={"duplicates": {"policy": policy}}
    )
    lines = ("1,2,3,4,5,,,", "1,2,3,4,5,4,3,2", "1,2,3,4,5,4,,", "1,2,,,,,,")
    told = judged(tmp_path, capsys, HEAD + "".join(f"k,{line},60\n" for line in lines), form)
    usable = [row for row, disposition in enumerate(told) if disposition == "usable"]
    assert usable == ([0, 1, 2] if kept is None else [kept])


def test_rows_without_an_id_follow_in_the_order_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sent at one instant, the tenth row is after the ninth; ids of its own are compared as texts."""
    form = instrument({"one": tuple("ab")}, FIVE, hygiene={"straight_line": None})
    head = "respondent_key,submitted_at,a,b"
    lines = [f"k{min(n, 9)},2026-10-05T10:00:00,1,{1 + n % 2}" for n in range(1, 11)]
    assert judged(tmp_path, capsys, "\n".join([head, *lines, ""]), form)[-2:] == ["duplicate", "usable"]
    named = "\n".join([f"response_id,{head}", *(f"{n},{line}" for n, line in enumerate(lines, 1)), ""])
    assert judged(tmp_path, capsys, named, form)[-2:] == ["usable", "duplicate"]


def test_a_file_with_other_cells_than_its_heading_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row that cannot be read is one of the rows received."""
    form = instrument({"one": tuple("abcd")}, FIVE)
    _, out, _ = score(tmp_path, form, "a,b,c,d\n1,2,3\n1,2,3,4\n", "--level", "accounting", capsys=capsys)
    assert rows(out) == [
        {"disposition": "unreadable", "n_responses": "1"},
        {"disposition": "usable", "n_responses": "1"},
    ]


def test_a_wrong_instrument_is_told_by_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An item of a scale that is none, and favorable options nobody gave, are told with file, line and column."""
    form = instrument({"one": tuple("ab")}, FIVE)
    form["scales"][0]["items"] += ["q_nine", "q_c"]
    code, _, err = score(tmp_path, form, "a,b\n1,2\n", capsys=capsys)
    assert code == 2
    assert "form.yml:" in err
    assert "scales[0].items[2]: 'q_nine' is not an item. Items: q_a, q_b." in err
    assert "scales[0].items[3]: 'q_c' is not an item. Items: q_a, q_b." in err


def test_every_printed_key_of_an_instrument_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Crosswalk, comparability, anchors, license and slow answers may be declared."""
    crossing = {"from": {"edition": "2024", "item_id": "bel_a"}, "to": "q_a", "match": "exact"}
    form = instrument({"one": tuple("ab")}, FIVE, license="district_owned", crosswalk=[crossing])
    form |= {"comparability": {"window_days": 21}, "anchors": {"alpha": [0.70, 0.86], "icc": [0.03, 0.08]}}
    form |= {"hygiene": {"speed": {"min_seconds_per_item": 1.0, "slow_share_of_median": 0.30, "slow_action": "flag"}}}
    code, out, err = score(tmp_path, form, "a,b\n1,2\n", capsys=capsys)
    assert (code, rows(out)[0]["n_usable"]) == (0, "1")
    assert err == "one: alpha none; published 0.70 to 0.86\n"


@pytest.mark.parametrize(
    ("anchor", "told"), [([0.3, 0.5], "0.78, above it"), ([0.7, 0.8], "0.78"), ([0.85, 0.9], "0.78, below it")]
)
def test_what_was_published_stands_beside_ours(
    anchor: list[float], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Alpha of four people is 2 (1 - (5/3 + 11/12) / 4.25) = 0.784; a line says where that lies, JSON has both ends."""
    form = instrument({"one": tuple("ab")}, FIVE) | {"anchors": {"alpha": anchor, "icc": [0.03, 0.08]}}
    text = "a,b\n1,1\n2,3\n3,2\n4,3\n"
    code, out, err = score(tmp_path, form, text, "--json", capsys=capsys)
    published = " to ".join(f"{end:.2f}" for end in anchor)
    assert (code, err) == (0, f"one: alpha {told}; published {published}\n")
    assert json.loads(out)["instrument"]["anchors"] == {"alpha": anchor, "icc": [0.03, 0.08]}


@pytest.mark.parametrize(
    ("words", "text", "code", "told"),
    [
        ((), "a,a,b\n1,2,3\n", 4, "more than one column is named a."),
        (("--layout", "long"), "response_id,item_id,value\nr,a,1\nr,a,2\n", 4, "two different answers to q_a."),
        ((), "response_id,a,b\nx,1,2\ny,1,2\nx,2,2\n", 4, ":4: the response_id of line 2 stands here again."),
        ((), "duration_seconds,a,b\n3:20,1,2\n", 4, ":2: duration_seconds '3:20' is no number of seconds."),
        ((), "duration_seconds,a,b\n-3,1,2\n", 4, ":2: duration_seconds '-3' is no number of seconds."),
        (
            (),
            "respondent_key,submitted_at,a,b\nk,9/14/2026 10:00,1,2\n",
            4,
            ":2: submitted_at '9/14/2026 10:00' is no date and time.",
        ),
        (("--eligible", "1"), "a,b\n1,2\n3,4\n", 2, "2 responses are usable and only 1 people were asked."),
        ((), "a,b\n9,2\n", 4, "1 answer is no option of the item:\nq_a: '9' (1)"),
        (("--by", "room"), "a,b\n1,2\n", 2, "has no column 'room'. Columns: a, b."),
        (("--by", "room"), "a,b,room,room\n1,2,x,y\n", 4, "more than one column is named room."),
        ((), "response_id,response_id,a,b\n1,2,3,4\n", 4, "more than one column is named response_id."),
        (("--layout", "long"), "response_id,item_id,value,value\nr,a,1,2\n", 4, "more than one column is named value."),
        ((), 'a,b\n1,2\n"3,4\n5,1\n', 2, ":3: a quote opens and never closes."),
        ((), 'a,b\n1,"2\n5,1', 2, ":2: a quote opens and never closes."),
    ],
)
def test_a_file_that_says_two_things_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], text: str, code: int, told: str
) -> None:
    """Two columns of one name, two answers to one item, more answers than people asked: no guess is made."""
    found = score(tmp_path, instrument({"one": ("a", "b")}, FIVE), text, *words, capsys=capsys)
    assert (found[0], found[1]) == (code, "")
    assert told in found[2]


@pytest.mark.parametrize(("text", "n"), [("a,b,c\n", 0), ("a,b,c\n5,4,3\n", 1), ("a,b,c\n3,3,3\n3,3,3\n", 2)])
def test_too_few_or_equal_people_leave_cells_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, n: int
) -> None:
    """Nobody, one person, or people without differences have no reliability: empty cells, never a division by zero."""
    code, out, _ = score(tmp_path, instrument({"one": tuple("abc")}, FIVE), text, capsys=capsys)
    row = rows(out)[0]
    assert (code, row["n_scored"]) == (0, str(n))
    assert {row[name] for name in ("alpha", "omega", "omega_polychoric", "school_icc", "reliability")} == {""}


def test_items_that_pages_print_are_scored_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The four items that pages name beside percent favorable: pooled .671429, mean of items .6375, as they say."""
    columns = [["5"] * hits + ["1"] * (of - hits) + [""] * (100 - of) for hits, of in FAVORABLE_ITEMS]
    text = "a,b,c,d\n" + "".join(",".join(row) + "\n" for row in zip(*columns, strict=True))
    _, out, _ = score(tmp_path, instrument({"one": tuple("abcd")}, FIVE, hygiene="none"), text, capsys=capsys)
    [row] = rows(out)
    told = [float(row[name]) for name in ("favorable_pooled", "favorable_item_mean")]
    assert told == pytest.approx([0.671429, 0.6375], abs=1e-6)
    assert "67% of all answers, 64% as a mean of items" in favorable_in_words()
