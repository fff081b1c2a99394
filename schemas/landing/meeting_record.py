"""Meeting record: what a school's team looked at, saw and decided.

Grain: one row per school, day and meeting of the day. Source: the form of the school. Null: what was not written down.
"""

from schemas.landing import base

CONTRACT = base.contract(
    "meeting_record",
    checks={"n_present": base.COUNTED},
    rules=[base.not_before("next_on", "on_date")],
)
