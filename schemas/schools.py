"""Say what a school's own team writes down: the lines of its plan, and the record of a meeting.

Its short cycles are ``cycles``. All of it comes in as a form that ``aimline template`` issues and passes these shapes.
"""

from typing import Literal

from pydantic import Field, model_validator

from schemas._base import Day, Exact, Fact, Flag, Id, Int, Text, mistake


class TeamLine(Fact):
    """Who leads the plan, who stands in, who looks after the data."""

    owner: Text


class GoalLine(Fact):
    """A goal: one of the district's that the school takes over, or its own with an indicator and a target."""

    goal: Id | None = None
    indicator: Id | None = None
    target: Exact | None = None
    group: Id = "all"

    @model_validator(mode="after")
    def _one_kind(self) -> "GoalLine":
        if (self.goal is None) == (self.indicator is None):
            raise mistake("a goal is either one of the district's or has an indicator of its own.", "Give one of them.")
        if self.indicator is not None and self.target is None:
            raise mistake("a goal of the school's own has no target.", "Write it as 0.85.")
        return self


class ActivityLine(Fact):
    """Dated work, and who answers for it."""

    text: Text
    owner: Text
    starts: Day | None = None
    due: Day

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> "ActivityLine":
        if self.starts is not None and self.due < self.starts:
            raise mistake("it is due before it starts.", "Correct one of the days.")
        return self


class MeetingLine(Fact):
    """A meeting of the team: when, what it looks at, by which protocol."""

    starts: Day
    looks_at: tuple[Id, ...] = Field(min_length=1)
    protocol: Text | None = None


PlanLine = Literal["lead", "data_lead", "deputy", "goal", "activity", "meeting"]
PLAN_LINES: dict[str, type[Fact]] = {
    "lead": TeamLine,
    "data_lead": TeamLine,
    "deputy": TeamLine,
    "goal": GoalLine,
    "activity": ActivityLine,
    "meeting": MeetingLine,
}
"""What each kind of line of a school's plan must be."""


class MeetingRecord(Fact):
    """What a team saw, what it made of that, what it decided."""

    held: Day
    looks_at: tuple[Id, ...] = Field(min_length=1)
    protocol: Text | None = None
    n_present: Int | None = Field(default=None, ge=1)
    observed: Text
    observed_first: Flag
    interpreted: Text | None = None
    decided: Text | None = None
    next: Day | None = None

    @model_validator(mode="after")
    def _looks_ahead(self) -> "MeetingRecord":
        if self.next is not None and self.next <= self.held:
            raise mistake("the next meeting is not after this one.", "Correct one of the days.")
        return self
