"""School events: merges, splits, closings, new names and boundaries of schools.

Grain: one row per event. Source: the student information system or the district's list. Null: ``to_id`` where nobody
takes over; ``share`` where the whole school goes there.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "school_events",
    checks={"event": pa.Check.isin(["merge", "split", "rename", "close", "boundary"]), "share": base.SHARE},
)
