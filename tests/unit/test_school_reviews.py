"""A review that every school holds for itself: its dates, its people, its items. Source: reviews.md 3.1."""

import json
from datetime import date

import pytest

from aimline.commands.calendar import calendar
from aimline.commands.reviews import planned_reviews
from aimline.commands.schedule import check
from aimline.schedule import obligation_rows, resolve_dates
from aimline.settings import load_deployment
from tests.support.declared import changed_copy

YEAR = "years/2026-27.yml"
REVIEW = (
    "reviews:\n  - {id: q1, kind: quarterly, scope: each_school, on: {term_end: quarter.1},"
    ' chair: "principal:*", scribe: "data_lead:*"}\n'
)


@pytest.fixture
def district(tmp_path):
    """Riverbend with a review of each school; school 0104 has one day less before it."""
    folder = changed_copy(tmp_path, YEAR, "reviews:\n", REVIEW)
    path = folder / YEAR
    closed = 'overrides:\n  - {schools: ["0104"], closed: [2026-10-14]}\n'
    path.write_text(path.read_text(encoding="utf-8").replace("overrides:\n", closed, 1), encoding="utf-8")
    return folder


def _items(folder, capsys, **wanted):
    calendar(str(folder), 2027, as_json=True, as_of=date(2026, 7, 15), state=str(folder / "none"), **wanted)
    return {each["id"]: each for each in json.loads(capsys.readouterr().out)["items"]}


def test_each_school_has_its_review_with_its_own_people(district, capsys):
    """Twelve schools hold it, each led by its principal and written down by its data lead."""
    items = _items(district, capsys)
    assert sum(name.startswith("q1.") and name.count(".") == 1 for name in items) == 12
    assert (items["q1.0104"]["owner"], items["q1.0104.close"]["owner"]) == ("principal:0104", "data_lead:0104")
    assert items["q1.0104.decisions"]["rule"] == "school_days(3, q1.0104.on)"


def test_each_school_counts_its_own_school_days(district, capsys):
    """A school that was closed on a day has its packet a day earlier; the meeting is on one day."""
    items = _items(district, capsys)
    days = {school: items[f"q1.{school}.reflection"]["opens_on"] for school in ("0101", "0104")}
    assert items["q1.0101"]["due_on"] == items["q1.0104"]["due_on"]
    assert days["0104"] < days["0101"]


def test_a_school_is_shown_its_own_review_alone(district, capsys):
    """Reviews of other schools are not its concern."""
    names = {name for name in _items(district, capsys, school="0104") if name.startswith("q1.")}
    assert names == {"q1.0104", "q1.0104.reflection", "q1.0104.decisions", "q1.0104.close"}


def test_obligations_name_the_review_of_the_school(district):
    """Rows carry year, review and school, and the days of the school."""
    declared = load_deployment(district)
    rows = {row["obligation_id"]: row for row in obligation_rows(declared, resolve_dates(declared))}
    mine, other = (rows[f"2027_q1.{school}.packet"] for school in ("0104", "0101"))
    assert (mine["review_id"], mine["owner_role"]) == ("2027_q1.0104", "principal:0104")
    assert mine["due_on"] < other["due_on"]


def test_a_review_of_each_school_has_no_packet(district):
    """Only reviews of the district freeze evidence."""
    declared = load_deployment(district)
    found = planned_reviews(type("Run", (), {"deployment": declared}), resolve_dates(declared))  # type: ignore[arg-type]
    assert not [each for each in found if "q1" in each.review_id]


def test_a_district_without_schools_is_told(district, capsys):
    """Who names no school learns that the review is listed once."""
    path = district / "district.yml"
    path.write_text(path.read_text(encoding="utf-8").partition("clusters:")[0], encoding="utf-8")
    check(str(district), state=str(district / "none"))
    assert "each school holds it, and district.yml names no school" in capsys.readouterr().out
    assert _items(district, capsys)["q1"]["owner"] == "principal:*"
