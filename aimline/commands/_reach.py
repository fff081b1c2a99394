"""Tell where the plan of a year cannot reach its days: what is declared cannot work, and which line is the cause.

Before a year begins, and while nobody froze it, that is an error: there is time to mend it. Later it is a warning:
what snow has taken keeps no night from running.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from aimline.errors import Finding
    from aimline.schedule import Made
    from aimline.settings import Deployment


def unreached(declared: "Deployment", state: str | None, day: "date") -> "list[Finding]":
    """Return what keeps the years that are not over from their anchors, each at the place of its cause.

    Args:
        declared: The declared facts.
        state: The state root; the environment's or the default one when None.
        day: The day.
    """
    from aimline.commands._planning import kept_of
    from aimline.schedule import make_plan

    found: list[Finding] = []
    for school_year, year in declared.years.items():
        if year.school_year.last_day < day:
            continue
        kept = kept_of(declared, state, school_year, day, with_done=True)
        severity = "warning" if kept.history or year.school_year.first_day <= day else "error"
        wrong = _wrong(make_plan(declared, kept.asked(school_year, day)))
        found += [replace(each, severity=severity) for each in wrong]
    return found


def _wrong(made: "Made") -> "tuple[Finding, ...]":
    from aimline.commands._freezing import refuse_infeasible
    from aimline.errors import ConflictInfeasible, PlanInfeasible

    try:
        refuse_infeasible(made)
    except (PlanInfeasible, ConflictInfeasible) as error:
        return tuple(error.findings)
    return ()
