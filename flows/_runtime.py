"""Make steps of a night: a Prefect task that says in the journal what it did. What a step does belongs to its module.

Errors that leave a step are ours: Prefect keeps and forwards the text of an exception, and only an ``AimlineError``
promises to hold no value of a person. Observers (artifacts, printed lines) look on and can never fail a night.
"""

import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from httpx import HTTPError
from prefect import Flow, Task, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import SyncClientContext
from prefect.exceptions import PrefectException
from prefect.logging import get_logger
from prefect.runtime import flow_run, task_run
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed
from prefect.utilities.annotations import quote

from aimline.clock import wall_seconds
from aimline.context import Context, night_label, open_context
from aimline.errors import AimlineError, SourceTransientError
from aimline.ledger.nights import Night, NightFacts, StepName, last_finished, night_facts, step_event

RETRY_SECONDS = (60, 300, 900)

_P = ParamSpec("_P")
_R = TypeVar("_R")
_listeners: ContextVar[tuple[Callable[["StepDone"], None], ...]] = ContextVar("listeners", default=())


@dataclass(frozen=True)
class StepDone:
    """What a step did: ``done``, ``unchanged``, ``not_due`` or ``failed``; the report is the engine's own."""

    step: StepName
    state: str
    message: str
    seconds: float
    report: Any = None


@dataclass(frozen=True)
class Tonight:
    """The night a flow works on.

    Attributes:
        context: The run.
        window: The one window whose deliveries are collected; all when None.
        review: The one review whose evidence is frozen; all that are due when None.
    """

    context: Context
    window: str | None = None
    review: str | None = None

    @property
    def night(self) -> Night:
        """Name the night for the journal."""
        context = self.context
        return Night(context.deployment.district.district_id, context.clock.as_of, context.run_id)

    def facts(self) -> NightFacts:
        """Return what the journal holds of the night."""
        return night_facts(self.context.journal, self.night.as_of)

    def is_finished(self) -> bool:
        """Say whether this night, or a later one, has finished."""
        last = last_finished(self.context.journal)
        return last is not None and last.as_of >= self.night.as_of


@dataclass(frozen=True)
class Did:
    """What the engine did in a step: the state, and its own report."""

    state: str
    report: Any = None


Work = Callable[[Tonight], Did]
Step = Callable[[Tonight], StepDone]


def step(name: StepName, *, retries: bool = False) -> Callable[[Work], Step]:
    """Make a step of a function that calls the engine once.

    Args:
        name: The step of the night it belongs to.
        retries: Try again when a source fails in a way that time may mend, and never otherwise.
    """

    def wrap(work: Work) -> Step:
        @wraps(work)
        def attempt(tonight: Tonight) -> StepDone:
            return _attempt(name, work, tonight)

        made = task(
            name=work.__name__,
            cache_policy=NO_CACHE,
            persist_result=False,
            retries=len(RETRY_SECONDS) if retries else 0,
            retry_delay_seconds=list(RETRY_SECONDS),
            retry_condition_fn=is_transient,
        )(attempt)

        @wraps(work)
        def run(tonight: Tonight) -> StepDone:
            return made(cast("Tonight", quote(tonight)))  # quoted, so that Prefect does not walk through all facts

        run.task = made  # type: ignore[attr-defined]
        return run

    return wrap


def is_transient(_task: "Task[Any, Any]", _run: TaskRun, state: State[Any]) -> bool:
    """Say whether a failed step is worth another try."""
    return isinstance(state.data, SourceTransientError)


def is_last_try() -> bool:
    """Say whether the step that runs has no other try left."""
    return int(task_run.run_count) > len(RETRY_SECONDS)


def _attempt(name: StepName, work: Work, tonight: Tonight) -> StepDone:
    """Do the work, then say in the journal and to the listeners what came of it."""
    began = wall_seconds()
    try:
        did = work(tonight)
    except AimlineError as error:
        _say(tonight, StepDone(name, "failed", error.message, wall_seconds() - began))
        raise
    except Exception as error:  # noqa: BLE001 - whatever a bug raises, its text must not reach Prefect
        safe = AimlineError(_place(error), remedy="This is a mistake of Aimline. Please report it.")
        _say(tonight, StepDone(name, "failed", safe.message, wall_seconds() - began))
        raise safe from None
    message = tonight.facts().message(name)
    state = "unchanged" if message and did.state != "done" else did.state
    done = StepDone(name, state, message, wall_seconds() - began, did.report)
    _say(tonight, done)
    return done


def _place(error: Exception) -> str:
    """Say what broke and where; the text of a foreign error may hold values, so it is left out."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}."


def _say(tonight: Tonight, done: StepDone) -> None:
    context = tonight.context
    state = "failed" if done.state == "failed" else "done" if done.message else done.state
    context.journal.append([step_event(tonight.night, done.step, state, done.message)], at=context.clock.instant())
    for listener in _listeners.get():
        observe(listener, done)


def observe(look: Callable[_P, object], *arguments: _P.args, **options: _P.kwargs) -> None:
    """Call an observer; what it raises is logged by its kind and forgotten."""
    try:
        look(*arguments, **options)
    except Exception as error:  # noqa: BLE001 - an observer may never fail a run, whatever it raises
        name = getattr(look, "__name__", "observer")
        get_logger("aimline").warning("%s could not look on: %s", name, type(error).__name__)


@contextmanager
def listening(listener: Callable[[StepDone], None]) -> Iterator[None]:
    """Tell a listener of every step done in the block."""
    token = _listeners.set((*_listeners.get(), listener))
    try:
        yield
    finally:
        _listeners.reset(token)


@contextmanager
def tonight(deployment: str, as_of: date | None, state: str | None) -> Iterator[Tonight]:
    """Open what a night works with, and let go of it at the end."""
    context = open_context(deployment, as_of=as_of, state=state)
    try:
        yield Tonight(context)
    finally:
        context.journal.close()


def superseded(facts: NightFacts) -> NightFacts:
    """Return the facts of a night that was over before it began, in a state that Prefect shows by its name."""
    message = f"the night of {facts.as_of} has finished"
    return cast("NightFacts", Completed(name="Superseded", message=message, data=facts))


def run_name() -> str:
    """Name a flow run by district, school year and day."""
    given = flow_run.parameters
    return night_label(given["deployment"], given.get("as_of"))


def named_flow(work: Callable[_P, _R]) -> "Flow[_P, _R]":
    """Make a flow whose runs carry district, school year and day, and whose results are not kept."""
    made: Flow[_P, _R] = flow(name=work.__name__, flow_run_name=run_name, persist_result=False)(work)
    return made


def on_demand(of: Step) -> "Flow[..., StepDone]":
    """Make the flow that runs one step by itself."""

    def work(deployment: str, as_of: date | None = None, state: str | None = None) -> StepDone:
        with tonight(deployment, as_of, state) as night:
            return of(night)

    work.__name__ = work.__qualname__ = of.__module__.rpartition(".")[2]
    work.__module__ = of.__module__  # where deployments find it
    return named_flow(work)


@contextmanager
def server_errors() -> Iterator[None]:
    """Say in our words that the server went away; the steps that are done stand in the journal.

    Raises:
        AimlineError: Prefect's own trouble, whatever it was.
    """
    try:
        yield
    except (PrefectException, HTTPError) as error:
        message = f"the Prefect server could not be used: {type(error).__name__}."
        raise AimlineError(message, remedy="What was done stands. Run the night again.") from None


@contextmanager
def rehearsing() -> Iterator[None]:
    """Run flows at their cheapest: no heartbeat, one connection to the server for all of them."""
    with ExitStack() as held:
        held.enter_context(temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}))
        held.enter_context(server_errors())
        held.enter_context(SyncClientContext.get_or_create())
        yield
