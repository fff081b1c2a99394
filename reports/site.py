"""Build the static site of a release: ask each query once, fill in each page, write each edition complete in itself.

Nothing but the page about itself knows the release, so a page whose rows did not change keeps its bytes from night to
night. What is delivered where belongs to ``channels``, what may be shown was decided before the release was frozen.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.disclosure.presence import Declared
from aimline.errors import PageError
from aimline.warehouse import Connection, open_release
from reports.context import Rows, ask, newest_day, read_for
from reports.declared_texts import declared_texts, fixed_texts, site_texts, telling
from reports.editions import Edition, Place, editions_of, relative, slug
from reports.feeds import ALERTS, FEED, alerts_json, feed_xml
from reports.language import ENGLISH, Language, declared_words, label, languages_of, say, speaking_as
from reports.numbers import day
from reports.page_files import PAGES, read_pages
from reports.queries import Query, judge
from reports.render import Compiled, compile_page, render_layout, render_page
from schemas.published import GAP_TEXT

if TYPE_CHECKING:
    from aimline.settings import Deployment

ASSETS = Path(__file__).resolve().parent / "assets"
ABOUT, MISSING = "about.html", "404.html"

MOST_KEPT = 400
"""Pages that are remembered within a process, so that an equal one is not filled in again."""

_ALWAYS = frozenset({"unit_id"})


@dataclass(frozen=True)
class SiteRequest:
    """What a site is made from.

    Attributes:
        deployment: The declared facts: audiences, their pages, the title of the site.
        snapshot: The release's published tables.
        into: Folder the editions are written into.
        release_id: Names the release; told by the page about itself alone.
        as_of: The day of knowledge; told there too.
        pages: Folder of the pages.
        marks: Digests of the rows of the published tables: a table that is as it was need not be asked again.
    """

    deployment: "Deployment"
    snapshot: Path
    into: Path
    release_id: str
    as_of: date
    pages: Path = PAGES
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """One edition as it was written: its files, each with the SHA-256 of its bytes."""

    edition: Edition
    files: Mapping[str, str] = field(repr=False)

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """Return the declared page that each file is, by file; what stands beside the pages is called by its kind."""
        places = {place.path: place.page.address for place in self.edition.places}
        return {name: places.get(name) or name.partition(".")[0].partition("/")[0] for name in self.files}

    @property
    def digest(self) -> str:
        """Return the digest of all files but the one that tells the release."""
        lines = (f"{name}\0{digest}\n" for name, digest in sorted(self.files.items()) if not name.endswith(ABOUT))
        return sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class SiteBuild:
    """What was written, of which day; ``texts`` are declared words with numbers in them, no figures."""

    editions: tuple[Written, ...]
    texts: tuple[str, ...] = ()
    as_of: date | None = None

    @property
    def n_pages(self) -> int:
        """Return how many pages there are."""
        return sum(name.endswith(".html") for written in self.editions for name in written.files)

    def manifest(self) -> dict[str, Any]:
        """Return what a release's manifest says of its site."""
        editions = [
            {"edition": each.edition.folder, "unit_id": each.edition.unit["unit_id"], "digest": each.digest,
             "files": len(each.files)}
            for each in self.editions
        ]  # fmt: skip
        return {"editions": editions, "pages": self.n_pages}

    def artefacts(self) -> list[dict[str, Any]]:
        """Return every file of the site with its digest, for whom it is, of which unit, page and day."""
        day_of_knowledge = self.as_of and self.as_of.isoformat()
        return [
            {"path": f"{each.edition.folder}/{name}", "sha256": digest, "page": each.pages[name],
             "audience_id": each.edition.audience.audience_id, "unit_id": each.edition.unit["unit_id"],
             "as_of": day_of_knowledge}
            for each in self.editions
            for name, digest in sorted(each.files.items())
        ]  # fmt: skip

    def declared(self) -> Declared:
        """Return what may be there: every file with its page, and the names that pages are called by."""
        artefacts = self.artefacts()
        listed = {each["path"]: each["sha256"] for each in artefacts}
        return Declared(listed, {each["path"]: each["page"] for each in artefacts}, frozenset(self.names))

    @property
    def names(self) -> list[str]:
        """Return what pages are called by: declared keys, as they stand in addresses."""
        return sorted({slug(place.key) for each in self.editions for place in each.edition.places if place.key})


@dataclass(frozen=True)
class _Ready:
    """The pages of a folder, judged and compiled, by address."""

    compiled: Mapping[str, Compiled]
    queries: Mapping[str, Mapping[str, Query]]


def build_site(request: SiteRequest) -> SiteBuild:
    """Write every edition of a release.

    Raises:
        PageError: Pages are wrong: all mistakes at once, with file and line. Nothing can be promoted then.
    """
    with open_release(request.snapshot) as connection:
        ready = _ready(request.pages, connection)
        editions = editions_of(request.deployment, [each.page for each in ready.compiled.values()], connection)
        rows = _ask_all(editions, ready, _Asking(connection, request))
        readers = [(edition.audience.audience_id, edition.unit["unit_id"]) for edition in editions]
        alerts = read_for(connection, "rpt_alerts", readers)
        texts = declared_texts(connection)
    spoken = languages_of(request.deployment)
    written = [
        _Writer(request, ready, edition).write(rows, own, spoken) for edition, own in zip(editions, alerts, strict=True)
    ]
    told = (*fixed_texts(request.pages), *site_texts(request.deployment), *texts, *telling(declared_words(spoken)))
    return SiteBuild(tuple(written), told, request.as_of)


_known: dict[Path, _Ready] = {}


def _ready(folder: Path, connection: Connection) -> _Ready:
    """Return the pages of a folder, judged and compiled once in a process.

    Raises:
        PageError: Something is wrong with one of them; everything that is.
    """
    if folder in _known:
        return _known[folder]
    pages, findings = read_pages(folder)
    compiled: dict[str, Compiled] = {}
    queries: dict[str, dict[str, Query]] = defaultdict(dict)
    for page in pages:
        made, wrong = compile_page(page)
        if made is not None:
            compiled[page.address] = made
        for block in page.blocks:
            query, mistakes = judge(block, partial(_serialize, connection), _ALWAYS | set(page.brackets))
            wrong += mistakes
            if query is not None:
                queries[page.address][block.name] = query
        findings += wrong
    if findings:
        raise PageError(findings)
    _known[folder] = _Ready(compiled, queries)
    return _known[folder]


def _serialize(connection: Connection, sql: str) -> str:
    """Return DuckDB's own syntax tree of a statement, which it makes of SELECT alone."""
    return str(connection.rows("select json_serialize_sql(cast($sql as varchar)) as tree", {"sql": sql})[0]["tree"])


_Answers = Mapping[tuple[str, str], Mapping[str, Rows]]
"""(Folder of the edition, file of the page) -> rows by query."""


@dataclass(frozen=True)
class _Asking:
    """Asks the queries of a release, those alone whose tables are not what they were."""

    connection: Connection
    request: SiteRequest

    def ask(self, query: Query, audience_id: str, keys: Sequence[Mapping[str, str]]) -> list[Rows]:
        """Return the rows of each key."""
        marks = tuple(self.request.marks.get(table, "") for table in query.tables)
        same = (query, audience_id, tuple(tuple(key.items()) for key in keys), marks)
        if not all(marks):
            return ask(self.connection, query, audience_id, keys)
        if same not in _answered:
            if len(_answered) > MOST_KEPT:
                _answered.clear()
            _answered[same] = ask(self.connection, query, audience_id, keys)
        return _answered[same]


_answered: dict[Any, list[Rows]] = {}


def _ask_all(editions: Sequence[Edition], ready: _Ready, asking: _Asking) -> _Answers:
    """Ask each query of each page once for every edition of an audience."""
    wanted: dict[tuple[str, str], list[tuple[Edition, Place]]] = defaultdict(list)
    for edition in editions:
        for place in edition.places:
            wanted[edition.audience.audience_id, place.page.address].append((edition, place))
    answers: dict[tuple[str, str], dict[str, Rows]] = defaultdict(dict)
    for (audience_id, address), places in wanted.items():
        keys = [{"unit_id": edition.unit["unit_id"], **_parameters(edition, place)} for edition, place in places]
        for name, query in ready.queries.get(address, {}).items():
            for (edition, place), rows in zip(places, asking.ask(query, audience_id, keys), strict=True):
                answers[edition.folder, place.path][name] = rows
    return answers


def _parameters(edition: Edition, place: Place) -> dict[str, str]:
    """Return the bracket names of a page with their values; the unit's bracket is the unit."""
    own = place.parameters
    return {name: own.get(name, edition.unit["unit_id"]) for name in place.page.brackets}


@lru_cache(maxsize=1)
def _assets() -> dict[str, bytes]:
    """Return the files beside the pages, named by their content, so that a browser may keep them for good."""
    found = {}
    for path in sorted(ASSETS.iterdir()):
        data = path.read_bytes()
        found[f"_assets/{path.stem}.{sha256(data).hexdigest()[:8]}{path.suffix}"] = data
    return found


class _Writer:
    """Writes one edition."""

    def __init__(self, request: SiteRequest, ready: _Ready, edition: Edition) -> None:
        self.request, self.ready, self.edition = request, ready, edition
        self.root = request.into / edition.folder
        self.files: dict[str, str] = {}

    def write(self, answers: _Answers, alerts: Sequence[Any], spoken: Mapping[str, Language]) -> Written:
        """Write all pages and assets of the edition, in each of its languages."""
        for name, data in _assets().items():
            self._put(name, data)
        for language in self.edition.languages:
            with speaking_as(spoken[language]):
                _Speaker(self, self.edition.spoken(language), spoken[language]).write(answers)
        home = self.edition.places[0].path if self.edition.places else ABOUT
        title = self.request.deployment.audiences.site.title
        self._put(FEED, feed_xml(alerts, title[ENGLISH], home))
        self._put(ALERTS, alerts_json(alerts))
        return Written(self.edition, self.files)

    def _put(self, name: str, data: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.files[name] = sha256(data).hexdigest()


class _Speaker:
    """Writes the pages of one edition in one language."""

    def __init__(self, writer: _Writer, edition: Edition, language: Language) -> None:
        self.writer, self.request, self.edition, self.language = writer, writer.request, edition, language
        facts, code = self.request.deployment.audiences, language.code
        unit = {**edition.unit, "unit_label": label("unit", edition.unit["unit_id"], edition.unit["unit_label"])}
        called = edition.audience.label
        self.common: dict[str, Any] = {
            "site": {
                "title": facts.site.title.get(code) or facts.site.title[ENGLISH],
                "contact": facts.site.contact,
                "smallest_group": facts.disclosure.smallest_group,
            },
            "unit": unit,
            "audience": {
                "audience_id": edition.audience.audience_id,
                "label": called.get(code) or called[ENGLISH],
                "has_status": any(len(place.page.front.languages) == 1 for place in edition.places),
            },
            "lang": code,
            "dir": language.direction,
        }

    def write(self, answers: _Answers) -> None:
        """Write all pages, the page about them, and the one for addresses that lead nowhere."""
        start = self.edition.folder_of(self.language.code)
        for place in self.edition.places:
            self._frame(place.path, *self._filled(place, answers[self.edition.folder, place.path]))
        release = {"id": self.request.release_id, "as_of": self.request.as_of}
        about = self._fill("about", start + ABOUT, {"release": release, "gap_text": say(GAP_TEXT)})
        self._frame(start + ABOUT, str(say("About these pages")), about, None)
        home = self.edition.places[0].path if self.edition.places else start + ABOUT
        missing = self._fill("missing", start + MISSING, {"home": relative(start + MISSING, home)})
        self._frame(start + MISSING, str(say("Page not found")), missing, None)

    def _filled(self, place: Place, rows: Mapping[str, Rows]) -> "_Filled":
        """Fill in a page, once for everybody for whom it is the same: equal rows, links, words and names it uses."""
        compiled = self.writer.ready.compiled[place.page.address]
        variables = {**self.common, **rows, "page": {"key": place.key, "label": place.label}}
        used = tuple((name, _frozen(variables[name])) for name in sorted(compiled.names))
        words = self.request.deployment.digest if len(place.page.front.languages) > 1 else ""
        same = (self.request.pages, words, place.page.address, place.path, tuple(self.edition.routes.items()), used)
        if same not in _filled_in:
            if len(_filled_in) > MOST_KEPT:
                _filled_in.clear()
            title, main = render_page(compiled, variables, partial(self.edition.link, place.path))
            days = [newest for each in rows.values() if (newest := newest_day(each)) is not None]
            _filled_in[same] = (title, main, max(days, default=None))
        return _filled_in[same]

    def _fill(self, name: str, path: str, variables: Mapping[str, Any]) -> Any:
        return render_layout(name, {**self.common, **variables}, partial(self.edition.link, path))

    def _frame(self, path: str, title: str, main: Any, through: date | None) -> None:
        """Put the frame around a page and write it."""
        name = self.common["unit"]["unit_label"]
        told = [self.common["audience"]["label"] if title == name else name]
        told += [str(say("Data through {day}", day=day(through, locale=self.language.locale)))] if through else []
        variables = {
            "title": title,
            "main": main,
            "eyebrow": " · ".join(told),
            "through": through,
            "nav": list(self._navigation(path)),
            "others": list(self._other_languages(path)),
            "assets": {"style": relative(path, _asset("aimline")), "icon": relative(path, _asset("icon"))},
            "about": relative(path, self.edition.folder_of(self.language.code) + ABOUT),
        }
        self.writer._put(path, str(self._fill("page", path, variables)).encode())  # noqa: SLF001 - its other half

    def _navigation(self, here: str) -> Iterator[dict[str, Any]]:
        for place in self.edition.places:
            told = place.page.front.nav or place.page.front.title
            name = place.label or (say(told) if len(place.page.front.languages) > 1 else told)
            yield {"label": name, "href": relative(here, place.path), "is_here": place.path == here}

    def _other_languages(self, here: str) -> Iterator[dict[str, str]]:
        """Yield the same page in the other languages of the edition."""
        own = self.edition.folder_of(self.language.code)
        for code in self.edition.languages:
            if code != self.language.code:
                there = self.edition.folder_of(code) + here.removeprefix(own)
                yield {"lang": code, "name": Language(code).own_name, "href": relative(here, there)}


_Filled = tuple[str, Any, date | None]
"""Title, main part, and the last day of the data behind its figures."""

_filled_in: dict[Any, _Filled] = {}


def _frozen(value: Any) -> Any:
    return tuple(value.items()) if isinstance(value, dict) else value


@lru_cache(maxsize=8)
def _asset(stem: str) -> str:
    return next(name for name in _assets() if name.startswith(f"_assets/{stem}."))
