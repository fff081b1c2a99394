"""Keep what a look at declared dates answered, by the content of everything it was worked out from.

The same files, frozen versions, day and words give the same bytes, so that a second look needs neither contracts nor
plans: most of a short command is making those. An answer is a file of ``AIMLINE_HOME``; without it, it is worked out.
"""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from datetime import date, time
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline._folders import folder_of, home, mark_of, state_of
from aimline.clock import clock_for

_MOST = 100
"""Answers that are kept; the oldest go first."""

_CODE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Look:
    """What is looked at, as the command line says it.

    Attributes:
        deployment: Its name, or the path of its folder.
        as_of: The day; today in the district's zone when None.
        state: The state root; the environment's or the default one when None.
        words: Everything else that was asked for.
    """

    deployment: str
    as_of: date | None
    state: str | None
    words: tuple[object, ...]


def answered(look: Look, work: Callable[[], int]) -> int:
    """Print the answer that is kept, else work it out and keep it; only what succeeds is kept.

    Args:
        look: What is looked at.
        work: Prints the answer and returns the exit code.
    """
    folder = folder_of(look.deployment)
    kept = home() / "answers"
    facts = kept / f"{_digest(mark_of(folder), *_code())}.json"
    known = _read(facts)
    told = _read(kept / f"{_key(facts, known, look)}.json") if known else None
    if told is None:
        code, told = _worked_out(work)
        if code == 0:
            _keep(kept, facts, look, told)
        return code
    _print(told)
    return 0


def _worked_out(work: Callable[[], int]) -> tuple[int, dict[str, Any]]:
    """Do the work and print what it says, also when it fails; return its exit code and what it said."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    told = {}
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = work()
    finally:
        for stream in (out, err):
            stream.flush()
        told = {"out": out.buffer.getvalue().decode(), "err": err.buffer.getvalue().decode()}
        _print(told)
    return code, told


def _print(told: dict[str, Any]) -> None:
    sys.stderr.write(told["err"])
    sys.stdout.flush()
    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:  # a caller in the same process that only takes text
        sys.stdout.write(told["out"])
        return
    raw.write(told["out"].encode())
    raw.flush()


def _keep(folder: Path, facts: Path, look: Look, told: dict[str, Any]) -> None:
    """Write an answer and what finds it again; where nothing can be written, nothing is kept."""
    from aimline.settings import load_deployment
    from aimline.storage import LocalStore

    district = load_deployment(look.deployment).district
    known = {"district_id": district.district_id, "time_zone": district.time_zone}
    with suppress(OSError):
        store = LocalStore(folder)
        for name, held in ((facts.name, known), (f"{_key(facts, known, look)}.json", told)):
            store.put_atomic(name, json.dumps(held).encode())
        kept = sorted(folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        for path in kept[:-_MOST]:
            path.unlink(missing_ok=True)


def _key(facts: Path, known: dict[str, Any], look: Look) -> str:
    """Name an answer by the facts, the frozen versions of the state root, the day and the words."""
    day = look.as_of or clock_for(known["time_zone"], time(), None).as_of
    root = state_of(known["district_id"], look.state)
    return _digest(facts.name, str(day), repr(look.words), *_versions(root))


def _versions(root: Path) -> Iterator[str]:
    for path in sorted(root.glob("calendar/*/v*.json")):
        yield f"{path.parent.name}/{path.name} {sha256(path.read_bytes()).hexdigest()}"
    for name in ("journal.db", "journal.db-wal"):  # what became of schools stands there; reading it is dearer
        with suppress(OSError):
            stat = (root / "ledger" / name).stat()
            yield f"{name} {stat.st_size} {stat.st_mtime_ns}"


def _code() -> Iterator[str]:
    """Yield what changes with the code that answers, and with the libraries beside it."""
    yield sys.version
    libraries = (Path(place) for place in sys.path if "-packages" in place)
    for path in sorted([*_CODE.glob("aimline/**/*.py"), *_CODE.glob("schemas/*.py"), *libraries]):
        with suppress(OSError):
            stat = path.stat()
            yield f"{path} {stat.st_size} {stat.st_mtime_ns}"


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a file of answers holds; None where there is none, or a broken one."""
    try:
        held = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return held if isinstance(held, dict) else None


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()
