"""The survey vendor of Riverbend: lists of those eligible and exports of responses, growing while a window is open."""

from datetime import date, datetime, time, timedelta

import numpy as np

from aimline.demo.facts import CURRENT_YEAR, GRADES
from aimline.demo.outbox import Outbox
from aimline.demo.panels import FROZEN_BEFORE, Occasion
from aimline.demo.people import District
from aimline.demo.sis import HISTORY_ON, mondays
from aimline.demo.streams import Table, Texts, stream, texts
from aimline.demo.surveys import window_days

LIST_HEADER = "Person,Class,School,Grade,Opt Out"
STUDENT_HEADER = "ResponseID,StudentNumber,School,Grade,Started,Submitted,Secs,Status"
STAFF_HEADER = "ResponseID,StaffNumber,School,Submitted"
TESTS = ("test01", "test02", "test03")
PLACEHOLDERS = ("@X@", "@X@1", "0000")
MARKS = texts(["", 1, 2, 3, 4, 5])


def _list_lines(held: Occasion, district: District) -> list[str]:
    """Return one line a person of the frozen list."""
    listed = held.listed
    kind = ",student," if held.window.wave else ",staff,"
    grade = texts((*GRADES, ""))[listed.grade]
    out = texts("NY")[listed.opted_out.astype(int)]
    site = texts(s.school_id for s in district.schools)[listed.school]
    return list(listed.number + kind + site + "," + grade + "," + out)


def _response_ids(held: Occasion, count: int, seed: int) -> list[str]:
    """Return distinct response numbers in the vendor's manner."""
    rng = stream(seed, Table.ANSWERS, held.year.school_year, held.window.wave, 2)
    return [f"R_{number:08x}{place:03x}" for place, number in enumerate(rng.integers(0, 2**32, count).tolist())]


def _instants(held: Occasion) -> list[datetime]:
    """Return when each response was sent in, local time."""
    responses, days = held.responses, [held.year.days[n] for n in window_days(held.year, held.window)]
    start = [datetime.combine(day, time(0)) for day in days]
    pairs = zip(responses.day.tolist(), responses.second.tolist(), strict=True)
    return [start[day] + timedelta(seconds=second) for day, second in pairs]


def _status(ticked: np.ndarray) -> Texts:
    """Return the vendor's status: complete when the last question was reached."""
    return np.where(ticked[:, -3:].any(axis=1), "Complete", "Partial").astype(object)


def _student_lines(held: Occasion, district: District, seed: int) -> list[tuple[date, str]]:
    """Return (day, line) of every response of a student wave, the vendor's own tests and lost links included."""
    responses, panel = held.responses, held.panel
    sent = _instants(held)
    ids = _response_ids(held, len(sent) + len(TESTS) + len(PLACEHOLDERS), seed)
    site = texts(s.school_id for s in district.schools)[panel.school[responses.person]]
    head = held.number[responses.person] + "," + site + "," + texts(GRADES)[panel.grade[responses.person]] + ","
    seconds = responses.seconds.tolist()
    began = [f"{at - timedelta(seconds=took)},{at},{took}," for at, took in zip(sent, seconds, strict=True)]
    answers = [",".join(row) for row in MARKS[responses.ticked]]
    tail = _status(responses.ticked)
    parts = zip(ids[: len(sent)], head, began, tail, answers, strict=True)
    lines = [f"{rid},{who}{when}{status},{row}" for rid, who, when, status, row in parts]
    return list(zip([at.date() for at in sent], lines, strict=True)) + _nobodys_lines(held, district, ids[len(sent) :])


def _nobodys_lines(held: Occasion, district: District, ids: list[str]) -> list[tuple[date, str]]:
    """Return the vendor's own test responses and a few whose link was never filled in, on the first day."""
    day = held.window.opens_on
    site = district.schools[0].school_id
    answers = ",".join(["4"] * held.responses.ticked.shape[1])
    names = [*((name, "Preview") for name in TESTS), *((name, "Complete") for name in PLACEHOLDERS)]
    return [
        (day, f"{rid},{name},{site},5,{day} 07:{n:02d}:00,{day} 07:{n + 4:02d}:00,240,{status},{answers}")
        for n, (rid, (name, status)) in enumerate(zip(ids, names, strict=True))
    ]


def _staff_lines(held: Occasion, district: District, seed: int) -> list[tuple[date, str]]:
    """Return (day, line) of every response of a staff survey."""
    responses = held.responses
    sent = _instants(held)
    ids = _response_ids(held, len(sent), seed)
    site = texts(s.school_id for s in district.schools)[held.panel.school[responses.person]]
    head = held.number[responses.person] + "," + site + ","
    answers = [",".join(row) for row in MARKS[responses.ticked]]
    rows = zip(sent, ids, head, answers, strict=True)
    return [(at.date(), f"{rid},{who}{at},{row}") for at, rid, who, row in rows]


def export_days(held: Occasion) -> list[date]:
    """Return the days an export is made: each Monday while the window is open, and the day after it closes."""
    window = held.window
    weekly = [day for day in mondays(window.opens_on, window.closes_on) if window.opens_on < day <= window.closes_on]
    return [*weekly, window.closes_on + timedelta(days=1)]


def write_occasion(outbox: Outbox, district: District, held: Occasion, seed: int) -> None:
    """Write the frozen list and the exports of one window; of an older year only the list and the last export."""
    is_current = held.year.school_year == CURRENT_YEAR
    opens = window_days(held.year, held.window)[0]
    frozen = held.year.days[opens - FROZEN_BEFORE]
    window_id = held.window.window_id
    name = f"survey/eligible_{window_id}_{frozen:%Y%m%d}.csv"
    outbox.put(name, frozen if is_current else HISTORY_ON, LIST_HEADER, _list_lines(held, district))
    columns = ",".join(column for scale in held.scales for column in scale.columns)
    is_student = held.window.wave > 0
    header = f"{STUDENT_HEADER if is_student else STAFF_HEADER},{columns}"
    lines = (_student_lines if is_student else _staff_lines)(held, district, seed)
    prefix = "sel" if is_student else "staff"
    for day in export_days(held) if is_current else export_days(held)[-1:]:
        rows = [line for sent, line in lines if sent < day]
        path = f"survey/{prefix}_{window_id}_{day:%Y%m%d}.csv"
        outbox.put(path, day if is_current else HISTORY_ON, header, rows)
