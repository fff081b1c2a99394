"""The year of schedule.md 4 as a plan, with one thing or another changed in its text."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from aimline.schedule.planner import Plan, obligation_dates
from aimline.schedule.proposal import Asked, Made, made_from
from aimline.schedule.rules import resolvers
from aimline.schedule.template import Owners
from tests.support.declared import year_from

OWNERS = Owners({"sis_attendance": "data_engineer", "survey_vendor": "data_engineer"}, frozenset({"student_sel@2026"}))

YEAR = """\
school_year: {id: 2027, label: 2026-27, first_day: 2026-08-19, last_day: 2027-05-27, week: [mon, tue, wed, thu, fri]}
time_zone: America/Chicago
fiscal_year: {starts: 2026-07-01}
closures:
  - {date: 2026-09-07, kind: holiday}
  - {from: 2026-11-23, to: 2026-11-27, kind: break}
  - {from: 2026-12-21, to: 2027-01-01, kind: break}
  - {date: 2027-01-18, kind: holiday}
  - {from: 2027-03-22, to: 2027-03-26, kind: break}
office_closures: [2026-07-03, 2026-09-07, 2026-11-26, 2026-11-27, 2026-12-24, 2026-12-25, 2026-12-31, 2027-01-01,
  2027-01-18, 2027-02-15, 2027-05-31]
day_kinds: {2026-11-03: off_site, 2027-02-15: make_up_candidate}
budget:
  - {id: preliminary, on: 2027-02-09, at: "18:30"}
windows:
  - id: sel_survey_fall
    instrument: student_sel@2026
    respondents: {student: {grades: 3-12}}
    opens: {nth_school_day: 40}
    length: {school_days: 15}
    extend_if: {closed_days_inside: each, max: 5}
    sources: [survey_vendor]
reviews:
  - {id: mid_year, kind: mid_year, feeds: budget.preliminary, needs: [sel_survey_fall, sis_attendance]}
"""


def made(as_of: str = "2026-07-15", changes: Mapping[str, str] | None = None, **asked: Any) -> Made:
    """Return the plan of the year as of a day, with some pieces of its text replaced.

    Args:
        as_of: The day.
        changes: Pieces of text by what stands there now.
        asked: What else is asked: ``history``, ``done``, ``renews``.
    """
    text = YEAR
    for old, new in (changes or {}).items():
        assert old in text, old
        text = text.replace(old, new, 1)
    loaded = year_from(text)
    assert not loaded.tree.findings, [str(each) for each in loaded.tree.findings]
    (resolver,) = resolvers([loaded], obligation_dates)
    return made_from(resolver, OWNERS, Asked(2027, date.fromisoformat(as_of), **asked))


def planned(as_of: str = "2026-07-15", changes: Mapping[str, str] | None = None) -> Plan:
    """Return the plan itself."""
    return made(as_of, changes).plan


def closed(days: str, declared_on: str) -> dict[str, str]:
    """Return the change that closes days: one date, or ``from … to``."""
    first, _, last = days.partition(" … ")
    line = f"  - {{from: {first}, to: {last or first}, kind: snow, declared_on: {declared_on}}}\n"
    return {"office_closures": f"{line}office_closures"}


def latest(plan: Plan, name: str) -> str:
    """Return the latest days of a step, as ``start … finish``; of a milestone its day."""
    return _words(plan.latest.days[name])


def earliest(plan: Plan, name: str) -> str:
    """Return the earliest days of a step."""
    return _words(plan.earliest.days[name])


def days(plan: Plan, name: str) -> str:
    """Return the planned days of a step."""
    return _words((plan.planned[name].start, plan.planned[name].finish))


def _words(span: tuple[date, date]) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]} … {span[1]}"
