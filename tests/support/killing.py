"""Run nights in processes that die at a chosen operation.

``python -m tests.support.killing`` imports everything once and forks a child for every night it is asked for, so that
a death costs no import. An operation is a call that makes something visible: of the store, the journal, the database.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import wraps
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from aimline.cli import main

DEPLOYMENT = "riverbend"
_OPERATIONS = {
    "aimline.storage:LocalStore": ("put_if_absent", "put_atomic", "put_pointer", "move_into_place", "remove"),
    "aimline.journal:Journal": ("append", "append_alert_events", "append_deliveries"),
    "aimline.warehouse:Connection": ("make", "close"),
}
_OURS = ("aimline", "flows", "reports", "schemas")
_THEIRS = ("charset_normalizer", "duckdb", "highspy", "pandas", "pandera.pandas", "ruamel.yaml", "scipy.stats")


@dataclass(frozen=True)
class Ended:
    """How a night ended: the signal that killed it, 0 when none did, and its operations as ``step:name``, in order."""

    killed_by: int
    operations: tuple[str, ...]

    def of_step(self, step: str) -> list[int]:
        """Return the numbers of the operations of a step."""
        return [n for n, name in enumerate(self.operations) if name.startswith(f"{step}:")]


class Nursery:
    """The process that forks nights."""

    def __init__(self) -> None:
        """Start it."""
        words = [sys.executable, "-m", "tests.support.killing"]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def night(self, state: str, as_of: date, *, die_at: int | None = None, after: bool = False) -> Ended:
        """Run one night.

        Args:
            state: The state root.
            as_of: The night.
            die_at: Number of the operation to die at; None to live.
            after: Die when the operation is done, instead of before it.
        """
        return self._ask({"state": state, "as_of": as_of.isoformat(), "die_at": die_at, "after": after})

    def verb(self, *words: str, die_at: int | None = None, after: bool = False, only: Collection[str] = ()) -> Ended:
        """Run one verb of the command line, to die at an operation as a night does.

        Args:
            words: The verb and what follows it.
            die_at: Number of the operation to die at; None to live.
            after: Die when the operation is done, instead of before it.
            only: Names of the operations that count; all when empty.
        """
        return self._ask({"words": words, "die_at": die_at, "after": after, "only": [*only]})

    def _ask(self, asked: dict[str, Any]) -> Ended:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(asked | {"environment": dict(os.environ)}), file=self._process.stdin, flush=True)
        told = json.loads(self._process.stdout.readline())
        return Ended(told["killed_by"], tuple(told["operations"]))

    def close(self) -> None:
        """End it."""
        self._process.communicate()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Keep the forking process for a block."""
    held = Nursery()
    try:
        yield held
    finally:
        held.close()


def _serve() -> None:
    """Fork a night for every line that is read."""
    from flows import nightly  # noqa: F401 - imported here, once, for all children

    for name in (*_modules(), *_THEIRS):
        import_module(name)
    for line in sys.stdin:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _one_night(json.loads(line), writer)
        os.close(writer)
        with os.fdopen(reader) as told:
            operations = told.read().split()
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            operations.append("failed")
        killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        sys.stdout.write(json.dumps({"killed_by": killed_by, "operations": operations}) + "\n")
        sys.stdout.flush()


def _modules() -> Iterator[str]:
    """Yield every module of the project: what a child imports by itself, each child would."""
    for name in _OURS:
        found = walk_packages(import_module(name).__path__, f"{name}.")
        yield from (each.name for each in found if not each.name.endswith("__main__"))


def _one_night(asked: dict[str, Any], writer: int) -> None:
    """Run the real flow in this child, then leave at once: the parent's open things are not ours to close."""
    from flows import _server
    from flows._runtime import rehearsing
    from flows.nightly import nightly

    sys.stdout = sys.stderr  # what a verb prints must not stand among the answers
    os.environ.clear()
    os.environ.update(asked["environment"])
    code = 1
    try:
        _count(asked, writer)
        if "words" in asked:
            main(asked["words"])
            code = 0
        else:
            with rehearsing():
                nightly(DEPLOYMENT, date.fromisoformat(asked["as_of"]), asked["state"])
            _server.drain()
            code = 0
    except BaseException:  # noqa: BLE001 - a child tells what broke and ends
        traceback.print_exc()
    finally:
        os._exit(code)


def _count(asked: dict[str, Any], writer: int) -> None:
    """Make every operation say its name, and the chosen one deadly."""
    from flows import _runtime

    done, steps = [0], ["night"]
    attempt = _runtime._attempt

    def stepping(name: Any, work: Any, night: Any) -> Any:
        steps.append(name)
        return attempt(name, work, night)

    _runtime._attempt = stepping

    def counted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def run(*arguments: Any, **options: Any) -> Any:
            number = done[0]
            done[0] += 1
            os.write(writer, f"{steps[-1]}:{name}\n".encode())
            if number == asked["die_at"] and not asked["after"]:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return work(*arguments, **options)
            finally:
                if number == asked["die_at"]:
                    os.kill(os.getpid(), signal.SIGKILL)

        return run

    for place, names in _OPERATIONS.items():
        module, _, kind = place.partition(":")
        owner = getattr(sys.modules[module], kind)
        for name in names if not asked.get("only") else set(names).intersection(asked["only"]):
            setattr(owner, name, counted(f"{kind}.{name}", getattr(owner, name)))


if __name__ == "__main__":
    _serve()
