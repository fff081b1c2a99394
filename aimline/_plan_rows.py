"""Turn plans, years, cycles and decisions into rows: what is planned, when people meet, what they decided."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aimline._review_units import Unit, schools_of, units_of
from aimline._row_parts import Dates, Row, joined, owner_of, ratio, words
from schemas.plan import Goal, Strategy
from schemas.years import Review, Window

if TYPE_CHECKING:
    from aimline.settings import Deployment


def _each_goal(deployment: "Deployment") -> Iterator[tuple[int, int, Goal]]:
    for school_year, plan in deployment.plans.items():
        yield from ((school_year, number, goal) for number, goal in enumerate(plan.goals, 1))


def _each_strategy(deployment: "Deployment") -> Iterator[tuple[int, int, Goal, Strategy]]:
    for school_year, _, goal in _each_goal(deployment):
        yield from ((school_year, number, goal, strategy) for number, strategy in enumerate(goal.strategies, 1))


def terms(deployment: "Deployment") -> Iterator[Row]:
    """Yield the terms of the school years by the day each ends."""
    for school_year, year in sorted(deployment.years.items()):
        for kind, ends in year.terms.items():
            for number, day in enumerate(sorted(ends), 1):
                yield {"school_year": school_year, "term_kind": kind, "term_no": number, "ends_on": day}


def goals(deployment: "Deployment") -> Iterator[Row]:
    """Yield the goals."""
    for school_year, number, goal in _each_goal(deployment):
        yield {
            "goal_id": goal.goal_id,
            "school_year": school_year,
            "goal_no": number,
            **words("statement", goal.statement),
            "primary_indicator_id": goal.primary_indicator,
            **owner_of(deployment, goal.owner),
            "reviews": joined(goal.reviews),
            "group_focus": joined(goal.group_focus),
        }


def goal_indicators(deployment: "Deployment") -> Iterator[Row]:
    """Yield the indicators of goals."""
    for school_year, _, goal in _each_goal(deployment):
        for number, link in enumerate(goal.indicators, 1):
            named = {"goal_id": goal.goal_id, "school_year": school_year, "indicator_id": link.indicator_id}
            yield {**named, "role": link.role, "link_no": number}


def strategies(deployment: "Deployment") -> Iterator[Row]:
    """Yield the strategies."""
    for school_year, number, goal, strategy in _each_strategy(deployment):
        cost = strategy.cost
        yield {
            "strategy_id": strategy.strategy_id,
            "goal_id": goal.goal_id,
            "school_year": school_year,
            "strategy_no": number,
            **words("statement", strategy.statement),
            **owner_of(deployment, strategy.owner or goal.owner),
            "scope_schools": "all" if strategy.schools is None else joined(strategy.schools),
            "cost_amount": float(cost.this_year) if cost else None,
            "currency": cost.currency if cost else None,
            "funding": cost.funding if cost else None,
            "cost_note": ("every year" if cost.recurring else "once") if cost else None,
        }


def strategy_indicators(deployment: "Deployment") -> Iterator[Row]:
    """Yield what tells whether a strategy is carried out."""
    for school_year, _, goal, strategy in _each_strategy(deployment):
        for number, link in enumerate(strategy.implementation, 1):
            yield {
                "strategy_id": strategy.strategy_id,
                "goal_id": goal.goal_id,
                "school_year": school_year,
                "indicator_id": link.indicator_id,
                "dimension": link.dimension,
                **ratio("target", link.target),
                **ratio("partly", link.partly_from),
                "is_required": link.required,
                "link_no": number,
            }


def activities(deployment: "Deployment") -> Iterator[Row]:
    """Yield the activities."""
    for school_year, _, goal, strategy in _each_strategy(deployment):
        for number, activity in enumerate(strategy.activities, 1):
            yield {
                "activity_id": activity.activity_id,
                "strategy_id": strategy.strategy_id,
                "goal_id": goal.goal_id,
                "school_year": school_year,
                "activity_no": number,
                **words("label", activity.label),
                "starts_on": activity.starts_on,
                "due_on": activity.due_on,
                "done_on": activity.done_on,
                **owner_of(deployment, activity.owner),
                "evidence": activity.evidence,
                "n_planned_sessions": activity.planned_sessions,
                "after": joined(activity.after),
            }


def milestones(deployment: "Deployment") -> Iterator[Row]:
    """Yield the milestones."""
    for school_year, _, goal, strategy in _each_strategy(deployment):
        steps = [(activity, step) for activity in strategy.activities for step in activity.milestones]
        for number, (activity, step) in enumerate(steps, 1):
            yield {
                "milestone_id": step.milestone_id,
                "activity_id": activity.activity_id,
                "strategy_id": strategy.strategy_id,
                "goal_id": goal.goal_id,
                "school_year": school_year,
                "milestone_no": number,
                **words("label", step.label),
                "due_on": step.due_on,
                "done_on": step.done_on,
                **owner_of(deployment, step.owner),
            }


def people(deployment: "Deployment") -> Iterator[Row]:
    """Yield the people of all plans."""
    known = {person for plan in deployment.plans.values() for person in plan.people}
    for person in sorted(known, key=lambda each: (each.person, each.role, each.active_from)):
        yield person.model_dump()


def windows(deployment: "Deployment", dates: Dates) -> Iterator[Row]:
    """Yield the windows."""
    for school_year, year in deployment.years.items():
        for window in year.windows:
            yield {
                **_window(school_year, window),
                "opens_on": window.opens.on,
                "closes_on": window.closes.on if window.closes else None,
                **dates.get((school_year, window.id), {}),
            }


def _window(school_year: int, window: Window) -> Row:
    instrument_id, _, edition = (window.instrument or "").partition("@")
    asked = [grade for each in window.respondents.values() for grade in each.grades or ()]
    return {
        "window_id": window.id,
        "school_year": school_year,
        "kind": window.kind,
        **words("label", window.label),
        "instrument_id": instrument_id or None,
        "edition": edition or None,
        "wave": window.wave,
        "respondents": joined(tuple(window.respondents)),
        "grades": joined(asked) if asked else None,
        **ratio("threshold", window.threshold),
        "sources": joined(window.sources),
    }


def reviews(deployment: "Deployment", dates: Dates) -> Iterator[Row]:
    """Yield the reviews."""
    for school_year, year in deployment.years.items():
        for review in year.reviews:
            for unit in units_of(review, schools_of(deployment.district)):
                yield {
                    "review_id": f"{school_year}_{unit.id}",
                    "school_year": school_year,
                    **_review(deployment, review, unit),
                    **dates.get((school_year, unit.id), {}),
                }


def _review(deployment: "Deployment", review: Review, unit: Unit) -> Row:
    return {
        "short_id": unit.id,
        "kind": review.kind,
        "scope": review.scope,
        "unit_id": unit.school_id or deployment.district.district_id,
        **words("label", unit.label),
        "packet_on": review.packet_on,
        "meets_on": review.meets_on or (review.on.on if review.on else None),
        "decide_by": review.decide_by,
        "close_by": review.close_by,
        "needs": joined(review.needs),
        "goals": "all" if review.goals is None else joined(review.goals),
        "chair_role": unit.chair,
        "scribe_role": unit.scribe,
        "chair_label": deployment.district.role_label(unit.chair),
    }


def cycles(deployment: "Deployment") -> Iterator[Row]:
    """Yield the short cycles."""
    for cycle in deployment.cycles.values():
        owner = owner_of(deployment, cycle.owner)
        yield {
            "cycle_id": cycle.cycle_id,
            "scope": "school" if cycle.scope.school_id else "program",
            "unit_id": cycle.scope.school_id or deployment.district.district_id,
            "strategy_id": cycle.scope.strategy_id,
            "change_idea_id": cycle.change_idea_id,
            "aim": cycle.aim,
            "change": cycle.change,
            "prediction": cycle.prediction.text,
            "predicted_on": cycle.predicted_on,
            "indicator_id": cycle.measure.indicator_id,
            "group_id": cycle.measure.group,
            "starts_on": cycle.dates.starts_on,
            "ends_on": cycle.dates.ends_on,
            "owner_role": owner["owner_role"],
            "owner_label": owner["owner_label"],
            "verdict": cycle.result.verdict if cycle.result else None,
            "learned": cycle.result.learned if cycle.result else None,
            "state": "closed" if cycle.result else "registered",
        }


def decisions(deployment: "Deployment") -> Iterator[Row]:
    """Yield the decisions of all reviews."""
    for held in deployment.decisions.values():
        for decision in held.decisions:
            owner = owner_of(deployment, decision.owner)
            yield {
                "decision_id": decision.decision_id,
                "review_id": held.review_id,
                "kind": decision.kind,
                "about_kind": decision.about.kind.removesuffix("_id"),
                "about_id": decision.about.id,
                "disposition": decision.disposition,
                "what": decision.what,
                "why": decision.why,
                **words("public_text", decision.public_text),
                "evidence": joined([pin.figure_id for pin in decision.evidence]),
                "evidence_release_id": held.evidence.release_id,
                "owner_role": owner["owner_role"],
                "owner_label": owner["owner_label"],
                "due_on": decision.due_on,
                "revisit_on": decision.revisit_on,
                "cost_amount": float(decision.cost.amount) if decision.cost else None,
                "currency": decision.cost.currency if decision.cost else None,
                "status": decision.status,
                "decided_by": decision.decided_by,
                "decided_on": decision.decided_on or held.held_on,
            }
