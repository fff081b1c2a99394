"""Judge what is said of gaps: the fixed words, alike everywhere, and nothing beside them.

A gap has no number, no bar, no tooltip, no attribute of its own, no status but "cannot tell", and is never blank.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from aimline.disclosure.readings import (
    GAP_TEXT,
    NUMBER_WORDS,
    ROW,
    SAID,
    Place,
    Read,
    Reading,
    numbers_in,
    place_of,
)

Key = tuple[str, str]
"""(Cell, indicator)."""

_SENTENCE = re.compile(r"(?:(.+): |Results for this group are )not shown to protect privacy\.?")
_NUMBER_WORD = re.compile(rf"\b(?:{NUMBER_WORDS}|all of|every|most of)\b", re.IGNORECASE)
_NAME_WITH_NUMBER = re.compile(r"\btwo or more races\b", re.IGNORECASE)
_EMPTY = frozenset({"", "-", "\u2013", "\u2014"})
_NO_STATUS = frozenset({"cannot tell", "suppressed", "True", "hidden"})
_OF_NUMBERS = frozenset(
    {"value", "n", "share", "count", "change", "gap_to_expected", "rank", "interval", "interval_low", "interval_high"}
    | {"center", "limit_low", "limit_high", "value_low", "value_high", "value_interval", "text", "note", "comment"}
)
"""Fields that hold a number where there is no gap, or say a word on it: of a gap they hold nothing."""

_DIGIT = re.compile(r"\d")
_STYLE = re.compile(r"([^{}<>;]*)\{([^{}<>]*)\}")
_NAMED = re.compile(r"[.#]([\w-]+)")


def gap_content(read: Read, hidden: Collection[Key]) -> Iterator[Place]:
    """Yield what is said of gaps beside their fixed words, and numbers in attributes of whatever is shown.

    Args:
        read: What all files say.
        hidden: The figures that are gaps.
    """
    gaps = [each for each in read.readings if (each.mark.cell, each.mark.indicator) in hidden]
    yield from _of_words(gaps)
    yield from _of_attributes(read.readings, gaps, hidden)
    yield from _of_rows(gaps)
    yield from _beside(read, hidden)


def styles_of_gaps(files: Mapping[str, bytes], names: Collection[str]) -> Iterator[Place]:
    """Yield styles with numbers for a class or id that is called as a gap is: a width may tell what it hides.

    Args:
        files: All of them.
        names: What gaps and their groups are called.
    """
    called = {name.casefold() for name in names}
    for path, content in files.items():
        if path.endswith((".css", ".html", ".htm", ".svg")):
            text = content.decode("utf-8", "replace")
            for found in _STYLE.finditer(text):
                if _DIGIT.search(found[2]) and not called.isdisjoint(_NAMED.findall(found[1].casefold())):
                    yield place_of(path, text.count("\n", 0, found.start(2)) + 1, f"a style for a gap: {found[0][:60]}")


def _of_words(gaps: Iterable[Reading]) -> Iterator[Place]:
    for each in gaps:
        fault = _fault(each)
        if fault:
            yield place_of(each.path, each.line, fault, each.mark)


def _fault(each: Reading) -> str:
    """Say what is wrong with the words of a gap; empty when nothing is."""
    if each.extra:
        return f"an attribute says {', '.join(each.extra)}"
    text, field = each.text, each.mark.field
    if field == ROW or is_gap_text(text) or (field != "value" and text in _EMPTY):
        return ""
    if not text:
        return "a gap is blank"
    if field in _OF_NUMBERS:
        return text
    if field == "status":
        return "" if text in _NO_STATUS else text
    left = re.sub(re.escape(GAP_TEXT), "", text, flags=re.IGNORECASE)
    return text if numbers_in(left) else ""


def is_gap_text(text: str) -> bool:
    """Say whether words are the fixed ones of a gap, alone or as one of the two sentences that hold them."""
    if text in {GAP_TEXT, f"{GAP_TEXT}."}:
        return True
    found = _SENTENCE.fullmatch(text)
    if not found:
        return False
    label = _NAME_WITH_NUMBER.sub("", found[1] or "")
    return not numbers_in(label) and not _NUMBER_WORD.search(label) and label.isprintable()


def _of_attributes(readings: Iterable[Reading], gaps: Iterable[Reading], hidden: Collection[Key]) -> Iterator[Place]:
    """Yield digits in a class, an id or an address of a gap that neither shown figures have nor all gaps of a file."""
    listed = [each for each in gaps if each.odd]
    if not listed:
        return
    shown = {
        pair for each in readings if (each.mark.cell, each.mark.indicator) not in hidden for pair in _unnamed(each)
    }
    n_gaps: Counter[str] = Counter(each.path for each in gaps if each.is_gap)
    held: Counter[tuple[str, tuple[str, str]]] = Counter(
        (each.path, pair) for each in listed for pair in set(_unnamed(each))
    )
    for each in listed:
        for name, text in _unnamed(each):
            is_common = held[each.path, (name, text)] == n_gaps[each.path] > 1
            if (name, text) not in shown and not is_common:
                yield place_of(each.path, each.line, f'{name}="{text}" marks one gap unlike others', each.mark)


def _unnamed(each: Reading) -> list[tuple[str, str]]:
    """Return the attributes that have digits beside the name of the figure."""
    pairs = ((name, text.replace(each.mark.cell, "")) for name, text in each.odd)
    return [(name, text) for name, text in pairs if _DIGIT.search(text)]


def _of_rows(gaps: Iterable[Reading]) -> Iterator[Place]:
    """Yield rows of gaps that do not say so: a row without a word is a blank."""
    rows: dict[tuple[str, int, Key], list[Reading]] = defaultdict(list)
    for each in gaps:
        rows[each.path, each.line, (each.mark.cell, each.mark.indicator)].append(each)
    for held in rows.values():
        is_row = any(each.mark.field == ROW for each in held)
        if is_row and all(each.mark.field == ROW or not (each.is_gap or each.text) for each in held):
            yield place_of(held[0].path, held[0].line, "the row of a gap does not say so", held[0].mark)


def _beside(read: Read, hidden: Collection[Key]) -> Iterator[Place]:
    """Yield numbers of no cell within a gap, marks drawn for one, and numbers in attributes of shown figures."""
    for each in read.readings:
        key = (each.mark.cell, each.mark.indicator)
        if each.around and each.mark.cell in SAID and (each.around.cell, each.around.indicator) in hidden:
            yield place_of(each.path, each.line, f"{each.text} stands in the place of a gap", each.around)
        elif each.extra and key not in hidden:
            yield place_of(each.path, each.line, f"an attribute says {', '.join(each.extra)}", each.mark)
    for shape in read.shapes:
        if shape.mark and (shape.mark.cell, shape.mark.indicator) in hidden:
            yield place_of(shape.path, shape.line, f"a {shape.tag} is drawn for a gap", shape.mark)
