"""The student information system of Riverbend: how it writes schools, memberships, attributes and attendance.

Here: headers, codes and dates as that vendor exports them. Not here: who the people are or what they did.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from aimline.demo.attendance import CODES, Marks, YearAttendance
from aimline.demo.facts import GRADES
from aimline.demo.outbox import Outbox
from aimline.demo.people import District, YearPeople
from aimline.demo.streams import Ints, Table, Texts, stream, texts, us_date

SCHOOLS_HEADER = "Site #,Site Name,Type,Level,Opened"
ROSTER_HEADER = "STU ID,Site #,Cal,Gr,Enter Dt,Leave Dt,Leave Cd,Primary?,FTE,SY,Student Name,DOB"
ATTENDANCE_HEADER = "STU ID,Site #,Att Date,Code,Periods Abs,Periods"
TAKEN_HEADER = "Site #,Att Date,Gr,HR,Taken,Taken At"
ATTRIBUTES_HEADER = "STU ID,SY,EL,SWD,FRL,Gender,Race"

HISTORY_ON = date(2026, 7, 1)  # the older years are handed over on the first day of the fiscal year
STAYS = ",,Y"  # leaving date, leaving code, primary: until the office knows of a departure
LEVEL_CODES = {"elementary": "ELEM", "middle": "MID", "high": "HIGH"}
GENDERS = ("F", "M", "X")
RACES = ("WH", "HI", "BL", "AS", "AI", "MU", "PI")
GIVEN_NAMES = ("Ana", "Ben", "Chloe", "Dario", "Emma", "Felix", "Grace", "Hugo", "Iris", "Jonas", "Kira", "Leo", "Maya")
FAMILY_NAMES = ("Adams", "Baker", "Castillo", "Diaz", "Evans", "Fischer", "Gomez", "Hughes", "Ito", "Jensen", "Khan")


def mondays(first: date, last: date) -> list[date]:
    """Return the Mondays of the weeks that hold the days from first to last."""
    start = first - timedelta(days=first.weekday())
    return [start + timedelta(days=7 * n) for n in range((last - start).days // 7 + 1)]


def write_schools(outbox: Outbox, district: District) -> None:
    """Write the list of schools once."""
    rows = [f"{s.school_id},{s.name},REG,{LEVEL_CODES[s.level]},08/15/1998" for s in district.schools]
    outbox.put("sis/schools_20260701.csv", HISTORY_ON, SCHOOLS_HEADER, rows)


def pupil_names(seed: int, district: District) -> Texts:
    """Return the quoted name of every pupil: invented, and dropped by the product at the door."""
    rng = stream(seed, Table.NAMES)
    count = len(district.pupils.number)
    family = texts(FAMILY_NAMES)[rng.integers(0, len(FAMILY_NAMES), count)]
    given = texts(GIVEN_NAMES)[rng.integers(0, len(GIVEN_NAMES), count)]
    return np.asarray('"' + family + ", " + given + '"')


@dataclass(frozen=True)
class RosterLines:
    """The lines of one year's memberships: what stands around the columns that tell of leaving, and those."""

    before: Texts
    left: Texts
    after: Texts
    first: Ints
    end: Ints


def roster_lines(people: YearPeople, district: District, names: Texts) -> RosterLines:
    """Prepare the lines of one year's roster, so that each week's file is a choice among them."""
    spells, year, pupils = people.spells, people.year, district.pupils
    who = people.pupil[spells.person]
    dates = texts([us_date(day) for day in year.days] + [""])
    grade = people.grade[spells.person]
    site = texts(s.school_id for s in district.schools)[spells.school]
    number = texts(pupils.number)[who]
    before = number + "," + site + ",RIV," + texts(GRADES)[grade] + "," + dates[spells.first] + ","
    transfer = np.where(spells.is_primary, "W2", "T1")
    primary = np.where(spells.is_primary, ",Y", ",N")
    left = np.where(spells.end < len(year.days), dates[spells.end] + "," + transfer + primary, STAYS)
    fte = np.where(people.fte_half[spells.person], "0.500", "1.000").astype(object)
    born = texts(f"{1 + n % 12:02d}/{1 + n * 7 % 28:02d}/" for n in pupils.number)[who]
    born = born + texts(year.school_year - 6 - g for g in grade)
    after = "," + fte + f",{year.label}," + names[who] + "," + born
    return RosterLines(before, left, after, spells.first, spells.end)


def roster_as_of(lines: RosterLines, known_to: int, gone_by: int) -> list[str]:
    """Return the roster of a day: entries up to one position of the year's days, departures before another."""
    shown = np.flatnonzero(lines.first <= known_to)
    left = np.where(lines.end[shown] <= gone_by, lines.left[shown], STAYS)
    return list(lines.before[shown] + left + lines.after[shown])


def attribute_lines(people: YearPeople, district: District) -> list[str]:
    """Return one line a pupil of the year: language, disability, income, gender, race."""
    pupils, who = district.pupils, people.pupil
    yes = texts("NY")
    columns = [
        texts(pupils.number)[who],
        texts([people.year.label])[np.zeros(len(who), dtype=int)],
        yes[pupils.english_learner[who].astype(int)],
        yes[pupils.disability[who].astype(int)],
        yes[pupils.low_income[who].astype(int)],
        texts(GENDERS)[pupils.gender[who]],
        texts(RACES)[pupils.race[who]],
    ]
    return [",".join(row) for row in zip(*columns, strict=True)]


def mark_lines(marks: Marks, people: YearPeople, district: District) -> Texts:
    """Return one line a mark, in the order of the marks."""
    spells = people.spells
    number = texts(district.pupils.number)[people.pupil[spells.person]]
    site = texts(s.school_id for s in district.schools)[spells.school]
    dates = texts(us_date(day) for day in people.year.days)
    kind, place = np.unique((marks.code * 100 + marks.periods) * 100 + marks.scheduled, return_inverse=True)
    tail = texts(f",{CODES[each // 10_000]},{each // 100 % 100},{each % 100}" for each in kind)
    head = number + "," + site + ","
    return np.asarray(head[marks.spell] + dates[marks.day] + tail[place])


def taken_lines(attendance: YearAttendance, people: YearPeople, district: District) -> list[list[str]]:
    """Return, for every day of the year, one line a homeroom."""
    rooms = attendance.homerooms
    site = texts(s.school_id for s in district.schools)[rooms.school]
    grade = texts(GRADES)[rooms.grade]
    name = texts(f"{number:02d}" for number in rooms.number)
    tail = "," + grade + "," + grade + "-" + name
    minutes = texts(f"{8 + n % 2}:{10 + n * 7 % 49:02d} AM" for n in range(len(site)))
    days = []
    for position, day in enumerate(people.year.days):
        date_text = us_date(day)
        sent = np.where(rooms.taken[:, position], ",Y," + date_text + " " + minutes, ",N,")
        days.append(list(site + "," + date_text + tail + sent))
    return days


@dataclass(frozen=True)
class SisYear:
    """One year as the system holds it: people, attendance, prepared roster lines."""

    district: District
    people: YearPeople
    attendance: YearAttendance
    roster: RosterLines


def write_history(outbox: Outbox, held: SisYear) -> None:
    """Write a finished year as it ended: one roster, one file of attributes, of marks, of homerooms."""
    year, people = held.people.year, held.people
    n_days = len(year.days)
    ended = f"{year.days[-1] + timedelta(days=1):%Y%m%d}"
    roster = roster_as_of(held.roster, n_days, n_days - 1)
    outbox.put(f"sis/roster_{ended}.csv", HISTORY_ON, ROSTER_HEADER, roster)
    outbox.put(f"sis/attrib_{ended}.csv", HISTORY_ON, ATTRIBUTES_HEADER, attribute_lines(people, held.district))
    marks = list(mark_lines(held.attendance.marks, people, held.district))
    outbox.put(f"sis/att_hist_{year.label}.csv", HISTORY_ON, ATTENDANCE_HEADER, marks)
    taken = [line for day in taken_lines(held.attendance, people, held.district) for line in day]
    outbox.put(f"sis/taken_hist_{year.label}.csv", HISTORY_ON, TAKEN_HEADER, taken)


def write_current(outbox: Outbox, held: SisYear) -> None:
    """Write the current year as it goes: a roster and attributes each Monday, attendance each day of school.

    The files of a Monday are made in its small hours, so its own night finds them; the files of a day of school are
    made in its evening, so the night after finds them. An office knows of an entry a few days ahead.
    """
    year, people = held.people.year, held.people
    attributes = attribute_lines(people, held.district)
    for monday in mondays(year.days[0], year.days[-1]):
        position = bisect_left(year.days, monday)
        known = bisect_left(year.days, monday + timedelta(days=6))
        roster = roster_as_of(held.roster, known, position)
        outbox.put(f"sis/roster_{monday:%Y%m%d}.csv", monday, ROSTER_HEADER, roster)
        outbox.put(f"sis/attrib_{monday:%Y%m%d}.csv", monday, ATTRIBUTES_HEADER, attributes)
    marks = mark_lines(held.attendance.marks, people, held.district)
    bounds = np.searchsorted(held.attendance.marks.day, np.arange(len(year.days) + 1))
    taken = taken_lines(held.attendance, people, held.district)
    for position, day in enumerate(year.days):
        evening = day + timedelta(days=1)
        today = list(marks[bounds[position] : bounds[position + 1]])
        outbox.put(f"sis/att_{day:%Y%m%d}.csv", evening, ATTENDANCE_HEADER, today)
        outbox.put(f"sis/taken_{day:%Y%m%d}.csv", evening, TAKEN_HEADER, taken[position])
