"""The night as a flow: its steps in their order, where it stops, what Prefect shows of it."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter

from aimline.clock import sleep
from aimline.context import open_context
from aimline.errors import TransformError
from flows import nightly as module
from flows._night_note import note
from flows._runtime import Did, Tonight
from flows.nightly import NIGHT, nightly, review
from flows.reviewing import tell_causes

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("prefect_server")]

DAY = date(2026, 10, 14)


def events(state: str, kind: str) -> list[Any]:
    """What the journal holds of a kind."""
    context = open_context("riverbend", as_of=DAY, state=state)
    found = context.journal.events(kind)
    context.journal.close()
    return found


def test_night_is_its_six_steps_in_order(heard: list[str], state: str) -> None:
    """Due, collect, build, publish, review, alert; then the night is finished."""
    nightly("riverbend", DAY, state)
    assert heard == ["due", "collect", "build", "publish", "review", "alert"]
    [finished] = events(state, "night_finished")
    assert (finished.subject_id, finished.payload["state"]) == ("riverbend/2026-10-14", "finished")


def test_night_stops_after_the_step_it_is_told(heard: list[str], state: str) -> None:
    """A night that stopped early is not finished; the next run goes on."""
    nightly("riverbend", DAY, state, "build")
    assert heard == ["due", "collect", "build"]
    assert events(state, "night_finished") == []


def test_note_that_breaks_fails_no_night(heard: list[str], state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The artifact is an observer: the night is finished whatever becomes of it."""

    def breaking(_night: Tonight) -> None:
        raise RuntimeError("no server")

    monkeypatch.setattr(module, "leave_note", breaking)
    nightly("riverbend", DAY, state)
    assert len(events(state, "night_finished")) == 1


def test_prefect_shows_the_run_with_its_name_and_note(heard: list[str], state: str) -> None:
    """A run carries district, school year and day; its note is an artifact of the run."""
    nightly("riverbend", date(2026, 11, 5), state)
    with get_client(sync_client=True) as client:
        runs = {run.name: run for run in client.read_flow_runs()}
        run = runs["riverbend 2026-27 2026-11-05"]
        assert run.state
        assert run.state.is_completed()
        notes = client.read_artifacts()
    assert any(each.flow_run_id == run.id and "riverbend/2026-11-05" in str(each.data) for each in notes)


def test_night_is_one_run_with_one_task_a_step(heard: list[str], state: str) -> None:
    """Prefect's database grows with every run: a night has no runs below it, and a task for each step."""
    nightly("riverbend", date(2026, 11, 6), state)
    with get_client(sync_client=True) as client:
        [run] = [each for each in client.read_flow_runs() if each.name == "riverbend 2026-27 2026-11-06"]
        for _ in range(100):  # the server writes task runs a moment later
            tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id={"any_": [run.id]}))
            if len(tasks) >= len(NIGHT):
                break
            sleep(0.1)
    assert len(tasks) == len(NIGHT)


@pytest.mark.parametrize(
    ("answer", "restated", "expected"),
    [
        ("done", (), ["seal", "freeze", "causes", "build", "publish", "packets"]),
        ("not_due", (), ["seal", "freeze"]),
        ("not_due", ("fall",), ["seal", "freeze", "causes"]),
    ],
)
def test_due_review_builds_and_publishes_once_more(
    answer: str, restated: tuple[str, ...], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packet belongs to a release of the night its evidence was frozen in, which says why figures are others."""
    asked: list[str] = []
    named = {"freeze_evidence": "freeze", "build": "build", "publish": "publish", "finish_packets": "packets"}
    named |= {"tell_causes": "causes"}
    for name, said in named.items():
        monkeypatch.setattr(module, name, lambda _night, said=said: asked.append(said) or Did(answer))
    monkeypatch.setattr(module, "seal_years", lambda _context: asked.append("seal"))
    night = SimpleNamespace(context=None, facts=lambda: SimpleNamespace(restated=restated))
    review(night)  # type: ignore[arg-type]
    assert asked == expected


def test_causes_that_cannot_be_told_hold_up_no_review(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The evidence is frozen by then, and the packet is published whether anybody knows why figures are others."""

    def failing(*_: object) -> int:
        raise TransformError("the build was made by another version.", remedy="Build once more.")

    monkeypatch.setattr("aimline.ledger.restating.tell", failing)
    context = open_context("riverbend", as_of=DAY, state=state)
    done = tell_causes.task.fn(Tonight(context))  # type: ignore[attr-defined]
    context.journal.close()
    assert (done.step, done.state) == ("review", "unchanged")


def test_note_leaves_out_what_did_not_happen(state: str) -> None:
    """A quiet night has a short note."""
    from aimline.ledger.nights import NightFacts

    assert "quarantined" not in note("riverbend/2026-10-14", NightFacts(DAY))
    assert "| batches accepted | 2 |" in note("x", NightFacts(DAY, batches=("a", "b")))


def test_scheduled_night_that_was_done_ends_as_superseded(heard: list[str], state: str) -> None:
    """The second run of a day has nothing to do, and Prefect shows why; one with its own day always runs."""
    with time_machine.travel(datetime(2027, 2, 3, 10, 30, tzinfo=UTC)):
        nightly("riverbend", None, state)
        again = nightly("riverbend", None, state, return_state=True)
        assert (again.type.value, again.name) == ("COMPLETED", "Superseded")
        assert len(heard) == 6
        nightly("riverbend", date(2027, 2, 3), state)
    assert len(heard) == 12
    assert [event.subject_id for event in events(state, "night_finished")] == ["riverbend/2027-02-03"]


def test_night_that_is_asked_for_without_a_day_says_that_it_was_superseded(heard: list[str], state: str) -> None:
    """The command line tells a night that was over from one that ran."""
    from flows._nights import Nightly, run_night
    from flows.commands import _state

    with time_machine.travel(datetime(2027, 2, 4, 10, 30, tzinfo=UTC)):
        for expected in ("finished", "superseded"):
            assert _state(run_night(Nightly("riverbend", state), None, lambda _done: None)) == expected


def test_night_writes_down_what_it_has_done(heard: list[str], state: str) -> None:
    """Deliveries that were asked after on their day are not asked after again."""
    nightly("riverbend", date(2026, 10, 13), state)
    keys = {event.payload["key"] for event in events(state, "due_done")}
    assert "check_arrival|sis_attendance|2026-10-13|0" in keys
