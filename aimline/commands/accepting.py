"""The verbs ``accept`` and ``replay``: let in what was held by a person's decision; read again what is kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline.commands._history import History, Place, history_of, place_of
from aimline.commands._patching import difference, patched
from aimline.commands._rereading import read_again
from aimline.commands._restating import check_held
from aimline.commands._restating import restate as restate_windows
from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, as_day, as_year, number_of, say, say_json
from aimline.commands.collection import batch_shown, held_line, remedy_of
from aimline.errors import UsageError
from aimline.journal import Event

if TYPE_CHECKING:
    from aimline.context import Context
    from schemas.sources import Source

_PAIR, _CODE = "OLD=NEW", "COL:OLD=NEW"

BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="The batch, or the beginning of its id.")]
Mapped = Annotated[
    list[str] | None,
    typer.Option("--mapping", metavar=_PAIR, help="Heading OLD of the file is column (or declared heading) NEW."),
]
Coded = Annotated[list[str] | None, typer.Option("--code", metavar=_CODE, help="Code OLD of column COL is NEW.")]
OfYear = Annotated[
    int | None, typer.Option("--year", metavar="Y", parser=as_year, help="The file is of this school year.")
]
Absent = Annotated[
    list[str] | None, typer.Option("--absent", metavar="COL", help="The column may be absent until --until.")
]
Until = Annotated[date | None, typer.Option("--until", metavar="DATE", parser=as_day, help="Last day of --absent.")]
Rows = Annotated[bool, typer.Option("--rows", help="The number of rows, and of good rows, is right as it is.")]
AsIs = Annotated[bool, typer.Option("--as-is", help="Nothing about the delivery as a whole shall hold it.")]
Restate = Annotated[bool, typer.Option("--restate", help="Let in what came after the seal: figures are restated.")]
By = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who decides.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]
Write = Annotated[bool, typer.Option("--write", help="Write the decision into sources.yml.")]
OneSource = Annotated[str | None, typer.Option("--source", metavar="S", help="Only this source.")]
OneBatch = Annotated[str | None, typer.Option("--batch", metavar="B", help="Only the delivery of this batch.")]
From = Annotated[
    date | None, typer.Option("--from", metavar="DATE", parser=as_day, help="What came on this day or later.")
]


@dataclass(frozen=True)
class _Asked:
    """What a person decides of a delivery."""

    mapping: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    absent: Mapping[str, str]
    year: int | None
    waive: str

    def payload(self) -> dict[str, Any]:
        """Return the decision as the journal keeps it; what was not decided is left out."""
        told = {"mapping": self.mapping, "codes": self.codes, "absent": self.absent, "year": self.year}
        return {name: each for name, each in (told | {"waive": self.waive}).items() if each}


def accept(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    batch: BatchId,
    *,
    by: By,
    reason: Reason,
    mapping: Mapped = None,
    code: Coded = None,
    year: OfYear = None,
    absent: Absent = None,
    until: Until = None,
    rows: Rows = False,
    restate: Restate = False,
    as_is: AsIs = False,
    write: Write = False,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Record a person's decision on a held delivery, read it and its held siblings again, and print the patch.

    Returns 4 when something is still held.
    """
    from aimline.context import COLLECTION, open_context

    if bool(absent) != (until is not None):
        raise UsageError(
            "--absent and --until belong together.", remedy="Say until which day the column may be absent."
        )
    gone = {name: until.isoformat() for name in absent or ()} if until else {}
    if restate and (rows or as_is):
        raise UsageError("--restate stands by itself.", remedy="Decide on the rest of the delivery before or after it.")
    waive = "restate" if restate else "as_is" if as_is else "rows" if rows else ""
    asked = _Asked(dict(map(_pair, mapping or ())), _codes(code or ()), gone, year, waive)
    if not asked.payload():
        ways = "--mapping, --code, --year, --absent, --rows, --restate or --as-is"
        raise UsageError("nothing is decided.", remedy=f"Give {ways}.")
    if not by.strip() or not reason.strip():
        raise UsageError("a decision has a person and a reason.", remedy="Give --by and --reason.")
    context = open_context(deployment, as_of=as_of, state=state, needs=COLLECTION)
    told = _batch(context, batch)
    if restate:
        check_held(told)
    _check(next(each for each in context.deployment.sources.sources if each.source_id == told["source_id"]), asked)
    decision = asked.payload() | {name: told[name] for name in ("source_id", "sha256", "name", "batch_id")}
    _record(context, decision | {"by": by, "reason": reason})
    batches = read_again(context, lambda history: _siblings(history, told))
    restated = restate_windows(context, told, by, reason) if restate else []
    patch = _patch(context, told["source_id"], asked, write=write)
    if as_json:
        made = {"batches": [batch_shown(each) for each in batches], "patch": patch, "written": write}
        made |= {"restated": [asdict(each) for each in restated]} if restate else {}
        say_json({"as_of": context.clock.as_of, "decision": decision, **made})
    else:
        _say_accepted(context, told, batches, patch)
        for each in restated:
            say(each.words)
    return 4 if any(each.get("reason") for each in batches or (() if restated else _newest(context, told))) else 0


def _pair(text: str) -> tuple[str, str]:
    """Read ``OLD=NEW``; a heading may hold an equals sign, a column may not."""
    old, equals, new = text.rpartition("=")
    if not (equals and old.strip() and new.strip()):
        raise UsageError(f"'{text[:60]}' is not {_PAIR}.", remedy='Write it as --mapping "Student Count=n_enrolled".')
    return old.strip(), new.strip()


def _codes(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        column, colon, rest = text.partition(":")
        if not colon:
            raise UsageError(f"'{text[:60]}' is not {_CODE}.", remedy='Write it as --code "category:AU=unexcused".')
        old, new = _pair(rest)
        found.setdefault(column.strip(), {})[old] = new
    return found


def _batch(context: "Context", asked: str) -> Mapping[str, Any]:
    """Return the account of a batch by its id, or by how its id begins."""
    events = context.journal.events("batch_held", "batch_accepted")
    found = {event.subject_id: event.payload for event in events if event.subject_id.startswith(asked) and asked}
    found = {name: told for name, told in found.items() if "reading" in told}
    if len(found) != 1:
        many = "no batch begins" if not found else f"{len(found)} batches begin"
        raise UsageError(f"{many} with '{asked[:20]}'.", remedy="See aimline quarantine for the batches.")
    return next(iter(found.values()))


def _newest(context: "Context", told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what is known of the delivery of a batch by now."""
    place = place_of(told["source_id"], told["sha256"], told["facts"])
    return tuple(history_of(context.journal).batches[place].values())


def _check(source: "Source", asked: _Asked) -> None:
    """Refuse a decision about a column, heading or code the source does not have."""
    columns = {column.name for column in source.columns}
    headings = {heading for column in source.columns for heading in column.from_}
    headings |= set(source.unpivot.headings) if source.unpivot else set()
    headings |= {column.when.heading for column in source.columns if column.when}
    headings |= {heading for rule in source.ignore_rows for heading in rule.when}
    for new in asked.mapping.values():
        if new not in columns | headings:
            known = ", ".join(sorted(columns))
            raise UsageError(f"{source.source_id} has no column '{new[:60]}'.", remedy=f"Columns: {known}.")
    for name in (*asked.codes, *asked.absent):
        made = {source.unpivot.name, source.unpivot.value} if source.unpivot else set()
        if name not in columns | made:
            known = ", ".join(sorted(columns))
            raise UsageError(f"{source.source_id} has no column '{name[:60]}'.", remedy=f"Columns: {known}.")


def _record(context: "Context", decision: Mapping[str, Any]) -> None:
    """Write the decision; the same one again is one event."""
    digest = sha256(json.dumps(decision, sort_keys=True).encode()).hexdigest()[:16]
    day, run_id = context.clock.as_of, context.run_id
    event = Event("accept_recorded", decision["batch_id"], day, f"accept_recorded:{digest}", decision, run_id)
    context.journal.append([event], at=context.clock.instant())


def _siblings(history: History, told: Mapping[str, Any]) -> list[Place]:
    """Return the delivery of a batch, and those of its source that are held for the same reason, as they came."""
    found = []
    for place, members in history.batches.items():
        if place[0] != told["source_id"]:
            continue
        is_same = any(each.get("reason") and each.get("reason") == told.get("reason") for each in members.values())
        if place[1] == told["sha256"] or is_same:
            found.append((min(each["landed_at"] for each in members.values()), place))
    return [place for _, place in sorted(found)]


def _patch(context: "Context", source_id: str, asked: _Asked, *, write: bool) -> str:
    """Return the change of ``sources.yml`` that says what was decided, and make it when asked to."""
    path = context.deployment.folder / "sources.yml"
    before = path.read_text(encoding="utf-8")
    after = patched(before, source_id, asked.payload())
    if asked.mapping or asked.codes or asked.absent:
        if write:
            path.write_text(after, encoding="utf-8")
        return difference(before, after, "sources.yml")
    return ""


def _say_accepted(
    context: "Context", told: Mapping[str, Any], batches: Sequence[Mapping[str, Any]], patch: str
) -> None:
    say(f"{context.deployment.name} as of {context.clock.as_of}: the decision on {told['name']} is recorded.")
    for each in batches:
        say(_became(context.deployment.name, each))
    if not batches:
        say("Nothing became of it: the delivery was read with this decision already.")
    if patch:
        say()
        say(patch.rstrip("\n"))


def _became(deployment: str, told: Mapping[str, Any]) -> str:
    if told.get("reason"):
        return held_line(told, remedy_of(told, deployment))
    rows = number_of(told["n_accepted"], "row")
    return (
        f"{told['source_id']}: {told['name']} {told['state']}: {rows} accepted, {told['n_quarantined']:,} quarantined."
    )


def replay(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    source: OneSource = None,
    batch: OneBatch = None,
    since: From = None,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Read kept deliveries again with what is declared and decided today, oldest first; say what changed.

    Returns 4 when something is held by it.
    """
    from aimline.context import COLLECTION, open_context

    context = open_context(deployment, as_of=as_of, state=state, needs=COLLECTION)
    one = _batch(context, batch) if batch else None
    before: dict[tuple[str, ...], Mapping[str, Any]] = {}

    def choose(history: History) -> list[Place]:
        found = []
        for place, members in history.batches.items():
            landed_on = min(each["landed_at"] for each in members.values())
            is_asked = source in {None, place[0]} and (one is None or place[1] == one["sha256"])
            if is_asked and (since is None or landed_on[:10] >= since.isoformat()):
                found.append((landed_on, place))
                before.update({_table(each): each for each in members.values()})
        return [place for _, place in sorted(found)]

    batches = read_again(context, choose)
    changed = [each for each in batches if each["batch_id"] != before[_table(each)]["batch_id"]]
    if as_json:
        rows = [batch_shown(each) | {"before": _counted(before[_table(each)])} for each in changed]
        say_json({"as_of": context.clock.as_of, "changed": rows})
    elif not changed:
        say("nothing to do")
    for each in () if as_json else changed:
        was = before[_table(each)]
        say(f"{_became(context.deployment.name, each)} Before: {was['n_accepted']:,} accepted.")
    return 4 if any(each.get("reason") for each in changed) else 0


def _table(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what makes a table one and the same: two sources may send files of one name."""
    return (*place_of(told["source_id"], told["sha256"], told["facts"]), told["name"])


def _counted(told: Mapping[str, Any]) -> dict[str, Any]:
    names = ("batch_id", "n_received", "n_accepted", "n_quarantined", "n_ignored", "state")
    return {name: told[name] for name in names}
