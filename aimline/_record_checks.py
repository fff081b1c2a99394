"""Judge what people wrote down during a year, short cycles and decisions, against plan, year and indicators.

What a decision rests on is judged where it is recorded, ``aimline/ledger/decisions.py``: it needs the releases.
Source: reviews.md 8.2, 10.
"""

from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings, doubled_findings, named_like, owner_findings, role_findings
from aimline._review_units import role_in, split_id
from aimline._yaml import TreePath
from schemas.cycles import CycleFile
from schemas.decisions import Decision, DecisionsFile


def cycle_findings(facts: Facts) -> Findings:
    """Yield everything wrong with the short cycles beyond their shape."""
    for loaded in facts.cycles:
        if (cycle := loaded.shape) is None:
            continue
        yield from named_like(loaded, ("cycle_id",), f"cycles/{cycle.cycle_id}.yml")
        yield from owner_findings(facts, loaded, ("owner",), cycle.owner)
        yield from _watched(facts, loaded, cycle)
        if cycle.predicted_on > cycle.dates.starts_on:
            message = f"predicted on {cycle.predicted_on}, after the start on {cycle.dates.starts_on}."
            yield loaded.finding(("predicted_on",), message, "Predict first, then begin.", code="prediction")
        if cycle.dates.ends_on < cycle.dates.starts_on:
            message = f"it ends on {cycle.dates.ends_on}, before it starts."
            yield loaded.finding(("dates", "ends_on"), message, "Exchange the dates.", code="dates")
        if cycle.length_waiver:
            place = ("length_waiver", "approved_by")
            yield from role_findings(facts, loaded, place, cycle.length_waiver.approved_by)
        if cycle.result:
            yield from role_findings(facts, loaded, ("result", "decided_by"), cycle.result.decided_by)


def _watched(facts: Facts, loaded: Loaded[CycleFile], cycle: CycleFile) -> Findings:
    """Judge what a cycle watches and where."""
    known = facts.indicator_ids()
    if cycle.measure.indicator_id not in known:
        message, remedy = unknown("indicator", cycle.measure.indicator_id, known)
        yield loaded.finding(("measure", "indicator_id"), message, remedy, code="unknown_indicator")
    groups = facts.group_ids() | {"all"}
    if cycle.measure.group not in groups:
        message, remedy = unknown("group", cycle.measure.group, groups)
        yield loaded.finding(("measure", "group"), message, remedy, code="unknown_group")
    strategies = facts.strategy_ids()
    if cycle.scope.strategy_id and cycle.scope.strategy_id not in strategies:
        message, remedy = unknown("strategy", cycle.scope.strategy_id, strategies)
        yield loaded.finding(("scope", "strategy_id"), message, remedy, code="unknown_strategy")


def decision_findings(facts: Facts) -> Findings:
    """Yield everything wrong with the decisions beyond their shape and their evidence."""
    for loaded in facts.decisions:
        if (shape := loaded.shape) is None:
            continue
        yield from named_like(loaded, ("review_id",), f"decisions/{shape.review_id}.yml")
        yield from _review_findings(facts, loaded, shape)
        ids = [each.decision_id for each in shape.decisions]
        yield from doubled_findings(loaded, ("decisions",), "decision_id", ids)
        for number, decision in enumerate(shape.decisions):
            place: TreePath = ("decisions", number)
            if not decision.decision_id.startswith(f"{shape.review_id}_"):
                message = f"'{decision.decision_id}' does not begin with {shape.review_id}."
                remedy = f"Write {shape.review_id}_{number + 1:02d}."
                yield loaded.finding((*place, "decision_id"), message, remedy, code="decision_id")
            if decision.due_on < shape.held_on:
                message = f"due {decision.due_on}, before the review was held on {shape.held_on}."
                yield loaded.finding((*place, "due_on"), message, "Correct one of the dates.", code="dates")
            yield from owner_findings(facts, loaded, (*place, "owner"), decision.owner)
            yield from role_findings(facts, loaded, (*place, "decided_by"), decision.decided_by)
            yield from _about_findings(facts, loaded, place, decision)
            yield from _rights_findings(facts, loaded, place, (decision, split_id(shape.review_id)[1]))
        yield from _once_each(loaded, shape)


def _review_findings(facts: Facts, loaded: Loaded[DecisionsFile], shape: DecisionsFile) -> Findings:
    school_year, _, short_id = shape.review_id.partition("_")
    known = facts.review_ids(int(school_year))
    if short_id not in known:
        message, remedy = unknown(f"review of {school_year}", short_id, known)
        yield loaded.finding(("review_id",), message, remedy, code="unknown_review")


def _about_findings(facts: Facts, loaded: Loaded[DecisionsFile], place: TreePath, decision: Decision) -> Findings:
    """What a decision is about exists."""
    known = {
        "strategy_id": facts.strategy_ids,
        "goal_id": lambda: facts.plan_ids("goals", "goal_id"),
        "activity_id": facts.activity_ids,
        "indicator_id": facts.indicator_ids,
        "window_id": facts.window_ids,
    }.get(decision.about.kind)
    if known and decision.about.id not in (names := known()):
        message, remedy = unknown(decision.about.kind.removesuffix("_id"), decision.about.id, names)
        yield loaded.finding((*place, "about", decision.about.kind), message, remedy, code="unknown_about")


def _rights_findings(
    facts: Facts, loaded: Loaded[DecisionsFile], place: TreePath, made: tuple[Decision, str | None]
) -> Findings:
    """Who decided had the right to, up to the cost; in a school's review its own principal."""
    decision, school = made
    plan = facts.plan_of(int(decision.decision_id[:4]))
    if plan is None or plan.shape is None or decision.status != "decided":
        return
    right = plan.shape.right(decision.kind)
    decides = role_in(right.decides, school) if school else right.decides
    if not any(role and _is_meant(decision.decided_by, role) for role in (decides, right.above)):
        message = f"{decision.decided_by} may not decide {decision.kind}."
        remedy = f"Set decided_by: {decides} or status: proposed."
        yield loaded.finding((*place, "decided_by"), message, remedy, code="rights")
    too_dear = decision.cost and right.up_to is not None and decision.cost.amount > right.up_to
    if too_dear and decision.cost and right.up_to is not None and decision.decided_by == right.decides:
        message = (
            f"{float(decision.cost.amount):,.0f} {decision.cost.currency} is above {right.decides}'s "
            f"{float(right.up_to):,.0f}."
        )
        remedy = f"Set decided_by: {right.above}, or status: proposed with escalated_to: {right.above}."
        yield loaded.finding((*place, "cost"), message, remedy, code="rights")


def _is_meant(role: str, allowed: str) -> bool:
    """Say whether a role is the one allowed; ``principal:*`` is that of any school."""
    return role == allowed or (allowed.endswith(":*") and role.startswith(allowed[:-1]))


def _once_each(loaded: Loaded[DecisionsFile], shape: DecisionsFile) -> Findings:
    """A review disposes of a strategy once."""
    seen: set[str] = set()
    for number, decision in enumerate(shape.decisions):
        if decision.disposition is None or decision.status != "decided":
            continue
        if decision.about.id in seen:
            message = f"'{decision.about.id}' has a disposition already."
            path: TreePath = ("decisions", number, "disposition")
            yield loaded.finding(path, message, "Keep one, and let the other be superseded.", code="doubled")
        seen.add(decision.about.id)
