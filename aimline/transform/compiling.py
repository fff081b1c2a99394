"""Let dbt compile the project. Owner of dbt.

What the project compiles to is the same for every district, database and day, so it is done once for a state of the
project's files and kept beside them, in dbt's own folder ``target``, for all builds of this machine. Where that folder
cannot be written, the state root keeps it.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aimline.errors import TransformError
from aimline.storage import LocalStore
from aimline.transform.plans import MADE, Plan, Step, inputs_of, read_plan, write_plan
from aimline.warehouse import MEMORY, build_settings

PROJECT = Path(__file__).resolve().parent.parent.parent / "dbt_project"
KEPT = "dbt/plan.json"
"""Key of the plan a state root was built by."""

_ROOT = PROJECT.parent
_CODE = ("aimline", "schemas", "dbt_project")
_COMPILING = ("aimline/transform/compiling.py", "aimline/transform/plans.py")
_plans: dict[str, Plan] = {}


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a digest of all code a number rests on: SQL, engine, contracts, and the versions of duckdb and dbt."""
    return _digest(name for folder in _CODE for name in _files(folder))


@lru_cache(maxsize=1)
def project_version() -> str:
    """Return a digest of what a plan rests on: the project, what makes plans of it, the versions of duckdb and dbt."""
    return _digest([*_files(PROJECT.name), *_COMPILING])


def _files(folder: str) -> list[str]:
    """Return the files of code in a folder of the project by their path there, but for what dbt leaves in its own."""
    found = []
    for place, folders, names in os.walk(_ROOT / folder):
        folders[:] = [name for name in folders if name != "target"]
        within = os.path.relpath(place, _ROOT)
        found += [f"{within}/{name}" for name in names if name.endswith((".py", ".sql", ".yml", ".csv"))]
    return sorted(found)


def _digest(names: Iterable[str]) -> str:
    """Return a digest of files of the project; paths are plain texts, as every night digests some eight hundred."""
    digest = sha256(f"{version('duckdb')} {version('dbt-core')} {version('dbt-duckdb')}".encode())
    for name in names:
        digest.update(name.encode() + (_ROOT / name).read_bytes())
    return digest.hexdigest()[:16]


def plan_of(store: LocalStore | None = None) -> Plan:
    """Return the plan of the project as it is: kept by this process, the machine or the state root, else made anew.

    Raises:
        TransformError: dbt cannot compile the project.
    """
    now = project_version()
    if now not in _plans:
        kept = _read(PROJECT / "target" / "plan.json") or (built_plan(store) if store else None)
        _plans.clear()
        _plans[now] = kept or _compiled_once()
    return _plans[now]


def is_compiled() -> bool:
    """Say whether this machine keeps the plan of the project as it is."""
    return _read(PROJECT / "target" / "plan.json") is not None


def built_plan(store: LocalStore) -> Plan | None:
    """Return the plan a state root was built by; None when it is of another state of the project."""
    return read_plan(store.read(KEPT), project_version()) if store.exists(KEPT) else None


def keep_plan(store: LocalStore, plan: Plan) -> None:
    """Keep the plan a state root is built by."""
    if built_plan(store) != plan:
        store.put_atomic(KEPT, write_plan(plan))


def _read(path: Path) -> Plan | None:
    return read_plan(path.read_bytes(), project_version()) if path.is_file() else None


def _compiled_once() -> Plan:
    """Compile the project and keep the plan; processes that need it at the same time wait for the first of them."""
    folder = PROJECT / "target"
    with _alone(folder) as keeps:
        if keeps and (kept := _read(folder / "plan.json")):
            return kept
        work = Path(tempfile.mkdtemp(prefix="aimline-dbt-"))
        try:
            run = Dbt(MEMORY, work)
            plan = _compile(run)
            if keeps:
                _keep(run.parsed, folder / run.parsed.name)
                (work / "plan.json").write_bytes(write_plan(plan))
                _keep(work / "plan.json", folder / "plan.json")
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return plan


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Be the only process that compiles; say whether the folder can keep what is compiled."""
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / "plan.lock").open("w")
    except OSError:
        yield False
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield True


def _keep(made: Path, place: Path) -> None:
    """Move a finished file to where others look for it, whole or not at all; without room for it, do without."""
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        shutil.copyfile(made, unfinished)
        unfinished.replace(place)


@dataclass(frozen=True)
class Dbt:
    """One use of dbt: the database and a folder of its own."""

    database: str
    work: Path

    @property
    def parsed(self) -> Path:
        """Where dbt leaves the parsed project."""
        return self.work / "target" / "partial_parse.msgpack"

    def options(self) -> list[str]:
        """Write the options: its own folders, no logs, no artifacts, nothing sent out."""
        return self._options(_profile(self.database, build_settings()))

    def parsing_options(self) -> list[str]:
        """Write the options of parsing: dbt parses all anew where a profile differs, so this one is always the same."""
        return self._options(_profile("warehouse.duckdb", {}))

    def _options(self, profile: str) -> list[str]:
        (self.work / "profiles.yml").write_text(profile, encoding="utf-8")
        folders = {"--project-dir": PROJECT, "--profiles-dir": self.work, "--target-path": self.work / "target"}
        folders |= {"--log-path": self.work / "logs"}
        said = [str(word) for pair in folders.items() for word in pair]
        quiet = ["--log-level", "none", "--log-level-file", "none", "--quiet", "--no-write-json", "--threads", "1"]
        return [*said, *quiet, "--no-send-anonymous-usage-stats", "--no-version-check", "--no-populate-cache"]


def _profile(database: str, settings: Mapping[str, Any]) -> str:
    """Write dbt's profile."""
    output = {"type": "duckdb", "path": database, "schema": "main", "threads": 1}
    output |= {"config_options": dict(settings), "settings": {"TimeZone": "UTC"}}
    return json.dumps({"aimline": {"target": "build", "outputs": {"build": output}}})


@contextmanager
def dbt(run: Dbt) -> Iterator[tuple[Any, Any]]:
    """Lend dbt's runner and the parsed project, and let go of the database afterwards.

    Raises:
        TransformError: dbt cannot parse the project.
    """
    os.environ["DO_NOT_TRACK"] = "1"
    from dbt.adapters.duckdb import environments
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    # for its server alone, dbt-duckdb opens an event loop in every thread and leaves it open
    environments._ensure_event_loop = lambda: None  # noqa: SLF001
    try:
        manifest = _parse(dbtRunner(), run)
        yield dbtRunner(manifest=manifest), manifest
    finally:
        environment = DuckDBConnectionManager._ENV  # noqa: SLF001 - dbt forgets it open, and the file stays locked
        if environment is not None:
            environment.close()
        DuckDBConnectionManager.close_all_connections()


def _parse(runner: Any, run: Dbt) -> Any:
    """Parse the project, with the help of the last parse of this machine."""
    words = ["parse", *run.parsing_options()]
    before = PROJECT / "target" / run.parsed.name
    if before.is_file():
        words += ["--partial-parse-file-path", str(before)]
    return _done(runner.invoke(words))


def _done(answer: Any) -> Any:
    """Return what dbt gave.

    Raises:
        TransformError: It gave nothing; dbt has seen no row of anybody, so its own words can be told.
    """
    if not answer.success:
        told = str(answer.exception) if answer.exception else next(iter(_failures(answer.result)), "failed.")
        raise TransformError(" ".join(told.split()), remedy="Mend the dbt project.")
    return answer.result


def _failures(result: Any) -> Iterator[str]:
    for each in getattr(result, "results", ()):
        if each.status not in {"success", "pass"}:
            yield f"Model {each.node.name}: {each.message}"


def _compile(run: Dbt) -> Plan:
    """Let dbt compile all models, and the checks of each over the table that a night makes."""
    with dbt(run) as (runner, manifest):
        models = _done(runner.invoke(["compile", *run.options()]))
        inline = _done(runner.invoke(["compile", *run.options(), "--inline", f"{{{{ check_queries('{MADE}') }}}}"]))
    checks = json.loads(inline.results[0].node.compiled_code)
    nodes = [each.node for each in models.results if each.node.resource_type == "model"]
    reads = {place: node.depends_on.nodes for place, node in manifest.nodes.items()}
    tables = {place: source.name for place, source in manifest.sources.items()}
    tables |= {node.unique_id: node.name for node in nodes if node.config.materialized != "view"}
    steps = (_step(node, inputs_of(node.unique_id, reads, tables), checks[node.name]) for node in _ordered(nodes))
    return Plan(project_version(), tuple(steps))


def _ordered(nodes: Sequence[Any]) -> Iterator[Any]:
    """Yield models so that each comes after those it reads, and the same order on every machine."""
    waiting = {node.unique_id: node for node in sorted(nodes, key=lambda node: node.name)}
    while waiting:
        ready = [node for node in waiting.values() if waiting.keys().isdisjoint(node.depends_on.nodes)]
        for node in ready:
            yield waiting.pop(node.unique_id)


def _step(node: Any, inputs: tuple[str, ...], queries: tuple[str, str]) -> Step:
    """Write the step of a compiled model."""
    config, is_python = node.config, node.language == "python"
    told = config.meta.get("checks", {})
    is_promised = bool(node.contract.enforced)
    return Step(
        name=node.name,
        kind="python" if is_python else "view" if config.materialized == "view" else "table",
        body=node.original_file_path if is_python else node.compiled_code,
        inputs=inputs,
        stale=config.get("stale") or "",
        parts=tuple(config.get("parts") or ()),
        is_compared=bool(config.get("compared", default=True)),
        check=queries[0],
        breach=queries[1],
        n_checks=sum(1 if name == "key" else len(rules) for name, rules in told.items()),
        contract={column.name: column.data_type for column in node.columns.values()} if is_promised else {},
        is_once=bool(config.get("once", default=False)),
    )
