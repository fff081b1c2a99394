"""Serve: the Prefect server, the schedule of every district, and the site, as children of one process.

``python -m flows._serving`` is how the children begin: ``schedule`` fires the nights, ``site`` shows the pages.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aimline.clock import sleep, wall_seconds
from aimline.errors import AimlineError, UsageError
from flows import _server
from flows._server import HOST, Server
from flows._tree import Child, Program, start, tree, watch

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

    from aimline.settings import Deployment

SITE_PORT = 8770
SITE_ANSWERS_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Asked:
    """What to serve: the districts, where their state is, and the two ports."""

    districts: "Sequence[Deployment]"
    state: str | None = None
    port: int = _server.PORT
    site_port: int = SITE_PORT

    def states(self) -> dict[str, Path]:
        """Return the state root of each district by its name in addresses."""
        from aimline.settings import state_root

        return {each.district.district_id: state_root(each, self.state).resolve() for each in self.districts}


def serve(asked: Asked) -> Iterable[str]:
    """Start everything, yield what to print, then keep it running until it is told to stop.

    Raises:
        UsageError: Something serves here already, or a port is taken.
        AimlineError: A child did not start, or ended again and again.
    """
    with _server.only_one(asked.port, asked.site_port), tree() as children:
        check_ports(asked)
        server = own_or_given(asked, children)
        children.append(start(_schedule(asked, server)))
        start_site(asked, server, children)
        yield from table(asked, server)
        watch(children)


def check_ports(asked: Asked) -> None:
    """Refuse ports that somebody has.

    Raises:
        UsageError: A port is taken.
    """
    wanted = {asked.site_port: "--site-port"}
    if "PREFECT_API_URL" not in os.environ:
        wanted[asked.port] = "--port"
    for port, option in wanted.items():
        if not _server.is_free(port):
            raise UsageError(f"port {port} is taken.", remedy=f"Use {option} for another one.")


def own_or_given(asked: Asked, children: list[Child]) -> Server:
    """Use the server of ``PREFECT_API_URL``, else start one and wait for it."""
    if "PREFECT_API_URL" in os.environ:
        server = _server.living()
        if server is not None:
            return server
    child, server = _server.begin(asked.port)
    children.append(child)
    _server.wait(child, server)
    return server


def start_site(asked: Asked, server: Server, children: list[Child]) -> None:
    """Start the site and wait until it answers.

    Raises:
        AimlineError: It did not answer in time.
    """
    states = [f"{name}={path}" for name, path in asked.states().items()]
    words = (sys.executable, "-m", "flows._serving", "site", str(asked.site_port), server.api_url, *states)
    child = start(Program("site", words, dict(os.environ), _server.home() / "site.log"))
    children.append(child)
    until = wall_seconds() + SITE_ANSWERS_WITHIN_SECONDS
    while _server.is_free(asked.site_port):
        if not child.is_alive or wall_seconds() > until:
            raise AimlineError(f"the site did not answer; its last lines:\n{child.last_lines()}")
        sleep(0.1)


def table(asked: Asked, server: Server) -> list[str]:
    """Return what the operator needs to know: each district, and where everything is."""
    from aimline.context import next_night

    password = "" if "PREFECT_SERVER_API_AUTH_STRING" in os.environ else f", password in {_server.home() / 'auth'}"
    lines = []
    for each in asked.districts:
        night = next_night(each)
        when = f"next night {night:%Y-%m-%d %H:%M} {each.district.time_zone}"
        lines.append(f"{each.name:<10}  {when}   {_last(asked, each)}")
    return [
        *lines,
        f"runs        {server.api_url.removesuffix('/api')}      user aimline{password}",
        f"site        http://{HOST}:{asked.site_port}/",
        f"health      http://{HOST}:{asked.site_port}/-/health         stop with ctrl-c",
    ]


def _last(asked: Asked, district: "Deployment") -> str:
    """Say what the last finished night of a district was, and which release readers see."""
    about = _about(asked.states()[district.district.district_id])
    if about["last_as_of"] is None:
        return "no night has run yet"
    state = str(about["last_state"]).replace("_", " ")
    return f"last {about['last_as_of']} {state}   release {about['release_id']}"


def _about(state: Path) -> dict[str, str | None]:
    """Read the last finished night and the current release from a state root."""
    from aimline.journal import open_journal
    from aimline.ledger.nights import last_finished
    from aimline.ledger.releases import current
    from aimline.storage import open_store

    store = open_store(state)
    journal = open_journal(store)
    last, release = last_finished(journal), current(store)
    journal.close()
    return {
        "last_as_of": last.as_of.isoformat() if last else None,
        "last_state": last.payload["state"] if last else None,
        "release_id": release.release_id if release else None,
    }


def _schedule(asked: Asked, server: Server) -> Program:
    """Return the program that fires the nights: its flow runs are processes of their own, heard of every 30 seconds."""
    words = (sys.executable, "-m", "flows._serving", "schedule", asked.state or "")
    places = [str(each.folder) for each in asked.districts]
    environment = {
        **os.environ,
        **_server.settings(server),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_RUNNER_POLL_FREQUENCY": "10",
    }
    return Program("schedule", (*words, *places), environment, _server.home() / "schedule.log")


ON_DEMAND = ("collection", "modeling", "reviewing", "publishing", "alerting", "rollover")
"""The flows that run when somebody asks; each is the function of the same name in its module. No one has a schedule."""


def deployments_of(district: "Deployment", state: str | None = None) -> "list[RunnerDeployment]":
    """Return the Prefect deployments of a district: its nights, and what runs on demand."""
    on_demand = (getattr(import_module(f"flows.{name}"), name) for name in ON_DEMAND)
    return [nightly_deployment(district, state), *(_deployed(flow, district, state) for flow in on_demand)]


def nightly_deployment(district: "Deployment", state: str | None = None) -> "RunnerDeployment":
    """Return the Prefect deployment of a district's nights: its hour, in its zone, one at a time."""
    from prefect.schedules import Cron

    from flows.nightly import nightly

    hour, minute = district.district.nightly.at.split(":")
    cron = f"{int(minute)} {int(hour)} * * *"
    schedule = Cron(cron, timezone=district.district.time_zone, slug="nightly")
    return _deployed(nightly, district, state, schedule=schedule, concurrency_limit=1)


def _deployed(flow: Any, district: "Deployment", state: str | None, **how: Any) -> "RunnerDeployment":
    """Return a deployment of a flow for a district; by a file path a second copy of the module would be imported."""
    from prefect.types.entrypoint import EntrypointType

    made = flow.to_deployment(
        f"{district.district.district_id}-{flow.name}",
        parameters={"deployment": str(district.folder), "state": state},
        tags=[district.district.district_id],
        entrypoint_type=EntrypointType.MODULE_PATH,
        **how,
    )
    return cast("RunnerDeployment", made)  # a coroutine only inside an event loop


def _run_schedule(state: str, places: Sequence[str]) -> None:
    """Fire the nights of the districts until the process is told to end."""
    import prefect

    from aimline.settings import load_deployment

    deployments = [each for place in places for each in deployments_of(load_deployment(place), state or None)]
    prefect.serve(*deployments, print_starting_message=False)


def _run_site(port: int, api_url: str, states: Mapping[str, Path]) -> None:
    """Show the pages until the process is told to end."""
    import uvicorn

    from reports.preview import site_app

    def health() -> tuple[bool, dict[str, Any]]:
        is_up = _server.answers(api_url)
        districts = [{"district_id": name, **_about(path)} for name, path in states.items()]
        return is_up, {"server": "ok" if is_up else "down", "site": "ok", "districts": districts}

    uvicorn.run(site_app(states, health), host=HOST, port=port, log_level="warning", access_log=False)


def main(words: Sequence[str]) -> None:
    """Begin a child: ``schedule STATE FOLDER ...`` or ``site PORT API_URL NAME=STATE ...``."""
    if words[0] == "schedule":
        _run_schedule(words[1], words[2:])
    else:
        pairs = (word.partition("=") for word in words[3:])
        _run_site(int(words[1]), words[2], {name: Path(path) for name, _, path in pairs})


if __name__ == "__main__":
    main(sys.argv[1:])
