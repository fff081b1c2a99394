"""Attendance submissions: whether a school, or a homeroom of it, took attendance on a day.

Grain: one row per school, day and homeroom. Source: the student information system. Null: ``submitted_at`` where
nothing was sent; ``grade`` where the school sends as a whole.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "attendance_submissions",
    checks={"grade": pa.Check.isin(base.GRADES)},
)
