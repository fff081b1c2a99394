"""Look at a state root as a plain script would: open the database and the journal, read the small tables, say what is.

``python -m benchmarks.plain_look STATE DAY``. It is what an empty night is held against: the least that must be read to
know that nothing has to be done. What it prints is how many files have been received.
"""

import sqlite3
import sys
from pathlib import Path

import duckdb

TABLES = ("landed.batches", "landed.current_slots", "landed.built_sources", "landed.tonight", "landed.through")


def main(words: list[str]) -> None:
    """Read what tells whether anything is new, and print the current release."""
    state = Path(words[0])
    waiting = sorted(path for path in (state / "inbox").rglob("*") if path.is_file())
    with sqlite3.connect(state / "ledger/journal.db") as journal:
        events = journal.execute("select kind, subject_id, payload from events order by seq").fetchall()
    with duckdb.connect(str(state / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = [warehouse.execute(f"from {table}").fetchall() for table in TABLES]
    assert all(rows)
    assert waiting
    assert (state / "releases/current").read_text(encoding="utf-8").strip()
    print(sum(kind == "received" for kind, _, _ in events))


if __name__ == "__main__":
    main(sys.argv[1:])
