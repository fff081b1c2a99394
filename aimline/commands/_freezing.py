"""Freeze the plan of a year: refuse what must not be frozen, write the version once, tell whom it concerns."""

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from aimline.commands._conflicts import refusal
from aimline.commands._planning import kept_of
from aimline.errors import (
    ConflictInfeasible,
    OrphanObligation,
    PlanInfeasible,
    UnconfirmedDates,
    UsageError,
    VersionTaken,
)

if TYPE_CHECKING:
    from aimline._declared_files import Loaded
    from aimline.commands._planning import Kept
    from aimline.context import Context
    from aimline.schedule import FrozenPlan, Made
    from aimline.settings import Deployment
    from schemas.years import YearFile


def freeze(context: "Context", school_year: int, by: str, reason: str) -> "FrozenPlan":
    """Write the next version of the plan of a year.

    Raises:
        DeclaredFactError: It must not be frozen, with every reason at its place.
        VersionTaken: Somebody else froze it in the same moment.
        UsageError: There is a version of a later day.
    """
    from aimline.errors import DeclaredFactError
    from aimline.schedule import history, make_plan, schedule_errors

    declared, day = context.deployment, context.clock.as_of
    if wrong := schedule_errors(declared):
        raise DeclaredFactError(wrong)
    newest = history(context.store, school_year)
    if newest and newest[-1].as_of > day:
        last = newest[-1]
        raise UsageError(
            f"version {last.version} is as of {last.as_of}, after {day}.", remedy=f"Freeze as of {last.as_of} or later."
        )
    every = kept_of(declared, str(context.store.root), school_year, day, with_done=True)
    _refuse_unconfirmed(declared, school_year)
    made = make_plan(declared, every.asked(school_year, day, renews=True))
    refuse_infeasible(made)
    _refuse_orphans(declared, made)
    return _write(context, every, made, (by, reason))


def extend(context: "Context", school_year: int) -> "FrozenPlan | None":
    """Write the version that gives open windows back the days that closures took; None where there are none."""
    from aimline.schedule import ENGINE, make_plan

    declared, day = context.deployment, context.clock.as_of
    every = kept_of(declared, str(context.store.root), school_year, day, with_done=True)
    if not every.history:
        return None
    made = make_plan(declared, every.asked(school_year, day))
    known = {item.id: item.closes_on for item in every.history[-1].items}
    longer = {name: made.plan.planned[name].finish for name in made.extensions}
    if all(known.get(name) == closes for name, closes in longer.items()):
        return None
    reason = f"extended: {', '.join(f'{name} to {closes}' for name, closes in sorted(longer.items()))}"
    return _write(context, every, made, (ENGINE, reason))


def _refuse_unconfirmed(declared: "Deployment", school_year: int) -> None:
    loaded = _loaded(declared, school_year)
    dates = declared.years[school_year].confirm
    if dates:
        remedy = "Look at them, and take them out of 'confirm'."
        raise UnconfirmedDates(
            loaded.finding(("confirm", number), f"nobody has confirmed {day}.", remedy, code=UnconfirmedDates.code)
            for number, day in enumerate(dates)
        )


def refuse_infeasible(made: "Made") -> None:
    """Raise what keeps a plan from its dates, at the place of the cause.

    Raises:
        PlanInfeasible: An anchor is not made.
        ConflictInfeasible: Windows are in each other's way.
    """
    from aimline.schedule.binding import bindings, path_of

    loaded, nodes = made.plan.setting.resolver.loaded, made.plan.graph.nodes
    found = [
        replace(loaded.finding(path_of(made.plan, nodes[each.chain[-1].id]), each.message), code=PlanInfeasible.code)
        for each in bindings(made.plan, made.extensions)
    ]
    if found:
        raise PlanInfeasible(found)
    left = [each for each in made.conflicts if each.is_left]
    if left:
        numbers = {each.id: number for number, each in enumerate(made.plan.setting.resolver.year.windows)}
        raise ConflictInfeasible(
            loaded.finding(
                ("windows", numbers[each.windows[-1]]),
                *refusal(each),
                code=ConflictInfeasible.code,
            )
            for each in left
        )


def _refuse_orphans(declared: "Deployment", made: "Made") -> None:
    from aimline.schedule import items_of, orphans, people_of

    if not any(plan.people for plan in declared.plans.values()):
        return
    as_of = made.plan.setting.as_of
    lost = [each for each in orphans(items_of(made.plan), people_of(declared)) if each.due_on and each.due_on >= as_of]
    if lost:
        loaded, nodes = made.plan.setting.resolver.loaded, made.plan.graph.nodes
        raise OrphanObligation(
            loaded.finding(
                nodes[each.id].path if each.id in nodes else ("reviews",),
                f"nobody who is active on {each.due_on} answers for {each.id} ({each.owner}).",
                "Name a person for the role in the plan, or give the role a deputy.",
                code=OrphanObligation.code,
            )
            for each in lost
        )


def _loaded(declared: "Deployment", school_year: int) -> "Loaded[YearFile]":
    from aimline.schedule import year_files

    return next(each for each in year_files(declared) if each.shape and each.shape.school_year.id == school_year)


def _write(context: "Context", every: "Kept", made: "Made", told: tuple[str, str]) -> "FrozenPlan":
    """Write the next version, say so in the journal, and put the messages of its changes in the outbox."""
    from aimline.schedule import (
        Freezing,
        affected,
        by_a_person,
        causes_since,
        changes_between,
        inputs_key,
        listed,
        message,
        next_version,
        people_of,
        plan_bytes,
        version_key,
    )

    declared, store = context.deployment, context.store
    school_year = made.plan.setting.resolver.year.school_year.id
    file = declared.year_file(school_year)
    raw = (declared.folder / file).read_bytes()
    before = every.history[-1] if every.history else None
    proposed = listed(declared.name, made)
    changes = changes_between(
        before, proposed.items, causes_since(store, by_a_person(every.history), declared.years[school_year])
    )
    freezing = Freezing(*told, context.clock.instant(), sha256(raw).hexdigest())
    plan = next_version(every.history, proposed, changes, freezing)
    hearing = affected(plan, before, people_of(declared))
    plan = replace(plan, notify=tuple(hearing))
    store.put_if_absent(inputs_key(school_year, plan.inputs_sha256), raw)
    data = plan_bytes(plan)
    if not store.put_if_absent(version_key(school_year, plan.version), data):
        raise VersionTaken(
            f"version {plan.version} of {school_year} was frozen by somebody else in the same moment.",
            remedy="Look at it with aimline calendar, then freeze again.",
        )
    _record(context, plan, data)
    for person, own in hearing.items():
        name = sha256(f"{version_key(school_year, plan.version)}|{person}".encode()).hexdigest()[:16]
        store.put_atomic(f"outbox/people/{person}/{name}.txt", message(plan, before, own).encode())
    return plan


def _record(context: "Context", plan: "FrozenPlan", data: bytes) -> None:
    from aimline.journal import Event
    from aimline.schedule import FROZEN

    payload = {
        "school_year": plan.school_year,
        "version": plan.version,
        "by": plan.frozen_by,
        "sha256": sha256(data).hexdigest(),
        "n_items": len(plan.items),
        "n_changes": len(plan.changes),
    }
    key = f"{FROZEN}|{plan.school_year}|{plan.version}"
    event = Event(FROZEN, f"{plan.school_year}", plan.as_of, key, payload, context.run_id)
    context.journal.append([event], at=context.clock.instant())
