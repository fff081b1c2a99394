"""Tell a departure once: which evaluation of a series makes which event of an alert.

Pure: earlier events and evaluations in, new events out. A departure from a series' own level begins when it is
selected, goes on while its chance stays below .10, and ends after two evaluations above; one from the aim line begins
after two periods that are unlikely to meet it (below .20; one for a wave, which comes a few times a year) and ends
after two above .35; where the year is forecast, after two months whose forecast is below .20, and with one above .35,
since a forecast holds what all months before it told. In between lies a band, so noise at a threshold tells nothing.
It is told again only when it grew by half. Source: signals.md 12.1 and 14.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from aimline.signals.alert_states import (
    ADVERSE,
    OF_THEIR_OWN,
    OFF_PATH,
    AlertEvent,
    AlertState,
    Key,
    after,
    fold_states,
    key_of,
    noted,
)

OFF_BELOW = 0.20
CLEAR_ABOVE = 0.35
GONE_FROM = 0.10
WORSENED_BY = 1.5
_RUN = 2
_WEEKDAYS = 5


@dataclass(frozen=True)
class Evaluation:
    """One judged period of one series.

    Attributes:
        unit_id: The unit.
        indicator_id: The indicator.
        group_id: The group, ``all`` for everybody.
        period_on: Last day of the period.
        p: Off the path, the chance of being on the good side of the line, or that the year meets its target; else of
            such a shift without a change. None when nobody can tell.
        effect: Off the path, the distance to the line or the target in the bad direction; else the estimated shift.
        is_wave: One evaluation decides.
        kind: off_path, concern, improvement, change, district, peer or sudden.
        is_selected: It is an alert by itself (any kind but off_path).
        is_failing: Off the path, the limits of its chart lie on the wrong side of the target: one evaluation decides.
        is_forecast: Off the path, it is a month of a year that is forecast.
        is_hidden: The figure is not shown any more, or was not enough to judge.
        reopens_within: An alert that ended goes on when it is selected again within so many evaluations.
        details: What the event keeps for its explanation.
    """

    unit_id: str
    indicator_id: str
    group_id: str
    period_on: date
    p: float | None
    effect: float | None
    is_wave: bool = False
    kind: str = OFF_PATH
    is_selected: bool = False
    is_failing: bool = False
    is_forecast: bool = False
    is_hidden: bool = False
    reopens_within: int = 4
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Return what the evaluation is about, without its period."""
        return (self.unit_id, self.indicator_id, self.group_id, self.kind)

    @property
    def is_off(self) -> bool:
        """Say whether the period by itself speaks for an alert."""
        if self.kind == OFF_PATH:
            return self.p is not None and self.p < (CLEAR_ABOVE if self.is_failing else OFF_BELOW)
        return self.is_selected

    @property
    def is_still(self) -> bool:
        """Say whether the departure is still to be seen."""
        return self.is_off or (self.kind != OFF_PATH and self.p is not None and self.p < GONE_FROM)

    @property
    def is_clear(self) -> bool:
        """Say whether the departure can no longer be seen."""
        if self.kind == OFF_PATH:
            return self.p is not None and self.p > CLEAR_ABOVE
        return self.p is not None and self.p >= GONE_FROM and not self.is_selected

    @property
    def needed(self) -> int:
        """Return how many evaluations in a row begin an alert."""
        return 1 if self.is_wave or self.is_failing or self.kind != OFF_PATH else _RUN

    @property
    def needed_clear(self) -> int:
        """Return how many evaluations in a row end one."""
        return 1 if self.is_wave or self.is_forecast else _RUN


@dataclass(frozen=True)
class Clockwork:
    """What time alone does to alerts.

    Attributes:
        escalate_after: School days after which an alert that nobody took on is told to the next role.
        school_days: The days of instruction, in order; weekdays count where none are known.
    """

    escalate_after: int = 10
    school_days: tuple[date, ...] = ()

    def passed(self, since: date, until: date) -> int:
        """Return the school days after a day, up to another."""
        if self.school_days:
            return sum(since < day <= until for day in self.school_days)
        days = (since + timedelta(days=n) for n in range(1, (until - since).days + 1))
        return sum(day.weekday() < _WEEKDAYS for day in days)


def advance(
    previous: Iterable[Mapping[str, Any]],
    evaluations: Iterable[Evaluation],
    as_of: date,
    clockwork: Clockwork | None = None,
) -> list[AlertEvent]:
    """Return the events that the evaluations and the passing of time add to those already written.

    Args:
        previous: Rows of the journal's ``alert_events``, oldest first; later than ``as_of`` are left out. What people
            did stands among them.
        evaluations: All judged periods so far; older ones only serve to count runs, and to see what was revised.
        as_of: The day of knowledge.
        clockwork: What time alone does; nothing when None.

    Returns:
        New events by period and key. The same call after they were written returns none.
    """
    told = [row for row in previous if str(row["as_of"]) <= as_of.isoformat()]
    states = fold_states(told, as_of)
    series: dict[Key, list[Evaluation]] = defaultdict(list)
    for evaluation in evaluations:
        if evaluation.period_on <= as_of:
            series[_base(evaluation.key)].append(evaluation)
    kinds = {*states, *(each.key for found in series.values() for each in found)}
    events = list(_revised(told, series, as_of))
    for key in sorted(kinds):
        ordered = sorted(series.get(_base(key), ()), key=lambda evaluation: evaluation.period_on)
        events += _advance_key(states.get(key, AlertState()), [_seen_as(key, each) for each in ordered], as_of)
    if clockwork is not None:
        events += _timed(fold_states([*told, *(event.row() for event in events)], as_of), clockwork, as_of)
    known = {row["event_id"] for row in told}
    fresh = [event for event in events if event.event_id not in known]
    return sorted(fresh, key=lambda event: (event.period_on, event.event_type == "new", event.key))


def _base(key: Key) -> Key:
    """Return the series of a key: what leaves its own level is one series, whichever way it goes."""
    return (*key[:3], key[3] if key[3] in OF_THEIR_OWN else "")


def _seen_as(key: Key, evaluation: Evaluation) -> Evaluation:
    """Return an evaluation as an alert of another kind sees it: what goes the other way has left its way."""
    if evaluation.kind == key[3] or evaluation.is_hidden or evaluation.p is None:
        return replace(evaluation, kind=key[3])
    return replace(evaluation, kind=key[3], p=1.0, is_selected=False, details={"is_opposite": evaluation.is_selected})


def _advance_key(state: AlertState, series: Sequence[Evaluation], as_of: date) -> list[AlertEvent]:
    """Walk the periods after the newest event; a run is counted since that event only."""
    events: list[AlertEvent] = []
    runs = _Runs(n_clear=state.n_clear)
    for evaluation in series:
        if state.period_on is not None and evaluation.period_on <= state.period_on:
            continue
        runs = runs.with_one_more(evaluation)
        for event in _events(state, evaluation, runs, as_of):
            events.append(event)
            state = after(state, event.row())
            runs = _Runs(n_clear=state.n_clear)
    return events


@dataclass(frozen=True)
class _Runs:
    """What was seen since the newest event: periods that are off, clear ones, and all that were evaluated."""

    off: tuple[Evaluation, ...] = ()
    n_clear: int = 0
    n: int = 0
    was_gone: bool = False

    def with_one_more(self, newest: Evaluation) -> "_Runs":
        """Return the runs after one more period; one that nobody can judge breaks none."""
        if newest.p is None or newest.is_hidden:
            return self
        off = (*self.off, newest) if newest.is_off else ()
        n_clear = self.n_clear + 1 if newest.is_clear else 0 if newest.is_still else self.n_clear
        return _Runs(off, n_clear, self.n + 1, self.was_gone or n_clear >= newest.needed_clear)


def _events(state: AlertState, newest: Evaluation, runs: _Runs, as_of: date) -> Iterator[AlertEvent]:
    """Yield the events of one evaluation."""
    make = _Maker(state, newest, as_of)
    if newest.is_hidden:
        if state.is_open:
            yield make.event("held", "held", n_clear=runs.n_clear)
        return
    if newest.p is None:
        return
    if state.state == "held":
        shown = make.event("shown", state.before, n_clear=runs.n_clear)
        yield shown
        state = after(state, shown.row())
        make = _Maker(state, newest, as_of)
    step = _step_open if state.is_open else _step_closed if state.state == "closed" else _step_quiet
    yield from step(state, newest, runs, make)


@dataclass(frozen=True)
class _Maker:
    """Makes the events of one evaluation of one alert."""

    state: AlertState
    newest: Evaluation
    as_of: date

    def event(self, event_type: str, to_state: str, **payload: Any) -> AlertEvent:
        """Return an event of the episode that runs."""
        newest, state = self.newest, self.state
        details = {name: each for name, each in newest.details.items() if name != "is_opposite"}
        return AlertEvent(
            newest.key,
            event_type,
            state.state,
            to_state,
            state.episode,
            newest.period_on,
            state.since_on or newest.period_on,
            self.as_of,
            newest.p or 0.0,
            newest.effect or 0.0,
            details | payload,
            details.get("p_adjusted"),
        )

    def fresh(self, since_on: date) -> AlertEvent:
        """Return the event that begins an episode."""
        state = replace(self.state, episode=self.state.episode + 1, since_on=since_on)
        return _Maker(state, self.newest, self.as_of).event("new", "new")


def _step_quiet(state: AlertState, newest: Evaluation, runs: _Runs, make: _Maker) -> Iterator[AlertEvent]:
    """Begin an episode, or go on with one that ended a short while ago."""
    if not newest.is_off or len(runs.off) < newest.needed:
        return
    if state.state in {"resolved", "expired"} and runs.n <= newest.reopens_within:
        yield make.event("reopened", "ongoing")
    else:
        yield make.fresh(_since(newest, runs))


def _since(newest: Evaluation, runs: _Runs) -> date:
    told = newest.details.get("changed_on")
    return date.fromisoformat(told) if told else runs.off[0].period_on


def _step_closed(state: AlertState, newest: Evaluation, runs: _Runs, make: _Maker) -> Iterator[AlertEvent]:
    """Leave alone what a person closed, until it grew by half, or was gone and comes anew."""
    if newest.is_off and runs.was_gone and len(runs.off) >= newest.needed:
        yield make.fresh(_since(newest, runs))
    elif newest.is_still and _has_grown(state, newest):
        yield make.event("reopened", "ongoing")


def _step_open(state: AlertState, newest: Evaluation, runs: _Runs, make: _Maker) -> Iterator[AlertEvent]:
    """End an episode, tell that it grew, or that it goes on."""
    turned = newest.is_selected and (newest.effect or 0.0) * state.pushed_effect < 0
    if turned or newest.details.get("is_opposite"):
        ended = make.event("resolved", "resolved")
        yield ended
        if turned:
            yield _Maker(after(state, ended.row()), newest, make.as_of).fresh(newest.period_on)
    elif runs.n_clear >= newest.needed_clear:
        word = "expired" if state.state == "new" else "resolved"
        yield make.event(word, word)
    elif newest.is_still and _has_grown(state, newest):
        word = "worsened" if newest.kind in ADVERSE else "grew"
        yield make.event(word, "ongoing" if state.state == "new" else state.state)
    elif newest.is_still and state.state == "new":
        yield make.event("ongoing", "ongoing")


def _has_grown(state: AlertState, newest: Evaluation) -> bool:
    effect, told = newest.effect or 0.0, state.pushed_effect
    return effect * told > 0 and abs(effect) >= WORSENED_BY * abs(told)


def _revised(
    told: Sequence[Mapping[str, Any]], series: Mapping[Key, Sequence[Evaluation]], as_of: date
) -> Iterator[AlertEvent]:
    """Yield what late data changed: an alert that began with a period which is none any more."""
    for row in told:
        if row["event_type"] not in {"new", "reopened"} or "assurance" in row["payload"]:
            continue
        key = key_of(row)
        now = next((each for each in series.get(_base(key), ()) if str(each.period_on) == str(row["period_on"])), None)
        if now is None or now.is_hidden or now.p is None:
            continue
        if row["payload"].get("judged_by") != now.details.get("judged_by"):  # another question, not other data
            continue
        seen = _seen_as(key, now)
        if seen.is_off:
            continue
        payload = {"was": {"effect": row["effect"], "p": row["p"]}, "is": {"effect": now.effect, "p": now.p}}
        begun = AlertState("new", row["episode"], date.fromisoformat(row["payload"]["since_on"]))
        event = _Maker(begun, seen, as_of).event("revised", row["to_state"], **payload)
        yield replace(event, from_state=row["to_state"], detail=f"{event.p:.12g}")


def _timed(states: Mapping[Key, AlertState], clockwork: Clockwork, as_of: date) -> Iterator[AlertEvent]:
    """Yield what time alone did: a due date that passed, a concern that nobody took on."""
    for key, state in sorted(states.items()):
        if state.state == "acknowledged" and state.due_on and state.due_on < as_of and state.overdue_on != state.due_on:
            yield noted(key, state, as_of, ("overdue", {"due_on": state.due_on.isoformat(), "owner": state.owner}))
        waiting = state.state in {"new", "ongoing"} and key[3] in ADVERSE and not state.is_escalated
        if waiting and state.opened_on and clockwork.passed(state.opened_on, as_of) >= clockwork.escalate_after:
            yield noted(key, state, as_of, ("escalated", {}))
