"""The verbs that need flows: they parse, find a server, run, tell. What a night does is ``flows/nightly.py``."""

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, as_day, number_of, say, say_json
from aimline.demo.rehearsal import SEED, Every, Span
from aimline.errors import UsageError
from aimline.ledger.nights import STEPS, StepName
from flows._server import PORT
from flows._serving import SITE_PORT

if TYPE_CHECKING:
    from flows._nights import NightDone
    from flows._runtime import StepDone

Until = Annotated[
    StepName | None, typer.Option("--until", metavar="STEP", help=f"Stop after a step: {', '.join(STEPS)}.")
]


def run(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    as_of: AsOf = None,
    until: Until = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Run one night: everything due as of the date."""
    from aimline.settings import load_deployment
    from flows import _server

    load_deployment(deployment)
    with _server.at_hand(_aside):
        from flows._nights import Nightly, run_night

        what = Nightly(deployment, state, until)
        done = run_night(what, as_of, _ignore if as_json else _say_step)
    if as_json:
        say_json(_as_json(deployment, done))
    else:
        say(_summary(deployment, done))
    return _exit_code(done)


First = Annotated[date, typer.Option("--from", metavar="DATE", parser=as_day, help="The first night.")]
Last = Annotated[date, typer.Option("--to", metavar="DATE", parser=as_day, help="The last night.")]
EveryOption = Annotated[
    Every,
    typer.Option(
        "--every",
        metavar="WHICH",
        help="night: all; week, fortnight, month: Mondays, four weeks a month; due: days of the plan, other Mondays.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Another seed is another district.")]
Port = Annotated[int, typer.Option("--port", metavar="N", help="Port of the Prefect server.")]
SitePort = Annotated[int, typer.Option("--site-port", metavar="N", help="Port of the site.")]


def rehearse(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    first: First,
    last: Last,
    every: EveryOption = "night",
    state: State = None,
    seed: Seed = SEED,
) -> int:
    """Run every night of a span against one server; started again, it goes on after the last finished night."""
    from flows import _server
    from flows._rehearsal import Rehearsal, run_nights

    asked = Rehearsal(deployment, Span(first, last, every), state, seed)
    with _server.at_hand(_aside):
        n = run_nights(asked, say)
    say(f"{number_of(n, 'night')} of {deployment} rehearsed.")
    return 0


def serve(
    deployments: Annotated[
        list[str] | None, typer.Argument(metavar="[DEPLOYMENT...]", help="All when none is named.")
    ] = None,
    *,
    port: Port = PORT,
    site_port: SitePort = SITE_PORT,
    state: State = None,
) -> int:
    """Keep the Prefect server, the nightly schedule and the site running on loopback."""
    from aimline.settings import DEPLOYMENTS, load_deployment
    from flows._serving import Asked
    from flows._serving import serve as keep_running

    names = deployments or sorted(path.parent.name for path in DEPLOYMENTS.glob("*/district.yml"))
    if state and len(names) > 1:
        raise UsageError("--state is the state root of one district.", remedy="Name one deployment.")
    asked = Asked([load_deployment(name) for name in names], state, port, site_port)
    with suppress(KeyboardInterrupt):
        for line in keep_running(asked):
            say(line)
    return 0


def demo(
    *,
    short: Annotated[bool, typer.Option("--short", help="Fewer students, to the mid-year review.")] = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Print what came out and end.")] = False,
    seed: Seed = SEED,
    state: State = None,
) -> int:
    """Make the example district, run its year to the end-of-year review, show its pages."""
    from flows._demo import Demo, run_demo

    with suppress(KeyboardInterrupt):
        run_demo(Demo(is_short=short, serves=not no_serve, seed=seed, state=state), say)
    return 0


def _exit_code(done: "NightDone") -> int:
    return 1 if done.facts.to_act_on else 0


def _aside(text: str) -> None:
    typer.echo(text, err=True)


def _ignore(_done: "StepDone") -> None:
    return None


def _say_step(done: "StepDone") -> None:
    say(f"{done.step:<8} {done.state:<10} {done.message or '-':<60} {done.seconds:6.1f} s")


def _state(done: "NightDone") -> str:
    """Say how the night ended; one that was told to stop after a step is not finished."""
    if not done.steps:
        return "superseded"
    if done.steps[-1].step != STEPS[-1]:
        return f"stopped after {done.steps[-1].step}"
    return "finished_with_findings" if done.facts.to_act_on else "finished"


def _summary(district: str, done: "NightDone") -> str:
    """Write the last line of a night."""
    facts = done.facts
    parts = [
        number_of(len(facts.batches), "batch") if len(facts.batches) == 1 else f"{len(facts.batches)} batches",
        f"{number_of(facts.n_touched_days, 'day')} touched",
        number_of(done.n_models, "model"),
        number_of(len(facts.alerts), "alert"),
        *facts.to_act_on,
        f"release {facts.release_id}" if facts.release_id else "no release",
    ]
    words = _state(done).replace("_", " ")
    return f"night {facts.as_of} {district} {words}: {', '.join(parts)}   {done.cpu:.1f} CPU s  {done.wall:.0f} s"


def _as_json(district: str, done: "NightDone") -> dict[str, object]:
    facts = done.facts
    steps = [
        {"step": each.step, "state": each.state, "message": each.message, "wall_seconds": round(each.seconds, 3)}
        for each in done.steps
    ]
    return {
        "district_id": district,
        "as_of": facts.as_of,
        "state": _state(done),
        "steps": steps,
        "release_id": facts.release_id,
        "findings": [*facts.to_act_on, *facts.findings],
        "exit": _exit_code(done),
    }
