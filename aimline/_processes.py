"""Name running processes, so that a claim outlives none of them: host, process id and when it began."""

import os
import socket
from pathlib import Path


def this_process() -> str:
    """Return the name of this process."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def is_alive(process: str, *, is_timely: bool) -> bool:
    """Say whether a process still works; of one on another host, whether its time is not up."""
    host, _, rest = process.partition("/")
    if not host:
        return False
    if host != socket.gethostname():
        return is_timely
    pid, _, started = rest.partition("/")
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's process, which is there
        pass
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """Return when a process began, in the kernel's ticks: a process id alone is used again."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19]
    except OSError:
        return ""
