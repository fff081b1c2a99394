"""Read finished pages back: every number that stands in them, and the cell it says it belongs to.

A figure carries ``data-cell``, ``data-indicator`` and ``data-field`` on its element or on one around it; rows of CSV
and objects of JSON carry ``cell_id`` and ``indicator_id``. Whatever else looks like a number must be a date, a school
year or a grade, or it is untraced. What the readings mean together is judged in ``artefacts``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from aimline.disclosure.declared_words import without_words, without_words_in
from aimline.disclosure.markup import Attributes, walk, walk_plain
from aimline.disclosure.readback_page import Page, Panel
from aimline.disclosure.readback_plain import loaded, read_css, read_csv, read_json, read_json_file, read_text
from aimline.disclosure.readback_workbook import read_workbook
from aimline.disclosure.readings import Read, Reading, numbers_in

_NAMESPACE = re.compile(r"https?://www\.(?:w3|sitemaps)\.org/[\w./-]*")
_PANELS = re.compile('(<figure class="panel".*?</figure>)', re.DOTALL)


def read_file(path: str, content: bytes, texts: Iterable[str] = ()) -> Read | None:
    """Read a file back; None when nobody knows how to read its kind.

    Args:
        path: The file's name.
        content: Its bytes.
        texts: Declared words, each of which says nothing of a figure where it stands as a whole.
    """
    kind = _kind(path)
    if not is_of_kind(path):
        return None
    try:
        if kind == "xlsx":
            return read_workbook(path, content, lambda text: without_words(text, tuple(texts)))
        text, words = content.decode("utf-8-sig"), tuple(texts)
        if kind in _PAGES:
            read = settled(_read_html(path, text), path, words)
            return _with_feed(read, path, text) if kind == "xml" else read
        return _READERS[kind](path, without_words(text, words))
    except (AssertionError, RecursionError, ValueError):  # the first is how Python's parser tells of a torn section
        return None


def is_of_kind(path: str) -> bool:
    """Say whether a file is of a kind that is read."""
    return _kind(path) in _READERS or _kind(path) in {*_PAGES, "xlsx"}


def _kind(path: str) -> str:
    return path.rpartition(".")[2].lower()


class _Feed:
    """Walk a feed for the numbers of its attributes, every one of which some program reads."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def start(self, line: int, tag: str, attributes: Attributes) -> None:
        """Take its attributes, but for the version of the feed."""
        told = [text or "" for name, text in attributes if (tag, name) != ("rss", "version")]
        told = [text for text in told if not _NAMESPACE.fullmatch(text)]
        self.found += [(line, number) for text in told for number in numbers_in(text)]

    def end(self, tag: str) -> None:
        """Nothing is said."""

    def text(self, line: int, data: str) -> None:
        """It is read as a page's."""

    def comment(self, line: int, data: str) -> None:
        """It is read as a page's."""

    def row(self, _line: int, _written: str) -> bool:
        """A feed has none."""
        return False


def _with_feed(read: Read, path: str, text: str) -> Read:
    """Add what the attributes of a feed say."""
    feed = _Feed()
    walk(text, feed)
    known = {(line, number) for _, line, number in read.strays}
    read.strays += [(path, line, number) for line, number in feed.found if (line, number) not in known]
    return read


@lru_cache(maxsize=400)
def _read_html(path: str, text: str) -> Read:
    """Read a page; what stands word for word as it stood the night before is not read twice."""
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


def settled(read: Read, path: str, texts: tuple[str, ...]) -> Read:
    """Return what a page says beside declared words: its loose numbers, its scripts and styles, its figures' texts."""
    told = Read([_settled(each, texts) for each in read.readings], read.shapes, list(read.strays))
    told.strays += [
        (at, line, number) for at, line, text in read.loose for number in numbers_in(without_words_in(text, texts))
    ]
    told.n_numbers = sum(len(numbers_in(each.text)) + len(each.extra) for each in told.readings)
    for tag, line, block, data in read.scripts:
        found = _scripted(path, tag, line, without_words(data, texts))
        told.readings += [replace(each, block=block) for each in found.readings]
        told.strays += found.strays
        told.n_numbers += found.n_numbers - len(found.strays)
    told.n_numbers += len(told.strays)
    return told


def _settled(each: Reading, texts: tuple[str, ...]) -> Reading:
    """Return a figure without declared words, its attributes' numbers alone where they are beside its text."""
    shown = numbers_in(each.text)
    text = without_words_in(each.text, texts) if shown else each.text
    if not each.extra:
        return each if text == each.text else replace(each, text=text)
    spoken = (number for said in each.extra for number in numbers_in(without_words_in(said, texts)))
    beside = tuple(number for number in spoken if number not in numbers_in(text))
    return replace(each, text=text, extra=beside)


def _scripted(path: str, tag: str, line: int, data: str) -> Read:
    """Read a script or a style sheet that stands in a page."""
    if tag == "style":
        read = read_css(path, data)
        read.strays = [(at, line + below - 1, said) for at, below, said in read.strays]
        return read
    try:
        return read_json(path, loaded(data), line)
    except ValueError:
        return read_text(path, data)


_PAGES = frozenset({"html", "htm", "svg", "xml"})
_READERS: Mapping[str, Callable[[str, str], Read]] = {
    **dict.fromkeys(("js", "txt", "ics"), read_text),
    "csv": read_csv,
    "json": read_json_file,
    "css": read_css,
}
