"""Enrollment: memberships of students in schools.

Grain: one row per student, school, first day and membership number. Source: the student information system.
Null: ``exited_on`` while the membership lasts; ``is_primary`` where the system does not tell; ``attends_weekdays`` for
every school day.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "enrollment",
    checks={
        "grade": pa.Check.isin(base.GRADES),
        "fte": base.SHARE,
        "school_year": base.SCHOOL_YEARS,
    },
    rules=[base.not_before("exited_on", "entered_on")],
)
