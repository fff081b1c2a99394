"""Say in SQL how each column of an entity is read from the cells of ``raw``: text first, then its type.

Text only; nothing is executed here. A cell that cannot be read as its type fails under a code of the catalogue and is
never guessed: a date has one declared format, a number no unit, a code is in its list.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from aimline.warehouse import quote_ident, quote_literal
from schemas.fields import COUNT, DATE, ENTITIES, FLAG, INSTANT, PSEUDONYMS, TEXT

if TYPE_CHECKING:
    from schemas.sources import Column, Format, Source

EMPTY = "null::varchar"
_PLACEHOLDER = r"(?i)(@x@.*|.*@x@.*@x@.*|\$\{.*\}|\{\{.*\}\}|null|none|n/a|na|undefined)"
_TRUE = ("y", "yes", "true", "t", "1")
_FALSE = ("n", "no", "false", "f", "0")
_GRADES = {"PK": "PK|PREK|PRE-K|3K|-1", "K": "K|KG|KN|0|00|KINDERGARTEN", "UG": "UG|UNGRADED"}
_YEARS = (1900, 2200)
BOUNDED = r"(?i)^(n\s*[<>≤≥]|<|>|≤|≥|above|below|over|under|less|more|fewer|at (least|most)|up to)\W*.*\d"
_DECIMAL_COMMA = r"[+-]?\d+,(\d{1,2}|\d{4,})"
_DECIMAL_POINT = r"[+-]?\d+\.\d+"
_SERIAL_DAY = r"[2-6]\d{4}(\.\d+)?"
_SHORT_YEAR = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}"
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
    """

    name: str
    text: str
    typed: str
    code: str = "code_unknown"
    refusals: tuple[tuple[str, str], ...] = ()
    is_required: bool = True

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


def cells_of(layout: Layout) -> list[Cell]:
    """Return the cells of every declared column that is read from a record or is the same for all."""
    unpivot = layout.source.unpivot
    by_value = unpivot.value if unpivot else None
    cells = [
        _cell(column, layout)
        for column in layout.source.columns
        if not column.absent and not (column.when and column.when.heading == by_value)
    ]
    return [*cells, *(figure_cells(layout) if layout.source.entity == "reference_figures" and not unpivot else ())]


def figure_cells(layout: Layout) -> list[Cell]:
    """Return what a published figure says of itself where the source does not: whether there is one, its bounds."""
    declared = {column.name for column in layout.source.columns}
    read = {column.name: column.from_[0] for column in layout.source.columns if column.from_}
    heading = read.get("value") or read.get("numerator")
    if heading is None:
        return []
    said = cleaned(layout.place[heading], layout.source.format)
    made = {name: text for name, text in published(said, layout.source.format).items() if name not in declared}
    return [Cell(name, text, f'cast("{name}" as {_FIGURES[name]})', is_required=False) for name, text in made.items()]


_FIGURES = {"value_state": "varchar", "bound_low": "decimal(18, 6)", "bound_high": "decimal(18, 6)"}
_SAYS = {"masked_small": "masked", "not_submitted": "missing"}


def published(said: str, form: "Format") -> dict[str, str]:
    """Write what the text of a figure says: that it is published, bounded, or why there is none."""
    low, high, is_bounded = bounded(said, form)
    states = {mask: _SAYS.get(meaning, meaning) for mask, meaning in form.masks.items()}
    masked = " ".join(f"when {quote_literal(mask)} then {quote_literal(state)}" for mask, state in states.items())
    why_not = f"case {said} {masked} else 'missing' end" if masked else "'missing'"
    is_there = f"{unmasked(said, form)} is not null"
    told = f"case when {is_bounded} then 'bounded' when {is_there} then 'published' else {why_not} end"
    return {"value_state": told, "bound_low": low, "bound_high": high}


def cleaned(number: int, form: "Format") -> str:
    """Write the text of a cell of ``raw``: trimmed, null when it is empty or stands for nothing."""
    trimmed = f"trim(c{number})"
    nulls = ", ".join(quote_literal(text) for text in dict.fromkeys(("", *form.nulls)))
    return f"(case when {trimmed} in ({nulls}) then null else {trimmed} end)"


def unmasked(text: str, form: "Format") -> str:
    """Write a text without the marks that stand for a missing value."""
    missing = (*form.masks, *form.bounds)
    if not missing:
        return text
    return f"(case when {text} in ({', '.join(map(quote_literal, missing))}) then null else {text} end)"


def bounded(text: str, form: "Format") -> tuple[str, str, str]:
    """Write the lower and the upper bound a text stands for, null where it stands for none, and whether it does."""
    if not form.bounds:
        return "null", "null", "false"
    low, high = (
        f"(case {text} "
        + " ".join(f"when {quote_literal(said)} then {exact(ends[end])}" for said, ends in form.bounds.items())
        + " end)"
        for end in (0, 1)
    )
    return low, high, f"coalesce({text} in ({', '.join(map(quote_literal, form.bounds))}), false)"


def with_point(text: str, form: "Format") -> str:
    """Write a number with a point where the source declares that it writes a comma."""
    return f"replace({text}, ',', '.')" if form.decimal == "," else text


def state(text: str, form: "Format") -> str:
    """Write what a cell says: the meaning of its mask, or its text."""
    if not form.masks:
        return text
    cases = " ".join(
        f"when {quote_literal(mask)} then {quote_literal(meaning)}" for mask, meaning in form.masks.items()
    )
    return f"(case {text} {cases} else {text} end)"


def chosen(told: str, values: Mapping[str, str]) -> str:
    """Write the value a column takes by what a cell says; ``else`` for all others."""
    other = quote_literal(values["else"]) if "else" in values else "null"
    cases = [f"when {quote_literal(key)} then {quote_literal(value)}" for key, value in values.items() if key != "else"]
    return f"(case {told} {' '.join(cases)} else {other} end)" if cases else other


def filled_template(template: str, facts: Mapping[str, str]) -> str:
    """Fill the places of a text, such as ``{window}.{school_year}``, with facts of the delivery."""
    return re.sub(r"\{(\w+)\}", lambda place: facts.get(place[1], ""), template)


def _cell(column: "Column", layout: Layout) -> Cell:
    is_required = _is_required(column, layout.source.entity)
    bare = Cell(column.name, _text(column, layout), quote_ident(column.name), is_required=is_required)
    if codes := layout.source.codes.get(column.name):
        return replace(bare, typed=by_code(bare.own, codes))
    sql_type = next(each.field.type for each in ENTITIES[layout.source.entity] if each.name == column.name)
    kind = "id" if column.name in PSEUDONYMS else column.type or _KINDS.get(sql_type, "decimal")
    read = _TYPES[kind](bare, _Asked(column, layout, sql_type))
    refusals = [*read.refusals]
    if column.pattern:
        refusals.append(("id_pattern", f"not regexp_full_match({bare.own}, {quote_literal(column.pattern)})"))
    if column.range:
        low, high = (exact(bound) for bound in column.range)
        refusals.append(("value_out_of_range", f"({read.typed}) not between {low} and {high}"))
    return replace(read, refusals=tuple(refusals))


def _is_required(column: "Column", entity: str) -> bool:
    """Say whether an empty cell is a fault: as declared, else as the contract has it."""
    if column.required is not None:
        return column.required
    return not next(each.is_nullable for each in ENTITIES[entity] if each.name == column.name)


def _text(column: "Column", layout: Layout) -> str:
    """Write where the text of a column comes from."""
    form = layout.source.format
    if column.from_:
        text = unmasked(cleaned(layout.place[column.from_[0]], form), form)
        return _repaired(text, column, layout.source) if column.type == "id" or column.name in PSEUDONYMS else text
    if column.when:
        told = state(cleaned(layout.place[column.when.heading], form), form)
        return chosen(f"coalesce({told}, 'missing')" if "missing" in column.when.values else told, column.when.values)
    filled = layout.facts.get(column.fact or "") if column.fact else filled_template(column.value or "", layout.facts)
    if _ROW in (column.value or ""):
        before, _, after = filled_template((column.value or "").replace(_ROW, _NUL), layout.facts).partition(_NUL)
        return f"({quote_literal(before)} || row_no || {quote_literal(after)})"
    return quote_literal(filled) if filled else EMPTY


def _repaired(text: str, column: "Column", source: "Source") -> str:
    """Write an id as it was before a spreadsheet took it for a number, where that is declared."""
    if "strip_float_zero" in source.repair:
        text = rf"regexp_replace({text}, '^(\d+)\.0+$', '\1')"
    if "restore_leading_zeros" in source.repair and column.pattern:
        least, _ = _lengths(column.pattern)
        is_short = rf"regexp_full_match({text}, '\d+') and length({text}) < {least}"
        text = f"(case when {is_short} then lpad({text}, {least}, '0') else {text} end)"
    return text


def repairs(layout: Layout) -> list[str]:
    """Return, for each id that may be repaired, SQL over ``raw`` that is true where it was."""
    form = layout.source.format
    found = []
    for column in layout.source.columns:
        if column.from_ and (column.type == "id" or column.name in PSEUDONYMS):
            plain = unmasked(cleaned(layout.place[column.from_[0]], form), form)
            repaired = _repaired(plain, column, layout.source)
            found += [f"{plain} is distinct from {repaired}"] if repaired != plain else []
    return found


_ROW, _NUL = "{row_no}", "\x00"


def is_numbered(column: "Column") -> bool:
    """Say whether a column is filled by the number of the record, which tells nothing of what the record says."""
    return _ROW in (column.value or "")


def by_code(own: str, codes: Mapping[str, str]) -> str:
    """Write the code of the contract a local code stands for, null where it stands for none."""
    cases = " ".join(f"when {quote_literal(raw)} then {quote_literal(code)}" for raw, code in codes.items())
    return f"case {own} {cases} end"


@dataclass(frozen=True)
class _Asked:
    """What a type is told besides the cell."""

    column: "Column"
    layout: Layout
    sql_type: str = field(default=TEXT)


def _as_text(cell: Cell, _asked: _Asked) -> Cell:
    return cell


def _as_id(cell: Cell, asked: _Asked) -> Cell:
    """Refuse ids that were never filled in, and those a spreadsheet has damaged."""
    patterns = [_PLACEHOLDER]
    if cell.name in PSEUDONYMS:
        patterns += [_glob(pattern) for pattern in asked.layout.placeholders]
    whole = "|".join(patterns)
    refusals = [("placeholder_id", f"regexp_full_match({cell.own}, {quote_literal(whole)})")]
    pattern = asked.column.pattern
    stands = f"not regexp_full_match({cell.own}, {quote_literal(pattern)})" if pattern else "true"
    refusals.append(("id_float_damage", rf"{stands} and regexp_full_match({cell.own}, '\d+\.0+')"))
    refusals.append(("id_scientific", rf"{stands} and regexp_full_match({cell.own}, '\d([.,]\d+)?[eE]\+?\d+')"))
    if pattern:
        least, most = _lengths(pattern)
        padded = f"lpad({cell.own}, {least}, '0')"
        lost = rf"regexp_full_match({cell.own}, '\d+') and length({cell.own}) < {least}"
        fits = f"regexp_full_match({padded}, {quote_literal(pattern)})"
        refusals.append(("id_lost_zeros", f"{stands} and {lost} and {fits}"))
        refusals.append(("id_too_long", f"{stands} and length({cell.own}) > {most}"))
    return replace(cell, refusals=tuple(refusals))


_NO_END = 10_000


def _lengths(pattern: str) -> tuple[int, int]:
    """Return the fewest and the most characters of texts that match a pattern."""
    from re import _parser  # type: ignore[attr-defined] # the library's own reading of a pattern tells its width

    least, most = _parser.parse(pattern).getwidth()
    return least, min(most, _NO_END)


def _glob(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _as_date(cell: Cell, asked: _Asked) -> Cell:
    """Read a day in its one format; other ways to write one are named, and never guessed."""
    declared = asked.column.dates or asked.layout.source.format.dates
    form = declared or _ISO
    typed = _day(cell.own, form)
    unread = f"({typed}) is null"
    refusals = [("date_excel_serial", f"{unread} and regexp_full_match({cell.own}, {quote_literal(_SERIAL_DAY)})")]
    if "%Y" in form:
        short = f"regexp_full_match({cell.own}, {quote_literal(_SHORT_YEAR)})"
        code = "date_two_digit_year" if declared else "date_ambiguous"
        refusals.append((code, f"{unread} and {short}"))
    if not declared:
        refusals.append(
            ("date_ambiguous", f"{unread} and regexp_full_match({cell.own}, {quote_literal(_SLASHED_DAY)})")
        )
    return replace(cell, typed=typed, code="date_impossible", refusals=tuple(refusals))


_ISO = "%Y-%m-%d"


def _day(own: str, form: str) -> str:
    parsed = f"try_strptime({own}, {quote_literal(form)})"
    return f"case when year({parsed}) between {_YEARS[0]} and {_YEARS[1]} then {parsed}::date end"


def _as_timestamp(cell: Cell, asked: _Asked) -> Cell:
    form = asked.column.dates or asked.layout.source.format.timestamps
    parsed = f"try_strptime({cell.own}, {quote_literal(form)})"
    in_utc = f"timezone('UTC', timezone({quote_literal(asked.layout.zone)}, {parsed}))"
    typed = f"case when year({parsed}) between {_YEARS[0]} and {_YEARS[1]} then {in_utc} end"
    return replace(cell, typed=typed, code="date_impossible")


def _as_integer(cell: Cell, asked: _Asked) -> Cell:
    whole = rf"regexp_full_match({cell.own}, '[+-]?\d{{1,9}}(\.0+)?')"
    typed = f"case when {whole} then try_cast({cell.own} as integer) end"
    return replace(cell, typed=typed, code="mask_unknown", refusals=_strange_numbers(cell, typed, asked))


def _strange_numbers(cell: Cell, typed: str, asked: _Asked) -> tuple[tuple[str, str], ...]:
    """Return how a text that is no number is told: another decimal mark, a bound nobody declared."""
    other = _DECIMAL_COMMA if asked.layout.source.format.decimal == "." else _DECIMAL_POINT
    unread = f"({typed}) is null"
    form = asked.layout.source.format
    code = (("mask_unknown", f"({typed}) < 0 and {cell.own} not like '%.%'"),) if has_negative_masks(form) else ()
    return (
        *code,
        ("decimal_comma", f"{unread} and regexp_full_match({cell.own}, {quote_literal(other)})"),
        ("bounded_text", f"{unread} and regexp_matches({cell.own}, {quote_literal(BOUNDED)})"),
    )


def has_negative_masks(form: "Format") -> bool:
    """Say whether a source masks with negative whole numbers; another of them is then a mask nobody declared."""
    return any(re.fullmatch(r"-\d+", mask) for mask in form.masks)


def _as_decimal(cell: Cell, asked: _Asked) -> Cell:
    own = with_point(cell.own, asked.layout.source.format)
    plain = rf"regexp_full_match({own}, '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?')"
    value = own
    if asked.column.scale is not None:
        value = f"try_cast({value} as decimal(18, 9)) * {exact(asked.column.scale)}"
    typed = f"case when {plain} then try_cast({value} as {asked.sql_type}) end"
    return replace(cell, typed=typed, code="mask_unknown", refusals=_strange_numbers(cell, typed, asked))


def exact(number: Fraction) -> str:
    """Write a fraction as a decimal literal, exact where it can be."""
    digits = number.numerator * 10**9 // number.denominator
    sign, rest = ("-" if digits < 0 else ""), abs(digits)
    return f"{sign}{rest // 10**9}.{rest % 10**9:09d}::decimal(18, 9)"


def _as_boolean(cell: Cell, _asked: _Asked) -> Cell:
    yes, no = (", ".join(map(quote_literal, words)) for words in (_TRUE, _FALSE))
    lower = f"lower({cell.own})"
    return replace(cell, typed=f"case when {lower} in ({yes}) then true when {lower} in ({no}) then false end")


def _as_school_year(cell: Cell, _asked: _Asked) -> Cell:
    return replace(cell, typed=_school_year(cell.own), code="date_impossible")


def _school_year(own: str) -> str:
    """Read 2026-27, 2026-2027 or 2027 as the year of the spring."""
    spring = f"try_cast(left({own}, 4) as integer) + 1"
    agrees = f"right({own}, 2) = right(cast({spring} as varchar), 2)"
    spans = rf"regexp_full_match({own}, '\d{{4}}-(\d{{2}}|\d{{4}})') and {agrees}"
    plain = rf"regexp_full_match({own}, '\d{{4}}')"
    return f"case when {spans} then {spring} when {plain} then try_cast({own} as integer) end"


def _as_year_first_day(cell: Cell, asked: _Asked) -> Cell:
    """Read a school year as its first day; a year that is not declared has none."""
    days = asked.layout.first_days.items()
    cases = " ".join(f"when {year} then date '{first_day}'" for year, first_day in days)
    typed = f"case ({_school_year(cell.own)}) {cases} end" if cases else "null::date"
    return replace(cell, typed=typed, code="date_impossible")


def _as_grade(cell: Cell, _asked: _Asked) -> Cell:
    upper = f"upper({cell.own})"
    named = " ".join(
        f"when {upper} in ({', '.join(map(quote_literal, words.split('|')))}) then {quote_literal(grade)}"
        for grade, words in _GRADES.items()
    )
    numbered = rf"when regexp_full_match({cell.own}, '0?[1-9]|1[0-2]') then ltrim({cell.own}, '0')"
    return replace(cell, typed=f"case {named} {numbered} end")


_KINDS = {TEXT: "text", DATE: "date", INSTANT: "timestamp", FLAG: "boolean", COUNT: "integer"}
_TYPES: dict[str, Callable[[Cell, _Asked], Cell]] = {
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
