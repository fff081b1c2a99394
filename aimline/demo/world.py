"""Make the whole of Riverbend: every vendor file, the plan of arrivals, the truth. Start reading here.

The steps, in order: people of all years, attendance year by year, surveys, forms, then the faults done to the files.
"""

from dataclasses import dataclass
from pathlib import Path

from aimline.demo import faults, forms, panels, sis, survey_vendor, truth
from aimline.demo.attendance import YearAttendance, make_attendance
from aimline.demo.facts import CURRENT_YEAR, YEARS, Year
from aimline.demo.outbox import Outbox
from aimline.demo.people import District, YearPeople, chosen_schools, make_district


@dataclass(frozen=True)
class WorldOptions:
    """The size of a world: pupils in a year, schools (3 to 12, every level present), years up to 2026-27."""

    students: int = 6000
    schools: int = 12
    years: int = 4


@dataclass(frozen=True)
class World:
    """A finished world: its folder, its options, how many files wait for delivery."""

    out: Path
    options: WorldOptions
    n_files: int


def _attendance(outbox: Outbox, district: District, years: list[YearAttendance], seed: int) -> dict[str, object]:
    """Write every year's roster, attributes and attendance; return the truth of them."""
    found: dict[str, object] = {}
    names = sis.pupil_names(seed, district)
    for people, year in zip(district.years, years, strict=True):
        held = sis.SisYear(district, people, year, sis.roster_lines(people, district, names))
        if people.year.school_year == CURRENT_YEAR:
            sis.write_current(outbox, held)
        else:
            sis.write_history(outbox, held)
        found[people.year.label] = truth.attendance_truth(district, people, year)
    return found


def _surveys(outbox: Outbox, district: District, people: YearPeople, seed: int) -> dict[str, object]:
    """Write every survey window of a year; return the truth of them."""
    found: dict[str, object] = {}
    for window in people.year.windows:
        if window.kind not in {"student_survey", "staff_survey"}:
            continue
        draw = panels.student_occasion if window.wave else panels.staff_occasion
        held = draw(seed, district, people, window)
        survey_vendor.write_occasion(outbox, district, held, seed)
        found[window.window_id] = truth.survey_truth(district, held)
    return found


def _forms(outbox: Outbox, held: forms.FormsYear, seed: int) -> dict[str, object]:
    """Write the forms of a year; return the truth of its lessons."""
    forms.write_windows(outbox, held, seed)
    forms.write_rooms(outbox, held)
    planned = forms.sessions(seed, held.district, held.people)
    if held.people.year.school_year == CURRENT_YEAR:
        forms.write_activities(outbox, planned, held.people.year)
    return truth.lesson_truth(planned)


def _years(options: WorldOptions) -> list[Year]:
    """Return the last years of the calendar that a world covers, oldest first."""
    return [YEARS[year] for year in sorted(YEARS)[-options.years :]]


def make_world(out: Path, seed: int, options: WorldOptions) -> World:
    """Write a world.

    Args:
        out: Folder to fill: `vendor/`, `drops.csv`, `truth/`.
        seed: Same seed and options, same bytes.
        options: Size of the world.

    Returns:
        Where it is and how many arrivals it plans.
    """
    outbox = Outbox(out)
    district = make_district(seed, chosen_schools(options.schools), _years(options), options.students)
    sis.write_schools(outbox, district)
    attendance = [make_attendance(seed, district, people) for people in district.years]
    true_attendance = _attendance(outbox, district, attendance, seed)
    true_surveys = {p.year.label: _surveys(outbox, district, p, seed) for p in district.years}
    true_lessons = {}
    for people, year in zip(district.years, attendance, strict=True):
        held = forms.FormsYear(district, people, forms.taught_rooms(district, year.homerooms))
        true_lessons[people.year.label] = _forms(outbox, held, seed)
    older = f"sis/att_hist_{district.years[-2].year.label}.csv" if options.years > 1 else None
    planted = faults.plant(outbox, district.years[-1].year.days, older)
    outbox.finish()
    truth.write_truth(out, "attendance", true_attendance)
    truth.write_truth(out, "surveys", true_surveys)
    truth.write_truth(out, "lessons", true_lessons)
    truth.write_truth(out, "drifts", truth.drifts())
    truth.write_truth(out, "faults", [fault.row() for fault in planted])
    return World(out, options, len(outbox.drops))
