"""Do a build by hand: one script of plain DuckDB, as someone would write who needs only these measures.

``python -m benchmarks.plain_night FOLDER STATE [add]``: makes everything from what was accepted, wave by wave and, of a
large district, month by month, so that it fits into memory; with ``add`` the day that waits is added. It makes every
figure that the build makes of this district, with counts, errors, intervals and comparisons, but for omega. It knows
what the bench district has (no late days, waves that came before the waiting day; more in its parts) and does no check
of what arrives, no ledger, nothing of who is behind a figure, no signals.
"""

import sys
from pathlib import Path

import duckdb

from benchmarks import plain_compare
from benchmarks.plain_attendance import ADD_DAYS, SETUP
from benchmarks.plain_survey import SURVEY
from benchmarks.survey import ENTITIES
from benchmarks.world import FIRST_DAY
from tests.support.small_world import weekdays

MADE = "plain.duckdb"
_DAILY = ("events", "submissions")
_MUCH = 128 << 20  # bytes of marks; of fewer, all days at once take a tenth less time


def main(words: list[str]) -> None:
    """Make everything, or add one day."""
    folder, state = Path(words[0]), Path(words[1])
    with duckdb.connect(str(folder / MADE)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        if not words[2:]:
            _set(connection, "days", weekdays(FIRST_DAY, 180))
            for entity in ("enrollment", "student_attributes"):
                _set(connection, entity, _files(state / f"accepted/{entity}"))
            connection.execute(SETUP)
            connection.execute(plain_compare.SETUP)
            _add(connection, state / "accepted")
            if (state / "accepted/responses").is_dir():
                rosters, responses = (_files(state / f"accepted/{entity}") for entity in ENTITIES)
                _set(connection, "roster", rosters)
                for wave in responses:
                    _set(connection, "responses", [wave])
                    connection.execute(SURVEY)
                    connection.execute(plain_compare.WAVES)
        else:
            _add(connection, state / "waiting")
        connection.execute(plain_compare.GROUPS)


def _add(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Add the days of a folder: many of them one month after the other, so that what is grouped fits into memory."""
    events, submissions = (_files(folder / f"attendance_{name}") for name in _DAILY)
    if sum(Path(file).stat().st_size for file in events) < _MUCH:
        parts = [(events, submissions)]
    else:
        marks, sent = _by_month(connection, events), _by_month(connection, submissions)
        parts = [(marks[month], sent[month]) for month in sorted(sent)]
    for events, submissions in parts:
        _set(connection, "events", events)
        _set(connection, "submissions", submissions)
        connection.execute(ADD_DAYS)


def _by_month(connection: duckdb.DuckDBPyConnection, files: list[str]) -> dict[str, list[str]]:
    """Return the files of each month of days, as they themselves say; a file holds one day."""
    _set(connection, "files", files)
    found = connection.execute(
        "select min(stats_min)[:7] as month, file_name from parquet_metadata(getvariable('files')) "
        "where path_in_schema = 'on_date' group by file_name order by file_name"
    ).fetchall()
    months: dict[str, list[str]] = {}
    for month, file in found:
        months.setdefault(month, []).append(file)
    return months


def _files(place: Path) -> list[str]:
    """Return the files of an entity, or the one file named after it."""
    return sorted(str(path) for path in place.rglob("*.parquet")) or [f"{place}.parquet"]


def _set(connection: duckdb.DuckDBPyConnection, name: str, value: object) -> None:
    connection.execute(f"set variable {name} = ?", [value])


if __name__ == "__main__":
    main(sys.argv[1:])
