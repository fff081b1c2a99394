"""Name the texts of a column of codes that no list has, with the line each first stands in.

A code word of a vendor is nobody's; but a column that holds codes by declaration may hold a name or a number of a
person by mistake. So a text is named only where every unknown one of its column looks like a code, there are few of
them, and ten people or more have it; the others are counted, and told by their line. Nothing is asked of a delivery
whose codes are all known.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aimline.warehouse import Connection, quote_ident, quote_literal
from schemas.fields import ENTITIES, PSEUDONYMS
from schemas.sources import TRANSLATED

if TYPE_CHECKING:
    from aimline.arrival.records import Loaded
    from schemas.sources import Source

CODE = "code_unknown"

_MOST_TEXTS = 20
_MOST_NAMED = 5
_MOST_LETTERS_LISTED = 100
_LEAST_PEOPLE = 10
_LONGEST, _MOST_LETTERS, _MOST_DIGITS = 4, 3, 3


@dataclass(frozen=True)
class Seen:
    """One text that no list has: rows with it, people who have it, the record it first stands in."""

    text: str
    n_rows: int
    n_people: int
    first: int


@dataclass(frozen=True)
class Unlisted:
    """What no list has in one column of an entity.

    Attributes:
        column: The column.
        named: The texts that may be shown, most rows first.
        n_texts: How many texts there are, shown or not.
        n_rows: Rows with any of them.
        others: Records in which texts that are not shown first stand.
        declared: The codes that are declared.
        place: What a record is called, and the number of the one before the first.
    """

    column: str
    named: tuple[Seen, ...]
    n_texts: int
    n_rows: int
    others: tuple[int, ...] = ()
    declared: tuple[str, ...] = ()
    place: tuple[str, int] = ("record", 0)

    @property
    def n_unnamed(self) -> int:
        """Return how many texts are not shown."""
        return self.n_texts - len(self.named)

    @property
    def words(self) -> str:
        """Say which they are, where they stand, and which were expected."""
        parts = [f'"{each.text}" in {_rows_of(each.n_rows)}, first in {self._at(each.first)}' for each in self.named]
        if self.n_unnamed:
            more = f"{self.n_unnamed:,} more, " if self.named else ""
            parts.append(f"{more}first in {self._at(*self.others)}, not shown here: a text may tell of a person")
        told = f"{self.column}: codes nobody declared: {self.n_texts:,}, in {_rows_of(self.n_rows)}: {'; '.join(parts)}"
        return f"{told}; declared are {_listed(self.declared)}" if self.declared else told

    def _at(self, *records: int) -> str:
        word, before = self.place
        return f"{word}{'s' if len(records) > 1 else ''} {', '.join(f'{before + each:,}' for each in records)}"


def _rows_of(n: int) -> str:
    return "1 row" if n == 1 else f"{n:,} rows"


def _listed(words: Sequence[str]) -> str:
    """List words, as many as a person reads."""
    shown = [word for number, word in enumerate(words) if sum(map(len, words[: number + 1])) <= _MOST_LETTERS_LISTED]
    more = f" and {len(words) - len(shown):,} more" if len(words) > len(shown) else ""
    return ", ".join(shown) + more if shown else f"{len(words):,}"


def remedy_for(found: Collection[Unlisted], source: "Source") -> str:
    """Say where codes are declared; empty where the kind of the source says what each means, and nobody declares it."""
    if source.kind in TRANSLATED:
        return ""
    keys = " and ".join(f"codes.{each.column}" for each in found)
    where = f"under {keys} of {source.source_id} in sources.yml"
    if any(each.n_unnamed for each in found):
        return (
            f"Look at these lines of the file, and declare {where} what each code means, then collect again; "
            "if they hold no codes, ask the sender to restore the column."
        )
    which = "it means" if sum(each.n_texts for each in found) == 1 else "each means"
    return f"Declare {where} what {which}, then collect again, or ask the sender to restore it."


def unlisted(
    connection: Connection, source: "Source", loaded: "Loaded", alike: Mapping[str, Collection[str]]
) -> tuple[Unlisted, ...]:
    """Return what no list has, of every column in which some record was refused for it.

    Args:
        connection: Holds ``cells``, ``final`` and ``bad``.
        source: The declared source.
        loaded: The member as it was read.
        alike: Column -> texts that look like one of its declared codes.
    """
    asked = f"select distinct column_name as name from bad where code = '{CODE}' and column_name <> '' order by name"
    found = []
    for row in connection.rows(asked):
        rows = _rows(connection, source, row["name"])
        if rows:
            found.append(replace(_told(row["name"], rows, source, alike), place=_place(loaded)))
    return tuple(found)


def _rows(connection: Connection, source: "Source", name: str) -> list[dict[str, Any]]:
    """Return the unknown texts of a column, most rows first, with how many there are in all."""
    is_value = source.unpivot is not None and source.unpivot.value == name
    table, text = ("final", "told") if is_value else ("cells", quote_ident(name))
    columns = {row["column_name"] for row in connection.rows(f"describe {table}")}
    if not is_value and name not in columns:
        return []
    people = [quote_ident(each) for each in PSEUDONYMS if each in columns]
    counts = [f"count(distinct coalesce({each}, '#' || row_no))" for each in people] or ["count(distinct row_no)"]
    unread = f"and {quote_ident(name)} is null" if is_value else ""
    bad = f"select row_no from bad where code = '{CODE}' and column_name = {quote_literal(name)}"
    return connection.rows(
        f"with seen as (select {text} as text, count(distinct row_no) as n_rows, least({', '.join(counts)}) as "
        f"n_people, min(row_no) as first from {table} where {text} is not null {unread} and row_no in ({bad}) "
        "group by all) select *, count(*) over () as n_texts, sum(n_rows) over ()::bigint as n_all, "
        f"min(first) over () as first_of_all from seen order by n_rows desc, text limit {_MOST_TEXTS + 1}"
    )


def _told(
    name: str, rows: Sequence[Mapping[str, Any]], source: "Source", alike: Mapping[str, Collection[str]]
) -> Unlisted:
    """Choose what may be shown."""
    seen = [Seen(row["text"], row["n_rows"], row["n_people"], row["first"]) for row in rows]
    is_of_codes = _is_of_nobody(source.entity, name) and len(seen) <= _MOST_TEXTS
    is_of_codes = is_of_codes and all(each.text in alike.get(name, ()) or _is_like_a_code(each.text) for each in seen)
    least = _LEAST_PEOPLE if source.contains_people else 1
    named = [each for each in seen if is_of_codes and each.n_people >= least][:_MOST_NAMED]
    others = {rows[0]["first_of_all"], *(each.first for each in seen)} - {each.first for each in named}
    first = tuple(sorted(others)[:_MOST_NAMED])
    declared = tuple(sorted(source.codes.get(name, {})))
    return Unlisted(name, tuple(named), rows[0]["n_texts"], rows[0]["n_all"], first, declared)


def _is_like_a_code(text: str) -> bool:
    """Say whether a text is too short for a name or a number of a person: not a surname of four letters, not a year."""
    if _DESCRIPTOR.fullmatch(text):
        return True
    letters, digits = (sum(map(test, text)) for test in (str.isalpha, str.isdigit))
    is_plain = text.isascii() and all(each.isalnum() or each in _MARKS for each in text)
    return is_plain and len(text) <= _LONGEST and letters <= _MOST_LETTERS and digits <= _MOST_DIGITS


_MARKS = frozenset("*+/_.-")
_DESCRIPTOR = re.compile(r"uri://[\w.-]+/\w+Descriptor#[\w /(),-]{1,60}", re.ASCII)
"""An Ed-Fi descriptor: the address of a word in a public list."""


def _is_of_nobody(entity: str, name: str) -> bool:
    """Say whether a column tells nothing of a single person by what it is."""
    fields = {column.name: column.field for column in ENTITIES[entity]}
    return name not in PSEUDONYMS and name in fields and fields[name].sensitivity == "none"


def _place(loaded: "Loaded") -> tuple[str, int]:
    """Return what a record is called: a line, a row of its sheet, or its number where lines say nothing."""
    layout = loaded.layout
    if "row" not in layout or "line_break_in_cell" in loaded.notes:
        return "record", 0
    return "row" if layout.get("sheet") else "line", layout["row"] + layout["n_rows"] - 1
