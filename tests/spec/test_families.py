"""The families of real public files: each loads or is held by its code, with the numbers of collection.md 13."""

import csv
import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.door import KEY
from tests.support.small_district import District, source

TAPR = "attendance_tx/tapr_district_attendance_2017-2018.csv.gz"
PISA = "survey_items/pisa2009_items_united_states.csv.gz"
MASKS = {".": "not_applicable", "-1": "masked_small", "-3": "masked_small"}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pseudonyms of these tests are made with one key."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)


def figures(figure_set: str, unit_type: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of published figures."""
    return [{"name": "figure_set", "value": figure_set}, {"name": "unit_type", "value": unit_type}, *more]


def taken(folder: Path, declared: dict[str, Any], *files: Path) -> tuple[District, list[dict[str, Any]]]:
    """Hand in files one night; return the district and its batches."""
    district = District(folder, declared)
    for path in files:
        shutil.copy(path, district.inbox)
    return district, district.batches()


def counts(batch: dict[str, Any]) -> tuple[int, int, int]:
    """Return accepted, quarantined, ignored."""
    return batch["n_accepted"], batch["n_quarantined"], batch["n_ignored"]


def colorado(spring: int, **rest: Any) -> dict[str, Any]:
    """Return Colorado's workbook of one year as it is declared."""
    columns = figures(
        "co_chronic",
        "district",
        {"name": "unit_id", "from": ["District Code"], "type": "id", "pattern": "\\d{4}"},
        {"name": "unit_label", "from": ["District Name"]},
        {"name": "school_year", "value": str(spring)},
        {"name": "group_label", "value": "all"},
        {"name": "measure_code", "value": "chronic_absence"},
        {"name": "numerator", "from": ["Number of Students with Chronic Absenteeism"]},
        {"name": "denominator", "from": ["Student Fall K-12 Enrollment"]},
        {"name": "value", "from": ["% Chronically Absent"], "type": "decimal"},
        *rest.pop("more", []),
    )
    return source(
        "co",
        "reference_figures",
        columns,
        match="*.xlsx",
        format={"type": "xlsx"},
        school_year={"label": "spanning", "require": True},
        ignore_rows=[
            {"name": "footnote_row", "when": {"County Code": {"empty": True}, "District Code": {"empty": True}}},
            {"name": "totals_row", "when": {"District Code": {"empty": True}}, "check_sum": True},
        ],
    )


def workbook(folder: Path, spring: int) -> Path:
    """Return where Colorado's workbook of one year is."""
    return folder / "chronic_absence_co_xlsx" / f"{spring - 1}-{spring}_ChronicAbsenteeism.xlsx"


def test_colorados_workbooks_show_what_moved(tmp_path: Path, shared_data: Path) -> None:
    """Four years of one table: headings in four rows, sheets of three names, columns renamed and gone."""
    district = District(tmp_path, colorado(2017))
    found = {}
    for spring in (2017, 2018, 2019, 2020):
        for path in district.inbox.iterdir():
            path.unlink()
        district.declare(colorado(spring))
        shutil.copy(workbook(shared_data, spring), district.inbox)
        name = workbook(shared_data, spring).name
        found[spring] = next(batch for batch in district.batches() if batch["name"].startswith(name))
    assert [found[spring]["n_received"] for spring in found] == [195, 198, 190, 192]
    assert [counts(found[spring]) for spring in (2017, 2018)] == [(184, 0, 11), (185, 0, 13)]
    assert {"header_restyled", "column_added", "sheet_renamed"} <= set(found[2018]["findings"])
    assert all("totals_disagree" not in batch["findings"] for batch in found.values())
    (rate,) = found[2019]["proposals"]
    assert (found[2019]["reason"], rate["new"], rate["column"]) == (
        "column_renamed",
        "Chronically Absent Rate",
        "value",
    )
    assert rate["score"] == pytest.approx(0.79, abs=0.01)
    count = next(each for each in found[2020]["proposals"] if each["column"] == "denominator")
    assert (count["new"], count["score"]) == ("2019-2020 Student Count", pytest.approx(0.77, abs=0.01))


def test_column_that_is_gone_has_no_candidate(tmp_path: Path, shared_data: Path) -> None:
    """Colorado stopped publishing truancy: beside a rename its column is told as gone, and nothing is proposed."""
    more = [{"name": "bound_low", "from": ["Truancy Rate*"], "required": False}]
    declared = colorado(2020, more=more)
    names = {"numerator": "Number of Students with Chronic Absenteeism", "value": "Chronically Absent Rate"}
    names["denominator"] = "2019-2020 Student Count"
    for column in declared["columns"]:
        column["from"] = [names[column["name"]]] if column["name"] in names else column.get("from", [])
        if not column["from"]:
            del column["from"]
    _, (batch,) = taken(tmp_path, declared, workbook(shared_data, 2020))
    assert (batch["reason"], batch["detail"], batch["proposals"]) == ("column_removed", "'Truancy Rate*'", [])


def test_last_years_workbook_is_told_by_its_cells(tmp_path: Path, shared_data: Path) -> None:
    """The file of 2017-18 in the slot of 2018-19: title and every year cell speak against it; its name says nothing."""
    district = District(tmp_path, colorado(2019))
    shutil.copy(workbook(shared_data, 2018), district.inbox / "2018-2019_ChronicAbsenteeism.xlsx")
    (batch,) = district.batches()
    assert batch["reason"] == "wrong_school_year"
    assert batch["detail"].startswith("this file is 2017-18: title row, ")
    assert batch["detail"].endswith("year cells; slot is 2018-19")


def texas(**unpivot: Any) -> dict[str, Any]:
    """Return Texas's wide table as it is declared."""
    unit = {"name": "unit_id", "from": ["DISTRICT"], "type": "id", "pattern": "\\d{6}"}
    return source(
        "tapr",
        "reference_figures",
        figures("tapr", "district", unit, *unpivot.pop("more", [])),
        match="tapr*.csv.gz",
        format={"type": "csv", "masks": MASKS},
        unpivot=unpivot,
        load={"mode": "full", "slot": "{school_year}"},
    )


def test_texas_is_balanced_in_cells(tmp_path: Path, shared_data: Path) -> None:
    """84 attendance columns of two years in each file become a row a cell, each published, masked or not applicable."""
    declared = texas(columns="D{group}AT{yy}{part}", names={"group": "..", "yy": "\\d\\d", "part": "[NDR]"})
    second = shared_data / "attendance_tx" / "tapr_district_attendance_2018-2019.csv.gz"
    district, (one, two) = taken(tmp_path, declared, shared_data / TAPR, second)
    assert [sum(batch["cells"].values()) for batch in (one, two)] == [100_800, 100_884]
    assert [batch["cells"]["masked"] for batch in (one, two)] == [11_619, 11_754]
    assert [batch["cells"]["not_applicable"] for batch in (one, two)] == [10_470, 10_593]
    years = district.rows("reference_figures", one["batch_id"], "distinct school_year")
    assert sorted(row["school_year"] for row in years) == [2016, 2017]


def test_mask_nobody_declared_is_refused_cell_by_cell(tmp_path: Path, shared_data: Path) -> None:
    """Three cells of 869 columns hold -2 beside the declared -1 and -3; the rest of their records goes on."""
    more = [{"name": "school_year", "value": "2018"}, {"name": "group_label", "value": "all"}]
    names = {"measure_code": "(?!DISTRICT)\\w+"}
    _, (batch,) = taken(tmp_path, texas(columns="{measure_code}", names=names, more=more), shared_data / TAPR)
    assert counts(batch) == (1_200, 0, 1)
    assert batch["cells"]["not_applicable"] == 424_913
    assert batch["cells"]["masked"] == 157_073 + 12_750
    assert batch["cells"]["quarantined.mask_unknown"] == 3
    assert "mask_unknown" in batch["findings"]


def test_new_yorks_counts_stay_missing(tmp_path: Path, shared_data: Path) -> None:
    """Two of three counts of the state are not published: they are missing, never 0."""
    declared = source(
        "nys",
        "reference_figures",
        figures(
            "nys",
            "district",
            {"name": "unit_id", "from": ["entity_cd"], "type": "id", "pattern": "\\d{12}"},
            {"name": "school_year", "from": ["year"], "type": "school_year"},
            {"name": "group_label", "from": ["subgroup"]},
            {"name": "measure_code", "value": "chronic_absence"},
            {"name": "numerator", "from": ["combined_absent_count"]},
            {"name": "denominator", "from": ["combined_enrollment"]},
        ),
        match="*.parquet",
        format={"type": "parquet"},
        load={"mode": "full", "slot": "{school_year}"},
    )
    path = shared_data / "chronic_absence_nys" / "district_subgroup_2018_2022.parquet"
    district, (batch,) = taken(tmp_path, declared, path)
    assert counts(batch) == (56_333, 0, 0)
    query = "school_year, count(*) as n, count(*) filter (where value_state = 'missing') as n_missing"
    rows = district.rows("reference_figures", batch["batch_id"], query.replace("school_year", "any_value(1)"))
    assert rows[0]["n_missing"] == 38_382
    sizes = district.events("batch_accepted")[-1].payload["looked"]["sizes"]
    assert sizes == {"2018": 13_969, "2019": 14_028, "2021": 13_887, "2022": 14_449}


def test_virginias_zeros_are_asked_about(tmp_path: Path, shared_data: Path) -> None:
    """783 rows of 0 students and 0 %: nobody can tell zero from empty, so the file waits for its owner."""
    declared = source(
        "va",
        "reference_figures",
        figures(
            "va",
            "school",
            {"name": "unit_id", "from": ["school"]},
            {"name": "school_year", "from": ["school_year"], "type": "school_year"},
            {"name": "group_label", "from": ["subgroup"]},
            {"name": "measure_code", "value": "chronic_absence"},
            {"name": "numerator", "from": ["n_students"]},
            {"name": "value", "from": ["percent"], "type": "decimal", "scale": 0.01},
        ),
    )
    _, (batch,) = taken(tmp_path, declared, shared_data / "chronic_absence_va" / "albemarle_school_subgroup.csv")
    assert (batch["reason"], batch["state"]) == ("zero_or_empty", "held")
    assert batch["detail"].startswith("783 of 2,366 rows")


def test_survey_of_a_city_needs_its_year(tmp_path: Path, shared_data: Path) -> None:
    """1,829 records in 1,831 lines; 3,452 figures not applicable, one column entirely; no year anywhere inside."""
    path = shared_data / "survey_nyc" / "2019_school_scores.csv"
    with path.open(encoding="utf-8", newline="") as file:
        headings = next(csv.reader(file))[2:]
    declared = source(
        "survey",
        "reference_figures",
        figures(
            "survey",
            "school",
            {"name": "unit_id", "from": ["DBN"], "type": "id"},
            {"name": "school_year", "value": "2019"},
            {"name": "group_label", "value": "all"},
        ),
        format={"type": "csv", "masks": {"N/A": "not_applicable"}},
        unpivot={"columns": {heading: f"m{number}" for number, heading in enumerate(headings)}},
        school_year={"require": True},
    )
    _, (batch,) = taken(tmp_path, declared, path)
    assert (batch["n_received"], batch["reason"]) == (1_830, "year_unknown")
    assert batch["cells"]["not_applicable"] == 3_452
    assert batch["notes"] == {"column_emptied": 1}


def directory(column: str, name: str, pattern: str, **rest: Any) -> dict[str, Any]:
    """Return a list of schools as it is declared."""
    columns = [
        {"name": "school_id", "from": [column], "type": "id", "pattern": pattern},
        {"name": "name", "from": [name]},
        {"name": "kind", "value": "regular"},
        {"name": "level", "value": "all"},
        {"name": "valid_from", "value": "2016-07-01"},
        {"name": "opens_on", "value": "2016-07-01"},
    ]
    return source("schools", "schools", columns, **rest)


def test_directories_keep_their_zeros(tmp_path: Path, shared_data: Path) -> None:
    """1,842 of Massachusetts's codes begin with a zero and keep it; Texas numbers its 9,336 schools with 12 digits."""
    folder = shared_data / "school_directory"
    declared = directory("School Code", "School Name", "\\d{8}", match="mass*.csv.gz")
    district, (batch,) = taken(tmp_path / "ma", declared, folder / "massachusetts_schools_2017.csv.gz")
    query = "count(*) as n, count(*) filter (where school_id like '0%') as n_zero"
    assert district.rows("schools", batch["batch_id"], query) == [{"n": 1_861, "n_zero": 1_842}]
    declared = directory("NCESSCH", "SCHNAM", "\\d{12}", match="tx*.csv.gz")
    _, (batch,) = taken(tmp_path / "tx", declared, folder / "tx_campuses_ccd.csv.gz")
    assert counts(batch) == (9_336, 0, 1)


def test_ids_a_spreadsheet_has_damaged_hold_the_file(tmp_path: Path, shared_data: Path) -> None:
    """All 1,861 Zip codes of Massachusetts are written as numbers with decimals: none of them is an id any more."""
    path = shared_data / "school_directory" / "massachusetts_schools_2017.csv.gz"
    _, (batch,) = taken(tmp_path, directory("Zip", "School Name", "\\d{5}", match="mass*.csv.gz"), path)
    assert (batch["reason"], batch["quarantined"]) == ("id_float_damage", {"id_float_damage": 1_861})


def test_citys_days_have_their_usual_size(tmp_path: Path, shared_data: Path) -> None:
    """24 days of exam weeks have fewer schools than usual and are told, none is so small that it holds the file."""
    declared = source(
        "daily",
        "attendance_counts",
        [
            {"name": "school_id", "from": ["dbn"], "type": "id", "pattern": "\\d{2}[A-Z]\\d{3}"},
            {"name": "on_date", "from": ["attn_date"]},
            {"name": "status", "when": {"status": {"NS": "not_submitted", "else": "reported"}}},
            {"name": "attendance_share", "from": ["attendance_pct"], "type": "decimal", "scale": 0.01, "range": [0, 1]},
        ],
        match="*.parquet",
        format={"type": "parquet"},
        ignore_rows=[{"name": "totals_row", "when": {"dbn": {"equals": "TOTAL"}}}],
        load={"mode": "full", "coverage": {"dates": ["on_date"], "schools": "file"}, "slot": "{on_date}"},
        arrival={"rows": {}},
    )
    _, (batch,) = taken(tmp_path, declared, shared_data / "attendance_nyc_daily" / "nyc_daily_2012_2014.parquet")
    assert counts(batch) == (388_412, 7, 271)
    assert (batch["state"], batch["notes"]["rows_out_of_band"]) == ("accepted_with_findings", 24)
    assert {"closed_or_not_reported", "submission_low", "calendar_presumed"} <= set(batch["findings"])


def test_sheets_of_one_workbook_are_sources_of_their_own(tmp_path: Path, shared_data: Path) -> None:
    """Each sheet is read by the source that names it; `Above 95%` is a bound, and no number."""
    sheets = {"Citywide": ("Year", 5), "Borough": ("Borough", 25), "District": ("Administrative District", 175)}
    sheets["School"] = ("DBN", 9_251)
    sources = [
        source(
            f"snapshot_{name.lower()}",
            "reference_figures",
            figures(
                f"snapshot_{name.lower()}",
                "school" if name == "School" else "district",
                {"name": "unit_id", "from": [unit]},
                {"name": "school_year", "from": ["Year"], "type": "school_year"},
                {"name": "group_label", "value": "poverty"},
                {"name": "measure_code", "value": "share"},
                {"name": "denominator", "from": ["Total Enrollment"]},
                {"name": "value", "from": ["% Poverty"], "type": "decimal"},
            ),
            match="*.xlsx",
            format={"type": "xlsx", "sheets": [name], "bounds": {"Above 95%": [0.95, 1.0]}},
            load={"mode": "full", "slot": "{school_year}"},
        )
        for name, (unit, _) in sheets.items()
    ]
    district = District(tmp_path, *sources)
    shutil.copy(next((shared_data / "attendance_nyc_groups_xlsx").glob("*.xlsx")), district.inbox)
    batches = district.batches()
    assert [counts(batch) for batch in batches] == [(n, 0, 1) for _, n in sheets.values()]
    rows = district.rows("reference_figures", batches[-1]["batch_id"], "value_state, bound_low, value")
    bounded = [row for row in rows if row["value_state"] == "bounded"]
    assert bounded
    assert {(float(row["bound_low"]), row["value"]) for row in bounded} == {(0.95, None)}


def answers(source_id: str, items: list[str], codes: list[str], **rest: Any) -> dict[str, Any]:
    """Return a survey without names of respondents, one record a respondent."""
    columns = [
        {"name": "window_id", "value": "fall"},
        {"name": "response_id", "value": "r{row_no}"},
        {"name": "respondent_class", "value": "student"},
        *rest.pop("more", []),
    ]
    unpivot = {"columns": {item: item.lower() for item in items}, "name": "item_id", "value": "option_value"}
    more = {"codes": {"option_value": {code: code for code in codes}}} if codes else {}
    return source(source_id, "responses", columns, unpivot=unpivot, **more, **rest)


def headings_of(path: Path) -> list[str]:
    """Return the first record of a file."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return next(csv.reader(text.splitlines()))


def test_answers_of_an_inventory_are_counted(tmp_path: Path, shared_data: Path) -> None:
    """2,800 people, 25 items, 69,492 answers; two people who answer alike are two people."""
    path = shared_data / "survey_items" / "bfi.csv.gz"
    declared = answers("bfi", headings_of(path)[:25], [], match="bfi.csv.gz")
    district, (batch,) = taken(tmp_path, declared, path)
    query = "count(*) filter (where answer_state = 'answered') as n"
    assert counts(batch) == (2_800, 0, 1)
    assert district.rows("responses", batch["batch_id"], query) == [{"n": 69_492}]


def test_labels_that_changed_are_proposed(tmp_path: Path, shared_data: Path) -> None:
    """`All lessons` is `All Lessons` in another style; `Strong agree` looks like `Strongly agree`, and waits."""
    path = shared_data / PISA
    with gzip.open(path, "rt", encoding="utf-8") as file:
        labels = {cell for row in list(csv.reader(file))[1:] for cell in row[1:] if cell not in {"", "NA"}}
    assert len(labels) == 28
    known = sorted(labels - {"Strong agree", "All lessons"})
    declared = answers(
        "pisa", headings_of(path)[1:], known, match="pisa*.csv.gz", format={"type": "csv", "nulls": ["NA"]}
    )
    _, (batch,) = taken(tmp_path, declared, path)
    assert batch["reason"] == "code_list_changed"
    assert {"code_restyled", "code_unknown"} <= set(batch["findings"])
    assert [(each["new"], each["gone"]) for each in batch["proposals"]] == [("Strong agree", "Strongly agree")]


def test_link_that_was_never_filled_in_is_nobody(tmp_path: Path, shared_data: Path) -> None:
    """27 submissions of a course survey hold the link's own text where a person or a course belongs."""
    path = shared_data / "survey_items" / "dataedu_pre_survey.csv"
    more = [
        {"name": "respondent_key", "from": ["opdata_username"], "required": False},
        {"name": "self_groups", "from": ["opdata_CourseID"], "type": "id", "required": False},
    ]
    declared = answers("course", headings_of(path)[2:], [], more=more, contains_people=True)
    district, (batch,) = taken(tmp_path, declared | {"arrival": {"max_bad_rows": 0.05}}, path)
    assert set(batch["quarantined"]) == {"placeholder_id"}
    assert (batch["n_received"], sum(counts(batch))) == (1_103, 1_103)
    assert "respondent_repeats" in batch["findings"]
    held = [each.read_bytes() for each in (district.state / "accepted").rglob("*") if each.is_file()]
    assert not any(b"_49147_1" in data for data in held)


def test_answer_that_no_list_has_refuses_its_record(tmp_path: Path) -> None:
    """One answer of a hundred is no code of the list: its record is refused by that name, the others come in."""
    lines = ["Q1,Q2", *(f"{n % 4 + 1},{n % 3 + 1}" for n in range(99)), "7,1", ""]
    path = tmp_path / "few.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    declared = answers("few", ["Q1", "Q2"], ["1", "2", "3", "4"], match="few.csv", load={"mode": "full"})
    _, (batch,) = taken(tmp_path, declared, path)
    assert (batch["n_accepted"], batch["quarantined"]) == (99, {"code_unknown": 1})
