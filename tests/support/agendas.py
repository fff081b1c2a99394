"""A small year to ask what is due of: a window with its chain, a board meeting it feeds, people, days of school."""

from datetime import date
from typing import Any

from aimline.schedule.due import Agenda
from aimline.schedule.items import FrozenPlan, Item
from aimline.schedule.people import People
from aimline.schedule.school_days import Days, every_day
from aimline.schedule.windows import Course
from schemas.district import Role
from schemas.plan import Person

BREAK = set(every_day(date(2026, 11, 23), date(2026, 11, 27)))
WEEKDAYS = tuple(day for day in every_day(date(2026, 7, 1), date(2027, 6, 30)) if day.weekday() < 5)
SCHOOL = Days(tuple(day for day in WEEKDAYS if date(2026, 8, 19) <= day <= date(2027, 5, 27) and day not in BREAK))
WORKING = Days(WEEKDAYS, "working day")

ROLES = (
    Role(role="sel_lead", deputy="research", escalates_to="superintendent"),
    Role(role="research", deputy="sel_lead", escalates_to="superintendent"),
    Role(role="privacy_officer"),
    Role(role="superintendent"),
    Role(role="principal:*", deputy="data_lead:*", escalates_to="principal_supervisor"),
    Role(role="cabinet", body=True),
)
PEOPLE = (
    Person(person="p_lead", role="sel_lead", active_from=date(2024, 7, 1)),
    Person(person="p_research", role="research", active_from=date(2024, 7, 1), active_to=date(2026, 12, 31)),
    Person(person="p_super", role="superintendent", active_from=date(2024, 7, 1)),
    Person(person="p_data", role="data_lead:0104", active_from=date(2024, 7, 1)),
)


def item(name: str, kind: str, due_on: date, **rest: Any) -> Item:
    """Return an item of the small year."""
    return Item(name, kind, 2027, {"en": name.replace("_", " ")}, due_on=due_on, frozen_version=1, **rest)


def small_plan(*more: Item) -> FrozenPlan:
    """Return the plan of the small year, with further items."""
    fall = {"window_id": "fall", "owner": "research"}
    opens, closes = date(2026, 10, 14), date(2026, 11, 3)
    items = (
        item("fall.notice", "notice", date(2026, 9, 23), window_id="fall", owner="privacy_officer"),
        item("fall.roster_freeze", "roster_freeze", date(2026, 9, 23), **fall),
        item("fall", "window", closes, opens_on=opens, closes_on=closes, depends_on=("fall.notice",), **fall),
        item("fall.scoring_qa", "scoring_qa", date(2026, 11, 12), depends_on=("fall",), **fall),
        item("fall.report_schools", "report", date(2026, 11, 19), depends_on=("fall.scoring_qa",), **fall),
        item("mid.packet", "packet", date(2027, 2, 5), owner="sel_lead", depends_on=("fall.scoring_qa",)),
        item("budget.preliminary", "budget_event", date(2027, 2, 9), depends_on=("mid.packet",), at="18:30"),
        *more,
    )
    return FrozenPlan("small", 2027, 1, date(2026, 7, 15), None, items)


def small_agenda(*more: Item) -> Agenda:
    """Return everything that is dated in the small year."""
    fall = Course(
        school_year=2027,
        window_id="fall",
        version=1,
        opens_on=date(2026, 10, 14),
        closes_on=date(2026, 11, 3),
        late_until_on=date(2026, 11, 10),
        freeze_on=date(2026, 9, 23),
        notice_on=date(2026, 9, 23),
        owner="research",
    )
    people = People(ROLES, PEOPLE)
    return Agenda((small_plan(*more),), (fall,), (), (("survey_vendor", "research"),), SCHOOL, WORKING, people)
