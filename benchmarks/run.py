"""Run the bars: ``make bench``, or some of them: ``make bench BENCH="empty_night full_build:L"``. One JSON line each.

Behind the colon stands the size of the district (``world.SIZES``), where a bar can be run at several.

What is measured is in the script of each side; preparing it is not measured. Run it on a quiet machine: a bar tells
itself when the machine was busy.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from benchmarks.pairs import Bar, Side, compare, measure
from benchmarks.plan_year import N_SCHOOLS, N_WINDOWS, large_district
from benchmarks.plan_year import SMALL as SMALL_DISTRICT
from benchmarks.world import SIZES, Size, as_of, correct, deliver, make, school_days

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 3
LONGER = 1.3  # what a night after a long history may cost, of one after six weeks
N_BRIEF, N_MIDWEEK, N_FRIDAY = 30, 175, 177
HISTORIES: tuple[dict[str, int], ...] = ({"n_days": 90}, {"n_days": N_MIDWEEK}, {"n_days": N_MIDWEEK, "n_years": 3})
"""School days before the new one, a Wednesday as that after the brief history: no week ends on it."""
N_LATE, LATE_EVERY = 5, 20
N_MARKS = 900_000
SMALL = {"seed": 11, "students": 600, "schools": 3, "years": 2}


def script(name: str, *words: str | Path) -> list[str]:
    """Return the command that runs a script of this folder."""
    return [sys.executable, "-m", f"benchmarks.{name}", *map(str, words)]


def checked(folder: Path) -> list[str]:
    """Return the command that prints the check value of what a folder holds."""
    return script("check_value", folder)


def run(command: Sequence[str]) -> None:
    """Run a command whose cost does not count."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@dataclass(frozen=True)
class Copies:
    """Fresh copies of a prepared folder, one for each repetition."""

    prepared: Path

    def place(self, side: str) -> Path:
        """Return where the copies of a side are."""
        return self.prepared.with_name(f"{self.prepared.name}-{side}")

    def fresh(self, side: str) -> Path:
        """Return a copy; the one before it is gone."""
        copy = self.place(side)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.prepared, copy)
        return copy


def _small_night(work: Path, name: str, night: date) -> bool:
    """A night on which nothing came, after two on which something did, beside a look at the same files."""
    from aimline.demo import WorldOptions, deliver, make_world

    options = {name: value for name, value in SMALL.items() if name != "seed"}
    make_world(work / "vendors", SMALL["seed"], WorldOptions(**options))
    since = None
    for told in (date(2026, 10, 9), date(2026, 10, 10)):
        deliver(work / "vendors", work / "state/inbox", since, told)
        run(script("empty_night", work / "state", told))
        since = told
    copies = Copies(work / "state")
    ours = Side(lambda: script("empty_night", copies.fresh("ours"), night))
    other = Side(lambda: script("plain_look", copies.fresh("other"), night))
    size = f"{SMALL['students']} students, {SMALL['schools']} schools, {SMALL['years']} years"
    bar = Bar(name, None, "opening the same files and reading the small tables", size, SMALL["seed"])
    return compare(bar, ours, other, PAIRS)


def empty_night(work: Path) -> bool:
    """The same night once more: nothing came and no day has passed."""
    return _small_night(work, "empty_night", date(2026, 10, 10))


def quiet_night(work: Path) -> bool:
    """A Sunday: nothing came, but every page tells another day and what is expected by it."""
    return _small_night(work, "quiet_night", date(2026, 10, 11))


def _new_day(work: Path, name: str, size: Size) -> bool:
    """One new school day, by the build and by hand."""
    days = school_days(size)
    world = make(work / "state", size)
    run(script("build_night", work / "state", as_of(days[-2])))
    (work / "plain").mkdir()
    run(script("plain_night", work / "plain", work / "state"))
    deliver(world, days[-1])
    world.close()
    states, plains = Copies(work / "state"), Copies(work / "plain")
    ours = Side(lambda: script("build_night", states.fresh("ours"), as_of(days[-1])), checked(states.place("ours")))
    by_hand = checked(plains.place("other"))
    other = Side(lambda: script("plain_night", plains.fresh("other"), work / "state", "add"), by_hand)
    return compare(Bar(name, None, "one hand-written script of DuckDB", str(size), size.seed), ours, other, PAIRS)


def new_day(work: Path, size: Size | None = None) -> bool:
    """A day in the middle of a week: its member days, no figure is due."""
    return _new_day(work, "new_day", replace(size, n_days=N_MIDWEEK) if size else Size(n_days=120))


def new_week(work: Path, size: Size | None = None) -> bool:
    """The last day of a week: its member days, and the week's and the year's figures."""
    return _new_day(work, "new_week", replace(size, n_days=N_FRIDAY) if size else Size(n_days=122))


def full_build(work: Path, size: Size | None = None, pairs: int = PAIRS) -> bool:
    """Everything from what was accepted, by the build and by hand; ours has dbt's own start in it."""
    size = size or Size()
    days = school_days(size)
    world = make(work / "state", size)
    deliver(world, days[-1])
    world.close()
    states = Copies(work / "state")
    ours = Side(lambda: script("build_night", states.fresh("ours"), as_of(days[-1])), checked(states.place("ours")))
    other = Side(lambda: script("plain_night", _empty(work / "plain"), work / "state"), checked(work / "plain"))
    return compare(
        Bar("full_build", None, "one hand-written script of DuckDB", str(size), size.seed), ours, other, pairs
    )


def _empty(folder: Path) -> Path:
    """Return a folder with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _night_after(work: Path, size: Size) -> Side:
    """Prepare a history and return the night of the new day after it."""
    days = school_days(size)
    prepared = work / f"after-{len(days)}"
    world = make(prepared, size)
    run(script("build_night", prepared, as_of(days[-2])))
    deliver(world, days[-1])
    world.close()
    copies = Copies(prepared)
    return Side(lambda: script("build_night", copies.fresh("ours"), as_of(days[-1])))


def history(work: Path, size: Size | None = None, longer: Sequence[Mapping[str, int]] = HISTORIES[1:2]) -> bool:
    """One new day in the middle of a week after longer histories, each beside the same after six weeks."""
    size = size or Size()
    brief = _night_after(work, replace(size, n_days=N_BRIEF))
    what, held = f"the same after {N_BRIEF} days", True
    for each in longer:
        long = replace(size, **each)
        bar = Bar("history", LONGER, what, str(long), size.seed)
        held &= compare(bar, _night_after(work, long), brief, PAIRS)
    return held


def late_days(work: Path, size: Size | None = None, pairs: int = PAIRS) -> bool:
    """A new day with corrections to five old ones, beside everything made anew: equal figures, six days touched."""
    size = size or Size()
    days = school_days(size)
    world = make(work / "state", size)
    run(script("build_night", work / "state", as_of(days[-2])))
    deliver(world, days[-1])
    correct(world, days[:-1:LATE_EVERY][:N_LATE])
    world.close()
    states = Copies(work / "state")
    touched = measure(script("build_night", states.fresh("days"), as_of(days[-1]))).checksum
    ours = Side(lambda: script("build_night", states.fresh("ours"), as_of(days[-1])), checked(states.place("ours")))
    anew = checked(states.place("other"))
    other = Side(lambda: script("build_night", states.fresh("other"), as_of(days[-1]), "full"), anew)
    note = f"{touched} of {len(days)} school days made anew"
    return compare(Bar("late_days", None, "everything anew", str(size), size.seed, note), ours, other, pairs)


def door(work: Path) -> bool:
    """The contract of a day's file beside a bare typed read of it."""
    prepared = work / "door"
    prepared.mkdir()
    codes = ("P", "P", "P", "A", "U", "T")
    rows = (f"{100_000 + n},0101,10/07/2026,{codes[n % 6]},{n % 6 // 3 * 6},6" for n in range(N_MARKS))
    text = "\n".join(["STU ID,Site #,Att Date,Code,Periods Abs,Periods", *rows, ""])
    (prepared / "marks.csv").write_text(text, encoding="utf-8")
    run(script("door_file", Copies(prepared).fresh("warm")))
    ours = Side(lambda: script("door_file", Copies(prepared).fresh("ours")))
    other = Side(lambda: script("plain_read", prepared))
    return compare(Bar("door", None, "read_csv with the same types", f"{N_MARKS:,} rows", 0), ours, other, PAIRS)


def _large_year(work: Path, verb: str) -> bool:
    """One verb for 1,600 schools and 60 windows beside the same verb for Riverbend's twelve and nine."""
    large = large_district(work / "large")
    ours, other = (Side(lambda folder=folder: script("plan_year", verb, folder)) for folder in (large, SMALL_DISTRICT))
    bar = Bar(f"{verb}_large", None, "the same verb for Riverbend", f"{N_SCHOOLS:,} schools, {N_WINDOWS} windows", 0)
    return compare(bar, ours, other, PAIRS)


def check_large(work: Path) -> bool:
    """All findings of a large district."""
    return _large_year(work, "check")


def calendar_large(work: Path) -> bool:
    """The dated items of a large district."""
    return _large_year(work, "calendar")


def plan_large(work: Path) -> bool:
    """The plan of a large district, with its conflicts and chances."""
    return _large_year(work, "plan")


BARS: dict[str, Callable[[Path], bool]] = {
    "empty_night": empty_night,
    "quiet_night": quiet_night,
    "new_day": new_day,
    "new_week": new_week,
    "full_build": full_build,
    "history": history,
    "late_days": late_days,
    "door": door,
    "check_large": check_large,
    "calendar_large": calendar_large,
    "plan_large": plan_large,
}


SIZED: dict[str, Callable[..., bool]] = {
    "full_build": full_build,
    "new_day": new_day,
    "new_week": new_week,
    "history": partial(history, longer=HISTORIES),
    "late_days": late_days,
}
BARS |= {f"{name}:{letter}": partial(bar, size=size) for name, bar in SIZED.items() for letter, size in SIZES.items()}


def main(names: list[str]) -> int:
    """Run the named bars; all but those of a named size when none is named.

    Returns:
        1 when a bar is broken, 2 when a name is unknown.
    """
    unknown = sorted(set(names) - set(BARS))
    if unknown:
        print(f"there is no bar {', '.join(unknown)}; there are {', '.join(BARS)}", file=sys.stderr)
        return 2
    names = names or [name for name in BARS if ":" not in name]
    os.chdir(ROOT)
    os.environ.setdefault("AIMLINE_PSEUDONYM_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    held = True
    for name in names:
        with tempfile.TemporaryDirectory(prefix="aimline-bench-") as work:
            held &= BARS[name](Path(work))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
