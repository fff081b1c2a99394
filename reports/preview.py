"""Show the pages of the current releases to the operator of this machine: read-only, on loopback. No page is made here.

Which release is current is asked at every request, so a night that publishes is seen at once. There is no sign-in:
whoever may use this machine's loopback address sees every edition, so other readers get theirs by the channels.
"""

import html
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from aimline.errors import UsageError
from aimline.ledger.releases import Release, current
from aimline.storage import LocalStore, open_store

SITE = "site"
INDEX = "index.html"
LOCAL = ["127.0.0.1", "localhost"]

Health = Callable[[], tuple[bool, Mapping[str, Any]]]

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_UNAVAILABLE = 503
_NOT_FOUND = 404


def site_app(states: Mapping[str, Path], health: Health) -> Starlette:
    """Make the application.

    Args:
        states: State root of each district, by the district's name in addresses.
        health: Says whether all is well, and how every part is.
    """
    stores = {name: open_store(path) for name, path in states.items()}

    def index(_request: Request) -> Response:
        return HTMLResponse(_index(stores), headers=_HEADERS)

    def page(request: Request) -> Response:
        store = stores.get(request.path_params["district"])
        path = _file(store, request.path_params["path"]) if store else None
        if path is None:
            return PlainTextResponse("There is no such page.", status_code=_NOT_FOUND, headers=_HEADERS)
        return FileResponse(path, headers=_HEADERS)

    def well(_request: Request) -> Response:
        is_well, parts = health()
        return JSONResponse(parts, status_code=200 if is_well else _UNAVAILABLE)

    routes = [Route("/", index), Route("/-/health", well), Route("/{district}/{path:path}", page)]
    return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL)])


def editions(release: Release) -> list[str]:
    """Return ``audience/unit`` of every edition of a release."""
    site = release.folder / SITE
    return sorted(path.parent.relative_to(site).as_posix() for path in site.glob(f"*/*/{INDEX}"))


def _file(store: LocalStore, path: str) -> Path | None:
    """Return the file of an address in the current release; a folder is its index page."""
    release = current(store)
    if release is None:
        return None
    try:
        found = store.path(f"releases/{release.release_id}/{SITE}/{path or INDEX}")
    except UsageError:
        return None
    found = found / INDEX if found.is_dir() else found
    return found if found.is_file() else None


def _index(stores: Mapping[str, LocalStore]) -> str:
    """Write the operator's list of editions."""
    parts = []
    for name, store in sorted(stores.items()):
        release = current(store)
        title = f"{name}, release {release.release_id}" if release else f"{name}: nothing is published yet"
        links = [
            f'<li><a href="/{name}/{each}/">{html.escape(each)}</a></li>'
            for each in (editions(release) if release else [])
        ]
        parts.append(f"<h2>{html.escape(title)}</h2>\n<ul>\n{''.join(links)}\n</ul>")
    head = '<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return f"{head}\n<title>Editions</title>\n<main><h1>Editions</h1>\n{''.join(parts)}</main></html>\n"
