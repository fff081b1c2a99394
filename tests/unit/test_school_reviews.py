"""A review that every school holds for itself: dates, people, packet, decisions. Source: reviews.md 3.1, 4, 8."""

import json
from datetime import date

import pytest
from icalendar import Calendar

from aimline.cli import main
from aimline.commands._declaring import facts_of
from aimline.commands._schools import CHANGED
from aimline.commands.calendar import calendar
from aimline.commands.reviews import freeze_reviews, planned_reviews
from aimline.commands.schedule import check
from aimline.journal import Event
from aimline.ledger.reviews import frozen_figures, frozen_reviews
from aimline.schedule import obligation_rows, resolve_dates
from aimline.settings import load_deployment
from tests.support.declared import changed_copy
from tests.support.reviewed import night_of, put_release, snapshot_of_release

YEAR = "years/2026-27.yml"
PACKET = date(2026, 10, 9)
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


def test_every_school_has_a_packet_on_its_own_day(district):
    """The evidence of a school's review is frozen on the first of its own school days of reflection."""
    context = night_of(district, district / "state", PACKET)
    found = planned_reviews(context, resolve_dates(context.deployment))
    mine = {each.review_id: each for each in found if each.review_id.startswith("2027_q1.")}
    assert len(mine) == 12
    assert mine["2027_q1.0104"].packet_on < mine["2027_q1.0101"].packet_on
    assert mine["2027_q1.0104"].school_id == "0104"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Published tables of one release."""
    return snapshot_of_release(tmp_path_factory.mktemp("release"))


@pytest.fixture
def frozen(district, snapshot, tmp_path):
    """The district on the day of the packets, with the reviews of all schools frozen."""
    context = night_of(district, tmp_path / "state", PACKET)
    put_release(context, snapshot, PACKET)
    report = freeze_reviews(context)
    return context, report


def test_every_school_is_frozen_with_its_own_figures(frozen):
    """A school's packet has its figures and the district's, as its own readers saw them, and no other school's."""
    context, report = frozen
    assert len(report.frozen) == 12
    found = frozen_reviews(context.journal)
    rows = frozen_figures(context.store, found["2027_q1.0104"])
    assert {(row["unit_type"], row["unit_id"]) for row in rows if row["unit_type"] == "school"} == {("school", "0104")}
    assert {row["reader_unit_id"] for row in rows} == {"0104"}
    assert freeze_reviews(context).frozen == report.frozen
    assert len(context.journal.events("review_frozen")) == 12


def test_one_school_can_be_frozen_alone(district, snapshot, tmp_path):
    """A short id with its school names one review; without it, those of all schools."""
    context = night_of(district, tmp_path / "state", PACKET)
    put_release(context, snapshot, PACKET)
    assert freeze_reviews(context, only="q1.0104").frozen == ("2027_q1.0104",)
    assert len(freeze_reviews(context, only="q1").frozen) == 12


def _decide(district, frozen, *words):
    context, _ = frozen
    rows = frozen_figures(context.store, frozen_reviews(context.journal)["2027_q1.0104"])
    pin = next(row["figure_id"] for row in rows if not row["is_suppressed"])
    told = ("--what", "Give every class a fixed hour.", "--why", "Lessons fell out where they had no hour.")
    dates = ("--due", "2026-11-26", "--revisit", "2027-01-20", "--evidence", pin, "--owner", "data_lead:0104")
    given = ("--state", str(context.store.root), "--as-of", "2026-10-19", "--about", "process:hours")
    return main(["decide", str(district), "q1.0104", *given, *told, *dates, *words])


def test_a_school_decides_on_its_own_packet(district, frozen, capsys):
    """Its principal decides what is the school's, in a file of its own, which the next look understands."""
    assert _decide(district, frozen, "--kind", "school_plan") == 0
    assert "2027_q1.0104_01 saved" in capsys.readouterr().out
    (decision,) = load_deployment(district).decisions["2027_q1.0104"].decisions
    assert decision.decided_by == "principal:0104"
    items = _items(district, capsys)
    assert items["q1.0104_01.due"]["due_on"] == "2026-11-26"


def test_another_principal_may_not_decide_for_a_school(district, frozen, capsys):
    """The right is that of the school's own principal."""
    assert _decide(district, frozen, "--kind", "school_plan", "--by", "principal:0101") == 2
    assert "Set decided_by: principal:0104 or status: proposed." in capsys.readouterr().err


def test_a_school_that_is_not_there_has_no_review(district, frozen, capsys):
    """A school of no cluster is a mistake of the caller; the nearest name is offered."""
    context, _ = frozen
    assert main(["decide", str(district), "q1.0199", "--state", str(context.store.root), "--as-of", "2026-10-19"]) == 2
    assert "no review 'q1.0199' in riverbend" in capsys.readouterr().err


def test_a_district_without_schools_is_told(district, capsys):
    """Who names no school learns that the review is listed once."""
    path = district / "district.yml"
    path.write_text(path.read_text(encoding="utf-8").partition("clusters:")[0], encoding="utf-8")
    check(str(district), state=str(district / "none"))
    assert "each school holds it, and district.yml names no school" in capsys.readouterr().out
    assert _items(district, capsys)["q1"]["owner"] == "principal:*"


@pytest.fixture
def merged(district, tmp_path):
    """A state root in which school 0104 was merged into 0101 as the year was activated, with an event of it."""
    context = night_of(district, tmp_path / "state", date(2026, 9, 1))
    payload = {"school_year": 2027, "school_id": "0104", "event": "merge", "on": date(2026, 8, 10)}
    payload |= {"to_id": "0101", "share": 1.0}
    context.journal.append([Event(CHANGED, "0104", date(2026, 8, 15), "c", payload, "r")], at=context.clock.instant())
    context.journal.close()
    return str(context.store.root)


def _calendar(district, capsys, state, *words):
    assert main(["calendar", str(district), "--state", state, "--json", *words]) == 0
    return {each["id"]: each for each in json.loads(capsys.readouterr().out)["items"]}


def test_a_merged_school_holds_no_review(district, merged, capsys):
    """From the day the merger was applied, calendar and plan leave its review out; before it, it is there."""
    before = _calendar(district, capsys, merged, "--as-of", "2026-08-14")
    after = _calendar(district, capsys, merged, "--as-of", "2026-08-15")
    assert {name.split(".")[1] for name in before.keys() - after.keys()} == {"0104"}
    main(["plan", str(district), "--state", merged, "--as-of", "2026-09-01", "--json"])
    planned = {each["id"] for each in json.loads(capsys.readouterr().out)["items"]}
    assert "q1.0101" in planned
    assert "q1.0104" not in planned


def test_work_of_a_merged_school_is_its_heirs_in_the_calendar(district, merged, capsys):
    """A review that the principal of the merged school leads is led by the one who took over."""
    path = district / YEAR
    text = path.read_text(encoding="utf-8")
    own = '  - {id: arts, kind: custom, on: 2026-11-18, chair: "principal:0104"}\n'
    path.write_text(text.replace("reviews:\n", f"reviews:\n{own}", 1), encoding="utf-8")
    assert _calendar(district, capsys, merged, "--as-of", "2026-09-01")["arts"]["owner"] == "principal:0101"


def test_frozen_days_follow_a_merger(district, merged, capsysbinary):
    """A version frozen before stands without the merged school's review; people's calendars see it called off."""
    path = district / YEAR  # roles that have people: nothing is frozen that nobody answers for
    text = path.read_text(encoding="utf-8").replace('"principal:*"', "sel_lead").replace('"data_lead:*"', "research")
    path.write_text(text, encoding="utf-8")
    words = ("--state", merged, "--as-of", "2026-08-01")
    assert main(["plan", str(district), *words, "--freeze", "--by", "p_014", "--reason", "agreed"]) == 0
    capsysbinary.readouterr()
    assert main(["calendar", str(district), "--state", merged, "--as-of", "2026-09-01", "--format", "ics"]) == 0
    events = Calendar.from_ical(capsysbinary.readouterr().out).walk("VEVENT")
    off = {str(each["uid"]).split(".")[1] for each in events if each["status"] == "CANCELLED"}
    assert off == {"0104"}


def test_a_night_lands_nothing_of_a_merged_school(district, merged):
    """Neither its review nor the days of it become rows; those of the others do."""
    context = night_of(district, merged, date(2026, 9, 1))
    rows = facts_of(context).rows
    held = {row["review_id"] for row in rows["declared_reviews"].rows if row["review_id"].startswith("2027_q1.")}
    assert len(held) == 11
    assert not [row for row in rows["declared_obligations"].rows if row["obligation_id"].startswith("2027_q1.0104")]
    assert len([each for each in planned_reviews(context, resolve_dates(context.deployment)) if each.school_id]) == 11
