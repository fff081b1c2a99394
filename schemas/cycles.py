"""Say what ``cycles/<cycle_id>.yml`` holds: one short plan-do-study-act loop of a school or a program."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from schemas._base import Day, Exact, Fact, Id, Owner, SchoolId, Text, mistake

SHORTEST_DAYS, LONGEST_DAYS = 14, 56

_CYCLE_ID = re.compile(r"\d{4}_[A-Za-z0-9-]+_[a-z0-9_]+")


def _begins_with_its_year(value: str) -> str:
    if not _CYCLE_ID.fullmatch(value):
        raise mistake(f"'{value[:60]}' is not the id of a cycle.", "Write <school year>_<school>_<name>.")
    return value


class Scope(Fact):
    """Where the change is tried: one school, or a strategy across schools."""

    school_id: SchoolId | None = None
    strategy_id: Id | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> "Scope":
        if (self.school_id is None) == (self.strategy_id is None):
            raise mistake("a cycle has either a school or a strategy.", "Give one of them.")
        return self


class Prediction(Fact):
    """What is expected to happen, in words and by how much."""

    direction: Literal["higher", "lower"]
    by: Exact
    text: Text


class CycleMeasure(Fact):
    """The indicator the cycle watches, and how often."""

    indicator_id: Id
    group: Id = "all"
    every: Literal["week", "day"] = "week"


class Dates(Fact):
    """First and last day of the trial."""

    starts_on: Day
    ends_on: Day


class LengthWaiver(Fact):
    """Why a cycle is longer or shorter than usual."""

    why: Text
    approved_by: Text


class Result(Fact):
    """What the cycle came to."""

    verdict: Literal["adopt", "adapt", "abandon"]
    why: Text
    learned: Text
    decided_on: Day
    decided_by: Text


class CycleFile(Fact):
    """One short cycle."""

    version: Literal[1] = 1
    cycle_id: Annotated[str, AfterValidator(_begins_with_its_year)]
    scope: Scope
    change_idea_id: Id
    aim: Text
    problem: Text
    change: Text
    prediction: Prediction
    predicted_on: Day
    measure: CycleMeasure
    smallest_change: Exact
    dates: Dates
    length_waiver: LengthWaiver | None = None
    owner: Owner
    result: Result | None = None

    @model_validator(mode="after")
    def _of_a_length_that_teaches(self) -> "CycleFile":
        days = (self.dates.ends_on - self.dates.starts_on).days
        if not SHORTEST_DAYS <= days <= LONGEST_DAYS and self.length_waiver is None:
            raise mistake(
                f"dates: {days} days; a cycle takes {SHORTEST_DAYS} to {LONGEST_DAYS}.",
                "Split it, or add length_waiver.",
            )
        return self
