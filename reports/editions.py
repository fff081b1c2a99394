"""Say which editions a release has, which pages each holds, and where each page is.

An edition is one audience and unit: a folder that is complete in itself and links only inside itself. The audience's
first language stands at its root, each other in a folder of its own, page by page. Pages come from declared keys, never
from whether there are data. What stands on a page is not known here.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING
from unicodedata import normalize

from aimline.errors import Finding, PageError
from aimline.warehouse import Connection, quote_ident
from reports.language import ENGLISH, languages
from reports.page_files import PageFile

if TYPE_CHECKING:
    from aimline.settings import Deployment
    from schemas.audiences import Audience

UNIT_BRACKETS = frozenset({"school_id"})
"""Brackets that stand for the unit of the edition."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_BRACKET = re.compile(r"\[([a-z_]+)\]")


@dataclass(frozen=True)
class Place:
    """One page of one edition.

    Attributes:
        page: The page.
        key: Key of its bracket, empty when it has none but the unit's.
        label: What people call the key.
        path: Its file in the edition.
        number: Its place among the pages of the same file.
        language: The language it is written in.
    """

    page: PageFile
    key: str
    label: str
    path: str
    number: int = 0
    language: str = ENGLISH

    @property
    def parameters(self) -> dict[str, str]:
        """Return what its queries may ask for beside the unit."""
        return {name: self.key for name in self.page.brackets if name not in UNIT_BRACKETS}


@dataclass(frozen=True)
class Edition:
    """One audience's pages about one unit.

    Attributes:
        audience: Who reads.
        unit: Id, label and type of the unit it is about.
        folder: Where it is below the site: ``board/district``.
        places: Its pages, in the order of the navigation.
    """

    audience: "Audience"
    unit: Mapping[str, str]
    folder: str
    places: tuple[Place, ...] = field(default=(), repr=False)

    @cached_property
    def routes(self) -> dict[tuple[str, str], str]:
        """Return the file of each address and key."""
        return {(place.page.address, place.key): place.path for place in self.places}

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages it is read in; the first one stands at its root."""
        return self.audience.languages

    def spoken(self, language: str) -> "Edition":
        """Return its pages in one language, which link to each other alone."""
        return replace(self, places=tuple(place for place in self.places if place.language == language))

    def folder_of(self, language: str) -> str:
        """Return what the files of a language begin with: nothing for the first."""
        return "" if language == self.languages[0] else f"{language}/"

    def link(self, here: str, address: str, key: str = "") -> str:
        """Return the link from one file of the edition to a page, empty when the edition lacks it."""
        path = self.routes.get((address, key))
        return relative(here, path) if path else ""


def relative(here: str, there: str) -> str:
    """Return the address of one file as seen from another of the same edition."""
    return os.path.relpath(there, os.path.dirname(here) or ".").replace(os.sep, "/")  # noqa: PTH120 - addresses, not files


def slug(key: str) -> str:
    """Return a key as it stands in an address; never made from a label."""
    plain = normalize("NFKD", key).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return plain if _SLUG.fullmatch(plain) else "k-" + sha256(key.encode()).hexdigest()[:10]


def editions_of(deployment: "Deployment", pages: Sequence[PageFile], connection: Connection) -> list[Edition]:
    """Return every edition of a release, in the order the audiences are declared.

    Raises:
        PageError: An audience reads a language no page is written in, or two keys give one address.
    """
    rows = connection.rows(
        "select distinct audience_id, unit_id, unit_label, unit_type from main.rpt_units where is_own "
        "order by audience_id, unit_id"
    )
    editions = []
    for audience in deployment.audiences.audiences:
        held = [page for page in pages if _is_held(page, audience)]
        _refuse_languages(deployment, audience, held)
        keys = {page.address: _keys(page, audience.audience_id, connection) for page in held}
        for row in (row for row in rows if row["audience_id"] == audience.audience_id):
            unit = {name: str(row[name]) for name in ("unit_id", "unit_label", "unit_type")}
            place = "district" if unit["unit_type"] == "district" else slug(unit["unit_id"])
            places = [
                replace(each, language=language, path=each.path if not number else f"{language}/{each.path}")
                for number, language in enumerate(audience.languages)
                for page in held
                for each in _places(page, unit["unit_id"], keys[page.address])
            ]
            editions.append(Edition(audience, unit, f"{audience.audience_id}/{place}", tuple(_in_order(places))))
    return editions


def _is_held(page: PageFile, audience: "Audience") -> bool:
    """Say whether an audience reads a page: its own folder's, or a shared one that names it."""
    is_meant = page.folder == audience.audience_id or audience.audience_id in page.front.audiences
    return is_meant and any(fnmatchcase(page.address, pattern) for pattern in audience.pages)


def _keys(page: PageFile, audience_id: str, connection: Connection) -> list[tuple[str, str, str]]:
    """Return (reader, key, label) of the bracket of a page; empty when it has none but the unit's."""
    own = [name for name in page.brackets if name not in UNIT_BRACKETS]
    if not own:
        return []
    source = page.front.params[own[0]]
    key, label, order = (quote_ident(name) for name in (source.key, source.label, source.order_by or source.key))
    rows = connection.rows(
        f"select reader_unit_id as reader, cast({key} as varchar) as key, min(cast({label} as varchar)) as label "
        f"from main.{source.table} where audience_id = $audience group by all order by min({order}), key, reader",
        {"audience": audience_id},
    )
    return [(row["reader"], row["key"], row["label"]) for row in rows]


def _places(page: PageFile, unit_id: str, keys: Iterable[tuple[str, str, str]]) -> Iterator[Place]:
    """Yield the pages a file becomes in the edition of a unit."""
    address = page.address.split("/", 1)[1] if not page.front.audiences else page.address
    if all(name in UNIT_BRACKETS for name in page.brackets):
        path = "/".join(part for part in address.split("/") if not _BRACKET.fullmatch(part))
        yield Place(page, "", "", f"{path}.html")
        return
    seen: dict[str, str] = {}
    for number, (reader, key, label) in enumerate(keys):
        if reader not in {"*", unit_id}:
            continue
        path = _BRACKET.sub(slug(key), address) + ".html"
        if seen.setdefault(path, key) != key:
            message = f"keys '{seen[path]}' and '{key}' give one address."
            raise PageError([Finding(page.file, 1, 1, "params", message, "Rename one.")])
        yield Place(page, key, label, path, number)


def _in_order(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda place: (place.page.front.order, place.page.address, place.number))


def _refuse_languages(deployment: "Deployment", audience: "Audience", held: Sequence[PageFile]) -> None:
    """Refuse an audience that reads a language in which one of its pages is not written."""
    for language in audience.languages:
        lacking = [page.file for page in held if language not in page.front.languages]
        if language in languages() and not lacking:
            continue
        file, line, column = deployment.where(("audiences",), "audiences.yml")
        pages = f"; {lacking[0]} is not written in it" if language in languages() else ""
        message = f"audience '{audience.audience_id}' reads '{language}'{pages}."
        remedy = f"Remove the language, or the page. Languages there are: {', '.join(languages())}."
        raise PageError([Finding(file, line, column, "audiences", message, remedy)])
