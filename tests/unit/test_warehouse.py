"""Connections: the settings bytes depend on, the locked door of a release, errors without values."""

import math
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from aimline.errors import BusyError, TransformError, UsageError
from aimline.warehouse import (
    build_settings,
    column_arrays,
    connect,
    keep_to,
    keeping,
    let_go,
    memory_limits,
    open_release,
    quote_ident,
    quote_literal,
)


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """A release's database with one published table."""
    path = tmp_path / "snapshot.duckdb"
    with connect(path, role="build") as connection:
        connection.execute("create table rpt_units as select '0107' as unit_id")
    return path


def test_connection_orders_nulls_last_in_utc() -> None:
    """Order and time zone do not depend on the machine."""
    with connect(role="memory") as connection:
        found = connection.rows("select a from (values (null), (1)) as t(a) order by a")
        assert [row["a"] for row in found] == [1, None]
        assert connection.rows("select current_setting('TimeZone') as zone") == [{"zone": "UTC"}]


def test_connection_tells_no_value_of_a_row() -> None:
    """DuckDB quotes the value it stumbled over; our message must not."""
    with connect(role="memory") as connection, pytest.raises(TransformError) as caught:
        connection.rows("select cast(name as date) from (values ('Ana Adams')) as t(name)")
    assert "Ana" not in str(caught.value)


def test_connection_names_the_missing_table() -> None:
    """A mistake in the statement itself is told as it is."""
    with connect(role="memory") as connection, pytest.raises(TransformError, match="no_such_table"):
        connection.rows("from no_such_table")


def test_a_kept_warehouse_is_whole_when_it_is_let_go(tmp_path: Path) -> None:
    """Readers of this process see what a night wrote; another file of its name is opened anew; no log stays behind."""
    path, other = tmp_path / "warehouse.duckdb", tmp_path / "other.duckdb"
    for place, number in ((path, 1), (other, 2)):
        with connect(place, role="build") as connection:
            connection.execute(f"create table told as select {number} as no")
    with keeping(path):
        with connect(path, role="night") as connection:
            connection.execute("update told set no = 3")
        with connect(path, role="build", read_only=True) as connection:
            assert connection.rows("from told") == [{"no": 3}]
        let_go(path)
        other.replace(path)
        with connect(path, role="night") as connection:
            assert connection.rows("from told") == [{"no": 2}]
    assert [each.name for each in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_release_answers_its_tables(snapshot: Path) -> None:
    """The published tables can be read."""
    with open_release(snapshot) as release:
        assert release.rows("from rpt_units") == [{"unit_id": "0107"}]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_text('{folder}/secret.txt')",
        "select * from glob('{folder}/*')",
        "attach '{folder}/other.duckdb'",
        "copy rpt_units to '{folder}/out.csv'",
        "export database '{folder}/out'",
        "install httpfs",
        "set threads = 1",
        "set enable_external_access = true",
        "select * from duckdb_secrets()",
        "create table more as select 1",
    ],
)
def test_release_is_a_closed_room(statement: str, snapshot: Path, tmp_path: Path) -> None:
    """A release reads no other file, writes nothing, and cannot be opened wider."""
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    with open_release(snapshot) as release, pytest.raises(TransformError):
        release.rows(statement.format(folder=tmp_path))


def test_release_that_is_gone_is_named(tmp_path: Path) -> None:
    """A missing snapshot is an error with a remedy, not an empty database."""
    with pytest.raises(TransformError, match=r"snapshot\.duckdb of the release is missing"):
        open_release(tmp_path / "snapshot.duckdb")


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A damaged file gives a message, not a traceback."""
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(TransformError, match=r"warehouse\.duckdb cannot be opened"):
        connect(path, role="build")


def test_file_of_another_process_is_busy(tmp_path: Path) -> None:
    """One process writes; a second is told at once what is in the way."""
    path = tmp_path / "warehouse.duckdb"
    hold = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BusyError, match=r"warehouse\.duckdb"):
            connect(path, role="build")
        other.communicate(b"")


@pytest.mark.parametrize(("text", "quoted"), [("plain", '"plain"'), ('a"b', '"a""b"')])
def test_name_is_quoted(text: str, quoted: str) -> None:
    """A quote inside a name ends nothing."""
    assert quote_ident(text) == quoted


def test_text_is_quoted() -> None:
    """A quote inside a text ends nothing."""
    assert quote_literal("O'Neil") == "'O''Neil'"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        0.1,
        "it's $1 ?",
        b"\x00'\xff",
        date(2026, 3, 8),
        datetime.fromisoformat("2026-03-08 02:30:00"),
        ["a", None],
    ],
    ids=lambda value: type(value).__name__,
)
def test_parameter_comes_back_as_it_was_given(value: object) -> None:
    """A value of every kind that is asked with survives being written as SQL."""
    with connect(role="memory") as connection:
        assert connection.rows("select ? as given", [value]) == [{"given": value}]
        assert connection.rows("select $it as given", {"it": value}) == [{"given": value}]


def test_asking_with_a_value_loads_no_pandas() -> None:
    """Handing a value to DuckDB would make it import pandas, a second of every fresh process."""
    code = (
        "import sys; from aimline.warehouse import connect\n"
        "with connect(role='memory') as c: c.rows('select ? as a', ['x'])\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_rows_of_a_python_model_load_no_pandas() -> None:
    """Binding a value to a query would make DuckDB import pandas, a second or two of every build."""
    code = (
        "import sys; from aimline.warehouse import connect, typed\n"
        "model = lambda _, session: typed(session, [{'a': 7, 'b': None}], {'a': 'integer', 'b': 'varchar'})\n"
        "with connect(role='memory') as c:\n"
        "    c.make('table made', model, None)\n"
        "    print(c.rows('from made'), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[{'a': 7, 'b': None}] False"


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("0::/system.slice/aimline.service\n", {"system.slice/aimline.service/memory.max": 4 << 30}),
        ("0::/user.slice/shell\n", {"user.slice/memory.max": 2 << 30}),
        ("0::/\n", {"memory.max": 1 << 30}),
        ("4:cpu,memory:/docker/a1\n1:cpu:/\n", {"memory/memory.limit_in_bytes": 3 << 30}),
    ],
)
def test_memory_of_a_unit_or_container_is_found_in_its_group_or_above(
    own: str, told: dict[str, int], tmp_path: Path
) -> None:
    """A service held to 4 GiB by systemd takes its share of them, not of the machine."""
    for name in ("memory.max", *told):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{told.get(name, 'max')}\n")
    assert list(memory_limits(own, tmp_path)) == list(told.values())


def test_columns_tell_a_missing_text_as_none_and_a_missing_number_as_nan() -> None:
    """A text that is missing is never one that somebody could have written."""
    with connect(role="memory") as connection:
        connection.execute("create table told as select * from (values ('a', 1), (null, null)) as told (word, n)")
        found = column_arrays(connection.relation("told"))
    assert found["word"].tolist() == ["a", None]
    assert (found["n"][0], math.isnan(found["n"][1])) == (1.0, True)


@pytest.mark.parametrize(("asked", "mib"), [("4GiB", "4096MiB"), ("512 MiB", "512MiB"), ("256MiB", "256MiB")])
def test_a_build_keeps_to_the_memory_it_is_given(monkeypatch: pytest.MonkeyPatch, asked: str, mib: str) -> None:
    """What was asked for goes before the machine, for every connection that builds, and DuckDB takes it."""
    monkeypatch.setenv("AIMLINE_MEMORY", "1GiB")
    keep_to(asked)
    assert build_settings()["memory_limit"] == mib
    with connect(role="build") as connection:
        [row] = connection.rows("select current_setting('memory_limit') as most")
    assert row["most"].startswith(str(int(mib[:-3]) / (1024 if int(mib[:-3]) > 1000 else 1)))


@pytest.mark.parametrize("asked", ["4", "4GB", "lots", "255MiB", "-4GiB", "0GiB"])
def test_memory_that_is_no_size_or_too_little_is_refused(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """In words, whether it is an option or stands in the environment."""
    monkeypatch.setenv("AIMLINE_MEMORY", asked)
    with pytest.raises(UsageError, match=r"memory|MiB"):
        build_settings()
    with pytest.raises(UsageError):
        keep_to(asked)
