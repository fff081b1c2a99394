"""Say what ``plans/<year>.yml`` holds: people, goals, strategies, activities, and who decides what.

Baselines, targets and smallest changes stand on the indicator alone. Whether a plan can work (owners active, sources
enough, no circle among activities) is judged in ``aimline/_smartie.py``, which sees the other files too.
"""

from fractions import Fraction
from typing import Literal

from pydantic import model_validator

from schemas._base import Day, Exact, Fact, Flag, Grades, Id, Int, Label, Owner, Schools, Share, Text, mistake

DecisionKind = Literal[
    "strategy_disposition",
    "activity_change",
    "process_change",
    "target_change",
    "definition_change",
    "budget_ask",
    "collection_change",
    "communication",
    "school_cycle",
    "school_plan",
    "plan_approval",
]
Dimension = Literal["dosage", "adherence", "quality", "responsiveness", "reach", "milestones"]


class Person(Fact):
    """One person, known by a code, and the role held from one day to another."""

    person: Id
    role: Text
    active_from: Day
    active_to: Day | None = None


class Population(Fact):
    """Whom a goal is about."""

    grades: Grades
    groups: tuple[Id, ...] = ("all",)


class GoalIndicator(Fact):
    """One indicator of a goal and what it tells of it."""

    indicator_id: Id
    role: Literal["outcome", "implementation", "process"]


class Benchmark(Fact):
    """A value that should be reached on the way."""

    on: Day
    indicator_id: Id
    value: Exact


class Waiver(Fact):
    """A rule that does not hold for a goal for a while, and who said so."""

    rule: Literal["two_sources", "group_data"]
    why: Text
    approved_by: Text
    until: Day


class Cost(Fact):
    """What a strategy costs."""

    this_year: Exact
    currency: Literal["USD"] = "USD"
    funding: Text | None = None
    recurring: Flag = False


class Implementation(Fact):
    """How it is told whether a strategy was carried out; dimensions are never merged."""

    indicator_id: Id
    dimension: Dimension
    target: Share = Fraction(4, 5)
    partly_from: Share = Fraction(3, 5)
    required: Flag = True


class Milestone(Fact):
    """One dated step of an activity."""

    milestone_id: Id
    label: Label
    due_on: Day
    done_on: Day | None = None
    owner: Owner


class Activity(Fact):
    """Dated work: who does it, what shows it was done, what must come before."""

    activity_id: Id
    label: Label
    starts_on: Day
    due_on: Day
    done_on: Day | None = None
    owner: Owner
    evidence: Text
    planned_sessions: Int | None = None
    after: tuple[Id, ...] = ()
    milestones: tuple[Milestone, ...] = ()

    @model_validator(mode="after")
    def _due_after_it_starts(self) -> "Activity":
        if self.due_on < self.starts_on:
            raise mistake(f"due {self.due_on}, before it starts on {self.starts_on}.", "Correct one of the dates.")
        return self


class Strategy(Fact):
    """One way to reach a goal, what it costs, how its doing is measured."""

    strategy_id: Id
    statement: Label
    owner: Owner | None = None
    schools: Schools = None
    cost: Cost | None = None
    implementation: tuple[Implementation, ...]
    activities: tuple[Activity, ...]


class Goal(Fact):
    """What should change, for whom, how it is told, who answers."""

    goal_id: Id
    statement: Label
    population: Population
    group_focus: tuple[Id, ...] = ()
    no_group_focus_because: Text | None = None
    ambition: Label
    inclusion: Label
    indicators: tuple[GoalIndicator, ...]
    primary: Id | None = None
    owner: Owner
    benchmarks: tuple[Benchmark, ...]
    reviews: tuple[Id, ...]
    waivers: tuple[Waiver, ...] = ()
    strategies: tuple[Strategy, ...]

    @property
    def primary_indicator(self) -> str:
        """Return the indicator that gives the goal its status: declared, else its first outcome."""
        outcomes = [each.indicator_id for each in self.indicators if each.role == "outcome"]
        return self.primary or next(iter(outcomes), "")


class Process(Fact):
    """Who runs the whole process and who oversees collection."""

    manager: Text
    data: Text

    @model_validator(mode="after")
    def _two_people(self) -> "Process":
        if self.manager == self.data:
            raise mistake(
                f"manager and data are both {self.manager}.",
                "Name two people, so that one absence does not stop the process.",
            )
        return self


class DecisionRight(Fact):
    """Who decides one kind of question, up to which cost, and who decides above it."""

    kind: DecisionKind
    decides: Text
    up_to: Exact | None = None
    above: Text | None = None


_RIGHTS = (
    ("strategy_disposition", "sel_lead", "cabinet"),
    ("activity_change", "sel_lead", "cabinet"),
    ("process_change", "sel_lead", "cabinet"),
    ("target_change", "cabinet", "board"),
    ("definition_change", "cabinet", "board"),
    ("budget_ask", "cabinet", "board"),
    ("collection_change", "data_engineer", "sel_lead"),
    ("communication", "sel_lead", None),
    ("school_cycle", "principal:*", None),
    ("school_plan", "principal:*", None),
    ("plan_approval", "board", None),
)
DEFAULT_RIGHTS = tuple(
    DecisionRight.model_validate({"kind": kind, "decides": decides, "above": above}) for kind, decides, above in _RIGHTS
)
"""Who decides where a plan says nothing else."""


class PlanFile(Fact):
    """One school year's plan."""

    version: Literal[1] = 1
    school_year: Int
    process: Process | None = None
    people: tuple[Person, ...]
    decision_rights: tuple[DecisionRight, ...] = ()
    goals: tuple[Goal, ...] = ()

    def right(self, kind: str) -> DecisionRight:
        """Return who decides a kind of question."""
        return next(each for each in (*self.decision_rights, *DEFAULT_RIGHTS) if each.kind == kind)
