"""A warehouse whose bytes are damaged is set aside and made anew; one that older rows do not fit names the remedy."""

from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from aimline.errors import TransformError
from aimline.transform import WAREHOUSE, builds
from aimline.transform.plans import Plan, Step
from aimline.warehouse import MEMORY, connect
from tests.support.small_world import World

DAY, NEXT = date(2026, 9, 1), date(2026, 9, 2)
FINDINGS = "select '' as rule, 0 as n_rows, '' as school_id where false"
DISAGREEMENTS = "select as_of as on_date, '' as source_id, '' as told_kind, '' as declared_kind, 0 as n_schools"
PATTERN = "select '' as population_id, '' as cell_id, '' as reason where false"
PLAN = Plan(
    "",
    (
        Step("int_attendance__findings", "table", FINDINGS, ("tonight",)),
        Step("int_calendar__disagreements", "table", f"{DISAGREEMENTS} from landed.tonight where false", ("tonight",)),
        Step("int_disclosure__pattern", "table", PATTERN, ("tonight",)),
        Step("long", "table", "select range as no, md5(range::varchar) as text from range(90000)", ("tonight",)),
        Step("seen", "table", "select count(*) as n, max(text) as last from long", ("long",)),
    ),
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A district built once, by a plan of five tables."""
    monkeypatch.setattr(builds, "plan_of", lambda _store: PLAN)
    made = World(tmp_path / "state", today=DAY)
    made.declare()
    made.build()
    yield made
    made.close()


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _no_magic(data: bytes) -> bytes:
    return data[:8] + b"XXXX" + data[12:]


def _other_rows(data: bytes) -> bytes:
    """Change every block, and leave the heads as they are."""
    return data[:12288] + bytes(byte ^ 1 for byte in data[12288:])


@pytest.mark.parametrize(
    ("damage", "on"), [(_cut, NEXT), (_no_magic, NEXT), (_no_magic, DAY), (_other_rows, NEXT), (lambda _: b"", DAY)]
)
def test_damaged_warehouse_is_set_aside_and_made_anew(world: World, damage: Callable[[bytes], bytes], on: date) -> None:
    """It is kept by its content, the tables are those of a sound build, and a finding tells a person, once."""
    path = world.store.path(WAREHOUSE)
    expected = world.rows("from seen")
    path.write_bytes(damage(path.read_bytes()))
    (told,) = world.build(on).findings
    (kept,) = world.store.keys("corrupt")
    assert told == f"rebuilt: warehouse.duckdb could not be read, lies in {kept} and was made anew"
    assert kept == f"corrupt/warehouse-{sha256(world.store.read(kept)).hexdigest()[:12]}.duckdb"
    assert world.rows("from seen") == expected
    assert world.build(date(2026, 9, 3)).findings == ()


def test_rows_of_another_version_are_told_with_the_remedy(world: World) -> None:
    """A column that accepted rows lack names what to run, and no engine's words."""
    world.land("rooms", [{"school_id": "0101", "room_key": "r1", "valid_from": DAY, "is_eligible": True}])
    (key,) = world.store.keys("accepted/rooms")
    path = world.store.path(key)
    with connect(MEMORY, role="memory") as connection:
        connection.execute(f"create table older as select * exclude (is_eligible) from read_parquet('{path}')")
        connection.execute(f"copy older to '{path}' (format parquet)")
    with pytest.raises(
        TransformError, match=r"^the rows of rooms were accepted by another version .* 'aimline collect'"
    ):
        world.build(NEXT)
