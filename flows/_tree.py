"""Keep processes: start children that die with us, start the dead ones again, stop them all. No flow belongs here.

A child is started through this module (``python -m flows._tree``), which asks the kernel to end it when its parent is
gone, so that ``kill -9`` of a command leaves nothing behind. Each child leads a process group of its own: a ctrl-c at
the terminal reaches the parent alone, which stops the children in order.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aimline.clock import sleep, wall_seconds
from aimline.errors import AimlineError

GRACE_SECONDS = 10
TRY_AGAIN_SECONDS = (1, 2, 4, 8)
MANY_DEATHS = 5
DEATHS_WITHIN_SECONDS = 600

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h


@dataclass(frozen=True)
class Program:
    """What a child runs.

    Attributes:
        name: What people call it.
        words: The command.
        environment: The whole environment of the process.
        log: Where its output goes.
    """

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path


@dataclass
class Child:
    """A running program, when it died in the last minutes, and when it is started again."""

    program: Program
    process: subprocess.Popen[bytes]
    deaths: list[float] = field(default_factory=list)
    again_at: float | None = None

    @property
    def is_alive(self) -> bool:
        """Say whether the process runs."""
        return self.process.poll() is None

    def last_lines(self, n: int = 5) -> str:
        """Return the end of what the program wrote."""
        text = self.program.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.strip().splitlines()[-n:])


def start(program: Program) -> Child:
    """Start a program that ends when this process does; call it from the main thread, whose end is meant."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    return Child(program, _spawn(program))


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    with program.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "flows._tree", str(os.getpid()), *program.words],
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop(child: Child, *, grace: float = GRACE_SECONDS) -> None:
    """Ask a child and all it started to end, and end them when they do not."""
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):  # a second ctrl-c: no more waiting
        if child.is_alive:
            child.process.terminate()
            child.process.wait(grace)
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


@contextmanager
def tree() -> Iterator[list[Child]]:
    """Hold children for as long as the block runs; the last one started is the first one stopped."""
    children: list[Child] = []
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield children
    finally:
        for child in reversed(children):
            stop(child)
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: object) -> None:
    """Treat a request to end as ctrl-c: one way out."""
    raise KeyboardInterrupt


def watch(children: Sequence[Child]) -> None:
    """Start dead children again, later after each death, until the user stops us.

    Raises:
        AimlineError: A child died five times within ten minutes.
    """
    while True:
        sleep(1)
        for child in children:
            if not child.is_alive:
                revive(child, now=wall_seconds())


def revive(child: Child, *, now: float) -> None:
    """Note the death of a child, and start it again when its time has come.

    Raises:
        AimlineError: It died five times within ten minutes.
    """
    if child.is_alive:
        return
    if child.again_at is None:
        child.deaths = [at for at in child.deaths if now - at < DEATHS_WITHIN_SECONDS] + [now]
        if len(child.deaths) >= MANY_DEATHS:
            raise AimlineError(
                f"The {child.program.name} ended {MANY_DEATHS} times. Its last lines:\n{child.last_lines()}"
            )
        child.again_at = now + TRY_AGAIN_SECONDS[len(child.deaths) - 1]
    elif now >= child.again_at:
        child.process, child.again_at = _spawn(child.program), None


def main(arguments: Sequence[str]) -> None:
    """Become the program named after the parent's process id, and die when that parent does."""
    import ctypes

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() == int(arguments[0]):  # else the parent died before the kernel was asked
        os.execv(arguments[1], list(arguments[1:]))  # noqa: S606 - a list, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
