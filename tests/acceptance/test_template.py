"""Forms through the command: issued for a window, filled in, handed in, read by the stamp they carry."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.support.door import KEY
from tests.support.small_district import District, source

LEVELS = [{"value": value, "label": {"en": f"Level {value}"}} for value in range(1, 5)]
ITEMS = [{"item_id": name, "text": {"en": f"Words on {name}."}} for name in ("greeting", "routines", "voice")]
FIXED = {"kind": "regular", "level": "all", "valid_from": "2010-07-01", "opens_on": "2010-07-01"}
SCHOOLS = source(
    "schools",
    "schools",
    [{"name": "school_id", "from": ["School"]}, {"name": "name", "from": ["Name"]}]
    + [{"name": name, "value": value} for name, value in FIXED.items()],
    match="schools.csv",
)
ROOMS = source(
    "rooms",
    "rooms",
    [
        {"name": "school_id", "from": ["School"]},
        {"name": "room_key", "from": ["Room"], "type": "id"},
        {"name": "is_eligible", "from": ["Eligible"]},
        {"name": "valid_from", "value": "2018-08-20"},
    ],
    match="rooms.csv",
)
WINDOWS = """
windows:
  - {id: walk_fall, kind: walkthrough, instrument: walkthrough@2019, opens: 2019-01-07, closes: 2019-01-25,
     sample: {rooms_per_school: 3}}
  - {id: rubric_fall, kind: rubric, instrument: rubric@2019, opens: 2019-01-07, closes: 2019-01-25}
  - {id: asked_fall, kind: survey, opens: 2019-01-07, closes: 2019-01-25}
"""


def form_source(source_id: str, entity: str, *match: str) -> dict[str, Any]:
    """Return a source of forms that came back."""
    transport = {"kind": "local", "url": "inbox", "match": list(match)}
    told = {"source_id": source_id, "kind": "template", "entity": entity, "transport": transport}
    return told | {"owner": {"role": "data_engineer"}, "arrival": {"max_bad_rows": 0.9}}


@pytest.fixture(scope="module")
def with_rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """A district with two schools, five rooms in each, and windows of walkthroughs and rubric ratings."""
    walks = form_source("walks", "walkthroughs", *(f"walk_{{x}}_2019_{{school}}.{end}" for end in ("xlsx", "csv")))
    walks["transport"]["match"].append("again_*.xlsx")
    rubrics = form_source("rubrics", "rubric_ratings", "rubric_{x}_2019_{school}.xlsx")
    made = District(tmp_path_factory.mktemp("forms"), SCHOOLS, ROOMS, walks, rubrics)
    (made.folder / "instruments").mkdir()
    for kind in ("walkthrough", "rubric"):
        told = {"version": 1, "instrument_id": kind, "edition": "2019", "kind": kind, "label": {"en": kind}}
        told |= {"levels": LEVELS, "items": ITEMS, "hygiene": "none"}
        (made.folder / "instruments" / f"{kind}.2019.yml").write_text(json.dumps(told), encoding="utf-8")
    year = made.folder / "years" / "2018-19.yml"
    year.write_text(year.read_text(encoding="utf-8") + WINDOWS, encoding="utf-8")
    made.put("schools.csv", b"School,Name\n0101,Alder\n0104,Dogwood\n")
    rows = [f"{school},marker-{school}-{number},Y" for school in ("0101", "0104") for number in range(5)]
    made.put("rooms.csv", "\n".join(["School,Room,Eligible", *rows, "0101,closed,N", ""]).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
        assert made.collect("2019-01-08")["exit"] == 0
        yield made


@pytest.fixture
def district(with_rooms: District, tmp_path: Path) -> District:
    """A copy of that district."""
    return with_rooms.copy(tmp_path)


def issued(district: District, window: str, *words: str, on: str = "2019-01-08") -> Path:
    """Issue the forms of a window; return their folder."""
    out = district.folder.parent / f"forms_{on}"
    code, text = district.run("template", window, "--out", str(out), *words, on=on)
    assert code == 0, text
    return out


def sheets_of(path: Path) -> dict[str, list[list[str]]]:
    """Return the sheets of a workbook as text."""
    book = CalamineWorkbook.from_path(str(path))
    return {
        name: [[str(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
        for name in book.sheet_names
    }


def filled(path: Path, cells: Mapping[tuple[int, int], str], about: Mapping[str, str] | None = None) -> bytes:
    """Return a form as it comes back: some cells written, a formula where one begins with an equals sign."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, rows in sheets_of(path).items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    said = (about or {}).get(row[0], cell) if name == "about" and place == 1 else cell
                    sheet.write_string(number, place, said)
            for (number, place), said in cells.items() if name == "form" else ():
                write: Callable[..., Any] = sheet.write_formula if said.startswith("=") else sheet.write_string
                write(number, place, said)
    return buffer.getvalue()


def visit(
    row: int, *ratings: str, observer: str = "Marker Person", on: str = "2019-01-10"
) -> dict[tuple[int, int], str]:
    """Return the cells of one visit; D is the first look-for."""
    return dict(zip([(row, place) for place in range(1, 3 + len(ratings))], (on, observer, *ratings), strict=True))


def batch_of(district: District, source_id: str, on: str = "2019-01-11") -> dict[str, Any]:
    """Collect; return the newest batch of a source."""
    told = district.collect(on)
    return next(each["batches"][-1] for each in told["sources"] if each["source_id"] == source_id)


def test_each_school_has_a_form_with_a_stamp(district: District) -> None:
    """A workbook and a CSV a school; rooms drawn and shown as codes, without a name; the stamp says what it is of."""
    out = issued(district, "walk_fall")
    names = [f"walk_fall_2019_{school}.{end}" for school in ("0101", "0104") for end in ("csv", "xlsx")]
    assert sorted(path.name for path in out.iterdir()) == names
    sheets = sheets_of(out / "walk_fall_2019_0101.xlsx")
    about = {row[0]: row[1] for row in sheets["about"] if len(row) > 1 and row[1]}
    assert list(about) == ["template_id", "window_id", "edition", "school_id", "school_year", "issued_on", "checksum"]
    assert (about["window_id"], about["school_id"], about["school_year"]) == ("walk_fall", "0101", "2019")
    assert sheets["form"][0][:4] == ["Room", "Date", "Observer", "greeting: Words on greeting."]
    assert sum(bool(row[0]) for row in sheets["form"][1:]) == 3
    twin = list(csv.reader(io.StringIO((out / "walk_fall_2019_0101.csv").read_text(encoding="utf-8"))))
    assert dict(row for row in twin if len(row) == 2) == about
    assert b"marker" not in b"".join(path.read_bytes() for path in out.iterdir())


def test_same_inputs_give_the_same_files(district: District) -> None:
    """A second issue has the same bytes; on another day only the day of issue differs."""
    first, other = issued(district, "walk_fall"), issued(district, "walk_fall", on="2019-01-09")
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    assert {path.name: path.read_bytes() for path in issued(district, "walk_fall").iterdir()} == before
    for name, data in before.items():
        if name.endswith(".csv"):
            assert (other / name).read_bytes() == data.replace(b"2019-01-08", b"2019-01-09")
        else:
            parts = [zipfile.ZipFile(folder / name) for folder in (first, other)]
            differ = [each for each in parts[0].namelist() if parts[0].read(each) != parts[1].read(each)]
            assert differ == ["xl/sharedStrings.xml"]


def test_sheet_guides_whoever_fills_it_in(district: District) -> None:
    """Headings are locked, answers are not, choices drop down."""
    out = issued(district, "walk_fall", "--school", "0104")
    assert len(list(out.iterdir())) == 2
    with zipfile.ZipFile(out / "walk_fall_2019_0104.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "sheetProtection" in sheet
    assert "1,2,3,4,not_seen" in sheet


def test_visits_come_back(district: District) -> None:
    """One row a visit and look-for; rooms are those of the list, observers pseudonyms, others are counted."""
    out = issued(district, "walk_fall")
    cells = visit(1, "3", "not_seen", "") | visit(2, "1", "2", "4")
    district.put("walk_fall_2019_0101.xlsx", filled(out / "walk_fall_2019_0101.xlsx", cells))
    batch = batch_of(district, "walks")
    assert (batch["n_received"], batch["n_accepted"], batch["n_rows"], batch["state"]) == (4, 2, 6, "accepted")
    assert batch["ignored"] == {"header_row": 1, "not_visited": 1}
    rows = district.rows("walkthroughs", batch["batch_id"])
    assert [row["rating"] for row in rows] == ["3", "not_seen", None, "1", "2", "4"]
    (rooms,) = [each for each in district.events("batch_accepted") if each.payload["entity"] == "rooms"]
    known = {row["room_key"] for row in district.rows("rooms", rooms.subject_id)}
    assert {row["room_key"] for row in rows} <= known
    assert all(row["observer_key"].startswith("k1_") for row in rows)
    kept = [path for path in district.state.rglob("*") if path.is_file() and "landing" not in path.parts]
    assert not [path for path in kept if b"Marker Person" in path.read_bytes()]


def test_csv_twin_comes_back_as_the_workbook_does(district: District) -> None:
    """The same answers in the twin give the same rows."""
    out = issued(district, "walk_fall")
    rows = list(csv.reader(io.StringIO((out / "walk_fall_2019_0101.csv").read_text(encoding="utf-8"))))
    rows[9][1:6] = ["2019-01-10", "Marker Person", "3", "not_seen", "2"]
    district.put("walk_fall_2019_0101.xlsx", filled(out / "walk_fall_2019_0101.xlsx", visit(1, "3", "not_seen", "2")))
    book = batch_of(district, "walks")
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    district.put("walk_fall_2019_0101.csv", text.getvalue().encode())
    twin = batch_of(district, "walks", "2019-01-12")
    own = "* exclude (batch_id, received_at, batch)"
    assert district.rows("walkthroughs", twin["batch_id"], own) == district.rows("walkthroughs", book["batch_id"], own)
    assert twin["ignored"]["title_row"] == 8


def test_faults_name_the_cell(district: District) -> None:
    """No such rating, no date, no observer, a formula: the row is refused by its cell, the rest goes on."""
    out = issued(district, "walk_fall")
    cells = visit(1, "5", "2", "2") | visit(2, "2", "=1+1", "2") | visit(3, "1", "1", "1")
    cells |= visit(4, "1", on="10/01/2019") | visit(5, "1", observer="")
    district.put("walk_fall_2019_0101.xlsx", filled(out / "walk_fall_2019_0101.xlsx", cells))
    batch = batch_of(district, "walks")
    assert batch["quarantined"] == {"code_unknown": 1, "formula_cell": 1, "date_impossible": 1, "value_missing": 1}
    assert batch["n_accepted"] == 1
    assert "form!D2: rating 5 is not one of 1, 2, 3, 4, not_seen" in batch["told"]
    assert "form!E3: a formula stands where an answer belongs" in batch["told"]
    assert "form!B5: date is no date; write it as 2026-10-08" in batch["told"]


@pytest.mark.parametrize(
    ("about", "cells", "code"),
    [
        ({"template_id": "walkthrough-000000000000"}, {}, "template_unknown"),
        ({"window_id": "walk_of_dreams"}, {}, "template_unknown"),
        ({"edition": "2018"}, {}, "template_stale"),
        ({"school_year": "2018"}, {}, "template_unknown"),
        ({"school_id": "0104"}, {}, "template_stale"),
        ({}, {(0, 3): "warmth: Words on warmth."}, "template_altered"),
        ({}, {(1, 0): "zzzzzz"}, "template_altered"),
    ],
)
def test_form_that_is_not_this_one_is_held(
    district: District, about: Mapping[str, str], cells: Mapping[tuple[int, int], str], code: str
) -> None:
    """The stamp is read first: unknown, of another slot, or with changed headings; nothing is loaded."""
    out = issued(district, "walk_fall")
    data = filled(out / "walk_fall_2019_0101.xlsx", visit(1, "3", "3", "3") | dict(cells), about)
    district.put("walk_fall_2019_0101.xlsx", data)
    batch = batch_of(district, "walks")
    assert (batch["state"], batch["reason"], batch["n_accepted"]) == ("held", code, 0)


def test_form_of_last_year_is_stale(district: District) -> None:
    """A form that comes back after its school year is of a year that is over."""
    out = issued(district, "walk_fall")
    district.put("walk_fall_2019_0101.xlsx", filled(out / "walk_fall_2019_0101.xlsx", visit(1, "3", "3", "3")))
    batch = batch_of(district, "walks", on="2019-09-11")
    assert (batch["reason"], batch["detail"]) == ("template_stale", "it is of school year 2019, expected is 2020")


def test_other_workbook_is_no_form(district: District) -> None:
    """A workbook without the sheet of the stamp was never issued."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("form").write_string(0, 0, "Room")
    district.put("walk_fall_2019_0101.xlsx", buffer.getvalue())
    assert batch_of(district, "walks")["reason"] == "template_unknown"


def test_later_upload_takes_the_place_of_the_first(district: District) -> None:
    """The newest form of a slot holds; both stay where they landed."""
    out = issued(district, "walk_fall")
    path = out / "walk_fall_2019_0101.xlsx"
    district.put("walk_fall_2019_0101.xlsx", filled(path, visit(1, "3", "3", "3")))
    first = batch_of(district, "walks")
    district.put("again_walk.xlsx", filled(path, visit(1, "4", "4", "4")))
    later = batch_of(district, "walks", "2019-01-12")
    slots = [
        event.payload["slots"] for event in district.events("batch_accepted") if event.payload["source_id"] == "walks"
    ]
    assert slots == [["walk_fall.2019.0101"], ["walk_fall.2019.0101"]]
    names = [district.rows("walkthroughs", each["batch_id"], "walkthrough_id, item_id") for each in (first, later)]
    assert names[0] == names[1]
    assert len(list((district.state / "landing" / "walks").rglob("data"))) == 2


def rubric(*rows: Sequence[str]) -> dict[tuple[int, int], str]:
    """Return the cells of a rubric form: rater, date, level."""
    return {(number, place): cell for number, row in enumerate(rows, 1) for place, cell in enumerate(row, 1) if cell}


def test_rubric_levels_come_back(district: District) -> None:
    """Who rated and when is told once a block; the level the team agrees on is told apart; what is blank is counted."""
    out = issued(district, "rubric_fall")
    cells = rubric(
        ["Marker", "2019-01-10", "3"], ["", "", "2"], ["", "", ""], ["team", "2019-01-11", "4"], ["", "", "1"]
    )
    district.put("rubric_fall_2019_0104.xlsx", filled(out / "rubric_fall_2019_0104.xlsx", cells))
    batch = batch_of(district, "rubrics")
    assert (batch["n_accepted"], batch["ignored"]) == (4, {"header_row": 1, "not_rated": 11})
    rows = district.rows("rubric_ratings", batch["batch_id"])
    told = [(row["item_id"], row["rating"], row["is_consensus"], str(row["rated_on"])) for row in rows]
    assert told[1:3] == [("routines", 2, False, "2019-01-10"), ("greeting", 4, True, "2019-01-11")]
    assert {row["rater_key"] for row in rows if row["is_consensus"]} == {"consensus"}
    assert {(row["occasion_id"], row["unit_id"]) for row in rows} == {("rubric_fall", "0104")}


def test_rubric_fault_names_its_cell(district: District) -> None:
    """A level beyond the last is refused by its cell, so is a missing rater; who collects reads it."""
    out = issued(district, "rubric_fall")
    cells = rubric(["Marker", "2019-01-10", "3"], ["", "", "5"], ["", "", "2"], ["", "", "2"])
    district.put("rubric_fall_2019_0104.xlsx", filled(out / "rubric_fall_2019_0104.xlsx", cells))
    code, text = district.run("collect", on="2019-01-11")
    assert code == 0, text
    assert "rubric_fall_2019_0104.xlsx/form: form!D3: rating 5 is not one of 1, 2, 3, 4" in text
    assert "form!B5: rater is missing" in text
    assert "Marker" not in text


@pytest.mark.parametrize(
    ("window", "words", "message"),
    [
        ("walk_of_dreams", (), "there is no window 'walk_of_dreams'."),
        ("asked_fall", (), "asked_fall asks for no form"),
        ("walk_fall", ("--school", "0999"), "there is no school '0999'."),
    ],
)
def test_form_that_cannot_be_issued_is_told(
    district: District, window: str, words: tuple[str, ...], message: str
) -> None:
    """A wrong window or school is told with what there is, and no file is written."""
    out = district.folder.parent / "none"
    code, text = district.run("template", window, "--out", str(out), *words)
    assert (code, message in text) == (2, True)


def test_the_form_of_a_team_comes_back(district: District) -> None:
    """A school's plan is issued without a window, read back from its workbook, and a person's name ends at the door."""
    plans = form_source("plans", "school_plan", "school_plan_2019_{school}.xlsx")
    district.declare(SCHOOLS, ROOMS, plans)
    out = issued(district, "school_plan", "--school", "0101")
    assert sorted(path.name for path in out.iterdir()) == ["school_plan_2019_0101.csv", "school_plan_2019_0101.xlsx"]
    lead, named = {(1, 1): "data_engineer"}, {(2, 1): "Marker Person"}
    work = {(9, 1): "data_engineer", (9, 6): "Call homes", (9, 8): "2019-03-01"}
    district.put("school_plan_2019_0101.xlsx", filled(out / "school_plan_2019_0101.xlsx", lead | named | work))
    batch = batch_of(district, "plans")
    assert (batch["entity"], batch["n_accepted"], batch["n_quarantined"]) == ("school_plan", 2, 1)
    assert batch["told"] == ["form!B3: no role or declared person of this name is declared"]
    assert not any(b"Marker Person" in path.read_bytes() for path in (district.state / "accepted").rglob("*.parquet"))
