"""What is true in a generated world, written beside the vendor's files. Nothing but tests may read it."""

import json
from pathlib import Path

import numpy as np

from aimline.demo.attendance import YearAttendance
from aimline.demo.facts import (
    ABSENCE_DRIFT_FROM,
    ABSENCE_DRIFT_SCHOOL,
    BELONGING_DRIFT_SCHOOL,
    BELONGING_DRIFT_WAVE,
    CURRENT_YEAR,
    LESSON_DRIFT_SCHOOLS,
    LESSON_RECOVERY_FROM,
    LESSON_RECOVERY_SCHOOL,
    LESSONS,
    YEARS,
)
from aimline.demo.forms import Session
from aimline.demo.panels import Occasion
from aimline.demo.people import District, YearPeople
from aimline.demo.streams import Floats
from aimline.demo.surveys import scale_means

MIN_DAYS = 10
HALF = 0.5


def _between(values: Floats, people: YearPeople) -> Floats:
    """Sum a (pupil x day) table over the days of every membership."""
    total = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    spells = people.spells
    return np.asarray(total[spells.person, spells.end] - total[spells.person, spells.first])


def attendance_truth(district: District, people: YearPeople, attendance: YearAttendance) -> dict[str, object]:
    """Return per school: pupil-days, the true attendance rate, the rate behind it, chronic absence by school.

    Everything counts here, also days whose attendance nobody sent; chronic is a tenth of the days of all stays in a
    school, days missed by half or more, at least ten days of membership.
    """
    spells = people.spells
    days = (spells.end - spells.first).astype(float)
    absent = _between(attendance.absent_share, people)
    expected = _between(attendance.expected, people)
    half = _between((attendance.absent_share >= HALF).astype(float), people)
    stay = spells.person * len(district.schools) + spells.school
    keys, place = np.unique(stay, return_inverse=True)
    stay_days = np.bincount(place, days)
    flagged = (10 * np.bincount(place, half) >= stay_days) & (stay_days >= MIN_DAYS)
    found: dict[str, object] = {}
    for s, school in enumerate(district.schools):
        mine, stays = spells.school == s, keys % len(district.schools) == s
        found[school.school_id] = {
            "pupil_days": int(days[mine].sum()),
            "attendance_rate": 1 - absent[mine].sum() / days[mine].sum(),
            "chance_of_attendance": 1 - expected[mine].sum() / days[mine].sum(),
            "n_eligible": int((stay_days[stays] >= MIN_DAYS).sum()),
            "n_chronic": int(flagged[stays].sum()),
        }
    return found


def survey_truth(district: District, held: Occasion) -> dict[str, object]:
    """Return per school the mean of each scale among everybody listed and among who responded, and planted rows."""
    responded = np.zeros(len(held.panel.person), dtype=bool)
    responded[held.responses.person] = True
    schools = {}
    for s, school in enumerate(district.schools):
        here = held.panel.school == s
        listed, sent = here & held.is_listed, here & held.is_listed & responded
        names = [scale.scale_id for scale in held.scales]
        schools[school.school_id] = {
            "n_listed": int((held.listed.school == s).sum()),
            "n_responded": int(sent.sum()),
            "listed_mean": dict(zip(names, scale_means(held.answers, held.scales, listed), strict=True)),
            "responded_mean": dict(zip(names, scale_means(held.answers, held.scales, sent), strict=True)),
        }
    kinds, counts = np.unique(held.responses.kind.astype(str), return_counts=True)
    planted = {str(k): int(c) for k, c in zip(kinds, counts, strict=True) if k}
    planted["not_on_roster"] = int((responded & ~held.is_listed).sum())
    return {"n_responses": len(held.responses.person), "planted": planted, "schools": schools}


def lesson_truth(planned: list[Session]) -> dict[str, object]:
    """Return per school the lessons planned and delivered over the whole year."""
    found: dict[str, dict[str, int]] = {}
    for session in planned:
        if session.activity == LESSONS:
            row = found.setdefault(session.school, {"n_planned": 0, "n_delivered": 0})
            row["n_planned"] += 1
            row["n_delivered"] += session.status == "delivered"
    return dict(found)


def drifts() -> list[dict[str, str]]:
    """Return the planted changes with their dates."""
    wave = next(w for w in YEARS[CURRENT_YEAR].windows if w.wave == BELONGING_DRIFT_WAVE)
    lessons_from = str(YEARS[CURRENT_YEAR].days[0])
    absence = {"what": "absence rises", "school": ABSENCE_DRIFT_SCHOOL, "from": str(ABSENCE_DRIFT_FROM)}
    belonging = {"what": "belonging falls", "school": BELONGING_DRIFT_SCHOOL, "from": str(wave.opens_on)}
    lessons = [{"what": "lessons too few", "school": s, "from": lessons_from} for s in LESSON_DRIFT_SCHOOLS]
    back = {"what": "lessons recover", "school": LESSON_RECOVERY_SCHOOL, "from": str(LESSON_RECOVERY_FROM)}
    return [absence, belonging, *lessons, back]


def write_truth(out: Path, name: str, value: object) -> None:
    """Write one truth file as JSON."""
    folder = out / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
