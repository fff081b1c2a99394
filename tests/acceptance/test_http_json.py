"""A declared JSON interface through the command: pages, logging in, what is kept, what goes wrong."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from aimline import clock
from tests.support.door import KEY
from tests.support.small_district import District

TOKEN = "marker-token"
COLUMNS = [
    {"name": "student_key", "from": ["student.id"], "type": "id"},
    {"name": "attribute", "value": "english_learner"},
    {"name": "value", "from": ["el"]},
    {"name": "valid_from", "from": ["since"]},
]


def record(number: int, **more: Any) -> dict[str, Any]:
    """Return one record, with more of a person than anybody asked for."""
    student = {"id": number, "name": "Marker Person", "email": "marker@x.example"}
    return {"student": student, "el": "yes", "since": "2018-08-20", "shoe_size": 7} | more


Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Fake:
    """A server of records, asked by a function of its parameters."""

    answer: Callable[[dict[str, str]], Answer]
    seen: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """The server on a free port of the loopback; nobody waits."""
    monkeypatch.setattr(clock, "sleep", lambda _seconds: None)
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("SIS_TOKEN", TOKEN)
    made = Fake(lambda _params: (200, {"data": [record(number) for number in range(5)]}, {}))

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            params = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            made.seen.append(params)
            made.headers.append(dict(self.headers))
            status, body, headers = made.answer(params)
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def district_of(tmp_path: Path, fake: Fake, **http: Any) -> District:
    """Return a district whose attributes come from the server."""
    told = {"path": "api/students", "records": "data"} | http
    source = {"source_id": "attributes", "kind": "http_json", "entity": "student_attributes", "columns": COLUMNS}
    source |= {"owner": {"role": "data_engineer"}, "http": told, "load": {"mode": "full", "slot": "{school_year}"}}
    return District(tmp_path, source | {"transport": {"kind": "http", "url": fake.url, "secret": "env:SIS_TOKEN"}})


def told_of(district: District, on: str = "2019-01-10") -> dict[str, Any]:
    """Collect; return what is told of the one source."""
    return dict(district.collect(on)["sources"][0])


def by_page(pages: list[list[dict[str, Any]]]) -> Callable[[dict[str, str]], Answer]:
    """Return a server of pages by number."""
    return lambda params: (200, {"data": (pages + [[]] * 9)[int(params["page"]) - 1]}, {})


def test_records_become_rows_and_nothing_personal_is_landed(tmp_path: Path, fake: Fake) -> None:
    """Declared fields are kept, ids as pseudonyms; of others the name alone, of personal ones nothing."""
    district = district_of(tmp_path, fake)
    (batch,) = told_of(district)["batches"]
    assert (batch["n_received"], batch["n_accepted"], batch["findings"]) == (
        5,
        5,
        ["column_added", "personal_column_appeared"],
    )
    rows = district.rows("student_attributes", batch["batch_id"])
    assert all(row["student_key"].startswith("k1_") for row in rows)
    assert fake.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    (data,) = (gzip.decompress(path.read_bytes()) for path in (district.state / "landing").rglob("data"))
    assert b"Marker" not in data
    assert b"marker" not in data
    assert b"shoe_size" in data
    assert b'"shoe_size":' not in data


PAGED = [[record(1), record(2)], [record(3), record(4)], [record(5)]]


def by_offset(params: dict[str, str]) -> Answer:
    """Serve pages by offset."""
    every = [each for page in PAGED for each in page]
    start = int(params["offset"])
    return 200, {"data": every[start : start + int(params["limit"])]}, {}


def by_cursor(params: dict[str, str]) -> Answer:
    """Serve pages by a cursor of the answer."""
    number = int(params.get("after", "0"))
    following = str(number + 1) if number + 1 < len(PAGED) else None
    return 200, {"data": PAGED[number], "meta": {"next": following}}, {}


def by_link(params: dict[str, str]) -> Answer:
    """Serve pages by a link of the header."""
    number = int(params.get("p", "0"))
    link = {"Link": f'</api/students?p={number + 1}>; rel="next"'} if number + 1 < len(PAGED) else {}
    return 200, {"data": PAGED[number]}, link


@pytest.mark.parametrize(
    ("answer", "paging"),
    [
        (by_page(PAGED), {"kind": "page"}),
        (by_offset, {"kind": "offset", "param": "offset", "size_param": "limit", "size": 2}),
        (by_cursor, {"kind": "cursor", "param": "after", "next": "meta.next"}),
        (by_link, {"kind": "link"}),
    ],
)
def test_pages_are_turned_as_declared(
    tmp_path: Path, fake: Fake, answer: Callable[[dict[str, str]], Answer], paging: dict[str, Any]
) -> None:
    """By number, offset, cursor and link: every record once."""
    fake.answer = answer
    (batch,) = told_of(district_of(tmp_path, fake, paging=paging))["batches"]
    assert (batch["n_received"], batch["n_accepted"]) == (5, 5)


@pytest.mark.parametrize(
    ("answer", "paging", "code", "is_transient"),
    [
        (lambda _params: (200, {"data": PAGED[0]}, {}), {"kind": "page"}, "paging_loop", False),
        (by_page([PAGED[0], [record(3)], [record(4)]]), {"kind": "page"}, "limit_lowered", True),
        (lambda _params: (200, {"rows": []}, {}), None, "records_unreadable", False),
        (lambda _params: (503, {"message": "marker"}, {}), None, "server_error", True),
        (lambda _params: (403, {"message": "marker"}, {}), None, "auth_failed", False),
    ],
)
def test_server_that_goes_wrong_fails_the_source(
    tmp_path: Path,
    fake: Fake,
    answer: Callable[[dict[str, str]], Answer],
    paging: Any,
    code: str,
    *,
    is_transient: bool,
) -> None:
    """A page for ever, pages that shrink, no records, an error: told by the code, nothing kept, none of its words."""
    fake.answer = answer
    told = told_of(district_of(tmp_path, fake, **({"paging": paging} if paging else {})))
    assert (told["state"], told["code"], told["is_transient"]) == ("failed", code, is_transient)
    assert "marker" not in json.dumps(told)


def test_same_answer_is_the_same_delivery(tmp_path: Path, fake: Fake) -> None:
    """What has not changed is not read again; a field that is gone holds what comes."""
    district = district_of(tmp_path, fake)
    told_of(district)
    assert told_of(district, "2019-01-11")["batches"] == []
    fake.answer = lambda _params: (200, {"data": [{"student": {"id": 1}, "since": "2018-08-20"}]}, {})
    (batch,) = told_of(district, "2019-01-12")["batches"]
    assert batch["reason"] == "column_removed"


def test_answer_without_records_is_held(tmp_path: Path, fake: Fake) -> None:
    """Nothing at all does not empty what was there, unless that is declared."""
    fake.answer = lambda _params: (200, {"data": []}, {})
    (batch,) = told_of(district_of(tmp_path, fake))["batches"]
    assert (batch["state"], batch["reason"]) == ("held", "empty_file")
