"""Targets and definitions as indicators declare them: what is read, what is refused."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from aimline._measure_rows import targets
from schemas.indicators import Baseline, IndicatorsFile, Target
from schemas.profiles import Profile, starts_on

INDICATOR = {
    "indicator_id": "absence",
    "label": {"en": "Chronic absence"},
    "kind": "outcome",
    "measure": "chronic_absence",
    "profile": "us-edfacts-195",
    "also_show": ["nj-spr", "own"],
    "units": ["district"],
    "direction": "lower",
    "period": "year_to_date",
    "owner": {"role": "attendance_lead"},
    "sources": ["marks"],
    "smallest_change": "0.01",
    "baseline": {"year": 2026, "value": "0.21"},
}


def indicators(*declared: dict[str, Any]) -> IndicatorsFile:
    """Read one indicator with these targets."""
    own = {"profile_id": "own", "based_on": "fl"}
    return IndicatorsFile.model_validate({"profiles": [own], "indicators": [INDICATOR | {"targets": declared}]})


def rows(*declared: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return targets as they are landed."""
    return targets(SimpleNamespace(indicators=indicators(*declared)))


def test_shipped_definitions_that_an_indicator_names_are_in_use() -> None:
    """What is declared comes first; a shipped definition need not be declared to be shown beside."""
    assert [each.profile_id for each in indicators().definitions] == ["own", "nj-spr", "us-edfacts-195"]


def test_a_definition_that_another_replaces_is_computed_too() -> None:
    """In the years of overlap both stand side by side, so the old one is in use without being declared."""
    own = {"profile_id": "own", "based_on": "fl", "replaces": "ca-dataquest", "overlap_years": [2026]}
    found = IndicatorsFile.model_validate({"profiles": [own], "indicators": [INDICATOR | {"also_show": []}]})
    assert [each.profile_id for each in found.definitions] == ["own", "ca-dataquest", "us-edfacts-195"]


@pytest.mark.parametrize(
    ("day", "confirmed_by", "starts"),
    [
        (None, None, None),
        ("2026-07-01", None, "2026-07-01"),
        ("2026-08-19", None, "2026-08-19"),
        ("2026-08-20", None, "2027-08-18"),
        ("2027-05-28", None, "2027-08-18"),
        ("2027-05-29", None, "2027-05-29"),
        ("2027-09-01", None, "2028-07-01"),
        ("2027-02-01", "2027_mid_year_01", "2027-02-01"),
    ],
)
def test_a_definition_waits_for_the_next_year_unless_confirmed(
    day: str | None, confirmed_by: str | None, starts: str | None
) -> None:
    """Inside a school year it waits for the next one, declared or not; a decision confirms its day."""
    told = {"profile_id": "own", "based_on": "fl", "effective_from": day, "confirmed_by": confirmed_by}
    years = [(date(2027, 8, 18), date(2028, 5, 26)), (date(2026, 8, 19), date(2027, 5, 28))]
    found = starts_on(Profile.model_validate(told), years)
    assert found == (date.fromisoformat(starts) if starts else None)


def test_steps_are_landed_one_row_a_year() -> None:
    """Every year keeps its value exactly; the rows are one target, and begin at the baseline."""
    found = list(rows({"unit_type": "district", "method": "steps", "steps": {"2027": "1/5", "2028": "0.175"}}))
    ends = [(row["ends_year"], Fraction(row["ends_numerator"], row["ends_denominator"])) for row in found]
    assert ends == [(2027, Fraction(1, 5)), (2028, Fraction(7, 40))]
    assert {(row["target_no"], row["begins_year"], row["begins_numerator"]) for row in found} == {(1, 2026, 21)}


def test_safe_harbor_closes_a_tenth_unless_it_says_how_much() -> None:
    """The rate is landed; an inherited target is landed once more, for the schools."""
    harbor = {"unit_type": "district", "method": "safe_harbor", "inherit": True}
    found = list(rows(harbor, {**harbor, "rate": "1/5", "inherit": False}))
    told = [(row["unit_type"], row["rate_numerator"], row["rate_denominator"]) for row in found]
    assert told == [("district", 1, 10), ("school", 1, 10), ("district", 1, 5)]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"method": "steps"}, "'steps' gives a value for each year"),
        ({"steps": {"2027": "1/5"}, "method": "safe_harbor"}, "'steps' gives a value for each year"),
        ({"method": "steps", "steps": {"2027": "1/5", "2029": "1/10"}}, "steps leave out 2028"),
    ],
)
def test_steps_without_a_year_are_refused(declared: dict[str, Any], told: str) -> None:
    """A missing year is an error, and so are steps of another method."""
    with pytest.raises(ValidationError, match=told):
        Target.model_validate({"unit_type": "district"} | declared)


def test_a_baseline_holds_an_exact_number() -> None:
    """A baseline's value is the fraction that its text says."""
    assert Baseline.model_validate({"year": 2026, "value": "0.21"}).value == Fraction(21, 100)
