"""Print the check value of what a build, or the script by hand, made: ``python -m benchmarks.check_value FOLDER``.

Both sides of a pair must agree on it: every count of every figure exactly, errors, intervals and comparisons in sums
in which each has a weight of its own. It looks through every figure, which costs more than the night that brought a
day, so it is no part of what is measured.
"""

import sys
from pathlib import Path

import duckdb

from aimline.transform import WAREHOUSE
from benchmarks.plain_night import MADE

_NAMED = (
    "measure_id || if(subject_id = '' or measure_id like 'average%', '', '/' || subject_id) "
    "|| if(estimator = '', '', '/' || estimator) as measure_id"
)
_ALONE = "if(numerator is null, value, null) as value_alone"
OURS = {
    "measures": f"(select * replace ({_NAMED}), {_ALONE} from fct_measures "
    "where measure_id <> 'process_health' and estimator <> 'omega')",
    "gaps": f"(select * replace ({_NAMED}) from fct_equity)",
    "changes": "(select * rename (low as interval_low, high as interval_high) from fct_comparability)",
    "days": "(select on_date, excused_parts + unexcused_parts as absent from int_attendance__member_days "
    "where day_state <> 'not_yet' and on_date = ("
    "select max(on_date) from int_attendance__submission where submission_state <> 'not_yet'))",
}
"""What the build made, of days the newest alone: looking for it in all days would cost as much as a night."""

THEIRS = {
    "measures": f"(select *, {_ALONE} from measures)",
    "gaps": "gaps",
    "changes": "changes",
    "days": "(select * from member_days where on_date = (select max(on_date) from member_days))",
}

_FIGURE = "measure_id, period_kind, period_id, unit_id, group_id"
_FLOATS = {
    "measures": (_FIGURE, ("se", "interval_low", "interval_high", "reliability", "value_alone")),
    "gaps": (_FIGURE, ("gap", "gap_low", "gap_high", "ratio", "ratio_low", "ratio_high", "standardized")),
    "changes": (
        "window_id, scale_id, unit_id, compares, n_before, n_after",
        ("change", "interval_low", "interval_high", "g"),
    ),
}
"""Numbers that are not counts, by table; what names a row decides the weight it has in a sum."""


def check(tables: dict[str, str]) -> str:
    """Return the query of the check value of some tables."""
    counts = "cast(numerator as decimal(38, 6)), cast(denominator as decimal(38, 6)), n_people"
    exact = (
        f"select 'figures' as of, count(*) || '|' || sum(n_people) || '|' || "
        f"bit_xor(md5_number_lower(concat_ws('|', {_FIGURE}, {counts}))) as value from {tables['measures']}"
    )
    days = f"select 'days', count(*) || '|' || sum(absent) from {tables['days']}"
    sums = [
        f"select '{name}.{each}', count({each}) || '|' || round(sum({each} * (hash(concat_ws('|', {key})) % 997)), 2) "
        f"from {tables[name]}"
        for name, (key, numbers) in _FLOATS.items()
        for each in numbers
    ]
    return " union all ".join([exact, days, *sums])


def main(words: list[str]) -> None:
    """Print the check value of the folder."""
    folder = Path(words[0])
    is_ours = (folder / WAREHOUSE).exists()
    with duckdb.connect(str(folder / (WAREHOUSE if is_ours else MADE)), read_only=True) as connection:
        found = connection.execute(check(OURS if is_ours else THEIRS)).fetchall()
    print(";".join(f"{of}:{value}" for of, value in found))


if __name__ == "__main__":
    main(sys.argv[1:])
