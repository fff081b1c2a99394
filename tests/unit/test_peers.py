"""Schools beside each other once a term: the funnel of the warehouse and what alerts are told of it."""

from datetime import date, timedelta
from typing import Any

from aimline.signals.level_news import evaluations_of
from aimline.signals.peers import FUNNEL_COLUMNS, funnels, peer_tests

DAYS = [date(2026, 9, 1) + timedelta(days=n) for n in range(80)]
DISTRICT = {"peer_terms": "fall,spring", "peer_trim_numerator": 1, "peer_trim_denominator": 10}


def series(rates: list[float], weeks: int = 12) -> list[dict[str, Any]]:
    """Return weeks of schools with these rates, of 60 sessions each."""
    row = {"indicator_id": "lessons", "group_id": "all", "value_unit": "share", "better": "increase"}
    return [
        row | {"unit_id": f"{at:02d}", "period_on": DAYS[7 * week + 3], "numerator": 60 * rate, "denominator": 60.0}
        for at, rate in enumerate(rates)
        for week in range(min(weeks, 11))
    ]


def _funnel(rates: list[float], weeks: int = 12, **given: Any) -> list[dict[str, Any]]:
    ends = (("fall", 0, 39), ("spring", 40, 79))
    terms = [{"school_year": 2027, "term": name, "first_on": DAYS[a], "last_on": DAYS[b]} for name, a, b in ends]
    old = [each | {"school_year": 2026, "first_on": date(2025, 9, 1), "last_on": date(2026, 6, 1)} for each in terms]
    return funnels(series(rates, weeks), old + terms, DISTRICT | given)


RATES = [0.70, 0.72, 0.68, 0.71, 0.69, 0.70, 0.73, 0.67, 0.71, 0.70, 0.69, 0.45]


def test_school_far_from_its_peers_is_told_once_for_a_term_that_is_over() -> None:
    """The spring is not over, so the fall alone has rows; one school is beyond its limits."""
    rows = _funnel(RATES, weeks=7)
    assert {row["term"] for row in rows} == {"fall"}
    assert [row["unit_id"] for row in rows if row["outlier"] and row["selected"]] == ["11"]
    assert all(set(row) == set(FUNNEL_COLUMNS) for row in rows)
    [told] = [each for each in evaluations_of(peer_tests(rows)) if each.is_selected]
    assert (told.unit_id, told.kind, told.is_wave, told.period_on) == ("11", "peer", True, DAYS[39])


def test_schools_that_differ_widely_have_no_verdict() -> None:
    """An outlier test is not useful there: nobody is one."""
    rows = _funnel([0.1, 0.9] * 6)
    assert {(row["is_wide"], row["outlier"], row["selected"]) for row in rows} == {(True, 0, False)}
    assert {row["tier"] for row in peer_tests(rows)} == {"insufficient"}


def test_no_peers_declared_no_funnel() -> None:
    """Schools are compared only where the district says so, and from five schools on."""
    assert _funnel(RATES, peer_terms=None) == []
    assert _funnel(RATES[:4]) == []


def test_verdict_that_another_trim_turns_is_marked() -> None:
    """Trims of .05 and .10 are both computed; most schools do not depend on which."""
    marked = {row["unit_id"] for row in _funnel(RATES, weeks=7) if row["is_trim_dependent"]}
    assert marked <= {"11"}
