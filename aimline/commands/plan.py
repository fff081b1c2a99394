"""The verb ``plan``: does the year reach its boards, with which slack, and what would let it; freeze its dates."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline.commands._conflicts import left_words, names_of
from aimline.commands._drift import drifted
from aimline.commands._planning import kept_of, tell_errors, today, year_asked
from aimline.commands._shared import (
    AsJson,
    AsOf,
    DeploymentName,
    Format,
    State,
    Year,
    as_day,
    number_of,
    say,
    say_json,
    say_table,
)
from aimline.commands.calendar import told_of, version_words

if TYPE_CHECKING:
    from aimline.commands._planning import Kept
    from aimline.schedule import Anchor, Change, Conflict, FrozenPlan, Item, Made
    from aimline.schedule.binding import Binding
    from aimline.schedule.forecast import Chance
    from aimline.settings import Deployment


_OF_CONFLICTS = ("windows", "cell", "resolved_by", "minimal_set")

IfClosed = Annotated[
    str | None, typer.Option("--if-closed", metavar="DATES", help="What if these days, with commas, were closed.")
]
AnchorName = Annotated[str | None, typer.Option("--anchor", metavar="ID", help="Only this review, or what it feeds.")]
Freeze = Annotated[bool, typer.Option("--freeze", help="Write the dates down as the next version.")]
By = Annotated[str | None, typer.Option("--by", metavar="PERSON", help="Who freezes.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")]


def plan(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    year: Year = None,
    *,
    as_of: AsOf = None,
    if_closed: IfClosed = None,
    anchor: AnchorName = None,
    form: Format = "table",
    as_json: AsJson = False,
    freeze: Freeze = False,
    by: By = None,
    reason: Reason = None,
    state: State = None,
) -> int:
    """Print whether a year reaches its boards, with slack, critical path and chance; or freeze its dates.

    Returns 2 where it does not, with what binds it and every way out.
    """
    from aimline.settings import load_deployment

    declared = load_deployment(deployment)
    day = as_of or today(declared)
    closed = tuple(as_day(each.strip()) for each in if_closed.split(",")) if if_closed else ()
    school_year = year_asked(declared, year, day)
    if freeze:
        _freeze(declared, (school_year, as_of), (by, reason), state)
    tell_errors(declared)
    kept = kept_of(declared, state, school_year, day, with_done=True)
    report = _report(declared, kept, _Wanted(school_year, day, closed, anchor))
    if as_json or form == "json":
        say_json(_as_json(report))
    else:
        _say(report)
    return 0 if report.is_feasible else 2


def _freeze(
    declared: "Deployment", when: tuple[int, date | None], told: tuple[str | None, str | None], state: str | None
) -> None:
    from aimline.commands._freezing import freeze
    from aimline.context import open_context
    from aimline.errors import UsageError

    by, reason = told
    if not by or not reason:
        raise UsageError("--freeze needs --by and --reason.", remedy="Say who freezes the dates, and why.")
    context = open_context(str(declared.folder), as_of=when[1], state=state, needs=())
    try:
        freeze(context, when[0], by, reason)
    finally:
        context.journal.close()


@dataclass(frozen=True)
class _Report:
    """Everything the verb prints."""

    declared: "Deployment"
    made: "Made"
    frozen: "FrozenPlan | None"
    anchors: "tuple[tuple[Anchor, Chance | None], ...]"
    items: "tuple[Item, ...]"
    binding: "tuple[Binding, ...]"
    changes: "tuple[Change, ...]"
    is_what_if: bool = False

    @property
    def conflicts(self) -> "tuple[Conflict, ...]":
        return self.made.conflicts

    @property
    def too_soon(self) -> "list[tuple[str, date]]":
        """Windows that are planned to open before what comes before them can be done, with the day they can."""
        plan = self.made.plan
        days = [(name, plan.earliest.days[name][0]) for name, node in plan.graph.nodes.items() if node.kind == "window"]
        return [(name, day) for name, day in days if name in plan.planned and day > plan.planned[name].start]

    @property
    def is_feasible(self) -> bool:
        is_clear = not any(each.is_left for each in self.conflicts)
        return is_clear and all(self.made.plan.reaches(each) for each, _ in self.anchors)


@dataclass(frozen=True)
class _Wanted:
    """What is asked: which year, on which day, what if some days were closed, which anchor."""

    school_year: int
    day: date
    closed: tuple[date, ...] = ()
    anchor: str | None = None


def _report(declared: "Deployment", kept: "Kept", wanted: _Wanted) -> _Report:
    """Work out everything that is printed of a year."""
    from aimline.schedule import by_a_person, causes_since, changes_between, items_of, listed, make_plan, numbered
    from aimline.schedule.binding import bindings
    from aimline.schedule.forecast import chance_of, records_of

    school_year, day, closed = wanted.school_year, wanted.day, wanted.closed
    frozen = kept.history[-1] if kept.history else None
    made = make_plan(declared, kept.asked(school_year, day, closed, renews=bool(closed and frozen)))
    anchors = _anchors(made, wanted.anchor)
    feeding = {name for each in anchors for name in made.plan.graph.feeding(each.node_id)}
    items = tuple(item for item in numbered(frozen, items_of(made.plan)) if not wanted.anchor or item.id in feeding)
    before, after = frozen, made
    if closed and frozen is None:
        before = listed(declared.name, make_plan(declared, kept.asked(school_year, day)))
    elif frozen and not closed:
        after = make_plan(declared, kept.asked(school_year, day, renews=True))
    causes = causes_since(
        kept.store, by_a_person(kept.history), after.plan.setting.resolver.year, declared.years[school_year]
    )
    records, district = records_of(kept.done), declared.district.district_id
    return _Report(
        declared=declared,
        made=made,
        frozen=frozen,
        anchors=tuple((each, chance_of(made.plan, each, district, records)) for each in anchors),
        items=items,
        binding=tuple(each for each in bindings(made.plan, made.extensions) if each.anchor in {a.id for a in anchors}),
        changes=changes_between(before, items_of(after.plan), causes),
        is_what_if=bool(closed),
    )


def _anchors(made: "Made", wanted: str | None) -> "tuple[Anchor, ...]":
    from aimline.errors import UsageError

    every = made.plan.graph.anchors
    found = tuple(each for each in every if wanted in {None, each.id, each.node_id})
    if wanted and not found:
        raise UsageError(
            f"there is no anchor '{wanted}'.", remedy=f"Anchors: {', '.join(each.id for each in every) or 'none'}."
        )
    return found


def _as_json(report: _Report) -> dict[str, Any]:
    setting = report.made.plan.setting
    return {
        "deployment": report.declared.name,
        "school_year": setting.resolver.year.school_year.id,
        "as_of": setting.as_of,
        "feasible": report.is_feasible,
        "anchors": [_anchor_json(report, *each) for each in report.anchors],
        "items": [_item_json(report, item) for item in report.items],
        "binding": [
            {
                "anchor": each.anchor,
                "short_school_days": each.short,
                "chain": [dict(vars(link)) for link in each.chain],
                "ways_out": [
                    {"parameter": way.parameter, "from": way.old, "to": way.new, "effect": way.effect}
                    for way in each.ways
                ],
            }
            for each in report.binding
        ],
        "conflicts": [{name: getattr(each, name) for name in _OF_CONFLICTS} for each in report.conflicts],
        "changes": [dict(vars(each)) for each in report.changes],
    }


def _anchor_json(report: _Report, anchor: "Anchor", chance: "Chance | None") -> dict[str, Any]:
    return {
        "id": anchor.id,
        "on": anchor.on,
        "probability": chance.probability if chance else None,
        "probability_low": chance.low if chance else None,
        "probability_high": chance.high if chance else None,
        "certainty": chance.certainty if chance else None,
        "slack_school_days": _slack(report, anchor),
        "critical_path": list(report.made.plan.critical_path(anchor)),
    }


def _slack(report: _Report, anchor: "Anchor") -> int:
    """Return the slack of an anchor; of one that is not made, how much is short, below zero."""
    short = next((each.short for each in report.binding if each.anchor == anchor.id), None)
    return report.made.plan.anchor_slack(anchor) if short is None else -short


def _item_json(report: _Report, item: "Item") -> dict[str, Any]:
    plan = report.made.plan
    early, late = plan.earliest.days.get(item.id), plan.latest.days.get(item.id)
    node = plan.graph.nodes.get(item.id)
    return {
        **told_of(item),
        "earliest_start": early[0] if early else None,
        "earliest_finish": early[1] if early else None,
        "latest_start": late[0] if late else None,
        "latest_finish": late[1] if late else None,
        "float_school_days": plan.spare(item.id),
        "duration": node.n if node else None,
        "unit": node.unit if node else None,
    }


def _say(report: _Report) -> None:
    from aimline.schedule.rollover import banner

    setting = report.made.plan.setting
    own = setting.resolver.year.school_year
    n_late = len(report.binding) + sum(each.is_left for each in report.conflicts)
    state = "feasible" if report.is_feasible else f"infeasible, {number_of(n_late, 'reason')}"
    say(f"{report.declared.name} {own.label} as of {setting.as_of}: {state}")
    say(version_words(report.frozen) if report.frozen else "proposal: nothing is frozen")
    if warning := banner(setting.resolver.year):
        say(warning)
    for anchor, chance in report.anchors:
        _say_anchor(report, anchor, chance)
    for name, day in report.too_soon:
        say(f"{name} is planned to open before it can: on {day} at the earliest, by what comes before it")
    say()
    columns = ("due", "starts", "id", "latest", "slack", "float", "owner", "rule")
    say_table(columns, [_cells(report, item) for item in report.items])
    for binding in report.binding:
        _say_binding(binding)
    if report.frozen and not report.is_what_if:
        for finding in drifted(report.made, report.frozen, report.changes):
            say(f"{finding.code}: {finding}")
    _say_conflicts(report)
    if report.changes:
        say()
        say("changes:")
        say_table(
            ("id", "field", "old", "new", "cause"),
            [(each.id, each.field, each.old, each.new, each.cause) for each in report.changes],
        )


def _say_anchor(report: _Report, anchor: "Anchor", chance: "Chance | None") -> None:
    slack = number_of(_slack(report, anchor), "school day")
    sure = ""
    if chance:
        words = chance.certainty.replace("_", " ")
        sure = f", chance {chance.probability:.0%} ({chance.low:.1%} to {chance.high:.1%}; {words})"
    fed = "" if anchor.node_id.startswith(f"{anchor.id}.") else f"{anchor.node_id} "
    say(f"{anchor.id}: {fed}on {anchor.on}, slack {slack}{sure}")
    say(f"  critical: {' ← '.join(report.made.plan.critical_path(anchor))}")


def _cells(report: _Report, item: "Item") -> tuple[object, ...]:
    plan = report.made.plan
    late = plan.latest.days.get(item.id)
    spare = plan.spare(item.id)
    last = late[1] if late else None
    return item.due_on, item.opens_on, item.id, last, item.slack_school_days, spare, item.owner, item.rule


def _say_binding(binding: "Binding") -> None:
    say()
    say(binding.message)
    say_table(
        ("by", "id", "rule", "place"),
        [(link.date, link.id, link.rule, f"{link.file}:{link.line}") for link in binding.chain],
    )
    if not binding.ways:
        say("No lead time on this chain can be cut far enough.")
        return
    say("ways out:")
    say_table(
        ("parameter", "from", "to", "effect"),
        [(each.parameter, each.old, each.new, each.effect) for each in binding.ways],
    )


def _say_conflicts(report: _Report) -> None:
    if not report.conflicts:
        return
    say()
    say("conflicts:")
    rows = [
        (names_of(each.windows), each.cell, each.resolved_by or "", left_words(each) if each.is_left else "")
        for each in report.conflicts
    ]
    say_table(("windows", "cell", "resolved by", "cannot all hold"), rows)
