"""Going back from one day to an earlier one, class by class: every stage is a build, and the parts are the change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

import pytest

from aimline.errors import UsageError
from aimline.ledger import restating
from aimline.ledger.explain import explain
from aimline.ledger.restate import ORDER, Cause, Compared, Restated, restated, seal
from aimline.ledger.restating import Of, Restatement, keep, restatements, tell
from aimline.transform import replays
from aimline.warehouse import Connection
from schemas.profiles import Profile
from schemas.published import FIGURE_KEY, figure_id
from tests.support import attendance_districts as plain
from tests.support.attendance_districts import make_districts
from tests.support.small_world import DISTRICT, FEDERAL, ZONE, World

DAYS = (date(2026, 11, 20), date(2026, 11, 23))
FIGURES = f"select {', '.join(FIGURE_KEY)}, numerator, denominator from fct_measures order by all"


def figures(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], tuple[Any, Any]]:
    """Return numerator and denominator by key."""
    return {tuple(row[name] for name in FIGURE_KEY): (row["numerator"], row["denominator"]) for row in rows}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Six districts built on a day; three days later every class of inputs has changed, and it was built again."""
    made = World(tmp_path_factory.mktemp("restated"), today=DAYS[0])
    drawn, rng = make_districts(5, 6), Random(5)  # noqa: S311 - a test's dice
    late = [row for row in drawn.events if row["on_date"] >= drawn.days[-9] and rng.random() < 0.5]
    every = list(drawn.events)
    drawn.events = [row for row in every if row not in late]
    drawn.land(made)
    made.build()
    seal(made.store, made.journal, "fall_2027", made.clock().instant())
    made.today = DAYS[1]
    made.declare(profiles=[Profile(profile_id="us-edfacts-195", use="shipped", min_member_days=15), FEDERAL][:1])
    made.land("schools", [plain._school(school) | {"name": f"{school} renamed"} for school in drawn.schools])
    drawn.calendar[rng.choice(sorted(drawn.calendar))] = "no_school"
    drawn.land_calendar(made)
    rng.choice(drawn.enrollment)["exited_on"] = drawn.days[10]
    drawn.land_enrollment(made)
    drawn.events = every
    for row in drawn.events[:40]:
        row["category"] = "present" if row["category"] == "unexcused" else "unexcused"
    changed = {row["on_date"] for row in [*late, *drawn.events[:40]]}
    drawn.land_marks(made, changed)
    made.build()
    yield made
    made.close()


@dataclass(frozen=True)
class Replayed:
    """All official figures that are others now, and all figures at every stage of telling them."""

    told: list[Restatement]
    stages: dict[str, dict[tuple[Any, ...], tuple[Any, Any]]]


@pytest.fixture(scope="module")
def replayed(world: World) -> Replayed:
    """Tell them once: a replay of every class takes seconds."""
    stages = {}

    def watched(*asked: Any, to_first: bool = True) -> Iterator[tuple[str, Connection]]:
        for cause, held in replays(*asked):
            stages[cause] = figures(held.rows(FIGURES))
            if cause or to_first:
                yield cause, held

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restating, "replays", watched)
        return Replayed(restatements(world.store, world.journal, Of(DISTRICT, ZONE)), stages)


@pytest.fixture(scope="module")
def told(replayed: Replayed) -> list[Restatement]:
    """All official figures that are others now."""
    return replayed.told


def asked(figure: str, days: tuple[date, date] = DAYS) -> Compared:
    """Ask for a figure of two days."""
    return Compared(DISTRICT, ZONE, figure, *days)


def test_the_last_stage_is_the_build_of_the_first_day(world: World, replayed: Replayed) -> None:
    """What is left when every class is taken back is what was sealed on that day, figure by figure."""
    told = replayed.stages
    sealed = world.store.path("sealed/fall_2027.parquet")
    assert told[""] == figures(world.rows(f"select * from read_parquet('{sealed}')"))
    assert set(told) == {"", *ORDER} - {"code"}
    assert told["corrections"] == figures(world.rows(FIGURES))


def test_parts_add_up_to_the_change(world: World, told: list[Restatement]) -> None:
    """Of the figure that changed most: the changes of all causes are its change, told alone or with all others."""
    found = restated(world.store, world.journal, asked(most_changed(world)))
    assert [each.causes for each in told if each.figure_id == most_changed(world)] == [found.causes]
    assert found.before != found.after
    assert len(found.causes) > 1
    for place in ("numerator", "denominator"):
        number = ("numerator", "denominator").index(place)
        change = getattr(found.after, place) - getattr(found.before, place)
        assert sum(each.changes[number] for each in found.causes) == change
    assert [each.cause for each in found.causes] == [cause for cause in ORDER if cause in causes_of(found)]


def causes_of(found: Restated) -> set[str]:
    """Return the causes of a figure's change."""
    return {each.cause for each in found.causes}


def most_changed(world: World) -> str:
    """Return the district's year to date of attendance, which every class touches."""
    query = (
        "from msr_attendance_rate where period_kind = 'year_to_date' and unit_type = 'district' and group_id = 'all' "
        "order by period_id desc"
    )
    row = world.rows(f"{query} limit 1")[0]
    return figure_id(row[name] for name in FIGURE_KEY)


def test_all_official_figures_are_told_with_their_causes(told: list[Restatement]) -> None:
    """Of every official figure that is another now the parts of its causes are the change."""
    assert len(told) > 20
    for each in told:
        whole = Cause("all", each.official, each.now).changes
        assert [sum(cause.changes[place] for cause in each.causes) for place in (0, 1)] == list(whole)


def test_what_was_told_is_kept_once(world: World, told: list[Restatement], monkeypatch: pytest.MonkeyPatch) -> None:
    """Told again, the causes are one event, which names them and their parts; told of what is, nothing is replayed."""
    for _ in range(2):
        assert keep(world.journal, told, DAYS[1], world.clock().instant()) == len(told)
    [event] = world.journal.events("figures_restated")
    kept = {each["figure_id"]: each["causes"] for each in event.payload["figures"]}
    assert kept == {each.figure_id: each.words for each in told}

    def replayed(*_: object, **__: object) -> None:
        raise UsageError("replayed.", remedy="")

    monkeypatch.setattr(restating, "replays", replayed)
    assert tell(world.store, world.journal, Of(DISTRICT, ZONE), world.clock().instant()) == 0
    stale = [{**each, "parts": each["parts"][1:]} for each in event.payload["figures"]]
    world.tell("figures_restated", "fall_2027", {"snapshot_id": "fall_2027", "figures": stale})
    with pytest.raises(UsageError, match="replayed"):
        tell(world.store, world.journal, Of(DISTRICT, ZONE), world.clock().instant())


def test_a_snapshot_is_sealed_once(world: World) -> None:
    """Sealed again, after the figures have changed, it is the first one still."""
    again = seal(world.store, world.journal, "fall_2027", world.clock().instant())
    assert (again.as_of, len(world.journal.events("snapshot_sealed"))) == (DAYS[0], 1)


def test_a_sealed_value_stands_beside_the_restated_one(world: World) -> None:
    """What was official is told with the figure of now, and that it was restated since."""
    found = explain(world.store, world.journal, most_changed(world))
    (told,) = found.sealed
    assert (told["snapshot_id"], told["as_of"], told["is_restated"]) == ("fall_2027", DAYS[0], True)
    assert told["numerator"] != found.counted["numerator"]


def test_days_in_the_wrong_order_are_told(world: World) -> None:
    """A later day first, a day without a build and an unknown figure are told with what to do."""
    figure = most_changed(world)
    for days, told in (
        ((DAYS[1], DAYS[0]), "2026-11-23 is not before 2026-11-20."),
        ((DAYS[0], date(2026, 11, 22)), "nothing has been built as of 2026-11-22."),
    ):
        with pytest.raises(UsageError, match=told):
            restated(world.store, world.journal, asked(figure, days))
    with pytest.raises(UsageError, match="no figure 'fig_aaaaaaaaaaaa' as of 2026-11-23"):
        restated(world.store, world.journal, asked("fig_aaaaaaaaaaaa"))


def test_official_figures_that_are_others_now_stand_beside_them(world: World) -> None:
    """Every sealed figure whose counts differ now has one row with both, and no other has."""
    sealed = figures(world.rows(f"select * from read_parquet('{world.store.path('sealed/fall_2027.parquet')}')"))
    now = figures(world.rows(FIGURES))
    told = {}
    for row in world.rows("from fct_restatements where old_numerator is not null"):
        key = tuple(row[name] for name in FIGURE_KEY)
        told[key] = (row["old_numerator"], row["old_denominator"]), (row["new_numerator"], row["new_denominator"])
    pairs = {key: (was, now.get(key, (None, None))) for key, was in sealed.items() if was[0] is not None}
    assert told == {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
    assert 0 < len(told) < len(pairs)
