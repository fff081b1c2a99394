"""Build the warehouse: show dbt what has landed, run what it touches, remember what was built. Owner of dbt.

What a number means is SQL in ``dbt_project``; which rows count as of a day is in ``aimline/_landed.py``. A first build,
a change of code and an earlier day are made whole by dbt in a new file, which takes its name when it is done. dbt
leaves what it compiled as a plan; any other night runs of it what the news touch (``aimline/_night.py``), in one
transaction with all checks, and without waiting for dbt to start.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aimline import errors
from aimline._landed import Tonight, Visible, land, remember, see
from aimline._night import MADE, Plan, Ran, Step, inputs_of, read_plan, run_night, write_plan
from aimline._stages import stages
from aimline.clock import Clock, end_of_day_utc, wall_seconds
from aimline.errors import AimlineError, BusyError, TransformError
from aimline.journal import Event, Journal
from aimline.storage import LocalStore
from aimline.warehouse import Connection, build_settings, connect

WAREHOUSE = "warehouse.duckdb"
PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"

_PARSED = "dbt/partial_parse.msgpack"
_NIGHT = "dbt/night.json"
_CODE = ("aimline", "schemas", "dbt_project")
_SAFE_ERRORS = ("Binder Error", "Catalog Error", "Parser Error", "Compilation Error", "checks:")
_manifests: dict[str, Any] = {}
_building: list[LocalStore] = []  # dbt makes models in threads of its own, so no context variable reaches them


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
        n_failed: Checks that failed; a build with one is not finished.
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
        TransformError: A model failed; its table and those after it are as they were.
        DisclosureError: The pattern of hidden cells could not be made.
    """
    began = wall_seconds()
    clock = request.clock
    seen = see(request.journal, clock.as_of, end_of_day_utc(clock.as_of, clock.zone))
    tonight = Tonight(clock.as_of, _build_id(seen, clock.as_of), request.district_id, code_version())
    plan = _plan(request, tonight)
    if plan.report.state == "unchanged":
        return replace(plan.report, seconds=wall_seconds() - began)
    _building.append(request.store)
    try:
        with _writing(request, tonight.build_id):
            report = _run(request, seen, tonight, plan)
    finally:
        _building.remove(request.store)
    return replace(report, seconds=wall_seconds() - began)


def building() -> LocalStore | None:
    """Return the state root that is being built: where a Python model may keep what spares it work, nothing else."""
    return _building[-1] if _building else None


@dataclass(frozen=True)
class _Plan:
    """Where a build goes, the build it follows, and what a night runs; without that it starts from nothing."""

    report: BuildReport
    after: str
    night: Plan | None


def _plan(request: BuildRequest, tonight: Tonight) -> _Plan:
    """Decide where and how to build: the warehouse, or a file of its own for a day before the warehouse's."""
    done = [event for event in request.journal.events("build_finished") if event.payload["key"] == WAREHOUSE]
    newest = done[-1] if done else None
    is_past = newest is not None and newest.as_of > tonight.as_of
    key = f"asof/{tonight.as_of}.duckdb" if is_past else WAREHOUSE
    there = request.journal.events("build_finished", subject_id=key)
    last = there[-1].payload if there else {}
    is_there = request.store.exists(key)
    report = BuildReport(tonight.build_id, tonight.as_of, "done", key)
    if is_there and not request.full and last.get("build_id") == tonight.build_id:
        return _Plan(replace(report, state="unchanged", findings=tuple(last["findings"])), "", None)
    night = _night_plan(request.store, tonight.code_version)
    is_known = is_there and night is not None and last.get("code_version") == tonight.code_version
    is_fresh = request.full or is_past or not is_known
    return _Plan(report, last.get("build_id", ""), None if is_fresh else night)


def _night_plan(store: LocalStore, code: str) -> Plan | None:
    """Return the plan that the build of the same code left, if there is one."""
    return read_plan(store.read(_NIGHT), code) if store.exists(_NIGHT) else None


def lineage(store: LocalStore, model: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tables a model is made by, in the order they are made, and the landed tables these read.

    Raises:
        TransformError: The newest build was made by other code, or there is none.
    """
    plan = _night_plan(store, code_version())
    if plan is None:
        remedy = "Build the district once, then ask again."
        raise TransformError("the newest build was made by another version of Aimline.", remedy=remedy)
    wanted, made = {model}, list[str]()
    for step in reversed(plan.steps):
        if step.name in wanted:
            made.append(step.name)
            wanted.update(step.inputs)
    landed = wanted - {step.name for step in plan.steps}
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
    if plan.night is None:
        report = _run_whole(request, seen, tonight, plan.report)
    else:
        report = replace(plan.report, **_run_night(request, (seen, tonight), plan.report.key, plan.night))
    request.journal.append([_finished(report, tonight, plan)], at=request.clock.instant())
    return report


def _run_whole(request: BuildRequest, seen: Visible, tonight: Tonight, report: BuildReport) -> BuildReport:
    """Land everything in a new file, let dbt make it, and move it into place."""
    work = request.store.temp_dir()
    database = work / WAREHOUSE
    try:
        with connect(database, role="build") as connection:
            land(connection, request.store, seen, tonight)
        counts, night = _run_dbt(_Dbt(database, work, request.store))
        with connect(database, role="build") as connection:
            report = replace(report, **counts, **_counts(connection, has_days=True))
            with connection.transaction():
                remember(connection, seen.fingerprints(), [step.name for step in night.steps])
        request.store.put_atomic(_NIGHT, write_plan(night))
        request.store.move_into_place(database, report.key)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return report


def _run_night(request: BuildRequest, news: tuple[Visible, Tonight], key: str, night: Plan) -> dict[str, Any]:
    """Land what is new, run what it touches; return what the report tells."""
    with connect(request.store.path(key), role="night") as connection:
        ran = _bring(connection, request.store, news, night)
        counts = _counts(connection, has_days="int_changes__touched_days" in ran.models)
    return {"n_models": len(ran.models), "n_tests": ran.n_checks, **counts}


def _bring(connection: Connection, store: LocalStore, news: tuple[Visible, Tonight], night: Plan) -> Ran:
    """Bring an opened database to other inputs: make anew what they touch."""
    touched = land(connection, store, *news)
    with connection.transaction():
        ran = run_night(connection, night, touched, PROJECT)
        remember(connection, news[0].fingerprints(), ran.changed)
    return ran


@dataclass(frozen=True)
class Span:
    """Two days of knowledge of one district, and the database built as of the later one."""

    district_id: str
    zone: str
    first: date
    last: date
    key: str


def replays(store: LocalStore, journal: Journal, span: Span) -> Iterator[tuple[str, Connection]]:
    """Take a copy of a database back to an earlier day, one class of inputs at a time, the last class first.

    Yields:
        The class whose news the copy still holds, and the copy; at last an empty text and the copy as of the first day.

    Raises:
        TransformError: The database was built by other code, or there is none.
    """
    night = _night_plan(store, code_version())
    made = journal.events("build_finished", subject_id=span.key)
    if night is None or not made or made[-1].payload["code_version"] != code_version():
        told = f"the build as of {span.last} was made by another version of Aimline."
        raise TransformError(told, remedy=f"Build as of {span.last} once more, then ask again.")
    days = (span.first, span.last)
    work = store.temp_dir()
    try:
        shutil.copyfile(store.path(span.key), work / WAREHOUSE)
        seen = [see(journal, day, end_of_day_utc(day, span.zone)) for day in days]
        with connect(work / WAREHOUSE, role="night") as connection:
            for number, stage in enumerate(reversed(stages(store, (seen[0], seen[1]), work.name))):
                if number:
                    as_of = days[stage.is_late]
                    _bring(connection, store, (stage.seen, Tonight(as_of, "", span.district_id, "")), night)
                yield stage.cause, connection
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _counts(connection: Any, *, has_days: bool) -> dict[str, Any]:
    """Read from the warehouse what the report tells; touched days that no model made are those of an earlier build."""
    days = connection.rows("select count(*) as n from int_changes__touched_days")[0]["n"] if has_days else 0
    found = connection.rows(
        "select rule, sum(n_rows) as n, count(distinct school_id) as n_schools from int_attendance__findings "
        "group by rule order by rule"
    )
    findings = tuple(f"{row['rule']}: {row['n']} rows in {row['n_schools']} schools" for row in found)
    return {"n_touched_days": days, "findings": (*findings, *_disagreeing(connection))}


def _disagreeing(connection: Any) -> Iterator[str]:
    """Yield every date on which a feed and the declared calendar tell of different kinds of day."""
    for row in connection.rows("from int_calendar__disagreements order by on_date, source_id, told_kind, n_schools"):
        schools = f" in {row['n_schools']} schools" if row["n_schools"] else ""
        told = f"{row['source_id']} says {row['told_kind']}{schools}, declared is {row['declared_kind']}"
        yield f"calendar_disagrees {row['on_date']}: {told}"


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


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a digest of all code a number rests on: SQL, engine, contracts, and the versions of duckdb and dbt."""
    root = PROJECT.parent
    digest = sha256(f"{version('duckdb')} {version('dbt-core')} {version('dbt-duckdb')}".encode())
    for folder in _CODE:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".sql", ".yml", ".csv"}:
                digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class _Dbt:
    """One run of dbt: the database, a folder of its own, the state root that keeps the parsed project."""

    database: Path
    work: Path
    store: LocalStore

    def options(self) -> list[str]:
        """Write the options of a build: its own folders, no logs, no artifacts, nothing sent out."""
        return self._options(_profile(str(self.database), build_settings()))

    def parsing_options(self) -> list[str]:
        """Write the options of parsing: dbt parses all anew where a profile differs, so this one is always the same."""
        return self._options(_profile(WAREHOUSE, {}))

    def _options(self, profile: str) -> list[str]:
        (self.work / "profiles.yml").write_text(profile, encoding="utf-8")
        folders = {"--project-dir": PROJECT, "--profiles-dir": self.work, "--target-path": self.work / "target"}
        folders |= {"--log-path": self.work / "logs"}
        said = [str(word) for pair in folders.items() for word in pair]
        quiet = ["--log-level", "none", "--log-level-file", "none", "--quiet", "--no-write-json", "--threads", "1"]
        return [*said, *quiet, "--no-send-anonymous-usage-stats", "--no-version-check", "--no-populate-cache"]


def _profile(database: str, settings: Mapping[str, Any]) -> str:
    """Write dbt's profile."""
    import json

    output = {"type": "duckdb", "path": database, "schema": "main", "threads": 1}
    output |= {"config_options": dict(settings), "settings": {"TimeZone": "UTC"}}
    return json.dumps({"aimline": {"target": "build", "outputs": {"build": output}}})


def _run_dbt(run: _Dbt) -> tuple[dict[str, Any], Plan]:
    """Make all models.

    Returns:
        The counts of the report, and the plan of the nights to come.
    """
    os.environ["DO_NOT_TRACK"] = "1"
    from dbt.adapters.duckdb import environments
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    # for its server alone, dbt-duckdb opens an event loop in every thread and leaves it open
    environments._ensure_event_loop = lambda: None  # noqa: SLF001
    try:
        runner = dbtRunner(manifest=_manifest(run))
        result = runner.invoke(["build", *run.options(), "--exclude-resource-type", "unit_test", "--full-refresh"])
        counts = _outcome(result)
        checks = runner.invoke(["compile", *run.options(), "--inline", f"{{{{ check_queries('{MADE}') }}}}"])
    finally:
        environment = DuckDBConnectionManager._ENV  # noqa: SLF001 - dbt forgets it open, and the file stays locked
        if environment is not None:
            environment.close()
        DuckDBConnectionManager.close_all_connections()
    return counts, _compiled(result, _manifest(run), json.loads(checks.result.results[0].node.compiled_code))


def _compiled(result: Any, manifest: Any, checks: Mapping[str, Sequence[str]]) -> Plan:
    """Gather what dbt compiled: every table in the order it was made."""
    reads = {place: node.depends_on.nodes for place, node in manifest.nodes.items()}
    tables = {place: source.name for place, source in manifest.sources.items()}
    models = [each.node for each in result.result.results if each.node.resource_type == "model"]
    held = [node for node in models if node.config.materialized != "view"]
    tables |= {node.unique_id: node.name for node in held}
    steps = []
    for node in held:
        is_python = node.language == "python"
        body = node.original_file_path if is_python else node.compiled_code
        parts = tuple(node.config.get("parts") or ())
        check, breach = checks[node.name]
        n_checks = _n_checks(node.config.meta.get("checks", {}))
        stale, inputs = node.config.get("stale") or "", inputs_of(node.unique_id, reads, tables)
        is_compared = bool(node.config.get("compared", default=True))
        steps.append(Step(node.name, body, is_python, stale, parts, is_compared, check, breach, n_checks, inputs))
    return Plan(code_version(), tuple(steps))


def _manifest(run: _Dbt) -> Any:
    """Return the parsed project: from memory, else parsed anew with the help of the last parse on disk."""
    from dbt.cli.main import dbtRunner

    if code_version() not in _manifests:
        words = ["parse", *run.parsing_options()]
        if run.store.exists(_PARSED):
            words += ["--partial-parse-file-path", str(run.store.path(_PARSED))]
        parsed = dbtRunner().invoke(words)
        if not parsed.success:
            raise TransformError(_safe(str(parsed.exception)), remedy="Mend the dbt project.")
        _manifests.clear()
        _manifests[code_version()] = parsed.result
        written = run.work / "target" / "partial_parse.msgpack"
        if written.is_file():
            run.store.put_atomic(_PARSED, written.read_bytes())
    return _manifests[code_version()]


def _outcome(result: Any) -> dict[str, Any]:
    """Count what ran, or raise for what failed first.

    Raises:
        TransformError: With the model and the message, without values of rows.
        AimlineError: The engine's own error, raised inside a Python model.
    """
    if result.result is None:
        raise TransformError(_safe(str(result.exception)))
    ran = [each for each in result.result.results if each.node.resource_type == "model"]
    failed = [each for each in result.result.results if each.status in {"error", "fail"}]
    if failed:
        raise _error(failed[0].node.name, str(failed[0].message))
    tests = sum(_n_checks(each.node.config.meta.get("checks", {})) for each in ran)
    others = len(result.result.results) - len(ran)
    return {"n_models": len(ran), "n_tests": tests + others}


def _n_checks(checks: Mapping[str, Any]) -> int:
    return sum(1 if name == "key" else len(rules) for name, rules in checks.items())


def _error(model: str, message: str) -> AimlineError:
    """Make our error of dbt's message; one of the engine's own keeps its kind."""
    own = re.search(r"^aimline\.errors\.(\w+): (.*)$", message, re.MULTILINE)
    if own and isinstance(kind := getattr(errors, own[1], None), type) and issubclass(kind, AimlineError):
        return kind(own[2])
    return TransformError(f"Model {model}: {_safe(message)}", remedy="The tables after it are as they were.")


def _safe(message: str) -> str:
    """Cut a message to the line that tells the rule; what DuckDB says of data quotes a value, so it is left out."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        for words in _SAFE_ERRORS:
            if words in line:
                rest = lines[number + 1 : number + 3] if words == "Compilation Error" else []
                return " ".join([line[line.index(words) :], *rest])
    kinds = re.findall(r"\b([A-Z]\w+(?: \w+)? Error|\w+Exception|\w+Error)\b", message)
    return f"{kinds[-1]}; the detail is left out, it may hold values." if kinds else "failed."
