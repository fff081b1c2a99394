"""The site of a release: complete editions, links inside, equal figures, equal bytes, nothing that is hidden."""

import re
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

import pytest

from aimline.errors import PageError
from aimline.settings import Deployment
from aimline.warehouse import Connection
from reports import context
from reports import site as site_module
from reports.editions import slug
from reports.queries import Query
from reports.site import SiteBuild, SiteRequest, build_site
from schemas.published import GAP_TEXT, TABLES
from tests.reports.conftest import RELEASE_ID
from tests.support.published_rows import AS_OF, SMALL_SCHOOL, UNITS, Rows, build_snapshot, riverbend_rows

Site = tuple[Path, SiteBuild]
VOID = {"meta", "link", "br", "img"}


class Page(HTMLParser):
    """What tests want of one page: ids, links, headings, figures, open elements."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.figures: list[tuple[str, str]] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.lang = ""
        self._figure = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.attributes += attrs
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        self.lang = self.lang or (given.get("lang") or "" if tag == "html" else self.lang)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "data-figure" in given:
            self._figure = f"{given['data-figure']} {given.get('data-field', '')}"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [*attrs, (f"<{tag}/>", None)]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._figure = ""

    def handle_data(self, data: str) -> None:
        if self._figure:
            self.figures.append((self._figure, data.removesuffix(" from")))


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, Page]:
    """Every page of the site by its place."""
    return {path.relative_to(site[0]).as_posix(): Page(path) for path in sorted(site[0].rglob("*.html"))}


def test_each_reader_has_an_edition(site: Site) -> None:
    """The board and the data engineer have one edition, principals, families and students one a school."""
    folders = [written.edition.folder for written in site[1].editions]
    schools = [f"{audience}/{unit.unit_id}" for audience in ("principal", "family", "student") for unit in UNITS[1:]]
    assert sorted(folders) == sorted(["board/district", "engineering/district", *schools])


def test_edition_holds_what_was_written(site: Site) -> None:
    """The list of files is the files: nothing is left out, nothing lies about."""
    for written in site[1].editions:
        root = site[0] / written.edition.folder
        assert {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} == set(written.files)
        assert {"index.html", "about.html", "404.html"} <= set(written.files)
        is_spoken = len(written.edition.languages) > 1
        assert ("es/index.html" in written.files, "methods/index.html" in written.files) == (is_spoken, not is_spoken)


def test_links_stay_inside_the_edition(site: Site, pages: dict[str, Page]) -> None:
    """Every link and asset of a page exists in its own edition, anchors included."""
    for place, page in pages.items():
        edition = "/".join(place.split("/")[:2])
        for link in page.links:
            path, _, anchor = link.partition("#")
            target = normpath(PurePosixPath(place).parent / path) if path else place
            assert target.startswith(f"{edition}/"), (place, link)
            assert (site[0] / target).is_file(), (place, link)
            assert not anchor or not target.endswith(".html") or anchor in pages[target].ids, (place, link)


def test_page_is_well_formed(pages: dict[str, Page]) -> None:
    """Elements are closed, ids are unique, there is one first heading and no level is skipped."""
    for place, page in pages.items():
        assert page.open == [], place
        assert len(page.ids) == len(set(page.ids)), place
        assert page.headings[0] == 1, place
        assert page.headings.count(1) == 1, place
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), (place, page.headings)
        assert page.lang == ("es" if "/es/" in place else "en"), place


def test_page_needs_no_script_and_no_style_of_its_own(pages: dict[str, Page]) -> None:
    """No script, no style attribute, no handler: pages are whole without any and allow none."""
    for place, page in pages.items():
        names = {name for name, _ in page.attributes}
        assert not any(name.startswith("on") or name == "style" for name in names), place


def test_figure_is_the_same_in_every_edition(pages: dict[str, Page]) -> None:
    """One figure has one text, whoever reads it in the same detail and language."""
    texts: dict[str, set[str]] = defaultdict(set)
    editions: dict[str, set[str]] = defaultdict(set)
    for place, page in (
        (place, page) for place, page in pages.items() if not place.startswith(("family/", "student/"))
    ):
        for figure, text in page.figures:
            texts[figure].add(text)
            editions[figure].add("/".join(place.split("/")[:2]))
    assert all(len(found) == 1 for found in texts.values())
    assert any(len(found) > 2 for found in editions.values())


def test_principal_reads_of_no_other_school(site: Site) -> None:
    """The name of another school is in no file of a school's edition."""
    for school in UNITS[1:]:
        names = [other.unit_label for other in UNITS[1:] if other is not school]
        for path in (site[0] / "principal" / school.unit_id).rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            assert not any(name in text for name in names), path


def test_school_that_will_lack_answers_is_told_whom_to_remind(site: Site) -> None:
    """The list stands on the page of the school that has a place on it, and on no other's."""
    told = {
        school.unit_id
        for school in UNITS[1:]
        for path in (site[0] / "principal" / school.unit_id).rglob("*.html")
        if "Whom to remind first" in path.read_text(encoding="utf-8")
    }
    assert told == {"0112"}


def test_page_without_news_keeps_its_bytes(site: Site, deployment: Deployment, snapshot: Path, tmp_path: Path) -> None:
    """The same rows in another release give the same files, but for the page about the release itself."""
    again = build_site(SiteRequest(deployment, snapshot, tmp_path, "r20270116-ffffffffff", AS_OF))
    for before, after in zip(site[1].editions, again.editions, strict=True):
        assert before.digest == after.digest
        changed = {name for name in before.files if before.files[name] != after.files[name]}
        assert changed == {name for name in before.files if name.endswith("about.html")}
    assert RELEASE_ID not in (tmp_path / "board/district/index.html").read_text(encoding="utf-8")


def test_only_tables_with_other_rows_are_asked_again(
    deployment: Deployment, snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the mark of a table is what it was the night before, its rows are not asked again, and the pages stand."""
    asked: list[set[str]] = []
    ask = site_module.ask

    def counted(connection: Connection, query: Query, *rest: Any) -> list[context.Rows]:
        asked[-1] |= set(query.tables)
        return ask(connection, query, *rest)

    monkeypatch.setattr(site_module, "ask", counted)
    monkeypatch.setattr(site_module, "_answered", {})
    digests = []
    for changed in ("", "", "rpt_plan"):
        asked.append(set())
        marks = {name: "new" if name == changed else "old" for name in TABLES}
        request = SiteRequest(deployment, snapshot, tmp_path / str(len(asked)), RELEASE_ID, AS_OF, marks=marks)
        digests.append([each.digest for each in build_site(request).editions])
    assert "rpt_definitions" in asked[0]
    assert (asked[1], "rpt_definitions" in asked[2], "rpt_plan" in asked[2]) == (set(), False, True)
    assert digests[0] == digests[1] == digests[2]


@pytest.fixture(scope="module")
def careless() -> Rows:
    """Rows as a broken gate would leave them: hidden figures that still carry numbers."""
    rows = riverbend_rows()
    n_hidden = 0
    for table in rows.values():
        for row in table:
            if row.get("is_suppressed"):
                n_hidden += 1
                row |= {"value": 0.43219, "n_text": "n = 7777", "interval_low": 0.41119, "interval_high": 0.45559}
                row |= {"expected": 0.38887, "gap_to_expected": 0.04332, "certainty": "clearly", "target": 0.39991}
    for row in rows["rpt_measures"]:
        if row["unit_id"] == SMALL_SCHOOL:
            row |= {"value": 0.43219, "is_suppressed": True, "shown_as": "suppressed", "value_text": GAP_TEXT}
    assert n_hidden > 0
    return rows


def test_hidden_figure_leaks_nowhere(careless: Rows, deployment: Deployment, tmp_path: Path) -> None:
    """Were the gate to fail, the numbers of hidden figures would still be in no page, chart or attribute."""
    snapshot = build_snapshot(tmp_path / "snapshot.duckdb", careless)
    build_site(SiteRequest(deployment, snapshot, tmp_path / "site", RELEASE_ID, AS_OF))
    seen = 0
    for path in (tmp_path / "site").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        seen += text.count(GAP_TEXT)
        is_small = path.parts[-2] == SMALL_SCHOOL
        for canary in ("43219", "7777", "7,777", "41119", "38887", "clearly", *(("43%", "46%") if is_small else ())):
            assert canary not in text, (path, canary)
    assert seen > 0


BROKEN = {
    "select vlaue from rpt_plan order by vlaue": "",
    "select plan_id from rpt_plans order by plan_id": "",
    "select plan_id from rpt_plan order by plan_id": "{{ rows[0].nothing }}",
}


@pytest.mark.parametrize("sql", BROKEN)
def test_broken_page_stops_the_site(sql: str, deployment: Deployment, snapshot: Path, tmp_path: Path) -> None:
    """One broken page is told with its place, and no site is made of the rest."""
    pages = tmp_path / "pages/board"
    pages.mkdir(parents=True)
    text = f"---\ntitle: A\n---\n```sql rows\n{sql}\n```\n{BROKEN[sql]}\n"
    (pages / "index.md.j2").write_text(text, encoding="utf-8")
    request = SiteRequest(deployment, snapshot, tmp_path / "site", RELEASE_ID, AS_OF, tmp_path / "pages")
    with pytest.raises(PageError, match=r"pages/board/index\.md\.j2:\d:\d+: "):
        build_site(request)


def test_language_without_pages_is_refused(deployment: Deployment, snapshot: Path, tmp_path: Path) -> None:
    """An audience that reads a language no page is written in is told so, with its place in audiences.yml."""
    board, *others = deployment.audiences.audiences
    facts = deployment.audiences.model_copy(
        update={"audiences": (board.model_copy(update={"languages": ("en", "es")}), *others)}
    )
    changed = SiteRequest(type(deployment)(**{**vars(deployment), "audiences": facts}), snapshot, tmp_path, "r", AS_OF)
    with pytest.raises(PageError, match=r"audiences\.yml:\d+:\d+: .*reads 'es'"):
        build_site(changed)


@pytest.mark.parametrize(
    ("key", "address"),
    [("0104", "0104"), ("2027_mid_year", "2027-mid-year"), ("Año 1", "ano-1"), ("中", "k-"), ("../x", "x")],
)
def test_address_of_a_key(key: str, address: str) -> None:
    """A key becomes plain letters, digits and hyphens; one that has none becomes a digest."""
    assert slug(key).startswith(address)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug(key))


def test_empty_release_still_has_its_pages(deployment: Deployment, tmp_path: Path) -> None:
    """On the first night there are no figures yet: every page is there and says so."""
    units = {"rpt_units": riverbend_rows()["rpt_units"]}
    snapshot = build_snapshot(tmp_path / "snapshot.duckdb", units)
    made = build_site(SiteRequest(deployment, snapshot, tmp_path / "site", RELEASE_ID, AS_OF))
    assert len(made.editions) == 38
    assert "No indicator has been measured yet" in (tmp_path / "site/principal/0104/index.html").read_text("utf-8")
