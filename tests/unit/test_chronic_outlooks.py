"""Chronic absence of a year from its students: what last year teaches, and the rows of the warehouse."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from aimline.signals.chronic import Assumed, Past, Students, days_needed, learned, learned_shift, outlook
from aimline.signals.chronic_outlooks import chronic_outlooks
from aimline.signals.outlooks import OUTLOOK_COLUMNS

N = 4000


def past(weight: float, spread: float, seed: int = 7) -> Past:
    """Return students whose rest of the year leans on their days so far as a weight says, and varies beyond chance."""
    rng = np.random.default_rng(seed)
    member, rest = np.full(N, 70.0), np.full(N, 110.0)
    own = rng.beta(0.07 * weight, 0.93 * weight, N)
    absent = rng.binomial(70, own).astype(float)
    size = (1 - spread) / spread
    later = rng.beta(own * size, (1 - own) * size)
    return Past(absent, member, rng.binomial(110, later).astype(float), rest)


@pytest.mark.parametrize("weight", [10.0, 40.0])
def test_the_weight_of_the_school_is_that_of_last_year(weight: float) -> None:
    """The moments find the weight that the students were drawn with."""
    found = learned(past(weight, 0.02), Assumed())
    assert found.weight == pytest.approx(weight, rel=0.35)


def test_more_spread_in_the_rest_of_the_year_is_more_overdispersion() -> None:
    """What varies beyond chance grows with how it was drawn."""
    assert learned(past(20.0, 0.15), Assumed()).overdispersion > learned(past(20.0, 0.02), Assumed()).overdispersion


def test_few_students_of_last_year_teach_nothing() -> None:
    """Below two hundred of them what was assumed stands."""
    few = Past(*(each[:150] for each in (past(20.0, 0.1).absent, np.full(N, 70.0), np.full(N, 5.0), np.full(N, 110.0))))
    assert learned(few, Assumed()) == Assumed()


@pytest.mark.parametrize(("is_above", "needed"), [(False, 8), (True, 9)])
def test_a_definition_of_more_than_a_share_needs_a_day_more(is_above: bool, needed: int) -> None:
    """Of 180 days, 18 are a tenth: with ten missed, eight make a tenth and nine more than one."""
    students = Students(np.array([10.0]), np.array([80.0]), np.array([100.0]))
    assert days_needed(students, Fraction(1, 10), is_above=is_above)[0] == needed


def columns(**changed: Any) -> dict[str, Any]:
    """Return this year's students of two schools and last year's, as the warehouse holds them."""
    rng = np.random.default_rng(1)
    n = 300
    told = {
        "indicator_id": np.array(["chronic_absence"] * 2 * n, dtype=object),
        "unit_id": np.array([f"{1 + at % 2:04d}" for at in range(2 * n)], dtype=object),
        "group_id": np.array(["all"] * 2 * n, dtype=object),
        "series_no": 1 + np.arange(2 * n) % 2,
        "is_now": np.arange(2 * n) < n,
        "member": np.full(2 * n, 70.0),
        "absent": rng.binomial(70, 0.07, 2 * n).astype(float),
        "rest": np.full(2 * n, 110.0),
        "rest_absent": rng.binomial(110, 0.07, 2 * n).astype(float),
        "min_member_days": np.full(2 * n, 10),
        "test_numerator": np.full(2 * n, 1),
        "test_denominator": np.full(2 * n, 10),
        "is_above": np.zeros(2 * n, dtype=bool),
        "school_year": np.full(2 * n, 2027),
        "period_on": np.array([date(2026, 11, 20)] * 2 * n, dtype=object),
        "n_seen": np.full(2 * n, 70),
        "n_months": np.full(2 * n, 3),
        "n_days": np.full(2 * n, 180),
        "direction": np.array(["lower"] * 2 * n, dtype=object),
        "smallest_change": np.full(2 * n, 0.01),
        "on_track": np.full(2 * n, 0.8),
        "watch": np.full(2 * n, 0.5),
        "baseline": np.full(2 * n, 0.2),
        "target": np.where(np.arange(2 * n) % 2 == 0, 0.15, np.nan),
    }
    return with_rates(told | changed)


def with_rates(told: dict[str, Any]) -> dict[str, Any]:
    """Return students with the rate of their school: days missed of days, of those who have enough of them."""
    counted = told["is_now"] & (told["member"] + told["rest"] >= told["min_member_days"])
    rates = np.zeros(len(counted))
    for number in (1, 2):
        school = counted & (told["series_no"] == number)
        rates[told["series_no"] == number] = told["absent"][school].sum() / told["member"][school].sum()
    return told | {"school_rate": rates}


def test_a_row_a_school_with_a_chance_where_there_is_a_target() -> None:
    """Both schools have a year to expect; one without a target has no chance to meet it."""
    first, second = chronic_outlooks(columns())
    assert set(first) == set(OUTLOOK_COLUMNS)
    assert (first["unit_id"], first["n_seen"], first["n_periods"], first["target"]) == ("0001", 70, 180, 0.15)
    assert 0 <= first["lo80"] <= first["median"] <= first["hi80"] <= 1
    assert 0 < first["p_meet"] < 1
    assert (second["p_meet"], second["target"]) == (None, None)
    assert (second["status"], second["reason"]) == ("cannot tell", "no_target")


def test_rows_in_another_order_give_the_same_bytes() -> None:
    """A night and a whole build read the same students in orders of their own."""
    whole = columns()
    other = np.random.default_rng(4).permutation(len(whole["unit_id"]))
    assert chronic_outlooks({name: each[other] for name, each in whole.items()}) != []
    plain, shuffled = (
        [{name: row[name] for name in row if name != "target"} for row in chronic_outlooks(each)]
        for each in (whole, {name: each[other] for name, each in whole.items()})
    )
    assert shuffled == plain


def test_those_with_too_few_days_do_not_count() -> None:
    """Who will have fewer days than the definition asks for is in neither number."""
    whole = columns()
    short = np.where(whole["is_now"] & (np.arange(600) % 4 == 0), 3.0, whole["member"])
    rest = np.where(short == 3.0, 0.0, whole["rest"])
    told = whole | {"member": short, "rest": rest, "absent": np.minimum(whole["absent"], short)}
    found = chronic_outlooks(with_rates(told))
    kept = whole["is_now"] & (whole["unit_id"] == "0001") & (short > 3)
    seen = Students(*(whole[name][kept].astype(float) for name in ("absent", "member", "rest")))
    teachers = Past(*(whole[name][~whole["is_now"]] for name in ("absent", "member", "rest_absent", "rest")))
    expected = outlook(seen, Fraction(15, 100), learned(teachers, Assumed()))
    assert found[0]["p_meet"] == pytest.approx(expected.p_meet, rel=1e-9)


def test_a_district_is_its_students_each_leaning_on_the_own_school() -> None:
    """Two schools that differ: the district's median is what both come to, not what all of them would on one rate."""
    whole = columns()
    high = whole["is_now"] & (whole["series_no"] == 2)
    schools = with_rates(whole | {"absent": np.where(high, whole["absent"] + 3.0, whole["absent"])})
    now = schools["is_now"]
    every = {name: np.concatenate([each, each[now]]) for name, each in schools.items()}
    of_district = np.arange(len(every["unit_id"])) >= len(now)
    every["unit_id"] = np.where(of_district, "riverbend", every["unit_id"])
    every["series_no"] = np.where(of_district, 3, every["series_no"])
    one, two, both = chronic_outlooks(every)
    assert both["unit_id"] == "riverbend"
    assert both["median"] == pytest.approx((one["median"] + two["median"]) / 2, abs=0.01)
    assert two["median"] > one["median"] + 0.2
    mixed = every | {"school_rate": np.full(len(of_district), every["absent"].sum() / every["member"].sum())}
    assert abs(chronic_outlooks(mixed)[2]["median"] - both["median"]) > 0.01


def schools(shift: float, seed: int, n: int = 60) -> list[Past]:
    """Return schools whose rest of the year moved, each by a common part of its own; nobody's days vary otherwise."""
    rng = np.random.default_rng(seed)
    found = []
    for moved in rng.normal(0, shift, n):
        own = rng.beta(0.07 * 20, 0.93 * 20, 300)
        later = 1 / (1 + np.exp(-(np.log(own / (1 - own)) + moved)))
        member, rest = np.full(300, 70.0), np.full(300, 110.0)
        found.append(Past(rng.binomial(70, own).astype(float), member, rng.binomial(110, later).astype(float), rest))
    return found


def together(of: list[Past]) -> Past:
    """Return the students of all schools."""
    return Past(*(np.concatenate([getattr(each, name) for each in of]) for name in Past.__dataclass_fields__))


def test_what_schools_share_is_learned_from_last_year() -> None:
    """Schools that moved by themselves tell a wide shift, those that did not the least; ten are needed."""
    calm, moved = schools(0.0, 3), schools(0.5, 3)
    assumed = learned(together(calm), Assumed())
    assert learned_shift(calm, assumed) < 0.12
    assert learned_shift(moved, assumed) > 0.35
    assert learned_shift(moved[:9], assumed) == Assumed().shift_sd


def test_a_learned_shift_makes_intervals_hold_what_they_promise() -> None:
    """Next year's schools move as last year's did: four in five are inside, and far fewer with what was assumed."""
    last, now = schools(0.2, 5, 120), schools(0.2, 6, 120)
    assumed = learned(together(last), Assumed())
    wide = replace(assumed, shift_sd=learned_shift(last, assumed))
    assert inside(now, wide) == pytest.approx(0.8, abs=0.1)
    assert inside(now, assumed) < inside(now, wide) - 0.15


def inside(of: list[Past], assumed: Assumed) -> float:
    """Return how many schools ended within their 80% interval."""
    told = [outlook(Students(each.absent, each.member, each.rest), Fraction(1, 10), assumed) for each in of]
    ends = [Students(each.absent + each.rest_absent, each.member + each.rest, np.zeros(300)) for each in of]
    came = [float((days_needed(each, Fraction(1, 10)) <= 0).mean()) for each in ends]
    return float(np.mean([each.low <= rate <= each.high for each, rate in zip(told, came, strict=True)]))
