"""Take in one day's file of marks, every row through its contract, and print how many rows were accepted.

``python -m benchmarks.door_file FOLDER``: the folder holds the file that ``benchmarks/run.py`` made. The other side of
the pair is ``benchmarks/plain_read.py``.
"""

import sys
from pathlib import Path

from tests.support.door import Door


def main(words: list[str]) -> None:
    """Hand the file in at a door of its own."""
    folder = Path(words[0])
    door = Door(folder)
    (outcome,) = door.take("sis_attendance", "att_20261007.csv", (folder / "marks.csv").read_bytes())
    print(outcome.n_accepted)
    door.close()


if __name__ == "__main__":
    main(sys.argv[1:])
