"""Open DuckDB databases. Owner of duckdb.

Which database, with which settings, for which role belongs here, and how a name or a text is quoted. What a statement
asks belongs to the caller. Settings are the same on every machine where bytes depend on them: UTC, nulls last, no
extension fetched from a network.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from aimline.errors import BusyError, CorruptError, TransformError, UsageError

if TYPE_CHECKING:
    import pandas as pd

Role = Literal["build", "night", "long_night", "snapshot", "release", "memory"]
Parameters = Sequence[Any] | Mapping[str, Any] | None

MEMORY = ":memory:"
_SHARE_OF_MACHINE = 0.6
_MOST_MIB = 8192
MEMORY_VARIABLE = "AIMLINE_MEMORY"
_LEAST_MIB = 256
_RELEASE_MIB = 512

# A second thread costs more than it gives where a query takes milliseconds, and choosing a compression takes longer
# than all else of writing the small tables that every night makes anew.
_LONG_NIGHT = {"force_compression": "uncompressed"}
_NIGHT = {**_LONG_NIGHT, "threads": 1}
_SNAPSHOT = {**_NIGHT, "default_block_size": 16384}  # many small tables, a block or more for each column
_OF_ROLE: Mapping[str, Mapping[str, Any]] = {"night": _NIGHT, "long_night": _LONG_NIGHT, "snapshot": _SNAPSHOT}
_KEPT_LOG = "256MiB"  # some ten nights of a district of 6,000; then its changes are put into the file
_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")

_kept: set[Path] = set()
_open: dict[Path, Any] = {}


class Connection:
    """One connection to one database: statements in, rows out."""

    def __init__(self, raw: Any) -> None:
        """Wrap an open connection of duckdb."""
        self._raw = raw

    def execute(self, sql: str, parameters: Parameters = None) -> None:
        """Run a statement for what it does.

        Raises:
            TransformError: DuckDB refused it; the message names no value of a row.
        """
        with _our_errors():
            self._ask(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = None) -> list[dict[str, Any]]:
        """Return the rows of a query as plain dictionaries, in the order of the query."""
        with _our_errors():
            cursor = self._ask(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def lists(self, sql: str) -> dict[str, list[Any]]:
        """Return the rows of a query as one list a column; of many rows a tenth of the time dictionaries take."""
        with _our_errors():
            return {name: column.tolist() for name, column in self._raw.execute(sql).fetchnumpy().items()}

    def columns(self, sql: str, parameters: Parameters = None) -> dict[str, str]:
        """Return what a query would give, without its rows: name of each column and DuckDB's name of its type."""
        with _our_errors():
            cursor = self._ask(f"select * from ({sql}\n) limit 0", parameters)
            return {column[0]: str(column[1]) for column in cursor.description}

    def frame(self, sql: str, parameters: Parameters = None) -> "pd.DataFrame":
        """Return the rows of a query as a frame; decimals become floats there, so exact sums stay in SQL."""
        with _our_errors():
            found: pd.DataFrame = self._ask(sql, parameters).df()
        return found

    def register(self, name: str, columns: Mapping[str, Any]) -> None:
        """Let statements of this connection read arrays by name, one a column; a frame would take twice as long."""
        self._raw.register(name, dict(columns))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that the block does, or nothing."""
        self.execute("begin")
        try:
            yield
        except BaseException:
            self.execute("rollback")
            raise
        self.execute("commit")

    def relation(self, name: str) -> Any:
        """Return the rows of a table or view as a Python model of dbt gets them."""
        with _our_errors():
            return self._raw.query(f"from {name}")

    def make(self, table: str, model: Callable[[Any, Any], Any], models: Any) -> None:
        """Make a table of what a Python model of dbt returns.

        Args:
            table: As SQL makes it: ``table main.x`` or ``temp table x``.
            model: The model's function.
            models: What it gets as dbt.
        """
        with _our_errors():
            made = model(models, self._raw)  # noqa: F841 - DuckDB finds it by its name
            self._raw.execute(f"create or replace {table} as select * from made")

    def _ask(self, sql: str, parameters: Parameters) -> Any:
        """Run a statement with its parameters written as literals: a Python value makes DuckDB import all of pandas.

        One that makes a table cannot be prepared, so it is asked with the values themselves.
        """
        if not parameters or sql.lstrip()[:6].lower() == "create":
            return self._raw.execute(sql, parameters)
        if isinstance(parameters, Mapping):
            given = ", ".join(f"{quote_ident(name)} := {_literal(value)}" for name, value in parameters.items())
        else:
            given = ", ".join(map(_literal, parameters))
        self._raw.execute(f"prepare asked as {sql}")
        return self._raw.execute(f"execute asked({given})")

    def beside(self) -> "Connection":
        """Return another connection to the same opened database, for another thread."""
        other = self._raw.cursor()
        other.execute("set TimeZone = 'UTC'")
        return Connection(other)

    def interrupt(self) -> None:
        """Let the statement that runs in another thread end with an error."""
        self._raw.interrupt()

    def close(self) -> None:
        """Let go of the database file."""
        self._raw.close()

    def __enter__(self) -> Self:
        """Use the connection for one block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, whatever happened."""
        self.close()


def connect(
    path: Path | str = MEMORY, *, role: Role, read_only: bool = False, memory_limit: str | None = None
) -> Connection:
    """Open a database.

    Args:
        path: The file; ``:memory:`` for none.
        role: ``build`` may write and read files, ``night`` changes little of a database, ``long_night`` little of a
            very large one, ``snapshot`` makes one of small tables, ``memory`` is a scratch pad, ``release`` see
            ``open_release``.
        read_only: Refuse to write.
        memory_limit: As DuckDB writes it, such as ``2GiB``; the role's own when None.

    Raises:
        BusyError: Another process holds the file.
        CorruptError: The file is not a database that can be read.
        TransformError: The file cannot be opened.
    """
    import duckdb

    settings = build_settings(memory_limit) if role != "release" else _release_settings(memory_limit)
    settings |= _OF_ROLE.get(role, {})
    try:
        if role in {"night", "long_night"} and Path(path) in _kept.difference(_open):
            _open[Path(path)] = duckdb.connect(str(path), config=settings | {"checkpoint_threshold": _KEPT_LOG})
        kept = _open.get(Path(path))
        raw = kept.cursor() if kept else duckdb.connect(str(path), read_only=read_only, config=settings)
        raw.execute("set TimeZone = 'UTC'")
        return Connection(raw)
    except duckdb.IOException as error:
        if not _tells_of_damage(error) and "lock" in str(error).lower():  # a damaged one has a bad block
            name = Path(path).name
            raise BusyError(f"another process holds {name}.", remedy="Wait for it to end, or stop it.") from None
        kind = CorruptError if _tells_of_damage(error) else TransformError
        raise kind(f"{Path(path).name} cannot be opened.", remedy="Restore it, or build anew with --full.") from None


@contextmanager
def keeping(path: Path) -> Iterator[None]:
    """Keep a warehouse open from night to night: opening it and tidying its file would be a tenth of a short night.

    What is committed stands in its log and outlives a kill. No other process can open it meanwhile.
    """
    _kept.add(path)
    try:
        yield
    finally:
        _kept.discard(path)
        let_go(path)


def let_go(path: Path) -> None:
    """Close a kept database, so that its file is whole and may be moved; the next night opens it again."""
    if path in _open:
        _open.pop(path).close()


@contextmanager
def connect_snapshot(path: Path, warehouse: Path) -> Iterator[Connection]:
    """Lend a new database of small tables; beside it stands the warehouse, by this name, for reading alone."""
    if warehouse not in _open:
        with connect(path, role="snapshot") as connection:
            connection.execute(f"attach {quote_literal(str(warehouse))} as warehouse (read_only)")
            yield connection
        return
    with connect(warehouse, role="night") as connection:
        block = _SNAPSHOT["default_block_size"]
        connection.execute(f"attach {quote_literal(str(path))} as snapshot (block_size {block})")
        connection.execute("use snapshot")
        try:
            yield connection
        finally:
            connection.execute("use warehouse")
            for row in connection.rows("select database_name from duckdb_databases() where not internal"):
                if row["database_name"] != "warehouse":
                    connection.execute(f"detach {quote_ident(row['database_name'])}")


def _tells_of_damage(error: Exception) -> bool:
    """Say whether DuckDB stumbled over bytes that it has not written, or over an end where more should be."""
    return any(words in str(error) for words in ("valid DuckDB database", "Corrupt database", "not read enough bytes"))


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def build_settings(memory_limit: str | None = None) -> dict[str, Any]:
    """Return the settings of a connection that builds; dbt gets the same, so that both may hold one file at once."""
    return {
        "memory_limit": memory_limit or f"{_build_mib()}MiB",
        "threads": processors(),
        "temp_directory": str(Path(tempfile.gettempdir()) / f"aimline-{os.getpid()}"),
        "preserve_insertion_order": True,
        **_same_everywhere(),
    }


def _release_settings(memory_limit: str | None) -> dict[str, Any]:
    """Return the settings of a connection that answers pages: small, and with nowhere to spill."""
    settings = {"memory_limit": memory_limit or f"{_RELEASE_MIB}MiB", "threads": 1, "temp_directory": ""}
    return settings | _same_everywhere()


def _same_everywhere() -> dict[str, Any]:
    """Return what keeps bytes equal between machines, and the network out."""
    return {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "default_order": "asc",
        "default_null_order": "nulls_last",
    }


@contextmanager
def _our_errors() -> Iterator[None]:
    """Turn DuckDB's errors into ours. What tells of data is cut: such a message quotes the value it stumbled over."""
    import duckdb

    try:
        yield
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.IOException) as error:
        if _tells_of_damage(error):
            raise CorruptError("the database is damaged.", remedy="Restore it, or build anew with --full.") from None
        raise TransformError(str(error).splitlines()[0]) from None
    except duckdb.Error as error:
        raise TransformError(f"DuckDB: {type(error).__name__}.") from None
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # what DuckDB makes of a signal in the middle of a query
            raise KeyboardInterrupt from None
        raise


def open_release(snapshot: Path) -> Connection:
    """Open a release's snapshot for reading alone: no file, no network, no other setting, locked.

    Raises:
        TransformError: The snapshot is absent or cannot be read.
    """
    if not snapshot.is_file():
        raise TransformError(f"{snapshot.name} of the release is missing.", remedy="Publish the release again.")
    connection = connect(snapshot, role="release", read_only=True)
    for setting in ("allow_community_extensions = false", "enable_external_access = false"):
        connection.execute(f"set {setting}")
    connection.execute("set lock_configuration = true")
    return connection


def records(relation: Any) -> list[dict[str, Any]]:
    """Return the rows of a relation as a Python model of dbt gets it, as plain dictionaries."""
    names = relation.columns
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def column_arrays(relation: Any) -> dict[str, Any]:
    """Return the rows of a relation as one numpy array a column; a missing number is NaN, a missing text None.

    Where every series of a district is read at once, dictionaries of rows would take most of the time.
    """
    return {name: _filled(column) for name, column in relation.fetchnumpy().items()}


def _filled(column: Any) -> Any:
    """Take the mask away that DuckDB lays on a column."""
    if not hasattr(column, "filled"):
        return column
    if not column.mask.any():
        return column.data
    if column.dtype.kind == "O":
        column.data[column.mask] = None  # asked to fill with None, numpy writes a question mark
        return column.data
    return column.astype(float).filled(float("nan")) if column.dtype.kind in "iuf" else column.filled(None)


def typed(session: Any, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> Any:
    """Return rows as a relation that a Python model of dbt can hand back.

    Args:
        session: The connection dbt gave the model.
        rows: Plain dictionaries; a column that a row lacks is null.
        columns: Name and DuckDB type of every column, in order.
    """
    return session.query(valued(([row.get(name) for row in rows] for name in columns), columns))


def valued(cells: Iterable[Iterable[Any]], columns: Mapping[str, str]) -> str:
    """Write the query that gives whole columns of Python values as rows.

    A column is one text: of a list, DuckDB binds every value by itself, which takes twenty times as long. The text
    stands in the query: for the first value that is bound, DuckDB imports all of pandas.

    Args:
        cells: The values of each column.
        columns: Name and DuckDB type of every column, in order.
    """
    texts = (json.dumps([None if cell is None else str(cell) for cell in column]) for column in cells)
    wanted = (
        f"""cast(unnest(from_json({quote_literal(text)}, '["varchar"]')) as {kind}) as {quote_ident(name)}"""
        for text, (name, kind) in zip(texts, columns.items(), strict=True)
    )
    return f"select {', '.join(wanted)}"


def quote_ident(name: str) -> str:
    """Write a name so that SQL reads it as one name, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Write a text so that SQL reads it as one text, whatever stands in it."""
    return "'" + text.replace("'", "''") + "'"


def _literal(value: Any) -> str:
    """Write a Python value as SQL.

    Raises:
        KeyError: It is of a kind that no statement of ours asks with.
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    return _WRITTEN[type(value)](value)


_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: str(value).lower(),
    int: str,
    float: lambda value: f"cast('{value!r}' as double)",
    str: quote_literal,
    bytes: lambda value: f"from_hex('{value.hex()}')",
    date: lambda value: f"date '{value}'",
    datetime: lambda value: f"timestamp '{value}'",
}


def keep_to(memory: str) -> None:
    """Let the builds of this process use so much memory, such as ``4GiB``, whatever the machine has.

    Raises:
        UsageError: It is no size, or too little to build anything.
    """
    os.environ[MEMORY_VARIABLE] = f"{_mib_of(memory)}MiB"


def _build_mib() -> int:
    """Return the memory a build may use: what was asked for, else what the machine allows."""
    asked = os.environ.get(MEMORY_VARIABLE, "")
    return _mib_of(asked) if asked else _machine_mib()


def _mib_of(memory: str) -> int:
    told = re.fullmatch(r"(\d{1,9})\s?(MiB|GiB)", memory.strip())
    mib = int(told[1]) * (1024 if told[2] == "GiB" else 1) if told else 0
    if mib < _LEAST_MIB:
        why = f"is less than {_LEAST_MIB}MiB, in which nothing can be built" if told else "is no size of memory"
        raise UsageError(f"'{memory[:40]}' {why}.", remedy="Write it as 4GiB or 2048MiB.")
    return mib


def _machine_mib() -> int:
    """Return the memory a build may use: six tenths of the machine's or of its container's or unit's, at most 8 GiB."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    own = _OWN_GROUPS.read_text(encoding="ascii") if _OWN_GROUPS.is_file() else ""
    return min(int(min(there, *memory_limits(own, _GROUPS)) * _SHARE_OF_MACHINE) >> 20, _MOST_MIB)


def memory_limits(own: str, groups: Path) -> Iterator[int]:
    """Yield how much memory the control groups of a process leave it, those that hold its groups among them.

    Args:
        own: What Linux tells of the process: ``number:controllers:place`` a line; none controls all in the newer kind.
        groups: Where groups are told of; inside a container, the one of the container lies at the top.
    """
    for line in own.splitlines():
        _, controllers, place = line.split(":", 2)
        is_older = "memory" in controllers.split(",")
        if controllers and not is_older:
            continue
        top, name = (groups / "memory", "memory.limit_in_bytes") if is_older else (groups, "memory.max")
        folder = top.joinpath(*Path(place).parts[1:])
        for each in (folder, *folder.parents[: len(folder.parts) - len(top.parts)]):
            text = (each / name).read_text(encoding="ascii").strip() if (each / name).is_file() else "max"
            if text.isdigit():
                yield int(text)
