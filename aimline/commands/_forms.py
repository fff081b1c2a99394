"""Find what a form is made of: the window and its instrument as declared, the rooms as they were accepted."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aimline.sources.template import Form, Slot, activity_form, form_of
from aimline.sources.template_teams import TEAM_FORMS, team_form

if TYPE_CHECKING:
    from aimline.settings import Deployment
    from aimline.warehouse import Connection
    from schemas.years import Window


def window_of(deployment: "Deployment", window_id: str, school_year: int) -> "Window | None":
    """Return a declared window of a school year."""
    year = deployment.years.get(school_year)
    return next((each for each in (year.windows if year else ()) if each.id == window_id), None)


def form_for(deployment: "Deployment", slot: Slot, rooms: Sequence[str] = ()) -> Form | None:
    """Return the form of a slot as it is declared today; None where the window asks for none."""
    if slot.window_id in TEAM_FORMS:
        return team_form(slot.window_id, slot, lambda kind, name: _knows(deployment, slot, kind, name))
    window = window_of(deployment, slot.window_id, slot.school_year)
    if window and window.kind == "activity":
        activities = _activities(deployment, slot)
        return activity_form(slot, activities) if activities else None
    instrument = deployment.instruments.get(window.instrument or "") if window else None
    return form_of(slot, instrument, rooms) if instrument else None


def _knows(deployment: "Deployment", slot: Slot, kind: str, name: str) -> bool:
    """Say whether an owner, a goal or an indicator that a team names is declared for its year."""
    plan = deployment.plans.get(slot.school_year)
    if kind == "owner":
        people = {each.person for each in plan.people} if plan else set()
        return deployment.district.knows_role(name) or name in people
    if kind == "goal":
        return plan is not None and name in {goal.goal_id for goal in plan.goals}
    return name in {each.indicator_id for each in deployment.indicators.indicators}


def _activities(deployment: "Deployment", slot: Slot) -> list[tuple[str, str]]:
    """Return id and label of the activities that a year's plan has for a school, in its order."""
    plan = deployment.plans.get(slot.school_year)
    strategies = (
        strategy
        for goal in (plan.goals if plan else ())
        for strategy in goal.strategies
        if strategy.schools is None or slot.school_id in strategy.schools
    )
    return [
        (each.activity_id, next(iter(each.label.values()), ""))
        for strategy in strategies
        for each in strategy.activities
    ]


def declared_form(deployment: "Deployment", stamp: Mapping[str, str]) -> Form | None:
    """Return the form a stamp names, as it is declared today."""
    year = stamp.get("school_year", "")
    if not (year.isdigit() and stamp.get("school_id")):
        return None
    slot = Slot(deployment.district.district_id, stamp.get("window_id", ""), int(year), stamp["school_id"])
    return form_for(deployment, slot)


def rooms_of(connection: "Connection", paths: Sequence[str], school_id: str) -> list[str]:
    """Return the pseudonyms of the rooms of a school that could be visited, in order."""
    if not paths or not school_id:
        return []
    from aimline.warehouse import quote_literal

    listed = ", ".join(map(quote_literal, paths))
    rows = connection.rows(
        "select room_key from (select room_key, is_eligible, row_number() over (partition by room_key "
        f"order by valid_from desc) as n from read_parquet([{listed}], hive_partitioning = false) "
        "where school_id = $1) where n = 1 and is_eligible order by room_key",
        [school_id],
    )
    return [row["room_key"] for row in rows]
