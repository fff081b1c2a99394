"""Calendar days: which days count, for which schools and grades.

Grain: one row per calendar and day. Source: the year file, or a system's calendar. Null: ``school_id`` for all schools
of the calendar, ``grades`` for all grades.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "calendar_days",
    checks={
        "day_kind": pa.Check.isin(
            ("regular", "early_release", "late_start", "half", "off_site", "make_up", "no_school")
        ),
    },
)
