"""Tell where the rules of a year no longer give the days that were frozen."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from aimline.errors import Finding
    from aimline.schedule import Change, FrozenPlan, Made
    from aimline.settings import Deployment


def drifted(made: "Made", frozen: "FrozenPlan", changes: "Iterable[Change]") -> "list[Finding]":
    """Return what a frozen version has on other days than rules give now, the first of each window or step.

    Args:
        made: The plan as rules give it.
        frozen: The version in force.
        changes: What differs between the two.
    """
    from aimline.schedule import drift
    from aimline.schedule.binding import path_of

    loaded = made.plan.setting.resolver.loaded
    places = {name: loaded.finding(path_of(made.plan, node), "") for name, node in made.plan.graph.nodes.items()}
    return list(drift(frozen, changes, {name: (each.file, each.line, each.column) for name, each in places.items()}))


def drifted_years(declared: "Deployment", state: str | None, day: "date") -> "list[Finding]":
    """Return the same for every year that has a frozen version on a day."""
    from aimline.commands._planning import kept_of
    from aimline.schedule import by_a_person, causes_since, changes_between, items_of, make_plan

    found: list[Finding] = []
    for school_year, year in declared.years.items():
        kept = kept_of(declared, state, school_year, day)
        if kept.history:
            made = make_plan(declared, kept.asked(school_year, day, renews=True))
            causes = causes_since(kept.store, by_a_person(kept.history), made.plan.setting.resolver.year, year)
            found += drifted(made, kept.history[-1], changes_between(kept.history[-1], items_of(made.plan), causes))
    return found
