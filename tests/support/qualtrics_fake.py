"""A survey platform on the loopback: the calls that export responses, with everything that goes wrong there."""

import csv
import io
import json
import threading
import zipfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKEN = "marker-token"
SURVEY = "SV_5test"
META = {
    "StartDate": "startDate",
    "EndDate": "endDate",
    "Status": "status",
    "IPAddress": "ipAddress",
    "Duration (in seconds)": "duration",
    "Finished": "finished",
    "RecordedDate": "recordedDate",
    "ResponseId": "_recordId",
    "RecipientLastName": "recipientLastName",
    "RecipientFirstName": "recipientFirstName",
    "RecipientEmail": "recipientEmail",
    "ExternalReference": "externalDataReference",
    "LocationLatitude": "locationLatitude",
    "LocationLongitude": "locationLongitude",
    "DistributionChannel": "distributionChannel",
}
_AGREE = {str(number): {"recode": str(number), "choiceText": f"<b>Option</b> {number}"} for number in range(1, 6)}


def definition() -> dict[str, Any]:
    """Return a survey: a choice, a matrix of two lines, several choices, free text."""

    def question(kind: str, selector: str, **more: Any) -> dict[str, Any]:
        return {"questionType": {"type": kind, "selector": selector}, "questionText": "Words", **more}

    lines = {"1": {"choiceText": "One"}, "2": {"choiceText": "Two"}}
    questions = {
        "QID1": question("MC", "SAVR", choices=deepcopy(_AGREE)),
        "QID2": question("Matrix", "Likert", choices=deepcopy(_AGREE), subQuestions=lines),
        "QID3": question("MC", "MAVR", choices={"1": {"recode": "10"}, "2": {"recode": "20"}, "4": {"recode": "40"}}),
        "QID4": question("TE", "ESTB"),
    }
    columns = {"Q1": {"question": "QID1"}, "Q4": {"question": "QID4"}}
    columns |= {f"Q2_{n}": {"question": "QID2", "subQuestion": f"QID2.subQuestions.{n}"} for n in (1, 2)}
    columns |= {f"Q3_{n}": {"question": "QID3", "choice": f"QID3.choices.{n}"} for n in (1, 2, 4)}
    return {"id": SURVEY, "name": "Survey", "questions": questions, "exportColumnMap": columns}


def response(number: int, **cells: str) -> dict[str, str]:
    """Return one response by import id, finished, with everything the platform tells of a person."""
    own = {
        "startDate": "2019-01-08 15:00:00",
        "endDate": "2019-01-08 15:05:00",
        "status": "0",
        "ipAddress": "192.0.2.77",
        "duration": "300",
        "finished": "1",
        "recordedDate": "2019-01-08 15:05:01",
        "_recordId": f"R_{number:04d}",
        "recipientLastName": "Markerson",
        "recipientFirstName": "Marker",
        "recipientEmail": f"marker{number}@x.example",
        "externalDataReference": f"{7000 + number}",
        "locationLatitude": "45.1234",
        "locationLongitude": "-93.4321",
        "distributionChannel": "anonymous",
        "school": "0101",
        "QID1": "4",
        "QID2_1": "2",
        "QID2_2": "5",
        "QID4_TEXT": "Marker wrote this.",
    }
    return own | cells


@dataclass
class Fake:
    """What the platform holds and how it behaves.

    Attributes:
        responses: All responses, by import id.
        script: What each look at an export is answered before it is complete: a status, or words for a state.
        files: How the file of an export is sent: ``whole``, ``corrupt``, ``two``, ``none``.
        refuses_tokens: Whether it has forgotten where exports ended.
        calls: Method and path of every call.
        asked: What every export was asked for.
    """

    responses: list[dict[str, str]] = field(default_factory=list)
    definition: dict[str, Any] = field(default_factory=definition)
    script: list[str] = field(default_factory=lambda: ["queued", "inProgress", "complete"])
    files: list[str] = field(default_factory=list)
    refuses_tokens: bool = False
    rate_limits: list[str] = field(default_factory=list)
    moves_to: str = ""
    calls: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    exports: dict[str, dict[str, Any]] = field(default_factory=dict)
    url: str = ""

    def __enter__(self) -> Self:
        """Open the platform on a free port of the loopback."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, said: Mapping[str, Any]) -> tuple[int, Any]:
        """Return status and body of one call."""
        base = f"/API/v3/surveys/{SURVEY}"
        if path == base:
            return 200, {"result": self.definition}
        parts = path.removeprefix(f"{base}/export-responses").strip("/").split("/")
        if method == "POST":
            return self._begun(said)
        if parts[-1] == "file":
            return 200, self._file(parts[0])
        return self._looked(parts[0])

    def _begun(self, said: Mapping[str, Any]) -> tuple[int, Any]:
        self.asked.append(dict(said))
        token = said.get("continuationToken")
        if token and self.refuses_tokens:
            return 400, {"meta": {"error": {"errorCode": "ECT_1", "errorMessage": "marker in the body"}}}
        first = int(str(token).rpartition("-")[2]) if token else 0
        number = f"ES_{len(self.exports)}"
        upto = len(self.responses)
        self.exports[number] = {"rows": self.responses[first:upto], "script": list(self.script), "upto": upto}
        return 200, {"result": {"progressId": number, "percentComplete": 0.0, "status": "inProgress"}}

    def _looked(self, number: str) -> tuple[int, Any]:
        export = self.exports[number]
        state = export["script"].pop(0) if len(export["script"]) > 1 else export["script"][0]
        if state.isdigit():
            return int(state), {"meta": {"error": {"errorMessage": "marker in the body"}}}
        told: dict[str, Any] = {"percentComplete": 100.0, "status": "complete" if state == "no file" else state}
        told["fileId"] = f"{number}-file" if state == "complete" else None
        if state == "complete":
            told["continuationToken"] = f"token-{export['upto']}"
        return 200, {"result": told}

    def _file(self, file_id: str) -> bytes:
        how = self.files.pop(0) if self.files else "whole"
        data = zipped(
            [exported(self.exports[file_id.removesuffix("-file")]["rows"])] * {"two": 2, "none": 0}.get(how, 1)
        )
        return data[: len(data) // 2] if how == "corrupt" else data


def exported(rows: Sequence[Mapping[str, str]]) -> str:
    """Return responses as the platform writes them: three rows of headings, then values."""
    names = {name: key for key, name in META.items()}
    ids = list(dict.fromkeys([*META.values(), "school", "QID1", "QID2_1", "QID2_2", "QID3_1", "QID3_2", "QID3_4"]))
    ids.append("QID4_TEXT")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([names.get(name, name.replace("QID", "Q")) for name in ids])
    writer.writerow([f"Anzeige, {name}" for name in ids])
    writer.writerow([json.dumps({"ImportId": name}) for name in ids])
    writer.writerows([row.get(name, "") for name in ids] for row in rows)
    return out.getvalue()


def zipped(texts: Sequence[str]) -> bytes:
    """Return an archive of CSV files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, text in enumerate(texts):
            archive.writestr(zipfile.ZipInfo(f"Survey{number or ''}.csv"), "\ufeff" + text)
    return buffer.getvalue()


def _handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    """Return a handler of calls to one platform."""
    return type("Handler", (_Handler,), {"fake": fake})


class _Handler(BaseHTTPRequestHandler):
    fake: Fake

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        self.fake.calls.append(f"{method} {self.path}")
        length = int(self.headers.get("Content-Length") or 0)
        said = json.loads(self.rfile.read(length)) if length else {}
        if self.fake.moves_to:
            self._send(302, b"", {"Location": self.fake.moves_to})
        elif self.headers.get("X-API-TOKEN") != TOKEN:
            self._send(401, b'{"meta": {"error": {"errorMessage": "marker in the body"}}}')
        elif self.fake.rate_limits:
            self._send(429, b"{}", {"Retry-After": self.fake.rate_limits.pop(0)})
        else:
            status, body = self.fake.answer(method, self.path, said)
            self._send(status, body if isinstance(body, bytes) else json.dumps(body).encode())

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
