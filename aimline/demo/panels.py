"""Who is asked in a survey window, and what they send in: student waves and the staff survey of one year.

Here: the people on the list, those who came after it was frozen, the answers of one occasion and their truth. Not
here: the model of an answer (surveys) or the export (survey_vendor).
"""

from dataclasses import dataclass

import numpy as np

from aimline.demo.facts import (
    BELONGING_DRIFT_SCHOOL,
    BELONGING_DRIFT_WAVE,
    CURRENT_YEAR,
    STAFF_SCALES,
    STUDENT_SCALES,
    Scale,
    Window,
    Year,
)
from aimline.demo.people import District, YearPeople
from aimline.demo.streams import Flags, Ints, Table, Texts, stream, texts
from aimline.demo.surveys import (
    BELONGING_DROP,
    OPTED_OUT,
    Answers,
    Panel,
    Responses,
    answer,
    collect,
    lasting_traits,
    responds,
    school_shifts,
    window_days,
)

FROZEN_BEFORE = 5  # school days between the frozen list and the opening
FIRST_GRADE = 3
STUDENT_RATE = np.array([0.84, 0.79, 0.7])  # by level
STAFF_RATE = 0.74
STUDENTS_PER_STAFF = 14
STUDENT, STAFF = 0, 1


@dataclass(frozen=True)
class Listed:
    """The frozen list of one occasion: numbers as text, school and grade positions, opted out."""

    number: Texts
    school: Ints
    grade: Ints
    opted_out: Flags


@dataclass(frozen=True)
class Occasion:
    """One window of one questionnaire: list, people, everybody's answers, what was sent in."""

    year: Year
    window: Window
    scales: tuple[Scale, ...]
    listed: Listed
    panel: Panel
    number: Texts
    is_listed: Flags
    answers: Answers
    responses: Responses


def _sizes(district: District, people: YearPeople) -> Ints:
    """Return the number of pupils of every school of a year."""
    return np.bincount(people.school, minlength=len(district.schools))


def _enrolled_on(people: YearPeople, position: int) -> Ints:
    """Return the memberships that hold on a day, one a pupil (the newest)."""
    spells = people.spells
    here = np.flatnonzero((spells.first <= position) & (position < spells.end))
    here = here[people.grade[spells.person[here]] >= FIRST_GRADE]
    newest = np.append(spells.person[here][1:] != spells.person[here][:-1], True)
    return np.asarray(here[newest])


def _students(seed: int, district: District, people: YearPeople, window: Window) -> tuple[Listed, Panel, Texts, Flags]:
    """Return the frozen list, everybody enrolled at the opening, their numbers, and who of them is listed."""
    opens = window_days(people.year, window)[0]
    number = texts(district.pupils.number)
    frozen = _enrolled_on(people, opens - FROZEN_BEFORE)
    rng = stream(seed, Table.ANSWERS, people.year.school_year, window.wave, 1)
    out = rng.random(len(frozen)) < OPTED_OUT
    person = people.spells.person
    listed = Listed(
        number[people.pupil[person[frozen]]], people.spells.school[frozen], people.grade[person[frozen]], out
    )
    asked = _enrolled_on(people, opens)
    row = person[asked]
    is_listed = np.isin(row, person[frozen])
    refuses = np.isin(row, person[frozen[out]])
    school = people.spells.school[asked]
    shift = school_shifts(seed, STUDENT_SCALES, _sizes(district, people))[school]
    shift = shift + 0.02 * (people.year.school_year - 2026) + 0.01 * window.wave
    if people.year.school_year == CURRENT_YEAR and window.wave >= BELONGING_DRIFT_WAVE:
        falling = np.array([s.school_id == BELONGING_DRIFT_SCHOOL for s in district.schools])[school]
        shift[falling, 0] -= BELONGING_DROP
    lean = -0.25 * district.pupils.absence_trait[people.pupil[row]] - 6.0 * refuses
    panel = Panel(row, school, people.grade[row], shift, lean)
    return listed, panel, number[people.pupil[row]], is_listed


def student_occasion(seed: int, district: District, people: YearPeople, window: Window) -> Occasion:
    """Draw one student wave: traits persist between waves, and who is content responds more often."""
    listed, panel, number, is_listed = _students(seed, district, people, window)
    rng = stream(seed, Table.ANSWERS, people.year.school_year, window.wave)
    lasting = lasting_traits(seed, people.pupil[panel.person], len(STUDENT_SCALES))
    answers = answer(panel, STUDENT_SCALES, lasting, rng)
    base = STUDENT_RATE[np.searchsorted([6, 9], panel.grade, side="right")]
    who = responds(panel, answers, base, rng)
    responses = collect(answers, who, len(window_days(people.year, window)), rng)
    return Occasion(people.year, window, STUDENT_SCALES, listed, panel, number, is_listed, answers, responses)


def staff_of(district: District, people: YearPeople) -> tuple[Texts, Ints]:
    """Return staff numbers and their schools: one for every fourteen pupils of a school's first day, at least six."""
    count = np.maximum(_sizes(district, people) // STUDENTS_PER_STAFF, 6)
    school = np.repeat(np.arange(len(district.schools)), count)
    rank = np.arange(len(school)) - np.repeat(np.cumsum(count) - count, count)
    return texts(71_000 + 100 * school + rank), school


def staff_occasion(seed: int, district: District, people: YearPeople, window: Window) -> Occasion:
    """Draw one staff survey; everybody on the list was there all the time."""
    number, school = staff_of(district, people)
    rng = stream(seed, Table.STAFF, people.year.school_year)
    shift = school_shifts(seed + 1, STAFF_SCALES, _sizes(district, people))[school]
    nobody = np.zeros(len(school), dtype=bool)
    panel = Panel(np.arange(len(school)), school, np.full(len(school), -1), shift, np.zeros(len(school)))
    lasting = lasting_traits(seed + 1, 100 * school + np.arange(len(school)), len(STAFF_SCALES))
    answers = answer(panel, STAFF_SCALES, lasting, rng)
    who = responds(panel, answers, np.full(len(school), STAFF_RATE), rng)
    responses = collect(answers, who, len(window_days(people.year, window)), rng)
    listed = Listed(number, school, panel.grade, nobody)
    return Occasion(people.year, window, STAFF_SCALES, listed, panel, number, ~nobody, answers, responses)
