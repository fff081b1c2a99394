"""Build one night of a state root in a process of its own and print the check value of its attendance measures.

``python -m benchmarks.build_night STATE DAY [quiet | full | days]``: silent, everything made anew, or how many school
days were made anew instead of the check value. The other side is ``benchmarks/plain_night.py``.
"""

import sys
from datetime import date
from pathlib import Path

from aimline.transform import WAREHOUSE
from benchmarks.world import CHECK
from tests.support.small_world import World

_TABLES = ("msr_attendance_rate", "msr_attendance_rate_daily", "msr_chronic_absence", "msr_submission_completeness")
_COLUMNS = "measure_id, period_kind, period_id, unit_id, group_id, numerator, denominator"
_SURVEY = (
    "msr_response_rate where estimator = 'gross'",
    "msr_scale_mean",
    "msr_percent_favorable where estimator = 'pooled'",
)
_NAMED = _COLUMNS.replace("measure_id", "measure_id || '/' || subject_id as measure_id", 1)
MEASURES = " union all ".join(
    [f"select {_COLUMNS} from {table}" for table in _TABLES] + [f"select {_NAMED} from {table}" for table in _SURVEY]
)
MEASURES = f"({MEASURES})"

DAYS = (
    "(select on_date, excused_parts + unexcused_parts as absent from int_attendance__member_days "
    "where day_state <> 'not_yet' and on_date = ("
    "select max(on_date) from int_attendance__submission where submission_state <> 'not_yet'))"
)
"""The newest day alone: looking for it in all days would cost as much as a night."""


def main(words: list[str]) -> None:
    """Build the night of a day and print the check value."""
    world = World(Path(words[0]), today=date.fromisoformat(words[1]))
    report = world.build(full="full" in words[2:])
    if "days" in words[2:]:
        print(report.n_touched_days)
    elif "quiet" not in words[2:]:
        print(world.rows(CHECK.format(measures=MEASURES, days=DAYS), WAREHOUSE)[0]["value"])
    world.close()


if __name__ == "__main__":
    main(sys.argv[1:])
