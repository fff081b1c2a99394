"""Rubric ratings: the level one rater, or the team, gave one item on one occasion.

Grain: one row per instrument edition, occasion, unit, item and rater. Source: the district's form. Null: ``rating`` of
an item the rater left out.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "rubric_ratings",
    checks={
        "unit_type": pa.Check.isin(("district", "school")),
        "rating": pa.Check.in_range(1, 4),
    },
)
