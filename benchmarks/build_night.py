"""Build one night of a state root in a process of its own and print how many school days were made anew.

``python -m benchmarks.build_night STATE DAY [full]``: with ``full`` everything. The other side is
``benchmarks/plain_night.py``.
"""

import sys
from datetime import date
from pathlib import Path

from tests.support.small_world import World


def main(words: list[str]) -> None:
    """Build the night of a day."""
    world = World(Path(words[0]), today=date.fromisoformat(words[1]))
    report = world.build(full="full" in words[2:])
    print(report.n_touched_days)
    world.close()


if __name__ == "__main__":
    main(sys.argv[1:])
