"""Read one YAML file into plain values with the place of every key and value; add an entry to one. No meaning is known.

Narrow on purpose: only ``true`` and ``false`` are booleans, a number with a leading zero is text, decimals keep their
digits, dates stay text. Tags, doubled keys, keys that are no words, several documents in a file, and bombs are errors.
Source: indicators.md 1, security.md 15.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from typing import Any

from aimline.errors import Finding

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_ALIAS_NODES = 10_000
MAX_DIGITS = 18

TreePath = tuple[str | int, ...]
Mark = tuple[int, int]

_WHOLE = re.compile(r"-?(0|[1-9]\d*)")
_ZERO_FIRST = re.compile(r"0\d+")
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)\.\d+")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass
class Tree:
    """One file as read: its values, and where each stands (line and column from 1).

    ``bare`` holds the numbers that begin with a zero and have no quotes; they are text here, and numbers elsewhere.
    """

    file: str
    data: Any = None
    sha256: str = ""
    keys: dict[TreePath, Mark] = field(default_factory=dict)
    values: dict[TreePath, Mark] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    bare: dict[TreePath, str] = field(default_factory=dict)

    def where(self, path: TreePath, *, at_key: bool = False) -> Mark:
        """Return the place of a path, or of the nearest thing around it that is in the file."""
        if at_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))


class _StopReadingError(Exception):
    """Reading cannot go on; the finding says why."""

    def __init__(self, mark: Mark, message: str, remedy: str, *, is_of_parser: bool = False) -> None:
        super().__init__(message)
        self.mark, self.message, self.remedy, self.is_of_parser = mark, message, remedy, is_of_parser


def read_tree(file: str, raw: bytes) -> Tree:
    """Read the bytes of a file; what is wrong with it as YAML is in the tree's findings.

    Args:
        file: Name of the file for messages.
        raw: Its bytes.
    """
    digest = sha256(raw).hexdigest()
    for is_quick in (True, False) if b"\t" not in raw else (False,):  # the quick parser takes a tab for a space
        tree = Tree(file, sha256=digest)
        try:
            _Reader(tree, _text(raw), is_quick=is_quick).read()
        except _StopReadingError as stop:
            if is_quick and stop.is_of_parser:
                continue  # the other parser says in better words what is wrong
            line, column = stop.mark
            tree.data = None
            tree.findings.append(Finding(file, line, column, "", stop.message, stop.remedy, code="yaml"))
        break
    return tree


def place(path: TreePath) -> str:
    """Write a path as people read it: ``indicators[0].baseline.value``."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.removeprefix(".")


def _text(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise _StopReadingError(
            (1, 1), f"the file has {len(raw):,} bytes; at most {MAX_BYTES:,} are read.", "Split it."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        mark = (before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)
        raise _StopReadingError(mark, "this is not UTF-8.", "Save the file as UTF-8.") from None


class _Reader:
    """Build values from the parser's events: no recursion deeper than ``MAX_DEPTH``, no class ever made."""

    def __init__(self, tree: Tree, text: str, *, is_quick: bool) -> None:
        self.tree = tree
        self.events = _events(text, is_quick=is_quick)
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.n_values = 0
        self.n_copied = 0

    def read(self) -> None:
        """Read the one document of the file into the tree."""
        for event in self.events:
            if type(event).__name__ == "DocumentStartEvent":
                if self.tree.values:
                    raise _StopReadingError(
                        _mark(event), "a second document begins here.", "Keep one document in a file."
                    )
                self.tree.data = self._value(next(self.events), ())

    def _value(self, event: Any, path: TreePath) -> Any:
        """Read one value, whose first event is given."""
        mark = _mark(event)
        if len(path) > MAX_DEPTH:
            raise _StopReadingError(mark, f"this is nested deeper than {MAX_DEPTH} levels.", "Make it flatter.")
        self.tree.values[path] = mark
        if type(event).__name__ == "AliasEvent":
            return self._copy(event, mark)
        if event.tag is not None:
            raise _StopReadingError(mark, "this has a tag.", "Remove what begins with !.")
        before = self.n_values
        self.n_values += 1
        value = self._inner(event, path)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.n_values - before)
        return value

    def _inner(self, event: Any, path: TreePath) -> Any:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            if event.implicit[0] and not event.style and _ZERO_FIRST.fullmatch(event.value):
                self.tree.bare[path] = event.value
            return _scalar(event)
        return self._list(path) if kind == "SequenceStartEvent" else self._mapping(path)

    def _list(self, path: TreePath) -> list[Any]:
        found: list[Any] = []
        for event in self.events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            found.append(self._value(event, (*path, len(found))))
        return found

    def _mapping(self, path: TreePath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self.events:
            if type(event).__name__ == "MappingEndEvent":
                break
            if type(event).__name__ != "ScalarEvent" or event.tag is not None:
                raise _StopReadingError(_mark(event), "this key is not a word.", "Write key: value.")
            self._entry(event, found, path)
        return found

    def _entry(self, key: Any, found: dict[str, Any], path: TreePath) -> None:
        """Read one key and its value; a doubled key is told and its second value left out."""
        name, mark = str(key.value), _mark(key)
        inner = (*path, name)
        if name not in found:
            self.tree.keys[inner] = mark
            found[name] = self._value(next(self.events), inner)
            return
        line, column = self.tree.keys[inner]
        message = f"duplicate key '{name[:40]}' (first at {line}:{column})."
        self.tree.findings.append(Finding(self.tree.file, *mark, place(path), message, "Remove one.", code="yaml"))
        self._value(next(self.events), (*path, f"{name} again"))

    def _copy(self, event: Any, mark: Mark) -> Any:
        """Repeat an anchored value; what the copies come to is limited."""
        if event.anchor not in self.anchors:
            raise _StopReadingError(mark, f"no anchor '{str(event.anchor)[:40]}' ends above.", "Write the value here.")
        value, n_values = self.anchors[event.anchor]
        self.n_values += n_values
        self.n_copied += n_values
        if self.n_copied > MAX_ALIAS_NODES:
            raise _StopReadingError(
                mark, f"the anchors come to more than {MAX_ALIAS_NODES:,} values.", "Write fewer of them."
            )
        return value


def _scalar(event: Any) -> Any:
    """Return the value of a scalar: quoted and block text is text."""
    text = str(event.value)
    if not event.implicit[0] or event.style in {"'", '"', "|", ">"}:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= MAX_DIGITS and _WHOLE.fullmatch(text):
        return int(text)
    if len(text) <= MAX_DIGITS and _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _events(text: str, *, is_quick: bool) -> Iterator[Any]:
    """Yield the parser's events; what it cannot parse becomes a finding with its place.

    The quick parser is the one written in C, where it is installed: it takes a tenth of the time.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield from YAML(typ="safe", pure=not is_quick).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"this is not YAML: {error.problem or 'it cannot be read'}."
        raise _StopReadingError(at, message, "Correct the line.", is_of_parser=True) from None
    except YAMLError:
        message = "this is not YAML: it holds a character YAML forbids."
        raise _StopReadingError((1, 1), message, "Remove it.", is_of_parser=True) from None


def with_entry(text: str, key: str, entry: dict[str, Any]) -> str:
    """Return the text of a file with one more entry in a list, its comments and order as they were.

    Args:
        text: The file, which ``read_tree`` has found to be sound.
        key: Key of the list in the file's mapping; the list is made when it is absent.
        entry: The entry; dates are dates, so that they are written without quotes.
    """
    writer = _round_trip()
    held = writer.load(text)
    held.setdefault(key, []).append(entry)
    return _dumped(writer, held)


def rewritten(text: str, change: Callable[[Any], None]) -> str:
    """Return the text of a file after a change to its values, its comments and order as they were.

    Args:
        text: The file, which ``read_tree`` has found to be sound.
        change: Changes the mapping of the file in place; days in it are dates.
    """
    writer = _round_trip()
    held = writer.load(text)
    change(held)
    return _dumped(writer, held)


def new_text(content: dict[str, Any]) -> str:
    """Return the text of a new file, its keys in the order given."""
    return _dumped(_round_trip(), content)


def _round_trip() -> Any:
    """Return ruamel's reader and writer that keeps comments, quotes and order."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.representer.ignore_aliases = lambda _value: True  # one day named twice is written twice
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(yaml: Any, content: Any) -> str:
    stream = StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()
