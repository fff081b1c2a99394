"""Name the kinds of dated items of a plan: what calendar, reminders and resources speak of. Source: schedule.md 7.1."""

from typing import Literal

ItemKind = Literal[
    "board_meeting",
    "budget_event",
    "packet",
    "staff_item",
    "cabinet_preread",
    "reflection",
    "scoring_qa",
    "report",
    "late_accept",
    "window",
    "setup",
    "roster_freeze",
    "opt_out",
    "notice",
    "annual_notice",
    "instrument_freeze",
    "review",
    "decision",
    "feed",
    "term_end",
    "rollover_step",
    "activity",
    "milestone",
    "decision_due",
    "decision_revisit",
]
"""What has a date in a plan, by kind."""
