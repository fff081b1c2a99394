"""Kill a collection at fifty points, before and after its operations, run it again, and compare it with a quiet one.

``python -m benchmarks.killed_collect``: the bar is fifty of fifty alike, byte for byte and event for event.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.support.collected import differing, in_peace, points
from tests.support.killing import nursery

POINTS = 50


def main() -> int:
    """Kill, run again, print one JSON line; 1 when any ended otherwise."""
    with tempfile.TemporaryDirectory() as folder, nursery() as nights:
        quiet = in_peace(Path(folder) / "quiet", nights)
        found = differing(quiet, Path(folder), points(quiet, POINTS))
    line = {"name": "killed_collect", "n": POINTS, "operations": quiet.n_operations, "otherwise": found}
    sys.stdout.write(json.dumps(line | {"ok": not found}) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
