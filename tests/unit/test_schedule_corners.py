"""Plans that lack something: no lead time, no day for a rule, nobody left to ask, an anchor that is over."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from aimline.errors import CalendarHorizon
from aimline.journal import Event
from aimline.schedule import obligation_rows, owner_findings, schedule_findings
from aimline.schedule.agenda import courses_of, over_before
from aimline.schedule.causes import Causes
from aimline.schedule.cells import shared_cell
from aimline.schedule.fitting import Capacity, Movable, Problem, keeps
from aimline.schedule.forecast import chance_of, records_of
from aimline.schedule.freeze import frozen_year
from aimline.schedule.graph import Edge, Graph, Node
from aimline.schedule.guards import Guards, Known, Roster, waiting_for_arrivals
from aimline.schedule.items import Change, FrozenPlan, Item
from aimline.schedule.people import Nudging, People
from aimline.schedule.planner import obligation_dates, walk_of
from aimline.schedule.proposal import items_of
from aimline.schedule.rules import resolve
from aimline.schedule.school_days import Days, Lists, every_day
from aimline.schedule.windows import OVER, Course, WindowEvent, states_of, was_over
from aimline.settings import load_deployment
from aimline.storage import open_store
from schemas.years import Window
from tests.support.declared import no_sources, year_from
from tests.support.planned import YEAR, days, made, planned

OPENS = "opens: {nth_school_day: 40}"
SCHOOL = Days(tuple(day for day in every_day(date(2026, 8, 19), date(2027, 5, 27)) if day.weekday() < 5))


def test_steps_without_any_time_are_left_out():
    """A district that needs no scoring, preread or reflection has none, and its window leads to the review itself."""
    none = "{scoring_qa: {working_days: 0}, late_accept: {school_days: 0}, cabinet_preread: {working_days: 0}"
    plan = planned(changes={"reviews:\n": f"lead_times: {none}, reflection: {{school_days: 0}}}}\nreviews:\n"})
    assert not {"sel_survey_fall.scoring_qa", "mid_year.cabinet_preread", "mid_year.reflection"} & {*plan.graph.nodes}
    assert {each.before for each in plan.graph.into["mid_year.staff_item"]} == {"mid_year"}
    assert "sel_survey_fall" in {each.before for each in plan.graph.into["mid_year"]}


def test_a_window_whose_rule_gives_no_day_is_not_planned():
    """What follows from it has no day either; everything else has."""
    plan = planned(changes={OPENS: "opens: {nth_school_day: 400}"})
    assert not [name for name in plan.planned if name.startswith("sel_survey_fall")]
    assert days(plan, "mid_year.staff_item") == "2027-01-26"


def test_a_review_whose_rule_gives_no_day_is_not_planned():
    """It has no anchor, and nothing of it is listed."""
    never = "reviews:\n  - {id: late, on: {nth_school_day: 400}, needs: [sel_survey_fall]}\n"
    plan = planned(changes={"reviews:\n": never})
    assert [each.id for each in plan.graph.anchors] == ["mid_year"]
    assert not [item for item in items_of(plan) if item.id.startswith("late")]


def test_a_rule_may_count_from_the_annual_notice():
    """Like any other step, it has a day."""
    plan = planned(changes={OPENS: "opens: {school_days: 35, from: annual_notice}"})
    assert days(plan, "sel_survey_fall").startswith("2026-10-14")


def test_a_window_that_closes_on_a_day_is_extended_on_from_there():
    """Two days were lost inside it, so it closes two school days later than its rule says."""
    fixed = {f"{OPENS}\n    length: {{school_days: 15}}": "opens: 2026-11-16\n    closes: 2026-12-11"}
    snow = "  - {from: 2026-12-02, to: 2026-12-03, kind: snow, declared_on: 2026-12-02}\noffice_closures"
    one = made("2026-12-04", {**fixed, "office_closures": snow})
    assert days(one.plan, "sel_survey_fall") == "2026-11-16 … 2026-12-15"
    assert one.extensions == {"sel_survey_fall": 2}


def test_an_anchor_that_is_over_was_made_and_has_no_chance():
    """Nobody can be late for a meeting of last month."""
    plan = planned("2027-03-01")
    (anchor,) = plan.graph.anchors
    assert plan.reaches(anchor)
    assert chance_of(plan, anchor, "riverbend", records_of([])) is None


def test_each_step_of_each_year_is_recorded_once():
    """Who says again how long a step took has corrected it."""
    told = [{"school_year": 2027, "id": "a.setup", "kind": "setup", "n_units": n} for n in (9, 4)]
    assert records_of([*told, {**told[0], "school_year": 2026}]).units == {"setup": [4, 9]}


def test_a_step_under_way_has_taken_the_days_since_it_began():
    """Four days into its reflection a review is likelier to be late than before it began."""
    begun = {"sel_survey_fall.scoring_qa": (date(2026, 11, 11), date(2026, 12, 31))}
    plan = made("2026-11-20", done=begun).plan
    (anchor,) = plan.graph.anchors
    chance = chance_of(plan, anchor, "riverbend", records_of([]))
    assert chance is not None
    assert 0 <= chance.probability <= 1


def _window(respondents):
    told = {"id": "fall", "opens": "2026-10-14", "length": {"school_days": 5}, "respondents": respondents}
    return Window.model_validate(told)


@pytest.mark.parametrize(
    ("grades", "words"), [(["3"], "student/3/all"), ("3-5", "student/3-5/all"), (None, "student/all/all")]
)
def test_a_cell_names_only_whom_both_ask(grades, words):
    """Staff of one window alone are not in anybody's way."""
    asked = {"student": {"grades": grades} if grades else "all"}
    assert shared_cell(_window({"staff": "all", **asked}), _window(asked)) == words


def _frozen(version, as_of, items, changes=()):
    return FrozenPlan("small", 2027, version, as_of, None, tuple(items), tuple(changes))


FALL = Item("fall", "window", 2027, {}, date(2026, 10, 14), date(2026, 11, 3), date(2026, 11, 3), window_id="fall")


def test_a_version_that_lengthens_an_open_window_extends_it():
    """A later last day of a window that is open is an extension; the same days are none."""
    longer = replace(FALL, closes_on=date(2026, 11, 5), due_on=date(2026, 11, 5))
    history = [_frozen(1, date(2026, 7, 15), [FALL]), _frozen(2, date(2026, 10, 20), [longer])]
    (course,) = courses_of(history[-1], {}, history)
    assert [(each.on, each.version, each.closes_on) for each in course.extensions] == [
        (date(2026, 10, 20), 2, date(2026, 11, 5))
    ]


def test_a_window_that_a_later_version_has_not_was_called_off():
    """On the day of that version, for the cause it gives; without one it was removed."""
    for cause, reason in (("too many surveys", "too many surveys"), (None, "removed from the year")):
        changes = [Change("fall", "due_on", "2026-11-03", None, cause)] if cause else []
        history = [_frozen(1, date(2026, 7, 15), [FALL]), _frozen(2, date(2026, 9, 1), [], changes)]
        (course,) = courses_of(history[-1], {}, history)
        assert (course.cancelled_on, course.reason) == (date(2026, 9, 1), reason)


def test_a_window_that_was_cancelled_stays_so_whatever_else_is_told():
    """Events come in any order and more than once."""
    told = {"school_year": 2027, "window_id": "fall", "from_state": "planned"}
    events = [
        Event("window_transition", "fall", date(2026, 9, 1), f"k{n}", {**told, "to_state": state})
        for n, state in enumerate(("cancelled", "notice_sent", "cancelled"))
    ]
    assert states_of(events)[2027, "fall"].stands == "cancelled"


def _course(**rest):
    day = date(2026, 10, 14)
    return Course(
        2027, "fall", 1, day, date(2026, 11, 3), date(2026, 11, 10), date(2026, 8, 20), owner="research", **rest
    )


def _event(to_state, due_on):
    return WindowEvent(2027, "fall", 1, to_state, due_on)


def test_a_list_may_come_before_the_first_school_day():
    """Three school days before the first of all years cannot be counted; calendar days are."""
    roster = Roster("b1", date(2026, 8, 16), {"0101": {"student": 4}})
    known = Known(district="small", owner="Research", needs_roster=True, rosters=(roster,))
    event = _event("roster_frozen", date(2026, 8, 20))
    judged = Guards(lambda *_: known, SCHOOL).judge(_course(), event, date(2026, 8, 20))
    assert judged.detail["batch_id"] == "b1"


def test_a_notice_without_a_day_to_opt_out_still_gives_families_time():
    """Fourteen calendar days from the notice on the window may open; before, it may not."""
    known = Known(district="small", owner="Research", notice_on=date(2026, 10, 1))
    course = _course(notice_on=date(2026, 9, 30))
    for day, is_refused in ((date(2026, 10, 14), True), (date(2026, 10, 15), False)):
        event = _event("open", course.opens_on)
        assert bool(Guards(lambda *_: known, SCHOOL).judge(course, event, day).refusals) is is_refused


def test_a_year_that_is_not_confirmed_opens_nothing():
    """The refusal says how many dates nobody has looked at, and what to do."""
    known = Known(district="small", owner="Research", unconfirmed="3 dates copied from 2025-26, not confirmed")
    event = _event("open", date(2026, 10, 14))
    (refusal,) = Guards(lambda *_: known, SCHOOL).judge(_course(), event, date(2026, 10, 14)).refusals
    assert refusal.guard == "G1"
    assert "Confirm them in the year file" in refusal.message


def test_what_has_no_day_reminds_nobody_and_days_beyond_the_calendar_are_counted_on():
    """Where neither school days nor working days are known any more, calendar days are counted."""
    short = Days((date(2026, 9, 1), date(2026, 9, 2)))
    nudging = Nudging(People((), ()), short, short, {})
    item = Item("a", "milestone", 2027, {}, owner="research")
    assert list(nudging.of(item)) == []
    told = [each.on for each in nudging.of(replace(item, due_on=date(2026, 8, 30))) if each.action == "remind"]
    assert told[0] == date(2026, 8, 30) - timedelta(days=10)


def test_a_resource_that_is_full_lets_nothing_else_in():
    """Openings that need a person who is taken keep not every rule."""
    window = Movable("a", 1, preferred=1, openings=(1, 2), length=1, gap=0, rank=0)
    free = Capacity("analysts", 1, {("a", 1): frozenset({5}), ("a", 2): frozenset({6})})
    taken = replace(free, taken={5: 1})
    assert keeps(Problem((window,), (), capacities=(free,)), {"a": 1})
    assert not keeps(Problem((window,), (), capacities=(taken,)), {"a": 1})
    assert not keeps(Problem((window,), (), capacities=(free,)), {"a": 9})


def test_analysts_who_hold_a_review_score_nothing_then():
    """A step that belongs to no window takes its part of the resource too."""
    both = "resources: [{id: analysts, capacity: 1, used_by: [scoring_qa, reflection]}]\nreviews:\n"
    late = {OPENS: "opens: {nth_school_day: 80}"}
    one = made(changes={**late, "reviews:\n": both})
    assert one.plan.planned["mid_year.reflection"].start == date(2027, 1, 6)


def test_dates_of_a_year_that_gives_none_are_left_out():
    """Rules without a day are findings, and no entry."""
    year = year_from(YEAR.replace(OPENS, "opens: {nth_school_day: 400}"))
    dates, findings = resolve([year], obligation_dates)
    assert dates[2027, "sel_survey_fall"] == {}
    assert [each.code for each in findings] == ["calendar_horizon"]


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"reviews:\n": "pins: {fall: 2026-11-01}\nreviews:\n"}, "pin fall added"),
        ({OPENS: "opens: {nth_school_day: 41}"}, "sel_survey_fall opens by nth_school_day(41), not nth_school_day(40)"),
        ({OPENS: "opens: 2026-10-15"}, "sel_survey_fall opens by 2026-10-15, not nth_school_day(40)"),
        ({"length: {school_days: 15}": "length: {school_days: 16}"}, "the length of sel_survey_fall changed"),
        (
            {"    extend_if": "    late_accept: {school_days: 2}\n    extend_if"},
            "late_accept of sel_survey_fall changed",
        ),
        ({"  - {date: 2026-09-07, kind: holiday}\n": ""}, "closure 2026-09-07 removed"),
        ({"2026-11-03: off_site": "2026-10-01: half"}, "2026-10-01 is half now"),
        ({"on: 2027-02-09": "on: 2027-02-16"}, "budget.preliminary moved from 2027-02-09 to 2027-02-16"),
        ({"kind: mid_year": "kind: custom"}, "review mid_year changed"),
        ({"reviews:\n": "lead_times: {packet: {calendar_days: 4}}\nreviews:\n"}, "lead time packet changed"),
        ({}, "what it is counted from moved"),
    ],
)
def test_every_change_of_a_year_has_words(changes, cause):
    """Who is told of a new day reads what was changed in the file."""
    text = YEAR
    for old, new in changes.items():
        text = text.replace(old, new, 1)
    item = replace(FALL, id="fall", window_id="sel_survey_fall")
    causes = Causes(year_from(YEAR).shape, year_from(text).shape)
    assert causes.of(item, date(2026, 10, 14), date(2026, 11, 3)) == cause


def test_a_pin_that_is_moved_or_taken_away_is_told():
    """Both are causes of their own."""
    years = [year_from(YEAR.replace("reviews:\n", f"pins: {{fall: {day}}}\nreviews:\n")).shape for day in PINS]
    words = [Causes(old, new).of(FALL, None, None) for old, new in ((years[0], years[1]), (years[0], BARE))]
    assert words == ["pin fall moved", "pin fall removed"]


def test_a_lead_time_is_the_cause_of_its_own_step():
    """The packet is due a day earlier because its lead time is a day longer; of what came or went the file is told."""
    longer = year_from(YEAR.replace("reviews:\n", "lead_times: {packet: {calendar_days: 4}}\nreviews:\n")).shape
    packet = Item("mid_year.packet", "packet", 2027, {}, due_on=date(2027, 2, 5))
    assert Causes(BARE, longer).of(packet, None, None) == "lead time packet changed"
    assert Causes(None, longer).of(packet, None, None) == "the year file changed"
    assert Causes(BARE, longer).of_item(packet, is_new=True) == "mid_year.packet was added to the year file"


PINS, BARE = (date(2026, 11, 1), date(2026, 11, 2)), year_from(YEAR).shape


def test_steps_of_a_plan_that_nobody_owns_are_told_where_they_stand():
    """A milestone at its activity in the plan; what stands in no file at the head of its year; an unknown role so."""
    declared = load_deployment("riverbend")
    activity = declared.plans[2027].goals[0].strategies[0].activities[0]
    lost = [
        Item(name, "activity", 2027, {}, due_on=date(2027, 3, 1), owner="ghost") for name in (activity.activity_id, "x")
    ]
    found = owner_findings(declared, [_frozen(1, date(2026, 7, 15), lost)])
    places = [each.place for each in found if each.code == "orphan"]
    assert places == ["goals[0].strategies[0].activities[0]", "school_year"]
    assert all(
        each.remedy.startswith("Declare role 'ghost' in district.yml") for each in found if each.code == "orphan"
    )


def test_a_set_up_before_all_known_days_is_told_at_its_lead_time():
    """Nobody can begin in a year that is not declared."""
    long = "lead_times: {setup: {working_days: 90}}\nreviews:\n"
    with pytest.raises(CalendarHorizon, match="2025-26"):
        made(changes={"reviews:\n": long, OPENS: "opens: {nth_school_day: 8}"})


def test_what_counts_from_a_review_without_a_day_has_none():
    """Nor has a window that waits for its own end a day to open."""
    never = "reviews:\n  - {id: late, on: {nth_school_day: 400}}\n"
    text = YEAR.replace("reviews:\n", never).replace(OPENS, "opens: {school_days: 1, from: late.reflection}")
    assert resolve([year_from(text)], obligation_dates)[0][2027, "sel_survey_fall"] == {}
    found = schedule_findings([year_from(YEAR.replace("reviews:\n", never))], no_sources())
    assert [each.code for each in found if each.severity == "error"] == ["calendar_horizon"]


def test_a_window_that_waits_for_itself_is_told():
    """Its name alone is its last day."""
    _, found = resolve(
        [year_from(YEAR.replace(OPENS, "opens: {school_days: 3, from: sel_survey_fall}"))], obligation_dates
    )
    assert "rule_cycle" in {each.code for each in found}


def test_obligations_of_a_year_without_dates_are_its_meetings_and_plan_steps():
    """What no rule gives a day is not due."""
    declared = load_deployment("riverbend")
    kinds = {row["kind"] for row in obligation_rows(declared, {})}
    assert not {"window", "review_packet"} & kinds
    assert {"board_meeting", "milestone"} <= kinds


def test_a_year_file_that_is_not_kept_is_not_known(tmp_path):
    """Versions of an older state root have their dates all the same."""
    assert frozen_year(open_store(tmp_path), _frozen(1, date(2026, 7, 15), [])) is None


def test_a_step_that_is_reached_on_two_ways_is_one():
    """Everything before the end of a diamond, each once."""
    nodes = [Node(name, "packet") for name in "abcd"]
    ways = [Edge(one, other) for one, other in ("ab", "ac", "bd", "cd")]
    assert Graph(nodes, ways).feeding("d") == frozenset("abcd")


def test_a_window_without_a_list_is_frozen_as_it_is():
    """Where no source says who is asked, there is nothing to wait for."""
    known = Known(district="small", owner="Research")
    event = _event("roster_frozen", date(2026, 8, 20))
    judged = Guards(lambda *_: known, SCHOOL).judge(_course(), event, date(2026, 8, 20))
    assert (judged.refusals, set(judged.detail)) == ((), {"roster_id"})


def test_a_window_opens_only_after_its_notice_was_recorded():
    """Without one it names the law and what to do, whatever the journal says of its state."""
    known = Known(district="small", owner="Research", notice_owner="Privacy officer")
    event = _event("open", date(2026, 10, 14))
    course = _course(notice_on=date(2026, 9, 30))
    (refusal,) = Guards(lambda *_: known, SCHOOL).judge(course, event, date(2026, 10, 14)).refusals
    assert refusal.guard == "G2"
    assert "PPRA, 20 U.S.C. 1232h" in refusal.message


def test_before_tonights_deliveries_are_in_nothing_is_sealed():
    """Any other step may be made; one that is refused keeps its reason."""
    sealed = waiting_for_arrivals(_event("sealed", date(2026, 11, 11)))
    assert [each.guard for each in sealed.refusals] == ["settled"]
    assert waiting_for_arrivals(sealed) == sealed
    assert waiting_for_arrivals(_event("closed", date(2026, 11, 4))).refusals == ()


def test_windows_that_were_over_before_anybody_looked_pass_as_planned():
    """They are marked, since nobody closed or sealed them then."""
    course = _course()
    assert over_before([course], date(2027, 1, 1)) == {course.key}
    assert over_before([course], date(2026, 11, 10)) == frozenset()
    assert was_over(_event("sealed", date(2026, 11, 11))).detail == {OVER: True}


def test_a_window_that_is_moved_before_it_opens_is_not_extended():
    """Only an open window is."""
    longer = replace(FALL, closes_on=date(2026, 11, 5), due_on=date(2026, 11, 5))
    history = [_frozen(1, date(2026, 7, 15), [FALL]), _frozen(2, date(2026, 9, 1), [longer])]
    (course,) = courses_of(history[-1], {}, history)
    assert course.extensions == ()


@pytest.mark.parametrize("roll", ["next_school_day", "next_working_day", "previous_school_day", "previous_working_day"])
def test_a_lag_leads_forward_to_the_first_day_that_leads_back(roll):
    """The earliest day after a lag is the first from which the lag, rolled, does not lead back to before."""
    off = {date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30)}
    working = Days(tuple(day for day in SCHOOL.days if day not in off))
    school = Days(tuple(day for day in working.days if day.weekday() and day != date(2026, 11, 25)))
    walk = walk_of(Lists(school, working))
    for n in (1, 3, 4, 14):
        edge = Edge("a", "b", "lag", n, "calendar_days", roll)
        for finish in every_day(date(2026, 11, 16), date(2026, 12, 8)):
            begins = (day for day in working.days if day >= date(2026, 9, 15))
            first = next(day for day in begins if walk.lists.roll(day - timedelta(days=n), roll) >= finish)
            assert walk.earliest(Node("b", "report"), edge, finish) == first, (n, finish)


def test_no_days_are_walked_where_none_are_known():
    """A list without days has none before it either."""
    assert walk_of(Lists(Days(()), SCHOOL)).ago.school.days == ()
