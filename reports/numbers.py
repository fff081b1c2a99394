"""Write figures, dates and money as people read them. The only place where a percent exists.

A figure comes from the gate with its text and at the precision it may be told; it is never rounded further, added or
compared here or in a page. Which figures a page shows belongs to the page; how they are drawn belongs to ``charts``.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from typing import Any

from aimline.signals import FORECAST
from reports.figure_words import prospect_words, reason_words, unlike_words
from reports.language import ENGLISH, label, say, speaking
from schemas.published import EXACT
from schemas.shown import DECIMALS, school_year, shown_text

_LETTERS = re.compile(r"[^\W\d_]{2,}")
_TENTHS = re.compile(r"about ([0-9]+) in 10")

HIDDEN = "suppressed"
_COARSE = frozenset({"words", "band", "capped"})
"""Figures that are told, and no finer than their reader may know."""


_WORDS = frozenset({"figure_id", "value_text", "shown_as", "value_unit", "is_suppressed", "data_through_on"})
_NEAR = "less than"
_COUNT = re.compile(r"n = ([0-9,]+)")
_STEPS = {"share": ("point", "points", 100), "days": ("day", "days", 1), "level": ("level", "levels", 1)}


class Figure:
    """One figure as the gate lets it out: its text and what goes with it, each a text or None.

    It has no value that a page could compute with. A hidden figure has its words and nothing else.
    """

    __slots__ = ("_json", "_parsed")

    def __init__(self, text: str) -> None:
        """Take the figure columns of one published row as JSON, as the release's connection writes them."""
        self._json = text
        self._parsed: dict[str, Any] | None = None

    @property
    def _data(self) -> dict[str, Any]:
        """Return the columns by name; read when they are first asked for.

        Of a hidden figure only its words are kept, whatever else the row holds: the gate is not the only lock.
        """
        if self._parsed is None:
            read: dict[str, Any] = json.loads(self._json)
            if read["is_suppressed"]:
                read = {name: value if name in _WORDS else None for name, value in read.items()}
            self._parsed = read
        return self._parsed

    def __str__(self) -> str:
        """Write the figure, or why it is not shown."""
        return self.text

    def __html__(self) -> str:
        """Write the figure for a page: marked with its id, words in its place told apart from a value."""
        kind = "" if self.is_exact or self._data["shown_as"] in _COARSE else ' class="gap"'
        return f'<span{kind} data-figure="{escape(self.id)}">{escape(self.text)}</span>'

    def __eq__(self, other: object) -> bool:
        """Say whether two figures would be shown the same."""
        return isinstance(other, Figure) and self._json == other._json

    def __hash__(self) -> int:
        """Return the hash of all that is shown."""
        return hash(self._json)

    @property
    def text(self) -> str:
        """Return the gate's text: the value, or the words in its place; in another language what they say there."""
        told = str(self._data["value_text"] or "")
        return told if speaking().code == ENGLISH or not _LETTERS.search(told) else _said(told)

    @property
    def id(self) -> str:
        """Return the id, equal in all editions and releases."""
        return str(self._data["figure_id"])

    @property
    def unit(self) -> str:
        """Return the unit of the value, such as share."""
        return str(self._data["value_unit"])

    @property
    def is_hidden(self) -> bool:
        """Say whether the figure protects a small group."""
        return bool(self._data["is_suppressed"])

    @property
    def is_exact(self) -> bool:
        """Say whether there is a value to draw."""
        return self._data["shown_as"] == EXACT and self._data["value"] is not None

    @property
    def n(self) -> str | None:
        """Return how many are behind it."""
        return self._text_of("n_text")

    @property
    def expected(self) -> str | None:
        """Return the aim line on its date."""
        return self._shown("expected")

    @property
    def target(self) -> str | None:
        """Return where the aim line ends."""
        return self._shown("target")

    @property
    def baseline(self) -> str | None:
        """Return where the aim line begins."""
        return self._shown("baseline")

    @property
    def interval(self) -> str | None:
        """Return the interval of the value."""
        low, high = self._shown("interval_low"), self._shown("interval_high")
        return f"{low} to {high}" if low and high else None

    @property
    def usual(self) -> str | None:
        """Return the centre of its control chart: the own usual level."""
        return self._shown("center")

    @property
    def limits(self) -> str | None:
        """Return the limits of its control chart, between which it varies by chance."""
        low, high = self._shown("limit_low"), self._shown("limit_high")
        return f"{low} to {high}" if low and high else None

    @property
    def verdict(self) -> str | None:
        """Return how a school compares with the others in a term: unusual, as others, schools differ widely."""
        return self._text_of("verdict")

    @property
    def verdict_caution(self) -> str | None:
        """Return that the verdict turns with how many of the most extreme schools are tempered."""
        return "a close call" if self._data.get("is_trim_dependent") else None

    @property
    def gap(self) -> str | None:
        """Return the distance to the aim line: ``4 points above``."""
        return self._distance("gap_to_expected", ("above", "below"))

    @property
    def apart(self) -> str | None:
        """Return the distance as it stands before "the line": ``4 points above``, ``less than 1 point from``."""
        gap = self.gap
        return f"{gap} from" if gap and gap.startswith(_NEAR) else gap

    @property
    def beside(self) -> str | None:
        """Return the distance of a group to its reference: ``5 points above``."""
        return self._distance("gap", ("above", "below"))

    @property
    def beside_range(self) -> str | None:
        """Return the interval of that distance; what is short of one step is told as such."""
        low, high = self._distance("gap_low", ("above", "below")), self._distance("gap_high", ("above", "below"))
        return f"{low} to {high}" if low and high else None

    @property
    def beside_caution(self) -> str | None:
        """Return that a group or its reference is too small for its distance to be judged."""
        return "Too few to judge by" if self._data.get("is_enough") is False else None

    @property
    def was(self) -> str | None:
        """Return the official figure that stood before it was restated."""
        return self._shown("old_value")

    @property
    def change(self) -> str | None:
        """Return the change since the period before: ``2 points up since Fall 2025``."""
        words = self._distance("change", ("up", "down"))
        since = self._text_of("change_from")
        return f"{words} since {since}" if words and since else words

    @property
    def comparable(self) -> str | None:
        """Return how far its wave may be compared with the one before: ``A``, ``B: another response rate``."""
        grade, reasons = self._data.get("comparability"), self._data.get("comparability_reason")
        told = unlike_words(str(reasons or ""))
        return f"{grade}: {', '.join(told)}" if grade and told else grade

    @property
    def certainty(self) -> str | None:
        """Return how sure the status is, in words."""
        return self._text_of("certainty")

    @property
    def prospect(self) -> str | None:
        """Return in words how likely the year meets its target, where the status is of the year; else nothing."""
        chance = self._data.get("forecast_chance")
        if self._data.get("judged_by") != FORECAST or chance is None:
            return None
        return prospect_words(chance, self.certainty)

    @property
    def reliability(self) -> str | None:
        """Return the reliability of a school's survey mean, 0 to 1, where the number it follows from is told too."""
        value = self._data.get("reliability")
        return shown_text(value, "ratio") if value is not None and self.n and self.is_exact else None

    @property
    def reason(self) -> str | None:
        """Return why the status cannot be told, in words."""
        code = self._data.get("status_reason")
        return reason_words(str(code), self._data.get("judged_by")) if code else None

    @property
    def level(self) -> str | None:
        """Return the level of a rubric in words."""
        return self._text_of("level_text")

    @property
    def coverage(self) -> str | None:
        """Return rooms seen out of rooms there are."""
        seen, there = self._data.get("n_rooms"), self._data.get("n_eligible_rooms")
        return f"{count(seen)} of {count(there)} rooms" if seen is not None and there is not None else None

    @property
    def response_rate(self) -> str | None:
        """Return the share of those asked who answered."""
        return self._share("response_rate")

    @property
    def pace(self) -> str | None:
        """Return the share of those asked who usually have answered by now."""
        return self._share("pace_expected")

    @property
    def forecast(self) -> str | None:
        """Return the share who will have answered at the end, as likely exceeded as not."""
        return self._share("forecast_median")

    @property
    def forecast_low(self) -> str | None:
        """Return the share who will have answered at least, nine times in ten."""
        return self._share("forecast_low")

    @property
    def forecast_high(self) -> str | None:
        """Return the share who will have answered at most, nine times in ten."""
        return self._share("forecast_high")

    @property
    def chance(self) -> str | None:
        """Return the chance that the year meets its target, in steps of five percent."""
        return self._share("forecast_chance")

    @property
    def caution(self) -> str | None:
        """Return what a reader must know of its quality."""
        if self._data.get("quality_state") == "provisional":
            return "provisional"
        reason = self._data.get("hold_reason")
        return str(reason).replace("_", " ") if reason else None

    @property
    def through(self) -> date | None:
        """Return the last day of the data behind it."""
        day = self._data.get("data_through_on")
        return date.fromisoformat(day) if isinstance(day, str) else day

    def _text_of(self, name: str) -> str | None:
        text = self._data.get(name)
        return str(text) if text else None

    def _shown(self, name: str) -> str | None:
        value = self._data.get(name)
        return shown_text(value, self._data["value_unit"]) if value is not None else None

    def _share(self, name: str) -> str | None:
        share = self._data.get(name)
        return shown_text(share, "share") if share is not None else None

    def _distance(self, name: str, words: tuple[str, str]) -> str | None:
        value = self._data.get(name)
        return distance(value, self._data["value_unit"], words) if value is not None else None


PARTS = {
    "n": "n",
    "expected": "expected",
    "target": "target",
    "baseline": "baseline",
    "interval": "interval",
    "usual": "center",
    "limits": "limits",
    "gap": "gap_to_expected",
    "apart": "gap_to_expected",
    "beside": "gap",
    "beside_range": "gap_range",
    "was": "old_value",
    "change": "change",
    "reliability": "reliability",
    "coverage": "coverage",
    "response_rate": "response_rate",
    "pace": "pace_expected",
    "forecast": "forecast_median",
    "forecast_low": "forecast_low",
    "forecast_high": "forecast_high",
    "chance": "forecast_chance",
    "level": "level",
}
"""What goes with a figure and says a number, with the field it is marked as."""


class Part(str):
    """A text that goes with a figure: words wherever it is used, and marked with its figure where it is shown."""

    __slots__ = ("field", "figure_id")

    figure_id: str
    field: str

    def __html__(self) -> str:
        """Write the text for a page."""
        return f'<span data-figure="{escape(self.figure_id)}" data-field="{self.field}">{escape(str(self))}</span>'


class Said(str):
    """A number about no figure: a count of records, or what a plan declares; marked as that where it is shown."""

    __slots__ = ("about",)

    about: str

    @classmethod
    def of(cls, about: str, text: str) -> "Said":
        """Say what a text is about: ``records`` or ``declared``."""
        said = cls(text)
        said.about = about
        return said

    def __html__(self) -> str:
        """Write the text for a page."""
        return f'<span data-cell="{self.about}">{escape(str(self))}</span>' if self else ""


def marked(figure: Figure, name: str) -> Any:
    """Return what a page asks a figure for; a text that says a number knows whose it is."""
    value = getattr(figure, name)
    if name not in PARTS or not isinstance(value, str):
        return value
    part = Part(value)
    part.figure_id, part.field = figure.id, PARTS[name]
    return part


@dataclass(frozen=True)
class Drawn:
    """The numbers of a figure that a chart may draw: those of its text, no finer; None where there is no such text."""

    value: float | None
    low: float | None
    high: float | None
    expected: float | None
    usual: float | None = None
    limit_low: float | None = None
    limit_high: float | None = None


def _said(told: str) -> str:
    """Say the words of a figure in the language that is spoken."""
    tenths = _TENTHS.fullmatch(told)
    return str(say("about {n} in 10", n=tenths.group(1)) if tenths else say(told))


def period_words(row: Any) -> str:
    """Say which period a figure is of, in the language that is spoken.

    Args:
        row: Has ``period_kind``, ``period_id``, ``period_ends_on``, ``period_label`` and ``school_year``.
    """
    language = speaking()
    if language.code == ENGLISH:
        return str(row.period_label)
    if row.period_kind == "year":
        return school_year(row.school_year)
    if row.period_kind in _PERIODS:
        return str(say(_PERIODS[row.period_kind], day=day(row.period_ends_on, locale=language.locale)))
    year = school_year(row.school_year)
    return f"{label('window', row.period_id, row.period_label.rpartition(', ')[0] or row.period_label)}, {year}"


_PERIODS = {
    "day": "{day}",
    "week": "Week to {day}",
    "term": "Term to {day}",
    "year_to_date": "Through {day}",
}
"""Periods that are called by their last day."""


def drawn(figure: Figure) -> Drawn:
    """Return what a chart may draw of a figure; nothing of one that is not shown.

    Units:
        As published: shares are fractions.
    """
    data = figure._data  # noqa: SLF001 - the other half of the class: charts get numbers, pages do not
    if not figure.is_exact or figure.is_hidden:
        return Drawn(None, None, None, None)
    names = ("value", "interval_low", "interval_high", "expected", "center", "limit_low", "limit_high")
    return Drawn(*(rounded(data.get(name), data["value_unit"]) for name in names))


def drawn_rate(figure: Figure) -> float | None:
    """Return the response rate that a bar may draw."""
    rate = figure._data.get("response_rate")  # noqa: SLF001 - as above
    return None if figure.is_hidden else rounded(rate, "share")


def drawn_count(figure: Figure) -> int | None:
    """Return how many stand behind a figure, where its reader is told the exact number."""
    found = _COUNT.fullmatch(figure.n or "")
    return int(found.group(1).replace(",", "")) if found and not figure.is_hidden else None


def rounded(value: float | None, unit: str) -> float | None:
    """Return a value at the precision it is told with, half away from zero."""
    if value is None:
        return None
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-DECIMALS[unit]), ROUND_HALF_UP))


def distance(value: float, unit: str, words: tuple[str, str]) -> str:
    """Write a difference with its direction; shares differ by points, never by percent of a percent."""
    shown = rounded(abs(value), unit) or 0.0
    step = 10.0 ** -DECIMALS[unit]
    if shown == 0:
        return f"{_NEAR} {_steps(step, unit)}"
    return f"{_steps(shown, unit)} {words[0] if value > 0 else words[1]}"


def _steps(value: float, unit: str) -> str:
    """Write the size of a difference: ``1 point``, ``0.08``, ``2 days``."""
    if unit not in _STEPS:
        return shown_text(value, unit)
    one, many, factor = _STEPS[unit]
    size = f"{value * factor:.0f}"
    return f"{size} {one if size == '1' else many}"


def amount(value: float | None, unit: str) -> str:
    """Write a declared number, such as a target, in the unit of its indicator."""
    return shown_text(float(value), unit) if value is not None else ""


def tick(value: float, unit: str) -> str:
    """Write a number of an axis, as short as it stays exact."""
    if unit == "share":
        return f"{value * 100:g}%"
    return f"{value:g}"


def count(value: int | None) -> str:
    """Write a count: 1,204."""
    return f"{value:,}" if value is not None else ""


@lru_cache(maxsize=4096)
def day(value: date | None, length: str = "long", locale: str = "en_US") -> str:
    """Write a date: ``January 14, 2027``, or ``Jan 14`` when ``length`` is short, ``Jan 14, 2027`` when medium."""
    from babel.dates import format_date, format_skeleton

    if value is None:
        return ""
    if length == "short":
        return str(format_skeleton("MMMd", value, locale=locale))
    return str(format_date(value, length, locale=locale))


@lru_cache(maxsize=1024)
def money(value: float | None, currency: str | None = "USD", locale: str = "en_US") -> str:
    """Write an amount of money without cents: ``$48,000``."""
    from babel.numbers import format_currency

    if value is None:
        return ""
    return str(format_currency(value, currency or "USD", format="¤#,##0", locale=locale, currency_digits=False))
