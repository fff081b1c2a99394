"""Deployments: what ``prefect.yaml`` says equals the districts' files, a server takes it, a worker runs it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from ruamel.yaml import YAML

from aimline.settings import DEPLOYMENTS, load_deployment
from flows._serving import ON_DEMAND, deployments_of, nightly_deployment

DISTRICTS = sorted(path.parent.name for path in DEPLOYMENTS.glob("*/district.yml"))
PREFECT = str(Path(sys.executable).with_name("prefect"))


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    """The deployments of ``prefect.yaml`` by name."""
    held = YAML(typ="safe").load(DEPLOYMENTS / "prefect.yaml")
    return {each["name"]: each for each in held["deployments"]}


def test_every_district_has_its_flows(declared: dict[str, Any]) -> None:
    """A district more is a folder and its entries; nothing else is deployed, and only nights have a schedule."""
    assert sorted(declared) == sorted(f"{name}-{flow}" for name in DISTRICTS for flow in ("nightly", *ON_DEMAND))
    assert [name for name, each in declared.items() if "schedules" in each] == [
        name for name in declared if name.endswith("-nightly")
    ]


def test_what_is_declared_is_what_is_served(declared: dict[str, Any]) -> None:
    """A work pool runs the same flows, by the same module paths, as ``aimline serve``."""
    made = [each for name in DISTRICTS for each in deployments_of(load_deployment(name))]
    assert {each.name: each.entrypoint for each in made} == {
        name: each["entrypoint"] for name, each in declared.items()
    }
    assert {each.name for each in made if each.schedules} == {f"{name}-nightly" for name in DISTRICTS}


@pytest.mark.parametrize("name", DISTRICTS)
def test_schedule_is_the_districts_hour_in_its_zone(name: str, declared: dict[str, Any]) -> None:
    """Hour and zone of the schedule are those of ``district.yml``."""
    district = load_deployment(name).district
    [schedule] = declared[f"{name}-nightly"]["schedules"]
    hour, minute = map(int, district.nightly.at.split(":"))
    assert (schedule["cron"], schedule["timezone"]) == (f"{minute} {hour} * * *", district.time_zone)
    assert declared[f"{name}-nightly"]["parameters"] == {"deployment": name}


@pytest.mark.parametrize("name", DISTRICTS)
def test_served_deployment_is_a_module_path_in_the_districts_zone(name: str) -> None:
    """A file path would import a second copy of the module, and a schedule without a zone fires in UTC."""
    district = load_deployment(name)
    made = nightly_deployment(district)
    assert made.entrypoint == "flows.nightly.nightly"
    [schedule] = made.schedules
    assert schedule.schedule.timezone == district.district.time_zone
    assert made.concurrency_limit == 1


def prefect(*words: str) -> str:
    """Run a command of Prefect against the server of the test run."""
    environment = os.environ | {"AIMLINE_ROOT": str(DEPLOYMENTS.parent)}
    done = subprocess.run(
        [PREFECT, "--no-prompt", *words],
        cwd=DEPLOYMENTS.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.server
@pytest.mark.usefixtures("prefect_server")
def test_pool_takes_the_deployments_and_a_worker_runs_a_night(state: str) -> None:
    """``prefect deploy --all`` is accepted, and a worker of the pool runs what it is given."""
    prefect("work-pool", "create", "aimline-process", "--type", "process", "--overwrite")
    prefect("deploy", "--prefect-file", "deployments/prefect.yaml", "--all")
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name("nightly/riverbend-nightly")
        parameters = {"deployment": "riverbend", "as_of": "2026-10-14", "until": "due", "state": state}
        run = client.create_flow_run_from_deployment(found.id, parameters=parameters)
        prefect("worker", "start", "--pool", "aimline-process", "--run-once")
        ended = client.read_flow_run(run.id)
    assert ended.state
    assert ended.state.is_completed(), ended.state
    assert ended.name == "riverbend 2026-27 2026-10-14"
