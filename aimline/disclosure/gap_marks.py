"""Judge what is said of gaps: the fixed words, alike everywhere, and nothing beside them.

A gap has no number, no bar, no tooltip, no attribute of its own, no status but "cannot tell", and is never blank.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from aimline.disclosure.readback_tags import WORDS_OF_SIZE
from aimline.disclosure.readings import (
    GAP_TEXT,
    GAP_TEXTS,
    NUMBER_WORDS,
    ROW,
    SAID,
    Place,
    Read,
    Reading,
    numbers_in,
    place_of,
    says_gap,
)

Key = tuple[str, str]
"""(Cell, indicator)."""

_SENTENCE = re.compile(r"(?:(.+?):? |Results for this group are )[Nn]ot shown to protect privacy\.?")
_MOST_WORDS = 8
_NUMBER_WORD = re.compile(rf"\b(?:{NUMBER_WORDS}|all of|every|most of)\b", re.IGNORECASE)
_NAME_WITH_NUMBER = re.compile(r"\btwo or more races\b", re.IGNORECASE)
_EMPTY = frozenset({"", "-", "\u2013", "\u2014"})
_NO_STATUS = frozenset({"cannot tell", "suppressed", "True", "hidden"})
_OF_NUMBERS = frozenset(
    {"value", "n", "share", "count", "change", "gap_to_expected", "rank", "interval", "interval_low", "interval_high"}
    | {"size", "flag", "trend", "direction"}
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
    yield from _of_forms(gaps)
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
        return "" if text in _NO_STATUS or text.casefold() == "cannot tell" else text
    left = re.sub(re.escape(GAP_TEXT), "", text, flags=re.IGNORECASE)
    return text if numbers_in(left) else ""


def is_gap_text(text: str) -> bool:
    """Say whether words are the fixed ones of a gap, alone or as one of the two sentences that hold them."""
    if text.removesuffix(".") in GAP_TEXTS:
        return True
    found = _SENTENCE.fullmatch(text)
    if not found:
        return False
    label = _NAME_WITH_NUMBER.sub("", found[1] or "")
    is_name = len(label.split()) <= _MOST_WORDS and label.isprintable() and not says_gap(label)
    return is_name and not _DIGIT.search(label) and not _NUMBER_WORD.search(label) and not numbers_in(label)


def _of_attributes(readings: Iterable[Reading], gaps: Iterable[Reading], hidden: Collection[Key]) -> Iterator[Place]:
    """Yield attributes that mark one gap unlike others: neither shown figures have them nor all gaps of a file.

    A class that says nothing by itself counts only where there are other gaps to be unlike to.
    """
    listed = [each for each in gaps if each.odd]
    if not listed:
        return
    shown = {pair for each in readings if (each.mark.cell, each.mark.indicator) not in hidden for pair in _signs(each)}
    n_gaps = Counter((each.path, each.tag) for each in gaps if each.is_gap)
    held = Counter((each.path, each.tag, pair) for each in listed for pair in _signs(each))
    for each in listed:
        n_alike = n_gaps[each.path, each.tag]
        for name, text in _signs(each) - shown:
            is_common = held[each.path, each.tag, (name, text)] == n_alike
            is_plain = name == "class" and not _DIGIT.search(text) and not _NUMBER_WORD.search(text)
            if not is_common or (n_alike == 1 and not is_plain):
                yield place_of(each.path, each.line, f'{name}="{text}" marks one gap unlike others', each.mark)


def _signs(each: Reading) -> set[tuple[str, str]]:
    """Return the attributes that may tell one figure from others, classes one by one, without the figure's own name."""
    signs = set()
    for name, text in each.odd:
        bare = text.replace(each.mark.cell, "") if len(each.mark.cell) > 1 else text
        if name == "class":
            signs |= {(name, word) for word in bare.split()}
        elif not bare or _DIGIT.search(bare) or _NUMBER_WORD.search(bare) or WORDS_OF_SIZE.search(bare):
            signs.add((name, bare))
    return signs


def _of_forms(gaps: Iterable[Reading]) -> Iterator[Place]:
    """Yield cells of tables whose gaps are not written alike, with a full stop or without."""
    forms: dict[str, dict[str, Reading]] = defaultdict(dict)
    for each in gaps:
        if each.tag == "td" and each.mark.field == "value" and each.text.removesuffix(".") in GAP_TEXTS:
            forms[each.path].setdefault(each.text, each)
    for held in forms.values():
        for each in list(held.values())[1:]:
            yield place_of(each.path, each.line, "a gap is written unlike the others", each.mark)


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
