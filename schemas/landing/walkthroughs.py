"""Walkthroughs: what an observer saw of one look-for on one visit to a room.

Grain: one row per visit and item. Source: the district's form. Null: ``rating`` where nothing was written;
``not_seen`` is an answer.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "walkthroughs",
    checks={"rating": pa.Check.isin(("1", "2", "3", "4", "not_seen"))},
)
