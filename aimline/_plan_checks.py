"""Judge plans against the other declared files: people, rights, owners in office, activities in order and in the year.

Whether a goal can be told apart from a wish is ``aimline/_smartie.py``. Source: indicators.md 1.3, reviews.md 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings, doubled_findings, named_like, owner_findings, role_findings
from aimline._yaml import TreePath
from schemas._base import Owner
from schemas.plan import Activity, Person, PlanFile, Strategy
from schemas.years import YearFile

_ID_LISTS = (
    ("goal", ("goals", "goal_id")),
    ("strategy", ("goals", "strategies", "strategy_id")),
    ("activity", ("goals", "strategies", "activities", "activity_id")),
)


@dataclass(frozen=True)
class Placed:
    """An activity and where it stands."""

    activity: Activity
    path: TreePath


def plan_findings(facts: Facts) -> Findings:
    """Yield everything wrong with the people and the work of all plans."""
    for loaded in facts.plans:
        if (shape := loaded.shape) is None:
            continue
        year = facts.year_of(shape.school_year)
        label = f"{shape.school_year - 1}-{shape.school_year % 100:02d}"
        yield from named_like(loaded, ("school_year",), f"plans/{label}.yml")
        if not any(each.tree.file.endswith(f"years/{label}.yml") for each in facts.years):  # one that is wrong is there
            message = f"there is no years/{label}.yml."
            yield loaded.finding(("school_year",), message, "Declare the year of the plan.", code="no_year")
        yield from _people_findings(facts, loaded, shape)
        yield from _right_findings(facts, loaded, shape)
        yield from _id_findings(loaded, shape)
        yield from _owners_findings(facts, loaded, shape)
        if year and year.shape:
            yield from _date_findings(loaded, shape, year.shape)
        yield from _order_findings(loaded, shape)


def _people_findings(facts: Facts, loaded: Loaded[PlanFile], shape: PlanFile) -> Findings:
    """Judge people and who runs the process."""
    for number, person in enumerate(shape.people):
        place: TreePath = ("people", number)
        yield from role_findings(facts, loaded, (*place, "role"), person.role)
        if person.active_to and person.active_to < person.active_from:
            message = f"{person.person} ends on {person.active_to}, before the first day."
            yield loaded.finding((*place, "active_to"), message, "Exchange the dates.", code="active")
    if shape.process is None:
        if "process" not in loaded.tree.data:
            remedy = "Add process: {manager: <role>, data: <role>}, two different ones."
            yield loaded.finding((), "'process' is missing: nobody runs the process.", remedy, code="process")
        return
    for key, role in (("manager", shape.process.manager), ("data", shape.process.data)):
        yield from role_findings(facts, loaded, ("process", key), role)


def _right_findings(facts: Facts, loaded: Loaded[PlanFile], shape: PlanFile) -> Findings:
    yield from doubled_findings(loaded, ("decision_rights",), "kind", [each.kind for each in shape.decision_rights])
    for number, right in enumerate(shape.decision_rights):
        place: TreePath = ("decision_rights", number)
        yield from role_findings(facts, loaded, (*place, "decides"), right.decides)
        if right.above:
            yield from role_findings(facts, loaded, (*place, "above"), right.above)
        elif right.up_to is not None:
            message = f"nobody decides {right.kind} above {float(right.up_to):,.0f}."
            yield loaded.finding(place, message, "Name the role under above.", code="rights")


def _id_findings(loaded: Loaded[PlanFile], shape: PlanFile) -> Findings:
    """An id of the plan names one thing, wherever in the plan it stands."""
    goals = [(goal.goal_id, ("goals", n, "goal_id")) for n, goal in enumerate(shape.goals)]
    strategies = [(each.strategy_id, (*path, "strategy_id")) for each, path in placed_strategies(shape)]
    activities = [(each.activity.activity_id, (*each.path, "activity_id")) for each in placed_activities(shape)]
    milestones = [
        (step.milestone_id, (*each.path, "milestones", n, "milestone_id"))
        for each in placed_activities(shape)
        for n, step in enumerate(each.activity.milestones)
    ]
    seen: dict[str, int] = {}
    for name, path in (*goals, *strategies, *activities, *milestones):
        finding = loaded.finding(path, "")
        if name in seen:
            message = f"'{name}' is there already, in line {seen[name]}."
            yield loaded.finding(path, message, "Ids name one thing: give it another.", code="doubled")
        seen.setdefault(name, finding.line)


def placed_strategies(shape: PlanFile) -> Iterator[tuple[Strategy, TreePath]]:
    """Yield all strategies of a plan with where they stand."""
    for number, goal in enumerate(shape.goals):
        for position, strategy in enumerate(goal.strategies):
            yield strategy, ("goals", number, "strategies", position)


def placed_activities(shape: PlanFile) -> Iterator[Placed]:
    """Yield all activities of a plan with where they stand."""
    for strategy, path in placed_strategies(shape):
        for number, activity in enumerate(strategy.activities):
            yield Placed(activity, (*path, "activities", number))


def _owners_findings(facts: Facts, loaded: Loaded[PlanFile], shape: PlanFile) -> Findings:
    """Judge owners: known, and in office until what they own is due."""
    for number, goal in enumerate(shape.goals):
        yield from owner_findings(facts, loaded, ("goals", number, "owner"), goal.owner)
        for position, waiver in enumerate(goal.waivers):
            path: TreePath = ("goals", number, "waivers", position, "approved_by")
            yield from role_findings(facts, loaded, path, waiver.approved_by)
    for strategy, path in placed_strategies(shape):
        if strategy.owner:
            yield from owner_findings(facts, loaded, (*path, "owner"), strategy.owner)
    for placed in placed_activities(shape):
        activity, path = placed.activity, (*placed.path, "owner")
        yield from owner_findings(facts, loaded, path, activity.owner)
        span = (activity.starts_on, activity.due_on)
        yield from _office_findings(loaded, path, activity.owner, _Owned("activity", span, shape.people))
        for number, step in enumerate(activity.milestones):
            path = (*placed.path, "milestones", number, "owner")
            yield from owner_findings(facts, loaded, path, step.owner)
            owned = _Owned("milestone", (step.due_on, step.due_on), shape.people)
            yield from _office_findings(loaded, path, step.owner, owned)


@dataclass(frozen=True)
class _Owned:
    """What somebody owns: its kind, its first and last day, and who is in office when."""

    kind: str
    span: tuple[date, date]
    people: tuple[Person, ...]


def _office_findings(loaded: Loaded[PlanFile], path: TreePath, owner: Owner, owned: _Owned) -> Findings:
    """Yield a finding for each owner who is not in office on the days of what is owned.

    A role that nobody of the plan holds, such as that of every school, is held by people the plan does not list.
    """
    for key, name in (("role", owner.role), ("person", owner.person), ("deputy", owner.deputy)):
        held = [each for each in owned.people if name in {each.role, each.person}]
        if name is None or not held:
            continue
        first, last = owned.span
        ends = [each.active_to for each in held]
        begins = min(each.active_from for each in held)
        if begins > first:
            message = f"{name} is not active before {begins}; the {owned.kind} starts {first}."
            yield loaded.finding((*path, key), message, "Name another owner.", code="owner_not_active")
        known_ends = [end for end in ends if end is not None]
        if len(known_ends) == len(ends) and max(known_ends) < last:
            message = f"{name} is not active after {max(known_ends)}; the {owned.kind} is due {last}."
            yield loaded.finding((*path, key), message, "Name a new owner.", code="owner_not_active")


def plan_span(year: YearFile) -> tuple[date, date]:
    """Return first and last day of what a year's plan may hold: its fiscal year, else its days of school."""
    own = year.school_year
    starts = year.fiscal_year.starts if year.fiscal_year else own.first_day
    return min(starts, own.first_day), max(own.last_day, date(own.id, 6, 30))


def _date_findings(loaded: Loaded[PlanFile], shape: PlanFile, year: YearFile) -> Findings:
    first, last = plan_span(year)
    for placed in placed_activities(shape):
        days = [("starts_on", placed.activity.starts_on), ("due_on", placed.activity.due_on)]
        for key, day in days:
            if not first <= day <= last:
                message = f"{day} is outside {year.school_year.label}, {first} to {last}."
                yield loaded.finding((*placed.path, key), message, "Correct the date.", code="outside_year")
        for number, step in enumerate(placed.activity.milestones):
            if not first <= step.due_on <= last:
                message = f"{step.due_on} is outside {year.school_year.label}, {first} to {last}."
                path = (*placed.path, "milestones", number, "due_on")
                yield loaded.finding(path, message, "Correct the date.", code="outside_year")


def _order_findings(loaded: Loaded[PlanFile], shape: PlanFile) -> Findings:
    """Judge what comes after what: known, not before it is due, never in a circle."""
    known = {each.activity.activity_id: each.activity for each in placed_activities(shape)}
    for placed in placed_activities(shape):
        for number, name in enumerate(placed.activity.after):
            path: TreePath = (*placed.path, "after", number)
            if name not in known:
                names = loaded.ids(*_ID_LISTS[2][1])
                if name not in names:
                    yield loaded.finding(path, *unknown("activity", name, names), code="unknown_activity")
                continue
            if placed.activity.starts_on <= known[name].due_on:
                message = f"it starts {placed.activity.starts_on}, before {name} is due on {known[name].due_on}."
                yield loaded.finding(path, message, "Start later, or remove the link.", code="after")
    yield from _circle_findings(loaded, shape, known)


def _circle_findings(loaded: Loaded[PlanFile], shape: PlanFile, known: dict[str, Activity]) -> Findings:
    """Tell each circle once, at the activity of it that stands first."""
    told: set[str] = set()
    for placed in placed_activities(shape):
        circle = _circle(placed.activity.activity_id, known)
        if circle and not told & set(circle):
            told |= set(circle)
            message = f"cycle {' -> '.join(circle)}."
            yield loaded.finding((*placed.path, "after"), message, "Remove one link.", code="cycle")


def _circle(start: str, known: dict[str, Activity]) -> list[str]:
    """Return a way from an activity back to itself, empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in known[way[-1]].after if way[-1] in known else ():
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
