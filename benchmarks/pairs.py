"""Run two things side by side, in turn, and print their ratio as one JSON line. No benchmark's own work belongs here.

A bar is never a time: it is the median of the ratios of interleaved pairs, each repetition a fresh process, CPU of the
whole process tree. Numbers of two runs, machines or days are not comparable and must not be compared.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

NOISY = 0.15  # quartiles further from the median than this share say nothing
TRIES = 3
FEWEST_FOR_NOISE = 3


@dataclass(frozen=True)
class Cost:
    """What one process tree cost, and what it printed last (its check value)."""

    cpu: float
    wall: float
    rss_mb: float
    checksum: str


@dataclass(frozen=True)
class Bar:
    """One bar: its name, the largest ratio allowed (None: only shown), what stands beside ours, size and seed."""

    name: str
    limit: float | None
    what: str
    size: str
    seed: int
    note: str = ""


@dataclass(frozen=True)
class Side:
    """One side of a pair: what prepares a repetition (not measured) and returns the command that is measured.

    Attributes:
        prepare: Which.
        check: The command that prints the check value afterwards, not measured; what is measured prints it without.
    """

    prepare: Callable[[], Sequence[str]]
    check: Sequence[str] = ()

    def cost(self) -> Cost:
        """Run it once."""
        cost = measure(self.prepare())
        return replace(cost, checksum=measure(self.check).checksum) if self.check else cost


def measure(command: Sequence[str]) -> Cost:
    """Run a command to its end and return its cost.

    Raises:
        SystemExit: The command failed; what it wrote is shown.
    """
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        printed = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed with {process.returncode}\n{printed}")
    lines = printed.split()
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, lines[-1] if lines else "")


def _quartiles(ratios: list[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile."""
    if len(ratios) == 1:
        return ratios[0], ratios[0], ratios[0]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return low, middle, high


def _is_noisy(ratios: list[float]) -> bool:
    low, middle, high = _quartiles(ratios)
    return len(ratios) >= FEWEST_FOR_NOISE and (low < middle * (1 - NOISY) or high > middle * (1 + NOISY))


def _shown(costs: list[Cost]) -> dict[str, float]:
    """Return the median cost of one side."""
    return {
        "cpu": round(statistics.median(cost.cpu for cost in costs), 3),
        "wall": round(statistics.median(cost.wall for cost in costs), 3),
        "rss_mb": round(statistics.median(cost.rss_mb for cost in costs)),
    }


def _verdict(bar: Bar, ratios: list[float], equal: bool) -> tuple[bool | None, str]:
    """Return whether the bar holds, and the note that says why not."""
    if not equal:
        return False, "different results"
    if _is_noisy(ratios):
        return None, "too noisy"
    return bar.limit is None or _quartiles(ratios)[1] <= bar.limit, bar.note


def compare(bar: Bar, ours: Side, other: Side, n: int) -> bool:
    """Run both sides n times in turn and print the JSON line; repeat when the machine was restless.

    Args:
        bar: The bar.
        ours: The product.
        other: What it is held against.
        n: Pairs in one try.

    Returns:
        False when the bar is broken or the results differ.
    """
    load = os.getloadavg()[0]
    for _ in range(TRIES):
        pairs = [(ours.cost(), other.cost()) for _ in range(n)]
        ratios = [mine.cpu / theirs.cpu for mine, theirs in pairs]
        if not _is_noisy(ratios):
            break
    equal = len({cost.checksum for pair in pairs for cost in pair}) == 1
    ok, note = _verdict(bar, ratios, equal)
    low, middle, high = _quartiles(ratios)
    line = {
        "name": bar.name,
        "ratio": round(middle, 3),
        "limit": bar.limit,
        "ok": ok,
        "ours": _shown([pair[0] for pair in pairs]),
        "other": {"what": bar.what, **_shown([pair[1] for pair in pairs])},
        "n": n,
        "spread": [round(low, 3), round(high, 3)],
        "size": bar.size,
        "seed": bar.seed,
        "checksum": pairs[0][0].checksum,
        "load_before": round(load, 2),
        "versions": {"duckdb": version("duckdb"), "python": ".".join(map(str, sys.version_info[:3]))},
        "note": "; ".join(filter(None, [note, "busy" if load > 0.5 * (os.cpu_count() or 1) else ""])),
    }
    print(json.dumps(line), flush=True)
    return ok is not False
