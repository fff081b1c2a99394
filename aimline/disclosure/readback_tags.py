"""Read what the attributes of a tag say: which figure it is, by which scale it is drawn, which numbers are spoken.

Digits of attributes that nobody hears, a class or an id, are kept apart: within a gap they may tell what it hides.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from aimline.disclosure.markup import Attributes
from aimline.disclosure.readings import NUMBER_WORDS, Mark, numbers_in

_MARKED = frozenset({"data-cell", "data-indicator", "data-field", "data-figure"})
_MARKS = _MARKED | {"data-scale"}
_SPOKEN = frozenset(
    {"alt", "title", "content", "placeholder", "value", "style", "summary", "label", "abbr", "datetime", "srcdoc"}
    | {
        "lang",
        "hreflang",
        "min",
        "max",
        "low",
        "high",
        "optimum",
        "start",
        "prompt",
        "download",
        "to",
        "from",
        "by",
        "values",
    }
)
_ADDRESSES = frozenset({"src", "href", "xlink:href", "poster", "data", "srcset", "action", "formaction", "background"})
_ADDRESSES |= {"cite", "longdesc", "imagesrcset", "ping"}
_NAMES_OF_OTHERS = ("labelledby", "describedby", "-controls", "-owns", "-details", "-flowto", "-activedescendant")
"""How attributes end that name another element by its id."""

_COLOURS = frozenset({"theme-color", "msapplication-tilecolor"})
"""What a page says of the colour of the window around it."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{3}(?:[0-9A-Fa-f]{3})?")
_LEVELS = frozenset("123456")
_BARE_NUMBER = re.compile(r"\d+(?:[.,]\d+)?|(?!100%)\d+(?:\.\d+)? ?%")
_NAMES = frozenset(
    {"id", "name", "for", "form", "list", "class", "href", "src", "usemap", "accesskey", "rel", "version"}
)
_SIZES = frozenset({"width", "height", "size", "maxlength", "minlength", "rows", "cols", "span", "step", "border"})
_SIZES |= {"cellpadding", "cellspacing", "tabindex"}
"""Attributes whose whole number is how large something is laid out; a part of the room is a bar."""

_MUTE = _MARKS | {
    "xmlns",
    "viewbox",
    "charset",
    "integrity",
    "nonce",
    "headers",
    "colspan",
    "rowspan",
}
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
WORDS_OF_SIZE = re.compile(
    r"\b(?:small|tiny|few|fewer|primary|secondary|complementary|below|less than|under|peque\u00f1o|pocos|menos)\b",
    re.IGNORECASE,
)
"""Words that tell one gap from others: why it is one, or how large."""

_WORD = re.compile(rf"\b{NUMBER_WORDS}\b", re.IGNORECASE)
_QUERY = re.compile(r"\?(?P<asked>[^#]*)")
_IN_ORDER = frozenset({"0", "-1"})
"""The places of an element that is reached in the order of the page, or not by keys: of no other is anything said."""

_ENDS = frozenset({"0", "1", "0%", "100%"})
_LONGEST_DASH = 16
_DRAWN_WORDS = frozenset({"stroke-dasharray", "offset", "pathlength"})
_SVG_WORDS = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class TagTold:
    """What a tag says by its attributes.

    Attributes:
        attributes: All of them.
        is_figure: It says which figure it is.
        scale: The scale a plot is drawn by.
        spoken: What is spoken and has a number in it.
        odd: Attributes that may tell one figure from others: spoken to nobody and with digits, a class, a bare sign.
        fault: Why nobody can read it: an address that holds data, an attribute that stands twice.
        is_moved: It moves what is drawn within it.
    """

    attributes: Mapping[str, str]
    is_figure: bool
    scale: str | None
    spoken: tuple[str, ...]
    odd: tuple[tuple[str, str], ...]
    fault: str
    is_moved: bool

    @property
    def is_loud(self) -> bool:
        """Say whether it says anything by itself, outside a figure too."""
        return self.is_figure or bool(self.spoken) or self.scale is not None or self.is_moved


@lru_cache(maxsize=4096)
def told_by(attributes: Attributes, is_drawing: bool) -> TagTold | None:
    """Read the attributes of a tag; None when they say nothing of numbers.

    Args:
        attributes: Names in lower case, with their values.
        is_drawing: It is part of a drawing, whose numbers are read as coordinates.
    """
    plan = _plan(tuple(name for name, _ in attributes), is_drawing)
    if plan is None:
        return None
    told = {name: value or "" for name, value in attributes}
    held = [_held(told[name]) for name in plan.addresses if ":" in told[name]]
    spoken = tuple(told[name] for name in plan.spoken if numbers_in(told[name]) and not _is_structure(name, told))
    spoken += tuple(text for text in held if text and numbers_in(text))
    spoken += tuple(told[name] for name in plan.odd if _is_said(name, told[name]))
    spoken += _drawn_words(told) if is_drawing else ()
    spoken += _asked(told, plan.addresses)
    odd = tuple((name, told[name]) for name in plan.odd if _is_odd(name, told[name], is_figure=plan.is_figure))
    fault = "a data: address that nobody can read" if None in held else ""
    fault = "an attribute that stands twice" if len(told) < len(attributes) else fault
    made = TagTold(told, plan.is_figure, told.get("data-scale"), spoken, odd, fault, plan.is_moved)
    return made if made.is_loud or odd or fault else None


@dataclass(frozen=True)
class _Plan:
    """What is looked at in a tag, by the names of its attributes."""

    is_figure: bool
    is_moved: bool
    spoken: tuple[str, ...]
    addresses: tuple[str, ...]
    odd: tuple[str, ...]


@lru_cache(maxsize=512)
def _plan(names: tuple[str, ...], is_drawing: bool) -> _Plan | None:
    """Say what is looked at in a tag; None when attributes of these names say nothing."""
    spoken = tuple(name for name in names if _is_spoken(name))
    addresses = tuple(name for name in names if name in _ADDRESSES)
    odd = () if is_drawing else tuple(name for name in names if name not in _MUTE)
    is_figure = not _MARKED.isdisjoint(names)
    is_moved = is_drawing and "transform" in names
    is_heard = bool(spoken or addresses or odd) or "data-scale" in names or len(set(names)) < len(names)
    is_heard = is_heard or not _DRAWN_WORDS.isdisjoint(names)
    return _Plan(is_figure, is_moved, spoken, addresses, odd) if is_heard or is_figure or is_moved else None


def mark_of(told: Mapping[str, str], above: Mark | None) -> Mark | None:
    """Return which figure a tag says to be, with what the one around it says."""
    cell = told.get("data-cell") or told.get("data-figure") or (above.cell if above else "")
    if not cell:
        return None
    indicator = told.get("data-indicator") or (above.indicator if above else "")
    return Mark(cell, indicator, told.get("data-field") or (above.field if above else "value"))


def _is_spoken(name: str) -> bool:
    if name in _MARKS:
        return False
    if name.startswith("aria-"):
        return not name.endswith(_NAMES_OF_OTHERS)
    return name in _SPOKEN or name.startswith(("data-", "on"))


def _is_structure(name: str, told: Mapping[str, str]) -> bool:
    """Say whether a spoken attribute says how a page is made: the level of a heading, the colour of the window."""
    if name == "aria-level":
        return told[name] in _LEVELS
    return name == "content" and told.get("name", "").lower() in _COLOURS and bool(_COLOUR.fullmatch(told[name]))


def _is_said(name: str, text: str) -> bool:
    """Say whether an attribute that is spoken to nobody is a number and nothing else."""
    if name in _NAMES or _is_spoken(name) or not _BARE_NUMBER.fullmatch(text):
        return False
    return name not in _SIZES or text.endswith("%")


def _is_odd(name: str, text: str, *, is_figure: bool) -> bool:
    if _is_spoken(name):
        return not text or (name != "data-label" and bool(_WORD.search(text) or WORDS_OF_SIZE.search(text)))
    if name == "class":
        return is_figure or bool(_DIGIT.search(text) or _WORD.search(text))
    return bool(_DIGIT.search(text))


def _asked(told: Mapping[str, str], addresses: Sequence[str]) -> tuple[str, ...]:
    """Return what addresses within the site ask with numbers, and a place in the order of keys that is a number."""
    queries = (_QUERY.search(told[name]) for name in addresses if "://" not in told[name])
    asked = tuple(found["asked"] for found in queries if found and numbers_in(found["asked"]))
    order = told.get("tabindex", "0")
    return asked if order in _IN_ORDER else (*asked, order)


def _drawn_words(told: Mapping[str, str]) -> tuple[str, ...]:
    """Return what attributes of a drawing tell beside its coordinates: where a colour ends, how long a dash is."""
    long = [each for each in _DIGITS.findall(told.get("stroke-dasharray", "")) if float(each) > _LONGEST_DASH]
    offset = told.get("offset", "0")
    return (*long, *([] if offset in _ENDS else [offset]), *([told["pathlength"]] if "pathlength" in told else []))


def _held(address: str) -> str | None:
    """Return the words an address holds itself, empty where it only leads somewhere; None where nobody reads them."""
    scheme, _, rest = address.strip().partition(":")
    if scheme.strip().lower() == "javascript":
        return unquote(rest)
    if scheme.strip().lower() != "data":
        return ""
    kind, _, data = rest.partition(",")
    try:
        text = b64decode(data, validate=True).decode() if kind.endswith(";base64") else unquote(data)
    except ValueError:
        return None
    if kind.startswith("image/svg"):
        return " ".join(_SVG_WORDS.split(text))
    return text if kind.startswith(("text/", "application/json")) or not kind else None
