"""Hold one dated item of a school year and one version of its plan: what calendar, due, .ics and pages all read.

How dates come about is the planner's; keeping versions is ``freeze``. Source: schedule.md 5, 7.1, 13.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Item:
    """One dated thing of a plan.

    Attributes:
        id: Its name within the year, such as ``sel_survey_fall.notice``.
        title: Words by language; English is always there.
        opens_on: First day of what takes longer than a day; None of a milestone.
        closes_on: Its last day.
        due_on: The day it is to be done; the last day of what takes longer.
        at: Local time of day of a meeting.
        owner: The role that answers for it.
        depends_on: Ids of what comes before it.
        slack_school_days: School days it may slip before what it feeds is late; None where it feeds nothing.
        rule: How its date was found.
        frozen_version: The last version in which its own dates changed; 0 of a proposal.
        is_critical: Whether it lies on a critical path.
        window_id: The window it belongs to.
    """

    id: str
    kind: str
    school_year: int
    title: Mapping[str, str]
    opens_on: date | None = None
    closes_on: date | None = None
    due_on: date | None = None
    at: str | None = None
    owner: str | None = None
    depends_on: tuple[str, ...] = ()
    slack_school_days: int | None = None
    rule: str = "fixed"
    frozen_version: int = 0
    is_critical: bool = False
    window_id: str | None = None


@dataclass(frozen=True)
class Change:
    """One date that differs from the version before, and why."""

    id: str
    field: str
    old: str | None
    new: str | None
    cause: str


@dataclass(frozen=True)
class FrozenPlan:
    """One version of a year's plan; version 0 is the proposal that rules give on a day.

    Attributes:
        frozen_at: When it was frozen, UTC; None of a proposal.
        changes: What differs from the version before.
        frozen_by: The person who froze it, or ``engine``; with the reason.
        inputs_sha256: Digest of the year file it was made from.
        notify: Codes of the people who are told of its changes.
    """

    deployment: str
    school_year: int
    version: int
    as_of: date
    frozen_at: datetime | None
    items: tuple[Item, ...]
    changes: tuple[Change, ...] = ()
    frozen_by: str = ""
    reason: str = ""
    inputs_sha256: str = ""
    notify: tuple[str, ...] = ()

    def item(self, name: str) -> Item | None:
        """Return the item of an id."""
        return next((each for each in self.items if each.id == name), None)
