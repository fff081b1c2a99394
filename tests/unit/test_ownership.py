"""No open obligation without an active owner: what ``check`` says of items nobody answers for, and of who leaves."""

import json

import pytest

from aimline.cli import main
from tests.support.declared import changed_copy

PLAN = "plans/2026-27.yml"
RESEARCH = "role: research, active_from: 2023-07-01"
LEAD = "role: sel_lead, active_from: 2024-07-01"


def findings(folder, capsys):
    """What check says of a folder, by code."""
    main(["check", str(folder), "--format", "json"])
    return [(each["code"], each["message"]) for each in json.loads(capsys.readouterr().out)["findings"]]


@pytest.fixture
def both_leave(tmp_path):
    """Riverbend, whose SEL lead and researcher, deputies of each other, leave before the last step of the year."""
    folder = changed_copy(tmp_path, PLAN, RESEARCH, f"{RESEARCH}, active_to: 2027-05-25")
    text = (folder / PLAN).read_text(encoding="utf-8")
    (folder / PLAN).write_text(text.replace(LEAD, f"{LEAD}, active_to: 2027-05-25"), encoding="utf-8")
    return folder


def test_what_nobody_answers_for_is_an_error(both_leave, capsys):
    """Role, deputy and the role above have nobody on the day: the item is named with its role."""
    found = findings(both_leave, capsys)
    assert [message for code, message in found if code == "orphan"] == [
        "nobody who is active on 2027-06-09 answers for end_of_year.close (research)."
    ]


def test_who_leaves_hands_over_to_the_deputy(tmp_path, capsys):
    """While the deputy is there nothing is orphaned; who takes over what is listed."""
    found = findings(changed_copy(tmp_path, PLAN, RESEARCH, f"{RESEARCH}, active_to: 2027-05-25"), capsys)
    assert found == [("handed_over", "p_022 leaves research on 2027-05-25; handed over: end_of_year.close to p_014.")]


def test_everybody_is_there_in_riverbend(capsys):
    """The example district has an owner for all it plans."""
    assert findings("riverbend", capsys) == []


def test_one_place_is_told_once(tmp_path, capsys):
    """Of a window nobody owns, the first item is told and how many follow."""
    folder = changed_copy(tmp_path, PLAN, "  - {person: p_022, role: research, active_from: 2023-07-01}\n", "")
    district = folder / "district.yml"
    text = district.read_text(encoding="utf-8")
    line = "label: {en: Research and evaluation}, deputy: sel_lead, escalates_to: superintendent"
    district.write_text(text.replace(line, "label: {en: Research and evaluation}"), encoding="utf-8")
    plan = folder / PLAN
    plan.write_text(plan.read_text(encoding="utf-8").replace("deputy: p_022", "deputy: p_031"), encoding="utf-8")
    orphaned = [message for code, message in findings(folder, capsys) if code == "orphan"]
    (fall,) = [each for each in orphaned if "sel_survey_fall" in each]
    assert "(research), nor for " in fall
