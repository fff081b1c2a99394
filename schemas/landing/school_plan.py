"""School plan: what a school's team set out to do, line by line.

Grain: one row per school, year and line. Source: the form of the school. Null: what a line of its kind does not have.
"""

import pandera.pandas as pa

from schemas.landing import base
from schemas.schools import PLAN_LINES

CONTRACT = base.contract(
    "school_plan",
    checks={"school_year": base.SCHOOL_YEARS, "line_kind": pa.Check.isin(tuple(PLAN_LINES))},
    rules=[base.not_before("due_on", "starts_on")],
)
