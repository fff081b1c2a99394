"""Go through a page of HTML, tag by tag and text by text, each with its line.

Pages of ours are plainly written: tags in lower case, attributes in double quotes, no ``<`` in a text. Such a page
means one thing to every reader and is taken apart by one expression. Any other is left to the parser of Python, whole,
so that no fault of a page is read in a way of our own.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from typing import Protocol

Attributes = Sequence[tuple[str, str | None]]

_SPACE = "[ \\n\\t]"
_NAME = "[A-Za-z_][A-Za-z0-9_:.-]*"
_TAIL = f'((?:{_SPACE}+{_NAME}(?:="[^"]*")?)*){_SPACE}*'
_ATTRIBUTE = re.compile(f'({_NAME})(?:="([^"]*)")?')
_SPAN = '<span data-figure="([A-Za-z0-9_-]+)"(?: data-field="([a-z_]+)")?>([^<&\n]*)</span>'
_IN_CELL = f"(?:[^<&\n]*|{_SPAN.replace('(', '(?:').replace('(?:?:', '(?:')})"
_CELL = f'(?:<td(?: class="(?:num|nowrap|wide)")?>{_IN_CELL}</td>|<th scope="row">{_IN_CELL}</th>)'
_ROW = f"(<tr>{_CELL}+</tr>)"
"""A row of a table whose cells hold words or one figure each: most rows, which need not be taken apart tag by tag."""

FIGURES = re.compile(_SPAN)
"""The figures of such a row: which, its field where it is no value, what it says."""

_ONE = (
    "<(?!(?:script|style|xmp|iframe|noembed|noframes|plaintext|textarea)\\b)"  # within these, < begins no tag
    f"([a-z][a-z0-9]*){_TAIL}(/?)>"
    f"|</([a-z][a-z0-9]*){_SPACE}*>"
    "|([^<]+)"
    "|<!--(?!-?>)((?:[^-]|-(?!-))*)-->"
    f"|<(script|style){_TAIL}>([^<]*)(?=</\\9>)"
    "|<!doctype html>"
)
_TOKEN = re.compile(f"({_ROW}|{_ONE})", re.ASCII)
_IN_ROW = re.compile(f"((?!)()|{_ONE})", re.ASCII)


_VERSION = re.compile(
    r"xml version=[\"']1\.[01][\"'](?: encoding=[\"'][\w-]+[\"'])?(?: standalone=[\"']\w+[\"'])? ?\??"
)


class Walker(Protocol):
    """Whoever goes through a page."""

    def start(self, line: int, tag: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def text(self, line: int, data: str) -> None:
        """A text stands here, its character references read."""

    def comment(self, line: int, data: str) -> None:
        """A comment stands here."""

    def row(self, line: int, written: str) -> bool:
        """Take a row of words and figures as a whole; say whether it was taken, else it is shown tag by tag."""


def walk(page: str, walker: Walker) -> None:
    """Show a page to a walker, from its beginning to its end."""
    if not walk_plain(page, walker, 1):
        parser = _Parser(walker)
        parser.feed(page)
        parser.close()


def walk_plain(page: str, walker: Walker, line: int) -> bool:
    """Show a page, or a part of one, to a walker, if it is plainly written; else show nothing of it and say so.

    Parts that are plainly written are together what they are one by one: where one ends no tag and no remark is open.

    Args:
        page: What is written.
        walker: Goes through it.
        line: The line it begins on.
    """
    tokens = plain_tokens(page)
    for token in tokens or ():
        _show(walker, line, token)
        line += token[0].count("\n")
    return tokens is not None


def _show(walker: Walker, line: int, token: tuple[str, ...]) -> None:
    """Show one token of a plainly written page."""
    written, row, tag, told, closed, ended, text, remark, raw_tag, raw_told, raw = token
    if row:
        _show_row(walker, line, row)
    elif text:
        walker.text(line, unescape(text) if "&" in text else text)
    elif tag:
        walker.start(line, tag, _attributes(told) if told else ())
        if closed:
            walker.end(tag)
    elif ended:
        walker.end(ended)
    elif raw_tag:
        walker.start(line, raw_tag, _attributes(raw_told) if raw_told else ())
        walker.text(line + written.count("\n") - raw.count("\n"), raw)
    else:
        walker.comment(line, remark)


def _show_row(walker: Walker, line: int, row: str) -> None:
    """Show a row of words and figures: as a whole, else tag by tag."""
    if not walker.row(line, row):
        for each in _IN_ROW.findall(row):
            _show(walker, line, each)


def plain_tokens(page: str) -> list[tuple[str, ...]] | None:
    """Take a plainly written page apart; None when something in it could be read in more than one way.

    Each token is what was written and, of its parts, those that it has: a row of words and figures; tag, attributes,
    whether it closes itself; tag that ends; text; comment; script or style sheet, its attributes and what it says.
    """
    tokens = _TOKEN.findall(page)
    return tokens if "\0" not in page and sum(len(token[0]) for token in tokens) == len(page) else None


@lru_cache(maxsize=4096)
def _attributes(written: str) -> Attributes:
    """Read the attributes of a tag, names in lower case as HTML has them."""
    return tuple(
        (name.lower(), unescape(value) if "&" in value else value) for name, value in _ATTRIBUTE.findall(written)
    )


class _Parser(HTMLParser):
    """Shows what Python's parser finds to a walker."""

    def __init__(self, walker: Walker) -> None:
        super().__init__(convert_charrefs=True)
        self._walker = walker

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Pass it on."""
        self._walker.start(self.getpos()[0], tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Pass it on."""
        self._walker.end(tag)

    def handle_data(self, data: str) -> None:
        """Pass it on."""
        self._walker.text(self.getpos()[0], data)

    def handle_comment(self, data: str) -> None:
        """Pass it on."""
        self._walker.comment(self.getpos()[0], data)

    def handle_pi(self, data: str) -> None:
        """Pass on what a processing instruction says, but for the version of XML."""
        if not _VERSION.fullmatch(data):
            self._walker.comment(self.getpos()[0], data)

    def handle_decl(self, decl: str) -> None:
        """Pass on what a document type declares beside its name."""
        if "[" in decl or "entity" in decl.lower():
            self._walker.comment(self.getpos()[0], decl)

    def unknown_decl(self, data: str) -> None:
        """Pass on a marked section, whose text is read by programs of feeds."""
        self._walker.text(self.getpos()[0], data.removeprefix("CDATA["))
