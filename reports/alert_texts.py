"""Say an alert in the reader's language: what the engine said in English, by its phrases, names and days.

What is said is decided in ``aimline.signals.explain``. Whose readers read which language is declared.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from aimline.settings import Deployment
from reports.language import ENGLISH, label, languages_of, say_plain, speaking, speaking_as
from reports.numbers import day
from schemas.audiences import Audience


@contextmanager
def speaking_to(deployment: Deployment, audience: Audience) -> Iterator[None]:
    """Let what is said within be said in the first language of an audience."""
    language = audience.languages[0]
    if language == ENGLISH:
        yield
        return
    with speaking_as(languages_of(deployment)[language]):
        yield


def site_title(titles: Mapping[Any, str]) -> str:
    """Return the title of a site in the language that is spoken; in English where it has no other."""
    return titles.get(speaking().code) or titles[ENGLISH]


def alert_text(row: Any) -> str:
    """Say a row of ``rpt_alerts``.

    Raises:
        LookupError: The language lacks a sentence.
    """
    if speaking().code == ENGLISH or not row.phrases:
        return str(row.sentence)
    return " ".join(_said(each) for each in json.loads(row.phrases))


def day_words(on: date) -> str:
    """Write a day as people write it in the language that is spoken."""
    return day(on, locale=speaking().locale)


def _said(part: Any) -> str:
    """Say a phrase or a part of one."""
    if isinstance(part, str):
        return part
    if "day" in part:
        return day_words(date.fromisoformat(part["day"]))
    if "kind" in part:
        return label(part["kind"], part["key"], part["text"])
    return say_plain(part["say"], **{name: _said(each) for name, each in part["parts"].items()})
