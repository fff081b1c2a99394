"""Who answers for what, when people are reminded, who hears when something is late."""

from datetime import date

import pytest

from aimline.schedule.people import Nudging, People, anchors_of, handed_over, orphans
from tests.support.agendas import PEOPLE, ROLES, SCHOOL, WORKING, item, small_plan

FOLK = People(ROLES, PEOPLE)


def nudges(one, anchors=None):
    """Every day on which somebody hears of an item: day, what, whom."""
    found = Nudging(FOLK, SCHOOL, WORKING, anchors or {}).of(one)
    return [(each.on.isoformat(), each.action, each.roles) for each in found]


@pytest.mark.parametrize(
    ("role", "on", "person", "held_as"),
    [
        ("research", date(2026, 12, 31), "p_research", "research"),
        ("research", date(2027, 1, 1), "p_lead", "sel_lead"),
        ("principal:0104", date(2027, 1, 1), "p_data", "data_lead:0104"),
        ("principal:0105", date(2027, 1, 1), None, None),
        ("privacy_officer", date(2027, 1, 1), None, None),
    ],
)
def test_a_role_is_its_person_else_the_deputy_else_the_one_above(role, on, person, held_as):
    """The day decides; a role of a school has the deputy of that school."""
    found = FOLK.owner(role, on)
    assert (found.person, found.held_as, found.is_orphan) == (person, held_as, person is None)


def test_the_role_above_answers_when_neither_owner_nor_deputy_is_there():
    """Nobody is sel_lead or research before they began; the superintendent was there."""
    early = People(ROLES, [each for each in PEOPLE if each.role == "superintendent"])
    assert early.owner("sel_lead", date(2026, 9, 1)).person == "p_super"


def test_a_body_is_no_orphan():
    """A body decides, and no single person has to be found."""
    assert not FOLK.owner("cabinet", date(2026, 9, 1)).is_orphan


def test_a_year_may_say_when_people_are_reminded():
    """By kind: one that is named has its own days, or none at all; all others keep the usual ones."""
    declared = {"packet": (15, 2), "report": ()}
    told = Nudging(FOLK, SCHOOL, WORKING, {}, declared)
    days = {
        kind: [
            each.on for each in told.of(item("x", kind, date(2026, 12, 4), owner="research")) if each.action == "remind"
        ]
        for kind in ("packet", "report", "notice")
    }
    assert days["packet"] == [date(2026, 11, 6), date(2026, 12, 2)]
    assert days["report"] == []
    assert len(days["notice"]) == 4


def test_what_nobody_owns_is_found():
    """An item whose role, deputy and role above have nobody active is named; one without an owner is not."""
    found = orphans(small_plan(item("free", "term_end", date(2026, 10, 1))).items, FOLK)
    assert [each.id for each in found] == ["fall.notice"]


def test_who_leaves_hands_over_what_is_due_later():
    """The items of the role after the last day are listed, those before are not."""
    late = item("later", "packet", date(2027, 3, 1), owner="research")
    assert [each.id for each in handed_over(small_plan(late).items, FOLK, PEOPLE[1])] == ["later"]


def test_reminders_come_ten_five_one_and_no_school_days_before():
    """The break in November has no school days: ten before 4 December is 13 November."""
    found = nudges(item("x", "packet", date(2026, 12, 4), owner="privacy_officer"))
    days = [day for day, action, _ in found if action == "remind"]
    assert days == ["2026-11-13", "2026-11-20", "2026-12-03", "2026-12-04"]


def test_no_message_comes_on_a_day_without_work():
    """What is due on a Saturday is told on Friday, once."""
    found = nudges(item("x", "packet", date(2026, 12, 5), owner="privacy_officer"))
    assert [day for day, action, _ in found if action == "remind"][-1] == "2026-12-04"
    assert len({day for day, _, _ in found}) == len(found)


def test_the_nearer_the_anchor_the_more_people_hear():
    """More than ten days: the owner; ten: the deputy too; three: the role above too."""
    packet = item("x", "packet", date(2027, 2, 5), owner="sel_lead")
    told = {day: roles for day, action, roles in nudges(packet, {"x": date(2027, 2, 9)}) if action == "remind"}
    assert told["2027-01-22"] == ("sel_lead",)
    assert told["2027-02-04"] == ("sel_lead", "research")
    told = {day: roles for day, action, roles in nudges(packet, {"x": date(2027, 2, 8)}) if action == "remind"}
    assert told["2027-02-05"] == ("sel_lead", "research", "superintendent")


def test_overdue_reaches_the_deputy_then_the_role_above():
    """One school day late the deputy hears, three school days late the role above."""
    found = nudges(item("x", "packet", date(2026, 11, 19), owner="sel_lead"))
    levels = [(day, roles) for day, action, roles in found if action == "escalate"]
    assert levels == [("2026-11-20", ("research",)), ("2026-12-01", ("superintendent",))]


def test_after_the_anchor_the_lead_hears_and_the_product_is_provisional():
    """The day after the meeting at the latest somebody says that what was shown is provisional."""
    one = item("x", "packet", date(2027, 2, 5), owner="research")
    found = list(Nudging(FOLK, SCHOOL, WORKING, {"x": date(2027, 2, 9)}).of(one))
    (last,) = [each for each in found if each.is_provisional]
    assert (last.on, last.roles) == (date(2027, 2, 10), ("sel_lead",))


def test_the_anchor_of_an_item_is_the_first_it_feeds():
    """Through whatever depends on it; what feeds no meeting has none."""
    later = item("board.2027-03-09", "board_meeting", date(2027, 3, 9), depends_on=("mid.packet",))
    found = anchors_of(small_plan(later).items)
    assert found["fall.notice"] == found["mid.packet"] == date(2027, 2, 9)
    assert "fall.report_schools" not in found
