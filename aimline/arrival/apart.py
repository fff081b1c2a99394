"""Open what nobody trusts in a process of its own, with little memory and time: what it breaks there ends there.

Source: security.md 14. The process shares nothing with this one but the folder it unpacks into, and answers in JSON.
"""

import json
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from aimline.arrival.delivery import Member, StoppedError

MOST_MEMORY = 512 * 2**20
MOST_SECONDS = 30
_LIMITS = f"opening it takes more than {MOST_MEMORY // 2**20} MB or {MOST_SECONDS} seconds"
_PRIVATE = 0o077


def apart(work: Callable[[], list[Member]]) -> list[Member]:
    """Return what some work finds, done in a process of its own.

    Raises:
        StoppedError: As the work does; or it took more than it may.
        OSError: As the work does: a full disk says nothing of the file.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(work, write)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise StoppedError("too_large", _LIMITS)
    answer: dict[str, Any] = json.loads(told)
    if "stop" in answer:
        code, detail, n_records = answer["stop"]
        raise StoppedError(code, detail, n_records=n_records)
    if "failed" in answer:
        raise OSError(*answer["failed"])
    return [Member(name, Path(path), sheet) for name, path, sheet in answer["members"]]


def _answer(work: Callable[[], list[Member]], write: int) -> NoReturn:
    """Do the work within its limits, answer, and end at once: nothing that was opened before may be closed here."""
    status = 1
    try:
        os.umask(_PRIVATE)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if mapped := _mapped():
            resource.setrlimit(resource.RLIMIT_AS, (mapped + MOST_MEMORY, mapped + MOST_MEMORY))
        with os.fdopen(write, "wb") as pipe:
            pipe.write(json.dumps(_found(work)).encode())
        status = 0
    finally:
        os._exit(status)


def _found(work: Callable[[], list[Member]]) -> dict[str, Any]:
    try:
        return {"members": [(each.name, str(each.path), each.sheet) for each in work()]}
    except StoppedError as stop:
        return {"stop": (stop.fault.code, stop.detail, stop.n_records)}
    except OSError as error:
        return {"failed": (error.errno, error.strerror)}


def _mapped() -> int:
    """Return the bytes this process has mapped already; 0 where the system does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize() if statm.exists() else 0
