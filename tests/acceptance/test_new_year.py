"""Drafting a school year at the command line: what is written, what is refused, what the year before keeps."""

import shutil

import pytest

from aimline.cli import main
from aimline.schedule import resolve_dates
from aimline.settings import load_deployment
from tests.support.declared import ROOT


@pytest.fixture
def folder(tmp_path):
    """A copy of Riverbend."""
    return shutil.copytree(ROOT / "deployments/riverbend", tmp_path / "riverbend")


def test_a_dry_run_prints_the_difference_and_writes_nothing(folder, capsys):
    """The difference to last year's file, with every date that moved."""
    assert main(["new", "year", str(folder), "2027-28", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "--- years/2026-27.yml\n+++ years/2027-28.yml" in told
    assert "+fiscal_year: {starts: 2027-07-01}" in told
    assert not (folder / "years/2027-28.yml").exists()


def test_a_draft_loads_and_waits_to_be_confirmed(folder, capsys):
    """Check warns of every copied date, finds no error, and the year before keeps its windows."""
    before = resolve_dates(load_deployment(folder))
    assert main(["new", "year", str(folder), "2027-28"]) == 0
    assert "wrote years/2027-28.yml: 36 dates copied from 2026-27, not confirmed." in capsys.readouterr().out
    assert main(["check", str(folder), "--year", "2028"]) == 0
    after = resolve_dates(load_deployment(folder))
    windows = [key for key in before if "survey" in key[1] or "walkthrough" in key[1]]
    assert {key: after[key]["opens_on"] for key in windows} == {key: before[key]["opens_on"] for key in windows}
    assert str(after[2028, "sel_survey_fall"]["opens_on"]) == "2027-10-20"


REFUSED = {
    "something else": (["new", "month", "riverbend", "2027-28"], "nothing to draft called 'month'"),
    "no label": (["new", "year", "riverbend", "2027"], "'2027' is no school year"),
    "a label of two years": (["new", "year", "riverbend", "2027-29"], "'2027-29' is no school year"),
    "a year that is there": (["new", "year", "riverbend", "2026-27"], "there is a years/2026-27.yml already"),
    "a year in between": (["new", "year", "riverbend", "2029-30"], "there is no years/2028-29.yml to draft from"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drafted_is_refused(name, capsys):
    """The message says why, the exit code is 2, nothing is written."""
    words, message = REFUSED[name]
    assert main(words) == 2
    assert message in capsys.readouterr().err


def test_a_year_with_an_error_is_not_copied(folder, capsys):
    """What is wrong is corrected first, and told with its line."""
    path = folder / "years/2026-27.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("2026-09-07, kind", "2026-09-31, kind"), encoding="utf-8")
    assert main(["new", "year", str(folder), "2027-28"]) == 2
    assert "there is no day 2026-09-31" in capsys.readouterr().err


def test_a_draft_that_cannot_stand_says_what_to_correct(folder, capsys):
    """Two days of the last weeks of December fall on one: closed twice, told at once with its line."""
    path = folder / "years/2026-27.yml"
    text = path.read_text(encoding="utf-8")
    old = "- {from: 2026-12-21, to: 2027-01-01, kind: break}"
    assert old in text
    new = "- {date: 2026-12-24, kind: break}\n  - {date: 2026-12-31, kind: break}"
    path.write_text(text.replace(old, new).replace("on_site_days: 178", "on_site_days: 186"), encoding="utf-8")
    assert main(["new", "year", str(folder), "2027-28"]) == 0
    told = capsys.readouterr().out
    assert "2027-12-30 is closed already, in line 8." in told
    assert "correct 1 error; aimline check riverbend" in told
