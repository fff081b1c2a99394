"""Ask an Ed-Fi host through edfi-api-client, around what the client of version 0.4.1 does not do by itself.

It builds its addresses from the base alone, retries nothing unless told so at ``connect``, retries a refused token with
the same token, asks for tokens once and without a time-out, has no time-outs at all, does not hear ``Retry-After``,
cannot count when a count takes too long, and pages forward unless it steps by change versions. What is asked here is
asked again, with a fresh token, in smaller windows or pages, until the answer is whole.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

from aimline import clock
from aimline.errors import SourceError, SourcePermanentError, SourceTransientError
from aimline.sources.base import CONNECT_SECONDS, MOST_RETRY_AFTER, READ_SECONDS, tried
from schemas.faults import FAULTS

_Found = TypeVar("_Found")
_Answer = dict[str, Any]
_PAGE, _LEAST_PAGE = 500, 25
_MOST_PAGES = 10_000
_KEPT_TRYING = {429, 500, 501, 502, 503}
_CURSORS_SINCE = (7, 3)
_TRACKED = {"deletes": "get_deletes", "keyChanges": "get_key_changes"}


class _TooDeepError(Exception):
    """The host took too long for so large a window."""


@dataclass(frozen=True)
class Window:
    """Change versions from the first to the last; without them, all there is."""

    first: int
    last: int

    def halves(self) -> tuple["Window", "Window"]:
        """Return the older and the newer half."""
        middle = (self.first + self.last) // 2
        return Window(self.first, middle), Window(middle + 1, self.last)


class EdfiHost:
    """One host and our right to read it."""

    def __init__(self, base: str, credentials: str) -> None:
        """Take the base address and ``key:secret``; nothing is sent yet."""
        self.base = base.rstrip("/")
        self._key, _, self._secret = credentials.partition(":")
        self._page_size = _PAGE
        self.is_limit_lowered = False
        self._plain = requests.Session()
        _set_up(self._plain)

    @cached_property
    def info(self) -> _Answer:
        """What the host says of itself: version, data models, addresses.

        Raises:
            SourcePermanentError: Its addresses are not where the client looks for them.
        """
        found: _Answer = self._plainly("GET", self.base + "/")
        urls = found.get("urls", {})
        for name, path in (("dataManagementApi", "/data/v3"), ("oauth", "/oauth/token")):
            told = str(urls.get(name, "")).rstrip("/")
            if told != self.base + path:
                message = f"the host has its {name} at {told or 'no address'}, not at {self.base}{path}."
                raise _permanent("edfi_url_mismatch", message)
        return found

    def close(self) -> None:
        """Let go of the lines to the host."""
        self._plain.close()
        if "_client" in self.__dict__:
            self._client.session.session.close()

    @property
    def version(self) -> tuple[int, ...]:
        """The version of the host's software."""
        parts = str(self.info.get("version", "")).split(".")[:2]
        return tuple(int(part) for part in parts if part.isdigit())

    @property
    def data_standard(self) -> str:
        """The version of the Ed-Fi data model."""
        models = [each for each in self.info.get("dataModels", ()) if each.get("name") == "Ed-Fi"]
        return str(models[0].get("version", "")) if models else ""

    @cached_property
    def _client(self) -> Any:
        from edfi_api_client import EdFiClient

        mode = str(self.info.get("apiMode") or "Shared Instance")
        if "Year" in mode:
            raise SourcePermanentError(f"the host is in mode '{mode}'.", remedy="Ask for one that serves one year.")
        client = EdFiClient(self.base, self._key, self._secret, api_mode="shared_instance")
        session = client.session
        session.retry_status_codes = _KEPT_TRYING
        session.safe_sleep = clock.sleep
        session._make_auth_request = lambda: self._token(session)  # noqa: SLF001 - its own has neither time-out nor retry
        client.connect(retry_on_failure=True, max_retries=5, max_wait=60)
        _set_up(session.session)
        return client

    def _token(self, session: Any) -> _Answer:
        """Ask for a token, again while the host is busy; the client knows by these times when to ask anew."""
        options = {"data": {"grant_type": "client_credentials"}, "auth": (self._key, self._secret)}
        answer: _Answer = self._plainly("POST", self.base + "/oauth/token", refused="auth_failed", **options)
        session.authenticated_at = clock.epoch_seconds()
        session.refresh_at = session.authenticated_at + int(answer.get("expires_in", 0)) - 120
        return answer

    def newest(self) -> int | None:
        """Return the newest change version; None where the host keeps no changes."""
        try:
            return int(self._asked(self._client.get_newest_change_version))
        except _NotThereError:
            return None

    def rows(self, resource: str, window: Window | None) -> list[_Answer]:
        """Return the records of a resource that changed last within a window; all where there is none."""
        return self._windowed(lambda within: self._rows(resource, within), window)

    def tracked(self, resource: str, kind: str, window: Window) -> list[_Answer]:
        """Return the ``deletes`` or ``keyChanges`` of a resource within a window, oldest first."""
        endpoint = self._client.resource(resource, **{_TRACKED[kind]: True})
        found = self._windowed(lambda within: self._backwards(endpoint, within), window)
        return sorted(found, key=lambda each: int(each["changeVersion"]))

    def find(self, resource: str, record_id: str) -> _Answer | None:
        """Return one record; None when it is not there."""
        with suppress(_NotThereError):
            found: _Answer = self._asked(lambda: self._client.resource(resource).get_by_id(record_id))
            return found
        return None

    def fields(self, resource: str) -> dict[str, _Answer]:
        """Return the fields of a resource as the host describes them: name -> schema, references followed once."""
        path = self._described["paths"].get(f"/ed-fi/{resource}", {}).get("get", {}).get("responses", {}).get("200", {})
        content = path.get("content", {}).get("application/json", path).get("schema", {})
        return self._properties(content.get("items", content))

    def _properties(self, schema: Mapping[str, Any]) -> dict[str, _Answer]:
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        known = self._described.get("components", {}).get("schemas") or self._described.get("definitions", {})
        found: dict[str, _Answer] = known.get(name, schema).get("properties", {})
        return found

    def below(self, schema: Mapping[str, Any]) -> dict[str, _Answer]:
        """Return the fields below a field: of an object, or of the items of a list."""
        return self._properties(schema.get("items", schema))

    @cached_property
    def _described(self) -> _Answer:
        urls = self.info.get("urls", {})
        listed = self._plainly("GET", str(urls.get("openApiMetadata") or f"{self.base}/metadata"))
        where = next((each["endpointUri"] for each in listed if each.get("name", "").lower() == "resources"), None)
        if where is None:
            raise _permanent("edfi_contract_changed", "the host does not describe its resources.")
        found: _Answer = self._plainly("GET", str(where))
        return found

    def _windowed(self, read: Callable[[Window | None], list[_Answer]], window: Window | None) -> list[_Answer]:
        """Read a window, in halves where it is too large; of a record seen twice, what was seen last."""
        try:
            return self._asked(lambda: read(window))
        except _TooDeepError:
            if window is None or window.first >= window.last:
                raise _transient("server_error", "the Ed-Fi host takes too long to answer.") from None
        older, newer = window.halves()
        found = {str(each["id"]): each for half in (older, newer) for each in self._windowed(read, half)}
        return list(found.values())

    def _rows(self, resource: str, window: Window | None) -> list[_Answer]:
        endpoint = self._client.resource(resource)
        between = {"minChangeVersion": window.first, "maxChangeVersion": window.last} if window else {}
        if self.version >= _CURSORS_SINCE:
            return _all_of(endpoint.get_pages_cursor(params=between, page_size=self._page_size))
        if window is None:
            return _all_of(endpoint.get_pages(page_size=self._page_size))
        return self._backwards(endpoint, window)

    def _backwards(self, endpoint: Any, window: Window | None) -> list[_Answer]:
        """Read the pages of a window from the last to the first, so that none is skipped when a row leaves it."""
        assert window is not None  # noqa: S101 - only windows can be stepped through
        params = {"minChangeVersion": window.first, "maxChangeVersion": window.last}
        step = window.last - window.first + 1
        pages = endpoint.get_pages(
            params=params, page_size=self._page_size, step_change_version=True, change_version_step_size=step
        )
        return _all_of(pages)

    def _asked(self, work: Callable[[], _Found]) -> _Found:
        """Do some work with the host; again where the line broke, for what the host said was tried again already."""
        try:
            return tried(lambda: self._once(work))
        except _GivenUpError as error:
            raise error.why from None

    def _once(self, work: Callable[[], _Found], *, is_fresh: bool = False) -> _Found:
        """Do some work with the host; with a fresh token or smaller pages where those are the trouble."""
        try:
            return work()
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            if status == requests.codes.unauthorized and not is_fresh:
                self._client.session.authenticated_at = None
                return self._once(work, is_fresh=True)
            if status == requests.codes.bad_request and self._page_size > _LEAST_PAGE:
                self._page_size, self.is_limit_lowered = max(self._page_size // 2, _LEAST_PAGE), True
                return self._once(work, is_fresh=is_fresh)
            if status == requests.codes.gateway_timeout:
                raise _TooDeepError from None
            why = _of_status(status)
            raise (_GivenUpError(why) if isinstance(why, SourceTransientError) else why) from None
        except NameError:  # the client stumbles where a count took too long
            raise _TooDeepError from None
        except requests.RequestException as error:
            raise _of_line(error) from None

    def _plainly(self, method: str, url: str, *, refused: str = "auth_expired", **options: Any) -> Any:
        """Ask without the client; ``refused`` is the code of a refusal."""

        def once() -> Any:
            try:
                answer = self._plain.request(method, url, **options)
            except requests.RequestException as error:
                raise _of_line(error) from None
            status = answer.status_code
            if refused == "auth_failed" and status in {400, 401}:
                raise _permanent(refused, "the Ed-Fi host refuses our key and secret.")
            if status >= requests.codes.bad_request:
                raise _of_status(status)
            return _parsed(answer)

        return tried(once)


class _GivenUpError(Exception):
    """The client tried what it could."""

    def __init__(self, why: SourceTransientError) -> None:
        super().__init__(why.message)
        self.why = why


class _NotThereError(SourcePermanentError):
    """What was asked for is not there."""


class _Adapter(HTTPAdapter):  # type: ignore[misc] # the library has no types
    """Gives every call its time, and leaves the host alone for as long as it asks."""

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        """Send a request, and again after the wait the host asks for."""
        options["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        for _ in range(3):
            answer = super().send(request, *args, **options)
            asked = answer.headers.get("Retry-After", "")
            if answer.status_code not in {429, 503} or not asked.isdigit():
                return answer
            answer.close()
            if int(asked) > MOST_RETRY_AFTER:
                error = _transient("rate_limited", f"the Ed-Fi host asks to be left alone for {int(asked)} seconds.")
                error.retry_after = float(asked)
                raise error
            clock.sleep(int(asked))
        return answer


def _set_up(session: requests.Session) -> None:
    """Give a session time-outs; certificates are always checked, and nobody is sent to another host."""
    session.max_redirects = 0
    session.verify = True
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter())


def _parsed(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise SourcePermanentError("the Ed-Fi host answers with something that is no JSON.") from None


def _all_of(pages: Iterable[list[_Answer]]) -> list[_Answer]:
    """Return the records of all pages, each once.

    Raises:
        SourcePermanentError: The same page came again and again.
    """
    found: dict[str, _Answer] = {}
    before: list[_Answer] = []
    n_same = 0
    for number, page in enumerate(pages):
        n_same = n_same + 1 if page and page == before else 0
        if n_same > 1 or number > _MOST_PAGES:
            raise _permanent("paging_loop", "the Ed-Fi host serves the same page for ever.")
        found |= {str(each["id"]): each for each in page}
        before = page
    return list(found.values())


def _of_status(status: int) -> SourceError:
    """Say what a status means for us."""
    if status == requests.codes.not_found:
        return _NotThereError("the Ed-Fi host does not have what was asked for.")
    refusals = {
        401: ("auth_expired", "the Ed-Fi host refuses a fresh token."),
        403: ("auth_failed", "the Ed-Fi host does not let us read this."),
    }
    if status in refusals:
        return _permanent(*refusals[status])
    if status == requests.codes.too_many_requests:
        return _transient("rate_limited", "the Ed-Fi host asks for fewer calls.")
    if status >= requests.codes.internal_server_error:
        return _transient("server_error", f"the Ed-Fi host answers with status {status}.")
    return SourcePermanentError(f"the Ed-Fi host answers with status {status}.")


def _of_line(error: requests.RequestException) -> SourceError:
    """Say what broke on the way."""
    if isinstance(error, requests.Timeout):
        return _transient("timeout", "the Ed-Fi host did not answer in time.")
    if isinstance(error, requests.TooManyRedirects):
        return SourcePermanentError("the Ed-Fi host sends us to another address.", remedy="Correct transport.url.")
    if isinstance(error, requests.JSONDecodeError):
        return SourcePermanentError("the Ed-Fi host answers with something that is no JSON.")
    return _transient("reset_mid_body", "the line to the Ed-Fi host broke.")


def _permanent(code: str, message: str) -> SourcePermanentError:
    return SourcePermanentError(message, remedy=FAULTS[code].remedy, code=code)


def _transient(code: str, message: str) -> SourceTransientError:
    return SourceTransientError(message, remedy=FAULTS[code].remedy, code=code)
