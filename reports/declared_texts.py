"""Collect the words with numbers in them that pages may say of no figure: what was declared, and what pages always say.

Whoever reads finished pages back takes every other number for one that has to be traced. A text is only let pass as a
whole: a sentence of a page where it is long enough to be nothing else, a declared name or text where it has letters.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from aimline.disclosure.geometry import glyph
from aimline.disclosure.readback import read_file
from aimline.warehouse import Connection
from reports.charts.shape import STATUSES, draw_status
from reports.page_files import SUFFIX
from schemas.published import TABLES

if TYPE_CHECKING:
    from aimline.settings import Deployment

_COMPONENTS = Path(__file__).resolve().parent / "components"
_ASSETS = Path(__file__).resolve().parent / "assets"
_TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>|\n", re.DOTALL)
_SIGN = re.compile(r"<svg\b[^>]*>.*?</svg>", re.DOTALL)
_SHORTEST = 12
_SHORTEST_CONTACT = 7


def fixed_texts(pages: Path) -> list[str]:
    """Return what pages and components always say."""
    files = [*sorted(pages.rglob(f"*{SUFFIX}")), *sorted(_COMPONENTS.glob("*.html.j2"))]
    pieces = (piece.strip(" #-*") for file in files for piece in _TAGS.split(file.read_text(encoding="utf-8")))
    return telling(piece for piece in pieces if len(piece) >= _SHORTEST and " " in piece)


@lru_cache(maxsize=1)
def fixed_drawings() -> tuple[str, ...]:
    """Return the signs that pages always draw, as they are read back: of a status, of a legend, of the site."""
    signs = [draw_status(status) for status in STATUSES]
    for file in sorted(_COMPONENTS.glob("*.html.j2")):
        signs += [each for each in _SIGN.findall(file.read_text(encoding="utf-8")) if "{" not in each]
    signs += [file.read_text(encoding="utf-8") for file in sorted(_ASSETS.glob("*.svg"))]
    found = (read_file("sign.html", sign.encode(), ()) for sign in signs)
    return tuple(sorted({glyph(each.shapes) for each in found if each is not None}))


def site_texts(deployment: "Deployment") -> list[str]:
    """Return how a district calls its site and its readers, and whom to ask: a telephone number is no figure."""
    facts = deployment.audiences
    labels = [label for audience in facts.audiences for label in audience.label.values()]
    contact = facts.site.contact
    return telling([*facts.site.title.values(), *labels]) + [contact] * bool(len(contact) >= _SHORTEST_CONTACT)


def declared_texts(connection: Connection) -> list[str]:
    """Return the texts of the published tables that hold declared facts and no figures."""
    return telling(_cells(connection))


def _cells(connection: Connection) -> Iterator[str]:
    """Yield the cells with a number in them, all tables asked at once."""
    told = []
    for name, table in sorted(TABLES.items()):
        names = [column.name for column in table.columns if column.type == "varchar"]
        texts = [each for each in names if not each.endswith("_id")]  # an id names a figure, and stays
        if texts and not table.has_figures:
            told.append(f"select distinct unnest([{', '.join(texts)}]) as text from {name}")
    rows = connection.rows(f"select text from ({' union '.join(told)}) where regexp_matches(text, '[0-9]')")
    yield from (row["text"] for row in rows)


def telling(texts: Iterable[str]) -> list[str]:
    """Keep the texts that hold a number and can be no figure, and are no id, each once, in order.

    Two letters make a word; one letter right before a digit ("T2") makes a name, as no figure is written so.
    """
    worded = (text for text in texts if " " in text or "_" not in text)
    return sorted({text for text in worded if re.search(r"[0-9]", text) and re.search(r"[^\W\d_][^\W_]", text)})
