"""One release of invented Riverbend rows for all tests of pages, and the site made from it, built once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aimline.settings import Deployment, load_deployment
from aimline.warehouse import Connection, open_release
from reports.context import Row
from reports.numbers import Figure
from reports.site import SiteBuild, SiteRequest, build_site
from schemas.published import FIGURE
from tests.support.published_rows import AS_OF, build_snapshot

RELEASE_ID = "r20270115-0123456789"


@pytest.fixture(scope="session")
def deployment() -> Deployment:
    """The declared facts of Riverbend."""
    return load_deployment("riverbend")


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published tables of one release."""
    return build_snapshot(tmp_path_factory.mktemp("release") / "snapshot.duckdb")


@pytest.fixture(scope="session")
def site(deployment: Deployment, snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SiteBuild]:
    """The site of the release: its folder, and what was written."""
    folder = tmp_path_factory.mktemp("site")
    return folder, build_site(SiteRequest(deployment, snapshot, folder, RELEASE_ID, AS_OF))


@pytest.fixture
def connection(snapshot: Path) -> Iterator[Connection]:
    """The release, opened as pages open it."""
    with open_release(snapshot) as opened:
        yield opened


@pytest.fixture(scope="session")
def a_figure() -> Callable[..., Figure]:
    """Make a visible share; every column can be given."""

    def make(**given: Any) -> Figure:
        base: dict[str, Any] = {column.name: None for column in FIGURE}
        base |= {
            "figure_id": "fig_aaaaaaaaaaaa",
            "value_unit": "share",
            "value": 0.18,
            "value_text": "18%",
            "shown_as": "exact",
            "is_suppressed": False,
            "data_through_on": "2027-01-15",
        }
        return Figure(json.dumps(base | given))

    return make


@pytest.fixture(scope="session")
def a_row() -> Callable[..., Row]:
    """Make a row of given cells."""
    return lambda **cells: Row(cells)
