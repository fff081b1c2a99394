"""Versions of a plan: written once, read back whole, each change with its cause, each owner told."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from aimline.schedule.binding import bindings
from aimline.schedule.causes import Causes
from aimline.schedule.freeze import (
    Freezing,
    affected,
    changes_between,
    current,
    drift,
    history,
    message,
    next_version,
    numbered,
    plan_bytes,
    read_plan,
    version_key,
)
from aimline.schedule.people import People
from aimline.schedule.proposal import listed
from aimline.storage import open_store
from schemas.district import Role
from schemas.plan import Person
from tests.support.planned import closed, days, made

BY = Freezing("p_014", "First version", datetime(2026, 7, 15, 9, 30, tzinfo=UTC), "0" * 64)
AT_LATEST = {"opens: {nth_school_day: 40}": "opens: {nth_school_day: 63}"}
SNOW = closed("2026-09-21", "2026-09-18")


def version(changes=None, before=(), as_of="2026-07-15"):
    """Freeze the year as the next version."""
    proposed = made(as_of, changes, history=before, renews=bool(before))
    told = listed("small", proposed)
    year = made(as_of, {}).plan.setting.resolver.year
    causes = Causes(year, proposed.plan.setting.resolver.year)
    return next_version(before, told, changes_between(before[-1] if before else None, told.items, causes), BY)


@pytest.fixture(scope="module")
def first():
    """The first version."""
    return version()


@pytest.fixture(scope="module")
def second(first):
    """The second version, after a day in September was closed."""
    return version(SNOW, [first], "2026-09-19")


def test_a_version_is_read_back_whole(first):
    """The bytes of the file hold everything, and writing it again gives the same bytes."""
    assert read_plan(plan_bytes(first)) == first
    assert plan_bytes(read_plan(plan_bytes(first))) == plan_bytes(first)


def test_the_file_has_the_keys_of_the_contract(first):
    """In their order."""
    import json

    keys = ["deployment", "school_year", "version", "as_of", "frozen_at", "frozen_by", "reason", "inputs_sha256"]
    assert list(json.loads(plan_bytes(first))) == [*keys, "items", "changes", "notify"]


def test_the_newest_version_up_to_a_day_holds(tmp_path, first, second):
    """Before the first there is none; what is written is never replaced."""
    store = open_store(tmp_path)
    for plan in (first, second):
        assert store.put_if_absent(version_key(2027, plan.version), plan_bytes(plan))
    assert not store.put_if_absent(version_key(2027, 2), b"{}")
    assert [plan.version for plan in history(store, 2027)] == [1, 2]
    assert current(store, 2027, date(2026, 9, 18)) == first
    assert current(store, 2027, date(2026, 7, 14)) is None


def test_each_change_has_old_and_new_day_and_its_cause(second):
    """The 40th school day moved by one, because a day before it was closed."""
    (opens,) = [each for each in second.changes if (each.id, each.field) == ("sel_survey_fall", "opens_on")]
    assert (opens.old, opens.new, opens.cause) == ("2026-10-14", "2026-10-15", "closure 2026-09-21 added")


def test_an_item_keeps_the_number_of_the_version_that_gave_it_its_dates(second):
    """The window moved in the second, the board did not."""
    numbers = {item.id: item.frozen_version for item in second.items}
    assert (numbers["sel_survey_fall"], numbers["budget.preliminary"]) == (2, 1)
    assert {item.frozen_version for item in numbered(second, made().plan and listed("small", made()).items)} == {1, 2}


def test_owners_and_deputies_of_what_changed_are_told(first, second):
    """Once each, with slack before and after; who has nothing that changed hears nothing."""
    roles = [Role(role="data_engineer", deputy="research"), Role(role="research"), Role(role="sel_lead")]
    held = [Person(person=f"p_{r.role}", role=r.role, active_from=date(2024, 7, 1)) for r in roles]
    hearing = affected(second, first, People(roles, held))
    assert sorted(hearing) == ["p_data_engineer", "p_research"]
    text = message(second, first, hearing["p_research"])
    assert "- sel_survey_fall opens_on: 2026-10-14 → 2026-10-15 (closure 2026-09-21 added)" in text
    assert "slack 23 school days before, 22 school days now" in text


def test_rules_that_give_other_days_are_found(first, second):
    """One finding an item, with both days, the cause, and what to do."""
    (found,) = [
        each
        for each in drift(first, second.changes, {"sel_survey_fall": ("y.yml", 19, 5)})
        if each.place == "sel_survey_fall"
    ]
    assert found.code == "calendar_drifted"
    assert str(found) == (
        "y.yml:19:5: sel_survey_fall: frozen v1 says 2026-10-14, rules now give 2026-10-15: closure 2026-09-21 added; "
        "run aimline plan small --freeze"
    )


def test_frozen_days_hold_whatever_the_rules_say(first):
    """A closure moves no frozen day until a person freezes again."""
    plan = made("2026-09-19", SNOW, history=[first]).plan
    assert days(plan, "sel_survey_fall") == "2026-10-14 … 2026-11-03"


def test_what_is_over_or_open_stays_when_rules_are_asked_again(first):
    """A closure in the window's second week moves no opening; steps that are over keep their days."""
    late = closed("2026-09-21", "2026-10-20")
    plan = made("2026-10-20", late, history=[first], renews=True).plan
    assert days(plan, "sel_survey_fall") == "2026-10-14 … 2026-11-03"
    assert days(plan, "sel_survey_fall.setup") == "2026-09-23 … 2026-10-13"


def test_days_lost_in_an_open_window_are_given_back_once(first):
    """The engine's version has the longer window; asking again gives the same, not one more day."""
    snow = closed("2026-10-20", "2026-10-20")
    longer = made("2026-10-21", snow, history=[first])
    assert longer.extensions == {"sel_survey_fall": 1}
    assert days(longer.plan, "sel_survey_fall") == "2026-10-14 … 2026-11-04"
    assert days(longer.plan, "sel_survey_fall.late_accept") == "2026-11-05 … 2026-11-11"
    engine = replace(next_version([first], listed("small", longer), (), BY), frozen_by="engine")
    again = made("2026-10-22", snow, history=[first, engine])
    assert days(again.plan, "sel_survey_fall") == "2026-10-14 … 2026-11-04"


@pytest.mark.parametrize(
    ("kind", "text", "name"),
    [
        ("cabinet_preread", "working_days: 6", "mid_year.cabinet_preread"),
        ("reflection", "school_days: 9", "mid_year.reflection"),
        ("scoring_qa", "working_days: 9", "sel_survey_fall.scoring_qa"),
        ("late_accept", "school_days: 6", "sel_survey_fall.late_accept"),
        ("setup", "working_days: 16", "sel_survey_fall.setup"),
        ("length", "length: {school_days: 16}", "sel_survey_fall"),
    ],
)
def test_a_step_without_slack_that_takes_a_day_longer_binds(kind, text, name):
    """A plan frozen at its latest days meets its board; one more day for any step does not, and the chain names it.

    Scoring has the working days of the winter break to spare, and only then binds.
    """
    frozen = version(AT_LATEST)
    assert made("2026-07-16", AT_LATEST, history=[frozen]).is_feasible
    longer = {"budget:\n": f"lead_times: {{{kind}: {{{text}}}}}\nbudget:\n"}
    if kind == "length":
        longer = {"length: {school_days: 15}": text}
    (binding,) = bindings(made("2026-07-16", AT_LATEST | longer, history=[frozen]).plan)
    assert name in [link.id for link in binding.chain]
