"""Which database tells what was known on a day."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from aimline.errors import UsageError
from aimline.ledger.asof import built_key
from aimline.ledger.releases import shown_on
from tests.support.small_world import World

DAYS = (date(2026, 9, 1), date(2026, 9, 3))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A state root whose journal tells of two builds; the earlier day has a file of its own."""
    made = World(tmp_path)
    for day, key in zip(DAYS, (f"asof/{DAYS[0]}.duckdb", "warehouse.duckdb"), strict=True):
        made.today = day
        made.store.put_atomic(key, b"")
        made.tell("build_finished", key, {"key": key, "build_id": str(day)})
    yield made
    made.close()


def test_a_day_is_told_by_its_own_build(world: World) -> None:
    """The warehouse tells of its own day and of now; an earlier day is told by the file made of it."""
    told = [built_key(world.store, world.journal, day) for day in (None, DAYS[1], DAYS[0])]
    assert told == ["warehouse.duckdb", "warehouse.duckdb", "asof/2026-09-01.duckdb"]


def test_a_day_without_a_build_names_the_command(world: World, tmp_path: Path) -> None:
    """Nothing of another day is taken for it; an empty state root says that nothing was built."""
    with pytest.raises(UsageError, match=r"nothing has been built as of 2026-09-02\.") as told:
        built_key(world.store, world.journal, date(2026, 9, 2), "tiny")
    assert told.value.remedy == "aimline build tiny --as-of 2026-09-02"
    empty = World(tmp_path / "other")
    with pytest.raises(UsageError, match=r"nothing has been built yet\."):
        built_key(empty.store, empty.journal, None)
    empty.close()


def test_what_readers_saw_on_a_day_is_the_release_before_it(world: World) -> None:
    """Of the releases up to a day the newest that is kept; of none, none."""
    names = [f"r{day:%Y%m%d}-0123456789" for day in DAYS]
    for day, name in zip(DAYS, names, strict=True):
        world.today = day
        world.store.put_atomic(f"releases/{name}/manifest.json", b"{}")
        world.tell("release_promoted", name, {"release_id": name})
    seen = [shown_on(world.store, world.journal, date(2026, 9, n)) for n in (2, 3)]
    assert [each and each.release_id for each in seen] == names
    assert shown_on(world.store, world.journal, date(2026, 8, 31)) is None
