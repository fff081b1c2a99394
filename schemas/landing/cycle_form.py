"""Cycle form: a short cycle of a school as its team wrote it down, before and after.

Grain: one row per cycle. Source: the form of the school. Null: the result of a cycle that still runs.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "cycle_form",
    checks={
        "direction": pa.Check.isin(("higher", "lower")),
        "measured_every": pa.Check.isin(("week", "day")),
        "verdict": pa.Check.isin(("adopt", "adapt", "abandon")),
    },
    rules=[base.not_before("ends_on", "starts_on")],
)
