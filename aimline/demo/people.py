"""Who is enrolled where: schools, pupils by year, moves between schools, attributes, staff numbers.

Here: arrays of people and memberships. Not here: what they do (attendance, surveys) or how a vendor writes it down.
A *seat* is a place in a cohort that one pupil holds until somebody else does; pupils advance a grade a year.
"""

from dataclasses import dataclass

import numpy as np

from aimline.demo.facts import LEVEL_GRADES, SCHOOL_PRIORITY, SCHOOLS, School, Year
from aimline.demo.streams import Flags, Floats, Ints, Table, stream

N_GRADES = 13
TURNOVER = 0.05
LATE_ENTRY = 0.05
EARLY_LEAVING = 0.035
MOVES = 0.04
SETTLED = 60  # who moves is enrolled for more school days than that
HALF_TIME = 0.01
DISABILITY = 0.15
RETURNS = 0.15  # share of movers who leave and come back to the same school
OVERLAPS = 0.2  # share of movers whose old school signs them out a day or two late


@dataclass(frozen=True)
class Spells:
    """Memberships of one school year, one row per pupil and stay in a school.

    Shape: arrays of one length. `person` is the row in `YearPeople`; `first` and `end` are positions in the year's
    school days, `end` exclusive and equal to the number of days for who stays to the last.
    """

    person: Ints
    school: Ints
    first: Ints
    end: Ints
    is_primary: Flags


@dataclass(frozen=True)
class YearPeople:
    """The pupils of one school year (arrays of one length) and their memberships."""

    year: Year
    pupil: Ints
    grade: Ints
    school: Ints
    seat: Ints
    fte_half: Flags
    spells: Spells


@dataclass(frozen=True)
class Pupils:
    """Everybody who was ever enrolled: number, what never changes, the lasting inclination to be absent."""

    number: Ints
    gender: Ints
    race: Ints
    english_learner: Flags
    disability: Flags
    low_income: Flags
    absence_trait: Floats


@dataclass(frozen=True)
class District:
    """The schools of the world, its years in order and its people."""

    schools: tuple[School, ...]
    pupils: Pupils
    years: tuple[YearPeople, ...]


def chosen_schools(count: int) -> tuple[School, ...]:
    """Return the schools of a world of `count` schools, in the order of their ids."""
    wanted = set(SCHOOL_PRIORITY[:count])
    return tuple(school for school in SCHOOLS if school.school_id in wanted)


def level_of(grade: Ints) -> Ints:
    """Return 0 elementary, 1 middle, 2 high for grade positions (0 = K)."""
    return np.searchsorted([6, 9], grade, side="right")


@dataclass
class _Seats:
    """Every seat of every cohort and who holds it now (changed from year to year)."""

    cohort: Ints  # spring year in which the cohort is in kindergarten
    home: Ints  # seat x level -> position of the school
    holder: Ints
    n_pupils: int

    def change(self, leaving: Flags) -> None:
        """Give new holders to the seats that somebody left."""
        count = int(leaving.sum())
        self.holder[leaving] = self.n_pupils + np.arange(count)
        self.n_pupils += count


def _open_seats(seed: int, schools: tuple[School, ...], years: list[int], students: int) -> _Seats:
    """Create the cohorts that are in some grade in some of the years, and their schools at each level."""
    cohorts = np.arange(years[0] - N_GRADES + 1, years[-1] + 1)
    per_cohort = max(1, round(students / N_GRADES))
    cohort = np.repeat(cohorts, per_cohort)
    rng = stream(seed, Table.PEOPLE)
    home = np.zeros((len(cohort), 3), dtype=np.int64)
    for level, name in enumerate(LEVEL_GRADES):
        places = np.array([n for n, school in enumerate(schools) if school.level == name])
        weight = np.array([schools[n].weight for n in places], dtype=float)
        home[:, level] = rng.choice(places, size=len(cohort), p=weight / weight.sum())
    return _Seats(cohort, home, np.arange(len(cohort)), len(cohort))


def _stays(year: Year, grade: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return the first and the end position of each pupil's year before any move."""
    n_days = len(year.days)
    first = np.where(grade == 0, year.days.index(year.kindergarten_from), 0)
    late = rng.random(len(grade)) < LATE_ENTRY
    first = np.where(late, rng.integers(5, n_days - 20, len(grade)), first)
    early = (rng.random(len(grade)) < EARLY_LEAVING) & (first < n_days - 40)
    leave = rng.integers(first + 5, n_days - 2)
    return first, np.where(early, leave, n_days)


@dataclass(frozen=True)
class _Moves:
    """Who moves in a year: flags and days per pupil, and the school they go to."""

    moves: Flags
    on: Ints
    back: Ints
    to: Ints


def _moves(stay: tuple[Ints, Ints], here: Ints, places: list[Ints], rng: np.random.Generator) -> _Moves:
    """Choose the movers, the day and the other school; `places` are the schools of each level."""
    first, end = stay
    count = len(here)
    moves = (rng.random(count) < MOVES) & (end - first > SETTLED)
    on = first + 15 + (rng.random(count) * np.maximum(end - first - 35, 1)).astype(np.int64)
    pick = rng.random(count)
    to = here.copy()
    for options in places:
        mine = np.isin(here, options)
        if len(options) > 1:
            position = np.searchsorted(options, here[mine])
            step = 1 + (pick[mine] * (len(options) - 1)).astype(np.int64)
            to[mine] = options[(position + step) % len(options)]
    returns = rng.random(count) < RETURNS
    to = np.where(returns, here, to)
    back = on + np.where(to == here, rng.integers(4, 12, count), 0)
    return _Moves(moves, on, back, to)


def _spells(here: Ints, stay: tuple[Ints, Ints], plan: _Moves, rng: np.random.Generator) -> Spells:
    """Turn stays and moves into memberships; some old schools sign a mover out a day or two late."""
    first, end = stay
    person = np.arange(len(here))
    late = np.where(rng.random(len(here)) < OVERLAPS, rng.integers(1, 3, len(here)), 0)
    late = np.where(plan.to == here, 0, late)
    moved = plan.moves
    before = Spells(person, here, first, np.where(moved, plan.on + late, end), ~moved)
    after = (person[moved], plan.to[moved], plan.back[moved], end[moved], np.ones(int(moved.sum()), dtype=bool))
    fields = (before.person, before.school, before.first, before.end, before.is_primary)
    joined = [np.concatenate([a, b]) for a, b in zip(fields, after, strict=True)]
    order = np.lexsort((joined[2], joined[0]))
    return Spells(*(column[order] for column in joined))


def _year_people(seed: int, year: Year, seats: _Seats, places: list[Ints]) -> YearPeople:
    """Enroll the cohorts of one year, move some of them, and give up the seats of who left for good."""
    rng = stream(seed, Table.MOVES, year.school_year)
    seats.change(rng.random(len(seats.cohort)) < TURNOVER)
    grades = year.school_year - seats.cohort
    seat = np.flatnonzero((grades >= 0) & (grades < N_GRADES))
    grade = grades[seat]
    level = level_of(grade)
    here = seats.home[seat, level]
    stay = _stays(year, grade, rng)
    plan = _moves(stay, here, places, rng)
    spells = _spells(here, stay, plan, rng)
    people = YearPeople(year, seats.holder[seat].copy(), grade, here, seat, rng.random(len(seat)) < HALF_TIME, spells)
    seats.home[seat[plan.moves], level[plan.moves]] = plan.to[plan.moves]
    gone = np.zeros(len(seats.cohort), dtype=bool)
    gone[seat[stay[1] < len(year.days)]] = True
    seats.change(gone)
    return people


def _pupils(seed: int, count: int, poverty: Floats) -> Pupils:
    """Draw what a pupil is for life; `poverty` is that of the neighbourhood each first lived in."""
    rng = stream(seed, Table.ATTRIBUTES)
    low_income = rng.random(count) < poverty
    english_learner = rng.random(count) < 0.07 + 0.14 * low_income
    disability = rng.random(count) < DISABILITY
    trait = rng.normal(0.0, 0.85, count) + 0.42 * low_income + 0.25 * disability
    return Pupils(
        number=410_000 + rng.permutation(count),
        gender=rng.choice(3, count, p=[0.49, 0.5, 0.01]),
        race=rng.choice(7, count, p=[0.46, 0.24, 0.14, 0.07, 0.02, 0.06, 0.01]),
        english_learner=english_learner,
        disability=disability,
        low_income=low_income,
        absence_trait=trait,
    )


def make_district(seed: int, schools: tuple[School, ...], years: list[Year], students: int) -> District:
    """Enroll about `students` pupils in every one of the years.

    Args:
        seed: Seed of the world.
        schools: Its schools; at least one of each level.
        years: Consecutive school years, oldest first.
        students: Pupils in a year.
    """
    seats = _open_seats(seed, schools, [year.school_year for year in years], students)
    places = [np.array([n for n, s in enumerate(schools) if s.level == name]) for name in LEVEL_GRADES]
    enrolled = tuple(_year_people(seed, year, seats, places) for year in years)
    rate = np.array([school.poverty for school in schools])
    poverty = np.full(seats.n_pupils, 0.45)
    for people in reversed(enrolled):
        poverty[people.pupil] = rate[people.school]
    return District(schools, _pupils(seed, seats.n_pupils, poverty), enrolled)
