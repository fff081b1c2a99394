"""Move collection windows from state to state. Pure: what is due and what stands in its way come in, steps go out.

``planned → notice_sent → roster_frozen → open → extended → closed → sealed``; beside them ``blocked``, which goes back
to where it was, and ``cancelled``. A run after a gap makes the missed steps in order, each with its own day; nothing
goes back, and a step made twice is one. Whether a step may be made is ``guards``. Source: schedule.md 6.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aimline.journal import Event

CHAIN = ("planned", "notice_sent", "roster_frozen", "open", "extended", "closed", "sealed")
"""The states a window goes through, in their order."""

BLOCKED, CANCELLED = "blocked", "cancelled"
KIND = "window_transition"

_FROM = {
    "notice_sent": {"planned"},
    "roster_frozen": {"planned", "notice_sent"},
    "open": {"roster_frozen"},
    "extended": {"open", "extended"},
    "closed": {"open", "extended"},
    "sealed": {"closed"},
    CANCELLED: {"planned", "notice_sent", "roster_frozen", "open", "extended"},
}
"""From which states each state is reached."""

_DAY = timedelta(days=1)

Key = tuple[int, str]


@dataclass(frozen=True)
class WindowState:
    """Where a window stands.

    Attributes:
        name: The state.
        stands: The same; while it is blocked, the state it goes back to.
        extended_by: The frozen versions whose closures it has taken in.
    """

    name: str = "planned"
    stands: str = "planned"
    extended_by: frozenset[int] = frozenset()


PLANNED = WindowState()
WindowStates = Mapping[Key, WindowState]


@dataclass(frozen=True)
class Extension:
    """One closure inside an open window: the version that took it in, the day of that version, the new last day."""

    on: date
    version: int
    closes_on: date


@dataclass(frozen=True)
class Course:
    """The days of one window, as its plan has them.

    Attributes:
        version: The frozen version they come from; 0 of a proposal.
        notice_on: When its notice is due; None where it needs none.
        opt_out_on: The last day to opt out.
        freeze_on: When the list of those asked is frozen.
        late_until_on: The last day on which answers are still accepted.
        owner: The role that answers for it.
        cancelled_on: When a person called it off, with the reason.
    """

    school_year: int
    window_id: str
    version: int
    opens_on: date
    closes_on: date
    late_until_on: date
    freeze_on: date
    notice_on: date | None = None
    opt_out_on: date | None = None
    owner: str | None = None
    extensions: tuple[Extension, ...] = ()
    cancelled_on: date | None = None
    reason: str = ""

    @property
    def key(self) -> Key:
        """Return what names the window among all years."""
        return self.school_year, self.window_id


@dataclass(frozen=True)
class Refusal:
    """Why a step cannot be made: the guard, what to tell people, who can mend it."""

    guard: str
    message: str
    owner: str | None = None


@dataclass(frozen=True)
class WindowEvent:
    """One step a window should make: to which state, on which day, and what its guards say.

    Attributes:
        refusals: What stands in its way; empty when its guards hold.
        detail: What is written down with the step: ids, counts and codes.
    """

    school_year: int
    window_id: str
    version: int
    to_state: str
    due_on: date
    refusals: tuple[Refusal, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Return what names the window among all years."""
        return self.school_year, self.window_id


@dataclass(frozen=True, order=True)
class Transition:
    """One step of one window, on the day it was due."""

    on: date
    school_year: int
    window_id: str
    from_state: str
    to_state: str
    version: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Action:
    """What follows from a step: ``transition``, ``alert``, or ``ignored`` with the reason; and for which window."""

    what: str
    key: Key
    transition: Transition | None = None
    refusal: Refusal | None = None
    reason: str = ""


Stepped = tuple[WindowState, tuple[Action, ...]]


def step(state: WindowState, event: WindowEvent, as_of: date) -> Stepped:
    """Return the state after an event and what follows; what cannot be is ignored with its reason, never raised.

    Args:
        state: Where the window stands.
        event: What should happen to it.
        as_of: The day of the run.
    """
    impossible = _impossible(state, event, as_of)
    if impossible:
        return state, (Action("ignored", event.key, reason=impossible),)
    if event.refusals:
        return _block(state, event)
    made = Transition(
        event.due_on, event.school_year, event.window_id, state.name, event.to_state, event.version, event.detail
    )
    taken_in = state.extended_by | {event.version} if event.to_state == "extended" else state.extended_by
    return WindowState(event.to_state, event.to_state, taken_in), (Action("transition", event.key, made),)


def _impossible(state: WindowState, event: WindowEvent, as_of: date) -> str:
    """Say why an event means nothing for a window; empty when it means something."""
    before, target = state.stands, event.to_state
    if target not in _FROM:
        return f"there is no state '{target}' to go to"
    if event.due_on > as_of:
        return f"not due before {event.due_on}"
    if target == "extended" and event.version in state.extended_by:
        return f"the closure of version {event.version} was taken in already"
    if before in _FROM[target]:
        return ""
    return f"it is {before}, from where it does not become {target}"


def _block(state: WindowState, event: WindowEvent) -> Stepped:
    """Hold a window where it stands; that it is blocked is written down once, why is told in every run."""
    alerts = tuple(Action("alert", event.key, refusal=each, reason=each.message) for each in event.refusals)
    if state.name == BLOCKED:
        return state, alerts
    detail = {"guard": event.refusals[0].guard, "wants": event.to_state, "message": event.refusals[0].message}
    made = Transition(event.due_on, event.school_year, event.window_id, state.name, BLOCKED, event.version, detail)
    return replace(state, name=BLOCKED), (Action("transition", event.key, made), *alerts)


def course_events(course: Course) -> Iterator[WindowEvent]:
    """Yield the steps of a window in their order, each with the day it is due; guards have not been asked."""

    def to(state: str, on: date, version: int = course.version, **detail: Any) -> WindowEvent:
        return WindowEvent(course.school_year, course.window_id, version, state, on, detail=detail)

    if course.notice_on is not None:
        yield to("notice_sent", course.notice_on)
    yield to("roster_frozen", course.freeze_on)
    yield to("open", course.opens_on)
    for each in course.extensions:
        yield to("extended", each.on, each.version, closes_on=each.closes_on)
    yield to("closed", course.closes_on + _DAY)
    yield to("sealed", course.late_until_on + _DAY)


Judge = Callable[[Course, WindowEvent, date], WindowEvent]
"""Returns an event with what its guards say and what is to be written down with it."""


def passing(_course: Course, event: WindowEvent, _as_of: date) -> WindowEvent:
    """Let every step pass: for looking at what is due, and for windows that were over before anybody looked."""
    return event


OVER = "was_over"
"""Marks a step of a window that was over before anybody looked: nothing was closed or sealed by it."""


def was_over(event: WindowEvent) -> WindowEvent:
    """Let a step of a window pass that was over before anybody looked, and mark it."""
    return replace(event, detail={**event.detail, OVER: True})


def told_early(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Return the steps that are made whatever comes tonight: what blocks a window is told when all has come."""
    return tuple(each for each in actions if each.transition and each.transition.to_state != BLOCKED)


def run(courses: Iterable[Course], states: WindowStates, as_of: date, judge: Judge) -> tuple[Action, ...]:
    """Return what follows for all windows: steps by their day, then what blocks which window.

    Args:
        courses: The windows.
        states: Where each stands; one that is not named is planned.
        as_of: The day of the run.
        judge: Asks the guards of a step.
    """
    found: list[Action] = []
    for course in courses:
        found += _run_one(course, states.get(course.key, PLANNED), as_of, judge)
    steps = [(_made(each.transition), each) for each in found if each.transition]
    alerts = [each for each in found if each.what == "alert"]
    return (*(each for _, each in sorted(steps, key=itemgetter(0))), *alerts)


def _made(made: Transition) -> tuple[date, int, str, int]:
    rank = CHAIN.index(made.to_state) if made.to_state in CHAIN else len(CHAIN)
    return made.on, made.school_year, made.window_id, rank


def _run_one(course: Course, state: WindowState, as_of: date, judge: Judge) -> Iterator[Action]:
    events = [*course_events(course)]
    if course.cancelled_on is not None:
        called_off = WindowEvent(course.school_year, course.window_id, course.version, CANCELLED, course.cancelled_on)
        before = [each for each in events if each.due_on < course.cancelled_on]
        events = [*before, replace(called_off, detail={"reason": course.reason})]
    for event in events:
        if event.due_on > as_of:
            break
        if _impossible(state, event, as_of):
            continue
        state, actions = step(state, judge(course, event, as_of), as_of)
        yield from actions
        if state.name == BLOCKED and course.cancelled_on is None:
            break


def transitions(courses: Iterable[Course], states: WindowStates, as_of: date) -> tuple[Transition, ...]:
    """Return the steps that are due and not made, in the order of their days, whatever their guards say.

    Args:
        courses: The windows.
        states: Where each stands; one that is not named is planned.
        as_of: The day of the run. A window opens on its first day and closes the day after its last.
    """
    return tuple(each.transition for each in run(courses, states, as_of, passing) if each.transition)


def states_of(events: "Iterable[Event]") -> dict[Key, WindowState]:
    """Return where each window stands after what the journal tells, in whatever order and however often it is told.

    The farthest state that was reached counts: no step goes back, and one that is missing was made before a later one.
    Events of other kinds are passed over.
    """
    told: dict[Key, set[tuple[str, str, int]]] = {}
    for event in events:
        if event.kind == KIND:
            made = event.payload
            key = (made["school_year"], made["window_id"])
            told.setdefault(key, set()).add((made["from_state"], made["to_state"], made.get("version", 0)))
    return {key: _state_after(steps) for key, steps in told.items()}


def _state_after(steps: set[tuple[str, str, int]]) -> WindowState:
    reached = {after for _, after, _ in steps}
    taken_in = frozenset(version for _, after, version in steps if after == "extended")
    if CANCELLED in reached:
        return WindowState(CANCELLED, CANCELLED, taken_in)
    stands = max((each for each in reached if each in CHAIN), key=CHAIN.index, default="planned")
    is_blocked = any(step[:2] == (stands, BLOCKED) for step in steps)
    return WindowState(BLOCKED if is_blocked else stands, stands, taken_in)


def window_events(steps: Iterable[Transition], as_of: date, run_id: str) -> "list[Event]":
    """Return the steps as events for the journal; a step made twice is one event."""
    from aimline.journal import Event  # a calendar is printed without a database

    return [
        Event(
            kind=KIND,
            subject_id=each.window_id,
            as_of=as_of,
            idempotency_key="|".join(
                (each.window_id, each.from_state, each.to_state, str(each.school_year), str(each.version))
            ),
            payload={
                "window_id": each.window_id,
                "school_year": each.school_year,
                "from_state": each.from_state,
                "to_state": each.to_state,
                "on": each.on,
                "version": each.version,
                **each.detail,
            },
            run_id=run_id,
        )
        for each in steps
    ]
