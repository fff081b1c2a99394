"""Judge what declared files say of each other: every file against all others, all mistakes at once."""

from aimline._facts import Facts, Findings
from aimline._measure_checks import indicator_findings, instrument_findings
from aimline._plan_checks import plan_findings
from aimline._record_checks import cycle_findings, decision_findings
from aimline._smartie import goal_findings
from aimline._source_checks import audience_findings, source_findings
from aimline._year_checks import district_findings, year_findings

__all__ = ["Facts", "cross_findings"]


_KNOWN_BY = {
    "unknown_role": ("district",),
    "unknown_source": ("sources",),
    "unknown_indicator": ("indicators",),
    "unknown_group": ("indicators",),
    "unknown_instrument": ("instruments",),
    "unknown_scale": ("instruments",),
    "unknown_item": ("instruments",),
    "unknown_decision": ("decisions",),
    "unknown_activity": ("plans",),
    "unknown_goal": ("plans",),
    "unknown_person": ("plans",),
    "unknown_strategy": ("plans",),
    "unknown_about": ("plans", "indicators", "years"),
    "unknown_window": ("years",),
    "unknown_window_or_source": ("years", "sources"),
    "unknown_review": ("years",),
    "no_year": ("years",),
}
"""Which files know the words that a finding says nobody knows."""


def cross_findings(facts: Facts) -> Findings:
    """Yield everything in which the files disagree.

    A file that cannot be read at all is told once, by whoever read it; that nobody knows its words is no news then.
    """
    unread = facts.unread()
    for finding in _all_findings(facts):
        if not unread & set(_KNOWN_BY.get(finding.code, ())):
            yield finding


def _all_findings(facts: Facts) -> Findings:
    for judge in (
        district_findings,
        year_findings,
        source_findings,
        audience_findings,
        indicator_findings,
        instrument_findings,
        plan_findings,
        goal_findings,
        cycle_findings,
        decision_findings,
    ):
        yield from judge(facts)
