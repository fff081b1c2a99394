"""Activities: the sessions of the plan's activities and how far they came.

Grain: one row per activity, unit and session. Source: the district's log. Null: what was delivered and reached while a
session is only planned.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "activities",
    checks={
        "unit_type": pa.Check.isin(("class", "school", "district")),
        "status": pa.Check.isin(("planned", "delivered", "cancelled")),
        "n_core_required": base.COUNTED,
        "n_core_delivered": base.COUNTED,
        "n_eligible": base.COUNTED,
        "n_reached": base.COUNTED,
        "quality": pa.Check.in_range(1, 4),
        "adaptation": pa.Check.isin(("none", "added", "dropped", "reordered", "other")),
    },
    rules=[base.at_most("n_core_delivered", "n_core_required")],
)
