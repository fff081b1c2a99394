"""Pages read the frozen days of what is dated, how much they may slip, and where each thing stands on the day."""

from datetime import date

import pytest

from tests.support.small_world import World, weekdays


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The dated obligations of a tiny district on 1 September 2026, by their short ids."""
    world = World(tmp_path_factory.mktemp("obligations"))
    world.declare()
    world.calendar(weekdays(date(2026, 8, 19), 5))
    world.land(
        "declared_audiences", [{"audience_id": "board", "audience_no": 1, "label_en": "Board", "scope": "district"}]
    )
    world.land("declared_goals", [{"goal_id": "g1", "school_year": 2027, "goal_no": 1}])
    window = {"window_id": "fall", "school_year": 2027, "kind": "survey"}
    days = {"opens_on": date(2026, 8, 24), "closes_on": date(2026, 9, 4)}
    world.land("declared_windows", [window | days | {"late_until_on": date(2026, 9, 11)}])
    planned = {"slack_school_days": 4, "is_critical": True, "depends_on": "fall.setup", "frozen_version": 2}
    common = {"school_year": 2027, "label_en": "Some", "rule": "nth_school_day(4)"}
    world.land(
        "declared_obligations",
        [
            common | window | days | planned | {"obligation_id": "2027_fall", "due_on": date(2026, 9, 4)},
            common | {"obligation_id": "board.2026-08-11", "kind": "board_meeting", "due_on": date(2026, 8, 11)},
            common | {"obligation_id": "late", "kind": "activity", "due_on": date(2026, 8, 31), "frozen_version": 0},
            common | {"obligation_id": "feed", "kind": "arrival", "due_on": date(2026, 8, 31)},
        ],
    )
    report = world.build(date(2026, 9, 1))
    assert not report.findings
    return {row["obligation_id"]: row for row in world.rows("select * from rpt_obligations")}


def test_days_slack_and_version_are_those_of_the_plan(published):
    """As they were declared, with what comes before it and by which rule."""
    row = published["2027_fall"]
    assert (row["opens_on"], row["due_on"]) == (date(2026, 8, 24), date(2026, 9, 4))
    told = {"slack_school_days": 4, "is_critical": True, "depends_on": "fall.setup", "frozen_version": 2}
    assert {name: row[name] for name in told} == told
    assert row["rule"] == "nth_school_day(4)"


def test_where_it_stands_is_judged_on_the_day(published):
    """A window within its days is open, a meeting passes by itself, all else is late; deliveries are not here."""
    states = {name: row["state"] for name, row in published.items()}
    assert states == {"2027_fall": "open", "board.2026-08-11": "done", "late": "late"}
