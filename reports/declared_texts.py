"""Collect the words with numbers in them that pages may say of no figure: what was declared, and what pages always say.

Whoever reads finished pages back takes every other number for one that has to be traced. A text is only let pass as a
whole, and only one that is long enough to be nothing else.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from aimline.warehouse import Connection
from reports.page_files import SUFFIX
from schemas.published import TABLES

_COMPONENTS = Path(__file__).resolve().parent / "components"
_TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>|\n", re.DOTALL)
_SHORTEST = 12


def fixed_texts(pages: Path) -> list[str]:
    """Return what pages and components always say."""
    files = [*sorted(pages.rglob(f"*{SUFFIX}")), *sorted(_COMPONENTS.glob("*.html.j2"))]
    pieces = (piece.strip(" #-*") for file in files for piece in _TAGS.split(file.read_text(encoding="utf-8")))
    return _telling(pieces)


def declared_texts(connection: Connection) -> list[str]:
    """Return the texts of the published tables that hold declared facts and no figures."""
    return _telling(_cells(connection))


def _cells(connection: Connection) -> Iterator[str]:
    for name, table in sorted(TABLES.items()):
        for column in table.columns if not table.has_figures else ():
            if column.type == "varchar":
                query = (
                    f"select distinct {column.name} as text from {name} where regexp_matches({column.name}, '[0-9]')"
                )
                yield from (row["text"] for row in connection.rows(query))


def _telling(texts: Iterable[str]) -> list[str]:
    """Keep the texts that hold a number among words, each once, in order."""
    return sorted({text for text in texts if len(text) >= _SHORTEST and " " in text and re.search(r"[0-9]", text)})
