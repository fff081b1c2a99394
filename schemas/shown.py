"""Say how exactly a figure is shown, by its unit: the digits it is published with, and its words in English."""

from decimal import ROUND_HALF_UP, Decimal

DECIMALS = {"share": 2, "score": 2, "ratio": 2, "days": 0, "students": 0, "level": 0, "count": 0}
"""Digits after the point that a figure is published with, by unit; a share of two digits is a whole percent."""


def _rounded(value: float, unit: str) -> Decimal:
    """Round half away from zero on the decimal text of the value, so that 0.625 is 63% on every machine."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-DECIMALS[unit]), ROUND_HALF_UP)


def shown_number(value: float, unit: str) -> float:
    """Return a value with the digits it is published with."""
    return float(_rounded(value, unit))


def shown_text(value: float, unit: str) -> str:
    """Write a value as the published tables do, in English: 63%, 3.42, 1,204, 12 days, a reliability of 0.82."""
    places = DECIMALS[unit]
    exact = _rounded(value, unit)
    if unit == "share":
        return f"{exact * 100:.0f}%"
    words = (" days" if exact != 1 else " day") if unit == "days" else ""
    return f"{exact:,.{places}f}{words}"


def school_year(value: int) -> str:
    """Write a school year, which is named by its spring: 2027 is 2026-27."""
    return f"{value - 1}-{value % 100:02d}"  # a plain hyphen, as in the files of the district
