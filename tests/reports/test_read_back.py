"""Finished pages are read back: as they are they pass; with one number more, or one file, they are refused."""

import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from aimline.disclosure.artefacts import SiteAudit, Truth, audit_site
from aimline.disclosure.markup import plain_tokens
from aimline.disclosure.presence import Declared
from aimline.disclosure.readback import read_file
from reports.site import SiteBuild
from tests.reports.conftest import RELEASE_ID

Site = tuple[Path, SiteBuild]
Change = Callable[[str], str]


def judged(folder: Path, made: SiteBuild, place: str | None = None) -> SiteAudit:
    """Read a site back; a file at ``place`` counts as listed, so that only what it says is judged."""
    listed = {each["path"]: each["sha256"] for each in made.artefacts()}
    if place is not None:
        listed[place] = sha256((folder / place).read_bytes()).hexdigest()
    readers = {each.edition.audience.audience_id: each.edition.audience for each in made.editions}
    tellings = {name: f"{audience.shares}/{audience.counts}" for name, audience in readers.items()}
    return audit_site(folder, Truth(RELEASE_ID, Declared(listed), texts=(*made.texts, RELEASE_ID), tellings=tellings))


@pytest.fixture
def copied(site: Site, tmp_path: Path) -> Path:
    """A copy of the site that may be spoiled."""
    return Path(shutil.copytree(site[0], tmp_path / "site"))


def page_with(folder: Path, text: str) -> str:
    """Return the first page that holds a text."""
    pages = sorted(folder.rglob("*.html"))
    return next(path.relative_to(folder).as_posix() for path in pages if text in path.read_text(encoding="utf-8"))


def test_pages_as_they_are_built_pass(site: Site) -> None:
    """Every number is a figure's, a count of records, declared, or a date; hundreds are read."""
    told = judged(*site)
    assert told.places == {name: [] for name in told.places}
    assert told.passed
    assert told.n_numbers > 200


def moved(text: str) -> str:
    """Draw the first point of a chart a little higher."""
    return re.sub(
        r'(cy=")(\d+)([^>]*class="point")', lambda found: f"{found[1]}{int(found[2]) - 3}{found[3]}", text, count=1
    )


PLANTED: dict[str, Change] = {
    "coordinate": moved,
    "point beside": lambda text: text.replace("</g><text", '<circle cx="99" cy="71.3" r="3"/></g><text', 1),
    "point without scale": lambda text: text.replace("</g><text", '</g><circle cx="9" cy="7" r="3"/><text', 1),
    "description": lambda text: text.replace("</desc>", " Asian: 7.</desc>", 1),
    "alt text": lambda text: text.replace("<main", '<img alt="7 of 9 students"><main', 1),
    "tooltip": lambda text: text.replace("<main", '<p title="7 students"></p><main', 1),
    "JSON block": lambda text: text.replace("</main>", '<script type="application/json">{"n": 7}</script></main>', 1),
    "comment": lambda text: text.replace("</main>", "<!-- n=7 --></main>", 1),
    "sentence": lambda text: text.replace("</main>", "<p>7 students left.</p></main>", 1),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_small_cell_planted_in_a_page_is_refused(copied: Path, site: Site, name: str) -> None:
    """Wherever it is: drawn, spoken, hidden in a block, or written."""
    place = page_with(copied, "data-scale")
    text = (copied / place).read_text(encoding="utf-8")
    spoiled = PLANTED[name](text)
    assert spoiled != text
    (copied / place).write_text(spoiled, encoding="utf-8")
    assert not judged(copied, site[1], place).passed


@pytest.mark.parametrize("place", ["board/district/asian.html", "board/district/cells.csv", "board/district/n.json"])
def test_the_mere_existence_of_a_file_is_refused(copied: Path, site: Site, place: str) -> None:
    """Nobody listed it, so it does not stand, whatever it says."""
    (copied / place).write_text("", encoding="utf-8")
    assert [each["path"] for each in judged(copied, site[1]).presence] == [place]


def test_a_small_cell_in_a_listed_table_is_refused(copied: Path, site: Site) -> None:
    """Listing a file does not excuse what it says."""
    (copied / "board/district/cells.csv").write_text("group,n\nasian,7\n", encoding="utf-8")
    assert judged(copied, site[1], "board/district/cells.csv").untraced


def test_a_number_in_the_place_of_a_gap_is_refused(copied: Path, site: Site) -> None:
    """A figure that is hidden in one place says nothing in another."""
    place = page_with(copied, 'class="gap" data-figure')
    text = (copied / place).read_text(encoding="utf-8")
    figure = re.search(r'class="gap" data-figure="(\w+)"[^>]*>Not shown', text)
    assert figure
    spoiled = text.replace("</main>", f'<p data-figure="{figure[1]}">7</p></main>', 1)
    (copied / place).write_text(spoiled, encoding="utf-8")
    assert judged(copied, site[1], place).gap_content


def test_only_words_are_let_pass(site: Site) -> None:
    """A declared text has letters beside its number; it is let pass where it stands as a whole."""
    assert site[1].texts
    assert all(re.search(r"[A-Za-z]{2}", text) for text in site[1].texts)
    for text, strays in (("PS 15 is here", []), ("PS 151 is here", ["151"]), ("XPS 15 is here", ["15"])):
        read = read_file("a.html", f"<p>{text}</p>".encode(), ["PS 15"])
        assert read is not None
        assert [number for *_, number in read.strays] == strays


def test_every_page_of_ours_is_plainly_written(site: Site) -> None:
    """Pages are taken apart by one expression; none needs the slow way."""
    pages = list(site[0].rglob("*.html"))
    assert pages
    assert [path.name for path in pages if plain_tokens(path.read_text(encoding="utf-8")) is None] == []


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Wave 2 is open", ("7",)),
        ("Wave 27 is open", ("27", "7")),
        ("xWave 2", ("2", "7")),
        ("Wave 2_Wave 2", ("2", "2", "7")),
    ],
)
def test_declared_words_are_left_out_as_a_whole(said: str, left: tuple[str, ...]) -> None:
    """A declared name with a number in it says nothing of a figure where it is no part of another word."""
    found = read_file("a.html", f"<p>{said}</p><p>7</p>".encode(), ("Wave 2",))
    assert found is not None
    assert tuple(number for _, _, number in found.strays) == left
