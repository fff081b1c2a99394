"""Read one day's file of marks with DuckDB alone, typed, and print how many rows it has.

``python -m benchmarks.plain_read FOLDER``: no code is looked up, no id made a pseudonym, nothing is written.
"""

import sys
from pathlib import Path

import duckdb

COLUMNS = {
    "STU ID": "varchar",
    "Site #": "varchar",
    "Att Date": "date",
    "Code": "varchar",
    "Periods Abs": "integer",
    "Periods": "integer",
}
READ = """
select count(*), sum("Periods Abs"), max("Att Date")
from read_csv(?, header = true, columns = ?, dateformat = '%m/%d/%Y')
"""


def main(words: list[str]) -> None:
    """Read the file and count."""
    path = str(Path(words[0]) / "marks.csv")
    found = duckdb.execute(READ, [path, COLUMNS]).fetchone()
    print(found[0])


if __name__ == "__main__":
    main(sys.argv[1:])
