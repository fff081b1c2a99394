"""The trouble planted in Riverbend's files of 2026-27: late, repeated, renamed, broken, restyled, corrected.

Each is done to the bytes a vendor sends, so the product cannot tell; what was done is returned as rows of truth.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from aimline.demo.outbox import Outbox

LATE_DAY, LATE_BY = date(2026, 11, 12), 2
REPEATED_DAY = date(2026, 10, 1)
COPIED_DAY = date(2026, 10, 5)
BAD_DATE_DAY = date(2026, 9, 15)
BAD_CODE_DAY = date(2026, 9, 24)
BAD_SCHOOL_DAY = date(2026, 10, 6)
LOST_ID_DAY = date(2026, 10, 21)
FOOTNOTE_DAY = date(2026, 9, 30)
RESTYLED_DAY = date(2026, 10, 14)
CORRECTED_DAY, CORRECTED_ON = date(2026, 9, 22), date(2026, 10, 8)

BAD_SHARE = 0.015  # broken rows stay below this share of their file, so that the file is not held as a whole
FOOTNOTE = "* Preliminary until the office has closed the month,,,,,"
RESTYLED = "Stu Id*,SITE #,Att  Date,CODE,1. Periods Abs,periods"


@dataclass(frozen=True)
class Fault:
    """One planted fault: the code of the catalogue, the file, the day it arrives, the records (1-based) it touches."""

    fault: str
    code: str
    path: str
    arrives_on: str
    records: tuple[int, ...]
    note: str

    def row(self) -> dict[str, object]:
        """Return the fault as a row of `truth/faults.json`."""
        return asdict(self)


def _attendance(day: date) -> str:
    return f"sis/att_{day:%Y%m%d}.csv"


def _read(outbox: Outbox, path: str) -> list[str]:
    """Return the lines of a written file, header first."""
    return (outbox.root / "vendor" / path).read_text(encoding="utf-8").splitlines()


def _write(root: Path, path: str, lines: list[str]) -> None:
    target = root / "vendor" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join([*lines, ""]), encoding="utf-8", newline="")


def _replaced(line: str, place: int, value: str) -> str:
    cells = line.split(",")
    cells[place] = value
    return ",".join(cells)


def _bad_date(line: str) -> str:
    return _replaced(line, 2, "02/30/2026")


def _bad_code(line: str) -> str:
    return _replaced(line, 3, "XQ")


def _bad_school(line: str) -> str:
    return _replaced(line, 1, "0199")


def _lost_id(line: str) -> str:
    return _replaced(line, 0, "")


BROKEN_ROWS: tuple[tuple[str, str, date, int, Callable[[str], str]], ...] = (
    ("bad_date", "date_impossible", BAD_DATE_DAY, 1, _bad_date),
    ("bad_code", "code_unknown", BAD_CODE_DAY, 2, _bad_code),
    ("bad_school", "orphan_reference", BAD_SCHOOL_DAY, 1, _bad_school),
    ("lost_id", "placeholder_id", LOST_ID_DAY, 1, _lost_id),
)


def _break_rows(outbox: Outbox, older: str | None) -> list[Fault]:
    """Break a few rows, each kind in the file of its day; in a small world in the newest older year instead."""
    found = []
    for place, (name, code, day, count, spoil) in enumerate(BROKEN_ROWS):
        path = _attendance(day)
        lines = _read(outbox, path)
        if older and count > BAD_SHARE * len(lines):
            path, lines = older, _read(outbox, older)
        records = tuple(1 + (5 * place + n) % (len(lines) - 1) for n in range(count))
        for record in records:
            lines[record] = spoil(lines[record])
        _write(outbox.root, path, lines)
        arrives = next(drop.drop_on for drop in outbox.drops if drop.path == path)
        found.append(Fault(name, code, path, str(arrives), records, "broken rows; the rest of the file is sound"))
    return found


def _delay(outbox: Outbox, days: tuple[date, ...]) -> list[Fault]:
    """Let both attendance feeds of one day come two school days late."""
    due = days[days.index(LATE_DAY) + 1]
    arrives = days[days.index(due) + LATE_BY]
    paths = (_attendance(LATE_DAY), f"sis/taken_{LATE_DAY:%Y%m%d}.csv")
    for path in paths:
        outbox.late(path, arrives)
    return [Fault("late_feed", "not_arrived", path, str(arrives), (), "two school days late") for path in paths]


def _repeat(outbox: Outbox) -> list[Fault]:
    """Send one file twice under its name, and one under another name."""
    path, arrives = _attendance(REPEATED_DAY), REPEATED_DAY + timedelta(days=2)
    outbox.again(path, path, arrives)
    roster = f"sis/roster_{COPIED_DAY:%Y%m%d}.csv"
    copied_on = COPIED_DAY + timedelta(days=1)
    copy = f"sis/roster_{copied_on:%Y%m%d}.csv"
    outbox.again(roster, copy, copied_on)
    return [
        Fault("repeated_export", "duplicate_file", path, str(arrives), (), "the same bytes under the same name"),
        Fault("renamed_copy", "duplicate_file", copy, str(copied_on), (), "the same bytes under another name"),
    ]


def _restyle(outbox: Outbox) -> list[Fault]:
    """Add a footnote to one file and restyle the header of another."""
    noted, styled = _attendance(FOOTNOTE_DAY), _attendance(RESTYLED_DAY)
    lines = _read(outbox, noted)
    _write(outbox.root, noted, [*lines, FOOTNOTE])
    _write(outbox.root, styled, [RESTYLED, *_read(outbox, styled)[1:]])
    next_day = timedelta(days=1)
    return [
        Fault("footnote", "footnote_row", noted, str(FOOTNOTE_DAY + next_day), (len(lines),), "a note under the table"),
        Fault(
            "restyled_header", "header_restyled", styled, str(RESTYLED_DAY + next_day), (), "same words, other style"
        ),
    ]


def _correct(outbox: Outbox) -> list[Fault]:
    """Send the file of an old day again with two rows changed: one pupil was there, one came for a part."""
    path = _attendance(CORRECTED_DAY)
    lines = _read(outbox, path)
    cells = [line.split(",") for line in lines]
    whole = [n for n, row in enumerate(cells) if row[3] in {"A", "U"} and row[4] == row[5]]
    there, part = whole[:2]
    lines[there] = _replaced(_replaced(lines[there], 3, "P"), 4, "0")
    lines[part] = _replaced(lines[part], 4, "1")
    again = f"sis/resent/att_{CORRECTED_DAY:%Y%m%d}.csv"
    _write(outbox.root, again, lines)
    outbox.again(again, path, CORRECTED_ON)
    note = "an old day again, two rows changed: present; one period"
    return [Fault("late_correction", "late_correction", path, str(CORRECTED_ON), (there, part), note)]


def plant(outbox: Outbox, days: tuple[date, ...], older: str | None) -> list[Fault]:
    """Plant every fault.

    Args:
        outbox: A finished current year.
        days: School days of the current year.
        older: Attendance file of the newest older year, which takes the broken rows of a small world.
    """
    broken = _break_rows(outbox, older)
    return [*broken, *_restyle(outbox), *_correct(outbox), *_repeat(outbox), *_delay(outbox, days)]
