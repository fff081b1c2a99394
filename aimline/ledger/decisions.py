"""Record what a review decided, on figures that were frozen before: one canonical file, one event, one line of YAML.

Pure but for ``keep``: a draft comes in, a finished decision goes out, what is wrong with it is told all at once. What a
decision says of the plan is judged with the declared facts (``aimline/_record_checks.py``). Source: reviews.md 8.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from aimline._review_units import role_in, split_id
from aimline.errors import DeclaredFactError, UsageError
from aimline.journal import Event, Journal
from aimline.ledger.reviews import Frozen
from aimline.storage import LocalStore
from schemas._base import judged
from schemas.decisions import Decision, DecisionsFile
from schemas.plan import PlanFile
from schemas.published import EXACT, GAP_TEXT

RECORDED = "decision_recorded"
WATCHED = ("watch", "off track")

_KEYS = (
    *("decision_id", "kind", "about", "disposition", "reason", "what", "why", "evidence", "no_evidence_because"),
    *("owner", "due_on", "revisit_on", "cost", "decided_by", "decided_on", "status", "escalated_to", "public_text"),
)
_DATES = ("due_on", "revisit_on", "decided_on")


@dataclass(frozen=True)
class Bench:
    """What a decision is recorded with.

    Attributes:
        frozen: The review, as its evidence was frozen.
        figures: Rows of the frozen figures.
        plan: The plan in force.
        held: What the review decided so far; None before the first.
        recorded: Ids the journal knows.
        as_of: The day of the run.
    """

    frozen: Frozen
    figures: Sequence[Mapping[str, Any]]
    plan: PlanFile
    held: DecisionsFile | None
    recorded: frozenset[str]
    as_of: date


@dataclass(frozen=True)
class Recorded:
    """A finished decision: as the file says it, as it is kept, and whether the file has it already."""

    decision: Decision
    entry: dict[str, Any]
    canonical: bytes
    is_new: bool

    @property
    def digest(self) -> str:
        """Return the digest of its canonical bytes."""
        return sha256(self.canonical).hexdigest()


def finish(bench: Bench, draft: Mapping[str, Any]) -> Recorded:
    """Turn a draft into a decision: evidence filled in, id given, the role that decides named.

    The same draft twice is the same decision.

    Args:
        bench: What it is recorded with.
        draft: Keys as in the decisions file; ``evidence`` may be plain figure ids.

    Raises:
        DeclaredFactError: Something about it is wrong; everything at once.
    """
    wanted = _decided_by(bench, _filled(bench, draft))
    again = _same(bench, wanted)
    entry = {"decision_id": again or wanted.get("decision_id") or _next_id(bench), **wanted}
    entry = {key: entry[key] for key in (*_KEYS, *sorted(set(entry) - set(_KEYS))) if entry.get(key) is not None}
    decision, problems = judged(Decision, _plain(entry))
    wrong = [f"{_place(problem.path)}{problem.message} {problem.remedy}".strip() for problem in problems]
    wrong += pin_mistakes(bench, entry.get("evidence", ()))
    if wrong or decision is None:
        raise DeclaredFactError("\n".join(wrong))
    return Recorded(decision, entry, canonical(decision), is_new=again is None)


def _place(path: tuple[str | int, ...]) -> str:
    from aimline._yaml import place

    return f"{place(path)}: " if path else ""


def _filled(bench: Bench, draft: Mapping[str, Any]) -> dict[str, Any]:
    """Give every figure its release, its id as it was frozen, and the text people saw."""
    texts = figure_texts(bench.figures)
    own = {row["source_figure_id"]: row["figure_id"] for row in bench.figures}
    pins = []
    for pin in draft.get("evidence") or ():
        named = {"figure_id": pin} if isinstance(pin, str) else dict(pin)
        name = str(named.get("figure_id"))
        seen = {"seen": texts[name]} if name in texts and named.get("seen") is None else {}
        pins.append({"release_id": bench.frozen.release_id, **named, "figure_id": own.get(name, name), **seen})
    filled = {**draft, "evidence": pins} if pins else {**draft}
    return {key: _as_date(value) if key in _DATES else value for key, value in filled.items()}


def figure_texts(figures: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the text of every figure that may be cited, by its own id and by its id in the release."""
    return {row[name]: row["value_text"] for row in as_seen(figures) for name in ("source_figure_id", "figure_id")}


def as_seen(figures: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return one row a figure, as its most exact reader saw it: families read words where the meeting has a percent."""
    seen: dict[str, Mapping[str, Any]] = {}
    for row in figures:
        held = seen.get(row["figure_id"])
        if held is None or (row["shown_as"] == EXACT and held["shown_as"] != EXACT):
            seen[row["figure_id"]] = row
    return list(seen.values())


def pin_mistakes(bench: Bench, pins: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the figures a decision rests on."""
    texts = figure_texts(bench.figures)
    short_id = bench.frozen.review_id.partition("_")[2]
    wrong = []
    for number, pin in enumerate(pins):
        place, name, release_id = f"evidence[{number}]", str(pin.get("figure_id")), bench.frozen.release_id
        if pin.get("release_id") != release_id:
            wrong.append(f"{place}: the review rests on {release_id}, not {pin.get('release_id')}. Cite its packet.")
        elif name not in texts:
            listed = f"aimline decide <deployment> {short_id}"
            wrong.append(f"{place}: {name} is not in release {release_id} as frozen. {listed} lists what is.")
        elif texts[name] == GAP_TEXT:
            wrong.append(f"{place}: {name} is not shown to protect privacy and cannot be cited. Cite the district's.")
        elif pin.get("seen") != texts[name]:
            message = f"'{pin.get('seen')}' but the release shows '{texts[name]}'."
            wrong.append(f"{place}.seen: {message} Leave seen out; it is filled in.")
    return wrong


def _decided_by(bench: Bench, draft: dict[str, Any]) -> dict[str, Any]:
    """Name who decides by the plan; what is above a role's limit is proposed to the one above it."""
    known = {each.kind for each in bench.plan.decision_rights}
    kind = draft.get("kind") or ("strategy_disposition" if draft.get("disposition") else None)
    if kind is None:
        return draft
    draft = {"kind": kind, **draft}
    try:
        right = bench.plan.right(kind)
    except StopIteration:  # no such kind: the shape of the decision says so
        return draft
    _, school = split_id(bench.frozen.review_id)
    decides = role_in(right.decides, school) if school else right.decides
    draft = {"decided_by": decides, "decided_on": bench.as_of, **draft}
    amount = (draft.get("cost") or {}).get("amount")
    is_above = kind in known and right.up_to is not None and amount is not None and float(amount) > float(right.up_to)
    if is_above and draft["decided_by"] == decides and draft.get("status") is None:
        draft |= {"status": "proposed", "escalated_to": right.above}
    return draft


def _same(bench: Bench, wanted: Mapping[str, Any]) -> str | None:
    """Return the id of a decision that says the same already."""
    given = wanted.get("decision_id")
    for decision in bench.held.decisions if bench.held else ():
        if given not in {None, decision.decision_id}:
            continue
        entry = {"decided_on": decision.decided_on, **wanted, "decision_id": decision.decision_id}
        entry["decided_on"] = decision.decided_on
        shape, _ = judged(Decision, _plain({key: value for key, value in entry.items() if value is not None}))
        if shape is not None and canonical(shape) == canonical(decision):
            return decision.decision_id
    return None


def _next_id(bench: Bench) -> str:
    """Return the next id in order; one that was ever given is never given again."""
    review_id = bench.frozen.review_id
    known = {decision.decision_id for decision in bench.held.decisions} if bench.held else set()
    taken = [int(name.rpartition("_")[2]) for name in known | bench.recorded if name.startswith(f"{review_id}_")]
    return f"{review_id}_{max(taken, default=0) + 1:02d}"


def _as_date(value: object) -> object:
    """Read a date, so that it is written without quotes; what is none is left for the shape to tell."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _plain(value: Any) -> Any:
    """Return a draft as the reader of YAML would give it: dates as text."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def canonical(decision: Decision) -> bytes:
    """Return the one form of a decision that its digest is over: JSON, sorted, composed Unicode, defaults filled."""
    # Dates and exact numbers are written by str; pydantic's own JSON mode would write a date twice.
    whole = decision.model_dump(mode="python")
    text = json.dumps(whole, default=str, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return unicodedata.normalize("NFC", text).encode()


def keep(store: LocalStore, review_id: str, decision: Decision) -> str:
    """Keep the canonical bytes of a decision, once; return their digest."""
    raw = canonical(decision)
    digest = sha256(raw).hexdigest()
    store.put_if_absent(f"decisions/{review_id}/{digest}.json", raw)
    return digest


def recorded_events(review_id: str, digests: Mapping[str, str], as_of: date, run_id: str) -> list[Event]:
    """Return the events of decisions, by id and digest; a decision recorded twice is one event."""
    return [
        Event(
            kind=RECORDED,
            subject_id=decision_id,
            as_of=as_of,
            idempotency_key=f"{RECORDED}|{decision_id}|{digest}",
            payload={"decision_id": decision_id, "review_id": review_id, "digest": digest},
            run_id=run_id,
        )
        for decision_id, digest in digests.items()
    ]


def recorded_ids(journal: Journal) -> frozenset[str]:
    """Return the ids of all decisions the journal knows."""
    return frozenset(event.subject_id for event in journal.events(RECORDED))


def record_declared(store: LocalStore, journal: Journal, held: Iterable[DecisionsFile], at: "At") -> list[str]:
    """Record the decisions that people wrote into the files themselves, as far as they were held by now.

    Returns:
        The ids that the journal did not know as they are.
    """
    events = []
    for file in held:
        if file.held_on <= at.as_of:
            digests = {each.decision_id: keep(store, file.review_id, each) for each in file.decisions}
            events += recorded_events(file.review_id, digests, at.as_of, at.run_id)
    return [event.subject_id for event in journal.append(events, at=at.instant)]


@dataclass(frozen=True)
class At:
    """The run that records: its day, its instant, its name."""

    as_of: date
    instant: datetime
    run_id: str


def must_decide(kind: str, bench: Bench) -> list[tuple[str, str]]:
    """Return the strategies that still wait for a disposition, and why they have to be looked at.

    At the end of a year every strategy is disposed of; in between, those of a goal that is not on track.
    """
    done = {each.about.id for each in bench.held.decisions if each.disposition} if bench.held else set()
    statuses = {row["indicator_id"]: row["status"] for row in bench.figures if _is_whole_district(row)}
    waiting = []
    for goal in bench.plan.goals:
        status = statuses.get(goal.primary_indicator)
        for strategy in goal.strategies:
            if strategy.strategy_id in done:
                continue
            if kind == "end_of_year":
                waiting.append((strategy.strategy_id, "its year ends"))
            elif status in WATCHED:
                waiting.append((strategy.strategy_id, f"{goal.primary_indicator}: {status}"))
    return waiting


def _is_whole_district(row: Mapping[str, Any]) -> bool:
    return bool(row["unit_type"] == "district" and row["group_id"] == "all" and row["status"])


def merged_file(bench: Bench, recorded: Recorded, text: str | None, held_on: date) -> str:
    """Return the decisions file with a decision in it: the old text with one more entry, or a new file.

    Raises:
        UsageError: The id stands in the file for something else.
    """
    from aimline._yaml import new_text, with_entry

    if not recorded.is_new and text is not None:
        return text
    known = {decision.decision_id for decision in bench.held.decisions} if bench.held else set()
    if recorded.decision.decision_id in known:
        name = recorded.decision.decision_id
        raise UsageError(
            f"{name} is recorded with other words.", remedy="Give the new decision no id, or edit the file."
        )
    if text is not None:
        return with_entry(text, "decisions", recorded.entry)
    evidence = {"release_id": bench.frozen.release_id}
    edition = "final" if bench.frozen.completeness >= 1 else "provisional"
    return new_text(
        {
            "version": 1,
            "review_id": bench.frozen.review_id,
            "evidence": {**evidence, "edition": edition},
            "held_on": held_on,
            "decisions": [recorded.entry],
        }
    )
