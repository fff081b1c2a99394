"""The faults a plain table of counts cannot have: each made from a good file of its kind and caught by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aimline.arrival import text
from aimline.demo.injectors import codes
from aimline.demo.other_injectors import Good, Kind, as_workbook, as_xml, kinds, spoil
from schemas.faults import FAULTS, Outcome
from tests.support.door import KEY
from tests.support.small_district import District, source

N = 60
ROLES = {
    "school": "School",
    "person": "Student",
    "mark": "Mark",
    "day": "Day",
    "sent": "Sent",
    "response": "Response",
    "preview": "Preview",
    "class": "Who",
    "numerator": "Absent",
    "denominator": "All",
    "value": "Rate",
}
SCHOOL = {"name": "school_id", "from": ["School"], "type": "id", "pattern": "\\d{4}"}


@dataclass(frozen=True)
class Stage:
    """A district with one feed under test: its sources, the files it starts with, its good file of a day."""

    sources: list[dict[str, Any]]
    first: Mapping[str, bytes]
    good: Callable[[int], bytes]
    name: str = "feed"
    roles: Mapping[str, str] | None = None


def lines(heading: str, rows: list[str]) -> bytes:
    """Return a file."""
    return "\n".join([heading, *rows, ""]).encode()


def feed(entity: str, columns: list[dict[str, Any]], **rest: Any) -> dict[str, Any]:
    """Return the feed under test; its file's day is in its name."""
    own = source("feed", entity, columns, **rest)
    endings = (".csv", ".xlsx", ".xml")
    own["transport"]["match"] = [f"feed_{{date:%Y%m%d}}{ending}" for ending in endings]
    return own


def schools() -> tuple[dict[str, Any], bytes]:
    """Return the feed of schools, and three of them."""
    fixed = {"kind": "regular", "level": "all", "valid_from": "2010-07-01", "opens_on": "2010-07-01", "name": "S"}
    columns = [SCHOOL, *({"name": name, "value": value} for name, value in fixed.items())]
    return source("schools", "schools", columns, match="schools.csv"), lines(
        "School,Site", ["0001,1", "0002,2", "0003,3"]
    )


def people() -> tuple[dict[str, Any], bytes]:
    """Return the feed of members, and sixty of them."""
    fixed = {"grade": "4", "entered_on": "2018-08-20", "school_year": "2019"}
    columns = [{"name": "student_key", "from": ["Student"]}, SCHOOL]
    columns += [{"name": name, "value": value} for name, value in fixed.items()]
    rows = [f"{1000 + number},{number % 3 + 1:04d}" for number in range(N)]
    return source("people", "enrollment", columns, match="people.csv"), lines("Student,School", rows)


def marks() -> Stage:
    """Marks of sixty students; students and schools are known."""
    columns = [
        {"name": "student_key", "from": ["Student"]},
        SCHOOL,
        {"name": "on_date", "from": ["Day"]},
        {"name": "raw_code", "from": ["Mark"]},
        {"name": "category", "value": "unexcused"},
        {"name": "absence_fraction", "value": "1"},
    ]
    rest = {"contains_people": True, "load": {"mode": "full", "slot": "{on_date}"}}
    own = feed("attendance_events", columns, arrival={"key_overlap": {"with": "enrollment"}}, **rest)

    def good(day: int) -> bytes:
        rows = [f"{1000 + number},{number % 3 + 1:04d},2019-01-{day:02d},U{(number + day) % 3}" for number in range(N)]
        return lines("Student,School,Day,Mark", rows)

    listed, members = schools(), people()
    return Stage([listed[0], members[0], own], {"schools.csv": listed[1], "people.csv": members[1]}, good)


def answers() -> Stage:
    """Answers of fifty students of a roster; one member of staff is on it."""
    who = [{"name": "respondent_key", "from": ["Student"]}, {"name": "respondent_class", "from": ["Who"]}, SCHOOL]
    listed = [*who, {"name": "roster_id", "value": "r"}, {"name": "window_id", "value": "w"}]
    listed += [{"name": "frozen_at", "value": "2019-01-01 08:00:00"}]
    rows = [f"{1000 + number},{'staff' if number == N else 'student'},0001" for number in range(N + 1)]
    roster = source("roster", "roster", listed, match="roster.csv")
    columns = [
        *who,
        {"name": "window_id", "value": "w"},
        {"name": "response_id", "from": ["Response"]},
        {"name": "submitted_at", "from": ["Sent"]},
        {"name": "is_preview", "from": ["Preview"]},
    ]
    own = feed(
        "responses",
        columns,
        format={"type": "csv", "timestamps": "%Y-%m-%d %H:%M:%S%z"},
        unpivot={"columns": {"Q1": "q1", "Q2": "q2"}, "name": "item_id", "value": "option_value"},
        load={"mode": "full", "slot": "{window_id}"},
        arrival={"key_overlap": {"with": "roster", "hold": 0.5}},
    )

    def good(day: int) -> bytes:
        made = [
            f"r{number},{1000 + number},student,0001,2019-01-{day:02d} 10:{number:02d}:00-0700,false,{number % 5},3"
            for number in range(40 + day)
        ]
        return lines("Response,Student,Who,School,Sent,Preview,Q1,Q2", made)

    return Stage([roster, own], {"roster.csv": lines("Student,Who,School", rows)}, good)


def figures() -> Stage:
    """Published figures of sixty districts."""
    fixed = {
        "figure_set": "f",
        "unit_type": "district",
        "school_year": "2019",
        "group_label": "all",
        "measure_code": "m",
    }
    columns = [{"name": name, "value": value} for name, value in fixed.items()]
    columns += [
        {"name": "unit_id", "from": ["District"], "type": "id", "pattern": "\\d{4}"},
        {"name": "numerator", "from": ["Absent"]},
        {"name": "denominator", "from": ["All"], "required": False},
        {"name": "value", "from": ["Rate"], "type": "decimal"},
    ]

    def good(day: int) -> bytes:
        rows = [f"{number + 1:04d},{20 + number + day},200,{(20 + number + day) / 200}" for number in range(N)]
        return lines("District,Absent,All,Rate", rows)

    return Stage([feed("reference_figures", columns)], {}, good)


def counts(**rest: Any) -> Stage:
    """Counts of sixty schools; nothing is declared of how dates are written."""
    columns = [
        SCHOOL,
        {"name": "on_date", "from": ["Day"]},
        {"name": "status", "from": ["State"]},
        {"name": "n_enrolled", "from": ["Enrolled"]},
        {"name": "n_present", "from": ["Present"]},
    ]
    rest = {"load": {"mode": "full", "slot": "{on_date}"}, "codes": {"status": {"sent": "reported"}}} | rest

    def good(day: int) -> bytes:
        rows = [
            f"{number + 1:04d},2019-01-{day:02d},sent,{200 + number},{180 + number - (number + day) % 9}"
            for number in range(N)
        ]
        return lines("School,Day,State,Enrolled,Present", rows)

    return Stage([feed("attendance_counts", columns, **rest)], {}, good)


def bookish() -> Stage:
    """The same counts as workbooks."""
    made = counts(format={"type": "xlsx"})
    return Stage(made.sources, {}, lambda day: as_workbook(made.good(day)))


def xml() -> Stage:
    """The same counts as XML."""
    made = counts(format={"type": "xml", "records": "item"})
    return Stage(made.sources, {}, lambda day: as_xml(made.good(day)))


STAGES: dict[Kind, tuple[Callable[[], Stage], str]] = {
    "marks": (marks, ".csv"),
    "answers": (answers, ".csv"),
    "figures": (figures, ".csv"),
    "archive": (lambda: counts(repair=["strip_control_chars", "strip_float_zero"]), ".csv"),
    "counts": (lambda: counts(school_year={"label": "spanning", "evidence": ["rows"]}), ".csv"),
    "workbook": (bookish, ".xlsx"),
    "xml": (xml, ".xml"),
}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pseudonyms of these tests are made with one key."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], District]:
    """Return districts by kind that have accepted three good days, each made once."""
    held: dict[Kind, District] = {}

    def of(kind: Kind) -> District:
        if kind not in held:
            stage, ending = STAGES[kind][0](), STAGES[kind][1]
            district = District(tmp_path_factory.mktemp(kind), *stage.sources)
            for name, data in stage.first.items():
                district.put(name, data)
            for day in (8, 9, 10):
                district.put(f"feed_201901{day:02d}{ending}", stage.good(day))
            assert [each["state"] for each in district.batches("2019-01-10") if each["name"][:4] == "feed"] == [
                "accepted"
            ] * 3
            held[kind] = district
        return held[kind]

    return of


def plain(kind: Kind, day: int) -> bytes:
    """Return the good file of a day as the injectors take it: a table of text."""
    return (counts() if kind in {"workbook", "xml"} else STAGES[kind][0]()).good(day)


@pytest.mark.parametrize(("code", "kind"), sorted(kinds().items()))
def test_fault_is_caught_by_its_name(code: str, kind: Kind, made: Callable[[Kind], District], tmp_path: Path) -> None:
    """What the catalogue says becomes of it: refused, held, quarantined, ignored or told; all accounted for."""
    district = made(kind).copy(tmp_path)
    faulty = spoil(code, Good(plain(kind, 11), plain(kind, 10), ROLES))
    district.put(f"feed_20190111{faulty.ending}", faulty.data)
    (batch,) = [each for each in district.batches("2019-01-11") if each["name"].startswith("feed_20190111")]
    fate = FAULTS[code].outcome
    assert code in {*batch["findings"], *batch["ignored"]}, batch
    assert batch["n_received"] in {None, batch["n_accepted"] + batch["n_quarantined"] + batch["n_ignored"]}
    if fate is Outcome.HELD:
        assert (batch["state"], batch["reason"], batch["n_accepted"]) == ("held", code, 0)
    if fate is Outcome.REFUSED:
        assert (batch["state"], batch["reason"], batch["n_received"]) == ("refused", code, None)
    if fate is Outcome.QUARANTINED:
        assert batch["quarantined"][code] >= 1
    if fate in {Outcome.IGNORED, Outcome.NOTED}:
        assert batch["n_accepted"] > 0


def test_every_fault_of_a_file_is_planted_somewhere() -> None:
    """A code has an injector, or a test of its own that names it; faults of servers are planted by their fakes."""
    injected = {*kinds(), *codes()}
    told = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].rglob("test_*.py"))
    bare = [code for code in FAULTS if code not in injected and f'"{code}"' not in told]
    of_files = [code for code in bare if FAULTS[code].outcome not in {Outcome.FAILED, Outcome.RIGHT}]
    assert set(of_files) <= {"arrived_after_seal"}  # the schedule of windows decides it
    assert len(injected) >= 85


SHOWN_BY = {
    "stacked_header": "unit/test_arrival_rows.py",
    "edfi_slide": "properties/test_edfi_programs.py",
    "edfi_key_change": "properties/test_edfi_programs.py",
    "edfi_delete": "properties/test_edfi_programs.py",
    "edfi_redelete": "properties/test_edfi_programs.py",
    "killed": "acceptance/test_collected_once.py",
    "two_collectors": "acceptance/test_collected_once.py",
}
"""What must come out right without a word -> the tests that make it happen."""


def test_what_comes_out_right_is_made_to_happen() -> None:
    """Nothing tells of it, so the tests that plant it are named here, and are there."""
    assert {code for code, fault in FAULTS.items() if fault.outcome is Outcome.RIGHT} == set(SHOWN_BY)
    assert all((Path(__file__).parents[1] / name).is_file() for name in SHOWN_BY.values())


def test_miscounted_file_is_held_as_our_own_fault(
    made: Callable[[Kind], District], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the second count of records is not what was read, nothing is loaded and all of it is accounted for."""
    district, count = made("archive").copy(tmp_path), text.count_records
    monkeypatch.setattr(text, "count_records", lambda data: count(data) + 1)
    district.put("feed_20190111.csv", counts().good(11))
    (batch,) = district.batches("2019-01-11")
    assert (batch["reason"], batch["n_accepted"], batch["n_quarantined"]) == ("conservation_broken", 0, N + 2)


@pytest.mark.parametrize("kind", sorted(STAGES))
def test_good_file_has_no_fault(kind: Kind, made: Callable[[Kind], District], tmp_path: Path) -> None:
    """The file the faults of a kind are made from is accepted without a word."""
    district = made(kind).copy(tmp_path)
    district.put(f"feed_20190111{STAGES[kind][1]}", STAGES[kind][0]().good(11))
    (batch,) = district.batches("2019-01-11")
    assert (batch["state"], batch["findings"]) == ("accepted", [])


def test_rows_of_one_school_of_strangers_are_refused(made: Callable[[Kind], District], tmp_path: Path) -> None:
    """Where the people of one school are others than its roster's, its rows stay out and the rest comes in."""
    district, (*others, own) = made("marks").copy(tmp_path), marks().sources
    district.declare(*others, own | {"arrival": {"key_overlap": {"hold": 0.5}, "max_bad_rows": 0.5}})
    rows = marks().good(11).decode().splitlines()
    told = [row.replace(row[:4], f"88{row[:4]}", 1) if ",0002," in row else row for row in rows]
    district.put("feed_20190111.csv", lines(told[0], told[1:]))
    (batch,) = [each for each in district.batches("2019-01-11") if each["name"] == "feed_20190111.csv"]
    assert (batch["state"], batch["n_accepted"]) == ("accepted_with_findings", 40)
    assert batch["quarantined"] == {"roster_overlap_low": 20}
