"""The golden cases of comparing groups: ratio, gap, intervals, and what a change is made of."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from aimline.scoring.change import hedges_g
from aimline.scoring.equity import (
    Share,
    between_variance,
    equity_rows,
    gap,
    gap_change,
    ratio,
    split,
    split_rows,
    wilson,
)
from aimline.scoring.screens import Moments, Screen, score_rows, screened, standardized
from aimline.warehouse import connect

NYS = {2018: (Share(1514, 6081), Share(448, 2871)), 2022: (Share(3053, 5750), Share(607, 2301))}


def near(found: Any, told: tuple[float, ...], digits: int) -> None:
    """Compare the numbers of an estimate with printed ones."""
    assert [round(each, digits) for each in (found.value, found.low, found.high)] == list(told)


def test_a_group_beside_all_others() -> None:
    """12 of 60 beside 30 of 300: ratio, gap and Wilson interval as printed."""
    group, others = Share(12, 60), Share(30, 300)
    near(ratio(group, others), (2.0, 1.087, 3.679), 3)
    near(gap(group, others), (0.10, 0.00938, 0.22135), 5)
    assert [round(end, 5) for end in wilson(group)] == [0.11829, 0.31782]
    assert [round(end, 5) for end in wilson(Share(0, 20))] == [0, 0.16113]
    alternate = ratio(group, Share(900, 12000))
    assert (round(alternate.value or 0, 4), round(alternate.low or 0, 3), round(alternate.high or 0, 3)) == (
        *(2.6667, 1.601, 4.441),
    )


def test_nobody_hit_on_one_side() -> None:
    """No hits in the reference: no ratio and a reason; no hits in the group: 0, bounded above."""
    assert ratio(Share(3, 30), Share(0, 100)).reason == "zero_reference"
    assert ratio(Share(3, 30), Share(0, 100)).value is None
    none = ratio(Share(0, 30), Share(10, 100))
    assert (none.value, none.low) == (0, 0)
    assert none.high is not None
    assert 0 < none.high < 10


def test_a_change_is_rates_and_mix() -> None:
    """Two groups whose rates fell while the worse one grew: the whole rose, all of it by composition."""
    before, after = (
        {"a": Share(105, 700), "b": Share(105, 300)},
        {"a": Share(870, 6000), "b": Share(1360, 4000)},
    )
    told = split(before, after)
    assert (told.before, told.after) == pytest.approx((0.210, 0.223))
    assert (told.rate, told.mix) == pytest.approx((-0.00675, 0.01975), abs=1e-12)
    assert told.rate + told.mix == pytest.approx(told.after - told.before, abs=1e-12)
    assert between_variance(list(after.values())) == pytest.approx(0.009126, abs=5e-7)


def test_a_group_of_one_year_alone_is_all_mix() -> None:
    """A group that was not there before changes the whole by its size, never by its rate."""
    told = split({"a": Share(10, 100)}, {"a": Share(10, 100), "new": Share(50, 100)})
    assert told.rate == 0
    assert told.mix == pytest.approx(0.2)


def test_a_state_file_by_subtraction(shared_data: Path) -> None:
    """One district's disadvantaged students beside the rest, both years from the file: ratios, intervals, split."""
    assert {year: _of_file(shared_data, year) for year in NYS} == NYS
    near(ratio(*NYS[2018]), (1.5955, 1.4500, 1.7556), 4)
    near(ratio(*NYS[2022]), (2.0127, 1.8721, 2.1640), 4)
    told = split(*({"poor": NYS[year][0], "rest": NYS[year][1]} for year in (2018, 2022)))
    numbers = (told.before, told.after, told.rate, told.mix)
    assert [round(each, 6) for each in numbers] == [0.219169, 0.454602, 0.229148, 0.006285]


def _of_file(shared_data: Path, year: int) -> tuple[Share, Share]:
    """Read the counts of the district as the file has them; the rest by subtraction."""
    path = shared_data / "chronic_absence_nys" / "district_subgroup_2018_2022.parquet"
    with connect(role="memory") as connection:
        rows = connection.rows(
            "select subgroup as name, combined_absent_count as hits, combined_enrollment as people "
            f"from read_parquet('{path}') where entity_cd = '010100010000' and year = {year} "
            "and subgroup in ('All Students', 'Economically Disadvantaged')"
        )
    held = {row["name"]: Share(int(row["hits"]), int(row["people"])) for row in rows}
    group = held["Economically Disadvantaged"]
    return group, held["All Students"].without(group)


def test_a_gap_says_who_moved_it() -> None:
    """A gap that closes because the others got worse is told apart from one that closes because the group gained."""
    start = (Share(40, 100), Share(20, 100))
    assert gap_change(start, (Share(30, 100), Share(20, 100))).reason == "group improved"
    assert gap_change(start, (Share(40, 100), Share(30, 100))).reason == "reference worsened"
    assert gap_change(start, (Share(30, 100), Share(25, 100))).reason == "group improved, reference worsened"
    assert gap_change(start, (Share(30, 100), Share(20, 100)), fewer_is_better=False).reason == "group worsened"
    found = gap_change(start, (Share(30, 100), Share(20, 100)))
    ends = [gap(*start), gap(Share(30, 100), Share(20, 100))]
    assert found.value == pytest.approx(-0.1)
    assert found.low is not None
    assert found.high is not None
    wide = sum(((each.high or 0) - (each.low or 0)) for each in ends)
    assert found.low < -0.1 < found.high
    assert found.high - found.low < wide


def counts(year: int, groups: dict[str, tuple[int, int]], reference: str, **key: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of one unit and year."""
    whole = [sum(each[place] for each in groups.values()) for place in (0, 1)]
    named = {"measure_id": "chronic_absence", "profile_id": "fl", "school_year": year, "period_kind": "year"}
    named |= {"period_id": str(year), "unit_type": "school", "unit_id": "0101", "group_set_id": "el"}
    named |= {"subject_id": "", "estimator": "", "reference": reference, **key}
    ends = {"all_numerator": whole[0], "all_denominator": whole[1]}
    ends |= {"district_numerator": 300, "district_denominator": 3000}
    for name, (hits, of) in groups.items():
        yield named | ends | {"group_id": name, "numerator": hits, "denominator": of}


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("all_others", {"el": ("all_others", 30, 300), "not_el": ("all_others", 12, 60)}),
        ("not_el", {"el": ("not_el", 30, 300)}),
        ("best", {"el": ("not_el", 30, 300)}),
        ("district", {"el": ("district", 300, 3000), "not_el": ("district", 300, 3000)}),
    ],
)
def test_what_a_group_is_compared_with(reference: str, told: dict[str, tuple[str, int, int]]) -> None:
    """All others by subtraction, a named group, the best one, or the district; a group is not its own reference."""
    rows = list(equity_rows(counts(2027, {"el": (12, 60), "not_el": (30, 300)}, reference)))
    names = ("reference_id", "reference_numerator", "reference_denominator")
    assert {row["group_id"]: tuple(row[name] for name in names) for row in rows} == told


def test_years_are_compared_with_the_year_before() -> None:
    """The gap's change and the split stand in the later year; a missing year between two leaves both out."""
    groups = {"el": (12, 60), "not_el": (30, 300)}
    rows = [row for year in (2024, 2026, 2027) for row in counts(year, groups, "all_others")]
    told = {(row["school_year"], row["group_id"]): row.get("gap_change") for row in equity_rows(rows)}
    assert {place for place, change in told.items() if change is not None} == {(2027, "el"), (2027, "not_el")}
    (row,) = split_rows(rows)
    assert (row["from_year"], row["to_year"], row["rate"], row["mix"]) == (2026, 2027, 0, 0)


@pytest.mark.parametrize(
    ("ratios", "told"),
    [
        ((2.5, 2.4, 2.3), "above"),
        ((2.5, 2.4, 2.25), "above"),
        ((2.7, 2.5, 2.3), "above_but_progress"),
        ((2.6, 2.4, 2.0), "not"),
        ((None, 2.4, 2.3), "not_enough_data"),
        ((2.4, 2.3), "not_enough_data"),
        ((9.0, 2.0, 2.7, 2.5, 2.3), "above_but_progress"),
    ],
)
def test_three_years_above_a_states_threshold(ratios: tuple[float | None, ...], told: str) -> None:
    """Above in three years in a row, unless each of the two steps was the progress the state asks for."""
    assert screened(ratios, Screen(2.0, 0.2)) == told


def test_a_small_reference_gives_way_to_the_state() -> None:
    """Where all others at home are too few, the ratio to the declared others of the state stands beside, as printed."""
    state = '[{"measure": "chronic_absence", "year": 2027, "group": "el", "numerator": 900, "denominator": 12000}]'
    small = {"el": (12, 60), "not_el": (3, 25)}
    told = {row["group_id"]: row for row in equity_rows(counts(2027, small, "all_others", state_json=state))}
    ends = [told["el"][name] for name in ("alternate_ratio", "alternate_low", "alternate_high")]
    assert ends == pytest.approx([2.6667, 1.601, 4.441], abs=5e-4)
    assert "alternate_ratio" not in told["not_el"]
    (row, _) = equity_rows(counts(2027, {"el": (12, 60), "not_el": (30, 300)}, "all_others", state_json=state))
    assert "alternate_ratio" not in row


def test_a_declared_rule_screens_the_third_year() -> None:
    """Two years are not enough; the third is judged; a set without a rule is not screened."""
    rule = '{"threshold": "3/2", "reasonable_progress": "1/10"}'
    groups = {"el": (12, 60), "not_el": (30, 300)}
    rows = [row for year in (2025, 2026, 2027) for row in counts(year, groups, "all_others", screen_json=rule)]
    told = [row["screen"] for row in equity_rows(rows) if row["group_id"] == "el"]
    assert told == ["not_enough_data", "not_enough_data", "above"]
    assert "screen" not in next(equity_rows(counts(2027, groups, "all_others")))


def sums(group: str, scores: tuple[int, ...]) -> dict[str, Any]:
    """Return the sums of a group's scores, in sixtieths."""
    place = {"school_year": 2027, "window_id": "w", "scale_id": "s", "unit_type": "district", "unit_id": "d"}
    told = {"n_people": len(scores), "parts": 60, "score_parts": sum(60 * each for each in scores)}
    told |= {"score_part_squares": sum((60 * each) ** 2 for each in scores), "group_id": group}
    return place | told | {"group_set_id": "all" if group == "all" else "el"}


def test_scores_of_a_group_beside_all_others() -> None:
    """Hedges' g of a group and of everybody without it, by subtraction of sums, is that of the scores themselves."""
    group, others = (2, 3, 3, 4), (4, 4, 5, 3, 5)
    (row,) = score_rows([sums("all", group + others), sums("el", group)])
    assert row["gap"] == pytest.approx(3 - 4.2)
    assert row["standardized"] == pytest.approx(hedges_g(others, group), abs=1e-12)
    assert standardized(Moments(1, Fraction(3), Fraction(9)), Moments(1, Fraction(3), Fraction(9))) is None
