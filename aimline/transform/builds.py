"""Bring the warehouse to the knowledge of a day: whole in a new file, or what the news touch in the one that is there.

A first build, a change of code and an earlier day are made whole in a new file, which takes its name when it is done.
Any other night makes what the news touch, in one transaction with all checks. Either way the models are those of one
plan, so a night's tables are those a whole build would have made.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from aimline.clock import Clock, end_of_day_utc, wall_seconds
from aimline.errors import BusyError, CorruptError, TransformError, UsageError
from aimline.journal import Event, Journal
from aimline.storage import LocalStore
from aimline.transform.compiling import PROJECT, built_plan, code_version, keep_plan, plan_of
from aimline.transform.landed import Tonight, land, remember
from aimline.transform.nights import Ran, run_night
from aimline.transform.plans import Plan
from aimline.transform.visible import Visible, see
from aimline.transform.wholes import run_whole
from aimline.warehouse import Connection, Role, connect, keeping, let_go

WAREHOUSE = "warehouse.duckdb"

_SMALL = 8 << 20  # bytes of accepted files, some thousand students
_LARGE = 256 << 20  # some hundred thousand students

_FACTS = "declared_district"

_building: ContextVar[LocalStore | None] = ContextVar("building", default=None)


@dataclass(frozen=True)
class BuildRequest:
    """What a build needs.

    Attributes:
        district_id: The district; one writer at a time for each.
        store: Its state root.
        journal: Its record.
        clock: The day of knowledge.
        full: Make everything anew, whatever has changed.
    """

    district_id: str
    store: LocalStore
    journal: Journal
    clock: Clock
    full: bool = False


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
        build_id: Named by its inputs: equal inputs, equal id, equal tables.
        as_of: The day of knowledge.
        state: ``done``, or ``unchanged`` when the newest build had the same inputs.
        key: Key of the database in the state root.
        n_touched_days: School days whose member days were made anew.
        n_models: Models that ran.
        n_tests: Checks that ran.
        n_failed: Checks that failed: 0 in every report, since a rule that is broken ends the build with an error.
        findings: What a person should look at: rule and count.
        seconds: Wall time; no part of any record.
    """

    build_id: str
    as_of: date
    state: str
    key: str
    n_touched_days: int = 0
    n_models: int = 0
    n_tests: int = 0
    n_failed: int = 0
    findings: tuple[str, ...] = ()
    seconds: float = 0.0


def build(request: BuildRequest) -> BuildReport:
    """Bring the warehouse to the knowledge of a day.

    Raises:
        BusyError: Another live process builds this district.
        UsageError: By that day the district had declared nothing.
        TransformError: A model failed; its table and those after it are as they were.
        DisclosureError: The pattern of hidden cells could not be made.
    """
    began = wall_seconds()
    clock = request.clock
    seen = see(request.journal, clock.as_of, end_of_day_utc(clock.as_of, clock.zone))
    _need_facts(seen, request)
    tonight = Tonight(clock.as_of, _build_id(seen, clock.as_of), request.district_id, code_version())
    plan = _plan(request, tonight)
    if plan.report.state == "unchanged":
        return replace(plan.report, seconds=wall_seconds() - began)
    token = _building.set(request.store)
    try:
        with _writing(request, tonight.build_id):
            report = _run(request, seen, tonight, plan)
    finally:
        _building.reset(token)
    return replace(report, seconds=wall_seconds() - began)


def _need_facts(seen: Visible, request: BuildRequest) -> None:
    """Refuse a day on which nothing was declared yet: no model could tell whose figures they are."""
    if any(entity == _FACTS for entity, _, _ in seen.owners):
        return
    landed = [event.as_of for event in request.journal.events("batch_accepted") if event.payload["entity"] == _FACTS]
    first = f"the first facts are of {min(landed)}" if landed else "no facts were landed at all"
    raise UsageError(
        f"By {request.clock.as_of} {request.district_id} had declared nothing; {first}.",
        remedy="Build a day from then on." if landed else "Collect first: that lands what is declared.",
    )


def building() -> LocalStore | None:
    """Return the state root that is being built: where a Python model may keep what spares it work, nothing else."""
    return _building.get()


@dataclass(frozen=True)
class _Plan:
    """Where a build goes, the build it follows, and whether it begins from nothing."""

    report: BuildReport
    after: str
    is_whole: bool


def _plan(request: BuildRequest, tonight: Tonight) -> _Plan:
    """Decide where and how to build: the warehouse, or a file of its own for a day before the warehouse's."""
    done = [event for event in request.journal.events("build_finished") if event.payload["key"] == WAREHOUSE]
    newest = done[-1] if done else None
    is_past = newest is not None and newest.as_of > tonight.as_of
    key = f"asof/{tonight.as_of}.duckdb" if is_past else WAREHOUSE
    there = request.journal.events("build_finished", subject_id=key)
    last = there[-1].payload if there else {}
    is_there = request.store.exists(key)
    is_sound = is_there and _has_magic(request.store.path(key))
    report = BuildReport(tonight.build_id, tonight.as_of, "done", key)
    if is_sound and not request.full and last.get("build_id") == tonight.build_id:
        return _Plan(replace(report, state="unchanged", findings=tuple(last["findings"])), "", is_whole=False)
    is_known = is_there and last.get("code_version") == tonight.code_version
    return _Plan(report, last.get("build_id", ""), is_whole=request.full or is_past or not is_known)


def _has_magic(path: Path) -> bool:
    """Say whether a file begins as a database does; opening it tells more, and takes a tenth of a second."""
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


@contextmanager
def staying_open(store: LocalStore) -> Iterator[None]:
    """Keep the warehouse open for the nights of the block; no other process can read it meanwhile."""
    with keeping(store.path(WAREHOUSE)):
        yield


def lineage(store: LocalStore, model: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tables a model is made by, in the order they are made, and the landed tables these read.

    Raises:
        TransformError: The newest build was made by other code, or there is none.
    """
    plan = built_plan(store)
    if plan is None:
        remedy = "Build the district once, then ask again."
        raise TransformError("the newest build was made by another version of Aimline.", remedy=remedy)
    steps = [step for step in plan.steps if step.kind != "view"]
    wanted, made = {model}, list[str]()
    for step in reversed(steps):
        if step.name in wanted:
            made.append(step.name)
            wanted.update(step.inputs)
    landed = wanted - {step.name for step in steps}
    return tuple(reversed(made)), tuple(sorted(landed))


@contextmanager
def _writing(request: BuildRequest, build_id: str) -> Iterator[None]:
    """Hold the writer's claim; say in words of the build when another process has it."""
    with ExitStack() as held:
        try:
            name = f"writer:{request.district_id}"
            held.enter_context(request.journal.claim(name, owner=f"build {build_id}", at=request.clock.instant()))
        except BusyError as busy:
            raise BusyError(f"another build holds {WAREHOUSE}: {busy.message}", remedy="Wait or stop it.") from None
        yield


def _run(request: BuildRequest, seen: Visible, tonight: Tonight, plan: _Plan) -> BuildReport:
    """Build as planned, and write down that it is finished."""
    steps = plan_of(request.store)
    news = (seen, tonight)
    try:
        report = (_run_whole if plan.is_whole else _run_night)(request, news, plan.report, steps)
    except CorruptError:
        if plan.is_whole:
            raise
        rebuilt = _set_aside(request.store, plan.report.key)
        report = _run_whole(request, news, plan.report, steps)
        report = replace(report, findings=(*report.findings, rebuilt))
    request.journal.append([_finished(report, tonight, plan)], at=request.clock.instant())
    return report


def _set_aside(store: LocalStore, key: str) -> str:
    """Keep a damaged database where a person can look at it, named by its content; return the finding."""
    path = store.path(key)
    let_go(path)
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()[:12]
    place = f"corrupt/{path.stem}-{digest}.duckdb"
    store.move_into_place(path, place)
    return f"rebuilt: {key} could not be read, lies in {place} and was made anew"


def _run_whole(request: BuildRequest, news: tuple[Visible, Tonight], report: BuildReport, plan: Plan) -> BuildReport:
    """Land everything in a new file, make every model, and move it into place."""
    work = request.store.temp_dir()
    database = work / WAREHOUSE
    try:
        with connect(database, role="night" if _size(request.store, news[0]) < _SMALL else "build") as connection:
            land(connection, request.store, *news)
            ran = run_whole(connection, plan, PROJECT)
            report = replace(report, **_counts(connection, ran))
            with connection.transaction():
                remember(connection, news[0].fingerprints(), ran.changed, ran.parts)
        keep_plan(request.store, plan)
        let_go(request.store.path(report.key))
        # what a killed night had not yet put into the old file is no part of the new one
        request.store.path(f"{report.key}.wal").unlink(missing_ok=True)
        request.store.move_into_place(database, report.key)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return report


def _size(store: LocalStore, seen: Visible) -> int:
    """Return the bytes of all that has landed; of little, a second thread costs more than it gives."""
    return sum(store.path(batch.key).stat().st_size for batch in seen.batches)


def _run_night(request: BuildRequest, news: tuple[Visible, Tonight], report: BuildReport, plan: Plan) -> BuildReport:
    """Land what is new, run what it touches."""
    role: Role = "night" if _size(request.store, news[0]) < _LARGE else "long_night"
    with connect(request.store.path(report.key), role=role) as connection:
        ran = bring(connection, request.store, news, plan)
        return replace(report, **_counts(connection, ran))


def bring(connection: Connection, store: LocalStore, news: tuple[Visible, Tonight], plan: Plan) -> Ran:
    """Bring an opened database to other inputs: make anew what they touch."""
    touched = land(connection, store, *news)
    with connection.transaction():
        ran = run_night(connection, plan, touched, PROJECT)
        remember(connection, news[0].fingerprints(), ran.changed, ran.parts)
    return ran


def _counts(connection: Any, ran: Ran) -> dict[str, Any]:
    """Gather what the report tells; touched days that no model made are those of an earlier build."""
    has_days = "int_changes__touched_days" in ran.models
    days = connection.rows("select count(*) as n from int_changes__touched_days")[0]["n"] if has_days else 0
    found = connection.rows(
        "select rule, sum(n_rows) as n, count(distinct school_id) as n_schools from int_attendance__findings "
        "group by rule order by rule"
    )
    findings = tuple(f"{row['rule']}: {row['n']} rows in {row['n_schools']} schools" for row in found)
    counts = {"n_models": len(ran.models), "n_tests": ran.n_checks, "n_touched_days": days}
    return counts | {"findings": (*findings, *_disagreeing(connection), *unsafe_findings(connection))}


def _disagreeing(connection: Any) -> Iterator[str]:
    """Yield every date on which a feed and the declared calendar tell of different kinds of day."""
    for row in connection.rows("from int_calendar__disagreements order by on_date, source_id, told_kind, n_schools"):
        schools = f" in {row['n_schools']} schools" if row["n_schools"] else ""
        told = f"{row['source_id']} says {row['told_kind']}{schools}, declared is {row['declared_kind']}"
        yield f"calendar_disagrees {row['on_date']}: {told}"


def unsafe_findings(connection: Any) -> Iterator[str]:
    """Yield every sum that tells a small group although its whole population is hidden; the gate publishes none of it.

    ``aimline.disclosure.dead_ends`` writes the reason: its name, then the reader.
    """
    rows = connection.rows(
        "select distinct population_id, cell_id, reason from int_disclosure__pattern "
        "where starts_with(reason, 'no_safe_pattern ') order by all"
    )
    for row in rows:
        rule, reader = row["reason"].split(" ", 1)
        yield (
            f"{rule} {row['population_id']}: with everything hidden, {reader} can still work out a small group from "
            f"the sum of {row['cell_id']}, so nothing of it will be published: merge its groups, print fewer of them, "
            "or give that reader less"
        )


def _finished(report: BuildReport, tonight: Tonight, plan: _Plan) -> Event:
    payload = {
        "build_id": report.build_id,
        "key": report.key,
        "code_version": tonight.code_version,
        "n_touched_days": report.n_touched_days,
        "n_models": report.n_models,
        "n_tests": report.n_tests,
        "findings": list(report.findings),
    }
    key = f"build_finished|{report.key}|{report.build_id}|{plan.after}"
    return Event("build_finished", report.key, report.as_of, key, payload)


def _build_id(seen: Visible, as_of: date) -> str:
    """Name a build by everything it is made from."""
    inputs = [as_of.isoformat(), code_version(), *sorted(seen.fingerprints().items())]
    return sha256(repr(inputs).encode()).hexdigest()[:16]
