"""The declared calendar and one that a feed brings: which rules, and what is told of every date they disagree on."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.support.small_world import World, weekdays

DAYS = weekdays(date(2026, 8, 19), 5)
SNOW, EARLY, SATURDAY = DAYS[1], DAYS[2], date(2026, 8, 22)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Five declared days, one of them closed at one school; a feed that tells otherwise on three dates."""
    made = World(tmp_path_factory.mktemp("calendar"))
    made.declare()
    shared = {"calendar_id": "district", "day_kind": "regular", "is_instructional": True}
    declared = [shared | {"on_date": day} for day in DAYS]
    closed = {"school_id": "0101", "day_kind": "no_school", "is_instructional": False}
    made.land("calendar_days", [*declared, shared | closed | {"on_date": SNOW}], source_id="declared")
    told = dict.fromkeys(DAYS, "regular") | {EARLY: "early_release", SATURDAY: "make_up"}
    rows = [shared | {"on_date": day, "day_kind": kind, "calendar_id": "sis"} for day, kind in told.items()]
    schools = [row | {"school_id": school} for row in rows for school in ("0101", "0102")]
    made.land("calendar_days", schools, source_id="sis_calendar")
    yield made
    made.close()


def test_declared_days_rule_and_every_other_date_is_told(world: World) -> None:
    """A day that only the feed has is no school day; each date that differs is a finding with both kinds."""
    report = world.build(date(2026, 9, 1))
    assert [row["on_date"] for row in world.rows("select on_date from int_calendar__dates order by 1")] == DAYS
    assert [each for each in report.findings if each.startswith("calendar_disagrees")] == [
        f"calendar_disagrees {SNOW}: sis_calendar says regular in 1 schools, declared is no_school",
        f"calendar_disagrees {EARLY}: sis_calendar says early_release in 2 schools, declared is regular",
        f"calendar_disagrees {SATURDAY}: sis_calendar says make_up in 2 schools, declared is no_school",
    ]


def test_feed_rules_where_nothing_is_declared(world: World, tmp_path: Path) -> None:
    """A year without a declared calendar has the days of its feed, and nothing to disagree with."""
    made = World(tmp_path)
    made.declare()
    made.calendar(DAYS)
    assert not [each for each in made.build(date(2026, 9, 1)).findings if "calendar" in each]
    assert made.rows("select count(*) as n from int_calendar__dates") == [{"n": len(DAYS)}]
    made.close()
