"""News within a budget: one message a day, so many a week, nothing twice, nothing lost."""

import dataclasses
import json
import threading
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from aimline import clock
from aimline.context import Context, open_context
from aimline.errors import DeliveryError
from reports.channels import Budget, News, Reader, Recipient, Telling, push
from reports.channels.chat import LONGEST, shortened
from reports.channels.pushing import DROPPED_AFTER, Pusher
from schemas.audiences import ChatChannel

MONDAY = date(2027, 1, 11)


class Box:
    """A channel with two readers of one unit that keeps what it was told, and may be closed."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []
        self.closed = False

    def recipients(self, telling: Telling) -> Sequence[Recipient]:
        return [Recipient("r1"), Recipient("r2")] if telling.unit_id == "0104" else [Recipient("r1")]

    def tell(self, telling: Telling, recipient: Recipient) -> str:
        if self.closed:
            raise DeliveryError("closed.")
        self.told.append((recipient.recipient_id, telling.message.subject, telling.message.text))
        return "sent"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Any]:
    """Open Riverbend on a day, always on one state root."""
    opened: list[Context] = []

    def on(day: date) -> Context:
        opened.append(open_context("riverbend", as_of=day, state=str(tmp_path / "state")))
        return opened[-1]

    yield on
    for each in opened:
        each.journal.close()


def news(name: str, on: date = MONDAY, **given: Any) -> News:
    """Make a piece of news."""
    return News(
        name,
        given.pop("alert_id", f"a_{name}"),
        given.pop("rank", (1, 0)),
        on,
        f"about {name}",
        f"text {name}",
        **given,
    )


def pushed(context: Context, box: Box, *pieces: News, per_week: int = 2, unit: str = "0109") -> Any:
    """Push news to the readers of a unit."""
    return Pusher(context, "mail", box, Budget(per_week, "Riverbend")).push([Reader("principal", unit, pieces)])


def states(context: Context, recipient: str = "r1") -> dict[str, str]:
    """Return what became of each event for a recipient."""
    return {row["event_id"]: row["state"] for row in context.journal.deliveries() if row["recipient"] == recipient}


def test_several_alerts_of_a_day_are_one_message_in_their_order(at: Any) -> None:
    """Worsened first, then new ones by priority."""
    box = Box()
    pieces = (news("low", rank=(1, -0.1)), news("worse", rank=(0, 0)), news("high", rank=(1, -3.0)))
    assert pushed(at(MONDAY), box, *pieces).sent == 1
    assert box.told == [("r1", "Riverbend: 3 alerts", "text worse\n\ntext high\n\ntext low")]


def test_same_run_again_tells_nothing(at: Any) -> None:
    """What was told is told once, and a second message waits for the next day."""
    box = Box()
    pushed(at(MONDAY), box, news("a"))
    assert pushed(at(MONDAY), box, news("a"), news("b")).sent == 0
    assert pushed(at(MONDAY + timedelta(days=1)), box, news("a"), news("b")).sent == 1
    assert [subject for _, subject, _ in box.told] == ["about a", "about b"]


def test_week_has_its_budget_and_the_rest_is_kept(at: Any) -> None:
    """Two messages a week; the third day's alerts are over the budget, and Monday counts anew."""
    box = Box()
    for number in range(8):
        day = MONDAY + timedelta(days=number)
        pushed(at(day), box, news(f"e{number}", day))
    found = states(at(MONDAY + timedelta(days=8)))
    assert [found[f"e{number}"] for number in range(8)] == ["sent", "sent", *["over_budget"] * 5, "sent"]
    assert len(box.told) == 3


def test_nothing_selected_is_lost_in_a_year(at: Any) -> None:
    """Pushed, over the budget and muted are all there was; no week has more than its budget."""
    box, context = Box(), at(MONDAY)
    weeks: dict[Any, int] = {}
    for number in range(200):
        day = MONDAY + timedelta(days=number)
        context = dataclasses.replace(context, clock=dataclasses.replace(context.clock, as_of=day))
        pieces = [news(f"e{number}.{n}", day, is_muted=n == 2) for n in range(number % 4)]
        before = len(box.told)
        pushed(context, box, *pieces)
        weeks[day.isocalendar()[:2]] = weeks.get(day.isocalendar()[:2], 0) + len(box.told) - before
    found = list(states(context).values())
    assert len(found) == sum(number % 4 for number in range(200))
    assert set(found) == {"sent", "over_budget", "muted"}
    assert max(weeks.values()) == 2


def test_failed_message_is_tried_again_and_given_up_in_the_end(at: Any) -> None:
    """Fourteen days, then it is dropped and that is said."""
    box = Box()
    box.closed = True
    assert pushed(at(MONDAY), box, news("a")).failed == 1
    assert pushed(at(MONDAY + timedelta(days=DROPPED_AFTER)), box, news("a")).failed == 1
    last = pushed(at(MONDAY + timedelta(days=DROPPED_AFTER + 1)), box, news("a"))
    assert (last.failed, states(at(MONDAY))["a"]) == (0, "dropped")
    assert "given up" in last.notes[0]
    attempts = [row["attempts"] for row in at(MONDAY).journal.deliveries() if row["state"] == "failed"]
    assert attempts == [1, 2]


def test_after_a_failure_the_message_of_the_next_night_holds_both(at: Any) -> None:
    """What could not be told comes with what is new."""
    box = Box()
    box.closed = True
    pushed(at(MONDAY), box, news("a"))
    box.closed = False
    assert pushed(at(MONDAY + timedelta(days=1)), box, news("a"), news("b")).sent == 1
    assert box.told[0][2] == "text a\n\ntext b"


def test_end_is_told_to_those_who_were_told_of_the_beginning(at: Any) -> None:
    """Who never heard of an alert is not told that it is over."""
    box = Box()
    context = at(MONDAY)
    row = {"event_id": "begin", "alert_id": "x", "as_of": "2027-01-11", "payload": {}}
    context.journal.append_alert_events([row, {**row, "event_id": "end"}])
    pushed(context, box, news("begin", alert_id="x"))
    later = at(MONDAY + timedelta(days=7))
    pushed(later, box, news("end", MONDAY + timedelta(days=7), alert_id="x", only_after=True), unit="0104")
    assert [(who, subject) for who, subject, _ in box.told] == [("r1", "about begin"), ("r1", "about end")]


def test_muted_alert_is_written_down_and_not_told(at: Any) -> None:
    """A mute is no loss: its state says what became of it."""
    box = Box()
    assert pushed(at(MONDAY), box, news("a", is_muted=True)).sent == 0
    assert (box.told, states(at(MONDAY))) == ([], {"a": "muted"})


class _Room(BaseHTTPRequestHandler):
    """A webhook on this machine; refuses while ``status`` is not 200."""

    status = 200
    heard: list[dict[str, Any]] = []  # noqa: RUF012 - one server of one test

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.status == 200:
            self.heard.append(json.loads(body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Keep the test quiet."""


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Room]]:
    """A webhook, its address in the environment, and no waiting between tries."""
    server = HTTPServer(("127.0.0.1", 0), _Room)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AIMLINE_CHAT_URL", f"json://user:secretword@127.0.0.1:{server.server_port}/room")
    monkeypatch.setattr(clock, "sleep", lambda _seconds: None)
    _Room.status, _Room.heard = 200, []
    yield _Room
    server.shutdown()
    server.server_close()
    thread.join()


CHAT = ChatChannel(id="chat", kind="chat", url_env="AIMLINE_CHAT_URL")


def test_webhook_is_told_once_and_again_after_it_was_down(
    at: Any, room: type[_Room], caplog: pytest.LogCaptureFixture
) -> None:
    """A room that is down has a failed delivery; the next night tells it; its address is never written down."""
    readers = [Reader("principal", "0104", (news("a"),))]
    room.status = 500
    report = push(at(MONDAY), CHAT, readers, Budget(2, "Riverbend"))
    assert (report.failed, room.heard) == (1, [])
    room.status = 200
    context = at(MONDAY + timedelta(days=1))
    assert push(context, CHAT, readers, Budget(2, "Riverbend")).sent == 1
    assert push(context, CHAT, readers, Budget(2, "Riverbend")).sent == 0
    assert [(each["title"], each["message"]) for each in room.heard] == [("about a", "text a")]
    assert "secretword" not in caplog.text + repr(context.journal.deliveries()) + str(report.error)


def test_chat_without_an_address_is_left_out(at: Any) -> None:
    """An address may be absent on this machine; that is told and no failure."""
    report = push(at(MONDAY), CHAT, [Reader("principal", "0104", (news("a"),))], Budget(2, "Riverbend"))
    assert (report.failed, report.notes) == (0, ("AIMLINE_CHAT_URL is not set.",))


def test_block_of_prefect_is_a_way_to_send(at: Any) -> None:
    """A room above loads the block; the channel hands it heading and text."""
    heard: list[tuple[str, str]] = []
    block = ChatChannel(id="chat", kind="chat", block="slack-principals")
    budget = Budget(2, "Riverbend", {"slack-principals": lambda title, body: not heard.append((title, body))})
    assert push(at(MONDAY), block, [Reader("principal", "0104", (news("a"),))], budget).sent == 1
    assert heard == [("about a", "text a")]


def test_long_message_is_cut_between_alerts_and_counted() -> None:
    """A chat takes two thousand characters; how many alerts are left out is said."""
    text = "\n\n".join(["x" * 300] * 10)
    found = shortened(text)
    assert len(found) <= LONGEST
    assert found.endswith("and 4 more; your pages say all.")
    assert shortened("y" * 5000).endswith("…")
