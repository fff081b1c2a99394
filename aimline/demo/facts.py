"""What the invented vendors of Riverbend know: their schools, school days, windows, questionnaires, activities.

Here: frozen facts the generator is told. Not here: people, answers, files, or how the product reads any of them.
The vendors keep their own calendar and forms, as real ones do; tests/contracts compare them with the declared facts.
"""

from dataclasses import dataclass
from datetime import date, timedelta

CURRENT_YEAR = 2027
SATURDAY = 5

GRADES = ("K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
LEVEL_GRADES = {"elementary": range(6), "middle": range(6, 9), "high": range(9, 13)}


@dataclass(frozen=True)
class School:
    """One school: its share of the pupils of its level, and how poor its neighbourhood is (0-1)."""

    school_id: str
    name: str
    level: str
    weight: int
    poverty: float


SCHOOLS = (
    School("0101", "Alder Creek Elementary", "elementary", 500, 0.34),
    School("0102", "Birch Hill Elementary", "elementary", 470, 0.42),
    School("0103", "Cedar Bend Elementary", "elementary", 450, 0.55),
    School("0104", "Dogwood Elementary", "elementary", 460, 0.48),
    School("0105", "Elm Street Elementary", "elementary", 420, 0.62),
    School("0106", "Foxglove Elementary", "elementary", 380, 0.39),
    School("0107", "Granite Valley Elementary", "elementary", 70, 0.45),
    School("0108", "Harbor Middle", "middle", 480, 0.44),
    School("0109", "Ironwood Middle", "middle", 460, 0.52),
    School("0110", "Juniper Middle", "middle", 440, 0.38),
    School("0111", "Kingfisher High", "high", 950, 0.41),
    School("0112", "Larkspur High", "high", 900, 0.47),
)

# A world of n schools takes the first n of these: every level is there from three schools on.
SCHOOL_PRIORITY = ("0104", "0109", "0111", "0107", "0101", "0108", "0112", "0102", "0103", "0105", "0106", "0110")

ABSENCE_DRIFT_SCHOOL = "0104"
ABSENCE_DRIFT_FROM = date(2026, 10, 19)
BELONGING_DRIFT_SCHOOL = "0109"
BELONGING_DRIFT_WAVE = 2
LESSON_DRIFT_SCHOOLS = ("0103", "0105", "0108")
LESSON_RECOVERY_SCHOOL = "0105"
LESSON_RECOVERY_FROM = date(2027, 1, 4)


@dataclass(frozen=True)
class Window:
    """One collection window of one year: both dates inclusive; wave counts the student surveys of the year."""

    window_id: str
    kind: str
    opens_on: date
    closes_on: date
    wave: int = 0


@dataclass(frozen=True)
class Year:
    """One school year: its days of school in order, the first day of kindergarten, its windows."""

    school_year: int
    label: str
    days: tuple[date, ...]
    kindergarten_from: date
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Scale:
    """Items scored together: the vendor's column of each, and which are asked the other way round."""

    scale_id: str
    columns: tuple[str, ...]
    reversed_columns: tuple[str, ...]
    loading: float
    icc: float


STUDENT_SCALES = (
    Scale("belonging", ("Q1_1", "Q1_2", "Q1_3", "Q1_4", "Q1_5"), ("Q1_2", "Q1_5"), 0.68, 0.07),
    Scale("safety", ("Q2_1", "Q2_2", "Q2_3", "Q2_4"), ("Q2_3",), 0.72, 0.07),
    Scale("self_management", ("Q3_1", "Q3_2", "Q3_3", "Q3_4", "Q3_5"), ("Q3_4",), 0.66, 0.05),
    Scale("growth_mindset", ("Q4_1", "Q4_2", "Q4_3", "Q4_4", "Q4_5"), ("Q4_1", "Q4_4"), 0.66, 0.06),
    Scale("adult_support", ("Q5_1", "Q5_2", "Q5_3", "Q5_4", "Q5_5", "Q5_6"), ("Q5_5",), 0.66, 0.07),
)
STAFF_SCALES = (
    Scale("collegial_trust", ("Q1_1", "Q1_2", "Q1_3", "Q1_4"), ("Q1_3",), 0.74, 0.08),
    Scale("sel_readiness", ("Q2_1", "Q2_2", "Q2_3", "Q2_4"), (), 0.74, 0.06),
)
RUBRIC_ITEMS = ("leadership", "instruction", "climate", "family", "staff_learning", "data_use")
LOOK_FORS = ("greeting", "routines", "student_voice", "reflection")

LESSONS = "a_lessons"
TRAINING = "a_training"


def _span(first: date, last: date) -> list[date]:
    """Return every date from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def school_days(first: date, last: date, closed: list[tuple[date, date]]) -> tuple[date, ...]:
    """Return the weekdays from first to last outside the closed spans (inclusive)."""
    shut = {day for a, b in closed for day in _span(a, b)}
    return tuple(day for day in _span(first, last) if day.weekday() < SATURDAY and day not in shut)


# window -> kind, number of the school day on which it opens, school days it stays open; the same rule in every year.
WINDOW_RULES = (
    ("sel_survey_fall", "student_survey", 40, 15),
    ("sel_survey_winter", "student_survey", 90, 15),
    ("sel_survey_spring", "student_survey", 140, 15),
    ("staff_survey", "staff_survey", 60, 15),
    ("rubric_fall", "rubric", 45, 10),
    ("rubric_spring", "rubric", 145, 10),
    ("walkthrough_fall", "walkthrough", 25, 15),
    ("walkthrough_winter", "walkthrough", 95, 15),
    ("walkthrough_spring", "walkthrough", 145, 15),
)


def _windows(days: tuple[date, ...]) -> tuple[Window, ...]:
    """Open every window of the rules on its school day; student surveys are numbered as waves in order."""
    wave, found = 0, []
    for window_id, kind, nth, length in WINDOW_RULES:
        wave += kind == "student_survey"
        numbered = wave if kind == "student_survey" else 0
        found.append(Window(window_id, kind, days[nth - 1], days[nth + length - 2], numbered))
    return tuple(found)


def _year(school_year: int, ends: tuple[date, date], closed: list[tuple[date, date]]) -> Year:
    """Build one year; kindergarten starts on the Monday after the first day of school."""
    days = school_days(*ends, closed)
    later = next(day for day in days[1:] if day.weekday() == 0)
    return Year(school_year, f"{school_year - 1}-{school_year % 100:02d}", days, later, _windows(days))


def _one(day: date) -> tuple[date, date]:
    return day, day


YEARS = {
    2024: _year(
        2024,
        (date(2023, 8, 16), date(2024, 5, 23)),
        [
            _one(date(2023, 9, 4)),
            (date(2023, 11, 20), date(2023, 11, 24)),
            (date(2023, 12, 18), date(2023, 12, 29)),
            _one(date(2024, 1, 1)),
            _one(date(2024, 1, 15)),
            _one(date(2024, 2, 19)),
            (date(2024, 3, 18), date(2024, 3, 22)),
        ],
    ),
    2025: _year(
        2025,
        (date(2024, 8, 21), date(2025, 5, 29)),
        [
            _one(date(2024, 9, 2)),
            (date(2024, 11, 25), date(2024, 11, 29)),
            (date(2024, 12, 23), date(2025, 1, 3)),
            _one(date(2025, 1, 20)),
            _one(date(2025, 2, 17)),
            (date(2025, 3, 24), date(2025, 3, 28)),
        ],
    ),
    2026: _year(
        2026,
        (date(2025, 8, 20), date(2026, 5, 28)),
        [
            _one(date(2025, 9, 1)),
            (date(2025, 11, 24), date(2025, 11, 28)),
            (date(2025, 12, 22), date(2026, 1, 2)),
            _one(date(2026, 1, 19)),
            _one(date(2026, 2, 16)),
            (date(2026, 3, 23), date(2026, 3, 27)),
        ],
    ),
    2027: _year(
        2027,
        (date(2026, 8, 19), date(2027, 5, 27)),
        [
            _one(date(2026, 9, 7)),
            (date(2026, 11, 23), date(2026, 11, 27)),
            (date(2026, 12, 21), date(2027, 1, 1)),
            _one(date(2027, 1, 18)),
            _one(date(2027, 2, 15)),
            (date(2027, 3, 22), date(2027, 3, 26)),
        ],
    ),
}
