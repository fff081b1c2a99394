"""The site of the current releases: its pages, and nothing else."""

import asyncio
import json
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from reports.preview import site_app

RELEASE = "r20270115-0123456789"
ABOUT = {"server": "ok"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A state root with one release of one page, and a secret beside it."""
    page = tmp_path / "releases" / RELEASE / "site" / "board" / "district"
    page.mkdir(parents=True)
    (page / "index.html").write_text("<h1>Board</h1>")
    (tmp_path / "releases" / RELEASE / "manifest.json").write_text(json.dumps({"as_of": "2027-01-15"}))
    (tmp_path / "releases" / "current").write_text(RELEASE + "\n")
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "journal.db").write_text("secret")
    return tmp_path


class Site:
    """A reader of the site."""

    def __init__(self, app: Starlette) -> None:
        """Read this application."""
        self.app = app

    def ask(self, address: str, method: str = "GET", host: str = "127.0.0.1") -> Response:
        """Ask one address."""

        async def once() -> Response:
            async with AsyncClient(transport=ASGITransport(self.app), base_url="http://127.0.0.1") as client:
                return await client.request(method, address, headers={"host": host})

        return asyncio.run(once())


@pytest.fixture
def site(root: Path) -> Site:
    """The site of that state root."""
    return Site(site_app({"riverbend": root}, lambda: (True, ABOUT)))


def test_folder_is_its_index_page(site: Site) -> None:
    """An address that ends in a slash is a page."""
    answer = site.ask("/riverbend/board/district/")
    assert (answer.status_code, answer.text) == (200, "<h1>Board</h1>")


def test_index_lists_every_edition(site: Site) -> None:
    """The operator finds each edition of each district."""
    assert '<a href="/riverbend/board/district/">' in site.ask("/").text


@pytest.mark.parametrize(
    "address",
    [
        "/riverbend/%2e%2e/manifest.json",
        "/riverbend/..%2f..%2f..%2fledger/journal.db",
        "/riverbend//etc/passwd",
        "/riverbend/board/absent.html",
        "/lakeview/board/district/",
        "/riverbend/%00",
    ],
)
def test_nothing_outside_the_site_is_shown(address: str, site: Site) -> None:
    """Addresses that leave the release's site are no pages."""
    assert site.ask(address).status_code == 404


def test_links_are_not_followed(root: Path, site: Site) -> None:
    """A link inside the site leads nowhere."""
    (root / "releases" / RELEASE / "site" / "board" / "out.html").symlink_to(root / "ledger" / "journal.db")
    assert site.ask("/riverbend/board/out.html").status_code == 404


def test_site_is_read_only_and_local(site: Site) -> None:
    """Pages are only read, and only under the names of this machine."""
    assert site.ask("/riverbend/board/district/", "POST").status_code == 405
    assert site.ask("/", host="evil.example").status_code == 400


def test_before_the_first_release_there_is_no_page(tmp_path: Path) -> None:
    """A district without a release says so."""
    empty = Site(site_app({"riverbend": tmp_path}, lambda: (True, {})))
    assert "nothing is published yet" in empty.ask("/").text
    assert empty.ask("/riverbend/board/district/").status_code == 404


def test_trouble_is_503(root: Path) -> None:
    """Monitoring sees by the status alone that something is down."""
    answer = Site(site_app({"riverbend": root}, lambda: (False, {"server": "down"}))).ask("/-/health")
    assert (answer.status_code, answer.json()) == (503, {"server": "down"})
