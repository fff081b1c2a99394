"""Say how much time each step of a plan takes: the defaults, and what a year file says instead.

Every number is a parameter: a year overrides it under ``lead_times``, a window by its own ``late_accept``. Where the
defaults come from stands in schedule.md 7.2.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aimline._declared_files import Loaded
from schemas.years import Window, YearFile

if TYPE_CHECKING:
    from aimline._yaml import TreePath

SCHOOL, WORKING, CALENDAR, NTH = "school_days", "working_days", "calendar_days", "nth_school_day"


@dataclass(frozen=True)
class LeadTime:
    """How long a step takes, or how long before the next one it is due.

    Attributes:
        kind: Its name, which is that of the parameter.
        n: How many of ``unit``.
        roll: How a count of calendar days that ends on a day off goes on.
        min_n: The least it may be cut to.
        path: Where it is written in the year file; empty where the default holds.
    """

    kind: str
    n: int
    unit: str
    roll: str | None = None
    min_n: int = 1
    path: "TreePath" = ()


_WORKING_BEFORE = "previous_working_day"

DEFAULTS = {
    each.kind: each
    for each in (
        LeadTime("packet", 3, CALENDAR, _WORKING_BEFORE),
        LeadTime("staff_item", 14, CALENDAR, _WORKING_BEFORE),
        LeadTime("cabinet_preread", 5, WORKING),
        LeadTime("reflection", 8, SCHOOL),
        LeadTime("scoring_qa", 2, WORKING),
        LeadTime("late_accept", 5, SCHOOL),
        LeadTime("window", 15, SCHOOL),
        LeadTime("setup", 15, WORKING),
        LeadTime("roster_freeze", 0, WORKING, min_n=0),
        LeadTime("opt_out", 5, SCHOOL),
        LeadTime("notice", 14, CALENDAR, _WORKING_BEFORE, min_n=14),
        LeadTime("annual_notice", 5, NTH),
        LeadTime("roster_stable", 20, NTH),
        LeadTime("report_district", 0, SCHOOL, min_n=0),
        LeadTime("report_schools", 5, SCHOOL, min_n=0),
        LeadTime("report_staff", 10, SCHOOL, min_n=0),
    )
}
"""The lead times of a district that declares none."""


def lead_time(loaded: Loaded[YearFile], kind: str) -> LeadTime:
    """Return the lead time of a kind of step in a year."""
    default = DEFAULTS[kind]
    declared = loaded.shape.lead_times.get(kind) if loaded.shape else None  # type: ignore[call-overload]  # any word
    if declared is None:
        return default
    least = min(default.min_n, declared.n) if declared.min_n is None else declared.min_n
    roll = declared.roll or (default.roll if declared.unit == default.unit else None)
    return LeadTime(kind, declared.n, declared.unit, roll, least, ("lead_times", kind))


def late_accept(loaded: Loaded[YearFile], number: int, window: Window) -> LeadTime:
    """Return how long answers are still taken after a window."""
    lead = lead_time(loaded, "late_accept")
    if window.late_accept is None:
        return lead
    n = window.late_accept.school_days
    return replace(lead, n=n, unit=SCHOOL, min_n=min(1, n), path=("windows", number, "late_accept"))
