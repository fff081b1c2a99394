"""The verbs ``collect``, ``arrivals`` and ``quarantine``: pull what has arrived, and answer for every row of it."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline.commands._arrivals import board_of
from aimline.commands._collect_report import CollectReport, SourceReport
from aimline.commands._collecting import collect, waiting
from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, number_of, say, say_json, say_table
from aimline.commands._telling import COUNTS, batch_shown, held_line, remedy_of
from aimline.commands.quarantining import quarantine
from aimline.errors import BusyError, UsageError

if TYPE_CHECKING:
    from aimline.context import Context

__all__ = [
    "CollectReport",
    "SourceReport",
    "arrivals",
    "batch_shown",
    "collect",
    "collect_command",
    "held_line",
    "quarantine",
    "remedy_of",
]

_LOOKS_BACK = timedelta(days=7)
_TROUBLES = frozenset({"late", "missing", "held", "refused", "wrong", "partial", "stale"})

Sources = Annotated[list[str] | None, typer.Option("--source", metavar="S", help="Only this source; may be repeated.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what waits, read nothing.")]
All = Annotated[bool, typer.Option("--all", help="Every expectation of the year, not only the newest and the late.")]


def collect_command(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    source: Sources = None,
    dry_run: DryRun = False,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Pull what has arrived, account for every row, and say what is held, refused or late."""
    from aimline.context import COLLECTION, open_context

    context = open_context(deployment, as_of=as_of, state=state, needs=COLLECTION)
    known = {each.source_id for each in context.deployment.sources.sources}
    if strange := sorted(set(source or ()) - known):
        raise UsageError(f"there is no source '{strange[0][:60]}'.", remedy=f"Sources: {', '.join(sorted(known))}.")
    if dry_run:
        return _say_waiting(context, source or (), as_json=as_json)
    try:
        with _progress() as watch:
            report = collect(context, only=source or (), watch=watch)
    except BusyError as busy:  # the other one does the work, so nothing is wrong
        nothing = {"as_of": context.clock.as_of, "declared": [], "sources": [], "late": [], "busy": busy.message}
        say_json(nothing) if as_json else say(f"{context.deployment.name}: {busy.message} Nothing was collected here.")
        return 0
    if as_json:
        say_json(_as_json(report))
    else:
        _say_report(context.deployment.name, report)
    return 3 if report.failed else 4 if report.held else 0


def _say_waiting(context: "Context", only: Sequence[str], *, as_json: bool) -> int:
    """Say what would be read, and read nothing."""
    found = waiting(context, only)
    if as_json:
        sources = [{"source_id": name, "state": "waiting", "offers": offers} for name, offers in found.items()]
        say_json({"as_of": context.clock.as_of, "sources": sources})
        return 0
    n = sum(map(len, found.values()))
    say(f"{context.deployment.name} as of {context.clock.as_of}: {number_of(n, 'delivery')} waiting, none was read.")
    for name, offers in found.items():
        for offer in offers:
            say(f"{name}: {offer}")
    return 0


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show the file that is being read while a person looks at the terminal."""
    if not sys.stderr.isatty():
        yield lambda _name: None
        return
    from rich.console import Console

    with Console(stderr=True).status("collecting") as status:
        yield lambda name: status.update(f"reading {name}")


def _as_json(report: CollectReport) -> dict[str, Any]:
    sources = [asdict(each) | {"batches": [batch_shown(batch) for batch in each.batches]} for each in report.sources]
    return {"as_of": report.as_of, "declared": report.declared, "sources": sources, "late": report.late}


def _say_report(name: str, report: CollectReport) -> None:
    batches = [batch for each in report.sources for batch in each.batches]
    n_duplicates = sum(each.n_duplicates for each in report.sources)
    said = [f"{len(batches)} new {'delivery' if len(batches) == 1 else 'deliveries'}"]
    said += [f"{n_duplicates} came before"] if n_duplicates else []
    said += [f"{number_of(len(report.declared), 'declared table')} changed"] if report.declared else []
    said += [f"{len(report.held)} held"] if report.held else []
    say(f"{name} as of {report.as_of}: {', '.join(said)}.")
    moved = [each for each in report.sources if each.batches]
    if moved:
        say()
        heads = ("source", "deliveries", "received", "accepted", "quarantined", "ignored")
        say_table(heads, [_counted(each) for each in moved])
    for line in _troubles(name, report):
        say(line)


def _counted(report: SourceReport) -> tuple[object, ...]:
    sums = (sum(batch[name] or 0 for batch in report.batches) for name in COUNTS)
    return (report.source_id, len(report.batches), *(f"{count:,}" for count in sums))


def _troubles(name: str, report: CollectReport) -> Iterator[str]:
    """Yield a line for everything a person may want to act on."""
    for batch in report.held:
        yield held_line(batch, remedy_of(batch, name))
    for batch in (batch for each in report.sources for batch in each.batches):
        yield from (f"{batch['source_id']}: {batch['name']}: {told}" for told in batch["looked"].get("told", ()))
    for each in report.sources:
        for batch in each.batches:
            if batch.get("is_late") and not batch.get("reason"):
                windows = ", ".join(slot.rpartition(".")[0] for slot in batch["windows"])
                yield f"{each.source_id}: {batch['name']} is late: {windows} had closed. It was accepted."
            if batch["quarantined"] and not batch.get("reason"):
                told = f"{_codes(batch['quarantined'])} quarantined.{_unlisted(batch['looked'])}"
                yield f"{each.source_id}: {batch['name']}: {told}"
    for each in report.failed:
        why = f"{each.code}: {each.message}" if each.code else each.message
        yield f"{each.source_id} could not be read: {why} {each.remedy}".rstrip()
    yield from _alarms(report)


def _unlisted(looked: Mapping[str, Any]) -> str:
    """Say which codes no list has, and where they are declared."""
    from schemas.faults import FAULTS

    return f" {told}. Remedy: {FAULTS['code_unknown'].remedy}" if (told := looked.get("unlisted")) else ""


def _alarms(report: CollectReport) -> Iterator[str]:
    """Yield a line for everything that is late, and for every file that nobody has read."""
    by_source: dict[str, list[Mapping[str, Any]]] = {}
    for late in report.late:
        by_source.setdefault(late["source_id"], []).append(late)
    for source_id, lates in by_source.items():
        first, last = lates[0], lates[-1]
        more = f" and {number_of(len(lates) - 1, 'later day')} to {last['expected_on']}" if len(lates) > 1 else ""
        nearest = f" {last['looks_like']}." if last.get("looks_like") else ""
        yield f"{source_id} is late: expected on {first['expected_on']}{more}, owner {first['owner_role']}.{nearest}"
    for each in report.sources:
        for alarm in each.alarms:
            yield f"{each.source_id}: {alarm['name']}: {alarm['code']}. {alarm['detail']}. Remedy: {alarm['remedy']}"


def _codes(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{code} {n:,}" for code, n in counts.items())


def arrivals(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    every: All = False,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Print what was expected, what came, what is late; by source and day."""
    from aimline.context import COLLECTION, open_context

    context = open_context(deployment, as_of=as_of, state=state, needs=COLLECTION)
    board = board_of(context)
    rows = board if every else _recent(board, context.clock.as_of)
    if as_json:
        say_json({"deployment": context.deployment.name, "as_of": context.clock.as_of, "arrivals": rows})
    else:
        n_late = sum(row["state"] in {"late", "missing"} for row in board)
        n_stale = sum(row["state"] == "stale" for row in board)
        more = f", {n_stale} of an older day than they should reach" if n_stale else ""
        say(f"{context.deployment.name} as of {context.clock.as_of}: {n_late} late{more}.")
        say()
        heads = ("source", "expected", "due", "state", "came", "accepted", "quarantined", "endangers", "left", "owner")
        names = ("source_id", "slot", "due_at", "state", "came_at", "n_accepted", "n_quarantined", "endangers")
        cells = [[row[name] for name in (*names, "school_days_left", "owner")] for row in rows]
        say_table(heads, cells)
    return 1 if any(row["state"] in {"late", "missing", "stale"} for row in board) else 0


def _recent(board: Iterable[dict[str, Any]], as_of: date) -> list[dict[str, Any]]:
    """Return what is late or held, what was expected in the last days, and the next expectation of each source."""
    shown, next_ones = [], set()
    for row in board:
        is_next = row["expected_on"] > as_of and row["source_id"] not in next_ones
        if is_next:
            next_ones.add(row["source_id"])
        is_new = as_of - _LOOKS_BACK < row["expected_on"] <= as_of
        if is_next or is_new or row["state"] in _TROUBLES:
            shown.append(row)
    return shown
