"""A district that has declared a year and no feed yet: its year can be planned, no night can run."""

import json

import pytest

from aimline.cli import main

_YEAR = """\
school_year: {id: 2027, label: 2026-27, first_day: 2026-08-19, last_day: 2027-05-27, week: [mon, tue, wed, thu, fri]}
time_zone: America/Chicago
terms: {quarter: [2026-10-16, 2026-12-18, 2027-03-05, 2027-05-27]}
windows:
  - {id: walk_fall, kind: walkthrough, opens: {nth_school_day: 20, of: quarter.1}, closes: {term_end: quarter.1}}
budget: [{id: preliminary, on: 2027-02-09}]
reviews: [{id: mid_year, kind: mid_year, feeds: budget.preliminary, needs: [walk_fall], scope: district}]
"""

_SOURCE = """\
version: 1
sources:
  - source_id: sis_attendance
    kind: file
    entity: attendance_counts
    owner: {{role: data_engineer}}
    contains_people: false
    transport: {{kind: local, url: "{outbox}", match: ["day_{{date:%Y%m%d}}.csv"], settle: {{checks: 1, every_s: 0}}}}
    format: {{type: csv, dates: "%Y%m%d"}}
    columns:
      - {{name: school_id, from: [DBN], type: id, required: true}}
      - {{name: on_date, from: [DAY], type: date, required: true}}
      - {{name: attendance_share, from: [PCT], type: decimal, scale: 0.01}}
      - {{name: status, when: {{PCT: {{else: reported}}}}}}
    codes: {{status: {{reported: reported}}}}
    ignore_rows: [{{name: totals_row, when: {{DBN: {{equals: TOTAL}}}}}}]
    load: {{mode: full, slot: "{{on_date}}"}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Write a district with a calendar and nothing else."""
    monkeypatch.setenv("AIMLINE_STATE", str(tmp_path / "state"))
    here = tmp_path / "hillside"
    (here / "years").mkdir(parents=True)
    (here / "years/2026-27.yml").write_text(_YEAR, encoding="utf-8")
    (here / "district.yml").write_text(
        "version: 1\ndistrict_id: hillside\nlabel: {en: Hillside}\ntime_zone: America/Chicago\n"
        "roles: [{role: data_engineer}, {role: research}, {role: sel_lead}]\n",
        encoding="utf-8",
    )
    return str(here)


def test_check_tells_what_a_night_will_need(folder, capsys):
    """The year is judged, and the files that are not there yet are named beside it."""
    assert main(["check", folder]) == 0
    wanted = "hillside/sources.yml, hillside/indicators.yml, hillside/audiences.yml"
    assert f"Still to be written before the first night: {wanted}." in capsys.readouterr().out


def test_a_year_without_feeds_can_be_planned(folder, capsys):
    """Plan, calendar and due answer; the walkthroughs open on the 20th school day."""
    assert main(["plan", folder, "--as-of", "2026-07-15", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["feasible"]
    assert {each["id"]: each["opens_on"] for each in told["items"]}["walk_fall"] == "2026-09-15"
    assert main(["calendar", folder, "--as-of", "2026-07-15", "--format", "ics"]) == 0
    assert main(["due", folder, "--as-of", "2026-09-15"]) == 0
    assert main(["plan", folder, "--as-of", "2026-07-15", "--freeze", "--by", "ana", "--reason", "seen"]) == 0


def test_no_night_runs_without_its_files(folder, capsys):
    """Publishing names every file that is missing, at once; collecting asks for the sources alone."""
    for verb, n in (("publish", 3), ("collect", 1)):
        assert main([verb, folder, "--as-of", "2026-09-16"]) == 2
        assert capsys.readouterr().err.count("the file is missing. Write it before the first night.") == n


def test_feeds_are_collected_before_indicators_are_written(folder, tmp_path, capsys, monkeypatch):
    """With a source declared its deliveries come in; indicators and audiences can wait."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    (tmp_path / "hillside/sources.yml").write_text(_SOURCE.format(outbox=tmp_path / "outbox"), encoding="utf-8")
    (tmp_path / "outbox").mkdir()
    day = "DBN,DAY,PCT\n01M015,20261013,91.5\nTOTAL,20261013,91.5\n"
    (tmp_path / "outbox/day_20261013.csv").write_text(day, encoding="utf-8")
    assert main(["collect", folder, "--as-of", "2026-10-13", "--json"]) == 0
    (batch,) = json.loads(capsys.readouterr().out)["sources"][0]["batches"]
    assert (batch["n_received"], batch["n_accepted"], batch["ignored"]["totals_row"]) == (3, 1, 1)


def test_a_wrong_count_of_days_stops_freezing_alone(folder, tmp_path, capsys):
    """What is wrong with the calendar is told beside the plan; with it nothing is frozen."""
    (tmp_path / "hillside/years/2026-27.yml").write_text(f"{_YEAR}expect: {{on_site_days: 3}}\n", encoding="utf-8")
    assert main(["check", folder]) == 2
    capsys.readouterr()
    for verb in ("plan", "calendar", "due"):
        assert main([verb, folder, "--as-of", "2026-07-15"]) == 0
        assert "expect.on_site_days: 3 declared," in capsys.readouterr().err
    assert main(["plan", folder, "--as-of", "2026-07-15", "--freeze", "--by", "ana", "--reason", "seen"]) == 2
