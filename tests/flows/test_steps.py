"""A step of a night: what it records, when it is tried again, what may leave it."""

from collections.abc import Callable
from datetime import date

import pytest

from aimline.context import open_context
from aimline.errors import SourcePermanentError, SourceTransientError, TransformError
from aimline.journal import Event
from flows import _runtime
from flows._runtime import Did, StepDone, Tonight, listening, named_flow, step, tonight

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("prefect_server")]

NIGHT = date(2026, 10, 14)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr(_runtime, "RETRY_SECONDS", (0, 0, 0))


def run(work: Callable[[Tonight], Did], state: str, *, retries: bool = True) -> StepDone:
    """Run one step as a flow of its own."""
    made = step("collect", retries=retries)(work)

    @named_flow
    def one_step(deployment: str, as_of: date, state: str) -> StepDone:
        with tonight(deployment, as_of, state) as night:
            return made(night)

    return one_step("riverbend", NIGHT, state)


def told(state: str) -> list[Event]:
    """What the journal holds of steps."""
    context = open_context("riverbend", as_of=NIGHT, state=state)
    events = context.journal.events("night_step")
    context.journal.close()
    return events


def failing(error: Exception, times: int, tries: list[int]) -> Callable[[Tonight], Did]:
    """Work that fails a number of times."""

    def work(night: Tonight) -> Did:
        tries.append(len(tries) + 1)
        if len(tries) <= times:
            raise error
        return Did("done")

    return work


def test_transient_failure_of_a_source_is_tried_again(state: str) -> None:
    """A time-out is worth another try; the step ends as if nothing had been."""
    tries: list[int] = []
    assert run(failing(SourceTransientError("time-out."), 2, tries), state).state == "done"
    assert tries == [1, 2, 3]


@pytest.mark.parametrize("error", [SourcePermanentError("refused."), TransformError("a model failed."), KeyError("x")])
def test_other_failures_are_not_tried_again(error: Exception, state: str) -> None:
    """What time does not mend stops the step at once."""
    tries: list[int] = []
    with pytest.raises(Exception, match=r"."):
        run(failing(error, 1, tries), state)
    assert tries == [1]


def test_step_without_retries_is_tried_once(state: str) -> None:
    """Only collecting tries again."""
    tries: list[int] = []
    with pytest.raises(SourceTransientError):
        run(failing(SourceTransientError("time-out."), 1, tries), state, retries=False)
    assert tries == [1]


def test_own_error_leaves_a_step_as_it_is(state: str) -> None:
    """The command's exit code is that of the step that failed."""
    with pytest.raises(TransformError, match=r"a model failed\. Mend it\.") as caught:
        run(failing(TransformError("a model failed.", remedy="Mend it."), 1, []), state)
    assert caught.value.exit_code == 5


def test_text_of_a_foreign_error_never_leaves_a_step(state: str) -> None:
    """Prefect keeps what an exception says, and a bug may say a student's number."""
    with pytest.raises(Exception, match=r"ValueError in test_steps\.py, line \d+") as caught:
        run(failing(ValueError("student 104233"), 1, []), state)
    assert "104233" not in str(caught.value)
    assert "104233" not in repr(told(state))


def test_failure_is_told_in_the_journal(state: str) -> None:
    """A failed step is a line of the night, with its message."""
    with pytest.raises(TransformError):
        run(failing(TransformError("a model failed."), 1, []), state)
    [event] = told(state)
    assert (event.subject_id, event.payload["state"]) == ("riverbend/2026-10-14", "failed")
    assert event.payload["message"] == "a model failed."


def test_same_step_twice_is_one_line(state: str) -> None:
    """A step that is run again says the same, so nothing is written."""
    for _ in range(2):
        run(lambda _: Did("not_due"), state)
    assert [event.payload["state"] for event in told(state)] == ["not_due"]


def test_listener_that_breaks_fails_no_step(state: str) -> None:
    """Observers look on; what they raise is their own trouble."""

    def breaking(_done: StepDone) -> None:
        raise RuntimeError("no terminal")

    heard: list[StepDone] = []
    with listening(breaking), listening(heard.append):
        assert run(lambda _: Did("done"), state).state == "done"
    assert [each.step for each in heard] == ["collect"]
