"""Attendance events: marks of a student on a day.

Grain: one row per student, school, day and section. Source: the student information system, which may send exceptions
only: no row says nothing. Null: the two ways of telling the amount that the system does not use.
"""

import pandera.pandas as pa

from schemas.landing import base

CATEGORIES = (
    *("present", "excused", "unexcused", "suspended_out", "suspended_in", "school_activity", "remote_present"),
    *("independent_counted", "independent_not_counted", "tardy", "unmapped"),
)

CONTRACT = base.contract(
    "attendance_events",
    checks={
        "category": pa.Check.isin(CATEGORIES),
        "absence_fraction": base.SHARE,
        "periods_absent": base.COUNTED,
        "periods_scheduled": pa.Check.ge(1),
        "minutes_absent": base.COUNTED,
        "minutes_scheduled": pa.Check.ge(1),
    },
    rules=[
        base.exactly_one_of(
            [["absence_fraction"], ["periods_absent", "periods_scheduled"], ["minutes_absent", "minutes_scheduled"]]
        ),
        base.at_most("periods_absent", "periods_scheduled"),
        base.at_most("minutes_absent", "minutes_scheduled"),
    ],
)
