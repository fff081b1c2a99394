"""Judge what declared files say of each other: every file against all others, all mistakes at once."""

from aimline._facts import Facts, Findings
from aimline._measure_checks import indicator_findings, instrument_findings
from aimline._plan_checks import plan_findings
from aimline._record_checks import cycle_findings, decision_findings
from aimline._smartie import goal_findings
from aimline._source_checks import audience_findings, source_findings
from aimline._year_checks import district_findings, year_findings

__all__ = ["Facts", "cross_findings"]


def cross_findings(facts: Facts) -> Findings:
    """Yield everything in which the files disagree."""
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
