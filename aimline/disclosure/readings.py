"""Say what is read in finished pages: figures, drawings, and numbers that belong to neither.

What counts as a number is decided here: dates, school years and grades are none. A fraction or a numeral in one sign, a
number word before "percent" and a row of equal tokens are numbers too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

GAP_TEXT = "Not shown to protect privacy"
GAP_TEXTS = (GAP_TEXT, "No se muestra para proteger la privacidad")
"""The words of a gap in every language that pages are written in."""

NOBODY = frozenset({"no students", "sin estudiantes"})
"""The words of a cell in which nobody is, in lower case."""

_SIGNS = (
    r"\u00b2\u00b3\u00b9\u00bc-\u00be\u2070\u2074-\u2079\u2080-\u2089\u2150-\u2189"  # small digits, fractions, Roman
    r"\u2460-\u24ff\u2776-\u2793\u3220-\u3229\u3280-\u3289"  # numbers in circles and brackets
    r"\u2581-\u258f\u2800-\u28ff"  # bars and dots of which lines are drawn in a text
    r"\u25d0-\u25d5\U0001f311-\U0001f318\U0001f550-\U0001f567"  # parts of circles, moons, clocks
    r"\u2680-\u2685\U0001f030-\U0001f0ff\U0001f51f"  # dice, dominoes, cards, a ten in one sign
    r"\u3007\u3021-\u3029\U00010100-\U00010178\U0001d360-\U0001d37f\U0001f100-\U0001f10c"  # numerals of other scripts
    r"\u4e00\u4e03\u4e09\u4e5d\u4e8c\u4e94\u516b\u516d\u5341\u56db"  # one to ten in Chinese
)
_TOKENS = r"\u25a0-\u25ff\u2605\u2606\u2713-\u2718\u2b1b-\u2b55\U0001f464-\U0001f9d1\U0001f7e0-\U0001f7eb"
_UNSEEN = r"\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
NUMBER_WORDS = (
    r"(?:zero|none|nobody|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|"
    r"eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|half|halves|thirds?|quarters?|fifths?|tenths?|"
    r"both|everybody|couple|"
    r"cero|ninguno|ninguna|nadie|uno|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|"
    r"veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|mitad|tercio|cuarto|ambos)"
)
"""Words that tell how many, in the languages pages may be written in."""

_OF_PEOPLE = r"(?:students|pupils|children|estudiantes|alumnos)"
_DIGIT = re.compile(rf"[\d{_SIGNS}{_TOKENS}{_UNSEEN}%]")
_PLAIN_DIGIT = re.compile(r"[0-9%]")
_NEAR_NUMBERS = ("ercent", "er cent", "or ciento", "tudents", "upils", "hildren", "studiantes", "lumnos")
"""Parts of words beside which a word may be a number."""

_NUMBER = re.compile(
    rf"\d+(?:[.,]\d+)*|[{_SIGNS}]|([{_TOKENS}])\1+|[{_UNSEEN}]{{2,}}"
    rf"|\b{NUMBER_WORDS}\b(?=[ -]+(?:(?:percent|per cent|por ciento)\b|%))"
    rf"|\b{NUMBER_WORDS}\b(?= (?:of )?(?:(?-i:[A-Z])[\w-]+ ){{0,3}}{_OF_PEOPLE}\b)",
    re.IGNORECASE,
)
_MONTH = (
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_MES = r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?!\d)(?:st|nd|rd|th)?(?! ?%|[.,]\d)"
_YEAR = r"(?:19|20)\d{2}(?!\d| ?%)"
_NEXT_YEAR = "|".join(f"{year:02}[-\u2013/]{(year + 1) % 100:02}" for year in range(100))
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-][01]\d:?[0-5]\d)?(?![\d:])"
_HOUR = r"(?:1[0-2]|0?[1-9]):[0-5]\d ?[AaPp]\.?[Mm]\b\.?"
_GRADE = r"(?:PK|K|1[0-2]|[1-9])(?!\d| ?%|[.,]\d)"
_BAND = r"(?:PK|K|1[0-2]|[1-9])[-\u2013](?:1[0-2]|[1-9])"
_NO_DATA = re.compile(
    rf"(?<!\d)(?:19|20)\d{{2}}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)(?:[T ]{_TIME})?"  # a date
    r"|\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:T\d{6}Z?)?\b"  # a date as calendars write it
    rf"|{_MONTH} {_DAY}(?:[-\u2013]{_DAY})?(?:, {_YEAR})?(?:,? (?:at )?{_HOUR})?"
    rf"|\b{_DAY} {_MONTH},? {_YEAR}"
    rf"|\b(?:1[0-2]|0?[1-9])/{_DAY}/{_YEAR}"
    rf"|\b\d{{1,2}} de {_MES}(?: de \d{{4}})?\b"
    rf"|\b(?:19|20)(?:{_NEXT_YEAR})(?!\d| ?%)"  # a school year
    rf"|\b{_YEAR}\b"
    rf"|\b[Gg]rad(?:es|os) {_GRADE}(?:(?:[-\u2013]| to | a |, | and | y |, and ){_GRADE})*(?![\w-])"
    rf"|\b[Gg]rad(?:e|o|es|os) {_GRADE}(?:(?:[-\u2013]| to ){_GRADE})?\b"
    r"|\b(?:1st|2nd|3rd|(?:[4-9]|1[0-2])th)(?=[ -]grade)"
    rf"|(?<=Grades are shown together \(){_BAND}(?:, {_BAND})*(?=\) to protect small groups)"
    r"|\bP?K[-\u2013](?:1[0-2]|[1-9])\b(?! ?%)"
    r"|\b(?:[Pp]age|[Pp]\u00e1gina) \d{1,3}(?: (?:of|de) \d{1,3})?\b(?! ?%| \w*students)"
    r"|\bsha256:[0-9a-f]{8,64}\b"  # what a text was digested to
    r"|\bn_?min\b"
    r"|\binitial-scale=1(?:\.0)?\b|\b(?:minimum-scale=1|maximum-scale=[1-5])(?:\.0)?\b|\bcharset=utf-8\b"
    r"|\bes-419\b"  # Spanish as it is written in America
)

SAID = frozenset({"records", "declared", "scale"})
"""Marks of numbers about no cell: counts of files and rows, what a plan declares, the axis of a chart."""

STYLES = frozenset({"stroke-width", "opacity", "fill-opacity", "stroke-opacity"})
"""How a mark looks beside where it stands: a width tells a number as a place does."""

ROW = "row"
"""The field of a row as a whole: that there is one for a cell."""


@dataclass(frozen=True)
class Mark:
    """What a figure says it is."""

    cell: str
    indicator: str = ""
    field: str = "value"


@dataclass(frozen=True)
class Reading:
    """A figure as it stands in one file.

    Attributes:
        path: The file.
        line: Where.
        mark: What it says it is.
        text: What it shows; nothing where a figure has a place and is blank.
        is_gap: It says that it is not shown.
        extra: Numbers in its attributes, beside the text.
        odd: Attributes that are spoken to nobody and have digits: a class, an id, an address.
        around: The figure in whose element it stands, where it says to be about no cell.
        tag: Its element, in a page.
        block: The table, list or script it stands in, counted within the page.
    """

    path: str
    line: int
    mark: Mark
    text: str
    is_gap: bool = False
    extra: tuple[str, ...] = ()
    odd: tuple[tuple[str, str], ...] = ()
    around: Mark | None = None
    tag: str = ""
    block: int = 0


@dataclass(frozen=True)
class Shape:
    """Something drawn: its numbers, the scale it is drawn by, the figure it says it is, and the drawing it is in."""

    path: str
    line: int
    tag: str
    numbers: Mapping[str, str]
    mark: Mark | None
    scale: str | None
    group: int = 0
    drawing: int = 0


@dataclass
class Read:
    """What one file says; loose texts and scripts of a page are judged beside declared words, when all is read."""

    readings: list[Reading] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    strays: list[tuple[str, int, str]] = field(default_factory=list)
    n_numbers: int = 0
    loose: list[tuple[str, int, str]] = field(default_factory=list)
    scripts: list[tuple[str, int, int, str]] = field(default_factory=list)


Place = dict[str, Any]
"""Where something was found, as ``aimline audit-site`` tells it."""


def place_of(path: str, line: int, text: str, mark: Mark | None = None) -> Place:
    """Say where something was found."""
    place: Place = {"path": path, "line": line, "text": text}
    return place | ({"cell": mark.cell, "indicator": mark.indicator, "field": mark.field} if mark else {})


def says_gap(text: str) -> bool:
    """Say whether a text holds the words of a gap, in any language."""
    folded = text.casefold()
    return any(words.casefold() in folded for words in GAP_TEXTS)


def numbers_in(text: str) -> tuple[str, ...]:
    """Return the numbers of a text, without dates, school years and grades."""
    digit = _PLAIN_DIGIT if text.isascii() else _DIGIT
    return _numbers_in(text) if digit.search(text) or any(part in text for part in _NEAR_NUMBERS) else ()


@lru_cache(maxsize=8192)
def _numbers_in(text: str) -> tuple[str, ...]:
    return tuple(found[0] for found in _NUMBER.finditer(without_dates(text)))


def without_dates(text: str) -> str:
    """Leave dates, school years and grades out of a text."""
    return _NO_DATA.sub(" ", text)
