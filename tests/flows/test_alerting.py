"""Alerts in a night: nothing of them can fail it, and Prefect's automations react to them on a real server."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect import flow
from prefect.automations import Automation
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import EventTrigger, Posture

from aimline.context import Context, open_context
from aimline.signals import Evaluation, advance
from flows import alerting
from flows._runtime import Tonight
from flows.alerting import FAILED, Watched, blocks_of, emit_all
from reports.channels import DeliveryReport
from schemas.audiences import ChatChannel

NIGHT = date(2027, 1, 15)
PARTS = ("write_down", "blocks_of", "pushes", "digests", "emit_all", "remind")


@pytest.fixture
def context(state: str) -> Iterator[Context]:
    """A night of Riverbend whose journal holds one new concern."""
    opened = open_context("riverbend", as_of=NIGHT, state=state)
    seen = Evaluation("0104", "attendance_rate", "all", NIGHT, 0.001, -0.02, kind="concern", is_selected=True)
    for event in advance((), [seen], NIGHT):
        opened.journal.append_alert_events([{**event.row(), "recorded_at": opened.clock.instant()}])
    yield opened
    opened.journal.close()


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make every part of the step say only that it was asked."""
    asked: list[str] = []

    def part(name: str, answer: object) -> Any:
        return lambda *_given: asked.append(name) or answer

    answers: dict[str, object] = {"write_down": ("e1",), "blocks_of": {}, "pushes": [DeliveryReport("m", sent=1)]}
    for name in PARTS:
        monkeypatch.setattr(alerting, name, part(name, answers.get(name, [])))
    return asked


def step(context: Context) -> Any:
    """Run the step as the night does, without a server."""
    return alerting.tell_owners.task.fn(Tonight(context))  # type: ignore[attr-defined]


def test_parts_of_the_step_come_in_their_order(context: Context, quiet: list[str]) -> None:
    """The journal first, then messages, digests, Prefect, and what is due."""
    done = step(context)
    assert (tuple(quiet), done.state) == (PARTS, "done")


@pytest.mark.parametrize("broken", PARTS)
def test_part_that_breaks_stops_no_other_and_no_night(
    broken: str, context: Context, quiet: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it raises, the others are done; its kind is written down, and nothing of its text."""

    def breaks(*_given: object) -> None:
        raise RuntimeError("ann@school.example")

    monkeypatch.setattr(alerting, broken, breaks)
    done = step(context)
    assert done.state in {"done", "unchanged"}
    assert tuple(quiet) == tuple(name for name in PARTS if name != broken)
    (event,) = context.journal.events(FAILED)
    assert event.payload["error"] == "RuntimeError"
    assert "ann@" not in repr(context.journal.events())


def test_digest_that_was_sent_is_an_event_and_one_that_was_not_is_none(
    context: Context, quiet: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the day alone, so that an automation can react; the same day again is the same event."""
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(alerting, "emit_event", lambda **event: told.append(event))
    step(context)
    assert told == []
    for _ in range(2):
        monkeypatch.setattr(alerting, "digests", lambda _context: [DeliveryReport("mail", sent=3)])
        step(context)
    assert [event["event"] for event in told] == ["aimline.alert.digest"] * 2
    assert told[0]["id"] == told[1]["id"]
    assert told[0]["resource"]["prefect.resource.id"] == "aimline.alert.riverbend.digest"


@pytest.mark.parametrize(
    ("unit", "kind", "event", "shown"),
    [
        ("riverbend", "district", "aimline.alert.district", "district"),
        ("riverbend", "sudden", "aimline.alert.district", "district"),
        ("0104", "sudden", "aimline.alert.new", "concern"),
        ("0104", "off_path", "aimline.alert.new", "concern"),
        ("0104", "improvement", "aimline.alert.new", "improvement"),
    ],
)
def test_type_and_kind_of_an_event(
    unit: str, kind: str, event: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What begins in all schools at once is of a type of its own; off the path, or one bad day, is a concern."""
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(alerting, "emit_event", lambda **given: told.append(given))
    about = (unit, "attendance_rate", "all", NIGHT, 0.001, -0.02)
    seen = Evaluation(*about, is_wave=True, kind=kind, is_selected=True)
    (row,) = (each.row() for each in advance((), [seen], NIGHT))
    alerting.emit("riverbend", {**row, "kind": kind, "recorded_at": None}, "run")
    assert (told[0]["event"], told[0]["resource"]["aimline.kind"]) == (event, shown)


class _Room(BaseHTTPRequestHandler):
    heard: list[dict[str, Any]] = []  # noqa: RUF012 - one server of one test

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Keep the test quiet."""


@pytest.fixture
def room() -> Iterator[str]:
    """A webhook on this machine."""
    server = HTTPServer(("127.0.0.1", 0), _Room)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/room"
    server.shutdown()
    server.server_close()
    thread.join()


def with_block(context: Context, block: str) -> Context:
    """Declare a chat by a block of Prefect for every audience."""
    channel = ChatChannel(id="chat", kind="chat", block=block)
    audiences = tuple(
        each.model_copy(update={"channels": (channel,)}) for each in context.deployment.audiences.audiences
    )
    facts = context.deployment.audiences.model_copy(update={"audiences": audiences})
    deployment = type(context.deployment)(**{**vars(context.deployment), "audiences": facts})
    return Context(deployment, context.store, context.journal, context.clock, context.run_id)


@pytest.mark.server
@pytest.mark.usefixtures("prefect_server")
def test_block_of_the_server_tells_a_room(context: Context, room: str) -> None:
    """A block that is saved on the server is loaded and used; one that is not there is left out."""
    block = CustomWebhookNotificationBlock(
        name="principals", url=room, json_data={"title": "{{subject}}", "text": "{{body}}"}
    )
    block.save("principals", overwrite=True)
    ways = blocks_of(with_block(context, "principals"))
    assert ways["principals"]("heading", "text")
    assert _Room.heard == [{"title": "heading", "text": "text"}]
    assert blocks_of(with_block(context, "nobody")) == {}


@flow
def look_into(unit: str = "") -> str:
    """What a district lets run when a concern is new."""
    return unit


@pytest.mark.server
@pytest.mark.usefixtures("prefect_server")
def test_automation_of_the_server_reacts_to_a_new_concern(context: Context, tmp_path: Path) -> None:
    """An event of an alert reaches the server, whose automation starts a run of a deployment."""
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow(look_into)
        deployment_id = client.create_deployment(flow_id=flow_id, name="look-into", path=str(tmp_path))
        trigger = EventTrigger(
            expect={"aimline.alert.new"},
            match={"prefect.resource.id": "aimline.alert.riverbend.*", "aimline.kind": "concern"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        )
        action = RunDeployment(
            deployment_id=deployment_id,
            parameters={"unit": {"__prefect_kind": "jinja", "template": "{{ event.resource['aimline.unit'] }}"}},
        )
        made = Automation(name="look into new concerns", trigger=trigger, actions=[action]).create()
        deadline = time.monotonic() + 180
        (concern,) = context.journal.alert_events()
        assert emit_all(context, [concern["event_id"]]) == 1
        runs = _runs_of(client, deployment_id, until=time.monotonic() + 5)
        # The server may have heard it before it knew the automation, and looks at no event of one id twice.
        while not runs and time.monotonic() < deadline:
            alerting.emit("riverbend", {**concern, "event_id": str(uuid4())}, context.run_id)
            runs = _runs_of(client, deployment_id, until=time.monotonic() + 5)
        made.delete()
    assert runs, "the automation did not react within three minutes"
    assert runs[0].parameters == {"unit": "0104"}


def _runs_of(client: Any, deployment_id: Any, until: float) -> list[Any]:
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId

    wanted = DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
    found: list[Any] = []
    while not found and time.monotonic() < until:
        found = client.read_flow_runs(deployment_filter=wanted)
    return found


def test_watched_part_returns_what_it_did(context: Context) -> None:
    """What works is handed on; what was interrupted by a signal still ends the process."""
    watched = Watched(Tonight(context))
    assert watched.do("sum", sum, (1, 2)) == 3
    with pytest.raises(KeyboardInterrupt):
        watched.do("stop", _interrupt)
    assert watched.failed == []


def _interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("is_first", [True, False], ids=["main thread", "thread of a worker"])
def test_part_that_hangs_is_stopped_and_half_of_its_work_taken_back(
    context: Context, caplog: pytest.LogCaptureFixture, *, is_first: bool
) -> None:
    """After its time a part ends as a failed one, whatever it catches; the parts after it are done."""
    watched = Watched(Tonight(context), most_seconds=0.5)
    before = len(context.journal.alert_events())

    def work() -> None:
        watched.do("push", _hang, context)
        assert watched.do("sum", sum, (1, 2)) == 3

    if is_first:
        work()
    else:
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
    assert watched.failed == ["push"]
    assert len(context.journal.alert_events()) == before
    [event] = [each for each in context.journal.events() if each.kind == FAILED]
    assert event.payload == {"step": "push", "error": "TookTooLongError"}
    assert "push of alerts failed: TookTooLongError after 0.5 seconds" in caplog.text


def _hang(context: Context) -> None:
    """Begin to write, and never come to an end."""
    row = {**context.journal.alert_events()[0], "event_id": "half"}

    def rows() -> Iterator[dict[str, Any]]:
        yield row
        while True:
            try:
                time.monotonic()
            except Exception:  # noqa: BLE001, S112 - what a channel catches must not save it
                continue

    context.journal.append_alert_events(rows())
