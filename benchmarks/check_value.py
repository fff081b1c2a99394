"""Print the check value of what a build, or the script by hand, made: ``python -m benchmarks.check_value FOLDER``.

Both sides of a pair must agree on it. It looks through every figure, which costs more than the night that brought a
day, so it is no part of what is measured.
"""

import sys
from pathlib import Path

import duckdb

from aimline.transform import WAREHOUSE
from benchmarks.plain_night import MADE
from benchmarks.world import CHECK

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
    """Print the check value of the folder."""
    folder = Path(words[0])
    is_ours = (folder / WAREHOUSE).exists()
    measures, days = (MEASURES, DAYS) if is_ours else ("measures", "(select on_date, absent from member_days)")
    with duckdb.connect(str(folder / (WAREHOUSE if is_ours else MADE)), read_only=True) as connection:
        print(connection.execute(CHECK.format(measures=measures, days=days)).fetchone()[0])


if __name__ == "__main__":
    main(sys.argv[1:])
