"""Say in SQL how a text is read as its type: a date has one declared format, a number no unit, an id its shape.

A text that cannot be read as its type fails under a code of the catalogue and is never guessed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from aimline.arrival.cell_texts import BOUNDED, exact, has_negative_masks, with_point
from aimline.warehouse import quote_ident, quote_literal
from schemas.fields import COUNT, DATE, FLAG, INSTANT, PSEUDONYMS, TEXT

if TYPE_CHECKING:
    from schemas.source_tables import Column
    from schemas.sources import Source

_PLACEHOLDER = r"(?i)(@x@.*|.*@x@.*@x@.*|\$\{.*\}|\{\{.*\}\}|null|none|n/a|na|undefined)"
_TRUE = ("y", "yes", "true", "t", "1")
_FALSE = ("n", "no", "false", "f", "0")
_GRADES = {"PK": "PK|PREK|PRE-K|3K|-1", "K": "K|KG|KN|0|00|KINDERGARTEN", "UG": "UG|UNGRADED"}
_YEARS = (1900, 2200)
_DECIMAL_COMMA = r"[+-]?\d+,(\d{1,2}|\d{4,})"
_DECIMAL_POINT = r"[+-]?\d+\.\d+"
_SERIAL_DAY = r"[2-6]\d{4}(\.\d+)?"
_SHORT_YEAR = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}"
_ZONED = r".*\d:\d{2}.*(Z|[+-]\d{2}(:?\d{2})?)"
_OFFSET = re.compile(r"\s*%[zZ]")
_SLASHED_DAY = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}"


@dataclass(frozen=True)
class Layout:
    """What the reading of one member depends on.

    Attributes:
        source: The declared source.
        place: Heading -> number of the column of ``raw``.
        facts: What the name of the delivery told, and ``school_year``.
        zone: Time zone of the district, in which senders write times.
        first_days: School year -> its first day.
        placeholders: Patterns of ids that stand for nobody, as the instrument declares them.
    """

    source: "Source"
    place: Mapping[str, int]
    facts: Mapping[str, str]
    zone: str
    first_days: Mapping[int, date]
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """How one column of the entity is read.

    Attributes:
        name: The column.
        text: SQL over ``raw`` for its text, null for an empty or masked cell.
        typed: SQL over ``cells`` for its value.
        code: Fault code of a text that has no value.
        refusals: Further (code, SQL over ``cells`` that is true for a cell that fails).
        is_required: Whether an empty cell is a fault.
        places: The columns of ``raw`` its text depends on; None where it depends on more, such as the record's number.
    """

    name: str
    text: str
    typed: str
    code: str = "code_unknown"
    refusals: tuple[tuple[str, str], ...] = ()
    is_required: bool = True
    places: tuple[int, ...] | None = None

    @property
    def own(self) -> str:
        """Return the cell's column in ``cells``, quoted."""
        return quote_ident(self.name)

    def failures(self) -> list[tuple[str, str]]:
        """Return every (code, SQL over ``cells``) by which the cell can fail, the first that holds counts."""
        missing = "placeholder_id" if self.name.endswith("_id") or self.name in PSEUDONYMS else "value_missing"
        empty = [(missing, f"{self.own} is null")] if self.is_required else []
        unread = [(self.code, f"{self.own} is not null and ({self.typed}) is null")] if self.typed != self.own else []
        return [*empty, *self.refusals, *unread]


@dataclass(frozen=True)
class Asked:
    """What a type is told besides the cell."""

    column: "Column"
    layout: Layout
    sql_type: str = field(default=TEXT)


def _as_text(cell: Cell, _asked: Asked) -> Cell:
    return cell


def _as_id(cell: Cell, asked: Asked) -> Cell:
    """Refuse ids that were never filled in, and those a spreadsheet has damaged."""
    patterns = [_PLACEHOLDER]
    if cell.name in PSEUDONYMS:
        patterns += [_glob(pattern) for pattern in asked.layout.placeholders]
    whole = "|".join(patterns)
    pattern = asked.column.pattern
    stands = f"not regexp_full_match({cell.own}, {quote_literal(pattern)})" if pattern else "true"
    refusals = [
        ("placeholder_id", f"regexp_full_match({cell.own}, {quote_literal(whole)})"),
        ("id_float_damage", rf"{stands} and regexp_full_match({cell.own}, '\d+\.0+')"),
        ("id_scientific", rf"{stands} and regexp_full_match({cell.own}, '\d([.,]\d+)?[eE]\+?\d+')"),
    ]
    if not any(character in "?*0123456789" for pattern in asked.layout.placeholders for character in pattern[:1]):
        is_odd = f"not regexp_full_match({cell.own}, '[0-9]*')"  # digits alone are asked nothing further
        refusals = [(code, _only(is_odd, fails)) for code, fails in refusals]
    if pattern:
        least, most = lengths(pattern)
        padded = f"lpad({cell.own}, {least}, '0')"
        lost = rf"regexp_full_match({cell.own}, '\d+') and length({cell.own}) < {least}"
        fits = f"regexp_full_match({padded}, {quote_literal(pattern)})"
        refusals.append(("id_lost_zeros", _only(stands, f"{lost} and {fits}")))
        refusals.append(("id_too_long", _only(stands, f"length({cell.own}) > {most}")))
    return replace(cell, refusals=tuple(refusals))


def _only(asked: str, test: str) -> str:
    """Write a costly test that is made only where a cheap one holds; an ``and`` would make both everywhere."""
    return f"case when {asked} then {test} else false end"


_NO_END = 10_000


def lengths(pattern: str) -> tuple[int, int]:
    """Return the fewest and the most characters of texts that match a pattern."""
    from re import _parser  # type: ignore[attr-defined] # the library's own reading of a pattern tells its width

    least, most = _parser.parse(pattern).getwidth()
    return least, min(most, _NO_END)


def _glob(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _as_date(cell: Cell, asked: Asked) -> Cell:
    """Read a day in its one format; other ways to write one are named, and never guessed."""
    declared = asked.column.dates or asked.layout.source.format.dates
    form = declared or _ISO
    typed = f"try_strptime({cell.own}, {quote_literal(form)})::date"
    strange = f"year({typed}) not between {_YEARS[0]} and {_YEARS[1]}"
    unread = f"({typed}) is null or {strange}"
    refusals = [("date_excel_serial", _only(unread, f"regexp_full_match({cell.own}, {quote_literal(_SERIAL_DAY)})"))]
    if "%Y" in form:
        short = f"regexp_full_match({cell.own}, {quote_literal(_SHORT_YEAR)})"
        code = "date_two_digit_year" if declared else "date_ambiguous"
        refusals.append((code, _only(unread, short)))
    if not declared:
        slashed = f"regexp_full_match({cell.own}, {quote_literal(_SLASHED_DAY)})"
        refusals.append(("date_ambiguous", _only(unread, slashed)))
    refusals.append(("date_impossible", strange))
    return replace(cell, typed=typed, code="date_impossible", refusals=tuple(refusals))


_ISO = "%Y-%m-%d"


def _as_timestamp(cell: Cell, asked: Asked) -> Cell:
    """Read a time in its one format; a text that names its zone is read by that, others by the zone of the sender.

    Where the format has a zone and the text has none, nobody can tell which was meant.
    """
    form = asked.column.dates or asked.layout.source.format.timestamps
    plain = _OFFSET.sub("", form)
    zoned = f"regexp_full_match({cell.own}, {quote_literal(_ZONED)})"
    parsed = f"try_strptime({cell.own}, {quote_literal(plain)})"
    local = f"timezone('UTC', timezone({quote_literal(asked.layout.zone)}, {parsed}))"
    bare = "null::timestamp" if plain != form else local
    in_utc = f"case when {zoned} then timezone('UTC', try_cast({cell.own} as timestamptz)) else {bare} end"
    typed = f"case when year({in_utc}) between {_YEARS[0]} and {_YEARS[1]} then {in_utc} end"
    lost = (("timestamp_without_zone", f"not {zoned} and {parsed} is not null"),) if plain != form else ()
    return replace(cell, typed=typed, code="date_impossible", refusals=lost)


def _as_integer(cell: Cell, asked: Asked) -> Cell:
    whole = rf"regexp_full_match({cell.own}, '[+-]?\d{{1,9}}(\.0+)?')"
    typed = f"case when {whole} then try_cast({cell.own} as integer) end"
    return replace(cell, typed=typed, code="mask_unknown", refusals=_strange_numbers(cell, typed, asked))


def _strange_numbers(cell: Cell, typed: str, asked: Asked) -> tuple[tuple[str, str], ...]:
    """Return how a text that is no number is told: another decimal mark, a bound nobody declared."""
    other = _DECIMAL_COMMA if asked.layout.source.format.decimal == "." else _DECIMAL_POINT
    unread = f"({typed}) is null"
    form = asked.layout.source.format
    code = (("mask_unknown", f"({typed}) < 0 and {cell.own} not like '%.%'"),) if has_negative_masks(form) else ()
    return (
        *code,
        ("decimal_comma", _only(unread, f"regexp_full_match({cell.own}, {quote_literal(other)})")),
        ("bounded_text", _only(unread, f"regexp_matches({cell.own}, {quote_literal(BOUNDED)})")),
    )


def _as_decimal(cell: Cell, asked: Asked) -> Cell:
    own = with_point(cell.own, asked.layout.source.format)
    plain = rf"regexp_full_match({own}, '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?')"
    value = own
    if asked.column.scale is not None:
        value = f"try_cast({value} as decimal(18, 9)) * {exact(asked.column.scale)}"
    typed = f"case when {plain} then try_cast({value} as {asked.sql_type}) end"
    return replace(cell, typed=typed, code="mask_unknown", refusals=_strange_numbers(cell, typed, asked))


def _as_boolean(cell: Cell, _asked: Asked) -> Cell:
    yes, no = (", ".join(map(quote_literal, words)) for words in (_TRUE, _FALSE))
    lower = f"lower({cell.own})"
    return replace(cell, typed=f"case when {lower} in ({yes}) then true when {lower} in ({no}) then false end")


def _as_school_year(cell: Cell, _asked: Asked) -> Cell:
    return replace(cell, typed=_school_year(cell.own), code="date_impossible")


def _school_year(own: str) -> str:
    """Read 2026-27, 2026-2027 or 2027 as the year of the spring."""
    spring = f"try_cast(left({own}, 4) as integer) + 1"
    agrees = f"right({own}, 2) = right(cast({spring} as varchar), 2)"
    spans = rf"regexp_full_match({own}, '\d{{4}}-(\d{{2}}|\d{{4}})') and {agrees}"
    plain = rf"regexp_full_match({own}, '\d{{4}}')"
    return f"case when {spans} then {spring} when {plain} then try_cast({own} as integer) end"


def _as_year_first_day(cell: Cell, asked: Asked) -> Cell:
    """Read a school year as its first day; a year that is not declared has none."""
    days = asked.layout.first_days.items()
    cases = " ".join(f"when {year} then date '{first_day}'" for year, first_day in days)
    typed = f"case ({_school_year(cell.own)}) {cases} end" if cases else "null::date"
    return replace(cell, typed=typed, code="date_impossible")


def _as_grade(cell: Cell, _asked: Asked) -> Cell:
    upper = f"upper({cell.own})"
    named = " ".join(
        f"when {upper} in ({', '.join(map(quote_literal, words.split('|')))}) then {quote_literal(grade)}"
        for grade, words in _GRADES.items()
    )
    numbered = rf"when regexp_full_match({cell.own}, '0?[1-9]|1[0-2]') then ltrim({cell.own}, '0')"
    return replace(cell, typed=f"case {named} {numbered} end")


KINDS = {TEXT: "text", DATE: "date", INSTANT: "timestamp", FLAG: "boolean", COUNT: "integer"}
TYPES: dict[str, Callable[[Cell, Asked], Cell]] = {
    "text": _as_text,
    "id": _as_id,
    "date": _as_date,
    "timestamp": _as_timestamp,
    "integer": _as_integer,
    "decimal": _as_decimal,
    "boolean": _as_boolean,
    "school_year": _as_school_year,
    "year_first_day": _as_year_first_day,
    "grade": _as_grade,
}
