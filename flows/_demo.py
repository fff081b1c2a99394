"""The demo: make Riverbend and run its year. The server starts while the district and its history are made."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from aimline.arrival import make_key_file
from aimline.clock import wall_seconds
from aimline.commands.collection import collect
from aimline.context import open_context
from aimline.demo.rehearsal import DISTRICT, SEED, Span
from aimline.demo.results import results
from aimline.demo.world import WorldOptions
from aimline.settings import load_deployment
from aimline.transform import BuildRequest, build, is_compiled
from flows import _server
from flows._rehearsal import Rehearsal, prepare, run_nights
from flows._server import Server
from flows._serving import Asked, start_site
from flows._tree import Child, Program, start, stop, tree, watch

FIRST = date(2026, 8, 19)
LAST = date(2027, 5, 20)
SHORT_LAST = date(2027, 1, 11)
SHORT_WORLD = WorldOptions(students=900, schools=4, years=2)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Demo:
    """What to show: the whole year or up to the mid-year review, and whether to serve the pages afterwards."""

    is_short: bool
    serves: bool
    seed: int
    state: str | None

    def rehearsal(self) -> Rehearsal:
        """Return the rehearsal of the demo."""
        span = Span(FIRST, SHORT_LAST if self.is_short else LAST, "month" if self.is_short else "due")
        world = SHORT_WORLD if self.is_short else WorldOptions()
        return Rehearsal(DISTRICT, span, str(self.root()), self.seed, world)

    def root(self) -> Path:
        """Return the state root: as asked for, else one of its own for every kind of demo."""
        name = DISTRICT + ("-short" if self.is_short else "") + (f"-{self.seed}" if self.seed != SEED else "")
        return Path(self.state or os.environ.get("AIMLINE_STATE") or Path("var") / name)


def run_demo(demo: Demo, tell: Tell) -> None:
    """Run the demo: server, district, history, nights, what came out, pages.

    Raises:
        AimlineError: A step failed; started again, the demo goes on after the last finished night.
    """
    began = wall_seconds()
    asked = demo.rehearsal()
    places = _places(demo)
    with ExitStack() as held:
        if demo.serves:
            held.enter_context(_server.only_one(places.port, places.site_port))
        children = held.enter_context(tree())
        server = _server_and_history(asked, places, children, tell)
        n = run_nights(asked, tell)
        _server.drain()
        tell(f"{n} nights of {DISTRICT} in {wall_seconds() - began:.0f} s; state in {demo.root()}")
        _tell_results(asked, tell)
        if demo.serves:
            start_site(places, server, children)
        for line in _what_next(demo, places, server):
            tell(line)
        if demo.serves:
            watch(children)


def _places(demo: Demo) -> Asked:
    """Choose the ports: the usual ones, or others when somebody has them."""
    usual = Asked([load_deployment(DISTRICT)], str(demo.root()))
    port = usual.port if _server.is_free(usual.port) else _server.free_port()
    site_port = usual.site_port if _server.is_free(usual.site_port) else _server.free_port()
    return replace(usual, port=port, site_port=site_port)


def _server_and_history(asked: Rehearsal, places: Asked, children: list[Child], tell: Tell) -> Server:
    """Let the server start on one core while the other makes the district and takes in its history."""
    server = _server.living() if "PREFECT_API_URL" in os.environ else None
    if server is not None:
        _make_history(asked)
    else:
        tell("a Prefect server starts; meanwhile Riverbend and its history are made")
        child, server = _server.begin(places.port)
        children.append(child)
        with _compiling():
            _make_history(asked)
        _server.wait(child, server)
    _server.use(server)
    return server


@contextmanager
def _compiling() -> Iterator[None]:
    """Let dbt compile the project, unless it did, on the other core; a build that comes too early waits for it."""
    if is_compiled():
        yield
        return
    words = (sys.executable, "-m", "aimline.transform")
    child = start(Program("dbt", words, os.environ, _server.home() / "dbt.log"))
    try:
        yield
    finally:
        stop(child)


def _make_history(asked: Rehearsal) -> None:
    """Take in what the vendors sent before the first night, as the engine's verbs would; once."""
    make_key_file(DISTRICT)
    _, vendors, since = prepare(asked)
    if since is not None or vendors is None:
        return
    eve = asked.span.first - timedelta(days=1)
    vendors.deliver(None, eve)
    context = open_context(asked.deployment, as_of=eve, state=asked.state)
    try:
        collect(context)
        build(BuildRequest(DISTRICT, context.store, context.journal, context.clock))
    finally:
        context.journal.close()


def _tell_results(asked: Rehearsal, tell: Tell) -> None:
    context = open_context(asked.deployment, as_of=asked.span.last, state=asked.state)
    try:
        for line in results(context):
            tell(line)
    finally:
        context.journal.close()


def _what_next(demo: Demo, places: Asked, server: Server) -> Iterator[str]:
    """Yield where things are and what to try."""
    state = f"--state {demo.root()}"
    if demo.serves:
        site = f"http://{_server.HOST}:{places.site_port}/"
        yield f"the board's page     {site}{DISTRICT}/board/district/"
        yield f"every edition        {site}"
        yield f"the runs             {server.api_url.removesuffix('/api')}   password in {_server.home() / 'auth'}"
    else:
        yield f"the pages are in {demo.root()}/out; aimline serve {DISTRICT} {state} shows them"
    yield "try next"
    yield f"  aimline quarantine {DISTRICT} {state}"
    yield f"  aimline measures {DISTRICT} --measure chronic_absence --as-of {demo.rehearsal().span.last} {state}"
    yield f"  aimline run {DISTRICT} --as-of {demo.rehearsal().span.last} {state}"
    yield "  change a target in deployments/riverbend/indicators.yml and run the night again"
    if demo.serves:
        yield "stop with ctrl-c"
