"""Make every model in a new database: as many side by side as the machine has processors.

A new file has no reader and is thrown away when anything fails, so every table is kept when it is made, and each thread
has a connection of its own. What a table holds never depends on the order in which others are made.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from contextvars import copy_context
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from queue import SimpleQueue

from aimline.errors import TransformError
from aimline.transform.making import REMEDY, check, make
from aimline.transform.nights import Ran
from aimline.transform.plans import Plan, Step
from aimline.warehouse import Connection, processors, quote_ident

HELD = "held"
"""The database in memory that holds the rows of views which several tables read."""


def run_whole(connection: Connection, plan: Plan, project: Path) -> Ran:
    """Make every model, in a database that has none.

    Args:
        connection: The database, with ``landed`` in it.
        plan: What to run.
        project: Where dbt's files are.

    Raises:
        TransformError: A query failed, a rule is broken, or a table has other columns than it promises.
    """
    steps = {step.name: step for step in plan.steps}
    connection.execute(f"attach if not exists ':memory:' as {HELD}")
    with ExitStack() as held:
        others = [held.enter_context(connection.beside()) for _ in range(1, processors())]
        _side_by_side(steps, (connection, *others), project)
    for step in plan.steps:
        if step.is_once:
            make(connection, step, project, _target(step))
    connection.execute(f"detach {HELD}")
    return Ran(tuple(steps), frozenset(steps), sum(step.n_checks for step in plan.steps), {})


def follows(steps: Sequence[Step]) -> Iterator[tuple[str, set[str]]]:
    """Yield every step with those that must be made before: the tables it reads, and the views it may read them by.

    A plan does not say by which views: they come before it in the plan, and read no table that it does not read.
    """
    views: list[Step] = []
    names = {step.name for step in steps}
    for step in steps:
        reads = set(step.inputs)
        yield step.name, (reads & names) | {view.name for view in views if reads.issuperset(view.inputs)}
        if step.kind == "view":
            views.append(step)


def _side_by_side(steps: Mapping[str, Step], connections: Sequence[Connection], project: Path) -> None:
    """Make all steps, each as soon as those before it are made; when one fails, what else runs is ended."""
    order = TopologicalSorter(dict(follows(tuple(steps.values()))))
    order.prepare()
    free: SimpleQueue[Connection] = SimpleQueue()
    for each in connections:
        free.put(each)
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(len(connections)) as pool:
        try:
            while order.is_active():
                for name in order.get_ready():
                    made = pool.submit(copy_context().run, partial(_make, free, steps[name], project))
                    running[made] = name
                for made in wait(running, return_when=FIRST_COMPLETED).done:
                    made.result()
                    order.done(running.pop(made))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for each in connections:
                each.interrupt()
            raise


def _make(free: "SimpleQueue[Connection]", step: Step, project: Path) -> None:
    """Make one step by a connection that nobody uses."""
    connection = free.get()
    try:
        make(connection, step, project, _target(step))
        check(connection, step, _target(step).partition(" ")[2])
        if step.contract:
            _hold_contract(connection, step)
        if step.is_once:
            _hold(connection, step)
    finally:
        free.put(connection)


def _target(step: Step) -> str:
    """Write what a step becomes, as SQL makes it."""
    return f"{'view' if step.kind == 'view' else 'table'} main.{quote_ident(step.name)}"


def _hold_contract(connection: Connection, step: Step) -> None:
    """Refuse a table whose columns are not those that readers are promised."""
    made = connection.columns(f"from main.{quote_ident(step.name)}")
    promised = {name: kind.upper() for name, kind in step.contract.items()}
    differing = sorted({name for name, _ in made.items() ^ promised.items()})
    if differing:
        raise TransformError(f"Model {step.name}: contract: {', '.join(differing)}", remedy=REMEDY)


def _hold(connection: Connection, step: Step) -> None:
    """Ask a view once, and let those that read it read what it gave: DuckDB asks a view anew for each of them."""
    held = f"{HELD}.main.{quote_ident(step.name)}"
    make(connection, step, Path(), f"table {held}")
    connection.execute(f"create or replace view main.{quote_ident(step.name)} as from {held}")
