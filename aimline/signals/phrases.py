"""Hold what a sentence says before it is said: its English with places, and what stands in them. Pure.

The engine decides what is told and writes it in English. Whoever reads another language is told the same phrase in it:
names by their id, days by their date, so that nothing of an English sentence has to be read again.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Named:
    """A declared thing: its kind and id, by which other languages call it, and its English."""

    kind: str
    key: str
    text: str


@dataclass(frozen=True)
class Phrase:
    """A sentence, or a part of one.

    Attributes:
        say: Its English; ``{place}`` takes in a part.
        parts: Place -> a text of digits or a declared text, a day, a named thing, a phrase, or several of them.
    """

    say: str
    parts: Mapping[str, Any] = field(default_factory=dict)


def phrase(say: str, **parts: Any) -> Phrase:
    """Make a phrase with its parts."""
    return Phrase(say, parts)


NOTHING = phrase("")
"""A part of a sentence that says nothing."""


def english(told: Any) -> str:
    """Write a phrase, a part of one, or several phrases in a row, in English."""
    if isinstance(told, Phrase):
        return told.say.format(**{name: english(part) for name, part in told.parts.items()})
    if isinstance(told, Named):
        return told.text
    if isinstance(told, date):
        return f"{told:%B} {told.day}, {told.year}"
    return told if isinstance(told, str) else " ".join(english(each) for each in told)


def to_json(told: Iterable[Phrase]) -> str:
    """Write phrases down, so that they can be said in another language."""
    return json.dumps([_plain(each) for each in told], ensure_ascii=False)


def _plain(part: Any) -> Any:
    if isinstance(part, Phrase):
        return {"say": part.say, "parts": {name: _plain(each) for name, each in part.parts.items()}}
    if isinstance(part, Named):
        return {"kind": part.kind, "key": part.key, "text": part.text}
    if isinstance(part, date):
        return {"day": part.isoformat()}
    return part if isinstance(part, str) else [_plain(each) for each in part]
