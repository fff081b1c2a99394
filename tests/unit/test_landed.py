"""What a build of a day may see, and the tables it is shown: without dbt, on a district of a few rows."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from aimline.clock import end_of_day_utc
from aimline.journal import Event
from aimline.transform import landed as _landed
from aimline.transform import visible
from aimline.transform.landed import Tonight, land, remember
from aimline.transform.visible import Visible, see
from aimline.warehouse import Connection, connect
from tests.support.small_world import DISTRICT, ZONE, World

DAY = date(2026, 9, 1)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, today=DAY)
    yield made
    made.close()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Connection]:
    with connect(tmp_path / "warehouse.duckdb", role="build") as connection:
        yield connection


def seen_on(world: World, day: date) -> Visible:
    """Return what a build of a day sees."""
    return see(world.journal, day, end_of_day_utc(day, ZONE))


def shown(world: World, warehouse: Connection, day: date = DAY) -> set[str]:
    """Show the day to the warehouse; return what changed."""
    return land(warehouse, world.store, seen_on(world, day), Tonight(day, f"build {day}", DISTRICT, "code"))


def finish(world: World, warehouse: Connection, day: date = DAY) -> None:
    """Remember a build of the day, whose models had no rows."""
    for name, model in _landed._REMEMBERED.items():
        warehouse.execute(f"create or replace table main.{model} as from landed.{name} where false")
    remember(warehouse, seen_on(world, day).fingerprints(), set(_landed._REMEMBERED.values()), {})


def a_room(room: str, **parts: Any) -> dict[str, Any]:
    """Return a room of a list of rooms."""
    return {"school_id": "0101", "room_key": room, "valid_from": DAY, "is_eligible": True, "slot": "2027"} | parts


def rooms(warehouse: Connection) -> list[str]:
    """Return the rooms the build is shown."""
    return [row["room_key"] for row in warehouse.rows("select room_key from landed.rooms order by all")]


def a_mark(student: str, **parts: Any) -> dict[str, Any]:
    """Return a mark of a student."""
    told = {"student_key": student, "school_id": "0101", "on_date": DAY, "category": "excused", "raw_code": "A"}
    return told | {"absence_fraction": 1} | parts


def test_newest_delivery_fills_its_slot(world: World, warehouse: Connection) -> None:
    """A full delivery replaces what its slot held before, and no other slot."""
    world.land("rooms", [a_room("r1"), a_room("r2")])
    world.land("rooms", [a_room("old", slot="2026")])
    world.land("rooms", [a_room("r3")])
    shown(world, warehouse)
    assert rooms(warehouse) == ["old", "r3"]


def test_delivery_keeps_the_slots_nobody_filled_again(world: World, warehouse: Connection) -> None:
    """A delivery of two slots, one of which came again, still holds the other."""
    world.land("rooms", [a_room("a", slot="2026"), a_room("b", slot="2027")])
    world.land("rooms", [a_room("c", slot="2027")])
    shown(world, warehouse)
    assert rooms(warehouse) == ["a", "c"]


def test_delivery_that_is_read_again_lets_go_of_its_slots(world: World, warehouse: Connection) -> None:
    """Read with another load.slot, the same bytes fill other slots; what they filled before is not there twice."""
    first = world.land("rooms", [a_room("a", slot="all"), a_room("b", slot="all")])
    again = world.land("rooms", [a_room("a", slot="2026"), a_room("b", slot="2027")])
    came = {"sha256": "f" * 64, "facts": {}, "name": "rooms.csv", "reading": "r"}
    told = {event.subject_id: event for event in world.journal.events("batch_accepted")}
    for batch_id in (first, again):
        event = told[batch_id]
        world.tell("batch_accepted", f"{batch_id[:15]}x", {**event.payload, **came}, at=event.at)
    seen = seen_on(world, DAY)
    assert {place[2]: owner for place, owner in seen.owners.items()} == {"2026": again, "2027": again}
    assert len(seen.batches) == 4


def test_empty_delivery_empties_its_slot(world: World, warehouse: Connection) -> None:
    """Nothing in a full delivery means that nothing is there any more."""
    world.land("rooms", [a_room("a", slot="2026"), a_room("b", slot="2027")])
    world.empty("rooms", ["2027"])
    shown(world, warehouse)
    assert rooms(warehouse) == ["a"]


def test_added_deliveries_keep_the_newest_row_of_a_key(world: World, warehouse: Connection) -> None:
    """Deliveries that add to each other replace a row by its key, row by row."""
    world.land("rooms", [a_room("r1"), a_room("r2")], load_mode="append")
    world.land("rooms", [a_room("r2", is_eligible=False)], load_mode="append")
    shown(world, warehouse)
    found = warehouse.rows("select room_key, is_eligible from landed.rooms order by all")
    assert [tuple(row.values()) for row in found] == [("r1", True), ("r2", False)]


def test_two_sources_of_one_entity_stand_side_by_side(world: World, warehouse: Connection) -> None:
    """Slots belong to their source; of one key the newest row stands."""
    world.land("rooms", [a_room("r1"), a_room("r2")], source_id="first")
    world.land("rooms", [a_room("r2"), a_room("r3")], source_id="second")
    shown(world, warehouse)
    assert rooms(warehouse) == ["r1", "r2", "r3"]


def test_withdrawn_row_is_not_shown(world: World, warehouse: Connection) -> None:
    """A row its source took back is no row, and the older one behind it does not come back."""
    world.land("rooms", [a_room("r1"), a_room("r2")], load_mode="append")
    batch_id = world.land("rooms", [a_room("r1")], load_mode="append")
    path = world.store.path(f"accepted/rooms/batch={batch_id}/part-0.parquet")
    warehouse.execute(f"create table changed as select * replace (true as is_deleted) from read_parquet('{path}')")
    warehouse.execute(f"copy changed to '{path}' (format parquet)")
    shown(world, warehouse)
    assert rooms(warehouse) == ["r2"]


def test_delivery_of_the_evening_belongs_to_the_day(world: World) -> None:
    """As of a day means received before the next local midnight, and not a second later."""
    world.land("rooms", [a_room("r1")])
    (event,) = world.journal.events()
    received = visible._received_at(event)
    assert len(see(world.journal, DAY, received + timedelta(seconds=1)).batches) == 1
    assert see(world.journal, DAY, received).batches == ()


def test_day_does_not_see_the_days_after_it(world: World, warehouse: Connection) -> None:
    """A build of an earlier day is made from what was known then."""
    world.land("rooms", [a_room("r1")])
    world.today = NEXT
    world.land("rooms", [a_room("r2")])
    shown(world, warehouse, DAY)
    assert rooms(warehouse) == ["r1"]


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        *((kind, [True, True]) for kind in sorted(visible.EVENTS_BEFORE - {"batch_accepted"})),
        ("release_promoted", [False, True]),
        ("night_finished", [False, True]),
        ("build_finished", [False, False]),
    ],
)
def test_event_is_seen_in_its_night_or_the_next(kind: str, days: list[bool], world: World) -> None:
    """What happens before the build is seen at once, what happens after it a night later, builds never."""
    world.tell(kind, "x", {})
    assert [len(seen_on(world, day).events) == 1 for day in (DAY, NEXT)] == days


def test_alert_of_tonight_is_seen_tomorrow(world: World) -> None:
    """A build must not see the alerts it makes itself, or a second run would make others."""
    world.journal.append_alert_events([{"event_id": "e1", "as_of": DAY}])
    assert [len(seen_on(world, day).alert_events) for day in (DAY, NEXT)] == [0, 1]


def test_fingerprint_changes_with_its_own_table_alone(world: World) -> None:
    """A delivery of rooms touches rooms and the lists of deliveries and events, nothing else."""
    before = seen_on(world, DAY).fingerprints()
    world.land("rooms", [a_room("r1")])
    after = seen_on(world, DAY).fingerprints()
    assert {name for name in after if after[name] != before[name]} == {"rooms", "batches", "ledger_events"}


def test_fingerprint_is_of_content_not_of_the_day(world: World) -> None:
    """The next day, with nothing new, is the same content."""
    world.land("rooms", [a_room("r1")])
    assert seen_on(world, DAY).fingerprints() == seen_on(world, NEXT).fingerprints()


def test_fingerprint_names_every_table_that_may_change(world: World) -> None:
    """Every entity that can be landed is watched."""
    assert set(visible.entity_columns()) < set(seen_on(world, DAY).fingerprints())


def test_first_build_touches_everything(world: World, warehouse: Connection) -> None:
    """Nothing is known of what was built before."""
    touched = shown(world, warehouse)
    follows = {"through", "current_slots", "changed_attendance_events", "changed_attendance_submissions"}
    assert touched == set(seen_on(world, DAY).fingerprints()) | {"tonight"} | follows


def test_quiet_night_touches_nothing_but_itself(world: World, warehouse: Connection) -> None:
    """Without news only the row of tonight is new; the day the data reach stays as it was."""
    world.calendar([DAY, NEXT])
    shown(world, warehouse, DAY)
    finish(world, warehouse, DAY)
    assert shown(world, warehouse, NEXT) == {"tonight"}
    (tonight,) = warehouse.rows("select as_of, build_id from landed.tonight")
    (through,) = warehouse.rows("select through_on, build_id from landed.through")
    assert tuple(tonight.values()) == (NEXT, f"build {NEXT}")
    assert tuple(through.values()) == (DAY, f"build {DAY}")


def test_night_with_news_touches_what_is_new(world: World, warehouse: Connection) -> None:
    """What changed is named, with the tables every night has."""
    shown(world, warehouse)
    finish(world, warehouse)
    world.land("rooms", [a_room("r1")])
    assert shown(world, warehouse) == {
        *("rooms", "batches", "current_slots", "ledger_events"),
        *("tonight", "through"),
    }


def test_event_alone_does_not_move_the_day_the_data_reach(world: World, warehouse: Connection) -> None:
    """A note in the journal is no news of the data."""
    shown(world, warehouse)
    finish(world, warehouse)
    world.tell("window_transition", "w1", {})
    assert shown(world, warehouse) == {"ledger_events", "tonight"}


def test_quiet_days_move_the_data_day_of_no_build(world: World, warehouse: Connection) -> None:
    """A whole build of a quiet night says that the data reach the day the night says: that of the newest delivery."""
    world.calendar([DAY, NEXT])
    shown(world, warehouse, NEXT)
    assert warehouse.rows("select through_on from landed.through") == [{"through_on": DAY}]


def test_data_reach_the_newest_school_day(world: World, warehouse: Connection) -> None:
    """The day the data reach is the last school day up to tonight; without a calendar it is tonight."""
    shown(world, warehouse)
    assert warehouse.rows("select through_on from landed.through") == [{"through_on": DAY}]
    world.calendar([DAY - timedelta(days=1), DAY, NEXT], kinds={DAY: "no_school"})
    shown(world, warehouse)
    assert warehouse.rows("select through_on from landed.through") == [{"through_on": DAY - timedelta(days=1)}]


def changed_marks(warehouse: Connection) -> list[tuple[str, bool]]:
    """Return student and side of the marks that are to be compared."""
    found = warehouse.rows("select student_key, is_current from landed.changed_attendance_events order by all")
    return [(row["student_key"], row["is_current"]) for row in found]


def test_changed_slot_shows_its_old_and_new_marks(world: World, warehouse: Connection) -> None:
    """A day delivered again is compared, old rows beside new ones; other days are left out. At first all is new."""
    world.land("attendance_events", [a_mark("ana"), a_mark("ben", on_date=NEXT)])
    shown(world, warehouse)
    assert changed_marks(warehouse) == [("ana", True), ("ben", True)]
    finish(world, warehouse)
    world.land("attendance_events", [a_mark("ana"), a_mark("eva")])
    shown(world, warehouse)
    assert changed_marks(warehouse) == [("ana", False), ("ana", True), ("eva", True)]


def test_slot_that_came_back_is_no_change(world: World, warehouse: Connection) -> None:
    """After the next finished build nothing is left to compare."""
    world.land("attendance_events", [a_mark("ana")])
    for _ in range(2):
        shown(world, warehouse)
        finish(world, warehouse)
    shown(world, warehouse)
    assert changed_marks(warehouse) == []


def test_added_marks_are_a_change_of_their_delivery(world: World, warehouse: Connection) -> None:
    """Marks that add to others are compared delivery by delivery."""
    world.land("attendance_events", [a_mark("ana")], load_mode="append")
    shown(world, warehouse)
    finish(world, warehouse)
    world.land("attendance_events", [a_mark("ben")], load_mode="append")
    shown(world, warehouse)
    assert changed_marks(warehouse) == [("ben", True)]


def test_build_that_was_killed_remembers_nothing(world: World, warehouse: Connection) -> None:
    """What a build saw is in the transaction of its tables: killed, the next one is touched by the same again."""
    shown(world, warehouse)
    finish(world, warehouse)
    world.land("rooms", [a_room("r1")])
    warehouse.execute("begin")
    touched = shown(world, warehouse)
    finish(world, warehouse)
    warehouse.execute("rollback")
    assert "rooms" in touched
    assert shown(world, warehouse) == touched


def test_table_not_made_anew_is_remembered_as_it_was(world: World, warehouse: Connection) -> None:
    """Only what a build changed is copied for the next comparison."""
    shown(world, warehouse)
    finish(world, warehouse)
    warehouse.execute("insert into main.int_changes__years by name select 2027 as school_year")
    remember(warehouse, seen_on(world, DAY).fingerprints(), set(), {})
    assert warehouse.rows("from landed.built_years") == []


def test_payload_reaches_the_warehouse_as_json(world: World, warehouse: Connection) -> None:
    """SQL reads what an event tells; dates are text there as in the journal."""
    event = Event("window_transition", "w1", DAY, "k1", {"on": DAY, "n": 2})
    world.journal.append([event], at=world.clock().instant())
    shown(world, warehouse)
    (row,) = warehouse.rows("select kind, payload->>'$.on' as on_text, payload->>'$.n' as n from landed.ledger_events")
    assert tuple(row.values()) == ("window_transition", "2026-09-01", "2")


def test_every_entity_is_there_when_nothing_has_come(world: World, warehouse: Connection) -> None:
    """A model may read what never arrived: typed columns without rows."""
    shown(world, warehouse)
    for entity, columns in visible.entity_columns().items():
        found = warehouse.rows(f"select column_name as name, column_type as kind from (describe landed.{entity})")
        assert {row["name"]: row["kind"] for row in found} == columns, entity
        assert warehouse.rows(f"select count(*) as n from landed.{entity}") == [{"n": 0}]


def test_text_of_an_id_is_quoted(world: World, warehouse: Connection) -> None:
    """A quote in a slot or a source's name is a quote and no SQL."""
    world.land("rooms", [a_room("r1", slot="it's")], source_id="o'source")
    world.land("rooms", [a_room("r2", slot="other"), a_room("r3", slot="it's")], source_id="o'source")
    shown(world, warehouse)
    assert rooms(warehouse) == ["r2", "r3"]
