"""Find what nobody answers for, and what somebody who leaves hands over. Source: schedule.md 8."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aimline._declared_files import Loaded
from aimline._yaml import TreePath
from aimline.errors import Finding, OrphanObligation
from aimline.schedule.agenda import people_of
from aimline.schedule.items import FrozenPlan, Item
from aimline.schedule.people import People, handed_over, orphans
from schemas.plan import PlanFile
from schemas.years import YearFile

if TYPE_CHECKING:
    from aimline.settings import Deployment

_SHOWN = 5


def owner_findings(deployment: "Deployment", plans: Sequence[FrozenPlan]) -> list[Finding]:
    """Return an error for each item without an active owner, and a warning for each person who hands items over.

    Years without a plan name nobody and are passed over.
    """
    people = people_of(deployment)
    found: list[Finding] = []
    for plan in plans:
        named = deployment.plans.get(plan.school_year)
        if named is not None and named.people:
            found += _orphaned(deployment, plan.school_year, orphans(plan.items, people))
            found += _handed_over(deployment, plan, named)
    return found


def _orphaned(deployment: "Deployment", school_year: int, items: Iterable[Item]) -> Iterator[Finding]:
    """Yield one error for each place and role, with the first item that nobody answers for."""
    lost: dict[tuple[str, TreePath, str], tuple[Loaded[Any], list[Item]]] = {}
    for item in sorted(items, key=lambda each: (each.due_on, each.id)):
        loaded, path = _place(deployment, school_year, item)
        lost.setdefault((loaded.tree.file, path, item.owner or ""), (loaded, []))[1].append(item)
    roles = {each.role for each in deployment.district.roles}
    for (_, path, role), (loaded, found) in lost.items():
        first, more = found[0], len(found) - 1
        rest = f", nor for {more} more {'item' if more == 1 else 'items'} after it" if more else ""
        message = f"nobody who is active on {first.due_on} answers for {first.id} ({role}){rest}."
        remedy = "Name a person for the role in the plan, or give the role a deputy."
        if role and not {role, f"{role.partition(':')[0]}:*"} & roles:
            remedy = f"Declare role '{role}' in district.yml, with a deputy or a person in the plan."
        yield loaded.finding(path, message, remedy, code=OrphanObligation.code)


def _place(
    deployment: "Deployment", school_year: int, item: Item
) -> tuple[Loaded[YearFile] | Loaded[PlanFile], TreePath]:
    """Return where an item is declared: its window, its review, its activity; else the head of its year."""
    year = deployment.years[school_year]
    owner = item.id.partition(".")[0]
    declared = Loaded(deployment.trees[deployment.year_file(school_year)], year)
    ids = {"windows": [each.id for each in year.windows], "reviews": [each.id for each in year.reviews]}
    for key, names in ids.items():
        if owner in names:
            return declared, (key, names.index(owner))
    plan = deployment.plans[school_year]
    held = Loaded(deployment.trees[f"plans/{year.school_year.label}.yml"], plan)
    for place, steps in _steps(plan):
        if item.id in steps:
            return held, place
    return declared, ("school_year",)


def _steps(plan: PlanFile) -> Iterator[tuple[TreePath, set[str]]]:
    """Yield the place of each activity with the ids of it and its milestones."""
    for one, goal in enumerate(plan.goals):
        for two, strategy in enumerate(goal.strategies):
            for three, activity in enumerate(strategy.activities):
                path: TreePath = ("goals", one, "strategies", two, "activities", three)
                yield path, {activity.activity_id, *(each.milestone_id for each in activity.milestones)}


def _handed_over(deployment: "Deployment", plan: FrozenPlan, named: PlanFile) -> Iterator[Finding]:
    """Yield a warning for each person whose items others answer for from the day after the last."""
    people = people_of(deployment)
    label = deployment.years[plan.school_year].school_year.label
    held = Loaded(deployment.trees[f"plans/{label}.yml"], named)
    for number, person in enumerate(named.people):
        items = handed_over(plan.items, people, person)
        if items:
            listed = ", ".join(f"{item.id} to {_taker(people, person.role, item)}" for item in items[:_SHOWN])
            more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
            message = f"{person.person} leaves {person.role} on {person.active_to}; handed over: {listed}{more}."
            path: TreePath = ("people", number, "active_to")
            remedy = "Tell those who take them over."
            yield held.finding(path, message, remedy, severity="warning", code="handed_over")


def _taker(people: People, role: str, item: Item) -> str:
    taker = people.owner(role, item.due_on).person if item.due_on else None
    return taker or "nobody"
