"""The verb ``decide``: record what a review decided, on figures of its frozen evidence.

One draft comes from options, several from a file; without either, what can be cited is listed. What a decision must
hold is ``aimline/ledger/decisions.py`` and the declared facts; here is the order, and where the file goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline._review_units import schools_of, split_id, units_of
from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, number_of, say, say_json, say_table

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.ledger.decisions import Bench, Recorded
    from aimline.ledger.reviews import Frozen


def _option(name: str, words: str, metavar: str = "TEXT") -> Any:
    return typer.Option(name, metavar=metavar, help=words)


Text = str | None
ReviewName = Annotated[str, typer.Argument(metavar="REVIEW", help="Its id, such as mid_year or 2027_mid_year.")]
About = Annotated[Text, _option("--about", "What it is about: strategy:ID, goal:ID, activity:ID, …", "KIND:ID")]
Kind = Annotated[Text, _option("--kind", "Kind of decision, such as strategy_disposition.", "KIND")]
Disposition = Annotated[Text, _option("--disposition", "continue, expand, adapt or stop.", "WORD")]
Reason = Annotated[Text, _option("--reason", "Why a strategy stops.", "WORD")]
What = Annotated[Text, _option("--what", "What is done, in a sentence.")]
Why = Annotated[Text, _option("--why", "Why.")]
OwnerRole = Annotated[Text, _option("--owner", "The role that does it.", "ROLE")]
Due = Annotated[Text, _option("--due", "By when.", "DATE")]
Revisit = Annotated[Text, _option("--revisit", "When it is looked at again.", "DATE")]
Evidence = Annotated[list[str] | None, _option("--evidence", "A figure of the packet; may be given again.", "FIGURE")]
Amount = Annotated[Text, _option("--amount", "What it costs, in dollars.", "NUMBER")]
By = Annotated[Text, _option("--by", "The role that decided; else as the plan says.", "ROLE")]
Public = Annotated[Text, _option("--public-text", "What the public is told.")]
HeldOn = Annotated[Text, _option("--held-on", "The day the review was held; else the day of the run.", "DATE")]
From = Annotated[Path | None, _option("--from", "A YAML file with decisions, as in the decisions file.", "FILE")]


def decide(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    review: ReviewName,
    *,
    about: About = None,
    kind: Kind = None,
    disposition: Disposition = None,
    reason: Reason = None,
    what: What = None,
    why: Why = None,
    owner: OwnerRole = None,
    due: Due = None,
    revisit: Revisit = None,
    evidence: Evidence = None,
    amount: Amount = None,
    by: By = None,
    public_text: Public = None,
    held_on: HeldOn = None,
    from_file: From = None,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Record a decision of a review with its evidence; without one, list the figures that can be cited.

    Returns 0 when nothing is left to decide, 1 when something is.
    """
    from aimline.context import open_context

    given: dict[str, Any] = {
        "kind": kind,
        "about": _about(about),
        "disposition": disposition,
        "reason": reason,
        "what": what,
    }
    given |= {"why": why, "owner": {"role": owner} if owner else None, "due_on": due, "revisit_on": revisit}
    given |= {"evidence": evidence, "cost": {"amount": _number(amount)} if amount else None, "decided_by": by}
    given |= {"public_text": {"en": public_text} if public_text else None}
    draft = {key: value for key, value in given.items() if value}
    context = open_context(deployment, as_of=as_of, state=state)
    desk = _desk(context, review)
    drafts = [*_from_file(from_file), *([draft] if draft else [])]
    if not drafts:
        return _list_figures(desk, as_json=as_json)
    return _tell(_record(desk, drafts, held_on), as_json=as_json)


def _about(text: str | None) -> dict[str, str] | None:
    """Read ``strategy:s_calls``."""
    from aimline.errors import UsageError

    if text is None:
        return None
    kind, colon, name = text.partition(":")
    if not colon or not name:
        raise UsageError(f"--about {text[:60]} does not say what it names.", remedy="Write strategy:ID or goal:ID.")
    return {"process" if kind == "process" else f"{kind}_id": name}


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _from_file(path: Path | None) -> list[dict[str, Any]]:
    """Read drafts from a file: one decision, a list of them, or the list under ``decisions``.

    Raises:
        DeclaredFactError: It is not such a file.
    """
    from aimline._yaml import read_tree
    from aimline.errors import DeclaredFactError, Finding, UsageError

    if path is None:
        return []
    if not path.is_file():
        raise UsageError(f"there is no file {path.name}.", remedy="Give the path of a YAML file.")
    tree = read_tree(path.name, path.read_bytes())
    if tree.findings:
        raise DeclaredFactError(tree.findings)
    data = tree.data.get("decisions", tree.data) if isinstance(tree.data, Mapping) else tree.data
    drafts = [data] if isinstance(data, Mapping) else data
    if not isinstance(drafts, list) or not all(isinstance(each, Mapping) for each in drafts):
        remedy = "Write decisions: and a list, as in the decisions file."
        raise DeclaredFactError([Finding(path.name, 1, 1, "", "this holds no decisions.", remedy)])
    return [dict(each) for each in drafts]


@dataclass(frozen=True)
class _Desk:
    """What deciding works with: the run, the review, the file as it is, the bench of the ledger."""

    context: "Context"
    kind: str
    text: str | None
    bench: "Bench"

    @property
    def name(self) -> str:
        """Return the name of the decisions file in the deployment."""
        return f"decisions/{self.bench.frozen.review_id}.yml"


def _desk(context: "Context", review: str) -> _Desk:
    """Gather what a review decides on.

    Raises:
        UsageError: There is no such review, or its evidence is not frozen yet.
    """
    from aimline.ledger.decision_files import DecisionFile, read_decisions
    from aimline.ledger.decisions import Bench, recorded_ids
    from aimline.ledger.reviews import frozen_figures

    school_year, short_id = _named(context, review)
    year = context.deployment.years[school_year]
    kind = next(each.kind for each in year.reviews if each.id == split_id(short_id)[0])
    frozen = _evidence(context, school_year, short_id)
    text = DecisionFile(context.store, context.deployment.folder, frozen.review_id).text()
    bench = Bench(
        frozen=frozen,
        figures=frozen_figures(context.store, frozen),
        plan=context.deployment.plans[school_year],
        held=read_decisions(text),
        recorded=recorded_ids(context.journal),
        as_of=context.clock.as_of,
    )
    return _Desk(context, kind, text, bench)


def what_is_left(context: "Context", review_id: str) -> int | None:
    """Return how many decisions of a review are missing or not recorded; None where it was not held.

    Args:
        context: The run.
        review_id: Its full id.
    """
    from aimline.ledger.decisions import must_decide
    from aimline.ledger.reviews import frozen_reviews

    frozen = frozen_reviews(context.journal).get(review_id)
    if frozen is None or frozen.as_of > context.clock.as_of:
        return None
    desk = _desk(context, review_id)
    if desk.bench.held is None or desk.bench.held.held_on > context.clock.as_of:
        return None
    unrecorded = [each for each in desk.bench.held.decisions if each.decision_id not in desk.bench.recorded]
    return len(must_decide(desk.kind, desk.bench)) + len(unrecorded)


def _named(context: "Context", review: str) -> tuple[int, str]:
    """Find a review by its full id, or by its short id in the newest year that has begun and has it."""
    from aimline._declared_files import did_you_mean
    from aimline.errors import UsageError

    years = context.deployment.years
    schools = schools_of(context.deployment.district)
    by_id = {
        f"{number}_{unit.id}": (number, unit.id)
        for number, year in years.items()
        for each in year.reviews
        for unit in units_of(each, schools)
    }
    if review in by_id:
        return by_id[review]
    begun = [number for number, year in sorted(years.items()) if year.school_year.first_day <= context.clock.as_of]
    found = [by_id[f"{number}_{review}"] for number in begun if f"{number}_{review}" in by_id]
    if found:
        return found[-1]
    known = sorted({short_id for _, short_id in by_id.values()})
    remedy = did_you_mean(review, known) or f"Reviews: {', '.join(known)}."
    raise UsageError(f"no review '{review[:60]}' in {context.deployment.name}.", remedy=remedy)


def _evidence(context: "Context", school_year: int, short_id: str) -> "Frozen":
    """Return the frozen evidence of a review, as of the day of the run."""
    from aimline.errors import UsageError
    from aimline.ledger.reviews import frozen_reviews
    from aimline.schedule import resolve_dates

    review_id = f"{school_year}_{short_id}"
    frozen = frozen_reviews(context.journal).get(review_id)
    if frozen is not None and frozen.as_of <= context.clock.as_of:
        return frozen
    packet_on = resolve_dates(context.deployment)[school_year, short_id].get("packet_on")
    name = context.deployment.name
    raise UsageError(
        f"{review_id} has no frozen evidence as of {context.clock.as_of}; its packet is due on {packet_on}.",
        remedy=f"Decide on what was frozen: run aimline run {name} --as-of {packet_on} first.",
    )


@dataclass(frozen=True)
class _Saved:
    """What was recorded, where it is written, and what is left."""

    desk: _Desk
    recorded: "tuple[Recorded, ...]"
    path: str
    left: list[tuple[str, str]]


def _record(desk: _Desk, drafts: Sequence[Mapping[str, Any]], held_on: str | None) -> _Saved:
    """Finish every draft, judge the file as it would be, then write it and tell the journal.

    Raises:
        DeclaredFactError: Something about a draft is wrong; nothing is written.
    """
    from aimline.ledger.decision_files import DecisionFile, read_decisions
    from aimline.ledger.decisions import finish, keep, merged_file, must_decide, recorded_events

    context, review_id = desk.context, desk.bench.frozen.review_id
    day = _day(held_on) or context.clock.as_of
    bench, text = desk.bench, desk.text
    recorded = []
    for draft in drafts:
        done = finish(bench, draft)
        text = merged_file(bench, done, text, day)
        bench = replace(bench, held=read_decisions(text))
        recorded.append(done)
    _judge(desk, text or "")
    file = DecisionFile(context.store, context.deployment.folder, review_id)
    path = file.put(text or "", before=desk.text) if text != desk.text else desk.name
    digests = {done.decision.decision_id: keep(context.store, review_id, done.decision) for done in recorded}
    events = recorded_events(review_id, digests, context.clock.as_of, context.run_id)
    context.journal.append(events, at=context.clock.instant())
    return _Saved(desk, tuple(recorded), path, must_decide(desk.kind, bench))


def _day(text: str | None) -> date | None:
    from aimline.errors import UsageError

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"'{(text or '')[:20]}' is not a date.", remedy="Write it as 2027-01-11.") from None


def _judge(desk: _Desk, text: str) -> None:
    """Judge the deployment as it would be with the new file."""
    from aimline.errors import DeclaredFactError
    from aimline.settings import judge_deployment

    judged = judge_deployment(desk.context.deployment.folder, {desk.name: text.encode()})
    wrong = [each for each in judged.findings if each.severity == "error"]
    if wrong:
        raise DeclaredFactError(wrong)


def _tell(saved: _Saved, *, as_json: bool) -> int:
    review_id = saved.desk.bench.frozen.review_id
    if as_json:
        made = [
            {"decision_id": each.decision.decision_id, "digest": each.digest, "status": each.decision.status}
            for each in saved.recorded
        ]
        left = [{"id": name, "reason": why} for name, why in saved.left]
        say_json({"review_id": review_id, "path": saved.path, "decisions": made, "must_decide": left})
        return 1 if saved.left else 0
    for each in saved.recorded:
        decision = each.decision
        new = "saved" if each.is_new else "was there already"
        above = f", {decision.status}, escalated to {decision.escalated_to}" if decision.escalated_to else ""
        say(f"{decision.decision_id} {new} (digest {each.digest[:12]}{above})")
    count = number_of(len(saved.recorded), "decision")
    waiting = "; ".join(f"{name} ({why})" for name, why in saved.left)
    say(f"{saved.path}: {count}. {f'Still to decide: {waiting}.' if waiting else 'Nothing is left to decide.'}")
    return 1 if saved.left else 0


def _list_figures(desk: _Desk, *, as_json: bool) -> int:
    """Show what can be cited: one line a figure, whichever readers saw it."""
    from aimline.ledger.decisions import as_seen, must_decide

    figures = as_seen(desk.bench.figures)
    left = must_decide(desk.kind, desk.bench)
    names = ("figure_id", "indicator_label", "unit_label", "group_label", "period_label", "value_text", "status")
    frozen = desk.bench.frozen
    if as_json:
        listed = [{name: row[name] for name in names} for row in figures]
        head = {"review_id": frozen.review_id, "release_id": frozen.release_id, "completeness": frozen.completeness}
        say_json({**head, "figures": listed, "must_decide": [{"id": name, "reason": why} for name, why in left]})
        return 1 if left else 0
    share = f"{frozen.completeness:.0%} of the evidence"
    say(f"{frozen.review_id}: frozen {frozen.as_of} on {frozen.release_id}, {share}")
    say()
    shown = [row for row in figures if not row["is_suppressed"]]
    _, school = split_id(frozen.review_id)
    whole = [row for row in shown if school or row["unit_type"] == "district"]
    heads = ("figure", "what", "unit", "group", "period", "value", "status")
    say_table(heads, [[row[name] for name in names] for row in whole])
    if len(shown) > len(whole):
        say(f"and {number_of(len(shown) - len(whole), 'figure')} of schools: --json lists them.")
    say()
    waiting = "; ".join(f"{name} ({why})" for name, why in left)
    say(f"To decide: {waiting}." if left else "Nothing is left to decide.")
    example = "--about strategy:ID --disposition adapt --what … --why … --evidence FIGURE --owner ROLE --due DATE"
    say(f"Record one with: aimline decide {desk.context.deployment.name} {frozen.review_id} {example} --revisit DATE")
    return 1 if left else 0
