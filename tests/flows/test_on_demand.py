"""Flows on demand: one window's deliveries, one review's evidence, the states of the years; on a real server."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flow_engine import run_flow

from aimline.arrival import make_key_file
from aimline.commands.years import YEAR_MOVED
from aimline.errors import UsageError
from aimline.settings import load_deployment
from flows._serving import deployments_of
from flows.collection import collection
from flows.reviewing import reviewing
from flows.rollover import rollover
from tests.support.surveyed import LIST_ON, OPENS, Surveyed

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surveyed:
    """A small district whose window opens today."""
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path / "home"))
    make_key_file("smalltown")
    made = Surveyed(tmp_path)
    made.night(LIST_ON)
    made.night(OPENS)
    return made


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    """A client of the server of the test run."""
    with get_client(sync_client=True) as found:
        yield found


def deployed(district: Surveyed, flow: str) -> UUID:
    """Register a flow of the district with the server."""
    made = {each.name: each for each in deployments_of(load_deployment(str(district.folder)), str(district.state))}
    place = made[f"smalltown-{flow}"].apply()
    assert isinstance(place, UUID)
    return place


def words(district: Surveyed, on: date, **more: Any) -> dict[str, Any]:
    """Return the parameters of a run."""
    return {"deployment": str(district.folder), "as_of": on, "state": str(district.state), **more}


def test_one_window_is_collected_on_demand(client: SyncPrefectClient, district: Surveyed) -> None:
    """A run with a window looks at its sources and at no other; what the server keeps of it names no person."""
    district.put("schools.csv", b"School,Name\n0001,Aspen\n0002,Birch\n0003,Cedar\n")
    district.answer("2018-11-01", [("101", "2018-11-01 20:00:00", 3)])
    asked = words(district, date(2018, 11, 2), window="pulse")
    run = client.create_flow_run_from_deployment(deployed(district, "collection"), parameters=asked)
    run_flow(collection, flow_run=run, parameters=asked)
    ended = client.read_flow_run(run.id)
    assert ended.state
    assert ended.state.is_completed(), ended.state
    names = [event.payload["name"] for event in district.events("received") if event.as_of == date(2018, 11, 2)]
    assert names == ["answers_pulse_20181101.csv"]
    assert sorted(ended.parameters) == ["as_of", "deployment", "state", "window"]
    assert not {"101", "0001"} & set(json.dumps(ended.parameters, default=str).replace('"', " ").split())


@pytest.mark.parametrize(("flow", "name"), [("collection", "window"), ("reviewing", "review")])
def test_server_takes_only_names_of_the_year_file(
    client: SyncPrefectClient, district: Surveyed, flow: str, name: str
) -> None:
    """What is no id, such as a student's number or name, is refused before it is kept."""
    place = deployed(district, flow)
    for value in ("104233", "Jane Doe"):
        with pytest.raises(PrefectHTTPStatusError):
            client.create_flow_run_from_deployment(place, parameters=words(district, OPENS, **{name: value}))


@pytest.mark.parametrize(("flow", "name"), [(collection, "window"), (reviewing, "review")])
def test_name_that_is_not_declared_is_refused(district: Surveyed, flow: Any, name: str) -> None:
    """The message tells what there is; nothing is done."""
    with pytest.raises(UsageError, match=f"{name} 'pulze'"):
        flow(**words(district, OPENS, **{name: "pulze"}))


def test_years_are_told_once(district: Surveyed) -> None:
    """A year that came into another state is written down by the flow, and not again."""
    for _ in range(2):
        rollover(**words(district, date(2019, 6, 1)))
    told = [(event.subject_id, event.payload["to_state"]) for event in district.events(YEAR_MOVED)]
    assert told == [("2018-19", "closing")]
