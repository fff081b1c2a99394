"""A REDCap server on the loopback: one address that is posted to, with checkboxes, repeats, refusals and silence."""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

TOKEN = "0123456789ABCDEF0123456789ABCDEF"


def metadata() -> list[dict[str, str]]:
    """Return the fields of a project: people in one form, a survey in another."""

    def told(name: str, form: str, kind: str, choices: str = "", identifier: str = "") -> dict[str, str]:
        own = {"field_name": name, "form_name": form, "field_type": kind, "identifier": identifier}
        return own | {"select_choices_or_calculations": choices}

    five = " | ".join(f"{number}, Option {number}" for number in range(1, 6))
    return [
        told("record_id", "people", "text"),
        told("student_no", "people", "text", identifier="y"),
        told("first_name", "people", "text", identifier="y"),
        told("campus", "people", "text"),
        told("street", "people", "radio", "1, Marker Road | 2, Marker Street", identifier="y"),
        told("belong", "survey", "radio", five),
        told("likes", "survey", "checkbox", "1, Art | 2, Music | -9, None"),
        told("words", "survey", "notes"),
    ]


def record(number: int, **more: str) -> dict[str, str]:
    """Return one record as the server writes it, every field there, finished."""
    own = {
        "record_id": f"{number}",
        "redcap_event_name": "",
        "redcap_repeat_instrument": "",
        "redcap_repeat_instance": "",
    }
    own |= {
        "student_no": f"{7000 + number}",
        "first_name": "Marker",
        "campus": "0101",
        "street": "2",
        "people_complete": "2",
    }
    own |= {"survey_timestamp": "2019-01-08 09:00:00", "belong": "4", "words": "Marker wrote this."}
    own |= {"likes___1": "1", "likes___2": "0", "likes____9": "0", "survey_complete": "2"}
    return own | more


@dataclass
class Fake:
    """What the server holds, what it was asked, how often it fails first, and whether it answers at all."""

    records: list[dict[str, str]] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=metadata)
    fails: list[int] = field(default_factory=list)
    is_silent: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        """Open the server on a free port of the loopback."""
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, said: Mapping[str, str]) -> tuple[int, Any]:
        """Return status and body of one call."""
        self.asked.append({name: value for name, value in said.items() if name != "token"})
        if self.is_silent:
            self._closing.wait(30)
        if said.get("token") != TOKEN:
            return 403, {"error": "You do not have permissions, marker."}
        if self.fails:
            return self.fails.pop(0), {"error": "marker"}
        if said["content"] == "metadata":
            return 200, self.fields
        wanted = {value for name, value in said.items() if name.startswith("records")}
        only = {value for name, value in said.items() if name.startswith("fields")}
        found = [each for each in self.records if not wanted or each["record_id"] in wanted]
        return 200, [{name: value for name, value in each.items() if not only or _is_of(name, only)} for each in found]


def _is_of(name: str, only: set[str]) -> bool:
    """Say whether a column belongs to one of the fields that are asked for; some are always there."""
    return name.partition("___")[0] in only or name.startswith("redcap_") or name.endswith("_timestamp")


class _Handler(BaseHTTPRequestHandler):
    fake: Fake

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        status, told = self.fake.answer({name: values[0] for name, values in parse_qs(body).items()})
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked may have stopped waiting
            self.wfile.write(data)
