"""Attendance counts: how many of a school were present on a day, or only their share.

Grain: one row per school, day and group. Source: a feed without students. Null: every figure of a day that was not
submitted or closed, which is never 0; the counts of a feed that brings shares only.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "attendance_counts",
    checks={
        "status": pa.Check.isin(("reported", "not_submitted", "closed")),
        "n_enrolled": base.COUNTED,
        "n_present": base.COUNTED,
        "attendance_share": base.SHARE,
    },
    rules=[
        base.present_only_when(["n_present", "attendance_share"], "status", "reported"),
        base.filled_with("n_present", "n_enrolled"),
        base.at_most("n_present", "n_enrolled"),
    ],
)
