"""A second implementation of attendance, in plain Python over the vendor's files, to compare the warehouse with.

Here: member days, the attendance rate and the chronic-absence rule us-edfacts-195, in whole day parts and loops. It
shares no code with the product and uses neither DuckDB nor pandas; slowness is the price of being obvious.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

DAY = 63_000
ABSENCES = {"A", "U", "S"}
PRESENCES = {"I", "T", "P"}


@dataclass(frozen=True)
class Spell:
    """One membership: `left` is the first day outside it, None while it lasts."""

    student: str
    school: str
    grade: str
    entered: date
    left: date | None
    is_primary: bool
    parts: int


@dataclass(frozen=True)
class MemberDay:
    """One pupil, school and day: parts of membership, parts missed; `missed` is None when nobody sent attendance."""

    student: str
    school: str
    on: date
    parts: int
    missed: int | None
    is_owner: bool


@dataclass(frozen=True)
class Ratio:
    """A numerator and a denominator, never divided here."""

    numerator: int
    denominator: int

    def __add__(self, other: "Ratio") -> "Ratio":
        """Add two populations."""
        return Ratio(self.numerator + other.numerator, self.denominator + other.denominator)


@dataclass(frozen=True)
class Chronic:
    """Chronic absence of one unit: flagged of those with a verdict, and how many could not be judged."""

    flagged: int
    judged: int
    unmeasured: int

    def __add__(self, other: "Chronic") -> "Chronic":
        """Add two units."""
        return Chronic(self.flagged + other.flagged, self.judged + other.judged, self.unmeasured + other.unmeasured)


@dataclass(frozen=True)
class Files:
    """The newest files of one school year, as parsed: what the office sent, broken rows left out."""

    spells: tuple[Spell, ...]
    missed: Mapping[tuple[str, str, date], int]
    taken: Mapping[tuple[str, str, date], bool]


def us(text: str) -> date:
    """Read a date as the vendor writes it."""
    month, day, year = text.split("/")
    return date(int(year), int(month), int(day))


def rows(path: Path) -> Iterator[list[str]]:
    """Yield the records of a file below its header."""
    with path.open(encoding="utf-8", newline="") as text:
        reader = csv.reader(text)
        next(reader)
        yield from reader


def read_spells(path: Path) -> tuple[Spell, ...]:
    """Read one roster."""
    found = []
    for student, school, _cal, grade, entered, left, _code, primary, fte, *_ in rows(path):
        parts = DAY * round(float(fte) * 1000) // 1000
        gone = us(left) if left else None
        found.append(Spell(student, school, grade, us(entered), gone, primary == "Y", parts))
    return tuple(found)


def read_missed(paths: Iterable[Path], schools: set[str]) -> dict[tuple[str, str, date], int]:
    """Read marks as day parts missed (0 for presence of any kind); rows the contract refuses are left out."""
    found: dict[tuple[str, str, date], int] = {}
    for path in paths:
        for student, school, on, code, absent, scheduled, *_ in rows(path):
            if not student or student.startswith("*") or school not in schools or code not in ABSENCES | PRESENCES:
                continue
            try:
                day = us(on)
            except ValueError:
                continue
            parts = (2 * DAY * int(absent) + int(scheduled)) // (2 * int(scheduled))
            found[student, school, day] = parts if code in ABSENCES else 0
    return found


def read_taken(paths: Iterable[Path]) -> dict[tuple[str, str, date], bool]:
    """Read per school, grade and day whether every homeroom sent its attendance."""
    found: dict[tuple[str, str, date], bool] = {}
    for path in paths:
        for school, on, grade, _room, taken, *_ in rows(path):
            key = (school, grade, us(on))
            found[key] = found.get(key, True) and taken == "Y"
    return found


def read_year(sis: Path, label: str, days: Sequence[date]) -> Files:
    """Read the newest files of one school year from a folder of vendor files.

    Args:
        sis: The folder.
        label: Label of the year, as in `2026-27`.
        days: The school days of the year.
    """
    rosters = [path for path in sorted(sis.glob("roster_*.csv")) if next(rows(path))[9] == label]
    spells = read_spells(rosters[-1])
    schools = {record[0] for record in rows(max(sis.glob("schools_*.csv")))}
    inside = [f"{day:%Y%m%d}" for day in days]
    marks = [*sis.glob(f"att_hist_{label}.csv"), *(p for d in inside for p in sis.glob(f"att_{d}.csv"))]
    taken = [*sis.glob(f"taken_hist_{label}.csv"), *(p for d in inside for p in sis.glob(f"taken_{d}.csv"))]
    return Files(spells, read_missed(marks, schools), read_taken(taken))


def _days_of(spell: Spell, days: Sequence[date], files: Files) -> Iterator[MemberDay]:
    """Yield the member days of one membership."""
    for day in days:
        if spell.entered <= day and (spell.left is None or day < spell.left):
            missed = files.missed.get((spell.student, spell.school, day), 0)
            is_sent = files.taken.get((spell.school, spell.grade, day), False)
            cut = min(missed, spell.parts) if is_sent else None
            yield MemberDay(spell.student, spell.school, day, spell.parts, cut, is_owner=True)


def member_days(files: Files, days: Sequence[date]) -> list[MemberDay]:
    """Return every pupil's member days of a year; where memberships overlap, one owns the day.

    The owner is the primary one, then the one entered last.
    """
    best: dict[tuple[str, date], tuple[bool, date]] = {}
    found: list[tuple[tuple[bool, date], MemberDay]] = []
    for spell in files.spells:
        rank = (spell.is_primary, spell.entered)
        for row in _days_of(spell, days, files):
            key = (row.student, row.on)
            best[key] = max(best.get(key, rank), rank)
            found.append((rank, row))
    return [replace(row, is_owner=best[row.student, row.on] == rank) for rank, row in found]


def attendance_rate(found: Iterable[MemberDay]) -> tuple[dict[str, Ratio], Ratio]:
    """Return parts attended of parts measured: by school over all rows, in the district over owned rows."""
    schools: dict[str, Ratio] = defaultdict(lambda: Ratio(0, 0))
    district = Ratio(0, 0)
    for row in found:
        if row.missed is not None:
            part = Ratio(row.parts - row.missed, row.parts)
            schools[row.school] += part
            district += part if row.is_owner else Ratio(0, 0)
    return dict(schools), district


def judge(rows_of_one: Sequence[MemberDay], *, min_days: int = 10, measured_share: tuple[int, int] = (9, 10)) -> str:
    """Judge one pupil in one school by us-edfacts-195: flagged, not_flagged, not_eligible or unmeasured.

    A day counts as absent when half of it or more was missed; days nobody sent count towards the minimum only.
    """
    member = sum(row.parts for row in rows_of_one)
    measured = [row for row in rows_of_one if row.missed is not None]
    expected = sum(row.parts for row in measured)
    if len(rows_of_one) < min_days:
        return "not_eligible"
    if measured_share[1] * expected < measured_share[0] * member:
        return "unmeasured"
    absent = sum(row.parts for row in measured if 2 * (row.missed or 0) >= row.parts)
    return "flagged" if 10 * absent >= expected else "not_flagged"


def chronic_absence(found: Iterable[MemberDay]) -> tuple[dict[str, Chronic], Chronic]:
    """Return chronic absence by school, and the district's as the sum of its schools."""
    stays: dict[tuple[str, str], list[MemberDay]] = defaultdict(list)
    for row in found:
        stays[row.student, row.school].append(row)
    schools: dict[str, Chronic] = defaultdict(lambda: Chronic(0, 0, 0))
    for (_student, school), mine in stays.items():
        verdict = judge(mine)
        one = Chronic(verdict == "flagged", verdict in {"flagged", "not_flagged"}, verdict == "unmeasured")
        schools[school] += one
    return dict(schools), sum(schools.values(), Chronic(0, 0, 0))
