"""Who was absent when, and what a homeroom wrote down: one year of days, with the planted rise in one school.

Here: truth (absent or not, for every pupil and day of school) and the marks an office would keep of it. Not here:
files and their headers.
"""

from dataclasses import dataclass

import numpy as np

from aimline.demo.facts import ABSENCE_DRIFT_FROM, ABSENCE_DRIFT_SCHOOL
from aimline.demo.people import District, YearPeople
from aimline.demo.streams import Flags, Floats, Ints, Table, stream

CODES = ("A", "U", "S", "I", "T")
EXCUSED, UNEXCUSED, SUSPENDED_OUT, SUSPENDED_IN, TARDY = range(5)
PERIODS = np.array([2, 6, 7])  # in a day, by level

MONTH_EFFECT = {8: 0.8, 9: 0.85, 10: 0.95, 11: 1.05, 12: 1.25, 1: 1.2, 2: 1.15, 3: 1.0, 4: 1.0, 5: 1.12, 6: 1.3}
WEEKDAY_EFFECT = (1.15, 0.92, 0.9, 0.95, 1.2)
START = -3.74  # log odds that a day begins an absence, for a pupil without any other reason
EPISODE = (0.68, 0.88)  # chance that an absence ends within one day, within two; the rest take three
YEARLY_CHANGE = 0.05
HIGH_SCHOOL = 9  # position of the first grade
PART_DAYS = 0.15  # share of absences, excused or not, that take a part of the day
TARDIES = 0.022
DRIFT_FACTOR = 2.2
HOMEROOM_SIZE = 26
GRADES_MISSED = 8  # grade-days a year on which no homeroom of a grade sent attendance
SCHOOLS_MISSED = 2  # school-days a year
HOMEROOMS_MISSED = 0.0005


@dataclass(frozen=True)
class Marks:
    """The marks of one year, ordered by day and then membership: arrays of one length.

    `spell` is the row in `Spells`, `day` the position in the year's days; `periods` of `scheduled` were missed.
    """

    spell: Ints
    day: Ints
    code: Ints
    periods: Ints
    scheduled: Ints


@dataclass(frozen=True)
class Homerooms:
    """The homerooms of one year and on which days each sent its attendance (`taken`: homeroom x day)."""

    school: Ints
    grade: Ints
    number: Ints
    taken: Flags


@dataclass(frozen=True)
class YearAttendance:
    """One year: the true absences (pupil x day, share of the day), the marks kept, the homerooms."""

    absent_share: Floats
    expected: Floats
    marks: Marks
    homerooms: Homerooms


def _log_odds(district: District, people: YearPeople) -> Floats:
    """Return each pupil's log odds of beginning an absence on an ordinary day."""
    grade = np.where(people.grade == 0, 0.15, np.where(people.grade >= HIGH_SCHOOL, 0.22, 0.0))
    school = np.array([0.25 * (s.poverty - 0.45) for s in district.schools])[people.school]
    year = YEARLY_CHANGE * (2026 - people.year.school_year)
    odds = START + district.pupils.absence_trait[people.pupil] + grade + school + year
    return np.asarray(odds)


def _day_effect(people: YearPeople) -> Floats:
    """Return the factor of every day of school: season and weekday."""
    return np.array([MONTH_EFFECT[day.month] * WEEKDAY_EFFECT[day.weekday()] for day in people.year.days])


def _start_chance(district: District, people: YearPeople) -> Floats:
    """Return the chance of beginning an absence, pupil x day, with the planted rise.

    The rise belongs to the school, so it reaches whoever is enrolled there at the start of the year.
    """
    odds = np.exp(_log_odds(district, people))
    chance = (odds / (1 + odds))[:, None] * _day_effect(people)[None, :]
    drifting = np.array([school.school_id == ABSENCE_DRIFT_SCHOOL for school in district.schools])[people.school]
    after = np.array([day >= ABSENCE_DRIFT_FROM for day in people.year.days])
    chance = np.where(drifting[:, None] & after[None, :], chance * DRIFT_FACTOR, chance)
    return np.asarray(np.minimum(chance, 0.6))


def _episodes(chance: Floats, rng: np.random.Generator) -> Flags:
    """Draw absences that last one to three days of school."""
    draw = rng.random(chance.shape, dtype=np.float32)
    begins = draw < chance
    length = rng.random(chance.shape, dtype=np.float32)
    absent = begins.copy()
    absent[:, 1:] |= begins[:, :-1] & (length[:, :-1] >= EPISODE[0])
    absent[:, 2:] |= begins[:, :-2] & (length[:, :-2] >= EPISODE[1])
    return absent


def _expected(chance: Floats) -> Floats:
    """Return the chance of being absent, pupil x day, that the episodes of `chance` imply."""
    present = 1 - chance
    present[:, 1:] *= 1 - chance[:, :-1] * (1 - EPISODE[0])
    present[:, 2:] *= 1 - chance[:, :-2] * (1 - EPISODE[1])
    return 1 - present


def _homerooms(people: YearPeople, n_schools: int) -> tuple[Homerooms, Ints]:
    """Divide each grade of each school into homerooms; return them and each membership's homeroom."""
    spells = people.spells
    group = spells.school * 13 + people.grade[spells.person]
    size = np.bincount(group, minlength=n_schools * 13)
    rooms = np.maximum((size + HOMEROOM_SIZE - 1) // HOMEROOM_SIZE, size > 0)
    offset = np.concatenate([[0], np.cumsum(rooms)])
    order = np.argsort(group, kind="stable")
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - (np.cumsum(size) - size)[group[order]]
    mine = offset[group] + rank % rooms[group]
    owner = np.repeat(np.arange(len(size)), rooms)
    number = np.arange(len(owner)) - offset[owner] + 1
    taken = np.ones((len(owner), len(people.year.days)), dtype=bool)
    return Homerooms(owner // 13, owner % 13, number, taken), mine


def _skip_days(rooms: Homerooms, rng: np.random.Generator) -> None:
    """Leave some attendance untaken: single homerooms, whole grades, whole schools."""
    rooms.taken[rng.random(rooms.taken.shape) < HOMEROOMS_MISSED] = False
    n_days = rooms.taken.shape[1]
    for room in rng.choice(len(rooms.school), GRADES_MISSED):
        same = (rooms.school == rooms.school[room]) & (rooms.grade == rooms.grade[room])
        rooms.taken[same, rng.integers(10, n_days - 10)] = False
    for school in rng.choice(np.unique(rooms.school), SCHOOLS_MISSED):
        rooms.taken[rooms.school == school, rng.integers(10, n_days - 10)] = False


def _codes(count: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Draw the code of an absence and the share of the day it takes (1 unless somebody came for a part of it)."""
    code = np.searchsorted([0.58, 0.955, 0.98], rng.random(count), side="right")
    share = np.where((rng.random(count) < PART_DAYS) & (code <= UNEXCUSED), 0.2 + 0.7 * rng.random(count), 1.0)
    return code, share


def _day_states(absent: Flags, level: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return code (-1: nothing to write down) and periods missed, pupil x day."""
    code = np.full(absent.shape, -1, dtype=np.int64)
    periods = np.zeros(absent.shape, dtype=np.int64)
    rows, days = np.nonzero(absent)
    drawn, share = _codes(len(rows), rng)
    scheduled = PERIODS[level[rows]]
    missed = np.where(share == 1.0, scheduled, np.clip(np.round(share * scheduled), 1, scheduled - 1))
    code[rows, days] = drawn
    periods[rows, days] = missed
    late = ~absent & (rng.random(absent.shape, dtype=np.float32) < TARDIES)
    code[late] = TARDY
    return code, periods


def make_attendance(seed: int, district: District, people: YearPeople) -> YearAttendance:
    """Draw one year of attendance.

    Returns:
        Truth as the share of each day missed (suspension in school is presence), the chance behind it, and the
        marks of memberships on days their homeroom sent attendance.
    """
    rng = stream(seed, Table.ABSENCE, people.year.school_year)
    chance = _start_chance(district, people)
    absent = _episodes(chance, rng)
    level = np.searchsorted([6, 9], people.grade, side="right")
    code, periods = _day_states(absent, level, rng)
    counted = (code >= 0) & (code < SUSPENDED_IN)
    share = np.where(counted, periods / PERIODS[level][:, None], 0.0)
    rooms, mine = _homerooms(people, len(district.schools))
    _skip_days(rooms, stream(seed, Table.TAKEN, people.year.school_year))
    spells = people.spells
    days = np.arange(len(people.year.days))
    member = (days >= spells.first[:, None]) & (days < spells.end[:, None])
    kept = member & rooms.taken[mine] & (code[spells.person] >= 0)
    day, spell = np.nonzero(kept.T)
    person = spells.person[spell]
    marks = Marks(spell, day, code[person, day], periods[person, day], PERIODS[level[person]])
    return YearAttendance(share, _expected(chance), marks, rooms)
