"""Judge what is there at all: files, their names, pages, rows and their order must not depend on what is hidden.

The list of pages and rows is a function of declared units and groups. A page for one group and none for its siblings,
a row left out because it is a gap, a gap sorted in among figures: each tells something without a number.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5, sha1, sha256
from itertools import pairwise

from aimline.disclosure.instance import Instance
from aimline.disclosure.readings import ROW, SAID, Place, Reading, numbers_in, place_of, without_dates

MANIFEST = "manifest.json"
_PAGES = (".html", ".htm")
_ERROR_PAGES = frozenset({"400", "401", "403", "404", "410", "500", "503"})
_DIGEST = re.compile(r"(?<![0-9a-z])[0-9a-f]{6,64}(?![0-9a-z])")
_FEED, _ALERTS = "feed.xml", "alerts.json"
_GUID = re.compile(r"<guid[^>]*>([^<]*)</guid>")
_GUID_OF_ALERT = re.compile(r'"guid": ?"([^"]*)"')
_TWO, _THREE = 2, 3


@dataclass(frozen=True)
class Declared:
    """What a release says of the files of its site.

    Attributes:
        listed: Digest by path; None when no files are listed.
        pages: The page each file is made from, where the manifest names any.
        names: Declared names: of units, and what pages are called by.
    """

    listed: Mapping[str, str] | None = None
    pages: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


def files_amiss(files: Mapping[str, bytes], declared: Declared, readings: Iterable[Reading]) -> Iterator[Place]:
    """Yield files nobody listed, pages nobody declared, and names with a number that is nobody's."""
    yield from _unlisted(files, declared.listed)
    pages = declared.pages
    if any(path.endswith(_PAGES) for path in pages):
        for path in files:
            if path.endswith(_PAGES) and path not in pages:
                yield place_of(path, 0, "the manifest does not say which declared page this file is")
    known = declared.names | {each.mark.indicator for each in readings}
    for path, content in files.items():
        for number in _numbers_of(path, content, known):
            yield place_of(path, 0, f"the file's name says {number}")


def _unlisted(files: Mapping[str, bytes], listed: Mapping[str, str] | None) -> Iterator[Place]:
    if listed is None:
        yield place_of(MANIFEST, 0, "the manifest lists no files")
        return
    for path, content in files.items():
        if path == MANIFEST:
            continue
        if path not in listed:
            yield place_of(path, 0, "the manifest does not list this file")
        elif sha256(content).hexdigest() != listed[path].removeprefix("sha256:"):
            yield place_of(path, 0, "the manifest lists other bytes")
    for path in sorted(set(listed) - set(files)):
        yield place_of(path, 0, "the manifest lists this file, and it is not there")


def _numbers_of(path: str, content: bytes, known: Collection[str]) -> Iterator[str]:
    """Yield the numbers of a path that are no date, school year, grade, unit, declared name or digest of the file."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        is_unit = place == 1 and len(parts) > _TWO
        stem = part.partition(".")[0]
        if not is_unit and stem not in known:
            yield from _numbers_of_part(part, content, is_file=place == len(parts) - 1)


def _numbers_of_part(part: str, content: bytes, *, is_file: bool) -> tuple[str, ...]:
    if not numbers_in(part) or (is_file and part.partition(".")[0] in _ERROR_PAGES):
        return ()
    named = _DIGEST.sub(lambda found: "" if _is_digest(found[0], content) else found[0], part) if is_file else part
    found = numbers_in(named)
    return found if numbers_in(re.sub(r"[-_.]", " ", without_dates(named))) else ()


def _is_digest(text: str, content: bytes) -> bool:
    """Say whether a part of a name is how a digest of the file begins."""
    return any(made(content, usedforsecurity=False).hexdigest().startswith(text) for made in (sha256, sha1, md5))


def pages_of_some(paths: Iterable[str], siblings: Iterable[Sequence[str]]) -> Iterator[Place]:
    """Yield files that are called after some of what stands beside each other when the others have none of their kind.

    Args:
        paths: All of them.
        siblings: What the parts of each sum, or the groups of each set, are called.
    """
    names_of = list(siblings)
    words = {name for parts in names_of for name in parts if len(name) > _TWO}
    called: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for path in paths:
        folder, _, name = path.rpartition("/")
        stem, _, kind = name.partition(".")
        for others, each in _called(stem.casefold(), words):
            called[folder, f"{others}.{kind}"][each] = path
    for names in called.values():
        for parts in names_of:
            held = [names[each] for each in parts if each in names]
            if held and len(held) < len(parts):
                for path in held:
                    yield place_of(path, 0, "a file for one group or unit, and none for the others beside it")


def _called(stem: str, words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what a file may be called after, and what its name is without it: the whole of it, or a word in it."""
    yield "*", stem
    for word in words:
        if word in stem and word != stem:
            others, n_found = re.subn(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", "*", stem)
            if n_found:
                yield others, word


def siblings(instance: Instance) -> Iterator[list[str]]:
    """Yield what the printed parts of each sum are called, by each of their names that tells them apart."""
    seen: set[tuple[str, ...]] = set()
    for relation in instance.relations:
        cells = [instance.cells[number] for number in relation.parts if instance.cells[number].is_printed]
        for found in ([each.cell_id for each in cells], *([getattr(each, kind) for each in cells] for kind in _NAMED)):
            names = tuple(str(name).casefold() for name in found)
            if len(set(names)) == len(names) > 1 and None not in found and names not in seen:
                seen.add(names)
                yield list(names)


_NAMED = ("group", "grade", "unit_id")


def feeds_amiss(files: Mapping[str, bytes]) -> Iterator[Place]:
    """Yield feeds that tell other alerts than the file for programs beside them, whose figures are read back."""
    for path, content in files.items():
        folder, _, name = path.rpartition("/")
        beside = files.get(f"{folder}/{_ALERTS}")
        if name != _FEED or beside is None:
            continue
        text = content.decode("utf-8", "replace")
        told = sorted(_GUID.findall(text))
        if text.count("<item") != len(told) or told != sorted(
            _GUID_OF_ALERT.findall(beside.decode("utf-8", "replace"))
        ):
            yield place_of(path, 0, f"the feed tells other alerts than {_ALERTS} beside it")


def cells_amiss(
    cells: Collection[str], readings: Sequence[Reading], told: tuple[Instance, frozenset[int] | None]
) -> Iterator[Place]:
    """Yield cells nobody declared, cells that may be shown and are not, gaps left out and gaps sorted in.

    Args:
        cells: The cells that are shown.
        readings: What all files say of figures.
        told: The declared cells and, where they are known, the gaps.
    """
    instance, gaps = told
    for cell in sorted(set(cells) - instance.numbers.keys()):
        yield {"cell": cell, "text": "nobody declared this cell"}
    if gaps is None:
        return
    printed = {cell.cell_id for cell in instance.cells if cell.is_printed}
    hidden = set(instance.names(gaps)) & printed
    for cell in sorted(printed - hidden - set(cells)):
        yield {"cell": cell, "text": "this cell is shown nowhere"}
    named = {each.mark.cell for each in readings}
    for cell in sorted(hidden - named):
        yield {"cell": cell, "text": "this gap is told nowhere: its row is left out"}
    yield from _rows_amiss(readings, instance, hidden & named)


def _rows_amiss(readings: Iterable[Reading], instance: Instance, hidden: Collection[str]) -> Iterator[Place]:
    """Yield, table by table, gaps whose row is left out beside their siblings', and gaps sorted in by their value."""
    tables: dict[tuple[str, int, str], dict[str, str]] = defaultdict(dict)
    lines: dict[tuple[str, int, str], int] = {}
    for each in readings:
        if each.mark.field in {"value", ROW} and each.mark.cell not in SAID:
            table = (each.path, each.block, each.mark.indicator)
            held = tables[table]
            lines.setdefault(table, each.line)
            if not held.get(each.mark.cell):
                held[each.mark.cell] = each.text
    for relation in instance.relations:
        cells = [instance.cells[number] for number in relation.parts]
        for table, held in tables.items():
            reader = table[0].partition("/")[0]
            parts = [each.cell_id for each in cells if each.is_printed and each.audience in {None, reader}]
            place = (table[0], lines[table])
            yield from _left_out(place, parts, held, hidden)
            if is_sorted_in(parts, held, hidden):
                yield place_of(*place, "rows are sorted by their figures, and gaps stand among them")


def _left_out(
    place: tuple[str, int], parts: Sequence[str], held: Mapping[str, str], hidden: Collection[str]
) -> Iterator[Place]:
    shown = [each for each in parts if each not in hidden]
    if len(shown) >= _TWO and all(each in held for each in shown):
        for each in parts:
            if each in hidden and each not in held:
                yield place_of(*place, "the row of a gap is left out beside the rows that are shown") | {"cell": each}


def is_sorted_in(parts: Sequence[str], held: Mapping[str, str], hidden: Collection[str]) -> bool:
    """Say whether figures stand in the order of their values, in no declared order, with a gap among them."""
    order = [each for each in held if each in set(parts)]
    shown = [place for place, each in enumerate(order) if each not in hidden and numbers_in(held[each])]
    if len(shown) < _THREE or not any(
        shown[0] < place < shown[-1] for place in range(len(order)) if place not in shown
    ):
        return False
    values = [float(numbers_in(held[order[place]])[0].replace(",", "")) for place in shown]
    is_sorted = all(one < two for one, two in pairwise(values)) or all(one > two for one, two in pairwise(values))
    declared = [each for each in parts if each in held]
    return is_sorted and order not in (declared, declared[::-1], sorted(order), sorted(order, reverse=True))
