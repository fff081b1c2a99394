"""Ask a server over HTTP: time limits, its wish to be left alone, no other host; what it says in errors is not kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from aimline.errors import SourceError, SourcePermanentError, SourceTransientError
from aimline.sources.base import CONNECT_SECONDS, READ_SECONDS, tried

if TYPE_CHECKING:
    import httpx

_BUSY, _NEWEST_OK = 429, 299
_TRANSIENT = frozenset({500, 502, 503, 504})
_REFUSED = frozenset({401, 403})
_MOVED = frozenset({301, 302, 303, 307, 308})
_MOST_MOVES = 3
_MOST_BYTES = 200 * 2**20
_SECONDS = re.compile(r"\d{1,6}")
_RIGHTS = "Ask the owner of the source for a key that is in force, and put it where transport.secret says."


@dataclass(frozen=True)
class Call:
    """One question: method, address below the base, and what goes with it."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    to: Path | None = None


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the JSON of the body where it is some, and headers by their small names."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Http:
    """A client of one server; the headers go with every call, to that server alone."""

    def __init__(self, base: str, headers: Mapping[str, str], auth: tuple[str, str] | None = None) -> None:
        """Open a client of the server at ``base``."""
        import httpx

        self.base = base.rstrip("/") + "/"
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        login = httpx.BasicAuth(*auth) if auth else None
        self._client = httpx.Client(headers=dict(headers), auth=login, timeout=timeout, follow_redirects=False)

    def close(self) -> None:
        """Let go of the server."""
        self._client.close()

    def ask(self, call: Call, *, accepts: frozenset[int] = frozenset()) -> Answer:
        """Ask once, and again while the server fails in a way that time may mend.

        Args:
            call: The question.
            accepts: Statuses beyond success that are answers to the caller.

        Raises:
            SourceTransientError: It failed to the last.
            SourcePermanentError: It refuses, or sends elsewhere.
        """
        return tried(lambda: self._ask(call, accepts))

    def _ask(self, call: Call, accepts: frozenset[int]) -> Answer:
        import httpx

        url = urljoin(self.base, call.path)
        try:
            for _ in range(_MOST_MOVES + 1):
                self._check_host(url)
                with self._client.stream(call.method, url, params=call.params or None, json=call.json) as response:
                    if response.status_code not in _MOVED:
                        return _answered(response, call, accepts)
                    url = urljoin(url, response.headers.get("location", ""))
        except httpx.TimeoutException:
            raise SourceTransientError("the server did not answer in time.", code="timeout") from None
        except httpx.TransportError:
            raise SourceTransientError("the line to the server broke.", code="reset_mid_body") from None
        raise SourcePermanentError("the server sends from one address to the next.", code="server_error")

    def _check_host(self, url: str) -> None:
        """Refuse to carry the key to another server, or over an open line."""
        own, other = urlsplit(self.base), urlsplit(url)
        if (own.scheme, own.netloc) != (other.scheme, other.netloc):
            raise SourcePermanentError(
                "the server sends to another host; nothing was sent there.",
                remedy="Ask its owner for the address, and correct transport.url.",
                code="auth_failed",
            )


def _answered(response: "httpx.Response", call: Call, accepts: frozenset[int]) -> Answer:
    """Return what a response says, or raise what its status means."""
    status = response.status_code
    headers = {name.lower(): value for name, value in response.headers.items()}
    if status > _NEWEST_OK and status not in accepts:
        raise status_error(status, headers)
    if call.to is not None:
        _save(response, call.to)
        return Answer(status, None, headers)
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > _MOST_BYTES:
            raise SourcePermanentError("the answer is larger than the limit.", code="too_large")
    return Answer(status, _json(bytes(data), status), headers)


def _save(response: "httpx.Response", to: Path) -> None:
    size = 0
    with to.open("wb") as file:
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > _MOST_BYTES:
                raise SourcePermanentError("the answer is larger than the limit.", code="too_large")
            file.write(chunk)


def _json(data: bytes, status: int) -> Any:
    import json

    try:
        return json.loads(data) if data else None
    except ValueError:
        if status > _NEWEST_OK:
            return None
        raise SourcePermanentError(
            "the answer is no JSON.",
            remedy="Ask the owner of the source whether its interface has changed.",
            code="records_unreadable",
        ) from None


def status_error(status: int, headers: Mapping[str, str]) -> SourceError:
    """Return what the status of an answer means; nothing of its words."""
    request_id = re.sub(r"[^A-Za-z0-9-]", "", headers.get("x-request-id", ""))[:40]
    told = f"the server answered {status}" + (f" (request {request_id})." if request_id else ".")
    if status == _BUSY or status in _TRANSIENT:
        error = SourceTransientError(told, code="rate_limited" if status == _BUSY else "server_error")
        error.retry_after = _seconds(headers)
        return error
    if status in _REFUSED:
        return SourcePermanentError(told, remedy=_RIGHTS, code="auth_failed")
    return SourcePermanentError(told, remedy="Ask the owner of the source whether its address has changed.")


def _seconds(headers: Mapping[str, str]) -> int | None:
    """Return for how long the server wants to be left alone; a date is not read."""
    told = headers.get("retry-after", "")
    return int(told) if _SECONDS.fullmatch(told) else None
