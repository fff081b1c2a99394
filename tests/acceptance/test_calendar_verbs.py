"""``aimline calendar``: the year's dates, as people and as programs read them."""

import json
import subprocess
import sys

import pytest

from aimline.cli import main
from tests.support.declared import changed_copy


@pytest.fixture(autouse=True)
def _no_state(monkeypatch, tmp_path):
    """Look at a state root that is not there."""
    monkeypatch.setenv("AIMLINE_STATE", str(tmp_path / "state"))


def _printed(capsys, *words):
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_the_calendar_heads_with_the_days_of_school(capsys):
    """The first line says which year it is and how many days it has."""
    head = _printed(capsys, "calendar", "riverbend", "--as-of", "2026-09-01").splitlines()[0]
    assert head == ("riverbend 2026-27: 178 school days on site, 1 off site, 2026-08-19 to 2027-05-27, America/Chicago")


def test_the_calendar_as_json_is_in_order(capsys):
    """Items come by due date; a window says when it opens, closes, who answers and by which rule."""
    told = json.loads(_printed(capsys, "calendar", "riverbend", "--year", "2027", "--json"))
    days = [item["due_on"] for item in told["items"]]
    assert days == sorted(days)
    (fall,) = [item for item in told["items"] if item["id"] == "sel_survey_fall"]
    assert list(fall.values())[2:6] == ["2026-10-14", "2026-11-03", "2026-11-03", "research"]
    assert list(fall.values())[6:] == [["sel_survey_fall.setup"], 23, "nth_school_day(40)", 0]


def test_the_keys_of_the_calendar_are_a_contract(capsys):
    """Head and items have exactly the keys of schedule.md 13, in their order."""
    told = json.loads(_printed(capsys, "calendar", "riverbend", "--as-of", "2026-07-15", "--format", "json"))
    assert list(told) == ["deployment", "school_year", "as_of", "time_zone", "frozen_version", "items"]
    keys = ["id", "kind", "opens_on", "closes_on", "due_on", "owner", "depends_on", "slack_school_days"]
    assert all(list(item) == [*keys, "rule", "frozen_version"] for item in told["items"])


def test_the_calendar_can_be_asked_by_owner_and_kind(capsys):
    """Only what the role answers for; deliveries are shown when they are asked for."""
    words = ("calendar", "riverbend", "--year", "2027", "--json", "--owner", "research")
    told = json.loads(_printed(capsys, *words))
    assert {item["owner"] for item in told["items"]} == {"research"}
    assert "arrival" not in {item["kind"] for item in told["items"]}
    told = json.loads(_printed(capsys, *words, "--kind", "arrival"))
    assert {item["kind"] for item in told["items"]} == {"arrival"}


def test_an_unknown_year_names_those_there_are(capsys):
    """A year that is not declared is a mistake of the caller."""
    assert main(["calendar", "riverbend", "--year", "2031"]) == 2
    assert "Years: 2024, 2025, 2026, 2027." in capsys.readouterr().err


def test_a_date_that_is_none_is_refused(capsys):
    """The message says how a date is written."""
    assert main(["due", "riverbend", "--as-of", "2027-13-06"]) == 2
    assert "write it as 2026-09-07" in capsys.readouterr().err


def test_a_school_sees_its_own_days_of_a_window(capsys, tmp_path):
    """It opens on the first day the school has, and lasts as long; the dates of the district stay."""
    closed = '  - {schools: ["0110"], closed: [2026-10-14, 2026-10-20]}\nterms:\n'
    folder = changed_copy(tmp_path, "years/2026-27.yml", "terms:\n", closed)
    year = folder / "years/2026-27.yml"
    text = year.read_text(encoding="utf-8").replace("    threshold: 0.80\n", "    resolve: own_days\n", 1)
    year.write_text(text, encoding="utf-8")
    words = ("calendar", str(folder), "--as-of", "2026-09-01")
    of_school = {
        item["id"]: item for item in json.loads(_printed(capsys, *words, "--school", "0110", "--json"))["items"]
    }
    of_all = {item["id"]: item for item in json.loads(_printed(capsys, *words, "--json"))["items"]}
    own = of_school["sel_survey_fall"]
    assert (own["opens_on"], own["closes_on"], own["due_on"]) == ("2026-10-15", "2026-11-05", "2026-11-05")
    assert of_all["sel_survey_fall"]["opens_on"] == "2026-10-14"
    assert of_school["walkthrough_fall"] == of_all["walkthrough_fall"]


@pytest.mark.parametrize("verb", ["calendar", "due", "check", "plan"])
def test_a_look_at_dates_opens_no_database(verb):
    """Neither DuckDB nor the journal's library nor the orchestrator is loaded to print a calendar."""
    code = (
        "import sys; from aimline.cli import main; main([sys.argv[1], 'riverbend']); "
        "print(sorted({'duckdb', 'sqlalchemy', 'prefect', 'pandas', 'dbt'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, verb], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
