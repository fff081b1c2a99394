"""Say what ``decisions/<review_id>.yml`` holds: what a review decided, on which figures, who does it by when.

A pin is a figure as one release showed it. Rules between fields belong here; what needs the plan or the releases is
judged in ``aimline/ledger/decisions.py`` and ``aimline/_crossref.py``.
"""

import re
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from schemas._base import Day, Exact, Fact, Flag, Id, Int, Label, Owner, Text, mistake
from schemas.plan import DecisionKind

Disposition = Literal["continue", "expand", "adapt", "stop"]
DecisionStatus = Literal["decided", "proposed", "declined", "withdrawn", "superseded"]
StopReason = Literal["not_effective", "not_implementable", "cost", "replaced", "harm", "completed"]
ABOUT_KINDS = ("strategy_id", "goal_id", "activity_id", "indicator_id", "window_id", "process")

_SCHOOL = r"(?:\.[A-Za-z0-9][A-Za-z0-9_-]{0,31})?"
_REVIEW_ID = re.compile(rf"\d{{4}}_[a-z][a-z0-9_]{{1,47}}{_SCHOOL}")
_DECISION_ID = re.compile(rf"\d{{4}}_[a-z][a-z0-9_]{{1,47}}{_SCHOOL}_\d{{2}}")
_RELEASE_ID = re.compile(r"r\d{8}-[0-9a-f]{10}")
_FIGURE_ID = re.compile(r"fig_[a-z2-7]{12}")


def _named(pattern: re.Pattern[str], what: str, remedy: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise mistake(f"'{value[:60]}' is not the id of a {what}.", remedy)
        return value

    return AfterValidator(check)


ReviewId = Annotated[str, _named(_REVIEW_ID, "review", "Write <school year>_<review>, such as 2027_mid_year.")]
DecisionId = Annotated[str, _named(_DECISION_ID, "decision", "Write <review id>_<two digits>.")]
ReleaseId = Annotated[str, _named(_RELEASE_ID, "release", "Copy it from the packet.")]
FigureId = Annotated[str, _named(_FIGURE_ID, "figure", "Copy it from the packet.")]
What = Annotated[str, Field(min_length=10, max_length=500)]
Why = Annotated[str, Field(min_length=10, max_length=1000)]


class Evidence(Fact):
    """The release a review looked at."""

    release_id: ReleaseId
    edition: Literal["provisional", "final"] = "provisional"


class Group(Fact):
    """A group that took part, and how many."""

    group: Id
    n: Int = Field(ge=1)


class About(Fact):
    """What a decision is about; exactly one."""

    strategy_id: Id | None = None
    goal_id: Id | None = None
    activity_id: Id | None = None
    indicator_id: Id | None = None
    window_id: Id | None = None
    process: Text | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "About":
        if sum(getattr(self, kind) is not None for kind in ABOUT_KINDS) != 1:
            raise mistake("a decision is about exactly one thing.", f"Give one of {', '.join(ABOUT_KINDS)}.")
        return self

    @property
    def kind(self) -> str:
        """Return the kind of the thing."""
        return next(kind for kind in ABOUT_KINDS if getattr(self, kind) is not None)

    @property
    def id(self) -> str:
        """Return the id of the thing, or the words for a process."""
        return str(getattr(self, self.kind))


class Pin(Fact):
    """A figure as a release showed it; ``seen`` is its text, filled in by the tool."""

    release_id: ReleaseId
    figure_id: FigureId
    seen: Text | None = None


class DecisionCost(Fact):
    """What a decision costs."""

    amount: Exact
    currency: Literal["USD"] = "USD"
    funding: Text | None = None
    recurring: Flag = False


class Decision(Fact):
    """One decision."""

    decision_id: DecisionId
    kind: DecisionKind
    about: About
    disposition: Disposition | None = None
    reason: StopReason | None = None
    what: What
    why: Why
    evidence: tuple[Pin, ...] = ()
    no_evidence_because: Text | None = None
    owner: Owner
    due_on: Day
    revisit_on: Day | None = None
    cost: DecisionCost | None = None
    decided_by: Text
    decided_on: Day | None = None
    status: DecisionStatus = "decided"
    escalated_to: Text | None = None
    public_text: Label | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> "Decision":
        self._check_disposition()
        if self.status == "decided" and not self.evidence and not self.no_evidence_because:
            raise mistake(
                f"{self.decision_id} is decided on no figure.", "Pin at least one, or say no_evidence_because."
            )
        if self.kind == "communication" and self.public_text is None:
            raise mistake("a communication has no public_text.", "Add the text that is told.")
        self._check_revisit()
        return self

    def _check_disposition(self) -> None:
        if (self.kind == "strategy_disposition") != (self.disposition is not None):
            raise mistake(
                f"{self.about.id} has no disposition."
                if self.disposition is None
                else "only a strategy has a disposition.",
                "Choose continue, expand, adapt or stop." if self.disposition is None else "Remove it.",
            )
        if self.disposition == "stop" and self.reason is None:
            raise mistake("stop needs a reason.", f"Choose {', '.join(get_args(StopReason))}.")

    def _check_revisit(self) -> None:
        if self.disposition == "stop" or self.status == "declined":
            return
        if self.revisit_on is None:
            raise mistake("revisit_on is missing.", "Say when you look at it again.")
        if self.revisit_on <= self.due_on:
            raise mistake(
                f"revisit_on {self.revisit_on} is not after due_on {self.due_on}.", "Look again after it is done."
            )


class DecisionsFile(Fact):
    """What one review decided."""

    version: Literal[1] = 1
    review_id: ReviewId
    evidence: Evidence
    held_on: Day
    groups: tuple[Group, ...] = ()
    decisions: tuple[Decision, ...] = Field(min_length=1)
