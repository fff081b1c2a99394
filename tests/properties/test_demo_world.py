"""The generated district is repeatable, looks like its vendors' files, and its truth is what the files say."""

import csv
import json
from collections import Counter
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from aimline.demo import WorldOptions, deliver, make_world
from aimline.demo.facts import STUDENT_SCALES, YEARS
from tests.support import oracle_attendance, oracle_survey

SMALL = WorldOptions(students=600, schools=5, years=2)
YEAR = YEARS[2027]
WINTER = next(w for w in YEAR.windows if w.wave == 2)
FORM = oracle_survey.Questionnaire(
    {scale.scale_id: scale.columns for scale in STUDENT_SCALES},
    frozenset(column for scale in STUDENT_SCALES for column in scale.reversed_columns),
)
ATTENDANCE = "STU ID,Site #,Att Date,Code,Periods Abs,Periods"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world with every file delivered."""
    out = tmp_path_factory.mktemp("world")
    make_world(out, 7, SMALL)
    deliver(out, out / "inbox", None, date(2027, 7, 1))
    return out


def digest(folder: Path) -> str:
    """Return one hash over the names and bytes of every file of a folder."""
    total = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return total.hexdigest()


def truth(out: Path, name: str) -> Any:
    """Read one file of truth."""
    return json.loads((out / "truth" / f"{name}.json").read_text())


def fault(out: Path, name: str) -> dict[str, Any]:
    """Return the first planted fault of a name."""
    return next(row for row in truth(out, "faults") if row["fault"] == name)


def lines(out: Path, path: str) -> list[str]:
    """Return the lines of a delivered file."""
    return (out / "inbox" / path).read_text().splitlines()


def arrivals(out: Path) -> list[dict[str, str]]:
    """Return the plan of arrivals."""
    with (out / "drops.csv").open(newline="") as text:
        return list(csv.DictReader(text))


def test_world_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    """Same seed and options, same bytes; another seed, other bytes."""
    tiny = WorldOptions(students=240, schools=3, years=1)
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        make_world(tmp_path / name, seed, tiny)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


@pytest.mark.parametrize(
    ("pattern", "header"),
    [
        ("sis/schools_*.csv", "Site #,Site Name,Type,Level,Opened"),
        (
            "sis/roster_*.csv",
            "STU ID,Site #,Cal,Gr,Enter Dt,Leave Dt,Leave Cd,Primary?,FTE,SY,Student Name,DOB",
        ),
        ("sis/att_hist_*.csv", ATTENDANCE),
        ("sis/taken_2*.csv", "Site #,Att Date,Gr,HR,Taken,Taken At"),
        ("sis/attrib_*.csv", "STU ID,SY,EL,SWD,FRL,Gender,Race"),
        ("survey/eligible_*.csv", "Person,Class,School,Grade,Opt Out"),
        ("forms/rubric_*.csv", "School,Item,Rater,Level,Consensus,Rated On"),
        ("forms/walk_*.csv", "Visit,School,Room,Observer,Date,Look-for,Rating"),
        ("forms/rooms_*.csv", "School,Room,Eligible,From"),
        ("forms/activities_*.csv", "Activity,School,Session,Date,Status,Core Req,Core Done,Eligible,Reached"),
    ],
)
def test_world_writes_the_vendor_headers(world: Path, pattern: str, header: str) -> None:
    """Every feed has its own odd header, and a width that all of its rows keep."""
    files = sorted((world / "inbox").glob(pattern))
    assert files
    for path in files:
        with path.open(newline="") as text:
            records = list(csv.reader(text))
        assert ",".join(records[0]) == header
        assert {len(record) for record in records} == {len(records[0])}


def test_deliver_hands_over_what_arrived_since(world: Path, tmp_path: Path) -> None:
    """The night after a day of school finds that day's attendance, and nothing of the next."""
    count = deliver(world, tmp_path, date(2026, 9, 8), date(2026, 9, 9))
    assert sorted(path.name for path in tmp_path.rglob("*.csv")) == ["att_20260908.csv", "taken_20260908.csv"]
    assert count == 2


def test_attendance_files_equal_the_truth(world: Path) -> None:
    """What the files say of attendance differs from the truth only by days nobody sent and the planted rows."""
    files = oracle_attendance.read_year(world / "inbox/sis", YEAR.label, YEAR.days)
    found = oracle_attendance.member_days(files, YEAR.days)
    rates, _ = oracle_attendance.attendance_rate(found)
    days = Counter(row.school for row in found)
    for school, row in truth(world, "attendance")[YEAR.label].items():
        assert days[school] == row["pupil_days"]
        assert rates[school].numerator / rates[school].denominator == pytest.approx(row["attendance_rate"], abs=0.003)


def test_chronic_absence_of_the_files_is_near_the_truth(world: Path) -> None:
    """Days nobody sent can change the verdict on a pupil or two of a school, not more."""
    files = oracle_attendance.read_year(world / "inbox/sis", YEAR.label, YEAR.days)
    schools, _ = oracle_attendance.chronic_absence(oracle_attendance.member_days(files, YEAR.days))
    for school, row in truth(world, "attendance")[YEAR.label].items():
        assert schools[school].judged == row["n_eligible"]
        assert abs(schools[school].flagged - row["n_chronic"]) <= 3


def test_world_moves_pupils_between_schools(world: Path) -> None:
    """Some pupils are enrolled twice in a year, some of them in two schools on the same day."""
    files = oracle_attendance.read_year(world / "inbox/sis", YEAR.label, YEAR.days)
    stays = Counter(spell.student for spell in files.spells)
    assert 0.02 < sum(n > 1 for n in stays.values()) / len(stays) < 0.08
    assert any(not row.is_owner for row in oracle_attendance.member_days(files, YEAR.days))


def winter(world: Path) -> tuple[list[oracle_survey.Sent], list[str], dict[str, tuple[str, bool]]]:
    """Return the last export of the winter wave, what becomes of each response, and the frozen list."""
    folder = world / "inbox/survey"
    sent = oracle_survey.read_sent(max(folder.glob(f"sel_{WINTER.window_id}_2027*.csv")), FORM)
    listed = oracle_survey.read_list(max(folder.glob(f"eligible_{WINTER.window_id}_2027*.csv")))
    return sent, oracle_survey.dispositions(sent, listed, (WINTER.opens_on, WINTER.closes_on), FORM), listed


def test_survey_export_holds_the_planted_rows(world: Path) -> None:
    """Tests, lost links, haste, straight lines and second tries are in the export, as many as were planted."""
    planted = truth(world, "surveys")[YEAR.label][WINTER.window_id]["planted"]
    found = Counter(winter(world)[1])
    assert (found["preview"], found["placeholder_key"]) == (3, 3)
    assert found["usable"] > 200
    for name, count in planted.items():
        assert abs(found[name] - count) <= 1


def test_survey_scores_are_near_the_truth(world: Path) -> None:
    """Scale means by school are those of who responded; skips and straight lines move them by little."""
    sent, verdicts, listed = winter(world)
    found = oracle_survey.scale_results(sent, verdicts, FORM, listed)
    for school, row in truth(world, "surveys")[YEAR.label][WINTER.window_id]["schools"].items():
        for scale, mean in row["responded_mean"].items():
            result = found[school, scale]
            assert float(result.scale_mean or 0) == pytest.approx(mean, abs=0.1)


def test_belonging_falls_in_one_school_from_the_winter_wave(world: Path) -> None:
    """The planted fall is in the truth of its school and scale, and in no other school."""
    waves = truth(world, "surveys")[YEAR.label]
    before, after = (waves[w]["schools"] for w in ("sel_survey_fall", "sel_survey_winter"))
    change = {s: after[s]["listed_mean"]["belonging"] - before[s]["listed_mean"]["belonging"] for s in before}
    assert change.pop("0109") < -0.25
    assert min(change.values()) > -0.2


def test_absence_rises_in_one_school(world: Path) -> None:
    """The planted rise lifts chronic absence of its school far above the year before."""
    years = truth(world, "attendance")
    share = {y: rows["0104"]["n_chronic"] / rows["0104"]["n_eligible"] for y, rows in years.items()}
    assert share["2026-27"] > share["2025-26"] + 0.08


def test_faults_stand_where_the_truth_says(world: Path) -> None:
    """Each broken row is at the record named, in the file named."""
    spoiled = {"bad_date": (2, "02/30/2026"), "bad_code": (3, "XQ"), "bad_school": (1, "0199"), "lost_id": (0, "")}
    for name, (place, value) in spoiled.items():
        row = fault(world, name)
        found = lines(world, row["path"])
        assert [found[record].split(",")[place] for record in row["records"]] == [value] * len(row["records"])
    assert lines(world, fault(world, "footnote")["path"])[-1].startswith("* ")
    assert lines(world, fault(world, "restyled_header")["path"])[0] != ATTENDANCE


def test_late_feed_misses_its_nights(world: Path) -> None:
    """The late day comes two school days after its evening."""
    late = fault(world, "late_feed")
    assert [row["drop_on"] for row in arrivals(world) if row["to"] == late["path"]] == ["2026-11-17"]


def test_repeated_files_bring_the_same_bytes(world: Path) -> None:
    """One file comes twice under its name, one under another; neither holds anything new."""
    again, copy = fault(world, "repeated_export"), fault(world, "renamed_copy")
    plan = arrivals(world)
    assert [row["path"] for row in plan if row["to"] == again["path"]] == [again["path"]] * 2
    assert lines(world, copy["path"]) == lines(world, "sis/roster_20261005.csv")


def test_late_correction_changes_two_rows_of_an_old_day(world: Path) -> None:
    """The old day comes again under its name with exactly two rows changed."""
    path = fault(world, "late_correction")["path"]
    first = (world / "vendor" / path).read_text().splitlines()
    changed = [pair for pair in zip(first, lines(world, path), strict=True) if pair[0] != pair[1]]
    assert len(changed) == 2
    assert any(",P,0," in new for _, new in changed)
