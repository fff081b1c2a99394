"""Read the published tables of one release for one audience: which rows, in which order, figures whole.

A reader sees rows of the own audience that are the own unit's or everybody's, whatever a page's query forgets to say.
All keys of a page are asked at once, since one statement for twelve schools costs as much as for one. What a query may
say was judged in ``queries``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from aimline.errors import PageError, TransformError
from aimline.warehouse import Connection, quote_ident
from reports.numbers import Figure
from reports.queries import FIGURE, Query
from schemas.published import TABLES, Table

UNIT = "unit_id"
"""The parameter every page has: the unit of its edition."""

Key = Mapping[str, str]

_READER = ("audience_id", "reader_unit_id")
_UNSEEN = frozenset({*_READER, "cell_id", "value_text", "value_unit", "shown_as"})
_FIGURE_FACTS = ("figure_id", "value_unit", "value_text", "shown_as", "is_suppressed", "data_through_on")


class Row:
    """One row: its columns as attributes, nothing to change."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Mapping[str, Any]) -> None:
        """Take the cells by column."""
        self._cells = cells

    def __getattr__(self, name: str) -> Any:
        """Return a cell."""
        try:
            return self._cells[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, name: str) -> Any:
        """Return a cell by the name of its column."""
        return self._cells[name]


def columns_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the columns of rows."""
    return next((tuple(row._cells) for row in rows), ())  # noqa: SLF001 - a row shows pages its cells alone


class Rows(Sequence[Row]):
    """The rows of one query block, in the order it asked for."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Iterable[Row]) -> None:
        """Keep the rows."""
        self._rows = tuple(rows)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        """Go through the rows."""
        return iter(self._rows)

    def __getitem__(self, place: Any) -> Any:
        """Return a row, or rows by a slice."""
        return Rows(self._rows[place]) if isinstance(place, slice) else self._rows[place]

    def __eq__(self, other: object) -> bool:
        """Say whether two blocks gave the same rows."""
        return isinstance(other, Rows) and self._content() == other._content()

    def __hash__(self) -> int:
        """Return the hash of all cells."""
        return hash(self._content())

    def _content(self) -> tuple[tuple[Any, ...], ...]:
        return tuple(tuple(row._cells.values()) for row in self._rows)  # noqa: SLF001 - the rows are its own

    def where(self, **cells: Any) -> "Rows":
        """Return the rows whose cells are equal to those given; a list or tuple gives several to choose from."""
        wanted = [(name, value if isinstance(value, list | tuple) else (value,)) for name, value in cells.items()]
        return Rows(row for row in self._rows if all(row[name] in values for name, values in wanted))

    def without(self, **cells: Any) -> "Rows":
        """Return the other rows than ``where``."""
        found = set(map(id, self.where(**cells)))
        return Rows(row for row in self._rows if id(row) not in found)

    def by(self, column: str) -> list[tuple[Any, "Rows"]]:
        """Return the rows in groups of equal cells, groups in the order of their first row."""
        groups: dict[Any, list[Row]] = {}
        for row in self._rows:
            groups.setdefault(row[column], []).append(row)
        return [(value, Rows(rows)) for value, rows in groups.items()]


def newest_day(rows: Iterable[Row]) -> date | None:
    """Return the last day of the data behind the figures of some rows."""
    days = (row[FIGURE].through for row in rows if isinstance(row._cells.get(FIGURE), Figure))  # noqa: SLF001
    return max((each for each in days if each is not None), default=None)


def ask(connection: Connection, query: Query, audience_id: str, keys: Sequence[Key]) -> list[Rows]:
    """Run one block for many keys of one audience.

    Args:
        connection: The release's, from ``open_release``.
        query: The block, judged.
        audience_id: Who reads.
        keys: For each page the values of its parameters, ``unit_id`` among them.

    Returns:
        The rows of each key, in the order of the keys.

    Raises:
        PageError: The block does not fit the tables, with its place in the page.
    """
    names = sorted({name for key in keys for name in key})
    bound: dict[str, Any] = {f"_{name}": [key[name] for key in keys] for name in names}
    bound |= {"_no": list(range(len(keys))), "_audience": audience_id}
    groups: list[list[Row]] = [[] for _ in keys]
    try:
        inner = _statement(query, tuple(names))
        kinds = _columns(connection, inner, tuple(names))
        for cells in connection.rows(_outer(inner, query, kinds), bound):
            groups[cells.pop("_no")].append(_row(cells))
    except TransformError as error:
        raise PageError([query.block.finding(f"SQL: {error.message}.", "Correct it.")]) from None
    return [Rows(rows) for rows in groups]


def _row(cells: dict[str, Any]) -> Row:
    if isinstance(cells.get(FIGURE), str):
        cells[FIGURE] = Figure(cells[FIGURE])
    return Row(cells)


@lru_cache(maxsize=512)
def _statement(query: Query, names: tuple[str, ...]) -> str:
    """Return the block as one statement over all keys, rows not yet in order."""
    lists = ", ".join(f"unnest($_{name}) as {quote_ident(name)}" for name in ("no", *names))
    scoped = ",\n".join(f"{name} as ({_scoped(TABLES[name])})" for name in query.tables)
    return (
        f"select _k.no as _no, _q.* from (select {lists}) as _k cross join lateral (\n"
        f"with {scoped}\nselect * from (\n{query.sql}\n) as _block) as _q"
    )


def _scoped(table: Table) -> str:
    """Return the rows of a table that a reader may see, all numbers of a figure in one column."""
    shown = [quote_ident(column.name) for column in table.columns if column.name not in _hidden_columns(table)]
    if table.has_figures:
        packed = ", ".join(dict.fromkeys((*_FIGURE_FACTS, *table.figure_columns)))
        shown.append(f"struct_pack({packed}) as {FIGURE}")
    return (
        f"select {', '.join(shown)} from main.{table.name} "
        "where audience_id = $_audience and reader_unit_id in ('*', _k.unit_id)"
    )


def _hidden_columns(table: Table) -> frozenset[str]:
    """Return the columns a page cannot name."""
    return _UNSEEN | set(table.figure_columns) if table.has_figures else frozenset(_READER)


_known_columns: dict[str, dict[str, str]] = {}


def _columns(connection: Connection, inner: str, names: tuple[str, ...]) -> dict[str, str]:
    """Return what a statement gives, asked once in a process: columns are the contract's, not a release's."""
    if inner not in _known_columns:
        bound: dict[str, Any] = {f"_{name}": ["x"] for name in names}
        _known_columns[inner] = connection.columns(inner, bound | {"_no": [0], "_audience": "x"})
    return _known_columns[inner]


def _outer(inner: str, query: Query, kinds: Mapping[str, str]) -> str:
    """Return the statement with its order made total, and figures written as text that Python reads quickly."""
    has_figure = kinds.get(FIGURE, "").upper().startswith("STRUCT")
    replaced = f" replace (to_json({FIGURE}) as {FIGURE})" if has_figure else ""
    terms = [f"{quote_ident(name)} {direction}" for name, direction in query.order]
    rest = [quote_ident(name) for name in kinds if name not in {"_no", FIGURE} | {name for name, _ in query.order}]
    return f"select *{replaced} from (\n{inner}\n) order by {', '.join(['_no', *terms, *rest])}"


def read_for(connection: Connection, name: str, readers: Sequence[tuple[str, str]]) -> list[Rows]:
    """Return for each reader all rows of a published table that it may see, ordered by its key.

    Args:
        connection: The release's.
        name: The table.
        readers: Audience and unit of each edition.
    """
    table = TABLES[name]
    source = _scoped(table).replace("$_audience", "_k.audience_id")
    figure = f" replace (to_json({FIGURE}) as {FIGURE})" if table.has_figures else ""
    lists = "unnest($_no) as no, unnest($_audience) as audience_id, unnest($_unit) as unit_id"
    inner = f"select _k.no as _no, _q.* from (select {lists}) as _k cross join lateral ({source}) as _q"
    bound: dict[str, Any] = {"_no": list(range(len(readers)))}
    bound |= {"_audience": [reader[0] for reader in readers], "_unit": [reader[1] for reader in readers]}
    groups: list[list[Row]] = [[] for _ in readers]
    for cells in connection.rows(f"select *{figure} from ({inner}) order by _no, {', '.join(table.key)}", bound):
        groups[cells.pop("_no")].append(_row(cells))
    return [Rows(rows) for rows in groups]


def read_table(connection: Connection, name: str, audience_id: str, unit_id: str) -> Rows:
    """Return all rows of a published table that one reader may see, as ``read_for`` does for many."""
    return read_for(connection, name, [(audience_id, unit_id)])[0]
