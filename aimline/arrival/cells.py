"""Say in SQL how each column of an entity is read from the cells of ``raw``: text first, then its type.

Text only; nothing is executed here. How a type is read is ``cell_types``.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from aimline.arrival.cell_texts import (
    EMPTY,
    by_code,
    chosen,
    cleaned,
    exact,
    filled_template,
    published,
    state,
    unmasked,
)
from aimline.arrival.cell_types import KINDS, TYPES, Asked, Cell, Layout, lengths
from aimline.warehouse import quote_ident, quote_literal
from schemas.fields import ENTITIES, FLAG, PSEUDONYMS, WITHDRAWN

if TYPE_CHECKING:
    from schemas.source_tables import Column
    from schemas.sources import Source


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


def _cell(column: "Column", layout: Layout) -> Cell:
    if column.name == WITHDRAWN:
        bare = _bare(column, layout)
        return TYPES["boolean"](bare, Asked(column, layout, FLAG))
    bare = _bare(column, layout)
    if codes := layout.source.codes.get(column.name):
        return replace(bare, typed=by_code(bare.own, codes))
    sql_type = next(each.field.type for each in ENTITIES[layout.source.entity] if each.name == column.name)
    kind = "id" if column.name in PSEUDONYMS else column.type or KINDS.get(sql_type, "decimal")
    read = TYPES[kind](bare, Asked(column, layout, sql_type))
    refusals = [*read.refusals]
    if column.pattern:
        refusals.append(("id_pattern", f"not regexp_full_match({bare.own}, {quote_literal(column.pattern)})"))
    if column.range:
        low, high = (exact(bound) for bound in column.range)
        refusals.append(("value_out_of_range", f"({read.typed}) not between {low} and {high}"))
    return replace(read, refusals=tuple(refusals))


def _bare(column: "Column", layout: Layout) -> Cell:
    """Return the cell of a column as a text."""
    headings = column.from_[:1] or ((column.when.heading,) if column.when else ())
    places = None if is_numbered(column) else tuple(layout.place[heading] for heading in headings)
    is_required = _is_required(column, layout.source.entity)
    text = _text(column, layout)
    return Cell(column.name, text, quote_ident(column.name), is_required=is_required, places=places)


def _is_required(column: "Column", entity: str) -> bool:
    """Say whether an empty cell is a fault: as declared, else as the contract has it; nothing need be taken back."""
    if column.name == WITHDRAWN:
        return False
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
        least, _ = lengths(column.pattern)
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
