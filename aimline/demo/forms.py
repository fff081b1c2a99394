"""The district's own forms: rubric self-ratings, walkthroughs, room lists, the log of activities.

Here: what was rated, seen and delivered, and how the forms write it. Lessons are delivered too seldom in three
schools from the start, and in one of them as planned again after January.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from aimline.demo.attendance import Homerooms
from aimline.demo.facts import (
    CURRENT_YEAR,
    GRADES,
    LESSON_DRIFT_SCHOOLS,
    LESSON_RECOVERY_FROM,
    LESSON_RECOVERY_SCHOOL,
    LESSONS,
    LOOK_FORS,
    RUBRIC_ITEMS,
    TRAINING,
    Window,
    Year,
)
from aimline.demo.outbox import Outbox
from aimline.demo.people import District, YearPeople
from aimline.demo.sis import HISTORY_ON, mondays
from aimline.demo.streams import Flags, Table, stream, us_date

RUBRIC_HEADER = "School,Item,Rater,Level,Consensus,Rated On"
WALK_HEADER = "Visit,School,Room,Observer,Date,Look-for,Rating"
ROOMS_HEADER = "School,Room,Eligible,From"
ACTIVITIES_HEADER = "Activity,School,Session,Date,Status,Core Req,Core Done,Eligible,Reached"

RATERS = 4
MIDDLE_OF_YEAR = 90
MOST_VISITS = 8  # rooms of a school seen in a window; in small schools half of them
NOT_SEEN = 0.08
OTHER_ROOMS = ("GYM", "LIB", "OFFICE")
DELIVERED = 0.94  # chance that a planned lesson is held
DELIVERED_LOW = 0.48
CANCELLED = 0.03
CORE = 4  # core parts of a session
LESSON_FROM, LESSON_TO = 13, 170  # school days between which there is a lesson a week
TRAINING_DAYS = (14, 22, 30, 38)


@dataclass(frozen=True)
class Session:
    """One planned session of an activity in a school and what came of it in the end."""

    activity: str
    school: str
    number: int
    on: date
    status: str
    core_done: int
    n_eligible: int
    n_reached: int

    def line(self, before: date) -> str:
        """Return the log's line as it reads on the morning of `before`."""
        status = self.status if self.on < before else "planned"
        done = status == "delivered"
        core, reached = (self.core_done, self.n_reached) if done else ("", "")
        stem = f"{self.activity},{self.school},S{self.number:02d},{us_date(self.on)}"
        return f"{stem},{status},{CORE},{core},{self.n_eligible},{reached}"


Rooms = dict[str, list[str]]


def taught_rooms(district: District, rooms: Homerooms) -> Rooms:
    """Return the names of the homerooms of every school."""
    found: Rooms = {school.school_id: [] for school in district.schools}
    for school, grade, number in zip(rooms.school, rooms.grade, rooms.number, strict=True):
        found[district.schools[school].school_id].append(f"{GRADES[grade]}-{number:02d}")
    return found


def room_lines(rooms: Rooms, year: Year) -> list[str]:
    """Return one line a room: every homeroom, and a few rooms nobody is taught in."""
    since = us_date(year.days[0])
    taught = [f"{site},{name},Y,{since}" for site, names in rooms.items() for name in names]
    return taught + [f"{site},{name},N,{since}" for site in rooms for name in OTHER_ROOMS]


def rubric_lines(seed: int, district: District, year: Year, window: Window) -> list[str]:
    """Return the ratings of one window: four raters and then their consensus, for every item of every school."""
    position = year.days.index(window.opens_on)
    rng = stream(seed, Table.RUBRIC, year.school_year, position)
    lasting = stream(seed, Table.RUBRIC).normal(0.0, 0.5, (len(district.schools), len(RUBRIC_ITEMS)))
    growth = 0.22 * (year.school_year - 2024) + 0.12 * (position > MIDDLE_OF_YEAR)
    rated = us_date(year.days[position + 3])
    rows = []
    for s, school in enumerate(district.schools):
        for item, name in enumerate(RUBRIC_ITEMS):
            levels = np.clip(np.round(1.9 + growth + lasting[s, item] + rng.normal(0, 0.45, RATERS)), 1, 4).astype(int)
            stem = f"{school.school_id},{name}"
            rows += [f"{stem},R{s:02d}{n + 1},{level},N,{rated}" for n, level in enumerate(levels)]
            rows.append(f"{stem},TEAM,{sorted(levels)[(RATERS - 1) // 2]},Y,{rated}")
    return rows


def walk_lines(seed: int, rooms: Rooms, year: Year, window: Window) -> list[tuple[date, str]]:
    """Return (day, line) of every look-for of every visit of one window."""
    opens = year.days.index(window.opens_on)
    rng = stream(seed, Table.WALKTHROUGH, year.school_year, opens)
    days = [day for day in year.days if window.opens_on <= day <= window.closes_on]
    found = []
    for s, (school_id, names) in enumerate(sorted(rooms.items())):
        n_visits = min(MOST_VISITS, max(3, len(names) // 2))
        seen = [names[n] for n in rng.permutation(len(names))[:n_visits]]
        visits = sorted(zip(rng.integers(0, len(days), len(seen)).tolist(), seen, strict=True))
        for place, (on, room) in enumerate(visits):
            stem = f"V{year.school_year % 100}{opens:03d}{s:02d}{place:02d},{school_id},{room}"
            stem += f",OBS{s % 4 + 1},{us_date(days[on])}"
            found += [(days[on], f"{stem},{name},{_seen(rng)}") for name in LOOK_FORS]
    return sorted(found, key=lambda pair: pair[0])


def _seen(rng: np.random.Generator) -> str:
    """Draw one rating; NS where the observer had no occasion to see it."""
    return "NS" if rng.random() < NOT_SEEN else str(int(np.clip(np.round(rng.normal(2.8, 0.75)), 1, 4)))


def _is_low(school_id: str, days: list[date]) -> Flags:
    """Tell on which days a school delivers too few lessons."""
    low = np.full(len(days), school_id in LESSON_DRIFT_SCHOOLS)
    if school_id == LESSON_RECOVERY_SCHOOL:
        low &= np.array([day < LESSON_RECOVERY_FROM for day in days])
    return low


def sessions(seed: int, district: District, people: YearPeople) -> list[Session]:
    """Return every session planned in a year, school by school, with what came of it."""
    year = people.year
    size = np.bincount(people.school, minlength=len(district.schools))
    rng = stream(seed, Table.ACTIVITIES, year.school_year)
    lessons = list(year.days[LESSON_FROM:LESSON_TO:5])
    planned = [(LESSONS, lessons), (TRAINING, [year.days[n] for n in TRAINING_DAYS])]
    found = []
    for s, school in enumerate(district.schools):
        for activity, days in planned:
            low = _is_low(school.school_id, days) & (activity == LESSONS) & (year.school_year == CURRENT_YEAR)
            held = rng.random(len(days)) < np.where(low, DELIVERED_LOW, DELIVERED)
            off = rng.random(len(days)) < CANCELLED
            core = np.minimum(CORE, 2 + rng.binomial(2, np.where(low, 0.45, 0.85)))
            eligible = int(size[s]) if activity == LESSONS else max(int(size[s]) // 14, 6)
            reached = (eligible * (0.86 + 0.12 * rng.random(len(days)))).astype(int)
            for n, day in enumerate(days):
                status = "delivered" if held[n] else "cancelled" if off[n] else "planned"
                outcome = (status, int(core[n]), eligible, int(reached[n]))
                found.append(Session(activity, school.school_id, n + 1, day, *outcome))
    return found


@dataclass(frozen=True)
class FormsYear:
    """One year as the forms see it: the schools, their homerooms, the people."""

    district: District
    people: YearPeople
    rooms: Rooms


def write_windows(outbox: Outbox, held: FormsYear, seed: int) -> None:
    """Write the rubric and walkthrough forms of a year's windows: weekly or at the end, at once for older years."""
    year = held.people.year
    is_current = year.school_year == CURRENT_YEAR
    for window in year.windows:
        done = window.closes_on + timedelta(days=1)
        if window.kind == "rubric":
            name = f"forms/rubric_{window.window_id}_{done:%Y%m%d}.csv"
            rows = rubric_lines(seed, held.district, year, window)
            outbox.put(name, done if is_current else HISTORY_ON, RUBRIC_HEADER, rows)
        if window.kind == "walkthrough":
            weeks = [day for day in mondays(window.opens_on, done) if window.opens_on < day < done]
            visits = walk_lines(seed, held.rooms, year, window)
            since = window.opens_on
            for day in [*weeks, done] if is_current else [done]:
                rows = [line for on, line in visits if since <= on < day]
                since = day
                outbox.put(f"forms/walk_{day:%Y%m%d}.csv", day if is_current else HISTORY_ON, WALK_HEADER, rows)


def write_rooms(outbox: Outbox, held: FormsYear) -> None:
    """Write the list of rooms of a year, as it stood on the first day of school."""
    first = held.people.year.days[0]
    day = first if held.people.year.school_year == CURRENT_YEAR else HISTORY_ON
    outbox.put(f"forms/rooms_{first:%Y%m%d}.csv", day, ROOMS_HEADER, room_lines(held.rooms, held.people.year))


def write_activities(outbox: Outbox, planned: list[Session], year: Year) -> None:
    """Write the log of activities every Monday of the current year, sessions still to come as planned."""
    for monday in mondays(year.days[0], year.days[-1]):
        rows = [session.line(monday) for session in planned]
        outbox.put(f"forms/activities_{monday:%Y%m%d}.csv", monday, ACTIVITIES_HEADER, rows)
