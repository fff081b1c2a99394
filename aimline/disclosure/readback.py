"""Read finished pages back: every number that stands in them, and the cell it says it belongs to.

A figure carries ``data-cell``, ``data-indicator`` and ``data-field`` on its element or on one around it; rows of CSV
and objects of JSON carry ``cell_id`` and ``indicator_id``. Whatever else looks like a number must be a date, a school
year or a grade, or it is untraced. What the readings mean together is judged in ``artefacts``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape

from aimline.disclosure.markup import walk, walk_plain
from aimline.disclosure.readback_page import Page, Panel
from aimline.disclosure.readback_plain import read_css, read_csv, read_json_file, read_text
from aimline.disclosure.readings import Read

_PANELS = re.compile('(<figure class="panel".*?</figure>)', re.DOTALL)

_CUT = "\ue000"
"""What stands for declared words that were cut out: within a gap they are words too many."""


def read_file(path: str, content: bytes, texts: Iterable[str] = ()) -> Read | None:
    """Read a file back; None when nobody knows how to read its kind.

    Args:
        path: The file's name.
        content: Its bytes.
        texts: Declared words, each of which says nothing of a figure where it stands as a whole.
    """
    kind = path.rpartition(".")[2].lower()
    if kind not in _READERS:
        return None
    try:
        return _read(kind, path, _without(content.decode("utf-8"), tuple(texts)))
    except (UnicodeDecodeError, ValueError):
        return None


@lru_cache(maxsize=400)
def _read(kind: str, path: str, text: str) -> Read:
    """Read a text of a kind; what stands word for word as it stood the night before is not read twice.

    Raises:
        ValueError: It is not of that kind.
    """
    return _READERS[kind](path, text)


def _without(content: str, texts: tuple[str, ...]) -> str:
    """Leave declared words out of a file, the longest first, however its quotes are written."""
    for form in _forms(texts):
        if form in content:
            content = _cut(content, form)
    return content


@lru_cache(maxsize=2)
def _forms(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return how declared words may be written."""
    plain = [(text, escape(text, quote=False)) for text in sorted(texts, key=lambda each: (-len(each), each))]
    forms = (
        form for text, each in plain for form in (text, each, each.replace('"', "&#34;").replace("'", "&#39;")) if form
    )
    return tuple(dict.fromkeys(forms))


def _cut(content: str, words: str) -> str:
    """Leave words out wherever they stand as a whole: no letter, digit or underscore right before or after."""
    kept, begin, at = [], 0, content.find(words)
    while at >= 0:
        end = at + len(words)
        if _is_in_word(content[at - 1 : at]) or _is_in_word(content[end : end + 1]):
            end = at + 1
        else:
            kept.append(content[begin:at])
            begin = end
        at = content.find(words, end)
    return _CUT.join((*kept, content[begin:]))


def _is_in_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _read_html(path: str, text: str) -> Read:
    read = _read_parts(path, text)
    if read is None:
        page = Page(path)
        walk(text, page)
        read = page.finish()
    return read


def _read_parts(path: str, text: str) -> Read | None:
    """Read a page with its panels apart; None where one of them cannot be told from what is around it."""
    page, line = Page(path), 1
    for place, part in enumerate(_PANELS.split(text)):
        if place % 2:
            panel = _panel(part)
            if panel is None or not page.is_outside:
                return None
            page.take(line, panel)
        elif not walk_plain(part, page, line):
            return None
        line += part.count("\n")
    return page.finish()


@lru_cache(maxsize=1024)
def _panel(text: str) -> Panel | None:
    """Read a panel by itself: most stand as they stood the night before, and on the pages of several readers."""
    page = Page("")
    is_plain = "<script" not in text and "<style" not in text and walk_plain(text, page, 0)
    return page.panel() if is_plain else None


_READERS: Mapping[str, Callable[[str, str], Read]] = {
    **dict.fromkeys(("html", "htm", "svg", "xml"), _read_html),
    **dict.fromkeys(("js", "txt", "ics"), read_text),
    "csv": read_csv,
    "json": read_json_file,
    "css": read_css,
}
