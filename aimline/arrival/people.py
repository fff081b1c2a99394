"""Give the people of a delivery their pseudonyms: table ``named`` has, for each record of ``cells``, those of its ids.

A column of ids leaves the database once, every id that is new is made a pseudonym once, and pseudonyms alone come back,
in the order of their records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aimline.arrival.cell_types import Cell
from aimline.arrival.pseudonyms import IdRule, Pseudonyms
from aimline.warehouse import Connection, quote_literal
from schemas.fields import PSEUDONYMS

_CLASS_KINDS = {"student": "student", "staff": "staff"}
_NOBODY = "-"


@dataclass(frozen=True)
class Naming:
    """What pseudonyms are made with: the district's, the rule of each kind of id, a folder for unfinished work."""

    pseudonyms: Pseudonyms
    rules: Mapping[str, IdRule]
    work: Path


def name_people(connection: Connection, cells: Sequence[Cell], naming: Naming) -> dict[str, str]:
    """Make table ``named``; return column -> SQL over it for the pseudonym.

    Args:
        connection: Holds ``cells``.
        cells: How the columns of the entity are read.
        naming: What pseudonyms are made with.
    """
    own = [cell for cell in cells if cell.name in PSEUDONYMS]
    columns = _columns(connection, own, cells)
    names = [_named(cell, kinds, raws, naming) for cell, (kinds, raws) in zip(own, columns, strict=True)]
    parts = [_part(each, naming.work / f"named{place}", place) for place, each in enumerate(names)]
    connection.execute(f"create or replace temp table named as select * from {' positional join '.join(parts)}")
    for place in range(len(names)):
        (naming.work / f"named{place}").unlink()
    return {cell.name: f"named.v{number}" for number, cell in enumerate(own)}


def _part(texts: Iterable[str], path: Path, place: int) -> str:
    """Write one column to a file, and return the SQL that reads it; a row of all columns takes five times as long."""
    path.write_text("\n".join([*texts, ""]), encoding="ascii")
    options = f"auto_detect = false, header = false, delim = ',', nullstr = '{_NOBODY}'"
    return f"read_csv({quote_literal(str(path))}, {options}, columns = {{'v{place}': 'varchar'}})"


def _columns(
    connection: Connection, own: Sequence[Cell], cells: Sequence[Cell]
) -> list[tuple[list[str] | str, list[str | None]]]:
    """Return of each column of ids the kind of person and the id of each record."""
    kinds = [_kind(cell, cells) for cell in own]
    asked = [f"{cell.own} as i{number}" for number, cell in enumerate(own)]
    asked += [f"{kind} as k{number}" for number, kind in enumerate(kinds) if not kind.startswith("'")]
    told = connection.lists(f"select {', '.join(asked)} from cells")
    return [
        (told[f"k{number}"] if f"k{number}" in told else kind.strip("'"), told[f"i{number}"])
        for number, kind in enumerate(kinds)
    ]


def _named(cell: Cell, kinds: Sequence[str] | str, raws: Sequence[str | None], naming: Naming) -> list[str]:
    """Return the pseudonyms of one column, a mark where there is no id."""
    rule = naming.rules.get(PSEUDONYMS[cell.name], "strip_leading_zeros")
    if isinstance(kinds, str):
        return _marked(naming.pseudonyms.of_each(kinds, raws, rule))
    names: list[str] = [_NOBODY] * len(raws)
    for kind in sorted(set(kinds)):
        places = [place for place, each in enumerate(kinds) if each == kind]
        found = _marked(naming.pseudonyms.of_each(kind, [raws[place] for place in places], rule))
        for place, name in zip(places, found, strict=True):
            names[place] = name
    return names


def _marked(names: Sequence[str | None]) -> list[str]:
    return [name or _NOBODY for name in names]


def _kind(cell: Cell, cells: Sequence[Cell]) -> str:
    """Write the kind of person an id is of; whoever answers a survey is a student, a member of staff, or another."""
    kind = PSEUDONYMS[cell.name]
    asked = next((other.typed for other in cells if other.name == "respondent_class"), None)
    if kind != "respondent" or asked is None:
        return quote_literal(kind)
    cases = " ".join(f"when {quote_literal(name)} then {quote_literal(to)}" for name, to in _CLASS_KINDS.items())
    return f"(case {asked} {cases} else {quote_literal(kind)} end)"
