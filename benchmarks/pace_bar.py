"""Forecast 1,000 simulated survey windows, and print how many ended inside their 80 % interval.

``python -m benchmarks.pace_bar``: the bar is 75 to 85 %.
"""

import json
import sys

from tests.support.survey_windows import coverage

_LOW, _HIGH = 0.75, 0.85


def main() -> int:
    """Forecast, count, print one JSON line; 1 when the bar is broken."""
    told = coverage(1000, seed=11)
    held = _LOW <= told.share <= _HIGH
    line = {"name": "pace", "share": told.share, "below": told.below, "above": told.above, "n": 1000, "ok": held}
    sys.stdout.write(json.dumps(line) + "\n")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
