"""Rims of a plan: windows that clash twice over, groups of many, days that are missing or over, circles by short names.

Each rule is shown on the year of schedule.md 4, on the example district, or on openings given by hand.
"""

from dataclasses import replace
from datetime import date

from icalendar import Calendar

from aimline.schedule import obligation_rows
from aimline.schedule.fitting import Movable, Problem, placed
from aimline.schedule.ics import About, calendar_bytes
from aimline.schedule.items import Item
from aimline.schedule.planner import obligation_dates
from aimline.schedule.proposal import listed
from aimline.schedule.rules import resolvers
from aimline.settings import load_deployment
from schemas.decisions import DecisionsFile
from tests.support.agendas import small_plan
from tests.support.declared import year_from
from tests.support.planned import YEAR, days, made

OPENS = "opens: {nth_school_day: 40}"
BLACKOUT = "blackouts: [{id: testing, from: 2027-04-12, to: 2027-04-16}]\nreviews:\n"


def _asked(name, opens):
    asks = "respondents: {student: {grades: 3-12}}"
    return f"  - {{id: {name}, {asks}, opens: {opens}, length: {{school_days: 5}}, sources: [survey_vendor]}}\n"


def test_three_windows_that_are_all_in_each_others_way_are_told_once():
    """Three pairs of one group are three conflicts, each told once, all mended by the same moves."""
    two = "".join(_asked(name, "{nth_school_day: 40}") for name in ("one", "two"))
    found = made(changes={"windows:\n": f"windows:\n{two}"}).conflicts
    pairs = [("one", "two"), ("one", "sel_survey_fall"), ("two", "sel_survey_fall")]
    assert sorted(each.windows for each in found) == sorted(pairs)
    assert len({each.resolved_by for each in found}) == 1


def test_of_more_than_eight_windows_those_that_are_not_needed_are_left_out_first():
    """A window in a blackout is left out before two that share a day, though gaps go before blackouts in a group."""
    clash = _asked("yy", "2026-11-16") + _asked("zz", "2026-11-16")
    for n_others, minimal in ((4, ("blackout(aa,testing)",)), (5, ("min_gap(yy,zz)",))):
        others = "".join(_asked(f"m{number}", f"{{nth_school_day: {80 + 9 * number}}}") for number in range(n_others))
        every = f"windows:\n{_asked('aa', '2027-04-12')}{clash}{others}"
        (told,) = {each.minimal_set for each in made(changes={"windows:\n": every, "reviews:\n": BLACKOUT}).conflicts}
        assert told == minimal


def test_a_pair_of_which_one_window_is_left_out_sets_no_other_free():
    """A part of a problem still names pairs of the whole: those that are in it keep their distance."""
    one, two, gone = (Movable(name, 1, 1, (1, 2), 1, 0, rank) for rank, name in enumerate("abc"))
    crowd, free = frozenset("abc"), frozenset({frozenset("ac"), frozenset("cb")})
    whole = Problem((one, two, gone), (crowd,), free=free)
    assert placed(whole) == {"a": 1, "b": 2, "c": 1}
    part = replace(whole, windows=(one, two))
    assert part.beside == {"a": frozenset("b"), "b": frozenset("a")}
    assert placed(part) == {"a": 1, "b": 2}


def test_what_has_no_day_is_no_entry_of_a_calendar():
    """Everything else of the plan is."""
    plan = small_plan()
    more = replace(plan, items=(*plan.items, Item("someday", "milestone", 2027, {"en": "Some day"})))
    about = About("small", "Small district", "America/New_York")
    events = Calendar.from_ical(calendar_bytes(more, [], about)).walk("VEVENT")
    assert {str(each["uid"]).split(".2027@")[0] for each in events} == {each.id for each in plan.items}


DECISION = {
    "decision_id": "2027_mid_year_01",
    "kind": "strategy_disposition",
    "about": {"strategy_id": "tier2"},
    "disposition": "stop",
    "reason": "completed",
    "what": "End the second round of groups.",
    "why": "Everybody who was asked has taken part.",
    "no_evidence_because": "It was counted by hand.",
    "owner": {"role": "sel_lead"},
    "due_on": "2027-02-26",
    "decided_by": "cabinet",
}
HELD = {"review_id": "2027_mid_year", "evidence": {"release_id": "r20270126-0123456789"}, "held_on": "2027-01-26"}


def test_what_was_stopped_is_due_and_not_looked_at_again():
    """A decision without a day to look at it again has one obligation, one with such a day has two."""
    going = {**DECISION, "decision_id": "2027_mid_year_02", "disposition": "continue", "revisit_on": "2027-05-03"}
    held = DecisionsFile.model_validate({**HELD, "decisions": [DECISION, going]})
    declared = replace(load_deployment("riverbend"), decisions={"2027_mid_year": held})
    rows = [row for row in obligation_rows(declared, {}) if row["kind"].startswith("decision_")]
    assert [(row["obligation_id"], row["due_on"]) for row in rows] == [
        ("2027_mid_year_01.due", date(2027, 2, 26)),
        ("2027_mid_year_02.due", date(2027, 2, 26)),
        ("2027_mid_year_02.revisit", date(2027, 5, 3)),
    ]


def test_a_window_whose_rule_now_opens_it_on_a_day_that_is_over_keeps_its_frozen_days():
    """Nobody can open it last month; a rule that opens it on a day to come moves it."""
    frozen = replace(listed("small", made()), version=1)
    for nth, kept, opens in ((20, ("sel_survey_fall",), "2026-10-14"), (45, (), "2026-10-21")):
        changes = {OPENS: f"opens: {{nth_school_day: {nth}}}"}
        one = made("2026-10-01", changes, history=[frozen], renews=True)
        assert one.kept_openings == kept
        assert days(one.plan, "sel_survey_fall").startswith(opens)


def test_a_circle_that_begins_at_a_windows_name_alone_is_told_at_its_file():
    """The name alone is its last day and no place in the file; who waits for it has no day either."""
    text = YEAR.replace(OPENS, "opens: {school_days: 3, from: round}")
    text = text.replace("windows:\n", f"windows:\n{_asked('round', '{school_days: 1, from: round}')}")
    (resolver,) = resolvers([year_from(text)], obligation_dates)
    assert resolver.reference("sel_survey_fall.opens") is None
    assert [(each.code, each.place, each.message) for each in resolver.findings] == [
        ("rule_cycle", "", "these wait for each other: round → round.closes → round.opens → round."),
    ]
