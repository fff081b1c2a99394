"""List the dated obligations of all years: windows, arrivals, reviews, plan steps, meetings, decisions.

One row an obligation with its dates, its owner and how its date was found; what state it is in depends on the day and
is not known here. Source: schedule.md 1, 4.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from aimline._review_units import Unit, schools_of, units_of
from aimline._row_parts import Row, owner_of, words
from aimline.schedule.arrivals import Arrival
from aimline.schedule.items import FrozenPlan
from aimline.schedule.rules import CLOSE_AFTER, DECIDE_AFTER, FREEZE_AFTER, MEET_AFTER, Dates, rule_text
from schemas._base import Owner
from schemas.declared import DECLARED
from schemas.years import Review, YearFile

if TYPE_CHECKING:
    from aimline.settings import Deployment

REVIEW_STEPS = (
    ("packet_on", "review_packet", "packet"),
    ("meets_on", "review_meeting", "meeting"),
    ("decide_by", "decide_by", "decisions"),
    ("close_by", "review_close", "close"),
)
"""Date of a review, kind of its obligation, last part of its id."""

_COUNTED_FROM = {
    "packet_on": ("meeting", FREEZE_AFTER),
    "meets_on": ("packet", MEET_AFTER),
    "decide_by": ("meeting", DECIDE_AFTER),
    "close_by": ("decisions", CLOSE_AFTER),
}
_COLUMNS = DECLARED["declared_obligations"]


def obligation_rows(
    deployment: "Deployment", dates: Dates, arrivals: Iterable[Arrival], plans: Mapping[int, FrozenPlan]
) -> list[Row]:
    """Return the rows of entity ``declared_obligations``, by due date and id.

    Args:
        deployment: The declared facts.
        dates: Dates of windows and reviews.
        arrivals: Expected deliveries.
        plans: The version in force of each year, or its proposal: its dates are those of windows, reviews, meetings.
    """
    made = [
        *_windows(deployment, dates),
        *_reviews(deployment, dates),
        *_arrivals(deployment, arrivals),
        *_meetings(deployment),
        *_plan_steps(deployment),
        *_decisions(deployment),
    ]
    planned = (row | _planned(row, plans.get(row["school_year"])) for row in made)
    whole = [{column: row.get(column) for column in _COLUMNS} for row in planned]
    return sorted(whole, key=lambda row: (row["due_on"], row["obligation_id"]))


def _planned(row: Row, plan: FrozenPlan | None) -> Row:
    """Return what the plan of its year says of an obligation: days, what it waits for, slack, version."""
    item = plan.item(_item_id(row)) if plan else None
    if item is None:
        return {"frozen_version": 0}
    known: Row = {
        "slack_school_days": item.slack_school_days,
        "is_critical": item.is_critical,
        "depends_on": ",".join(item.depends_on) or None,
        "frozen_version": item.frozen_version,
    }
    if row["kind"] == "review_packet":
        return known | ({"due_on": item.opens_on} if item.opens_on else {})
    days = {"opens_on": item.opens_on, "closes_on": item.closes_on} if row["kind"] == "window" else {}
    return known | days | {"due_on": item.due_on, "rule": item.rule}


def _item_id(row: Row) -> str:
    """Return the item of a plan that an obligation is: a packet is ready when its reflection begins."""
    name = str(row["obligation_id"]).removeprefix(f"{row['school_year']}_")
    if row["kind"] == "review_packet":
        return f"{name.removesuffix('.packet')}.reflection"
    return name.removesuffix(".meeting") if row["kind"] == "review_meeting" else name


def other_rows(deployment: "Deployment", arrivals: Iterable[Arrival]) -> list[Row]:
    """Return the rows of what has a date and is no part of a plan: deliveries, plan steps, decisions."""
    made = [*_arrivals(deployment, arrivals), *_plan_steps(deployment), *_decisions(deployment)]
    return [{column: row.get(column) for column in _COLUMNS} for row in made]


def _windows(deployment: "Deployment", dates: Dates) -> Iterator[Row]:
    for school_year, year in deployment.years.items():
        for window in year.windows:
            days = dates.get((school_year, window.id), {})
            if "closes_on" not in days:
                continue
            sources = [each for each in deployment.sources.sources if each.source_id in window.sources]
            yield {
                "obligation_id": f"{school_year}_{window.id}",
                "school_year": school_year,
                "kind": "window",
                **words("label", window.label),
                "opens_on": days["opens_on"],
                "closes_on": days["closes_on"],
                "due_on": days["closes_on"],
                **_owner(deployment, sources[0].owner if sources else None),
                "window_id": window.id,
                "rule": rule_text(window.opens),
            }


def _reviews(deployment: "Deployment", dates: Dates) -> Iterator[Row]:
    for school_year, year in deployment.years.items():
        for review in year.reviews:
            for unit in units_of(review, schools_of(deployment.district)):
                yield from _unit_rows(deployment, year, (review, unit), dates.get((school_year, unit.id), {}))


def _unit_rows(
    deployment: "Deployment", year: YearFile, held: tuple[Review, Unit], days: Mapping[str, date]
) -> Iterator[Row]:
    """Yield the dates of one review, the district's or that of a school."""
    review, unit = held
    school_year = year.school_year.id
    for name, kind, part in REVIEW_STEPS:
        if name in days:
            yield {
                "obligation_id": f"{school_year}_{unit.id}.{part}",
                "school_year": school_year,
                "kind": kind,
                **words("label", unit.label),
                "due_on": days[name],
                **_owner(deployment, Owner(role=unit.scribe if part == "close" else unit.chair)),
                "review_id": f"{school_year}_{unit.id}",
                "rule": _review_rule(review, unit, name),
            }


def _review_rule(review: Review, unit: Unit, name: str) -> str:
    if getattr(review, name) is not None:
        return "fixed"
    if name == "meets_on" and review.on:
        return rule_text(review.on)
    before, n_days = _COUNTED_FROM[name]
    return f"school_days({n_days}, {unit.id}.{before})"


def _arrivals(deployment: "Deployment", arrivals: Iterable[Arrival]) -> Iterator[Row]:
    sources = {each.source_id: each for each in deployment.sources.sources}
    for arrival in arrivals:
        source = sources[arrival.source_id]
        yield {
            "obligation_id": f"{arrival.source_id}.{arrival.expected_on}",
            "school_year": arrival.school_year,
            "kind": "arrival",
            **words("label", source.label or {"en": source.source_id}),
            "due_on": arrival.expected_on,
            **_owner(deployment, source.owner),
            "source_id": arrival.source_id,
            "window_id": arrival.window_id,
            "rule": arrival.rule,
        }


def _meetings(deployment: "Deployment") -> Iterator[Row]:
    for school_year, year in deployment.years.items():
        for day in year.board_meetings.dates if year.board_meetings else ():
            words_ = {"label_en": "Board meeting", "label_es": "Reunión de la junta"}
            yield _meeting(school_year, f"board.{day}", "board_meeting", day) | words_
        yield from _budget_steps(school_year, year)


def _budget_steps(school_year: int, year: YearFile) -> Iterator[Row]:
    for step in year.budget:
        row = _meeting(school_year, f"{school_year}_budget.{step.id}", "budget_event", step.on)
        yield row | {"label_en": f"Budget: {step.id.replace('_', ' ')}"}


def _meeting(school_year: int, obligation_id: str, kind: str, day: date) -> Row:
    return {
        "obligation_id": obligation_id,
        "school_year": school_year,
        "kind": kind,
        "due_on": day,
        "rule": "fixed",
    }


def _plan_steps(deployment: "Deployment") -> Iterator[Row]:
    for school_year, plan in deployment.plans.items():
        activities = [each for goal in plan.goals for strategy in goal.strategies for each in strategy.activities]
        for activity in activities:
            yield {
                "obligation_id": f"{school_year}_{activity.activity_id}",
                "school_year": school_year,
                "kind": "activity",
                **words("label", activity.label),
                "opens_on": activity.starts_on,
                "closes_on": activity.due_on,
                "due_on": activity.due_on,
                **_owner(deployment, activity.owner),
                "rule": "fixed",
            }
            for step in activity.milestones:
                yield {
                    "obligation_id": f"{school_year}_{step.milestone_id}",
                    "school_year": school_year,
                    "kind": "milestone",
                    **words("label", step.label),
                    "due_on": step.due_on,
                    **_owner(deployment, step.owner),
                    "rule": "fixed",
                }


def _decisions(deployment: "Deployment") -> Iterator[Row]:
    for held in deployment.decisions.values():
        for decision in held.decisions:
            for kind, day in (("decision_due", decision.due_on), ("decision_revisit", decision.revisit_on)):
                if day is not None:
                    yield {
                        "obligation_id": f"{decision.decision_id}.{kind.removeprefix('decision_')}",
                        "school_year": int(held.review_id[:4]),
                        "kind": kind,
                        "label_en": decision.what,
                        "due_on": day,
                        **_owner(deployment, decision.owner),
                        "review_id": held.review_id,
                        "rule": "fixed",
                    }


def _owner(deployment: "Deployment", owner: Owner | None) -> dict[str, Any]:
    """Return role and words of an owner; whom a code stands for is not part of an obligation."""
    told = owner_of(deployment, owner)
    return {name: told.get(name) for name in ("owner_role", "owner_label")}
