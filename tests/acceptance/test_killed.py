"""A night that is killed anywhere and run again ends with the bytes of a night that ran through."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from aimline.ledger.releases import current
from aimline.storage import open_store
from tests.support.killing import Ended, Nursery, nursery
from tests.support.rehearsed import differences, fingerprint, sites, tiny

FIRST, SECOND, NIGHT = date(2026, 8, 18), date(2026, 8, 19), date(2026, 8, 24)
KILLED = 9

pytestmark = pytest.mark.server


@dataclass(frozen=True)
class Lived:
    """Two nights that finished, the deliveries of the third, and how the third ends when nobody kills it."""

    nights: Nursery
    before: Path
    unbroken: Path
    ran: Ended
    ended: dict[str, str]


@pytest.fixture(scope="module")
def lived(prefect_server: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Live through the first nights once, for all tests."""
    held = tiny(tmp_path_factory.mktemp("lived"))
    with nursery() as nights:
        for since, night in ((None, FIRST), (FIRST, SECOND)):
            held.deliver(since, night)
            assert nights.night(str(held.state), night).killed_by == 0
        held.deliver(SECOND, NIGHT)
        unbroken = held.state.with_name("unbroken")
        shutil.copytree(held.state, unbroken)
        ran = nights.night(str(unbroken), NIGHT)
        assert "failed" not in ran.operations
        ended = fingerprint(unbroken)
        assert differences(fingerprint(held.state), ended)
        yield Lived(nights, held.state, unbroken, ran, ended)


POINTS = [
    ("collect", 0.5, True),
    ("collect", 0.99, False),
    ("build", 0.0, True),
    ("build", 0.5, False),
    ("build", 0.99, True),
    ("publish", 0.0, False),
    ("publish", 0.5, True),
    ("publish", 0.99, True),
]


@pytest.mark.parametrize(("step", "share", "after"), POINTS)
def test_killed_night_run_again_ends_like_a_quiet_one(
    step: str, share: float, after: bool, lived: Lived, tmp_path: Path
) -> None:
    """Kill -9 before or after an operation of a step; readers see a whole release, and the next run mends the rest."""
    state = tmp_path / "state"
    shutil.copytree(lived.before, state)
    places = lived.ran.of_step(step)
    died = lived.nights.night(str(state), NIGHT, die_at=places[int(share * len(places))], after=after)
    assert died.killed_by == KILLED
    assert sites(state) in (sites(lived.before), sites(lived.unbroken))
    assert lived.nights.night(str(state), NIGHT).killed_by == 0
    assert differences(fingerprint(state), lived.ended) == []


def test_pointer_is_moved_in_one_step(lived: Lived, tmp_path: Path) -> None:
    """Killed right before and right after the pointer moves, readers see the old release, or the new one."""
    [place] = [n for n, name in enumerate(lived.ran.operations) if name.endswith("put_pointer")]
    seen = []
    for after in (False, True):
        state = tmp_path / f"after_{after}"
        shutil.copytree(lived.before, state)
        lived.nights.night(str(state), NIGHT, die_at=place, after=after)
        release = current(open_store(state))
        assert release
        seen.append(release.as_of)
    assert seen == [SECOND, NIGHT]


def test_same_night_twice_changes_nothing(lived: Lived, tmp_path: Path) -> None:
    """No new batch, alert, release or byte: what is done is recognised."""
    state = tmp_path / "state"
    shutil.copytree(lived.unbroken, state)
    assert lived.nights.night(str(state), NIGHT).killed_by == 0
    assert differences(fingerprint(state), lived.ended) == []
