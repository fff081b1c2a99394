"""The house rules as functions: each takes the project's root and returns the places that break one rule.

They are functions of a folder, so that a test can plant a violation in a copy and see it caught.
"""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOMS = ("aimline", "flows", "reports", "schemas")

# Outside library -> the files (or folders, ending in /) that may import it.
OWNERS: dict[str, tuple[str, ...]] = {
    "duckdb": ("aimline/warehouse.py",),
    "dbt": ("aimline/transform/compiling.py",),
    "boto3": ("aimline/storage.py",),
    "botocore": ("aimline/storage.py",),
    "cryptography": ("aimline/storage.py",),
    "sqlalchemy": ("aimline/journal.py",),
    "ruamel": ("aimline/_yaml.py",),
    "jinja2": ("reports/render.py",),
    "markdown_it": ("reports/render.py",),
    "babel": ("reports/numbers.py", "reports/language.py"),
    "smtplib": ("reports/channels/email.py",),
    "prefect": ("flows/",),
    "pandera": ("schemas/",),
    "asyncssh": ("aimline/sources/transports.py",),
    "edfi_api_client": ("aimline/sources/edfi_host.py",),
    "requests": ("aimline/sources/edfi_host.py", "aimline/sources/redcap.py"),
    "pydantic": ("schemas/", "aimline/settings.py"),
    "defusedxml": ("aimline/arrival/", "aimline/sources/"),
}

# What tells the present moment -> only the clock may ask.
PRESENT = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 500
MAX_FLOW_LINES = 150


def python_files(root: Path, rooms: tuple[str, ...] = ROOMS) -> Iterator[tuple[str, ast.Module, str]]:
    """Yield (path from the root, syntax tree, text) of every Python file of the rooms."""
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield path.relative_to(root).as_posix(), ast.parse(text), text


def _imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno


def foreign_imports(root: Path) -> list[str]:
    """An outside library imported by a file that does not own it."""
    broken = []
    for path, tree, _ in python_files(root):
        for name, line in _imported(tree):
            owners = OWNERS.get(name.split(".")[0])
            if owners and not any(
                path == owner or (owner.endswith("/") and path.startswith(owner)) for owner in owners
            ):
                broken.append(f"{path}:{line}: {name} belongs to {' or '.join(owners)}")
    return broken


def clock_readers(root: Path) -> list[str]:
    """A file other than the clock that asks what time it is."""
    broken = []
    for path, tree, _ in python_files(root):
        if path == "aimline/clock.py":
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = ast.unparse(node.func.value).split(".")[-1]
            if (owner, node.func.attr) in PRESENT:
                broken.append(f"{path}:{node.lineno}: {owner}.{node.func.attr}() belongs to aimline/clock.py")
    return broken


def report_reads(root: Path) -> list[str]:
    """A report that opens anything but a release, or names a table that is not published."""
    pattern = re.compile(
        r"warehouse\.duckdb|\b(?:connect)\(|\b(?:from|join)\s+(?:stg|int|msr|fct|dim)_\w+", re.IGNORECASE
    )
    broken = []
    for path in sorted([*(root / "reports").rglob("*.py"), *(root / "reports").rglob("*.j2")]):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                broken.append(f"{path.relative_to(root).as_posix()}:{number}: {line.strip()[:80]}")
    return broken


def long_things(root: Path) -> list[str]:
    """A function or a file beyond the limits of the house."""
    broken = []
    for path, tree, text in python_files(root):
        limit = MAX_FLOW_LINES if path == "flows/nightly.py" else MAX_FILE_LINES
        if (count := len(text.splitlines())) > limit:
            broken.append(f"{path}: {count} lines, limit {limit}")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    broken.append(f"{path}:{node.lineno}: {node.name} has {length} lines, limit {MAX_FUNCTION_LINES}")
    return broken


def undocumented(root: Path) -> list[str]:
    """A module, public class or public function without a docstring."""
    broken = []
    for path, tree, _ in python_files(root):
        if ast.get_docstring(tree) is None:
            broken.append(f"{path}:1: module without a docstring")
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_"
            if public and ast.get_docstring(node) is None:
                broken.append(f"{path}:{node.lineno}: {node.name} without a docstring")
    return broken


def flow_names(root: Path) -> list[str]:
    """A module of flows/ with the name of a standard-library module or of an installed distribution."""
    taken = set(sys.stdlib_module_names) | set(packages_distributions())
    return [f"flows/{path.name}" for path in sorted((root / "flows").glob("*.py")) if path.stem in taken]


def marks(root: Path) -> list[str]:
    """Words that mark unfinished work, and paths of a machine."""
    pattern = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|(?<![\w.])/(?:home|root|Users)/\w+", re.IGNORECASE)
    broken = []
    for path, _, text in python_files(root):
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                broken.append(f"{path}:{number}: {line.strip()[:80]}")
    return broken


def root_entries(root: Path, tracked: list[str]) -> list[str]:
    """Visible entries of the root beyond the fifteen the layout allows."""
    visible = sorted({name.split("/")[0] for name in tracked if not name.startswith(".")})
    return visible if len(visible) > 15 else []
