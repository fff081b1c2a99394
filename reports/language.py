"""Say what pages say in the reader's language: sentences of the catalogue, names as declared, dates as people write.

The English sentence is the key: it stands once, where it is said, and each other language has its own in
``text/<language>/messages.po``. No sentence is made by a machine, and one that is missing is a mistake, not English.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from aimline.settings import Deployment

TEXT = Path(__file__).resolve().parent / "text"
ENGLISH = "en"
PLACE = re.compile(r"\{([a-z_]+)\}")
"""Where a sentence takes in a figure, a name or a date."""

Label = tuple[str, str]
"""(Kind, id) of a declared thing."""


@dataclass(frozen=True)
class Language:
    """One language: how it writes dates, which way it runs, and what the district calls its things in it."""

    code: str = ENGLISH
    locale: str = "en_US"
    direction: str = "ltr"
    labels: Mapping[Label, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def own_name(self) -> str:
        """Return what the language calls itself: ``Español``."""
        from babel import Locale

        name = Locale.parse(self.code).get_display_name(self.code) or self.code
        return name[:1].upper() + name[1:]


_speaking: ContextVar[Language] = ContextVar("speaking", default=Language())  # noqa: B039 - frozen


@contextmanager
def speaking_as(language: Language) -> Iterator[None]:
    """Let what is said within be said in a language, and what is said after as it was before."""
    before = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(before)


def speaking() -> Language:
    """Return the language that is spoken."""
    return _speaking.get()


def languages() -> tuple[str, ...]:
    """Return the languages that pages can be written in: English, and each that has a catalogue."""
    return (ENGLISH, *sorted(path.parent.name for path in TEXT.glob("*/messages.po")))


@lru_cache(maxsize=8)
def catalogue(language: str) -> Mapping[str, str]:
    """Return the sentences of a language by their English; one that is marked as doubtful is left out."""
    from babel.messages.pofile import read_po

    if language == ENGLISH:
        return {}
    with (TEXT / language / "messages.po").open("rb") as file:
        told = read_po(file, locale=language)
    return {str(each.id): str(each.string) for each in told if each.id and each.string and not each.fuzzy}


def say(message: str, **parts: Any) -> Markup:
    """Say a sentence in the language that is spoken, with its parts in their places.

    Raises:
        LookupError: The language has no such sentence.
    """
    sentence = escape(_told(message))
    return sentence.format(**{name: escape(part) for name, part in parts.items()}) if parts else sentence


def say_plain(message: str, **parts: Any) -> str:
    """Say a sentence where it is no page, such as in a mail.

    Raises:
        LookupError: The language has no such sentence.
    """
    return _told(message).format(**parts) if parts else _told(message)


def _told(message: str) -> str:
    code = _speaking.get().code
    told = message if code == ENGLISH or not message else catalogue(code).get(message)
    if told is None:
        raise LookupError(f"reports/text/{code}/messages.po has no sentence '{message}'")
    return told


def label(kind: str, key: str, usual: str = "") -> str:
    """Return what the district calls a declared thing in the language that is spoken; English where it says nothing."""
    return _speaking.get().labels.get((kind, key), usual)


SURVEY = "survey"
"""Windows in which people are asked; they are called by this kind too."""


def surveys_in(rows: Iterable[Any]) -> list[Any]:
    """Return the rows of windows in which people are asked."""
    return [row for row in rows if label(SURVEY, row.window_id)]


_KINDS = {
    "indicators": ("indicator", "indicator_id", "label"),
    "windows": ("window", "window_id", "label"),
    "strategies": ("strategy", "strategy_id", "statement"),
    "decisions": ("decision", "decision_id", "public_text"),
    "district": ("unit", "district_id", "label"),
}
"""Entity of declared facts -> what labels call its things, the column of their ids, the stem of their words."""


def languages_of(deployment: "Deployment") -> dict[str, Language]:
    """Return the languages of a district's readers."""
    facts = deployment.audiences
    wanted = {code for audience in facts.audiences for code in audience.languages}
    found = _labels(deployment)
    return {
        code: Language(code, told.locale, told.dir, found.get(code, {}))
        for code, told in facts.languages.items()
        if code in wanted
    }


def _labels(deployment: "Deployment") -> dict[str, dict[Label, str]]:
    """Return what declared things are called, by language; a language falls back to English."""
    from aimline.settings import declared_rows

    rows = declared_rows(deployment)
    found: dict[str, dict[Label, str]] = {language: {} for language in languages()}
    for entity, (kind, key, stem) in _KINDS.items():
        for row in rows[f"declared_{entity}"]:
            for language, told in found.items():
                text = row.get(f"{stem}_{language}") or row.get(f"{stem}_{ENGLISH}")
                if text:
                    told[kind, str(row[key])] = str(text)
                if text and row.get("kind") == SURVEY:
                    told[SURVEY, str(row[key])] = str(text)
    return found


def declared_words(spoken: Mapping[str, Language]) -> list[str]:
    """Return every declared name and text in every language that is read."""
    return sorted({text for language in spoken.values() for text in language.labels.values()})
