"""Reference figures: published figures of others, to compare with; they never enter a measure.

Grain: one row per table, unit, year, group and figure. Source: a state's or a city's published table. Null: whatever
the publisher masked; ``value_state`` says why.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "reference_figures",
    checks={
        "unit_type": pa.Check.isin(("state", "district", "school")),
        "school_year": base.SCHOOL_YEARS,
        "value_state": pa.Check.isin(("published", "masked", "not_applicable", "missing", "bounded")),
    },
    rules=[base.present_only_when(["numerator", "value"], "value_state", "published")],
)
