"""Both changes of the clock on a real server: one night a day in each zone, missed nights, a server that died.

The server makes the runs of the schedule; the clock is moved to the instant of each, and the night runs as a scheduled
one does, without a day of its own.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.flow_engine import run_flow

from aimline.context import open_context
from aimline.settings import DEPLOYMENTS, load_deployment
from flows._server import Server
from flows._serving import nightly_deployment
from flows.nightly import nightly
from tests.support.prefect_server import kill_and_revive

pytestmark = pytest.mark.server

SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)
ZONES = ("America/Chicago", "America/New_York", "America/Denver")
DAY = timedelta(days=1)


@pytest.fixture
def client(prefect_server: Server) -> Iterator[SyncPrefectClient]:
    """A client of the server of the test run."""
    with get_client(sync_client=True) as found:
        yield found


def in_zone(folder: Path, zone: str, at: str = "04:30", schools: str = "") -> Path:
    """Copy Riverbend to another zone and hour; ``schools`` is a line with schools that have a zone of their own."""
    copy = folder / "riverbend"
    shutil.copytree(DEPLOYMENTS / "riverbend", copy)
    for path in (copy / "district.yml", *(copy / "years").iterdir()):
        path.write_text(path.read_text().replace("America/Chicago", zone).replace('at: "04:30"', f'at: "{at}"'))
    with (copy / "district.yml").open("a") as file:
        file.write(schools)
    return copy


def scheduled(client: SyncPrefectClient, folder: Path, first: date, n: int) -> list[datetime]:
    """Let the server schedule the nights of some days; return their instants, as it keeps them."""
    district = load_deployment(str(folder))
    made = nightly_deployment(district)
    made.name = folder.parent.name  # a deployment of its own for every test
    place = made.apply()
    assert isinstance(place, UUID)
    begin = datetime.combine(first, datetime.min.time(), ZoneInfo(district.district.time_zone))
    asked = {"start_time": begin.isoformat(), "end_time": (begin + n * DAY).isoformat(), "min_runs": n, "max_runs": 9}
    for _ in range(2):  # asked again, it makes no second run
        client._client.post(f"/deployments/{place}/schedule", json=asked).raise_for_status()
    runs = client._client.post("/flow_runs/filter", json={"deployments": {"id": {"any_": [str(place)]}}}).json()
    instants = sorted(datetime.fromisoformat(run["expected_start_time"]).astimezone(UTC) for run in runs)
    zone = ZoneInfo(district.district.time_zone)
    return [at for at in instants if first <= at.astimezone(zone).date() < first + n * DAY]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_one_night_a_day_at_its_hour(client: SyncPrefectClient, tmp_path: Path, zone: str, change: date) -> None:
    """Before, on and after a change of the clock the night begins at half past four of its own zone, once."""
    found = [at.astimezone(ZoneInfo(zone)) for at in scheduled(client, in_zone(tmp_path, zone), change - DAY, 3)]
    assert [at.date() for at in found] == [change - DAY, change, change + DAY]
    assert {f"{at:%H:%M}" for at in found} == {"04:30"}


@pytest.mark.parametrize(("change", "hour"), [(SPRING, "01:30"), (AUTUMN, "02:30")])
def test_an_hour_that_is_skipped_still_fires_once(
    client: SyncPrefectClient, tmp_path: Path, change: date, hour: str
) -> None:
    """Half past two in Chicago is skipped in spring: the night comes an hour early, once; `check` warns of it."""
    zone = ZoneInfo("America/Chicago")
    found = [at.astimezone(zone) for at in scheduled(client, in_zone(tmp_path, zone.key, "02:30"), change, 1)]
    assert [f"{at:%Y-%m-%d %H:%M}" for at in found] == [f"{change} {hour}"]


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_clock_moved_over_a_change_gives_each_day_one_night(
    client: SyncPrefectClient, tmp_path: Path, state: str, zone: str, change: date
) -> None:
    """Run at the instants of the schedule, each local day has one night; a day of 23 or 25 hours is a day."""
    two_zones = '\nschools: [{school_id: "0104", time_zone: America/Los_Angeles}]\n'
    folder = in_zone(tmp_path, zone, schools=two_zones)
    for at in scheduled(client, folder, change - DAY, 3):
        for _ in range(2):
            with time_machine.travel(at):
                nightly(str(folder), None, state)
    assert nights(folder, state) == [change - DAY, change, change + DAY]


@pytest.mark.usefixtures("heard", "prefect_server")
def test_missed_nights_collapse_into_one_that_covers_them(tmp_path: Path, state: str) -> None:
    """Three runs that waited behind an outage: the first does the work of three days, the others end at once."""
    folder = in_zone(tmp_path, "America/Chicago")
    nightly(str(folder), date(2027, 3, 9), state)
    with time_machine.travel(datetime(2027, 3, 12, 14, tzinfo=UTC)):
        ended = [nightly(str(folder), None, state, return_state=True).name for _ in range(3)]
    assert ended == ["Completed", "Superseded", "Superseded"]
    assert nights(folder, state) == [date(2027, 3, 9), date(2027, 3, 12)]
    days = {key.split("|")[2] for key in done(folder, state) if key.startswith("check_arrival|sis_attendance|")}
    assert days == {"2027-03-09", "2027-03-10", "2027-03-11", "2027-03-12"}


@pytest.mark.usefixtures("heard")
def test_server_that_died_still_has_its_runs(client: SyncPrefectClient, prefect_server: Server, state: str) -> None:
    """A run that waits when the server is killed is there when it lives again, and runs once."""
    place = nightly_deployment(load_deployment("riverbend")).apply()
    parameters = {"deployment": "riverbend", "as_of": date(2026, 10, 14), "state": state}
    waiting = client.create_flow_run_from_deployment(place, parameters=parameters)
    kill_and_revive(prefect_server)
    found = client.read_flow_run(waiting.id)
    assert found.state
    assert found.state.is_scheduled()
    run_flow(nightly, flow_run=found, parameters=parameters)
    ended = client.read_flow_run(waiting.id).state
    assert ended
    assert ended.is_completed(), ended
    assert nights(DEPLOYMENTS / "riverbend", state) == [date(2026, 10, 14)]


def journal(folder: Path, state: str, kind: str) -> list[Any]:
    """Events of a kind."""
    context = open_context(str(folder), as_of=date(2027, 12, 31), state=state)
    found = context.journal.events(kind)
    context.journal.close()
    return found


def nights(folder: Path, state: str) -> list[date]:
    """The nights that finished."""
    return [event.as_of for event in journal(folder, state, "night_finished")]


def done(folder: Path, state: str) -> set[str]:
    """Keys of what was done."""
    return {event.payload["key"] for event in journal(folder, state, "due_done")}
