"""Roster: the frozen list of those who may answer in a window.

Grain: one row per list and person. Source: the survey platform or the district. Null: ``grade`` of staff, ``left_on``
of those who stayed. A second list for a window has another ``roster_id``.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "roster",
    checks={
        "respondent_class": pa.Check.isin(base.RESPONDENT_CLASSES),
        "grade": pa.Check.isin(base.GRADES),
    },
)
