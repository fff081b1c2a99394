"""Play an Ed-Fi host on loopback: records with change versions, deletes, key changes, and what hosts do wrong.

Every body it can serve is held against the official OpenAPI file before it is served; records of another data standard
than 5.0 are described the older way. Nothing here is shared with the connector: it is the other party.
"""

import base64
import gzip
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import jsonschema
import yaml

KEY, SECRET = "populated-key", "populated-secret"
NAMES = {
    "schools": "edFi_school",
    "calendarDates": "edFi_calendarDate",
    "studentSchoolAssociations": "edFi_studentSchoolAssociation",
    "studentSchoolAttendanceEvents": "edFi_studentSchoolAttendanceEvent",
    "studentEducationOrganizationAssociations": "edFi_studentEducationOrganizationAssociation",
    "surveyResponses": "edFi_surveyResponse",
    "surveyQuestionResponses": "edFi_surveyQuestionResponse",
}
_RESPONSE = ("namespace", "surveyIdentifier", "surveyResponseIdentifier")
KEYS = {
    "schools": ("schoolId",),
    "studentEducationOrganizationAssociations": (
        "educationOrganizationReference.educationOrganizationId",
        "studentReference.studentUniqueId",
    ),
    "calendarDates": (*(f"calendarReference.{each}" for each in ("schoolId", "schoolYear", "calendarCode")), "date"),
    "studentSchoolAssociations": ("studentReference.studentUniqueId", "schoolReference.schoolId", "entryDate"),
    "studentSchoolAttendanceEvents": (
        "studentReference.studentUniqueId",
        "schoolReference.schoolId",
        "sessionReference.schoolYear",
        "sessionReference.sessionName",
        "eventDate",
        "attendanceEventCategoryDescriptor",
    ),
    "surveyResponses": ("surveyReference.namespace", "surveyReference.surveyIdentifier", "surveyResponseIdentifier"),
    "surveyQuestionResponses": (
        *(f"surveyResponseReference.{each}" for each in _RESPONSE),
        "surveyQuestionReference.questionCode",
    ),
}


@cache
def official(folder: Path) -> dict[str, Any]:
    """Return the part of the official OpenAPI file that describes the resources served here."""
    with gzip.open(folder / "edfi/openapi/resources-ds-5.0.yml.gz", "rt", encoding="utf-8") as file:
        whole = yaml.load(file.read(), Loader=yaml.CSafeLoader)
    wanted: dict[str, Any] = {}

    def take(name: str) -> None:
        if name not in wanted:
            wanted[name] = whole["components"]["schemas"][name]
            for below in _references(wanted[name]):
                take(below)

    for name in NAMES.values():
        take(name)
    paths = {f"/ed-fi/{each}": {"get": whole["paths"][f"/ed-fi/{each}"]["get"]} for each in NAMES}
    return json.loads(json.dumps({"paths": paths, "components": {"schemas": wanted}}, default=str))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def leaf(body: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path of a body."""
    value: Any = body
    for name in path.split("."):
        value = value[name]
    return value


class EdfiFake:
    """A host and its records.

    Attributes:
        records: Resource -> id -> (change version, body).
        version: The newest change version.
        software: Version of the software; from 7.3 on it pages by tokens.
        standard: Version of the data standard.
        has_changes: Whether change queries are on.
        most: The largest page it serves.
        usual: The page it serves where nobody says how large.
        hidden: Schools our key may not see.
        gone: Fields it no longer describes, as ``resource.field``.
        faults: What the next answers of a kind are: kind -> statuses, used up one by one.
        retry_after: What it says with 429 and 503.
        deepest: The largest offset it answers in time.
        wide: The widest window of change versions it counts in time.
        token_seconds: How long a token lives by its own word.
        between: Called before each page of a resource is served.
        asked: Paths and queries that were asked for.
    """

    def __init__(self, spec: Mapping[str, Any]) -> None:
        """Start empty."""
        self.spec = spec
        self.records: dict[str, dict[str, tuple[int, dict[str, Any]]]] = {name: {} for name in NAMES}
        self.tracked: dict[str, dict[str, list[dict[str, Any]]]] = {
            name: {"deletes": [], "keyChanges": []} for name in NAMES
        }
        self.version, self._number = 0, 0
        self.software, self.standard = "7.1", "5.0.0"
        self.has_changes, self.most, self.usual = True, 500, 25
        self.hidden: set[int] = set()
        self.gone: set[str] = set()
        self.faults: dict[str, list[int]] = {}
        self.retry_after, self.deepest, self.wide = "", 10**9, 10**9
        self.token_seconds, self.told_base = 1800, ""
        self.between: Callable[[str], None] | None = None
        self.asked: list[str] = []
        self._tokens: set[str] = set()
        self._validators = {
            name: jsonschema.Draft202012Validator({**self.spec, "$ref": f"#/components/schemas/{schema}"})
            for name, schema in NAMES.items()
        }
        self.lock = threading.RLock()
        self.base = ""

    def insert(self, resource: str, body: Mapping[str, Any]) -> str:
        """Add a record; return its id."""
        with self.lock:
            self._number += 1
            new_id = UUID(int=self._number * 0x9E3779B97F4A7C15 % 2**128).hex
            self._keep(resource, new_id, dict(body))
            return new_id

    def edit(self, resource: str, record_id: str, **changes: Any) -> None:
        """Change what is no key of a record."""
        with self.lock:
            self._keep(resource, record_id, {**self.records[resource][record_id][1], **changes})

    def change_key(self, resource: str, record_id: str, **changes: Any) -> None:
        """Change the key of a record; its references follow."""
        with self.lock:
            before = self.records[resource][record_id][1]
            body = json.loads(json.dumps(before))
            for name, value in changes.items():
                for path in KEYS[resource]:
                    if path.rpartition(".")[2] == name:
                        _set(body, path, value)
            self._keep(resource, record_id, body)
            change = {"id": record_id, "changeVersion": self.version}
            change |= {"oldKeyValues": _key(resource, before), "newKeyValues": _key(resource, body)}
            self.tracked[resource]["keyChanges"].append(change)

    def delete(self, resource: str, record_id: str, *, silently: bool = False) -> None:
        """Take a record away; silently, as a host that was mended by hand does."""
        with self.lock:
            _, body = self.records[resource].pop(record_id)
            if not silently:
                self.version += 1
                gone = {"id": record_id, "changeVersion": self.version, "keyValues": _key(resource, body)}
                self.tracked[resource]["deletes"].append(gone)

    def holder(self, resource: str, body: Mapping[str, Any]) -> str | None:
        """Return the id of the record that has the key of a body."""
        key = _key(resource, body)
        return next((each for each, (_, held) in self.records[resource].items() if _key(resource, held) == key), None)

    def _keep(self, resource: str, record_id: str, body: dict[str, Any]) -> None:
        self._validators[resource].validate({"id": record_id, **body})
        self.version += 1
        self.records[resource][record_id] = (self.version, body)

    def listed(self, resource: str, first: int, last: int) -> list[dict[str, Any]]:
        """Return the records that may be seen and changed last within a window, in the order of their making."""
        return [
            {"id": each, **body, "_etag": str(version)}
            for each, (version, body) in self.records[resource].items()
            if first <= version <= last and not self._is_hidden(body)
        ]

    def _is_hidden(self, body: Mapping[str, Any]) -> bool:
        return body.get("schoolId", body.get("schoolReference", {}).get("schoolId")) in self.hidden

    def fault(self, kind: str) -> int:
        """Return the status the next answer of a kind is to have; 0 for a good one."""
        waiting = self.faults.get(kind, [])
        return waiting.pop(0) if waiting else 0

    def root(self) -> dict[str, Any]:
        """Return what the host says of itself."""
        base = self.told_base or self.base
        urls = {"dataManagementApi": f"{base}/data/v3/", "oauth": f"{base}/oauth/token"}
        urls |= {"dependencies": f"{base}/metadata/data/v3/dependencies", "openApiMetadata": f"{self.base}/metadata/"}
        models = [{"name": "Ed-Fi", "version": self.standard}]
        return {
            "version": self.software,
            "suite": "3",
            "apiMode": "Shared Instance",
            "dataModels": models,
            "urls": urls,
        }

    def described(self) -> dict[str, Any]:
        """Return the description of the resources; before data standard 5 it is a Swagger 2 document."""
        spec = json.loads(json.dumps(self.spec))
        for each in self.gone:
            resource, _, name = each.partition(".")
            spec["components"]["schemas"][NAMES[resource]]["properties"].pop(name, None)
        if self.standard >= "5":
            return spec
        text = json.dumps(spec["components"]["schemas"]).replace("#/components/schemas/", "#/definitions/")
        paths = {}
        for each, name in NAMES.items():
            rows = {"type": "array", "items": {"$ref": f"#/definitions/{name}"}}
            paths[f"/ed-fi/{each}"] = {"get": {"responses": {"200": {"schema": rows}}}}
        return {"swagger": "2.0", "paths": paths, "definitions": json.loads(text)}

    def token(self, authorization: str) -> tuple[int, Any]:
        """Return the answer to a call for a token."""
        if status := self.fault("token"):
            return status, {}
        if authorization != "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode():
            return 401, {"error": "invalid_client"}
        name = f"token{len(self._tokens)}"
        self._tokens = {name}
        return 200, {"access_token": name, "token_type": "bearer", "expires_in": self.token_seconds}

    def expire(self) -> None:
        """Refuse every token there is."""
        self._tokens = {f"old{len(self._tokens)}"}

    def answer(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, Any, dict[str, str]]:
        """Return status, body and headers of a call."""
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
            return 401, {}, {}
        if path == "/changeQueries/v1/availableChangeVersions":
            name = "newestChangeVersion" if self.software >= "7" else "NewestChangeVersion"
            return (200, {name: self.version}, {}) if self.has_changes else (404, {}, {})
        parts = path.removeprefix("/data/v3/ed-fi/").split("/")
        if parts[0] not in NAMES or "Use-Snapshot" in headers:
            return 404, {}, {}
        if len(parts) > 1 and parts[1] not in {"deletes", "keyChanges"}:
            found = self.records[parts[0]].get(parts[1])
            is_there = found is not None and not self._is_hidden(found[1])
            return (200, {"id": parts[1], **found[1]}, {}) if found and is_there else (404, {}, {})
        return self._page(parts, query)

    def _page(self, parts: list[str], query: Mapping[str, str]) -> tuple[int, Any, dict[str, str]]:
        limit, offset = int(query.get("limit", query.get("pageSize", self.usual))), int(query.get("offset", 0))
        first, last = int(query.get("minChangeVersion", 0)), int(query.get("maxChangeVersion", 10**12))
        is_count = query.get("totalCount") == "True"
        if not is_count and self.between is not None:
            self.between(parts[0])
        if status := self.fault("count" if is_count else "page"):
            return status, {}, {"Retry-After": self.retry_after} if self.retry_after else {}
        if limit > self.most:
            return 400, {}, {}
        if offset > self.deepest or (is_count and last - first > self.wide):
            return 504, {}, {}
        rows = self.listed(parts[0], first, last)
        if len(parts) > 1:
            rows = [each for each in self.tracked[parts[0]][parts[1]] if first <= each["changeVersion"] <= last]
        if is_count:
            return 200, [], {"Total-Count": str(len(rows))}
        if self.software >= "7.3" and "offset" not in query:
            return self._after(rows, limit, query.get("pageToken", ""))
        return 200, rows[offset : offset + limit], {}

    @staticmethod
    def _after(rows: list[dict[str, Any]], limit: int, token: str) -> tuple[int, Any, dict[str, str]]:
        """Return the page behind a token, which stands on a record and not at a number."""
        order = {each["id"]: number for number, each in enumerate(rows)}
        begin = order.get(token, -1) + 1 if token else 0
        page = rows[begin : begin + limit]
        more = {"Next-Page-Token": page[-1]["id"]} if begin + limit < len(rows) else {}
        return 200, page, more


def _key(resource: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {path.rpartition(".")[2]: leaf(body, path) for path in KEYS[resource]}


def _set(body: dict[str, Any], path: str, value: Any) -> None:
    *above, name = path.split(".")
    for each in above:
        body = body[each]
    body[name] = value


class _Handler(BaseHTTPRequestHandler):
    """Answers for the fake of its server."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Give tokens."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fake: EdfiFake = self.server.fake  # type: ignore[attr-defined]
        with fake.lock:
            fake.asked.append("POST " + self.path)
            self._send(*fake.token(self.headers.get("Authorization", "")), {})

    def do_GET(self) -> None:
        """Serve."""
        fake: EdfiFake = self.server.fake  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        open_to_all = {
            "/": fake.root,
            "/metadata": lambda: [{"name": "Resources", "endpointUri": f"{fake.base}/metadata/resources.json"}],
            "/metadata/resources.json": fake.described,
        }
        with fake.lock:
            fake.asked.append(self.path)
            if (serve := open_to_all.get(parts.path.rstrip("/") or "/")) is not None:
                status = fake.fault("root")
                self._send(status or 200, {} if status else serve(), {})
                return
            self._send(*fake.answer(parts.path, query, dict(self.headers)))

    def _send(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def edfi_host(folder: Path) -> Iterator[EdfiFake]:
    """Run a host that knows the official description below a folder of shared data."""
    fake = EdfiFake(official(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.fake = fake  # type: ignore[attr-defined]
    server.daemon_threads = True
    fake.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def school(school_id: int, name: str = "Alder", **rest: Any) -> dict[str, Any]:
    """Return a school."""
    category = "uri://ed-fi.org/EducationOrganizationCategoryDescriptor#School"
    own = {
        "schoolId": school_id,
        "nameOfInstitution": name,
        "educationOrganizationCategories": [{"educationOrganizationCategoryDescriptor": category}],
        "gradeLevels": [{"gradeLevelDescriptor": "uri://ed-fi.org/GradeLevelDescriptor#Third grade"}],
        "schoolTypeDescriptor": "uri://ed-fi.org/SchoolTypeDescriptor#Regular",
    }
    return own | rest


def membership(student: str, school_id: int, entered_on: str = "2018-08-20", **rest: Any) -> dict[str, Any]:
    """Return a membership of a student in a school."""
    own = {
        "studentReference": {"studentUniqueId": student},
        "schoolReference": {"schoolId": school_id},
        "entryDate": entered_on,
        "entryGradeLevelDescriptor": "uri://ed-fi.org/GradeLevelDescriptor#Third grade",
        "schoolYearTypeReference": {"schoolYear": 2019},
    }
    return own | rest


def told(student: str, organization: int = 101, **rest: Any) -> dict[str, Any]:
    """Return what an organization tells of a student; descriptors may be written by their words."""
    own: dict[str, Any] = {
        "studentReference": {"studentUniqueId": student},
        "educationOrganizationReference": {"educationOrganizationId": organization},
    }
    return own | rest


def event(student: str, school_id: int, on: str, word: str = "Excused Absence", **rest: Any) -> dict[str, Any]:
    """Return a mark of a student on a day."""
    own = {
        "studentReference": {"studentUniqueId": student},
        "schoolReference": {"schoolId": school_id},
        "sessionReference": {"schoolId": school_id, "schoolYear": 2019, "sessionName": "Fall"},
        "eventDate": on,
        "attendanceEventCategoryDescriptor": f"uri://ed-fi.org/AttendanceEventCategoryDescriptor#{word}",
    }
    return own | rest
