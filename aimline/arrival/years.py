"""Say which school year a delivery shows itself to be of: labels, days, rows of another year. Names are no evidence.

Source: collection.md 7. A school year is named by its spring.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Label = Literal["spanning", "spring", "fall"]
YEAR_HEADINGS = re.compile(r"^(school|academic|fiscal)?\s*(year|yr)$|^sy$")

_SPAN = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-\u2013/]\s*((?:19|20)?\d\d)(?!\d)")
_SHORT_SPAN = re.compile(r"(?i)(?<![a-z])SY\s*(\d\d)[-/]?(\d\d)(?!\d)")
_SINGLE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_DIGITS = re.compile(r"\d\d")
_CENTURY = 100
_MOST = 0.98
_FEW = 0.02
_ENOUGH_DAYS = 20


def spring_of(text: str, label: Label) -> int | None:
    """Return the school year a text names; a year alone is read by the declared convention, without one it is none."""
    for pattern in (_SPAN, _SHORT_SPAN):
        if (found := pattern.search(text)) and (int(found[1]) + 1) % _CENTURY == int(found[2]) % _CENTURY:
            return (int(found[1]) if len(found[1]) > 2 else 2000 + int(found[1])) + 1  # noqa: PLR2004
    if label == "spanning":
        return None
    one = _SINGLE.search(text)
    if one:
        return int(one[1]) + (label == "fall")
    return 2000 + int(text) + (label == "fall") if _DIGITS.fullmatch(text.strip()) else None


@dataclass(frozen=True)
class Sign:
    """One sign of the year: what it is, the year it tells of, None where it tells that the slot's year is wrong."""

    what: str
    year: int | None
    agrees: bool


def label_signs(slot_year: int, label: Label, texts: Mapping[str, Iterable[str]]) -> list[Sign]:
    """Return what titles, headings and year cells say.

    Args:
        slot_year: The year of the slot.
        label: How a year alone is read.
        texts: What kind of text -> the texts.
    """
    signs = []
    for what, given in texts.items():
        is_cell = what.endswith("cells")
        years = Counter(year for text in given if (year := spring_of(text, label if is_cell else "spanning")))
        if not years:
            continue
        year, count = years.most_common(1)[0]
        told = f"{count:,} of {sum(years.values()):,} {what}" if is_cell else what
        signs.append(Sign(told, year, slot_year in years if not is_cell else year == slot_year))
    return signs


def day_sign(slot_year: int, span: tuple[date, date], days: Mapping[int, int], inside: int) -> Sign | None:
    """Return what the days of the rows say; None where they are too few or say nothing clear.

    Args:
        slot_year: The year of the slot.
        span: First and last day of that year.
        days: School year -> rows dated in it.
        inside: Rows dated inside ``span``.
    """
    total = sum(days.values())
    if total < _ENOUGH_DAYS or span[0] > span[1]:
        return None
    share = inside / total
    if share >= _MOST:
        return Sign("days", slot_year, agrees=True)
    if share <= _FEW:
        year = max(days, key=lambda each: days[each])
        return Sign(f"{days[year]:,} of {total:,} days", year if year != slot_year else None, agrees=False)
    return None


def judged(slot_year: int, signs: Sequence[Sign], *, must: bool) -> tuple[str, str]:
    """Return the code and the words by which signs of the year hold a delivery; both empty where they do not."""
    against = [sign for sign in signs if not sign.agrees]
    slot = f"slot is {year_label(slot_year)}"
    if against and len(against) < len(signs):
        told = "; ".join(f"{sign.what} {year_label(sign.year)}" for sign in signs)
        return "year_conflict", f"its signs disagree: {told}; {slot}"
    if against:
        year = next((sign.year for sign in against if sign.year), None)
        told = ", ".join(sign.what for sign in against)
        return "wrong_school_year", f"this file is {year_label(year)}: {told}; {slot}"
    if not signs and must:
        return "year_unknown", f"nothing in it tells its school year; {slot}"
    return "", ""


def year_label(year: int | None) -> str:
    """Write a school year as people do: 2018-19."""
    return f"{year - 1}-{year % _CENTURY:02d}" if year else "another year"
